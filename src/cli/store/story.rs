//! What `install` and `clean` tell a person: the plan, each step as it is done, and how it ended.

use super::super::Clock;
use super::super::output::escape;
use super::super::words::{count, day, relative};
use super::carry_out::{Outcome, State, Trusted};
use super::keeping::{Backup, Foreseen};
use crate::pki::inventory::SnapshotContent;
use crate::pki::profile::Role;
use crate::pki::snapshot::Location;
use crate::pki::store_plan::{Action, Plan, Step};
use std::fmt::Write as _;
use time::OffsetDateTime;

/// Before anything is done. Without a line end behind it.
pub(super) fn plan(content: &SnapshotContent, plan: &Plan, at: OffsetDateTime, clock: Clock) -> String {
    let snapshot = &content.snapshot;
    let elevated = match snapshot.elevated {
        Some(true) => ", elevated",
        Some(false) => ", not elevated",
        None => "",
    };
    let mut text = format!("{}, as {}{elevated}\n", escape(&snapshot.computer), escape(&snapshot.account));
    for step in &plan.steps {
        write_step(&mut text, step, at, clock);
    }
    if plan.refusals.is_empty() {
        text.push_str(match plan.changes().next() {
            Some(_) => "",
            None if plan.steps.is_empty() => "nothing of this root is in the stores",
            None => "all is there as it should be",
        });
    }
    text.truncate(text.trim_end().len());
    text
}

// Writing to a String cannot fail.
fn write_step(text: &mut String, step: &Step, at: OffsetDateTime, clock: Clock) {
    let one = &step.certificate;
    _ = writeln!(text, "{:6}  {}", step.action.word(), whereabouts(step));
    let mut row = |name: &str, value: &str| _ = writeln!(text, "          {name:10}  {value}");
    row("thumbprint", &one.sha1().to_ascii_uppercase());
    let (from, until) = (one.not_before(), one.not_after());
    let ends = if at > until { "expired " } else { "ends " };
    row(
        "valid",
        &format!("{} to {}, {ends}{}", day(from, clock.offset), day(until, clock.offset), relative(at, until)),
    );
    row("because", &escape(&step.reason));
}

/// `server  qs1.example.com  LocalMachine\My`.
fn whereabouts(step: &Step) -> String {
    let role = step.role.map_or("other", Role::word);
    format!("{role:6}  {}  {}", escape(&step.certificate.title()), step.place.path())
}

/// As it is done; nothing of what stays.
pub(super) fn step(step: &Step, state: State) -> Option<String> {
    let done = match (state, step.action) {
        (State::Kept | State::Planned, _) => return None,
        (State::Failed, _) => "failed",
        (State::NotDone, _) => "not done",
        (State::Gone, _) => "was gone",
        (State::Done, Action::Remove) => "removed",
        (State::Done, Action::Name) => "named",
        (State::Done, _) => "added",
    };
    Some(format!("{done:8}  {}", whereabouts(step)))
}

/// What would be written before anything is removed.
pub(super) fn foreseen(backup: &Foreseen) -> String {
    let password = match (backup.needs_password, backup.has_password) {
        (true, false) => "; with private keys: a password is asked for, or `--backup-password-file FILE`",
        (true, true) => "; with private keys, under the password given",
        (false, _) => "; without private keys",
    };
    let all = count(backup.certificates, "certificate");
    format!("a backup of {all} would go to `{}`{password}", escape(&backup.folder.display().to_string()))
}

pub(super) fn backup(backup: &Backup) -> String {
    let keys = match backup.keys {
        0 => "without private keys".to_owned(),
        keys => format!("{} with their key", count(keys, "certificate")),
    };
    let all = count(backup.certificates, "certificate");
    format!("backup    {}: {all}, {keys}; read back", escape(&backup.folder.display().to_string()))
}

/// After the last step. Without a line end behind it.
pub(super) fn end(outcome: &Outcome, plan: &Plan) -> String {
    let mut text = String::new();
    if outcome.failure.is_some() {
        let left = plan
            .steps
            .iter()
            .zip(&outcome.states)
            .filter(|(step, state)| step.action != Action::Keep && matches!(state, State::NotDone));
        for (step, _) in left {
            _ = writeln!(text, "not done  {} {}", step.action.word(), whereabouts(step));
        }
    } else if outcome.is_confirmed() {
        text.push_str("the stores were read again: all is as planned\n");
    }
    for one in &outcome.trust {
        _ = writeln!(text, "{}", trust(one));
    }
    let ways = ways_back(outcome, plan);
    if !ways.is_empty() {
        text.push_str("way back, on this machine:\n");
    }
    for way in ways {
        _ = writeln!(text, "  {}", escape(&way));
    }
    text.truncate(text.trim_end().len());
    text
}

/// What went comes back from the backup; what came is taken out, where it did not come to its end.
fn ways_back(outcome: &Outcome, plan: &Plan) -> Vec<String> {
    if !outcome.changed() {
        return Vec::new();
    }
    let mut ways = outcome.backup.as_ref().map(Backup::ways_back).unwrap_or_default();
    let added = plan
        .steps
        .iter()
        .zip(&outcome.states)
        .filter(|(step, state)| outcome.failure.is_some() && step.action == Action::Add && **state == State::Done);
    ways.extend(added.map(|(step, _)| {
        let user = if step.place.location == Location::CurrentUser { "-user " } else { "" };
        format!("certutil {user}-delstore {} {}", step.place.name.word(), step.certificate.sha1().to_ascii_uppercase())
    }));
    ways
}

fn trust(one: &Trusted) -> String {
    let what = format!("{:6}  {}", one.role.word(), escape(&one.title));
    let name = one.name.as_deref().map(|name| format!(" as `{}`", escape(name))).unwrap_or_default();
    match (&one.faults[..], one.numbers) {
        ([], _) => format!("trusted   {what}: Windows' chain engine accepts it{name}"),
        (_, None) => format!("unknown   {what}: {}", escape(&one.faults.join("; "))),
        _ => format!("refused   {what}: Windows' chain engine says{name}: {}", escape(&one.faults.join("; "))),
    }
}

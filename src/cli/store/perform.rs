//! From a plan to its end: shown, asked for, carried out, told. The same for `install` and `clean`.

use super::super::error::problem;
use super::super::output::Output;
use super::super::words::count;
use super::super::{Clock, Exit};
use super::answer::Answer;
use super::carry_out::{self, Outcome, State, Work};
use super::keeping::{BackupArguments, Keeping};
use super::machine::Machine;
use super::story;
use crate::host::question;
use crate::pki::inventory::SnapshotContent;
use crate::pki::store_plan::{Plan, Refusal, Step, Wanted};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

/// How far a person lets it go.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Doing it")]
pub(super) struct Consent {
    /// Only show what would be done
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Do it without a question
    #[arg(short, long, conflicts_with = "dry_run")]
    yes: bool,
    /// With --dry-run: a snapshot to plan for, in place of this machine's stores; on any system
    #[arg(long, value_name = "SNAPSHOT", requires = "dry_run")]
    pub(super) from: Option<PathBuf>,
    /// With --dry-run: the moment to plan for, 2026-12-31 or RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = super::super::arguments::parse_time, requires = "dry_run")]
    pub(super) at: Option<OffsetDateTime>,
}

/// What was planned, and what it was planned from.
pub(super) struct Job<'a> {
    pub(super) content: &'a SnapshotContent,
    pub(super) plan: &'a Plan,
    pub(super) wanted: &'a Wanted,
    pub(super) exportable: bool,
    pub(super) at: OffsetDateTime,
    pub(super) consent: &'a Consent,
    pub(super) backup: &'a BackupArguments,
}

pub(super) fn perform(job: &Job<'_>, machine: &mut dyn Machine, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    let Job { content, plan, consent, .. } = job;
    output.answer(&story::plan(content, plan, job.at, clock))?;
    plan.cautions.iter().for_each(|caution| output.warn(caution));
    let from = consent.from.as_deref();
    if !plan.refusals.is_empty() {
        return refuse(job, from, output);
    }
    let changes = plan.changes().count();
    if consent.dry_run {
        let backup = job.backup.foresee(plan, clock)?;
        if let Some(backup) = &backup {
            output.answer(&story::foreseen(backup))?;
        }
        if changes > 0 {
            output.answer(&format!("{}: nothing was changed, as `--dry-run` asks", count(changes, "step")))?;
        }
        output.answer_json(&Answer::new(content, from, plan, None).with_backup(backup.as_ref()))?;
        return Ok(Exit::Done);
    }
    if changes == 0 {
        let states = plan.steps.iter().map(|_| State::Kept).collect();
        let trust = carry_out::ask(machine, job.wanted);
        let outcome = Outcome { states, trust, ..Outcome::default() };
        output.answer(&story::end(&outcome, plan))?;
        output.answer_json(&Answer::new(content, from, plan, Some(&outcome)))?;
        return Ok(exit(&outcome, true));
    }
    if !is_agreed(consent.yes, changes, output)? {
        output.note("nothing was changed");
        output.answer_json(&Answer::new(content, from, plan, None))?;
        return Ok(Exit::CouldNot);
    }
    let keeping = job.backup.settle(plan, clock)?;
    let outcome = do_it(job, keeping.as_ref(), machine, output);
    conclude(job, &outcome, output)
}

fn do_it(job: &Job<'_>, keeping: Option<&Keeping>, machine: &mut dyn Machine, output: &Output) -> Outcome {
    let work = Work { plan: job.plan, wanted: job.wanted, before: job.content, keeping, exportable: job.exportable };
    let mut tell = |step: &Step, state| story::step(step, state).map_or(Ok(()), |line| output.answer(&line));
    carry_out::carry_out(machine, &work, &mut |backup| output.answer(&story::backup(backup)), &mut tell)
}

fn conclude(job: &Job<'_>, outcome: &Outcome, output: &Output) -> anyhow::Result<Exit> {
    let told = output.answer(&story::end(outcome, job.plan));
    for difference in outcome.differences.iter().flatten() {
        if difference.is_ours {
            Output::say_failure(&problem(&*difference.sentence, "look at it with `qcert store list`"));
        } else {
            output.warn(&format!("{}; it is not Qlik's", difference.sentence));
        }
    }
    if let Some(failure) = &outcome.failure {
        Output::say_failure(failure);
    }
    told?;
    output.answer_json(&Answer::new(job.content, None, job.plan, Some(outcome)))?;
    Ok(exit(outcome, outcome.is_confirmed()))
}

/// Of a run that came to its end, or not.
fn exit(outcome: &Outcome, is_confirmed: bool) -> Exit {
    if outcome.failure.is_some() || !is_confirmed || !outcome.is_asked() {
        Exit::CouldNot
    } else if outcome.is_trusted() {
        Exit::Done
    } else {
        Exit::No
    }
}

fn refuse(job: &Job<'_>, from: Option<&Path>, output: &Output) -> anyhow::Result<Exit> {
    for refusal in &job.plan.refusals {
        Output::say_failure(&problem(refusal.to_string(), refusal.hint()));
    }
    output.note("nothing was changed");
    output.answer_json(&Answer::new(job.content, from, job.plan, None))?;
    Ok(if job.plan.refusals.iter().all(Refusal::is_no) { Exit::No } else { Exit::CouldNot })
}

/// A person has seen the plan, or has said before that it is to be done.
fn is_agreed(yes: bool, changes: usize, output: &Output) -> anyhow::Result<bool> {
    if yes {
        return Ok(true);
    }
    if output.is_json() || !output.shows_progress() || !question::can_ask() {
        return Err(problem(
            format!("{} would change the stores, and nobody was asked", count(changes, "step")),
            "look at it with `--dry-run`, and say `--yes` to do it; on a terminal qcert asks",
        ));
    }
    Ok(question::yes(&format!("do this in {}?", count(changes, "step")))?)
}

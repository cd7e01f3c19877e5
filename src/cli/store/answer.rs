//! What `install` and `clean` answer to a program. Fields are only added.

use super::super::error::Explained;
use super::super::words::rfc3339;
use super::carry_out::{Outcome, State, Trusted};
use super::keeping::Foreseen;
use crate::pki::inventory::SnapshotContent;
use crate::pki::profile::Role;
use crate::pki::store_plan::{Action, Plan, Step};
use serde::Serialize;
use std::path::Path;

#[derive(Debug, Serialize)]
pub(super) struct Answer<'a> {
    schema: u32,
    /// `refused`, `planned`, `unchanged`, `done`, `failed`.
    state: &'static str,
    /// The snapshot's file; null where it is about this machine's stores.
    from: Option<String>,
    computer: &'a str,
    account: &'a str,
    elevated: Option<bool>,
    taken_at: String,
    steps: Vec<StepFacts<'a>>,
    cautions: &'a [String],
    refusals: Vec<RefusalFacts>,
    backup: Option<BackupFacts>,
    /// Of a plan that removes something.
    backup_planned: Option<ForeseenFacts>,
    /// The stores were read again, and are as planned; null where nothing was to be done.
    confirmed: Option<bool>,
    differences: Vec<&'a str>,
    trust: Vec<TrustFacts<'a>>,
    error: Option<Explained>,
}

#[derive(Debug, Serialize)]
struct StepFacts<'a> {
    action: &'static str,
    state: &'static str,
    store: String,
    role: Option<&'static str>,
    subject: String,
    /// SHA-1, as Windows shows it.
    thumbprint: String,
    sha256: String,
    not_before: String,
    not_after: String,
    friendly_name: Option<&'a str>,
    /// Null where there is no private key, or nothing there.
    key: Option<StoredKeyFacts>,
    reason: &'a str,
}

#[derive(Debug, Serialize)]
struct RefusalFacts {
    message: String,
    hint: String,
}

#[derive(Debug, Serialize)]
struct BackupFacts {
    folder: String,
    certificates: usize,
    keys: usize,
    ways_back: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ForeseenFacts {
    folder: String,
    certificates: usize,
    needs_password: bool,
}

/// Of what is there, as far as Windows told.
#[derive(Debug, Serialize)]
struct StoredKeyFacts {
    exportable: Option<bool>,
    usable: Option<bool>,
    machine_keyset: Option<bool>,
}

#[derive(Debug, Serialize)]
struct TrustFacts<'a> {
    role: &'static str,
    subject: &'a str,
    name: Option<&'a str>,
    trusted: bool,
    /// `CERT_TRUST_STATUS.dwErrorStatus` and `CERT_CHAIN_POLICY_STATUS.dwError`.
    status: Option<u32>,
    policy: Option<u32>,
    faults: &'a [String],
}

impl<'a> Answer<'a> {
    pub(super) fn new(
        content: &'a SnapshotContent,
        from: Option<&Path>,
        plan: &'a Plan,
        outcome: Option<&'a Outcome>,
    ) -> Self {
        let snapshot = &content.snapshot;
        let planned = |step: &Step| if step.action == Action::Keep { State::Kept } else { State::Planned };
        let state_of = |at: usize, step: &Step| {
            outcome.and_then(|outcome| outcome.states.get(at).copied()).unwrap_or_else(|| planned(step))
        };
        let steps = plan.steps.iter().enumerate().map(|(at, step)| StepFacts::new(step, state_of(at, step)));
        let refusals = plan.refusals.iter().map(|one| RefusalFacts { message: one.to_string(), hint: one.hint() });
        let backup = outcome.and_then(|outcome| outcome.backup.as_ref()).map(|backup| BackupFacts {
            folder: backup.folder.display().to_string(),
            certificates: backup.certificates,
            keys: backup.keys,
            ways_back: backup.ways_back(),
        });
        let differences = outcome.and_then(|outcome| outcome.differences.as_deref()).unwrap_or_default();
        Self {
            schema: 1,
            state: state(plan, outcome),
            from: from.map(|path| path.display().to_string()),
            computer: &snapshot.computer,
            account: &snapshot.account,
            elevated: snapshot.elevated,
            taken_at: rfc3339(snapshot.taken_at),
            steps: steps.collect(),
            cautions: &plan.cautions,
            refusals: refusals.collect(),
            backup,
            backup_planned: None,
            confirmed: outcome.filter(|outcome| outcome.differences.is_some()).map(Outcome::is_confirmed),
            differences: differences.iter().map(|one| one.sentence.as_str()).collect(),
            trust: outcome.map(|outcome| &outcome.trust[..]).unwrap_or_default().iter().map(TrustFacts::new).collect(),
            error: outcome.and_then(|outcome| outcome.failure.as_ref()).map(Explained::new),
        }
    }

    pub(super) fn with_backup(mut self, foreseen: Option<&Foreseen>) -> Self {
        self.backup_planned = foreseen.map(|backup| ForeseenFacts {
            folder: backup.folder.display().to_string(),
            certificates: backup.certificates,
            needs_password: backup.needs_password,
        });
        self
    }
}

fn state(plan: &Plan, outcome: Option<&Outcome>) -> &'static str {
    match outcome {
        _ if !plan.refusals.is_empty() => "refused",
        Some(outcome) if outcome.failure.is_some() => "failed",
        _ if plan.changes().next().is_none() => "unchanged",
        Some(_) => "done",
        None => "planned",
    }
}

impl<'a> StepFacts<'a> {
    fn new(step: &'a Step, state: State) -> Self {
        let one = &step.certificate;
        Self {
            action: step.action.word(),
            state: state.word(),
            store: step.place.path(),
            role: step.role.map(Role::word),
            subject: one.subject_text(),
            thumbprint: one.sha1().to_ascii_uppercase(),
            sha256: one.sha256(),
            not_before: rfc3339(one.not_before()),
            not_after: rfc3339(one.not_after()),
            friendly_name: step.friendly_name.as_deref().map(|name| name.trim_end_matches('\0')),
            key: step.key.as_ref().map(|key| StoredKeyFacts {
                exportable: key.exportable,
                usable: key.usable,
                machine_keyset: key.machine_keyset,
            }),
            reason: &step.reason,
        }
    }
}

impl<'a> TrustFacts<'a> {
    fn new(one: &'a Trusted) -> Self {
        Self {
            role: one.role.word(),
            subject: &one.title,
            name: one.name.as_deref(),
            trusted: one.faults.is_empty(),
            status: one.numbers.map(|(status, _)| status),
            policy: one.numbers.map(|(_, policy)| policy),
            faults: &one.faults,
        }
    }
}

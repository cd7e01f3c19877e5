//! Carries a plan out: the backup first, then each step, each told as it is done; then the stores are read again, and
//! Windows' own chain engine is asked. What fails ends it, and it is told how far it came.

use super::super::error::problem;
use super::keeping::{Backup, Keeping};
use super::machine::Machine;
use crate::host::stores::{Import, Use};
use crate::pki::certificate::Certificate;
use crate::pki::entropy::SystemEntropy;
use crate::pki::inventory::SnapshotContent;
use crate::pki::profile::{CLIENT_NAME, Role};
use crate::pki::snapshot::Location;
use crate::pki::store_plan::{Action, Difference, Leaf, Plan, Step, Wanted, confirm, named, pack};
use crate::pki::trust_status;
use std::io;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// As a step of a plan that is only shown.
    Planned,
    /// Nothing was to be done.
    Kept,
    Done,
    /// It was gone when its turn came.
    Gone,
    Failed,
    NotDone,
}

impl State {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Kept => "kept",
            Self::Done => "done",
            Self::Gone => "gone",
            Self::Failed => "failed",
            Self::NotDone => "not done",
        }
    }

    fn is_done(self) -> bool {
        matches!(self, Self::Kept | Self::Done | Self::Gone)
    }
}

/// What is to be done, and with what.
pub(super) struct Work<'a> {
    pub(super) plan: &'a Plan,
    /// What is installed; nothing where it is only removed.
    pub(super) wanted: &'a Wanted,
    pub(super) before: &'a SnapshotContent,
    pub(super) keeping: Option<&'a Keeping>,
    pub(super) exportable: bool,
}

/// How far it came.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// One for each step of the plan.
    pub(super) states: Vec<State>,
    pub(super) backup: Option<Backup>,
    /// Why it ended early.
    pub(super) failure: Option<anyhow::Error>,
    /// `None`: the stores were not read again.
    pub(super) differences: Option<Vec<Difference>>,
    pub(super) trust: Vec<Trusted>,
}

/// What the chain engine says of one certificate.
#[derive(Debug)]
pub(super) struct Trusted {
    pub(super) role: Role,
    pub(super) title: String,
    /// As whom a server was looked at.
    pub(super) name: Option<String>,
    /// Chain and policy.
    pub(super) numbers: Option<(u32, u32)>,
    /// Why not; none where it is trusted.
    pub(super) faults: Vec<String>,
}

impl Outcome {
    /// Nothing was asked for, or all was done and is as planned.
    pub(super) fn is_confirmed(&self) -> bool {
        self.failure.is_none() && self.differences.as_ref().is_some_and(|all| all.iter().all(|one| !one.is_ours))
    }

    pub(super) fn is_trusted(&self) -> bool {
        self.trust.iter().all(|one| one.faults.is_empty())
    }

    /// The engine gave an answer to each question.
    pub(super) fn is_asked(&self) -> bool {
        self.trust.iter().all(|one| one.numbers.is_some())
    }

    pub(super) fn changed(&self) -> bool {
        self.states.contains(&State::Done)
    }
}

pub(super) fn carry_out(
    machine: &mut dyn Machine,
    work: &Work<'_>,
    tell_backup: &mut dyn FnMut(&Backup) -> anyhow::Result<()>,
    tell: &mut dyn FnMut(&Step, State) -> anyhow::Result<()>,
) -> Outcome {
    let states = work.plan.steps.iter().map(|_| State::NotDone).collect();
    let mut outcome = Outcome { states, ..Outcome::default() };
    if let Err(failure) = prepare(machine, work, &mut outcome) {
        outcome.failure = Some(failure);
        return outcome;
    }
    // Where nobody listens any more the work is done all the same.
    drop(outcome.backup.as_ref().map(tell_backup));
    machine.begin();
    for (at, step) in work.plan.steps.iter().enumerate() {
        let done = if step.action == Action::Keep {
            Ok(State::Kept)
        } else if machine.is_asked_to_stop() {
            Err(problem("interrupted", STOPPED))
        } else {
            one(machine, work, step)
        };
        let (state, failure) = match done {
            Ok(state) => (state, None),
            Err(failure) if machine.is_asked_to_stop() => (State::NotDone, Some(failure)),
            Err(failure) => (State::Failed, Some(failure)),
        };
        if let Some(place) = outcome.states.get_mut(at) {
            *place = state;
        }
        drop(tell(step, state));
        if failure.is_some() {
            outcome.failure = failure;
            break;
        }
    }
    look_again(machine, work, &mut outcome);
    if outcome.failure.is_none() {
        outcome.trust = ask(machine, work.wanted);
    }
    outcome
}

const STOPPED: &str = "what was done is told above; the same command goes on from there";

/// All that can be done before the first change.
fn prepare(machine: &mut dyn Machine, work: &Work<'_>, outcome: &mut Outcome) -> anyhow::Result<()> {
    // Between the plan and the answer of a person there may be a coffee break.
    let now = machine.look()?;
    let changed = confirm(&[], work.before, &now).into_iter().find(|difference| difference.is_ours);
    if let Some(difference) = changed {
        return Err(problem(
            format!("the stores have changed since the plan was made: {}", difference.sentence),
            "nothing was changed; run the same command again, and look at the new plan",
        ));
    }
    if let Some(keeping) = work.keeping {
        outcome.backup = Some(keeping.keep(machine, work.plan)?);
    }
    Ok(())
}

fn one(machine: &mut dyn Machine, work: &Work<'_>, step: &Step) -> anyhow::Result<State> {
    let der = step.certificate.der();
    let leaf = work.wanted.leaves.iter().find(|leaf| leaf.certificate.der() == der);
    let done = match (step.action, leaf) {
        (Action::Keep, _) => Ok(()),
        (Action::Remove, _) => match machine.remove(step.place, der) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::Gone),
            result => result,
        },
        (Action::Name, _) => {
            machine.set_friendly_name(step.place, der, step.friendly_name.as_deref().unwrap_or(CLIENT_NAME))
        }
        (Action::Add | Action::Mend, Some(leaf)) => return import(machine, work, step, leaf).map(|()| State::Done),
        (Action::Add | Action::Mend, None) => match machine.add(step.place, der, step.friendly_name.as_deref()) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(State::Kept),
            result => result,
        },
    };
    done.map(|()| State::Done).map_err(|error| failed(step, &error))
}

fn import(machine: &mut dyn Machine, work: &Work<'_>, step: &Step, leaf: &Leaf) -> anyhow::Result<()> {
    let name = step.friendly_name.as_deref();
    let title = leaf.certificate.title();
    let parcel = pack(leaf, name.unwrap_or(&title), &mut SystemEntropy)?;
    let import = Import {
        place: step.place,
        pfx: parcel.pfx.expose(),
        password: &parcel.password,
        friendly_name: name,
        machine_keyset: parcel.machine_keyset,
        exportable: work.exportable,
    };
    let came = machine.import(&import).map_err(|error| failed(step, &error))?;
    if !came.iter().any(|der| der == leaf.certificate.der()) {
        return Err(failed(step, &io::Error::other("Windows took the PFX and did not say that the certificate came")));
    }
    Ok(())
}

/// With what the system said in the sentence: its own way out speaks of folders.
fn failed(step: &Step, error: &io::Error) -> anyhow::Error {
    let what = match step.action {
        Action::Remove => "remove",
        Action::Name => "name",
        Action::Keep | Action::Add | Action::Mend => "add",
    };
    let sentence = format!("cannot {what} {} in `{}`: {error}", named(&step.certificate), step.place.path());
    let hint = if error.kind() == io::ErrorKind::PermissionDenied {
        "open the console with \"Run as administrator\", and run the same command again: it goes on from there"
    } else {
        "what was done is told above; when the cause is mended, the same command goes on from there"
    };
    problem(sentence, hint)
}

fn look_again(machine: &mut dyn Machine, work: &Work<'_>, outcome: &mut Outcome) {
    let states = outcome.states.iter();
    let done: Vec<&Step> =
        work.plan.steps.iter().zip(states).filter(|(_, state)| state.is_done()).map(|(step, _)| step).collect();
    match machine.look() {
        Ok(after) => outcome.differences = Some(confirm(&done, work.before, &after)),
        Err(error) if outcome.failure.is_none() => {
            outcome.failure =
                Some(error.context("the stores could not be read again: whether all is as planned is not known"));
        }
        Err(_) => {}
    }
}

/// The machine's engine for what is the machine's, the account's for the account's.
pub(super) fn ask(machine: &mut dyn Machine, wanted: &Wanted) -> Vec<Trusted> {
    let mut answers = Vec::new();
    if let Some(root) = &wanted.root {
        answers.push(ask_one(machine, Role::Root, root, Some(root)));
    }
    for leaf in &wanted.leaves {
        answers.push(ask_one(machine, leaf.role, &leaf.certificate, leaf.root.as_ref()));
    }
    answers
}

fn ask_one(machine: &mut dyn Machine, role: Role, certificate: &Certificate, root: Option<&Certificate>) -> Trusted {
    let name = certificate.dns_names().next().or(certificate.common_name()).unwrap_or_default();
    let (as_what, engine) = match role {
        Role::Root => (Use::Client, Location::LocalMachine),
        Role::Server => (Use::Server(name), Location::LocalMachine),
        Role::Client => (Use::Client, Location::CurrentUser),
    };
    let mut answer = Trusted {
        role,
        title: certificate.title(),
        name: (role == Role::Server).then(|| name.to_owned()),
        numbers: None,
        faults: Vec::new(),
    };
    match machine.trust(certificate.der(), as_what, engine) {
        Ok(trust) => {
            answer.numbers = Some((trust.status, trust.policy));
            answer.faults = trust_status::of_chain(trust.status);
            answer.faults.extend(trust_status::of_policy(trust.policy));
            let ends = |root: &Certificate| trust.chain.last().is_some_and(|last| last == root.der());
            if answer.faults.is_empty() && root.is_some_and(|root| !ends(root)) {
                answer.faults.push("the chain ends in another root than this one".to_owned());
            }
        }
        Err(error) => answer.faults.push(format!("it could not be asked: {error}")),
    }
    answer
}

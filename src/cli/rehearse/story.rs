//! The steps of the reload and what must be refused: which calls that makes, played on all cores, and what came of them.

#![expect(clippy::similar_names, reason = "caller and callee are the words for the two ends")]

use super::super::parallel;
use super::cast::{Actor, Forms, forms};
use super::play::{Meeting, Outcome, Side, play};
use crate::host::tls::{Identity, Version};
use crate::pki::authority::Credential;
use crate::pki::path::Purpose;
use crate::pki::profile::Role;
use crate::pki::rehearsal::machine::Form;
use crate::pki::rehearsal::stranger::Stranger;
use crate::pki::rehearsal::{Call, Wrong, calls};

/// One handshake of a call.
#[derive(Debug)]
pub(super) struct Try {
    pub(super) version: Version,
    pub(super) forms: Forms,
    pub(super) outcome: Outcome,
}

/// A call of a step. Without tries it could not be played.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) call: Call,
    pub(super) tries: Vec<Try>,
}

impl Played {
    pub(super) fn passed(&self) -> bool {
        !self.tries.is_empty() && self.tries.iter().all(|one| one.outcome == Outcome::Taken)
    }
}

/// Something that must not pass, at the central node.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) wrong: Wrong,
    pub(super) tries: Vec<Try>,
}

impl Refusal {
    pub(super) fn passed(&self) -> bool {
        !self.tries.is_empty() && self.tries.iter().all(|one| is_refused(self.wrong, &one.outcome))
    }
}

/// By the end that is to refuse, for what it is to be refused for.
pub(super) fn is_refused(wrong: Wrong, outcome: &Outcome) -> bool {
    let side = if wrong.is_for_callee() { Side::Callee } else { Side::Caller };
    match (outcome, wrong.aspect()) {
        (Outcome::NoCertificate, None) => true,
        (Outcome::Refused(by, faults), Some(aspect)) => {
            *by == side && faults.iter().any(|fault| fault.aspect == aspect && !fault.unjudged)
        }
        _ => false,
    }
}

#[derive(Debug)]
pub(super) struct Story {
    pub(super) steps: Vec<Played>,
    pub(super) refusals: Vec<Refusal>,
}

/// A machine of this name there is nowhere (RFC 6761 6.4).
pub(super) const WRONG_NAME: &str = "another-machine.invalid";

pub(super) fn tell(actors: &[Actor], stranger: Option<&Stranger>) -> Story {
    let calls = calls(actors.len());
    let mut jobs: Vec<(usize, Version, Forms, Result<Meeting, String>)> = Vec::new();
    for (number, call) in calls.iter().enumerate().filter(|(_, call)| call.step.mutual) {
        let (Some(from), Some(to)) = (actors.get(call.from), actors.get(call.to)) else { continue };
        for (version, forms) in each_way(from, to) {
            jobs.push((number, version, forms, meeting(from, to, version, forms)));
        }
    }
    if let Some(central) = actors.first() {
        let strange = stranger.map(|stranger| [&stranger.client, &stranger.server].map(shown));
        for (number, wrong) in (calls.len()..).zip(Wrong::ALL) {
            for (version, forms) in each_way(central, central) {
                if let Some(spoilt) = spoilt(central, wrong, version, forms, strange.as_ref()) {
                    jobs.push((number, version, forms, spoilt));
                }
            }
        }
    }
    let mut steps: Vec<Played> = calls.into_iter().map(|call| Played { call, tries: Vec::new() }).collect();
    let mut refusals: Vec<_> = Wrong::ALL.map(|wrong| Refusal { wrong, tries: Vec::new() }).into();
    let played = parallel::each(jobs, false, |(number, version, forms, meeting)| {
        let outcome = meeting.map_or_else(Outcome::NotShown, |meeting| play(&meeting));
        (number, Try { version, forms, outcome })
    });
    let count = steps.len();
    for (number, one) in played {
        let tries = match number.checked_sub(count) {
            None => steps.get_mut(number).map(|step| &mut step.tries),
            Some(number) => refusals.get_mut(number).map(|refusal| &mut refusal.tries),
        };
        if let Some(tries) = tries {
            tries.push(one);
        }
    }
    Story { steps, refusals }
}

fn each_way(caller: &Actor, callee: &Actor) -> Vec<(Version, Forms)> {
    let of = |forms| Version::ALL.map(|version| (version, forms));
    forms(caller, callee).into_iter().flat_map(of).collect()
}

/// One machine calls another: each shows what it has, and looks at what the other shows.
pub(super) fn meeting(from: &Actor, to: &Actor, version: Version, forms: Forms) -> Result<Meeting, String> {
    let (caller, client) = shows(from, Role::Client, forms.caller)?;
    let (callee, server) = shows(to, Role::Server, forms.callee)?;
    let name = to.machine.name.clone();
    Ok(Meeting {
        version,
        caller: Some(caller),
        callee,
        caller_looks: Some(from.looks(forms.caller, Purpose::Server, Some(&name), server)),
        callee_looks: Some(to.looks(forms.callee, Purpose::Client, None, client)),
        name,
    })
}

fn shows(actor: &Actor, role: Role, form: Form) -> Result<(Identity, &str), String> {
    let file = actor.machine.source(role, form).map_or("", |source| source.known.file.as_str());
    match actor.identity(role, form) {
        Some(identity) => Ok((identity.clone()?, file)),
        None => Err(format!("there is no {} certificate", role.word())),
    }
}

fn shown(credential: &Credential) -> Result<Identity, String> {
    let chain = vec![credential.certificate().der().to_vec()];
    Identity::new(chain, credential.key().pkcs8()).map_err(|error| error.to_string())
}

/// The same with one thing wrong, of which the one end has to take notice; the other takes everything, so that it comes
/// to that. `None` where there is nothing to do it with.
fn spoilt(
    central: &Actor,
    wrong: Wrong,
    version: Version,
    forms: Forms,
    strange: Option<&[Result<Identity, String>; 2]>,
) -> Option<Result<Meeting, String>> {
    let mut meeting = match meeting(central, central, version, forms) {
        Ok(meeting) => meeting,
        Err(why) => return Some(Err(why)),
    };
    if wrong.is_for_callee() {
        meeting.caller_looks = None;
    } else {
        meeting.callee_looks = None;
    }
    match wrong {
        Wrong::NoCertificate => meeting.caller = None,
        Wrong::ClientOfAnotherSite => {
            let [client, _] = strange?;
            meeting.caller = Some(client.as_ref().ok()?.clone());
            "client.pem of another site".clone_into(&mut meeting.callee_looks.as_mut()?.wanted.file);
        }
        Wrong::ServerOfAnotherSite => {
            let [_, server] = strange?;
            meeting.callee = server.as_ref().ok()?.clone();
            "server.pem of another site".clone_into(&mut meeting.caller_looks.as_mut()?.wanted.file);
        }
        Wrong::Name => {
            WRONG_NAME.clone_into(&mut meeting.name);
            meeting.caller_looks.as_mut()?.wanted.name = Some(WRONG_NAME.to_owned());
        }
    }
    Some(Ok(meeting))
}

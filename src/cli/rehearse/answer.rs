//! What the rehearsal showed, as a whole. A step that fails is a failure; what could not be played is never a pass.

use super::cast::Actor;
use super::judged::Judged;
use super::matrix::{Matrix, Trouble, troubles};
use super::play::Outcome;
use super::same;
use super::story::{Played, Refusal, Story, Try};
use crate::pki::public_key::KeyAlgorithm;
use time::OffsetDateTime;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Works,
    Fails,
    Unknown,
}

/// What is wrong, and what to do.
#[derive(Debug, serde::Serialize)]
pub(super) struct Advised {
    pub(super) sentence: String,
    pub(super) fix: String,
}

#[derive(Debug)]
pub(super) struct Answer<'a> {
    pub(super) actors: &'a [Actor],
    pub(super) steps: Vec<Played>,
    pub(super) refusals: Vec<Refusal>,
    pub(super) matrix: Matrix,
    pub(super) troubles: Vec<Trouble>,
    /// What could not be opened, is missing, or could not be tried.
    pub(super) left_out: Vec<String>,
    /// What to do about these.
    pub(super) hints: Vec<String>,
    pub(super) remarks: Vec<String>,
    /// What `validate` calls a fault in a folder of which something was left out.
    pub(super) faults: Vec<Advised>,
    /// The folders of each machine, by their numbers.
    pub(super) machines: Vec<Vec<usize>>,
    pub(super) at: OffsetDateTime,
    /// The other site's root has the name of this one's.
    pub(super) same_name: bool,
    pub(super) verdict: Verdict,
}

impl<'a> Answer<'a> {
    pub(super) fn new(
        actors: &'a [Actor],
        story: Story,
        matrix: Matrix,
        no_stranger: Option<String>,
        at: OffsetDateTime,
        same_name: bool,
    ) -> Self {
        let Story { steps, refusals } = story;
        let own = |actor: &Actor, sentences: &[String]| {
            if actors.len() > 1 { own(actor, sentences) } else { sentences.to_vec() }
        };
        let mut left_out: Vec<String> = actors.iter().flat_map(|actor| own(actor, &actor.machine.left_out)).collect();
        left_out.extend(actors.iter().flat_map(|actor| own(actor, &missing(actor))));
        left_out.extend(no_stranger);
        let mut remarks: Vec<String> = actors.iter().flat_map(|actor| own(actor, &actor.machine.remarks)).collect();
        remarks.extend(actors.iter().flat_map(|actor| own(actor, &other_name(actor))));
        let machines = same::machines(actors);
        remarks.extend(same::remark(actors, &machines));
        remarks.extend(foreign_keys(actors));
        let troubles = troubles(actors, &matrix);
        let lacking = actors.iter().filter(|actor| !actor.machine.left_out.is_empty() || !missing(actor).is_empty());
        let faults = lacking.flat_map(|actor| {
            let faults = actor.judged.iter().filter(|judged| judged.is_error());
            let told = move |judged: &Judged| {
                own(actor, std::slice::from_ref(&judged.sentence))
                    .into_iter()
                    .map(|sentence| Advised { sentence, fix: judged.fix.clone() })
                    .collect::<Vec<_>>()
            };
            faults.flat_map(told)
        });
        let faults: Vec<Advised> = faults.collect();
        let mut answer = Self {
            actors,
            steps,
            refusals,
            matrix,
            troubles,
            left_out,
            hints: hints(actors),
            remarks,
            faults,
            machines,
            at,
            same_name,
            verdict: Verdict::Works,
        };
        answer.verdict = answer.judge();
        answer
    }

    fn judge(&self) -> Verdict {
        let outcomes = || {
            let steps = self.steps.iter().flat_map(|step| &step.tries).map(|one| &one.outcome);
            steps.chain(self.matrix.pairs.iter().filter_map(|pair| pair.outcome.as_ref()))
        };
        let passes = |refusal: &Refusal| refusal.tries.iter().any(|one| one.outcome == Outcome::Taken);
        let misnamed = |actor: &Actor| actor.folder_name().is_some_and(Judged::is_error);
        if !self.faults.is_empty()
            || outcomes().any(is_failure)
            || self.refusals.iter().any(passes)
            || self.actors.iter().any(misnamed)
        {
            return Verdict::Fails;
        }
        let whole = self.left_out.is_empty()
            && self.steps.iter().filter(|step| step.call.step.mutual).all(Played::passed)
            && self.refusals.iter().all(Refusal::passed)
            && self.matrix.pairs.iter().all(super::matrix::Pair::passed);
        if whole { Verdict::Works } else { Verdict::Unknown }
    }

    pub(super) fn has_several(&self) -> bool {
        self.actors.len() > 1
    }

    /// That were really made.
    pub(super) fn handshakes(&self) -> usize {
        let tries = self.tries().chain(self.refusals.iter().flat_map(|refusal| &refusal.tries));
        let of_pairs = self.matrix.pairs.iter().filter_map(|pair| Some((pair.outcome.as_ref()?, pair.made)));
        let made = tries.map(|one| (&one.outcome, 1)).chain(of_pairs);
        made.filter(|(outcome, _)| !matches!(outcome, Outcome::NotShown(_))).map(|(_, made)| made).sum()
    }

    pub(super) fn tries(&self) -> impl Iterator<Item = &Try> {
        self.steps.iter().flat_map(|step| &step.tries)
    }
}

/// How files open that could not be.
fn hints(actors: &[Actor]) -> Vec<String> {
    let judged = actors.iter().flat_map(|actor| &actor.judged);
    let closed = judged.filter(|judged| judged.is_of_password());
    let mut hints: Vec<_> = closed.map(|judged| judged.fix.clone()).collect();
    hints.sort_unstable();
    hints.dedup();
    hints
}

/// What to do where it is not taken, as far as `validate` knows.
pub(super) fn way_out(actors: &[Actor], outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Refused(_, faults) => {
            faults.iter().find(|fault| !fault.fix.is_empty()).map(|fault| fault.fix.to_string())
        }
        Outcome::NotShown(why) => actors.iter().find_map(|actor| actor.way_out(why)).map(str::to_owned),
        Outcome::Taken | Outcome::NoCertificate | Outcome::Broken(_) => None,
    }
}

/// What nobody could judge is none.
pub(super) fn is_failure(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Taken => false,
        Outcome::Refused(_, faults) => faults.iter().any(|fault| !fault.unjudged),
        Outcome::NoCertificate | Outcome::NotShown(_) | Outcome::Broken(_) => true,
    }
}

/// Which machine it is about, where there are several and its files do not say so.
fn own(actor: &Actor, sentences: &[String]) -> Vec<String> {
    let with_folder = |sentence: &String| {
        if sentence.contains(&actor.folder) { sentence.clone() } else { format!("`{}`: {sentence}", actor.folder) }
    };
    sentences.iter().map(with_folder).collect()
}

/// Without these nothing of a machine can be played.
fn missing(actor: &Actor) -> Vec<String> {
    use crate::pki::profile::Role::{Client, Server};
    let lacks = |role| actor.machine.of(role).next().is_none();
    let said = |word: &str| actor.machine.left_out.iter().any(|sentence| sentence.contains(word));
    let mut missing = Vec::new();
    if lacks(Server) && !said("server") {
        missing.push("there is no server certificate, so nobody can call this machine".to_owned());
    }
    if lacks(Client) && !said("client") {
        missing.push("there is no client certificate (QlikClient), so it can call nobody".to_owned());
    }
    missing
}

/// The name was taken from the certificate itself, so that it fits proves nothing.
fn other_name(actor: &Actor) -> Vec<String> {
    let told = actor.folder_name().map(|judged| {
        format!("{}; it is called by `{}` here, not by the folder's name", judged.sentence, actor.machine.name)
    });
    told.into_iter().collect()
}

fn foreign_keys(actors: &[Actor]) -> Option<String> {
    let is_rsa = |algorithm: &KeyAlgorithm| matches!(algorithm, KeyAlgorithm::Rsa { .. });
    let mut sources = actors.iter().flat_map(|actor| &actor.machine.sources);
    let odd = sources.find(|source| !is_rsa(source.known.certificate.public_key().algorithm()))?;
    Some(format!(
        "the key of `{}` is not RSA: TLS takes it, Qlik's own services do not, as far as known",
        odd.known.file
    ))
}

//! The calls: which are made, and what each came to. With each version, with and without the client certificate.

use super::super::parallel;
use super::super::reach::{self, Manner, Patience, Target, Trouble};
use super::answers::{self, Told};
use crate::host::tls::{After, Asked, End, Failure, Identity, Met, Proof, Stage, Version, alert_name};

/// What came of all calls.
#[derive(Debug)]
pub(super) struct Calls {
    /// The address that answered.
    pub(super) peer: Option<String>,
    pub(super) rows: Vec<Called>,
    /// What was shown, and whether its key was proved: of the first call that came so far.
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) proof: Proof,
    /// Not every call was shown the same certificate.
    pub(super) varies: bool,
    /// Why there is nothing to judge.
    pub(super) trouble: Option<Trouble>,
}

#[derive(Debug)]
pub(super) struct Called {
    pub(super) version: Version,
    pub(super) with: bool,
    pub(super) outcome: Outcome,
    pub(super) suite: Option<String>,
    pub(super) asked: Option<Asked>,
    pub(super) shown: bool,
    pub(super) why: Option<String>,
    /// Its number.
    pub(super) alert: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The caller was asked for a certificate, and let in.
    Taken,
    Refused,
    /// No certificate was asked for.
    NotAsked,
    Unknown,
    /// It did not come to that.
    Failed,
}

impl Calls {
    pub(super) fn with(&self) -> impl Iterator<Item = &Called> {
        self.rows.iter().filter(|row| row.with)
    }

    pub(super) fn without(&self) -> impl Iterator<Item = &Called> {
        self.rows.iter().filter(|row| !row.with)
    }

    /// The request for a certificate, of the first call that met one.
    pub(super) fn asked(&self) -> Option<&Asked> {
        self.rows.iter().find_map(|row| row.asked.as_ref())
    }
}

/// One call is to decide whether there is anything to talk to; the others are made at the same time.
pub(super) fn make(target: &Target, identity: Option<&Identity>, patience: Patience) -> Calls {
    let mut calls =
        Calls { peer: None, rows: Vec::new(), chain: Vec::new(), proof: Proof::None, varies: false, trouble: None };
    let first = match one(target, &Version::ALL, identity, patience) {
        Ok(first) => first,
        Err(trouble) => {
            calls.trouble = Some(trouble);
            return calls;
        }
    };
    calls.peer = Some(first.address.to_string());
    let mut asked = None;
    let trouble = trouble_of(&first, target, patience);
    if ends_all(&first) {
        calls.trouble = trouble;
        return calls;
    }
    let manners = [(Version::Tls13, true), (Version::Tls13, false), (Version::Tls12, true), (Version::Tls12, false)];
    let known = first.version.filter(|_| !first.chain.is_empty());
    let wanted = |(version, with): &(Version, bool)| {
        (!*with || identity.is_some()) && (known != Some(*version) || *with != identity.is_some())
    };
    let rest: Vec<_> = manners.into_iter().filter(wanted).collect();
    let made = parallel::each(rest, false, |(version, with)| {
        let identity = identity.filter(|_| with);
        (version, with, one(target, &[version], identity, patience))
    });
    let mut all: Vec<(Version, bool, Result<Met, Trouble>)> = made;
    match known {
        Some(version) => all.insert(0, (version, identity.is_some(), Ok(first))),
        None => asked = Some(first),
    }
    for (version, with, reached) in all {
        calls.add(version, with, reached, target, patience);
    }
    calls.rows.sort_by_key(|row| (std::cmp::Reverse(row.version), !row.with));
    let told = identity.zip(let_in(&calls.rows));
    let told = told.map(|(identity, version)| answers::tell(target, identity, version, patience));
    doubt(&mut calls.rows, told.as_ref());
    if calls.chain.is_empty() {
        calls.trouble = trouble;
        calls.look_for_old(target, patience, asked.as_ref());
    }
    calls
}

fn one(target: &Target, versions: &[Version], identity: Option<&Identity>, patience: Patience) -> Result<Met, Trouble> {
    let manner = Manner { versions: versions.to_vec(), identity: identity.cloned(), request: Vec::new() };
    reach::reach(target, &manner, patience, &|_| true)
}

/// Whether another call would only meet the same.
fn ends_all(met: &Met) -> bool {
    let End::Failed(failure) = &met.end else { return false };
    match failure {
        Failure::NotTls(_) | Failure::Io(_) => true,
        Failure::Silent { .. } | Failure::TooMuch(_) => met.chain.is_empty(),
        _ => false,
    }
}

fn trouble_of(met: &Met, target: &Target, patience: Patience) -> Option<Trouble> {
    match &met.end {
        End::Failed(failure) => Some(reach::trouble(failure, target, patience)),
        End::Done(_) => None,
    }
}

impl Calls {
    /// A certificate that is shown in old TLS only can be judged all the same.
    fn look_for_old(&mut self, target: &Target, patience: Patience, first: Option<&Met>) {
        let Some(old) = first.and_then(|first| reach::reach_old(target, patience, first)) else { return };
        self.trouble = Some(reach::old_trouble(&old, target));
        self.chain = old.chain;
    }

    fn add(
        &mut self,
        version: Version,
        with: bool,
        reached: Result<Met, Trouble>,
        target: &Target,
        patience: Patience,
    ) {
        let mut row = Called {
            version,
            with,
            outcome: Outcome::Failed,
            suite: None,
            asked: None,
            shown: false,
            why: None,
            alert: None,
        };
        match reached {
            Err(trouble) => row.why = Some(trouble.what),
            Ok(met) => {
                let trouble = trouble_of(&met, target, patience);
                row.judge(&met, trouble);
                let Met { chain, proof, suite, asked, shown, .. } = met;
                self.varies |= !chain.is_empty() && !self.chain.is_empty() && chain.first() != self.chain.first();
                // A proof that fails once is not mended by one that holds.
                if !chain.is_empty() && !matches!(self.proof, Proof::Doubtful(_)) {
                    self.proof = if self.proof == Proof::Given && proof == Proof::None { Proof::Given } else { proof };
                }
                if self.chain.is_empty() {
                    self.chain = chain;
                }
                (row.suite, row.asked, row.shown) = (suite, asked, shown);
            }
        }
        self.rows.push(row);
    }
}

impl Called {
    fn judge(&mut self, met: &Met, trouble: Option<Trouble>) {
        let asked = met.asked.is_some();
        let alert = match &met.end {
            End::Failed(Failure::Alert(number, _)) => Some(*number),
            _ => None,
        };
        self.alert = alert;
        let (outcome, why) = match &met.end {
            End::Done(After::Quiet | After::Answer(_)) if !asked => (Outcome::NotAsked, None),
            End::Done(After::Quiet | After::Answer(_)) if self.with && !met.shown => {
                (Outcome::Unknown, Some("it takes no signature of the kind that our key can make".to_owned()))
            }
            End::Done(After::Quiet | After::Answer(_)) => (Outcome::Taken, None),
            End::Done(After::Closed) if !asked => {
                (Outcome::NotAsked, Some("it closes the connection after the handshake".to_owned()))
            }
            End::Failed(Failure::Renegotiation) => (
                Outcome::Unknown,
                Some("it asks by a second handshake (renegotiation), which qcert does not do".to_owned()),
            ),
            // It had asked, so the end is its answer.
            End::Failed(Failure::Alert(number, _)) if asked => {
                let meaning = reach::of_refusal(*number, self.with);
                (Outcome::Refused, Some(format!("alert `{}`: {}", alert_name(*number), meaning.what)))
            }
            End::Done(After::Closed) | End::Failed(Failure::Closed(_)) if asked => {
                (Outcome::Refused, Some("it closes the connection, without saying why".to_owned()))
            }
            End::Failed(Failure::Reset(_)) if asked => {
                (Outcome::Refused, Some("it resets the connection, without saying why".to_owned()))
            }
            End::Failed(Failure::Silent { .. }) if asked => {
                (Outcome::Unknown, Some("it does not answer in time once it has asked for a certificate".to_owned()))
            }
            End::Failed(failure) => (Outcome::Failed, Some(of_version(failure, self.version, trouble))),
            End::Done(After::Closed) => (Outcome::Unknown, None),
        };
        (self.outcome, self.why) = (outcome, why);
    }
}

/// What a call with one version alone failed of.
fn of_version(failure: &Failure, version: Version, trouble: Option<Trouble>) -> String {
    const PROTOCOL_VERSION: u8 = 70;
    match failure {
        Failure::NoCommonVersion | Failure::Alert(PROTOCOL_VERSION, _) => format!("it does not speak {version}"),
        Failure::Reset(Stage::Greeting) | Failure::Closed(Stage::Greeting) => {
            format!("it ends the connection when only {version} is offered")
        }
        _ => trouble.map(|trouble| trouble.what).unwrap_or_default(),
    }
}

/// The newest version in which a caller is let in with and without a certificate.
fn let_in(rows: &[Called]) -> Option<Version> {
    let taken = |with: bool| move |row: &&Called| row.with == with && row.outcome == Outcome::Taken;
    let both = |row: &&Called| rows.iter().filter(taken(false)).any(|other| other.version == row.version);
    rows.iter().filter(taken(true)).filter(both).map(|row| row.version).max()
}

/// Where callers without a certificate are let in as well, being let in proves nothing; `told` is what their requests
/// were answered.
fn doubt(rows: &mut [Called], told: Option<&Told>) {
    for version in Version::ALL {
        let of = |rows: &[Called], with| rows.iter().position(|row| row.version == version && row.with == with);
        let without = of(rows, false).and_then(|at| rows.get(at)).map(|row| row.outcome);
        let Some(row) = of(rows, true).and_then(|at| rows.get_mut(at)) else { continue };
        if row.outcome != Outcome::Taken || without == Some(Outcome::Refused) {
            continue;
        }
        (row.outcome, row.why) = match told.filter(|_| without == Some(Outcome::Taken)) {
            Some(Told::Taken) => (Outcome::Taken, Some("it refuses requests without one".to_owned())),
            Some(Told::Refused(how)) => (Outcome::Refused, Some(how.clone())),
            Some(Told::Nothing(why)) => (Outcome::Unknown, Some(why.clone())),
            None => {
                let why = "it is let in, but what becomes of a caller without one could not be tried";
                (Outcome::Unknown, Some(why.to_owned()))
            }
        };
    }
}

//! The calls: which are made, and what each came to. With each version, with and without the client certificate.

use super::super::parallel;
use super::super::reach::{self, Manner, Patience, Target, Trouble};
use crate::host::tls::{After, Asked, End, Failure, Identity, Met, Proof, Stage, Version, alert_name};

/// What came of all calls.
#[derive(Debug)]
pub(super) struct Calls {
    /// The address that answered.
    pub(super) peer: Option<String>,
    pub(super) rows: Vec<Called>,
    /// What was shown, and whether its key was proved. Several where not every call was shown the same certificate.
    pub(super) chains: Vec<Vec<Vec<u8>>>,
    pub(super) proof: Proof,
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
    let mut calls = Calls { peer: None, rows: Vec::new(), chains: Vec::new(), proof: Proof::None, trouble: None };
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
    doubt(&mut calls.rows);
    if calls.chains.is_empty() {
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
        self.keep(old.chain);
    }

    /// One for each certificate.
    fn keep(&mut self, chain: Vec<Vec<u8>>) {
        if self.chains.iter().all(|known| known.first() != chain.first()) {
            self.chains.push(chain);
        }
    }

    pub(super) fn varies(&self) -> bool {
        self.chains.len() > 1
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
                if !chain.is_empty() {
                    self.proof = heavier(std::mem::replace(&mut self.proof, Proof::None), proof);
                    self.keep(chain);
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

/// A proof that fails once, or cannot be checked, is not mended by one that holds.
fn heavier(one: Proof, other: Proof) -> Proof {
    let weight = |proof: &Proof| match proof {
        Proof::None => 0,
        Proof::Given => 1,
        Proof::Unchecked => 2,
        Proof::Doubtful(_) => 3,
    };
    if weight(&other) > weight(&one) { other } else { one }
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

/// Where callers without a certificate are let in as well, being let in proves nothing: nginx and Windows' HTTP service
/// finish the handshake with anybody, and refuse by what they answer.
fn doubt(rows: &mut [Called]) {
    for version in Version::ALL {
        let of = |rows: &[Called], with| rows.iter().position(|row| row.version == version && row.with == with);
        let without = of(rows, false).and_then(|at| rows.get(at)).map(|row| row.outcome);
        let Some(row) = of(rows, true).and_then(|at| rows.get_mut(at)) else { continue };
        if row.outcome != Outcome::Taken || without == Some(Outcome::Refused) {
            continue;
        }
        row.outcome = Outcome::Unknown;
        row.why = Some(match without {
            Some(Outcome::Taken) => {
                "it lets callers without a certificate in, too, so being let in proves nothing".to_owned()
            }
            _ => "it is let in, but what becomes of a caller without one could not be tried".to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A call that came as far as the certificate, and was asked for one or not.
    fn met(end: End, asked: bool, shown: bool) -> Met {
        Met {
            address: "127.0.0.1:4242".parse().unwrap(),
            version: Some(Version::Tls13),
            suite: Some("TLS_AES_256_GCM_SHA384".to_owned()),
            chain: vec![vec![0x30, 0]],
            proof: Proof::Given,
            asked: asked.then(Asked::default),
            shown,
            end,
        }
    }

    fn row(with: bool, end: End, asked: bool) -> Called {
        let mut row = Called {
            version: Version::Tls13,
            with,
            outcome: Outcome::Failed,
            suite: None,
            asked: None,
            shown: with,
            why: None,
            alert: None,
        };
        row.judge(&met(end, asked, with), None);
        row
    }

    fn outcome(with: bool, end: End, asked: bool) -> Outcome {
        row(with, end, asked).outcome
    }

    #[test]
    fn whoever_ends_a_call_after_asking_refuses() {
        for stage in [Stage::Handshake, Stage::After] {
            for failure in [Failure::Alert(48, stage), Failure::Closed(stage), Failure::Reset(stage)] {
                for with in [true, false] {
                    assert_eq!(outcome(with, End::Failed(failure.clone()), true), Outcome::Refused, "{failure:?}");
                    assert_eq!(outcome(with, End::Failed(failure.clone()), false), Outcome::Failed, "{failure:?}");
                }
            }
        }
        assert_eq!(outcome(true, End::Done(After::Closed), true), Outcome::Refused);
        assert_eq!(row(true, End::Failed(Failure::Alert(48, Stage::After)), true).alert, Some(48));
    }

    #[test]
    fn silence_after_asking_is_a_yes_only_where_others_hear_a_no() {
        let quiet = || End::Done(After::Quiet);
        let refused = || End::Failed(Failure::Alert(116, Stage::After));
        assert_eq!(outcome(true, quiet(), false), Outcome::NotAsked);
        for (without, expected) in [(refused(), Outcome::Taken), (quiet(), Outcome::Unknown)] {
            let mut rows = [row(true, quiet(), true), row(false, without, true)];
            doubt(&mut rows);
            assert_eq!(rows[0].outcome, expected);
        }
        let mut alone = [row(true, quiet(), true)];
        doubt(&mut alone);
        assert_eq!(alone[0].outcome, Outcome::Unknown);
    }

    #[test]
    fn what_qcert_cannot_do_is_not_laid_to_the_certificate() {
        assert_eq!(outcome(true, End::Failed(Failure::Renegotiation), false), Outcome::Unknown);
        let silent = Failure::Silent { stage: Stage::Handshake, octets: 9 };
        assert_eq!(outcome(true, End::Failed(silent), true), Outcome::Unknown);
        let mut unable = row(true, End::Done(After::Quiet), true);
        unable.judge(&met(End::Done(After::Quiet), true, false), None);
        assert_eq!(unable.outcome, Outcome::Unknown);
    }

    #[test]
    fn only_what_is_no_tls_or_no_answer_spares_the_other_calls() {
        let ends = |failure| ends_all(&Met { chain: Vec::new(), ..met(End::Failed(failure), false, false) });
        let silent = || Failure::Silent { stage: Stage::Greeting, octets: 0 };
        assert!(ends(Failure::NotTls(Vec::new())) && ends(silent()));
        // A server that minds only one version may do either.
        assert!(!ends(Failure::Reset(Stage::Greeting)) && !ends(Failure::Alert(70, Stage::Handshake)));
        assert!(!ends_all(&met(End::Failed(silent()), false, false)));
    }

    #[test]
    fn each_certificate_that_is_shown_is_kept_once() {
        let mut calls = Calls { peer: None, rows: Vec::new(), chains: Vec::new(), proof: Proof::None, trouble: None };
        for leaf in [1, 2, 1, 2] {
            calls.keep(vec![vec![leaf], vec![9]]);
        }
        assert_eq!(calls.chains, [[[1], [9]], [[2], [9]]]);
        assert!(calls.varies());
    }

    #[test]
    fn a_proof_that_fails_once_stays_failed() {
        let doubtful = || Proof::Doubtful("why".to_owned());
        assert_eq!(heavier(Proof::None, Proof::Given), Proof::Given);
        for (one, other) in [(doubtful(), Proof::Given), (Proof::Given, doubtful()), (Proof::Unchecked, doubtful())] {
            assert_eq!(heavier(one, other), doubtful());
        }
        assert_eq!(heavier(Proof::Unchecked, Proof::Given), Proof::Unchecked);
    }
}

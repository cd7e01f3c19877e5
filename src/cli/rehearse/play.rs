//! One call of the rehearsal: a real handshake over 127.0.0.1, both ends of it here, and what came of it.

#![expect(clippy::similar_names, reason = "caller and callee are the words for the two ends")]

use crate::host::threads::Starting;
use crate::host::tls::client::{Call, call};
use crate::host::tls::server::{Callee, answer, loopback};
use crate::host::tls::{
    After, Check, End, Failure, Identity, Limits, Met, Proof, Reason, Refusal, Version, alert_name,
};
use crate::pki::name::{MachineName, Underscore};
use crate::pki::path::PeerName;
use crate::pki::rehearsal::judge::{Cause, Fault, Trust, Wanted, judge};
use crate::pki::rules::identity::peer_name;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// What an end looks at.
#[derive(Debug, Clone)]
pub(super) struct Looks {
    pub(super) trust: Arc<Trust>,
    pub(super) wanted: Wanted,
}

#[derive(Debug, Clone)]
pub(super) struct Meeting {
    pub(super) version: Version,
    /// The machine that is called.
    pub(super) name: String,
    pub(super) caller: Option<Identity>,
    pub(super) callee: Identity,
    /// Without these an end takes whatever it is shown.
    pub(super) caller_looks: Option<Looks>,
    pub(super) callee_looks: Option<Looks>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Side {
    Caller,
    Callee,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Each end took what the other showed, and they spoke with each other.
    Taken,
    /// Why; never empty.
    Refused(Side, Vec<Fault>),
    /// The caller showed none, and the callee wants one.
    NoCertificate,
    /// It did not come to a call: a certificate cannot be shown.
    NotShown(String),
    Broken(String),
}

/// Far more than any handshake takes, also where the machine is busy.
const LIMITS: Limits = Limits { whole: Duration::from_secs(20), after: Duration::from_secs(20), answer: 64 };

const QUESTION: &[u8] = b"may I?";
const ANSWER: &[u8] = b"you may";

type Found = Arc<OnceLock<Vec<Fault>>>;

pub(super) fn play(meeting: &Meeting) -> Outcome {
    let (ours, theirs) = match loopback(LIMITS.whole) {
        Ok(both) => both,
        Err(error) => return Outcome::Broken(format!("no call over 127.0.0.1 is possible here: {error}")),
    };
    let (by_caller, by_callee) = (Found::default(), Found::default());
    let versions = vec![meeting.version];
    let callee = Callee {
        identity: meeting.callee.clone(),
        versions: versions.clone(),
        check: check(meeting.callee_looks.as_ref(), &by_callee),
        issuers: Vec::new(),
        answer: ANSWER.to_vec(),
        limits: LIMITS,
    };
    let caller = Call {
        name: name_to_send(&meeting.name),
        versions,
        identity: meeting.caller.clone(),
        check: Some(check(meeting.caller_looks.as_ref(), &by_caller)),
        request: QUESTION.to_vec(),
        limits: LIMITS,
    };
    let met = std::thread::scope(|scope| {
        let starting = Starting::announce();
        let callee = std::thread::Builder::new().spawn_scoped(scope, || {
            starting.begin();
            answer(theirs, &callee)
        });
        let callee = match callee {
            Ok(callee) => callee,
            Err(error) => return Err(format!("no thread can be had: {error}")),
        };
        let caller = call(ours, &caller, &|answer| answer.len() >= ANSWER.len());
        let callee = callee.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok((caller, callee))
    });
    match met {
        Ok((caller, callee)) => outcome(meeting, &caller, &callee, (&by_caller, &by_callee)),
        Err(why) => Outcome::Broken(why),
    }
}

/// Sent for the callee to choose by (RFC 6066 3). What cannot be sent is not: the check compares it all the same.
fn name_to_send(name: &str) -> PeerName {
    match MachineName::parse(name, Underscore::Allowed) {
        Ok(name) if name.ip().is_none() => PeerName::Dns(name.as_str().to_owned()),
        _ => peer_name("127.0.0.1"),
    }
}

fn check(looks: Option<&Looks>, found: &Found) -> Arc<Check> {
    let Some(Looks { trust, wanted }) = looks.cloned() else { return Arc::new(|_: &[Vec<u8>]| Ok(())) };
    let found = Arc::clone(found);
    Arc::new(move |chain: &[Vec<u8>]| {
        let faults = judge(chain, &trust, &wanted);
        let refusal = faults.first().map(refusal);
        drop(found.set(faults));
        refusal.map_or(Ok(()), Err)
    })
}

fn refusal(fault: &Fault) -> Refusal {
    let reason = match fault.cause {
        Cause::Expired => Reason::Expired,
        Cause::NotYetValid => Reason::NotYetValid,
        Cause::UnknownIssuer => Reason::UnknownIssuer,
        Cause::BadSignature => Reason::BadSignature,
        Cause::WrongName => Reason::WrongName,
        Cause::WrongPurpose => Reason::WrongPurpose,
        Cause::Other => Reason::Other,
    };
    Refusal { reason, words: fault.sentence.clone() }
}

/// Taken is only what both ends say was taken, after both have looked.
fn outcome(meeting: &Meeting, caller: &Met, callee: &Met, (by_caller, by_callee): (&Found, &Found)) -> Outcome {
    for (side, found) in [(Side::Caller, by_caller), (Side::Callee, by_callee)] {
        if let Some(faults) = found.get().filter(|faults| !faults.is_empty()) {
            return Outcome::Refused(side, faults.clone());
        }
    }
    if callee.end == End::Failed(Failure::NoCertificate) {
        return Outcome::NoCertificate;
    }
    let looked = |looks: &Option<Looks>, found: &Found| looks.is_none() || found.get().is_some();
    let agreed = [caller, callee].iter().all(|met| met.version == Some(meeting.version) && met.proof == Proof::Given);
    let spoke = caller.end == End::Done(After::Answer(ANSWER.to_vec()))
        && callee.end == End::Done(After::Answer(QUESTION.to_vec()));
    if spoke && agreed && looked(&meeting.caller_looks, by_caller) && looked(&meeting.callee_looks, by_callee) {
        return Outcome::Taken;
    }
    Outcome::Broken(broken(&caller.end, &callee.end))
}

/// An alert says less than what led to it.
fn broken(caller: &End, callee: &End) -> String {
    let failures = [caller, callee].map(|end| match end {
        End::Failed(failure) => Some(failure),
        End::Done(_) => None,
    });
    let telling = |failure: &&&Failure| !matches!(failure, Failure::Alert(..) | Failure::Closed(_) | Failure::Reset(_));
    let all = || failures.iter().flatten();
    all().find(telling).or_else(|| all().next()).map_or_else(|| "the call broke off".to_owned(), |why| words(why))
}

fn words(failure: &Failure) -> String {
    match failure {
        Failure::Alert(number, _) => format!("the handshake ended with the alert {}", alert_name(*number)),
        Failure::Silent { .. } => format!("nothing came for {} s", LIMITS.whole.as_secs()),
        Failure::NoCommonVersion => "the ends have no version of TLS in common".to_owned(),
        Failure::NoCommonCipher(_) => "the keys leave no way to shake hands".to_owned(),
        Failure::Refused(refusal) => refusal.words.clone(),
        Failure::Closed(_) | Failure::Reset(_) => "the connection was cut".to_owned(),
        // In the words of the library: for whoever looks for the fault in qcert.
        other => {
            tracing::debug!(?other, "a handshake failed");
            "the handshake failed, and nothing is known of the cause (`-vv` tells more)".to_owned()
        }
    }
}

//! Whether it works: one word, and one sentence with the reason that weighs most.

use super::super::qrs::Qrs;
use super::super::reach::{self, Target};
use super::super::words::count;
use super::bundle::Bundle;
use super::calls::{Called, Calls, Outcome};
use super::served::Served;
use crate::host::tls::Proof;
use crate::pki::finding::{Finding, Severity};
use crate::pki::report;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Works,
    /// Somebody answered, and something is wrong.
    Fails,
    /// Nothing could be reached or tried, or it cannot be told.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    /// Behind `works:`, `fails:` …
    pub(super) because: String,
    /// What to do, where the reason knows it and no finding says it.
    pub(super) hint: Option<String>,
}

impl Judged {
    fn new(verdict: Verdict, because: impl Into<String>) -> Self {
        Self { verdict, because: because.into(), hint: None }
    }

    fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// Kinds of trouble in which nobody answered, or not to the end.
const NOBODY: [&str; 8] = [
    "unknown_name",
    "look_up_timed_out",
    "refused",
    "timed_out",
    "unreachable",
    "silent",
    "slow",
    // Others may speak what qcert cannot.
    "no_common_cipher",
];

pub(super) fn judge(
    target: &Target,
    bundle: &Bundle,
    calls: &Calls,
    served: Option<&Served>,
    qrs: Option<&Qrs>,
) -> Judged {
    let (Some(served), None) = (served, &calls.trouble) else {
        let Some(trouble) = &calls.trouble else {
            return Judged::new(Verdict::Unknown, format!("`{}` showed no certificate", target.place()));
        };
        let nobody = NOBODY.contains(&trouble.kind);
        let verdict = if nobody { Verdict::Unknown } else { Verdict::Fails };
        return Judged::new(verdict, &trouble.what).with_hint(&trouble.hint);
    };
    let taken = qrs.is_some_and(|qrs| qrs.works() == Some(true));
    of_server(served, calls)
        .or_else(|| of_caller(bundle, calls, taken))
        .or_else(|| of_qrs(served, qrs?))
        .unwrap_or_else(|| of_calls(served, calls, qrs.is_some()))
}

fn of_server(served: &Served, calls: &Calls) -> Option<Judged> {
    if served.verdict == report::Verdict::Faulty {
        let titles: Vec<_> = errors(served.findings.iter()).map(|finding| finding.rule.title).collect();
        return Some(Judged::new(Verdict::Fails, format!("what it shows is faulty: {}", titles.join("; "))));
    }
    match &calls.proof {
        Proof::Doubtful(why) => {
            let because = format!("it did not prove that it has the key of the certificate that it shows: {why}");
            let hint = "something in between may show a certificate that is not its own; see the log of the service";
            Some(Judged::new(Verdict::Fails, because).with_hint(hint))
        }
        Proof::Unchecked => {
            let because = "whether it has the key of the certificate that it shows is not known: qcert's TLS does not \
                           check certificates and keys of this kind";
            let hint = "have the service show an RSA certificate of 2048 bits or more, as Qlik's are";
            Some(Judged::new(Verdict::Unknown, because).with_hint(hint))
        }
        Proof::None | Proof::Given => None,
    }
}

/// `taken`: the service itself has answered to the certificate, which outweighs how other calls ended.
fn of_caller(bundle: &Bundle, calls: &Calls, taken: bool) -> Option<Judged> {
    let own = match &bundle.own {
        Ok(own) => own,
        Err(unusable) => {
            let because = format!("the service answers, but nothing can be shown to it: {}", unusable.what);
            return Some(Judged::new(Verdict::Unknown, because).with_hint(&unusable.hint));
        }
    };
    let titles: Vec<_> = errors(bundle.findings()).map(|finding| finding.rule.title).collect();
    let faults = titles.join("; ");
    let refused = calls.with().find(|row| row.outcome == Outcome::Refused).filter(|_| !taken);
    let Some(row) = refused else {
        return bundle.is_faulty().then(|| Judged::new(Verdict::Fails, format!("the bundle is faulty: {faults}")));
    };
    let why = row.why.clone().unwrap_or_default();
    if bundle.is_faulty() {
        let because = format!("it refuses `{}` ({why}), and the bundle is faulty: {faults}", own.file);
        return Some(Judged::new(Verdict::Fails, because));
    }
    let alike = |other: &Called| other.version == row.version && other.outcome == row.outcome && other.alert.is_none();
    let all = row.alert.is_none() && calls.without().any(alike);
    let hint = match row.alert {
        Some(alert) => reach::of_refusal(alert, true).hint,
        None if all => {
            "a call without a certificate ends alike: either the service refuses both, or it ends every call; see its log"
        }
        None => "mostly the authority that issued it is another than the server trusts: compare the roots",
    };
    Some(Judged::new(Verdict::Fails, format!("it refuses `{}`: {why}", own.file)).with_hint(hint))
}

fn errors<'f>(findings: impl Iterator<Item = &'f Finding>) -> impl Iterator<Item = &'f Finding> {
    findings.filter(|finding| finding.severity == Severity::Error)
}

/// Whoever asks the service itself goes by its answer.
fn of_qrs(served: &Served, qrs: &Qrs) -> Option<Judged> {
    let verdict = match qrs.works() {
        None => Verdict::Unknown,
        Some(false) => Verdict::Fails,
        Some(true) if served.verdict == report::Verdict::Sound => {
            return Some(Judged::new(Verdict::Works, format!("what it shows is sound, and {}", qrs.meaning)));
        }
        Some(true) => return None,
    };
    let judged = Judged::new(verdict, &qrs.meaning);
    Some(Judged { hint: qrs.hint.clone(), ..judged })
}

/// What Qlik's services take, some programs do not.
fn but(served: &Served) -> String {
    let refuses = |one: &&report::ConsumerVerdict| matches!(one.answer, report::Answer::Refuses { .. });
    let names: Vec<_> = served.consumers.iter().filter(refuses).map(|one| one.name).collect();
    match &names[..] {
        [] => String::new(),
        [one] => format!("; but {one} refuses what is here"),
        [first, others @ ..] => format!("; but {first} and {} refuse what is here", count(others.len(), "other")),
    }
}

/// Who refuses by what he answers must be asked.
fn ask(asked: bool) -> Option<String> {
    (!asked).then(|| "`--qrs` sends the Repository Service a request, and tells by the answer".to_owned())
}

fn of_calls(served: &Served, calls: &Calls, asked: bool) -> Judged {
    let any = |outcome| calls.with().any(|row| row.outcome == outcome);
    if served.verdict == report::Verdict::Unjudged {
        return Judged::new(Verdict::Unknown, "what it shows could not be judged");
    }
    if any(Outcome::Taken) {
        let because = format!(
            "it shows a sound certificate, asks for the client's, takes it, and refuses callers without one{}",
            but(served)
        );
        return Judged::new(Verdict::Works, because);
    }
    if any(Outcome::Unknown) {
        let why = calls.with().find(|row| row.outcome == Outcome::Unknown).and_then(|row| row.why.clone());
        let because =
            format!("what it shows is sound; whether it takes ours cannot be told: {}", why.unwrap_or_default());
        return Judged { hint: ask(asked), ..Judged::new(Verdict::Unknown, because) };
    }
    if any(Outcome::NotAsked) {
        let because = "what it shows is sound, but it asks for no client certificate";
        return Judged { hint: ask(asked), ..Judged::new(Verdict::Unknown, because) };
    }
    let why = calls.with().find_map(|row| row.why.clone()).unwrap_or_default();
    Judged::new(Verdict::Unknown, format!("what it shows is sound, but the calls with our certificate fail: {why}"))
}

//! The rehearsal as JSON. Fields are only ever added to; `schema` is raised when one changes its meaning.

use super::super::words::rfc3339;
use super::answer::{Advised, Answer, Verdict};
use super::cast::Forms;
use super::play::Outcome;
use super::story::Try;
use super::text::{refusal_words, why};
use crate::pki::path::Purpose;
use crate::pki::profile::Role;
use crate::pki::rehearsal::looked_at;
use crate::pki::rehearsal::machine::Form;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct JsonAnswer<'a> {
    schema: u32,
    /// `works`, `fails` or `unknown`.
    verdict: &'static str,
    /// For which moment it was played, RFC 3339 in UTC.
    at: String,
    /// The central node first.
    machines: Vec<JsonMachine<'a>>,
    /// Folders that have one server certificate, and so are one machine.
    same_machine: Vec<Vec<&'a str>>,
    steps: Vec<JsonStep<'a>>,
    /// What must be refused, played against the central node; `passed` is refused.
    refusals: Vec<JsonRefusal>,
    /// Every machine calls every other; empty where there is one.
    pairs: Vec<JsonPair<'a>>,
    /// Why pairs failed, each cause once.
    causes: Vec<JsonCause<'a>>,
    /// Not every pair was played, for there are too many.
    pairs_left_out: bool,
    left_out: &'a [String],
    /// What to do about these.
    hints: &'a [String],
    /// What `validate` calls a fault in a folder of which something was left out.
    faults: &'a [Advised],
    remarks: &'a [String],
}

#[derive(Debug, Serialize)]
struct JsonMachine<'a> {
    name: &'a str,
    folder: &'a str,
    /// Why the folder's name does not fit its server certificate; `null` where it fits or is no machine name.
    folder_name: Option<&'a str>,
    roots: Vec<JsonCertificate>,
    server: Vec<JsonCertificate>,
    client: Vec<JsonCertificate>,
}

#[derive(Debug, Serialize)]
struct JsonCertificate {
    file: String,
    title: String,
    sha256: String,
}

#[derive(Debug, Serialize)]
struct JsonStep<'a> {
    number: u8,
    from: &'static str,
    from_machine: &'a str,
    to: &'static str,
    to_machine: &'a str,
    /// Qlik's; a free one was taken.
    port: u16,
    says: &'static str,
    /// Files; `null` where no certificate is shown.
    caller_shows: Option<Vec<&'a str>>,
    callee_shows: Option<Vec<&'a str>>,
    caller_checks: Vec<&'static str>,
    callee_checks: Vec<&'static str>,
    versions: Vec<String>,
    /// `PEM`, `PFX`; `PEM with PFX` where the caller's were PEM and the callee's PFX.
    forms: Vec<String>,
    /// `null` where it could not be played, or is none that shows certificates.
    passed: Option<bool>,
    why: Option<String>,
    /// What to do about the first cause, where that is known.
    fix: Option<String>,
}

#[derive(Debug, Serialize)]
struct JsonRefusal {
    /// `no_certificate`, `client_of_another_site`, `server_of_another_site` or `wrong_name`.
    wrong: &'static str,
    /// `caller` or `callee`.
    refused_by: &'static str,
    what: String,
    versions: Vec<String>,
    forms: Vec<String>,
    passed: Option<bool>,
    /// The same by a clearer name.
    refused: Option<bool>,
    why: Option<String>,
}

#[derive(Debug, Serialize)]
struct JsonPair<'a> {
    from: &'a str,
    to: &'a str,
    passed: Option<bool>,
    why: Option<String>,
}

#[derive(Debug, Serialize)]
struct JsonCause<'a> {
    why: &'a str,
    pairs: usize,
    first: [&'a str; 2],
}

pub(super) fn answer<'a>(answer: &'a Answer<'a>) -> JsonAnswer<'a> {
    let name = |number: usize| answer.actors.get(number).map_or("", |actor| actor.machine.name.as_str());
    let causes = answer.troubles.iter().map(|trouble| {
        let (from, to) = trouble.pairs.first().copied().unwrap_or_default();
        JsonCause { why: &trouble.why, pairs: trouble.pairs.len(), first: [name(from), name(to)] }
    });
    let pairs = answer.matrix.pairs.iter().map(|pair| JsonPair {
        from: name(pair.from),
        to: name(pair.to),
        passed: pair.outcome.as_ref().map(|outcome| *outcome == Outcome::Taken),
        why: pair.outcome.as_ref().and_then(why),
    });
    JsonAnswer {
        schema: 1,
        verdict: match answer.verdict {
            Verdict::Works => "works",
            Verdict::Fails => "fails",
            Verdict::Unknown => "unknown",
        },
        at: rfc3339(answer.at),
        machines: answer.actors.iter().map(machine).collect(),
        same_machine: same_machine(answer),
        steps: steps(answer),
        refusals: answer.refusals.iter().map(|refusal| self::refusal(answer, refusal)).collect(),
        pairs: pairs.collect(),
        causes: causes.collect(),
        pairs_left_out: answer.matrix.some,
        left_out: &answer.left_out,
        hints: &answer.hints,
        faults: &answer.faults,
        remarks: &answer.remarks,
    }
}

fn same_machine<'a>(answer: &Answer<'a>) -> Vec<Vec<&'a str>> {
    let actors = answer.actors;
    let folder = |number: &usize| actors.get(*number).map(|actor| actor.folder.as_str());
    let of_several = answer.machines.iter().filter(|folders| folders.len() > 1);
    of_several.map(|folders| folders.iter().filter_map(folder).collect()).collect()
}

fn machine(actor: &super::cast::Actor) -> JsonMachine<'_> {
    let certificate = |known: &crate::pki::rehearsal::judge::Known| JsonCertificate {
        file: known.file.clone(),
        title: known.certificate.title(),
        sha256: known.certificate.sha256(),
    };
    let mut roots: Vec<_> = Form::ALL.iter().flat_map(|form| actor.machine.roots_of(*form)).map(certificate).collect();
    roots.dedup_by(|one, other| one.file == other.file && one.sha256 == other.sha256);
    let of = |role| actor.machine.of(role).map(|source| certificate(&source.known)).collect();
    JsonMachine {
        name: &actor.machine.name,
        folder: &actor.folder,
        folder_name: actor.folder_name().map(|judged| judged.sentence.as_str()),
        roots,
        server: of(Role::Server),
        client: of(Role::Client),
    }
}

fn steps<'a>(answer: &'a Answer<'a>) -> Vec<JsonStep<'a>> {
    let files = |number: usize, role| -> Vec<&str> {
        let actor = answer.actors.get(number);
        actor.into_iter().flat_map(|actor| actor.machine.of(role)).map(|source| source.known.file.as_str()).collect()
    };
    let name = |number: usize| answer.actors.get(number).map_or("", |actor| actor.machine.name.as_str());
    let checks = |mutual: bool, purpose| {
        let aspects = if mutual { looked_at(purpose) } else { &[] };
        aspects.iter().map(|aspect| aspect.word()).collect()
    };
    let step = |played: &'a super::story::Played| {
        let (call, step) = (played.call, played.call.step);
        let failed = played.tries.iter().find_map(|one| why(&one.outcome));
        JsonStep {
            number: step.number,
            from: step.from.0.word(),
            from_machine: name(call.from),
            to: step.to.0.word(),
            to_machine: name(call.to),
            port: step.port,
            says: step.what,
            caller_shows: step.mutual.then(|| files(call.from, Role::Client)),
            callee_shows: step.mutual.then(|| files(call.to, Role::Server)),
            caller_checks: checks(step.mutual, Purpose::Server),
            callee_checks: checks(step.mutual, Purpose::Client),
            versions: versions(&played.tries),
            forms: forms(&played.tries),
            passed: (!played.tries.is_empty()).then(|| played.passed()),
            fix: played.tries.iter().find_map(|one| super::answer::way_out(answer.actors, &one.outcome)),
            why: if step.mutual { failed } else { Some(super::text::NO_TLS.to_owned()) },
        }
    };
    answer.steps.iter().map(step).collect()
}

fn refusal(answer: &Answer<'_>, refusal: &super::story::Refusal) -> JsonRefusal {
    let refused = (!refusal.tries.is_empty()).then(|| refusal.passed());
    JsonRefusal {
        wrong: refusal.wrong.word(),
        refused_by: if refusal.wrong.is_for_callee() { "callee" } else { "caller" },
        what: refusal_words(answer, refusal.wrong),
        versions: versions(&refusal.tries),
        forms: forms(&refusal.tries),
        passed: refused,
        refused,
        why: refusal.tries.first().and_then(|one| why(&one.outcome)),
    }
}

fn versions(tries: &[Try]) -> Vec<String> {
    let mut versions: Vec<_> = tries.iter().map(|one| one.version).collect();
    versions.sort_unstable();
    versions.dedup();
    versions.iter().map(ToString::to_string).collect()
}

fn forms(tries: &[Try]) -> Vec<String> {
    let mut forms: Vec<Forms> = tries.iter().map(|one| one.forms).collect();
    forms.sort_unstable();
    forms.dedup();
    forms.into_iter().map(Forms::words).collect()
}

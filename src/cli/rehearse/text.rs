//! The rehearsal as a page for a person: what the three certificates are for, each step, and what was refused.

mod machines;

use super::super::output::{escape, paint};
use super::super::words::count;
use super::answer::{Advised, Answer, Verdict, is_failure};
use super::cast::Forms;
use super::play::{Outcome, Side};
use super::story::{Played, Refusal, Try, WRONG_NAME};
use crate::host::tls::Version;
use crate::pki::certificate::Certificate;
use crate::pki::path::Purpose;
use crate::pki::profile::{CLIENT_NAME, Role};
use crate::pki::rehearsal::machine::Form;
use crate::pki::rehearsal::{Wrong, looked_at};
use anstyle::{AnsiColor, Style};
use std::fmt::Write as _;

pub(super) const NO_TLS: &str = "no certificate is shown here, unless TLS was set up for the database: nothing to play";

pub(super) fn text(answer: &Answer<'_>) -> String {
    let mut text = String::new();
    headline(&mut text, answer);
    for sentence in &answer.left_out {
        _ = writeln!(text, "{} {}", paint(UNKNOWN, "left out"), escape(sentence));
    }
    for hint in &answer.hints {
        fix(&mut text, 9, hint);
    }
    for Advised { sentence, fix: way_out } in &answer.faults {
        _ = writeln!(text, "{}    {}", paint(BAD, "fault"), escape(sentence));
        fix(&mut text, 9, way_out);
    }
    for sentence in &answer.remarks {
        _ = writeln!(text, "{}     {}", paint(AnsiColor::Cyan.on_default(), "note"), escape(sentence));
    }
    cast(&mut text, answer);
    steps(&mut text, answer);
    refusals(&mut text, answer);
    machines::pairs(&mut text, answer);
    closing(&mut text, answer);
    text.truncate(text.trim_end().len());
    text
}

fn fix(text: &mut String, indent: usize, sentence: &str) {
    _ = writeln!(text, "{:indent$}fix: {}", "", escape(sentence));
}

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const UNKNOWN: Style = AnsiColor::Magenta.on_default().bold();

fn headline(text: &mut String, answer: &Answer<'_>) {
    let (word, style) = match answer.verdict {
        Verdict::Works => ("works", GOOD.bold()),
        Verdict::Fails => ("fails", BAD),
        Verdict::Unknown => ("not known, for not everything could be played", UNKNOWN),
    };
    let central = answer.actors.first().map_or("", |actor| actor.machine.name.as_str());
    let counted = |number: usize, word| count(i64::try_from(number).unwrap_or(i64::MAX), word);
    let others = match answer.machines.len().saturating_sub(1) {
        0 => String::new(),
        others => format!(" and {}", counted(others, "other machine")),
    };
    let folders = if answer.machines.len() < answer.actors.len() {
        format!(", in {}", counted(answer.actors.len(), "folder"))
    } else {
        String::new()
    };
    // Writing to a String cannot fail.
    _ = writeln!(text, "a scheduled reload on `{}`{others}{folders}: {}", escape(central), paint(style, word));
}

/// What each of the three is for: the answer to the oldest question about them.
fn cast(text: &mut String, answer: &Answer<'_>) {
    let Some(central) = answer.actors.first().map(|actor| &actor.machine) else { return };
    let root = central.roots_of(Form::Pem).first();
    let of = |role| central.of(role).next().map(|source| &source.known);
    let rows = [
        (
            "root",
            root,
            ["every machine has it, to check the two others by: it signed them. Nobody shows it"].as_slice(),
        ),
        (
            "server",
            of(Role::Server),
            ["whoever is called shows it: \"I am the machine that you called\". One for each machine"].as_slice(),
        ),
        (
            "client",
            of(Role::Client),
            &[
                "whoever calls shows it: \"I am a service of this site, or a tool of its administrators\"",
                "Without it no service can call another. Whoever has its key can call each of them, as any user",
            ],
        ),
    ];
    _ = writeln!(text, "\nthe three certificates");
    for (word, known, lines) in rows {
        let called = known.map_or_else(|| "is not here".to_owned(), |known| subject(&known.certificate));
        _ = writeln!(text, "  {word:7} {}", paint(Style::new().bold(), &escape(&called)));
        for line in lines {
            _ = writeln!(text, "          {line}");
        }
    }
}

fn subject(certificate: &Certificate) -> String {
    certificate.common_name().map_or_else(|| certificate.subject_text(), |name| format!("CN={name}"))
}

fn steps(text: &mut String, answer: &Answer<'_>) {
    _ = writeln!(text, "\nthe steps, played over 127.0.0.1 (the ports are Qlik's; here any free one was taken)");
    let mut causes = Vec::new();
    for step in answer.steps.chunk_by(|one, other| one.call.step.number == other.call.step.number) {
        one_step(text, answer, step, &mut causes);
    }
}

fn one_step(text: &mut String, answer: &Answer<'_>, calls: &[Played], causes: &mut Vec<(String, u8)>) {
    let Some(Played { call, .. }) = calls.first() else { return };
    let step = call.step;
    let (from, to) = (step.from.0.word(), step.to.0.word());
    let passed = calls.iter().all(Played::passed);
    let word = match passed {
        _ if !step.mutual => "-     ".to_owned(),
        true => paint(GOOD, "passed"),
        false if calls.iter().flat_map(|call| &call.tries).any(|one| is_failure(&one.outcome)) => paint(BAD, "FAILED"),
        false => paint(UNKNOWN, "?     "),
    };
    let place = machines::of_calls(answer, calls);
    _ = writeln!(
        text,
        "  {}  {word}  {from} -> {to}, port {}{}: \"{}\"",
        step.number,
        step.port,
        escape(&place),
        step.what
    );
    if !step.mutual {
        _ = writeln!(text, "             {NO_TLS}");
        return;
    }
    let name = answer.actors.get(call.to).map_or("", |actor| actor.machine.name.as_str());
    let name = if calls.len() > 1 && step.to.1 == crate::pki::rehearsal::Place::Each {
        "its machine's certificate"
    } else {
        name
    };
    let looked = |purpose| looked_at(purpose).iter().map(|aspect| aspect.word()).collect::<Vec<_>>().join(", ");
    let client = answer.actors.get(call.from).and_then(|actor| actor.machine.of(Role::Client).next());
    let client = client.map_or(CLIENT_NAME.to_owned(), |source| source.known.certificate.title());
    _ = writeln!(
        text,
        "             the {from} shows {}; the {to} checks {}",
        escape(&client),
        looked(Purpose::Client)
    );
    _ = writeln!(text, "             the {to} shows {}; the {from} checks {}", escape(name), looked(Purpose::Server));
    for machines::Cause { by, why, of, fix: way_out } in machines::failures(answer, calls) {
        let by = match by {
            Some((Side::Caller, verb)) => format!("the {from} {verb}: "),
            Some((Side::Callee, verb)) => format!("the {to} {verb}: "),
            None => String::new(),
        };
        let earlier = causes.iter().find(|(known, _)| *known == why).map(|(_, number)| *number);
        let way_out = way_out.filter(|_| earlier.is_none());
        let sentence = if let Some(number) = earlier {
            format!("as in step {number}")
        } else {
            causes.push((why.clone(), step.number));
            why
        };
        _ = writeln!(text, "             {by}{}{}", escape(&sentence), escape(&of));
        if let Some(way_out) = way_out {
            fix(text, 13, &way_out);
        }
    }
}

fn refusals(text: &mut String, answer: &Answer<'_>) {
    _ = writeln!(text, "\nwhat must be refused, at the Repository's port 4242");
    for refusal in &answer.refusals {
        let passes = refusal.tries.iter().any(|one| one.outcome == Outcome::Taken);
        let (word, style) = match refusal.passed() {
            true => ("refused", GOOD),
            false if passes => ("TAKEN", BAD),
            false => ("?", UNKNOWN),
        };
        _ = writeln!(text, "  {}  {}", paint(style, &format!("{word:7}")), refusal_words(answer, refusal.wrong));
        let by = if refusal.wrong.is_for_callee() { "the Repository" } else { "the caller" };
        _ = writeln!(text, "           {}", escape(&outcome_of(refusal, by)));
    }
}

fn outcome_of(refusal: &Refusal, by: &str) -> String {
    let strange = refusal.tries.iter().find(|one| !super::story::is_refused(refusal.wrong, &one.outcome));
    match strange.or(refusal.tries.first()) {
        None => "it could not be played".to_owned(),
        Some(Try { outcome: Outcome::NotShown(_), .. }) => "it could not be played: see the steps".to_owned(),
        Some(one) if one.outcome == Outcome::Taken => format!("{by} takes it, and must not: this is no protection"),
        Some(one) => {
            let why = why(&one.outcome).unwrap_or_default();
            if strange.is_some() { format!("it could not be played: {why}") } else { format!("{by} says: {why}") }
        }
    }
}

pub(super) fn refusal_words(answer: &Answer<'_>, wrong: Wrong) -> String {
    let root = if answer.same_name { "whose root has the same name and another key" } else { "with a root of its own" };
    match wrong {
        Wrong::NoCertificate => "a caller that shows no certificate".to_owned(),
        Wrong::ClientOfAnotherSite => format!("a caller that shows QlikClient of another site, {root}"),
        Wrong::ServerOfAnotherSite => format!("a machine that shows the server certificate of another site, {root}"),
        Wrong::Name => format!("the right machine, called by a wrong name (`{WRONG_NAME}`)"),
    }
}

/// Why it is not taken.
pub(super) fn why(outcome: &Outcome) -> Option<String> {
    Some(match outcome {
        Outcome::Taken => return None,
        Outcome::Refused(_, faults) => {
            faults.iter().map(|fault| fault.sentence.as_str()).collect::<Vec<_>>().join("; ")
        }
        Outcome::NoCertificate => "no certificate was shown".to_owned(),
        Outcome::NotShown(why) | Outcome::Broken(why) => why.clone(),
    })
}

fn closing(text: &mut String, answer: &Answer<'_>) {
    let mut forms: Vec<Forms> = answer.tries().map(|one: &Try| one.forms).collect();
    forms.sort_unstable();
    forms.dedup();
    let made = answer.handshakes();
    if made == 0 {
        return;
    }
    let versions = Version::ALL.map(|version| version.to_string()).join(" and ");
    let from: Vec<_> = forms
        .iter()
        .map(|forms| match forms {
            Forms { caller, callee } if caller == callee => format!("the {} files", caller.word()),
            mixed => format!("a {}", mixed.words()),
        })
        .collect();
    let alike = answer.steps.iter().all(|step| step.tries.windows(2).all(|two| same(&two[0].outcome, &two[1].outcome)));
    let agree = if alike { "all agree" } else { "they do not agree" };
    _ = writeln!(
        text,
        "\neach step was played with {versions}, from {}: {agree}; {} in all",
        from.join(" and from "),
        count(i64::try_from(made).unwrap_or(i64::MAX), "handshake")
    );
    if let [one] = &forms[..] {
        let other = if one.caller == Form::Pem { "PFX" } else { "PEM" };
        _ = writeln!(text, "there are no {other} files to play");
    }
    _ = writeln!(
        text,
        "checked as Windows checks; Node.js, Go, Python are stricter: `qcert validate {}`",
        machines::first_folder(answer)
    );
}

fn same(one: &Outcome, other: &Outcome) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

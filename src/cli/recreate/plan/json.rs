//! The plan as data. Fields are only ever added.

use crate::pki::plan::{Action, Phase, Plan, Sentence, Step};
use serde::Serialize;

/// Raised when a field changes its meaning; additions leave it.
const SCHEMA: u32 = 1;

#[derive(Debug, Serialize)]
pub(super) struct Answer<'a> {
    schema: u32,
    title: String,
    known: Vec<Known<'a>>,
    blanks: Vec<Blank<'a>>,
    cautions: Vec<String>,
    breaks: Vec<String>,
    spared: String,
    steps: Vec<OneStep<'a>>,
}

#[derive(Debug, Serialize)]
struct Known<'a> {
    what: &'a str,
    value: String,
}

#[derive(Debug, Serialize)]
struct Blank<'a> {
    blank: &'a str,
    found: String,
}

#[derive(Debug, Serialize)]
struct OneStep<'a> {
    number: usize,
    name: &'a str,
    phase: &'a str,
    title: String,
    r#where: String,
    actions: Vec<OneAction<'a>>,
    checks: Vec<String>,
    troubles: Vec<Trouble>,
}

/// One of these.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum OneAction<'a> {
    Do(String),
    Point(String),
    Powershell(&'a str),
}

#[derive(Debug, Serialize)]
struct Trouble {
    sign: String,
    way_out: String,
}

pub(super) fn answer(plan: &Plan) -> Answer<'_> {
    Answer {
        schema: SCHEMA,
        title: plan.title.text(),
        known: plan.known.iter().map(|(what, value)| Known { what: what.trim(), value: value.text() }).collect(),
        blanks: plan.blanks.iter().map(|one| Blank { blank: one.text, found: one.found.text() }).collect(),
        cautions: texts(&plan.cautions),
        breaks: texts(&plan.breaks),
        spared: plan.spared.text(),
        steps: plan.steps.iter().enumerate().map(|(at, step)| one(at + 1, step)).collect(),
    }
}

fn one(number: usize, step: &Step) -> OneStep<'_> {
    OneStep {
        number,
        name: step.name,
        phase: Phase::word(step.phase),
        title: step.title.text(),
        r#where: step.place.text(),
        actions: step.actions.iter().map(action).collect(),
        checks: texts(&step.checks),
        troubles: step
            .troubles
            .iter()
            .map(|one| Trouble { sign: one.sign.text(), way_out: one.way_out.text() })
            .collect(),
    }
}

fn action(action: &Action) -> OneAction<'_> {
    match action {
        Action::Do(sentence) => OneAction::Do(sentence.text()),
        Action::Point(sentence) => OneAction::Point(sentence.text()),
        Action::Paste(command) => OneAction::Powershell(command),
    }
}

fn texts(sentences: &[Sentence]) -> Vec<String> {
    sentences.iter().map(Sentence::text).collect()
}

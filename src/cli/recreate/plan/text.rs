//! The plan for a terminal: numbered steps, at most 100 columns; commands are kept in one piece, to be pasted.

use super::super::super::layout::Page;
use super::super::super::output::escape;
use crate::pki::plan::{Action, Phase, Plan, Sentence, Step};

pub(super) fn page(plan: &Plan) -> String {
    let mut page = Page::default();
    page.wrapped("", &said(&plan.title));
    page.wrapped("  ", "nothing was touched: these are steps for you to take, in this order, each with its check");
    page.wrapped("  ", "folders are the usual ones: C:\\Program Files\\Qlik\\Sense and %ProgramData%\\Qlik\\Sense");
    if !plan.known.is_empty() {
        section(&mut page, "known");
    }
    let known: Vec<_> = plan.known.iter().map(|(label, value)| (*label, said(value))).collect();
    page.pairs(&known.iter().map(|(label, value)| (*label, value.as_str())).collect::<Vec<_>>());
    section(&mut page, "to be filled in by hand, wherever it stands in a command");
    let blanks: Vec<_> = plan.blanks.iter().map(|blank| (blank.text, said(&blank.found))).collect();
    page.pairs(&blanks.iter().map(|(blank, found)| (*blank, found.as_str())).collect::<Vec<_>>());
    points(&mut page, "take care", &plan.cautions);
    points(&mut page, "what breaks with a new root", &plan.breaks);
    points(&mut page, "what does not", std::slice::from_ref(&plan.spared));
    for phase in Phase::ALL {
        section(&mut page, phase.heading());
        for (at, step) in plan.steps.iter().enumerate().filter(|(_, step)| step.phase == phase) {
            page.gap();
            one(&mut page, at + 1, step);
        }
    }
    page.finish()
}

fn one(page: &mut Page, number: usize, step: &Step) {
    page.wrapped(&format!("{number:2}. "), &said(&step.title));
    page.wrapped("    where  ", &said(&step.place));
    for action in &step.actions {
        match action {
            Action::Do(sentence) => page.wrapped("    do     ", &said(sentence)),
            Action::Point(sentence) => page.wrapped("           - ", &said(sentence)),
            Action::Paste(command) => {
                page.gap();
                command.lines().for_each(|line| page.line(&format!("    {}", escape(line))));
                page.gap();
            }
        }
    }
    for check in &step.checks {
        page.wrapped("    check  ", &said(check));
    }
    for trouble in &step.troubles {
        page.wrapped("    if     ", &format!("{}: {}", said(&trouble.sign), said(&trouble.way_out)));
    }
}

fn points(page: &mut Page, heading: &str, sentences: &[Sentence]) {
    if !sentences.is_empty() {
        section(page, heading);
        let said: Vec<String> = sentences.iter().map(said).collect();
        page.points(said.iter().map(String::as_str));
    }
}

fn section(page: &mut Page, heading: &str) {
    page.gap();
    page.line(heading);
}

fn said(sentence: &Sentence) -> String {
    escape(&sentence.text())
}

//! The plan as Markdown, for GitHub, a wiki or a ticket (CommonMark, and GitHub's task lists).
//!
//! Our words and the names of the site come apart: words are escaped, names stand in code spans that they cannot end,
//! commands in fences that they cannot end.

use super::super::super::output::escape;
use crate::pki::plan::{Action, Phase, Piece, Plan, Sentence, Step};

pub(super) fn page(plan: &Plan) -> String {
    let mut lines = vec![
        format!("# {}", said(&plan.title)),
        String::new(),
        "Nothing was touched: these are steps for you to take, in this order, each with its check. Folders are \
         the usual ones: `C:\\Program Files\\Qlik\\Sense` and `%ProgramData%\\Qlik\\Sense`."
            .to_owned(),
    ];
    if !plan.known.is_empty() {
        section(&mut lines, 2, "Known");
    }
    lines.extend(plan.known.iter().map(|(label, value)| format!("- {}: {}", words(label.trim()), said(value))));
    section(&mut lines, 2, "To be filled in by hand, wherever it stands in a command");
    lines.extend(plan.blanks.iter().map(|blank| format!("- {}: {}", code(blank.text), said(&blank.found))));
    if !plan.cautions.is_empty() {
        section(&mut lines, 2, "Take care");
        lines.extend(plan.cautions.iter().map(|caution| format!("- {}", said(caution))));
    }
    section(&mut lines, 2, "What breaks with a new root");
    lines.extend(plan.breaks.iter().map(|one| format!("- {}", said(one))));
    section(&mut lines, 2, "What does not");
    lines.push(format!("- {}", said(&plan.spared)));
    for phase in Phase::ALL {
        section(&mut lines, 2, &capital(phase.heading()));
        for (at, step) in plan.steps.iter().enumerate().filter(|(_, step)| step.phase == phase) {
            one(&mut lines, at + 1, step);
        }
    }
    // Each part brings the empty lines around it.
    lines.dedup_by(|line, before| line.is_empty() && before.is_empty());
    lines.join("\n")
}

fn one(lines: &mut Vec<String>, number: usize, step: &Step) {
    section(lines, 3, &format!("{number}. {}", said(&step.title)));
    lines.push(format!("Where: {}", said(&step.place)));
    lines.push(String::new());
    for action in &step.actions {
        match action {
            Action::Do(sentence) => lines.push(format!("- {}", said(sentence))),
            Action::Point(sentence) => lines.push(format!("  - {}", said(sentence))),
            Action::Paste(command) => fenced(lines, command),
        }
    }
    lines.extend([String::new(), "Check:".to_owned(), String::new()]);
    lines.extend(step.checks.iter().map(|check| format!("- [ ] {}", said(check))));
    if !step.troubles.is_empty() {
        lines.extend([String::new(), "If something is wrong:".to_owned(), String::new()]);
        let trouble = step.troubles.iter().map(|one| format!("- {}: {}", said(&one.sign), said(&one.way_out)));
        lines.extend(trouble);
    }
}

fn section(lines: &mut Vec<String>, level: usize, heading: &str) {
    lines.extend([String::new(), format!("{} {heading}", "#".repeat(level)), String::new()]);
}

/// In a fence longer than any row of backticks in it (CommonMark 4.5), inside the list item before it.
fn fenced(lines: &mut Vec<String>, command: &str) {
    let fence = "`".repeat(longest_row(command).max(2) + 1);
    lines.extend([String::new(), format!("  {fence}powershell")]);
    lines.extend(command.lines().map(|line| format!("  {}", escape(line))));
    lines.extend([format!("  {fence}"), String::new()]);
}

fn said(sentence: &Sentence) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Words(text) => words(text),
        Piece::Literal(literal) => code(literal),
    };
    sentence.pieces().iter().map(piece).collect()
}

/// What Markdown or HTML might take for a sign is escaped (CommonMark 2.4).
fn words(text: &str) -> String {
    let sign = |character: char| "\\`*_{}[]<>#|~&!".contains(character);
    escape(text).chars().flat_map(|character| sign(character).then_some('\\').into_iter().chain([character])).collect()
}

/// A code span that its content cannot end (CommonMark 6.1). Nothing in it is escaped, so it says what it holds.
fn code(literal: &str) -> String {
    let visible = escape(literal);
    let ticks = "`".repeat(longest_row(&visible) + 1);
    // One blank at each end is taken off again; without it a backtick there would join the fence.
    let edge = visible.starts_with(['`', ' ']) || visible.ends_with(['`', ' ']) || visible.is_empty();
    let space = if edge { " " } else { "" };
    format!("{ticks}{space}{visible}{space}{ticks}")
}

fn longest_row(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_code_span_but_its_end() {
        let cases = [
            ("host.domain", "`host.domain`"),
            ("a`b", "``a`b``"),
            ("`", "`` ` ``"),
            ("``x", "``` ``x ```"),
            ("<img src=x> | **b**", "`<img src=x> | **b**`"),
            ("a\nb", "`a\\u{a}b`"),
            (" ", "`   `"),
        ];
        for (literal, span) in cases {
            assert_eq!(code(literal), span);
        }
    }

    #[test]
    fn words_are_no_markup() {
        assert_eq!(words("a *b* <c> [d](e) `f`"), "a \\*b\\* \\<c\\> \\[d\\](e) \\`f\\`");
    }

    #[test]
    fn nothing_ends_a_fence_but_its_end() {
        let mut lines = Vec::new();
        fenced(&mut lines, "a ```` b");
        assert_eq!(lines, ["", "  `````powershell", "  a ```` b", "  `````", ""]);
    }
}

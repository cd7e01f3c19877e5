//! What there is to say where several machines play: which of them, and which pairs fail, causes once.

use super::super::super::output::escape;
use super::super::answer::{Answer, is_failure, way_out};
use super::super::matrix::Trouble;
use super::super::play::{Outcome, Side};
use super::super::story::{Played, Try};
use super::{BAD, GOOD, UNKNOWN, paint, why};
use std::fmt::Write as _;

/// So many names stand in a row.
const MOST_NAMED: usize = 3;
/// Up to so many machines the matrix is shown.
const MOST_SHOWN: usize = 12;

fn name<'a>(answer: &Answer<'a>, number: usize) -> &'a str {
    answer.actors.get(number).map_or("", |actor| actor.shown.as_str())
}

pub(super) fn first_folder(answer: &Answer<'_>) -> String {
    let folder = answer.actors.first().map_or("", |actor| actor.folder.as_str());
    escape(&if folder.contains(' ') { format!("'{folder}'") } else { folder.to_owned() })
}

/// ` (all 3 machines)`, ` (a -> b)`; nothing where there is one machine.
pub(super) fn of_calls(answer: &Answer<'_>, calls: &[Played]) -> String {
    match calls {
        _ if !answer.has_several() => String::new(),
        [one] => format!(" ({} -> {})", name(answer, one.call.from), name(answer, one.call.to)),
        many if answer.machines.len() < answer.actors.len() => format!(" (each of {} folders)", many.len()),
        many => format!(" (each of {} machines)", many.len()),
    }
}

/// Why calls of a step fail.
#[derive(Debug)]
pub(super) struct Cause {
    /// Who says so, and the verb for it.
    pub(super) by: Option<(Side, &'static str)>,
    pub(super) why: String,
    /// Of which calls it holds, where it is not all.
    pub(super) of: String,
    /// What to do, where that is known.
    pub(super) fix: Option<String>,
}

/// Each cause once.
pub(super) fn failures(answer: &Answer<'_>, calls: &[Played]) -> Vec<Cause> {
    let mut found: Vec<(String, Vec<(&Played, &Try)>)> = Vec::new();
    for call in calls {
        if call.tries.is_empty() && found.is_empty() {
            found.push(("it could not be played: see what was left out".to_owned(), Vec::new()));
        }
        for one in &call.tries {
            let Some(why) = why(&one.outcome) else { continue };
            match found.iter_mut().find(|(known, _)| *known == why) {
                Some((_, tries)) => tries.push((call, one)),
                None => found.push((why, vec![(call, one)])),
            }
        }
    }
    let whole: usize = calls.iter().map(|call| call.tries.len()).sum();
    let told = found.into_iter().map(|(why, tries)| {
        let mut who: Vec<String> = Vec::new();
        if calls.len() > 1 && !tries.is_empty() {
            who.extend(of_machines(answer, &tries));
        } else if tries.len() < whole {
            who.extend(of_ways(&tries));
        }
        let of = if who.is_empty() { String::new() } else { format!(" ({})", who.join(", ")) };
        Cause {
            by: tries.first().and_then(|(_, one)| says(&one.outcome)),
            fix: tries.first().and_then(|(_, one)| way_out(answer.actors, &one.outcome)),
            why,
            of,
        }
    });
    told.collect()
}

fn says(outcome: &Outcome) -> Option<(Side, &'static str)> {
    match outcome {
        Outcome::Refused(side, _) if is_failure(outcome) => Some((*side, "refuses it")),
        Outcome::Refused(side, _) => Some((*side, "cannot judge it")),
        _ => None,
    }
}

fn of_machines(answer: &Answer<'_>, tries: &[(&Played, &Try)]) -> Vec<String> {
    let mut pairs: Vec<_> = tries.iter().map(|(call, _)| (call.call.from, call.call.to)).collect();
    pairs.dedup();
    some(answer, &pairs)
}

/// With which versions and files, where others passed.
fn of_ways(tries: &[(&Played, &Try)]) -> Vec<String> {
    tries.iter().map(|(_, one)| format!("{}, {} files", one.version, one.forms.words())).collect()
}

fn some(answer: &Answer<'_>, pairs: &[(usize, usize)]) -> Vec<String> {
    let shown = pairs.iter().take(MOST_NAMED);
    let mut named: Vec<_> =
        shown.map(|(from, to)| format!("{} -> {}", name(answer, *from), name(answer, *to))).collect();
    if let Some(more) = pairs.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
        named.push(format!("{more} more"));
    }
    named
}

pub(super) fn pairs(text: &mut String, answer: &Answer<'_>) {
    if !answer.has_several() {
        return;
    }
    let matrix = &answer.matrix;
    let versions = matrix.versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
    let which = if matrix.some {
        "each machine calls the central node, itself and the next one, and the central node calls each"
    } else {
        "every machine calls every machine"
    };
    _ = writeln!(text, "\n{which} ({versions})");
    let (passed, all) = (matrix.pairs.iter().filter(|pair| pair.passed()).count(), matrix.pairs.len());
    if matrix.some {
        let count = answer.actors.len();
        _ = writeln!(text, "  of {} pairs {all} were played: more would take long", count * count);
    }
    if answer.actors.len() <= MOST_SHOWN {
        table(text, answer);
    }
    let style = if passed == all { GOOD } else { BAD };
    _ = writeln!(text, "  {}", paint(style, &format!("{passed} of {all} pairs passed")));
    for Trouble { why, pairs } in &answer.troubles {
        _ = writeln!(text, "  {}  {}", paint(BAD, "FAILED"), escape(why));
        _ = writeln!(text, "          {}", escape(&some(answer, pairs).join(", ")));
    }
}

/// The row calls, the column is called.
fn table(text: &mut String, answer: &Answer<'_>) {
    let count = answer.actors.len();
    let width = answer.actors.iter().map(|actor| escape(&actor.shown).chars().count()).max().unwrap_or(0);
    let columns: Vec<_> = (1..=count).map(|number| format!("{number:>4}")).collect();
    _ = writeln!(text, "  {:>2} {:width$} {}   is called", "", "calls", columns.concat());
    for from in 0..count {
        let cells: String = (0..count)
            .map(|to| {
                let pair = answer.matrix.pairs.iter().find(|pair| (pair.from, pair.to) == (from, to));
                match pair.map(|pair| pair.outcome.as_ref()) {
                    Some(Some(Outcome::Taken)) => paint(GOOD, "  ok"),
                    Some(Some(_)) => paint(BAD, "  NO"),
                    _ => paint(UNKNOWN, "   ?"),
                }
            })
            .collect();
        _ = writeln!(text, "  {:>2} {:width$} {cells}", from + 1, escape(name(answer, from)));
    }
}

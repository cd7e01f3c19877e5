//! `--expiring DAYS`: what is in its place and ends soon, for monitoring. Its exit code is the answer.
//!
//! What is superseded or revoked is not missed by anybody when it ends. What is only perhaps in its place counts.

use super::issued::{Issued, Item};
use super::json;
use super::moments::{push_day, time_of};
use super::state::State;
use crate::cli::output::{Output, escape};
use crate::cli::words::{count, day, relative};
use crate::cli::{Clock, Exit};
use crate::host::ledger::LedgerRole;
use anstyle::{AnsiColor, Style};
use std::cmp::Reverse;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use time::Duration;

/// Octets that are written at once.
const AT_ONCE: usize = 1 << 16;

/// Whether somebody relies on it, as far as the ledger knows. A root signed by the one before it is there to end.
pub(super) fn is_in_place(item: &Item) -> bool {
    item.role != LedgerRole::Cross && item.superseded_at.is_none() && item.state != State::Revoked
}

pub(super) fn answer(issued: &Issued, days: u32, home: &Path, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    let in_place = || issued.items.iter().filter(|item| is_in_place(item));
    let ending = ending(issued, days, clock);
    if output.is_json() {
        output.answer_json_in_rows(&json::Answer::new(home, issued, &ending, json::Telling::End).within_days(days))?;
    } else if ending.is_empty() {
        let next = in_place().map(|item| issued.end(item)).min();
        output.answer(&nothing_ends(days, in_place().count(), next, clock))?;
    } else {
        output.answer_in_parts(|out| {
            let mut out = io::BufWriter::with_capacity(AT_ONCE, out);
            page(issued, &ending, clock, &mut out)?;
            out.write_all(closing(issued, &ending, in_place().count(), days, clock).as_bytes())?;
            out.flush()
        })?;
    }
    Ok(if ending.is_empty() { Exit::Done } else { Exit::No })
}

/// The root first of all, then by their ends.
pub(super) fn ending(issued: &Issued, days: u32, clock: Clock) -> Vec<&Item> {
    let horizon = clock.now.saturating_add(Duration::days(i64::from(days))).unix_timestamp();
    let mut ending: Vec<&Item> =
        issued.items.iter().filter(|item| is_in_place(item) && issued.end(item) < horizon).collect();
    ending.sort_by_key(|item| (Reverse(item.role == LedgerRole::Root), issued.end(item)));
    ending
}

fn nothing_ends(days: u32, in_place: usize, next: Option<i64>, clock: Clock) -> String {
    let Some(next) = next.map(time_of) else { return "no certificate is in its place".to_owned() };
    format!(
        "none of {} in place ends within {}; the next on {}, {}",
        count(in_place, "certificate"),
        count(days, "day"),
        day(next, clock.offset),
        relative(clock.now, next)
    )
}

pub(super) fn page(issued: &Issued, ending: &[&Item], clock: Clock, out: &mut dyn io::Write) -> io::Result<()> {
    let name = |item: &Item| escape(issued.text(item.bundle.machine));
    let width = ending.iter().map(|item| name(item).chars().count()).max().unwrap_or_default().min(WIDEST_NAME);
    let styled = Output::shows_color();
    let mut line = String::new();
    for item in ending {
        line.clear();
        let end = issued.end(item);
        push_day(&mut line, end, clock.offset);
        let when = relative(clock.now, time_of(end));
        let color = if end < clock.now.unix_timestamp() { AnsiColor::Red } else { AnsiColor::Yellow };
        let style = if styled { color.on_default() } else { Style::new() };
        // Writing to a String cannot fail.
        _ = write!(line, "  {style}{when:20}{style:#}  {:6}  {:width$}  ", item.role.word(), name(item));
        line.push_str(&escape(issued.text(item.bundle.place)));
        if !item.written {
            line.push_str("  unconfirmed");
        }
        if !issued.is_under_present_root(item) {
            line.push_str("  under a replaced root");
        }
        line.push('\n');
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

/// Wider ones move what is behind them, in their own line alone.
const WIDEST_NAME: usize = 40;

/// How many, and the way out.
pub(super) fn closing(issued: &Issued, ending: &[&Item], in_place: usize, days: u32, clock: Clock) -> String {
    let expired = ending.iter().filter(|item| issued.end(item) < clock.now.unix_timestamp()).count();
    let expired = if expired > 0 { format!(", {expired} of them over already") } else { String::new() };
    let way_out = if ending.iter().any(|item| item.role == LedgerRole::Root) {
        "the root ends, and all with it: `qcert recreate` makes a new one".to_owned()
    } else {
        format!("`qcert renew --days {days}` makes them anew")
    };
    let end = if ending.len() == 1 { "ends" } else { "end" };
    format!("{} of {in_place} in place {end} within {}{expired}; {way_out}\n", ending.len(), count(days, "day"))
}

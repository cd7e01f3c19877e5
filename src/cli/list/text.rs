//! The table for a person: a line for each place, and one below it for each certificate that was written there.
//!
//! 100 columns hold it, but for long paths, which stand alone in their line so that nothing behind them moves.

use super::issued::{Issued, Item, KnownRoot, Text};
use super::moments::{push_day, time_of};
use super::order::{Group, Section, sections};
use super::state::State;
use crate::cli::Clock;
use crate::cli::output::{Output, escape, paint};
use crate::cli::words::{count, list, relative};
use crate::pki::profile::CLIENT_NAME;
use anstyle::{AnsiColor, Style};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::io;

/// What the table is to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Everything,
    /// No roles, for there is one; how long each will still be accepted.
    LiveClients,
}

/// Octets that are written at once.
const AT_ONCE: usize = 1 << 16;

pub(super) fn table(issued: &Issued, table: Table, clock: Clock, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page {
        issued,
        table,
        clock,
        state_width: state_width(&issued.items),
        styled: Output::shows_color(),
        text: String::with_capacity(2 * AT_ONCE),
    };
    page.headings();
    for section in sections(issued) {
        page.begin(&section);
        for group in &section.groups {
            page.group(group);
            if page.text.len() > AT_ONCE {
                out.write_all(page.text.as_bytes())?;
                page.text.clear();
            }
        }
    }
    out.write_all(page.text.as_bytes())
}

/// Superseded and revoked ones tell since when.
const SINCE: &str = " 2026-11-22";

fn state_width(items: &[Item]) -> usize {
    let width = |item: &Item| match item.state {
        State::Live | State::Expired => item.state.word().len(),
        State::Superseded | State::Revoked => item.state.word().len() + SINCE.len(),
    };
    items.iter().map(width).max().unwrap_or_default().max("state".len())
}

struct Page<'a> {
    issued: &'a Issued,
    table: Table,
    clock: Clock,
    state_width: usize,
    styled: bool,
    text: String,
}

impl Page<'_> {
    fn headings(&mut self) {
        let width = self.state_width;
        // Writing to a String cannot fail.
        _ = match self.table {
            Table::Everything => {
                writeln!(self.text, "  role    {:width$}  issued      until       serial", "state")
            }
            Table::LiveClients => {
                writeln!(self.text, "  {:width$}  issued      until       {:20}  serial", "state", "ends")
            }
        };
    }

    fn begin(&mut self, section: &Section<'_>) {
        let root = section.groups.first().and_then(|group| self.issued.root(group.items.first()?));
        match root.map(|root| root.known.as_ref()) {
            Some(None) => self.text.push_str("\nunder a root that this ledger does not have:\n"),
            Some(Some(KnownRoot { replaced_at: Some(at), .. })) => {
                self.text.push_str("\nunder the root that was replaced on ");
                self.day(*at);
                self.text.push_str(":\n");
            }
            _ => {}
        }
    }

    fn group(&mut self, group: &Group<'_>) {
        let machine = escape(group.machine);
        self.text.push_str(&if self.styled { paint(Style::new().bold(), &machine) } else { machine });
        self.gap();
        self.text.push_str(&escape(group.place));
        self.text.push('\n');
        for item in &group.items {
            self.line(item);
        }
    }

    fn line(&mut self, item: &Item) {
        self.gap();
        if self.table == Table::Everything {
            self.column(item.role.word(), "server".len());
        }
        self.state(item);
        self.day(item.issued_at);
        self.gap();
        if self.table == Table::LiveClients {
            let end = self.issued.end(item);
            self.day(end);
            self.gap();
            self.column(&relative(self.clock.now, time_of(end)), 20);
        } else {
            self.day(item.not_after);
            self.gap();
        }
        self.text.push_str(&escape(self.issued.text(item.serial)));
        if item.state == State::Revoked
            && let Some(reason) = item.reason
        {
            self.gap();
            self.text.push_str(&escape(self.issued.text(reason)));
        }
        if item.not_before > self.clock.now.unix_timestamp() {
            self.text.push_str("  from ");
            self.day(item.not_before);
        }
        if !item.written {
            self.text.push_str("  unconfirmed");
        }
        self.text.push('\n');
    }

    fn state(&mut self, item: &Item) {
        let style = style(item.state);
        if self.styled {
            _ = write!(self.text, "{style}");
        }
        self.text.push_str(item.state.word());
        let since = match item.state {
            State::Live | State::Expired => None,
            State::Superseded => item.superseded_at,
            State::Revoked => item.revoked_at,
        };
        if let Some(since) = since {
            self.text.push(' ');
            self.day(since);
        }
        if self.styled {
            _ = write!(self.text, "{style:#}");
        }
        self.pad(item.state.word().len() + since.map_or(0, |_| SINCE.len()), self.state_width);
    }

    fn day(&mut self, seconds: i64) {
        push_day(&mut self.text, seconds, self.clock.offset);
    }

    /// Of plain letters.
    fn column(&mut self, text: &str, width: usize) {
        self.text.push_str(text);
        self.pad(text.len(), width);
    }

    fn pad(&mut self, used: usize, width: usize) {
        self.text.extend(std::iter::repeat_n(' ', width.saturating_sub(used)));
        self.gap();
    }

    fn gap(&mut self) {
        self.text.push_str("  ");
    }
}

pub(super) fn style(state: State) -> Style {
    match state {
        State::Live => AnsiColor::Green.on_default(),
        State::Superseded => Style::new().dimmed(),
        State::Revoked => AnsiColor::Red.on_default(),
        State::Expired => AnsiColor::Yellow.on_default(),
    }
}

/// How many, of how many machines, in which states, and when the next one ends.
pub(super) fn summary(issued: &Issued, clock: Clock) -> String {
    let items = &issued.items;
    if items.is_empty() {
        return match issued.total {
            0 => "nothing was issued from this home\n".to_owned(),
            total => format!("none of {}\n", count(total, "certificate")),
        };
    }
    let mut names: Vec<Text> =
        items.iter().filter(|item| item.role.is_leaf()).map(|item| item.bundle.machine).collect();
    names.dedup();
    let mut machines: HashSet<&str> = names.iter().map(|name| issued.text(*name)).collect();
    // That of a client certificate that was signed for no machine.
    machines.remove(CLIENT_NAME);
    let machines = if machines.is_empty() { String::new() } else { format!(", {}", count(machines.len(), "machine")) };
    let all = count(items.len(), "certificate");
    let all = if items.len() < issued.total { format!("{all} of {}", issued.total) } else { all };
    let mut text = format!("{all}{machines}: {}", states(items.iter()));
    let live = items.iter().filter(|item| item.state == State::Live && issued.is_under_present_root(item));
    if let Some(end) = live.map(|item| issued.end(item)).min() {
        _ = write!(text, "; the next live one ends {}", relative(clock.now, time_of(end)));
    }
    let unconfirmed = items.iter().filter(|item| !item.written).count();
    if unconfirmed > 0 {
        _ = write!(text, "\nunconfirmed: of {unconfirmed} the ledger does not know whether the files arrived");
    }
    text.push('\n');
    text
}

/// `3 live, 1 superseded and 1 revoked`
pub(super) fn states<'a>(items: impl Iterator<Item = &'a Item>) -> String {
    let mut counts: BTreeMap<State, usize> = BTreeMap::new();
    for item in items {
        *counts.entry(item.state).or_default() += 1;
    }
    let counts: Vec<String> = counts.iter().map(|(state, number)| format!("{number} {}", state.word())).collect();
    list(&counts)
}

//! `--live-clients`: the client certificates with which Qlik's services still let somebody in.
//!
//! They look at no revocation list, and every export makes a new key: those that were superseded or revoked count like
//! the others, until they end or their root is nowhere trusted any more.

use super::issued::{Issued, Item};
use super::json;
use super::moments::time_of;
use super::text::{self, Table};
use crate::cli::output::Output;
use crate::cli::words::{count, day};
use crate::cli::{Clock, Exit};
use crate::host::ledger::LedgerRole;
use std::fmt::Write as _;
use std::path::Path;

/// Whether a service that trusts its root lets in who has its key, now or when its time has come.
pub(super) fn is_alive(issued: &Issued, item: &Item, now: i64) -> bool {
    item.role == LedgerRole::Client && issued.end(item) >= now
}

/// What ends it before its time.
pub(super) fn ended_by(root_is_present: bool) -> &'static str {
    if root_is_present {
        "a new root, by `qcert recreate`"
    } else {
        "taking the replaced root out of every machine's trusted roots"
    }
}

pub(super) fn answer(mut issued: Issued, home: &Path, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    keep_alive(&mut issued, clock);
    if output.is_json() {
        let items: Vec<&Item> = issued.items.iter().collect();
        output.answer_json_in_rows(&json::Answer::new(home, &issued, &items, json::Telling::EndAndWhatEnds))?;
    } else {
        output.answer_in_parts(|out| {
            if !issued.items.is_empty() {
                text::table(&issued, Table::LiveClients, clock, out)?;
            }
            out.write_all(closing(&issued, clock).as_bytes())
        })?;
    }
    Ok(Exit::Done)
}

pub(super) fn keep_alive(issued: &mut Issued, clock: Clock) {
    let mut items = std::mem::take(&mut issued.items);
    items.retain(|item| is_alive(issued, item, clock.now.unix_timestamp()));
    issued.items = items;
}

pub(super) fn closing(issued: &Issued, clock: Clock) -> String {
    if issued.items.is_empty() {
        return "no client certificate of this ledger is accepted any more\n".to_owned();
    }
    let (present, replaced): (Vec<&Item>, Vec<&Item>) =
        issued.items.iter().partition(|item| issued.is_under_present_root(item));
    let until = |items: &[&Item]| {
        let last = items.iter().map(|item| issued.end(item)).max().unwrap_or_default();
        format!("{}; the last one until {}", text::states(items.iter().copied()), day(time_of(last), clock.offset))
    };
    let mut text = String::new();
    // Writing to a String cannot fail.
    if !present.is_empty() {
        let all = count(present.len(), "client certificate");
        _ = writeln!(text, "{all} accepted by Qlik's services: {}", until(&present));
        text.push_str("only a new root ends them before that: `qcert recreate`\n");
    }
    if !replaced.is_empty() {
        let all = count(replaced.len(), "client certificate");
        _ = writeln!(text, "{all} accepted where a replaced root is still trusted: {}", until(&replaced));
        text.push_str("only taking that root out of the machines' trusted roots ends them before that\n");
    }
    text.push_str(
        "renewing and revoking end none: no Qlik service looks at a list of revoked certificates\n\
         what Qlik itself or another tool made under the same root is not in this ledger\n",
    );
    text
}

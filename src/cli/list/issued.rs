//! `Issued`: what the ledger has, as of one moment, in memory that is taken once.
//!
//! Everything is read before anything is said: a reader that waits, as a pager does, would hold the ledger's write-ahead
//! log for as long, and a ledger that is damaged further on would leave half an answer.

use super::filter::Filter;
use super::state::State;
use crate::host::ledger::{Ledger, LedgerError, LedgerRole, Listed};
use std::collections::HashMap;

/// Times are seconds since 1970, as the ledger has them.
#[derive(Debug, Default)]
pub(super) struct Issued {
    texts: String,
    roots: Vec<Root>,
    numbers: HashMap<String, usize>,
    /// Those that were asked for: the roots, then the others in the order of their making.
    pub(super) items: Vec<Item>,
    /// Of all that are in the ledger, also those that were not asked for.
    pub(super) total: usize,
}

/// A root that has signed something.
#[derive(Debug)]
pub(super) struct Root {
    pub(super) sha256: String,
    /// `None` where the ledger has what it signed, but not the root itself.
    pub(super) known: Option<KnownRoot>,
}

#[derive(Debug)]
pub(super) struct KnownRoot {
    pub(super) name: String,
    pub(super) not_after: i64,
    pub(super) replaced_at: Option<i64>,
}

impl Root {
    pub(super) fn is_present(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.replaced_at.is_none())
    }
}

/// A certificate.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) root: usize,
    pub(super) role: LedgerRole,
    pub(super) state: State,
    pub(super) serial: Text,
    pub(super) sha256: Text,
    pub(super) bundle: BundleTexts,
    pub(super) reason: Option<Text>,
    pub(super) issued_at: i64,
    pub(super) not_before: i64,
    pub(super) not_after: i64,
    pub(super) superseded_at: Option<i64>,
    pub(super) revoked_at: Option<i64>,
    pub(super) written: bool,
}

/// What the certificates of a bundle have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct BundleTexts {
    pub(super) machine: Text,
    pub(super) place: Text,
    pub(super) profile: Text,
}

impl BundleTexts {
    /// Whether they were kept as the same.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.machine == other.machine && self.place == other.place
    }
}

/// A part of the one text that all are kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text {
    start: usize,
    length: u32,
}

impl Issued {
    pub(super) fn read(ledger: &Ledger, filter: &mut Filter<'_>, now: i64) -> Result<Self, LedgerError> {
        let mut issued = Self::default();
        ledger.list(|listed| {
            issued.total += 1;
            let root = issued.root_of(&listed);
            let state = State::of(&listed, now);
            if filter.wants(&listed, state, issued.roots.get(root).is_some_and(Root::is_present)) {
                issued.add(&listed, root, state);
            }
        })?;
        Ok(issued)
    }

    pub(super) fn text(&self, text: Text) -> &str {
        let end = text.start.saturating_add(text.length as usize);
        self.texts.get(text.start..end).unwrap_or_default()
    }

    pub(super) fn root(&self, item: &Item) -> Option<&Root> {
        self.roots.get(item.root)
    }

    pub(super) fn is_under_present_root(&self, item: &Item) -> bool {
        self.root(item).is_some_and(Root::is_present)
    }

    /// The root with which certificates are issued now.
    pub(super) fn present_root(&self) -> Option<(&Root, &KnownRoot)> {
        self.roots.iter().rev().find_map(|root| match &root.known {
            Some(known) if known.replaced_at.is_none() => Some((root, known)),
            _ => None,
        })
    }

    /// When it ends: a certificate is worth nothing without its root.
    pub(super) fn end(&self, item: &Item) -> i64 {
        let root = self.root(item).and_then(|root| root.known.as_ref());
        root.map_or(item.not_after, |root| root.not_after.min(item.not_after))
    }

    /// Roots come before what they signed.
    fn root_of(&mut self, listed: &Listed<'_>) -> usize {
        let is_root = listed.role == LedgerRole::Root;
        let key = if is_root { listed.sha256 } else { listed.root };
        // Those of one root mostly follow each other.
        let last = self.items.last().map(|item| item.root);
        if let Some(number) = last.filter(|number| self.roots.get(*number).is_some_and(|root| root.sha256 == key)) {
            return number;
        }
        if let Some(number) = self.numbers.get(key) {
            return *number;
        }
        let known = is_root.then(|| KnownRoot {
            name: listed.machine.to_owned(),
            not_after: listed.not_after,
            replaced_at: listed.superseded_at,
        });
        let number = self.roots.len();
        self.roots.push(Root { sha256: key.to_owned(), known });
        self.numbers.insert(key.to_owned(), number);
        number
    }

    fn add(&mut self, listed: &Listed<'_>, root: usize, state: State) {
        let texts = [listed.machine, listed.place, listed.profile];
        let same = |last: &BundleTexts| [last.machine, last.place, last.profile].map(|text| self.text(text)) == texts;
        let last = self.items.last().map(|item| item.bundle).filter(same);
        let bundle = last.unwrap_or_else(|| {
            let [machine, place, profile] = texts.map(|text| self.keep(text));
            BundleTexts { machine, place, profile }
        });
        let item = Item {
            root,
            role: listed.role,
            state,
            serial: self.keep(listed.serial),
            sha256: self.keep(listed.sha256),
            bundle,
            reason: listed.reason.map(|reason| self.keep(reason)),
            issued_at: listed.issued_at,
            not_before: listed.not_before,
            not_after: listed.not_after,
            superseded_at: listed.superseded_at,
            revoked_at: listed.revoked_at,
            written: listed.written,
        };
        self.items.push(item);
    }

    /// SQLite holds no text of 4 GiB.
    fn keep(&mut self, text: &str) -> Text {
        let start = self.texts.len();
        self.texts.push_str(text);
        Text { start, length: u32::try_from(text.len()).unwrap_or_default() }
    }
}

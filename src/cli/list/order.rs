//! The order in which a person looks for certificates: what the present root signed, then what others did; by machine,
//! by place, the newest bundle first.

use super::issued::{Issued, Item};
use crate::host::ledger::LedgerRole;
use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;

/// Certificates of one root, machine and place.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) machine: &'a str,
    pub(super) place: &'a str,
    pub(super) items: Vec<&'a Item>,
}

/// The present root first, then the one before it and so on; each before what it signed.
type Rank = (Reverse<bool>, Reverse<usize>, Reverse<bool>);

/// All of one root.
#[derive(Debug)]
pub(super) struct Section<'a> {
    pub(super) groups: Vec<Group<'a>>,
}

pub(super) fn sections(issued: &Issued) -> Vec<Section<'_>> {
    let mut numbers = HashMap::new();
    let mut groups: Vec<(Rank, Group<'_>)> = Vec::new();
    let mut last = None;
    for item in &issued.items {
        let begin = || {
            let (machine, place) = (issued.text(item.bundle.machine), issued.text(item.bundle.place));
            *numbers.entry((item.root, machine, place)).or_insert_with(|| {
                let rank = (
                    Reverse(issued.is_under_present_root(item)),
                    Reverse(item.root),
                    Reverse(item.role == LedgerRole::Root),
                );
                groups.push((rank, Group { machine, place, items: Vec::new() }));
                groups.len() - 1
            })
        };
        // The two of a bundle follow each other.
        let same = last.filter(|(of, _): &(&Item, usize)| of.root == item.root && of.bundle.is(&item.bundle));
        let number = same.map_or_else(begin, |(_, number)| number);
        if let Some((_, group)) = groups.get_mut(number) {
            group.items.push(item);
        }
        last = Some((item, number));
    }
    groups.sort_by(|(one_rank, one), (other_rank, other)| {
        one_rank
            .cmp(other_rank)
            .then_with(|| by_name(one.machine, other.machine))
            .then_with(|| by_name(one.place, other.place))
    });
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut last = None;
    for ((_, root, _), mut group) in groups {
        newest_first(&mut group.items);
        match sections.last_mut() {
            Some(section) if last == Some(root) => section.groups.push(group),
            _ => sections.push(Section { groups: vec![group] }),
        }
        last = Some(root);
    }
    sections
}

/// The certificates of a bundle follow each other and stay in their order; a role that was there already begins another.
fn newest_first(items: &mut Vec<&Item>) {
    let mut starts = Vec::new();
    let mut begun = 0;
    for (at, item) in items.iter().enumerate() {
        if items.iter().take(at).skip(begun).any(|earlier| earlier.role == item.role) {
            starts.push(at);
            begun = at;
        }
    }
    if !starts.is_empty() {
        let mut oldest_first = std::mem::take(items);
        for start in starts.into_iter().rev().chain([0]) {
            items.extend(oldest_first.drain(start..));
        }
    }
}

/// As people count: `node2` before `node10`, and case does not matter.
pub(super) fn by_name(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one.as_bytes(), other.as_bytes());
    while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
        if a.is_ascii_digit() && b.is_ascii_digit() {
            let (number, after) = number(left);
            let (other_number, other_after) = self::number(right);
            let order = number.len().cmp(&other_number.len()).then_with(|| number.cmp(other_number));
            if order.is_ne() {
                return order;
            }
            (left, right) = (after, other_after);
            continue;
        }
        let order = a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase());
        if order.is_ne() {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
    left.len().cmp(&right.len()).then_with(|| one.cmp(other))
}

/// The digits at the beginning, without leading zeros, and what follows.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|octet| !octet.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let zeros = digits.iter().position(|octet| *octet != b'0').unwrap_or(digits.len());
    (digits.split_at(zeros).1, rest)
}

//! Finds many literals at once in one pass (Aho and Corasick 1975), without regard to case.
//!
//! One table look-up for each octet, whatever the input. It knows literals and where they end, nothing of what they
//! mean. Each kind of quote is like the others, and a tab is like a space.

use std::collections::VecDeque;

/// Columns of the table: classes of octets that some literal has, and class 0 for all others.
const WIDTH: usize = 64;
/// The class of the line feed, which leads back to the start.
const NEWLINE: u8 = 1;
/// Set on a state where something ends, or where a line does.
const TELLS: u16 = 1 << 15;
const START: u16 = 0;
const NONE: u16 = u16::MAX;

#[derive(Debug, Clone)]
pub(super) struct Automaton {
    classes: [u8; 256],
    /// For each state the next one by class.
    table: Vec<[u16; WIDTH]>,
    /// The literal that ends at each state, or `NONE`.
    literal: Vec<u16>,
    /// The longest other literal's state that ends there as well, or `START`.
    shorter: Vec<u16>,
}

/// The octet as literals and input are compared.
pub(super) fn fold(octet: u8) -> u8 {
    match octet {
        b'"' | b'`' => b'\'',
        b'\t' => b' ',
        other => other.to_ascii_lowercase(),
    }
}

impl Automaton {
    /// `None` if there are too many literals, or too many different octets in them, for the table.
    pub(super) fn new(literals: &[&str]) -> Option<Self> {
        let mut automaton = Self {
            classes: classes(literals)?,
            table: vec![[START; WIDTH]],
            literal: vec![NONE],
            shorter: vec![START],
        };
        for (number, literal) in literals.iter().enumerate() {
            automaton.add(literal, u16::try_from(number).ok()?)?;
        }
        automaton.link();
        Some(automaton)
    }

    pub(super) fn start() -> u16 {
        START
    }

    /// The state after this octet, and whether literals or a line end with it.
    #[inline]
    pub(super) fn step(&self, state: u16, octet: u8) -> (u16, bool) {
        let class = self.classes[usize::from(octet)];
        let next = self.table.get(usize::from(state)).map_or(START, |row| row[usize::from(class) % WIDTH]);
        (next & !TELLS, next & TELLS != 0)
    }

    /// The literals that end in this state, longest first.
    pub(super) fn ending(&self, state: u16) -> impl Iterator<Item = usize> {
        let shorter = |state: &u16| Some(at(&self.shorter, *state)).filter(|next| *next != START);
        std::iter::successors(Some(state), shorter)
            .map(|state| at(&self.literal, state))
            .filter(|literal| *literal != NONE)
            .map(usize::from)
    }

    fn add(&mut self, literal: &str, number: u16) -> Option<()> {
        let mut state = START;
        for octet in literal.bytes() {
            let fresh = u16::try_from(self.table.len()).ok().filter(|fresh| *fresh < TELLS)?;
            let class = usize::from(self.classes[usize::from(octet)]);
            let next = self.table.get_mut(usize::from(state))?.get_mut(class)?;
            state = if *next == START {
                *next = fresh;
                self.table.push([START; WIDTH]);
                self.literal.push(NONE);
                self.shorter.push(START);
                fresh
            } else {
                *next
            };
        }
        *self.literal.get_mut(usize::from(state))? = number;
        Some(())
    }

    /// Fills what the literals leave open by where the longest suffix would go. States nearer to the start come first,
    /// so that the row of a suffix, which is shorter, is complete when it is needed.
    fn link(&mut self) {
        let mut suffix = vec![START; self.table.len()];
        let mut waiting = VecDeque::from([START]);
        let mut beginning = [START; WIDTH];
        beginning[usize::from(NEWLINE)] = START | TELLS;
        while let Some(state) = waiting.pop_front() {
            let fallbacks = match at(&suffix, state) {
                START if state == START => beginning,
                shorter => self.row(shorter),
            };
            let mut row = self.row(state);
            for (cell, fallback) in row.iter_mut().zip(fallbacks) {
                let child = *cell;
                if child == START {
                    *cell = fallback;
                    continue;
                }
                let shorter = fallback & !TELLS;
                let ends = if at(&self.literal, shorter) == NONE { at(&self.shorter, shorter) } else { shorter };
                put(&mut suffix, child, shorter);
                put(&mut self.shorter, child, ends);
                if at(&self.literal, child) != NONE || ends != START {
                    *cell |= TELLS;
                }
                waiting.push_back(child);
            }
            if let Some(place) = self.table.get_mut(usize::from(state)) {
                *place = row;
            }
        }
    }

    fn row(&self, state: u16) -> [u16; WIDTH] {
        self.table.get(usize::from(state)).copied().unwrap_or([START; WIDTH])
    }
}

fn at(list: &[u16], state: u16) -> u16 {
    list.get(usize::from(state)).copied().unwrap_or(START)
}

fn put(list: &mut [u16], state: u16, value: u16) {
    if let Some(place) = list.get_mut(usize::from(state)) {
        *place = value;
    }
}

fn classes(literals: &[&str]) -> Option<[u8; 256]> {
    let mut used = [false; 256];
    for octet in literals.iter().flat_map(|literal| literal.bytes()) {
        used[usize::from(octet)] = true;
    }
    let mut classes = [0; 256];
    let mut count = NEWLINE;
    for octet in 0..=u8::MAX {
        if octet != b'\n' && used[usize::from(octet)] {
            count += 1;
            if usize::from(count) >= WIDTH {
                return None;
            }
            classes[usize::from(octet)] = count;
        }
    }
    classes[usize::from(b'\n')] = NEWLINE;
    for octet in 0..=u8::MAX {
        if fold(octet) != octet {
            classes[usize::from(octet)] = classes[usize::from(fold(octet))];
        }
    }
    Some(classes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(literals: &[&str], text: &str) -> Vec<(usize, usize)> {
        let automaton = Automaton::new(literals).unwrap();
        let mut state = Automaton::start();
        let mut found = Vec::new();
        for (at, octet) in text.bytes().enumerate() {
            let (next, tells) = automaton.step(state, octet);
            state = next;
            let ending: Vec<_> = automaton.ending(state).map(|literal| (literal, at + 1)).collect();
            assert!(tells || ending.is_empty());
            found.extend(ending);
        }
        found.sort_unstable();
        found
    }

    #[test]
    fn it_finds_what_a_plain_search_finds() {
        let literals = ["he", "she", "his", "hers", "e", "ushe", "sh", "'a b'"];
        for text in ["ushers", "hishe", "SHE\nhe", "`a\tb\" she", "shershers", "", "hehehe"] {
            let folded: Vec<u8> = text.bytes().map(fold).collect();
            let mut plain = Vec::new();
            for (number, literal) in literals.iter().enumerate() {
                for end in 0..=folded.len() {
                    if folded[..end].ends_with(literal.as_bytes()) {
                        plain.push((number, end));
                    }
                }
            }
            plain.sort_unstable();
            assert_eq!(found(&literals, text), plain, "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_the_table_is_refused() {
        let all: String = (33..=126).map(char::from).filter(|c| !c.is_ascii_uppercase()).collect();
        assert!(Automaton::new(&[&all]).is_none());
    }
}

//! From what somebody typed to what there is: a topic, a rule, a family of rules, or the nearest words.

use super::{Topic, topics};
use crate::pki::finding::Rule;
use crate::pki::rules;

/// More is nobody's slip of the finger.
const LONGEST_WORD: usize = 64;
const SUGGESTIONS: usize = 3;

#[derive(Debug)]
pub enum Subject {
    Topic(&'static Topic),
    Rule(&'static Rule),
    /// A family by its name, or rules that share the word behind the stroke.
    Rules(Vec<&'static Rule>),
}

pub fn find(typed: &str) -> Option<Subject> {
    let word = plain(typed);
    if let Some(topic) = topics().find(|topic| topic.name == word || topic.also.contains(&word.as_str())) {
        return Some(Subject::Topic(topic));
    }
    if let Some(rule) = rules::all().find(|rule| rule.id == word) {
        return Some(Subject::Rule(rule));
    }
    let family = word.trim_end_matches('/');
    let of_family = rules::FAMILIES.iter().find(|(name, _)| *name == family);
    if let Some((_, lists)) = of_family {
        return Some(Subject::Rules(lists.iter().copied().flatten().copied().collect()));
    }
    let same: Vec<_> = rules::all().filter(|rule| rule.id.split('/').nth(1) == Some(family)).collect();
    match same[..] {
        [] => None,
        [rule] => Some(Subject::Rule(rule)),
        _ => Some(Subject::Rules(same)),
    }
}

/// What was typed, in the form that names have.
fn plain(typed: &str) -> String {
    let word = typed.trim().to_lowercase().replace([' ', '_'], "-");
    let bare = word.strip_prefix("port-").or_else(|| word.strip_prefix(':')).unwrap_or(&word);
    bare.to_owned()
}

/// The words nearest to an unknown one, nearest first.
pub fn nearest(typed: &str) -> Vec<&'static str> {
    let word: Vec<char> = plain(typed).chars().take(LONGEST_WORD + 1).collect();
    if word.len() > LONGEST_WORD || word.len() < 2 {
        return Vec::new();
    }
    let typed_word: String = word.iter().collect();
    let allowed = word.len().div_ceil(4);
    let names = topics().flat_map(|topic| {
        std::iter::once((topic.name, topic.name)).chain(topic.also.iter().map(|also| (*also, topic.name)))
    });
    let ids =
        rules::all().flat_map(|rule| [(rule.id, rule.id), (rule.id.split('/').nth(1).unwrap_or_default(), rule.id)]);
    let families = rules::FAMILIES.iter().map(|(family, _)| (*family, *family));
    let mut near: Vec<(usize, &str)> = names
        .chain(ids)
        .chain(families)
        .filter_map(|(name, leads_to)| {
            let begins = word.len() >= 3 && name.starts_with(&typed_word);
            let contains = word.len() >= 4 && name.contains(&typed_word);
            let distance = distance(&word, &name.chars().collect::<Vec<char>>());
            let rank = if begins {
                distance.min(1)
            } else if contains {
                distance.min(2)
            } else {
                distance
            };
            (begins || contains || distance <= allowed).then_some((rank, leads_to))
        })
        .collect();
    near.sort_unstable();
    let mut words: Vec<&str> = Vec::new();
    for (_, word) in near {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.truncate(SUGGESTIONS);
    words
}

/// How many letters are wrong, missing, too many, or exchanged with their neighbour.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut this = vec![row + 1];
        for (column, other_letter) in other.iter().enumerate() {
            let at = |list: &[usize], column: usize| list.get(column).copied().unwrap_or(usize::MAX / 2);
            let changed = at(&last, column) + usize::from(letter != other_letter);
            let mut best = changed.min(at(&last, column + 1) + 1).min(at(&this, column) + 1);
            let exchanged = row > 0
                && column > 0
                && one.get(row - 1) == Some(other_letter)
                && other.get(column - 1) == Some(letter);
            if exchanged {
                best = best.min(at(&before, column - 1) + 1);
            }
            this.push(best);
        }
        before = last;
        last = this;
    }
    last.last().copied().unwrap_or(usize::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger_are_counted() {
        let distance = |one: &str, other: &str| {
            super::distance(&one.chars().collect::<Vec<_>>(), &other.chars().collect::<Vec<_>>())
        };
        assert_eq!(distance("client", "client"), 0);
        assert_eq!(distance("cleint", "client"), 1);
        assert_eq!(distance("butler", "buttler"), 1);
        assert_eq!(distance("4774", "4747"), 1);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn every_name_and_synonym_leads_to_its_topic() {
        for topic in topics() {
            for word in std::iter::once(&topic.name).chain(topic.also) {
                assert!(matches!(find(word), Some(Subject::Topic(found)) if found.name == topic.name), "{word}");
                assert_eq!(plain(word), *word, "not in the form of a name");
            }
        }
        for rule in rules::all() {
            assert!(matches!(find(rule.id), Some(Subject::Rule(found)) if found.id == rule.id));
        }
        for (family, lists) in rules::FAMILIES {
            let count: usize = lists.iter().map(|list| list.len()).sum();
            // With its stroke, for `stores` is a topic as well, and that comes first.
            let typed = format!("{family}/");
            assert!(matches!(find(&typed), Some(Subject::Rules(found)) if found.len() == count), "{family}");
        }
    }

    #[test]
    fn near_words_are_found_and_far_ones_not() {
        assert_eq!(nearest("cleint"), ["client"]);
        assert!(nearest("buttler").contains(&"butler"));
        assert!(nearest("QlikClint").contains(&"client"));
        assert!(nearest("xyzzyxyzzy").is_empty());
        assert!(nearest("").is_empty());
        assert!(nearest(&"x".repeat(1 << 20)).is_empty());
    }
}

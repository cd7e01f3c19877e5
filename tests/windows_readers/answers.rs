//! What a reader said: lines `ID <tab> FACT <tab> VALUE`.
//!
//! May not decide what is right.

use std::collections::BTreeMap;

#[derive(Debug)]
pub(crate) struct Answers {
    facts: BTreeMap<(String, String), String>,
    said: String,
}

impl Answers {
    pub(crate) fn read(said: &str) -> Self {
        let mut facts = BTreeMap::new();
        for line in said.lines() {
            let mut words = line.splitn(3, '\t').map(str::to_owned);
            if let (Some(id), Some(fact), Some(value)) = (words.next(), words.next(), words.next()) {
                let earlier = facts.insert((id, fact), value);
                assert!(earlier.is_none(), "said twice: {line}\n{said}");
            }
        }
        Self { facts, said: said.to_owned() }
    }

    pub(crate) fn get(&self, id: &str, fact: &str) -> Option<&str> {
        self.facts.get(&(id.to_owned(), fact.to_owned())).map(String::as_str)
    }

    /// What there must be an answer to.
    #[track_caller]
    pub(crate) fn value(&self, id: &str, fact: &str) -> &str {
        self.get(id, fact).unwrap_or_else(|| panic!("{id}: nothing is said of {fact}\n{}", self.about(id)))
    }

    /// What is said in hexadecimal.
    #[track_caller]
    pub(crate) fn octets(&self, id: &str, fact: &str) -> Vec<u8> {
        let digits: Vec<u32> = self.value(id, fact).chars().map(|one| one.to_digit(16).expect("a digit")).collect();
        digits.chunks_exact(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
    }

    #[track_caller]
    pub(crate) fn assert(&self, id: &str, fact: &str, expected: &str) {
        let value = self.value(id, fact);
        assert!(value == expected, "{id}: {fact} is {value:?}, not {expected:?}\n{}", self.about(id));
    }

    /// It was opened, and said nothing of trouble.
    #[track_caller]
    pub(crate) fn assert_no_error(&self, id: &str) {
        assert!(self.get(id, "error").is_none(), "{}", self.about(id));
    }

    /// It was not opened: an error with one of these words is all there is.
    #[track_caller]
    pub(crate) fn assert_refused(&self, id: &str, words: &[&str]) {
        let error = self.value(id, "error");
        assert!(words.iter().any(|word| error.contains(word)), "{id}: {error:?} says none of {words:?}");
        assert_eq!(self.facts.keys().filter(|(of, _)| of == id).count(), 1, "{}", self.about(id));
    }

    fn about(&self, id: &str) -> String {
        let all: Vec<_> = self.said.lines().filter(|line| line.split('\t').next() == Some(id)).collect();
        all.join("\n")
    }
}

//! `Sentence`: words of ours and literals, kept apart, so that a name out of a file is never taken for wording, for
//! markup or for the end of a literal. How it is written is the front room's.

use super::number_of;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sentence(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Ours.
    Words(String),
    /// A name, a path, a command: raw, as it was found.
    Literal(String),
}

/// A sentence of ours. What stands in backticks is a literal; `{}` takes the next name, which is a literal by itself or
/// a part of the one around it; `{#step}` is the number of that step.
pub(super) fn say(template: &'static str, names: &[&str]) -> Sentence {
    let mut sentence = Sentence::default();
    let mut names = names.iter().copied();
    for (at, part) in template.split('`').enumerate() {
        let literal = at % 2 == 1;
        let mut rest = part;
        let mut whole = String::new();
        while let Some((before, after)) = rest.split_once('{') {
            let (hole, after) = after.split_once('}').unwrap_or_default();
            whole.push_str(before);
            rest = after;
            if let Some(step) = hole.strip_prefix('#') {
                whole.push_str(&number_of(step).to_string());
            } else if literal {
                whole.push_str(names.next().unwrap_or_default());
            } else {
                sentence.push(Piece::Words(std::mem::take(&mut whole)));
                sentence.push(Piece::Literal(names.next().unwrap_or_default().to_owned()));
            }
        }
        whole.push_str(rest);
        sentence.push(if literal { Piece::Literal(whole) } else { Piece::Words(whole) });
    }
    sentence
}

impl Sentence {
    /// Wording that is kept elsewhere; braces are nothing special in it.
    pub fn of(text: &'static str) -> Self {
        let mut sentence = Self::default();
        for (at, part) in text.split('`').enumerate() {
            let part = part.to_owned();
            sentence.push(if at % 2 == 1 { Piece::Literal(part) } else { Piece::Words(part) });
        }
        sentence
    }

    /// A date or a number: nothing that a file has a say in.
    pub fn words(text: String) -> Self {
        Self(vec![Piece::Words(text)])
    }

    /// A name alone.
    pub fn literal(name: impl Into<String>) -> Self {
        Self(vec![Piece::Literal(name.into())])
    }

    /// This one, and another behind it.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        other.0.into_iter().for_each(|piece| self.push(piece));
        self
    }

    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// As one text, literals in backticks; not escaped.
    pub fn text(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Words(words) => words.clone(),
            Piece::Literal(literal) => format!("`{literal}`"),
        };
        self.0.iter().map(piece).collect()
    }

    fn push(&mut self, piece: Piece) {
        match (self.0.last_mut(), piece) {
            (_, Piece::Words(words)) if words.is_empty() => {}
            (Some(Piece::Words(last)), Piece::Words(words)) => last.push_str(&words),
            (_, piece) => self.0.push(piece),
        }
    }
}

/// `a, b and c`, each a literal.
pub(super) fn list(names: &[&str]) -> Sentence {
    names.iter().enumerate().fold(Sentence::default(), |sentence, (at, name)| {
        let between = match at {
            0 => "",
            _ if at + 1 == names.len() => " and ",
            _ => ", ",
        };
        sentence.and(Sentence::of(between)).and(Sentence::literal(*name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_literals_whatever_they_hold() {
        let hostile = "a` {} {#stop} **b**";
        let said = say("delete {} from `Cert:\\{}`, see step {#stop}", &[hostile, "My"]);
        let words = |text: &str| Piece::Words(text.to_owned());
        let expected = [
            words("delete "),
            Piece::Literal(hostile.to_owned()),
            words(" from "),
            Piece::Literal("Cert:\\My".to_owned()),
            words(&format!(", see step {}", number_of("stop"))),
        ];
        assert_eq!(said.pieces(), expected);
    }

    #[test]
    fn lists_are_read_aloud() {
        let text = |names: &[&str]| list(names).text();
        assert_eq!(
            [text(&[]), text(&["a"]), text(&["a", "b"]), text(&["a", "b", "c"])],
            ["", "`a`", "`a` and `b`", "`a`, `b` and `c`"]
        );
    }
}

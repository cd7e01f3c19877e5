//! Text in columns, at most 100 wide: paragraphs, points, pairs and tables. Knows nothing of what it says.

use std::fmt::Write as _;

const WIDTH: usize = 98;
const GAP: &str = "  ";

#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
}

impl Page {
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    pub(super) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Wrapped text, with `first` before its first line and as much space before the others.
    pub(super) fn wrapped(&mut self, first: &str, text: &str) {
        let indent = first.chars().count();
        for (number, line) in wrap(text, WIDTH.saturating_sub(indent)).iter().enumerate() {
            let before = if number == 0 { first.to_owned() } else { " ".repeat(indent) };
            self.line(&format!("{before}{line}"));
        }
    }

    pub(super) fn points<'a>(&mut self, points: impl IntoIterator<Item = &'a str>) {
        for point in points {
            self.wrapped("  - ", point);
        }
    }

    pub(super) fn pairs(&mut self, pairs: &[(&str, &str)]) {
        let width = pairs.iter().map(|(label, _)| label.chars().count()).max().unwrap_or_default();
        for (label, text) in pairs {
            self.wrapped(&format!("{GAP}{label:width$}{GAP}"), text);
        }
    }

    /// Columns as wide as their cells; the last is wrapped if it must be.
    pub(super) fn table<Cell: AsRef<str>>(&mut self, rows: &[&[Cell]]) {
        let columns = rows.iter().map(|row| row.len()).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.as_ref().chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in rows {
            let Some((last, others)) = row.split_last() else { continue };
            let mut before = String::new();
            for (cell, width) in others.iter().zip(&widths) {
                // Writing to a String cannot fail.
                _ = write!(before, "{GAP}{:width$}", cell.as_ref());
            }
            self.wrapped(&format!("{before}{GAP}"), last.as_ref());
        }
    }

    /// As it stands, moved to the right.
    pub(super) fn paste(&mut self, text: &str) {
        for line in text.lines() {
            self.line(&format!("    {line}"));
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.text.truncate(self.text.trim_end().len());
        self.text
    }
}

/// Lines of at most so many characters; a longer word has a line of its own. What stands in backticks is a word.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in words(text) {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += length;
        }
    }
    lines
}

fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut code) = (0, false);
    for (at, character) in text.char_indices() {
        code ^= character == '`';
        if character == ' ' && !code {
            words.push(text.get(start..at).unwrap_or_default());
            start = at + 1;
        }
    }
    words.push(text.get(start..).unwrap_or_default());
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_between_words_and_not_in_code() {
        assert_eq!(wrap("a bb `c d` e", 4), ["a bb", "`c d`", "e"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("longword x", 4), ["longword", "x"]);
    }

    #[test]
    fn columns_are_aligned() {
        let mut page = Page::default();
        page.table(&[&["a", "b"][..], &["long", "c"][..]]);
        page.gap();
        page.pairs(&[("x", "y")]);
        assert_eq!(page.finish(), "  a     b\n  long  c\n\n  x  y");
    }
}

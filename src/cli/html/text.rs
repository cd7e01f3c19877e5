//! Text on its way into the page. Everything that is not the page's own wording passes `escape`.
//!
//! May not make tags but `code`; nothing of a certificate, a file name or an error ever reaches CSS, a URL or a script.

use super::super::output;
use std::borrow::Cow;

/// A subject of 100 KB would bury the rest of the page. What is cut is said.
const LONGEST: usize = 600;

/// For text and for attribute values in quotes: markup is written as entities, control and bidi characters are shown.
pub(in super::super) fn escape(text: &str) -> String {
    let visible = output::escape(text);
    let mut escaped = String::with_capacity(visible.len());
    for character in visible.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Escaped, and not longer than a person reads.
pub(in super::super) fn value(text: &str) -> String {
    escape(&cut(text, LONGEST))
}

/// A literal: a file, a name, a thumbprint.
pub(in super::super) fn literal(text: &str) -> String {
    format!("<code>{}</code>", value(text))
}

/// Literals, each on its own.
pub(super) fn literals<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().map(literal).collect::<Vec<_>>().join(", ")
}

/// A sentence of qcert, whose literals stand in backticks.
pub(in super::super) fn sentence(text: &str) -> String {
    let text = cut(text, 4 * LONGEST);
    let mut html = String::with_capacity(text.len() + 32);
    let mut parts = text.split('`').peekable();
    let mut inside = false;
    while let Some(part) = parts.next() {
        // A backtick without its fellow, as in a file's name, opens nothing.
        if inside && parts.peek().is_some() {
            html.push_str("<code>");
            html.push_str(&escape(part));
            html.push_str("</code>");
        } else {
            if inside {
                html.push('`');
            }
            html.push_str(&escape(part));
        }
        inside = !inside;
    }
    html
}

/// Text of several lines, word for word: the line ends stay, all else is escaped.
pub(super) fn verbatim(text: &str) -> String {
    let text = cut(text.trim_end(), 4 * LONGEST);
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}

fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    // Octets are never fewer than characters: most texts need no counting.
    if text.len() <= longest || text.chars().nth(longest).is_none() {
        return Cow::Borrowed(text);
    }
    let begin: String = text.chars().take(longest).collect();
    Cow::Owned(format!("{begin}… (cut here: {} characters)", number(text.chars().count())))
}

/// As much of a text as fits into `width` average letters, with an ellipsis for the rest.
pub(super) fn fitted(text: &str, width: usize) -> String {
    let visible: String = text.chars().take(width + 1).collect();
    let visible = output::escape(&visible);
    let tenths = width * 10;
    if text.chars().nth(width).is_none() && visible.chars().map(breadth).sum::<usize>() <= tenths {
        return visible;
    }
    let mut used = breadth('…');
    let mut begin: String = visible
        .chars()
        .take_while(|character| {
            used += breadth(*character);
            used <= tenths
        })
        .collect();
    begin.push('…');
    begin
}

/// In tenths of an average letter, generously: the box clips what is broader still.
fn breadth(character: char) -> usize {
    match character {
        'i' | 'j' | 'l' | '.' | ',' | ':' | '\'' | '|' => 6,
        'W' | '@' | '%' => 18,
        'M' | 'm' | 'w' | '…' => 15,
        'A'..='Z' | '0'..='9' | '<' | '>' | '=' | '+' | '"' | '#' | '&' => 12,
        '\0'..='\u{2fff}' => 10,
        _ => 19,
    }
}

/// `12,345`.
pub(in super::super) fn number(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + 4);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 error`, `2 errors`.
pub(in super::super) fn count(count: usize, one: &str, several: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { several })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stays_markup() {
        let hostile = "</title><script>alert('1')</script>\" onload=x & \u{202e}\0\u{7f}";
        let escaped = escape(hostile);
        assert!(!escaped.contains(['<', '>', '"', '\'', '\0', '\u{202e}', '\u{7f}']));
        assert!(escaped.ends_with("&amp; \\u{202e}\\u{0}\\u{7f}"), "{escaped}");
        assert!(!sentence(&format!("`{hostile}` is odd")).replace("<code>", "").replace("</code>", "").contains('<'));
    }

    #[test]
    fn literals_are_marked() {
        assert_eq!(sentence("`a` is `b<c`"), "<code>a</code> is <code>b&lt;c</code>");
        assert_eq!(sentence("a stray ` is kept"), "a stray ` is kept");
        assert_eq!(sentence("`a` and a stray `"), "<code>a</code> and a stray `");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        let text = "é".repeat(100_000);
        assert!(value(&text).ends_with("… (cut here: 100,000 characters)"));
        assert_eq!(value(&"é".repeat(LONGEST)), "é".repeat(LONGEST));
    }

    #[test]
    fn text_fits_its_box() {
        assert_eq!(fitted("server.domain", 20), "server.domain");
        assert_eq!(fitted(&"a".repeat(30), 10), "aaaaaaaa…");
        assert_eq!(fitted("証明書証明書", 6), "証明…");
        assert!(fitted(&"\0".repeat(100_000), 10).chars().count() <= 10);
        assert_eq!(number(1_234_567), "1,234,567");
    }
}

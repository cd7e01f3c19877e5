//! Finds the sections of a text that people have handled: text around, indentation, any line ends, cut ends.
//!
//! Works on octets, for the text around may be in any code page. One pass, whatever the text holds; a section that is
//! cut does not hide those after it. Base64 is decoded by `pem`.

use std::borrow::Cow;
use zeroize::Zeroizing;

const DASHES: &[u8] = b"-----";
const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
/// Longer labels are no labels.
const LONGEST_LABEL: usize = 80;

/// What is between BEGIN and END, as far as there is an END.
#[derive(Debug)]
pub struct Section<'a> {
    pub label: String,
    /// Of the BEGIN, from 1.
    pub line: usize,
    /// Where it begins and ends in the text.
    pub place: std::ops::Range<usize>,
    pub body: &'a [u8],
    pub end: End,
    /// Blanks stand before BEGIN or END.
    pub indented: bool,
    /// Other text stands on the line of BEGIN or END.
    pub one_line: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    Proper,
    /// The text or the next section comes before the END.
    Missing,
    /// It is there, of another label.
    Other(String),
}

#[derive(Debug)]
pub struct Sections<'a> {
    text: &'a [u8],
    at: usize,
    /// Lines up to `counted`.
    line: usize,
    counted: usize,
}

impl<'a> Sections<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, line: 1, counted: 0 }
    }

    fn line_of(&mut self, place: usize) -> usize {
        let next = |at: usize| self.text.get(at + 1).copied();
        let ends = (self.counted..place).filter(|at| match self.text.get(*at) {
            Some(b'\n') => true,
            Some(b'\r') => next(*at) != Some(b'\n'),
            _ => false,
        });
        self.line += ends.count();
        self.counted = place;
        self.line
    }
}

impl<'a> Iterator for Sections<'a> {
    type Item = Section<'a>;

    fn next(&mut self) -> Option<Section<'a>> {
        loop {
            let begin = find(self.text, BEGIN, self.at)?;
            let inside = begin + BEGIN.len();
            let Some(label) = label(&self.text[inside..]) else {
                self.at = inside;
                continue;
            };
            let line = self.line_of(begin);
            let shown = String::from_utf8_lossy(label.text).trim().to_owned();
            let body = inside + label.length;
            if label.cut {
                self.at = self.text.len();
                let place = begin..self.at;
                let margin = Margin::before(self.text, begin);
                return Some(Section {
                    label: shown,
                    line,
                    place,
                    body: &[],
                    end: End::Missing,
                    indented: margin == Margin::Blanks,
                    one_line: margin == Margin::Text,
                });
            }
            let stop = find(self.text, DASHES, body).unwrap_or(self.text.len());
            let (end, after) = ending(self.text, stop, &shown);
            self.at = after;
            let mut margins = vec![Margin::before(self.text, begin), Margin::after(self.text, body)];
            if end != End::Missing {
                margins.extend([Margin::before(self.text, stop), Margin::after(self.text, after)]);
            }
            return Some(Section {
                label: shown,
                line,
                place: begin..after,
                body: &self.text[body..stop],
                end,
                indented: margins.contains(&Margin::Blanks),
                one_line: margins.contains(&Margin::Text),
            });
        }
    }
}

/// What is between a BEGIN or END and the edge of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Margin {
    Nothing,
    Blanks,
    Text,
}

impl Margin {
    fn before(text: &[u8], at: usize) -> Self {
        let blank = |octet: &u8| matches!(octet, b' ' | b'\t');
        let blanks = text[..at].iter().rev().take_while(|octet| blank(octet)).count();
        match text[..at - blanks].last() {
            None | Some(b'\n' | b'\r') if blanks > 0 => Self::Blanks,
            None | Some(b'\n' | b'\r') => Self::Nothing,
            Some(_) => Self::Text,
        }
    }

    /// Blanks at the end of a line matter to nobody (OpenSSL's `sanitize_line` drops all control characters).
    fn after(text: &[u8], at: usize) -> Self {
        let is_text = |octet: &u8| *octet > b' ';
        match text[at..].iter().find(|octet| is_text(octet) || matches!(octet, b'\n' | b'\r')) {
            Some(octet) if is_text(octet) => Self::Text,
            _ => Self::Nothing,
        }
    }
}

/// How the section that stops here ends, and where to go on.
fn ending(text: &[u8], stop: usize, label_of_begin: &str) -> (End, usize) {
    let Some(rest) = text[stop..].strip_prefix(END) else { return (End::Missing, stop) };
    let inside = stop + END.len();
    match label(rest) {
        Some(label) if !label.cut => {
            let after = inside + label.length;
            let shown = String::from_utf8_lossy(label.text).trim().to_owned();
            if shown == label_of_begin { (End::Proper, after) } else { (End::Other(shown), after) }
        }
        _ => (End::Missing, inside),
    }
}

struct Label<'a> {
    text: &'a [u8],
    /// With the dashes after it.
    length: usize,
    /// The text ends before the dashes.
    cut: bool,
}

fn label(rest: &[u8]) -> Option<Label<'_>> {
    let start = &rest[..rest.len().min(LONGEST_LABEL + DASHES.len())];
    if let Some(length) = find(start, DASHES, 0) {
        let text = &start[..length];
        let proper = !text.is_empty() && !text.iter().any(u8::is_ascii_control);
        return proper.then_some(Label { text, length: length + DASHES.len(), cut: false });
    }
    let cut = start.len() == rest.len() && !start.iter().any(u8::is_ascii_control);
    cut.then_some(Label { text: start, length: start.len(), cut: true })
}

/// Where `wanted`, which begins with a dash, comes next.
fn find(text: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += text.get(at..)?.iter().position(|octet| *octet == b'-')?;
        if text[at..].starts_with(wanted) {
            return Some(at);
        }
        at += 1;
    }
}

/// The lines of a body, and what is odd about them.
#[derive(Debug, Default)]
pub struct Lines {
    /// RFC 1421 headers, which OpenSSL's traditional encrypted keys carry.
    pub headers: Vec<(String, String)>,
    /// All the base64 without white space.
    pub base64: Zeroizing<Vec<u8>>,
    pub indented: bool,
    pub blank_lines: bool,
    /// Line ends are written as the two characters `\n`.
    pub escaped: bool,
}

impl Lines {
    pub fn of(body: &[u8]) -> Self {
        let unescaped = unescape(body);
        let escaped = matches!(unescaped, Cow::Owned(_));
        let owned;
        let body = match unescaped {
            Cow::Borrowed(body) => body,
            Cow::Owned(body) => {
                owned = Zeroizing::new(body);
                &owned
            }
        };
        let mut lines = Self { escaped, ..Self::default() };
        lines.base64.reserve_exact(body.len());
        for line in body.split(|octet| matches!(octet, b'\n' | b'\r')) {
            lines.indented |=
                !lines.base64.is_empty() && line.first().is_some_and(|first| matches!(first, b' ' | b'\t'));
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            if lines.base64.is_empty() && line.contains(&b':') {
                let text = String::from_utf8_lossy(line);
                if let Some((name, value)) = text.split_once(':') {
                    lines.headers.push((name.trim().to_owned(), value.trim().to_owned()));
                }
                continue;
            }
            lines.base64.extend(line.iter().filter(|octet| !octet.is_ascii_whitespace()));
        }
        lines.blank_lines = has_blank_line(body);
        lines
    }
}

/// Whether an empty line stands between two of base64.
fn has_blank_line(body: &[u8]) -> bool {
    let lines = body.split(|octet| *octet == b'\n').map(<[u8]>::trim_ascii).skip_while(|line| line.is_empty());
    let mut base64 = lines.skip_while(|line| line.contains(&b':')).skip_while(|line| line.is_empty());
    base64.any(<[u8]>::is_empty) && base64.any(|line| !line.is_empty())
}

/// `\n`, `\r` and JSON's `\/` for what they stand for.
fn unescape(body: &[u8]) -> Cow<'_, [u8]> {
    if !body.contains(&b'\\') {
        return Cow::Borrowed(body);
    }
    let mut plain = Vec::with_capacity(body.len());
    let mut octets = body.iter().copied().peekable();
    while let Some(octet) = octets.next() {
        if octet != b'\\' {
            plain.push(octet);
            continue;
        }
        match octets.peek() {
            Some(b'n' | b'r' | b't') => {
                octets.next();
                plain.push(b'\n');
            }
            Some(b'/' | b'\\') => {}
            _ => plain.push(octet),
        }
    }
    Cow::Owned(plain)
}

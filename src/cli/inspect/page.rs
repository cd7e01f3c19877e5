//! A page of text for a person: headings, labelled rows, colour. All that comes from files is escaped here.

use super::super::output::{LONGEST, escape};
use super::super::words::list;
use anstyle::{AnsiColor, Style};
use std::borrow::Cow;
use std::fmt::Write as _;

/// Where the second column of a heading begins.
const HEADING: usize = 40;
const LABEL: usize = 13;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    /// It works, but not for ever or not everywhere.
    Soon,
    Bad,
}

#[derive(Debug)]
pub(super) struct Page {
    text: String,
    color: bool,
    depth: usize,
    /// The folder of the file that is being shown: what lies beside it is called by its name alone.
    folder: String,
}

impl Page {
    pub(super) fn new(color: bool) -> Self {
        Self { text: String::new(), color, depth: 1, folder: String::new() }
    }

    pub(super) fn file(&mut self, path: &str, about: &str) {
        folder(path).clone_into(&mut self.folder);
        let title = safe(path);
        let (bold, reset) = self.codes(Style::new().bold());
        let room = HEADING.saturating_sub(title.chars().count()).max(2);
        _ = writeln!(self.text, "{bold}{title}{reset}{:room$}{}", "", safe(about));
    }

    pub(super) fn heading(&mut self, title: &str) {
        let (bold, reset) = self.codes(Style::new().bold());
        _ = writeln!(self.text, "{bold}{title}{reset}");
    }

    /// From here on, paths are called by what follows this folder.
    pub(super) fn stand_in(&mut self, folder: &str) {
        folder.clone_into(&mut self.folder);
    }

    /// A path as seen from the folder of the file that is shown.
    pub(super) fn near<'a>(&self, path: &'a str) -> &'a str {
        path.strip_prefix(self.folder.as_str()).filter(|rest| !rest.is_empty()).unwrap_or(path)
    }

    /// `a and b` of paths, or the first few of many.
    pub(super) fn names(&self, paths: &[&str]) -> String {
        let near: Vec<&str> = paths.iter().take(4).map(|path| self.near(path)).collect();
        match near[..] {
            [first, second, third, _] if paths.len() > 4 => {
                format!("{first}, {second}, {third} and {} more", paths.len() - 3)
            }
            _ => list(&near),
        }
    }

    pub(super) fn subheading(&mut self, title: &str, about: &str) {
        let about = if about.is_empty() { String::new() } else { format!(" ({about})") };
        let (bold, reset) = self.codes(Style::new().bold());
        _ = writeln!(self.text, "{:indent$}{bold}{}{reset}{about}", "", safe(title), indent = self.depth * 2);
    }

    /// Another page's text behind this one's.
    pub(super) fn append(&mut self, other: Self) {
        self.text.push_str(&other.text);
        self.folder = other.folder;
    }

    pub(super) fn deeper(&mut self) {
        self.depth += 1;
    }

    pub(super) fn higher(&mut self) {
        self.depth -= 1;
    }

    pub(super) fn row(&mut self, label: &str, value: &str) {
        self.row_in(label, Tone::Plain, value);
    }

    pub(super) fn row_in(&mut self, label: &str, tone: Tone, value: &str) {
        let (dim, undim) = self.codes(Style::new().dimmed());
        let (begin, end) = self.tone(tone);
        let indent = self.depth * 2;
        _ = writeln!(self.text, "{:indent$}{dim}{label:LABEL$}{undim} {begin}{}{end}", "", safe(value));
    }

    /// A line of its own that holds nothing from outside.
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Lines that were escaped already.
    pub(super) fn lines(&mut self, lines: &str) {
        self.text.push_str(lines);
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Text in a tone, escaped.
    pub(super) fn toned(&self, tone: Tone, text: &str) -> String {
        let (begin, end) = self.tone(tone);
        format!("{begin}{}{end}", safe(text))
    }

    fn tone(&self, tone: Tone) -> (String, &'static str) {
        match tone {
            Tone::Plain => (String::new(), ""),
            Tone::Soon => self.codes(AnsiColor::Yellow.on_default()),
            Tone::Bad => self.codes(AnsiColor::Red.on_default()),
        }
    }

    fn codes(&self, style: Style) -> (String, &'static str) {
        if self.color { (style.render().to_string(), "\u{1b}[0m") } else { (String::new(), "") }
    }

    /// Without the last line end, which the printer adds.
    pub(super) fn finish(mut self) -> String {
        self.text.truncate(self.text.trim_end_matches('\n').len());
        self.text
    }
}

/// With the separator at its end; empty when there is none.
pub(super) fn folder(path: &str) -> &str {
    let end = path.rfind(['/', std::path::MAIN_SEPARATOR]).map_or(0, |at| at + 1);
    &path[..end]
}

pub(super) fn safe(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST && text.bytes().all(|octet| matches!(octet, b' '..=b'~')) {
        Cow::Borrowed(text)
    } else {
        escape(text).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_is_escaped_everywhere() {
        let evil = "a\u{1b}]0;x\u{7}\u{202e}\nb";
        for color in [false, true] {
            let mut page = Page::new(color);
            page.file(evil, evil);
            page.subheading(evil, "");
            page.row_in("role", Tone::Bad, evil);
            let toned = page.toned(Tone::Soon, evil);
            page.line(&toned);
            let text = page.finish();
            assert_eq!(text.lines().count(), 4);
            assert!(!text.contains(['\u{7}', '\u{202e}']) && !text.contains("\u{1b}]"));
            assert_eq!(text.contains('\u{1b}'), color);
        }
    }

    #[test]
    fn endless_text_is_cut_though_it_is_plain() {
        assert_eq!(safe(&"R".repeat(LONGEST)), "R".repeat(LONGEST));
        assert!(safe(&"R".repeat(1 << 20)).len() < LONGEST + 50);
    }

    #[test]
    fn neighbours_are_called_by_their_names() {
        let mut page = Page::new(false);
        page.file("in/a.pem", "");
        assert_eq!(page.names(&["in/b.pem", "out/a.pem", "inside"]), "b.pem, out/a.pem and inside");
        assert_eq!(page.names(&["a", "b", "c", "d"]), "a, b, c and d");
        assert_eq!(page.names(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
        page.file("-", "");
        assert_eq!(page.near("in/b.pem"), "in/b.pem");
    }
}

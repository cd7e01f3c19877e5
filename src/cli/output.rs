//! The two streams. stdout is the answer, stderr is conversation; with `--json` the answer is one JSON value.

mod rows;

use super::error::Explained;
use anstyle::{AnsiColor, Style};
use anyhow::Context as _;
use rows::Rows;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};
use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::ops::RangeInclusive;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug)]
pub(super) struct Output {
    json: bool,
    quiet: bool,
}

#[derive(Serialize)]
struct JsonError {
    schema: u32,
    error: Explained,
}

impl Output {
    pub(super) fn new(json: bool, quiet: bool, verbose: u8, color: Color) -> Self {
        match color {
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        let level = match verbose {
            _ if quiet => LevelFilter::ERROR,
            0 => LevelFilter::WARN,
            1 => LevelFilter::INFO,
            _ => LevelFilter::DEBUG,
        };
        let ansi = anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
        // Fails only when a subscriber is set already, as in tests that run several commands in one process.
        drop(
            tracing_subscriber::fmt()
                .with_max_level(level)
                .with_writer(io::stderr)
                .with_ansi(ansi)
                .event_format(Steps)
                .try_init(),
        );
        Self { json, quiet }
    }

    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether the answer is told to a person at all.
    pub(super) fn is_for_a_person(&self) -> bool {
        !self.json && !self.quiet
    }

    /// Whether moving pictures are welcome.
    pub(super) fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// The answer for a person.
    pub(super) fn answer(&self, text: &str) -> anyhow::Result<()> {
        if self.json || self.quiet {
            return Ok(());
        }
        print(text)
    }

    /// Octets that are themselves the answer.
    pub(super) fn answer_octets(octets: &[u8]) -> anyhow::Result<()> {
        let mut stdout = io::stdout().lock();
        unless_closed(stdout.write_all(octets).and_then(|()| stdout.flush()))
    }

    /// Whether a person sees stdout, not a program or a file.
    pub(super) fn is_seen() -> bool {
        io::stdout().is_terminal()
    }

    /// Whether stdout shows colour.
    pub(super) fn shows_color() -> bool {
        anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
    }

    /// The answer for a person, with escape codes where stdout shows colour.
    pub(super) fn answer_styled(&self, text: &str) -> anyhow::Result<()> {
        if self.json || self.quiet {
            return Ok(());
        }
        // Without escape codes there is nothing to take out, which costs as much as all the rest of printing.
        if text.bytes().all(|octet| octet == b'\n' || (octet >= b' ' && octet != 0x7f)) {
            return print(text);
        }
        let mut stdout = anstream::stdout().lock();
        unless_closed(writeln!(stdout, "{text}").and_then(|()| stdout.flush()))
    }

    /// A long answer for a person, written as it is made. With escape codes only where `shows_color`.
    pub(super) fn answer_in_parts(
        &self,
        make: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        if self.json || self.quiet {
            return Ok(());
        }
        let mut plain;
        let mut styled;
        let stdout: &mut dyn io::Write = if Self::shows_color() {
            styled = anstream::stdout().lock();
            &mut styled
        } else {
            plain = io::stdout().lock();
            &mut plain
        };
        unless_closed(make(stdout).and_then(|()| stdout.flush()))
    }

    /// The answer for a program.
    pub(super) fn answer_json(&self, value: &impl Serialize) -> anyhow::Result<()> {
        self.answer_json_as(value, PrettyFormatter::new())
    }

    /// The same, with one line for each entry of a list in the answer.
    pub(super) fn answer_json_in_rows(&self, value: &impl Serialize) -> anyhow::Result<()> {
        self.answer_json_as(value, Rows::default())
    }

    fn answer_json_as(&self, value: &impl Serialize, form: impl Formatter) -> anyhow::Result<()> {
        if !self.json {
            return Ok(());
        }
        let mut stdout = io::BufWriter::with_capacity(JSON_AT_ONCE, io::stdout().lock());
        let mut serializer = Serializer::with_formatter(&mut stdout, form);
        let written = value.serialize(&mut serializer).map_err(io::Error::from);
        unless_closed(written.and_then(|()| writeln!(stdout)).and_then(|()| stdout.flush()))
    }

    pub(super) fn note(&self, text: &str) {
        if !self.quiet {
            say(AnsiColor::Cyan.on_default(), "note", text);
        }
    }

    pub(super) fn warn(&self, text: &str) {
        if !self.quiet {
            say(AnsiColor::Yellow.on_default().bold(), "warning", text);
        }
    }

    /// What could not be done, and why, and the way out. A failure beside others, whose JSON is part of the answer.
    pub(super) fn say_failure(failure: &anyhow::Error) {
        let Explained { message, causes, hint } = Explained::new(failure);
        say(AnsiColor::Red.on_default().bold(), "error", &message);
        for cause in causes {
            drop(writeln!(anstream::stderr(), "  caused by: {}", escape(&cause)));
        }
        if let Some(hint) = hint {
            say(AnsiColor::Cyan.on_default(), "hint", &hint);
        }
    }

    /// The failure of the whole run.
    pub(super) fn fail(&self, failure: &anyhow::Error) {
        Self::say_failure(failure);
        self.answer_failure(failure);
    }

    /// The failure as the answer for a program.
    pub(super) fn answer_failure(&self, failure: &anyhow::Error) {
        // stdout may be gone as well; the exit code says it in any case.
        drop(self.answer_json(&JsonError { schema: 1, error: Explained::new(failure) }));
    }
}

/// Octets: a thousand certificates make some megabytes.
const JSON_AT_ONCE: usize = 1 << 17;

fn say(style: Style, word: &str, text: &str) {
    // Where stderr is gone there is nobody to tell.
    drop(writeln!(anstream::stderr(), "{style}{word}:{style:#} {}", escape(text)));
}

/// With escape codes, for `answer_styled`.
pub(super) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    // The last line end with the rest: std would write it by itself.
    unless_closed(stdout.write_all([text, "\n"].concat().as_bytes()).and_then(|()| stdout.flush()))
}

/// A reader that has seen enough is no failure.
fn unless_closed(written: io::Result<()>) -> anyhow::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write the answer"),
    }
}

/// Steps and warnings from below in the same form as those of this room.
struct Steps;

impl<S, N> FormatEvent<S, N> for Steps
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let (word, style) = match *event.metadata().level() {
            Level::ERROR => ("error", AnsiColor::Red.on_default().bold()),
            Level::WARN => ("warning", AnsiColor::Yellow.on_default().bold()),
            Level::INFO => ("step", AnsiColor::Green.on_default()),
            Level::DEBUG | Level::TRACE => ("detail", AnsiColor::BrightBlack.on_default()),
        };
        if writer.has_ansi_escapes() {
            write!(writer, "{style}{word}:{style:#} ")?;
        } else {
            write!(writer, "{word}: ")?;
        }
        context.format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

/// What is not seen, or moves what is: soft hyphen, joiners, bidi controls, line separators, byte order mark, tags.
const HIDDEN: [RangeInclusive<char>; 9] = [
    '\u{ad}'..='\u{ad}',
    '\u{61c}'..='\u{61c}',
    '\u{180e}'..='\u{180e}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
    '\u{fff9}'..='\u{fffb}',
    '\u{e0000}'..='\u{e007f}',
];

/// So many characters of one text are shown: more than any path or sentence has, less than fills a terminal.
pub(super) const LONGEST: usize = 4096;

/// Text that came from a file or a name, made harmless for a terminal: control and bidi characters are written out, and
/// what is endless is cut.
pub(super) fn escape(text: &str) -> String {
    // Nearly all there is.
    if text.len() <= LONGEST && text.bytes().all(|octet| matches!(octet, b' '..=b'~')) {
        return text.to_owned();
    }
    let cut = if text.len() > LONGEST && text.chars().nth(LONGEST).is_some() { "… (cut here)" } else { "" };
    text.chars()
        .take(LONGEST)
        .flat_map(|character| {
            let hidden = character.is_control() || HIDDEN.iter().any(|hidden| hidden.contains(&character));
            let escaped = hidden.then(|| character.escape_unicode());
            let plain = (!hidden).then_some(character);
            escaped.into_iter().flatten().chain(plain)
        })
        .chain(cut.chars())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_written_out() {
        assert_eq!(escape("a\u{1b}[31m\u{202e}ü\u{61c}\n"), "a\\u{1b}[31m\\u{202e}ü\\u{61c}\\u{a}");
    }

    #[test]
    fn endless_text_is_cut() {
        let whole = "ü".repeat(LONGEST);
        assert_eq!(escape(&whole), whole);
        assert_eq!(escape(&format!("{whole}ü")), format!("{whole}… (cut here)"));
    }
}

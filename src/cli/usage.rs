//! What is said of a command line that cannot be understood: what was typed, and the command or option that does it.
//!
//! clap finds the fault; the words are those of every other error. Nothing is run here, and no value is ever guessed.

mod habits;
#[cfg(test)]
mod tests;

use super::error::problem;
use super::output::{Color, Output};
use super::{Cli, Exit, help};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory as _};
use std::error::Error as _;
use std::ffi::{OsStr, OsString};

/// Longer than any word that was meant.
const LONGEST: usize = 60;

/// Help and version are answers, on stdout; the rest is a usage error. A closed pipe needs no complaint.
pub(super) fn answer(error: &clap::Error, arguments: &[OsString]) -> Exit {
    if !error.use_stderr() {
        let shown = match error.kind() {
            ErrorKind::DisplayHelp => help::command().try_get_matches_from(arguments).err(),
            _ => None,
        };
        drop(shown.as_ref().unwrap_or(error).print());
        return Exit::Done;
    }
    let json = arguments.iter().any(|argument| argument == "--json");
    Output::new(json, false, 0, Color::Auto).fail(&explained(error, arguments));
    Exit::CouldNot
}

fn explained(error: &clap::Error, arguments: &[OsString]) -> anyhow::Error {
    let root = built();
    let asked = Asked::of(&root, arguments);
    match error.kind() {
        ErrorKind::InvalidSubcommand => asked.no_such_command(&text(error, ContextKind::InvalidSubcommand), error),
        ErrorKind::UnknownArgument => asked.no_such_argument(&text(error, ContextKind::InvalidArg), error, arguments),
        ErrorKind::InvalidValue => asked.no_such_value(error),
        ErrorKind::ValueValidation => asked.not_that_value(error),
        ErrorKind::MissingRequiredArgument => asked.missing(error),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => asked.no_command(),
        ErrorKind::ArgumentConflict => {
            problem(first_line(error), format!("leave out one of them; see `{} --help`", asked.name))
        }
        _ => problem(first_line(error), asked.help()),
    }
}

/// A call of a program that has no command in it: there is nobody to be shown around.
pub(super) fn no_command() -> anyhow::Error {
    problem("no command is named", "`qcert --help` lists them")
}

/// A path with quotation marks in it was pasted with them, or ends in a `\` that took the closing one in (Windows).
pub(super) fn stray_quote(arguments: &[OsString]) -> Option<String> {
    let quoted = |word: &str| {
        let single = word.len() > 1 && word.starts_with('\'') && word.ends_with('\'');
        single || word.contains(['"', '\u{201c}', '\u{201d}', '\u{201e}'])
    };
    let word = arguments.iter().skip(1).filter_map(|word| word.to_str()).find(|word| quoted(word))?;
    Some(format!(
        "`{}` has a quotation mark in it: leave it out, and on Windows the `\\` before a closing one",
        cut(word)
    ))
}

fn built() -> Command {
    let mut root = Cli::command();
    root.build();
    root
}

/// The command that was asked for, as far as it can be told.
struct Asked<'a> {
    /// `qcert store list`.
    name: String,
    command: &'a Command,
}

impl<'a> Asked<'a> {
    fn of(root: &'a Command, arguments: &[OsString]) -> Self {
        let mut asked = Self { name: "qcert".to_owned(), command: root };
        let mut words = arguments.iter().skip(1);
        while let Some(word) = words.next() {
            // The two of the options for every command that take a value.
            if word == "--home" || word == "--color" {
                words.next();
            } else if !is_option(word) && word != "help" {
                let Some(command) = asked.command.find_subcommand(word) else { break };
                asked = Self { name: format!("{} {}", asked.name, command.get_name()), command };
            }
        }
        asked
    }

    fn has(&self, option: &str) -> bool {
        self.command.get_arguments().any(|argument| argument.get_long() == Some(option))
    }

    fn takes_paths(&self) -> bool {
        self.command.get_positionals().any(|argument| argument.get_id() == "paths")
    }

    fn commands(&self) -> String {
        let names = self.command.get_subcommands().map(Command::get_name).filter(|name| *name != "help");
        names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    }

    fn help(&self) -> String {
        format!("see `{} --help`", self.name)
    }

    /// How the command is used, by the first of its examples.
    fn example(&self) -> String {
        let help = self.command.get_after_help().map(ToString::to_string).unwrap_or_default();
        match examples(&help).next() {
            Some(example) => format!("for example `{example}`; more in `{} --help`", self.name),
            None => self.help(),
        }
    }

    fn no_such_command(&self, typed: &str, error: &clap::Error) -> anyhow::Error {
        let near = strings(error, ContextKind::SuggestedSubcommand);
        let near = nearest(typed, &near).map(|near| format!("did you mean `{} {near}`?", self.name));
        let known = if self.name == "qcert" { habits::command(typed).map(str::to_owned) } else { None };
        let all = || match self.name.as_str() {
            "qcert" => "`qcert --help` lists the commands".to_owned(),
            _ => format!("its commands are {}", self.commands()),
        };
        let message = match self.name.as_str() {
            "qcert" => format!("there is no command `{}`", cut(typed)),
            name => format!("`{name}` has no command `{}`", cut(typed)),
        };
        problem(message, known.or(near).unwrap_or_else(all))
    }

    fn no_command(&self) -> anyhow::Error {
        problem(format!("`{}` needs one of its commands: {}", self.name, self.commands()), self.example())
    }

    fn no_such_argument(&self, typed: &str, error: &clap::Error, arguments: &[OsString]) -> anyhow::Error {
        if let Some(option) = arguments.iter().skip(1).find_map(|word| self.one_hyphen(word)) {
            return problem(
                format!("`{}` has no `-{option}`", self.name),
                format!("an option that is a word has two hyphens: `--{option}`"),
            );
        }
        if !typed.starts_with('-') {
            return self.no_place(typed);
        }
        let near = strings(error, ContextKind::SuggestedArg);
        let near = nearest(typed, &near).map(|near| format!("did you mean `{near}`?"));
        let known = habits::option(typed, |option| self.has(option), self.takes_paths());
        let hint = known.map(str::to_owned).or(near).unwrap_or_else(|| self.example());
        problem(format!("`{}` has no `{}`", self.name, cut(typed)), hint)
    }

    /// `-machine`, as openssl and Go's programs write it: to clap that is `-m achine`.
    fn one_hyphen(&self, word: &OsStr) -> Option<String> {
        let word = word.to_str()?.strip_prefix('-')?.split('=').next()?;
        (word.len() > 1 && !word.starts_with('-') && self.has(word)).then(|| word.to_owned())
    }

    fn no_place(&self, typed: &str) -> anyhow::Error {
        let hint = if self.has("machine") {
            format!("a machine is named with `--machine`: {}", self.example())
        } else {
            self.example()
        };
        problem(format!("`{}` has no place for `{}`", self.name, cut(typed)), hint)
    }

    fn no_such_value(&self, error: &clap::Error) -> anyhow::Error {
        let (option, typed) = (text(error, ContextKind::InvalidArg), text(error, ContextKind::InvalidValue));
        let name = option.split(' ').next().unwrap_or_default();
        if typed.is_empty() {
            return problem(format!("`{option}` was given nothing"), self.example());
        }
        let valid: Vec<_> = strings(error, ContextKind::ValidValue).iter().map(|valid| format!("`{valid}`")).collect();
        let near = match error.get(ContextKind::SuggestedValue) {
            Some(ContextValue::String(near)) => Some(format!("did you mean `{near}`?")),
            _ => None,
        };
        let known = habits::value(name, &typed).map(str::to_owned);
        let hint = known.or(near).unwrap_or_else(|| format!("`{} --help` says what each is", self.name));
        problem(format!("`{name}` cannot be `{}`: it is one of {}", cut(&typed), valid.join(", ")), hint)
    }

    fn not_that_value(&self, error: &clap::Error) -> anyhow::Error {
        let (option, typed) = (text(error, ContextKind::InvalidArg), text(error, ContextKind::InvalidValue));
        let hint = match error.source().map(ToString::to_string) {
            // "0 is not in 1..=600"
            Some(range) if range.contains(" is not in ") => {
                let range = range.split(" is not in ").nth(1).unwrap_or_default();
                match range.split_once("..=") {
                    Some((least, most)) if most == u32::MAX.to_string() => format!("it is a number from {least} on"),
                    _ => format!("it is a number from {}", range.replace("..=", " to ")),
                }
            }
            Some(advice) if advice.contains("digit") => "it is a whole number".to_owned(),
            Some(advice) => advice,
            None => self.help(),
        };
        let name = option.split(' ').next().unwrap_or_default();
        problem(format!("`{name}` cannot be `{}`", cut(&typed)), hint)
    }

    fn missing(&self, error: &clap::Error) -> anyhow::Error {
        let missing: Vec<_> =
            strings(error, ContextKind::InvalidArg).iter().map(|missing| format!("`{missing}`")).collect();
        problem(format!("`{}` also needs {}", self.name, missing.join(" and ")), self.example())
    }
}

fn is_option(word: &OsStr) -> bool {
    word.as_encoded_bytes().starts_with(b"-") && word != "-"
}

/// The commands among the examples of a help text, without what is said beside them.
pub(super) fn examples(help: &str) -> impl Iterator<Item = &str> {
    let (_, examples) = help.split_once("EXAMPLES\n").unwrap_or_default();
    let lines = examples.split("\n\nEXIT CODES").next().unwrap_or_default().lines();
    lines.filter_map(|line| line.strip_prefix("  ")).filter(|line| line.starts_with("qcert")).map(|line| {
        let command = line.split("   ").next().unwrap_or_default();
        command.split("  ").next().unwrap_or_default().trim_end()
    })
}

fn text(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    }
}

fn strings(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::Strings(texts)) => texts.clone(),
        Some(ContextValue::String(text)) => vec![text.clone()],
        _ => Vec::new(),
    }
}

fn first_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    first.strip_prefix("error: ").unwrap_or(first).replace('\'', "`")
}

/// The likest of what clap proposes, unless it is another word altogether: nobody is led to `recreate` by a guess.
fn nearest<'a>(typed: &str, proposed: &'a [String]) -> Option<&'a str> {
    let words = proposed.iter().map(|word| word.split(' ').next().unwrap_or_default());
    let (distance, word) = words.map(|word| (distance(typed, word), word)).min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + word.len() / 4).then_some(word)
}

/// Letters to be changed, added or left out (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (at, letter) in from.chars().take(LONGEST).enumerate() {
        let mut left = at + 1;
        let mut next = vec![left];
        for (above, other) in row.windows(2).zip(&to) {
            let [diagonal, above] = above else { continue };
            left = (left + 1).min(above + 1).min(diagonal + usize::from(letter != *other));
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

fn cut(typed: &str) -> String {
    match typed.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", typed.get(..end).unwrap_or_default()),
        None => typed.to_owned(),
    }
}

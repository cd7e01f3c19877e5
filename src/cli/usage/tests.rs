//! Tests of `usage`, and of every help text: it has its sections, fits on a screen, and its examples are understood.

use super::super::{Cli, welcome};
use super::{built, distance, examples, habits, nearest};
use crate::host::reading;
use crate::pki::inventory::InFile;
use clap::error::ErrorKind;
use clap::{Command, Parser as _};
use std::path::Path;

/// Words as a shell takes them, as far as help texts need it.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '\'' | '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    let redirection = words.iter().position(|word| matches!(word.as_str(), ">" | ">>" | "<" | "|"));
    words.truncate(redirection.unwrap_or(words.len()));
    words
}

fn parses(line: &str) {
    let result = Cli::try_parse_from(words(line));
    assert!(result.is_ok(), "`{line}`: {}", result.unwrap_err());
}

fn each(command: &Command, path: &str, visit: &mut impl FnMut(&Command, &str)) {
    visit(command, path);
    for below in command.get_subcommands().filter(|below| below.get_name() != "help" && !below.is_hide_set()) {
        each(below, &format!("{path} {}", below.get_name()), visit);
    }
}

fn every(mut visit: impl FnMut(&Command, &str)) {
    let mut seen = 0;
    each(&built(), "qcert", &mut |command, path| {
        visit(command, path);
        seen += 1;
    });
    assert!(seen > 20, "{seen} commands");
}

#[test]
fn every_help_has_examples_that_are_understood_and_exit_codes() {
    every(|command, path| {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.contains("EXAMPLES\n") && help.contains("\n\nEXIT CODES\n"), "{path}: {help}");
        assert!(examples(&help).count() >= 2, "{path}: {help}");
        for example in examples(&help) {
            parses(example);
        }
    });
}

#[test]
fn what_a_bare_call_shows_is_understood() {
    assert!(welcome::commands().count() >= 8);
    welcome::commands().for_each(parses);
}

#[test]
fn a_guess_is_near() {
    for (typed, meant) in [("exprot", "export"), ("lst", "list"), ("--machin", "--machine"), ("ex", "ex")] {
        assert_eq!(nearest(typed, &[meant.to_owned(), "probe".to_owned()]), Some(meant));
    }
    assert_eq!(nearest("frobnicate", &["recreate".to_owned()]), None);
    assert_eq!(nearest("x", &[]), None);
    assert_eq!((distance("", "ab"), distance("ab", ""), distance("kitten", "sitting")), (2, 2, 3));
}

/// Commands that hints name in backticks.
fn quoted(hint: &str) -> impl Iterator<Item = &str> {
    hint.split('`').skip(1).step_by(2).filter(|word| word.starts_with("qcert "))
}

#[test]
fn what_habits_are_answered_with_is_there() {
    let commands = habits::COMMANDS.iter().map(|(_, way)| *way);
    let options = habits::OPTIONS.iter().flat_map(|(_, ways)| ways.iter().map(|(_, way)| *way));
    let ways: Vec<_> = commands.chain(options).collect();
    assert!(ways.iter().all(|way| way.contains('`')));
    for command in ways.into_iter().flat_map(quoted).filter(|command| *command != "qcert --version") {
        // What may be left open in a hint.
        let whole = if command == "qcert revoke" { "qcert revoke ./old/client.pem" } else { command };
        parses(whole);
    }
    let root = built();
    for (words, ways) in habits::OPTIONS {
        assert!(words.iter().all(|word| word.starts_with('-')), "{words:?}");
        for (option, _) in ways.iter().filter(|(option, _)| *option != "paths") {
            let mut has = false;
            each(&root, "qcert", &mut |command, _| {
                has |= command.get_arguments().any(|argument| argument.get_long() == Some(*option));
            });
            assert!(has, "no command has --{option}");
        }
    }
}

/// No word is in vain: none is a command itself, none stands twice, and each is played.
#[test]
fn every_habit_is_played() {
    let case = include_str!("../../../tests/cmd/habits.case");
    let played =
        |word: &str| case.lines().any(|line| line.starts_with("$ ") && line.split(' ').any(|typed| typed == word));
    let root = built();
    let mut seen = Vec::new();
    for word in habits::COMMANDS.iter().flat_map(|(words, _)| words.iter()) {
        assert!(root.find_subcommand(word).is_none(), "`{word}` is a command");
        assert!(!seen.contains(word), "`{word}` stands twice");
        assert!(played(word), "`{word}` is not in habits.case");
        seen.push(word);
    }
    for word in habits::OPTIONS.iter().flat_map(|(words, _)| words.iter()) {
        assert!(!seen.contains(word), "`{word}` stands twice");
        assert!(played(word), "`{word}` is not in habits.case");
        seen.push(word);
    }
    for word in habits::VALUES.iter().flat_map(|(_, words, _)| words.iter()) {
        assert!(played(word), "`{word}` is not in habits.case");
    }
}

/// What follows `qcert` in backticks, in a text whose lines may be continued.
fn named(text: &str) -> Vec<String> {
    let joined: Vec<&str> = text.split("\\\n").map(str::trim_start).collect();
    let joined = joined.concat();
    let spans = joined.lines().flat_map(|line| line.split('`').skip(1).step_by(2).map(str::to_owned));
    // Left open on purpose: what a program puts in, and words for any command.
    let is_open = |span: &str| ["{", "…", "COMMAND", "|", "\\"].iter().any(|open| span.contains(open));
    spans.filter(|span| span.starts_with("qcert ") && !is_open(span)).collect()
}

/// Every command that README, the documents, a hint or a comment names has these words and options.
#[test]
fn every_command_that_a_text_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let paths = [root.join("README.md"), root.join("src"), root.join("docs")];
    let is_text =
        |file: &InFile| Path::new(&file.path).extension().is_some_and(|ending| ending == "rs" || ending == "md");
    let mut count = 0;
    let mut wrong = Vec::new();
    for file in reading::places(&paths, true).into_iter().map(reading::read).filter(is_text) {
        for command in named(&String::from_utf8_lossy(file.bytes.unwrap().expose())) {
            count += 1;
            let Err(error) = Cli::try_parse_from(words(&command)) else { continue };
            if matches!(error.kind(), ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument) {
                wrong.push(format!("{}: `{command}`: {error}", file.path));
            }
        }
    }
    assert!(count > 200, "{count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

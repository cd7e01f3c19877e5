//! What is shown fits the page, and what is recommended can be typed.

use super::topic;
use crate::cli::Cli;
use crate::pki::finding::Severity;
use crate::pki::{knowledge, rules};
use clap::{CommandFactory as _, Parser as _};

#[test]
fn no_line_is_wider_than_the_page() {
    for topic in knowledge::topics() {
        for line in topic::page(topic).lines() {
            assert!(line.chars().count() <= 100, "{}: {line}", topic.name);
            assert!(!line.ends_with(' '), "{}: {line}", topic.name);
        }
    }
}

/// Commands that are still to come may not be recommended.
#[test]
fn every_recommended_command_can_be_typed() {
    let of_topics = knowledge::topics().flat_map(|topic| topic.commands.iter().map(|(command, _)| *command));
    let of_texts = knowledge::texts().map(|text| text.command);
    let of_rules = rules::all().map(super::rule::command);
    let there: Vec<String> = Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let mut parsed = 0;
    for command in of_topics.chain(of_texts).chain(of_rules) {
        let words: Vec<&str> = command.split_whitespace().collect();
        let name = words.get(1).copied().unwrap_or_default();
        assert!(there.iter().any(|there| there == name), "{command}");
        if command.ends_with("--help") {
            continue;
        }
        parsed += 1;
        if let Err(error) = Cli::try_parse_from(words) {
            panic!("{command}: {error}");
        }
    }
    assert!(parsed > 20);
}

#[test]
fn severities_are_said_in_words() {
    for severity in [Severity::Error, Severity::Warning, Severity::Unjudged, Severity::Note] {
        assert!(super::rule::weight(severity).starts_with(severity.word()));
    }
}

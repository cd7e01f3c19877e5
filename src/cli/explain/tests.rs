//! What is shown fits the page, and what is recommended can be typed.

use super::topic;
use crate::cli::Cli;
use crate::host::tls::alert_name;
use crate::pki::finding::Severity;
use crate::pki::knowledge::find::{Subject, find};
use crate::pki::knowledge::scan::Scanner;
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

/// What qcert itself says of an alert leads back here, and so do Schannel's and OpenSSL's numbers.
#[test]
fn every_alert_is_known_by_name_and_number() {
    let fresh = Scanner::new(knowledge::texts());
    let found = |text: &str| {
        let mut scanner = fresh.clone();
        scanner.feed(text.as_bytes());
        scanner.finish().found
    };
    for number in 0..=u8::MAX {
        let name = alert_name(number);
        let by_name = found(&name);
        assert!(!by_name.is_empty(), "{number} {name}");
        if name.starts_with("alert_description") || number == 0 {
            continue;
        }
        for text in [
            format!("The TLS protocol defined fatal alert code is {number}."),
            format!("The TLS protocol defined fatal error code is {number}. The Windows SChannel error state is 1203."),
            format!(
                "write EPROTO 139:error:0A:SSL routines:ssl3_read_bytes:some alert:../deps/rec.c:1:SSL alert number {number}"
            ),
        ] {
            let by_number = found(&text);
            assert!(by_number.iter().any(|found| found.text.name.starts_with("alert-")), "{text}");
        }
    }
    for (text, name) in [
        (
            "A fatal alert was received from the remote endpoint. The TLS protocol defined fatal alert code is 46.",
            "alert-bad-certificate",
        ),
        (
            "A fatal alert was received from the remote endpoint. The TLS protocol defined fatal alert code is 4.",
            "schannel-alert",
        ),
        ("remote error: tls: unknown certificate authority", "alert-unknown-ca"),
        ("Received fatal alert: certificate_required", "alert-certificate-required"),
    ] {
        let names: Vec<&str> = found(text).iter().map(|found| found.text.name).collect();
        assert_eq!(names, [name], "{text}");
    }
}

/// The words by which qcert's own answers name trouble with a port.
#[test]
fn every_kind_of_trouble_leads_to_a_topic() {
    let of_ports = [
        "unknown_name",
        "look_up_timed_out",
        "refused",
        "timed_out",
        "unreachable",
        "reset",
        "closed",
        "silent",
        "slow",
        "too_much",
        "plain_http",
        "http_proxy",
        "not_tls",
        "old_tls",
        "no_common_cipher",
        "alert",
        "protocol",
        "bundle",
    ];
    let of_answers = [
        "forbidden",
        "xsrf",
        "no_certificate",
        "certificate_refused",
        "unauthorized",
        "login_page",
        "not_found",
        "bad_gateway",
        "unavailable",
        "plain_http_expected",
        "https_expected",
        "not_http",
        "no_answer",
        "renegotiation",
        "unprotected",
    ];
    for kind in of_ports.iter().chain(&of_answers) {
        assert!(matches!(find(kind), Some(Subject::Topic(_))), "{kind}");
    }
}

//! The catalogue holds together: names are unique and lead somewhere, texts are found, no line runs over the page.

use super::find::{self, Subject};
use super::scan::Scanner;
use super::*;
use crate::pki::rules;
use std::collections::HashSet;

#[test]
fn names_and_synonyms_are_unique() {
    let mut seen = HashSet::new();
    for topic in topics() {
        for word in std::iter::once(&topic.name).chain(topic.also) {
            assert!(seen.insert(*word), "`{word}` leads to two topics");
        }
    }
    let mut seen = HashSet::new();
    for text in texts() {
        assert!(seen.insert(text.name), "two known texts are named `{}`", text.name);
    }
    assert!(topics().count() > 60 && texts().count() > 80);
}

#[test]
fn every_topic_is_complete_and_leads_to_others() {
    for topic in topics() {
        assert!(!topic.title.is_empty() && !topic.parts.is_empty() && !topic.source.is_empty(), "{}", topic.name);
        for word in topic.see {
            let target = topics().find(|target| target.name == *word);
            assert!(target.is_some_and(|target| target.name != topic.name), "{} points to {word}", topic.name);
        }
    }
}

/// `qcert explain WORD` in a text must lead somewhere.
#[test]
fn every_mention_of_explain_leads_somewhere() {
    let mentions = |said: &'static str| said.split("qcert explain ").skip(1).collect::<Vec<_>>();
    let mut count = 0;
    for said in topics().flat_map(sentences).chain(texts().flat_map(|text| [text.cause, text.fix, text.command])) {
        for mention in mentions(said) {
            let word = mention.split(['`', ' ', ')']).next().unwrap();
            assert!(word.starts_with("--") || matches!(find::find(word), Some(Subject::Topic(_))), "{word}: {said}");
            count += 1;
        }
    }
    assert!(count > 20);
}

fn sentences(topic: &'static Topic) -> Vec<&'static str> {
    let mut all = vec![topic.title];
    for part in topic.parts {
        match part.body {
            Body::Text(text) | Body::Paste(text) => all.push(text),
            Body::Points(points) => all.extend(points),
            Body::Pairs(pairs) => all.extend(pairs.iter().map(|(_, text)| *text)),
            Body::Table(rows) => all.extend(rows.iter().copied().flatten()),
        }
    }
    all.extend(topic.commands.iter().map(|(command, _)| *command));
    all
}

#[test]
fn every_known_text_is_complete_and_found() {
    let fresh = Scanner::new(texts());
    for text in texts() {
        let KnownText { name, program, cause, fix, command, source, .. } = text;
        let all = [name, program, cause, fix, command, source];
        assert!(all.iter().all(|said| !said.is_empty()) && !text.texts.is_empty(), "{name}");
        assert!(command.starts_with("qcert "), "{name}: {command}");
        for pattern in text.texts {
            let line = format!("some words: {}, and more\n", pattern.replace('*', "something").to_uppercase());
            let mut scanner = fresh.clone();
            scanner.feed(line.as_bytes());
            let found = scanner.finish().found;
            let general = text.precision == Precision::General;
            assert!(!found.is_empty() && (general || found.iter().any(|found| found.text.name == *name)), "{pattern}");
            assert!(found.iter().all(|found| found.first_line == 1 && found.lines == 1));
        }
    }
}

/// A general text that is never alone would never be shown.
#[test]
fn every_general_text_has_a_form_of_its_own() {
    let fresh = Scanner::new(texts());
    for text in texts().filter(|text| text.precision == Precision::General) {
        let alone = text.texts.iter().any(|pattern| {
            let mut scanner = fresh.clone();
            scanner.feed(pattern.replace('*', "x").as_bytes());
            scanner.finish().found.iter().any(|found| found.text.name == text.name)
        });
        assert!(alone, "{}", text.name);
    }
}

/// Of families that are in the catalogue already, only rules that it has.
#[test]
fn rules_that_texts_name_exist() {
    for text in texts() {
        for id in text.rules {
            let family = id.split('/').next().unwrap();
            let complete = rules::FAMILIES.iter().any(|(name, _)| *name == family);
            assert!(!complete || rules::all().any(|rule| rule.id == *id), "{}: {id}", text.name);
        }
    }
}

/// What other tools say is in these words as well, and is no error.
#[test]
fn a_healthy_log_says_nothing() {
    let log = "INFO Server started on port 4242\nTLS handshake finished, TLSv1.3\nGET /qrs/about 200 OK in 403 ms\n\
        certificate loaded from root.pem\nnotBefore=Jan 1 2020\nverify return:1\nVerify return code: 0 (ok)\n\
        Verification: OK\nconnection closed normally\n";
    let mut scanner = Scanner::new(texts());
    scanner.feed(log.as_bytes());
    let scan = scanner.finish();
    assert_eq!(scan.lines, 9);
    assert!(scan.found.is_empty(), "{:#?}", scan.found);
}

/// What Node 20, Python 3.11, curl 7, Go 1.19 and Java 17 really said of servers that behave so.
#[test]
fn what_programs_say_of_a_failed_connection_is_known() {
    let fresh = Scanner::new(texts());
    for (says, names) in [
        // closed in the handshake
        (
            "curl: (35) OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to 127.0.0.1:7001",
            &["closed-in-handshake"][..],
        ),
        (
            "ECONNRESET Client network socket disconnected before secure TLS connection was established",
            &["closed-in-handshake"],
        ),
        (
            "SSLEOFError(8, '[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol (_ssl.c:1006)')",
            &["closed-in-handshake"],
        ),
        ("Get \"https://127.0.0.1:7001/\": EOF", &["connection-reset"]),
        ("javax.net.ssl.SSLHandshakeException: Remote host terminated the handshake", &["closed-in-handshake"]),
        // reset in the handshake
        ("curl: (35) Recv failure: Connection reset by peer", &["curl-connect", "connection-reset"]),
        ("Error: read ECONNRESET", &["connection-reset"]),
        ("URLError(ConnectionResetError(104, 'Connection reset by peer'))", &["connection-reset"]),
        ("java.net.SocketException: Connection reset", &["connection-reset"]),
        // no TLS there
        ("curl: (35) OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number", &["not-tls"]),
        ("EPROTO write EPROTO 80BC:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:", &["not-tls"]),
        ("SSLError(1, '[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)')", &["not-tls"]),
        ("http: server gave HTTP response to HTTPS client", &["not-tls"]),
        ("javax.net.ssl.SSLException: Unsupported or unrecognized SSL message", &["not-tls"]),
        // no certificate shown, TLS 1.3 and 1.2
        (
            "curl: (56) OpenSSL SSL_read: OpenSSL/3.0.19: error:0A00045C:SSL routines::tlsv13 alert certificate \
             required, errno 0",
            &["alert-certificate-required"],
        ),
        (
            "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED 802C:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert \
             certificate required:rec_layer_s3.c:1601:SSL alert number 116",
            &["alert-certificate-required"],
        ),
        ("remote error: tls: certificate required", &["alert-certificate-required"]),
        ("SSLHandshakeException: Received fatal alert: certificate_required", &["alert-certificate-required"]),
        ("SSLError(1, '[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure')", &["alert-handshake"]),
        ("remote error: tls: handshake failure", &["alert-handshake"]),
        (
            "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE 80AC:error:0A0000C7:SSL routines:\
             tls_process_client_certificate:peer did not return a certificate:statem_srvr.c:3517:",
            &["alert-certificate-required"],
        ),
        // closed in place of an answer; http:// on a port with TLS
        ("curl: (52) Empty reply from server", &["closed-after-handshake"]),
        ("ECONNRESET socket hang up", &["connection-reset"]),
        ("RemoteDisconnected('Remote end closed connection without response')", &["closed-after-handshake"]),
        ("java.net.SocketException: Unexpected end of file from server", &["closed-after-handshake"]),
        ("ERR_SSL_HTTP_REQUEST 80AC:error:0A00009C:SSL routines:ssl3_get_record:http request:", &["tls-taken-off"]),
    ] {
        let mut scanner = fresh.clone();
        scanner.feed(says.as_bytes());
        let mut found: Vec<_> = scanner.finish().found.iter().map(|sighting| sighting.text.name).collect();
        let mut expected = names.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{says}");
    }
}

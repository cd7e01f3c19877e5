//! The words for a port that cannot be reached or spoken with: one sentence, one way out, and a word for programs.

mod library;

use super::foreign::Foreign;
use super::ports::{self, Manner, Port};
use super::{Patience, Target, alerts};
use crate::host::tls::dial::{Attempt, DialError, Why};
use crate::host::tls::old::OldMet;
use crate::host::tls::{Failure, Stage, alert_name};
use crate::pki::path::PeerName;

/// Why a call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Trouble {
    /// For JSON; public and stable: `refused`, `timed_out` …
    pub(in super::super) kind: &'static str,
    pub(in super::super) what: String,
    pub(in super::super) hint: String,
}

pub(in super::super) fn trouble(kind: &'static str, what: impl Into<String>, hint: impl Into<String>) -> Trouble {
    Trouble { kind, what: what.into(), hint: hint.into() }
}

/// What is to be done where nothing is known of the port.
const RIGHT_PORT: &str = "is this the port that was meant? `qcert explain ports`";

pub(super) fn of_dial(error: &DialError, target: &Target, patience: Patience) -> Trouble {
    match error {
        DialError::UnknownName(_) => trouble(
            "unknown_name",
            format!("this machine's look-up knows no `{}`", target.address),
            "check the spelling, or give the full name or the address",
        ),
        DialError::LookUpTimedOut => trouble(
            "look_up_timed_out",
            format!("looking `{}` up takes more than {}", target.address, seconds(patience)),
            "give the address instead of the name, or look at this machine's DNS",
        ),
        DialError::NoAnswer { attempts } => of_attempts(attempts, target, patience),
    }
}

fn of_attempts(attempts: &[Attempt], target: &Target, patience: Patience) -> Trouble {
    let all = |why: &Why| attempts.iter().all(|attempt| attempt.why == *why);
    let any = |why: &Why| attempts.iter().any(|attempt| attempt.why == *why);
    let each: Vec<_> = attempts.iter().map(|one| format!("{}: {}", one.address, one.why.words())).collect();
    // Whoever calls by a name wants to know where it led.
    let of_name = matches!(target.address.name(), PeerName::Dns(_)) || attempts.len() > 1;
    let addresses = if of_name { format!(" ({})", each.join("; ")) } else { String::new() };
    let place = target.place();
    if all(&Why::Refused) {
        let hint = match ports::port(target.port) {
            Some(port) => format!("is the {} started? It listens there; else a firewall refuses", port.runs),
            None => format!("is the service started? {RIGHT_PORT}"),
        };
        return trouble("refused", format!("nothing listens at `{place}`: the connection is refused{addresses}"), hint);
    }
    if any(&Why::TimedOut) {
        return trouble(
            "timed_out",
            format!("`{place}` does not answer within {}{addresses}", seconds(patience)),
            "a firewall in between drops the packets, or the name leads to another machine, or this one is down",
        );
    }
    trouble(
        "unreachable",
        format!("no way leads to `{place}`: {}", each.join("; ")),
        "look at this machine's network, VPN and routes, and at the address",
    )
}

fn seconds(patience: Patience) -> String {
    format!("{} s", patience.whole().as_secs())
}

pub(super) fn of_failure(failure: &Failure, target: &Target, patience: Patience) -> Trouble {
    let place = target.place();
    let port = ports::port(target.port);
    match failure {
        Failure::Alert(number, _) => {
            let (name, meaning) = (alert_name(*number), alerts::of_greeting(*number));
            trouble("alert", format!("`{place}` ends the handshake (`{name}`): {}", meaning.what), meaning.hint)
        }
        Failure::Closed(Stage::Greeting) | Failure::Reset(Stage::Greeting) => {
            let (kind, how) = of_end(failure);
            trouble(kind, format!("`{place}` {how} once it hears the greeting of TLS"), gone_at_greeting(port))
        }
        Failure::Closed(stage) | Failure::Reset(stage) => {
            let (kind, how) = of_end(failure);
            let when = if *stage == Stage::After { "after the handshake" } else { "amid the handshake" };
            trouble(kind, format!("`{place}` {how} {when}, without a word why"), "see the log of the service")
        }
        Failure::Silent { stage: Stage::Greeting, .. } => trouble(
            "silent",
            format!("`{place}` takes the connection and says nothing for {}", seconds(patience)),
            silent(port),
        ),
        Failure::Silent { octets, .. } => trouble(
            "slow",
            format!("`{place}` does not finish the handshake within {} ({octets} octets came)", seconds(patience)),
            "give it more time with `--timeout`; a line that drops large packets (MTU, VPN) does this, too",
        ),
        Failure::TooMuch(_) => {
            trouble("too_much", format!("`{place}` sends more than any handshake needs; it was cut off"), RIGHT_PORT)
        }
        Failure::NotTls(octets) => of_foreign(Foreign::of(octets), &place, port),
        Failure::NoCommonVersion => trouble(
            "old_tls",
            format!("`{place}` speaks neither TLS 1.2 nor TLS 1.3"),
            "switch TLS 1.2 on where the service runs; programs of today speak nothing older",
        ),
        Failure::NoCommonCipher(word) => {
            let (what, hint) = library::nothing_in_common(word, &place);
            trouble("no_common_cipher", what, hint)
        }
        Failure::Renegotiation => trouble(
            "protocol",
            format!("`{place}` begins the handshake again (renegotiation), which qcert does not do"),
            "Windows' HTTP service asks for a client certificate in this way",
        ),
        Failure::Protocol(word) => {
            let (what, hint) = library::against(word, &place);
            trouble("protocol", what, hint)
        }
        Failure::Io(what) => {
            trouble("protocol", format!("the connection to `{place}` broke: {what}"), "try it once more")
        }
        Failure::Refused(refusal) => trouble("protocol", format!("`{place}`: {}", refusal.words), RIGHT_PORT),
        Failure::NoCertificate => trouble("protocol", format!("`{place}` shows no certificate"), RIGHT_PORT),
    }
}

pub(super) fn of_old(old: &OldMet, target: &Target) -> Trouble {
    let (place, OldMet { version, suite, .. }) = (target.place(), old);
    if *version == "TLS 1.2" {
        return trouble(
            "no_common_cipher",
            format!("`{place}` speaks TLS 1.2 with old cipher suites only ({suite}), which qcert cannot try"),
            "allow the suites with ECDHE and AES-GCM where the service runs; OpenSSL and Node still speak these",
        );
    }
    trouble(
        "old_tls",
        format!("`{place}` speaks {version} ({suite}) and nothing newer"),
        "switch TLS 1.2 on where the service runs; programs of today speak nothing older",
    )
}

fn of_end(failure: &Failure) -> (&'static str, &'static str) {
    match failure {
        Failure::Reset(_) => ("reset", "resets the connection"),
        _ => ("closed", "closes the connection"),
    }
}

fn gone_at_greeting(port: Option<&Port>) -> String {
    match port.map(|port| port.manner) {
        Some(Manner::Database) => DATABASE.to_owned(),
        Some(Manner::Http) => by_design_http(port),
        _ => "it speaks no TLS, or has no usable certificate (Windows ends it so), or something in between cuts it off"
            .to_owned(),
    }
}

const DATABASE: &str = "this is PostgreSQL's port: before TLS it wants a greeting of its own, and shows no certificate \
                        of the site by default";

fn silent(port: Option<&Port>) -> String {
    match port.map(|port| port.manner) {
        Some(Manner::Database) => DATABASE.to_owned(),
        Some(Manner::Http) => by_design_http(port),
        Some(Manner::Mutual) => format!(
            "does the {} hang? See its log; something in between that takes connections for it does this, too",
            port.map_or("service", |port| port.runs)
        ),
        _ => "it may wait for a greeting that is not TLS: is this the port that was meant? `qcert explain ports`"
            .to_owned(),
    }
}

fn by_design_http(port: Option<&Port>) -> String {
    let (number, title) = port.map_or((0, ""), |port| (port.number, port.title));
    format!("{number} ({title}) is HTTP by design: there is no certificate to try; call it with `http://`")
}

fn of_foreign(foreign: Foreign, place: &str, port: Option<&Port>) -> Trouble {
    match foreign {
        Foreign::Http { status, server } => {
            let status = status.map(|status| format!("status {status}"));
            let server = server.map(|server| format!("server `{server}`"));
            let said: Vec<_> = status.into_iter().chain(server).collect();
            let said = if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) };
            let hint = match port.map(|port| port.manner) {
                Some(Manner::Http) => by_design_http(port),
                _ => "callers reach it with `http://`; is this the port that was meant, and is TLS switched on there?"
                    .to_owned(),
            };
            trouble("plain_http", format!("`{place}` speaks plain HTTP, no TLS{said}"), hint)
        }
        Foreign::HttpProxy { sign } => trouble(
            "http_proxy",
            format!("an HTTP proxy answers at `{place}` (`{sign}`), not the service"),
            "give host and port of the service itself; qcert calls directly",
        ),
        Foreign::Other(what) => trouble("not_tls", format!("at `{place}` is {what}, no TLS"), RIGHT_PORT),
        Foreign::Unknown(shown) => {
            trouble("not_tls", format!("`{place}` answers with something that is no TLS: {shown}"), RIGHT_PORT)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::address::Address;

    fn target(typed: &str) -> Target {
        let address = Address::parse(typed).unwrap();
        Target { port: address.port().unwrap(), address }
    }

    fn dialled(typed: &str, whys: &[Why]) -> Trouble {
        let attempt = |(number, why): (usize, &Why)| Attempt {
            address: format!("127.0.0.{}:4242", number + 1).parse().unwrap(),
            why: why.clone(),
        };
        let attempts = whys.iter().enumerate().map(attempt).collect();
        of_dial(&DialError::NoAnswer { attempts }, &target(typed), Patience { timeout: 5 })
    }

    fn failed(typed: &str, failure: &Failure) -> Trouble {
        of_failure(failure, &target(typed), Patience { timeout: 5 })
    }

    #[test]
    fn whatever_keeps_a_connection_from_standing_has_a_word_of_its_own() {
        let refused = dialled("10.0.0.7:4747", &[Why::Refused]);
        assert_eq!((refused.kind, refused.hint.contains("Engine Service")), ("refused", true));
        assert!(!refused.what.contains("127.0.0.1"), "{}", refused.what);
        let both = dialled("host:4242", &[Why::Refused, Why::TimedOut]);
        assert_eq!(both.kind, "timed_out");
        assert!(both.what.contains("127.0.0.1:4242: the connection is refused; 127.0.0.2:4242"), "{}", both.what);
        assert_eq!(dialled("host:1", &[Why::Unreachable]).kind, "unreachable");
        assert_eq!(dialled("host:1", &[Why::Other("odd".to_owned())]).kind, "unreachable");
        let named = |error| of_dial(&error, &target("host:1"), Patience { timeout: 5 }).kind;
        assert_eq!(named(DialError::UnknownName(String::new())), "unknown_name");
        assert_eq!(named(DialError::LookUpTimedOut), "look_up_timed_out");
    }

    #[test]
    fn whatever_ends_a_handshake_has_a_word_of_its_own() {
        let silent = |stage| Failure::Silent { stage, octets: 0 };
        for (failure, kind) in [
            (Failure::Alert(40, Stage::Handshake), "alert"),
            (Failure::Closed(Stage::Greeting), "closed"),
            (Failure::Reset(Stage::Handshake), "reset"),
            (silent(Stage::Greeting), "silent"),
            (silent(Stage::Handshake), "slow"),
            (Failure::TooMuch(Stage::Handshake), "too_much"),
            (Failure::NotTls(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()), "plain_http"),
            (Failure::NotTls(b"HTTP/1.1 400 Bad Request\r\nVia: 1.1 gate\r\n\r\n".to_vec()), "http_proxy"),
            (Failure::NotTls(b"SSH-2.0-x\r\n".to_vec()), "not_tls"),
            (Failure::NoCommonVersion, "old_tls"),
            (Failure::NoCommonCipher("x".to_owned()), "no_common_cipher"),
            (Failure::Renegotiation, "protocol"),
            (Failure::Protocol("x".to_owned()), "protocol"),
        ] {
            let trouble = failed("host:1", &failure);
            assert_eq!(trouble.kind, kind);
            assert!(trouble.what.contains("`host:1`") && !trouble.hint.is_empty(), "{trouble:?}");
        }
    }

    #[test]
    fn old_tls_and_old_suites_are_told_apart() {
        let old = |version| OldMet { version, suite: "0x002f".to_owned(), chain: vec![vec![0]], asked: None };
        let kinds = ["TLS 1.0", "TLS 1.2"].map(|version| of_old(&old(version), &target("host:1")).kind);
        assert_eq!(kinds, ["old_tls", "no_common_cipher"]);
    }

    #[test]
    fn ports_that_are_no_tls_by_design_are_said_to_be() {
        let http = Failure::NotTls(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec());
        assert!(failed("host:4444", &http).hint.contains("HTTP by design"));
        assert!(failed("host:4570", &Failure::Silent { stage: Stage::Greeting, octets: 0 }).hint.contains("by design"));
        assert!(failed("host:4432", &Failure::Closed(Stage::Greeting)).hint.contains("PostgreSQL"));
        assert!(!failed("host:4242", &http).hint.contains("by design"));
    }
}

//! The words for a port that cannot be reached or spoken with: one sentence, one way out, and a word for programs.

use super::{Patience, Target};
use crate::host::tls::dial::{DialError, Why};
use crate::host::tls::{Failure, Stage, alert_name};

/// Why a call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Trouble {
    /// For JSON; public and stable: `refused`, `timed_out` …
    pub(in super::super) kind: &'static str,
    pub(in super::super) what: String,
    pub(in super::super) hint: String,
}

fn trouble(kind: &'static str, what: impl Into<String>, hint: impl Into<String>) -> Trouble {
    Trouble { kind, what: what.into(), hint: hint.into() }
}

pub(super) fn of_dial(error: &DialError, target: &Target) -> Trouble {
    let place = target.place();
    match error {
        DialError::UnknownName(_) => trouble(
            "unknown_name",
            format!("there is no machine `{}`, says this machine's look-up", target.address),
            "check the spelling, or give the full name or the address",
        ),
        DialError::LookUpTimedOut => trouble(
            "look_up_timed_out",
            format!("looking `{}` up takes too long", target.address),
            "give the address instead of the name, or look at this machine's DNS",
        ),
        DialError::NoAnswer { attempts } => {
            let refused = attempts.iter().any(|attempt| attempt.why == Why::Refused);
            if refused {
                return trouble(
                    "refused",
                    format!("`{place}` refuses the connection: nothing listens there"),
                    "is the service started, and is this its port? `qcert explain ports`",
                );
            }
            let why = attempts.first().map_or("nothing answers", |attempt| attempt.why.words());
            trouble(
                "timed_out",
                format!("`{place}` does not answer: {why}"),
                "a firewall in between drops the packets, or the machine is down",
            )
        }
    }
}

pub(super) fn of_failure(failure: &Failure, target: &Target, patience: Patience) -> Trouble {
    let place = target.place();
    match failure {
        Failure::Alert(number, _) => {
            let name = alert_name(*number);
            trouble("alert", format!("`{place}` ends the handshake: {name}"), format!("`qcert explain --text {name}`"))
        }
        Failure::Closed(Stage::After) => {
            trouble("closed", format!("`{place}` closes the connection after the handshake"), "see its log")
        }
        Failure::Silent { .. } => trouble(
            "silent",
            format!("`{place}` takes the connection and then says nothing for {} s", patience.whole().as_secs()),
            "this port may not speak TLS",
        ),
        other => trouble("protocol", format!("`{place}`: {other:?}"), "is this the service's port?"),
    }
}

//! Reaches a port as a tool does: who is called, what came of it, and the words for what went wrong.
//!
//! Several commands call ports; this is what they share. What was shown is not judged here.

mod alerts;
pub(super) mod compare;
pub(super) mod connect;
pub(super) mod connection;
mod foreign;
mod ports;
mod words;

use super::error::problem;
use crate::host::tls::client::{Call, call};
use crate::host::tls::dial::{Connection, dial};
use crate::host::tls::old::{self, OldMet};
use crate::host::tls::{Asked, End, Failure, Identity, Limits, Met, Version};
use crate::pki::address::{Address, AddressError};
use crate::pki::inventory::{self, FileContent};
use crate::pki::path::PeerName;
pub(super) use alerts::of_refusal;
use clap::Args;
pub(super) use ports::{Manner as PortManner, Port, port};
use std::time::Duration;
pub(super) use words::Trouble;

/// How long to wait for a port.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Patience {
    /// Seconds to wait for each connection
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=600),
          help_heading = "Connection")]
    timeout: u16,
}

impl Patience {
    pub(super) fn whole(self) -> Duration {
        Duration::from_secs(u64::from(self.timeout))
    }
}

/// Who is called.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) address: Address,
    pub(super) port: u16,
}

impl Target {
    /// `host:port`.
    pub(super) fn place(&self) -> String {
        self.address.with_port(self.port)
    }
}

/// What is different from one call to the next.
#[derive(Debug, Clone)]
pub(super) struct Manner {
    pub(super) versions: Vec<Version>,
    pub(super) identity: Option<Identity>,
    /// Nothing is said when it is empty.
    pub(super) request: Vec<u8>,
}

/// A whole `HOST:PORT` from the command line.
pub(super) fn parse_address(typed: &str) -> anyhow::Result<Address> {
    Address::parse(typed).map_err(|error| {
        // Where there is a user there may be a password.
        let named = if error == AddressError::User { "this address".to_owned() } else { format!("`{typed}`") };
        problem(format!("{named} cannot be called: {error}"), error.hint())
    })
}

/// After the handshake, for a refusal: whoever minds that there is no certificate says so at once.
const AFTER: Duration = Duration::from_millis(400);
/// Whoever judges one may take a little longer. With TLS 1.3 silence is the only yes (RFC 8446 4.4.2.4).
const AFTER_A_CERTIFICATE: Duration = Duration::from_secs(1);
const MOST_OF_AN_ANSWER: usize = 64 << 10;

/// One handshake. What fails after the connection stands is in `Met::end`.
pub(super) fn reach(
    target: &Target,
    manner: &Manner,
    patience: Patience,
    enough: &dyn Fn(&[u8]) -> bool,
) -> Result<Met, Trouble> {
    let connection = connect(target, patience)?;
    let after = match (&manner.identity, manner.request.is_empty()) {
        (_, false) => patience.whole(),
        (Some(_), true) => AFTER_A_CERTIFICATE,
        (None, true) => AFTER,
    };
    let limits = Limits { whole: patience.whole(), after, answer: MOST_OF_AN_ANSWER };
    let Manner { versions, identity, request } = manner.clone();
    let name = target.address.name();
    Ok(call(connection, &Call { name, versions, identity, check: None, request, limits }, enough))
}

/// The leaf that the port shows to a caller of this name, whatever the address that was given.
pub(super) fn leaf_for(name: &str, target: &Target, patience: Patience) -> Option<Vec<u8>> {
    let connection = connect(target, patience).ok()?;
    let limits = Limits { whole: patience.whole(), after: Duration::ZERO, answer: 0 };
    let (name, versions) = (PeerName::Dns(name.to_owned()), Version::ALL.to_vec());
    let asked = Call { name, versions, identity: None, check: None, request: Vec::new(), limits };
    call(connection, &asked, &|_| true).chain.into_iter().next()
}

fn connect(target: &Target, patience: Patience) -> Result<Connection, Trouble> {
    dial(target.address.host(), target.port, patience.whole()).map_err(|error| words::of_dial(&error, target, patience))
}

/// What the port shows in TLS that is too old for qcert, where `met` came to nothing and this may be why. One more call,
/// without a certificate; `None` where that does not explain it either.
pub(super) fn reach_old(target: &Target, patience: Patience, met: &Met) -> Option<OldMet> {
    let End::Failed(failure) = &met.end else { return None };
    if !met.chain.is_empty() || !old::may_explain(failure) {
        return None;
    }
    let connection = connect(target, patience).ok()?;
    let limits = Limits { whole: patience.whole(), after: AFTER, answer: 0 };
    old::meet(connection, &target.address.name(), limits).ok()
}

/// The words for a port that speaks old TLS only.
pub(super) fn old_trouble(old: &OldMet, target: &Target) -> Trouble {
    words::of_old(old, target)
}

/// The words for an end that is a failure.
pub(super) fn trouble(failure: &Failure, target: &Target, patience: Patience) -> Trouble {
    words::of_failure(failure, target, patience)
}

/// The certificates that a port shows, as if they were a file, and how the call ended. Nothing is shown to the port.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) target: Target,
    pub(super) content: FileContent,
    /// Where there is `old`, this call came to nothing, and its end says why.
    pub(super) met: Met,
    pub(super) old: Option<OldFacts>,
}

/// What a port speaks that qcert does not: nothing of it was proved, and no handshake ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OldFacts {
    /// `TLS 1.0`; `TLS 1.2` where only the cipher suite is too old.
    pub(super) version: &'static str,
    pub(super) suite: String,
    pub(super) asked: Option<Asked>,
}

/// An error only where no certificate was shown, in old TLS neither.
pub(super) fn serve(target: Target, patience: Patience) -> Result<Served, Trouble> {
    let manner = Manner { versions: Version::ALL.to_vec(), identity: None, request: Vec::new() };
    let met = reach(&target, &manner, patience, &|_| true)?;
    let content = |chain: &[Vec<u8>]| inventory::shown(&target.place(), chain);
    if let Some(OldMet { version, suite, chain, asked }) = reach_old(&target, patience, &met) {
        let old = Some(OldFacts { version, suite, asked });
        return Ok(Served { content: content(&chain), target, met, old });
    }
    match (&met.chain[..], &met.end) {
        ([], End::Failed(failure)) => Err(trouble(failure, &target, patience)),
        _ => Ok(Served { content: content(&met.chain), target, met, old: None }),
    }
}

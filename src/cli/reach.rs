//! Reaches a port as a tool does: who is called, what came of it, and the words for what went wrong.
//!
//! Several commands call ports; this is what they share. What was shown is not judged here.

#![expect(dead_code, reason = "the commands that call ports come with the next commits")]

pub(super) mod compare;
mod words;

use super::error::problem;
use crate::host::tls::client::{Call, call};
use crate::host::tls::dial::dial;
use crate::host::tls::{Failure, Identity, Limits, Met, Version};
use crate::pki::address::Address;
use crate::pki::inventory::{self, FileContent};
use clap::Args;
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
    Address::parse(typed).map_err(|error| problem(format!("`{typed}` cannot be called: {error}"), error.hint()))
}

/// After the handshake, for a refusal: whoever minds a certificate says so at once.
const AFTER: Duration = Duration::from_millis(400);
const MOST_OF_AN_ANSWER: usize = 64 << 10;

/// One handshake. What fails after the connection stands is in `Met::end`.
pub(super) fn reach(
    target: &Target,
    manner: &Manner,
    patience: Patience,
    enough: &dyn Fn(&[u8]) -> bool,
) -> Result<Met, Trouble> {
    let connection =
        dial(target.address.host(), target.port, patience.whole()).map_err(|error| words::of_dial(&error, target))?;
    let after = if manner.request.is_empty() { AFTER } else { patience.whole() };
    let limits = Limits { whole: patience.whole(), after, answer: MOST_OF_AN_ANSWER };
    let Manner { versions, identity, request } = manner.clone();
    let name = target.address.name();
    Ok(call(connection, &Call { name, versions, identity, check: None, request, limits }, enough))
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
    pub(super) met: Met,
}

/// An error only where no certificate was shown.
pub(super) fn serve(target: Target, patience: Patience) -> Result<Served, Trouble> {
    let manner = Manner { versions: Version::ALL.to_vec(), identity: None, request: Vec::new() };
    let met = reach(&target, &manner, patience, &|_| true)?;
    match (&met.chain[..], &met.end) {
        ([], crate::host::tls::End::Failed(failure)) => Err(trouble(failure, &target, patience)),
        _ => Ok(Served { content: inventory::shown(&target.place(), &met.chain), target, met }),
    }
}

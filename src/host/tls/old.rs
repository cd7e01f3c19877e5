//! Asks a port that rustls cannot speak with what it shows: TLS 1.0 and 1.1, or TLS 1.2 with cipher suites of their age,
//! as Windows Server 2012 R2 offers them for RSA keys.
//!
//! Says hello once, reads what the other end says in the clear (RFC 5246 7.4), up to its ServerHelloDone, and goes away.
//! No key is agreed upon and no signature is looked at: that the other end has its certificate's key is not proved here.

mod flight;
mod hello;

use super::dial::Connection;
use super::wire::Wire;
use super::{Asked, Failure, Limits, provider};
use crate::pki::path::PeerName;
use flight::Flight;

/// What a port said in the clear. It proved nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldMet {
    /// As a person says it: `TLS 1.0`.
    pub version: &'static str,
    /// As IANA writes it, or `0x` and its number.
    pub suite: String,
    /// DER, leaf first; never empty.
    pub chain: Vec<Vec<u8>>,
    /// `None` where it asks for no certificate.
    pub asked: Option<Asked>,
}

/// Whether old TLS may be what `failure` comes from, so that it is worth a call. Some old programs hang up on a hello that
/// they do not understand.
pub fn may_explain(failure: &Failure) -> bool {
    use super::Stage::Greeting;
    match failure {
        Failure::NoCommonVersion
        | Failure::NoCommonCipher(_)
        | Failure::Closed(Greeting)
        | Failure::Reset(Greeting) => true,
        // handshake_failure, protocol_version, insufficient_security.
        Failure::Alert(40 | 70 | 71, stage) => *stage != super::Stage::After,
        _ => false,
    }
}

/// Asks over `connection`; of `limits` the whole counts. `name` is sent where it is a DNS name.
pub fn meet(connection: Connection, name: &PeerName, limits: Limits) -> Result<OldMet, Failure> {
    let mut wire = Wire::new(connection.stream, Limits { answer: 0, ..limits });
    let mut random = [0; 32];
    provider().secure_random.fill(&mut random).map_err(|_| Failure::Io("no random octets".to_owned()))?;
    wire.write(&hello::client_hello(name, &random))?;
    let mut flight = Flight::default();
    let met = loop {
        let octets = wire.read(None)?;
        if octets.is_empty() {
            return Err(Failure::Closed(wire.stage));
        }
        if let Some(met) = flight.take(&octets)? {
            break met;
        }
    };
    // Two warnings, user_canceled and close_notify (RFC 5246 7.2): the other end need not log a fault.
    let [high, low] = flight.version();
    drop(wire.write(&[21, high, low, 0, 2, 1, 90, 21, high, low, 0, 2, 1, 0]));
    Ok(met)
}

//! The end that calls: one handshake, with or without a certificate of its own, and what came of it.

use super::dial::Connection;
use super::verifier::Verifier;
use super::wire::Wire;
use super::{Asked, Check, End, Failure, Identity, Limits, Met, Version, provider, shake};
use crate::pki::path::PeerName;
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::pki_types::ServerName;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ClientConnection, SignatureScheme};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// What one call is to be like.
#[derive(Clone)]
pub struct Call {
    /// Whom the caller means to reach: sent as SNI (RFC 6066 3) where it is a DNS name.
    pub name: PeerName,
    /// Which versions are offered.
    pub versions: Vec<Version>,
    /// Shown when the other end asks.
    pub identity: Option<Identity>,
    /// Without one, whatever is shown is taken.
    pub check: Option<Arc<Check>>,
    /// Said after the handshake, and an answer waited for; nothing for empty.
    pub request: Vec<u8>,
    pub limits: Limits,
}

impl fmt::Debug for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, versions, identity, .. } = self;
        formatter
            .debug_struct("Call")
            .field("name", name)
            .field("versions", versions)
            .field("identity", identity)
            .finish()
    }
}

/// Calls over `connection`. `enough` says when an answer is whole; without a request it is not asked.
pub fn call(connection: Connection, call: &Call, enough: &dyn Fn(&[u8]) -> bool) -> Met {
    let (verifier, seen) = Verifier::new(call.check.clone(), &[]);
    let chooser = Arc::new(Chooser { identity: call.identity.clone(), noted: Mutex::default() });
    let mut met = Met::of(connection.address);
    let mut wire = Wire::new(connection.stream, call.limits);
    match client(call, verifier, Arc::clone(&chooser)) {
        Ok(mut client) => {
            let outcome = run(&mut client, &mut wire, call, enough);
            met.note(&client, outcome);
        }
        Err(why) => met.end = End::Failed(Failure::Io(why)),
    }
    met.take(&seen);
    let noted = chooser.noted.lock().unwrap_or_else(PoisonError::into_inner);
    met.asked.clone_from(&noted.asked);
    met.shown = noted.shown;
    met
}

fn client(call: &Call, verifier: Arc<Verifier>, chooser: Arc<Chooser>) -> Result<ClientConnection, String> {
    let versions: Vec<_> = call.versions.iter().map(|version| version.supported()).collect();
    let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&versions);
    let builder = builder.map_err(|error| error.to_string())?;
    let mut config = builder.dangerous().with_custom_certificate_verifier(verifier).with_client_cert_resolver(chooser);
    // Each call is a whole handshake.
    config.resumption = Resumption::disabled();
    let name = match &call.name {
        PeerName::Dns(name) => ServerName::try_from(name.clone()).map_err(|error| error.to_string())?,
        PeerName::Ip(address) => ServerName::from(*address),
    };
    ClientConnection::new(Arc::new(config), name).map_err(|error| error.to_string())
}

fn run(
    client: &mut ClientConnection,
    wire: &mut Wire,
    call: &Call,
    enough: &dyn Fn(&[u8]) -> bool,
) -> Result<super::After, Failure> {
    shake::handshake(client, wire)?;
    if !call.request.is_empty() {
        shake::say(client, wire, &call.request)?;
    }
    let after = shake::listen(client, wire, call.limits, enough)?;
    client.send_close_notify();
    drop(shake::flush(client, wire));
    Ok(after)
}

/// Shows the certificate when it is asked for, whatever issuers are named: the other end shall judge it.
struct Chooser {
    identity: Option<Identity>,
    noted: Mutex<Noted>,
}

#[derive(Debug, Default)]
struct Noted {
    asked: Option<Asked>,
    shown: bool,
}

impl fmt::Debug for Chooser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Chooser")
    }
}

impl ResolvesClientCert for Chooser {
    fn resolve(&self, issuers: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.asked = Some(Asked { issuers: issuers.iter().map(|name| name.to_vec()).collect() });
        let key = &self.identity.as_ref()?.0;
        noted.shown = key.key.choose_scheme(schemes).is_some();
        Some(Arc::clone(key))
    }

    fn has_certs(&self) -> bool {
        // Else rustls answers for itself, and what was asked for would not be known.
        true
    }
}

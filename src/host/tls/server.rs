//! The end that is called, on this machine's loopback only: one connection, and what came of it.

use super::dial::Connection;
use super::verifier::Verifier;
use super::wire::Wire;
use super::{After, Check, End, Failure, Identity, Limits, Met, Version, provider, shake};
use rustls::server::ResolvesServerCert;
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection};
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// Another program may call first; so many are sent away.
const STRANGERS: usize = 16;

/// How one call is answered.
#[derive(Clone)]
pub struct Callee {
    pub identity: Identity,
    pub versions: Vec<Version>,
    /// Of the certificate that the caller must show.
    pub check: Arc<Check>,
    /// Names of issuers (DER) that the caller is told.
    pub issuers: Vec<Vec<u8>>,
    /// Said when the caller has said something.
    pub answer: Vec<u8>,
    pub limits: Limits,
}

impl fmt::Debug for Callee {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Callee").field("versions", &self.versions).finish_non_exhaustive()
    }
}

/// Both ends of a connection over 127.0.0.1, the caller's first; nobody else has either.
pub fn loopback(patience: Duration) -> io::Result<(Connection, Connection)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let caller = TcpStream::connect_timeout(&address, patience)?;
    let own = caller.local_addr()?;
    // The call is made already: accepting does not wait, and ends when there are only strangers.
    for _ in 0..STRANGERS {
        let (stream, from) = listener.accept()?;
        if from == own {
            let connection = |stream, address: SocketAddr| Connection { stream, address };
            return Ok((connection(caller, address), connection(stream, from)));
        }
    }
    Err(io::Error::other("other programs call this port"))
}

/// Answers over `connection`.
pub fn answer(connection: Connection, callee: &Callee) -> Met {
    let (verifier, seen) = Verifier::new(Some(Arc::clone(&callee.check)), &callee.issuers);
    let mut wire = Wire::new(connection.stream, callee.limits);
    let mut met = Met { shown: true, ..Met::of(connection.address) };
    match server(callee, verifier) {
        Ok(mut server) => {
            let outcome = run(&mut server, &mut wire, callee);
            met.note(&server, outcome);
        }
        Err(why) => met.end = End::Failed(Failure::Io(why)),
    }
    met.take(&seen);
    met
}

fn server(callee: &Callee, verifier: Arc<Verifier>) -> Result<ServerConnection, String> {
    let versions: Vec<_> = callee.versions.iter().map(|version| version.supported()).collect();
    let builder = ServerConfig::builder_with_provider(provider()).with_protocol_versions(&versions);
    let builder = builder.map_err(|error| error.to_string())?.with_client_cert_verifier(verifier);
    let config = builder.with_cert_resolver(Arc::new(Shown(Arc::clone(&callee.identity.0))));
    ServerConnection::new(Arc::new(config)).map_err(|error| error.to_string())
}

fn run(server: &mut ServerConnection, wire: &mut Wire, callee: &Callee) -> Result<After, Failure> {
    shake::handshake(server, wire)?;
    let heard = shake::listen(server, wire, callee.limits, &|heard| !heard.is_empty())?;
    if matches!(heard, After::Answer(_)) {
        shake::say(server, wire, &callee.answer)?;
    }
    server.send_close_notify();
    drop(shake::flush(server, wire));
    Ok(heard)
}

/// The one certificate, whatever name the caller asks for.
struct Shown(Arc<CertifiedKey>);

impl fmt::Debug for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Shown")
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: rustls::server::ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

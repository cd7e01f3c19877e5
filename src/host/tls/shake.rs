//! Drives a rustls connection over a `Wire`, and says in facts how it ended. Both ends of a connection use it.

use super::wire::Wire;
use super::{After, Failure, Limits, Stage, Version};
use rustls::{ConnectionCommon, Error, InvalidMessage, PeerIncompatible, PeerMisbehaved};
use std::io::{ErrorKind, Read as _, Write as _};
use std::time::Instant;

/// Until both ends are done, as far as this end can see.
pub(super) fn handshake<D>(connection: &mut ConnectionCommon<D>, wire: &mut Wire) -> Result<(), Failure> {
    while connection.is_handshaking() {
        flush(connection, wire)?;
        if connection.wants_read() && connection.is_handshaking() && !receive(connection, wire, None, None)? {
            return Err(Failure::Closed(wire.stage));
        }
    }
    flush(connection, wire)?;
    wire.stage = Stage::After;
    Ok(())
}

/// Says something, once the handshake is done.
pub(super) fn say<D>(connection: &mut ConnectionCommon<D>, wire: &mut Wire, octets: &[u8]) -> Result<(), Failure> {
    connection.writer().write_all(octets).map_err(|error| Failure::Io(error.to_string()))?;
    flush(connection, wire)
}

/// Waits for what comes after the handshake: a refusal, or the answer to what was said, until `enough` of it is there,
/// the other end closes, or the time is over.
pub(super) fn listen<D>(
    connection: &mut ConnectionCommon<D>,
    wire: &mut Wire,
    limits: Limits,
    enough: &dyn Fn(&[u8]) -> bool,
) -> Result<After, Failure> {
    let until = Instant::now().checked_add(limits.after);
    let renegotiates = connection.protocol_version().and_then(Version::of) == Some(Version::Tls12);
    wire.take_handshake_records();
    let (mut heard, mut more) = (Heard { answer: Vec::new(), most: limits.answer, closed: false }, true);
    loop {
        // Something may have come together with the handshake's last message.
        heard.take(connection)?;
        let Heard { ref answer, closed, .. } = heard;
        if answer.len() >= limits.answer || !answer.is_empty() && (closed || !more || enough(answer)) {
            return Ok(After::Answer(heard.answer));
        }
        if closed {
            return Ok(After::Closed);
        }
        if !more {
            return Err(Failure::Closed(Stage::After));
        }
        if renegotiates && answer.is_empty() && wire.take_handshake_records() > 0 {
            return Err(Failure::Renegotiation);
        }
        more = match receive(connection, wire, until, Some(&mut heard)) {
            // What was waited for did not come, or no more of it.
            Err(Failure::Silent { .. }) if heard.answer.is_empty() => return Ok(After::Quiet),
            Err(Failure::Silent { .. } | Failure::Reset(_) | Failure::Closed(_)) if !heard.answer.is_empty() => {
                return Ok(After::Answer(heard.answer));
            }
            outcome => outcome?,
        };
    }
}

/// What the other end said after the handshake.
struct Heard {
    answer: Vec<u8>,
    most: usize,
    /// In good order.
    closed: bool,
}

impl Heard {
    /// What was deciphered so far.
    fn take<D>(&mut self, connection: &mut ConnectionCommon<D>) -> Result<(), Failure> {
        let mut piece = [0; 4096];
        loop {
            match connection.reader().read(&mut piece) {
                Ok(0) => self.closed = true,
                Ok(count) => {
                    let room = self.most.saturating_sub(self.answer.len());
                    self.answer.extend(piece.iter().take(count.min(room)));
                    continue;
                }
                // Closed without the orderly word: whoever reads the socket sees that.
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::UnexpectedEof) => {}
                Err(error) => return Err(Failure::Io(error.to_string())),
            }
            return Ok(());
        }
    }
}

/// False once the other end has closed the connection. rustls takes no more octets while it has 16 KiB that nobody has
/// read: what it deciphers goes to `heard` as it comes.
fn receive<D>(
    connection: &mut ConnectionCommon<D>,
    wire: &mut Wire,
    until: Option<Instant>,
    mut heard: Option<&mut Heard>,
) -> Result<bool, Failure> {
    let octets = wire.read(until)?;
    let more = !octets.is_empty();
    let mut rest = &octets[..];
    loop {
        // Reading from memory does not fail: it is rustls that has no room for a message so long.
        connection.read_tls(&mut rest).map_err(|_| Failure::TooMuch(wire.stage))?;
        if let Err(error) = connection.process_new_packets() {
            // The alert that rustls has ready; where it does not get through, nothing is lost.
            drop(flush(connection, wire));
            return Err(failure(error, wire.stage));
        }
        if rest.is_empty() {
            break;
        }
        if let Some(heard) = &mut heard {
            heard.take(connection)?;
        }
    }
    flush(connection, wire)?;
    Ok(more)
}

pub(super) fn flush<D>(connection: &mut ConnectionCommon<D>, wire: &mut Wire) -> Result<(), Failure> {
    let mut octets = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut octets).map_err(|error| Failure::Io(error.to_string()))?;
    }
    wire.write(&octets)
}

fn failure(error: Error, stage: Stage) -> Failure {
    match error {
        Error::AlertReceived(alert) => Failure::Alert(alert.into(), stage),
        Error::NoCertificatesPresented => Failure::NoCertificate,
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::SupportedVersionsExtensionRequired
            | PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled,
        ) => Failure::NoCommonVersion,
        Error::PeerIncompatible(why) => Failure::NoCommonCipher(format!("{why:?}")),
        Error::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedCipherSuite) => {
            Failure::NoCommonCipher("a cipher suite that was not offered".to_owned())
        }
        Error::InvalidMessage(
            InvalidMessage::HandshakePayloadTooLarge | InvalidMessage::CertificatePayloadTooLarge,
        )
        | Error::PeerSentOversizedRecord => Failure::TooMuch(stage),
        other => Failure::Protocol(other.to_string()),
    }
}

//! A socket with bounds: how long, how many octets; and the record headers that pass (RFC 8446 5.1), which are open.
//!
//! What is in a record is rustls' matter.

use super::{Failure, Limits, Stage};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// More than a handshake with the largest chain that rustls takes (64 KiB a message) can be.
const MOST_OCTETS: u64 = 1 << 20;
/// Of what is not TLS so much is kept to tell what it is.
const FOREIGN: usize = 4096;

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    end: Instant,
    octets: u64,
    most: u64,
    pub(super) stage: Stage,
    records: Records,
    buffer: Vec<u8>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, limits: Limits) -> Self {
        // Small messages go out at once; where the system refuses that, they go out all the same.
        drop(stream.set_nodelay(true));
        let most = MOST_OCTETS.saturating_add(limits.answer as u64);
        let (records, buffer) = (Records::default(), vec![0; 16 * 1024]);
        Self { stream, end: limits.deadline(), octets: 0, most, stage: Stage::Greeting, records, buffer }
    }

    /// What came next, up to `until` or the end of all time. Empty at the other end's close.
    pub(super) fn read(&mut self, until: Option<Instant>) -> Result<Vec<u8>, Failure> {
        let end = until.map_or(self.end, |until| until.min(self.end));
        let count = loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(self.silent());
            }
            self.stream.set_read_timeout(Some(left)).map_err(|error| Failure::Io(error.to_string()))?;
            match self.stream.read(&mut self.buffer) {
                Ok(count) => break count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.broken(&error)),
            }
        };
        self.octets = self.octets.saturating_add(count as u64);
        if self.octets > self.most {
            return Err(Failure::TooMuch(self.stage));
        }
        let octets = self.buffer.get(..count).unwrap_or_default().to_vec();
        if self.stage == Stage::Greeting && count > 0 {
            if !octets.first().is_some_and(|kind| matches!(*kind, ALERT | HANDSHAKE)) {
                return Err(Failure::NotTls(self.foreign(octets)));
            }
            self.stage = Stage::Handshake;
        }
        self.records.pass(&octets);
        Ok(octets)
    }

    /// A little more of what is not TLS: a whole line says more than a piece.
    fn foreign(&mut self, mut begun: Vec<u8>) -> Vec<u8> {
        let until = Instant::now().checked_add(Duration::from_millis(300)).unwrap_or(self.end).min(self.end);
        while begun.len() < FOREIGN {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.stream.set_read_timeout(Some(left)).is_err() {
                break;
            }
            match self.stream.read(&mut self.buffer) {
                Ok(count) if count > 0 => begun.extend(self.buffer.iter().take(count)),
                _ => break,
            }
        }
        begun.truncate(FOREIGN);
        begun
    }

    pub(super) fn write(&mut self, octets: &[u8]) -> Result<(), Failure> {
        let mut rest = octets;
        while !rest.is_empty() {
            let left = self.end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(self.silent());
            }
            self.stream.set_write_timeout(Some(left)).map_err(|error| Failure::Io(error.to_string()))?;
            match self.stream.write(rest) {
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.broken(&error)),
            }
        }
        Ok(())
    }

    /// Handshake records that came since the last question.
    pub(super) fn take_handshake_records(&mut self) -> u32 {
        std::mem::take(&mut self.records.handshake)
    }

    fn silent(&self) -> Failure {
        Failure::Silent { stage: self.stage, octets: self.octets }
    }

    fn broken(&self, error: &std::io::Error) -> Failure {
        match error.kind() {
            // Windows says the one, Unix the other.
            ErrorKind::TimedOut | ErrorKind::WouldBlock => self.silent(),
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                Failure::Reset(self.stage)
            }
            _ => Failure::Io(error.to_string()),
        }
    }
}

/// Follows the headers of records through pieces of any size.
#[derive(Debug, Default)]
struct Records {
    header: Vec<u8>,
    /// Of the present record still to come.
    left: usize,
    handshake: u32,
}

impl Records {
    fn pass(&mut self, octets: &[u8]) {
        let mut rest = octets;
        while !rest.is_empty() {
            if self.left > 0 {
                let passed = self.left.min(rest.len());
                self.left -= passed;
                rest = rest.get(passed..).unwrap_or_default();
                continue;
            }
            let (piece, after) = rest.split_at((5 - self.header.len()).min(rest.len()));
            self.header.extend(piece);
            rest = after;
            if let [kind, _, _, high, low] = self.header[..] {
                self.left = usize::from(u16::from_be_bytes([high, low]));
                self.handshake = self.handshake.saturating_add(u32::from(kind == HANDSHAKE));
                self.header.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_counted_in_pieces_of_any_size() {
        let stream =
            [&[22, 3, 3, 0, 4, 1, 2, 3, 22][..], &[21, 3, 3, 0, 2, 1, 1], &[22, 3, 3, 0, 0], &[23, 3, 3, 0, 1, 9]];
        let stream = stream.concat();
        for size in 1..=stream.len() {
            let mut records = Records::default();
            for piece in stream.chunks(size) {
                records.pass(piece);
            }
            assert_eq!((records.handshake, records.left, records.header.len()), (2, 0, 0), "{size}");
        }
    }
}

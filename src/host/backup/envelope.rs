//! The envelope of a backup: age (https://age-encryption.org/v1) with a passphrase. The door of the crate `age`.
//!
//! Streams in both directions, so that memory does not grow with a ledger. What age itself cannot tell apart is told by
//! evidence of our own: a backup's head has one form, and its length fits only when it is whole.

use super::BackupError;
use crate::pki::archive::RECORD;
use crate::pki::secret::Password;
use age::secrecy::SecretString;
use age::stream::{StreamReader, StreamWriter};
use age::{DecryptError, Decryptor, EncryptError, Encryptor, scrypt};
use fs_err as fs;
use std::io::{self, BufReader, Read as _, Write};
use std::iter;
use std::path::Path;

/// scrypt's N is 2 to this: 256 MiB and some 0.7 s for each guess at the passphrase. What the age tool takes, too.
pub const WORK: u8 = 18;
/// A file may ask for 1 GiB and some three seconds, no more.
pub const MOST_WORK: u8 = 20;

const MAGIC: &[u8] = b"age-encryption.org/";
const VERSION: &[u8] = b"v1";
/// The line of a file that is sealed with a passphrase begins so. It must be the only one of its kind.
const STANZA: &[u8] = b"-> scrypt ";
/// Octets: four short lines have less than two hundred.
const HEAD_LIMIT: usize = 1 << 10;
const NONCE: u64 = 16;
/// Octets of a piece that is encrypted at once, and what that adds to it.
const PIECE: u64 = 1 << 16;
const TAG: u64 = 16;

/// Encrypts what is written to it. Without `finish` it is cut off.
pub(super) struct Sealer<W: Write>(StreamWriter<W>);

impl<W: Write> Sealer<W> {
    pub(super) fn begin(output: W, passphrase: &Password, work: u8) -> io::Result<Self> {
        let mut recipient = scrypt::Recipient::new(secret(passphrase));
        recipient.set_work_factor(work.clamp(1, MOST_WORK));
        let encryptor = Encryptor::with_recipients(iter::once(&recipient as _)).map_err(|error| match error {
            EncryptError::Io(error) => error,
            other => io::Error::other(other.to_string()),
        })?;
        Ok(Self(encryptor.wrap_output(output)?))
    }

    pub(super) fn finish(self) -> io::Result<W> {
        self.0.finish()
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A file whose head is that of a backup. Nothing of it is believed yet.
#[derive(Debug)]
pub(super) struct Closed {
    file: fs::File,
    /// Octets of the whole file, and of its head.
    length: u64,
    head: u64,
}

impl Closed {
    pub(super) fn look(path: &Path) -> Result<Self, BackupError> {
        let mut file = fs::File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(BackupError::NoBackup);
        }
        let mut start = Vec::new();
        io::Read::by_ref(&mut file).take(HEAD_LIMIT as u64).read_to_end(&mut start)?;
        let head = read_head(&start)?;
        io::Seek::rewind(&mut file)?;
        Ok(Self { file, length: metadata.len(), head: head as u64 })
    }

    /// Costs what the file asks for, within the bound.
    pub(super) fn open(self, passphrase: &Password) -> Result<Opened, BackupError> {
        let mut identity = scrypt::Identity::new(secret(passphrase));
        identity.set_max_work_factor(MOST_WORK);
        let Self { file, length, head } = self;
        let plain = plain_length(length, head).ok_or(BackupError::Cut(None))?;
        let fault = |error| match error {
            DecryptError::DecryptionFailed => BackupError::WrongPassphrase,
            DecryptError::ExcessiveWork { required, .. } => BackupError::TooMuchWork(u64::from(required)),
            DecryptError::Io(error) => BackupError::Read(error),
            _ => BackupError::Damaged,
        };
        let decryptor = Decryptor::new_buffered(BufReader::new(file)).map_err(fault)?;
        let stream = decryptor.decrypt(iter::once(&identity as _)).map_err(fault)?;
        Ok(Opened { stream, plain, is_whole: false })
    }
}

/// The content, as far as it is authentic.
pub(super) struct Opened {
    stream: StreamReader<BufReader<fs::File>>,
    /// So many octets are in it, by the length of the file.
    plain: u64,
    /// Whether that is as many as there should be.
    is_whole: bool,
}

impl Opened {
    /// What it says itself of its length, which is authentic, against the length of the file.
    pub(super) fn expect(&mut self, plain: u64) -> Result<(), BackupError> {
        match self.plain.cmp(&plain) {
            std::cmp::Ordering::Less => Err(BackupError::Cut(Some(plain - self.plain))),
            std::cmp::Ordering::Greater => Err(BackupError::TooLong(self.plain - plain)),
            std::cmp::Ordering::Equal => {
                self.is_whole = true;
                Ok(())
            }
        }
    }

    /// As many octets as are asked for, fewer only at the authentic end.
    pub(super) fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, BackupError> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.stream.read(rest) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.fault(error)),
            }
        }
        Ok(filled)
    }

    /// age says the same of a piece that was changed and of one that was cut.
    fn fault(&self, error: io::Error) -> BackupError {
        match error.kind() {
            io::ErrorKind::InvalidData if self.is_whole || self.plain.is_multiple_of(RECORD) => BackupError::Damaged,
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => BackupError::Cut(None),
            _ => BackupError::Read(error),
        }
    }
}

fn secret(passphrase: &Password) -> SecretString {
    SecretString::from(passphrase.expose().to_owned())
}

/// The length of the head, when it is the head of a file that is sealed with a passphrase.
fn read_head(start: &[u8]) -> Result<usize, BackupError> {
    let Some(rest) = start.strip_prefix(MAGIC) else {
        let cut = MAGIC.starts_with(start);
        let changed = start.get(MAGIC.len() + VERSION.len() + 1..).is_some_and(|rest| rest.starts_with(STANZA));
        return Err(match (cut, changed) {
            (true, _) => BackupError::Cut(None),
            (_, true) => BackupError::Damaged,
            _ => BackupError::NoBackup,
        });
    };
    let mut lines = rest.split(|octet| *octet == b'\n');
    let version = lines.next().unwrap_or_default();
    if version != VERSION {
        return Err(if VERSION.starts_with(version) && rest == version {
            BackupError::Cut(None)
        } else if is_version(version) {
            BackupError::NewerEnvelope
        } else {
            BackupError::Damaged
        });
    }
    let whole: Vec<&[u8]> = rest.split_inclusive(|octet| *octet == b'\n').collect();
    let is_cut = start.len() < HEAD_LIMIT;
    let line = |at: usize| match whole.get(at).map(|line| line.strip_suffix(b"\n")) {
        Some(Some(line)) => Ok(line),
        _ if is_cut => Err(BackupError::Cut(None)),
        _ => Err(BackupError::Damaged),
    };
    let Some(arguments) = line(1)?.strip_prefix(STANZA) else {
        let other = line(1)?.starts_with(b"-> ") && !line(1)?.starts_with(STANZA.trim_ascii());
        return Err(if other { BackupError::NotByPassphrase } else { BackupError::Damaged });
    };
    let (salt, work) = arguments.split_at_checked(22).ok_or(BackupError::Damaged)?;
    let work: u64 = work
        .strip_prefix(b" ")
        .filter(|digits| digits.iter().all(u8::is_ascii_digit))
        .and_then(|digits| str::from_utf8(digits).ok()?.parse().ok())
        .ok_or(BackupError::Damaged)?;
    let (body, mac) = (line(2)?, line(3)?);
    let mac = mac.strip_prefix(b"--- ").ok_or(BackupError::Damaged)?;
    if !is_base64(salt) || body.len() != 43 || !is_base64(body) || mac.len() != 43 || !is_base64(mac) {
        return Err(BackupError::Damaged);
    }
    if work > u64::from(MOST_WORK) {
        return Err(BackupError::TooMuchWork(work));
    }
    Ok(MAGIC.len() + whole.iter().take(4).map(|line| line.len()).sum::<usize>())
}

/// `v2` and the like.
fn is_version(version: &[u8]) -> bool {
    let digits = version.strip_prefix(b"v").filter(|digits| (1..4).contains(&digits.len()));
    digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_digit))
}

fn is_base64(text: &[u8]) -> bool {
    text.iter().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/'))
}

/// How many octets such a file has in it; `None` where it is shorter than an empty one.
fn plain_length(length: u64, head: u64) -> Option<u64> {
    let sealed = length.checked_sub(head)?.checked_sub(NONCE)?;
    let pieces = sealed.div_ceil(PIECE + TAG);
    sealed.checked_sub(pieces * TAG).filter(|plain| *plain > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 18\n\
        BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB\n--- CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC\n";

    fn said(start: impl AsRef<[u8]>) -> String {
        read_head(start.as_ref()).map_or_else(|error| format!("{error:?}"), |length| length.to_string())
    }

    #[test]
    fn a_head_is_known() {
        assert_eq!(said(HEAD), HEAD.len().to_string());
        assert_eq!(said(format!("{HEAD}more\n--- \n")), HEAD.len().to_string());
        for at in 0..HEAD.len() {
            assert_eq!(said(&HEAD[..at]), "Cut(None)", "{at}");
        }
    }

    #[test]
    fn other_heads_are_told_apart() {
        for (from, to, expected) in [
            ("/v1\n", "/v2\n", "NewerEnvelope"),
            ("/v1\n", "/v12\n", "NewerEnvelope"),
            ("/v1\n", "/v1x\n", "Damaged"),
            ("/v1\n", "/v1-", "Damaged"),
            ("-> scrypt ", "-> X25519 ", "NotByPassphrase"),
            ("-> scrypt ", "=> scrypt ", "Damaged"),
            ("age", "agf", "Damaged"),
            (" 18\n", " 40\n", "TooMuchWork(40)"),
            (" 18\n", " 21\n", "TooMuchWork(21)"),
            (" 18\n", " 1a\n", "Damaged"),
            (" 18\n", " 99999999999999999999\n", "Damaged"),
            ("AAA ", "AAA\n", "Damaged"),
            ("BB\n", "B\n", "Damaged"),
            ("BB\n", "B=\n", "Damaged"),
            ("---", "--+", "Damaged"),
            ("CC\n", "C \n", "Damaged"),
        ] {
            assert_eq!(said(HEAD.replacen(from, to, 1)), expected, "{from:?} {to:?}");
        }
        for none in ["-----BEGIN CERTIFICATE-----\n", "SQLite format 3\0", "x", &"x".repeat(2000)] {
            assert_eq!(said(none), "NoBackup");
        }
        assert_eq!(said("age-encryption.org/v1\n-> scrypt ".to_owned() + &"A".repeat(1024)), "Damaged");
    }

    #[test]
    fn the_length_of_the_file_tells_that_of_its_content() {
        assert_eq!(plain_length(100, 100), None);
        assert_eq!(plain_length(100 + 16 + 16, 100), None);
        assert_eq!(plain_length(100 + 16 + 16 + 1, 100), Some(1));
        assert_eq!(plain_length(100 + 16 + 65_536 + 16, 100), Some(65_536));
        assert_eq!(plain_length(100 + 16 + 65_537 + 32, 100), Some(65_537));
    }
}

//! Writing a backup: beside its place, flushed, read back and compared octet by octet, then put in its place.

use super::envelope::Sealer;
use super::{BackupError, Contents, Sealed};
use crate::host::files;
use crate::host::ledger::Snapshot;
use crate::host::stage::{Placing, Stages};
use crate::pki::archive::{self, Entry};
use crate::pki::manifest::{LEDGER, NAME};
use crate::pki::secret::{Password, Secret};
use crate::pki::thumbprint;
use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;
use time::OffsetDateTime;

/// What of a home goes into a backup, as of one moment.
#[derive(Debug)]
pub struct Parts {
    /// The roots and their keys, by their paths in the home.
    pub files: BTreeMap<String, Secret>,
    pub ledger: Snapshot,
}

#[derive(Debug)]
pub struct Order<'a> {
    pub target: &'a Path,
    pub placing: Placing,
    pub passphrase: &'a Password,
    /// scrypt's N is 2 to this.
    pub work: u8,
    pub now: OffsetDateTime,
}

impl Parts {
    /// Name, size and SHA-256 of each, in the order in which they are written.
    pub fn list(&mut self) -> Result<Vec<(String, u64, String)>, BackupError> {
        let line = |name: &str, bytes: &[u8]| (name.to_owned(), bytes.len() as u64, thumbprint::sha256(bytes));
        let mut list: Vec<_> = self.files.iter().map(|(name, bytes)| line(name, bytes.expose())).collect();
        list.push(self.ledger.with_bytes(|bytes| line(LEDGER, bytes))?);
        Ok(list)
    }
}

/// Writes the backup with what it says of itself. Gives its size.
pub fn write(stages: &Arc<Stages>, parts: &mut Parts, manifest: &[u8], order: &Order<'_>) -> Result<u64, BackupError> {
    const STAGED: &str = "backup.age";
    let stage = stages.open(files::folder_of(order.target))?;
    let file = stage.create(STAGED)?;
    let mut sealer = Sealer::begin(BufWriter::new(&file), order.passphrase, order.work)?;
    each_piece(parts, manifest, order.now, |piece| Ok(sealer.write_all(piece)?))?;
    sealer.finish()?.flush()?;
    let size = file.metadata()?.len();
    file.sync_all()?;
    drop(file);
    compare(&stage.path().join(STAGED), parts, manifest, order)?;
    stage.make_durable()?.place_file(STAGED, order.target, order.placing)?;
    stages.settle()?;
    Ok(size)
}

/// Opens it as a restore would, with the passphrase alone. What fills up the archive is looked at there.
fn compare(path: &Path, parts: &mut Parts, manifest: &[u8], order: &Order<'_>) -> Result<(), BackupError> {
    let Contents { manifest: told, files, mut ledger } = Sealed::look(path)?.open(order.passphrase)?;
    let same_files = files.len() == parts.files.len()
        && parts.files.iter().all(|(name, bytes)| files.get(name).is_some_and(|file| file.expose() == bytes.expose()));
    let same_ledger = parts.ledger.with_bytes(|bytes| ledger.with_bytes(|read| read == bytes))??;
    if same_files && same_ledger && told.text() == manifest { Ok(()) } else { Err(BackupError::ReadBack) }
}

/// The octets of the archive, one after the other.
fn each_piece(
    parts: &mut Parts,
    manifest: &[u8],
    now: OffsetDateTime,
    mut take: impl FnMut(&[u8]) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    let mut sizes = Vec::new();
    let mut file = |name: &str, bytes: &[u8]| {
        let entry = Entry { name: name.to_owned(), size: bytes.len() as u64 };
        let header = archive::header(&entry, now).ok_or_else(|| no_room(name))?;
        sizes.push(entry.size);
        take(&header)?;
        take(bytes)?;
        zeros(archive::padding(entry.size), &mut take)
    };
    file(NAME, manifest)?;
    for (name, bytes) in &parts.files {
        file(name, bytes.expose())?;
    }
    parts.ledger.with_bytes(|bytes| file(LEDGER, bytes))??;
    let used = sizes.iter().map(|size| archive::BLOCK as u64 + size + archive::padding(*size)).sum();
    let whole = archive::length(sizes).ok_or_else(|| no_room(LEDGER))?;
    zeros(whole.saturating_sub(used), &mut take)
}

fn zeros(count: u64, take: &mut impl FnMut(&[u8]) -> Result<(), BackupError>) -> Result<(), BackupError> {
    let zeros = vec![0; usize::try_from(count).unwrap_or_default()];
    take(&zeros)
}

fn no_room(name: &str) -> BackupError {
    BackupError::Read(io::Error::new(io::ErrorKind::FileTooLarge, format!("`{name}` does not fit into a backup")))
}

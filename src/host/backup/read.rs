//! Reading a backup: everything is taken into memory, in the order in which it was written, and held to its manifest.

use super::BackupError;
use super::envelope::{Closed, Opened};
use crate::host::ledger::{LedgerError, Snapshot};
use crate::pki::archive::{self, BLOCK, Entry};
use crate::pki::manifest::{self, File, LEDGER, Manifest, ManifestError};
use crate::pki::secret::{Password, Secret};
use crate::pki::thumbprint::Sha256;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A file that looks like a backup from outside.
#[derive(Debug)]
pub struct Sealed {
    path: PathBuf,
    closed: Closed,
}

/// What is in a backup: authentic, whole, and as its manifest says.
#[derive(Debug)]
pub struct Contents {
    pub manifest: Manifest,
    /// The roots and their keys, by their paths in the home.
    pub files: BTreeMap<String, Secret>,
    pub ledger: Snapshot,
}

impl Sealed {
    /// Before anybody is asked for a passphrase.
    pub fn look(path: &Path) -> Result<Self, BackupError> {
        Ok(Self { path: path.to_owned(), closed: Closed::look(path)? })
    }

    pub fn open(self, passphrase: &Password) -> Result<Contents, BackupError> {
        let mut opened = self.closed.open(passphrase)?;
        let text = read_manifest(&mut opened)?;
        let manifest = Manifest::parse(&text).map_err(|error| match error {
            ManifestError::None => BackupError::OtherContent,
            ManifestError::Newer(_) => BackupError::Newer(error),
            other => BackupError::Contradiction(other.to_string()),
        })?;
        let sizes = std::iter::once(text.len() as u64).chain(manifest.files.iter().map(|file| file.size));
        let length = archive::length(sizes.clone()).ok_or(BackupError::OtherContent)?;
        opened.expect(length)?;
        let mut files = BTreeMap::new();
        let mut ledger = None;
        for file in &manifest.files {
            let entry = Entry { name: file.name.clone(), size: file.size };
            if archive::read(&block(&mut opened)?) != Ok(Some(entry)) {
                return Err(BackupError::Contradiction(format!("`{}` is not where it should be", file.name)));
            }
            if file.name == LEDGER {
                ledger = Some(read_ledger(&mut opened, file, &self.path)?);
            } else {
                files.insert(file.name.clone(), read_file(&mut opened, file)?);
            }
            zeros(&mut opened, archive::padding(file.size))?;
        }
        let used: u64 = sizes.map(|size| BLOCK as u64 + size + archive::padding(size)).sum();
        zeros(&mut opened, length - used)?;
        let ledger = ledger.ok_or(BackupError::OtherContent)?;
        Ok(Contents { manifest, files, ledger })
    }
}

/// The first file, of which nothing is known yet.
fn read_manifest(opened: &mut Opened) -> Result<Vec<u8>, BackupError> {
    let mut first = [0; BLOCK];
    let whole = opened.fill(&mut first)? == BLOCK;
    let size = match archive::read(&first) {
        Ok(Some(Entry { name, size })) if whole && name == manifest::NAME && size <= manifest::LIMIT => size,
        _ => return Err(BackupError::OtherContent),
    };
    let mut text = vec![0; usize::try_from(size).unwrap_or_default()];
    if opened.fill(&mut text)? != text.len() {
        return Err(BackupError::OtherContent);
    }
    zeros(opened, archive::padding(size))?;
    Ok(text)
}

fn read_file(opened: &mut Opened, file: &File) -> Result<Secret, BackupError> {
    let mut bytes = Zeroizing::new(vec![0; usize::try_from(file.size).unwrap_or_default()]);
    let mut source = Source { opened, digest: Sha256::default(), fault: None };
    // Why it failed the source knows better.
    _ = io::Read::read_exact(&mut source, &mut bytes);
    source.finish(file)?;
    Ok(Secret::new(std::mem::take(&mut *bytes)))
}

fn read_ledger(opened: &mut Opened, file: &File, path: &Path) -> Result<Snapshot, BackupError> {
    let mut source = Source { opened, digest: Sha256::default(), fault: None };
    let read = Snapshot::read(path, &mut source, file.size);
    source.finish(file)?;
    read.map_err(|error| match error {
        LedgerError::Database(_, cause) => BackupError::Contradiction(format!("its ledger cannot be used: {cause}")),
        other => other.into(),
    })
}

/// One piece of the content, hashed as it is read.
struct Source<'o> {
    opened: &'o mut Opened,
    digest: Sha256,
    /// The true reason of an error that others only know as one of reading.
    fault: Option<BackupError>,
}

impl io::Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.opened.fill(buffer).map_err(|fault| {
            self.fault = Some(fault);
            io::Error::other("the backup cannot be read")
        })?;
        self.digest.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

impl Source<'_> {
    fn finish(self, file: &File) -> Result<(), BackupError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if self.digest.finish() == file.sha256 {
            return Ok(());
        }
        Err(BackupError::Contradiction(format!("`{}` is not what its manifest says", file.name)))
    }
}

fn block(opened: &mut Opened) -> Result<archive::Block, BackupError> {
    let mut block = [0; BLOCK];
    opened.fill(&mut block)?;
    Ok(block)
}

/// What is only there to fill up holds nothing.
fn zeros(opened: &mut Opened, count: u64) -> Result<(), BackupError> {
    let mut rest = vec![0; usize::try_from(count).unwrap_or_default()];
    let filled = opened.fill(&mut rest)?;
    if filled == rest.len() && rest.iter().all(|octet| *octet == 0) {
        return Ok(());
    }
    Err(BackupError::Contradiction("there is something between its files".to_owned()))
}

//! Backups: the envelope as it lies on the disk, and archives, manifests and ledgers inside of one that is in order.

use super::{PASSWORD, password};
use age::secrecy::SecretString;
use age::{Encryptor, scrypt};
use qcert::host::backup::Sealed;
use qcert::host::ledger::Snapshot;
use qcert::pki::archive::{self, BLOCK, Entry};
use qcert::pki::manifest::{self, File, Manifest, Root};
use qcert::pki::thumbprint::Sha256;
use std::cell::RefCell;
use std::io::Write as _;
use std::path::Path;
use tempfile::TempDir;
use time::OffsetDateTime;

pub(super) fn manifest(data: &[u8]) {
    if let Ok(manifest) = Manifest::parse(data) {
        let again = Manifest::parse(&manifest.text()).expect("what was written is read");
        assert!(again == manifest, "a manifest was changed by writing it");
    }
    for block in data.as_chunks::<BLOCK>().0 {
        let Ok(Some(entry)) = archive::read(block) else { continue };
        archive::length([entry.size]);
        if let Some(header) = archive::header(&entry, OffsetDateTime::UNIX_EPOCH) {
            assert_eq!(archive::read(&header), Ok(Some(entry)));
        }
    }
}

/// As it lies on the disk.
pub(super) fn envelope(data: &[u8]) {
    in_a_file(data, |path| {
        if let Ok(sealed) = Sealed::look(path) {
            drop(sealed.open(&password(PASSWORD)));
        }
    });
}

/// As an archive in an envelope that is in order.
pub(super) fn sealed(data: &[u8]) {
    envelope(&seal(data));
}

/// As the ledger in a backup whose manifest is right about it.
pub(super) fn ledger(data: &[u8]) {
    let size = data.len() as u64;
    if let Ok(snapshot) = Snapshot::read(Path::new("backup"), data, size) {
        drop(snapshot.count());
        drop(snapshot.current_root());
        drop(snapshot.each(|_| ()));
    }
}

fn in_a_file(data: &[u8], then: impl FnOnce(&Path)) {
    thread_local! {
        static SCENE: RefCell<Option<TempDir>> = const { RefCell::new(None) };
    }
    SCENE.with_borrow_mut(|scene| {
        let path = scene.get_or_insert_with(|| tempfile::tempdir().expect("a folder")).path().join("backup");
        std::fs::write(&path, data).expect("the folder is ours");
        then(&path);
    });
}

pub(super) fn seal(plain: &[u8]) -> Vec<u8> {
    let mut recipient = scrypt::Recipient::new(SecretString::from(PASSWORD.to_owned()));
    recipient.set_work_factor(1);
    let encryptor = Encryptor::with_recipients(std::iter::once(&recipient as _)).expect("a passphrase is enough");
    let mut sealed = Vec::new();
    let mut output = encryptor.wrap_output(&mut sealed).expect("memory takes it");
    output.write_all(plain).expect("memory takes it");
    output.finish().expect("memory takes it");
    sealed
}

/// The archive of a backup with these files.
pub(super) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let facts = files.iter().map(|(name, bytes)| {
        let mut digest = Sha256::default();
        digest.update(bytes);
        File { name: (*name).to_owned(), size: bytes.len() as u64, sha256: digest.finish() }
    });
    let root = Root { subject: "CN=site-CA".to_owned(), sha256: "00".repeat(32), key_encrypted: false };
    let manifest = Manifest::new("2026-11-22T00:00:00Z".to_owned(), root, 1, facts.collect()).text();
    let mut archive = Vec::new();
    for (name, bytes) in std::iter::once((manifest::NAME, &manifest[..])).chain(files.iter().copied()) {
        let entry = Entry { name: name.to_owned(), size: bytes.len() as u64 };
        let header = archive::header(&entry, OffsetDateTime::UNIX_EPOCH).expect("the name is short");
        archive.extend_from_slice(&header);
        archive.extend_from_slice(bytes);
        archive.resize(archive.len().next_multiple_of(BLOCK), 0);
    }
    let sizes = files.iter().map(|(_, bytes)| bytes.len() as u64).chain([manifest.len() as u64]);
    let length = archive::length(sizes).expect("it fits");
    archive.resize(usize::try_from(length).expect("it fits"), 0);
    archive
}

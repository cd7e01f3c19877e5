//! What lies in a folder that is to become a bundle: whether it is that bundle already, and what would be lost.

use super::super::error::problem;
use crate::host::stage;
use crate::pki::bundle::{self, Format};
use crate::pki::inventory::{FileContent, Key, KeyState, Object, PfxContent, PfxState, What};
use crate::pki::pfx::PfxEncryption;
use crate::pki::profile::Role;
use crate::pki::waiting::{ROLES, file_names};
use anyhow::Context as _;
use std::path::Path;

/// Whether the folder has every one of these files, with the same in them.
pub(super) fn is_there_already(made: &[FileContent], held: &[&FileContent]) -> bool {
    made.iter().all(|new| held.iter().any(|old| old.name == new.name && is_alike(old, new)))
}

fn is_alike(old: &FileContent, new: &FileContent) -> bool {
    old.objects.len() == new.objects.len() && old.objects.iter().zip(&new.objects).all(|(old, new)| is_same(old, new))
}

/// The same to whoever uses it: encryption draws anew each time.
fn is_same(old: &Object, new: &Object) -> bool {
    match (&old.what, &new.what) {
        (What::Certificate(old), What::Certificate(new)) => old.der() == new.der(),
        (What::Key(old), What::Key(new)) => is_same_key(old, new),
        (What::Pfx(old), What::Pfx(new)) => is_same_pfx(old, new),
        (What::Request(old), What::Request(new)) => old.der == new.der,
        _ => false,
    }
}

fn is_same_key(old: &Key, new: &Key) -> bool {
    old.form == new.form && old.encryption == new.encryption && old.state == new.state
}

fn is_same_pfx(old: &PfxContent, new: &PfxContent) -> bool {
    let same = old.state == new.state && old.encryption == new.encryption && old.entries.len() == new.entries.len();
    same && old.trailing_bytes == new.trailing_bytes
        && old.entries.iter().zip(&new.entries).all(|(old, new)| is_same(&old.object, &new.object))
}

/// What may go, for it is in the new bundle as well.
#[derive(Debug)]
pub(super) struct Kept<'a> {
    /// DER of every certificate.
    pub(super) certificates: Vec<&'a [u8]>,
    /// The public halves.
    pub(super) keys: Vec<Vec<u8>>,
}

impl Kept<'_> {
    fn has_all_of(&self, file: &FileContent) -> bool {
        !file.objects.is_empty() && file.objects.iter().all(|object| self.has(object))
    }

    fn has(&self, object: &Object) -> bool {
        match &object.what {
            What::Certificate(certificate) => self.certificates.contains(&certificate.der()),
            What::Key(Key { state: KeyState::Open(public), .. }) => self.keys.iter().any(|key| key == public.info()),
            What::Pkcs7(objects) => objects.iter().all(|object| self.has(object)),
            What::Pfx(pfx) => {
                matches!(pfx.state, PfxState::Open(_))
                    && pfx.skipped.is_empty()
                    && pfx.entries.iter().all(|entry| self.has(&entry.object))
            }
            _ => false,
        }
    }
}

/// What in this folder would be lost. A bundle's own file that holds something else: whether it may be replaced.
pub(super) fn check_nothing_is_lost(
    folder: &Path,
    given: &Path,
    held: &[&FileContent],
    kept: &Kept<'_>,
    replace: bool,
) -> anyhow::Result<bool> {
    let everything = Format { pem: true, pfx: true, plain_pem_keys: true, pfx_encryption: PfxEncryption::Modern };
    let of_bundle = bundle::file_names(&ROLES, true, everything);
    let known = [&of_bundle[..], &file_names()].concat();
    let place = given.display();
    let foreign = stage::foreign_names(folder, &known).with_context(|| format!("cannot read `{place}`"))?;
    let would_be_lost = |name: &&String| !held.iter().any(|file| file.name == **name && kept.has_all_of(file));
    if let Some(name) = foreign.iter().find(would_be_lost) {
        return Err(problem(
            format!("`{place}` also holds `{name}`, which is not in the bundle"),
            "move that away first: the folder becomes the bundle as a whole",
        ));
    }
    let keys = [Role::Server, Role::Client].map(bundle::key_file);
    let other = held.iter().find(|file| {
        of_bundle.contains(&file.name.as_str()) && !keys.contains(&file.name.as_str()) && !kept.has_all_of(file)
    });
    match other {
        Some(file) if !replace => Err(problem(
            format!("`{place}` already has a bundle: `{}` holds something else than the new one", file.name),
            "`--replace` puts the new bundle in its place; `qcert inspect` shows what is there",
        )),
        other => Ok(other.is_some()),
    }
}

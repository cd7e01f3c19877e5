//! `Kept`: what a backup of stores really holds, read back by our own reader before anything is removed; and what it
//! should hold. A backup is one PFX for each store, for that is how Windows puts it back.

use super::super::encryption::Derivations;
use super::super::entropy::Entropy;
use super::super::inventory::{FileContent, PfxState, What};
use super::super::pfx::{Bag, Contents, PfxEncryption, PfxError};
use super::super::secret::{Password, Secret};
use super::super::snapshot::Place;
use super::{Step, named};
use std::collections::HashSet;

#[derive(Debug, Default)]
pub struct Kept {
    certificates: HashSet<Vec<u8>>,
    /// Public halves of the private keys.
    keys: HashSet<Vec<u8>>,
}

/// What the PFX of a store is called: `LocalMachine-My.pfx`.
pub fn file_name(place: Place) -> String {
    format!("{}-{}.pfx", place.location.word(), place.name.word())
}

/// A PFX of certificates without keys, where Windows gives none away.
pub fn certificates_alone(
    ders: &[&[u8]],
    password: Option<&Password>,
    entropy: &mut impl Entropy,
) -> Result<Secret, PfxError> {
    let certificates = ders.iter().map(|der| Bag { value: der, attributes: &[] }).collect();
    let contents = Contents { certificates, ..Contents::default() };
    contents.write(PfxEncryption::Legacy, password, entropy, &Derivations::default())
}

impl Kept {
    /// Of one file. `Err` says why it is not a PFX that opens.
    pub fn of(file: &FileContent) -> Result<Self, String> {
        let pfx = file.objects.iter().find_map(|object| match &object.what {
            What::Pfx(pfx) => Some(pfx),
            _ => None,
        });
        match pfx.map(|pfx| &pfx.state) {
            Some(PfxState::Open(_)) => {}
            Some(PfxState::PasswordNeeded | PfxState::WrongPassword) => {
                return Err("it does not open with its password".to_owned());
            }
            Some(PfxState::Unsupported(why) | PfxState::Damaged(why)) => return Err(why.clone()),
            None => return Err("it is no PFX".to_owned()),
        }
        let public = |key: &super::super::inventory::Key| match &key.state {
            super::super::inventory::KeyState::Open(public) => Some(public.info().to_vec()),
            _ => None,
        };
        Ok(Self {
            certificates: file.certificates().map(|one| one.der().to_vec()).collect(),
            keys: file.keys().filter_map(public).collect(),
        })
    }

    /// What must be in it for a removal and is not. A key that Windows does not give away was told before.
    pub fn lacks(&self, step: &Step, without_keys: bool) -> Option<String> {
        if !self.certificates.contains(step.certificate.der()) {
            return Some(format!("{} is not in it", named(&step.certificate)));
        }
        let is_missing = step.key_can_be_kept() && !without_keys && !self.has_key_of(step);
        is_missing.then(|| {
            format!("the key of {} is not in it, although Windows calls it exportable", named(&step.certificate))
        })
    }

    pub fn has_key_of(&self, step: &Step) -> bool {
        self.keys.contains(step.certificate.public_key_info())
    }
}

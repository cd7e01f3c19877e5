//! `Parcel`: one leaf with its key as a PFX for Windows' import, made in memory for this one import. Windows reads 3DES
//! and SHA-1 in every version; AES only since Server 2019. Its password is random and nobody ever sees it.

use super::super::bundle::key_container;
use super::super::certificate::hexadecimal;
use super::super::encryption::Derivations;
use super::super::entropy::{Entropy, NoEntropy};
use super::super::pfx::{Draft, PfxEncryption, PfxEntry, PfxError};
use super::super::profile::{KEY_PROVIDER, Role};
use super::super::secret::{Password, Secret};
use super::Leaf;
use zeroize::Zeroizing;

#[derive(Debug)]
pub struct Parcel {
    pub pfx: Secret,
    pub password: Password,
    /// The key is the machine's, not the account's.
    pub machine_keyset: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum ParcelError {
    #[error("a PFX for the import cannot be made")]
    Pfx(#[from] PfxError),
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
}

pub fn pack(leaf: &Leaf, friendly_name: &str, entropy: &mut impl Entropy) -> Result<Parcel, ParcelError> {
    let octets = Zeroizing::new(entropy.octets::<24>()?);
    let password = Password::new(Zeroizing::new(hexadecimal(&*octets))).ok_or(NoEntropy)?;
    let draft = Draft::draw(PfxEncryption::Legacy, true, entropy)?;
    let machine_keyset = leaf.role == Role::Server;
    let entry = PfxEntry {
        certificate: leaf.certificate.der(),
        key_pkcs8: &leaf.key,
        friendly_name,
        // A new one, so that nobody else's container is written over.
        key_container: &key_container(entropy)?,
        provider: KEY_PROVIDER,
        machine_keyset,
    };
    let pfx = Secret::new(draft.write(&entry, Some(&password), &Derivations::default())?);
    Ok(Parcel { pfx, password, machine_keyset })
}

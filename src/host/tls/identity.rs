//! `Identity`: a certificate with its key, as an end of a connection shows it.

use crate::pki::secret::Secret;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
use std::fmt;
use std::sync::Arc;

#[derive(Clone)]
pub struct Identity(pub(super) Arc<CertifiedKey>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    #[error("the key is not the certificate's")]
    OtherKey,
    /// rustls takes RSA from 2048 to 8192 bits, ECDSA on P-256, P-384 and P-521, and Ed25519.
    #[error("the key cannot be used")]
    Unusable,
}

impl Identity {
    /// `chain` is DER, the leaf first; `key` is PKCS#8 of RSA, ECDSA or Ed25519.
    pub fn new(chain: Vec<Vec<u8>>, key: &Secret) -> Result<Self, IdentityError> {
        let chain = chain.into_iter().map(CertificateDer::from).collect();
        // Borrowed: no copy of the key is left behind unwiped.
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.expose()));
        let key = any_supported_type(&key).map_err(|_| IdentityError::Unusable)?;
        let certified = CertifiedKey::new(chain, key);
        match certified.keys_match() {
            Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => Err(IdentityError::OtherKey),
            // A certificate that cannot be compared, such as one of version 1, can be shown all the same.
            _ => Ok(Self(Arc::new(certified))),
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Identity")
    }
}

//! A root signed by another root, so that whoever trusts the one follows what the other signs (RFC 5280 3.2).

use super::{
    Authority, AuthorityError, Encoder, authority_key_id, basic_constraints, certificate_signing, finish, key_id,
    parameters, placeholder_issuer, subject_key_id,
};
use crate::pki::certificate::Certificate;
use crate::pki::serial::Serial;
use crate::pki::validity::Validity;

impl Authority {
    /// The other root's name and key under this root's signature. It carries no Qlik marker: Qlik's services take a
    /// certificate with one for a root of theirs, and stop at two.
    pub fn cross_sign(
        &self,
        other: &Certificate,
        validity: Validity,
        serial: Serial,
    ) -> Result<Certificate, AuthorityError> {
        let root = self.certificate();
        let name = other.common_name().ok_or_else(|| AuthorityError::Encoding("the root has no name".to_owned()))?;
        let public_key = other.public_key().key();
        let own_id = root.subject_key_id().map_or_else(|| root.key_id(), <[u8]>::to_vec);
        let other_id = other.subject_key_id().map_or_else(|| key_id(public_key), <[u8]>::to_vec);
        let extensions =
            vec![basic_constraints(), certificate_signing(), subject_key_id(&other_id), authority_key_id(&own_id)];
        let params = parameters(name, validity, serial, extensions);
        let unsigned = params
            .signed_by(&Encoder(public_key.to_vec()), &placeholder_issuer(self.key().public_key()))
            .map_err(|error| AuthorityError::Encoding(error.to_string()))?;
        let crossed = finish(unsigned.der(), Some(root.subject()), self.key())?;
        if crossed.subject() != other.subject() {
            return Err(AuthorityError::Encoding("the root's name has more parts than its common name".to_owned()));
        }
        crossed.verify_signed_by(root)?;
        Ok(crossed)
    }
}

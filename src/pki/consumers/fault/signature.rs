//! What signed a certificate: an algorithm of long ago, or another key than the root's.

use super::super::super::certificate::Certificate;
use super::super::super::signature::SignatureError;
use super::{Digest, Kind};

/// By its identifier: most of these can no longer be made to be checked.
pub(in super::super) fn weak(certificate: &Certificate) -> Option<Digest> {
    match certificate.signature_algorithm().oid() {
        "1.2.840.113549.1.1.4" => Some(Digest::Md5),
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" | "1.2.840.10045.4.1" => Some(Digest::Sha1),
        _ => None,
    }
}

/// Whether the root's key signed the leaf.
pub(super) fn signature(leaf: &Certificate, root: &Certificate) -> Option<Kind> {
    match leaf.verify_signed_by(root) {
        Ok(()) => None,
        Err(SignatureError::Mismatch | SignatureError::KeyKind) => {
            let differ =
                leaf.authority_key_id().zip(root.subject_key_id()).is_some_and(|(wanted, there)| wanted != there);
            Some(Kind::OtherKey { identifiers_differ: differ })
        }
        // Too weak to be checked is said as weak.
        Err(SignatureError::Unsupported(_)) if weak(leaf).is_some() => None,
        Err(SignatureError::Unsupported(algorithm)) => Some(Kind::Other(format!("signed with {algorithm}"))),
    }
}

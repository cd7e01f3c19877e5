//! Keys that somebody said are in wrong hands: no certificate is made for one again.

use super::error::problem;
use crate::host::ledger::Ledger;
use crate::pki::certificate::Certificate;
use crate::pki::revocation_list::Reason;

/// Refuses a public key, a PKCS#1 RSAPublicKey, for which a certificate was revoked because the key is known to others.
pub(super) fn refuse(ledger: &Ledger, public_key: &[u8]) -> anyhow::Result<()> {
    let words = [Reason::KeyCompromise, Reason::CaCompromise].map(Reason::word);
    for entry in ledger.revoked()? {
        if !entry.reason.as_deref().is_some_and(|reason| words.contains(&reason)) {
            continue;
        }
        let Some(der) = ledger.encoding(&entry.sha256)? else { continue };
        if Certificate::parse(der).is_ok_and(|revoked| revoked.public_key().key() == public_key) {
            return Err(problem(
                format!("this key was revoked with serial {} as compromised", entry.serial),
                "make a new key: leave `--same-key` out, or ask for a request of a new key",
            ));
        }
    }
    Ok(())
}

//! Whether the label of a PEM section goes with what is inside: programs go by the label and refuse what it hides.

use super::facts::{ObjectFacts, PrivateKeyFacts, WhatFacts};

/// In words, when it does not (RFC 7468; RFC 1421's traditional keys).
pub(super) fn oddity(object: &ObjectFacts<'_>) -> Option<String> {
    let label = object.label?;
    let usual: &[&str] = match &object.what {
        WhatFacts::Certificate(_) => &["CERTIFICATE"],
        WhatFacts::PrivateKey(PrivateKeyFacts { form, .. }) => match *form {
            "PKCS#1" => &["RSA PRIVATE KEY", "DSA PRIVATE KEY"],
            "SEC 1" => &["EC PRIVATE KEY"],
            "PKCS#8" => &["PRIVATE KEY"],
            "encrypted PKCS#8" => &["ENCRYPTED PRIVATE KEY"],
            _ => &["RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY"],
        },
        WhatFacts::Pfx(_) => &["PKCS12", "PFX"],
        WhatFacts::Pkcs7 { .. } => &["PKCS7", "CMS", "PKCS #7 SIGNED DATA"],
        WhatFacts::Request(_) => &["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"],
        WhatFacts::RevocationList(_) => &["X509 CRL"],
        WhatFacts::PublicKey(_) => &["PUBLIC KEY", "RSA PUBLIC KEY"],
        WhatFacts::HostName(_) | WhatFacts::Snapshot(_) | WhatFacts::Other { .. } | WhatFacts::Damaged { .. } => {
            return None;
        }
    };
    let first = usual.first().filter(|_| !usual.contains(&label))?;
    Some(format!("`{label}`, where `{first}` belongs"))
}

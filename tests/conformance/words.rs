//! Whether an explanation names the reason in any of the usual words.

/// Of these, one has to be in the text, in any case.
fn usual(fault: &str) -> &'static [&'static str] {
    match fault {
        "expired" => &["expired"],
        "not-yet-valid" => &["not yet valid"],
        "unknown-issuer" => &["unknown issuer", "self-signed", "signed by another root", "not among the trusted"],
        "bad-signature" => &["signature"],
        "issuer-name-mismatch" | "loop" => &["issuer"],
        "not-a-ca" => &["not a ca", "ca:false", "basicconstraints"],
        "path-length" => &["path length"],
        "cert-sign-usage" => &["key usage", "keycertsign"],
        "wrong-purpose" => &["extended key usage", "key usage"],
        "name-mismatch" => &["not valid for"],
        "name-constraint" => &["name constraint"],
        "critical-extension" => &["critical extension"],
        "malformed" => &["malformed"],
        "weak-key" => &["weak", "unsupported"],
        "weak-signature" => &["weak", "sha-1", "md5"],
        "aki-ski" => &["key identifier"],
        "serial" => &["serial"],
        "duplicate-extension" => &["duplicate"],
        "version" => &["version"],
        "empty-name" => &["empty"],
        "inconsistent-algorithm" => &["algorithm"],
        "ee-is-ca" => &["is a ca"],
        "too-many-names" => &["too many"],
        "explicit-curve" => &["explicit curve"],
        "self-signed-leaf" => &["self-signed"],
        other => panic!("no words for {other}"),
    }
}

pub(crate) fn names(faults: &[String], text: &str) -> bool {
    let text = text.to_lowercase();
    faults.iter().any(|fault| usual(fault).iter().any(|word| text.contains(word)))
}

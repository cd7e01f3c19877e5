//! Rules of the chain: who signed whom, and whether they may. Found by `path`; here is what they are called.

use super::super::finding::{Rule, Severity};

pub static UNKNOWN_ISSUER: Rule = Rule {
    id: "chain/unknown-issuer",
    severity: Severity::Error,
    title: "the issuer is not there",
    cause: "No certificate with the name of the issuer was given, so nothing vouches for this one. Usually the \
           root or an intermediate was left out of the copy.",
    fix: "put the certificate of the issuer beside it: for Qlik `root.pem` of the same export",
    source: "RFC 5280 6.1.3 (a)(4)",
};

pub static SAME_NAME_OTHER_KEY: Rule = Rule {
    id: "chain/same-name-other-key",
    severity: Severity::Error,
    title: "signed by another root of the same name",
    cause: "Two roots can carry the same name and have different keys, as after a re-installation or a \
           recreation of the certificates. Only the one whose key signed will do.",
    fix: "export the certificates once more from the site that is running now, all of them together, and \
           replace the old set",
    source: "RFC 5280 6.1.3 (a)(1); Qlik: recreating the certificates makes a new root of the same name",
};

pub static BAD_SIGNATURE: Rule = Rule {
    id: "chain/bad-signature",
    severity: Severity::Error,
    title: "the signature does not fit",
    cause: "The key identifier of the issuer fits, the signature does not: the certificate was altered or \
           damaged after it was signed.",
    fix: "copy the file again from where it was made, or export it again",
    source: "RFC 5280 6.1.3 (a)(1)",
};

pub static SIGNATURE_UNSUPPORTED: Rule = Rule {
    id: "chain/signature-unsupported",
    severity: Severity::Error,
    title: "the signature cannot be checked",
    cause: "The signature is of a kind that qcert and most TLS programs do not check, or its algorithm does not \
           go with the key of the issuer.",
    fix: "issue it again with SHA-256 and an RSA key of 2048 bits or more",
    source: "RFC 5280 4.1.1.2",
};

pub static ISSUER_NAME_ENCODING: Rule = Rule {
    id: "chain/issuer-name-encoding",
    severity: Severity::Warning,
    title: "issuer and subject are written differently",
    cause: "The name of the issuer is that of the root only after capitals, spaces and string types are evened \
           out. Windows and many programs compare byte by byte and find no issuer.",
    fix: "issue it again, with the name copied byte for byte from the issuer",
    source: "RFC 5280 7.1",
};

pub static SELF_SIGNED: Rule = Rule {
    id: "chain/self-signed",
    severity: Severity::Error,
    title: "self-signed and not a root that was given",
    cause: "It was signed with its own key and is not among the roots, so nobody vouches for it.",
    fix: "replace it by a certificate that the root of the site signed; if it is itself the one to trust, give \
           it with `--root`",
    source: "RFC 5280 6.1",
};

pub static NOT_A_CA: Rule = Rule {
    id: "chain/not-a-ca",
    severity: Severity::Error,
    title: "it signs but is not a CA",
    cause: "A certificate that signs others must say that it is a CA (basicConstraints with CA:TRUE). Without that \
           every verifier refuses what it signed.",
    fix: "sign with the root of the site, or issue this one again as a CA",
    source: "RFC 5280 4.2.1.9 and 6.1.4 (k)",
};

pub static NO_BASIC_CONSTRAINTS: Rule = Rule {
    id: "chain/no-basic-constraints",
    severity: Severity::Warning,
    title: "the root does not say that it is a CA",
    cause: "Qlik wrote no basicConstraints into its roots before 2020. .NET and Qlik's own services take such a \
           root; Node.js (`INVALID_PURPOSE`), Python, Go, OpenSSL and Java refuse every certificate under it.",
    fix: "switch the check of these programs off where they allow that. Recreating the site's certificates with a \
           current Qlik release mends it, but loses the stored passwords of data connections and every exported \
           bundle: see `qcert explain recreate`",
    source: "RFC 5280 4.2.1.9; Qlik exports of 2015 to 2019",
};

pub static NO_KEY_USAGE: Rule = Rule {
    id: "chain/no-key-usage",
    severity: Severity::Note,
    title: "a CA without keyUsage",
    cause: "RFC 5280 wants keyUsage in a CA; Qlik never wrote it. Python from 3.13 on refuses such a CA in its \
           default strict mode.",
    fix: "nothing to do for Qlik; for Python 3.13 clear `VERIFY_X509_STRICT`",
    source: "RFC 5280 4.2.1.3",
};

pub static PATH_LENGTH: Rule = Rule {
    id: "chain/path-length",
    severity: Severity::Error,
    title: "more CAs than the path length allows",
    cause: "A CA may limit how many further CAs stand below it; this chain has more.",
    fix: "have the certificate issued by a CA that stands high enough, or the CA issued again without the limit",
    source: "RFC 5280 4.2.1.9 and 6.1.4 (l), (m)",
};

pub static MAY_NOT_SIGN: Rule = Rule {
    id: "chain/may-not-sign",
    severity: Severity::Error,
    title: "its key usage does not allow signing certificates",
    cause: "The certificate lists what its key may be used for (keyUsage), and signing certificates (keyCertSign) is \
           not in it, so what its key signs does not count.",
    fix: "sign with the right CA, or issue this one again with keyCertSign in its key usage",
    source: "RFC 5280 4.2.1.3 and 6.1.4 (n)",
};

pub static NAME_CONSTRAINT: Rule = Rule {
    id: "chain/name-constraint",
    severity: Severity::Error,
    title: "a name that a CA above does not allow",
    cause: "A CA can be limited to some names by name constraints. A name of this certificate lies outside of \
           the permitted or inside of the excluded ones.",
    fix: "issue the certificate for a permitted name, or under a CA without this constraint",
    source: "RFC 5280 4.2.1.10 and 6.1.3 (b), (c)",
};

pub static UNKNOWN_CRITICAL: Rule = Rule {
    id: "chain/unknown-critical-extension",
    severity: Severity::Error,
    title: "a critical extension that programs do not know",
    cause: "Who does not know an extension that is marked critical must refuse the certificate.",
    fix: "issue it again without this extension, or with it not critical",
    source: "RFC 5280 4.2 and 6.1.4 (o)",
};

pub static MALFORMED_EXTENSION: Rule = Rule {
    id: "chain/malformed-extension",
    severity: Severity::Error,
    title: "a malformed extension",
    cause: "The content of an extension is not what the standard says. Programs refuse it, or read different \
           things in it.",
    fix: "ask whoever issued it for a certificate without this fault",
    source: "RFC 5280 4.2",
};

pub static DUPLICATE_EXTENSION: Rule = Rule {
    id: "chain/duplicate-extension",
    severity: Severity::Error,
    title: "the same extension twice",
    cause: "A certificate must not have two extensions of one kind: programs would not agree which one counts.",
    fix: "ask whoever issued it for a certificate without this fault",
    source: "RFC 5280 4.2",
};

pub static EXPLICIT_CURVE: Rule = Rule {
    id: "chain/explicit-curve",
    severity: Severity::Error,
    title: "a curve by its parameters",
    cause: "The key spells out the parameters of its elliptic curve instead of naming it. That is forbidden, and \
           the ground of CVE-2020-0601.",
    fix: "make a new key on a named curve, or with RSA for Qlik",
    source: "RFC 5480 2.1.1",
};

pub static ALGORITHM_MISMATCH: Rule = Rule {
    id: "chain/algorithm-mismatch",
    severity: Severity::Error,
    title: "two different signature algorithms",
    cause: "The signature algorithm is written inside and beside the signed part, and the two must be the same.",
    fix: "ask whoever issued it for a certificate without this fault",
    source: "RFC 5280 4.1.1.2",
};

pub static VERSION: Rule = Rule {
    id: "chain/version",
    severity: Severity::Warning,
    title: "not a version 3 certificate",
    cause: "Only version 3 has extensions, such as names and CA flag. Version 1 roots are accepted by some \
           programs, everything else by few.",
    fix: "issue it again as version 3",
    source: "RFC 5280 4.1.2.1",
};

pub static SERIAL: Rule = Rule {
    id: "chain/serial",
    severity: Severity::Warning,
    title: "an odd serial number",
    cause: "A serial number is positive and has at most 20 bytes. Some programs refuse others, and revoking by \
           them fails.",
    fix: "ask whoever issued it for a certificate without this fault",
    source: "RFC 5280 4.1.2.2",
};

pub static KEY_IDENTIFIER: Rule = Rule {
    id: "chain/key-identifier",
    severity: Severity::Warning,
    title: "key identifiers missing or not fitting",
    cause: "They tell which key signed where names do not. Strict verifiers, such as Python from 3.13 on, refuse \
           chains without them.",
    fix: "issue it again with subject and authority key identifiers",
    source: "RFC 5280 4.2.1.1 and 4.2.1.2",
};

pub static EMPTY_NAME: Rule = Rule {
    id: "chain/empty-name",
    severity: Severity::Warning,
    title: "an empty name",
    cause: "The issuer, and the subject of a CA, must have a name; a leaf without one needs a critical \
           subjectAltName.",
    fix: "ask whoever issued it for a certificate without this fault",
    source: "RFC 5280 4.1.2.4 and 4.1.2.6",
};

pub static PROFILE: Rule = Rule {
    id: "chain/profile",
    severity: Severity::Warning,
    title: "not as RFC 5280 wants it",
    cause: "Strict verifiers refuse it, most others do not look.",
    fix: "have it issued again to RFC 5280",
    source: "RFC 5280 4.2.1",
};

pub static WEAK_SIGNATURE: Rule = Rule {
    id: "chain/weak-signature",
    severity: Severity::Warning,
    title: "signed with a weak hash",
    cause: "Signatures with MD5 or SHA-1 can be forged. Node.js, Python, Go and OpenSSL 3 refuse MD5, and SHA-1 from \
           Node.js 18 on. It is an error with MD5 and above others, a note on a root, whose own signature \
           nobody checks.",
    fix: "issue it again with SHA-256",
    source: "RFC 6151; NIST SP 800-131A",
};

pub static WEAK_KEY: Rule = Rule {
    id: "chain/weak-key",
    severity: Severity::Warning,
    title: "a weak key",
    cause: "RSA keys under 2048 bits and curves under 224 are too short for today. Python and Debian's OpenSSL \
           refuse RSA under 2048 bits, nearly everything under 1024, which is an error.",
    fix: "make a new key: RSA with 2048 bits or more",
    source: "NIST SP 800-131A",
};

pub static TOO_MANY_PATHS: Rule = Rule {
    id: "chain/too-many-paths",
    severity: Severity::Unjudged,
    title: "too many possible chains",
    cause: "So many certificates could have signed one another that not all ways to a root were tried.",
    fix: "give only the certificates that belong to this chain",
    source: "RFC 4158 2.3",
};

pub static SECOND_OPINION: Rule = Rule {
    id: "chain/second-opinion",
    severity: Severity::Warning,
    title: "a second verifier disagrees",
    cause: "rustls-webpki, which judges independently of qcert, comes to another answer about this chain.",
    fix: "treat the chain with care and report it to the makers of qcert",
    source: "rustls-webpki",
};

pub static RULES: &[&Rule] = &[
    &UNKNOWN_ISSUER,
    &SAME_NAME_OTHER_KEY,
    &BAD_SIGNATURE,
    &SIGNATURE_UNSUPPORTED,
    &ISSUER_NAME_ENCODING,
    &SELF_SIGNED,
    &NOT_A_CA,
    &NO_BASIC_CONSTRAINTS,
    &NO_KEY_USAGE,
    &PATH_LENGTH,
    &MAY_NOT_SIGN,
    &NAME_CONSTRAINT,
    &UNKNOWN_CRITICAL,
    &MALFORMED_EXTENSION,
    &DUPLICATE_EXTENSION,
    &EXPLICIT_CURVE,
    &ALGORITHM_MISMATCH,
    &VERSION,
    &SERIAL,
    &KEY_IDENTIFIER,
    &EMPTY_NAME,
    &PROFILE,
    &WEAK_SIGNATURE,
    &WEAK_KEY,
    &TOO_MANY_PATHS,
    &SECOND_OPINION,
];

/// Whether a fault says that nothing here signed the certificate: what one exchanged root does to every leaf.
pub fn is_about_the_link(rule: &Rule) -> bool {
    [&UNKNOWN_ISSUER, &SAME_NAME_OTHER_KEY].contains(&rule)
}

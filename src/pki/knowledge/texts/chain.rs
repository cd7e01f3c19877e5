//! Chains that OpenSSL refuses, in its own words, Node's, Python's and curl's. Data only.

use super::PLAIN;
use crate::pki::knowledge::{KnownText, Precision};

pub(super) const TEXTS: &[KnownText] = &[
    KnownText {
        name: "unable-to-verify-leaf",
        texts: &[
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
            "unable to verify the first certificate",
            "error 21 at",
            "verify error:num=21:",
            "Verify return code: 21",
        ],
        program: "Node, OpenSSL (21)",
        cause: "the root that signed the server's certificate is not among those the program trusts: ca is not \
               given, root.pem is of another site, or the call went to the proxy on 443",
        fix: "give the root.pem of this site as ca, and call the service's own port",
        rules: &["chain/unknown-issuer", "chain/same-name-other-key"],
        source: "qrs#4 #5, QlikSenseGovernance#2 #16; reproduced",
        ..PLAIN
    },
    KnownText {
        name: "local-issuer",
        texts: &[
            "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
            "unable to get local issuer certificate",
            "UNABLE_TO_GET_ISSUER_CERT",
            "unable to get issuer certificate",
            "error 20 at",
            "verify error:num=20:",
            "Verify return code: 20",
        ],
        program: "Python, Node, curl, OpenSSL (20)",
        cause: "the issuer of a certificate is not among those the program trusts, or has the same name and other \
               keys",
        fix: "give the root.pem of this site: ca in Node, verify= in requests, cafile in ssl, --cacert in curl",
        rules: &["chain/unknown-issuer", "chain/same-name-other-key"],
        ..PLAIN
    },
    KnownText {
        name: "self-signed-in-chain",
        texts: &[
            "SELF_SIGNED_CERT_IN_CHAIN",
            "self signed certificate in certificate chain",
            "self-signed certificate in certificate chain",
            "error 19 at",
            "verify error:num=19:",
            "Verify return code: 19",
        ],
        program: "Python, Node, curl, OpenSSL (19)",
        cause: "the server sent its root too, and the program does not trust it; a root added to Java's cacerts or \
               to Windows does not help Python or Node",
        fix: "give the root.pem of this site to the program itself; NODE_EXTRA_CA_CERTS for a whole Node process",
        rules: &["chain/unknown-issuer"],
        source: "OpenMetadata#15892; reproduced",
        ..PLAIN
    },
    KnownText {
        name: "self-signed-leaf",
        texts: &[
            "DEPTH_ZERO_SELF_SIGNED_CERT",
            "self signed certificate",
            "self-signed certificate",
            "error 18 at",
            "verify error:num=18:",
            "Verify return code: 18",
        ],
        precision: Precision::General,
        program: "Node, Python, curl, OpenSSL (18)",
        cause: "the server shows a self-signed certificate: not one of the site's",
        fix: "check host and port; on 443 it may be a certificate of the proxy's own",
        rules: &["chain/self-signed"],
        ..PLAIN
    },
    KnownText {
        name: "invalid-purpose",
        texts: &[
            "INVALID_PURPOSE",
            "unsuitable certificate purpose",
            "unsupported certificate purpose",
            "error 26 at",
            "verify error:num=26:",
            "Verify return code: 26",
        ],
        program: "Node, OpenSSL (26)",
        cause: "the root is of 2019 or before and has no basicConstraints; it is not about an extended key usage, \
               Qlik's certificates have none. With certificates not made by Qlik: an EKU that does not allow this \
               use",
        fix: "recreate the site's certificates on a release of 2020 or later, or make an exception in the \
               program for this host",
        rules: &["chain/no-basic-constraints", "usage/wrong-purpose"],
        source: "qrs#21, QlikSenseGovernance#14; reproduced",
        ..PLAIN
    },
    KnownText {
        name: "invalid-ca",
        texts: &[
            "invalid CA certificate",
            "INVALID_CA",
            "error 79 at",
            "error 24 at",
            "verify error:num=79:",
            "verify error:num=24:",
        ],
        program: "Python, OpenSSL (79; 24 in 1.1), Node",
        cause: "the root is of 2019 or before and has no basicConstraints, or a certificate that is no authority \
               was given as root",
        fix: "check that root.pem is the root; recreate the site's certificates on a release of 2020 or later, \
               or make an exception for this host",
        rules: &["chain/no-basic-constraints", "chain/not-a-ca"],
        ..PLAIN
    },
    KnownText {
        name: "no-key-usage",
        texts: &[
            "CA cert does not include key usage extension",
            "error 92 at",
            "verify error:num=92:",
            "Verify return code: 92",
        ],
        program: "Python from 3.13, OpenSSL -x509_strict (92)",
        cause: "the root has no keyUsage, as none of Qlik's has; Python from 3.13 checks strictly by default",
        fix: "context.verify_flags &= ~ssl.VERIFY_X509_STRICT, or certificates of a root with keyUsage (qcert's \
               own)",
        rules: &["chain/no-key-usage"],
        ..PLAIN
    },
    KnownText {
        name: "strict-other",
        texts: &[
            "Basic Constraints of CA cert not marked critical",
            "Missing Authority Key Identifier",
            "Missing Subject Key Identifier",
            "Authority Key Identifier marked critical",
            "Subject Key Identifier marked critical",
            "Path length invalid for non-CA cert",
            "Path length given without key usage keyCertSign",
        ],
        program: "Python from 3.13, OpenSSL -x509_strict",
        cause: "strict checking found a form that RFC 5280 does not allow; Qlik's own certificates do not have \
               this one",
        fix: "make the certificates anew, or context.verify_flags &= ~ssl.VERIFY_X509_STRICT",
        rules: &["chain/profile", "chain/key-identifier"],
        source: "OpenSSL's messages",
        ..PLAIN
    },
    KnownText {
        name: "signature-failure",
        texts: &[
            "CERT_SIGNATURE_FAILURE",
            "certificate signature failure",
            "error 7 at",
            "verify error:num=7:",
            "Verify return code: 7",
        ],
        program: "Node, Python, curl, OpenSSL (7)",
        cause: "the root has the right name but another key, or the certificate was altered",
        fix: "find the root that signed it: compare key ids and thumbprints; root.pem is of an earlier or \
               another installation",
        rules: &["chain/same-name-other-key", "chain/bad-signature"],
        ..PLAIN
    },
    KnownText {
        name: "expired",
        texts: &[
            "CERT_HAS_EXPIRED",
            "certificate has expired",
            "error 10 at",
            "verify error:num=10:",
            "Verify return code: 10",
            "certificate is expired",
        ],
        program: "Node, Python, curl, OpenSSL (10)",
        cause: "a certificate of the chain has ended: after 10 years it is the root, and with it everything",
        fix: "if it is the root, recreate the site's certificates (`qcert explain recreate`); if not, export again",
        rules: &["validity/expired"],
        ..PLAIN
    },
    KnownText {
        name: "not-yet-valid",
        texts: &[
            "CERT_NOT_YET_VALID",
            "certificate is not yet valid",
            "error 9 at",
            "verify error:num=9:",
            "Verify return code: 9",
        ],
        program: "Node, Python, curl, OpenSSL (9)",
        cause: "the clock here is behind: Qlik dates certificates 7 days back, so by more than 7 days",
        fix: "set the clock and let it be kept by a time server",
        rules: &["validity/not-yet-valid"],
        ..PLAIN
    },
    KnownText {
        name: "path-length",
        texts: &["PATH_LENGTH_EXCEEDED", "path length constraint exceeded", "error 25 at"],
        program: "Node, OpenSSL (25)",
        cause: "an authority allows fewer authorities below it than there are",
        fix: "issue below an authority that allows it",
        rules: &["chain/path-length"],
        source: "OpenSSL's messages",
        ..PLAIN
    },
    KnownText {
        name: "may-not-sign",
        texts: &["key usage does not include certificate signing", "KEYUSAGE_NO_CERTSIGN", "error 32 at"],
        program: "OpenSSL (32)",
        cause: "the issuer's keyUsage does not allow it to sign certificates",
        fix: "use the root that is meant for signing",
        rules: &["chain/may-not-sign"],
        source: "OpenSSL's messages",
        ..PLAIN
    },
    KnownText {
        name: "critical-extension",
        texts: &["unhandled critical extension", "UNHANDLED_CRITICAL_EXTENSION", "error 34 at"],
        program: "OpenSSL (34)",
        cause: "a certificate has an extension that must be understood and is not; Qlik's own marks none of its \
               kind critical",
        fix: "make the certificate without it",
        rules: &["chain/unknown-critical-extension"],
        source: "OpenSSL's messages",
        ..PLAIN
    },
    KnownText {
        name: "key-too-weak",
        texts: &[
            "EE certificate key too weak",
            "CA certificate key too weak",
            "CA signature digest algorithm too weak",
            "ee key too small",
            "ca md too weak",
            "ca key too small",
            "EE_KEY_TOO_SMALL",
            "CA_MD_TOO_WEAK",
        ],
        program: "OpenSSL (66 to 68), curl, Python",
        cause: "key or hash is weaker than this program's security level allows",
        fix: "make certificates with RSA 2048 and SHA-256, as Qlik does",
        rules: &["chain/weak-key", "chain/weak-signature"],
        source: "OpenSSL's messages",
        ..PLAIN
    },
    KnownText {
        name: "verify-failed",
        texts: &["CERTIFICATE_VERIFY_FAILED", "certificate verify failed", "SSL certificate problem", "curl: (60)"],
        precision: Precision::General,
        program: "Python, curl, OpenSSL",
        cause: "the server's certificate was refused; the reason should stand behind this text",
        fix: "look at the reason; mostly root.pem is not given or of another site",
        rules: &["chain/unknown-issuer"],
        ..PLAIN
    },
];

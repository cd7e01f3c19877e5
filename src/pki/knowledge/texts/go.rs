//! What programs in Go say: corectl, the License Service and others. Data only.

use super::PLAIN;
use crate::pki::knowledge::{KnownText, Precision};

pub(super) const TEXTS: &[KnownText] = &[
    KnownText {
        name: "go-same-name",
        texts: &["possibly because of *while trying to verify candidate authority certificate"],
        program: "Go",
        cause: "the root given has the right name but another key: it is of an earlier or another installation",
        fix: "give the root.pem that signed this server's certificate",
        rules: &["chain/same-name-other-key"],
        source: "Go's crypto/x509",
        ..PLAIN
    },
    KnownText {
        name: "go-unknown-authority",
        texts: &["x509: certificate signed by unknown authority", "certificate is not trusted"],
        precision: Precision::General,
        program: "Go",
        cause: "the root of the server's certificate is not among those the program trusts; as far as known also \
               said of a root without basicConstraints (2019 and before)",
        fix: "give the root.pem of this site",
        rules: &["chain/unknown-issuer", "chain/no-basic-constraints"],
        source: "Go's crypto/x509",
        ..PLAIN
    },
    KnownText {
        name: "go-parent",
        texts: &["parent certificate cannot sign this kind of certificate"],
        program: "Go",
        cause: "the root has no basicConstraints (2019 and before), or a certificate that is no authority was \
               given as root",
        fix: "check that root.pem is the root; recreate the site's certificates on a release of 2020 or later",
        rules: &["chain/no-basic-constraints", "chain/not-a-ca"],
        source: "Go's crypto/x509",
        ..PLAIN
    },
    KnownText {
        name: "go-legacy-name",
        texts: &["relies on legacy Common Name field", "certificate is not valid for any names"],
        program: "Go",
        cause: "the server certificate has no SAN: Qlik wrote none before 2018",
        fix: "export or redistribute anew, which writes one",
        rules: &["identity/no-alternative-name"],
        ..PLAIN
    },
    KnownText {
        name: "go-ip",
        texts: &["doesn't contain any IP SANs", "cannot validate certificate for * because it"],
        program: "Go",
        cause: "called by an address; Qlik writes addresses as DNS names",
        fix: "call by name, or issue a certificate with the address (export --san)",
        command: "qcert validate ./host.domain --name 10.0.0.5",
        rules: &["identity/ip-as-dns-name"],
        ..PLAIN
    },
    KnownText {
        name: "go-name",
        texts: &["x509: certificate is valid for *, not "],
        program: "Go",
        cause: "the host called is not a name in the server certificate",
        fix: "call the node by the name in its certificate, or issue one with this name (export --san)",
        command: "qcert validate ./host.domain --name qlik.example.com",
        rules: &["identity/name-mismatch"],
        source: "Go's crypto/x509",
        ..PLAIN
    },
    KnownText {
        name: "go-dates",
        texts: &["x509: certificate has expired or is not yet valid"],
        program: "Go",
        cause: "a certificate of the chain has ended or has not begun; the times stand behind this text",
        fix: "if the root has ended, recreate the site's certificates; else export anew, or set the clock",
        rules: &["validity/expired", "validity/not-yet-valid"],
        source: "Go's crypto/x509",
        ..PLAIN
    },
    KnownText {
        name: "go-usage",
        texts: &["certificate specifies an incompatible key usage"],
        program: "Go",
        cause: "an extended key usage does not allow this use; Qlik's own certificates have none",
        fix: "make the certificate without one, or with both client and server authentication",
        rules: &["usage/wrong-purpose"],
        source: "Go's crypto/x509",
        ..PLAIN
    },
    KnownText {
        name: "go-key-mismatch",
        texts: &["tls: private key does not match public key", "tls: private key type does not match public key type"],
        program: "Go",
        cause: "the key belongs to another certificate: of another export, or the server's with the client's \
               certificate",
        fix: "take certificate and key of one export",
        rules: &["files/key-mismatch"],
        ..PLAIN
    },
    KnownText {
        name: "go-pem",
        texts: &[
            "tls: failed to find any PEM data",
            "tls: failed to find PEM block",
            "tls: failed to find certificate PEM data",
            "tls: failed to parse private key",
            "x509: failed to parse private key",
            "tls: found a certificate rather than a key",
        ],
        program: "Go",
        cause: "certificate or key file holds something else, is in UTF-16, or the key is encrypted, which Go does \
               not open",
        fix: "give client.pem and client_key.pem; export with open keys: --pem-keys plain",
        command: "qcert inspect client.pem client_key.pem",
        rules: &["files/wrong-content", "files/utf-16", "files/password-needed"],
        source: "Go's crypto/tls",
        ..PLAIN
    },
    KnownText {
        name: "go-malformed",
        texts: &[
            "x509: malformed",
            "x509: negative serial number",
            "x509: certificate contains duplicate extension",
            "x509: unhandled critical extension",
            "x509: invalid version",
        ],
        program: "Go",
        cause: "a certificate breaks a rule that Go holds",
        fix: "look which, and make it anew",
        rules: &["chain/malformed-extension", "chain/duplicate-extension", "chain/serial"],
        source: "Go's crypto/x509",
        ..PLAIN
    },
];

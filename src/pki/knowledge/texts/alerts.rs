//! What the other side says when it ends the handshake over a certificate, in each program's words. Data only.

use super::PLAIN;
use crate::pki::knowledge::{KnownText, Precision};

pub(super) const TEXTS: &[KnownText] = &[
    KnownText {
        name: "alert-unknown-ca",
        texts: &[
            "alert unknown ca",
            "ALERT_UNKNOWN_CA",
            "SSL alert number 48",
            "fatal alert code is 48",
            "fatal error code is 48",
            "tls: unknown certificate authority",
            "Received fatal alert: unknown_ca",
            "unknown_ca",
            "received fatal alert: UnknownCA",
        ],
        program: "Node, Python, OpenSSL, Go, Java, Schannel",
        cause: "the other side does not know the root of the certificate shown to it: a client certificate of another \
               site, or, in a server's log, a caller without this root.pem",
        fix: "use the client certificate of the site that is called; in a server's log, give that caller this root.pem",
        rules: &["chain/unknown-issuer", "chain/same-name-other-key"],
        source: "RFC 8446 6.2",
        ..PLAIN
    },
    KnownText {
        name: "alert-bad-certificate",
        texts: &[
            "alert bad certificate",
            "ALERT_BAD_CERTIFICATE",
            "SSL alert number 42",
            "fatal alert code is 42",
            "fatal error code is 42",
            "tls: bad certificate",
            "Received fatal alert: bad_certificate",
            "bad_certificate",
            "alert certificate unknown",
            "ALERT_CERTIFICATE_UNKNOWN",
            "SSL alert number 46",
            "fatal alert code is 46",
            "fatal error code is 46",
            "Received fatal alert: certificate_unknown",
            "certificate_unknown",
        ],
        program: "Node, Python, OpenSSL, Go, Java, Schannel",
        cause: "the other side refuses the certificate shown to it: of another site, not a client's, or, in a server's \
               log, the caller does not trust the server",
        fix: "use the client certificate of the site that is called; in a server's log, look at the caller",
        rules: &["chain/unknown-issuer", "usage/wrong-purpose"],
        source: "RFC 8446 6.2",
        ..PLAIN
    },
    // Go's word for 48 begins with its word for 46: general, so that it says nothing beside the other.
    KnownText {
        name: "alert-certificate-unknown-go",
        texts: &["tls: unknown certificate"],
        precision: Precision::General,
        program: "Go",
        cause: "the other side refuses the certificate shown to it: of another site, not a client's, or, in a \
               server's log, the caller does not trust the server",
        fix: "use the client certificate of the site that is called; in a server's log, look at the caller",
        rules: &["chain/unknown-issuer", "usage/wrong-purpose"],
        source: "RFC 8446 6.2",
        ..PLAIN
    },
    KnownText {
        name: "alert-unsupported-certificate",
        texts: &[
            "alert unsupported certificate",
            "ALERT_UNSUPPORTED_CERTIFICATE",
            "SSL alert number 43",
            "fatal alert code is 43",
            "fatal error code is 43",
            "tls: unsupported certificate",
            "Received fatal alert: unsupported_certificate",
            "unsupported_certificate",
        ],
        program: "Node, Python, OpenSSL, Go, Java, Schannel",
        cause: "the certificate shown is not for this use, or its key is of a kind that the other side cannot use; \
               Qlik's own are for every use and RSA",
        fix: "export with RSA keys and without an extended key usage, or with both client and server authentication",
        rules: &["usage/wrong-purpose", "site/not-rsa"],
        source: "RFC 8446 6.2",
        ..PLAIN
    },
    KnownText {
        name: "alert-revoked",
        texts: &[
            "alert certificate revoked",
            "ALERT_CERTIFICATE_REVOKED",
            "SSL alert number 44",
            "fatal alert code is 44",
            "fatal error code is 44",
            "tls: revoked certificate",
            "Received fatal alert: certificate_revoked",
            "certificate_revoked",
        ],
        program: "Node, Python, OpenSSL, Go, Java, Schannel",
        cause: "a revocation list that the other side has names the certificate shown to it; Qlik's services ask for \
               none, so it is a gateway before them, or an administrator's list",
        fix: "export anew, and let whoever was given the old one have the new",
        command: "qcert explain revoke",
        source: "RFC 8446 6.2",
        ..PLAIN
    },
    KnownText {
        name: "alert-expired",
        texts: &[
            "alert certificate expired",
            "ALERT_CERTIFICATE_EXPIRED",
            "SSL alert number 45",
            "fatal alert code is 45",
            "fatal error code is 45",
            "tls: expired certificate",
            "Received fatal alert: certificate_expired",
            "certificate_expired",
        ],
        program: "Node, Python, OpenSSL, Go, Java, Schannel",
        cause: "the other side says that the certificate shown to it has ended; its clock may be wrong, too",
        fix: "export anew; if the root has ended, recreate the site's certificates",
        rules: &["validity/expired"],
        source: "RFC 8446 6.2",
        ..PLAIN
    },
    KnownText {
        name: "alert-certificate-required",
        texts: &[
            "alert certificate required",
            "ALERT_CERTIFICATE_REQUIRED",
            "SSL alert number 116",
            "fatal alert code is 116",
            "fatal error code is 116",
            "tls: certificate required",
            "Received fatal alert: certificate_required",
            "certificate_required",
            "alert no certificate",
            "SSL alert number 41",
            "fatal alert code is 41",
            "fatal error code is 41",
            "tls: client didn't provide a certificate",
            "peer did not return a certificate",
            "PEER_DID_NOT_RETURN_A_CERTIFICATE",
            "Empty client certificate chain",
            "Empty server certificate chain",
        ],
        program: "Node, Python, OpenSSL, Go, Java, Schannel",
        cause: "the caller showed no client certificate: not configured, without its key, or of no root that the \
               server named",
        fix: "configure client.pem with client_key.pem, or client.pfx, of this site",
        rules: &["files/missing", "files/key-mismatch"],
        source: "RFC 8446 6.2",
        ..PLAIN
    },
    KnownText {
        name: "alert-access-denied",
        texts: &[
            "alert access denied",
            "ALERT_ACCESS_DENIED",
            "SSL alert number 49",
            "fatal alert code is 49",
            "fatal error code is 49",
            "tls: access denied",
            "Received fatal alert: access_denied",
        ],
        program: "Node, Python, OpenSSL, Go, Java, Schannel",
        cause: "the certificate is good, and whoever shows it is not allowed: a list of the other side, such as that \
               of a gateway, does not have it",
        fix: "ask who runs the other side; the services of a site have no such list",
        source: "RFC 8446 6.2",
        ..PLAIN
    },
    KnownText {
        name: "alert-decrypt",
        texts: &[
            "alert decrypt error",
            "ALERT_DECRYPT_ERROR",
            "SSL alert number 51",
            "fatal alert code is 51",
            "fatal error code is 51",
            "tls: error decrypting message",
            "Received fatal alert: decrypt_error",
        ],
        program: "Node, Python, OpenSSL, Go, Java, Schannel",
        cause: "a signature in the handshake is not that of the certificate shown: key and certificate do not belong \
               together, or something in between altered the handshake",
        fix: "take certificate and key of one export",
        rules: &["files/key-mismatch", "chain/same-name-other-key"],
        source: "RFC 8446 6.2",
        ..PLAIN
    },
];

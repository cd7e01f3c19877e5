//! What the other side says when it ends the handshake, in each program's words. Data only.

use super::PLAIN;
use crate::pki::knowledge::{KnownText, Precision};

pub(super) const TEXTS: &[KnownText] = &[
    KnownText {
        name: "alert-unknown-ca",
        texts: &[
            "alert unknown ca",
            "ALERT_UNKNOWN_CA",
            "SSL alert number 48",
            "tls: unknown certificate authority",
            "Received fatal alert: unknown_ca",
        ],
        program: "Node, Python, OpenSSL, Go, Java",
        cause: "the other side does not know the root of the certificate shown to it: a client certificate of \
               another site, or, in a server's log, a caller without this root.pem",
        fix: "use the client certificate of the site that is called",
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
            "tls: bad certificate",
            "Received fatal alert: bad_certificate",
            "alert certificate unknown",
            "ALERT_CERTIFICATE_UNKNOWN",
            "SSL alert number 46",
            "Received fatal alert: certificate_unknown",
            "tls: unknown certificate",
            "alert unsupported certificate",
            "SSL alert number 43",
            "Received fatal alert: unsupported_certificate",
        ],
        program: "Node, Python, OpenSSL, Go, Java",
        cause: "the other side refuses the certificate shown to it: of another site, not a client's, or, in a \
               server's log, the caller does not trust the server",
        fix: "use the client certificate of the site that is called; in a server's log, look at the caller",
        rules: &["chain/unknown-issuer", "usage/wrong-purpose"],
        source: "RFC 8446 6.2",
        ..PLAIN
    },
    KnownText {
        name: "alert-expired",
        texts: &[
            "alert certificate expired",
            "ALERT_CERTIFICATE_EXPIRED",
            "SSL alert number 45",
            "tls: expired certificate",
            "Received fatal alert: certificate_expired",
        ],
        program: "Node, Python, OpenSSL, Go, Java",
        cause: "the other side says that the certificate shown to it has ended",
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
            "tls: certificate required",
            "Received fatal alert: certificate_required",
            "tls: client didn't provide a certificate",
            "peer did not return a certificate",
            "PEER_DID_NOT_RETURN_A_CERTIFICATE",
            "Empty client certificate chain",
            "Empty server certificate chain",
        ],
        program: "Node, Python, OpenSSL, Go, Java",
        cause: "the caller showed no client certificate: not configured, without its key, or of no root that the \
               server named",
        fix: "configure client.pem with client_key.pem, or client.pfx, of this site",
        rules: &["files/missing", "files/key-mismatch"],
        source: "RFC 8446 6.2",
        ..PLAIN
    },
    KnownText {
        name: "alert-handshake",
        texts: &[
            "alert handshake failure",
            "ALERT_HANDSHAKE_FAILURE",
            "SSL alert number 40",
            "tls: handshake failure",
            "Received fatal alert: handshake_failure",
            "no shared cipher",
            "NO_SHARED_CIPHER",
            "no cipher suite supported by both client and server",
            "no cipher suites in common",
        ],
        precision: Precision::General,
        program: "Node, Python, OpenSSL, Go, Java, curl",
        cause: "the two sides agree on nothing: no cipher in common, an ECDSA server certificate where RSA is \
               needed (License Service), or a missing client certificate",
        fix: "check the key's kind (RSA), the versions of TLS, and that a client certificate is configured",
        rules: &["site/not-rsa"],
        source: "RFC 8446 6.2; Qlik help, License Service cipher suites",
        ..PLAIN
    },
    KnownText {
        name: "alert-protocol",
        texts: &[
            "alert protocol version",
            "ALERT_PROTOCOL_VERSION",
            "SSL alert number 70",
            "tls: protocol version not supported",
            "Received fatal alert: protocol_version",
            "unsupported protocol",
            "UNSUPPORTED_PROTOCOL",
            "no protocols available",
            "tls: server selected unsupported protocol version",
            "No appropriate protocol",
        ],
        program: "Node, Python, OpenSSL, Go, Java",
        cause: "no version of TLS in common: old releases know TLS 1.0 only, new programs begin at 1.2",
        fix: "switch TLS 1.2 on in Windows' registry, for the whole machine",
        command: "qcert explain tls",
        source: "Qlik help, certificate trust",
        ..PLAIN
    },
    KnownText {
        name: "not-tls",
        texts: &[
            "wrong version number",
            "WRONG_VERSION_NUMBER",
            "first record does not look like a TLS handshake",
            "server gave HTTP response to HTTPS client",
            "Unsupported or unrecognized SSL message",
            "packet length too long",
            "EPROTO*wrong version",
        ],
        program: "Node, Python, OpenSSL, Go, Java, curl",
        cause: "there is no TLS on that port: an HTTP port (80, 4444, 4570), the database (4432), or an HTTP proxy \
               between",
        fix: "check the port; leave the HTTP proxy out for the site's machines",
        command: "qcert explain 4242",
        source: "OpenSSL's, Go's and Java's messages",
        ..PLAIN
    },
    KnownText {
        name: "connection-refused",
        texts: &[
            "ECONNREFUSED",
            "Connection refused",
            "actively refused it",
            "ETIMEDOUT",
            "connection timed out",
            "ENOTFOUND",
            "getaddrinfo*not known",
            "No such host is known",
        ],
        precision: Precision::General,
        program: "Node, Python, Go, Java, curl",
        cause: "nobody was reached: service down, port closed by a firewall, or a name that does not resolve. No \
               matter of certificates",
        fix: "check that the service runs and that the port is open from this machine",
        command: "qcert explain 4242",
        source: "the programs' messages",
        ..PLAIN
    },
    KnownText {
        name: "connection-reset",
        texts: &[
            "ECONNRESET",
            "socket hang up",
            "forcibly closed by the remote host",
            "Connection reset by peer",
            "Remote host terminated the handshake",
            "Remote host closed connection during handshake",
        ],
        precision: Precision::General,
        program: "Node, Python, Go, Java, curl",
        cause: "the other side closed without a word: Windows does so when it does not take a certificate or no \
               version of TLS, and so do firewalls",
        fix: "look into the server's Windows System log for Schannel events at that time",
        command: "qcert explain tls",
        source: "the programs' messages",
        ..PLAIN
    },
];

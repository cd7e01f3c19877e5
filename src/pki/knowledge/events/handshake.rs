//! How a connection to a port can end before anything was said: by nobody, by TLS, or by an answer. Facts only.

use crate::pki::knowledge::Body::{Pairs, Points, Table};
use crate::pki::knowledge::{Kind, Topic, part, text};

pub(super) const CONNECTION: Topic = Topic {
    name: "handshake",
    also: &[
        "connect",
        "trouble",
        "unknown-name",
        "look-up-timed-out",
        "refused",
        "timed-out",
        "unreachable",
        "reset",
        "closed",
        "silent",
        "slow",
        "too-much",
        "plain-http",
        "http-proxy",
        "not-tls",
        "old-tls",
        "no-common-cipher",
        "protocol",
        "forbidden",
        "xsrf",
        "certificate-refused",
        "unauthorized",
        "login-page",
        "not-found",
        "bad-gateway",
        "unavailable",
        "plain-http-expected",
        "https-expected",
        "not-http",
        "no-answer",
        "renegotiation",
        "unprotected",
    ],
    kind: Kind::Event,
    title: "where a call to a port can end, in the order in which it happens, and what that tells",
    parts: &[
        part(
            "nobody there: no matter of certificates",
            Pairs(&[
                ("unknown name", "the name does not resolve on the machine that calls: spelling, DNS, hosts file"),
                ("refused", "the machine answers, nothing listens: the service is stopped, or it is another port"),
                ("timed out", "no answer at all: a firewall drops the packets, or the machine is down"),
                ("unreachable", "a router says that no way leads there"),
            ]),
        ),
        part(
            "no TLS there",
            Pairs(&[
                ("plain HTTP", "80, 4444, 4570, or an HTTP proxy that the program uses for machines of the site"),
                ("not TLS", "another service: the database on 4432 speaks TLS only when asked in its own way"),
                ("silent, slow", "it takes the connection and says nothing, or very slowly: starting, or a firewall"),
            ]),
        ),
        part(
            "the handshake fails",
            Pairs(&[
                ("old TLS", "it knows TLS 1.0 and 1.1 only: switch 1.2 on in Windows' registry"),
                ("no cipher", "mostly an ECDSA certificate where RSA is needed, or a hardened cipher list"),
                ("alert", "the other side says why, with a number: see `qcert explain alerts`"),
                ("closed, reset", "it does not say why. Windows does so; look for Schannel events there at that time"),
            ]),
        ),
        part(
            "the handshake is done, and then",
            Pairs(&[
                (
                    "closed, reset",
                    "with TLS 1.3 a client certificate is judged only now: this may be its refusal. Node's servers say \
                     nothing more",
                ),
                (
                    "renegotiation",
                    "Windows' HTTP service asks for the certificate only now (TLS 1.2), where it was not told to ask at \
                     once; Go and rustls do not go along",
                ),
                ("400", "nginx: no certificate came, or one that it does not take; the text says which"),
                ("400, 403 XSRF", "the certificate was taken; the xrfkey is missing, or not the same in both places"),
                ("401", "the proxy wants a user to log on; the Repository Service does not ask for that"),
                ("403", "no certificate, one of another site, or a user in X-Qlik-User who may not"),
                ("302, a page", "the proxy's log-on page: port 4242, without a virtual proxy's prefix"),
                ("404", "another service, or a virtual proxy's prefix in the address"),
                (
                    "200",
                    "the Repository Service's own answer to /qrs/about; where no certificate was asked for, something in \
                     front shows its own, and anybody may act as any user",
                ),
                ("502, 503", "the service starts, or a load balancer before it reaches no node"),
            ]),
        ),
    ],
    commands: &[
        ("qcert explain --text ECONNRESET", "what a program says, in its own words"),
        ("qcert validate ./host.domain", "what each program makes of these certificates"),
    ],
    see: &["alerts", "4242", "headers", "tls"],
    source: "RFC 8446, RFC 5246; http.sys, nginx, Node observed; Qlik-Cli#123 #147, qlik-auth-net#3",
};

pub(super) const ALERTS: Topic = Topic {
    name: "alerts",
    also: &[
        "alert",
        "tls-alert",
        "tls-alerts",
        "fatal-alert",
        "36887",
        "36888",
        "close-notify",
        "unexpected-message",
        "bad-record-mac",
        "handshake-failure",
        "no-certificate",
        "bad-certificate",
        "unsupported-certificate",
        "certificate-revoked",
        "certificate-expired",
        "certificate-unknown",
        "illegal-parameter",
        "unknown-ca",
        "access-denied",
        "decode-error",
        "decrypt-error",
        "protocol-version",
        "insufficient-security",
        "internal-error",
        "inappropriate-fallback",
        "user-canceled",
        "no-renegotiation",
        "missing-extension",
        "unsupported-extension",
        "unrecognized-name",
        "unrecognised-name",
        "certificate-required",
        "no-application-protocol",
    ],
    kind: Kind::Event,
    title: "the numbers with which TLS, and Windows' Schannel events 36887 and 36888, say why a handshake ended",
    parts: &[
        text(
            "Who says it has looked at what the other side showed. In a client's log it is about the client \
             certificate; in a server's log about the server's, seen by the caller.",
        ),
        part(
            "about certificates",
            Table(&[
                &["number", "name", "at a Qlik port"],
                &["42", "bad_certificate", "refused: of another site, damaged, or not signed by this root"],
                &["43", "unsupported_certificate", "not for this use, or a key that cannot be used; RSA, no EKU"],
                &["44", "certificate_revoked", "a gateway's list names it; the services ask for none"],
                &["45", "certificate_expired", "it has ended, or the clock of the other side is wrong"],
                &["46", "certificate_unknown", "refused for another reason; Windows' and Java's usual word"],
                &["48", "unknown_ca", "the other side does not have the root of this certificate"],
                &["49", "access_denied", "the certificate is good, its holder is not on a gateway's list"],
                &["51", "decrypt_error", "the key is not the certificate's: files of two exports"],
                &["112", "unrecognized_name", "a web server or load balancer that does not go by this name"],
                &["116", "certificate_required", "the caller showed none (TLS 1.3); 40 in TLS 1.2"],
            ]),
        ),
        part(
            "about all else",
            Table(&[
                &["number", "name", "at a Qlik port"],
                &["0", "close_notify", "an orderly end; no fault where the answer was complete"],
                &["10", "unexpected_message", "two programs that do not understand each other; so 47, 50, 109, 110"],
                &["20", "bad_record_mac", "altered on the way, or a faulty program; so 21, 22"],
                &["40", "handshake_failure", "nothing in common: an ECDSA key, ciphers; or no client certificate"],
                &["70", "protocol_version", "no version in common: switch TLS 1.2 on; so 86"],
                &["71", "insufficient_security", "ciphers too weak for the other side"],
                &["80", "internal_error", "its own trouble, mostly with its private key"],
                &["90", "user_canceled", "given up, without fault"],
                &["100", "no_renegotiation", "one side begins again and the other does not go along"],
                &["120", "no_application_protocol", "the caller offers only HTTP/2; the services speak HTTP/1.1"],
            ]),
        ),
        part(
            "which side",
            Points(&[
                "Schannel 36887: this Windows received the alert, the other side refuses",
                "Schannel 36888: this Windows sent it, it refuses what the other side showed or offered",
                "OpenSSL, Node, Python, curl: `SSL alert number 48` is received; Go: `remote error: tls:` is received, \
                 `local error: tls:` is sent; Java: `Received fatal alert` is received",
            ]),
        ),
    ],
    commands: &[
        ("qcert explain --text certificate_unknown", "one of them, with its way out"),
        ("qcert validate ./host.domain", "do root, server and client belong together"),
    ],
    see: &["handshake", "tls", "stores"],
    source: "RFC 8446 6, RFC 5246 7.2; Microsoft, Schannel events",
};

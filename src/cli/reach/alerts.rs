//! What the alerts of TLS (RFC 8446 6.2) mean to somebody with a bundle in hand.

use crate::host::tls::alert_name;

/// An alert in a sentence, and what follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Meaning {
    pub(in super::super) what: &'static str,
    pub(in super::super) hint: &'static str,
}

/// Of a call in which the other end had asked for a certificate: it is about ours. `shown` says whether there was one.
pub(in super::super) fn of_refusal(alert: u8, shown: bool) -> Meaning {
    let name = alert_name(alert);
    if !shown {
        return Meaning { what: "it takes no caller without a certificate", hint: "this is as it should be" };
    }
    let (what, hint) = match name.as_str() {
        "unknown_ca" => (
            "it does not know the authority that issued it",
            "the bundle is of another site, or of before the site's certificates were made anew: export it again",
        ),
        "certificate_unknown" => (
            "it does not take it and does not say why, as Java and Windows do: mostly an authority it does not know",
            "compare the bundle's root with the root in the server's stores; export the bundle again",
        ),
        "bad_certificate" => (
            "it does not take it and does not say why, as Go does: mostly an authority it does not know",
            "compare the bundle's root with the one the server trusts; export the bundle again",
        ),
        "certificate_expired" => (
            "it has expired by the server's clock",
            "export the bundle again, or set the server's clock if it is wrong",
        ),
        "certificate_revoked" => ("it was revoked", "export the bundle again"),
        "unsupported_certificate" => (
            "it may not be used by a caller (keyUsage, extended key usage)",
            "export the bundle again: `qcert validate` says what is wrong with `client.pem`",
        ),
        "access_denied" => {
            ("the certificate is good, but this caller may not", "ask whoever runs the server which callers it admits")
        }
        "decrypt_error" => {
            ("it could not check the proof that we have its key", "take certificate and key from the same export")
        }
        "certificate_required" => ("it says that it was shown none", "look for a program in between that ends TLS"),
        "handshake_failure" => (
            "it breaks the handshake off and does not say why: mostly the certificate",
            "see the server's log; compare the bundle's root with the one the server trusts",
        ),
        "internal_error" => ("it has trouble of its own", "see the server's log"),
        _ => ("it ends the connection once the certificate was shown", "see the server's log"),
    };
    Meaning { what, hint }
}

/// Of a call in which no certificate had been shown by either end yet.
pub(super) fn of_greeting(alert: u8) -> Meaning {
    let (what, hint) = match alert_name(alert).as_str() {
        "protocol_version" => ("it speaks neither TLS 1.2 nor 1.3", "switch TLS 1.2 on where the service runs"),
        "handshake_failure" | "insufficient_security" => (
            "it finds no cipher suite or version in common",
            "the server may have a certificate without a usable key, or allow old ciphers only: see its log",
        ),
        "unrecognised_name" => ("it serves no such host name", "call it by the name that it is configured for"),
        "no_application_protocol" => (
            "it wants to know the application protocol first, as PostgreSQL does",
            "is this the port that was meant? `qcert explain ports`",
        ),
        "internal_error" => (
            "it has trouble of its own, often a certificate whose key it may not read",
            "see its log; on Windows look at the rights on the certificate's private key",
        ),
        _ => ("it ends the handshake before it shows a certificate", "see its log"),
    };
    Meaning { what, hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_about_our_certificate_are_told_apart() {
        let named = [42, 43, 44, 45, 46, 48, 49, 51, 40, 80, 116];
        let mut sentences: Vec<_> = named.iter().map(|number| of_refusal(*number, true).what).collect();
        sentences.sort_unstable();
        sentences.dedup();
        assert_eq!(sentences.len(), named.len());
        assert!(of_refusal(48, true).what.contains("authority") && of_refusal(46, true).what.contains("Java"));
        assert_eq!(of_refusal(40, false), of_refusal(116, false));
    }

    #[test]
    fn alerts_before_any_certificate_are_about_the_server() {
        assert!(of_greeting(70).what.contains("TLS 1.2") && of_greeting(112).what.contains("host name"));
        for number in 0..=255 {
            assert!(!of_greeting(number).hint.is_empty() && !of_refusal(number, true).hint.is_empty());
        }
    }
}

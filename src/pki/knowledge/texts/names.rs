//! Servers called by a name or address that their certificate does not bear. Data only.

use super::PLAIN;
use crate::pki::knowledge::KnownText;

pub(super) const TEXTS: &[KnownText] = &[
    KnownText {
        name: "altname",
        texts: &[
            "ERR_TLS_CERT_ALTNAME_INVALID",
            "Hostname/IP does not match certificate's altnames",
            "Hostname/IP doesn't match certificate's altnames",
        ],
        program: "Node",
        cause: "the host called is not a name in the server certificate; an IP address never is in one of Qlik's, \
               where it is written as DNS name",
        fix: "call the node by the name in its certificate, or issue one with this name or address (export --san)",
        command: "qcert validate ./host.domain --name 10.0.0.5",
        rules: &["identity/name-mismatch", "identity/ip-as-dns-name"],
        source: "butler-sos#178; reproduced",
        ..PLAIN
    },
    KnownText {
        name: "hostname-mismatch",
        texts: &[
            "Hostname mismatch, certificate is not valid for",
            "hostname mismatch",
            "HOSTNAME_MISMATCH",
            "hostname '*' doesn't match",
            "error 62 at",
            "verify error:num=62:",
            "Verify return code: 62",
        ],
        program: "Python, OpenSSL (62)",
        cause: "the host called is not a name in the server certificate",
        fix: "call the node by the name in its certificate, or issue one with this name (export --san)",
        command: "qcert validate ./host.domain --name qlik.example.com",
        rules: &["identity/name-mismatch"],
        ..PLAIN
    },
    KnownText {
        name: "ip-mismatch",
        texts: &[
            "IP address mismatch",
            "IP_ADDRESS_MISMATCH",
            "error 64 at",
            "verify error:num=64:",
            "Verify return code: 64",
        ],
        program: "Python, OpenSSL (64)",
        cause: "called by an address that the certificate does not bear; Qlik writes addresses as DNS names, where \
               nobody looks for one",
        fix: "call by name, or issue a certificate with the address (export --san)",
        command: "qcert validate ./host.domain --name 10.0.0.5",
        rules: &["identity/ip-as-dns-name", "identity/name-mismatch"],
        ..PLAIN
    },
    KnownText {
        name: "curl-name",
        texts: &[
            "no alternative certificate subject name matches target",
            "does not match target host name",
            "SSL: unable to obtain common name from peer certificate",
        ],
        program: "curl",
        cause: "the host called is not a name in the server certificate",
        fix: "call the node by the name in its certificate: --resolve NAME:PORT:ADDRESS leads it to the right \
               address",
        command: "qcert validate ./host.domain --name qlik.example.com",
        rules: &["identity/name-mismatch"],
        source: "curl's messages",
        ..PLAIN
    },
    KnownText {
        name: "long-common-name",
        texts: &["commonName:*string too long", "string too long*maxsize=64", "ASN1_mbstring_ncopy:string too long"],
        program: "OpenSSL and others",
        cause: "a name over 64 characters: a long cloud host name, and `-CA` behind it in the root's name",
        fix: "a shorter host name; existing certificates work where this is not checked",
        rules: &["identity/long-common-name"],
        source: "X.520; a real root of 65 characters",
        ..PLAIN
    },
];

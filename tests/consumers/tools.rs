//! What is said of the programs that cannot be run here, on the same cases: Qlik's services, what runs on Windows, and
//! the tools, whose sources were read.
//!
//! `QUOTES` is the table: what must be in the answer, and of which kind it is.

use qcert::pki::report::Answer;

use super::proofs::prepared;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Accepts,
    But,
    Refuses,
    Nothing,
    Unjudged,
}
use Kind::{Accepts, But, Nothing, Refuses, Unjudged};

type Expected = (&'static str, Kind, &'static str);

const QUOTES: &[(&str, &[Expected])] = &[
    (
        "sound",
        &[
            (".NET on Windows", But, "not on Windows Server 2016 and older"),
            ("Repository Service", Accepts, ""),
            ("License Service", Accepts, ""),
            ("NPrinting", But, "The specified network password is not correct"),
            ("Butler", Accepts, ""),
            ("Butler SOS", Accepts, ""),
            ("ctrl-q", Accepts, ""),
            ("enigma.js", Accepts, ""),
            ("corectl", Accepts, ""),
            ("Qlik-Cli-Windows", But, "Windows Server 2016"),
            ("qsAPI", Accepts, ""),
            ("Qalyptus", But, "Windows Server 2016"),
        ],
    ),
    (
        "qlik-2017",
        &[
            (".NET on Windows", But, "Windows Server 2016"),
            ("Repository Service", Accepts, ""),
            ("License Service", Accepts, ""),
            ("Butler", But, "checking, it refuses with `unsuitable certificate purpose (INVALID_PURPOSE)`"),
            ("Butler SOS", Refuses, "unsuitable certificate purpose (INVALID_PURPOSE)"),
            ("ctrl-q", Refuses, "unsuitable certificate purpose (INVALID_PURPOSE)"),
            ("enigma.js", Refuses, "unsuitable certificate purpose (INVALID_PURPOSE)"),
            ("corectl", Refuses, "x509: certificate relies on legacy Common Name field, use SANs instead"),
            ("qsAPI", Accepts, ""),
        ],
    ),
    (
        "key-encrypted",
        &[
            ("Butler", Refuses, "ERR_OSSL_BAD_DECRYPT"),
            ("Butler SOS", But, "Butler-SOS.cert.clientCertPassphrase"),
            ("ctrl-q", Refuses, "ERR_OSSL_BAD_DECRYPT"),
            ("enigma.js", But, "passphrase"),
            ("corectl", Refuses, "tls: failed to parse private key"),
            ("qsAPI", Refuses, "Client private key is encrypted, password is required"),
            ("NPrinting", Refuses, "The specified network password is not correct"),
            ("Qalyptus", But, "Windows Server 2016"),
        ],
    ),
    (
        "key-encrypted-without-password",
        &[("Butler SOS", Unjudged, "client_key.pem"), ("Butler", Refuses, "ERR_OSSL_BAD_DECRYPT")],
    ),
    ("key-traditional-without-password", &[("Butler", Refuses, "ERR_OSSL_BAD_DECRYPT")]),
    (
        "key-of-another",
        &[
            ("Butler", Refuses, "ERR_OSSL_X509_KEY_VALUES_MISMATCH"),
            ("corectl", Refuses, "tls: private key does not match public key"),
            ("qsAPI", Refuses, "key values mismatch"),
            ("NPrinting", But, "Windows Server 2016"),
        ],
    ),
    (
        "key-missing",
        &[
            ("Butler", Refuses, "ENOENT: no such file or directory"),
            ("qsAPI", Refuses, "Could not find the TLS key file, invalid path"),
        ],
    ),
    (
        "client-expired",
        &[
            ("Repository Service", Refuses, "403 Forbidden"),
            ("ctrl-q", Refuses, "403 Forbidden"),
            ("qsAPI", Refuses, "403 Forbidden"),
            ("NPrinting", Refuses, "403 Forbidden"),
            ("License Service", Accepts, ""),
        ],
    ),
    ("client-is-the-server", &[("qsAPI", Accepts, ""), ("Qlik-Cli-Windows", But, "Windows Server 2016")]),
    (
        "server-expired",
        &[
            ("Repository Service", But, "at its next start it makes a new server certificate"),
            ("NPrinting", Refuses, "The remote certificate is invalid according to the validation procedure"),
            ("Qlik-Cli-Windows", Refuses, "Could not establish trust relationship for the SSL/TLS secure channel"),
            ("Butler", But, "rejectUnauthorized: false"),
            ("qsAPI", Accepts, ""),
        ],
    ),
    ("root-expired", &[("Repository Service", Refuses, "invalid root certificate")]),
    (
        "server-same-name-other-key",
        &[
            ("Repository Service", Refuses, "is invalid because it was not signed correctly by 'CN=qlik1.test-CA'"),
            ("corectl", Refuses, "x509: certificate signed by unknown authority"),
        ],
    ),
    (
        "server-ec",
        &[
            ("Repository Service", Refuses, "Unkown error when accessing the private key"),
            ("License Service", Refuses, "tls: no cipher suite supported by both client and server"),
            ("ctrl-q", Accepts, ""),
        ],
    ),
    (
        "server-ip-as-dns-name",
        &[
            ("ctrl-q", Refuses, "IP: 10.0.0.5 is not in the cert's list:"),
            ("corectl", Refuses, "doesn't contain any IP SANs"),
            (".NET on Windows", But, "Windows Server 2016"),
        ],
    ),
    (
        "server-other-name",
        &[(".NET on Windows", Refuses, "The remote certificate is invalid according to the validation procedure")],
    ),
    ("pfx-missing", &[("NPrinting", Nothing, "client.pfx"), (".NET on Windows", Nothing, "client.pfx")]),
    ("pfx-rc2", &[(".NET on Windows", Accepts, ""), ("NPrinting", Refuses, "network password")]),
    ("pfx-3des", &[(".NET on Windows", Accepts, ""), ("Qlik-Cli-Windows", Accepts, "")]),
    ("pfx-without-key", &[("Qlik-Cli-Windows", Refuses, "401 Unauthorized")]),
    ("pfx-unnamed", &[(".NET on Windows", But, "CertificatesNotLoadedException"), ("Qlik-Cli-Windows", But, "2016")]),
    (
        "windows-format",
        &[
            ("Butler", Nothing, "client_key.pem"),
            ("corectl", Nothing, "--certificates"),
            ("Go", Nothing, "client.pem"),
            ("Node.js", But, "root.cer"),
            ("Java", Accepts, ""),
            ("License Service", Nothing, "server.pem"),
            ("Repository Service", Accepts, ""),
        ],
    ),
];

#[test]
fn programs_that_cannot_run_here() {
    let Some(cases) = prepared() else { return };
    for (name, expected) in QUOTES {
        let case = cases.iter().find(|case| case.name == *name).expect("there is such a case");
        for (consumer, kind, quoted) in *expected {
            let answer = case.verdict(consumer);
            let (found, text) = match answer {
                Answer::Accepts => (Accepts, ""),
                Answer::AcceptsBut(note) => (But, note.as_str()),
                Answer::Refuses { error, why, way_out } => {
                    assert!(!why.is_empty() && !way_out.is_empty(), "{name}, {consumer}: {answer:?}");
                    (Refuses, error.as_str())
                }
                Answer::NothingForIt(takes) => (Nothing, takes.as_str()),
                Answer::Unjudged(why) => (Unjudged, why.as_str()),
            };
            assert!(found == *kind && text.contains(quoted), "{name}, {consumer}: {answer:?}, not {kind:?} {quoted:?}");
        }
    }
}

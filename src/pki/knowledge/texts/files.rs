//! Files that cannot be opened or do not fit together. Data only.

use super::PLAIN;
use crate::pki::knowledge::{KnownText, Precision};

pub(super) const TEXTS: &[KnownText] = &[
    KnownText {
        name: "key-mismatch",
        texts: &[
            "KEY_VALUES_MISMATCH",
            "key values mismatch",
            "key type mismatch",
            "private key does not match the certificate public key",
        ],
        program: "Node, Python, OpenSSL, curl",
        cause: "the key belongs to another certificate: of another export, or the server's key with the client's \
               certificate",
        fix: "take certificate and key of one export; client.pem and client.pfx of Qlik's never fit each other",
        rules: &["files/key-mismatch", "files/swapped"],
        ..PLAIN
    },
    KnownText {
        name: "wrong-content",
        texts: &[
            "1E08010C:DECODER routines",
            "ERR_OSSL_UNSUPPORTED",
            "DECODER routines*unsupported",
            "DECODER routines*No supported data to decode",
        ],
        program: "Node from 17, OpenSSL 3",
        cause: "what was given as key is none, mostly client.pem in the place of client_key.pem",
        fix: "give client_key.pem as key and client.pem as certificate",
        command: "qcert inspect client_key.pem",
        rules: &["files/wrong-content", "files/swapped"],
        ..PLAIN
    },
    KnownText {
        name: "no-start-line",
        texts: &[
            "no start line",
            "NO_START_LINE",
            "0909006C",
            "0480006C",
            "0906D06C",
            "NO_CERTIFICATE_OR_CRL_FOUND",
            "no certificate or crl found",
            "PEM lib (_ssl.c",
            "ERR_OSSL_PEM_NO_START_LINE",
            "Expecting: CERTIFICATE",
            "Expecting: ANY PRIVATE KEY",
        ],
        program: "Node, Python, OpenSSL, curl",
        cause: "the file is no PEM of the kind wanted: DER or PFX with the ending .pem, another file, an empty \
               one, or UTF-16 out of PowerShell's `>` or Notepad",
        fix: "give the right file; save text as UTF-8",
        command: "qcert inspect root.pem client.pem client_key.pem",
        rules: &["files/wrong-content", "files/utf-16", "files/empty"],
        ..PLAIN
    },
    KnownText {
        name: "bad-end-line",
        texts: &[
            "bad end line",
            "BAD_END_LINE",
            "bad base64 decode",
            "BAD_BASE64_DECODE",
            "error reading PEM",
            "asn1 encoding routines*not enough data",
            "asn1 encoding routines*too long",
            "NOT_ENOUGH_DATA",
        ],
        program: "Node, Python, OpenSSL",
        cause: "the file is cut or damaged",
        fix: "export it again",
        rules: &["files/cut", "files/damaged"],
        source: "OpenSSL's messages",
        ..PLAIN
    },
    KnownText {
        name: "bad-decrypt",
        texts: &[
            "ERR_OSSL_BAD_DECRYPT",
            "ERR_OSSL_EVP_BAD_DECRYPT",
            "bad decrypt",
            "BAD_DECRYPT",
            "06065064",
            "1C800064",
            "bad password read",
            "BAD_PASSWORD_READ",
            "problems getting password",
            "empty password",
            "interrupted or cancelled",
        ],
        program: "Node, Python, OpenSSL",
        cause: "the key in the PEM file is encrypted, and the program has no passphrase or a wrong one",
        fix: "set its passphrase if it has such a setting, else export with open keys: --pem-keys plain",
        command: "qcert validate ./host.domain --password-file pw.txt",
        rules: &["files/wrong-password", "files/password-needed"],
        ..PLAIN
    },
    KnownText {
        name: "mac-verify",
        texts: &[
            "mac verify failure",
            "MAC_VERIFY_FAILURE",
            "Mac verify error",
            "invalid password?",
            "Invalid password or PKCS12 data",
        ],
        program: "Node, OpenSSL, Python",
        cause: "the password of the PFX is wrong; no password and an empty one are not the same to every program",
        fix: "give the password of the export; without one, an empty one",
        command: "qcert validate client.pfx --password-file pw.txt",
        rules: &["files/wrong-password"],
        ..PLAIN
    },
    KnownText {
        name: "pfx-rc2",
        texts: &[
            "Unsupported PKCS12 PFX data",
            "RC2-40-CBC",
            "ERR_CRYPTO_UNSUPPORTED_OPERATION",
            "unsupported:*RC2",
            "inner_evp_generic_fetch:unsupported",
        ],
        program: "Node from 17, OpenSSL 3, curl",
        cause: "the PFX is encrypted with RC2-40, as Qlik on older Windows does; OpenSSL 3 has that in its legacy \
               provider only",
        fix: "use the PEM files, or make it anew: openssl pkcs12 -legacy -in client.pfx | openssl pkcs12 -export \
               -out new.pfx",
        command: "qcert inspect client.pfx",
        rules: &["files/pfx-rc2"],
        source: "nodejs/node#40672; reproduced",
        ..PLAIN
    },
    KnownText {
        name: "openssl-unsupported",
        texts: &[
            "0308010C",
            "ERR_OSSL_EVP_UNSUPPORTED",
            "digital envelope routines::unsupported",
            "Error: unsupported",
        ],
        precision: Precision::General,
        program: "Node from 17, OpenSSL 3",
        cause: "something old is asked of OpenSSL 3: a PFX with RC2, or (build tools, not certificates) a hash \
               such as MD4",
        fix: "look which PFX is opened; if one, use the PEM files or make it anew",
        command: "qcert inspect client.pfx",
        rules: &["files/pfx-rc2"],
        ..PLAIN
    },
    KnownText {
        name: "trailing-bytes",
        texts: &[
            "kind: ExtraData",
            "TrailingData",
            "could not be parsed as DER",
            "ASN.1 parsing error: extra data",
            "pkcs12: trailing data",
            "x509: trailing data",
            "asn1: syntax error: trailing data",
        ],
        program: "Python (cryptography), Rust, Go and other strict readers",
        cause: "octets lie behind the end of the PFX: the console wrote it over an older, longer file",
        fix: "delete the folder and export anew, or cut the file to its length",
        command: "qcert inspect client.pfx",
        rules: &["files/trailing-bytes"],
        source: "3 of 9 real PFX files; reproduced",
        ..PLAIN
    },
    KnownText {
        name: "file-missing",
        texts: &[
            "ENOENT*.pem",
            "ENOENT*.pfx",
            "No such file or directory*.pem",
            "No such file or directory*.pfx",
            "Could not find the TLS certificate file, invalid path",
            "Could not find the TLS key file, invalid path",
            "Could not find a suitable TLS CA certificate bundle",
            "Could not find file*.pfx",
            "Could not find file*.pem",
        ],
        program: "Node, Python",
        cause: "a file is not where the program looks: often only client.pem was copied, without client_key.pem \
               (qsAPI makes that name itself)",
        fix: "copy the whole bundle; give paths that do not depend on the working folder",
        rules: &["files/missing"],
        source: "qsAPI#12",
        ..PLAIN
    },
    KnownText {
        name: "key-load",
        texts: &[
            "unable to set private key file",
            "could not load PEM client certificate",
            "unable to load client key",
            "unable to load client cert",
            "curl: (58)",
            "unable to set client certificate file",
        ],
        program: "curl",
        cause: "curl cannot use certificate or key: another file, an encrypted key without --pass, or a key of \
               another export",
        fix: "give client.pem with --cert and client_key.pem with --key; curl on Windows wants a certificate of \
               the store",
        rules: &["files/key-mismatch", "files/wrong-content"],
        source: "curl's messages",
        ..PLAIN
    },
];

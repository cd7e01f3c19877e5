//! What .NET and Windows say: Schannel's events, and curl built on Schannel. Data only.

use super::PLAIN;
use crate::pki::knowledge::{KnownText, Precision};

pub(super) const TEXTS: &[KnownText] = &[
    KnownText {
        name: "remote-certificate-invalid",
        texts: &[
            "The remote certificate is invalid according to the validation procedure",
            "The remote certificate is invalid because of errors in the certificate chain",
            "The remote certificate was rejected by the provided",
            "Could not establish trust relationship for the SSL/TLS secure channel",
            "RemoteCertificateChainErrors",
            "Could not establish trust relationship",
        ],
        program: ".NET",
        cause: "the site's root is not in Trusted Root of the machine that calls, or the server was called by \
               another name",
        fix: "import root.cer (never the root's key) into Local Computer > Trusted Root; call by the name in the \
               certificate",
        rules: &["chain/unknown-issuer", "identity/name-mismatch"],
        source: "Qlik-Cli#6 #35, AptkQlik#5",
        ..PLAIN
    },
    KnownText {
        name: "name-mismatch-net",
        texts: &[
            "RemoteCertificateNameMismatch",
            "SEC_E_WRONG_PRINCIPAL",
            "0x80090322",
            "The target principal name is incorrect",
            "does not contain the expected name",
            "CERT_E_CN_NO_MATCH",
            "0x800B010F",
        ],
        program: ".NET, Schannel, curl on Windows",
        cause: "the host called is not a name in the server certificate",
        fix: "call the node by the name in its certificate, or issue one with this name (export --san)",
        command: "qcert validate ./host.domain --name qlik.example.com",
        rules: &["identity/name-mismatch"],
        source: "Microsoft, Schannel events",
        ..PLAIN
    },
    KnownText {
        name: "untrusted-root",
        texts: &[
            "0x800B0109",
            "CERT_E_UNTRUSTEDROOT",
            "SEC_E_UNTRUSTED_ROOT",
            "0x80090325",
            "CERT_TRUST_IS_UNTRUSTED_ROOT",
            "terminated in a root certificate which is not trusted by the trust provider",
            "issued by an untrusted certificate authority",
            "issued by an authority that is not trusted",
            "UntrustedRoot",
            "PartialChain",
            "CERT_E_CHAINING",
            "0x800B010A",
            "HTTP Error 403.16",
            "403.16 - Forbidden",
        ],
        program: "Windows, .NET, curl on Windows",
        cause: "the root is not in Local Computer > Trusted Root; or (403.16) a certificate that is not \
               self-signed lies there, which breaks client authentication from Windows Server 2012 on",
        fix: "import root.cer there; move certificates whose issuer and subject differ to the intermediate \
               authorities",
        command: "qcert explain stores",
        rules: &["chain/unknown-issuer"],
        source: "Microsoft 2802568",
        ..PLAIN
    },
    KnownText {
        name: "client-certificate-missing",
        texts: &[
            "HTTP Error 403.7",
            "403.7 - Forbidden",
            "has requested * client authentication, but no suitable client certificate could be found",
            "No credentials are available in the security package",
            "0x8009030E",
            "SEC_E_NO_CREDENTIALS",
        ],
        program: "IIS, Schannel",
        cause: "the caller has no certificate with a private key that suits: wrong store, no key, or the server's \
               list of trusted roots does not name its issuer",
        fix: "import client.pfx with its key into the store of the account that calls; check the number of \
               trusted roots",
        command: "qcert inspect client.pfx",
        rules: &["files/pfx-without-key"],
        source: "Microsoft, Schannel events",
        ..PLAIN
    },
    KnownText {
        name: "iis-substatus",
        texts: &["403.16", "403.7"],
        precision: Precision::General,
        program: "IIS",
        cause: "if this is IIS' status: 403.16, the client certificate's root is not trusted, or a certificate \
               that is not self-signed lies in Trusted Root; 403.7, no client certificate was shown",
        fix: "move certificates whose issuer and subject differ out of Trusted Root; show a client certificate \
               with its key",
        command: "qcert explain stores",
        source: "Microsoft 2802568",
        ..PLAIN
    },
    KnownText {
        name: "trusted-list-too-long",
        texts: &[
            "this server sends a list of trusted certificate authorities to the client",
            "this list has thus been truncated",
            "list of trusted*too long",
        ],
        program: "Schannel (36885)",
        cause: "so many roots are trusted that their names do not fit into 16 KB: client authentication fails for \
               those left out",
        fix: "remove roots that are not needed, or set SendTrustedIssuerList to 0",
        command: "qcert explain stores",
        source: "Microsoft 2801679, 931125",
        ..PLAIN
    },
    KnownText {
        name: "schannel-private-key",
        texts: &[
            "attempting to access the * credential private key",
            "attempting to access the * private key",
            "does not have a private key information property attached",
            "0x8009030D",
            "credentials supplied to the package were not recognized",
            "Keyset does not exist",
            "0x80090016",
            "NTE_BAD_KEYSET",
            "No suitable default server credential exists",
        ],
        program: "Schannel (36870), .NET",
        cause: "the private key is not there, or the account that runs the service may not read it",
        fix: "import the PFX again into the right store, and grant the account read access (Manage Private Keys)",
        command: "qcert inspect server.pfx",
        rules: &["files/pfx-without-key"],
        source: "Microsoft, Schannel events",
        ..PLAIN
    },
    KnownText {
        name: "schannel-remote-invalid",
        texts: &[
            "certificate received from the remote server has not validated correctly",
            "certificate received from the remote client application has not validated correctly",
            "certificate received from the remote client application is not suitable",
            "certificate received from the remote client application was not successfully mapped",
        ],
        program: "Schannel (36876, 36877)",
        cause: "Windows refused the certificate of the other side: another root, or one that is not trusted on \
               this machine",
        fix: "check that both sides have certificates of one root, and that it lies in Local Computer > Trusted \
               Root",
        rules: &["chain/unknown-issuer", "chain/same-name-other-key"],
        source: "Microsoft, Schannel events",
        ..PLAIN
    },
    KnownText {
        name: "schannel-dates",
        texts: &[
            "has either expired or is not yet valid",
            "CERT_E_EXPIRED",
            "0x800B0101",
            "SEC_E_CERT_EXPIRED",
            "0x80090328",
            "NotTimeValid",
        ],
        program: "Schannel (36881), Windows",
        cause: "a certificate of the other side has ended or has not begun",
        fix: "if the root has ended, recreate the site's certificates; else redistribute or export anew, or set \
               the clock",
        rules: &["validity/expired", "validity/not-yet-valid"],
        source: "Microsoft, Schannel events",
        ..PLAIN
    },
    KnownText {
        name: "schannel-alert",
        texts: &["fatal alert was received from the remote endpoint"],
        precision: Precision::General,
        program: "Schannel (36887)",
        cause: "the other side ended the handshake; the number behind says why: 42, 43, 46 certificate refused, \
               45 expired, 48 unknown root, 40 nothing in common, 70 version of TLS",
        fix: "with 48 or 46 look for the other root; with 40 or 70 for key kind and TLS versions",
        command: "qcert explain alerts",
        rules: &["chain/unknown-issuer"],
        source: "Microsoft, Schannel events; RFC 8446 6.2",
    },
    KnownText {
        name: "schannel-sent",
        texts: &["fatal alert was generated and sent to the remote endpoint"],
        program: "Schannel (36888)",
        cause: "this machine itself ended the handshake: with 42 to 48 it does not take the certificate of the \
               other side, with 40 or 70 it finds nothing in common with it",
        fix: "with 42 to 48 look at the other side's certificate and this machine's Trusted Root; with 40 or 70 at \
              key kind and TLS versions",
        command: "qcert explain alerts",
        rules: &["chain/unknown-issuer"],
        source: "Microsoft, Schannel events; RFC 8446 6.2",
        ..PLAIN
    },
    KnownText {
        name: "schannel-message",
        texts: &[
            "SEC_E_ILLEGAL_MESSAGE",
            "0x80090326",
            "The message received was unexpected or badly formatted",
            "SEC_E_DECRYPT_FAILURE",
            "0x80090330",
            "SEC_E_MESSAGE_ALTERED",
            "0x8009030F",
        ],
        precision: Precision::General,
        program: ".NET, Schannel, curl on Windows",
        cause: "the other side ended the handshake, or sent what Schannel does not understand: no version or \
               cipher in common, or a certificate that it does not take",
        fix: "look for Schannel events on both sides at that time: they have the number of the alert",
        command: "qcert explain alerts",
        source: "Microsoft, Schannel error codes",
        ..PLAIN
    },
    KnownText {
        name: "no-common-algorithm",
        texts: &[
            "do not possess a common algorithm",
            "0x80090331",
            "SEC_E_ALGORITHM_MISMATCH",
            "none of the cipher suites supported by the client application are supported by the server",
            "No supported cipher suites were found",
        ],
        program: "Windows, .NET",
        cause: "no version of TLS or no cipher in common; an ECDSA certificate where RSA is needed does that too",
        fix: "enable TLS 1.2 on both sides; use RSA certificates",
        command: "qcert explain tls",
        rules: &["site/not-rsa"],
        source: "Microsoft, Schannel events",
        ..PLAIN
    },
    KnownText {
        name: "no-secure-channel",
        texts: &["Could not create SSL/TLS secure channel"],
        program: ".NET",
        cause: "no version of TLS in common (1.0 or 1.1 against 1.2), or the key of the client certificate cannot \
               be used by this account",
        fix: "enable TLS 1.2; check that the account may read the key",
        command: "qcert inspect client.pfx",
        source: "Microsoft's messages",
        ..PLAIN
    },
    KnownText {
        name: "ssl-connection",
        texts: &["The SSL connection could not be established"],
        precision: Precision::General,
        program: ".NET",
        cause: "the handshake failed; the reason stands in the inner exception",
        fix: "look at the inner exception",
        source: "Microsoft's messages",
        ..PLAIN
    },
    KnownText {
        name: "network-password",
        texts: &[
            "The specified network password is not correct",
            "0x80070056",
            "The password you entered is incorrect",
            "certificate data cannot be read with the provided password",
        ],
        program: "Windows, .NET",
        cause: "the password of the PFX is wrong; or Windows Server 2016 or older meets AES in it and says the \
               same; or, under IIS, the pool loads no profile",
        fix: "try the password here; for old Windows export with --pfx legacy; under IIS use MachineKeySet or \
               let the pool load a profile",
        command: "qcert inspect client.pfx",
        rules: &["files/wrong-password"],
        source: "openssl#17777, qlik_rest_sdk PR#7",
        ..PLAIN
    },
    KnownText {
        name: "no-object",
        texts: &["Cannot find the requested object", "0x80092009", "CRYPT_E_NO_MATCH"],
        program: "Windows, .NET",
        cause: "the file is no certificate that Windows knows: a key, UTF-16, damaged, or PEM where PFX is wanted",
        fix: "give client.pfx or root.cer",
        command: "qcert inspect client.pfx root.cer",
        rules: &["files/wrong-content"],
        source: "Microsoft's messages",
        ..PLAIN
    },
    KnownText {
        name: "revocation",
        texts: &[
            "CRYPT_E_NO_REVOCATION_CHECK",
            "0x80092012",
            "CRYPT_E_REVOCATION_OFFLINE",
            "0x80092013",
            "unable to check revocation for the certificate",
            "RevocationStatusUnknown",
            "OfflineRevocation",
        ],
        program: "curl and .NET on Windows",
        cause: "Windows wants to know whether the certificate is revoked, and Qlik's name nobody to ask: they have \
               no CRL and no OCSP",
        fix: "switch the revocation check off for this call: curl --ssl-no-revoke, .NET X509RevocationMode.NoCheck",
        command: "qcert inspect server.pem",
        source: "real certificates have no CRL; Microsoft's messages",
        ..PLAIN
    },
    KnownText {
        name: "not-exportable",
        texts: &[
            "Key not valid for use in specified state",
            "0x8009000B",
            "NTE_BAD_KEY_STATE",
            "Keys are not exportable",
            "private key is NOT exportable",
        ],
        program: "certutil, Windows",
        cause: "the key was imported without permission to export it",
        fix: "restore from the PFX it came from; import with the key marked as exportable",
        command: "qcert explain backup",
        source: "Microsoft's messages",
        ..PLAIN
    },
];

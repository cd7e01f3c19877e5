//! What programs in Java say, keytool among them. Data only.

use super::PLAIN;
use crate::pki::knowledge::KnownText;

pub(super) const TEXTS: &[KnownText] = &[
    KnownText {
        name: "java-path-building",
        texts: &[
            "unable to find valid certification path to requested target",
            "PKIX path building failed",
            "Path does not chain with any of the trust anchors",
            "signature check failed",
        ],
        program: "Java",
        cause: "the site's root is not in the trust store that this Java really uses, or one of the same name with \
               another key is",
        fix: "keytool -importcert -noprompt -alias qlik-root -file root.cer -keystore trust.p12, and \
               -Djavax.net.ssl.trustStore=trust.p12",
        rules: &["chain/unknown-issuer", "chain/same-name-other-key"],
        source: "JDK; OpenMetadata#15892",
        ..PLAIN
    },
    KnownText {
        name: "java-anchor-not-ca",
        texts: &[
            "TrustAnchor with subject * is not a CA certificate",
            "basic constraints check failed",
            "TrustAnchor*is not a CA",
        ],
        program: "Java",
        cause: "the root has no basicConstraints (2019 and before), and newer Java takes no such root",
        fix: "-Djdk.security.allowNonCaAnchor=true, or recreate the site's certificates on a release of 2020 or \
               later",
        rules: &["chain/no-basic-constraints"],
        source: "JDK release notes, jdk.security.allowNonCaAnchor",
        ..PLAIN
    },
    KnownText {
        name: "java-name",
        texts: &[
            "No subject alternative DNS name matching",
            "No name matching * found",
            "No subject alternative names matching IP address",
            "No subject alternative names present",
        ],
        program: "Java",
        cause: "the host or address called is not in the server certificate; Qlik writes addresses as DNS names",
        fix: "call the node by the name in its certificate, or issue one with this name or address (export --san)",
        command: "qcert validate ./host.domain --name 10.0.0.5",
        rules: &["identity/name-mismatch", "identity/ip-as-dns-name"],
        source: "JDK",
        ..PLAIN
    },
    KnownText {
        name: "java-dates",
        texts: &["CertificateExpiredException", "CertificateNotYetValidException", "validity check failed"],
        program: "Java",
        cause: "a certificate of the chain has ended or has not begun",
        fix: "if the root has ended, recreate the site's certificates; else export anew, or set the clock",
        rules: &["validity/expired", "validity/not-yet-valid"],
        source: "JDK",
        ..PLAIN
    },
    KnownText {
        name: "java-password",
        texts: &[
            "keystore password was incorrect",
            "Keystore was tampered with, or password was incorrect",
            "failed to decrypt safe contents entry",
            "Given final block not properly padded",
            "Get Key failed",
        ],
        program: "Java",
        cause: "the password of the key store is wrong, or client.pfx has none",
        fix: "export with a password and give it as keyStorePassword",
        command: "qcert validate client.pfx --password-file pw.txt",
        rules: &["files/wrong-password"],
        source: "JDK",
        ..PLAIN
    },
    KnownText {
        name: "java-not-a-store",
        texts: &[
            "toDerInputStream rejects tag type",
            "DerInputStream.getLength(): lengthTag",
            "Invalid keystore format",
            "not a valid PKCS#12",
            "DER input, Integer tag error",
            "signed fields invalid",
            "Input not an X.509 certificate",
        ],
        program: "Java",
        cause: "the file is of another kind: PEM or JKS where PKCS#12 is wanted, UTF-16, or damaged",
        fix: "give client.pfx with keyStoreType=PKCS12, root.cer to keytool -importcert",
        command: "qcert inspect client.pfx root.cer",
        rules: &["files/wrong-content", "files/damaged"],
        source: "JDK",
        ..PLAIN
    },
    KnownText {
        name: "java-empty-trust",
        texts: &["trustAnchors parameter must be non-empty"],
        program: "Java",
        cause: "the trust store is empty or was not found at its path",
        fix: "give the path of the trust store and its password; check that root.cer was imported as trusted",
        command: "qcert explain java",
        source: "JDK",
        ..PLAIN
    },
    KnownText {
        name: "java-usage",
        texts: &[
            "Extended key usage does not permit use for TLS",
            "Key usage does not permit",
            "Netscape cert type does not permit",
        ],
        program: "Java",
        cause: "the certificate is not for this use; Qlik's own certificates allow every use",
        fix: "make the certificate without extended key usage, or with both client and server authentication",
        rules: &["usage/wrong-purpose", "usage/key-usage"],
        source: "JDK",
        ..PLAIN
    },
    KnownText {
        name: "java-algorithm",
        texts: &[
            "Algorithm constraints check failed",
            "Certificates do not conform to algorithm constraints",
            "Certificates does not conform to algorithm constraints",
        ],
        program: "Java",
        cause: "key or hash is weaker than this Java allows",
        fix: "make certificates with RSA 2048 and SHA-256, as Qlik does",
        rules: &["chain/weak-key", "chain/weak-signature"],
        source: "JDK",
        ..PLAIN
    },
];

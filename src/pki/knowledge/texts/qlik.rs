//! What Qlik's services and its tools log. Data only.

use super::PLAIN;
use crate::pki::knowledge::{KnownText, Precision};

pub(super) const TEXTS: &[KnownText] = &[
    KnownText {
        name: "invalid-root",
        texts: &["invalid root certificate", "invalid root certificates"],
        program: "Repository Service",
        cause: "the Trusted Root store holds two Qlik roots, or one that is expired, damaged or without its key on \
               the central node; the service stops",
        fix: "of two, delete by hand the one that has not signed the current server certificate; of one, restore \
               it from a backup or recreate the site's certificates (`qcert explain recreate`)",
        command: "qcert validate ./saved-from-the-stores",
        rules: &["site/two-roots", "validity/expired"],
        source: "Qlik help, certificate handling of the repository",
        ..PLAIN
    },
    KnownText {
        name: "other-root",
        texts: &["is invalid because it was not signed correctly by 'CN=*-CA'", "was not signed correctly by"],
        program: "Proxy Service, security log",
        cause: "the certificate is signed by another root than this site's, perhaps one of the same name",
        fix: "use a certificate of this root: export again, or redistribute to the node (`qcert explain rim`)",
        rules: &["chain/same-name-other-key", "chain/unknown-issuer"],
        source: "Qlik community 1716657",
        ..PLAIN
    },
    KnownText {
        name: "no-private-key",
        texts: &["No private key found for certificate"],
        program: "Proxy Service, security log",
        cause: "the certificate in the store has no private key: a .cer or .pem was imported, or the key was lost",
        fix: "import the PFX, which brings the key",
        command: "qcert inspect server.pfx",
        rules: &["files/pfx-without-key"],
        source: "Qlik community 1716657",
        ..PLAIN
    },
    KnownText {
        name: "private-key-access",
        texts: &["Unkown error when accessing the private key", "Unknown error when accessing the private key"],
        program: "Proxy Service, security log",
        cause: "the service account may not read the private key, or the key lies in a provider that the service \
               cannot use",
        fix: "grant the account read access (Manage Private Keys), or import the PFX again into the right store \
               and provider",
        command: "qcert inspect server.pfx",
        rules: &["files/pfx-without-key"],
        source: "Qlik community 1716657",
        ..PLAIN
    },
    KnownText {
        name: "thumbprint",
        texts: &[
            "Couldn't find a valid ssl certificate with thumbprint",
            "Could not find a valid ssl certificate with thumbprint",
            "Reverting to default Qlik Sense SSLCertificate",
        ],
        program: "Proxy Service",
        cause: "the certificate chosen for the proxy is not in Local Computer > Personal, has no key, or the \
               thumbprint was copied with a hidden character",
        fix: "type the thumbprint in anew under Proxies > Security; import the certificate with its key into \
               Local Computer > Personal",
        command: "qcert inspect my-site.pfx",
        source: "Qlik community 1716657",
        ..PLAIN
    },
    KnownText {
        name: "bootstrap-needed",
        texts: &["will not take effect until bootstrap mode has been run"],
        program: "Proxy Service",
        cause: "the service account is no administrator and cannot bind the certificate itself",
        fix: "run Repository.exe -bootstrap elevated, with the services stopped",
        command: "qcert explain startup",
        source: "Qlik community 1716657",
        ..PLAIN
    },
    KnownText {
        name: "main-startup-phase",
        texts: &["Entering main startup phase"],
        precision: Precision::General,
        program: "Repository.exe -bootstrap",
        cause: "a line of every start; it means something only if nothing follows it: then the Service Dispatcher \
               is stopped",
        fix: "start the Service Dispatcher",
        command: "qcert explain startup",
        source: "Qalyptus' guide",
        ..PLAIN
    },
    KnownText {
        name: "waiting-for-certificates",
        texts: &["Waiting for certificates to be installed"],
        program: "Repository.exe -bootstrap, on a rim",
        cause: "the rim waits for the password of its package",
        fix: "on the rim, open http://localhost:4570/certificateSetup and type the password that the console shows",
        command: "qcert explain rim",
        source: "Qlik-DSC",
        ..PLAIN
    },
    KnownText {
        name: "local-certificates-denied",
        texts: &[
            "Access to the path *.Local Certificates* is denied",
            "UnauthorizedAccessException*.Local Certificates",
            "permission denied*.Local Certificates",
        ],
        program: "programs that use .Local Certificates",
        cause: "only the service account and administrators may read that folder",
        fix: "export a bundle for the program, or run it as the service account",
        command: "qcert export --machine host.domain",
        source: "qs-telemetry-dashboard#71",
        ..PLAIN
    },
    KnownText {
        name: "access-denied-key",
        texts: &[
            "Access to the path *client_key.pem* is denied",
            "Access to the path *client.pem* is denied",
            "Access to the path *client.pfx* is denied",
        ],
        program: "programs that read a bundle",
        cause: "the account that runs the program may not read the file",
        fix: "give that account read access to the folder, and nobody else",
        rules: &["files/unreadable"],
        source: "qs-telemetry-dashboard#71",
        ..PLAIN
    },
    KnownText {
        name: "repository-unreachable",
        texts: &["could not contact the Qlik Repository Service"],
        precision: Precision::General,
        program: "qs-telemetry-dashboard and others",
        cause: "the program got no answer on 4242: the certificate could not be read or was refused, or the \
               service is down",
        fix: "run it as the service account or with a bundle of its own; look for the certificate error beside \
               this line",
        source: "qs-telemetry-dashboard#30, #45",
        ..PLAIN
    },
    KnownText {
        name: "certificates-not-loaded",
        texts: &["CertificatesNotLoadedException"],
        program: "Qlik .NET SDK",
        cause: "there is no file named exactly client.pfx in the folder, or no certificate with the friendly name \
               `QlikClient` in Current User > Personal",
        fix: "name the file client.pfx; import a PFX whose friendly name is `QlikClient`, as the account that \
               runs the program",
        command: "qcert inspect client.pfx",
        rules: &["files/pfx-friendly-name", "files/missing"],
        source: "Qlik .NET SDK help",
        ..PLAIN
    },
    KnownText {
        name: "xsrf",
        texts: &["XSRF prevention check failed", "Possible XSRF discovered"],
        program: "Repository and Proxy Service",
        cause: "the X-Qlik-Xrfkey header and the xrfkey in the address are not the same 16 characters; the \
               certificate was taken",
        fix: "send the same key in both",
        command: "qcert explain headers",
        source: "Qlik developer help",
        ..PLAIN
    },
];

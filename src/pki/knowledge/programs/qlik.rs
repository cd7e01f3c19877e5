//! Programs by Qlik and for Qlik's own interfaces. Facts only.

use super::{PLAIN_PEM, VALIDATE, program};
use crate::pki::knowledge::Body::{Pairs, Paste, Points};
use crate::pki::knowledge::{Topic, part};

pub(in crate::pki::knowledge) const TOPICS: &[Topic] = &[
    program(
        ".net-sdk",
        &["net-sdk", "qlik-sdk", "rest-sdk", "qlik.engine", "qlik.sense.restclient", "certificatemanager"],
        "Qlik Sense .NET SDK (Qlik.Engine) and Qlik.Sense.RestClient",
        &[
            part(
                "",
                Pairs(&[
                    ("files", "a folder with a file named exactly client.pfx, or Current User > Personal"),
                    ("password", "second argument of LoadCertificateFromDirectory"),
                    ("port", "4747 engine, 4242 repository; no virtual proxy's prefix on 4242 (404)"),
                ]),
            ),
            part("from a folder", Paste("CertificateManager.LoadCertificateFromDirectory(path, password)")),
            part(
                "from the store",
                Paste("CertificateManager.LoadCertificateFromStore()   // friendly name `QlikClient`"),
            ),
            part(
                "quirks",
                Points(&[
                    "CertificatesNotLoadedException: no client.pfx, or no certificate with the friendly name `QlikClient`",
                    "under IIS `The specified network password is not correct` may mean that the pool loads no profile",
                    "`remote certificate is invalid`: import root.cer into Trusted Root of the machine that calls",
                    "Qlik's own samples accept every server certificate: do not copy that part",
                ]),
            ),
        ],
        &[
            ("qcert export --machine host.domain --format pfx", "client.pfx with this friendly name, and root.cer"),
            ("qcert inspect client.pfx", "friendly name, key, encryption"),
            VALIDATE,
        ],
        "Qlik .NET SDK help; qlik_rest_sdk PR#7, #15",
    ),
    program(
        "qlik-cli",
        &["qlik-cli-windows", "qlikcli", "connect-qlik", "powershell"],
        "Qlik-Cli-Windows, PowerShell for the repository",
        &[
            part(
                "",
                Pairs(&[
                    ("files", "client.pfx imported into Current User > Personal; or a certificate passed in"),
                    ("finds", "the first with subject CN=QlikClient in CurrentUser\\My, then in LocalMachine\\My"),
                    ("port", "4242; the host name by default from Host.cfg"),
                    ("sends", "X-Qlik-User, X-Qlik-Security: Context=ManagementAccess"),
                ]),
            ),
            part(
                "to use one of several",
                Paste(
                    "Get-ChildItem Cert:\\CurrentUser\\My | Where-Object Issuer -like '*host.domain-CA' |\n  Connect-Qlik host.domain",
                ),
            ),
            part(
                "quirks",
                Points(&[
                    "two sites' QlikClient in one store: the first wins and the other site answers 403 (#154)",
                    "no certificate found: it tries Windows authentication in silence and gets 401 (#123)",
                    "outside of Windows it needs a PFX",
                    "`Could not establish trust relationship`: import root.cer into Trusted Root, rather than -TrustAllCerts",
                ]),
            ),
        ],
        &[
            ("qcert export --machine host.domain --format pfx", "client.pfx and root.cer"),
            ("qcert inspect client.pfx", "which site's it is: issuer and thumbprint"),
            VALIDATE,
        ],
        "Qlik-Cli-Windows, source and issues #6 #35 #123 #147 #154",
    ),
    program(
        "nprinting",
        &["qlik-nprinting", "nprintingserver", "sensecertificates"],
        "Qlik NPrinting Server",
        &[
            part(
                "",
                Pairs(&[
                    ("files", "client.pfx; for several sites (from June 2019) each renamed, such as QS1client.pfx"),
                    ("folder", "C:\\Program Files\\NPrintingServer\\Settings\\SenseCertificates"),
                    ("password", "none: it takes no password"),
                    ("machine name", "the NPrinting server's name; one export for each alias"),
                    ("secret key", "its instructions ask for `Include secret key`"),
                ]),
            ),
            part(
                "quirks",
                Points(&[
                    "restart its services after a change",
                    "nothing else in the folder: no old certificates, not in sub-folders either",
                    "the folder survives an upgrade, and is lost when the program is removed",
                    "a new root of the site: export again",
                ]),
            ),
        ],
        &[
            ("qcert export --machine nprinting.domain --format pfx", "without a password: just enter none"),
            ("qcert validate ./SenseCertificates", "old, doubled or locked files in the folder"),
        ],
        "Qlik community 1767741; Qlik NPrinting help",
    ),
    program(
        "enigma.js",
        &["enigma", "enigmajs"],
        "enigma.js, the engine from Node.js",
        &[
            part(
                "",
                Pairs(&[
                    ("files", "root.pem, client.pem, client_key.pem"),
                    ("address", "wss://host.domain:4747/app/…; not 443: the proxy takes no client certificate (#482)"),
                ]),
            ),
            part(
                "settings",
                Paste(
                    "createSocket: url => new WebSocket(url, {\n  \
                   ca: [fs.readFileSync('root.pem')],\n  \
                   cert: fs.readFileSync('client.pem'),\n  \
                   key: fs.readFileSync('client_key.pem'),\n  \
                   passphrase: undefined,\n  \
                   headers: { 'X-Qlik-User': `UserDirectory=${encodeURIComponent('INTERNAL')};UserId=sa_api` },\n\
                 })",
                ),
            ),
            part(
                "quirks",
                Points(&[
                    "errors are Node's: see `qcert explain node`",
                    "host must be the name in the server certificate",
                ]),
            ),
        ],
        &[PLAIN_PEM, VALIDATE],
        "enigma.js examples; #48 #157 #482",
    ),
    program(
        "corectl",
        &[],
        "corectl, the engine from the command line",
        &[
            part(
                "",
                Pairs(&[
                    ("files", "a folder with client.pem, client_key.pem and root.pem"),
                    ("password", "none: it reads open keys only"),
                ]),
            ),
            part("settings", Paste("corectl --certificates ./host.domain --engine wss://host.domain:4747 …")),
            part(
                "quirks",
                Points(&[
                    "written in Go: the server certificate needs a SAN, so not one of 2017 or before",
                    "as far as known it refuses roots without basicConstraints (2019 and before)",
                ]),
            ),
        ],
        &[PLAIN_PEM, VALIDATE],
        "corectl, source; Go's rules",
    ),
    program(
        "monitoring-apps",
        &["monitoring", "license-monitor", "operations-monitor", "monitor"],
        "REST connections of the monitoring apps",
        &[
            part(
                "",
                Pairs(&[
                    ("files", "the export in Windows format (client.pfx, root.cer)"),
                    ("folder", "%ProgramData%\\Qlik\\Sense\\Engine\\Certificates"),
                    ("password", "in the connection"),
                ]),
            ),
            part("quirks", Points(&["a new root: export again and put the files there anew"])),
        ],
        &[("qcert export --machine host.domain --format pfx", "these files"), VALIDATE],
        "recipes for monitoring apps",
    ),
    program(
        "qlik-api",
        &["@qlik/api", "qlik-api-ts"],
        "@qlik/api for TypeScript",
        &[part(
            "",
            Points(&["it has no way to log on with certificates (qlik-api-ts#54): use enigma.js or Node's https"]),
        )],
        &[],
        "qlik-api-ts#54",
    ),
];

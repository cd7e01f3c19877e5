//! Tools by others for administrators of Qlik Sense. Facts only.

use super::{PLAIN_PEM, VALIDATE, program};
use crate::pki::knowledge::Body::{Pairs, Paste, Points};
use crate::pki::knowledge::{Topic, part};

pub(in crate::pki::knowledge) const TOPICS: &[Topic] = &[
    program(
        "butler",
        &["ptarmigan", "butler-config"],
        "Butler",
        &[
            part(
                "",
                Pairs(&[
                    ("files", "client.pem, client_key.pem, root.pem"),
                    ("password", "none: its settings have no passphrase, keys must be open"),
                    ("ports", "4242 and 4747"),
                ]),
            ),
            part(
                "settings",
                Paste(
                    "Butler:\n  cert:\n    clientCert: /nodeapp/config/certificate/client.pem\n    \
                 clientCertKey: /nodeapp/config/certificate/client_key.pem\n    \
                 clientCertCA: /nodeapp/config/certificate/root.pem\n  configQRS:\n    rejectUnauthorized: true\n  \
                 configEngine:\n    rejectUnauthorized: true",
                ),
            ),
            part(
                "quirks",
                Points(&[
                    "the template says rejectUnauthorized: false, which checks nothing; true needs a root of 2020 or later \
                 and the host name of the certificate",
                    "the paths above are those in Docker",
                    "errors are Node's: see `qcert explain node`",
                ]),
            ),
        ],
        &[PLAIN_PEM, VALIDATE],
        "Butler's configuration template",
    ),
    program(
        "butler-sos",
        &["butlersos", "sos"],
        "Butler SOS",
        &[
            part(
                "",
                Pairs(&[
                    ("files", "client.pem, client_key.pem, root.pem"),
                    ("password", "clientCertPassphrase; leave it empty for open keys"),
                ]),
            ),
            part(
                "settings",
                Paste(
                    "Butler-SOS:\n  cert:\n    clientCert: /nodeapp/config/certificate/client.pem\n    \
                 clientCertKey: /nodeapp/config/certificate/client_key.pem\n    \
                 clientCertCA: /nodeapp/config/certificate/root.pem\n    clientCertPassphrase:\n  \
                 serversToMonitor:\n    rejectUnauthorized: true",
                ),
            ),
            part(
                "quirks",
                Points(&[
                    "ERR_TLS_CERT_ALTNAME_INVALID: the host in its settings is not the name in the certificate (#178)",
                    "errors are Node's: see `qcert explain node`",
                ]),
            ),
        ],
        &[
            ("qcert export --machine host.domain --format pem --password-file pw.txt", "files with encrypted keys"),
            PLAIN_PEM,
            VALIDATE,
        ],
        "Butler SOS' configuration template; butler-sos#92, #178",
    ),
    program(
        "ctrl-q",
        &["ctrlq"],
        "Ctrl-Q",
        &[
            part(
                "",
                Pairs(&[
                    ("files", "client.pem, client_key.pem, root.pem, by default in ./cert beside the program"),
                    ("environment", "CTRLQ_CERT_FILE, CTRLQ_KEY_FILE, CTRLQ_ROOT_CERT_FILE"),
                    ("checks", "--secure true, which needs root.pem of this site and the certificate's host name"),
                ]),
            ),
            part(
                "settings",
                Paste(
                    "--auth-cert-file ./cert/client.pem --auth-cert-key-file ./cert/client_key.pem \\\n\
                 --auth-root-cert-file ./cert/root.pem --secure true",
                ),
            ),
            part("quirks", Points(&["its maker advises against using .Local Certificates: export a bundle"])),
        ],
        &[PLAIN_PEM, VALIDATE],
        "Ctrl-Q's options",
    ),
    program(
        "qsapi",
        &["qs-api", "qsapi-python"],
        "qsAPI, Python",
        &[
            part(
                "",
                Pairs(&[(
                    "files",
                    "client.pem and client_key.pem side by side: the key's name is made by adding _key",
                )]),
            ),
            part("settings", Paste("qsAPI.QRS(proxy='host.domain', certificate='host.domain/client.pem')")),
            part("quirks", Points(&["`No such file`: only client.pem was copied (#12)"])),
        ],
        &[PLAIN_PEM, VALIDATE],
        "qsAPI, source and #12",
    ),
    program(
        "qrspy",
        &["qrs-api-client", "qrs.py"],
        "qrspy and other Python clients on requests",
        &[
            part(
                "",
                Pairs(&[
                    ("files", "client.pem, client_key.pem, root.pem"),
                    ("password", "none: requests takes open keys only"),
                ]),
            ),
            part(
                "settings",
                Paste("qrspy.ConnectQlik('host.domain:4242', ('client.pem', 'client_key.pem'), root='root.pem')"),
            ),
            part("quirks", Points(&["errors are Python's: see `qcert explain python`"])),
        ],
        &[PLAIN_PEM, VALIDATE],
        "qrspy, source",
    ),
    program(
        "qrs-interact",
        &["qrs-node", "qrs.js"],
        "qrs and qrs-interact, Node.js",
        &[
            part("", Pairs(&[("files", "cert: client.pem, key: client_key.pem, ca: root.pem")])),
            part(
                "quirks",
                Points(&[
                    "UNABLE_TO_VERIFY_LEAF_SIGNATURE: ca is missing or of another site (#4, #5)",
                    "INVALID_PURPOSE: the root is of 2019 or before (#21)",
                ]),
            ),
        ],
        &[PLAIN_PEM, VALIDATE],
        "stefanwalther/qrs #4 #5 #17 #21",
    ),
    program(
        "governance",
        &["qliksensegovernance", "qlik-sense-governance"],
        "QlikSenseGovernance",
        &[
            part("", Pairs(&[("files", "PFX and PEM, both"), ("host", "the machine name of the export (#2)")])),
            part("quirks", Points(&["INVALID_PURPOSE: the root is of 2019 or before (#14)"])),
        ],
        &[("qcert export --machine host.domain", "both formats, with the same keys"), VALIDATE],
        "rvspt/QlikSenseGovernance #2 #14 #16",
    ),
];

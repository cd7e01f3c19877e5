//! Servers that connect to a Qlik site with its certificates, and web servers that borrow them. Facts only.

use super::{PLAIN_PEM, VALIDATE, program};
use crate::pki::knowledge::Body::{Pairs, Paste, Points};
use crate::pki::knowledge::{Topic, part};

pub(in crate::pki::knowledge) const TOPICS: &[Topic] = &[
    program(
        "qalyptus",
        &["qalyptus-server"],
        "Qalyptus",
        &[
            part(
                "",
                Pairs(&[
                    ("files", "a folder, picked in Server Configuration > Qlik Sense Certificates > Install"),
                    ("password", "its guide asks for one when exporting, and for `Include secret key`"),
                ]),
            ),
            part("quirks", Points(&["it offers to remove old certificates: accept, or two sites' mix"])),
        ],
        &[("qcert export --machine qalyptus.domain --password-file pw.txt", "all files, with a password"), VALIDATE],
        "Qalyptus' guide to Qlik Sense certificates",
    ),
    program(
        "openmetadata",
        &["open-metadata"],
        "OpenMetadata, the Qlik Sense connector",
        &[
            part(
                "",
                Pairs(&[
                    ("files", "client.pem, client_key.pem, root.pem: as paths, or their text with a staging folder"),
                    ("address", "wss://host.domain:4747"),
                ]),
            ),
            part(
                "settings",
                Paste(
                    "clientCertificate: /certificates/client.pem\nclientKeyCertificate: /certificates/client_key.pem\n\
                 rootCertificate: /certificates/root.pem",
                ),
            ),
            part(
                "quirks",
                Points(&[
                    "`self signed certificate in certificate chain` (#15892): the root did not reach Python; Java's cacerts \
                 do not help",
                    "errors are Python's: see `qcert explain python`",
                ]),
            ),
        ],
        &[PLAIN_PEM, VALIDATE],
        "OpenMetadata connector documentation; #14113 #14973 #15892 #23074",
    ),
    program(
        "kpimailer",
        &["kpi-mailer"],
        "KPImailer",
        &[part("", Pairs(&[("files", "client.pfx or .p12, uploaded"), ("password", "asked for on upload")]))],
        &[("qcert export --machine host.domain --format pfx --password-file pw.txt", "client.pfx"), VALIDATE],
        "its documentation",
    ),
    program(
        "web-ticket",
        &["php", "nginx", "ticket-module", "web-server", "apache", "qlik-auth-net"],
        "ticket modules and web servers",
        &[
            part(
                "",
                Pairs(&[
                    ("tickets", "client.pem and client_key.pem to 4243, in the server's code"),
                    ("TLS of the site", "a server certificate in the web server's own name"),
                ]),
            ),
            part(
                "quirks",
                Points(&[
                    "client.pem as the web server's certificate: browsers and Node refuse it, it bears no host name",
                    "server.pem and server_key.pem there work for those who trust the site's root",
                    "403 on 4243: certificate of another site, or without key (qlik-auth-net#3)",
                    "a new root ends all of it",
                ]),
            ),
        ],
        &[("qcert export --machine web.domain", "client and server certificate in the web server's name"), VALIDATE],
        "recipes; qlik-auth-net#3, QlikSenseQMCUtility#34",
    ),
    program(
        "jwt",
        &["jwt-virtual-proxy", "token"],
        "virtual proxies with JWT",
        &[part(
            "",
            Points(&[
                "recipes sign with server_key.pem or client_key.pem and paste server.pem or client.pem into the console",
                "a new root replaces these files: paste the new certificate, or make a pair for this purpose alone",
                "only the public key in it counts here",
            ]),
        )],
        &[("qcert sign server --help", "a pair for this purpose"), ("qcert inspect server.pem", "which key it is")],
        "recipes",
    ),
    program(
        "catalogues",
        &["talend", "collibra", "alation", "datahub", "catalogs"],
        "Talend, Collibra, Alation, DataHub",
        &[part(
            "",
            Points(&[
                "what their connectors want is not established; as a rule, a program on Java wants client.pfx and a trust \
             store with root.cer, one on Python or Node the three PEM files",
            ]),
        )],
        &[("qcert export --machine host.domain", "both formats, with the same keys")],
        "nothing usable was found",
    ),
];

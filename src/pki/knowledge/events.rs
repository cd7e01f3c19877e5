//! What happens in a site with its certificates, and the rules by which it does. Facts only; nothing judges here.

mod handshake;
mod life;

pub use life::{NEW_ROOT_BREAKS, NEW_ROOT_SPARES};

use super::Body::{Pairs, Paste, Points, Table, Text};
use super::{Kind, Topic, part, text};

pub(super) const TOPICS: &[Topic] = &[
    RELOAD,
    STARTUP,
    NAMES,
    HEADERS,
    API,
    life::RECREATE,
    life::RENAME,
    life::BACKUP,
    life::NODE,
    life::EXPIRY,
    life::REVOKE,
    life::VERSIONS,
    life::TLS,
    handshake::CONNECTION,
    handshake::ALERTS,
];

const RELOAD: Topic = Topic {
    name: "reload",
    also: &["scheduled-reload", "task", "reload-task", "mutual-tls", "mtls"],
    kind: Kind::Event,
    title: "the six steps of a scheduled reload, and who shows which certificate",
    parts: &[
        part(
            "",
            Table(&[
                &["step", "caller", "callee", "port", "caller shows", "callee shows", "what for"],
                &["1", "repository", "its database", "4432", "-", "-", "the schedule"],
                &["2", "repository", "each scheduler", "5050", "QlikClient", "server", "who may reload?"],
                &["3", "each scheduler", "its own engine", "4747", "QlikClient", "server", "how busy is it?"],
                &["4", "each scheduler", "repository", "4242", "QlikClient", "server", "its report"],
                &["5", "repository", "least busy scheduler", "5050", "QlikClient", "server", "the task"],
                &["6", "that scheduler", "its own engine", "4747", "QlikClient", "server", "reload"],
            ]),
        ),
        part(
            "in each of the steps 2 to 6",
            Pairs(&[
                ("QlikClient", "the callee checks that the site's root signed it and that it is within its dates"),
                ("server", "the callee's machine's server certificate; the caller checks the same of it"),
                ("step 1", "the database shows no certificate, unless TLS was set up for it"),
            ]),
        ),
        part(
            "",
            Text(
                "One certificate of another root, on one node, therefore stops reloads, although hub and console still \
                 work: look at the node where the task was to run. As far as known these \
                 are the ports; between manager and worker nodes the scheduler also uses 5151.",
            ),
        ),
    ],
    commands: &[
        ("qcert rehearse ./host.domain", "steps 2 to 6 in real handshakes with these files, on this machine alone"),
        ("qcert probe host.domain --bundle ./host.domain --service scheduler", "one of the calls, for real"),
        ("qcert validate ./host.domain", "do server, client and root of a node belong together"),
        ("qcert explain --text-file scheduler.log", "known texts in a service's log"),
    ],
    see: &["scheduler", "repository", "engine", "client", "server"],
    source: "Qlik community, purpose of the QlikClient certificate; Qlik help, ports",
};

const STARTUP: Topic = Topic {
    name: "startup",
    also: &["start-up", "start", "restart", "bootstrap", "duplicates", "doubles"],
    kind: Kind::Event,
    title: "what the Repository Service of the central node does with what it finds in the stores",
    parts: &[
        part(
            "",
            Table(&[
                &["found", "none", "one, valid", "one, invalid", "several"],
                &["client", "makes one", "keeps it", "deletes it, makes one", "deletes ALL, makes one"],
                &["server", "makes one", "keeps it", "deletes it, makes one", "deletes ALL, makes one"],
                &["root", "makes one", "keeps it", "STOPS: delete by hand", "STOPS: delete by hand"],
            ]),
        ),
        part(
            "",
            Points(&[
                "it finds them by Qlik's marker (`qcert explain marker`), not by name",
                "valid means, as far as known: within its dates, signed by the site's root, private key there and readable \
                 by the service account",
                "an expired client or server certificate heals itself at the restart; an expired root stops the site",
                "a client or server certificate that is new after every restart: there are doubles, or its key cannot be \
                 read",
                "never import a second certificate with the marker on the central node",
            ]),
        ),
        part(
            "bootstrap (elevated)",
            Paste("\"C:\\Program Files\\Qlik\\Sense\\Repository\\Repository.exe\" -bootstrap"),
        ),
        part(
            "",
            Points(&[
                "central node, certificates anew: -bootstrap -iscentral -restorehostname (see `qcert explain recreate`)",
                "it hangs at `Entering main startup phase`: start the Service Dispatcher",
                "`Waiting for certificates to be installed`: a rim that waits for its password (see `qcert explain rim`)",
            ]),
        ),
    ],
    commands: &[("qcert validate ./saved-from-the-stores", "what it would do with these files")],
    see: &["marker", "stores", "root", "recreate"],
    source: "Qlik help 1.0 and 2.1, certificate handling of the repository",
};

const NAMES: Topic = Topic {
    name: "names",
    also: &["name", "san", "subjectaltname", "ip", "ip-address", "alias", "aliases", "cn", "fqdn"],
    kind: Kind::Event,
    title: "by which name a server may be called",
    parts: &[
        text(
            "The server certificate bears the machine name exactly as it was typed, when exporting or when adding the \
             node. Programs that check names accept this one only.",
        ),
        part(
            "who checks what",
            Table(&[
                &["called by", "Node", "Python", "Go", "OpenSSL"],
                &["the name in the SAN", "ok", "ok", "ok", "ok"],
                &["CN, no SAN (to 2017)", "ok", "ok (3.11)", "refuses", "ok"],
                &["an IP, written as DNS name", "refuses", "refuses", "refuses", "refuses"],
                &["any other name", "refuses", "refuses", "refuses", "refuses"],
            ]),
        ),
        part(
            "way out",
            Points(&[
                "call the name in the certificate; a line in the caller's hosts file can lead it to the right address",
                "issue a server certificate with the further names and the address",
                "the machine name of a client certificate does not matter: it is always QlikClient",
                "a name over 64 characters is refused by some programs; the root's name is the host name and `-CA`",
            ]),
        ),
    ],
    commands: &[
        ("qcert validate ./host.domain --name 10.0.0.5", "may it be called so"),
        ("qcert export --machine host.domain --san qlik --san 10.0.0.5", "with an alias and an address"),
    ],
    see: &["server", "host.cfg", "rename"],
    source: "real certificates; reproduced with Node 20, Python 3.11, Go 1.19, OpenSSL 3; butler-sos#178",
};

const HEADERS: Topic = Topic {
    name: "headers",
    also: &["x-qlik-user", "x-qlik-xrfkey", "xrfkey", "x-qlik-security", "sa-repository", "sa-api", "impersonation"],
    kind: Kind::Event,
    title: "what a call with the client certificate must say besides",
    parts: &[
        part(
            "headers",
            Paste(
                "X-Qlik-User: UserDirectory=INTERNAL;UserId=sa_repository\nX-Qlik-Xrfkey: 0123456789abcdef\n\
                 X-Qlik-Security: Context=ManagementAccess",
            ),
        ),
        part(
            "",
            Points(&[
                "X-Qlik-User names whom the call is for: sa_repository, sa_api, sa_engine, sa_scheduler or any user, for \
                 the certificate's holder may act as anyone",
                "the xrfkey has 16 characters and is the same in the address: ?xrfkey=0123456789abcdef",
                "X-Qlik-Security is optional",
                "403 with a good certificate: this user may not do it",
                "a login page or 404: the call went to the proxy; use port 4242 without a virtual proxy's prefix",
            ]),
        ),
        part(
            "try",
            Paste(
                "curl --cert client.pem --key client_key.pem --cacert root.pem \\\n  \
                 -H 'X-Qlik-User: UserDirectory=INTERNAL;UserId=sa_api' -H 'X-Qlik-Xrfkey: 0123456789abcdef' \\\n  \
                 'https://host.domain:4242/qrs/about?xrfkey=0123456789abcdef'",
            ),
        ),
    ],
    commands: &[
        ("qcert probe host.domain --bundle ./host.domain --qrs", "makes this call, and tells what the answer means"),
        ("qcert validate ./host.domain", "is the certificate of this site"),
    ],
    see: &["client", "4242", "4243"],
    source: "Qlik developer help, connecting with certificates",
};

const API: Topic = Topic {
    name: "api",
    also: &["qrs-api", "exportcertificates", "certificatedistribution", "rest-api", "includeca"],
    kind: Kind::Event,
    title: "exporting certificates without the console",
    parts: &[
        part(
            "",
            Paste(
                "POST /qrs/certificatedistribution/exportcertificates?xrfkey=0123456789abcdef\n\
                 {\"machineNames\": [\"host.domain\"], \"certificatePassword\": \"…\", \"includeSecretsKey\": false,\n \
                 \"exportFormat\": \"Pem\"}",
            ),
        ),
        part(
            "",
            Pairs(&[
                ("answers", "the folder's path on the central node; the files are not sent"),
                ("exportFormat", "`Windows` or `Pem`; to have both, call twice: they will be of two exports"),
                ("includeSecretsKey", "the site's secrets key, not the private keys"),
                ("path only", "GET /qrs/certificatedistribution/exportcertificatespath"),
                ("nodes", "GET …/distributecertificate/{id} answers a password; …/redistributecertificate/{id}"),
                ("Qlik-Cli", "Export-QlikCertificate -machineNames host.domain -exportFormat Pem"),
            ]),
        ),
    ],
    commands: &[("qcert export --machine host.domain", "the same files with the root's key, without the site")],
    see: &["bundle", "headers", "qlik-cli", "rim"],
    source: "Qlik developer help, certificate distribution; Qlik-Cli-Windows",
};

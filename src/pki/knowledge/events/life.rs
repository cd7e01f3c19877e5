//! The life of a site's certificates: made anew, renamed, saved, given to nodes, expiring, leaked. Facts only.

use crate::pki::knowledge::Body::{Pairs, Paste, Points, Text};
use crate::pki::knowledge::{Kind, Topic, part, text};

/// What hangs from the old root.
pub const NEW_ROOT_BREAKS: &[&str] = &[
    "passwords of data connections: to be typed again",
    "rim nodes: redistribute, after their stores were cleared of the old certificates",
    "every exported bundle: NPrinting, Butler, Butler SOS, Ctrl-Q, Qalyptus, scripts, ticket modules on 4243",
    "monitoring-app connections that use files; PostgreSQL with TLS, if it uses the node's files",
    "JWT virtual proxies into which server.pem or client.pem was pasted",
    "machines and browsers that were told to trust the old root",
];
pub const NEW_ROOT_SPARES: &str = "The proxy's own certificate on 443.";

pub(super) const RECREATE: Topic = Topic {
    name: "recreate",
    also: &["new-root", "re-create", "regenerate", "renew"],
    kind: Kind::Event,
    title: "a new root for the whole site: outline, and what breaks",
    parts: &[
        text("On the central node only, after a backup of the database and of the certificates with their keys."),
        part(
            "outline",
            Points(&[
                "log on as the service account; stop all services except Qlik Sense Repository Database",
                "delete <host>-CA from Local Computer > Trusted Root, what it has issued from Local Computer > Personal, and \
                 QlikClient from Current User > Personal",
                "rename …\\Repository\\Exported Certificates (or only .Local Certificates in it)",
                "run the bootstrap, elevated; if it stalls at `Entering main startup phase`, start the Service Dispatcher",
                "refresh the stores: one of each must be there; if there are doubles, delete all and repeat",
                "start the services, wait some minutes, try hub and console",
                "redistribute to every rim; export again for every program",
            ]),
        ),
        part(
            "bootstrap",
            Paste(
                "\"C:\\Program Files\\Qlik\\Sense\\Repository\\Repository.exe\" -bootstrap -iscentral -restorehostname",
            ),
        ),
        part("what breaks with a new root", Points(NEW_ROOT_BREAKS)),
        part("what does not", Text(NEW_ROOT_SPARES)),
    ],
    commands: &[
        ("qcert recreate --plan --bundle ./old-certificates", "every step with this site's names, and the way back"),
        ("qcert inspect ./old-certificates", "what there was: names, dates, secrets key"),
        ("qcert validate ./host.domain", "does a bundle belong to the new root"),
    ],
    see: &["startup", "backup", "rim", "host.cfg", "secrets"],
    source: "Qalyptus' guide to Qlik Sense certificates; Qlik's admin playbook",
};

pub(super) const RENAME: Topic = Topic {
    name: "rename",
    also: &["rename-host", "restorehostname", "restore-host-name"],
    kind: Kind::Event,
    title: "another host name for the central node",
    parts: &[
        text(
            "Clear the certificates as for a new root, write the new name into Host.cfg, run the bootstrap with \
             -restorehostname. All that a new root breaks breaks here too.",
        ),
        part(
            "take care",
            Points(&[
                "the name stands in Host.cfg, in the database (nodes) and in the certificates: after it all must agree",
                "restoring another machine's database: recipes put the old name into the hosts file until it is done",
                "check the base64 in Host.cfg by decoding it: this is where people slip",
            ]),
        ),
    ],
    commands: &[("qcert validate Host.cfg server.pem root.pem", "do the names agree")],
    see: &["host.cfg", "recreate", "names"],
    source: "host-name recipes; Qlik community",
};

pub(super) const BACKUP: Topic = Topic {
    name: "backup",
    also: &["restore", "back-up", "not-exportable"],
    kind: Kind::Event,
    title: "saving the certificates with their keys, and bringing them back",
    parts: &[
        text("The console's export is no backup: the root comes without its key, and the other two are new ones."),
        part(
            "how",
            Points(&[
                "on the central node as the service account, from the stores: root, server and client as PFX with their keys",
                "QlikSenseUtil.exe -backup saves them too",
                "in order of importance: root with key; server, which may carry the site's secrets key; client",
                "a key imported as not exportable cannot be saved again: keep the PFX it came from",
            ]),
        ),
        part("root by hand", Paste("certutil -f -p PASSWORD -exportpfx -privatekey Root THUMBPRINT root.pfx")),
        part(
            "server and client",
            Text("The same with My in place of Root, and NoRoot at the end; for the client with -user."),
        ),
    ],
    commands: &[
        ("qcert inspect root.pfx", "is the key really in it"),
        ("qcert init --from root.pfx", "sign with it on another machine"),
    ],
    see: &["recreate", "stores", "secrets"],
    source: "Qlik's admin playbook, backup script",
};

pub(super) const NODE: Topic = Topic {
    name: "rim",
    also: &["nodes", "rim-node", "add-node", "certificatesetup", "redistribute", "multi-node"],
    kind: Kind::Event,
    title: "how a further node gets its certificates",
    parts: &[
        text(
            "The central node signs for all; the root's key never leaves it. The name typed under Nodes in the console \
             becomes the name in that node's server certificate.",
        ),
        part(
            "steps",
            Points(&[
                "console: Nodes > create. The repository sends a package sealed with a password to the rim on 4444 (HTTP)",
                "the console shows the password",
                "on the rim: http://localhost:4570/certificateSetup, type it in",
                "unattended: Repository.exe -bootstrap -standalone waits with `Waiting for certificates to be installed`",
            ]),
        ),
        part(
            "after a new root, or when certificates were removed",
            Points(&[
                "clear the rim's stores of the old ones, then Nodes > Redistribute",
                "a rim with certificates of the old root: the console shows no communication",
                "as far as known a rim holds the root without key, its server certificate, and the client certificate in \
                 the store of its service account",
            ]),
        ),
    ],
    commands: &[("qcert validate ./saved-from-the-rim --root root.pem", "are they of this site's root")],
    see: &["4444", "4570", "stores", "recreate"],
    source: "Qlik help, certificate trust; Qlik-DSC",
};

pub(super) const EXPIRY: Topic = Topic {
    name: "expiry",
    also: &["expired", "expires", "ten-years", "10-years", "not-yet-valid", "clock"],
    kind: Kind::Event,
    title: "10 years, and what happens then",
    parts: &[
        text(
            "Every certificate is valid from 7 days before its making to 10 years after. The root and the first server \
             and client certificates end together; later exports outlive the root, but are worth nothing without it.",
        ),
        part(
            "take care",
            Points(&[
                "an expired root stops the Repository Service; client and server are made anew at the next restart",
                "sites of 2014 to 2016 have been ending since 2024",
                "recreate ahead of time, then redistribute and export again: see `qcert explain recreate`",
                "`not yet valid`: a clock is more than 7 days off",
            ]),
        ),
    ],
    commands: &[
        ("qcert inspect root.pem", "days left"),
        ("qcert validate ./host.domain --at 2030-01-01", "what will be then"),
    ],
    see: &["root", "recreate", "startup"],
    source: "real certificates of 2015 to 2022",
};

pub(super) const REVOKE: Topic = Topic {
    name: "revoke",
    also: &["revocation", "crl", "ocsp", "leak", "leaked", "stolen", "git"],
    kind: Kind::Event,
    title: "a client key got into the wrong hands",
    parts: &[
        text(
            "Qlik's certificates name no CRL and no OCSP, and the services ask for none. A client key works for 10 years \
             wherever it is, for any user: the way out is a new root.",
        ),
        part(
            "until then",
            Points(&[
                "close 4242, 4243, 4747 and the other service ports to all but the site's own machines",
                "keys in a repository's history are out, even when the file is deleted",
            ]),
        ),
    ],
    commands: &[("qcert validate ./host.domain", "warns of keys that others can read or that git knows")],
    see: &["client", "recreate", "headers"],
    source: "real certificates: no CRL, OCSP or AIA in any",
};

pub(super) const VERSIONS: Topic = Topic {
    name: "versions",
    also: &["history", "age", "releases", "qlikview"],
    kind: Kind::Event,
    title: "what certificates of each age look like",
    parts: &[
        part(
            "",
            Pairs(&[
                ("always", "RSA 2048, SHA-256, CN only, 10 years, the marker; no keyUsage, no EKU, no CRL"),
                ("to autumn 2017", "server without SAN: Go refuses it"),
                (
                    "from early 2018",
                    "server with the machine name as DNS name; an IP address is written as DNS name too",
                ),
                ("to spring 2019", "root without basicConstraints: Node, Python, OpenSSL refuse it"),
                ("from spring 2020", "root with critical basicConstraints"),
                ("QlikView 12+", "the same marker; name and issuer tell it apart"),
            ]),
        ),
        part(
            "",
            Text(
                "All of it is normal: the site itself works with it. Upgrades keep the old root, so roots without \
                 basicConstraints are around until 2029. Nothing newer than March 2022 was seen.",
            ),
        ),
    ],
    commands: &[("qcert validate ./host.domain", "who refuses these, and why")],
    see: &["root", "server", "marker"],
    source: "32 real certificates of 2015 to 2022",
};

pub(super) const TLS: Topic = Topic {
    name: "tls",
    also: &["ssl", "schannel", "cipher", "ciphers", "tls-1.2", "tls1.2"],
    kind: Kind::Event,
    title: "versions of TLS and what else Windows has a say in",
    parts: &[part(
        "",
        Points(&[
            "since about April 2018 the services follow Windows' Schannel settings; older ones need TLS 1.0",
            "TLS 1.2 may have to be switched on in the registry, for the whole machine",
            "`Could not create SSL/TLS secure channel`: no version in common, or the client's key cannot be used",
            "the License Service on 9200 offers RSA suites only: an ECDSA server certificate cannot serve it",
            "TLS 1.3 from Windows Server 2022",
        ]),
    )],
    commands: &[("qcert validate ./host.domain", "key kinds that a service cannot use")],
    see: &["stores", "license", "9200"],
    source: "Qlik help, certificate trust and License Service cipher suites",
};

//! The ports of a site: who listens, who calls, which certificate each shows. Facts only; nothing judges here.

mod commands;
mod overview;

use super::Body::{Pairs, Points};
use super::{Kind, Part, Topic, part};
use commands::{FILES_ONLY, PROBE_ENGINE, PROBE_LICENSE, PROBE_PROXY, PROBE_REPOSITORY, PROBE_SCHEDULER};

const SERVER_CERTIFICATE: &str = "its machine's server certificate";
const CLIENT_CERTIFICATE: &str = "the client certificate, QlikClient; they check the other side with the site's root";
const NAME: &str = "the caller uses another name, or an address, than the server certificate bears";
const OTHER_SITE: &str = "403 Forbidden: no client certificate, one of another site, or one without its key";

pub(super) const TOPICS: &[Topic] = &[
    overview::PORTS,
    port(
        "443",
        &["80", "https-port"],
        "the proxy, for users and browsers (80: the same without TLS)",
        &[
            part(
                "",
                Pairs(&[
                    ("listens", "Proxy Service"),
                    ("callers", "browsers, mashups, programs that log on as a user"),
                    ("shown", "the certificate chosen by thumbprint in the console, else the server certificate"),
                    ("callers show", "none: users log on; the client certificate is not taken here (enigma.js#482)"),
                ]),
            ),
            part(
                "what goes wrong",
                Points(&[
                    "browsers warn: the default certificate is signed by the site's own root",
                    "root.pem does not help here once a certificate of your own is set",
                    "thumbprint with a hidden character, key missing: the proxy falls back to the default",
                ]),
            ),
        ],
        &["proxy", "proxy-certificate"],
        FILES_ONLY,
    ),
    port(
        "4239",
        &[],
        "repository, websocket for the proxy",
        &[part(
            "",
            Pairs(&[
                ("listens", "Repository Service"),
                ("callers", "Proxy Service"),
                ("shown", SERVER_CERTIFICATE),
                ("callers show", CLIENT_CERTIFICATE),
            ]),
        )],
        &["repository", "proxy"],
        FILES_ONLY,
    ),
    port(
        "4240",
        &[],
        "repository, test mode",
        &[part(
            "",
            Pairs(&[("listens", "Repository Service, in test mode only"), ("callers", "nobody in a site at work")]),
        )],
        &["repository"],
        FILES_ONLY,
    ),
    port(
        "4242",
        &["qrs-port"],
        "repository, REST (QRS API)",
        &[
            part(
                "",
                Pairs(&[
                    ("listens", "Repository Service of every node"),
                    (
                        "callers",
                        "other repositories, proxy, scheduler, printing; Qlik-Cli, Butler, Ctrl-Q, qsAPI, scripts",
                    ),
                    ("shown", SERVER_CERTIFICATE),
                    ("callers show", CLIENT_CERTIFICATE),
                    ("headers", "X-Qlik-User and X-Qlik-Xrfkey: see `qcert explain headers`"),
                ]),
            ),
            part(
                "what goes wrong",
                Points(&[
                    OTHER_SITE,
                    "401: the program found no certificate and tried Windows authentication (Qlik-Cli#123)",
                    "404 or a login page: a virtual proxy's prefix in the address; there is none on 4242",
                    NAME,
                ]),
            ),
        ],
        &["repository", "headers", "client"],
        PROBE_REPOSITORY,
    ),
    port(
        "4243",
        &["qps-port", "ticket", "tickets"],
        "proxy, REST (QPS API): tickets and sessions",
        &[
            part(
                "",
                Pairs(&[
                    ("listens", "Proxy Service"),
                    ("callers", "repository; modules that log users on with tickets, in PHP, .NET, Node"),
                    ("shown", SERVER_CERTIFICATE),
                    ("callers show", CLIENT_CERTIFICATE),
                ]),
            ),
            part(
                "what goes wrong",
                Points(&[
                    OTHER_SITE,
                    "it is the proxy's, not the repository's: QRS calls belong on 4242",
                    "a new root ends every ticket module until it has new files",
                ]),
            ),
        ],
        &["proxy", "client", "web-ticket"],
        PROBE_PROXY,
    ),
    port(
        "4244",
        &["windows-authentication"],
        "proxy, Windows authentication",
        &[part(
            "",
            Pairs(&[
                ("listens", "Proxy Service; browsers are led there to log on"),
                ("shown", "as on 443: the certificate chosen by thumbprint, else the server certificate"),
                ("callers show", "none"),
            ]),
        )],
        &["443", "proxy"],
        FILES_ONLY,
    ),
    port(
        "4432",
        &[],
        "repository database, PostgreSQL",
        &[part(
            "",
            Pairs(&[
                ("listens", "Qlik Sense Repository Database"),
                ("callers", "Repository Service of each node"),
                ("shown", "nothing: without TLS by default; it may be set up"),
            ]),
        )],
        &["database"],
        FILES_ONLY,
    ),
    port(
        "4444",
        &[],
        "repository of a rim, first set-up",
        &[
            part(
                "",
                Pairs(&[
                    ("listens", "Repository Service of a rim that waits for its certificates"),
                    ("callers", "repository of the central node"),
                    ("shown", "nothing: it is HTTP; the package in it is sealed with a password"),
                ]),
            ),
            part("what goes wrong", Points(&["a firewall between the nodes: the rim waits for ever"])),
        ],
        &["rim", "4570"],
        FILES_ONLY,
    ),
    port(
        "4570",
        &[],
        "repository of a rim, unlocking",
        &[
            part(
                "",
                Pairs(&[
                    ("listens", "Repository Service of a rim, on localhost, until it is unlocked"),
                    ("callers", "a browser on the rim itself: http://localhost:4570/certificateSetup"),
                    ("shown", "nothing: it is HTTP and does not leave the machine"),
                ]),
            ),
            part("what goes wrong", Points(&["nothing answers: it closes once the password was taken"])),
        ],
        &["rim", "4444"],
        FILES_ONLY,
    ),
    port(
        "4747",
        &["qix-port"],
        "engine (QIX, websocket)",
        &[
            part(
                "",
                Pairs(&[
                    ("listens", "Engine Service"),
                    ("callers", "proxy, repository, scheduler; enigma.js, corectl, Butler, .NET SDK, OpenMetadata"),
                    ("shown", SERVER_CERTIFICATE),
                    ("callers show", CLIENT_CERTIFICATE),
                    ("headers", "X-Qlik-User: UserDirectory=INTERNAL;UserId=sa_api"),
                ]),
            ),
            part(
                "what goes wrong",
                Points(&[
                    "UNABLE_TO_VERIFY_LEAF_SIGNATURE: root.pem is not given, or of another site",
                    "INVALID_PURPOSE: the root is older than 2020 and has no basicConstraints",
                    NAME,
                ]),
            ),
        ],
        &["engine", "enigma.js", "names"],
        PROBE_ENGINE,
    ),
    port(
        "4748",
        &[],
        "engine, notifications",
        &[part(
            "",
            Pairs(&[
                ("listens", "Engine Service"),
                ("callers", "Repository Service"),
                ("shown", SERVER_CERTIFICATE),
                ("callers show", CLIENT_CERTIFICATE),
            ]),
        )],
        &["engine", "repository"],
        FILES_ONLY,
    ),
    port(
        "4899",
        &[],
        "printing",
        &[part(
            "",
            Pairs(&[
                ("listens", "Printing Service"),
                ("callers", "Proxy Service"),
                ("shown", SERVER_CERTIFICATE),
                ("callers show", CLIENT_CERTIFICATE),
            ]),
        )],
        &["printing"],
        FILES_ONLY,
    ),
    port(
        "4900",
        &[],
        "broker",
        &[part(
            "",
            Pairs(&[
                ("listens", "broker, started by the Service Dispatcher"),
                ("callers", "Proxy Service"),
                ("shown", "server.pem of .Local Certificates"),
                ("callers show", CLIENT_CERTIFICATE),
            ]),
        )],
        &["broker", ".local-certificates"],
        FILES_ONLY,
    ),
    port(
        "4949",
        &["data-profiling"],
        "data profiling",
        &[part(
            "",
            Pairs(&[
                ("listens", "data profiling, started by the Service Dispatcher"),
                ("callers", "Proxy Service"),
                ("shown", "as far as known server.pem of .Local Certificates"),
            ]),
        )],
        &["broker"],
        FILES_ONLY,
    ),
    port(
        "5050",
        &[],
        "scheduler, manager",
        &[
            part(
                "",
                Pairs(&[
                    ("listens", "Scheduler Service, as manager"),
                    ("callers", "repository, schedulers on worker nodes"),
                    ("shown", SERVER_CERTIFICATE),
                    ("callers show", CLIENT_CERTIFICATE),
                ]),
            ),
            part("what goes wrong", Points(&["a node of another root: tasks never reach it, or are never reported"])),
        ],
        &["scheduler", "reload", "5151"],
        PROBE_SCHEDULER,
    ),
    port(
        "5151",
        &[],
        "scheduler, worker",
        &[part(
            "",
            Pairs(&[
                ("listens", "Scheduler Service, as worker"),
                ("callers", "the manager scheduler"),
                ("shown", SERVER_CERTIFICATE),
                ("callers show", CLIENT_CERTIFICATE),
            ]),
        )],
        &["scheduler", "reload", "5050"],
        FILES_ONLY,
    ),
    port(
        "5252",
        &[],
        "scheduler, monitoring (optional)",
        &[part("", Pairs(&[("listens", "Scheduler Service, if switched on"), ("callers", "monitoring")]))],
        &["scheduler"],
        FILES_ONLY,
    ),
    port(
        "7070",
        &[],
        "logging",
        &[part(
            "",
            Pairs(&[
                ("listens", "Logging Service"),
                ("callers", "repository, proxy, engine, scheduler"),
                ("shown", "not established"),
            ]),
        )],
        &["logging"],
        FILES_ONLY,
    ),
    port(
        "9200",
        &[],
        "license",
        &[
            part(
                "",
                Pairs(&[
                    ("listens", "License Service"),
                    ("callers", "Repository Service"),
                    ("shown", "the server certificate, as far as known from .Local Certificates; RSA only"),
                    ("callers show", CLIENT_CERTIFICATE),
                ]),
            ),
            part("what goes wrong", Points(&["an ECDSA server certificate: there is no cipher suite for it"])),
        ],
        &["license", "tls"],
        PROBE_LICENSE,
    ),
];

const fn port(
    name: &'static str,
    also: &'static [&'static str],
    title: &'static str,
    parts: &'static [Part],
    see: &'static [&'static str],
    commands: &'static [(&'static str, &'static str)],
) -> Topic {
    Topic {
        name,
        also,
        kind: Kind::Port,
        title,
        parts,
        commands,
        see,
        source: "Qlik help, ports, February 2019 to 2024; which certificate: Qlik community, partly inferred",
    }
}

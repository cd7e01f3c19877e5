//! The services of a site: where each listens, whom it calls, what it shows. Facts only; nothing judges here.

use super::Body::{Pairs, Points};
use super::{Kind, Part, Topic, part};

pub(super) const TOPICS: &[Topic] = &[
    service(
        "repository",
        &["qrs", "repository-service", "qlik-sense-repository-service"],
        "the Repository Service: the site's memory and its certificate authority",
        &[
            part(
                "",
                Pairs(&[
                    (
                        "listens",
                        "4242 REST; 4239 from the proxy; 4444 set-up of a rim (HTTP); 4570 unlocking a rim (HTTP, \
                                 localhost); 4240 test mode",
                    ),
                    (
                        "calls",
                        "4242 other repositories, 4243 proxy, 4444 rims, 4747 and 4748 engine, 5050 scheduler, 9200 \
                               license, 7070 logging; 4432 its database",
                    ),
                    ("shows", "as server its machine's server certificate, as caller QlikClient"),
                    ("takes from", "the Windows stores: see `qcert explain stores`"),
                ]),
            ),
            part(
                "what goes wrong",
                Points(&[
                    "it stops at its start: the root is expired, damaged or there twice",
                    "client or server certificate new after every restart: doubles, or a key it cannot read",
                    "403 to programs: certificate of another site, certificate without key, or a user who may not",
                ]),
            ),
        ],
        &["4242", "startup", "stores", "reload"],
    ),
    service(
        "proxy",
        &["qps", "proxy-service", "hub", "qlik-sense-proxy-service"],
        "the Proxy Service: what users and browsers talk to",
        &[
            part(
                "",
                Pairs(&[
                    ("listens", "443 and 80 users; 4243 its REST API; 4244 Windows authentication"),
                    (
                        "calls",
                        "4239 and 4242 repository, 4747 engine, 4899 printing, 4900 broker, 4949 data profiling, 7070",
                    ),
                    (
                        "shows",
                        "on 443 and 4244 the certificate set by thumbprint, else the server certificate; on 4243 the \
                               server certificate",
                    ),
                ]),
            ),
            part(
                "what goes wrong",
                Points(&[
                    "its security log says `is invalid because it was not signed correctly by 'CN=…-CA'`: another root",
                    "`Couldn't find a valid ssl certificate with thumbprint`: see `qcert explain proxy-certificate`",
                    "`will not take effect until bootstrap mode has been run`: the account is no administrator",
                ]),
            ),
        ],
        &["443", "4243", "proxy-certificate"],
    ),
    service(
        "engine",
        &["qes", "qix", "engine-service", "qlik-sense-engine-service", "qix-engine"],
        "the Engine Service: apps and reloads",
        &[
            part(
                "",
                Pairs(&[
                    ("listens", "4747 (QIX, websocket); 4748 notifications from the repository"),
                    ("calls", "4242 repository (older releases), 7070 logging"),
                    ("shows", "its machine's server certificate"),
                    ("callers show", "QlikClient, and name the user in X-Qlik-User"),
                ]),
            ),
            part(
                "what goes wrong",
                Points(&[
                    "programs that call wss://host:4747 by another name than the certificate's",
                    "443 with the client certificate instead of 4747: the proxy does not take it (enigma.js#482)",
                    "encrypted apps cannot be read: see `qcert explain encryption-certificate`",
                ]),
            ),
        ],
        &["4747", "enigma.js", "reload"],
    ),
    service(
        "scheduler",
        &["qss", "scheduler-service", "qlik-sense-scheduler-service"],
        "the Scheduler Service: runs reload tasks",
        &[
            part(
                "",
                Pairs(&[
                    ("listens", "5050 manager; 5151 worker; 5252 monitoring (optional)"),
                    ("calls", "4242 repository, 5050 and 5151 other schedulers, its own engine, 7070"),
                    ("shows", "as server its machine's server certificate, as caller QlikClient"),
                ]),
            ),
            part(
                "what goes wrong",
                Points(&[
                    "a node with certificates of another root gets no tasks or fails them: see `qcert explain reload`",
                ]),
            ),
        ],
        &["5050", "5151", "reload"],
    ),
    service(
        "printing",
        &["qpr", "printing-service"],
        "the Printing Service: exports to files",
        &[part(
            "",
            Pairs(&[
                ("listens", "4899; from 2022 also 2770, 50101 to 50131 and 52051 to 52081 within the machine"),
                ("calls", "443 proxy, 4242 repository"),
                ("shows", "its machine's server certificate"),
            ]),
        )],
        &["4899", "nprinting"],
    ),
    service(
        "broker",
        &["dispatcher", "service-dispatcher", "hub-service", "odag", "node-services"],
        "what the Service Dispatcher starts: broker, hub, ODAG and others written in Node.js",
        &[
            part(
                "",
                Pairs(&[
                    (
                        "listens",
                        "4900 broker; within the machine 9028 9031 9032 9041 9051 9054 9079 9080 9090 9098 3003 4555 \
                                 4949 4950 and more",
                    ),
                    ("calls", "each other, and the repository"),
                    ("takes from", "the files in .Local Certificates, not from the Windows stores"),
                ]),
            ),
            part(
                "what goes wrong",
                Points(&[
                    "the files there are of an old root although the stores are right: rename the folder and bootstrap",
                    "the dispatcher is stopped: a bootstrap hangs at `Entering main startup phase`",
                ]),
            ),
        ],
        &["4900", ".local-certificates", "startup"],
    ),
    service(
        "license",
        &["license-service", "licenses", "licence"],
        "the License Service",
        &[
            part(
                "",
                Pairs(&[
                    ("listens", "9200, with certificates on both sides"),
                    ("calls", "443, Qlik's license server on the internet"),
                    ("takes from", "as far as known the files in .Local Certificates"),
                ]),
            ),
            part(
                "what goes wrong",
                Points(&["its cipher suites are for RSA only: with an ECDSA server certificate nobody reaches it"]),
            ),
        ],
        &["9200", ".local-certificates", "tls"],
    ),
    service(
        "database",
        &["postgresql", "postgres", "repository-database", "qrd"],
        "the Repository Database, PostgreSQL",
        &[part(
            "",
            Pairs(&[
                ("listens", "4432; without TLS by default"),
                ("called by", "the Repository Service of each node"),
                ("certificates", "none of the site's; if TLS was set up with the node's files, a new root ends it"),
                ("encrypted in it", "passwords of data connections: see `qcert explain secrets`"),
            ]),
        )],
        &["4432", "recreate", "secrets"],
    ),
    service(
        "logging",
        &["logging-service", "qlogs"],
        "the Logging Service",
        &[part("", Pairs(&[("listens", "7070"), ("called by", "repository, proxy, engine, scheduler")]))],
        &["7070"],
    ),
];

const fn service(
    name: &'static str,
    also: &'static [&'static str],
    title: &'static str,
    parts: &'static [Part],
    see: &'static [&'static str],
) -> Topic {
    Topic {
        name,
        also,
        kind: Kind::Service,
        title,
        parts,
        commands: &[
            ("qcert validate ./host.domain", "do root, server and client of a machine belong together"),
            ("qcert explain --text-file service.log", "known texts in its log"),
        ],
        see,
        source: "Qlik help, ports, February 2019 to 2024; which certificate: Qlik community",
    }
}

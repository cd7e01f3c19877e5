//! All ports on one page: whose, what is spoken, and whether a client certificate belongs there.

use crate::pki::knowledge::Body::{Points, Table};
use crate::pki::knowledge::{Kind, Topic, part};

pub(super) const PORTS: Topic = Topic {
    name: "ports",
    also: &["port", "firewall", "firewalls"],
    kind: Kind::Port,
    title: "which service listens where, and what a caller shows there",
    parts: &[
        part(
            "",
            Table(&[
                &["port", "service", "speaks", "callers show"],
                &["443", "proxy, users", "HTTPS", "nothing: users log on"],
                &["4239", "repository, from the proxy", "websocket, TLS", "QlikClient"],
                &["4242", "repository, QRS API", "HTTPS", "QlikClient, X-Qlik-User, xrfkey"],
                &["4243", "proxy, QPS API", "HTTPS", "QlikClient, X-Qlik-User, xrfkey"],
                &["4244", "proxy, Windows authentication", "HTTPS", "nothing: users log on"],
                &["4432", "repository database", "PostgreSQL", "nothing by default"],
                &["4444", "rim, set-up", "HTTP", "nothing"],
                &["4570", "rim, unlocking, localhost only", "HTTP", "nothing"],
                &["4747", "engine", "websocket, TLS", "QlikClient, X-Qlik-User"],
                &["4748", "engine, notifications", "TLS", "QlikClient"],
                &["4899", "printing", "TLS", "QlikClient"],
                &["4900", "broker", "TLS", "QlikClient"],
                &["5050", "scheduler, manager", "TLS", "QlikClient"],
                &["5151", "scheduler, worker", "TLS", "QlikClient"],
                &["7070", "logging", "not established", "not established"],
                &["9200", "license", "TLS, RSA only", "QlikClient"],
            ]),
        ),
        part(
            "",
            Points(&[
                "`qcert explain 4242` and so on has each one by itself",
                "between nodes 4242, 4243, 4444, 4747, 4748, 5050 and 5151 must be open, in the direction of the calls",
                "tools and scripts need 4242 and 4747, seldom 4243; users 443 only",
            ]),
        ),
    ],
    commands: &[
        ("qcert probe host.domain --bundle ./host.domain", "does 4242 take this certificate"),
        ("qcert probe host.domain:4747 --bundle ./host.domain", "the same for the engine"),
        ("qcert validate ./host.domain --machine host.domain", "would these files do on that machine"),
    ],
    see: &["4242", "4747", "443", "handshake"],
    source: "Qlik help, ports, February 2019 to 2024; which certificate: Qlik community, partly inferred",
};

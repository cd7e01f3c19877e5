//! Five clients by five makers, each asking a server on 127.0.0.1 for its start page with a bundle's client certificate.
//!
//! May not judge the answer: `handshakes.rs` does.

use super::bundle::Case;
use super::java::program_in_java;
use super::process::{Answer, converse, run};
use super::stranger::{CURL, GNUTLS_CLI, NODE, PYTHON, command, program};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Tls12,
    Tls13,
}

impl Version {
    pub(crate) fn number(self) -> &'static str {
        match self {
            Self::Tls12 => "1.2",
            Self::Tls13 => "1.3",
        }
    }
}

/// One request to a server that shows the server certificate of `of`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit {
    pub(crate) of: &'static Case,
    pub(crate) port: u16,
    pub(crate) version: Version,
    /// Whose client certificate is shown, if any.
    pub(crate) with: Option<&'static Case>,
}

/// `None` where the client is not installed.
pub(crate) type Visitor = fn(Visit) -> Option<Answer>;

pub(crate) fn curl(visit: Visit) -> Option<Answer> {
    let curl = CURL.find()?;
    let (name, port, version) = (visit.of.machine, visit.port, visit.version.number());
    let mut get = command(curl);
    // Its own settings and proxies stay out, and the name leads to 127.0.0.1 without a name service.
    get.args(["--disable", "--noproxy", "*", "--silent", "--show-error", "--max-time", "30"]);
    get.arg("--resolve").arg(format!("{name}:{port}:127.0.0.1")).arg(format!("--tlsv{version}"));
    get.args(["--tls-max", version, "--cacert"]).arg(visit.of.bundle().file("root.pem"));
    if let Some(case) = visit.with {
        get.arg("--cert").arg(case.bundle().file("client.pem")).arg("--key").arg(case.bundle().file("client_key.pem"));
        if case.locked {
            get.args(["--pass", case.password()]);
        }
    }
    Some(run(get.arg("--include").arg(format!("https://{name}:{port}/"))))
}

pub(crate) fn gnutls_cli(visit: Visit) -> Option<Answer> {
    let gnutls_cli = GNUTLS_CLI.find()?;
    let name = visit.of.machine;
    let mut talk = command(gnutls_cli);
    talk.arg(format!("--priority=NORMAL:-VERS-ALL:+VERS-TLS{}", visit.version.number()));
    talk.arg("--x509cafile").arg(visit.of.bundle().file("root.pem")).arg(format!("--verify-hostname={name}"));
    if !visit.of.is_address() {
        talk.arg(format!("--sni-hostname={name}"));
    }
    if let Some(case) = visit.with {
        talk.arg("--x509certfile").arg(case.bundle().file("client.pem"));
        talk.arg("--x509keyfile").arg(case.bundle().file("client_key.pem"));
    }
    talk.args(["--port", &visit.port.to_string(), "127.0.0.1"]);
    Some(converse(&mut talk, &format!("GET / HTTP/1.0\r\nHost: {name}\r\n\r\n")))
}

pub(crate) fn python(visit: Visit) -> Option<Answer> {
    let mut get = command(PYTHON.find()?);
    get.arg(program("handshake.py")).arg("visit").arg(visit.of.bundle().file("root.pem"));
    get.args([visit.of.machine, visit.version.number(), &visit.port.to_string()]);
    if let Some(case) = visit.with {
        get.arg(case.bundle().file("client.pem")).arg(case.bundle().file("client_key.pem"));
    }
    Some(run(get.env("JUDGE_PASSWORD", password(visit))))
}

pub(crate) fn node_with_pem(visit: Visit) -> Option<Answer> {
    node(visit, &["client.pem", "client_key.pem"])
}

pub(crate) fn node_with_pfx(visit: Visit) -> Option<Answer> {
    node(visit, &["client.pfx"])
}

fn node(visit: Visit, identity: &[&str]) -> Option<Answer> {
    let mut get = command(NODE.find()?);
    get.arg(program("visit.js")).arg(visit.of.bundle().file("root.pem"));
    get.args([visit.of.machine, visit.version.number(), &visit.port.to_string()]);
    if let Some(case) = visit.with {
        get.args(identity.iter().map(|name| case.bundle().file(name)));
    }
    Some(run(get.env("JUDGE_PASSWORD", password(visit))))
}

pub(crate) fn java(visit: Visit) -> Option<Answer> {
    let mut get = program_in_java()?;
    get.arg("visit").arg(visit.of.bundle().file("root.pem"));
    get.args([visit.of.machine, visit.version.number(), &visit.port.to_string()]);
    get.args(visit.with.map(|case| case.bundle().file("client.pfx")));
    Some(run(get.env("JUDGE_PASSWORD", password(visit))))
}

fn password(visit: Visit) -> &'static str {
    visit.with.map_or("", Case::password)
}

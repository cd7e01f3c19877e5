//! What other programs experience that call the same server with the same bundle: whether they are welcome.
//!
//! May not say what is right: a case does.

use super::process::{Answer, converse, run};
use super::site::folder;
use super::stranger::{CURL, NODE, OPENSSL, PYTHON, command, program};
use std::path::PathBuf;

/// One call, of `host`, which is at 127.0.0.1 whatever it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit<'a> {
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    /// The newest that the server speaks.
    pub(crate) version: &'a str,
    /// The folder with the root that is trusted and the client that is shown.
    pub(crate) carried: &'a str,
}

/// `None` where the program is not installed.
pub(crate) type Caller = fn(Visit<'_>) -> Option<Answer>;

pub(crate) const CALLERS: [(&str, Caller); 4] =
    [("curl", curl), ("node", node), ("openssl", openssl), ("python", python)];

/// The server was trusted, and let the caller in.
pub(crate) fn welcome(answer: &Answer) -> bool {
    // The exit code would also tell how a connection that did its work was closed.
    ["HTTP/1.0 200", "HTTP/1.1 200", "HTTP/2 200", "HTTP 200"].iter().any(|line| answer.text().contains(line))
}

fn curl(visit: Visit<'_>) -> Option<Answer> {
    let mut get = command(CURL.find()?);
    let (host, port) = (visit.host, visit.port);
    // Its own settings and proxies stay out, and the name leads to 127.0.0.1 without a name service.
    get.args(["--disable", "--noproxy", "*", "--silent", "--show-error", "--max-time", "30", "--include"]);
    get.arg("--resolve").arg(format!("{host}:{port}:127.0.0.1"));
    let [root, certificate, key] = files(visit);
    get.arg("--cacert").arg(root).arg("--cert").arg(certificate).arg("--key").arg(key);
    Some(run(get.arg(format!("https://{host}:{port}/"))))
}

fn node(visit: Visit<'_>) -> Option<Answer> {
    let [root, certificate, key] = files(visit);
    let mut get = command(NODE.find()?);
    get.arg(program("visit.js")).arg(root).args([visit.host, visit.version, &visit.port.to_string()]);
    Some(run(get.arg(certificate).arg(key).env("JUDGE_PASSWORD", "")))
}

fn python(visit: Visit<'_>) -> Option<Answer> {
    let [root, certificate, key] = files(visit);
    let mut get = command(PYTHON.find()?);
    get.arg(program("handshake.py")).arg("visit").arg(root);
    get.args([visit.host, visit.version, &visit.port.to_string()]);
    Some(run(get.arg(certificate).arg(key).env("JUDGE_PASSWORD", "")))
}

fn openssl(visit: Visit<'_>) -> Option<Answer> {
    let [root, certificate, key] = files(visit);
    let mut talk = command(OPENSSL.find()?);
    talk.args(["s_client", "-quiet", "-verify_return_error", "-no-CApath", "-no-CAstore", "-CAfile"]).arg(root);
    talk.arg("-cert").arg(certificate).arg("-key").arg(key);
    talk.args(["-connect", &format!("127.0.0.1:{}", visit.port)]);
    if visit.host.parse::<std::net::IpAddr>().is_ok() {
        talk.args(["-noservername", "-verify_ip", visit.host]);
    } else {
        talk.args(["-servername", visit.host, "-verify_hostname", visit.host]);
    }
    Some(converse(&mut talk, &format!("GET / HTTP/1.0\r\nHost: {}\r\n\r\n", visit.host)))
}

fn files(visit: Visit<'_>) -> [PathBuf; 3] {
    ["root.pem", "client.pem", "client_key.pem"].map(|name| folder(visit.carried).join(name))
}

//! Real mutual TLS on loopback with servers that were given the list: the live client is let in, the revoked is not.

use super::process::{Answer, Server, run};
use super::site::Site;
use super::stranger::{CURL, NGINX, NODE, PYTHON, command};
use fs_err as fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/revocation").join(name)
}

#[test]
fn node_refuses_the_revoked() {
    let Some(node) = NODE.find() else { return };
    let site = Site::new("compatible").furnished();
    let answer = run(command(node).arg(program("judge.js")).arg(site.folder())).accepted();
    answer.says("live: welcome").says("revoked: CERT_REVOKED");
}

#[test]
fn python_refuses_the_revoked() {
    let Some(python) = PYTHON.find() else { return };
    let site = Site::new("compatible").furnished();
    let answer = run(command(python).arg(program("judge.py")).arg(site.folder())).accepted();
    answer.says("live: ['welcome']").says("certificate revoked").never_says("revoked: ['welcome']");
}

/// nginx finishes the handshake and explains itself in its answer.
#[test]
fn nginx_refuses_the_revoked() {
    let (Some(nginx), Some(curl)) = (NGINX.find(), CURL.find()) else { return };
    let site = Site::new("compatible").furnished();
    let (_server, port) = start(nginx, &site);
    visit(curl, &site, port, "live").accepted().says("200").says("client certificate: SUCCESS CN=QlikClient");
    let revoked = visit(curl, &site, port, "revoked");
    revoked.says("400").says("The SSL certificate error").never_says("SUCCESS");
    // The bundle's own client is not on the list.
    visit(curl, &site, port, "localhost").accepted().says("SUCCESS");
}

fn visit(curl: &Path, site: &Site, port: u16, name: &str) -> Answer {
    let mut visit = command(curl);
    visit.args(["--silent", "--show-error", "--include", "--max-time", "30", "--noproxy", "*"]);
    visit.arg("--cacert").arg(site.root());
    visit
        .arg("--cert")
        .arg(site.path(name).join("client.pem"))
        .arg("--key")
        .arg(site.path(name).join("client_key.pem"));
    run(visit.arg(format!("https://localhost:{port}/")).args(["--resolve", &format!("localhost:{port}:127.0.0.1")]))
}

/// Starts on a free port; again on another one where somebody was quicker to take it.
fn start(nginx: &Path, site: &Site) -> (Server, u16) {
    let built = run(command(nginx).arg("-V")).text();
    let place = site.folder().display().to_string();
    // Its own folders, where an ordinary user may write, for each module that this nginx was built with.
    let folders: Vec<_> = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .filter(|module| !built.contains(&format!("--without-http_{module}_module")))
        .map(|module| format!("{module}_temp_path {place}/{module};"))
        .collect();
    let template = fs::read_to_string(program("nginx.conf")).expect("the template");
    let template = template.replace("{place}", &place).replace("{temporary_folders}", &folders.join("\n    "));
    for _ in 0..5 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on 127.0.0.1");
        let port = listener.local_addr().expect("it has an address").port();
        drop(listener);
        let settings = site.write("nginx.conf", template.replace("{port}", &port.to_string()));
        let mut serve = command(nginx);
        serve.arg("-p").arg(site.folder()).arg("-e").arg(site.path("error.log")).arg("-c").arg(&settings);
        let mut server = Server::start(&mut serve);
        if server.has_written_its_id(&site.path("nginx.pid")) {
            return (server, port);
        }
    }
    panic!("nginx does not start\n{}", fs::read_to_string(site.path("error.log")).unwrap_or_default());
}

//! Real mutual TLS on loopback: nginx with the server's files, and every visitor with the client's.
//!
//! May not need an administrator: nginx runs as whoever runs the test, on a free port, in a folder of its own.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use fs_err as fs;
use tempfile::TempDir;

use super::bundle::{ADDRESS, Case, DOMAIN_NAME, LOCKED, OTHER_ROOT, Profile, RSA_4096};
use super::process::{Server, run};
use super::scratch;
use super::stranger::{NGINX, command, program};
use super::visitors::{Version, Visit, Visitor, curl, gnutls_cli, java, node_with_pem, node_with_pfx, python};

/// A running nginx. Field order is drop order: first the process ends, then its folder goes.
struct Nginx {
    _server: Server,
    _place: TempDir,
    port: u16,
}

macro_rules! for_both_versions {
    ($($visitor:ident)+) => {
        $(
            mod $visitor {
                #[test]
                fn tls_1_2() {
                    super::judge(super::$visitor, super::Version::Tls12);
                }

                #[test]
                fn tls_1_3() {
                    super::judge(super::$visitor, super::Version::Tls13);
                }
            }
        )+
    };
}

for_both_versions!(curl gnutls_cli java node_with_pem node_with_pfx python);

/// The right client certificate is let in; none, and one of another root that bears the same name, are not.
fn judge(visitor: Visitor, version: Version) {
    for case in [&DOMAIN_NAME, &ADDRESS] {
        let Some(nginx) = Nginx::start(case, version) else { return };
        let visit = Visit { of: case, port: nginx.port, version, with: Some(case) };
        let Some(welcome) = visitor(visit) else { return };
        let protocol = format!("client certificate: SUCCESS CN=QlikClient over TLSv{}", version.number());
        welcome.accepted().says("200").says(&protocol);
        // nginx finishes the handshake and explains itself in its answer, so the visitor itself may be content.
        let nobody = visitor(Visit { with: None, ..visit }).expect("the same visitor as before");
        nobody.says("400").says("No required SSL certificate was sent").never_says("SUCCESS");
        let foreigner = visitor(Visit { with: Some(&OTHER_ROOT), ..visit }).expect("the same visitor as before");
        foreigner.says("400").says("The SSL certificate error").never_says("SUCCESS");
    }
}

/// Files that are locked with a password, and long keys, do in a server what they do on a desk.
#[test]
fn nginx_serves_with_a_locked_key_and_with_a_long_one() {
    for case in [&LOCKED, &RSA_4096] {
        let Some(nginx) = Nginx::start(case, Version::Tls13) else { return };
        let visit = Visit { of: case, port: nginx.port, version: Version::Tls13, with: Some(case) };
        let Some(welcome) = curl(visit) else { return };
        welcome.accepted().says("client certificate: SUCCESS CN=QlikClient");
    }
}

/// The client is the one to refuse: a server of another root, which bears the same name.
#[test]
fn a_server_of_another_root_is_refused() {
    assert_eq!(OTHER_ROOT.profile, Profile::Compatible);
    let Some(nginx) = Nginx::start(&OTHER_ROOT, Version::Tls13) else { return };
    for visitor in [curl, gnutls_cli, java, node_with_pem, python] as [Visitor; 5] {
        let visit = Visit { of: &DOMAIN_NAME, port: nginx.port, version: Version::Tls13, with: Some(&DOMAIN_NAME) };
        let Some(answer) = visitor(visit) else { continue };
        answer.refused().never_says("200 OK").never_says("HTTP 200");
    }
}

impl Nginx {
    /// Starts on a free port; again on another one where somebody was quicker to take it.
    fn start(case: &'static Case, version: Version) -> Option<Self> {
        let nginx = NGINX.find()?;
        let mut complaints = String::new();
        for _ in 0..5 {
            let place = scratch::own();
            let port = free_port();
            let settings = place.path().join("nginx.conf");
            fs::write(&settings, Self::settings(nginx, place.path(), port, case, version)).expect("settings");
            let mut serve = command(nginx);
            serve.arg("-p").arg(place.path()).arg("-e").arg(place.path().join("error.log")).arg("-c").arg(&settings);
            let mut server = Server::start(&mut serve);
            if server.has_written_its_id(&place.path().join("nginx.pid")) {
                return Some(Self { _server: server, _place: place, port });
            }
            complaints = fs::read_to_string(place.path().join("error.log")).unwrap_or_default();
        }
        panic!("nginx does not start with {}\n{complaints}", case.bundle().folder.display());
    }

    fn settings(nginx: &Path, place: &Path, port: u16, case: &'static Case, version: Version) -> String {
        let built = run(command(nginx).arg("-V")).text();
        // Its own folders, where an ordinary user may write, for each module that this nginx was built with.
        let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .filter(|module| !built.contains(&format!("--without-http_{module}_module")))
            .map(|module| format!("{module}_temp_path {}/{module};\n    ", place.display()));
        let template = fs::read_to_string(program("nginx.conf")).expect("the template");
        template
            .replace("{place}", &place.display().to_string())
            .replace("{bundle}", &case.bundle().folder.display().to_string())
            .replace("{password_file}", &case.bundle().password_file.display().to_string())
            .replace("{port}", &port.to_string())
            .replace("{version}", version.number())
            .replace("{temporary_folders}", folders.collect::<String>().trim_end())
    }
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on 127.0.0.1");
    listener.local_addr().expect("it has an address").port()
}

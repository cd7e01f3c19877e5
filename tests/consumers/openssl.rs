//! OpenSSL's command line on one bundle: `s_client`, `s_server`, `verify` and `pkcs12`.
//!
//! May not connect to anything but 127.0.0.1, nor leave a server behind.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::process::{Answer, run};
use super::proofs::{Prepared, Said};
use super::stranger::command;

pub(crate) fn say(openssl: &Path, case: &Prepared) -> Vec<Said> {
    let mut said = Vec::new();
    if case.handshakes {
        said.extend([call(openssl, case), serve(openssl, case)]);
    }
    if case.has_pfx() {
        said.push(pfx(openssl, case));
    }
    if case.has_pem() {
        said.push(load(openssl, case));
    }
    said
}

/// It reads its files before it calls, here a port where nobody listens.
fn load(openssl: &Path, case: &Prepared) -> Said {
    let mut client = command(openssl);
    client.args(["s_client", "-connect", "127.0.0.1:1", "-CAfile"]).arg(case.folder.join("root.pem"));
    client.arg("-cert").arg(case.folder.join("client.pem")).arg("-key").arg(case.folder.join("client_key.pem"));
    let answer = run(client.arg("-pass").arg(format!("pass:{}", case.password)));
    let called = answer.text().contains("connect:errno");
    Said { step: "load".to_owned(), refusal: (!called).then(|| answer.text()) }
}

fn call(openssl: &Path, case: &Prepared) -> Said {
    let chain = case.folder.join("peer").join("server_chain.pem");
    let mut more = vec!["-cipher", "ALL:@SECLEVEL=0"];
    // It refuses an empty file.
    if std::fs::metadata(&chain).is_ok_and(|file| file.len() > 0) {
        more.extend(["-cert_chain", chain.to_str().unwrap()]);
    }
    let server = Server::start(openssl, &case.folder.join("peer"), "server", &more);
    let server = server.expect("a server that minds nothing starts");
    let mut client = command(openssl);
    client.args(["s_client", "-brief", "-verify_return_error", "-connect", &server.address]);
    let check = if case.machine.parse::<std::net::IpAddr>().is_ok() { "-verify_ip" } else { "-verify_hostname" };
    client.args([check, &case.machine, "-CAfile"]).arg(case.folder.join("root.pem"));
    said("call", &run(&mut client))
}

fn serve(openssl: &Path, case: &Prepared) -> Said {
    let peers = case.folder.join("peer");
    let root = case.folder.join("root.pem").display().to_string();
    let refusal =
        match Server::start(openssl, &peers, "sound", &["-Verify", "1", "-verify_return_error", "-CAfile", &root]) {
            Err(text) => Some(text),
            Ok(server) => {
                let mut client = command(openssl);
                client.args(["s_client", "-brief", "-cipher", "ALL:@SECLEVEL=0", "-connect", &server.address]);
                client.arg("-cert").arg(peers.join("client.pem")).arg("-key").arg(peers.join("client_key.pem"));
                run(&mut client);
                Some(server.last_words()).filter(|text| text.contains("verify error"))
            }
        };
    Said { step: "serve".to_owned(), refusal }
}

fn pfx(openssl: &Path, case: &Prepared) -> Said {
    let mut open = command(openssl);
    open.args(["pkcs12", "-noout", "-passin", &format!("pass:{}", case.password), "-in"]);
    said("pfx", &run(open.arg(case.folder.join("client.pfx"))))
}

fn said(step: &str, answer: &Answer) -> Said {
    Said { step: step.to_owned(), refusal: (answer.code != Some(0)).then(|| answer.text()) }
}

/// A server for one visit.
struct Server {
    child: Child,
    address: String,
    stderr: Option<JoinHandle<String>>,
}

impl Server {
    /// Or what it says instead of listening.
    fn start(openssl: &Path, files: &Path, role: &str, more: &[&str]) -> Result<Self, String> {
        let mut server: Command = command(openssl);
        server.args(["s_server", "-accept", "127.0.0.1:0", "-naccept", "1", "-www"]).args(more);
        server.arg("-cert").arg(files.join(format!("{role}.pem")));
        server.arg("-key").arg(files.join(format!("{role}_key.pem")));
        let mut child = server.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let stderr = std::thread::spawn(move || {
            let mut octets = Vec::new();
            drop(stderr.read_to_end(&mut octets));
            String::from_utf8_lossy(&octets).into_owned()
        });
        let mut server = Self { child, address: String::new(), stderr: Some(stderr) };
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        match lines.find_map(|line| Some(line.strip_prefix("ACCEPT ")?.to_owned())) {
            Some(address) => server.address = address,
            None => return Err(server.last_words()),
        }
        // The rest is dropped, so that the server never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(server)
    }

    /// Its visitor is gone, and so will it be.
    fn last_words(mut self) -> String {
        let deadline = Instant::now() + Duration::from_secs(10);
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
        drop(self.child.kill());
        self.stderr.take().and_then(|reader| reader.join().ok()).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

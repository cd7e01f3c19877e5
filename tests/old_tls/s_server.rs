//! `openssl s_server` on a free port of 127.0.0.1, gone when dropped. `tests/hostile_peers.rs` uses it, too.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Far beyond what a loaded machine needs to start a program.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct SServer {
    child: Child,
    /// s_server ends where its standard input does.
    _stdin: ChildStdin,
    pub(crate) port: u16,
}

/// A file of the golden bundle whose keys are RSA and lie open.
pub(crate) fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden/compatible").join(name)
}

impl SServer {
    /// With the golden bundle's server certificate. `None` where there is no openssl 3, which the caller reports.
    pub(crate) fn start(more: &[&str]) -> Option<Self> {
        let version = Command::new("openssl").arg("version").output().ok()?;
        if !["OpenSSL 3", "OpenSSL 4"].iter().any(|mark| String::from_utf8_lossy(&version.stdout).starts_with(mark)) {
            return None;
        }
        let mut command = Command::new("openssl");
        command.args(["s_server", "-accept", "127.0.0.1:0"]);
        command.arg("-cert").arg(golden("server.pem")).arg("-key").arg(golden("server_key.pem")).args(more);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = piped.unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, announced) = mpsc::channel();
        std::thread::spawn(move || {
            // To the end, so that it never waits for somebody to read.
            for line in BufReader::new(stdout).lines() {
                let Ok(line) = line else { break };
                let port = line.strip_prefix("ACCEPT ").and_then(|place| place.rsplit_once(':'));
                if let Some(port) = port.and_then(|(_, port)| port.trim().parse::<u16>().ok()) {
                    _ = sender.send(port);
                }
            }
        });
        let mut server = Self { child, _stdin: stdin, port: 0 };
        server.port = announced.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("s_server does not start: {more:?}"));
        Some(server)
    }
}

impl Drop for SServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

//! Bundles of two sites of one name, made once for all tests, and the servers that show them.

use super::process::{Answer, Server, run};
use super::scratch;
use super::stranger::{self, NODE, OPENSSL};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

pub(crate) fn qcert(arguments: &[&str]) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
    for variable in ["QCERT_HOME", "QCERT_PASSWORD_FILE", "QCERT_PASSPHRASE_FILE"] {
        command.env_remove(variable);
    }
    // Where these tests run, a loaded machine may be slow.
    let slow: &[&str] = if arguments.contains(&"--connect") { &["--timeout", "60"] } else { &[] };
    command.current_dir(folder()).env("QCERT_HOME", "home").args(arguments).args(slow);
    run(&mut command)
}

/// The answer, and its JSON.
pub(crate) fn json(code: i32, arguments: &[&str]) -> Value {
    let answer = qcert(&[arguments, &["--json"]].concat()).ends_with_code(code);
    serde_json::from_slice(&answer.stdout).unwrap_or_else(|error| panic!("no JSON: {error}\n{}", answer.text()))
}

/// With `here/localhost` and `here/other.test` of one site, `again/localhost` of one that has the same name.
pub(crate) fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = scratch::shared("connect");
        for (home, machines) in [("here", &["localhost", "other.test"][..]), ("again", &["localhost"])] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
            let home_folder = folder.join(format!("{home}-home"));
            command.arg("--home").arg(home_folder).args(["export", "--host", "site.test"]);
            for machine in machines {
                command.args(["--machine", machine]);
            }
            run(command.arg("--out").arg(folder.join(home))).accepted();
        }
        folder
    })
}

/// `openssl s_server` with a bundle's server certificate; `None` where there is no OpenSSL.
pub(crate) fn openssl(bundle: &str, more: &[&str]) -> Option<(Server, String)> {
    let mut command = stranger::command(OPENSSL.find()?);
    command.current_dir(folder()).args(["s_server", "-accept", "127.0.0.1:0", "-www", "-no-CApath", "-no-CAstore"]);
    command.args(["-cert", &format!("{bundle}/server.pem"), "-key", &format!("{bundle}/server_key.pem")]);
    let (server, port) = Server::start_announcing(command.args(more).stderr(Stdio::null()));
    Some((server, format!("localhost:{port}")))
}

/// Node, which demands a client certificate of the root.
pub(crate) fn node(bundle: &str) -> Option<(Server, String)> {
    const SERVER: &str = "
        const fs = require('fs');
        const read = name => fs.readFileSync(process.argv[1] + '/' + name);
        const server = require('https').createServer({
            cert: read('server.pem'), key: read('server_key.pem'), ca: read('root.pem'),
            requestCert: true, rejectUnauthorized: true,
        }, (request, answer) => answer.end('{}'));
        server.listen(0, '127.0.0.1', () => console.log(server.address().port));
        process.stdin.on('end', () => process.exit()).resume();";
    let mut command = stranger::command(NODE.find()?);
    let (server, port) = Server::start_announcing(command.current_dir(folder()).args(["-e", SERVER, bundle]));
    Some((server, format!("localhost:{port}")))
}

/// What OpenSSL makes with these arguments of `req -x509`; the key beside it.
pub(crate) fn self_signed(name: &str, arguments: &[&str]) -> Option<()> {
    let mut command = stranger::command(OPENSSL.find()?);
    command.current_dir(folder()).args(["req", "-x509", "-nodes", "-subj", "/CN=localhost", "-days", "30"]);
    std::fs::create_dir(folder().join(name)).expect("a folder can be made");
    let (key, certificate) = (format!("{name}/server_key.pem"), format!("{name}/server.pem"));
    run(command.args(["-keyout", &key, "-out", &certificate]).args(arguments)).accepted();
    Some(())
}

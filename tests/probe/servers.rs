//! The programs that serve: each on 127.0.0.1 and a free port, and gone with its value.
//!
//! May not need an administrator, nor say what must come of a call: the tables do.

use super::process::{Server, run};
use super::raw::{self, Raw, Speaking};
use super::scratch;
use super::site::folder;
use super::stranger::{self, ENIGMA, JAVA, JAVAC, NGINX, NODE, OPENSSL, PYTHON, Stranger, command};
use fs_err as fs;
use serde_json::json;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

static GO: Stranger = Stranger::new("go", "go", &["version"], &["go version"]);

/// What serves, as a table says it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Serves {
    pub(crate) program: Program,
    /// The folder whose `server.pem` is shown …
    pub(crate) shows: &'static str,
    /// … that whose `root.pem` callers are judged by …
    pub(crate) trusts: &'static str,
    /// … and that whose `root.pem` is named to them (nginx, OpenSSL).
    pub(crate) names: &'static str,
    pub(crate) asks: Asks,
    /// The oldest and the newest.
    pub(crate) versions: (&'static str, &'static str),
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Program {
    /// Its locations, and whether it speaks TLS.
    Nginx(&'static str, bool),
    /// `as` of `service.js`, and more of its settings (JSON).
    Node(&'static str, &'static str),
    /// The stand-in for Qlik's engine that enigma.js is tried with.
    Engine,
    Python,
    PythonWithoutTls,
    /// With further options.
    OpenSsl(&'static [&'static str]),
    Java,
    Go,
    Raw(Raw),
    /// Port 1, where nobody listens.
    Nobody,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    Demand,
    Wish,
    Nothing,
}

/// A running server. Field order is drop order: first the process ends, then its folder goes.
#[derive(Debug)]
pub(crate) struct Listening {
    _server: Option<Server>,
    _speaking: Option<Speaking>,
    _place: Option<TempDir>,
    pub(crate) port: u16,
}

impl Serves {
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        folder(self.shows).join(name)
    }

    fn root(&self) -> PathBuf {
        folder(self.trusts).join("root.pem")
    }

    /// `None` where the program is not installed.
    pub(crate) fn start(&self) -> Option<Listening> {
        // What is forged needs it, whoever serves.
        OPENSSL.find()?;
        let announcing = |mut command: Command| {
            let (server, port) = Server::start_announcing(&mut command);
            Listening { _server: Some(server), _speaking: None, _place: None, port }
        };
        let listening = match self.program {
            Program::Nginx(locations, tls) => self.nginx(NGINX.find()?, locations, tls),
            Program::Node(kind, more) => announcing(self.node(NODE.find()?, kind, more)),
            Program::Engine => {
                let mut engine = command(ENIGMA.find()?);
                engine.arg(stranger::program("engine.js")).arg(folder(self.shows));
                announcing(engine)
            }
            Program::Python => {
                let mut serve = command(PYTHON.find()?);
                serve.arg(beside("service.py")).args([self.file("server.pem"), self.file("server_key.pem")]);
                announcing(self.with_manners(serve, ""))
            }
            Program::PythonWithoutTls => {
                let mut serve = command(PYTHON.find()?);
                serve.arg(beside("service.py")).arg("plain").current_dir(folder("node3"));
                announcing(serve)
            }
            Program::OpenSsl(options) => announcing(self.openssl(OPENSSL.find()?, options)),
            Program::Java => {
                let mut serve = command(JAVA.find()?);
                serve.arg("-cp").arg(java_classes()?).arg("Service").arg(self.file("server.pfx"));
                announcing(self.with_manners(serve, ""))
            }
            Program::Go => {
                let mut serve = command(go_program()?);
                serve.args([self.file("server.pem"), self.file("server_key.pem")]);
                announcing(self.with_manners(serve, ""))
            }
            Program::Raw(raw) => {
                let (speaking, port) = raw::speak(raw);
                Listening { _server: None, _speaking: Some(speaking), _place: None, port }
            }
            Program::Nobody => Listening { _server: None, _speaking: None, _place: None, port: 1 },
        };
        Some(listening)
    }

    /// Root, versions and what is asked for, as all `service` programs take them.
    fn with_manners(&self, mut command: Command, version: &str) -> Command {
        let ask = match self.asks {
            Asks::Demand => "demand",
            Asks::Wish => "wish",
            Asks::Nothing => "nothing",
        };
        let (least, most) = self.versions;
        command.arg(self.root()).args([format!("{version}{least}"), format!("{version}{most}"), ask.to_owned()]);
        command
    }

    fn node(&self, node: &Path, kind: &str, more: &str) -> Command {
        let mut settings = json!({
            "as": kind,
            "chain": self.file("server.pem"),
            "key": self.file("server_key.pem"),
            "root": self.root(),
            "min": format!("TLSv{}", self.versions.0),
            "max": format!("TLSv{}", self.versions.1),
            "ask": match self.asks { Asks::Demand => "demand", Asks::Wish => "wish", Asks::Nothing => "nothing" },
        });
        if !more.is_empty() {
            let more: serde_json::Value = serde_json::from_str(more).expect("settings are JSON");
            let more = more.as_object().expect("an object").clone();
            settings.as_object_mut().expect("an object").extend(more);
        }
        let mut serve = command(node);
        serve.arg(beside("service.js")).arg(settings.to_string());
        serve
    }

    fn openssl(&self, openssl: &Path, options: &[&str]) -> Command {
        let mut serve = leashed(openssl);
        serve.args(["s_server", "-accept", "127.0.0.1:0", "-www"]);
        serve.arg("-cert").arg(self.file("server.pem")).arg("-key").arg(self.file("server_key.pem"));
        serve.arg("-CAfile").arg(folder(self.names).join("root.pem")).arg("-verifyCAfile").arg(self.root());
        // Without these it would also look into the machine's own store of roots.
        serve.args(["-no-CApath", "-no-CAstore"]).args(options);
        match self.asks {
            Asks::Demand => drop(serve.args(["-Verify", "1", "-verify_return_error"])),
            Asks::Wish => drop(serve.args(["-verify", "1", "-verify_return_error"])),
            Asks::Nothing => {}
        }
        let (least, most) = self.versions;
        if least.starts_with("1.2") || least.starts_with("1.3") {
            serve.args(["-min_protocol", &format!("TLSv{least}"), "-max_protocol", &format!("TLSv{most}")]);
        }
        serve
    }

    /// Starts on a free port; again on another one where somebody was quicker to take it.
    fn nginx(&self, nginx: &Path, locations: &str, tls: bool) -> Listening {
        let mut complaints = String::new();
        for _ in 0..5 {
            let place = scratch::own();
            let port = free_port();
            let settings = place.path().join("nginx.conf");
            fs::write(&settings, self.settings(nginx, place.path(), port, locations, tls)).expect("settings");
            let mut serve = leashed(nginx);
            serve.arg("-p").arg(place.path()).arg("-e").arg(place.path().join("error.log")).arg("-c").arg(&settings);
            let mut server = Server::start(&mut serve);
            if server.has_written_its_id(&place.path().join("nginx.pid")) {
                return Listening { _server: Some(server), _speaking: None, _place: Some(place), port };
            }
            complaints = fs::read_to_string(place.path().join("error.log")).unwrap_or_default();
        }
        panic!("nginx does not start\n{complaints}");
    }

    fn settings(&self, nginx: &Path, place: &Path, port: u16, locations: &str, tls: bool) -> String {
        let built = run(command(nginx).arg("-V")).text();
        // Its own folders, where an ordinary user may write, for each module that this nginx was built with.
        let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .filter(|module| !built.contains(&format!("--without-http_{module}_module")))
            .map(|module| format!("{module}_temp_path {}/{module};\n    ", place.display()));
        let shown = |path: PathBuf| path.display().to_string();
        let versions = match self.versions {
            (least, most) if least == most => format!("TLSv{least}"),
            _ => "TLSv1.2 TLSv1.3".to_owned(),
        };
        let verify = match self.asks {
            Asks::Demand => "on",
            Asks::Wish => "optional",
            Asks::Nothing => "off",
        };
        let template = fs::read_to_string(beside("nginx.conf")).expect("the template");
        template
            .replace("{temporary_folders}", folders.collect::<String>().trim_end())
            .replace("{locations}", locations)
            .replace("{place}", &place.display().to_string())
            .replace("{port}", &port.to_string())
            .replace("{ssl}", if tls { "ssl" } else { "" })
            .replace("{chain}", &shown(self.file("server.pem")))
            .replace("{key}", &shown(self.file("server_key.pem")))
            .replace("{versions}", &versions)
            .replace("{named}", &shown(folder(self.names).join("root.pem")))
            .replace("{trusted}", &shown(self.root()))
            .replace("{verify}", verify)
    }
}

/// A program that does not mind its standard input, ended by a shell when that closes: should the test be killed, it
/// does not stay. The process is the program itself.
fn leashed(program: &Path) -> Command {
    let mut command = command(Path::new("/bin/sh"));
    command.args(["-c", "exec 3<&0; (cat <&3; kill $$) >/dev/null 2>&1 & exec \"$0\" \"$@\" 3<&-"]).arg(program);
    command
}

/// One of the small programs beside this file.
fn beside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("probe").join(name)
}

fn java_classes() -> Option<&'static Path> {
    static CLASSES: OnceLock<PathBuf> = OnceLock::new();
    let javac = JAVAC.find()?;
    let classes = CLASSES.get_or_init(|| {
        let classes = scratch::shared("probe-java");
        run(command(javac).arg("-d").arg(&classes).arg(beside("Service.java"))).accepted();
        classes
    });
    Some(classes)
}

fn go_program() -> Option<&'static Path> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let go = GO.find()?;
    let built = BUILT.get_or_init(|| {
        let program = scratch::shared("probe-go").join("service");
        let mut build = command(go);
        build.args(["build", "-o"]).arg(&program).arg(beside("service.go"));
        // Shared with the other suite that judges with Go.
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-cache");
        run(build.env("GOCACHE", cache).env("GOFLAGS", "").env("GO111MODULE", "off")).accepted();
        program
    });
    Some(built)
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on 127.0.0.1");
    listener.local_addr().expect("it has an address").port()
}

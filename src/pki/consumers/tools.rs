//! Tools that are given PEM files and call a site: Butler, Butler SOS, ctrl-q, enigma.js, corectl, qsAPI.
//!
//! Each is its runtime, the files and settings it knows, and whether it looks at the server's certificate at all
//! (read in their sources). Whether the site lets the client in is the service's affair.

use super::super::certificate::Certificate;
use super::super::inventory::Key;
use super::super::report::Answer;
use super::fault::Fault;
use super::go::Go;
use super::node::Node;
use super::python::Python;
use super::runtime::{Runtime, chain, file, identity, refuses};
use super::scene::Scene;
use super::services::shown;
use super::slot::{Lock, PfxTrouble, Slot, Trouble, lock};

/// Whether the server's certificate is verified.
enum Verification {
    /// With how it could be switched off.
    On(&'static str),
    /// Off in its template, by this setting.
    Off(&'static str),
    Never,
}

struct Tool<'a> {
    runtime: &'a dyn Runtime,
    takes: &'static str,
    /// Where a password of the key goes.
    passphrase: Option<&'static str>,
    verification: Verification,
}

pub(super) fn butler(scene: &Scene<'_>) -> Answer {
    let takes = "`clientCert`, `clientCertKey` and `clientCertCA`: `client.pem`, `client_key.pem` and `root.pem`";
    let verification = Verification::Off("rejectUnauthorized: false");
    judge(scene, &Tool { runtime: &Node, takes, passphrase: None, verification })
}

pub(super) fn butler_sos(scene: &Scene<'_>) -> Answer {
    let takes = "`clientCert`, `clientCertKey` and `clientCertCA`: `client.pem`, `client_key.pem` and `root.pem`";
    let verification = Verification::On("serversToMonitor.rejectUnauthorized: false");
    judge(
        scene,
        &Tool { runtime: &Node, takes, passphrase: Some("Butler-SOS.cert.clientCertPassphrase"), verification },
    )
}

pub(super) fn ctrl_q(scene: &Scene<'_>) -> Answer {
    let takes = "`./cert/client.pem`, `./cert/client_key.pem` and `./cert/root.pem` beside the program";
    let verification = Verification::On("--secure false");
    judge(scene, &Tool { runtime: &Node, takes, passphrase: None, verification })
}

pub(super) fn enigma(scene: &Scene<'_>) -> Answer {
    let takes = "`cert`, `key` and `ca` of the web socket: `client.pem`, `client_key.pem` and `root.pem`";
    let verification = Verification::On("rejectUnauthorized: false");
    judge(scene, &Tool { runtime: &Node, takes, passphrase: Some("passphrase"), verification })
}

pub(super) fn corectl(scene: &Scene<'_>) -> Answer {
    let takes = "a folder with `client.pem`, `client_key.pem` and `root.pem` (`--certificates`)";
    let verification = Verification::On("--insecure");
    judge(scene, &Tool { runtime: &Go, takes, passphrase: None, verification })
}

pub(super) fn qs_api(scene: &Scene<'_>) -> Answer {
    let takes = "`client.pem`, and `client_key.pem` beside it";
    judge(scene, &Tool { runtime: &Requests, takes, passphrase: None, verification: Verification::Never })
}

fn judge(scene: &Scene<'_>, tool: &Tool<'_>) -> Answer {
    if !scene.has_pem_client() {
        return Answer::NothingForIt(format!("it takes {}", tool.takes));
    }
    let judged = (|| {
        let root = scene.bundle.certificates(Slot::Root.name()).trouble;
        let gone = matches!(root, Some(Trouble::Missing | Trouble::Unreadable(_)));
        let looks = !matches!(tool.verification, Verification::Never);
        if looks && gone {
            file(tool.runtime, Slot::Root, root.as_ref())?;
        }
        identity(tool.runtime, scene, tool.passphrase.is_some())?;
        let verified = match file(tool.runtime, Slot::Root, root.as_ref()) {
            Ok(()) => chain(tool.runtime, &scene.server_faults),
            refused => refused,
        };
        let note = match (verified, &tool.verification) {
            (Err(Answer::Refuses { error, why, way_out }), Verification::On(switch)) => {
                return Err(refuses(error, why, format!("{way_out}; `{switch}` switches the check off")));
            }
            (Err(Answer::Refuses { error, why, .. }), Verification::Off(setting)) => {
                Some(format!("with `{setting}`, as in its template; checking, it refuses with `{error}`: {why}"))
            }
            (Err(answer), Verification::On(_)) => return Err(answer),
            _ => None,
        };
        shown(&scene.client_faults)?;
        let no_root =
            scene.root.is_none().then(|| "not judged is whether the service takes it: no root is here".to_owned());
        Ok(note.or(no_root))
    })();
    let key = scene.bundle.key(Slot::Key.name()).value.map(lock);
    match (judged, tool.passphrase.filter(|_| key == Some(Lock::Opened))) {
        (Err(answer), _) => answer,
        (Ok(None), None) => Answer::Accepts,
        (Ok(Some(note)), _) => Answer::AcceptsBut(note),
        (Ok(None), Some(setting)) => Answer::AcceptsBut(format!("with the key's password as `{setting}`")),
    }
}

/// Python's `requests` and urllib3, which look at the files themselves first.
struct Requests;

const PYTHON: Python = Python { strict: false };

impl Runtime for Requests {
    fn file(&self, slot: Slot, trouble: &Trouble) -> Option<String> {
        match (slot, trouble) {
            (Slot::Certificate, Trouble::Missing) => {
                Some("Could not find the TLS certificate file, invalid path".to_owned())
            }
            (Slot::Key, Trouble::Missing) => Some("Could not find the TLS key file, invalid path".to_owned()),
            _ => PYTHON.file(slot, trouble),
        }
    }

    fn locked(&self, _: &Key, _: bool) -> String {
        "Client private key is encrypted, password is required".to_owned()
    }

    fn mismatch(&self) -> String {
        PYTHON.mismatch()
    }

    fn own(&self, certificate: &Certificate) -> Option<String> {
        PYTHON.own(certificate)
    }

    fn chain(&self, fault: &Fault<'_>) -> Option<String> {
        PYTHON.chain(fault)
    }

    fn pfx(&self, _: &PfxTrouble) -> Option<String> {
        None
    }
}

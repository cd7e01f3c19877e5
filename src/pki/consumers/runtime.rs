//! `Runtime`: a program's TLS, by what it says. And the way of a caller that is given PEM files, which all share.
//!
//! A runtime returns `None` for what it does not mind.

use super::super::certificate::Certificate;
use super::super::inventory::Key;
use super::super::report::Answer;
use super::fault::{Fault, Kind};
use super::scene::{Scene, unjudged_chain};
use super::slot::{Lock, PfxTrouble, Slot, Trouble, fits, lock, pfx_troubles};

pub(super) trait Runtime {
    /// A file that it is given in this slot.
    fn file(&self, slot: Slot, trouble: &Trouble) -> Option<String>;
    /// An encrypted key for which it has the wrong password, or none.
    fn locked(&self, key: &Key, wrong: bool) -> String;
    /// The key is of another certificate.
    fn mismatch(&self) -> String;
    /// The certificate it is to show, at loading.
    fn own(&self, certificate: &Certificate) -> Option<String>;
    /// The other end's certificate.
    fn chain(&self, fault: &Fault<'_>) -> Option<String>;
    fn pfx(&self, trouble: &PfxTrouble) -> Option<String>;
    /// What it says first when it minds several things: the lowest.
    fn rank(&self, _fault: &Fault<'_>) -> u8 {
        0
    }
}

pub(super) fn refuses(error: impl Into<String>, why: impl Into<String>, way_out: impl Into<String>) -> Answer {
    Answer::Refuses { error: error.into(), why: why.into(), way_out: way_out.into() }
}

/// The first answer that is not "accepts", if any.
pub(super) type Check = Result<(), Answer>;

/// A file in a slot, or what the runtime says of it.
pub(super) fn file(runtime: &dyn Runtime, slot: Slot, trouble: Option<&Trouble>) -> Check {
    let Some(trouble) = trouble else { return Ok(()) };
    match runtime.file(slot, trouble) {
        Some(error) => Err(refuses(error, trouble.why(slot.name()), trouble.way_out(slot.name()))),
        None => Ok(()),
    }
}

/// `client.pem` and `client_key.pem` as the certificate it shows.
pub(super) fn identity(runtime: &dyn Runtime, scene: &Scene<'_>, takes_password: bool) -> Check {
    let certificates = scene.bundle.certificates(Slot::Certificate.name());
    let found = scene.bundle.key(Slot::Key.name());
    file(runtime, Slot::Certificate, certificates.trouble.as_ref())?;
    file(runtime, Slot::Key, found.trouble.as_ref())?;
    let (Some(certificate), Some(key)) = (certificates.value.first(), found.value) else { return Ok(()) };
    if let Some(error) = runtime.own(certificate) {
        let why = format!("`{}` is too weak for it", Slot::Certificate.name());
        return Err(refuses(error, why, "issue `client.pem` again, with SHA-256 and RSA 2048 or more"));
    }
    unlock(runtime, key, takes_password)?;
    if fits(key, certificate) == Some(false) {
        let why = "the key in `client_key.pem` is not the one of `client.pem`";
        return Err(refuses(runtime.mismatch(), why, "take both files from one export"));
    }
    Ok(())
}

fn unlock(runtime: &dyn Runtime, key: &Key, takes_password: bool) -> Check {
    let encrypted = "`client_key.pem` is encrypted";
    match lock(key) {
        Lock::Open => Ok(()),
        Lock::Opened if takes_password => Ok(()),
        Lock::WrongPassword if takes_password => {
            let why = "the password is not the one of `client_key.pem`";
            Err(refuses(runtime.locked(key, true), why, "give the password that it was exported with"))
        }
        Lock::PasswordNeeded if takes_password => {
            Err(Answer::Unjudged(format!("{encrypted}, and its password was not given to qcert")))
        }
        Lock::Opened | Lock::WrongPassword | Lock::PasswordNeeded => {
            let why = format!("{encrypted}, and it is given no password");
            Err(refuses(runtime.locked(key, false), why, "export without a password, or decrypt the key"))
        }
        Lock::Unknown => Err(Answer::Unjudged("qcert cannot open `client_key.pem`".to_owned())),
    }
}

/// The first of these that the runtime minds.
pub(super) fn chain(runtime: &dyn Runtime, faults: &[Fault<'_>]) -> Check {
    let minded = faults.iter().filter_map(|fault| Some((fault, runtime.chain(fault)?)));
    if let Some((fault, error)) = minded.min_by_key(|(fault, _)| runtime.rank(fault)) {
        return Err(refuses(error, fault.why(), fault.way_out()));
    }
    unjudged_chain(faults)
}

/// `client.pfx`, when it is there.
pub(super) fn pfx(runtime: &dyn Runtime, scene: &Scene<'_>) -> Check {
    let name = "client.pfx";
    let troubles = pfx_troubles(scene.bundle, name);
    let said = troubles.iter().find_map(|trouble| Some((trouble, runtime.pfx(trouble)?)));
    if let Some((trouble, error)) = said {
        return Err(refuses(error, trouble.why(name), trouble.way_out(name)));
    }
    let closed = |trouble: &&PfxTrouble| matches!(trouble, PfxTrouble::PasswordNeeded | PfxTrouble::Unsupported(_));
    if let Some(trouble) = troubles.iter().find(closed) {
        return Err(Answer::Unjudged(trouble.why(name)));
    }
    let Some(certificate) = scene.pfx_client else { return Ok(()) };
    match runtime.own(certificate) {
        Some(error) => {
            Err(refuses(error, format!("the certificate in `{name}` is too weak for it"), "export it again"))
        }
        None => Ok(()),
    }
}

/// What a runtime can be given besides PEM files.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inputs {
    pub(super) pfx: bool,
    /// The password of an encrypted PEM key.
    pub(super) password: bool,
}

/// A runtime of which a person knows only that it is used: both ends, PEM first, then the PFX.
pub(super) fn both_ends(runtime: &dyn Runtime, scene: &Scene<'_>, takes: Inputs) -> Answer {
    let (pem, pfx_there) = (scene.has_pem_client(), takes.pfx && scene.bundle.has("client.pfx"));
    if !pem && !pfx_there && (scene.server.is_none() || !scene.bundle.has(Slot::Root.name())) {
        return Answer::NothingForIt("it takes `client.pem`, `client_key.pem` and `root.pem`".to_owned());
    }
    let other_pfx = pem && pfx_there;
    let judged = (|| {
        let roots = scene.bundle.certificates(Slot::Root.name());
        if pem || scene.bundle.has(Slot::Root.name()) || !scene.bundle.has("root.cer") {
            file(runtime, Slot::Root, roots.trouble.as_ref())?;
        }
        if pem {
            identity(runtime, scene, takes.password)?;
        }
        if pfx_there && !pem {
            pfx(runtime, scene)?;
        }
        chain(runtime, &scene.server_faults)?;
        chain(runtime, if pfx_there && !pem { &scene.pfx_faults } else { &scene.client_faults })
    })();
    if let Err(answer) = judged {
        return answer;
    }
    if scene.root.is_none() {
        return Answer::Unjudged("no root could be read".to_owned());
    }
    let unread = ["server.pem", "server.pfx"].into_iter().find(|name| scene.bundle.has(name) && scene.server.is_none());
    if let Some(file) = unread {
        return Answer::AcceptsBut(format!("not judged is `{file}`, which holds no certificate that can be read"));
    }
    if !scene.bundle.has(Slot::Root.name()) {
        return Answer::AcceptsBut("`root.cer` must be written as PEM for it".to_owned());
    }
    match if other_pfx { pfx(runtime, scene) } else { Ok(()) } {
        Err(Answer::Refuses { error, why, .. }) => {
            Answer::AcceptsBut(format!("the PEM files; `client.pfx` it refuses with `{error}`: {why}"))
        }
        Err(Answer::Unjudged(why)) => Answer::AcceptsBut(format!("the PEM files; not judged is `client.pfx`: {why}")),
        _ => Answer::Accepts,
    }
}

/// Whether it is a matter of the name only.
pub(super) fn is_about_name(fault: &Fault<'_>) -> bool {
    matches!(fault.kind, Kind::CommonNameOnly | Kind::OtherName)
}

//! What takes a PFX on Windows: .NET programs with Qlik's SDK, Qlik-Cli-Windows, NPrinting, Qalyptus.
//!
//! None of them runs here: texts are Windows' and the programs' as documented and seen.

use super::super::inventory::{PfxPassword, PfxState};
use super::super::report::Answer;
use super::runtime::{Check, refuses};
use super::scene::{Scene, unjudged_chain};
use super::services::{FORBIDDEN, shown, windows_minds};
use super::slot::{PfxTrouble, pfx_troubles};

const PFX: &str = "client.pfx";
const WRONG_PASSWORD: &str = "The specified network password is not correct";

/// What differs between these programs.
struct Taker {
    /// What it says to a server certificate that Windows refuses.
    distrust: &'static str,
    /// What happens without a usable client certificate.
    without: &'static str,
    password: bool,
}

pub(super) fn dot_net(scene: &Scene<'_>) -> Answer {
    let distrust = "The remote certificate is invalid according to the validation procedure";
    let answer = judge(scene, &Taker { distrust, without: FORBIDDEN, password: true });
    let named = |pfx: &super::super::inventory::PfxContent| {
        pfx.entries.iter().any(|entry| entry.attributes.friendly_name.as_deref() == Some("QlikClient"))
    };
    let open = scene.bundle.pfx(PFX).filter(|pfx| matches!(pfx.state, PfxState::Open(_)));
    if open.is_none_or(named) {
        return answer;
    }
    let note = "`LoadCertificateFromStore` of Qlik's SDK does not find it (`CertificatesNotLoadedException`): its \
                friendly name is not `QlikClient`";
    match answer {
        Answer::Accepts => Answer::AcceptsBut(note.to_owned()),
        Answer::AcceptsBut(before) => Answer::AcceptsBut(format!("{before}; {note}")),
        other => other,
    }
}

pub(super) fn qlik_cli(scene: &Scene<'_>) -> Answer {
    let distrust = "Could not establish trust relationship for the SSL/TLS secure channel";
    let named = |certificate: &&super::super::certificate::Certificate| certificate.common_name() != Some("QlikClient");
    if scene.pfx_client.as_ref().is_some_and(named) {
        let why = "it looks for the subject `CN=QlikClient`, finds none, and falls back to Windows authentication";
        return refuses("401 Unauthorized", why, "export `client.pfx` from Qlik, or with the subject `QlikClient`");
    }
    judge(scene, &Taker { distrust, without: "401 Unauthorized", password: true })
}

pub(super) fn nprinting(scene: &Scene<'_>) -> Answer {
    let distrust = "The remote certificate is invalid according to the validation procedure";
    judge(scene, &Taker { distrust, without: FORBIDDEN, password: false })
}

pub(super) fn qalyptus(scene: &Scene<'_>) -> Answer {
    let distrust = "The remote certificate is invalid according to the validation procedure";
    judge(scene, &Taker { distrust, without: FORBIDDEN, password: true })
}

fn judge(scene: &Scene<'_>, taker: &Taker) -> Answer {
    let Some(file) = scene.bundle.file(PFX) else {
        return Answer::NothingForIt(format!("it takes `{PFX}`, exported in Windows format"));
    };
    let judged = (|| {
        if !taker.password {
            without_password(scene)?;
        }
        let mut notes = container(scene, taker)?;
        if let Some(fault) = scene.server_faults.iter().find(|fault| windows_minds(fault)) {
            let why = format!("as far as known: {}", fault.why());
            return Err(refuses(taker.distrust, why, fault.way_out()));
        }
        unjudged_chain(&scene.server_faults)?;
        shown(&scene.pfx_faults)?;
        if scene.root.is_none() {
            notes.push("not judged is whether Windows and the service trust it: no root is here to be read".to_owned());
        }
        Ok(notes)
    })();
    match judged {
        Err(answer) => answer,
        Ok(notes) if notes.is_empty() => Answer::Accepts,
        Ok(notes) => Answer::AcceptsBut(notes.join("; ").replace(PFX, &file.name)),
    }
}

fn without_password(scene: &Scene<'_>) -> Check {
    let wants = |state: &PfxState| {
        matches!(state, PfxState::Open(PfxPassword::Given) | PfxState::PasswordNeeded | PfxState::WrongPassword)
    };
    match scene.bundle.pfx(PFX) {
        Some(pfx) if wants(&pfx.state) => {
            let why = format!("`{PFX}` has a password, and it knows of none (its message is as far as known)");
            Err(refuses(WRONG_PASSWORD, why, "export again without a password"))
        }
        _ => Ok(()),
    }
}

/// What Windows says of the PFX, or what is to be known about it.
fn container(scene: &Scene<'_>, taker: &Taker) -> Result<Vec<String>, Answer> {
    let mut notes = Vec::new();
    for trouble in pfx_troubles(scene.bundle, PFX) {
        let refused = |error: &str| Err(refuses(error, trouble.why(PFX), trouble.way_out(PFX)));
        match &trouble {
            PfxTrouble::WrongPassword => return refused(WRONG_PASSWORD),
            PfxTrouble::Unreadable(_) => return refused("Access to the path"),
            PfxTrouble::Empty | PfxTrouble::NotPfx | PfxTrouble::Damaged => {
                return refused("Cannot find the requested object");
            }
            PfxTrouble::WithoutKey | PfxTrouble::WithoutCertificate | PfxTrouble::OtherKey => {
                return refused(taker.without);
            }
            PfxTrouble::PasswordNeeded | PfxTrouble::Unsupported(_) => {
                return Err(Answer::Unjudged(trouble.why(PFX)));
            }
            PfxTrouble::Modern => notes.push(format!(
                "not on Windows Server 2016 and older, which say `{WRONG_PASSWORD}`: {}",
                trouble.why(PFX)
            )),
            PfxTrouble::WithoutMac => {
                notes.push(format!("whether Windows takes it is not known: {}", trouble.why(PFX)));
            }
            PfxTrouble::Rc2 => {}
        }
    }
    Ok(notes)
}

//! The bundle that a caller has in hand: its certificate with the key, its root, and what is wrong with them.

use super::super::parallel;
use super::super::reading::read_folder_with_keys;
use super::no_folder;
use crate::host::files;
use crate::host::tls::{Identity, IdentityError};
use crate::pki::certificate::Certificate;
use crate::pki::examine::{self, Beside, Subject};
use crate::pki::finding::{Finding, Severity};
use crate::pki::inventory::{FileContent, Key, KeyState, PfxContent, PfxState};
use crate::pki::overview::{Slot, SlotKind, pfx_of};
use crate::pki::profile::Role;
use crate::pki::report::Report;
use crate::pki::rules::Given;
use crate::pki::secret::{Password, Secret};
use std::path::Path;
use time::OffsetDateTime;

#[derive(Debug)]
pub(super) struct Bundle {
    /// As `validate` makes it of the folder; `files` are taken out of it for the judgement of what is served.
    pub(super) report: Report,
    pub(super) own: Result<Own, Unusable>,
}

/// What is shown to a service.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) identity: Identity,
    /// The leaf first.
    pub(super) chain: Vec<Certificate>,
    /// `client.pem` or `client.pfx`.
    pub(super) file: &'static str,
}

/// Why there is nothing to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unusable {
    pub(super) what: String,
    pub(super) hint: String,
}

fn unusable<T>(what: impl Into<String>, hint: impl Into<String>) -> Result<T, Unusable> {
    Err(Unusable { what: what.into(), hint: hint.into() })
}

impl Bundle {
    pub(super) fn read(folder: &Path, passwords: &[Password], at: OffsetDateTime) -> anyhow::Result<Self> {
        if !files::is_folder(folder) {
            return Err(no_folder(folder));
        }
        let files = read_folder_with_keys(folder, passwords);
        let full = files::full_path(folder);
        let given = Given { folder: full.file_name().map(|name| name.to_string_lossy().into_owned()), ..given(at) };
        let own = own(&files);
        let subject = Subject { name: folder.display().to_string(), files };
        let report = examine::report(subject, &Beside::default(), &given, &parallel::one_by_one);
        Ok(Self { report, own })
    }

    pub(super) fn identity(&self) -> Option<&Identity> {
        self.own.as_ref().ok().map(|own| &own.identity)
    }

    /// What a caller with this bundle suffers from: errors of the root and of the client, and what could not be judged.
    pub(super) fn findings(&self) -> impl Iterator<Item = &Finding> {
        let of_caller = |path: &String| {
            let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
            Slot::of(name).is_some_and(|slot| slot.role != Role::Server)
        };
        let weighs = |finding: &&Finding| finding.severity >= Severity::Unjudged;
        self.report
            .findings
            .iter()
            .filter(weighs)
            .filter(move |finding| finding.files.is_empty() || finding.files.iter().any(of_caller))
    }

    pub(super) fn is_faulty(&self) -> bool {
        self.findings().any(|finding| finding.severity == Severity::Error)
    }
}

/// What is asked of files when nothing else is said.
pub(super) fn given(at: OffsetDateTime) -> Given {
    Given {
        at,
        machine: None,
        name: None,
        purpose: None,
        warn_days: 30,
        folder: None,
        with_root: false,
        roots_elsewhere: Vec::new(),
        server: None,
    }
}

/// The PEM pair where there is one, else the PFX; or why neither will do.
fn own(files: &[FileContent]) -> Result<Own, Unusable> {
    let slot = |kind| {
        let wanted = Slot { role: Role::Client, kind };
        files.iter().find(|file| Slot::of(&file.name) == Some(wanted))
    };
    let (certificate, key) = (slot(SlotKind::Certificate), slot(SlotKind::Key));
    let pfx = slot(SlotKind::Pfx);
    let pem = match (certificate, key) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some(of_pem(certificate, key)),
        (Some(_), None) => Some(unusable(
            "`client_key.pem`, the key of `client.pem`, is not there",
            "copy it from the same export: without its key a certificate is of no use",
        )),
        (None, Some(_)) => Some(unusable(
            "`client.pem`, the certificate of `client_key.pem`, is not there",
            "copy it from the same export",
        )),
    };
    match (pem, pfx) {
        (Some(Ok(own)), _) => Ok(own),
        (Some(Err(why)), Some(pfx)) => of_pfx(pfx).or(Err(why)),
        (Some(Err(why)), None) => Err(why),
        (None, Some(pfx)) => of_pfx(pfx),
        (None, None) => unusable(
            "there is neither `client.pem` with `client_key.pem` nor `client.pfx`",
            "give the folder of a bundle; `qcert inspect DIR` shows what is in it",
        ),
    }
}

fn of_pem(certificate: &FileContent, key: &FileContent) -> Result<Own, Unusable> {
    let chain: Vec<Certificate> = certificate.certificates().cloned().collect();
    if chain.is_empty() {
        return unusable("no certificate can be read from `client.pem`", "export the bundle again");
    }
    let Some(key) = key.keys().next() else {
        return unusable("no key can be read from `client_key.pem`", "export the bundle again");
    };
    make(chain, opened(key, "client_key.pem")?, "client.pem", "client_key.pem")
}

fn of_pfx(file: &FileContent) -> Result<Own, Unusable> {
    let Some(pfx) = pfx_of(file) else {
        return unusable("`client.pfx` is no PFX that can be read", "export the bundle again");
    };
    locked(&pfx.state, "client.pfx")?;
    let Some(key) = pfx.entries.iter().flat_map(|entry| entry.object.keys()).next() else {
        return unusable("`client.pfx` holds no private key", "export it again, with its key");
    };
    let secret = opened(key, "client.pfx")?;
    make(chain_of(pfx, key), secret, "client.pfx", "client.pfx")
}

/// The certificate that the key belongs to, and then the others.
fn chain_of(pfx: &PfxContent, key: &Key) -> Vec<Certificate> {
    let mut chain: Vec<Certificate> =
        pfx.entries.iter().flat_map(|entry| entry.object.certificates()).cloned().collect();
    if let KeyState::Open(public) = &key.state {
        chain.sort_by_key(|certificate| certificate.public_key_info() != public.info());
    }
    chain
}

fn locked(state: &PfxState, file: &str) -> Result<(), Unusable> {
    match state {
        PfxState::Open(_) => Ok(()),
        PfxState::PasswordNeeded => needs_password(file),
        PfxState::WrongPassword => wrong_password(file),
        PfxState::Unsupported(what) => {
            unusable(format!("`{file}` is encrypted in a way that qcert cannot open: {what}"), "write it anew")
        }
        PfxState::Damaged(why) => unusable(format!("`{file}` is damaged: {why}"), "export the bundle again"),
    }
}

fn opened<'k>(key: &'k Key, file: &str) -> Result<&'k Secret, Unusable> {
    match &key.state {
        KeyState::Open(_) => {}
        KeyState::PasswordNeeded => return needs_password(file),
        KeyState::WrongPassword => return wrong_password(file),
        KeyState::Unsupported(what) => {
            return unusable(format!("the key in `{file}` cannot be used: {what}"), "export the bundle again");
        }
        KeyState::Damaged(why) => {
            return unusable(format!("the key in `{file}` is damaged: {why}"), "export the bundle again");
        }
    }
    match &key.private {
        Some(secret) => Ok(secret),
        None => unusable(format!("the key in `{file}` cannot be used"), "export the bundle again"),
    }
}

fn needs_password<T>(file: &str) -> Result<T, Unusable> {
    unusable(
        format!("`{file}` is encrypted, and no password was given"),
        "give its password with `--password-file`, `--password-stdin` or `--ask-password`",
    )
}

fn wrong_password<T>(file: &str) -> Result<T, Unusable> {
    unusable(format!("the password is not the one of `{file}`"), "give the password that it was exported with")
}

fn make(chain: Vec<Certificate>, key: &Secret, file: &'static str, key_file: &'static str) -> Result<Own, Unusable> {
    let encoded = chain.iter().map(|certificate| certificate.der().to_vec()).collect::<Vec<_>>();
    if encoded.is_empty() {
        return unusable(format!("`{file}` holds no certificate"), "export the bundle again");
    }
    match Identity::new(encoded, key) {
        Ok(identity) => Ok(Own { identity, chain, file }),
        Err(IdentityError::OtherKey) if file == key_file => {
            unusable(format!("the key in `{file}` is not the one of its certificate"), "export the bundle again")
        }
        Err(IdentityError::OtherKey) => unusable(
            format!("`{key_file}` is not the key of `{file}`"),
            "take certificate and key from the same export",
        ),
        Err(IdentityError::Unusable) => unusable(
            format!("the key in `{key_file}` is of a kind that qcert's TLS does not take"),
            "other programs may take it; Qlik's own are RSA of 2048 bits: export the bundle again",
        ),
    }
}

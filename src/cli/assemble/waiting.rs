//! A folder with keys that wait: its files as they are, the keys opened, and what their requests asked for.

use super::super::error::problem;
use crate::host::{files, stage};
use crate::pki::assembly::Pile;
use crate::pki::bundle::{key_file, pfx_file};
use crate::pki::encryption::Derivations;
use crate::pki::inventory::{FileContent, Form, PfxState, What};
use crate::pki::key::PrivateKey;
use crate::pki::name::{MachineName, Underscore};
use crate::pki::profile::Role;
use crate::pki::request::Request;
use crate::pki::secret::{Password, Secret};
use crate::pki::waiting::{KeyFault, ROLES, open_key, open_pfx_key, open_request, request_file};
use anyhow::Context as _;
use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) struct Folder {
    /// As it was typed.
    given: PathBuf,
    path: PathBuf,
    files: BTreeMap<String, Secret>,
}

/// One role's key, opened, and the names that its request asked for.
#[derive(Debug)]
pub(super) struct WaitingKey {
    pub(super) role: Role,
    pub(super) key: PrivateKey,
    pub(super) asked: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) machine: MachineName,
    pub(super) given: PathBuf,
    /// From the root of the disk, links followed: what is replaced as a whole.
    pub(super) path: PathBuf,
    pub(super) keys: Vec<WaitingKey>,
    /// As they were read.
    pub(super) files: BTreeMap<String, Secret>,
}

impl Waiting {
    /// The requests of the keys, to be kept: the same one may be sent again when its certificate ends.
    pub(super) fn requests(&self) -> impl Iterator<Item = (&'static str, &Secret)> {
        let names = self.keys.iter().map(|one| request_file(one.role));
        names.filter_map(|name| Some((name, self.files.get(name)?)))
    }
}

/// Whether the folder still has what was read.
pub(super) fn is_unchanged(path: &Path, files: &BTreeMap<String, Secret>) -> io::Result<bool> {
    let now = stage::read_folder(path)?;
    let same = |(name, bytes): (&String, &Secret)| files.get(name).is_some_and(|read| read.expose() == bytes.expose());
    Ok(now.len() == files.len() && now.iter().all(same))
}

/// The same folder by two names is one.
pub(super) fn each_once(given: &[PathBuf]) -> Vec<PathBuf> {
    let mut seen = HashSet::new();
    given.iter().filter(|path| seen.insert(files::full_path(path))).cloned().collect()
}

/// What came back for nobody, each in a sentence: what could not be read first.
pub(super) fn strays(
    read: &[FileContent],
    pile: &Pile<'_>,
    folders: &[(PathBuf, anyhow::Result<Waiting>)],
) -> Vec<String> {
    let waiting = || folders.iter().filter_map(|(_, waiting)| waiting.as_ref().ok());
    let keys: Vec<_> = waiting().flat_map(|one| &one.keys).map(|one| one.key.public_key_info()).collect();
    let machines: Vec<_> = waiting().map(|one| &one.machine).collect();
    read.iter().filter_map(unread).chain(pile.strays(&keys, &machines)).collect()
}

/// A certificate may be in it, and nobody knows.
fn unread(file: &FileContent) -> Option<String> {
    let path = &file.path;
    if let Form::Unreadable(why) = &file.form {
        return Some(format!("`{path}` cannot be read: {why}"));
    }
    file.objects.iter().find_map(|object| match &object.what {
        What::Damaged(damage) => Some(format!("`{path}` holds {}, which is damaged: {}", damage.kind, damage.why)),
        What::Pfx(pfx) => match &pfx.state {
            PfxState::Open(_) => None,
            PfxState::PasswordNeeded => Some(format!("`{path}` is a PFX that takes a password")),
            PfxState::WrongPassword => Some(format!("`{path}` is a PFX that does not open with this password")),
            PfxState::Unsupported(why) | PfxState::Damaged(why) => {
                Some(format!("`{path}` is a PFX that cannot be read: {why}"))
            }
        },
        _ => None,
    })
}

impl Folder {
    pub(super) fn read(given: PathBuf) -> anyhow::Result<Self> {
        if !files::is_folder(&given) {
            let what = if files::exists(&given) { "is not a folder" } else { "is not there" };
            return Err(problem(
                format!("`{}` {what}", given.display()),
                "name a folder that `qcert export --csr-only` made; the CA's files go with `--from`",
            ));
        }
        let path = files::full_path(&given);
        if files::full_path(Path::new(".")).starts_with(&path) {
            return Err(problem(
                format!("`{}` is the folder that qcert runs in, and is to be replaced as a whole", given.display()),
                "go to the folder above it and name it from there",
            ));
        }
        let files = stage::read_folder(&path).with_context(|| format!("cannot read `{}`", given.display()))?;
        Ok(Self { given, path, files })
    }

    /// Whether a key in it takes a password.
    pub(super) fn is_locked(&self) -> bool {
        let takes_one = |role| matches!(self.key(role, None), Some((_, Err(KeyFault::PasswordNeeded))));
        ROLES.into_iter().any(takes_one)
    }

    /// A role's key and the file it lies in: the PFX where the bundle was made without PEM files.
    fn key(&self, role: Role, password: Option<&Password>) -> Option<(&'static str, Result<PrivateKey, KeyFault>)> {
        let derivations = Derivations::default();
        let in_pem = key_file(role);
        if let Some(bytes) = self.files.get(in_pem) {
            return Some((in_pem, open_key(bytes, password, &derivations)));
        }
        let in_pfx = pfx_file(role);
        Some((in_pfx, open_pfx_key(self.files.get(in_pfx)?, password, &derivations)))
    }

    pub(super) fn open(self, password: Option<&Password>) -> anyhow::Result<Waiting> {
        let mut keys = Vec::new();
        let mut named = None;
        for role in ROLES {
            let request_name = request_file(role);
            let Some((key_name, key)) = self.key(role, password) else { continue };
            let key = key.map_err(|fault| unusable(&self.given, key_name, &fault))?;
            let mut asked = Vec::new();
            if let Some(bytes) = self.files.get(request_name) {
                let request = checked(&self.given, request_name, key_name, bytes, &key)?;
                if role == Role::Server {
                    named = request.name.common_name().map(str::to_owned);
                    asked = request.dns_names;
                }
            }
            keys.push(WaitingKey { role, key, asked });
        }
        let Self { given, path, files } = self;
        if keys.is_empty() {
            return Err(problem(
                format!(
                    "no key waits in `{}`: neither `server_key.pem` nor `client_key.pem` is there",
                    given.display()
                ),
                "name a folder that `qcert export --csr-only` made",
            ));
        }
        // Without the server's request the folder's name is all there is.
        let named = named.or_else(|| path.file_name().map(|name| name.to_string_lossy().into_owned()));
        let machine = MachineName::parse(named.as_deref().unwrap_or_default(), Underscore::Allowed)
            .with_context(|| format!("cannot tell whose keys wait in `{}`", given.display()))?;
        Ok(Waiting { machine, given, path, keys, files })
    }
}

/// A request that is not its key's says that files of two exports were mixed.
fn checked(given: &Path, name: &str, key_name: &str, bytes: &Secret, key: &PrivateKey) -> anyhow::Result<Request> {
    let place = given.display();
    let request = open_request(bytes).map_err(|why| {
        problem(
            format!("`{name}` in `{place}` cannot be used: {why}"),
            "move it out of the folder, or put it back whole",
        )
    })?;
    if request.public_key.info() != key.public_key_info() {
        return Err(problem(
            format!("`{name}` in `{place}` is not the request of `{key_name}`: files of two exports were mixed"),
            "put the files of one export back together: a certificate for this request does not fit this key",
        ));
    }
    Ok(request)
}

fn unusable(given: &Path, name: &str, fault: &KeyFault) -> anyhow::Error {
    let hint = match fault {
        KeyFault::PasswordNeeded => "give the password of the export with `--password-file FILE`",
        KeyFault::WrongPassword => "give the password that `qcert export --csr-only` was given",
        KeyFault::Key(error) => error.hint(),
        _ => "put the file back as `qcert export --csr-only` made it: without the key the certificate is worth nothing",
    };
    problem(format!("`{name}` in `{}` cannot be used: {fault}", given.display()), hint)
}

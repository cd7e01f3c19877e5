//! Where lists are put: which files, what lies there, and putting a new one in its place.

use super::super::error::problem;
use crate::host::files;
use crate::pki::certificate::Certificate;
use crate::pki::der::tag;
use crate::pki::pem;
use crate::pki::revocation_list::RevocationList;
use anyhow::Context as _;
use std::path::{Path, PathBuf};

const DER_FILE: &str = "root.crl";
const PEM_FILE: &str = "root_crl.pem";
const LABEL: &str = "X509 CRL";

/// The files of one list.
#[derive(Debug)]
pub(super) struct Targets {
    folder: PathBuf,
    files: Vec<(PathBuf, Form)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Der,
    Pem,
}

impl Targets {
    /// A path with the ending of a list is one file, any other a folder.
    pub(super) fn new(out: &Path) -> anyhow::Result<Self> {
        let ending = out.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        let form = match ending.as_deref() {
            _ if files::is_folder(out) => None,
            Some("crl" | "der") => Some(Form::Der),
            Some("pem") => Some(Form::Pem),
            _ => None,
        };
        if form.is_none() && files::exists(out) && !files::is_folder(out) {
            return Err(problem(
                format!("`{}` is neither a folder nor a file that ends in .crl or .pem", out.display()),
                "give a folder, or a file with such an ending",
            ));
        }
        let here = out == Path::new(".");
        let within = |name: &str| if here { PathBuf::from(name) } else { out.join(name) };
        Ok(if let Some(form) = form {
            Self { folder: files::folder_of(out).to_owned(), files: vec![(out.to_owned(), form)] }
        } else {
            let files = vec![(within(DER_FILE), Form::Der), (within(PEM_FILE), Form::Pem)];
            Self { folder: out.to_owned(), files }
        })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|(path, _)| path.as_path())
    }

    /// The list with the highest number that lies there. Whatever else lies there is an error.
    pub(super) fn newest(&self, root: &Certificate) -> anyhow::Result<Option<RevocationList>> {
        let mut newest: Option<RevocationList> = None;
        for (path, _) in &self.files {
            let Some(list) = list_at(path, root)? else { continue };
            if newest.as_ref().is_none_or(|known| known.number_as_u64() < list.number_as_u64()) {
                newest = Some(list);
            }
        }
        Ok(newest)
    }

    /// Puts the list in its place, each file in one step. Where another run put a later one, that stays.
    pub(super) fn put(&self, list: &RevocationList, root: &Certificate) -> anyhow::Result<()> {
        for (path, form) in &self.files {
            let there = list_at(path, root)?;
            if there.as_ref().is_some_and(|there| there.number_as_u64() > list.number_as_u64()) {
                tracing::warn!("another run put a later list at `{}`, which stays", path.display());
                continue;
            }
            let bytes = match form {
                Form::Der => list.der.clone(),
                Form::Pem => pem::encode(LABEL, &list.der).expose().to_vec(),
            };
            files::put(&files::full_path(path), &bytes, there.is_some())
                .with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        Ok(())
    }
}

/// The list of this root that lies there, if there is anything.
pub(super) fn list_at(path: &Path, root: &Certificate) -> anyhow::Result<Option<RevocationList>> {
    if !files::exists(path) {
        return Ok(None);
    }
    if !files::is_file(path) {
        return Err(problem(format!("`{}` is not a file", path.display()), super::MOVE));
    }
    let bytes = files::read_file(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let foreign = |what: &str| problem(format!("`{}` is {what}", path.display()), super::MOVE);
    let blocks = pem::decode(bytes.expose()).unwrap_or_default();
    let der = match &blocks[..] {
        _ if bytes.expose().first() == Some(&tag::SEQUENCE) => bytes.expose(),
        [block] if block.label == LABEL => block.der.expose(),
        _ => return Err(foreign("not one revocation list, and is not replaced")),
    };
    match RevocationList::parse(der) {
        Ok(list) if list.is_of(root) => Ok(Some(list)),
        Ok(_) => Err(foreign("a revocation list of another root, and is not replaced")),
        Err(_) => Err(foreign("not one revocation list, and is not replaced")),
    }
}

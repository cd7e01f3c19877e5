//! `Manifest`: what a backup says of itself: which root, when, and each file with its size and SHA-256. JSON.
//!
//! It comes first in the archive, so that a backup of a newer qcert is known as such before anything else is read.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Raised when a backup of this qcert would be misunderstood by an older one.
const FORMAT: u64 = 1;
/// What `format` counts.
const KIND: &str = "qcert backup";

pub const NAME: &str = "manifest.json";
pub const ROOT: &str = "root.pem";
pub const KEY: &str = "root_key.pem";
pub const LEDGER: &str = "ledger.sqlite";
pub const PREVIOUS: &str = "previous";

/// Octets: certificates and keys have a few thousand.
const FILE_LIMIT: u64 = 1 << 20;
/// SQLite holds no more in memory unless it is told (SQLITE_CONFIG_MEMDB_MAXSIZE): some 600,000 certificates.
pub const LEDGER_LIMIT: u64 = 1 << 30;
/// A root lasts for years.
const FILES_LIMIT: usize = 1 << 12;
/// Octets: more than so many files need.
pub const LIMIT: u64 = 1 << 20;

/// Fields are only ever added, each with a default: backups outlive versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    kind: String,
    format: u64,
    pub made_at: String,
    pub made_by: String,
    pub root: Root,
    /// Rows in the ledger.
    pub certificates: u64,
    /// In the order in which they follow.
    pub files: Vec<File>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    pub subject: String,
    pub sha256: String,
    pub key_encrypted: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub name: String,
    pub size: u64,
    pub sha256: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    #[error("this is no manifest of a backup")]
    None,
    #[error("the format is {0}, and this qcert knows {FORMAT}")]
    Newer(u64),
    #[error("its manifest names `{0}`, which no backup has")]
    Foreign(String),
    #[error("its manifest says that `{0}` has {1} octets, which is more than it can have")]
    Large(String, u64),
    #[error("its manifest does not name `{0}`")]
    Missing(&'static str),
}

#[derive(Deserialize)]
struct Kind {
    kind: String,
    format: u64,
}

impl Manifest {
    pub fn new(made_at: String, root: Root, certificates: u64, files: Vec<File>) -> Self {
        let made_by = concat!("qcert ", env!("CARGO_PKG_VERSION")).to_owned();
        Self { kind: KIND.to_owned(), format: FORMAT, made_at, made_by, root, certificates, files }
    }

    pub fn text(&self) -> Vec<u8> {
        // A structure of plain fields always has a JSON form.
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        text
    }

    /// Takes in nothing but the names and sizes that a backup can have.
    pub fn parse(text: &[u8]) -> Result<Self, ManifestError> {
        let kind: Kind = serde_json::from_slice(text).map_err(|_| ManifestError::None)?;
        if kind.kind != KIND {
            return Err(ManifestError::None);
        }
        if kind.format > FORMAT {
            return Err(ManifestError::Newer(kind.format));
        }
        let manifest: Self = serde_json::from_slice(text).map_err(|_| ManifestError::None)?;
        if manifest.files.len() > FILES_LIMIT {
            return Err(ManifestError::None);
        }
        let mut names = BTreeSet::new();
        for file in &manifest.files {
            if !is_known(&file.name) || !names.insert(&*file.name) {
                return Err(ManifestError::Foreign(file.name.clone()));
            }
            let limit = if file.name == LEDGER { LEDGER_LIMIT } else { FILE_LIMIT };
            if file.size > limit {
                return Err(ManifestError::Large(file.name.clone(), file.size));
            }
        }
        match [ROOT, KEY, LEDGER].into_iter().find(|name| !names.contains(name)) {
            Some(missing) => Err(ManifestError::Missing(missing)),
            None => Ok(manifest),
        }
    }
}

/// The three files of a home, and in `previous/` a folder for each replaced root, by its thumbprint.
fn is_known(name: &str) -> bool {
    match *name.split('/').collect::<Vec<_>>() {
        [name] => [ROOT, KEY, LEDGER].contains(&name),
        [PREVIOUS, folder, name] => is_previous_folder(folder) && is_kept_file(name),
        _ => false,
    }
}

/// A root, its key, and what was kept with them.
fn is_kept_file(name: &str) -> bool {
    let plain = |octet: u8| matches!(octet, b'0'..=b'9' | b'a'..=b'z' | b'_' | b'-');
    name.rsplit_once('.').is_some_and(|(stem, ending)| {
        matches!(ending, "pem" | "cer" | "pfx") && (1..=40).contains(&stem.len()) && stem.bytes().all(plain)
    })
}

/// A name of a folder in `previous/`.
pub fn is_previous_folder(name: &str) -> bool {
    name.len() == 16 && name.bytes().all(|octet| matches!(octet, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> File {
        File { name: name.to_owned(), size: 5, sha256: "0".repeat(64) }
    }

    fn manifest(more: &[&str]) -> Manifest {
        let root = Root { subject: "CN=x-CA".into(), sha256: "0".repeat(64), key_encrypted: true };
        let names = [ROOT, KEY, LEDGER].iter().chain(more);
        Manifest::new("2026-11-22T02:00:00Z".into(), root, 3, names.map(|name| file(name)).collect())
    }

    #[test]
    fn a_manifest_comes_back_as_it_went() {
        let manifest = manifest(&["previous/0123456789abcdef/root.pem", "previous/0123456789abcdef/cross_1.pem"]);
        assert_eq!(Manifest::parse(&manifest.text()), Ok(manifest));
    }

    #[test]
    fn names_of_others_are_refused() {
        for name in [
            "root.pem",
            "../root.pem",
            "/root.pem",
            "lock",
            "previous/root.pem",
            "previous/../root.pem",
            "previous/0123456789ABCDEF/root.pem",
            "previous/0123456789abcdef/../root.pem",
            "previous/0123456789abcdef/x",
            "previous/0123456789abcdef/.pem",
            "previous/0123456789abcdef/..pem",
            "previous/0123456789abcdef/a:b.pem",
            "previous/0123456789abcdef/root.exe",
            "previous\\0123456789abcdef\\root.pem",
            "",
        ] {
            let refused = Manifest::parse(&manifest(&[name]).text());
            assert_eq!(refused, Err(ManifestError::Foreign(name.to_owned())));
        }
    }

    #[test]
    fn what_is_no_manifest_or_a_newer_one_is_told() {
        let newer = br#"{"kind": "qcert backup", "format": 2, "all": "else"}"#;
        assert_eq!(Manifest::parse(newer), Err(ManifestError::Newer(2)));
        for none in [&b""[..], b"{}", br#"{"kind": "other", "format": 1}"#, br#"{"kind": "qcert backup", "format": 1}"#]
        {
            assert_eq!(Manifest::parse(none), Err(ManifestError::None));
        }
        let mut large = manifest(&[]);
        large.files[1].size = FILE_LIMIT + 1;
        assert_eq!(Manifest::parse(&large.text()), Err(ManifestError::Large(KEY.to_owned(), FILE_LIMIT + 1)));
        large.files.remove(1);
        assert_eq!(Manifest::parse(&large.text()), Err(ManifestError::Missing(KEY)));
    }
}

//! The open half of the conformance set, as far as it is files: every PFX read or refused as listed, every wrong
//! password told as such, every hostile file answered in time.
//!
//! The set is read from beside the project and never copied into it. It is data under its makers' licences.
#![expect(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stdout, reason = "a test reads files")]

#[path = "clock/mod.rs"]
mod clock;

use qcert::pki::encryption::Derivations;
use qcert::pki::inventory::{self, FileContent, Form, InFile, KeyState, Object, PfxContent, PfxState, What};
use qcert::pki::secret::{Password, Secret};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;
use zeroize::Zeroizing;

/// Of an unoptimised build.
const LONGEST: Duration = Duration::from_secs(2);

/// The unpacked set; `None` where it is not there and need not be.
fn set() -> Option<&'static Path> {
    static SET: OnceLock<Option<PathBuf>> = OnceLock::new();
    let set = SET.get_or_init(|| {
        let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance/open.tar.xz");
        if !archive.exists() {
            let required = std::env::var("QCERT_STRANGERS").is_ok_and(|value| value == "required");
            assert!(!required, "{} is missing", archive.display());
            println!("SKIPPED: {} is not there", archive.display());
            return None;
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance-files");
        std::fs::create_dir_all(&folder).unwrap();
        let unpacked =
            Command::new("tar").arg("xJf").arg(&archive).arg("-C").arg(&folder).arg("pfx").arg("robust").status();
        assert!(unpacked.unwrap().success());
        Some(folder)
    });
    set.as_deref()
}

fn password(text: &str) -> Vec<Password> {
    Password::new(Zeroizing::new(text.to_owned())).into_iter().collect()
}

fn read(path: &Path, passwords: &[Password]) -> FileContent {
    let bytes = Ok(Secret::new(std::fs::read(path).unwrap()));
    let file = InFile { path: path.display().to_string(), bytes, others_may_read: false, tracked_by_git: false };
    let started = clock::of_this_thread();
    let content = inventory::read(file, passwords, &Derivations::default());
    let took = clock::of_this_thread().saturating_sub(started);
    assert!(took < LONGEST, "{} took {took:?}", path.display());
    content
}

fn pfx(content: &FileContent) -> Result<&PfxContent, String> {
    match content.objects.first().map(|object| &object.what) {
        Some(What::Pfx(pfx)) => Ok(pfx),
        other => Err(format!("{other:?}")),
    }
}

/// Certificates and keys that could be read, when all of it could.
fn counts(content: &FileContent) -> Result<(u64, u64), String> {
    let pfx = pfx(content)?;
    if !matches!(pfx.state, PfxState::Open(_)) {
        return Err(format!("{:?}", pfx.state));
    }
    let is_read = |object: &&Object| match &object.what {
        What::Certificate(_) => true,
        What::Key(key) => matches!(key.state, KeyState::Open(_) | KeyState::Unsupported(_)),
        _ => false,
    };
    let objects: Vec<_> = pfx.entries.iter().map(|entry| &entry.object).collect();
    if let Some(unread) = objects.iter().find(|object| !is_read(object)) {
        return Err(format!("{unread:?}"));
    }
    let keys = objects.iter().filter(|object| matches!(object.what, What::Key(_))).count();
    Ok(((objects.len() - keys) as u64, keys as u64))
}

#[test]
fn every_pfx_is_read_or_refused_as_listed() {
    let Some(set) = set() else { return };
    let list: Value = serde_json::from_slice(&std::fs::read(set.join("pfx/pfx.json")).unwrap()).unwrap();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for row in list.as_array().unwrap() {
        seen += 1;
        let name = row["file"].as_str().unwrap();
        let path = set.join("pfx/files").join(name);
        let found = counts(&read(&path, &password(row["password"].as_str().unwrap_or_default())));
        let expected = (row["certs"].as_u64(), row["keys"].as_u64());
        match (row["expect"].as_str().unwrap(), &found) {
            ("read", Ok((certificates, keys))) if expected == (Some(*certificates), Some(*keys)) => {}
            ("error", Err(_)) | ("error-or-read", _) => {}
            (expect, _) => wrong.push(format!("{name}: {expect} {expected:?}, but {found:?}")),
        }
        if row["expect"] == "read" && !row["facts"]["mac"].is_null() {
            let content = read(&path, &password("definitely-not-it"));
            match pfx(&content) {
                Ok(pfx) if pfx.given_passwords_failed => {}
                other => wrong.push(format!("{name}: a wrong password is not told: {other:?}")),
            }
        }
    }
    assert!(seen > 70 && wrong.is_empty(), "{seen} files\n{}", wrong.join("\n"));
}

#[test]
fn every_hostile_file_is_answered() {
    let Some(set) = set() else { return };
    let list = std::fs::read_to_string(set.join("robust/robust.tsv")).unwrap();
    let passwords = [password("password"), password("secret")].into_iter().flatten().collect::<Vec<_>>();
    let mut seen = 0;
    for line in list.lines().skip(1) {
        let path = set.join("robust").join(line.split('\t').nth(1).unwrap());
        for passwords in [&[][..], &passwords] {
            let content = read(&path, passwords);
            assert!(content.form == Form::Empty || !content.objects.is_empty(), "{} says nothing", path.display());
        }
        seen += 1;
    }
    assert!(seen > 900, "{seen}");
}

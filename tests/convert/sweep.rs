//! Every folder of fixtures/validate into every form: nothing panics, and what comes out holds the same certificates.

use super::world::Desk;
use fs_err as fs;
use qcert::pki::encryption::Derivations;
use qcert::pki::inventory::{self, Form, InFile};
use qcert::pki::secret::{Password, Secret};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// By thumbprint, of all files in a folder. What stores hold is no file to convert: that it is left out is said.
fn certificates(folder: &Path) -> BTreeSet<String> {
    let password = [Password::new(Zeroizing::new(super::world::PASSWORD.to_owned())).unwrap()];
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = fs::read(&path) else { continue };
        let file = InFile {
            path: path.display().to_string(),
            bytes: Ok(Secret::new(bytes)),
            others_may_read: false,
            tracked_by_git: false,
        };
        let read = inventory::read(file, &password, &Derivations::default());
        if matches!(read.form, Form::Snapshot(..)) {
            continue;
        }
        found.extend(read.certificates().map(qcert::pki::certificate::Certificate::sha256));
    }
    found
}

#[test]
fn every_fixture_into_every_form() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/validate");
    let mut folders: Vec<PathBuf> = fs::read_dir(fixtures).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() > 100);
    let share = folders.len().div_ceil(THREADS);
    let mut codes = [0; 3];
    std::thread::scope(|scope| {
        let parts: Vec<_> = folders.chunks(share).map(|part| scope.spawn(|| each_of(part))).collect();
        for part in parts {
            let counted = part.join().unwrap();
            codes.iter_mut().zip(counted).for_each(|(sum, count)| *sum += count);
        }
    });
    assert!(codes.iter().all(|count| *count > 10), "{codes:?}");
}

const THREADS: usize = 4;

/// How many ended with 0, 1 and 2. All forms of all would take minutes: each folder in one, the next in the next.
fn each_of(folders: &[PathBuf]) -> [usize; 3] {
    let desk = Desk::new();
    let mut codes = [0; 3];
    for (folder, form) in folders.iter().zip(["pem", "pfx", "der"].iter().cycle()) {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let out = format!("{name}-{form}");
        let words = format!("{} --to {form} --out {out} --new-password-file password", folder.display());
        let ended = desk.convert(&words);
        let code = ended.status.code().unwrap_or(99);
        assert!((0..3).contains(&code) && !ended.stderr.contains("panicked"), "{name}: {}", ended.stderr);
        codes[usize::try_from(code).unwrap()] += 1;
        assert_eq!(code == 0, desk.path(&out).exists(), "{name}");
        if code == 0 {
            assert_eq!(certificates(folder), certificates(&desk.path(&out)), "{name} as {form}");
        }
    }
    codes
}

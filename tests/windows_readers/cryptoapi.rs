//! CryptoAPI, as Wine has it: each PFX is imported, its key signs, and its chain ends in the root.
//!
//! `cryptoapi.c` looks. Here is only what must be seen, and what Wine is known not to show: passwords beyond ASCII, the
//! certificates of CAs in a PFX, friendly names, and what a PFX says of its key's place (docs/windows.md).

use super::answers::Answers;
use super::scratch;
use super::site::site;
use super::stranger::OPENSSL;
use super::wine::{Windows, path};
use super::written::{Role, Truth, Written, for_each, thumbprint};
use fs_err as fs;
use std::fmt::Write as _;
use std::path::Path;

/// CERT_TRUST_IS_UNTRUSTED_ROOT, CERT_TRUST_IS_PARTIAL_CHAIN; CERT_E_UNTRUSTEDROOT, CERT_E_CN_NO_MATCH.
const UNTRUSTED_ROOT: &str = "0x00000020";
const PARTIAL: &str = "0x00010000";
const UNTRUSTED_BY_POLICY: &str = "0x800b0109";
const OTHER_NAME: &str = "0x800b010f";
const SOUND: &str = "0x00000000";

#[test]
fn every_pfx() {
    let (Some(openssl), Some(windows)) = (OPENSSL.find(), Windows::new()) else { return };
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/windows_readers/cryptoapi.c");
    let Some(program) = windows.compile(&source, &["crypt32", "advapi32"]) else { return };
    let all: Vec<_> = site().iter().filter(|one| one.password.is_ascii()).cloned().collect();
    let folder = scratch::shared("cryptoapi-truth");
    let truths = for_each(&all, |one| one.truth(openssl, &folder));
    let answers = Answers::read(&windows.run_with(&program, &jobs(&all, &folder)).assert_code(0).stdout);
    answers.assert("cryptoapi", "done", "yes");
    let known: Vec<(&Written, Truth)> = all.iter().zip(truths).collect();
    for_each(&known, |(one, truth)| {
        what_is_inside(&answers, openssl, one, truth);
        chain_ends_in_the_root(&answers, openssl, one, truth);
    });
}

fn jobs(all: &[Written], folder: &Path) -> String {
    let mut jobs = String::new();
    for one in all {
        let (id, file, password) = (&one.id, path(&one.file), one.password);
        let keyset = if one.role == Role::Client { "user" } else { "machine" };
        writeln!(jobs, "import\t{id}\t{keyset}\t{file}\t{password}").unwrap();
        writeln!(jobs, "import\t{id} wrong\t{keyset}\t{file}\tnot this one").unwrap();
        if one.role != Role::Root {
            let beside = path(&beside(one, folder).unwrap_or_else(|| one.root.clone()));
            writeln!(jobs, "{}", chain(one, "untrusted", &one.machine, &beside)).unwrap();
        }
    }
    for one in all {
        writeln!(jobs, "trust\ttrust {}\t{}", one.id, path(&one.root)).unwrap();
    }
    for one in all.iter().filter(|one| one.role != Role::Root) {
        let beside = beside(one, folder).map_or_else(|| "-".to_owned(), |file| path(&file));
        writeln!(jobs, "{}", chain(one, "trusted", &one.machine, &beside)).unwrap();
        writeln!(jobs, "{}", chain(one, "other", "other.test", &beside)).unwrap();
    }
    jobs
}

fn chain(one: &Written, suffix: &str, host: &str, beside: &str) -> String {
    let (role, host) = if one.role == Role::Server { ("server", host) } else { ("client", "-") };
    format!("chain\t{} {suffix}\t{role}\t{}\t{}\t{host}\t{beside}", one.id, path(&one.file), one.password)
}

/// The intermediate of another CA, which Wine does not take out of the PFX.
fn beside(one: &Written, folder: &Path) -> Option<std::path::PathBuf> {
    let above = one.above.iter().find(|above| **above != one.root)?;
    let file = folder.join(format!("{}.above.cer", one.id));
    let block = qcert::pki::pem::decode(&fs::read(above).unwrap()).unwrap().pop().unwrap();
    fs::write(&file, block.der.expose()).unwrap();
    Some(file)
}

fn what_is_inside(answers: &Answers, openssl: &Path, one: &Written, truth: &Truth) {
    let id = &one.id;
    answers.assert_no_error(id);
    answers.assert(id, "certificates", "1");
    answers.assert(id, "subject", &one.subject());
    answers.assert(id, "thumbprint", &truth.thumbprint);
    answers.assert(id, "provider", "Microsoft Enhanced Cryptographic Provider v1.0");
    answers.assert(id, "provider type", "1");
    answers.assert(id, "verified", "yes");
    answers.assert(id, "key bits", &one.key_bits.to_string());
    truth.verify(openssl, "sha1", id, &answers.octets(id, "signature"));
    answers.assert_refused(&format!("{id} wrong"), "PFXImportCertStore");
}

fn chain_ends_in_the_root(answers: &Answers, openssl: &Path, one: &Written, truth: &Truth) {
    if one.role == Role::Root {
        return;
    }
    let root = thumbprint(openssl, &one.root);
    let untrusted = format!("{} untrusted", one.id);
    answers.assert_no_error(&untrusted);
    if one.above.is_empty() {
        answers.assert(&untrusted, "trust", UNTRUSTED_ROOT);
        answers.assert(&untrusted, "policy", UNTRUSTED_BY_POLICY);
        answers.assert(&untrusted, "ends in", &root);
    } else {
        answers.assert(&untrusted, "trust", PARTIAL);
    }
    answers.assert_no_error(&format!("trust {}", one.id));
    for (suffix, policy) in [("trusted", SOUND), ("other", if one.role == Role::Server { OTHER_NAME } else { SOUND })] {
        let id = format!("{} {suffix}", one.id);
        answers.assert_no_error(&id);
        answers.assert(&id, "trust", SOUND);
        answers.assert(&id, "ends in", &root);
        answers.assert(&id, "policy", policy);
    }
    assert_ne!(truth.thumbprint, root);
}

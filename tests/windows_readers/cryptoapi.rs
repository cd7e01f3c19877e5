//! CryptoAPI, as Wine has it: each PFX is imported, its key signs, and its chain ends in the root.
//!
//! `cryptoapi.c` looks. Here is only what must be seen, and what Wine is known not to show: passwords beyond ASCII, the
//! certificates of CAs in a PFX, friendly names, and what a PFX says of its key's place (docs/windows.md).

use super::answers::Answers;
use super::site::site;
use super::stranger::OPENSSL;
use super::wine::{Windows, path};
use super::written::{Role, Truth, Written, for_each, thumbprint};
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
    let Some(site) = site() else { return };
    // Wine takes no key with a number that begins with a zero octet, one key in sixty. Windows is not so.
    let full = for_each(site, |(_, truth)| truth.has_full_numbers(openssl));
    let known: Vec<_> = site.iter().zip(full).filter_map(|(known, full)| full.then_some(known)).collect();
    assert!(known.len() * 4 > site.len() * 3, "{} of {} keys have numbers of full length", known.len(), site.len());
    let known: Vec<_> = known.into_iter().filter(|(one, _)| one.password.is_ascii()).collect();
    let answers = Answers::read(&windows.run_with(&program, &jobs(&known)).assert_code(0).stdout);
    answers.assert("cryptoapi", "done", "yes");
    for_each(&known, |(one, truth)| {
        what_is_inside(&answers, openssl, one, truth);
        chain_ends_in_the_root(&answers, openssl, one);
    });
}

fn jobs(known: &[&(Written, Truth)]) -> String {
    let all = || known.iter().map(|(one, _)| one);
    let mut jobs = String::new();
    for one in all() {
        let (id, file) = (&one.id, path(&one.file));
        let keyset = if one.role == Role::Client { "user" } else { "machine" };
        writeln!(jobs, "import\t{id}\t{keyset}\t{file}\t{}", one.password).unwrap();
        writeln!(jobs, "wrong\t{id} wrong\t{file}\tnot this one").unwrap();
        writeln!(jobs, "{}", chain(one, "alone", &one.machine, None)).unwrap();
        writeln!(jobs, "{}", chain(one, "untrusted", &one.machine, Some(&one.root))).unwrap();
    }
    for one in all() {
        writeln!(jobs, "trust\ttrust {}\t{}", one.id, path(&one.root)).unwrap();
    }
    for one in all() {
        writeln!(jobs, "{}", chain(one, "trusted", &one.machine, None)).unwrap();
        writeln!(jobs, "{}", chain(one, "other", "other.test", None)).unwrap();
    }
    jobs
}

fn chain(one: &Written, when: &str, host: &str, beside: Option<&Path>) -> String {
    let (role, host) = if one.role == Role::Server { ("server", host) } else { ("client", "-") };
    let beside = beside.map_or_else(|| "-".to_owned(), path);
    format!("chain\t{}\t{when}\t{role}\t{host}\t{beside}", one.id)
}

fn what_is_inside(answers: &Answers, openssl: &Path, one: &Written, truth: &Truth) {
    let id = &one.id;
    answers.assert_no_error(id);
    // Wine leaves a root out.
    answers.assert(id, "certificates", if one.has_intermediate() { "2" } else { "1" });
    answers.assert(id, "subject", &one.subject());
    answers.assert(id, "thumbprint", &truth.thumbprint);
    // Wine puts every key into this one, whatever the PFX says.
    answers.assert(id, "provider", "Microsoft Enhanced Cryptographic Provider v1.0");
    answers.assert(id, "provider type", "1");
    answers.assert(id, "verified", "yes");
    answers.assert(id, "key bits", &one.key_bits.to_string());
    truth.verify(openssl, "sha1", id, &answers.octets(id, "signature"));
    answers.assert_refused(&format!("{id} wrong"), &["PFXImportCertStore"]);
}

fn chain_ends_in_the_root(answers: &Answers, openssl: &Path, one: &Written) {
    let root = thumbprint(openssl, &one.root);
    let alone = format!("{} alone", one.id);
    answers.assert_no_error(&alone);
    // Of a chain that ends nowhere Wine's policy says nothing: the chain itself has to be asked.
    answers.assert(&alone, "trust", if one.role == Role::Root { UNTRUSTED_ROOT } else { PARTIAL });
    let untrusted = format!("{} untrusted", one.id);
    answers.assert_no_error(&untrusted);
    answers.assert(&untrusted, "trust", UNTRUSTED_ROOT);
    answers.assert(&untrusted, "policy", UNTRUSTED_BY_POLICY);
    answers.assert(&untrusted, "ends in", &root);
    answers.assert_no_error(&format!("trust {}", one.id));
    for (when, policy) in [("trusted", SOUND), ("other", if one.role == Role::Server { OTHER_NAME } else { SOUND })] {
        let id = format!("{} {when}", one.id);
        answers.assert_no_error(&id);
        answers.assert(&id, "trust", SOUND);
        answers.assert(&id, "ends in", &root);
        answers.assert(&id, "policy", policy);
    }
}

//! Archives that somebody who has the passphrase made by hand: names, kinds, sizes and digests that lie.

use super::scene::{PASSPHRASE, open};
use crate::support::Scene;
use crate::support::process::run;
use age::secrecy::SecretString;
use qcert::host::backup::BackupError;
use qcert::pki::archive::{self, Entry};
use qcert::pki::thumbprint;
use serde_json::{Value, json};
use time::OffsetDateTime;

type Files = Vec<(String, Vec<u8>)>;

fn seal(plain: &[u8]) -> Vec<u8> {
    let mut recipient = age::scrypt::Recipient::new(SecretString::from(PASSPHRASE.to_owned()));
    recipient.set_work_factor(2);
    age::encrypt(&recipient, plain).unwrap()
}

/// As `tar` writes it.
fn tar(files: &Files) -> Vec<u8> {
    let mut plain = Vec::new();
    for (name, bytes) in files {
        let entry = Entry { name: name.clone(), size: bytes.len() as u64 };
        plain.extend(archive::header(&entry, OffsetDateTime::UNIX_EPOCH).unwrap());
        plain.extend(bytes);
        plain.resize(plain.len().next_multiple_of(512), 0);
    }
    plain.resize((plain.len() + 1024).next_multiple_of(10_240), 0);
    plain
}

/// The files of a backup, without its manifest.
fn files(scene: &Scene) -> Files {
    let contents = open(&scene.backed_up()).unwrap();
    let mut ledger = contents.ledger;
    let mut files: Files = contents.files.iter().map(|(name, bytes)| (name.clone(), bytes.expose().to_vec())).collect();
    files.push(("ledger.sqlite".into(), ledger.with_bytes(<[u8]>::to_vec).unwrap()));
    files
}

fn manifest(files: &Files, root: &str) -> Value {
    let lines = files
        .iter()
        .map(|(name, bytes)| json!({ "name": name, "size": bytes.len(), "sha256": thumbprint::sha256(bytes) }));
    json!({
        "kind": "qcert backup", "format": 1, "made_at": "2026-11-22T02:00:00Z", "made_by": "a test",
        "root": { "subject": "CN=x", "sha256": root, "key_encrypted": false },
        "certificates": 3, "files": lines.collect::<Vec<_>>(),
    })
}

fn with_manifest(files: &Files, manifest: &Value) -> Vec<u8> {
    let first = ("manifest.json".to_owned(), serde_json::to_vec(manifest).unwrap());
    tar(&std::iter::once(first).chain(files.iter().cloned()).collect())
}

fn said(plain: &[u8]) -> String {
    match open(&seal(plain)) {
        Ok(_) => "sound".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_the_archive_says_is_held_to_what_it_holds() {
    let scene = Scene::with_bundle("one.test");
    let good = files(&scene);
    let root = scene.root().sha256();
    let whole = manifest(&good, &root);
    assert_eq!(said(&with_manifest(&good, &whole)), "sound");

    let changed = |change: &dyn Fn(&mut Value)| {
        let mut manifest = whole.clone();
        change(&mut manifest);
        said(&with_manifest(&good, &manifest))
    };
    assert!(changed(&|manifest| manifest["format"] = json!(2)).contains("newer qcert"));
    assert!(changed(&|manifest| manifest["kind"] = json!("other")).contains("no backup"));
    assert!(changed(&|manifest| manifest["files"][0]["sha256"] = json!("00")).contains("not what its manifest says"));
    assert!(changed(&|manifest| manifest["files"][0]["name"] = json!("../root.pem")).contains("no backup has"));
    assert!(changed(&|manifest| manifest["files"][2]["size"] = json!(1)).contains("octets follow"));
    assert!(changed(&|manifest| manifest["files"][0]["size"] = json!(900_000)).contains("cut off"));
    assert!(changed(&|manifest| manifest["files"][0]["size"] = json!(u64::MAX)).contains("more than it can have"));
    assert!(changed(&|manifest| manifest["files"][2]["size"] = json!(1u64 << 40)).contains("more than it can have"));
    assert!(changed(&|manifest| drop(manifest["files"].as_array_mut().unwrap().pop())).contains("does not name"));

    // A file under another name, a link, and something between the files.
    let mut other = good.clone();
    other[0].0 = "../root.pem".to_owned();
    assert!(said(&with_manifest(&other, &whole)).contains("not where it should be"));
    let mut link = with_manifest(&good, &whole);
    let first = 512 + serde_json::to_vec(&whole).unwrap().len().next_multiple_of(512);
    link[first + 156] = b'2';
    assert!(said(&link).contains("not where it should be"));
    let mut between = with_manifest(&good, &whole);
    *between.last_mut().unwrap() = 1;
    assert!(said(&between).contains("between its files"));

    for none in [&b"hello"[..], &tar(&good), &tar(&vec![("manifest.json".into(), b"{}".to_vec())]), &[0; 10_240]] {
        assert!(said(none).contains("no backup"), "{}", said(none));
    }
    assert!(matches!(open(&seal(&vec![b'x'; 70_000])), Err(BackupError::OtherContent)));
}

#[test]
fn content_that_is_not_sound_is_never_restored() {
    let (scene, other) = (Scene::with_bundle("one.test"), Scene::with_bundle("two.test"));
    let (good, foreign) = (files(&scene), files(&other));
    let with = |at: usize, bytes: Vec<u8>| {
        let mut files = good.clone();
        files[at].1 = bytes;
        files
    };
    let at = |name: &str| good.iter().position(|(known, _)| known == name).unwrap();
    let (root, key, ledger) = (at("root.pem"), at("root_key.pem"), at("ledger.sqlite"));
    for (name, files, words) in [
        ("key", with(key, foreign[key].1.clone()), "not the key"),
        ("root", with(root, foreign[root].1.clone()), "not the key"),
        ("ledger", with(ledger, foreign[ledger].1.clone()), "another root"),
        ("text", with(root, b"text".to_vec()), "no certificate"),
        ("locked", with(key, b"text".to_vec()), "no private key"),
    ] {
        scene.file(name, seal(&with_manifest(&files, &manifest(&files, &scene.root().sha256()))));
        scene.check(name).assert_error(1, &["not sound", words]);
        run(scene.restore(name, "new", &[])).assert_error(1, &["not sound", words]);
        assert!(!scene.path("new").exists());
    }
    let lying = manifest(&good, &other.root().sha256());
    scene.file("lying", seal(&with_manifest(&good, &lying)));
    scene.check("lying").assert_error(1, &["another root"]);
}

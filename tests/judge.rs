//! What the read-back finds: one defect in a sound bundle gives one fault, at its file.
#![expect(clippy::disallowed_methods, reason = "a test reads fixtures")]

#[path = "workshop/mod.rs"]
mod workshop;

use qcert::pki::bundle::{Format, OutFile};
use qcert::pki::encryption::Derivations;
use qcert::pki::judge::{self, Expectation, Fault};
use qcert::pki::name::MachineName;
use qcert::pki::pem;
use qcert::pki::pfx::PfxEncryption;
use qcert::pki::profile::{Profile, Role};
use qcert::pki::secret::{Password, Secret};
use qcert::pki::validity::Validity;
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};
use workshop::{NOW, Workshop, key, name};
use zeroize::Zeroizing;

type Files = BTreeMap<String, Secret>;

const FORMAT: Format = Format { pem: true, pfx: true, plain_pem_keys: false, pfx_encryption: PfxEncryption::Modern };

fn files(out: Vec<OutFile>) -> Files {
    out.into_iter().map(|file| (file.name.to_owned(), file.bytes)).collect()
}

fn sound() -> Files {
    files(Workshop::new(Profile::Compatible).files(PfxEncryption::Modern, None))
}

fn faults_with(files: &Files, password: Option<&Password>, aliases: &[MachineName], now: OffsetDateTime) -> Vec<Fault> {
    let workshop = Workshop::new(Profile::Compatible);
    let expectation = Expectation {
        machine: &workshop.machine,
        aliases,
        alternative_names: true,
        root: workshop.authority.certificate(),
        with_root: true,
        roles: &[Role::Server, Role::Client],
        format: FORMAT,
        password,
        derivations: &Derivations::default(),
        now,
    };
    judge::judge(&expectation, files).1
}

fn faults(files: &Files) -> Vec<Fault> {
    faults_with(files, None, &[name("10.0.0.5")], NOW)
}

fn put(files: &mut Files, name: &str, bytes: &[u8]) {
    files.insert(name.to_owned(), Secret::new(bytes.to_vec()));
}

fn copy(files: &mut Files, from: &Files, name: &str) {
    put(files, name, from[name].expose());
}

#[test]
fn a_sound_bundle_has_no_fault() {
    assert_eq!(faults(&sound()), []);
}

#[test]
fn what_is_missing_is_named() {
    for name in sound().into_keys() {
        let mut files = sound();
        files.remove(&name);
        assert_eq!(faults(&files), [Fault::Missing(name)]);
    }
}

#[test]
fn a_foreign_bundle_is_found_out() {
    let (mut files, mut other) = (sound(), Workshop::new(Profile::Compatible));
    // The same name and another key: names alone would not tell.
    let validity = Validity::qlik(NOW).unwrap();
    let serial =
        qcert::pki::serial::Serial::draw(qcert::pki::serial::SerialKind::Random, &mut workshop::Fixed(9)).unwrap();
    other.authority = qcert::pki::authority::Authority::create(
        &name("qlik1.test"),
        Profile::Compatible,
        key("other"),
        validity,
        serial,
    )
    .unwrap();
    let other = self::files(other.files(PfxEncryption::Modern, None));
    copy(&mut files, &other, "root.cer");
    assert_eq!(faults(&files), [Fault::OtherRoot("root.cer".into())]);
    copy(&mut files, &sound(), "root.cer");
    copy(&mut files, &other, "server.pem");
    assert_eq!(faults(&files), [Fault::NotSigned("server.pem".into()), Fault::OtherCertificate("server.pfx".into())]);
}

#[test]
fn keys_in_the_wrong_place_are_found() {
    let mut files = sound();
    let swapped = files["client_key.pem"].expose().to_vec();
    put(&mut files, "server_key.pem", &swapped);
    assert_eq!(faults(&files), [Fault::Key("server_key.pem".into())]);

    let root_key = pem::encode("RSA PRIVATE KEY", key("root").pkcs1().unwrap());
    put(&mut files, "server_key.pem", root_key.expose());
    assert_eq!(faults(&files), [Fault::RootKey("server_key.pem".into())]);

    let mut files = sound();
    let client = files["client.pfx"].expose().to_vec();
    put(&mut files, "server.pfx", &client);
    assert_eq!(faults(&files), [Fault::OtherCertificate("server.pfx".into())]);
    let client = files["client.pem"].expose().to_vec();
    put(&mut files, "server.pem", &client);
    assert!(faults(&files).contains(&Fault::Role("server.pem".into(), "server")));
}

#[test]
fn damage_is_told_apart() {
    for name in sound().into_keys() {
        for bytes in [&b""[..], b"garbage", b"-----BEGIN CERTIFICATE-----\n", b"\x30\x03\x02\x01\x03"] {
            let mut files = sound();
            put(&mut files, &name, bytes);
            let found = faults(&files);
            assert!(matches!(&found[..], [Fault::Unreadable(file, _), ..] if *file == name), "{name}: {found:?}");
        }
    }
}

#[test]
fn names_and_dates_are_checked() {
    let files = sound();
    let alias = [name("other.test")];
    let found = faults_with(&files, None, &alias, NOW);
    assert_eq!(found, [Fault::Alias { file: "server.pem".into(), name: "other.test".into() }]);
    assert!(found.iter().all(Fault::is_only_incomplete));
    for now in [NOW - Duration::days(8), NOW + Duration::days(3654)] {
        let found = faults_with(&files, None, &[], now);
        assert_eq!(found, [Fault::Dates("server.pem".into()), Fault::Dates("client.pem".into())]);
    }
}

#[test]
fn passwords_are_told_apart_from_damage() {
    let password = |text: &str| Password::new(Zeroizing::new(text.to_owned())).unwrap();
    let workshop = Workshop::new(Profile::Compatible);
    for encryption in [PfxEncryption::Modern, PfxEncryption::Legacy] {
        let right = password("grün ✓");
        let files = self::files(workshop.files(encryption, Some(&right)));
        let aliases = [name("10.0.0.5")];
        assert_eq!(faults_with(&files, Some(&right), &aliases, NOW), []);
        for wrong in [None, Some(&password("gruen"))] {
            let found = faults_with(&files, wrong, &aliases, NOW);
            assert_eq!(found.len(), 4);
            assert!(found.iter().all(|fault| matches!(fault, Fault::Password(_))), "{found:?}");
        }
    }
}

//! A bundle's files hold its certificates and keys, whatever protects them.

use super::{almost, passwords, read};
use crate::workshop::{Fixed, Workshop};
use qcert::pki::bundle::{Format, OutFile, Sealing, friendly_name, key_file, pfx_file};
use qcert::pki::certificate::Certificate;
use qcert::pki::encryption::Derivations;
use qcert::pki::inventory::{FileContent, KeyState, PfxState, What};
use qcert::pki::pfx::PfxEncryption;
use qcert::pki::profile::{KEY_PROVIDER, Profile, Role};
use qcert::pki::secret::Password;

fn files(workshop: &Workshop, format: Format, password: Option<&Password>, known: &Derivations) -> Vec<OutFile> {
    let sealing = Sealing::draw(&[Role::Server, Role::Client], format, password, &mut Fixed(4)).unwrap();
    sealing.derive(known);
    workshop.bundle().files(format, &sealing, known).unwrap()
}

fn private(file: &FileContent) -> &[u8] {
    file.keys().next().and_then(|key| key.private.as_ref()).unwrap_or_else(|| panic!("{file:?}")).expose()
}

/// All files of one bundle, each read by itself.
fn come_back(profile: Profile, encryption: PfxEncryption, password: Option<&Password>, plain_pem_keys: bool) {
    let (workshop, known) = (Workshop::new(profile), Derivations::default());
    let format = Format { pem: true, pfx: true, plain_pem_keys, pfx_encryption: encryption };
    let files = files(&workshop, format, password, &known);
    let bundle = workshop.bundle();
    let read = |name: &str| {
        let file = files.iter().find(|file| file.name == name).unwrap();
        read(name, &file.bytes, password, &known)
    };
    for name in ["root.pem", "root.cer"] {
        let file = read(name);
        assert!(file.certificates().map(Certificate::der).eq([workshop.authority.certificate().der()]));
    }
    for (role, leaf) in &bundle.leaves {
        let (certificate, key) = (leaf.certificate(), leaf.key());
        let file = read(qcert::pki::bundle::certificate_file(*role));
        assert!(file.certificates().map(Certificate::der).eq([certificate.der()]));
        let file = read(key_file(*role));
        assert!(private(&file) == key.pkcs8().expose());
        let is_locked = file.keys().next().unwrap().encryption.is_some();
        assert_eq!(is_locked, password.is_some() && !plain_pem_keys);
        let file = read(pfx_file(*role));
        assert!(file.certificates().map(Certificate::der).eq([certificate.der()]));
        assert!(private(&file) == key.pkcs8().expose());
        let What::Pfx(pfx) = &file.objects[0].what else { panic!("{file:?}") };
        assert!(!pfx.ber && pfx.trailing_bytes == 0 && pfx.mac.as_ref().unwrap().checked && pfx.skipped.is_empty());
        for entry in &pfx.entries {
            assert_eq!(entry.attributes.local_key_id.as_deref(), Some(&[1, 0, 0, 0][..]));
            if let What::Certificate(_) = entry.object.what {
                assert_eq!(entry.attributes.friendly_name.as_deref(), Some(friendly_name(*role, &workshop.machine)));
            } else {
                assert_eq!(entry.attributes.provider.as_deref(), Some(KEY_PROVIDER));
                assert_eq!(entry.attributes.machine_keyset, *role == Role::Server);
            }
        }
    }
}

#[test]
fn bundles_of_every_profile_come_back() {
    let passwords = passwords();
    for (number, profile) in [Profile::Compatible, Profile::Qlik, Profile::Classic].into_iter().enumerate() {
        for encryption in [PfxEncryption::Modern, PfxEncryption::Legacy] {
            come_back(profile, encryption, None, false);
            come_back(profile, encryption, Some(&passwords[number]), number == 1);
        }
    }
}

#[test]
fn bundles_under_every_password_come_back() {
    for password in &passwords() {
        come_back(Profile::Compatible, PfxEncryption::Legacy, Some(password), true);
    }
}

/// Nothing opens with a password that is almost the right one, or with none.
#[test]
fn no_other_password_opens_them() {
    let workshop = Workshop::new(Profile::Compatible);
    let format = Format { pem: false, pfx: true, plain_pem_keys: false, pfx_encryption: PfxEncryption::Legacy };
    for password in &passwords() {
        let known = Derivations::default();
        let file = files(&workshop, format, Some(password), &known).pop().unwrap();
        for (other, expected) in [(Some(almost(password)), PfxState::WrongPassword), (None, PfxState::PasswordNeeded)] {
            let read = read(file.name, &file.bytes, other.as_ref(), &known);
            let What::Pfx(pfx) = &read.objects[0].what else { panic!("{read:?}") };
            assert!(pfx.state == expected && pfx.entries.is_empty(), "{:?}: {:?}", password.expose(), pfx.state);
        }
    }
}

#[test]
fn a_locked_pem_key_says_so_without_its_password() {
    let (workshop, known) = (Workshop::new(Profile::Compatible), Derivations::default());
    let format = Format { pem: true, pfx: false, plain_pem_keys: false, pfx_encryption: PfxEncryption::Modern };
    let password = passwords().swap_remove(4);
    let files = files(&workshop, format, Some(&password), &known);
    let key = files.iter().find(|file| file.name == "client_key.pem").unwrap();
    for (other, expected) in [(Some(almost(&password)), KeyState::WrongPassword), (None, KeyState::PasswordNeeded)] {
        let read = read(key.name, &key.bytes, other.as_ref(), &known);
        let key = read.keys().next().unwrap();
        assert!(key.state == expected && key.private.is_none(), "{:?}", key.state);
    }
}

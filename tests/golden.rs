//! Holds every profile's bundle to its golden files, byte for byte: time, keys, serials and random octets are fixed.
//!
//! A difference is a change of what qcert writes. `QCERT_UPDATE_GOLDEN=1` writes the files anew, to be read in the diff
//! with `openssl x509 -text`.
#![expect(clippy::disallowed_methods, reason = "a test reads fixtures")]

#[path = "workshop/mod.rs"]
mod workshop;

use qcert::pki::bundle::Privacy;
use qcert::pki::pfx::PfxEncryption;
use qcert::pki::profile::{Profile, Role};
use std::fs;
use workshop::{Workshop, fixture};

#[test]
fn bundles_are_what_they_were() {
    let update = std::env::var_os("QCERT_UPDATE_GOLDEN").is_some();
    for profile in [Profile::Compatible, Profile::Qlik, Profile::Classic] {
        let workshop = Workshop::new(profile);
        let folder = fixture("golden").join(profile.word());
        for file in workshop.files(PfxEncryption::Modern, None) {
            let path = folder.join(file.name);
            if update {
                fs::create_dir_all(&folder).unwrap();
                fs::write(&path, file.bytes.expose()).unwrap();
            }
            assert!(fs::read(&path).unwrap() == file.bytes.expose(), "{} differs", path.display());
            assert_eq!(file.privacy == Privacy::Private, file.name.contains("key") || file.name.contains("pfx"));
        }
    }
}

#[test]
fn shapes_are_qliks() {
    for profile in [Profile::Compatible, Profile::Qlik, Profile::Classic] {
        let workshop = Workshop::new(profile);
        let root = workshop.authority.certificate();
        assert_eq!(root.subject_text(), "CN=qlik1.test-CA");
        assert_eq!(root.subject(), root.issuer());
        assert_eq!(root.authority_key_id(), root.subject_key_id());
        assert_eq!(root.may_sign_certificates(), (profile == Profile::Compatible).then_some(true));
        let bundle = workshop.bundle();
        for (role, leaf) in &bundle.leaves {
            let leaf = leaf.certificate();
            assert_eq!(leaf.marker(), Some(*role));
            assert_eq!(leaf.issuer(), root.subject());
            assert_eq!(leaf.authority_key_id(), root.subject_key_id());
            assert_eq!(leaf.subject_key_id(), Some(&leaf.key_id()[..]));
            assert!(leaf.verify_signed_by(root).is_ok());
            assert!(leaf.verify_signed_by(leaf).is_err());
            let server = *role == Role::Server;
            let dns: &[&str] = if server && profile != Profile::Classic { &["Qlik1.test", "10.0.0.5"] } else { &[] };
            assert_eq!(leaf.dns_names().collect::<Vec<_>>(), dns);
            assert_eq!(leaf.ip_addresses().count(), usize::from(server && profile == Profile::Compatible));
            assert_eq!(leaf.common_name(), Some(if server { "Qlik1.test" } else { "QlikClient" }));
        }
    }
}

//! One reader at a time: text, certificates, requests, lists, logs, answers of a peer.

use qcert::host::reading;
use qcert::host::tls::http;
use qcert::pki::certificate::Certificate;
use qcert::pki::encryption::Derivations;
use qcert::pki::inventory::{self, FileContent, InFile};
use qcert::pki::knowledge::{self, scan::Scanner};
use qcert::pki::name::{MachineName, Underscore};
use qcert::pki::pem::{self, Lines, Sections};
use qcert::pki::request::Request;
use qcert::pki::revocation_list::RevocationList;
use qcert::pki::secret::{Password, Secret};
use qcert::pki::snapshot::Snapshot;
use qcert::pki::text;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::sync::LazyLock;
use tempfile::TempDir;

/// As a file of this name.
pub(super) fn file(name: &str, bytes: &[u8], passwords: &[Password]) -> FileContent {
    let bytes = Ok(Secret::new(bytes.to_vec()));
    let file = InFile { path: format!("folder/{name}"), bytes, others_may_read: false, tracked_by_git: false };
    inventory::read(file, passwords, &Derivations::default())
}

pub(super) fn pem(data: &[u8]) {
    let mut before = 0;
    for section in Sections::new(data) {
        assert!(before <= section.place.start && section.place.start < section.place.end, "sections overlap");
        before = section.place.end;
        let lines = Lines::of(section.body);
        if let Ok(der) = pem::decode_base64(&lines.base64) {
            let written = pem::encode("CERTIFICATE", der.expose());
            let read = pem::decode(written.expose()).expect("what was written is read");
            assert!(read.len() == 1 && read[0].der.expose() == der.expose(), "PEM lost something");
        }
    }
    assert!(before <= data.len());
    drop(pem::decode(data));
    drop(pem::decode_base64(data));
    file("root.pem", data, &[]);
}

pub(super) fn certificate(data: &[u8]) {
    let Ok(certificate) = Certificate::parse(data.to_vec()) else { return };
    assert_eq!(certificate.der(), data);
    let mut told = String::new();
    _ = write!(told, "{certificate:?} {} {}", certificate.title(), certificate.subject_text());
    _ = write!(told, "{} {:?} {:?}", certificate.serial_text(), certificate.validity(), certificate.authority());
    _ = write!(told, "{:?} {:?}", certificate.dns_names().count(), certificate.ip_addresses().count());
    _ = write!(told, "{:?} {:?}", certificate.is_well_formed(), certificate.marker());
    // Nobody but its holder makes a certificate that its own key signed, and this one begins as ours.
    drop(certificate.verify_signed_by(&certificate));
    drop(certificate.verify_signed_by(&ROOT));
    let again = Certificate::parse(certificate.der().to_vec()).expect("it was read before");
    assert_eq!(again.sha256(), certificate.sha256());
}

pub(super) static ROOT: LazyLock<Certificate> = LazyLock::new(|| {
    let der = include_bytes!("../../fixtures/golden/compatible/root.cer");
    Certificate::parse(der.to_vec()).expect("our own root is one")
});

pub(super) fn pkcs7(data: &[u8]) {
    file("all.p7b", data, &[]);
}

pub(super) fn request(data: &[u8]) {
    if let Ok(request) = Request::parse(data, true) {
        assert_eq!(request.der, data);
        let named = request.alternative_names().flatten().flatten().count();
        assert!(request.dns_names.len() + request.ip_addresses.len() <= named, "names from nowhere");
        drop(request.fit_key());
    }
    file("server.csr", data, &[]);
}

pub(super) fn revocation_list(data: &[u8]) {
    if let Ok(list) = RevocationList::parse(data) {
        assert_eq!(list.der, data);
        list.number_as_u64();
        list.verification_cost(&ROOT);
        list.is_of(&ROOT);
        for revoked in list.revoked.iter().take(3) {
            assert!(list.revokes(&revoked.serial));
        }
    }
    file("site.crl", data, &[]);
}

pub(super) fn host_name(data: &[u8]) {
    file("Host.cfg", data, &[]);
    file("x", data, &[]);
}

pub(super) fn snapshot(data: &[u8]) {
    if let Ok(snapshot) = Snapshot::parse(data) {
        let again = Snapshot::parse(&snapshot.write()).expect("what was written is read");
        assert!(again == snapshot, "a snapshot was changed by writing it");
    }
    file("stores.json", data, &[]);
}

/// As `--machines-from` reads it.
pub(super) fn machine_list(data: &[u8]) {
    let Ok(text) = text::decode(data) else { return };
    for line in text.lines() {
        for underscore in [Underscore::Refused, Underscore::Allowed] {
            let Ok(name) = MachineName::parse(line.trim(), underscore) else { continue };
            let again = MachineName::parse(name.as_str(), underscore).expect("a name that was accepted");
            assert_eq!((again.as_str(), again.ip(), again.key()), (name.as_str(), name.ip(), name.key()));
            let folder = name.folder();
            assert!(!folder.contains(['/', '\\', ':', '\0']) && folder != "." && folder != "..", "{folder}");
        }
    }
}

/// Where a log is cut into pieces must not matter.
pub(super) fn log(data: &[u8]) {
    static SCANNER: LazyLock<Scanner> = LazyLock::new(|| Scanner::new(knowledge::texts()));
    let scan = |size: usize| {
        let mut scanner = SCANNER.clone();
        data.chunks(size).for_each(|piece| scanner.feed(piece));
        let scan = scanner.finish();
        let found: Vec<_> = scan.found.into_iter().map(|one| (one.text.texts, one.lines, one.first_line)).collect();
        (scan.lines, found)
    };
    let size = usize::from(data.first().copied().unwrap_or_default()) + 1;
    assert_eq!(scan(data.len().max(1)), scan(size), "in pieces of {size}");
}

pub(super) fn http(data: &[u8]) {
    http::is_enough(data);
    if let Ok(answer) = http::read(data) {
        assert!(answer.body.len() <= data.len() && answer.body.len() <= http::MOST);
        answer.header("server");
    }
}

pub(super) fn git_index(data: &[u8]) {
    thread_local! {
        static SCENE: RefCell<Option<TempDir>> = const { RefCell::new(None) };
    }
    SCENE.with_borrow_mut(|scene| {
        let scene = scene.get_or_insert_with(|| {
            let scene = tempfile::tempdir().expect("a folder for the index");
            std::fs::create_dir(scene.path().join(".git")).expect("the folder is ours");
            std::fs::write(scene.path().join("a"), "").expect("the folder is ours");
            std::fs::write(scene.path().join("client_key.pem"), "").expect("the folder is ours");
            scene
        });
        std::fs::write(scene.path().join(".git/index"), data).expect("the folder is ours");
        let places = reading::places(&[scene.path().to_owned()], false);
        assert_eq!(places.len(), 2);
    });
}

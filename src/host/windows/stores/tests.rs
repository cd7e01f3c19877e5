//! What is put into the stores comes back as it went in, with its key, and is taken out again; and what Windows' chain
//! engine says of it. Windows' own functions are the other side; where Wine has them different, that is said.

use super::change::{Writable, named};
use super::container::{Container, Containers};
use super::*;
use crate::host::stores::{Import, Trust, Use};
use crate::pki::pem;
use crate::pki::secret::Password;
use crate::pki::snapshot::KeyKind;
use std::io::ErrorKind;
use std::sync::{Mutex, MutexGuard, PoisonError};
use time::macros::datetime;
use windows_sys::Win32::Foundation::{E_ACCESSDENIED, NTE_BAD_KEYSET, NTE_PERM};
use windows_sys::Win32::Security::Cryptography::{CRYPT_INTEGER_BLOB, CertSetCertificateContextProperty};
use windows_sys::Win32::System::Registry::{HKEY_LOCAL_MACHINE, REG_SZ, RegDeleteTreeW, RegSetKeyValueW};

const PASSWORD: &str = "geheim";
const FRIENDLY: &str = "QlikClient \u{fc}ber alles";
const PROVIDER: &str = "Microsoft Enhanced Cryptographic Provider v1.0";
const MACHINE_ROOT: Place = Place { location: Location::LocalMachine, name: StoreName::Root };
const MACHINE_MY: Place = Place { location: Location::LocalMachine, name: StoreName::My };
const MACHINE_CA: Place = Place { location: Location::LocalMachine, name: StoreName::Ca };
const USER_ROOT: Place = Place { location: Location::CurrentUser, name: StoreName::Root };
const USER_MY: Place = Place { location: Location::CurrentUser, name: StoreName::My };

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// There is one set of stores for all tests. What one leaves behind is taken out before the next.
struct Stores(#[expect(dead_code, reason = "held until the test ends")] MutexGuard<'static, ()>);

impl Stores {
    /// `None` but under Wine, or where `QCERT_TEST_STORES` asks for it: they are the machine's own.
    fn lock() -> Option<Self> {
        if !is_wine() && std::env::var_os("QCERT_TEST_STORES").is_none() {
            return None;
        }
        let stores = Self(ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner));
        Self::clean();
        Some(stores)
    }

    /// Under Wine 8 all imported keys of an account are in one container, which has the account's name, so that an
    /// earlier run's would be in the way.
    fn clean() {
        for of_machine in [false, true] {
            let mut containers = Containers::list(of_machine).unwrap();
            for name in std::mem::take(&mut containers.names).into_iter().filter(|_| is_wine()) {
                containers.delete_new(&Container::named(&String::from_utf8(name).unwrap())).unwrap();
            }
        }
        for place in [MACHINE_ROOT, MACHINE_MY, MACHINE_CA, USER_ROOT, USER_MY] {
            for file in ["root", "client", "server"] {
                let outcome = remove(place, &Fixture::read(file).certificate);
                assert!(outcome.is_ok() || outcome.is_err_and(|error| error.kind() == ErrorKind::NotFound));
            }
        }
    }
}

impl Drop for Stores {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            Self::clean();
        }
    }
}

/// Of fixtures/validate/sound-export-password.
struct Fixture {
    certificate: Vec<u8>,
    /// 3DES and SHA-1, which every Windows reads.
    pfx: &'static [u8],
}

impl Fixture {
    fn read(file: &str) -> Self {
        macro_rules! fixture {
            ($name:literal) => {
                include_bytes!(concat!("../../../../fixtures/validate/sound-export-password/", $name))
            };
        }
        let (certificate, pfx): (&[u8], &[u8]) = match file {
            "root" => return Self { certificate: fixture!("root.cer").to_vec(), pfx: &[] },
            "client" => (fixture!("client.pem"), fixture!("client.pfx")),
            _ => (fixture!("server.pem"), fixture!("server.pfx")),
        };
        let text = String::from_utf8_lossy(certificate);
        let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
        Self { certificate: pem::decode_base64(body.as_bytes()).unwrap().expose().to_vec(), pfx }
    }

    fn import(&self, place: Place, exportable: bool, word: &str) -> io::Result<Vec<Vec<u8>>> {
        self.importing(place, exportable, word, import)
    }

    fn importing<T>(&self, place: Place, exportable: bool, word: &str, how: fn(&Import<'_>) -> T) -> T {
        how(&Import {
            place,
            pfx: self.pfx,
            password: &password(word),
            friendly_name: Some(FRIENDLY),
            machine_keyset: place.location == Location::LocalMachine,
            exportable,
        })
    }
}

fn password(text: &str) -> Password {
    Password::new(zeroize::Zeroizing::new(text.to_owned())).unwrap()
}

/// Which has some things in its own way.
fn is_wine() -> bool {
    std::path::Path::new(r"C:\windows\system32\wineboot.exe").exists()
}

/// Hides it from programs, and says whether that can be done: not with Wine 8.
fn archive(place: Place, der: &[u8]) -> bool {
    let store = Writable::open(place).unwrap();
    let certificate = store.store.find(der).unwrap().unwrap();
    let nothing = CRYPT_INTEGER_BLOB::default();
    // SAFETY: the context is ours, and the value is of the kind that this property has, and copied.
    let done = unsafe {
        CertSetCertificateContextProperty(certificate.0, CERT_ARCHIVED_PROP_ID, 0, (&raw const nothing).cast())
    };
    store.commit().unwrap();
    assert!(done != 0 || is_wine());
    done != 0
}

impl Container {
    fn named(name: &str) -> Self {
        Self { name: name.into(), provider: PROVIDER.into(), machine_keyset: false, kind: 1, specification: 1 }
    }
}

fn container_of(place: Place, der: &[u8]) -> Container {
    let certificate = Open::to_read(place).unwrap().find(der).unwrap().unwrap();
    Container::of(&certificate).unwrap().unwrap()
}

fn found(place: Place, der: &[u8]) -> Option<Entry> {
    let store = read(place.location, place.name);
    assert_eq!(store.problem, None);
    store.certificates.into_iter().find(|entry| entry.der == der)
}

#[test]
fn what_is_put_into_a_store_is_read_from_it() {
    let Some(_stores) = Stores::lock() else { return };
    let der = Fixture::read("client").certificate;
    add(USER_MY, &der, Some(FRIENDLY)).unwrap();
    let wanted = Entry { der: der.clone(), friendly_name: Some(FRIENDLY.into()), archived: false, key: None };
    assert_eq!(found(USER_MY, &der), Some(wanted));

    let again = add(USER_MY, &der, None).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::AlreadyExists);
    assert_eq!(again.to_string(), "`CurrentUser\\My` has it already");
    assert_eq!(found(USER_MY, &der).unwrap().friendly_name.as_deref(), Some(FRIENDLY));

    if archive(USER_MY, &der) {
        assert!(found(USER_MY, &der).unwrap().archived);
        add(USER_MY, &der, None).unwrap();
        let shown = found(USER_MY, &der).unwrap();
        assert_eq!((shown.archived, shown.friendly_name.as_deref()), (false, Some(FRIENDLY)));
    }

    set_friendly_name(USER_MY, &der, "QlikClient").unwrap();
    assert_eq!(found(USER_MY, &der).unwrap().friendly_name.as_deref(), Some("QlikClient"));

    remove(USER_MY, &der).unwrap();
    assert_eq!(found(USER_MY, &der), None);
    assert_eq!(remove(USER_MY, &der).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(set_friendly_name(USER_MY, &der, "x").unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_key_is_told_as_it_was_imported_and_stays_when_the_certificate_goes() {
    let Some(_stores) = Stores::lock() else { return };
    for (file, place, exportable) in
        [("client", USER_MY, true), ("server", USER_MY, false), ("server", MACHINE_MY, true)]
    {
        let fixture = Fixture::read(file);
        let of_machine = place == MACHINE_MY;
        let before = Containers::list(of_machine).unwrap();
        assert_eq!(fixture.import(place, exportable, PASSWORD).unwrap(), std::slice::from_ref(&fixture.certificate));
        let with_one = Containers::list(of_machine).unwrap();
        // Wine 8 does not list those of the machine.
        assert!(before != with_one || (of_machine && is_wine()));
        let entry = found(place, &fixture.certificate).unwrap();
        assert_eq!(entry.friendly_name.as_deref(), Some(FRIENDLY));
        let key = entry.key.unwrap();
        assert_eq!(key.provider.as_deref(), Some(PROVIDER));
        assert_eq!(key.kind, Some(KeyKind::Capi));
        assert_eq!(key.machine_keyset, Some(of_machine));
        // Wine 8 opens keys of the account only, whatever the certificate says.
        if !(of_machine && is_wine()) {
            assert_eq!((key.exportable, key.usable, key.problem), (Some(exportable), Some(true), None));
        }

        let container = container_of(place, &fixture.certificate);
        remove(place, &fixture.certificate).unwrap();
        assert_eq!(found(place, &fixture.certificate), None);
        assert_eq!(Containers::list(of_machine).unwrap(), with_one, "the key is to stay");
        before.delete_new(&container).unwrap();
        assert_eq!(Containers::list(of_machine).unwrap(), before);
    }
}

#[test]
fn what_does_not_come_in_leaves_no_key_behind() {
    let Some(_stores) = Stores::lock() else { return };
    let fixture = Fixture::read("client");
    let before = Containers::list(false).unwrap();
    fixture.import(USER_MY, true, "wrong").unwrap_err();
    assert_eq!(fixture.import(USER_MY, true, "with\0zero").unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(found(USER_MY, &fixture.certificate), None);
    assert_eq!(Containers::list(false).unwrap(), before);

    let mut with_key = Vec::new();
    import::keys_of(&fixture.importing(USER_MY, true, PASSWORD, import::unpack).unwrap(), &mut with_key).unwrap();
    assert_ne!(Containers::list(false).unwrap(), before);
    let error = import::undone(ErrorKind::StorageFull.into(), &with_key, &Containers::list(false));
    let container = Container::of(&with_key[0]).unwrap().unwrap().name;
    let expected =
        format!("; and the key stays in the container `{container}`, which is not deleted: it was there before");
    assert!(error.to_string().ends_with(&expected), "{error}");
    let error = import::undone(ErrorKind::StorageFull.into(), &with_key, &Ok(before));
    assert_eq!(error.to_string(), io::Error::from(ErrorKind::StorageFull).to_string());
    assert!(Containers::list(false).unwrap().names.is_empty() || !is_wine());
}

#[test]
fn a_certificate_without_its_key_is_mended() {
    let Some(_stores) = Stores::lock() else { return };
    let fixture = Fixture::read("client");
    let before = Containers::list(false).unwrap();
    add(USER_MY, &fixture.certificate, Some("without key")).unwrap();
    archive(USER_MY, &fixture.certificate);
    fixture.import(USER_MY, true, PASSWORD).unwrap();
    let entry = found(USER_MY, &fixture.certificate).unwrap();
    assert_eq!((entry.friendly_name.as_deref(), entry.archived), (Some(FRIENDLY), false));
    assert_eq!(entry.key.unwrap().usable, Some(true));
    let store = read(Location::CurrentUser, StoreName::My);
    assert_eq!(store.certificates.iter().filter(|entry| entry.der == fixture.certificate).count(), 1);
    before.delete_new(&container_of(USER_MY, &fixture.certificate)).unwrap();
    assert_eq!(found(USER_MY, &fixture.certificate).unwrap().key.unwrap().usable, Some(false));
}

#[test]
fn no_key_is_deleted_that_was_there_before() {
    let Some(_stores) = Stores::lock() else { return };
    let fixture = Fixture::read("client");
    let before = Containers::list(false).unwrap();
    fixture.import(USER_MY, true, PASSWORD).unwrap();
    let with_one = Containers::list(false).unwrap();
    let container = container_of(USER_MY, &fixture.certificate);
    assert_eq!(with_one.delete_new(&container).unwrap_err().to_string(), "it was there before");
    assert_eq!(Containers::list(false).unwrap(), with_one);
    before.delete_new(&container).unwrap();
}

#[test]
fn the_chain_engine_is_asked_of_the_stores() {
    const UNTRUSTED_ROOT: u32 = 0x20;
    const PARTIAL_CHAIN: u32 = 0x10000;
    const WRONG_NAME: u32 = 0x800b_010f;
    let Some(_stores) = Stores::lock() else { return };
    let (root, server) = (Fixture::read("root").certificate, Fixture::read("server").certificate);
    let ask = |purpose| [Location::LocalMachine, Location::CurrentUser].map(|place| trust(&server, purpose, place));
    for found in ask(Use::Client) {
        let Trust { status, chain, .. } = found.unwrap();
        assert_eq!(status, PARTIAL_CHAIN);
        assert!(chain == [server.clone()]);
    }
    // Where everybody finds it, but trusted by nobody.
    add(MACHINE_CA, &root, None).unwrap();
    let whole = vec![server.clone(), root.clone()];
    for found in ask(Use::Client) {
        let Trust { status, policy, chain } = found.unwrap();
        assert_eq!(status, UNTRUSTED_ROOT);
        assert!(chain == whole);
        assert_ne!(policy, 0);
    }
    remove(MACHINE_CA, &root).unwrap();
    add(MACHINE_ROOT, &root, None).unwrap();
    for (purpose, policy) in
        [(Use::Client, 0), (Use::Server("qs1.example.com"), 0), (Use::Server("qs2.example.com"), WRONG_NAME)]
    {
        for found in ask(purpose) {
            let found = found.unwrap();
            assert_eq!((found.status, found.policy), (0, policy), "{purpose:?}");
            assert!(found.chain == whole);
        }
    }
    for name in ["", "qs1.example.com\0.example.com"] {
        let [machine, user] = ask(Use::Server(name)).map(|found| found.unwrap_err().kind());
        assert_eq!((machine, user), (ErrorKind::InvalidInput, ErrorKind::InvalidInput));
    }
}

#[test]
fn what_the_machine_has_is_not_taken_from_it_by_way_of_the_user() {
    let Some(_stores) = Stores::lock() else { return };
    let root = Fixture::read("root").certificate;
    add(MACHINE_ROOT, &root, None).unwrap();
    assert!(found(USER_ROOT, &root).is_some(), "each user sees the machine's roots");
    let error = remove(USER_ROOT, &root).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResourceBusy);
    assert_eq!(error.to_string(), "`CurrentUser\\Root` shows it because `LocalMachine\\Root` has it");
    assert!(found(MACHINE_ROOT, &root).is_some());
    remove(MACHINE_ROOT, &root).unwrap();
    assert_eq!(remove(USER_ROOT, &root).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn keys_that_may_be_exported_are_in_the_pfx() {
    let Some(_stores) = Stores::lock() else { return };
    let fixture = Fixture::read("client");
    let before = Containers::list(false).unwrap();
    fixture.import(USER_MY, true, PASSWORD).unwrap();
    let outcome = export(USER_MY, &[&fixture.certificate], Some(&password(PASSWORD)));
    before.delete_new(&container_of(USER_MY, &fixture.certificate)).unwrap();
    match outcome {
        Ok(pfx) => {
            remove(USER_MY, &fixture.certificate).unwrap();
            let exported = Fixture { pfx: Box::leak(pfx.expose().into()), ..fixture };
            exported.import(USER_MY, false, PASSWORD).unwrap();
            before.delete_new(&container_of(USER_MY, &exported.certificate)).unwrap();
        }
        // Wine 8 does not write PFX.
        Err(error) => assert!(is_wine(), "{error}"),
    }
    let other = Fixture::read("server").certificate;
    assert_eq!(export(USER_MY, &[&other], None).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn errors_name_the_right_that_is_missing() {
    const NOT_GIVEN: i32 = 5;
    for (place, code, expected) in [
        (MACHINE_ROOT, NOT_GIVEN, "writing `LocalMachine\\Root` takes an elevated console (Run as administrator): "),
        (MACHINE_MY, NTE_PERM, "writing `LocalMachine\\My` takes an elevated console (Run as administrator): "),
        (USER_MY, E_ACCESSDENIED, "this account may not write `CurrentUser\\My`: "),
    ] {
        let error = named(io::Error::from_raw_os_error(code), place);
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    let other = named(io::Error::from_raw_os_error(NTE_BAD_KEYSET), USER_MY);
    assert!(other.to_string().ends_with("(os error 0x80090016)"), "{other}");
    let nowhere = Place { location: Location::Other, name: StoreName::My };
    let root = Fixture::read("root").certificate;
    assert_eq!(add(nowhere, &root, None).unwrap_err().to_string(), "`another\\My` is no store that this qcert knows");
    assert!(add(USER_MY, b"no certificate", None).is_err());
}

#[test]
fn the_service_says_its_account() {
    const KEY: &str = r"SYSTEM\CurrentControlSet\Services\QlikSenseRepositoryService";
    let wide = |text: &str| -> Vec<u16> { text.encode_utf16().chain([0]).collect() };
    let (key, name) = (wide(KEY), wide("ObjectName"));
    assert_eq!(service_account().unwrap(), None);
    for account in ["LocalSystem", r"EXAMPLE\qlik-sv\u{e9}"] {
        let value = wide(account);
        let size = u32::try_from(value.len() * 2).unwrap();
        // SAFETY: the texts end with a zero, and the value is as long as is said.
        let status = unsafe {
            RegSetKeyValueW(HKEY_LOCAL_MACHINE, key.as_ptr(), name.as_ptr(), REG_SZ, value.as_ptr().cast(), size)
        };
        assert_eq!(status, 0);
        assert_eq!(service_account().unwrap().as_deref(), Some(account));
    }
    // SAFETY: as above.
    assert_eq!(unsafe { RegDeleteTreeW(HKEY_LOCAL_MACHINE, key.as_ptr()) }, 0);
    assert_eq!(service_account().unwrap(), None);
}

#[test]
fn a_snapshot_is_of_this_computer_and_account_and_comes_back_from_its_file() {
    let Some(_stores) = Stores::lock() else { return };
    let snapshot = super::snapshot("test".into(), datetime!(2026-11-22 06:00 UTC)).unwrap();
    assert!(!snapshot.computer.is_empty() && snapshot.account.contains('\\'), "{snapshot:?}");
    assert!(snapshot.elevated.is_some() && snapshot.system.is_some());
    assert_eq!(snapshot.stores.len(), 6);
    for store in &snapshot.stores {
        assert_eq!(store.problem, None, "{}", store.path());
    }
    assert_eq!(Snapshot::parse(&snapshot.write()), Ok(snapshot));
}

#[test]
fn only_the_end_of_a_store_is_its_end() {
    assert!(is_end(&io::Error::from_raw_os_error(CRYPT_E_NOT_FOUND)));
    assert!(!is_end(&io::Error::from_raw_os_error(5)));
}

//! What is put into the stores comes back as it went in, with its key, and is taken out again; and what Windows' chain
//! engine says of it. Windows' own functions are the other side; where Wine has them different, that is said.

use super::*;
use crate::host::stores::{Import, Trust, Use};
use crate::pki::encryption::Derivations;
use crate::pki::entropy::SystemEntropy;
use crate::pki::pfx::{self, Draft, PfxEncryption, PfxEntry};
use crate::pki::secret::Password;
use crate::pki::snapshot::{KeyFacts, KeyKind};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::sync::{Mutex, MutexGuard, PoisonError};
use time::macros::datetime;
use windows_sys::Win32::Security::Cryptography::{
    CRYPT_FIRST, CRYPT_MACHINE_KEYSET, CRYPT_NEXT, CRYPT_VERIFYCONTEXT, CryptAcquireContextW, CryptGetProvParam,
    CryptReleaseContext, PP_ENUMCONTAINERS, PROV_RSA_FULL,
};
use windows_sys::Win32::System::Registry::{HKEY_LOCAL_MACHINE, REG_SZ, RegDeleteTreeW, RegSetKeyValueW};

const FRIENDLY: &str = "QlikClient \u{fc}ber alles";
const PROVIDER: &str = "Microsoft Enhanced Cryptographic Provider v1.0";
const MACHINE_ROOT: Place = Place { location: Location::LocalMachine, name: StoreName::Root };
const MACHINE_MY: Place = Place { location: Location::LocalMachine, name: StoreName::My };
const USER_ROOT: Place = Place { location: Location::CurrentUser, name: StoreName::Root };
const USER_MY: Place = Place { location: Location::CurrentUser, name: StoreName::My };

/// There is one set of stores for all tests. What one leaves behind is taken out before the next.
struct Stores(#[expect(dead_code, reason = "held until the test ends")] MutexGuard<'static, ()>);

impl Stores {
    fn lock() -> Self {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let stores = Self(ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner));
        Self::clean();
        stores
    }

    fn clean() {
        for place in [MACHINE_ROOT, MACHINE_MY, USER_ROOT, USER_MY] {
            for file in ["root.cer", "client.pfx", "server.pfx"] {
                let outcome = remove(place, &Golden::read(file).certificate);
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

/// A certificate of fixtures/golden/qlik, perhaps with its key.
struct Golden {
    certificate: Vec<u8>,
    key: Option<crate::pki::secret::Secret>,
}

impl Golden {
    fn read(file: &str) -> Self {
        let bytes: &[u8] = match file {
            "root.cer" => include_bytes!("../../../../fixtures/golden/qlik/root.cer"),
            "client.pfx" => include_bytes!("../../../../fixtures/golden/qlik/client.pfx"),
            _ => include_bytes!("../../../../fixtures/golden/qlik/server.pfx"),
        };
        if file == "root.cer" {
            return Self { certificate: bytes.to_vec(), key: None };
        }
        let mut pfx = pfx::read(bytes, None, &Derivations::default()).unwrap();
        Self { certificate: pfx.certificates.remove(0).der, key: Some(pfx.keys.remove(0).pkcs8) }
    }

    /// As every Windows reads it.
    fn pfx(&self) -> Vec<u8> {
        let entry = PfxEntry {
            certificate: &self.certificate,
            key_pkcs8: self.key.as_ref().unwrap(),
            friendly_name: "from the PFX",
            key_container: "{0a1b2c3d-0000-1111-2222-333344445555}",
            provider: PROVIDER,
            machine_keyset: false,
        };
        let draft = Draft::draw(PfxEncryption::Legacy, true, &mut SystemEntropy).unwrap();
        draft.write(&entry, Some(&password("Passw0rd1")), &Derivations::default()).unwrap()
    }

    fn import(&self, place: Place, exportable: bool, word: &str) -> io::Result<Vec<Vec<u8>>> {
        import(&Import {
            place,
            pfx: &self.pfx(),
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

fn found(place: Place, der: &[u8]) -> Option<Entry> {
    let store = read(place.location, place.name);
    assert_eq!(store.problem, None);
    store.certificates.into_iter().find(|entry| entry.der == der)
}

/// The names of the key containers of the account, or of the machine.
fn containers(of_machine: bool) -> BTreeSet<Vec<u8>> {
    let keyset = if of_machine { CRYPT_MACHINE_KEYSET } else { 0 };
    let mut provider = 0;
    let mut names = BTreeSet::new();
    // SAFETY: without a name nothing is opened but the provider, which is given back; the room is as long as is said.
    unsafe {
        let how = CRYPT_VERIFYCONTEXT | keyset;
        assert_ne!(
            CryptAcquireContextW(&raw mut provider, std::ptr::null(), std::ptr::null(), PROV_RSA_FULL, how),
            0,
            "{}",
            last_error()
        );
        let mut which = CRYPT_FIRST;
        loop {
            let mut name = [0_u8; 1024];
            let mut length = 1024;
            if CryptGetProvParam(provider, PP_ENUMCONTAINERS, name.as_mut_ptr(), &raw mut length, which) == 0 {
                break;
            }
            which = CRYPT_NEXT;
            names.insert(name.iter().copied().take_while(|octet| *octet != 0).collect());
        }
        CryptReleaseContext(provider, 0);
    }
    names
}

#[test]
fn what_is_put_into_a_store_is_read_from_it() {
    let _stores = Stores::lock();
    let der = Golden::read("client.pfx").certificate;
    add(USER_MY, &der, Some(FRIENDLY)).unwrap();
    let wanted = Entry { der: der.clone(), friendly_name: Some(FRIENDLY.into()), archived: false, key: None };
    assert_eq!(found(USER_MY, &der), Some(wanted));

    let again = add(USER_MY, &der, None).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::AlreadyExists);
    assert_eq!(again.to_string(), "`CurrentUser\\My` has it already");
    assert_eq!(found(USER_MY, &der).unwrap().friendly_name.as_deref(), Some(FRIENDLY));

    set_friendly_name(USER_MY, &der, "QlikClient").unwrap();
    assert_eq!(found(USER_MY, &der).unwrap().friendly_name.as_deref(), Some("QlikClient"));

    remove(USER_MY, &der).unwrap();
    assert_eq!(found(USER_MY, &der), None);
    assert_eq!(remove(USER_MY, &der).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(set_friendly_name(USER_MY, &der, "x").unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_key_is_told_as_it_was_imported() {
    let _stores = Stores::lock();
    for (file, place, exportable) in [("client.pfx", USER_MY, true), ("server.pfx", MACHINE_MY, false)] {
        let golden = Golden::read(file);
        let of_machine = place == MACHINE_MY;
        let before = containers(of_machine);
        assert_eq!(golden.import(place, exportable, "Passw0rd1").unwrap(), [golden.certificate.clone()]);
        let entry = found(place, &golden.certificate).unwrap();
        assert_eq!(entry.friendly_name.as_deref(), Some(FRIENDLY));
        let key = entry.key.unwrap();
        println!("{key:?}");
        let wanted = KeyFacts {
            provider: Some(PROVIDER.into()),
            kind: Some(KeyKind::Capi),
            container: key.container.clone(),
            machine_keyset: Some(of_machine),
            exportable: Some(exportable),
            usable: Some(true),
            problem: None,
        };
        assert_eq!(key, wanted);

        // A second import leaves all as it is, and no key behind.
        let with_one = containers(of_machine);
        assert_eq!(golden.import(place, exportable, "Passw0rd1").unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(containers(of_machine), with_one);
        assert_eq!(found(place, &golden.certificate).unwrap().key, Some(wanted));

        remove(place, &golden.certificate).unwrap();
        assert_eq!(found(place, &golden.certificate), None);
        assert_eq!(containers(of_machine), with_one, "the key stays");
        assert_eq!(with_one.len(), before.len() + 1);
    }
}

#[test]
fn what_cannot_be_opened_leaves_nothing_behind() {
    let _stores = Stores::lock();
    let golden = Golden::read("client.pfx");
    let before = containers(false);
    println!("{}", golden.import(USER_MY, true, "wrong").unwrap_err());
    assert_eq!(golden.import(USER_MY, true, "with\0zero").unwrap_err().kind(), ErrorKind::InvalidInput);
    let import = Import {
        place: USER_MY,
        pfx: b"no PFX",
        password: &password("x"),
        friendly_name: None,
        machine_keyset: false,
        exportable: true,
    };
    println!("{}", super::import(&import).unwrap_err());
    assert_eq!(found(USER_MY, &golden.certificate), None);
    assert_eq!(containers(false), before);
}

#[test]
fn the_chain_engine_is_asked_of_the_stores() {
    let _stores = Stores::lock();
    let (root, server) = (Golden::read("root.cer").certificate, Golden::read("server.pfx").certificate);
    let ask = |purpose, location| trust(&server, purpose, location).unwrap();
    let name = Use::Server("qlik.example.com");
    println!("without root {:x?}", ask(name, Location::LocalMachine).status);
    println!("without root {:x?}", ask(Use::Client, Location::LocalMachine).policy);
    println!("without root {:x?}", ask(Use::Client, Location::LocalMachine).chain.len());
    add(MACHINE_ROOT, &root, None).unwrap();
    for location in [Location::LocalMachine, Location::CurrentUser] {
        let Trust { status, policy, chain } = ask(name, location);
        println!("with root {status:x} {policy:x} {}", chain.len());
        let Trust { status, policy, chain } = ask(Use::Server("other.example.com"), location);
        println!("other name {status:x} {policy:x} {}", chain.len());
        let Trust { status, policy, chain } = ask(Use::Client, location);
        println!("client {status:x} {policy:x} {}", chain.len());
    }
    println!("in the user's: {}", found(USER_ROOT, &root).is_some());
    println!("{:?}", remove(USER_ROOT, &root));
}

#[test]
fn export_says_which_keys_are_in_it() {
    let _stores = Stores::lock();
    let golden = Golden::read("client.pfx");
    golden.import(USER_MY, true, "Passw0rd1").unwrap();
    println!("{:?}", export(USER_MY, &[&golden.certificate], Some(&password("x"))));
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
    let _stores = Stores::lock();
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

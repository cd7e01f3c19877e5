//! A machine whose stores are values, and in which whatever is asked for goes wrong.

use crate::cli::reading::read_folder_with_keys;
use crate::cli::store::machine::Machine;
use crate::cli::store::read;
use crate::host::files;
use crate::host::stores::{Import, Trust, Use};
use crate::pki::certificate::Certificate;
use crate::pki::encryption::Derivations;
use crate::pki::entropy::SystemEntropy;
use crate::pki::inventory::SnapshotContent;
use crate::pki::pfx::{self, Bag, BagAttributes, Contents, PfxEncryption};
use crate::pki::secret::{Password, Secret};
use crate::pki::snapshot::{Entry, KeyFacts, KeyKind, Location, Place, Snapshot, Store};
use crate::pki::store_plan::{MACHINE_ROOT, Repository};
use std::io;
use std::path::{Path, PathBuf};

pub(super) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/validate").join(name)
}

pub(super) fn bytes(name: &str) -> Vec<u8> {
    files::read_file(&fixture(name)).unwrap().expose().to_vec()
}

/// What goes wrong.
#[derive(Default)]
pub(super) struct Trouble {
    /// The change of this number fails; the first is 0.
    pub(super) fails_at: Option<usize>,
    /// An interrupt comes while this change is made.
    pub(super) stopped_at: Option<usize>,
    pub(super) export_fails: bool,
    /// The PFX comes without keys.
    pub(super) keys_are_kept_back: bool,
    /// Imports are said to have come, and have not.
    pub(super) lies: bool,
    /// Another program changes the stores before the second look.
    pub(super) meddler: Option<fn(&mut Pretended)>,
    /// What the chain engine says.
    pub(super) numbers: (u32, u32),
}

pub(super) struct Pretended {
    pub(super) snapshot: Snapshot,
    /// PKCS#8, by the certificate.
    pub(super) keys: Vec<(Vec<u8>, Vec<u8>)>,
    pub(super) trouble: Trouble,
    pub(super) changes: Vec<String>,
    pub(super) looks: usize,
    pub(super) begun: bool,
}

impl Pretended {
    pub(super) fn new(snapshot: &str) -> Self {
        let snapshot = Snapshot::parse(&bytes(&format!("{snapshot}/stores.json"))).unwrap();
        let mut keys = Vec::new();
        for bundle in ["sound-2022-windows", "stores-beside-bundle-of-another-site"] {
            for file in read_folder_with_keys(&fixture(bundle), &[]) {
                for (certificate, key) in file.certificates().zip(file.keys()) {
                    keys.push((certificate.der().to_vec(), key.private.as_ref().unwrap().expose().to_vec()));
                }
            }
        }
        let trouble = Trouble::default();
        Self { snapshot, keys, trouble, changes: Vec::new(), looks: 0, begun: false }
    }

    pub(super) fn with(self, trouble: Trouble) -> Self {
        Self { trouble, ..self }
    }

    pub(super) fn store(&mut self, place: Place) -> &mut Store {
        self.snapshot.stores.iter_mut().find(|store| store.place() == place).unwrap()
    }

    pub(super) fn holds(&self, place: Place, der: &[u8]) -> bool {
        let store = self.snapshot.store(place.location, place.name).unwrap();
        store.certificates.iter().any(|entry| entry.der == der)
    }

    pub(super) fn entry(&mut self, place: Place, der: &[u8]) -> io::Result<&mut Entry> {
        let entries = &mut self.store(place).certificates;
        entries.iter_mut().find(|entry| entry.der == der).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn change(&mut self, what: &str, place: Place, der: &[u8]) -> io::Result<()> {
        assert!(self.begun, "nothing is changed before it is begun");
        if self.trouble.fails_at == Some(self.changes.len()) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "access is denied"));
        }
        let title = Certificate::parse(der.to_vec()).unwrap().title();
        self.changes.push(format!("{what} {title} {}", place.path()));
        Ok(())
    }
}

impl Machine for Pretended {
    fn look(&mut self) -> anyhow::Result<SnapshotContent> {
        self.looks += 1;
        if self.looks == 2
            && let Some(meddle) = self.trouble.meddler
        {
            meddle(self);
        }
        read::understood(&self.snapshot)
    }

    fn repository(&mut self) -> Repository {
        Repository::RunsAs(self.snapshot.account.clone())
    }

    fn begin(&mut self) {
        self.begun = true;
    }

    fn is_asked_to_stop(&self) -> bool {
        self.trouble.stopped_at.is_some_and(|stop| self.changes.len() > stop)
    }

    fn add(&mut self, place: Place, der: &[u8], friendly_name: Option<&str>) -> io::Result<()> {
        self.change("add", place, der)?;
        let entry =
            Entry { der: der.to_vec(), friendly_name: friendly_name.map(Into::into), archived: false, key: None };
        self.store(place).certificates.push(entry);
        Ok(())
    }

    fn import(&mut self, import: &Import<'_>) -> io::Result<Vec<Vec<u8>>> {
        let read = pfx::read(import.pfx, Some(import.password), &Derivations::default()).unwrap();
        assert!(read.encryption.iter().all(|one| one.contains("3DES")), "{:?}", read.encryption);
        let ([certificate], [key]) = (&read.certificates[..], &read.keys[..]) else { panic!("one of each") };
        assert_eq!(key.attributes.machine_keyset, import.machine_keyset);
        assert_eq!(key.attributes.provider.as_deref(), Some("Microsoft Enhanced Cryptographic Provider v1.0"));
        self.change("import", import.place, &certificate.der)?;
        if self.trouble.lies {
            return Ok(vec![certificate.der.clone()]);
        }
        let key = KeyFacts {
            provider: key.attributes.provider.clone(),
            kind: Some(KeyKind::Capi),
            container: key.attributes.friendly_name.clone(),
            machine_keyset: Some(import.machine_keyset),
            exportable: Some(import.exportable),
            usable: Some(true),
            problem: None,
        };
        let entry = Entry {
            der: certificate.der.clone(),
            friendly_name: import.friendly_name.map(Into::into),
            archived: false,
            key: Some(key),
        };
        let entries = &mut self.store(import.place).certificates;
        entries.retain(|there| there.der != entry.der);
        entries.push(entry);
        Ok(vec![certificate.der.clone()])
    }

    fn set_friendly_name(&mut self, place: Place, der: &[u8], name: &str) -> io::Result<()> {
        self.change("name", place, der)?;
        self.entry(place, der)?.friendly_name = Some(name.to_owned());
        Ok(())
    }

    fn remove(&mut self, place: Place, der: &[u8]) -> io::Result<()> {
        self.entry(place, der)?;
        self.change("remove", place, der)?;
        self.store(place).certificates.retain(|entry| entry.der != der);
        // As Windows: the account's Trusted Root only showed the machine's.
        if place == MACHINE_ROOT {
            let shown = Place { location: Location::CurrentUser, ..place };
            self.store(shown).certificates.retain(|entry| entry.der != der);
        }
        Ok(())
    }

    fn export(&mut self, place: Place, ders: &[&[u8]], password: Option<&Password>) -> io::Result<Secret> {
        assert!(!self.begun, "the backup comes before all changes");
        if self.trouble.export_fails {
            return Err(io::Error::other("no export today"));
        }
        let tied = BagAttributes::default().tied().der();
        let mut contents = Contents::default();
        for der in ders {
            assert!(self.holds(place, der));
            let found = ders.iter().find(|one| one == &der).unwrap();
            contents.certificates.push(Bag { value: found, attributes: &tied });
            let key = self.keys.iter().find(|(of, _)| of == der).filter(|_| !self.trouble.keys_are_kept_back);
            contents.keys.extend(key.map(|(_, key)| Bag { value: key, attributes: &tied }));
        }
        Ok(contents.write(PfxEncryption::Legacy, password, &mut SystemEntropy, &Derivations::default()).unwrap())
    }

    fn trust(&mut self, der: &[u8], _: Use<'_>, _: Location) -> io::Result<Trust> {
        let leaf = Certificate::parse(der.to_vec()).unwrap();
        let (status, policy) = self.trouble.numbers;
        let roots = &self.store(MACHINE_ROOT).certificates;
        let roots = roots.iter().map(|entry| Certificate::parse(entry.der.clone()).unwrap());
        let above = roots.into_iter().filter(|root| leaf.verify_signed_by(root).is_ok() && root.der() != der);
        let chain = std::iter::once(der.to_vec()).chain(above.map(|root| root.der().to_vec()));
        Ok(Trust { status, policy, chain: chain.collect() })
    }
}

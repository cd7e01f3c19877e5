//! Plans carried out on a machine that is pretended here: what was done is what is told, wherever it ends.

use super::carry_out::{Outcome, State, Work, carry_out};
use super::machine::Machine;
use super::{clean, install, read};
use crate::cli::output::{Color, Output};
use crate::cli::{Clock, Exit};
use crate::host::files;
use crate::host::stores::{Import, Trust, Use};
use crate::pki::certificate::Certificate;
use crate::pki::encryption::Derivations;
use crate::pki::entropy::SystemEntropy;
use crate::pki::inventory::{self, InFile, SnapshotContent};
use crate::pki::pfx::{self, Bag, BagAttributes, Contents, PfxEncryption};
use crate::pki::secret::{Password, Secret};
use crate::pki::snapshot::{Entry, KeyFacts, KeyKind, Location, Place, Snapshot, Store};
use crate::pki::store_plan::{Action, MACHINE_PERSONAL, MACHINE_ROOT, Repository, USER_PERSONAL};
use clap::Parser;
use std::io;
use std::path::{Path, PathBuf};
use time::UtcOffset;
use time::macros::datetime;

const CLOCK: Clock = Clock { now: datetime!(2026-06-01 00:00 UTC), offset: UtcOffset::UTC };

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/validate").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    files::read_file(&fixture(name)).unwrap().expose().to_vec()
}

/// What goes wrong.
#[derive(Default)]
struct Trouble {
    /// The change of this number fails; the first is 0.
    fails_at: Option<usize>,
    /// An interrupt comes while this change is made.
    stopped_at: Option<usize>,
    export_fails: bool,
    /// The PFX comes without keys.
    keys_are_kept_back: bool,
    /// Imports are said to have come, and have not.
    lies: bool,
    /// Another program changes the stores before the second look.
    meddler: Option<fn(&mut Pretended)>,
    /// What the chain engine says.
    numbers: (u32, u32),
}

struct Pretended {
    snapshot: Snapshot,
    /// PKCS#8, by the certificate.
    keys: Vec<(Vec<u8>, Vec<u8>)>,
    trouble: Trouble,
    changes: Vec<String>,
    looks: usize,
    begun: bool,
}

impl Pretended {
    fn new(snapshot: &str) -> Self {
        let snapshot = Snapshot::parse(&bytes(&format!("{snapshot}/stores.json"))).unwrap();
        let mut keys = Vec::new();
        for bundle in ["sound-2022-windows", "stores-beside-bundle-of-another-site"] {
            for file in crate::cli::reading::read_folder_with_keys(&fixture(bundle), &[]) {
                for (certificate, key) in file.certificates().zip(file.keys()) {
                    keys.push((certificate.der().to_vec(), key.private.as_ref().unwrap().expose().to_vec()));
                }
            }
        }
        let trouble = Trouble::default();
        Self { snapshot, keys, trouble, changes: Vec::new(), looks: 0, begun: false }
    }

    fn with(self, trouble: Trouble) -> Self {
        Self { trouble, ..self }
    }

    fn store(&mut self, place: Place) -> &mut Store {
        self.snapshot.stores.iter_mut().find(|store| store.place() == place).unwrap()
    }

    fn holds(&self, place: Place, der: &[u8]) -> bool {
        let store = self.snapshot.store(place.location, place.name).unwrap();
        store.certificates.iter().any(|entry| entry.der == der)
    }

    fn entry(&mut self, place: Place, der: &[u8]) -> io::Result<&mut Entry> {
        let entries = &mut self.store(place).certificates;
        entries.iter_mut().find(|entry| entry.der == der).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn change(&mut self, what: &str, place: Place, der: &[u8]) -> io::Result<()> {
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

#[derive(Parser)]
struct Install {
    #[command(flatten)]
    arguments: install::Arguments,
}

#[derive(Parser)]
struct Clean {
    #[command(flatten)]
    arguments: clean::Arguments,
}

/// A folder for backups, with a password for them.
struct Scene(tempfile::TempDir);

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        files::replace(&folder.path().join("password"), b"a password").unwrap();
        Self(folder)
    }

    fn words(&self, first: &[&str]) -> Vec<String> {
        let path = |name: &str| self.0.path().join(name).display().to_string();
        let of_backup = ["--backup".to_owned(), path("backup"), "--backup-password-file".to_owned(), path("password")];
        let first = ["x"].iter().chain(first).map(|word| (*word).to_owned());
        first.chain(of_backup).collect()
    }

    fn install(&self, bundle: &str, more: &[&str]) -> install::Arguments {
        let bundle = fixture(bundle).display().to_string();
        Install::try_parse_from(self.words(&[&[&*bundle], more].concat())).unwrap().arguments
    }

    fn clean(&self, root: &str) -> clean::Arguments {
        let root = fixture(root).display().to_string();
        Clean::try_parse_from(self.words(&["--root", &root, "--yes"])).unwrap().arguments
    }

    fn has_backup(&self) -> bool {
        files::exists(&self.0.path().join("backup"))
    }

    /// How many certificates and keys the PFX of a store holds.
    fn kept(&self, store: &str) -> (usize, usize) {
        let path = self.0.path().join("backup").join(format!("{store}.pfx"));
        let password = Password::new("a password".to_owned().into()).unwrap();
        let file = InFile {
            path: store.into(),
            bytes: Ok(files::read_file(&path).unwrap()),
            others_may_read: false,
            tracked_by_git: false,
        };
        let read = inventory::read(file, &[password], &Derivations::default());
        (read.certificates().count(), read.keys().count())
    }
}

fn quiet() -> Output {
    Output::new(false, true, 0, Color::Never)
}

fn run(machine: &mut Pretended, arguments: &install::Arguments) -> Exit {
    machine.begun = false;
    install::run_on(machine, arguments, &quiet(), CLOCK).unwrap()
}

const REPLACE: &[&str] = &["--replace", "--yes"];
/// Of the same site, for a machine without the root's key.
const OTHER_EXPORT: &str = "stores-beside-another-export";

/// Carried out without the words around it.
fn outcome(machine: &mut Pretended, arguments: &install::Arguments, scene: &Scene) -> (Outcome, Vec<Action>) {
    let planned = install::plan(machine, arguments, CLOCK).unwrap();
    assert_eq!(planned.plan.refusals, []);
    let keeping = arguments.backup.settle(&planned.plan, CLOCK).unwrap();
    let work = Work {
        plan: &planned.plan,
        wanted: &planned.wanted,
        before: &planned.content,
        keeping: keeping.as_ref(),
        exportable: true,
    };
    let mut told = Vec::new();
    let outcome = carry_out(machine, &work, &mut |_| Ok(()), &mut |_, state| {
        told.push(state);
        Ok(())
    });
    assert_eq!(told, outcome.states[..told.len()]);
    assert_eq!(scene.has_backup(), outcome.backup.is_some());
    // What is said of each step is what the stores say.
    for (step, state) in planned.plan.steps.iter().zip(&outcome.states) {
        let there = machine.holds(step.place, step.certificate.der());
        let was_there = step.action == Action::Remove || step.action == Action::Keep;
        let is_changed = there != was_there;
        let done = matches!(state, State::Done | State::Gone);
        assert_eq!(is_changed, done, "{state:?} {} {:?}", step.certificate.title(), step.action);
    }
    (outcome, planned.plan.steps.iter().map(|step| step.action).collect())
}

#[test]
fn a_bundle_is_installed_and_a_second_run_changes_nothing() {
    let (scene, mut machine) = (Scene::new(), Pretended::new("stores-nothing"));
    let arguments = scene.install("sound-2022-windows", &["--yes"]);
    assert_eq!(run(&mut machine, &arguments), Exit::Done);
    let all = [
        "add qs1.example.com-CA LocalMachine\\Root",
        "import qs1.example.com LocalMachine\\My",
        "import QlikClient CurrentUser\\My",
    ];
    assert_eq!(machine.changes, all);
    let client = machine.store(USER_PERSONAL).certificates.last().unwrap();
    assert_eq!(client.friendly_name.as_deref(), Some("QlikClient"));
    assert_eq!(client.key.as_ref().and_then(|key| key.exportable), Some(true));
    assert_eq!(run(&mut machine, &arguments), Exit::Done);
    assert_eq!(machine.changes.len(), all.len());
    machine.store(USER_PERSONAL).certificates.last_mut().unwrap().friendly_name = None;
    assert_eq!(run(&mut machine, &arguments), Exit::Done);
    assert_eq!(machine.changes.last().unwrap(), "name QlikClient CurrentUser\\My");
    machine.store(MACHINE_PERSONAL).certificates.last_mut().unwrap().key = None;
    assert_eq!(run(&mut machine, &arguments), Exit::Done);
    assert_eq!(machine.changes.last().unwrap(), "import qs1.example.com LocalMachine\\My");
    assert!(!scene.has_backup());
}

#[test]
fn old_ones_go_after_a_backup_with_their_keys() {
    let (scene, mut machine) = (Scene::new(), Pretended::new("stores-sound"));
    assert_eq!(run(&mut machine, &scene.install(OTHER_EXPORT, &["--yes"])), Exit::No);
    assert!(machine.changes.is_empty() && !scene.has_backup());
    assert_eq!(run(&mut machine, &scene.install(OTHER_EXPORT, REPLACE)), Exit::Done);
    let all = [
        "import qs1.example.com LocalMachine\\My",
        "import QlikClient CurrentUser\\My",
        "remove qs1.example.com LocalMachine\\My",
        "remove QlikClient CurrentUser\\My",
    ];
    assert_eq!(machine.changes, all);
    assert_eq!((scene.kept("LocalMachine-My"), scene.kept("CurrentUser-My")), ((1, 1), (1, 1)));
}

#[test]
fn wherever_it_fails_what_was_done_is_told() {
    for at in 0..4 {
        let scene = Scene::new();
        let mut machine = Pretended::new("stores-sound").with(Trouble { fails_at: Some(at), ..Trouble::default() });
        let (outcome, actions) = outcome(&mut machine, &scene.install(OTHER_EXPORT, REPLACE), &scene);
        assert_eq!(actions.len(), 5, "the root is kept");
        let count = |state| outcome.states.iter().filter(|one| **one == state).count();
        assert_eq!([State::Kept, State::Done, State::Failed, State::NotDone].map(count), [1, at, 1, 3 - at]);
        let failure = outcome.failure.as_ref().unwrap().to_string();
        assert!(failure.contains("access is denied") && failure.contains("\\My`"), "{failure}");
        assert!(!outcome.is_confirmed() && outcome.trust.is_empty());
        assert_eq!(outcome.differences.unwrap(), []);
        // The same command goes on from there.
        machine.trouble.fails_at = None;
        let again = Scene::new();
        assert_eq!(run(&mut machine, &again.install(OTHER_EXPORT, REPLACE)), Exit::Done);
        assert_eq!(machine.changes.len(), 4);
    }
}

#[test]
fn an_interrupt_ends_it_after_a_step() {
    let scene = Scene::new();
    let mut machine = Pretended::new("stores-sound").with(Trouble { stopped_at: Some(1), ..Trouble::default() });
    let (outcome, _) = outcome(&mut machine, &scene.install(OTHER_EXPORT, REPLACE), &scene);
    use State::{Done, Kept, NotDone};
    assert_eq!(outcome.states, [Kept, Done, Done, NotDone, NotDone]);
    assert_eq!(outcome.failure.unwrap().to_string(), "interrupted");
}

#[test]
fn without_a_whole_backup_nothing_is_changed() {
    let troubles = [
        Trouble { export_fails: true, ..Trouble::default() },
        Trouble { keys_are_kept_back: true, ..Trouble::default() },
    ];
    for trouble in troubles {
        let (scene, mut machine) = (Scene::new(), Pretended::new("stores-sound").with(trouble));
        assert_eq!(run(&mut machine, &scene.install(OTHER_EXPORT, REPLACE)), Exit::CouldNot);
        assert!(machine.changes.is_empty() && !scene.has_backup());
        let arguments = scene.install(OTHER_EXPORT, &["--replace", "--yes", "--without-key-backup"]);
        assert_eq!(run(&mut machine, &arguments), Exit::Done);
        assert_eq!(scene.kept("LocalMachine-My"), (1, 0));
    }
    let (scene, mut machine) = (Scene::new(), Pretended::new("stores-sound"));
    machine.store(MACHINE_PERSONAL).certificates.iter_mut().for_each(|entry| {
        entry.key.as_mut().unwrap().exportable = Some(false);
    });
    machine.trouble.keys_are_kept_back = true;
    let client = ["--replace", "--yes", "--role", "server"];
    // That was told before.
    assert_eq!(run(&mut machine, &scene.install(OTHER_EXPORT, &client)), Exit::Done);
    assert_eq!(scene.kept("LocalMachine-My"), (1, 0));
}

#[test]
fn a_backup_is_never_written_over_and_never_without_a_password() {
    let (scene, mut machine) = (Scene::new(), Pretended::new("stores-sound"));
    let arguments = scene.install(OTHER_EXPORT, REPLACE);
    files::create_folders(&scene.0.path().join("backup")).unwrap();
    assert!(install::run_on(&mut machine, &arguments, &quiet(), CLOCK).is_err());
    let bundle = fixture(OTHER_EXPORT).display().to_string();
    let open = Install::try_parse_from(["x", &bundle, "--replace", "--yes"]).unwrap().arguments;
    assert!(install::run_on(&mut machine, &open, &quiet(), CLOCK).is_err());
    assert!(machine.changes.is_empty());
}

#[test]
fn nobody_is_taken_to_have_said_yes() {
    let (scene, mut machine) = (Scene::new(), Pretended::new("stores-nothing"));
    let error = install::run_on(&mut machine, &scene.install("sound-2022-windows", &[]), &quiet(), CLOCK).unwrap_err();
    assert!(error.to_string().contains("nobody was asked"), "{error}");
    assert!(machine.changes.is_empty());
}

#[test]
fn what_another_did_in_the_meantime_stops_it() {
    let meddler = Some(
        (|machine: &mut Pretended| {
            machine.store(USER_PERSONAL).certificates.clear();
        }) as fn(&mut Pretended),
    );
    let scene = Scene::new();
    let mut machine = Pretended::new("stores-sound").with(Trouble { meddler, ..Trouble::default() });
    assert_eq!(run(&mut machine, &scene.install(OTHER_EXPORT, REPLACE)), Exit::CouldNot);
    assert!(machine.changes.is_empty() && !scene.has_backup());
}

#[test]
fn what_windows_says_is_not_taken_for_what_is_there() {
    let scene = Scene::new();
    let mut machine = Pretended::new("stores-nothing").with(Trouble { lies: true, ..Trouble::default() });
    assert_eq!(run(&mut machine, &scene.install("sound-2022-windows", &["--yes"])), Exit::CouldNot);
}

#[test]
fn what_the_chain_engine_refuses_is_a_no() {
    for numbers in [(0x20, 0), (0, 0x800b_010f)] {
        let scene = Scene::new();
        let mut machine = Pretended::new("stores-nothing").with(Trouble { numbers, ..Trouble::default() });
        let arguments = scene.install("sound-2022-windows", &["--yes"]);
        assert_eq!(run(&mut machine, &arguments), Exit::No);
        // Also where nothing is left to be done.
        assert_eq!(run(&mut machine, &arguments), Exit::No);
    }
}

#[test]
fn what_a_root_issued_goes_in_the_order_of_the_recipe() {
    let (scene, mut machine) = (Scene::new(), Pretended::new("stores-sound"));
    // The root's key is not to be had: that is told, and it goes all the same.
    let root = bytes("sound-2022-windows/root.cer");
    machine.entry(MACHINE_ROOT, &root).unwrap().key.as_mut().unwrap().exportable = Some(false);
    let others = machine.snapshot.stores.iter().map(|store| store.certificates.len()).sum::<usize>() - 4;
    let arguments = scene.clean("sound-2022-windows/root.cer");
    assert_eq!(clean::run_on(&mut machine, &arguments, &quiet(), CLOCK).unwrap(), Exit::Done);
    let all = [
        "remove qs1.example.com-CA LocalMachine\\Root",
        "remove qs1.example.com LocalMachine\\My",
        "remove QlikClient CurrentUser\\My",
    ];
    assert_eq!(machine.changes, all);
    assert_eq!(machine.snapshot.stores.iter().map(|store| store.certificates.len()).sum::<usize>(), others);
    assert_eq!((scene.kept("LocalMachine-Root"), scene.kept("LocalMachine-My")), ((1, 0), (1, 1)));
    let again = Scene::new();
    let arguments = again.clean("sound-2022-windows/root.cer");
    assert_eq!(clean::run_on(&mut machine, &arguments, &quiet(), CLOCK).unwrap(), Exit::Done);
    assert!(machine.changes.len() == 3 && !again.has_backup());
}

//! Plans carried out on a machine that is pretended here: what was done is what is told, wherever it ends.

mod pretended;

use super::carry_out::{Outcome, State, Work, carry_out};
use super::{clean, install};
use crate::cli::output::{Color, Output};
use crate::cli::{Clock, Exit};
use crate::host::files;
use crate::pki::encryption::Derivations;
use crate::pki::inventory::{self, InFile};
use crate::pki::secret::Password;
use crate::pki::store_plan::{Action, MACHINE_PERSONAL, MACHINE_ROOT, USER_PERSONAL};
use clap::Parser;
use pretended::{Pretended, Trouble, bytes, fixture};
use time::UtcOffset;
use time::macros::datetime;

const CLOCK: Clock = Clock { now: datetime!(2026-06-01 00:00 UTC), offset: UtcOffset::UTC };

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
    let words: Vec<&str> = outcome.states.iter().map(|state| state.word()).collect();
    assert_eq!(words, ["kept", "done", "done", "not done", "not done"]);
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

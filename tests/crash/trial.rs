//! A command that is killed again and again: what it is to find, what must hold at once, and that the next run works.

use super::steps::{self, traced};
use super::sweep::{duration, kill_at, moments};
use crate::support::process::Ended;
use crate::support::{ROOT_FILES, Scene, certificate, judge_bundle, names, placed};
use fs_err as fs;
use qcert::pki::certificate::Certificate;
use std::process::Command;

/// The machines of a trial's site.
pub(super) const MACHINES: [&str; 2] = ["a.test", "b.test"];

pub(super) struct Trial {
    pub(super) scene: fn() -> Scene,
    /// Brings back what the command takes, before each kill.
    pub(super) prepare: fn(&Scene),
    pub(super) command: fn(&Scene) -> Command,
    /// What it makes besides bundles is whole, or not there.
    pub(super) look: fn(&Scene),
    /// The next run, and what it must have brought about.
    pub(super) next: fn(&Scene),
    pub(super) root: Root,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Root {
    Untouched,
    /// Not there before; the one that was backed up afterwards.
    Restored,
    /// Wholly the old one or wholly a new one, with the old one kept aside.
    Replaced,
}

pub(super) fn site() -> Scene {
    let scene = Scene::new();
    scene.run(&MACHINES, &[]).assert_code(0);
    scene
}

impl Trial {
    /// Kills after ever other times. Says how often it was killed in time.
    pub(super) fn sweep(&self, kills: u32) {
        let scene = (self.scene)();
        (self.prepare)(&scene);
        let time = duration((self.command)(&scene));
        let mut killed = 0;
        for moment in moments(time, kills) {
            killed += u32::from(self.one(&scene, |command| kill_at(&scene, command, moment)));
        }
        assert!(killed > 0, "never killed");
    }

    /// Kills before each step of these kinds.
    pub(super) fn each_step(&self, calls: &[&str]) {
        let scene = (self.scene)();
        for calls in calls {
            steps::for_each_step(calls, |call, number| {
                let mut ended = None;
                self.one(&scene, |command| {
                    ended = Some(traced(&scene, &command, call, "KILL", number));
                    true
                });
                ended.unwrap()
            });
        }
    }

    /// Asks to end before each step: what is half-made is taken back even without a next run.
    pub(super) fn each_step_interrupted(&self, calls: &[&str]) {
        let scene = (self.scene)();
        for calls in calls {
            steps::for_each_interrupt(calls, |call, number| {
                let mut interrupted = false;
                self.one(&scene, |command| {
                    nothing_is_left_by(&scene, &traced(&scene, &command, call, "INT", number));
                    interrupted = steps::was_interrupted(&scene);
                    true
                });
                interrupted
            });
        }
    }

    fn one(&self, scene: &Scene, kill: impl FnOnce(Command) -> bool) -> bool {
        let root = scene.root();
        let files = scene.root_bytes().unwrap();
        (self.prepare)(scene);
        let killed = kill((self.command)(scene));
        all_is_whole(scene, &root);
        if self.root != Root::Restored {
            scene.assert_ledger_knows_all();
        }
        (self.look)(scene);
        (self.next)(scene);
        all_is_whole(scene, &root);
        scene.assert_ledger_knows_all();
        scene.assert_nothing_is_left();
        scene.assert_no_runs();
        scene.assert_ledger_is_true();
        if self.root == Root::Replaced && scene.root().sha256() != root.sha256() {
            // Not before all of it was backed up.
            assert!(scene.path("backups/site.age").exists());
            let aside = scene.home.join("previous").join(&root.sha256()[..16]);
            assert_eq!(ROOT_FILES.map(|name| fs::read(aside.join(name)).unwrap()), files);
        } else {
            assert_eq!(scene.root_bytes().unwrap(), files);
        }
        killed
    }
}

fn nothing_is_left_by(scene: &Scene, ended: &Ended) {
    if let Some(code) = ended.status.code() {
        assert!(matches!(code, 0 | 130), "{code}: {}", ended.stderr);
        scene.assert_nothing_is_left();
    }
    assert!(!ended.stderr.contains("error:"), "{}", ended.stderr);
}

/// Whatever lies at its place is whole, and of the root that was before, of the present one, or of one kept aside.
fn all_is_whole(scene: &Scene, before: &Certificate) {
    let aside = scene.home.join("previous");
    let kept = names(&aside).into_iter().filter(|name| !name.starts_with('.')).map(|name| aside.join(name));
    let files = kept.chain([scene.home.clone()]).map(|folder| folder.join(ROOT_FILES[0]));
    let roots: Vec<_> = files.filter(|file| file.exists()).map(|file| certificate(&file)).collect();
    for folder in placed(&scene.out) {
        let own = certificate(&folder.join("root.pem"));
        let root = roots.iter().chain([before]).find(|root| root.sha256() == own.sha256());
        let machine = folder.file_name().unwrap().to_str().unwrap();
        judge_bundle(&folder, machine, root.unwrap_or_else(|| panic!("{machine} is of a root that nobody has")));
    }
}

//! Each command of a site's later life, killed: after a time, and before each step that changes the disk.

use super::steps::{FLUSHES, FOLDERS, PAGES, REMOVALS, RENAMES, WRITES};
use super::trial::{MACHINES, Root, Trial, site};
use crate::support::Scene;
use crate::support::process::run;

/// In CI; and in the test that takes minutes.
const KILLS: u32 = 24;
const MANY: u32 = 200;

fn nothing(_: &Scene) {}

fn judge_all(scene: &Scene) {
    MACHINES.iter().for_each(|machine| drop(scene.judge(machine)));
}

const RENEW: Trial = Trial {
    scene: site,
    prepare: nothing,
    command: |scene| scene.qcert(&["renew", "--all", "--same-key"]),
    look: judge_all,
    next: |scene| {
        run(scene.qcert(&["renew", "--all", "--same-key"])).assert_code(0);
        judge_all(scene);
    },
    root: Root::Untouched,
};

#[test]
fn a_killed_renewal() {
    RENEW.sweep(KILLS);
}

#[test]
fn a_renewal_killed_at_each_change_of_a_name() {
    RENEW.each_step(&[RENAMES, FOLDERS, REMOVALS]);
}

#[test]
fn a_renewal_killed_at_each_flush_and_write() {
    RENEW.each_step(&[FLUSHES, WRITES, PAGES]);
}

#[test]
fn a_renewal_interrupted_at_each_step() {
    RENEW.each_step_interrupted(&[RENAMES]);
}

#[test]
#[ignore = "more than a thousand kills take minutes; for a change to the order of steps"]
fn each_command_killed_a_thousand_times() {
    RENEW.sweep(MANY);
}

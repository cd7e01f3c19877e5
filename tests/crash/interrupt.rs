//! Ctrl-C and the signals that ask a process to end: exit code 130, and nothing half-made even without a next run.

use crate::support::Scene;
use crate::support::process::start;
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

const MACHINES: [&str; 6] = ["a.test", "b.test", "c.test", "d.test", "e.test", "f.test"];

fn look(scene: &Scene) {
    for machine in MACHINES.iter().filter(|machine| scene.out.join(machine).exists()) {
        scene.judge(machine);
    }
    scene.assert_ledger_knows_all();
    scene.assert_nothing_is_left();
}

#[test]
fn an_interrupt_while_staging_leaves_whole_bundles_only() {
    let scene = Scene::with_bundle("kept.test");
    for (signal, number) in ["INT", "TERM"].iter().flat_map(|signal| (0..6).map(move |number| (signal, number))) {
        let mut running = start(scene.export(&MACHINES, &["--exists", "replace"]));
        let has_stage = || crate::support::names(&scene.out).iter().any(|name| name.starts_with(".qcert"));
        while !has_stage() && !running.is_over() {
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_millis(3) * number);
        running.signal(signal);
        let ended = running.wait();
        assert!(matches!(ended.status.code(), Some(130 | 0)), "{signal}: {:?} {}", ended.status, ended.stderr);
        assert!(!ended.stderr.contains("error:"), "{signal}: {}", ended.stderr);
        look(&scene);
        scene.assert_no_runs();
    }
    scene.run(&MACHINES, &["--exists", "replace"]).assert_code(0);
}

#[test]
fn an_interrupt_at_any_time_leaves_nothing_half_made() {
    for number in 0..16 {
        let scene = Scene::new();
        let running = start(scene.export(&MACHINES[..2], &[]));
        std::thread::sleep(Duration::from_millis(15) * number);
        running.signal(if number % 2 == 0 { "INT" } else { "TERM" });
        let ended = running.wait();
        // In the first moments nothing is there to be cleared, and the signal ends the process itself.
        let by_signal = matches!(ended.status.signal(), Some(2 | 15));
        assert!(by_signal || matches!(ended.status.code(), Some(130 | 0)), "{:?} {}", ended.status, ended.stderr);
        look(&scene);
        scene.run(&["a.test"], &["--exists", "keep"]).assert_code(0);
    }
}

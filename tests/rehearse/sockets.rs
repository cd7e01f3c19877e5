//! What a stranger on the network sees of a rehearsal: nothing. Every socket that listens is of 127.0.0.1, and none is left.

use super::super::support::Scene;
use super::super::support::process;
use super::super::{AT, fixture};
use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

/// Addresses of the sockets on which this process listens, as the kernel writes them.
fn listening(id: u32) -> BTreeSet<String> {
    let table = |name: &str| fs::read_to_string(format!("/proc/{id}/net/{name}")).unwrap_or_default();
    let rows = [table("tcp"), table("tcp6")].concat();
    let descriptors = fs::read_dir(format!("/proc/{id}/fd")).into_iter().flatten().flatten();
    let own: BTreeSet<String> = descriptors
        .filter_map(|descriptor| fs::read_link(descriptor.path()).ok())
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    rows.lines()
        .map(|row| row.split_whitespace().collect::<Vec<_>>())
        // State 0A is LISTEN (include/net/tcp_states.h).
        .filter(|row| row.get(3) == Some(&"0A") && row.get(9).is_some_and(|inode| own.contains(*inode)))
        .map(|row| row[1].split(':').next().unwrap().to_owned())
        .collect()
}

#[cfg(target_os = "linux")]
#[test]
fn only_this_machine_can_call() {
    let scene = Scene::new();
    let folder = fixture(&scene, "sound-2022-both-formats", "qs1.example.com");
    let folders: Vec<&str> = std::iter::repeat_n(folder.as_str(), 12).collect();
    let begun = Instant::now();
    let mut seen = BTreeSet::new();
    // A socket listens for a moment only: until one was seen.
    while seen.is_empty() {
        let arguments = [&["rehearse", "--at", AT, "-q"], &folders[..]].concat();
        let mut running = process::start(scene.qcert(&arguments));
        while !running.is_over() {
            seen.extend(listening(running.id()));
        }
        running.wait().assert_code(0);
        assert!(begun.elapsed() < Duration::from_secs(90), "no socket was seen to listen");
    }
    assert_eq!(seen, BTreeSet::from(["0100007F".to_owned()]));
}

//! Every peer against the commands that call ports, as a person and as a program starts them.

use super::super::support::Scene;
use super::listening::Listening;
use super::peers::{self, Peer};
use super::{insiders, watched};

/// Each with the port in place of `PLACE`; no password is asked for.
const COMMANDS: [&[&str]; 2] =
    [&["inspect", "--connect", "PLACE", "--timeout", "2"], &["validate", "--connect", "PLACE", "--timeout", "2"]];

/// Neither command is held up, flooded or fooled.
#[track_caller]
pub(super) fn judge(peer: &Peer, port: u16) {
    let scene = Scene::new();
    let place = format!("127.0.0.1:{port}");
    for command in COMMANDS {
        let arguments: Vec<&str> = command.iter().map(|word| if *word == "PLACE" { &place } else { *word }).collect();
        // Looking at something odd is no failure; where nothing was shown, there is nothing to look at.
        let codes: &[i32] = if peer.shows { &[0, 1, 2] } else { &[2] };
        watched::run(&scene, &arguments, peer.name).assert_plain(codes);
        watched::run(&scene, &[&arguments[..], &["--json"]].concat(), peer.name).assert_json(codes);
    }
}

fn judge_all(peers: &[Peer]) {
    // Most of the time is spent in waiting.
    for some in peers.chunks(4) {
        std::thread::scope(|scope| {
            for peer in some {
                scope.spawn(|| judge(peer, Listening::start(&peer.act).port));
            }
        });
    }
}

#[test]
fn slow_peers() {
    judge_all(&peers::slow());
}

#[test]
fn foreign_peers() {
    judge_all(&peers::foreign());
}

#[test]
fn floods() {
    judge_all(&peers::floods());
}

#[test]
fn odd_peers() {
    judge_all(&peers::odd());
}

#[test]
fn peers_that_shake_hands() {
    judge_all(&insiders::all());
}

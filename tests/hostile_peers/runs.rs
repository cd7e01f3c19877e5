//! Every peer against the commands that call ports, as a person and as a program starts them.

use super::super::s_server::golden;
use super::super::support::Scene;
use super::listening::Listening;
use super::peers::{self, Peer};
use super::{insiders, watched};

/// Each with the port in place of `PLACE` and a bundle in place of `BUNDLE`, and how it may end where certificates are
/// shown, and where none is. To look at something odd is no failure; nothing that is shown here is sound, for the bundle
/// is for another name.
const COMMANDS: [(&[&str], [&[i32]; 2]); 3] = [
    (&["inspect", "--connect", "PLACE", "--timeout", "2"], [&[0, 2], &[2]]),
    (&["validate", "--connect", "PLACE", "--timeout", "2"], [&[1, 2], &[2]]),
    (&["probe", "PLACE", "--bundle", "BUNDLE", "--qrs", "--timeout", "2"], [&[1, 2], &[1, 2]]),
];

#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    Plain,
    Json,
}

/// No command is held up, flooded or fooled.
#[track_caller]
pub(super) fn judge(peer: &Peer, port: u16, forms: &[Form]) {
    let scene = Scene::new();
    let (place, bundle) = (format!("127.0.0.1:{port}"), golden(""));
    for (command, [where_shown, where_not]) in COMMANDS {
        let arguments: Vec<&str> = command
            .iter()
            .map(|word| match *word {
                "PLACE" => &place,
                "BUNDLE" => bundle.to_str().unwrap(),
                word => word,
            })
            .collect();
        let codes = if peer.shows { where_shown } else { where_not };
        for form in forms {
            match form {
                Form::Plain => watched::run(&scene, &arguments, peer.name).assert_plain(codes),
                Form::Json => {
                    watched::run(&scene, &[&arguments[..], &["--json"]].concat(), peer.name).assert_json(codes);
                }
            }
        }
    }
}

fn judge_all(peers: &[Peer]) {
    // Most of the time is spent in waiting.
    for some in peers.chunks(4) {
        std::thread::scope(|scope| {
            for peer in some {
                scope.spawn(|| judge(peer, Listening::start(&peer.act).port, &[Form::Plain, Form::Json]));
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

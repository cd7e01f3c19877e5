//! Every peer against a call itself: it ends, and whatever is seen of certificates is bounded.

use super::insiders;
use super::listening::Listening;
use super::peers::{self, Peer};
use qcert::host::tls::client::{Call, call};
use qcert::host::tls::dial::dial;
use qcert::host::tls::{After, End, Failure, Limits, Met, Stage, Version, old};
use qcert::pki::path::PeerName;
use std::time::{Duration, Instant};

const LIMITS: Limits = Limits { whole: Duration::from_secs(2), after: Duration::from_secs(2), answer: 64 << 10 };
/// Two calls of 2 s, on a loaded machine.
const LONGEST: Duration = Duration::from_mins(1);

/// With a question after the handshake, to which no answer is long enough.
fn meet(port: u16, versions: &[Version]) -> Met {
    let name = PeerName::Dns("any.name".to_owned());
    let (versions, request) = (versions.to_vec(), b"GET / HTTP/1.1\r\n\r\n".to_vec());
    let caller = Call { name, versions, identity: None, check: None, request, limits: LIMITS };
    call(dial("127.0.0.1", port, LIMITS.whole).unwrap(), &caller, &|_| false)
}

fn judge(peers: Vec<Peer>) {
    // Most of the time is spent in waiting.
    std::thread::scope(|scope| {
        for peer in peers {
            scope.spawn(move || {
                let listening = Listening::start(&peer.act);
                for versions in [&Version::ALL[..], &[Version::Tls12]] {
                    let begun = Instant::now();
                    let met = meet(listening.port, versions);
                    let old = old::meet(
                        dial("127.0.0.1", listening.port, LIMITS.whole).unwrap(),
                        &PeerName::Dns("any.name".to_owned()),
                        LIMITS,
                    );
                    assert!(begun.elapsed() < LONGEST, "{}", peer.name);
                    assert!(peer.shows || met.chain.is_empty() && old.is_err(), "{}: {met:?}", peer.name);
                    assert!(met.chain.iter().map(Vec::len).sum::<usize>() <= 1 << 16, "{}", peer.name);
                    assert!(!matches!(met.end, End::Failed(Failure::Io(_))), "{}: {:?}", peer.name, met.end);
                    // What is harmless one by one ends at the bound of octets, and at no other.
                    let endless = ["warnings", "empty records", "requests for a hello"];
                    if endless.iter().any(|begin| peer.name.starts_with(begin)) {
                        assert_eq!(old, Err(Failure::TooMuch(Stage::Handshake)), "{}", peer.name);
                    }
                    let answered = match &met.end {
                        End::Done(After::Answer(answer)) => answer.len(),
                        _ => 0,
                    };
                    // Who has very much to say is heard up to the limit, in whatever pieces it comes.
                    let talks =
                        peer.shows && ["without end", "of all sizes"].iter().any(|word| peer.name.ends_with(word));
                    assert!(answered <= LIMITS.answer, "{}", peer.name);
                    assert!(!talks || answered == LIMITS.answer, "{}: {:?}", peer.name, met.end);
                }
            });
        }
    });
}

#[test]
fn slow_peers() {
    judge(peers::slow());
}

#[test]
fn foreign_peers() {
    judge(peers::foreign());
}

#[test]
fn floods() {
    judge(peers::floods());
}

#[test]
fn odd_peers() {
    judge(peers::odd());
}

#[test]
fn peers_that_shake_hands() {
    judge(insiders::all());
}

//! Both ends against each other, and callers against what is no TLS, over real sockets.

#![expect(clippy::similar_names, reason = "caller and callee are the words for the two ends")]

use super::client::{Call, call};
use super::dial::dial;
use super::server::{Callee, answer, loopback};
use super::*;
use crate::host::threads::Starting;
use crate::pki::encryption::Derivations;
use crate::pki::inventory::{InFile, read_with_keys};
use crate::pki::path::PeerName;
use crate::pki::secret::Secret;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

const LIMITS: Limits = Limits { whole: Duration::from_secs(10), after: Duration::from_millis(500), answer: 1000 };

fn identity(role: &str) -> (Vec<u8>, Identity) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden/compatible");
    let read = |name: String| {
        let bytes = Ok(Secret::new(std::fs::read(folder.join(&name)).unwrap()));
        let file = InFile { path: name, bytes, others_may_read: false, tracked_by_git: false };
        read_with_keys(file, &[], &Derivations::default())
    };
    let (certificate, key) = (read(format!("{role}.pem")), read(format!("{role}_key.pem")));
    let der = certificate.certificates().next().unwrap().der().to_vec();
    let key = key.keys().next().unwrap().private.as_ref().unwrap();
    (der.clone(), Identity::new(vec![der], key).unwrap())
}

fn accept() -> Arc<Check> {
    Arc::new(|_: &[Vec<u8>]| Ok(()))
}

fn refuse(reason: Reason) -> Arc<Check> {
    Arc::new(move |_: &[Vec<u8>]| Err(Refusal { reason, words: "no".to_owned() }))
}

fn meet(version: Version, identity_shown: Option<Identity>, checks: [Arc<Check>; 2]) -> (Met, Met) {
    let [of_caller, of_callee] = checks;
    let (ours, theirs) = loopback(LIMITS.whole).unwrap();
    let callee = Callee {
        identity: identity("server").1,
        versions: Version::ALL.to_vec(),
        check: of_callee,
        issuers: vec![vec![0x30, 0]],
        answer: b"well met".to_vec(),
        limits: LIMITS,
    };
    let caller = Call {
        name: PeerName::Dns("any.name".to_owned()),
        versions: vec![version],
        identity: identity_shown,
        check: Some(of_caller),
        request: b"hello".to_vec(),
        limits: LIMITS,
    };
    std::thread::scope(|scope| {
        let starting = Starting::announce();
        let callee = scope.spawn(move || {
            starting.begin();
            answer(theirs, &callee)
        });
        (call(ours, &caller, &|answer| answer.len() >= 8), callee.join().unwrap())
    })
}

#[test]
fn both_ends_see_each_other() {
    for version in Version::ALL {
        let (caller, callee) = meet(version, Some(identity("client").1), [accept(), accept()]);
        assert_eq!(caller.end, End::Done(After::Answer(b"well met".to_vec())));
        assert_eq!(callee.end, End::Done(After::Answer(b"hello".to_vec())));
        assert_eq!((caller.version, callee.version), (Some(version), Some(version)));
        assert_eq!((caller.chain, callee.chain), (vec![identity("server").0], vec![identity("client").0]));
        assert_eq!((caller.proof, callee.proof), (Proof::Given, Proof::Given));
        assert_eq!(caller.asked, Some(Asked { issuers: vec![vec![0x30, 0]] }));
        assert!(caller.shown && caller.suite.as_ref().unwrap().starts_with("TLS_"), "{:?}", caller.suite);
    }
}

#[test]
fn a_caller_without_a_certificate_is_refused() {
    for version in Version::ALL {
        let (caller, callee) = meet(version, None, [accept(), accept()]);
        assert_eq!(callee.end, End::Failed(Failure::NoCertificate));
        let End::Failed(Failure::Alert(alert, _)) = caller.end else { panic!("{caller:?}") };
        assert_eq!((alert_name(alert).as_str(), caller.shown), ("certificate_required", false));
    }
}

#[test]
fn each_end_may_refuse_the_other() {
    let said = [
        (Reason::Expired, "certificate_expired"),
        (Reason::UnknownIssuer, "unknown_ca"),
        (Reason::WrongName, "bad_certificate"),
    ];
    for version in Version::ALL {
        for (reason, alert) in said {
            let refused = End::Failed(Failure::Refused(Refusal { reason, words: "no".to_owned() }));
            let (caller, callee) = meet(version, Some(identity("client").1), [refuse(reason), accept()]);
            assert_eq!(caller.end, refused);
            assert!(matches!(callee.end, End::Failed(Failure::Alert(number, _)) if alert_name(number) == alert));
            let (caller, callee) = meet(version, Some(identity("client").1), [accept(), refuse(reason)]);
            assert_eq!(callee.end, refused);
            assert!(matches!(caller.end, End::Failed(Failure::Alert(number, _)) if alert_name(number) == alert));
        }
    }
}

#[test]
fn a_key_of_another_certificate_is_no_identity() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden/compatible");
    let bytes = Ok(Secret::new(std::fs::read(folder.join("client_key.pem")).unwrap()));
    let file = InFile { path: String::new(), bytes, others_may_read: false, tracked_by_git: false };
    let file = read_with_keys(file, &[], &Derivations::default());
    let key = file.keys().next().unwrap().private.as_ref().unwrap();
    assert_eq!(Identity::new(vec![identity("server").0], key).unwrap_err(), IdentityError::OtherKey);
    let nothing = Identity::new(vec![identity("server").0], &Secret::new(vec![1, 2, 3])).unwrap_err();
    assert_eq!(nothing, IdentityError::Unusable);
}

/// What a caller makes of somebody who does this with the connection.
fn against(limits: Limits, peer: impl FnOnce(TcpStream) + Send) -> End {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::scope(|scope| {
        scope.spawn(move || peer(listener.accept().unwrap().0));
        let (name, versions) = (PeerName::Dns("any.name".to_owned()), Version::ALL.to_vec());
        let caller = Call { name, versions, identity: None, check: None, request: Vec::new(), limits };
        call(dial("127.0.0.1", port, limits.whole).unwrap(), &caller, &|_| true).end
    })
}

fn hello(stream: &mut TcpStream) {
    assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
}

#[test]
fn what_is_no_tls_is_kept() {
    let page = b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n".to_vec();
    let said = page.clone();
    let end = against(LIMITS, move |mut stream| {
        hello(&mut stream);
        stream.write_all(&said[..3]).unwrap();
        stream.write_all(&said[3..]).unwrap();
    });
    assert_eq!(end, End::Failed(Failure::NotTls(page)));
}

#[test]
fn whoever_goes_away_is_told_from_whoever_keeps_silent() {
    assert_eq!(against(LIMITS, |mut stream| hello(&mut stream)), End::Failed(Failure::Closed(Stage::Greeting)));
    let short = Limits { whole: Duration::from_millis(200), ..LIMITS };
    let silent = against(short, |mut stream| while stream.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {});
    assert_eq!(silent, End::Failed(Failure::Silent { stage: Stage::Greeting, octets: 0 }));
    let alert = against(LIMITS, |mut stream| {
        hello(&mut stream);
        stream.write_all(&[21, 3, 1, 0, 2, 2, 70]).unwrap();
    });
    assert_eq!(alert, End::Failed(Failure::Alert(70, Stage::Handshake)));
}

#[test]
fn an_octet_at_a_time_does_not_hold_a_call_up() {
    let short = Limits { whole: Duration::from_millis(300), ..LIMITS };
    let begun = Instant::now();
    let end = against(short, |mut stream| {
        let octets = [22, 3, 3, 0x3f, 0xff].into_iter().chain(std::iter::repeat(2));
        for octet in octets.take(400) {
            std::thread::sleep(Duration::from_millis(10));
            if stream.write_all(&[octet]).is_err() {
                return;
            }
        }
    });
    assert!(matches!(end, End::Failed(Failure::Silent { stage: Stage::Handshake, .. })), "{end:?}");
    assert!(begun.elapsed() < Duration::from_secs(8));
}

#[test]
fn endless_octets_are_too_much() {
    let end = against(LIMITS, |mut stream| {
        hello(&mut stream);
        // A handshake message said to be of 16 MB (RFC 8446 4), in records of 16 KiB.
        let mut record = vec![22, 3, 3, 0x40, 0];
        record.extend([2, 0xff, 0xff, 0xff]);
        record.resize(5 + 0x4000, 0);
        while stream.write_all(&record).is_ok() {}
    });
    assert_eq!(end, End::Failed(Failure::TooMuch(Stage::Handshake)));
}

#[test]
fn alerts_have_the_names_of_the_rfc() {
    let names = [0, 40, 42, 45, 46, 48, 70, 112, 116].map(alert_name);
    assert_eq!(
        names,
        [
            "close_notify",
            "handshake_failure",
            "bad_certificate",
            "certificate_expired",
            "certificate_unknown",
            "unknown_ca",
            "protocol_version",
            "unrecognised_name",
            "certificate_required"
        ]
    );
}

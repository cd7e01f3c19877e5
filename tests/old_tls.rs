//! Ports that only speak old TLS, as OpenSSL still can: what qcert sees of them, against what they were given to show.
//!
//! Without OpenSSL 3 this says SKIPPED; with `QCERT_STRANGERS=required` that is a failure.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests start programs, look at files, and end where something is wrong"
)]

#[path = "old_tls/s_server.rs"]
mod s_server;
mod support;

use qcert::host::tls::client::{Call, call};
use qcert::host::tls::dial::{Connection, dial};
use qcert::host::tls::old::{self, OldMet};
use qcert::host::tls::{Asked, End, Failure, Limits, Met, Version};
use qcert::pki::path::PeerName;
use s_server::{SServer, golden};
use std::time::Duration;

const LIMITS: Limits = Limits { whole: Duration::from_mins(1), after: Duration::from_millis(200), answer: 0 };

/// How a server is made to be old, and what it then is.
const OLD: [(&[&str], &str, &str); 6] = [
    (&["-tls1", "-cipher", "AES128-SHA@SECLEVEL=0"], "TLS 1.0", "TLS_RSA_WITH_AES_128_CBC_SHA"),
    (&["-tls1", "-cipher", "ECDHE-RSA-AES256-SHA@SECLEVEL=0"], "TLS 1.0", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"),
    (&["-tls1_1", "-cipher", "DHE-RSA-AES256-SHA@SECLEVEL=0"], "TLS 1.1", "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"),
    (&["-tls1_2", "-cipher", "AES128-SHA"], "TLS 1.2", "TLS_RSA_WITH_AES_128_CBC_SHA"),
    (&["-tls1_2", "-cipher", "AES256-GCM-SHA384"], "TLS 1.2", "TLS_RSA_WITH_AES_256_GCM_SHA384"),
    (&["-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA384"], "TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"),
];

fn start(more: &[&str]) -> Option<SServer> {
    let server = SServer::start(more);
    if server.is_none() {
        support::skipped("openssl 3 is not installed");
    }
    server
}

fn dialled(port: u16) -> Connection {
    dial("127.0.0.1", port, LIMITS.whole).unwrap()
}

fn meet_old(port: u16, name: &str) -> Result<OldMet, Failure> {
    old::meet(dialled(port), &PeerName::Dns(name.to_owned()), LIMITS)
}

fn meet(port: u16) -> Met {
    let (name, versions) = (PeerName::Dns("any.name".to_owned()), Version::ALL.to_vec());
    let caller = Call { name, versions, identity: None, check: None, request: Vec::new(), limits: LIMITS };
    call(dialled(port), &caller, &|_| true)
}

fn der(name: &str) -> Vec<u8> {
    support::certificate(&golden(name)).der().to_vec()
}

#[test]
fn what_an_old_port_shows_is_seen() {
    for (options, version, suite) in OLD {
        let Some(server) = start(options) else { return };
        let met = meet(server.port);
        let End::Failed(failure) = &met.end else { panic!("rustls speaks with it: {options:?}") };
        assert!(old::may_explain(failure) && met.chain.is_empty(), "{options:?}: {failure:?}");
        let expected = OldMet { version, suite: suite.to_owned(), chain: vec![der("server.pem")], asked: None };
        assert_eq!(meet_old(server.port, "any.name"), Ok(expected), "{options:?}");
    }
}

/// Before TLS 1.2 a request for a certificate has another form.
#[test]
fn whose_certificates_an_old_port_wants_is_seen() {
    let root = golden("root.pem").display().to_string();
    let issuers = vec![support::certificate(&golden("root.pem")).subject().to_vec()];
    for (options, version, _) in OLD {
        let asking = ["-Verify", "1", "-CAfile", &root];
        let Some(server) = start(&[options, &asking].concat()) else { return };
        let met = meet_old(server.port, "any.name").unwrap();
        assert_eq!(met.asked, Some(Asked { issuers: issuers.clone() }), "{options:?}");
        // OpenSSL adds to the chain what it has of it.
        assert_eq!((met.version, &met.chain[..]), (version, &[der("server.pem"), der("root.pem")][..]));
    }
    let Some(server) = start(&[OLD[0].0, &["-verify", "1", "-no-CAfile", "-no-CApath", "-no-CAstore"]].concat()) else {
        return;
    };
    assert_eq!(meet_old(server.port, "any.name").unwrap().asked, Some(Asked::default()), "anybody's");
}

#[test]
fn the_name_that_is_called_is_said() {
    let (certificate, key) = (golden("client.pem"), golden("client_key.pem"));
    let (certificate, key) = (certificate.display().to_string(), key.display().to_string());
    let named = ["-servername", "other.name", "-cert2", &certificate, "-key2", &key];
    let Some(server) = start(&[OLD[0].0, &named].concat()) else { return };
    assert_eq!(meet_old(server.port, "any.name").unwrap().chain, [der("server.pem")]);
    assert_eq!(meet_old(server.port, "other.name").unwrap().chain, [der("client.pem")]);
}

/// Longer than a record can be (16 KiB).
#[test]
fn a_long_chain_is_read_whole() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let long = folder.path().join("long.pem");
    let root = fs_err::read_to_string(golden("root.pem")).unwrap();
    fs_err::write(&long, root.repeat(40)).unwrap();
    let Some(server) = start(&[OLD[0].0, &["-cert_chain", &long.display().to_string()]].concat()) else { return };
    let met = meet_old(server.port, "any.name").unwrap();
    assert_eq!((met.chain.len(), &met.chain[0], &met.chain[40]), (41, &der("server.pem"), &der("root.pem")));
    assert!(met.chain.concat().len() > 1 << 15);
}

/// Who speaks TLS 1.3 alone is not old; who speaks TLS 1.2 as well answers this question, but is never asked it.
#[test]
fn a_port_of_today_is_not_taken_for_an_old_one() {
    let Some(server) = start(&["-tls1_3"]) else { return };
    assert!(matches!(meet_old(server.port, "any.name"), Err(Failure::Alert(70, _))));
    assert!(matches!(meet(server.port).end, End::Done(_)));
    let Some(server) = start(&["-tls1_2"]) else { return };
    let met = meet_old(server.port, "any.name").unwrap();
    assert_eq!((met.version, met.chain), ("TLS 1.2", vec![der("server.pem")]));
    assert!(matches!(meet(server.port).end, End::Done(_)));
}

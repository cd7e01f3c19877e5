//! Flights on octets: whole, cut anywhere, in pieces of any size, and broken.

use super::super::super::{Asked, Failure, Stage};
use super::super::{OldMet, hello, may_explain};
use super::Flight;
use crate::pki::path::PeerName;
use std::net::IpAddr;

fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[kind, 3, 1][..], &counted(2, content)].concat()
}

fn counted(octets: usize, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    [&length[length.len() - octets..], content].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &counted(3, body)].concat()
}

fn server_hello(minor: u8, suite: u16) -> Vec<u8> {
    let body = [&[3, minor][..], &[7; 32], &[2, 9, 9], &suite.to_be_bytes(), &[0], &[0, 5, 0xff, 1, 0, 1, 0]];
    message(2, &body.concat())
}

fn certificate(chain: &[&[u8]]) -> Vec<u8> {
    let list: Vec<u8> = chain.iter().flat_map(|one| counted(3, one)).collect();
    message(11, &counted(3, &list))
}

fn request(minor: u8, issuers: &[&[u8]]) -> Vec<u8> {
    let names: Vec<u8> = issuers.iter().flat_map(|one| counted(2, one)).collect();
    let signatures: &[u8] = if minor == 3 { &[0, 4, 4, 1, 2, 1] } else { &[] };
    message(13, &[&[2, 1, 64], signatures, &counted(2, &names)].concat())
}

fn whole(minor: u8, issuers: Option<&[&[u8]]>) -> Vec<u8> {
    let asked = issuers.map(|issuers| request(minor, issuers)).unwrap_or_default();
    let key_exchange = message(12, &[3; 40]);
    [server_hello(minor, 0xc013), certificate(&[b"leaf", b"root"]), key_exchange, asked, message(14, &[])].concat()
}

fn read(octets: &[u8]) -> Result<Option<OldMet>, Failure> {
    Flight::default().take(octets)
}

fn expected(version: &'static str, issuers: Option<&[&[u8]]>) -> OldMet {
    let asked = issuers.map(|issuers| Asked { issuers: issuers.iter().map(|name| name.to_vec()).collect() });
    let suite = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA".to_owned();
    OldMet { version, suite, chain: vec![b"leaf".to_vec(), b"root".to_vec()], asked }
}

#[test]
fn every_version_is_read_with_its_kind_of_request() {
    for (minor, version) in [(0, "SSL 3.0"), (1, "TLS 1.0"), (2, "TLS 1.1"), (3, "TLS 1.2")] {
        for issuers in [None, Some(&[][..]), Some(&[&b"one"[..], b"two"][..])] {
            let met = read(&record(22, &whole(minor, issuers))).unwrap().unwrap();
            assert_eq!(met, expected(version, issuers));
        }
    }
    assert_eq!(read(&record(22, &whole(4, None))), Err(Failure::NoCommonVersion));
}

/// RFC 5246 6.2.1: messages may share a record, and one may go over several; a stream may come in any pieces.
#[test]
fn cuts_change_nothing() {
    let messages = whole(3, Some(&[b"name"]));
    for size in 1..=messages.len() {
        let stream: Vec<u8> = messages.chunks(size).flat_map(|piece| record(22, piece)).collect();
        assert_eq!(read(&stream).unwrap().unwrap(), expected("TLS 1.2", Some(&[b"name"])), "{size}");
        let mut flight = Flight::default();
        let mut pieces = stream.chunks(size % 13 + 1).map(|piece| flight.take(piece).unwrap());
        assert_eq!(pieces.find_map(|met| met).unwrap().version, "TLS 1.2", "{size}");
    }
}

/// Whatever lacks its end has not been met.
#[test]
fn what_is_cut_short_is_not_taken() {
    let stream = record(22, &whole(1, Some(&[b"name"])));
    for length in 0..stream.len() {
        assert_eq!(read(&stream[..length]), Ok(None), "{length}");
    }
    // The record whole, but what is in it cut: at any place.
    let messages = whole(1, Some(&[b"name"]));
    for length in 0..messages.len() {
        assert_eq!(read(&record(22, &messages[..length])), Ok(None), "{length}");
    }
    // Each message cut within itself.
    for (kind, body) in
        [(2, &server_hello(1, 5)[4..]), (11, &certificate(&[b"x"])[4..]), (13, &request(1, &[b"x"])[4..])]
    {
        let before = if kind == 2 { Vec::new() } else { server_hello(1, 5) };
        // A ServerHello is whole without its extensions.
        let shortest = if kind == 2 { body.len() - 7 } else { body.len() };
        for length in 0..shortest {
            let cut = record(22, &[&before[..], &message(kind, &body[..length])].concat());
            assert!(matches!(read(&cut), Err(Failure::Protocol(_) | Failure::NoCommonVersion)), "{kind} {length}");
        }
    }
}

/// Nothing panics, and nothing is read that is not there.
#[test]
fn broken_octets_are_survived() {
    for minor in [1, 3] {
        let stream = record(22, &whole(minor, Some(&[b"name", b"another"])));
        for place in 0..stream.len() {
            for change in 1..=255 {
                let mut broken = stream.clone();
                broken[place] ^= change;
                if let Ok(Some(met)) = read(&broken) {
                    let kept: usize = met.chain.iter().map(Vec::len).sum();
                    assert!(!met.chain.is_empty() && kept <= stream.len(), "{place} {change}");
                }
            }
        }
    }
    let mut state = 1_u32;
    for length in 0..4000 {
        let garbage: Vec<u8> = (0..length % 97)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            })
            .collect();
        drop(read(&garbage));
        assert!(!matches!(read(&record(22, &garbage)), Ok(Some(_))), "{garbage:?}");
        drop(read(&record(22, &[server_hello(3, 5), message(11, &garbage), message(14, &[])].concat())));
        drop(read(&record(22, &[server_hello(3, 5), message(13, &garbage), message(14, &[])].concat())));
    }
}

#[test]
fn what_is_against_the_protocol_is_told() {
    let against = |octets: &[u8]| matches!(read(octets), Err(Failure::Protocol(_)));
    let hello = server_hello(1, 0x2f);
    assert!(against(&record(22, &certificate(&[b"leaf"]))), "a certificate before the hello");
    assert!(against(&record(22, &[&hello[..], &hello].concat())), "two hellos");
    assert!(against(&record(22, &[&hello[..], &message(14, &[])].concat())), "no certificate");
    assert!(against(&record(22, &[&hello[..], &certificate(&[])].concat())), "an empty chain");
    assert!(against(&record(22, &[&hello[..], &certificate(&[b""])].concat())), "an empty certificate");
    assert!(against(&record(22, &[certificate(&[b"a"]), certificate(&[b"b"])].concat())), "two chains");
    assert!(against(&record(22, &[&hello[..], &message(20, &[0; 12])].concat())), "the end before the middle");
    assert!(against(&record(23, b"GET")), "data in the middle");
    assert!(against(&[22, 9, 9, 0, 0]), "another version of records");
    assert!(against(&[22, 3, 1, 0x40, 1]), "a record too long");
    let large = [&hello[..], &[11, 1, 0, 0]].concat();
    assert_eq!(read(&record(22, &large)), Err(Failure::TooMuch(Stage::Handshake)));
    let squeezed = [&[3, 1][..], &[7; 32], &[0], &[0, 0x2f], &[1]].concat();
    assert!(against(&record(22, &message(2, &squeezed))), "compression");
}

#[test]
fn alerts_end_it_but_warnings_do_not() {
    let all = record(22, &whole(2, None));
    let warned = [record(21, &[1, 112]), all.clone()].concat();
    assert_eq!(read(&warned).unwrap().unwrap(), expected("TLS 1.1", None));
    assert_eq!(read(&record(21, &[2, 40])), Err(Failure::Alert(40, Stage::Handshake)));
    assert_eq!(read(&record(21, &[1, 112, 2, 70])), Err(Failure::Alert(70, Stage::Handshake)));
    assert_eq!(read(&record(21, &[1, 0])), Err(Failure::Closed(Stage::Handshake)));
    assert!(matches!(read(&record(21, &[2])), Err(Failure::Protocol(_))));
}

#[test]
fn suites_without_a_name_have_their_number() {
    let met = |suite| read(&record(22, &[server_hello(1, suite), certificate(&[b"a"]), message(14, &[])].concat()));
    assert_eq!(met(0x0a0a).unwrap().unwrap().suite, "0x0a0a");
    assert_eq!(met(0x000a).unwrap().unwrap().suite, "TLS_RSA_WITH_3DES_EDE_CBC_SHA");
}

#[test]
fn the_hello_names_whom_it_means() {
    let named = hello::client_hello(&PeerName::Dns("host.domain".to_owned()), &[5; 32]);
    assert_eq!(named[..11], [22, 3, 1, 0, u8::try_from(named.len() - 5).unwrap(), 1, 0, 0, named[4] - 4, 3, 3]);
    assert!(named.windows(11).any(|window| window == b"host.domain"));
    let bare = hello::client_hello(&PeerName::Ip(IpAddr::from([127, 0, 0, 1])), &[5; 32]);
    assert_eq!(named.len() - bare.len(), 4 + 2 + 1 + 2 + 11);
}

#[test]
fn only_what_age_explains_is_asked_again() {
    for (failure, worth) in [
        (Failure::NoCommonVersion, true),
        (Failure::Alert(70, Stage::Handshake), true),
        (Failure::Alert(40, Stage::After), false),
        (Failure::Alert(48, Stage::Handshake), false),
        (Failure::Reset(Stage::Greeting), true),
        (Failure::Closed(Stage::Handshake), false),
        (Failure::Silent { stage: Stage::Greeting, octets: 0 }, false),
    ] {
        assert_eq!(may_explain(&failure), worth, "{failure:?}");
    }
}

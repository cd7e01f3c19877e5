//! The hostile peers that need no TLS of their own: they hold up, flood, lie about lengths, or are somebody else.

use super::super::s_server::golden;
use super::super::support;
use super::listening::{Act, hear_all, hear_hello, say_often};
use super::octets::{Age, certificates, counted, flight, message, records, request, server_hello};
use std::io::{self, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) act: Act,
    /// Certificates can be seen, so that whoever only looks has an answer.
    pub(crate) shows: bool,
}

impl Peer {
    pub(crate) fn new(
        name: &'static str,
        act: impl Fn(&mut TcpStream) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self { name, act: Arc::new(move |mut stream| act(&mut stream)), shows: false }
    }

    pub(crate) fn that_shows(self) -> Self {
        Self { shows: true, ..self }
    }
}

const HUNDRED_MEGABYTES: usize = 100 << 20;

/// These hold their caller up.
pub(crate) fn slow() -> Vec<Peer> {
    vec![
        Peer::new("never answers", hear_all),
        Peer::new("never reads", |_| {
            std::thread::sleep(Duration::from_mins(1));
            Ok(())
        }),
        Peer::new("an octet a second", |stream| {
            hear_hello(stream)?;
            for octet in flight(Age::Today, &[golden_server()], &[]) {
                stream.write_all(&[octet])?;
                std::thread::sleep(Duration::from_secs(1));
            }
            Ok(())
        }),
        Peer::new("an octet a second of a page", |stream| {
            for octet in b"HTTP/1.1 200 OK\r\n".iter().chain(std::iter::repeat(&b'a')).take(100) {
                stream.write_all(&[*octet])?;
                std::thread::sleep(Duration::from_secs(1));
            }
            Ok(())
        }),
        Peer::new("closes at once", |_| Ok(())),
        Peer::new("closes after the hello", hear_hello),
    ]
}

/// These have another language.
pub(crate) fn foreign() -> Vec<Peer> {
    let says = |name, words: &'static [u8]| {
        Peer::new(name, move |stream| {
            stream.write_all(words)?;
            hear_all(stream)
        })
    };
    vec![
        says("ssh", b"SSH-2.0-OpenSSH_9.9\r\n"),
        says("smtp", b"220 mail.domain ESMTP ready\r\n"),
        says("plain http", b"HTTP/1.1 400 Bad Request\r\nServer: Microsoft-HTTPAPI/2.0\r\nContent-Length: 0\r\n\r\n"),
        says(
            "http with control characters",
            b"HTTP/1.1 200 \x1b[2J\x07\xe2\x80\xae\r\nServer: \x1b]0;owned\x07\xe2\x80\xae\r\nX\x00: \x9b\r\n\r\n\x1b[31m",
        ),
        says("a proxy with control characters", b"HTTP/1.1 407 \x1b[2J\r\nProxy-Authenticate: \x1b[1mBasic\r\n\r\n"),
        says("garbage", &[0x9b, 0x1b, b'[', b'2', b'J', 0xe2, 0x80, 0xae, 0, 0xff, 7, 8, b'\r']),
        Peer::new("endless garbage", |stream| say_often(stream, &garbage(99_991), HUNDRED_MEGABYTES)),
        Peer::new("garbage in records", |stream| {
            hear_hello(stream)?;
            say_often(stream, &records(22, &garbage(9_973)), 10_000)
        }),
        Peer::new("http of 1 GB", |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")?;
            say_often(stream, b"a", 1 << 30)
        }),
        Peer::new("an http head without end", |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
            say_often(stream, b"Header: value\r\n", 1 << 26)
        }),
    ]
}

/// These say more than they may, in the clear.
pub(crate) fn floods() -> Vec<Peer> {
    let endless = |name, record: Vec<u8>| {
        Peer::new(name, move |stream| {
            hear_hello(stream)?;
            say_often(stream, &record, HUNDRED_MEGABYTES / record.len())
        })
    };
    let after_hello = |age, then: Vec<u8>| {
        let begun = records(22, &server_hello(age));
        move |stream: &mut TcpStream| {
            hear_hello(stream)?;
            stream.write_all(&begun)?;
            say_often(stream, &then, HUNDRED_MEGABYTES / then.len())
        }
    };
    // One certificate of 15 MB, as far as the length goes; and many that fill their message.
    let giant = [&[11, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc, 0xff, 0xff, 0xf9][..], &[0x30; 16_000]].concat();
    let full = certificates(&vec![vec![0x30; 1000]; 60]);
    let mut peers = vec![
        endless("warnings without end", records(21, &[1, 112])),
        endless("empty records without end", vec![22, 3, 3, 0, 0]),
        endless("requests for a hello without end", records(22, &[0, 0, 0, 0])),
        endless("one octet in each record", records(22, &[2])),
        endless("a message said to be of 16 MB", records(22, &[&[2, 0xff, 0xff, 0xff][..], &[0; 16_000]].concat())),
    ];
    for age in [Age::Today, Age::Old] {
        peers.push(Peer::new("one message of 100 MB of certificates", after_hello(age, records(22, &giant))));
        peers.push(Peer::new("100 MB of chains", after_hello(age, records(22, &full))));
        for size in [0xffff_usize, 0x1_0000, 0x1_0001] {
            // At the edge of what is taken: the message's body is of this size.
            let body = counted(3, &counted(3, &vec![0x30; size - 6]));
            let octets = records(22, &[server_hello(age), message(11, &body), message(14, &[])].concat());
            peers.push(Peer::new("a chain at the edge of what is taken", say_once(octets)).that_shows());
        }
    }
    peers
}

/// These show what they may, and it is odd.
pub(crate) fn odd() -> Vec<Peer> {
    let tiny = vec![vec![0x30, 1, 0]; 10_000];
    let names: Vec<Vec<u8>> = (0..6000_u32).map(|number| common_name(&format!("{number:04}"))).collect();
    let spoilt = vec![spoilt_certificate()];
    let spoilt_names = [common_name("\u{1b}[2J\u{202e}\u{7}\r\n"), vec![0x30, 0x9b], b"\x1b[2J".to_vec()];
    let mut peers = Vec::new();
    for age in [Age::Today, Age::Old] {
        let mut add = |name, chain: &[Vec<u8>], asked: &[u8]| {
            peers.push(Peer::new(name, say_once(flight(age, chain, asked))).that_shows());
        };
        add("10,000 tiny certificates", &tiny, &[]);
        add("20,000 empty issuers", &[golden_server()], &request(age, &vec![Vec::new(); 20_000]));
        add("thousands of issuers", &[golden_server()], &request(age, &names[..3000]));
        add("more issuers than fit", &[golden_server()], &request(age, &names));
        add("names with control characters", &spoilt, &request(age, &spoilt_names));
        add("no certificate", &[], &[]);
        add("an empty certificate", &[Vec::new()], &[]);
        add("the same certificate forty times", &vec![golden_server(); 40], &[]);
    }
    peers
}

fn say_once(octets: Vec<u8>) -> impl Fn(&mut TcpStream) -> io::Result<()> {
    move |stream| {
        hear_hello(stream)?;
        stream.write_all(&octets)?;
        hear_all(stream)
    }
}

pub(crate) fn golden_server() -> Vec<u8> {
    support::certificate(&golden("server.pem")).der().to_vec()
}

/// The golden certificate whose names are changed into something to be shown with care. Its signature is none any more.
pub(crate) fn spoilt_certificate() -> Vec<u8> {
    let mut der = golden_server();
    // As many octets: an escape sequence, a bell, an override of the direction, a line's end.
    let (name, spoilt) = (b"Qlik1.test", b"\x1b[J\x07\xe2\x80\xae\r\na");
    let places: Vec<usize> = (0..der.len())
        .filter(|place| der[*place..].get(..10).is_some_and(|at| at.eq_ignore_ascii_case(name)))
        .collect();
    assert!(!places.is_empty());
    for place in places {
        der[place..place + spoilt.len()].copy_from_slice(spoilt);
    }
    der
}

/// RFC 5280 4.1.2.4: one attribute, in UTF-8.
pub(crate) fn common_name(name: &str) -> Vec<u8> {
    let short = |tag: u8, content: &[u8]| [&[tag][..], &counted(1, content)].concat();
    let attribute = short(0x30, &[&[6, 3, 0x55, 4, 3][..], &short(0x0c, name.as_bytes())].concat());
    short(0x30, &short(0x31, &attribute))
}

fn garbage(length: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

//! Hostile peers that shake hands like everybody else, on rustls, and misbehave then.

use super::super::s_server::golden;
use super::listening::hear_all;
use super::peers::{Peer, common_name, golden_server};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{DistinguishedName, RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

type Said = StreamOwned<ServerConnection, TcpStream>;

fn config(issuers: Vec<Vec<u8>>, tickets: usize) -> Arc<ServerConfig> {
    let provider = Arc::new(default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let builder = builder.unwrap();
    let builder = if issuers.is_empty() {
        builder.with_no_client_auth()
    } else {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(golden("root.pem")).unwrap()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let names = issuers.into_iter().map(DistinguishedName::from);
        builder.with_client_cert_verifier(
            verifier.clear_root_hint_subjects().add_root_hint_subjects(names).allow_unauthenticated().build().unwrap(),
        )
    };
    let key = PrivateKeyDer::from_pem_file(golden("server_key.pem")).unwrap();
    let mut config = builder.with_single_cert(vec![golden_server().into()], key).unwrap();
    config.send_tls13_tickets = tickets;
    Arc::new(config)
}

fn insider(
    name: &'static str,
    config: Arc<ServerConfig>,
    then: impl Fn(&mut Said) -> io::Result<()> + Send + Sync + 'static,
) -> Peer {
    let act = move |stream: &mut TcpStream| {
        let server = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
        let mut said = StreamOwned::new(server, stream.try_clone()?);
        while said.conn.is_handshaking() {
            said.conn.complete_io(&mut said.sock)?;
        }
        then(&mut said)
    };
    Peer::new(name, act).that_shows()
}

pub(crate) fn all() -> Vec<Peer> {
    let plain = || config(Vec::new(), 2);
    let after_the_question = |name, head: &'static [u8], body: &'static [u8]| {
        insider(name, plain(), move |said| {
            // Whoever asks nothing is told all the same.
            said.sock.set_read_timeout(Some(Duration::from_millis(200)))?;
            drop(said.read(&mut [0; 4096]));
            said.write_all(head)?;
            while !body.is_empty() {
                said.write_all(body)?;
            }
            said.flush()?;
            hear_all(&mut said.sock)
        })
    };
    let odd_names = vec![common_name("\u{1b}[2J\u{202e}\u{7}\r\n"), vec![0x30, 0x9b], b"\x1b[2J".to_vec()];
    let many_names = (0..3000_u32).map(|number| common_name(&format!("{number:04}"))).collect();
    vec![
        insider("says nothing after the handshake", plain(), |said| hear_all(&mut said.sock)),
        insider("hangs up after the handshake", plain(), |_| Ok(())),
        insider("100,000 tickets", config(Vec::new(), 100_000), |said| hear_all(&mut said.sock)),
        after_the_question("an answer without end", b"HTTP/1.1 200 OK\r\n\r\n", &[b'a'; 16_000]),
        after_the_question("a head without end", b"HTTP/1.1 200 OK\r\n", b"Header: value\r\n"),
        after_the_question(
            "a head with control characters",
            b"HTTP/1.1 403 \x1b[2J\x07\xe2\x80\xae\r\nServer: \x1b]0;owned\x07\r\nContent-Length: 3\r\n\r\n\x1b[J",
            b"",
        ),
        after_the_question(
            "chunks of nothing",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"1\r\na\r\n",
        ),
        insider("records of all sizes", plain(), |said| {
            said.sock.set_read_timeout(Some(Duration::from_millis(200)))?;
            drop(said.read(&mut [0; 4096]));
            // Many end in what is read at once: 16 KiB, and some more.
            for size in (0..).map(|number| if number % 9 == 0 { 16_384 } else { 300 }) {
                said.write_all(&vec![b'a'; size])?;
            }
            Ok(())
        }),
        after_the_question("a huge length", b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", b""),
        after_the_question("no http", b"\x1b[2J\xe2\x80\xae\x00\xff", b""),
        insider("asks for odd issuers", config(odd_names, 2), |said| hear_all(&mut said.sock)),
        insider("asks for thousands of issuers", config(many_names, 2), |said| hear_all(&mut said.sock)),
    ]
}

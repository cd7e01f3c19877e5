//! A real server, OpenSSL, behind a line that breaks after so many octets, in good order or with a reset: every step of
//! a handshake is a place to lose the other end.

use super::super::s_server::SServer;
use super::super::support;
use super::listening::Listening;
use super::peers::Peer;
use super::runs;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// More than what this server says in a handshake.
const LONGEST: usize = 2200;
const STEP: usize = 199;
/// Whoever has nothing more to say is left: one end may have gone, which a look at what waits does not tell.
const QUIET: Duration = Duration::from_millis(700);
/// The first octets matter most: the header of a record, and of a message.
const FIRST: [usize; 7] = [0, 1, 4, 5, 6, 9, 50];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    Close,
    /// On Linux a socket that is closed while octets wait in it to be read is reset.
    Reset,
}

/// Passes all to the server and `count` octets back.
fn pass(mut caller: TcpStream, port: u16, count: usize, kind: Break) -> io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    let mut last = Instant::now();
    let (mut buffer, mut there, mut back) = (vec![0; 1 << 16], 0, 0);
    for stream in [&caller, &server] {
        stream.set_read_timeout(Some(Duration::from_millis(10)))?;
    }
    while back < count && last.elapsed() < QUIET {
        // Looked at, not taken: so it waits to be read.
        let waiting = match caller.peek(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(waiting) => waiting,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => there,
            Err(error) => return Err(error),
        };
        if waiting > there {
            server.write_all(&buffer[there..waiting])?;
            (there, last) = (waiting, Instant::now());
        }
        let room = (count - back).min(1 << 14);
        match server.read(&mut buffer[..room]) {
            Ok(0) => break,
            Ok(some) => {
                caller.write_all(&buffer[..some])?;
                (back, last) = (back + some, Instant::now());
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    // It serves one caller after the other.
    drop(server);
    if kind == Break::Close {
        caller.shutdown(Shutdown::Write)?;
        while caller.read(&mut buffer)? > 0 {}
    }
    Ok(())
}

fn cut(server: &SServer, count: usize, kind: Break) -> Peer {
    let port = server.port;
    let name = "a line that breaks";
    Peer { name, act: Arc::new(move |caller| pass(caller, port, count, kind)), shows: true }
}

fn judge(options: &[&str]) {
    let counts: Vec<usize> = FIRST.into_iter().chain((STEP..LONGEST).step_by(STEP)).collect();
    std::thread::scope(|scope| {
        for some in counts.chunks(counts.len().div_ceil(4)) {
            scope.spawn(move || {
                let Some(server) = SServer::start(options) else {
                    return support::skipped("openssl 3 is not installed");
                };
                for (number, count) in some.iter().enumerate() {
                    for kind in [Break::Close, Break::Reset] {
                        let peer = cut(&server, *count, kind);
                        let forms = [runs::Form::Plain, runs::Form::Json];
                        runs::judge(&peer, Listening::start(&peer.act).port, &forms[number % 2..][..1]);
                    }
                }
            });
        }
    });
}

#[test]
fn tls_1_3() {
    judge(&["-tls1_3"]);
}

#[test]
fn tls_1_2() {
    judge(&["-tls1_2"]);
}

#[test]
fn tls_1_0() {
    judge(&["-tls1", "-cipher", "AES128-SHA@SECLEVEL=0"]);
}

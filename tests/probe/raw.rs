//! Ports that speak something else than TLS, or nothing: one thread each, which ends with the test.
//!
//! Only what no program here does by itself. May not listen on anything but 127.0.0.1.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

#[derive(Debug, Clone, Copy)]
pub(crate) enum Raw {
    /// Says this as soon as somebody comes, and then listens.
    Banner(&'static [u8]),
    /// Reads what comes, says this, and closes.
    Answer(&'static [u8]),
    /// Takes the connection and never says a word.
    Silent,
    /// Begins a handshake message as long as one may be, and adds an octet now and then.
    Slow,
    /// Reads what comes and closes without a word.
    Closes,
    /// Closes while there is something to read, which resets the connection.
    Resets,
}

/// Far beyond any probe.
const LIFE: Duration = Duration::from_mins(2);
const BEAT: Duration = Duration::from_millis(20);

/// Ends its thread when it drops.
#[derive(Debug)]
pub(crate) struct Speaking {
    over: Arc<AtomicBool>,
}

pub(crate) fn speak(raw: Raw) -> (Speaking, u16) {
    let over = Arc::new(AtomicBool::new(false));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on 127.0.0.1");
    let port = listener.local_addr().expect("it has an address").port();
    listener.set_nonblocking(true).expect("it can be asked without waiting");
    let until = Arc::clone(&over);
    thread::spawn(move || accept(&listener, raw, &until));
    (Speaking { over }, port)
}

impl Drop for Speaking {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

fn accept(listener: &TcpListener, raw: Raw, over: &Arc<AtomicBool>) {
    let end = Instant::now() + LIFE;
    while !over.load(Ordering::Relaxed) && Instant::now() < end {
        match listener.accept() {
            Ok((stream, _)) => {
                let over = Arc::clone(over);
                thread::spawn(move || converse(stream, raw, &over));
            }
            Err(_) => thread::sleep(BEAT),
        }
    }
}

fn converse(mut stream: TcpStream, raw: Raw, over: &AtomicBool) {
    // What was accepted may have the listener's manners.
    let ready = stream.set_nonblocking(false).and_then(|()| stream.set_read_timeout(Some(BEAT)));
    ready.expect("a connection can be read with a deadline");
    let end = Instant::now() + LIFE;
    let mut read = [0; 16 << 10];
    if let Raw::Banner(words) = raw {
        drop(stream.write_all(words));
    }
    if matches!(raw, Raw::Slow) {
        // A record of 2^14 octets (RFC 8446 5.1), all of them a server's greeting.
        drop(stream.write_all(&[22, 3, 3, 0x40, 0, 2, 0, 0x3f, 0xfc]));
    }
    if matches!(raw, Raw::Resets) {
        while stream.peek(&mut read).is_err() && Instant::now() < end {}
        return;
    }
    while !over.load(Ordering::Relaxed) && Instant::now() < end {
        if matches!(raw, Raw::Slow) && stream.write_all(&[0]).is_err() {
            return;
        }
        match stream.read(&mut read) {
            Ok(0) => return,
            Ok(_) if matches!(raw, Raw::Closes) => return,
            Ok(_) => {
                if let Raw::Answer(words) = raw {
                    drop(stream.write_all(words));
                    return;
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return,
        }
    }
}

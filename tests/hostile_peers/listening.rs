//! A port of 127.0.0.1 where each caller meets the same behaviour, until it is dropped.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What a peer does with one caller. Its errors are the caller's going away, which is how each of these ends.
pub(crate) type Act = Arc<dyn Fn(TcpStream) -> io::Result<()> + Send + Sync>;

pub(crate) struct Listening {
    pub(crate) port: u16,
    over: Arc<AtomicBool>,
}

impl Listening {
    pub(crate) fn start(act: &Act) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, over) = (listener.local_addr().unwrap().port(), Arc::new(AtomicBool::new(false)));
        let (act, ended) = (Arc::clone(act), Arc::clone(&over));
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let act = Arc::clone(&act);
                std::thread::spawn(move || {
                    // Should the caller hang, these let the thread end all the same.
                    stream.set_read_timeout(Some(Duration::from_mins(2))).unwrap();
                    stream.set_write_timeout(Some(Duration::from_mins(2))).unwrap();
                    act(stream)
                });
            }
        });
        Self { port, over }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

/// Whatever comes, until the caller goes away.
pub(crate) fn hear_all(stream: &mut TcpStream) -> io::Result<()> {
    while stream.read(&mut [0; 4096])? > 0 {}
    Ok(())
}

/// The caller's first record: its hello.
pub(crate) fn hear_hello(stream: &mut TcpStream) -> io::Result<()> {
    let mut header = [0; 5];
    stream.read_exact(&mut header)?;
    let mut rest = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    stream.read_exact(&mut rest)
}

/// These octets `times` times.
pub(crate) fn say_often(stream: &mut TcpStream, octets: &[u8], times: usize) -> io::Result<()> {
    let many = 65_536 / octets.len().max(1) + 1;
    let block = octets.repeat(many);
    for _ in 0..times.div_ceil(many) {
        stream.write_all(&block)?;
    }
    Ok(())
}

//! Runs other programs: each with a deadline, each with its whole answer kept for the failure message.
//!
//! May not leave a process behind: a child that misses its deadline is killed, a server is killed when its guard drops.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Far beyond what the slowest step takes (an RSA-4096 key on a busy machine): reached only by a program that hangs.
pub(crate) const DEADLINE: Duration = Duration::from_mins(2);

/// What a program said, and how it ended.
#[derive(Debug)]
pub(crate) struct Answer {
    /// `None` when a signal, or the deadline, ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    command: String,
}

impl Answer {
    /// Both streams as text: strangers differ in which one they complain on.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", String::from_utf8_lossy(&self.stdout), String::from_utf8_lossy(&self.stderr))
    }

    #[track_caller]
    pub(crate) fn accepted(self) -> Self {
        assert!(self.code == Some(0), "refused where it should have been accepted\n{}", self.account());
        self
    }

    #[track_caller]
    pub(crate) fn refused(self) -> Self {
        assert!(self.code.is_some_and(|code| code != 0), "not refused as it should have been\n{}", self.account());
        self
    }

    #[track_caller]
    pub(crate) fn ends_with_code(self, code: i32) -> Self {
        assert!(self.code == Some(code), "expected exit code {code}\n{}", self.account());
        self
    }

    #[track_caller]
    pub(crate) fn says(self, expected: &str) -> Self {
        assert!(self.text().contains(expected), "expected to read {expected:?}\n{}", self.account());
        self
    }

    #[track_caller]
    pub(crate) fn never_says(self, unexpected: &str) -> Self {
        assert!(!self.text().contains(unexpected), "did not expect to read {unexpected:?}\n{}", self.account());
        self
    }

    fn account(&self) -> String {
        let ending =
            self.code.map_or_else(|| "a signal or the deadline".to_owned(), |code| format!("exit code {code}"));
        format!("command: {}\nended by: {ending}\n{}", self.command, self.text())
    }
}

/// Runs a program to its end, with nothing to read.
pub(crate) fn run(command: &mut Command) -> Answer {
    run_until_closed(command, None)
}

/// Runs a program that reads `input` and then still finds its standard input open, as a person's terminal would be.
pub(crate) fn converse(command: &mut Command, input: &str) -> Answer {
    run_until_closed(command, Some(input))
}

fn run_until_closed(command: &mut Command, input: Option<&str>) -> Answer {
    let line = format!("{command:?}");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start {line}: {error}"));
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let mut stdin = child.stdin.take();
    if let (Some(stdin), Some(input)) = (&mut stdin, input) {
        // A program that ends before it has read everything says why on its own streams.
        let _ = stdin.write_all(input.as_bytes()).and_then(|()| stdin.flush());
    }
    let code = wait(&mut child, DEADLINE);
    drop(stdin);
    Answer { code, stdout: received(&stdout), stderr: received(&stderr), command: line }
}

/// Reads a stream to its end beside the main thread, so that a program that says much does not block.
fn collect(stream: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = stream.read_to_end(&mut bytes);
        }
        let _ = sender.send(bytes);
    });
    receiver
}

/// The child is gone by now; only a grandchild that kept the stream open could make this wait.
fn received(receiver: &mpsc::Receiver<Vec<u8>>) -> Vec<u8> {
    receiver.recv_timeout(Duration::from_secs(10)).unwrap_or_default()
}

fn wait(child: &mut Child, patience: Duration) -> Option<i32> {
    let deadline = Instant::now() + patience;
    while Instant::now() < deadline {
        if let Ok(Some(status)) = child.try_wait() {
            return status.code();
        }
        thread::sleep(Duration::from_millis(5));
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

/// A program that serves until this value is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Kept open on purpose: servers of this suite also end when it closes, should the test itself be killed.
    _stdin: Option<std::process::ChildStdin>,
}

impl Server {
    pub(crate) fn start(command: &mut Command) -> Self {
        let line = format!("{command:?}");
        command.stdin(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start {line}: {error}"));
        let stdin = child.stdin.take();
        Self { child, _stdin: stdin }
    }

    /// Starts a server that chooses a free port itself and prints it: alone on a line, or behind its address.
    pub(crate) fn start_announcing(command: &mut Command) -> (Self, u16) {
        let line = format!("{command:?}");
        let mut server = Self::start(command.stdout(Stdio::piped()));
        let stdout = server.child.stdout.take().expect("stdout is piped");
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            let mut said = String::new();
            while reader.read_line(&mut said).is_ok_and(|octets| octets > 0) && announced(&said).is_none() {}
            let _ = sender.send(said);
            // The rest is read and dropped, so that the server never blocks on a full pipe.
            let _ = std::io::copy(&mut reader, &mut std::io::sink());
        });
        let said = receiver.recv_timeout(DEADLINE).unwrap_or_default();
        let port = announced(&said).unwrap_or_else(|| panic!("{line} announced {said:?}, no port"));
        (server, port)
    }

    /// Waits until the server has written its process id to `file`, which it does once it listens.
    /// `false` when it ended first: somebody else took the port.
    pub(crate) fn has_written_its_id(&mut self, file: &Path) -> bool {
        let deadline = Instant::now() + DEADLINE;
        while Instant::now() < deadline {
            if fs_err::read_to_string(file).is_ok_and(|id| id.trim() == self.child.id().to_string()) {
                return true;
            }
            if !matches!(self.child.try_wait(), Ok(None)) {
                return false;
            }
            thread::sleep(Duration::from_millis(5));
        }
        false
    }
}

/// The port that a server announces with the last line that it has said so far.
fn announced(said: &str) -> Option<u16> {
    said.lines().last()?.rsplit(':').next()?.trim().parse().ok()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! Children: each with a deadline, its output kept, and what must hold of any output.
//!
//! May not leave a process behind.

use serde_json::Value;
use std::io::{ErrorKind, Read, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Far beyond any run of these suites: reached only by one that hangs.
pub(crate) const DEADLINE: Duration = Duration::from_secs(100);

/// A child that is killed, should the test end before it.
pub(crate) struct Running {
    child: Child,
    line: String,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
}

#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    line: String,
}

pub(crate) fn start(command: Command) -> Running {
    start_with(command, None)
}

/// The command, with nothing or this to read.
pub(crate) fn start_with(mut command: Command, input: Option<&[u8]>) -> Running {
    let line = format!("{command:?}");
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    let mut child = spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    // First: a child that says much before it has read all would wait, and so would this.
    let (stdout, stderr) = (child.stdout.take().map(collect), child.stderr.take().map(collect));
    if let Some(mut stdin) = child.stdin.take() {
        // A child that refuses its arguments reads nothing.
        drop(stdin.write_all(input.unwrap_or_default()));
    }
    Running { child, line, stdout, stderr }
}

/// A copy of the program that was just written is busy for as long as a child that another thread is starting has its
/// file open, too: from its fork to its exec.
fn spawn(command: &mut Command) -> Child {
    let patience = Instant::now() + Duration::from_secs(10);
    loop {
        match command.spawn() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy && Instant::now() < patience => {
                std::thread::sleep(Duration::from_millis(1));
            }
            child => return child.unwrap(),
        }
    }
}

pub(crate) fn run(command: Command) -> Ended {
    start(command).wait()
}

pub(crate) fn run_with(command: Command, input: impl AsRef<[u8]>) -> Ended {
    start_with(command, Some(input.as_ref())).wait()
}

fn collect(mut stream: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        drop(stream.read_to_end(&mut bytes));
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

impl Running {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    pub(crate) fn signal(&self, name: &str) {
        // The shell's own: a small system has no program of that name.
        let kill = ["-c", "kill -s \"$0\" \"$1\"", name, &self.id().to_string()];
        let sent = Command::new("sh").args(kill).stderr(Stdio::null()).status();
        // A process that has ended meanwhile cannot be signalled.
        assert!(sent.is_ok());
    }

    pub(crate) fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    pub(crate) fn wait(mut self) -> Ended {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(begun.elapsed() < DEADLINE, "does not end: {}", self.line);
            std::thread::sleep(Duration::from_millis(1));
        };
        let text = |stream: Option<JoinHandle<String>>| stream.map(|thread| thread.join().unwrap()).unwrap_or_default();
        let (stdout, stderr) = (text(self.stdout.take()), text(self.stderr.take()));
        Ended { status, stdout, stderr, line: std::mem::take(&mut self.line) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Ended {
    pub(crate) fn was_killed(&self) -> bool {
        self.status.signal() == Some(9)
    }

    #[track_caller]
    pub(crate) fn assert_code(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "{}\n{}", self.line, self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    /// An error in the house's form that says each of `words`, wherever it is broken.
    #[track_caller]
    pub(crate) fn assert_error(self, code: i32, words: &[&str]) -> Self {
        let ended = self.assert_code(code);
        let said = without_warnings(&ended.stderr);
        assert!(said.starts_with("error: "), "no error first: {}\n{}", ended.line, ended.stderr);
        assert!(said.lines().any(|line| line.starts_with("hint: ")), "no hint: {}\n{}", ended.line, ended.stderr);
        for word in words {
            assert!(said.contains(word), "does not say {word:?}: {}\n{}", ended.line, ended.stderr);
        }
        ended
    }

    #[track_caller]
    pub(crate) fn assert_silent_about(self, secrets: &[&str]) -> Self {
        for secret in secrets {
            let said = self.stdout.contains(secret) || self.stderr.contains(secret);
            assert!(!said, "a secret is shown by {}", self.line);
        }
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is not one JSON value: {error}\n{}\n{}", self.line, self.stdout));
        assert_eq!(value["schema"], 1, "{}", self.stdout);
        value
    }
}

/// What is said before an error is no part of it.
fn without_warnings(stderr: &str) -> String {
    let talk = |line: &&str| ["warning: ", "note: ", " WARN "].iter().any(|begin| line.starts_with(begin));
    stderr.lines().skip_while(talk).collect::<Vec<_>>().join("\n")
}

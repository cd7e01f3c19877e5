//! One run of qcert against a port, watched: how long, how much memory, and what it said.

use super::super::support::Scene;
use super::super::support::process::{Ended, start};
use std::time::{Duration, Instant};

/// A call takes 2 s at most, and no command makes more than ten of them; the rest is for a loaded machine.
const LONGEST: Duration = Duration::from_mins(1);
/// In a debug build; what is read from a peer is 1 MiB.
const MOST_MEMORY: u64 = 200 << 10;

pub(crate) struct Watched {
    pub(crate) ended: Ended,
    pub(crate) code: i32,
    line: String,
}

/// Runs to its end, which must come in time, within memory, and without a panic or a signal.
#[track_caller]
pub(crate) fn run(scene: &Scene, arguments: &[&str], about: &str) -> Watched {
    let line = format!("{about}: qcert {}", arguments.join(" "));
    let (begun, mut most) = (Instant::now(), 0);
    let mut running = start(scene.qcert(arguments));
    while !running.is_over() {
        assert!(begun.elapsed() < LONGEST, "does not end: {line}");
        most = most.max(peak(running.id()));
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(most < MOST_MEMORY, "took {most} KiB: {line}");
    let ended = running.wait();
    assert!(!ended.stderr.contains("panicked"), "{line}\n{}", ended.stderr);
    let code = ended.status.code().unwrap_or_else(|| panic!("ended by a signal: {line}\n{}", ended.stderr));
    Watched { ended, code, line }
}

/// KiB; nothing where the system does not tell, or the process has just ended.
fn peak(process: u32) -> u64 {
    let status = fs_err::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse().ok()).unwrap_or_default()
}

impl Watched {
    /// For a person: nothing that changes a terminal or the direction of writing, and where it could not be done, one
    /// error with a way out.
    #[track_caller]
    pub(crate) fn assert_plain(&self, codes: &[i32]) {
        let Self { ended, code, line } = self;
        let all = format!("{line}\n--- {code}\n{}\n---\n{}", ended.stdout, ended.stderr);
        assert!(codes.contains(code), "{all}");
        let odd = |letter: char| {
            letter.is_control() && letter != '\n'
                || matches!(letter, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!ended.stdout.contains(odd) && !ended.stderr.contains(odd), "{all:?}");
        // Of thousands of odd things not all are told.
        assert!(ended.stdout.len() < 1 << 20 && ended.stderr.len() < 1 << 14, "says too much: {line}");
        if *code == 2 && ended.stdout.is_empty() {
            let errors = ended.stderr.lines().filter(|line| line.starts_with("error: ")).count();
            let hints = ended.stderr.lines().filter(|line| line.starts_with("hint: ")).count();
            assert_eq!((errors, hints), (1, 1), "{all}");
            // Words, and nothing that only this program's author reads.
            let raw = ["([", "(\"", " { ", "::"].iter().any(|mark| ended.stderr.contains(mark));
            assert!(!raw && ended.stderr.len() < 1000, "{all}");
        }
    }

    /// One JSON value, whatever was met.
    #[track_caller]
    pub(crate) fn assert_json(&self, codes: &[i32]) {
        assert!(codes.contains(&self.code), "{}\n{}", self.line, self.ended.stderr);
        if self.code != 2 || !self.ended.stdout.is_empty() {
            self.ended.json();
        }
    }
}

//! The logs of a Qlik server are looked through whatever lies among them: in bounded time and memory, without following
//! links or opening pipes, and what was left out is told.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test makes folders of logs, starts qcert, and fails loudly"
)]

mod support;

use fs_err as fs;
use serde_json::Value;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use support::process;
use tempfile::TempDir;

/// Generous: a loaded machine, and a build that is not optimised.
const DEADLINE: Duration = Duration::from_mins(2);

const HEADER: &str = "Sequence#\tTimestamp\tLevel\tHostname\tLogger\tThread\tId\tServiceUser\tMessage\r\n";
const KEY: &str = "No private key found for certificate 'CN=qlik1'";

struct Logs(TempDir);

impl Logs {
    fn new() -> Self {
        Self(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("Log")
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes.as_ref()).unwrap();
        path
    }

    fn look(&self) -> Value {
        look(&self.path())
    }
}

/// What `doctor` says of these logs, and of nothing else.
fn look(folder: &Path) -> Value {
    let start = Instant::now();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_qcert"));
    command.args(["doctor", "--json", "--logs"]).arg(folder);
    let answer = process::run(command).json();
    assert!(start.elapsed() < DEADLINE, "{:?}", start.elapsed());
    answer["logs"].clone()
}

fn line(message: &str) -> String {
    format!("1\t20261121T031244.898+0100\tERROR\tQLIK1\tSecurity.Proxy\t8\t40e67960\tCORP\\svc\t{message}\r\n")
}

fn names(logs: &Value) -> Vec<&str> {
    let mut names: Vec<&str> =
        logs["entries"].as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

fn left_out(logs: &Value, why: &str) -> u64 {
    let all = logs["left_out"].as_array().unwrap();
    all.iter()
        .find(|left| left["why"].as_str().unwrap().contains(why))
        .map_or(0, |left| left["count"].as_u64().unwrap())
}

#[test]
fn logs_of_every_encoding_say_the_same() {
    let logs = Logs::new();
    let text = format!("{HEADER}{}", line(KEY));
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    logs.write("Proxy/Trace/Q_Security_Proxy.txt", &text);
    logs.write("Proxy/Trace/unix.txt", text.replace("\r\n", "\n"));
    logs.write("Proxy/Trace/bom.txt", [b"\xef\xbb\xbf", text.as_bytes()].concat());
    logs.write("Proxy/Trace/little.txt", [b"\xff\xfe", &little[..]].concat());
    logs.write("Proxy/Trace/big.txt", [b"\xfe\xff", &big[..]].concat());
    let found = logs.look();
    assert_eq!(names(&found), ["no-private-key"]);
    let entry = &found["entries"][0];
    assert_eq!((entry["files"].as_u64(), entry["lines"].as_u64()), (Some(5), Some(5)));
    for place in entry["seen"].as_array().unwrap() {
        assert_eq!(place["last_line"], 2, "{place}");
        assert_eq!(place["last_seen"], "2026-11-21T03:12:44+01:00", "{place}");
    }
}

/// An excerpt goes into tickets.
#[test]
fn secrets_in_a_line_are_not_shown() {
    let logs = Logs::new();
    logs.write("Proxy/Trace/Q.txt", line(&format!("password=geheim-2026 {KEY} token=geheim-2027")));
    let found = logs.look().to_string();
    assert!(found.contains("password=*** No private key") && !found.contains("geheim"), "{found}");
    for arguments in [&["explain", "--text"][..], &["explain", "--json", "--text"]] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_qcert"));
        command.args(arguments).arg(format!("pwd: geheim-2026 {KEY}"));
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(told.contains("pwd: ***") && !told.contains("geheim"), "{told}");
    }
}

/// 200 MiB of which the end is read; and a text at its beginning, which is not.
#[test]
fn of_a_large_log_the_end_is_read() {
    let logs = Logs::new();
    let path = logs.write("Engine/Trace/Q_System_Engine.txt", line("UNABLE_TO_VERIFY_LEAF_SIGNATURE"));
    let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(200 << 20)).unwrap();
    file.write_all(format!("\n{}", line(KEY)).as_bytes()).unwrap();
    drop(file);
    let found = logs.look();
    assert_eq!(names(&found), ["no-private-key"]);
    assert_eq!(found["looked_at"]["octets"], 64 << 20);
    assert_eq!(left_out(&found, "only the end"), 1);
    assert!(found["entries"][0]["seen"][0]["last_line"].is_null());
    assert_eq!(found["entries"][0]["last_seen"], "2026-11-21T03:12:44+01:00");
}

#[test]
fn ten_thousand_files_are_looked_through() {
    let logs = Logs::new();
    for number in 0..10_000 {
        let text = if number % 100 == 7 { line(KEY) } else { line("all is well") };
        logs.write(&format!("Script/{}/{number}.log", number % 10), text);
    }
    let found = logs.look();
    assert_eq!(found["looked_at"]["files"], 10_000);
    let entry = &found["entries"][0];
    assert_eq!((entry["files"].as_u64(), entry["lines"].as_u64()), (Some(100), Some(100)));
    assert!(entry["seen"].as_array().unwrap().len() <= 10);
}

#[test]
fn garbage_is_looked_through_and_says_nothing() {
    let logs = Logs::new();
    let mut state = 1_u64;
    let mut garbage = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    logs.write("random", (0..2 << 20).map(|_| garbage()).collect::<Vec<u8>>());
    logs.write("nothing", []);
    logs.write("zeros", vec![0; 2 << 20]);
    logs.write("lines", vec![b'\n'; 2 << 20]);
    logs.write("stamps", "20261121T031244.898+0100\t".repeat(80_000));
    logs.write("no lines", "No private key found for certificat ".repeat(60_000));
    // Each line has a text, and none a time: nobody looks up to the beginning again and again.
    logs.write("only texts", "0x800B0109\n".repeat(100_000));
    let found = logs.look();
    assert_eq!(names(&found), ["untrusted-root"]);
    assert_eq!(found["entries"][0]["lines"], 100_000);
    assert_eq!(found["looked_at"]["files"], 7);
}

#[test]
fn an_archive_is_looked_at_when_it_is_asked_for() {
    let logs = Logs::new();
    logs.write("ArchivedLogs/Q/Proxy/Trace/Q_Security_Proxy_2026-11-21T03.12.44Z.log", line(KEY));
    logs.write("Proxy/Trace/Q_Security_Proxy.txt", line("all is well"));
    let found = logs.look();
    assert_eq!((names(&found).len(), left_out(&found, "archived")), (0, 1));
    assert_eq!(names(&look(&logs.path().join("ArchivedLogs"))), ["no-private-key"]);
}

#[cfg(unix)]
#[test]
fn pipes_circles_and_locked_files_hold_nothing_up() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let logs = Logs::new();
    let locked = logs.write("Proxy/Trace/locked.txt", line("UNABLE_TO_VERIFY_LEAF_SIGNATURE"));
    logs.write("Proxy/Trace/Q_Security_Proxy.txt", line(KEY));
    symlink(logs.path(), logs.path().join("Proxy/up")).unwrap();
    symlink("/dev/zero", logs.path().join("endless.txt")).unwrap();
    let pipe = logs.path().join("pipe.txt");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Root may read it all the same.
    let may_read = fs::File::open(&locked).is_ok();
    let found = logs.look();
    assert_eq!((left_out(&found, "links"), left_out(&found, "pipes")), (2, 1));
    assert_eq!(found["entries"].as_array().unwrap().len(), if may_read { 2 } else { 1 });
    if !may_read {
        assert_eq!(found["unreadable"][0]["file"], "Proxy/Trace/locked.txt");
        assert_eq!(found["unreadable"][0]["why"], "this account may not read it");
    }
}

/// Services write, roll over and archive while their logs are read.
#[test]
fn logs_that_change_while_they_are_read_are_no_fault() {
    let logs = Logs::new();
    for number in 0..200 {
        logs.write(&format!("Repository/Trace/{number}.txt"), line(KEY).repeat(1000));
    }
    let folder = logs.path().join("Repository/Trace");
    let writer = std::thread::spawn(move || {
        let end = Instant::now() + DEADLINE;
        for number in (0..200).rev() {
            let path = folder.join(format!("{number}.txt"));
            match number % 3 {
                0 => drop(fs::remove_file(path)),
                1 => drop(fs::write(path, "")),
                _ => drop(fs::write(path, line(KEY).repeat(2000))),
            }
            if Instant::now() > end {
                return;
            }
        }
    });
    let found = logs.look();
    writer.join().unwrap();
    // Windows refuses a file that is being deleted.
    assert!(cfg!(windows) || found["unreadable"].as_array().unwrap().is_empty(), "{found}");
    assert!(found["looked_at"]["files"].as_u64().unwrap() > 0);
}

/// What it takes in memory does not grow with the logs.
#[cfg(target_os = "linux")]
#[test]
fn memory_is_bounded() {
    let logs = Logs::new();
    for number in 0..6 {
        let path = logs.write(&format!("{number}.txt"), line(KEY));
        fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(200 << 20).unwrap();
    }
    // Less address space than four threads would need for four of them.
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "ulimit -v 250000; exec \"$0\" doctor --json --logs \"$1\"", env!("CARGO_BIN_EXE_qcert")]);
    command.arg(logs.path());
    let found = process::run(command).json()["logs"].clone();
    assert_eq!(found["looked_at"]["octets"], 6 * (64 << 20));
}

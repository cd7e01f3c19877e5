//! README is true: its commands are typed one after the other, in an empty folder, and say what README says they do.
//!
//! What differs from run to run (thumbprints, dates, sizes) is replaced on both sides. `[...]` in README stands for lines
//! that are left out. `NOT_PLAYED` is what needs more than this machine. Nothing is written outside of the test's folder.
#![cfg(unix)]
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test starts qcert, and fails loudly")]

use qcert::host::files;
use qcert::pki::bundle::Privacy;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

const NOT_PLAYED: [(&str, &str); 3] = [
    ("qcert probe", "needs a running Repository Service; tests/probe has its like"),
    ("cargo build", "has been done"),
    ("cargo test", "is being done"),
];

/// README's own account, machine and what the reader has written before.
const ACCOUNT: &str = "/home/me";
const MACHINE: &str = "qlik1.example.com";
const FILES: [(&str, &str); 3] = [
    ("pw.txt", "correct horse\n"),
    ("backup.txt", "battery staple\n"),
    ("machines.txt", "qlik3.example.com\nqlik4.example.com\n"),
];

#[derive(Debug)]
struct Step {
    line: usize,
    command: String,
    said: Vec<String>,
}

/// The commands of all console blocks, each with what stands below it.
fn steps(readme: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for (at, line) in readme.lines().enumerate() {
        match line.strip_prefix("$ ") {
            _ if line.starts_with("```") => inside = line == "```console",
            Some(command) if inside => {
                steps.push(Step { line: at + 1, command: command.to_owned(), said: Vec::new() });
            }
            _ if inside => steps.last_mut().unwrap().said.push(line.to_owned()),
            _ => {}
        }
    }
    for step in &mut steps {
        while step.said.last().is_some_and(String::is_empty) {
            step.said.pop();
        }
    }
    steps
}

fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in command.chars() {
        match character {
            '\'' | '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words
}

/// Both streams in the order in which a terminal has them.
fn run(command: &str, account: &Path, scratch: &Path) -> (Option<i32>, String) {
    let words = words(command);
    if words[0] == "ls" {
        let mut names: Vec<_> = fs::read_dir(account.join(&words[1]))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.starts_with('.'))
            .collect();
        names.sort();
        return (Some(0), names.join("  "));
    }
    assert_eq!(words[0], "qcert", "{command}");
    let heard = scratch.join("heard");
    let file = File::create(&heard).unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_qcert"))
        .args(&words[1..])
        .current_dir(account)
        .env_clear()
        .envs([("HOME", account.as_os_str()), ("COLUMNS", "100".as_ref()), ("TZ", "UTC".as_ref())])
        .stdin(Stdio::null())
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .status()
        .unwrap();
    (status.code(), fs::read_to_string(&heard).unwrap())
}

/// Without what differs from run to run. Windows' thumbprints are in capitals.
fn settled(line: &str) -> String {
    let mut out = String::new();
    for word in line.split_inclusive(|character: char| !character.is_ascii_alphanumeric() && character != '-') {
        let end = word.trim_end_matches(|character: char| !character.is_ascii_alphanumeric()).len();
        let (bare, rest) = word.split_at(end);
        let shape: String = bare.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
        let hexadecimal = bare.bytes().all(|byte| byte.is_ascii_hexdigit());
        out.push_str(match bare.len() {
            16 | 30 | 40 | 64 if hexadecimal => "[HEX]",
            _ if shape == "9999-99-99" => "[DAY]",
            _ if shape.ends_with("99999999T999999Z") => "[TIME]",
            _ => bare,
        });
        out.push_str(rest);
    }
    match out.find(" KiB") {
        Some(end) => {
            let number = out[..end].rfind(|c: char| !c.is_ascii_digit() && c != '.').map_or(0, |at| at + 1);
            format!("{}[N]{}", &out[..number], &out[end..])
        }
        None => out.trim_end().to_owned(),
    }
}

/// Whether these are the lines, with any number of others, but one at least, at each `[...]`.
fn agrees(expected: &[String], actual: &[String]) -> bool {
    let mut parts = expected.split(|line| line == "[...]");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = actual.strip_prefix(first) else { return false };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = (1..rest.len()).find(|at| rest[*at..].starts_with(part)) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.len() > last.len() && rest.ends_with(last)
}

/// The stranger's folder of README: `>` in PowerShell wrote the root, and a key is from another export.
fn stranger(account: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/validate/client-key-of-another-export");
    let to = account.join("qs1.example.com");
    fs::create_dir(&to).unwrap();
    for name in ["client.pem", "client_key.pem", "server.pem", "server_key.pem"] {
        let bytes = fs::read(from.join(name)).unwrap();
        files::create(&to.join(name), &bytes, Privacy::Private).unwrap();
    }
    let root = fs::read_to_string(from.join("root.pem")).unwrap();
    let wide: Vec<u8> = std::iter::once(0xfeff).chain(root.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    fs::write(to.join("root.pem"), wide).unwrap();
}

/// The copy of a server, and the snapshot of an administrator's own machine.
fn servers(account: &Path) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    fs::copy(fixtures.join("validate/stores-sound-workstation/stores.json"), account.join("workstation.json")).unwrap();
    copy_privately(&fixtures.join("doctor/exported-of-another-root/Sense"), &account.join("Sense"));
}

fn copy_privately(from: &Path, to: &Path) {
    if from.is_file() {
        files::create(to, &fs::read(from).unwrap(), Privacy::Private).unwrap();
        return;
    }
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        copy_privately(&from.join(&name), &to.join(&name));
    }
}

#[test]
fn a_newcomer_sees_what_readme_says() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let steps = steps(&readme);
    assert!(steps.len() > 12, "{} commands", steps.len());
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().canonicalize().unwrap();
    let account = folder.join("me");
    fs::create_dir(&account).unwrap();
    stranger(&account);
    servers(&account);
    for (name, text) in FILES {
        fs::write(account.join(name), text).unwrap();
    }
    let mut host = None;
    let mut wrong = String::new();
    for Step { line, command, said } in &steps {
        if NOT_PLAYED.iter().any(|(begin, _)| command.starts_with(begin)) {
            continue;
        }
        let (code, heard) = run(command, &account, &folder);
        // The first command makes the root, and names it by this machine.
        let host = host.get_or_insert_with(|| {
            let (_, named) = heard.split_once("root CN=").unwrap();
            named.split_once("-CA: made").unwrap().0.to_owned()
        });
        let heard = heard
            .replace(account.to_str().unwrap(), ACCOUNT)
            .replace(&format!("{host}-CA"), &format!("{MACHINE}-CA"))
            .replace(&format!("/{host}-20"), &format!("/{MACHINE}-20"));
        let lines = |text: &mut dyn Iterator<Item = &str>| text.map(settled).collect::<Vec<_>>();
        let expected = lines(&mut said.iter().map(String::as_str));
        let actual = lines(&mut heard.lines());
        // Where README shows nothing it is done, and no more is claimed.
        let holds = if said.is_empty() { code == Some(0) } else { agrees(&expected, &actual) };
        if !holds {
            _ = write!(wrong, "README.md line {line}\n$ {command}\n{heard}(exit code {code:?})\n\n");
        }
    }
    assert!(wrong.is_empty(), "what is said in truth:\n{wrong}");
}

#[test]
fn the_comparison_can_fail() {
    let lines = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert!(agrees(&lines("a b"), &lines("a b")));
    assert!(agrees(&lines("a [...] d"), &lines("a b c d")));
    assert!(agrees(&lines("a [...] c [...]"), &lines("a b c d")));
    for actual in ["a", "a b c", "b", "a c"] {
        assert!(!agrees(&lines("a b"), &lines(actual)), "{actual}");
    }
    for actual in ["a d", "a b c", "b c d", "a b c d e"] {
        assert!(!agrees(&lines("a [...] d"), &lines(actual)), "{actual}");
    }
    assert_ne!(settled("5 certificates, 2 live"), settled("7 certificates, 2 live"));
    assert_eq!(settled("until 2036-11-22, (70.2 KiB)"), settled("until 2037-01-01, (9.1 KiB)"));
    assert_eq!(settled("x-20261122T031449Z.age"), settled("x-20271122T031449Z.age"));
}

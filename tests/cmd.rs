//! What a person sees: each `tests/cmd/*.case` is a transcript that is played and compared, word for word.
//!
//! A case begins in an empty folder with an empty home (`QCERT_HOME=home`) and no terminal. Its lines:
//!
//! ```text
//! # a comment
//! @ unix REASON         not played on Windows; @ windows REASON: only there
//! @ write FILE          the lines up to a line `@` become the file; `\r`, `\0` and `\u{…}` are understood
//! @ mkdir FOLDER        @ link FROM TO        @ remove FILE
//! @ fixture FROM TO     a copy of a file or folder of fixtures/, for its owner alone
//! $ qcert ARGUMENTS     run it; 'quotes' keep spaces; `< FILE` feeds standard input; [DIR] is the case's folder
//! $ ls FOLDER           the names below it
//! $ head FILE           its first line
//! ? 2                   the exit code, when it is not 0
//! ! text                a line of stderr; all other lines are stdout
//! ```
//!
//! What differs from run to run is replaced: [SHA-256], [SHA-1], [SERIAL], [ROOT] (the folder of a replaced root), [TIME],
//! [DAY], [DIR], [BUILD]. After a change that is meant, `QCERT_UPDATE_CASES=1 cargo test --test cmd` writes the transcripts anew, to be read in the diff.
//! On Windows a case that is played everywhere may have `\` for `/`, and the system's own error texts.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test reads cases, starts qcert, and fails loudly"
)]

use qcert::host::files;
use qcert::pki::bundle::Privacy;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn every_case_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
    let update = std::env::var_os("QCERT_UPDATE_CASES").is_some();
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "case"));
    assert!(paths.len() >= 10);
    let failures: Vec<String> = std::thread::scope(|scope| {
        let handles: Vec<_> = paths.iter().map(|path| scope.spawn(|| check(path, update))).collect();
        handles.into_iter().filter_map(|handle| handle.join().unwrap()).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The difference, if there is one.
fn check(path: &Path, update: bool) -> Option<String> {
    let expected = fs::read_to_string(path).unwrap().replace("\r\n", "\n");
    if let Some(only) = only(&expected)
        && only != std::env::consts::FAMILY
    {
        return None;
    }
    let actual = play(&expected);
    if actual == expected {
        return None;
    }
    let everywhere = only(&expected).is_none();
    let (expected, actual) = (as_here(&expected, everywhere), as_here(&actual, everywhere));
    if actual == expected {
        return None;
    }
    if update {
        assert!(cfg!(unix) || !everywhere, "what is played everywhere is written on Unix");
        fs::write(path, actual).unwrap();
        return None;
    }
    let mut report = format!("{} differs:\n", path.display());
    for (line, (want, have)) in expected.lines().zip(actual.lines()).enumerate() {
        if want != have {
            _ = writeln!(report, "  line {}\n    expected: {want}\n    actual:   {have}", line + 1);
            break;
        }
    }
    _ = writeln!(report, "whole transcript:\n{actual}");
    Some(report)
}

/// The one family of systems that a case is for.
fn only(case: &str) -> Option<&str> {
    let family = case.lines().find_map(|line| {
        line.strip_prefix("@ unix")
            .map(|reason| ("unix", reason))
            .or_else(|| line.strip_prefix("@ windows").map(|reason| ("windows", reason)))
    });
    family.map(|(family, reason)| {
        assert!(!reason.trim().is_empty(), "a reason is missing: @ {family}");
        family
    })
}

/// Without what differs on Windows: what the system says of an error (Wine has other words), and separators, where the
/// case is played everywhere.
fn as_here(transcript: &str, everywhere: bool) -> String {
    if !cfg!(windows) {
        return transcript.to_owned();
    }
    let mut out = String::new();
    for line in transcript.lines() {
        let said = line.find(" (os error ").and_then(|end| line.get(..end));
        match said.and_then(|said| said.rfind(": ").max(said.rfind("  "))) {
            Some(start) => _ = writeln!(out, "{}  [WHAT THE SYSTEM SAYS]", &line[..start]),
            None => _ = writeln!(out, "{line}"),
        }
    }
    if everywhere { out.replace("\\\\", "/").replace('\\', "/") } else { out }
}

/// The case's commands with what they really say.
fn play(case: &str) -> String {
    let sandbox = tempfile::tempdir().unwrap();
    let folder = sandbox.path();
    let mut transcript = String::new();
    let mut lines = case.lines();
    while let Some(line) = lines.next() {
        if let Some(command) = line.strip_prefix("$ ") {
            _ = writeln!(transcript, "{line}");
            transcript.push_str(&normalise(&run(command, folder), folder));
        } else if let Some(directive) = line.strip_prefix("@ ") {
            _ = writeln!(transcript, "{line}");
            let words: Vec<&str> = directive.split_whitespace().collect();
            match words[..] {
                ["write", file] => {
                    let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "@").collect();
                    fs::write(folder.join(file), unescape(&(body.join("\n") + "\n"))).unwrap();
                    _ = writeln!(transcript, "{}\n@", body.join("\n"));
                }
                ["mkdir", name] => fs::create_dir(folder.join(name)).unwrap(),
                ["remove", name] => fs::remove_file(folder.join(name)).unwrap(),
                ["fixture", from, to] => {
                    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(from), &folder.join(to));
                }
                ["unix" | "windows", ..] => {}
                ["link", from, to] => fs::copy(folder.join(from), folder.join(to)).map(drop).unwrap(),
                _ => panic!("unknown directive: {line}"),
            }
        } else if line.starts_with('#') || line.is_empty() {
            _ = writeln!(transcript, "{line}");
        }
    }
    transcript
}

fn copy(from: &Path, to: &Path) {
    if !from.is_dir() {
        files::remove_if_there(to).unwrap();
        return files::create(to, &fs::read(from).unwrap(), Privacy::Private).unwrap();
    }
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}

fn run(command: &str, folder: &Path) -> String {
    let mut words = split(&command.replace("[DIR]", folder.to_str().unwrap()));
    let input = words.iter().position(|word| word == "<").map(|at| words.split_off(at)[1].clone());
    match &words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["qcert", arguments @ ..] => run_qcert(arguments, input.as_deref(), folder),
        ["ls", name] => {
            let mut names: Vec<String> = fs::read_dir(folder.join(name))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names.join("\n") + "\n"
        }
        ["head", name] => {
            let text = fs::read_to_string(folder.join(name)).unwrap();
            text.lines().next().unwrap_or_default().to_owned() + "\n"
        }
        _ => panic!("unknown command: {command}"),
    }
}

fn run_qcert(arguments: &[&str], input: Option<&str>, folder: &Path) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_qcert"))
        .args(arguments)
        .current_dir(folder)
        .env("QCERT_HOME", "home")
        .env_remove("QCERT_PASSWORD_FILE")
        .env_remove("QCERT_PASSPHRASE_FILE")
        .env("TZ", "UTC")
        .env("COLUMNS", "100")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let bytes = input.map(|file| fs::read(folder.join(file)).unwrap()).unwrap_or_default();
    // A command that does not read its input may be gone already.
    _ = child.stdin.take().unwrap().write_all(&bytes);
    let output = child.wait_with_output().unwrap();
    let mut said = String::new();
    if output.status.code() != Some(0) {
        _ = writeln!(said, "? {}", output.status.code().map_or_else(|| "killed".to_owned(), |code| code.to_string()));
    }
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        _ = writeln!(said, "{}", line.trim_end());
    }
    for line in String::from_utf8(output.stderr).unwrap().lines() {
        _ = writeln!(said, "! {}", line.trim_end());
    }
    said.replace("\n\n", "\n.\n").replace("\n\n", "\n.\n")
}

fn split(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in command.chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words
}

/// Understands what a case cannot hold as such.
fn unescape(text: &str) -> String {
    text.replace("\\r", "\r").replace("\\0", "\0").replace("\\u{feff}", "\u{feff}").replace("\\u{202e}", "\u{202e}")
}

fn normalise(said: &str, folder: &Path) -> String {
    let folder = folder.to_str().unwrap();
    // In JSON a `\\` is two.
    let said = said.replace(&folder.replace('\\', r"\\"), "[DIR]").replace(folder, "[DIR]");
    let said = build(&said).map_or(said.clone(), |build| said.replace(build, "[BUILD]"));
    let mut out = String::new();
    let mut word = String::new();
    // A word is what a thumbprint, a serial or a date is made of.
    for character in said.chars().chain(['\n']) {
        if character.is_ascii_alphanumeric() || matches!(character, '-' | ':' | '.') {
            word.push(character);
            continue;
        }
        let bare = word.trim_end_matches([':', '.']);
        out.push_str(token(bare).unwrap_or(bare));
        out.push_str(&word[bare.len()..]);
        word.clear();
        out.push(character);
    }
    out.pop();
    out
}

/// What `--version` tells behind the number.
fn build(said: &str) -> Option<&str> {
    said.strip_prefix(concat!("qcert ", env!("CARGO_PKG_VERSION"), " ("))?.strip_suffix(")\n")
}

fn token(word: &str) -> Option<&'static str> {
    let hexadecimal = word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let shape: String = word.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    match word.len() {
        64 if hexadecimal => Some("[SHA-256]"),
        40 if hexadecimal => Some("[SHA-1]"),
        30 if hexadecimal => Some("[SERIAL]"),
        16 if hexadecimal => Some("[ROOT]"),
        _ if shape == "9999-99-99" => Some("[DAY]"),
        _ if shape == "9999-99-99T99:99:99Z" => Some("[TIME]"),
        _ => None,
    }
}

//! Passwords: what was protected stays so, and nothing is opened by accident.

use super::strangers::{judge_pair, judge_pfx};
use super::world::{Desk, OTHER_PASSWORD, PASSWORD, site};
use crate::process::run;
use crate::stranger::{PYTHON, command};
use fs_err as fs;
use std::os::unix::fs::PermissionsExt as _;

fn text(desk: &Desk, name: &str) -> String {
    String::from_utf8(desk.bytes(name)).unwrap()
}

#[test]
fn what_was_protected_stays_protected() {
    let desk = Desk::new();
    let ended = desk.convert("@locked/client.pfx --out same --password-file password").assert_code(0);
    assert!(ended.stderr.contains("note: the new files have the password of the old ones"), "{}", ended.stderr);
    assert!(text(&desk, "same/client_key.pem").contains("ENCRYPTED"));
    judge_pair(&desk, "same/client.pem", "same/client_key.pem", "password");
    // One open key among them changes nothing.
    fs::copy(site().path("open/server_key.pem"), desk.path("server_key.pem")).unwrap();
    desk.convert("@locked/client.pfx server_key.pem --to pem --out mixed --password-file password").assert_code(0);
    for name in ["mixed/client_key.pem", "mixed/server_key.pem"] {
        assert!(text(&desk, name).contains("ENCRYPTED"), "{name}");
    }
}

#[test]
fn another_password_or_none_is_said() {
    let desk = Desk::new();

    let with = "--password-file password";
    desk.convert(&format!("@locked/client.pfx --out new {with} --new-password-file other")).assert_code(0);
    judge_pair(&desk, "new/client.pem", "new/client_key.pem", "other");
    desk.convert(&format!("@locked/client.pfx --to pfx --out other.pfx {with} --new-password-file other"))
        .assert_code(0);
    judge_pfx(&desk, "other.pfx", "other", "QlikClient");
    let ended = desk.convert(&format!("@locked/client.pfx --out open {with} --open-keys")).assert_code(0);
    assert!(ended.stderr.contains("warning: no password"), "{}", ended.stderr);
    judge_pair(&desk, "open/client.pem", "open/client_key.pem", "none");
    // Open keys are closed.
    desk.convert("@open --to pem --out closed --new-password-file password").assert_code(0);
    judge_pair(&desk, "closed/server.pem", "closed/server_key.pem", "password");
    // One key by itself.
    desk.convert(&format!("closed/client_key.pem --to pem --out key.pem {with} --open-keys")).assert_code(0);
    assert_eq!(desk.bytes("key.pem"), fs::read(site().path("open/client_key.pem")).unwrap());
}

#[test]
fn of_several_passwords_one_is_to_be_chosen() {
    let desk = Desk::new();
    desk.convert("@locked/server.pfx --to pfx --out s.pfx --password-file password --new-password-file other")
        .assert_code(0);
    let both = "s.pfx @locked/client.pfx --to pem --out both --password-file password --password-file other";
    desk.convert(both).assert_error(2, &["several passwords", "--new-password-file"]);
    desk.convert(&format!("{both} --new-password-file other")).assert_code(0);
    judge_pair(&desk, "both/server.pem", "both/server_key.pem", "other");
    judge_pair(&desk, "both/client.pem", "both/client_key.pem", "other");
}

#[test]
fn a_password_that_opened_nothing_is_said() {
    let desk = Desk::new();
    let ended = desk.convert("@open/client.pfx --out open --password-file password").assert_code(0);
    assert!(ended.stderr.contains("the password was not needed"), "{}", ended.stderr);
}

#[test]
fn no_password_and_a_wrong_one() {
    let desk = Desk::new();
    for what in ["@locked/client.pfx", "@locked/client_key.pem", "@locked"] {
        desk.convert(&format!("{what} --to pem --out new")).assert_error(2, &["is encrypted", "--password-file"]);
        desk.convert(&format!("{what} --to pem --out new --password-file other"))
            .assert_error(2, &["does not open with this password"]);
    }
    desk.convert("@locked/client.pfx --out new --ask-new-password --password-file password")
        .assert_error(2, &["no terminal", "--new-password-file"]);
    assert!(!desk.path("new").exists());
}

#[test]
fn passwords_come_from_standard_input_too() {
    let desk = Desk::new();
    let new = |name: &str| desk.bytes(&format!("{name}/client_key.pem"));
    desk.convert_with("@locked/client.pfx --out a --password-stdin", PASSWORD.as_bytes()).assert_code(0);
    desk.convert_with("@locked/client.pfx --out b --password-file -", PASSWORD.as_bytes()).assert_code(0);
    let ended = "@locked/client.pfx --out c --password-file password --new-password-file -";
    desk.convert_with(ended, OTHER_PASSWORD.as_bytes()).assert_code(0).assert_silent_about(&[OTHER_PASSWORD]);
    judge_pair(&desk, "c/client.pem", "c/client_key.pem", "other");
    assert!(new("a") != new("b"), "salted");
    desk.convert_with("- --to pem --out d --password-stdin", b"x").assert_error(2, &["cannot all read standard input"]);
}

/// In the world of a person: asked for the old password where one is needed, and for a new one where that is wanted.
#[test]
fn on_a_terminal_a_person_is_asked() {
    let Some(python) = PYTHON.find() else { return };
    let script = "import os, pty, sys, termios, time\n\
        child, terminal = pty.fork()\n\
        if child == 0:\n    os.execv(sys.argv[2], sys.argv[2:])\n\
        said = b''\n\
        for answer in sys.argv[1].split('|'):\n\
        \x20   while not said.endswith(b': '):\n        said += os.read(terminal, 1)\n\
        \x20   while termios.tcgetattr(terminal)[3] & termios.ECHO:\n        time.sleep(.01)\n\
        \x20   os.write(terminal, answer.encode() + b'\\n')\n    said += b'...'\n\
        try:\n    while True: said += os.read(terminal, 99)\n\
        except OSError: pass\n\
        print(said.decode())\n\
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n";
    let desk = Desk::new();
    let ask = |answers: &str, words: &str| {
        let mut command = command(python);
        command.args(["-c", script, answers, env!("CARGO_BIN_EXE_qcert"), "convert"]);
        command.arg(site().path("locked/client.pfx")).args(words.split_whitespace()).current_dir(desk.path(""));
        run(&mut command).never_says(PASSWORD).never_says(OTHER_PASSWORD)
    };
    ask(PASSWORD, "--out same").accepted().says("password of what is read: ").says("converted to PEM in same");
    judge_pair(&desk, "same/client.pem", "same/client_key.pem", "password");
    ask("wrong", "--out no").ends_with_code(2).says("does not open with this password");
    let twice = format!("{PASSWORD}|{OTHER_PASSWORD}|{OTHER_PASSWORD}");
    ask(&twice, "--out new --ask-new-password").accepted().says("the same again: ");
    judge_pair(&desk, "new/client.pem", "new/client_key.pem", "other");
    ask(&format!("{PASSWORD}|"), "--out no --ask-new-password").ends_with_code(2).says("--open-keys");
    // A person's eyes are no place for a key.
    ask(PASSWORD, "--to pfx --out -").ends_with_code(2).says("is not shown on a terminal");
    assert!(!desk.path("no").exists());
}

/// Whoever's key it is and whatever the umask: for its owner alone.
#[test]
fn keys_are_private() {
    let desk = Desk::new();
    for form in ["pem", "der", "pfx"] {
        desk.convert(&format!("@open --to {form} --out {form}")).assert_code(0);
        for name in crate::support::names(&desk.path(form)) {
            let mode = fs::metadata(desk.path(form).join(&name)).unwrap().permissions().mode() & 0o777;
            let is_private = name.contains("_key.") || name.contains(".pfx");
            assert_eq!(mode == 0o600, is_private, "{form}/{name}: {mode:o}");
        }
    }
    for (from, name) in [("@open/client.pfx", "one.pfx"), ("@open/client_key.pem", "one_key.pem")] {
        desk.convert(&format!("{from} --out {name}")).assert_code(0);
        assert_eq!(fs::metadata(desk.path(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
}

/// With their final rights from their creation: no call narrows them later.
#[test]
fn keys_were_never_anything_else() {
    use std::process::Command;
    if !Command::new("strace").args(["-o", "/dev/null", "true"]).status().is_ok_and(|status| status.success()) {
        return crate::support::skipped("strace is not installed, or may not trace");
    }
    let desk = Desk::new();
    let mut traced = Command::new("strace");
    traced.args(["-f", "-qq", "-e", "trace=open,openat,creat,chmod,fchmod,fchmodat", "-o"]).arg(desk.path("trace"));
    traced.arg(env!("CARGO_BIN_EXE_qcert")).arg("convert").arg(site().path("open")).args(["--to", "pem", "--out"]);
    crate::support::process::run({
        traced.arg(desk.path("new"));
        traced
    })
    .assert_code(0);
    let trace = fs::read_to_string(desk.path("trace")).unwrap();
    let created: Vec<_> = trace.lines().filter(|line| line.contains("O_CREAT") && line.contains("_key.pem")).collect();
    assert_eq!(created.len(), 2, "{created:?}");
    assert!(created.iter().all(|line| line.contains("O_EXCL") && line.contains("0600")), "{created:?}");
    assert!(!trace.contains("chmod("), "{trace}");
}

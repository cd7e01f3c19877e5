//! The scripts of `qcert completions` in the shells themselves, and what a Tab may do to a home: nothing.
//!
//! A shell that is not installed is said to be SKIPPED; with `QCERT_STRANGERS=required` that is a failure. PowerShell
//! cannot be had on Linux' distributions: of its script only the shape is looked at.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests start programs, look at files, and end where something is wrong"
)]

mod support;

use fs_err as fs;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::process::run;
use support::{Scene, skipped};

/// A home with machines, and in the folder that the shell is in: the script, and files to be found.
fn scene() -> Scene {
    let scene = Scene::new();
    run(scene.export(&["one.test", "only.test", "two.test"], &[])).assert_code(0);
    fs::write(scene.path("a file.pem"), "").unwrap();
    fs::create_dir(scene.path("folder")).unwrap();
    scene
}

/// The shell in the scene, with a qcert that is found there alone. Nothing of this account's own set-up is read.
fn shell(scene: &Scene, shell: &str, arguments: &[&str]) -> Option<Command> {
    let known = Command::new(shell).arg("--version").output().is_ok_and(|output| output.status.success());
    if !known {
        skipped(&format!("{shell} is not installed"));
        return None;
    }
    let script = run(scene.qcert(&["completions", shell])).assert_code(0).stdout;
    fs::write(scene.path("script"), script).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_qcert")).parent().unwrap().display().to_string();
    let mut command = Command::new(shell);
    command
        .args(arguments)
        .current_dir(scene.path(""))
        .env("PATH", format!("{program}:/usr/local/bin:/usr/bin:/bin"))
        .env("QCERT_HOME", &scene.home)
        .env("HOME", scene.path(""))
        .env("TERM", "dumb");
    Some(command)
}

/// What is typed, and what stands there after a Tab. `|` is between several candidates.
const TABS: [(&str, &str); 11] = [
    ("qcert renew --machine t", "two.test"),
    ("qcert renew -m on", "one.test|only.test"),
    ("qcert list --machine=tw", "--machine=two.test"),
    ("qcert revoke tw", "two.test"),
    ("qcert revoke fol", "folder/"),
    ("qcert inspect a", "a file.pem"),
    ("qcert rec", "recreate"),
    ("qcert store sna", "snapshot"),
    ("qcert list --role se", "server"),
    ("qcert --home nowhere renew --machine t", ""),
    ("qcert no-such-command --no-such-option x", ""),
];

#[test]
fn bash_completes() {
    let scene = scene();
    for (typed, expected) in TABS {
        // As readline hands it over: `=` is a word, and the words are counted with it.
        let script = r#"
            . ./script
            IFS=' ' read -r -a COMP_WORDS <<< "${1//=/ = }"
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_TYPE=9
            [[ $(complete -p qcert) == *_qcert* ]] || exit 9
            _qcert qcert "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\n' "${COMPREPLY[@]}""#;
        let Some(shell) = shell(&scene, "bash", &["--norc", "--noprofile", "-c", script, "bash", typed]) else {
            return;
        };
        let ended = run(shell).assert_code(0);
        // Bash itself keeps what stands before the `=`.
        let expected = expected.replace(' ', "\\ ").replace("--machine=", "");
        assert_eq!(ended.stdout.trim().lines().collect::<Vec<_>>().join("|"), expected, "{typed}");
        assert_eq!(ended.stderr, "", "{typed}");
    }
}

#[test]
fn fish_completes() {
    let scene = scene();
    for (typed, expected) in TABS {
        let script = "source script; complete --do-complete $argv[1]";
        let Some(shell) = shell(&scene, "fish", &["--no-config", "-c", script, typed]) else { return };
        let ended = run(shell).assert_code(0);
        let values: Vec<&str> = ended.stdout.lines().map(|line| line.split('\t').next().unwrap()).collect();
        assert_eq!(values.join("|"), expected, "{typed}");
        assert_eq!(ended.stderr, "", "{typed}");
    }
}

/// zsh completes only where somebody types: a second one inside of the first, with what it makes of each line.
#[test]
fn zsh_completes() {
    let scene = scene();
    let script = r#"
        zmodload zsh/zpty
        zpty inner 'zsh -f -i'
        zpty -w inner 'PS1=; unsetopt zle_bracketed_paste prompt_cr beep; setopt no_list_ambiguous'
        zpty -w inner 'autoload -Uz compinit; compinit -u -D; source ./script'
        zpty -w inner 'qcert() { [[ $1 == __complete ]] && { command qcert "$@"; return }; print -r -- "<${(j:|:)@}>" }'
        zpty -w inner 'print RE''ADY'
        zpty -r inner said '*READY*' || exit 9
        zpty -w -n inner "$1"$'\t'
        zpty -w inner " end"
        zpty -r inner said '*<*>*' || exit 8
        print -r -- "<${${said##*<}%%>*}>""#;
    for (typed, expected) in TABS {
        // Of several candidates what they have in common is typed.
        let expected = if expected.contains('|') { "on" } else { expected };
        let words: Vec<&str> = typed.split(' ').skip(1).collect();
        let (last, before) = words.split_last().unwrap();
        let last = if expected.is_empty() { last } else { expected };
        let Some(shell) = shell(&scene, "zsh", &["-f", "-c", script, "zsh", typed]) else { return };
        let ended = run(shell).assert_code(0);
        let expected = [before, &[last, "end"]].concat().join("|");
        assert_eq!(ended.stdout.trim(), format!("<{expected}>"), "{typed}");
    }
}

#[test]
fn powershell_has_a_script_that_evaluates_nothing() {
    let scene = Scene::new();
    let script = run(scene.qcert(&["completions", "powershell"])).assert_code(0).stdout;
    assert!(script.contains("Register-ArgumentCompleter -Native -CommandName 'qcert'"));
    for word in ["Invoke-Expression", "iex", "ScriptBlock]::Create"] {
        assert!(!script.contains(word), "{word}");
    }
    for (open, close) in [('{', '}'), ('(', ')'), ('[', ']')] {
        // Those that are text stand in the one list of letters that want quotes.
        let code = script.replace(r#"'[\s''"`$(){};,&|<>@#]'"#, "");
        assert_eq!(code.matches(open).count(), code.matches(close).count(), "{open}{close}");
    }
}

#[test]
fn a_tab_changes_nothing_and_waits_for_nobody() {
    let scene = scene();
    let ask = |more: &[&str]| {
        let arguments = [&["__complete", "3", "--", "qcert", "renew", "--machine"], more].concat();
        let ended = run(scene.qcert_here(&arguments)).assert_code(0);
        assert_eq!(ended.stderr, "");
        ended.stdout
    };
    let before = files(&scene.home);
    assert!(before.contains_key(&scene.home.join("ledger.sqlite")));
    assert_eq!(ask(&[]), "one.test\nonly.test\ntwo.test\n");
    assert_eq!(ask(&["TWO"]), "two.test\n");
    assert_eq!(files(&scene.home), before);

    // A ledger that another program keeps to itself, a damaged one, and none.
    let ledger = scene.home.join("ledger.sqlite");
    let held = rusqlite::Connection::open(&ledger).unwrap();
    held.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    assert_eq!(ask(&[]), "");
    drop(held);
    fs::write(&ledger, "no database").unwrap();
    assert_eq!(ask(&[]), "");
    fs::remove_dir_all(&scene.home).unwrap();
    assert_eq!(ask(&[]), "");
    assert!(!scene.home.exists());
}

/// Every file below the folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.clone(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

impl Scene {
    /// With the home in the environment, as at a shell.
    fn qcert_here(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
        command.args(arguments).current_dir(self.path("")).env("QCERT_HOME", &self.home);
        command
    }
}

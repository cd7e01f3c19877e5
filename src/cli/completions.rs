//! `qcert completions`: the script by which a shell completes what is typed; and the answer to that script at each Tab.
//!
//! The answer reads the ledger for names of machines, and folders for names of files. It changes nothing, asks nothing,
//! waits for nobody, and says nothing of what it cannot read: somebody is in the middle of a line.

use super::output::{self, Output};
use super::{Cli, Everywhere, Exit};
use crate::host::home::Home;
use clap::{Args as _, CommandFactory as _, FromArgMatches as _};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _, complete};
use serde::Serialize;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
#[expect(clippy::enum_variant_names, reason = "PowerShell is a name")]
enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell", alias = "pwsh")]
    PowerShell,
}

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// The shell that is to complete
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

const AFTER_HELP: &str = "\
Commands, options, their values, files, and the names of the ledger's machines are completed.

EXAMPLES
  qcert completions bash > ~/.local/share/bash-completion/completions/qcert
  qcert completions zsh > ~/.zsh/completions/_qcert        that folder in fpath, before compinit
  qcert completions fish > ~/.config/fish/completions/qcert.fish
  qcert completions powershell >> $PROFILE                 in PowerShell, then open a new one

EXIT CODES
  0 printed   2 could not do it";

/// What the scripts call.
#[derive(Debug, clap::Args)]
pub(super) struct TabArguments {
    /// Which of the words the cursor is in, from 0; one that is not among them is empty
    place: usize,
    /// The command line up to the cursor, with the name of the program
    #[arg(last = true)]
    words: Vec<OsString>,
}

/// More nobody reads.
const MOST_NAMES: usize = 500;

/// Commands whose `--machine` is one that the ledger has.
const KNOW_MACHINES: [&str; 3] = ["list", "renew", "revoke"];

#[derive(Serialize)]
struct Answer {
    schema: u32,
    shell: &'static str,
    script: &'static str,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<Exit> {
    let (shell, script) = match arguments.shell {
        Shell::Bash => ("bash", include_str!("completions/qcert.bash")),
        Shell::Zsh => ("zsh", include_str!("completions/qcert.zsh")),
        Shell::Fish => ("fish", include_str!("completions/qcert.fish")),
        Shell::PowerShell => ("powershell", include_str!("completions/qcert.ps1")),
    };
    if output.is_json() {
        output.answer_json(&Answer { schema: 1, shell, script })?;
    } else {
        Output::answer_octets(script.as_bytes())?;
    }
    Ok(Exit::Done)
}

/// One candidate in a line, with what it means behind a tab.
pub(super) fn answer_tab(arguments: &TabArguments) -> anyhow::Result<Exit> {
    Output::answer_octets(candidates(arguments.place, &arguments.words).as_bytes())?;
    Ok(Exit::Done)
}

fn candidates(place: usize, words: &[OsString]) -> String {
    let mut typed = words.to_vec();
    if place == typed.len() {
        typed.push(OsString::new());
    }
    let home = home(words);
    let found = complete(&mut command(home.as_deref()), typed, place, Some(Path::new("."))).unwrap_or_default();
    let mut lines = String::new();
    for candidate in found {
        // What has a line end or a tab in it cannot be told to a shell in lines.
        let Some(value) = candidate.get_value().to_str().filter(|value| !value.chars().any(char::is_control)) else {
            continue;
        };
        lines.push_str(value);
        if let Some(help) = candidate.get_help().map(ToString::to_string) {
            _ = write!(lines, "\t{}", output::escape(help.lines().next().unwrap_or_default()));
        }
        lines.push('\n');
    }
    lines
}

/// The command line, which knows its machines.
fn command(home: Option<&Path>) -> clap::Command {
    let machines = |with_files: bool| {
        let home = home.map(Path::to_owned);
        ArgValueCompleter::new(move |typed: &OsStr| {
            let mut found: Vec<CompletionCandidate> =
                machines(home.clone(), typed).into_iter().map(CompletionCandidate::new).collect();
            if with_files {
                found.extend(PathCompleter::any().current_dir(".").complete(typed));
            }
            found
        })
    };
    let mut command = Cli::command();
    for name in KNOW_MACHINES {
        command = command.mut_subcommand(name, |command| command.mut_arg("machine", |arg| arg.add(machines(false))));
    }
    command.mut_subcommand("revoke", |command| command.mut_arg("what", |arg| arg.add(machines(true))))
}

fn machines(home: Option<PathBuf>, typed: &OsStr) -> Vec<String> {
    let Some(typed) = typed.to_str() else { return Vec::new() };
    Home::locate(home).map(|home| home.names_that_begin(typed, MOST_NAMES)).unwrap_or_default()
}

/// The home that the line means: what is typed, else the environment's.
fn home(words: &[OsString]) -> Option<PathBuf> {
    let behind = words.windows(2).find_map(|pair| (pair.first()? == "--home").then(|| pair.get(1).cloned())?);
    let joined = || words.iter().find_map(|word| Some(word.to_str()?.strip_prefix("--home=")?.into()));
    let mut line = vec![OsString::from("qcert")];
    if let Some(folder) = behind.or_else(joined) {
        line.extend(["--home".into(), folder]);
    }
    let matches = Everywhere::augment_args(clap::Command::new("qcert")).try_get_matches_from(line).ok()?;
    Everywhere::from_arg_matches(&matches).ok()?.home
}

#[cfg(test)]
mod tests;

//! What a person gives to be looked at, and with which passwords: the arguments of every command that reads.
//!
//! Files are read and understood on all cores; one file costs no thread. Nothing is judged or printed here.

use super::error::problem;
use super::reach::connect::Connect;
use super::secrets::check_stdin_is_used_once;
use crate::host::key_supply::cores;
use crate::host::password;
use crate::host::reading::{self, Place};
use crate::pki::encryption::Derivations;
use crate::pki::inventory::{self, FileContent};
use crate::pki::secret::Password;
use clap::ArgGroup;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Reading", group(ArgGroup::new("what").args(["paths", "connect"]).required(true).multiple(true)))]
pub(super) struct Reading {
    /// Files and folders; `-` is standard input
    #[arg(value_name = "PATH", help_heading = None::<&str>)]
    pub(super) paths: Vec<PathBuf>,
    /// The folders in folders too
    #[arg(short, long)]
    pub(super) recursive: bool,
    #[command(flatten)]
    pub(super) connect: Connect,
    #[command(flatten)]
    passwords: Passwords,
}

/// With which passwords files are read.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Reading")]
pub(super) struct Passwords {
    /// File with a password of PFX files and keys, `-` is standard input; may be repeated
    #[arg(long, env = "QCERT_PASSWORD_FILE", hide_env_values = true, value_name = "FILE")]
    password_file: Vec<PathBuf>,
    /// Read a password from standard input
    #[arg(long)]
    password_stdin: bool,
    /// Ask for a password on the terminal
    #[arg(long)]
    ask_password: bool,
}

impl Passwords {
    pub(super) fn reads_stdin(&self) -> bool {
        self.password_stdin || self.password_file.iter().any(|path| path == Path::new("-"))
    }

    /// All passwords that were given. Without any, what is encrypted stays closed: nobody is asked unasked.
    /// `is_read` says whether what is read comes from standard input itself.
    pub(super) fn given(&self, is_read: bool) -> anyhow::Result<Vec<Password>> {
        let is_stdin = |path: &&PathBuf| path.as_path() == Path::new("-");
        let from_files = self.password_file.iter().filter(is_stdin).count();
        let mut uses = vec![
            ("PATH -", is_read),
            ("--password-stdin", self.password_stdin),
            ("--ask-password", self.ask_password && (self.password_stdin || from_files > 0)),
        ];
        uses.extend((0..from_files).map(|_| ("--password-file -", true)));
        check_stdin_is_used_once(&uses)?;
        let mut passwords = Vec::new();
        for file in &self.password_file {
            passwords.push(password::from_file(file)?);
        }
        if self.password_stdin {
            passwords.push(password::from_stdin()?);
        }
        if self.ask_password {
            if !password::can_ask() {
                return Err(problem("there is no terminal to ask for a password", "use `--password-file FILE`"));
            }
            passwords.extend(password::ask("password")?);
        }
        Ok(passwords)
    }
}

impl Reading {
    pub(super) fn passwords(&self) -> anyhow::Result<Vec<Password>> {
        self.passwords.given(self.paths.iter().any(|path| path == Path::new("-")))
    }
}

/// What lies at these paths, in their order. What cannot be read is among it, with the reason.
pub(super) fn read_paths(paths: &[PathBuf], recursive: bool, passwords: &[Password]) -> Vec<FileContent> {
    let derivations = Derivations::default();
    let one = |place: Place| inventory::read(reading::read(place), passwords, &derivations);
    let places = reading::places(paths, recursive);
    if places.len() < 2 {
        return places.into_iter().map(one).collect();
    }
    let total = places.len();
    let queue = Mutex::new(places.into_iter().enumerate());
    let work = || {
        let mut done = Vec::new();
        while let Some((at, place)) = next(&queue) {
            done.push((at, one(place)));
        }
        done
    };
    let mut read = std::thread::scope(|scope| {
        // Reading draws no random octets, so these threads need not be announced (`host::threads`).
        let spawn = |_| std::thread::Builder::new().spawn_scoped(scope, work);
        let others: Vec<_> = (1..cores().min(total)).map(spawn).collect();
        let mut read = work();
        // Where no thread can be had, the others do its work.
        for other in others.into_iter().flatten() {
            read.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        read
    });
    read.sort_unstable_by_key(|(at, _)| *at);
    read.into_iter().map(|(_, content)| content).collect()
}

/// What lies in a folder, each private key kept where it opens: for a caller that uses them.
pub(super) fn read_folder_with_keys(folder: &Path, passwords: &[Password]) -> Vec<FileContent> {
    let derivations = Derivations::default();
    let one = |place: Place| inventory::read_with_keys(reading::read(place), passwords, &derivations);
    reading::places(&[folder.to_owned()], false).into_iter().map(one).collect()
}

fn next<T>(queue: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        reading: Reading,
    }

    fn parse(arguments: &[&str]) -> Reading {
        Cli::try_parse_from([&["x"], arguments].concat()).unwrap().reading
    }

    #[test]
    fn standard_input_is_read_once() {
        for arguments in [&["-", "--password-stdin"][..], &["a", "--password-stdin", "--password-file", "-"]] {
            assert!(parse(arguments).passwords().is_err(), "{arguments:?}");
        }
    }

    #[test]
    fn many_files_come_in_the_order_of_their_names() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pki");
        let read = read_paths(&[here], true, &[]);
        let paths: Vec<_> = read.iter().map(|file| file.path.clone()).collect();
        assert!(paths.len() > 30 && paths.is_sorted_by_key(|path| Path::new(path).to_owned()), "{paths:?}");
        assert!(read.iter().all(|file| file.size > 0));
    }
}

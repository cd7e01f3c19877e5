//! The two help texts: `-h` is one screen of what most people use, `--help` is everything. What stays out of the first is
//! said here, for all commands at once. It is made only when it is asked for; parsing knows nothing of it.

use super::Cli;
use clap::{Arg, ArgAction, Command, CommandFactory as _};

/// Options for rare needs; where only one command has them so, after its name.
const RARE: [&str; 41] = [
    "accept-names",
    "again",
    "allow-underscore",
    "ask-password",
    "at",
    "backup-passphrase-stdin",
    "backup-password-stdin",
    "color",
    "despite-faults",
    "exported",
    "force",
    "intermediate",
    "key-size",
    "local-certificates",
    "log-days",
    "lose-secrets",
    "made-before",
    "min-days",
    "not-after",
    "not-before",
    "not-exportable",
    "old-passphrase-file",
    "passphrase-stdin",
    "password-stdin",
    "pem-keys",
    "profile",
    "quiet",
    "recreate central",
    "recreate days",
    "recreate host",
    "recreate machine",
    "recreate markdown",
    "recreate rim",
    "service-account",
    "timeout",
    "trust-clock",
    "user",
    "verbose",
    "warn-days",
    "without-key-backup",
    "work-factor",
];

const HEADING: &str = "Everywhere";

/// The command line as it is shown to somebody who asks for help.
pub(super) fn command() -> Command {
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version).help("Print the version");
    shown(Cli::command().disable_version_flag(true).arg(version.help_heading(HEADING)))
}

fn shown(command: Command) -> Command {
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).help_heading(HEADING);
    let help = help.help("`-h` prints the most used options, `--help` all of them");
    let name = command.get_name().to_owned();
    let rare = |argument: Arg| {
        let is_rare = argument.get_long().is_some_and(|long| is_rare(&name, long));
        argument.hide_short_help(is_rare)
    };
    command.disable_help_flag(true).arg(help).mut_args(rare).mut_subcommands(shown)
}

fn is_rare(command: &str, option: &str) -> bool {
    RARE.iter().any(|rare| match rare.split_once(' ') {
        Some((of, rare)) => of == command && rare == option,
        None => *rare == option,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines and columns of a terminal window of the common kind, in which nothing is lost by scrolling.
    const LINES: usize = 50;
    const COLUMNS: usize = 100;

    fn each(command: &Command, path: &str, visit: &mut impl FnMut(&Command, &str)) {
        visit(command, path);
        for below in command.get_subcommands().filter(|below| below.get_name() != "help" && !below.is_hide_set()) {
            each(below, &format!("{path} {}", below.get_name()), visit);
        }
    }

    #[test]
    fn the_short_help_fits_and_the_long_one_has_everything() {
        let mut root = command().term_width(COLUMNS);
        root.build();
        let mut wrong = Vec::new();
        each(&root, "qcert", &mut |command, path| {
            let mut command = command.clone().term_width(COLUMNS);
            let short = command.render_help().to_string();
            let long = command.render_long_help().to_string();
            if short.lines().count() > LINES {
                wrong.push(format!("{path} -h has {} lines", short.lines().count()));
            }
            for line in short.lines().chain(long.lines()).filter(|line| line.chars().count() > COLUMNS) {
                wrong.push(format!("{path}: too wide: {line}"));
            }
            // What is wider than the screen is broken where nobody meant it.
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in after.lines().filter(|line| line.chars().count() > COLUMNS) {
                wrong.push(format!("{path}: would be broken: {line}"));
            }
            for long_name in command.get_arguments().filter_map(Arg::get_long) {
                if !long.contains(&format!("--{long_name}")) {
                    wrong.push(format!("{path} --help lacks --{long_name}"));
                }
            }
        });
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn what_is_rare_is_there() {
        let mut found = Vec::new();
        each(&Cli::command(), "qcert", &mut |command, _| {
            for long in command.get_arguments().filter_map(Arg::get_long) {
                found.extend([long.to_owned(), format!("{} {long}", command.get_name())]);
            }
        });
        for rare in RARE {
            assert!(found.iter().any(|long| long == rare), "no command has --{rare}");
        }
        assert!(RARE.is_sorted());
    }
}

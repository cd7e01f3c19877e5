//! `qcert explain`: what a finding, a certificate's role, a port, a program or an error text means, and what to do.
//!
//! Everything it says is in `pki::knowledge` and `pki::rules`. It opens no home and no ledger.

mod answer;
mod list;
pub(super) mod log;
mod rule;
mod topic;

use super::Exit;
use super::error::problem;
use super::output::Output;
use crate::pki::knowledge::find::{self, Subject};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Rule, certificate, file, event, service, port or program; without it, all are listed
    #[arg(value_name = "WORD", conflicts_with_all = ["text", "text_file"])]
    words: Vec<String>,
    /// Error text to look up; `-` reads a log from standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with = "text_file")]
    text: Option<String>,
    /// Log to look through; `-` is standard input
    #[arg(long, value_name = "FILE")]
    text_file: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
EXAMPLES
  qcert explain                         what can be explained
  qcert explain client                  what QlikClient is, where it lies, who shows it to whom
  qcert explain 4747                    who listens, who calls, with which certificate
  qcert explain butler                  files, settings to paste, quirks of a program
  qcert explain chain/unknown-issuer    a rule of `qcert validate`
  qcert explain --text 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'
  qcert explain --text - < service.log  every known text in a log

EXIT CODES
  0 explained   1 no known text is in the log   2 unknown word, or the log cannot be read";

pub(super) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<Exit> {
    if let Some(file) = &arguments.text_file {
        return log::explain_file(file, output);
    }
    match arguments.text.as_deref() {
        Some("-") => return log::explain_file("-".as_ref(), output),
        Some(text) => return log::explain_text(text, output),
        None => {}
    }
    let word = arguments.words.join(" ");
    if word.trim().is_empty() {
        return list::show(output);
    }
    if word == "-" {
        return log::explain_file("-".as_ref(), output);
    }
    match find::find(&word) {
        Some(Subject::Topic(topic)) => topic::show(topic, output),
        Some(Subject::Rule(rule)) => rule::show(&[rule], output),
        Some(Subject::Rules(rules)) => rule::show(&rules, output),
        None => log::explain_if_known(&word, output)?.ok_or_else(|| unknown(&word)),
    }
}

fn unknown(word: &str) -> anyhow::Error {
    let near = find::nearest(word);
    let shown: String = word.chars().take(60).collect();
    let hint = match &near[..] {
        [] => "`qcert explain` lists what there is; `qcert explain --text '…'` looks an error text up".to_owned(),
        near => {
            let near: Vec<String> = near.iter().map(|word| format!("`{word}`")).collect();
            format!("did you mean {}?", near.join(" or "))
        }
    };
    problem(format!("nothing is known of `{shown}`"), hint)
}

#[cfg(test)]
mod tests;

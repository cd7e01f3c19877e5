//! `qcert man`: the manual pages, of the same words as the help.
//!
//! What stands behind the options in the help (EXAMPLES, EXIT CODES) is kept line by line: filled, as running text is,
//! examples would be of no use.

use super::error::problem;
use super::output::Output;
use super::{Cli, Exit};
use crate::host::files;
use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_mangen::Man;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Folder that gets the pages of all commands; without it, the first page is printed
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
EXAMPLES
  qcert man | man -l -                   read the first page
  qcert man ~/.local/share/man/man1      then: man qcert-export

EXIT CODES
  0 printed, or written   2 could not do it";

/// Every page begins so, and only such a file is replaced.
const FIRST: &str = ".\\\" Manual page of qcert\n";

#[derive(Debug)]
struct Page {
    file: String,
    text: String,
}

#[derive(Serialize)]
struct Printed<'a> {
    schema: u32,
    page: &'a str,
}

#[derive(Serialize)]
struct Written<'a> {
    schema: u32,
    folder: String,
    files: Vec<&'a str>,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<Exit> {
    match &arguments.folder {
        None => print(output)?,
        Some(folder) => write(folder, output)?,
    }
    Ok(Exit::Done)
}

fn print(output: &Output) -> anyhow::Result<()> {
    let page = page(built()).context("cannot make the page")?;
    if output.is_json() {
        return output.answer_json(&Printed { schema: 1, page: &page.text });
    }
    Output::answer_octets(page.text.as_bytes())
}

fn write(folder: &Path, output: &Output) -> anyhow::Result<()> {
    let pages = pages().context("cannot make the pages")?;
    files::create_folders(folder).with_context(|| format!("cannot use `{}`", folder.display()))?;
    for page in &pages {
        let path = folder.join(&page.file);
        place(&path, &page.text).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    let files: Vec<&str> = pages.iter().map(|page| page.file.as_str()).collect();
    output.answer_json(&Written { schema: 1, folder: folder.display().to_string(), files })?;
    output.note(&format!("{} pages are in `{}`", pages.len(), folder.display()));
    Ok(())
}

/// Over nothing but an older page.
fn place(path: &Path, text: &str) -> anyhow::Result<()> {
    if files::exists(path) && !files::read_file(path)?.expose().starts_with(FIRST.as_bytes()) {
        return Err(problem("another file of this name is there", "give another folder, or remove the file"));
    }
    Ok(files::replace(path, text.as_bytes())?)
}

fn built() -> clap::Command {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    command
}

fn pages() -> std::io::Result<Vec<Page>> {
    let mut pages = Vec::new();
    let mut waiting = vec![built()];
    while let Some(command) = waiting.pop() {
        waiting.extend(command.get_subcommands().filter(|command| !command.is_hide_set()).cloned());
        pages.push(page(command)?);
    }
    pages.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(pages)
}

fn page(command: clap::Command) -> std::io::Result<Page> {
    let closing = command.get_after_help().map(|text| closing(&text.to_string())).unwrap_or_default();
    let has_commands = command.has_subcommands();
    let man = Man::new(command).source(concat!("qcert ", env!("CARGO_PKG_VERSION"))).manual("qcert");
    let mut text = FIRST.as_bytes().to_vec();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if has_commands {
        man.render_subcommands_section(&mut text)?;
    }
    let text = String::from_utf8_lossy(&text).into_owned() + &closing;
    Ok(Page { file: man.get_filename(), text })
}

/// The help's last part. A line in capitals is a heading; the rest is shown as it is.
fn closing(help: &str) -> String {
    let mut page = String::new();
    let mut shows = false;
    for line in help.lines() {
        let heading = !line.is_empty() && line.chars().all(|letter| letter.is_ascii_uppercase() || letter == ' ');
        if heading || !shows {
            let name = if heading { line } else { "NOTES" };
            _ = write!(page, "{}.SH \"{name}\"\n.nf\n", if shows { ".fi\n" } else { "" });
            shows = true;
        }
        if !heading {
            _ = writeln!(page, "{}", literally(line));
        }
    }
    if shows { page + ".fi\n" } else { page }
}

/// A line in which roff sees no request and no escape, and whose minus signs and quotes can be copied.
fn literally(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq").replace('`', "\\(ga");
    if line.starts_with('.') { format!("\\&{line}") } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_that_is_shown_has_a_page() {
        let files: Vec<String> = pages().unwrap().into_iter().map(|page| page.file).collect();
        for file in ["qcert.1", "qcert-export.1", "qcert-store.1", "qcert-store-snapshot.1", "qcert-man.1"] {
            assert!(files.iter().any(|made| made == file), "{file} is missing among {files:?}");
        }
        assert!(!files.iter().any(|file| file.contains("__") || file.contains("help")), "{files:?}");
    }

    #[test]
    fn examples_stay_line_by_line() {
        let page = closing("Free text.\n\nEXAMPLES\n  qcert a -b 'c'\n.d \\n\n\nEXIT CODES\n  0 done");
        assert_eq!(
            page,
            ".SH \"NOTES\"\n.nf\nFree text.\n\n.fi\n.SH \"EXAMPLES\"\n.nf\n  qcert a \\-b \\(aqc\\(aq\n\\&.d \\en\n\n\
             .fi\n.SH \"EXIT CODES\"\n.nf\n  0 done\n.fi\n"
        );
    }
}

//! `qcert recreate --plan`: gathers what is known of a site, and prints the plan as text, as Markdown or as JSON.
//!
//! It reads only: no key is opened for it, nothing is asked, the home is left as it is.

mod home;
mod json;
mod markdown;
mod text;

use super::super::error::problem;
use super::super::output::{self, Output};
use super::super::reading::read_paths;
use super::super::secrets::check_stdin_is_used_once;
use super::super::{Clock, Exit};
use crate::host::password;
use crate::pki::inventory::{FileContent, Form};
use crate::pki::name::{MachineName, Underscore};
use crate::pki::plan::{Account, Central, Holder, Plan, Site, Source};
use anyhow::Context as _;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Plan")]
pub(super) struct PlanArguments {
    /// Folder that Qlik has exported, `Exported Certificates`, `.Local Certificates`, or a file; may be repeated
    #[arg(long, value_name = "PATH", requires = "plan")]
    bundle: Vec<PathBuf>,
    /// Host name of the central node [default: as Host.cfg or the root says]
    #[arg(long, value_name = "HOST", requires = "plan")]
    central: Option<String>,
    /// Host name of a rim node; may be repeated
    #[arg(long, value_name = "HOST", requires = "plan")]
    rim: Vec<String>,
    /// Machine whose programs use exported certificates; may be repeated
    #[arg(long, value_name = "NAME", requires = "plan")]
    machine: Vec<String>,
    /// Windows account that runs the services
    #[arg(long, value_name = "NAME", requires = "plan")]
    service_account: Option<String>,
    /// Print it as Markdown
    #[arg(long, requires = "plan")]
    markdown: bool,
}

pub(super) fn run_plan(
    arguments: &PlanArguments,
    password_files: &[PathBuf],
    home: Option<PathBuf>,
    output: &Output,
    clock: Clock,
) -> anyhow::Result<Exit> {
    if arguments.markdown && output.is_json() {
        return Err(problem("`--markdown` and `--json` exclude each other", "the JSON has the steps as data"));
    }
    let mut site = Site::default();
    told(arguments, &mut site)?;
    read_bundles(arguments, password_files, &mut site, output)?;
    home::add(home, &mut site, output, clock);
    site.name_central();
    for name in &arguments.machine {
        let machine = machine_name(name).context("cannot use a `--machine`")?;
        site.add(Holder { name: machine.to_string(), ..Holder::default() });
    }
    let plan = Plan::new(&site, clock.now.checked_to_offset(clock.offset).unwrap_or(clock.now));
    if output.is_json() {
        output.answer_json(&json::answer(&plan))?;
    } else if arguments.markdown {
        output.answer(&markdown::page(&plan))?;
    } else {
        output.answer(&text::page(&plan))?;
    }
    Ok(Exit::Done)
}

/// What was typed is checked before anything is read: a slip there would go into every command.
fn told(arguments: &PlanArguments, site: &mut Site) -> anyhow::Result<()> {
    if let Some(name) = &arguments.central {
        let name = machine_name(name).context("cannot use `--central`")?;
        site.central = Some(Central { name, source: Source::Told });
    }
    for name in &arguments.rim {
        let rim = machine_name(name).context("cannot use a `--rim`")?;
        if !site.rims.iter().any(|known| known.key() == rim.key()) {
            site.rims.push(rim);
        }
    }
    if let Some(name) = &arguments.service_account {
        site.account = Some(Account::parse(name).context("cannot use `--service-account`")?);
    }
    Ok(())
}

fn machine_name(typed: &str) -> anyhow::Result<MachineName> {
    Ok(MachineName::parse(typed, Underscore::Allowed)?)
}

fn read_bundles(
    arguments: &PlanArguments,
    password_files: &[PathBuf],
    site: &mut Site,
    output: &Output,
) -> anyhow::Result<()> {
    let from_stdin = password_files.iter().filter(|path| *path == Path::new("-"));
    check_stdin_is_used_once(&from_stdin.map(|_| ("--password-file -", true)).collect::<Vec<_>>())?;
    let mut passwords = Vec::new();
    for file in password_files {
        passwords.push(password::from_file(file)?);
    }
    let files = read_paths(&arguments.bundle, true, &passwords);
    for file in &files {
        if let Form::Unreadable(why) = &file.form {
            // What is not read is missing from the plan: that must not go unseen.
            if arguments.bundle.iter().any(|path| path.as_path() == Path::new(&file.path)) {
                let message = format!("cannot read `{}`: {why}", output::escape(&file.path));
                return Err(problem(message, "check the spelling of the path, and whether this account may read it"));
            }
            output.warn(&format!("`{}` could not be read: {why}", file.path));
        }
    }
    if !arguments.bundle.is_empty() && files.is_empty() {
        return Err(problem("there is no file in the bundles", "give folders that Qlik has exported, or their parent"));
    }
    site.learn(&by_folder(&files))?;
    if !arguments.bundle.is_empty() && site.root.is_none() {
        output.warn("there is no root among the bundles' files: its name and thumbprint stay blank");
    }
    Ok(())
}

/// Each folder with its files, by the folder's name.
fn by_folder(files: &[FileContent]) -> Vec<(String, Vec<&FileContent>)> {
    let mut folders: Vec<(&Path, Vec<&FileContent>)> = Vec::new();
    for file in files {
        let folder = Path::new(&file.path).parent().unwrap_or(Path::new(""));
        match folders.last_mut().filter(|(last, _)| *last == folder) {
            Some((_, files)) => files.push(file),
            None => folders.push((folder, vec![file])),
        }
    }
    let name = |folder: &Path| folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    folders.into_iter().map(|(folder, files)| (name(folder), files)).collect()
}

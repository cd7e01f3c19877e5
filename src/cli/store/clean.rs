//! `qcert store clean`: out of this machine's stores what a Qlik root issued, and the root, in the order in which Qlik's
//! certificates are made anew. After a backup, and nothing else.

use super::super::error::problem;
use super::super::output::Output;
use super::super::reading::read_paths;
use super::super::{Clock, Exit};
use super::keeping::BackupArguments;
use super::machine::{Machine, ThisMachine};
use super::perform::{Consent, Job, perform};
use super::read;
use crate::host::files;
use crate::pki::certificate::Certificate;
use crate::pki::inventory::{FileContent, SnapshotContent};
use crate::pki::overview::is_root;
use crate::pki::store_plan::{self, Repository, Wanted};
use std::path::Path;

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// The root whose certificates are to go: its file, or its thumbprint as `qcert store list` shows it
    #[arg(long, value_name = "FILE|THUMBPRINT")]
    root: String,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    backup: BackupArguments,
}

const AFTER_HELP: &str = "\
Removed are the root and what it signed, told by the signature and not by the name: the root from
Trusted Root, the server, the client, then what lies elsewhere. Only a root with Qlik's mark is
taken. Private keys stay on the machine in their containers; the backup has those that Windows
gives away. Stop Qlik's services first, all but Qlik Sense Repository Database.

EXAMPLES
  qcert store clean --root root.cer --dry-run
  qcert store clean --root 68B59596A1DCBE3968FA6BABDB21FAF9F8F35087
  qcert store clean --root old/root.cer --backup old-stores --backup-password-file pass.txt --yes
  qcert store clean --root root.cer --dry-run --from stores.json    on any system
  qcert explain recreate                            what breaks, and what comes next

EXIT CODES
  0 gone, or nothing was there   1 it is no root of Qlik's, and nothing was changed
  2 could not do it, or not all of it, which is said";

pub(super) fn run(arguments: &Arguments, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    run_on(&mut ThisMachine::new(clock), arguments, output, clock)
}

pub(super) fn run_on(
    machine: &mut dyn Machine,
    arguments: &Arguments,
    output: &Output,
    clock: Clock,
) -> anyhow::Result<Exit> {
    arguments.backup.check()?;
    let at = arguments.consent.at.unwrap_or(clock.now);
    let (content, repository) = match &arguments.consent.from {
        Some(path) => (read::from_file(path)?, Repository::Unknown),
        None => (machine.look()?, machine.repository()),
    };
    let root = root(&arguments.root, &content)?;
    let plan = store_plan::clean(&root, &content, &repository);
    let job = Job {
        content: &content,
        plan: &plan,
        wanted: &Wanted::default(),
        exportable: true,
        at,
        consent: &arguments.consent,
        backup: &arguments.backup,
    };
    perform(&job, machine, output, clock)
}

fn root(given: &str, content: &SnapshotContent) -> anyhow::Result<Certificate> {
    let path = Path::new(given);
    if !files::exists(path)
        && let Some(found) = store_plan::find_root(content, given)
    {
        return found.cloned().ok_or_else(|| {
            problem(
                format!("no certificate in the stores has the thumbprint `{given}`"),
                "`qcert store list` shows those that are there; of a root that is gone give the file",
            )
        });
    }
    if !files::is_file(path) {
        return Err(problem(
            format!("`{given}` is neither a file nor a thumbprint"),
            "give the root's file, such as `root.cer`, or its thumbprint as `qcert store list` shows it",
        ));
    }
    let read = read_paths(&[path.to_owned()], false, &[]);
    let mut roots: Vec<&Certificate> =
        read.iter().flat_map(FileContent::certificates).filter(|one| is_root(one)).collect();
    roots.dedup_by_key(|root| root.der());
    match roots[..] {
        [root] => Ok(root.clone()),
        [] => Err(problem(format!("there is no root in `{given}`"), "give the root's file, such as `root.cer`")),
        _ => Err(problem(
            format!("there are several roots in `{given}`"),
            "give a file with the one whose certificates are to go",
        )),
    }
}

//! `qcert store list`: Qlik's certificates in Windows' stores, as they are now or as a snapshot has them. Not judged:
//! `validate` does that.

use super::super::arguments::parse_time;
use super::super::error::problem;
use super::super::output::Output;
use super::super::reading::read_paths;
use super::super::{Clock, Exit};
use super::facts::Answer;
use super::text;
use crate::pki::encryption::Derivations;
use crate::pki::inventory::{self, FileContent, Form, InFile, SnapshotContent, What};
use crate::pki::secret::Secret;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in super::super) struct Arguments {
    /// Show the certificates that are not Qlik's too
    #[arg(long)]
    all: bool,
    /// Snapshot to show instead of this machine's stores; `-` is standard input
    #[arg(long, value_name = "SNAPSHOT")]
    from: Option<PathBuf>,
    /// Moment that dates are told relative to, 2026-12-31 or RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<OffsetDateTime>,
}

const AFTER_HELP: &str = "\
Qlik's are the certificates with its marker, `CN=QlikClient`, the root that issued one of these, and
whatever else that root issued.

EXAMPLES
  qcert store list                        on the server, as the account that runs Qlik's services
  qcert store list --all
  qcert store list --from stores.json     a snapshot, on any system
  qcert validate stores.json              what is wrong with it, and how to mend it

EXIT CODES
  0 shown   2 a store could not be read, which is said, or there are none here";

const HINT: &str = "run it on the server, or show with `--from SNAPSHOT` what `qcert store snapshot` wrote there, or \
                    the script that `qcert store snapshot --script` prints; `qcert validate SNAPSHOT` judges it";

pub(super) fn run(arguments: &Arguments, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    let content = match &arguments.from {
        Some(path) => from_file(path)?,
        None => live(clock)?,
    };
    let answer = Answer::new(&content, arguments.from.as_deref(), arguments.all);
    let told = Clock { now: arguments.at.unwrap_or(clock.now), ..clock };
    output.answer(&text::whole(&answer, told))?;
    output.answer_json(&answer)?;
    let unread = answer.unread();
    for (store, why) in &unread {
        output.warn(&format!("{store} is not told whole: {why}"));
    }
    if answer.unreadable() > 0 {
        output.warn("of a certificate that cannot be read it is not known whether it is Qlik's: `--all` shows it");
    }
    Ok(if unread.is_empty() { Exit::Done } else { Exit::CouldNot })
}

fn from_file(path: &Path) -> anyhow::Result<SnapshotContent> {
    let mut files = read_paths(&[path.to_owned()], false, &[]);
    let file = if files.len() == 1 { files.pop() } else { None };
    let Some(file) = file else {
        return Err(problem(format!("`{}` is not one file", path.display()), GIVE));
    };
    content(file).map_err(|why| problem(format!("cannot show `{}`: {why}", path.display()), GIVE))
}

const GIVE: &str = "give the file that `qcert store snapshot` wrote";

/// By way of the form that a file has, so that both are shown alike.
fn live(clock: Clock) -> anyhow::Result<SnapshotContent> {
    let snapshot = super::take(clock, HINT)?;
    let file = InFile {
        path: snapshot.computer.clone(),
        bytes: Ok(Secret::new(snapshot.write())),
        others_may_read: false,
        tracked_by_git: false,
    };
    content(inventory::read(file, &[], &Derivations::default()))
        .map_err(|why| problem(format!("cannot show what the stores hold: {why}"), "report it"))
}

/// Or why it is none.
fn content(file: FileContent) -> Result<SnapshotContent, String> {
    if let Form::Unreadable(why) = file.form {
        return Err(why);
    }
    match file.objects.into_iter().next().map(|object| object.what) {
        Some(What::Snapshot(content)) => Ok(*content),
        Some(What::Damaged(damage)) => Err(format!("{}: {}", damage.kind, damage.why)),
        _ => Err("it is no snapshot of certificate stores".to_owned()),
    }
}

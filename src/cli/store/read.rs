//! What the stores hold, from a snapshot's file or from this machine: both come as the file would.

use super::super::Clock;
use super::super::error::problem;
use super::super::reading::read_paths;
use crate::pki::encryption::Derivations;
use crate::pki::inventory::{self, FileContent, Form, InFile, SnapshotContent, What};
use crate::pki::secret::Secret;
use crate::pki::snapshot::Snapshot;
use std::path::Path;

const GIVE: &str = "give the file that `qcert store snapshot` wrote";

pub(super) fn from_file(path: &Path) -> anyhow::Result<SnapshotContent> {
    let mut files = read_paths(&[path.to_owned()], false, &[]);
    let file = if files.len() == 1 { files.pop() } else { None };
    let Some(file) = file else {
        return Err(problem(format!("`{}` is not one file", path.display()), GIVE));
    };
    content(file).map_err(|why| problem(format!("cannot read `{}`: {why}", path.display()), GIVE))
}

/// `hint` is for where there are no stores.
pub(super) fn live(clock: Clock, hint: &str) -> anyhow::Result<SnapshotContent> {
    understood(&super::take(clock, hint)?)
}

/// By way of the form that a file has, so that both are seen alike.
pub(super) fn understood(snapshot: &Snapshot) -> anyhow::Result<SnapshotContent> {
    let file = InFile {
        path: snapshot.computer.clone(),
        bytes: Ok(Secret::new(snapshot.write())),
        others_may_read: false,
        tracked_by_git: false,
    };
    content(inventory::read(file, &[], &Derivations::default()))
        .map_err(|why| problem(format!("cannot read what the stores hold: {why}"), "report it"))
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

//! One file and 1,000 files looked at, and 1,000 judged, against what openssl does with them in one process.
//!
//! openssl is spared much of the work: its `storeutl` shows certificates and does not say who belongs to whom, its
//! `verify` says yes or no.

use super::plan::Plan;
use super::program::{self, Place};
use super::scene::{BUNDLES, LEAVES, Scene};
use super::table;
use super::timing::Times;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// One small file: what starting costs, and little else.
pub(crate) fn look(plan: &Plan) -> anyhow::Result<()> {
    let scene = Scene::new()?;
    let place = Place::new()?;
    let (mut inspect, mut validate, mut nothing) = (Times::default(), Times::default(), Times::default());
    for _ in 0..plan.start_rounds() {
        inspect.measure(|| program::succeed(own(&place, &["inspect"], [&scene.root_file()])))?;
        nothing.measure(|| program::succeed(program::quiet("true")))?;
        validate.measure(|| program::succeed(own(&place, &["validate"], [&scene.root_file()])))?;
    }
    table::difference_row("look: `inspect` one file; `true`", &inspect, &nothing, "at most 1.0 more");
    table::difference_row("look: `validate` one file; `true`", &validate, &nothing, "none");
    Ok(())
}

pub(crate) fn inspect(plan: &Plan) -> anyhow::Result<()> {
    let scene = Scene::new()?;
    let leaves = scene.leaves()?;
    let place = Place::new()?;
    let folder = leaves.first().and_then(|leaf| leaf.parent()).unwrap_or(Path::new(""));
    let (mut own_times, mut json, mut peer) = (Times::default(), Times::default(), Times::default());
    for _ in 0..plan.reading_rounds() {
        own_times.measure(|| program::succeed(own(&place, &["inspect"], [folder])))?;
        if program::has_openssl() {
            let words = ["storeutl", "-r", "-noout", "-text", "-certs"];
            peer.measure(|| program::succeed(with(program::quiet("openssl"), &words, [folder])))?;
        }
        json.measure(|| program::succeed(own(&place, &["inspect", "--json"], [folder])))?;
    }
    let mark = "at most 60 ms on 4 cores";
    table::time_row(&format!("inspect {LEAVES} files; `storeutl`"), &own_times, &peer, mark);
    table::time_row(&format!("inspect {LEAVES} files, JSON; `storeutl`"), &json, &peer, "none");
    Ok(())
}

pub(crate) fn validate(plan: &Plan) -> anyhow::Result<()> {
    let scene = Scene::new()?;
    let (leaves, of_bundles) = (scene.leaves()?, scene.bundles()?);
    let place = Place::new()?;
    let folder = leaves.first().and_then(|leaf| leaf.parent()).unwrap_or(Path::new(""));
    let bundles = of_bundles.first().and_then(|leaf| leaf.parent()?.parent()).unwrap_or(Path::new(""));
    let root = scene.root_file();
    let (mut own_leaves, mut peer_leaves) = (Times::default(), Times::default());
    let (mut own_bundles, mut peer_bundles) = (Times::default(), Times::default());
    for _ in 0..plan.reading_rounds() {
        own_leaves.measure(|| program::succeed(own(&place, &["validate", "--root"], [&*root, folder])))?;
        peer(&mut peer_leaves, &root, &leaves)?;
        own_bundles.measure(|| program::succeed(own(&place, &["validate", "-r"], [bundles])))?;
        peer(&mut peer_bundles, &root, &of_bundles)?;
    }
    let what = format!("validate {LEAVES} leaves; `openssl verify`");
    table::time_row(&what, &own_leaves, &peer_leaves, "at most 100 ms on 4 cores");
    let what = format!("validate {BUNDLES} bundles; `verify` {}", of_bundles.len());
    table::time_row(&what, &own_bundles, &peer_bundles, "none");
    Ok(())
}

fn peer(times: &mut Times, root: &Path, leaves: &[impl AsRef<OsStr>]) -> anyhow::Result<()> {
    if program::has_openssl() {
        let mut command = with(program::quiet("openssl"), &["verify", "-CAfile"], [root]);
        command.args(leaves);
        times.measure(|| program::succeed(command))?;
    }
    Ok(())
}

fn own(place: &Place, words: &[&str], paths: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    with(place.qcert(), words, paths)
}

fn with(mut command: Command, words: &[&str], paths: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    command.args(words).args(paths);
    command
}

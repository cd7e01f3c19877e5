//! What the home of qcert knows of a site: the root, and which machines were given bundles. It is looked at only: not
//! even an older ledger is brought up to date for a plan.

use super::super::super::Clock;
use super::super::super::output::Output;
use super::super::super::recipe::Recipe;
use super::super::super::site::{self, View};
use crate::host::home::{Home, HomeError};
use crate::host::ledger::LedgerError;
use crate::pki::plan::{Holder, Site, root_facts};
use crate::pki::profile::CLIENT_NAME;
use std::path::PathBuf;

/// A plan is wanted on bad days: a home that cannot be read is said, and nothing more.
pub(super) fn add(home: Option<PathBuf>, site: &mut Site, output: &Output, clock: Clock) {
    let Ok(home) = Home::locate(home) else { return };
    if !home.is_there() || !home.has_root() {
        return;
    }
    let folder = home.folder().display().to_string();
    let view = match home.look() {
        Err(HomeError::Ledger(LedgerError::Older(_))) => {
            output.warn(&format!(
                "the ledger in the home `{folder}` is of an older qcert and was left alone: its machines are not in the \
                 plan until `qcert list` has brought it up to date"
            ));
            return;
        }
        _ => site::look(&home, clock.now),
    };
    let added = view.and_then(|view| machines(&view, site, &folder, output, clock));
    if let Err(error) = added {
        output.warn(&format!("the home `{folder}` could not be read, so nothing of it is in the plan: {error:#}"));
    }
}

fn machines(view: &View, site: &mut Site, folder: &str, output: &Output, clock: Clock) -> anyhow::Result<()> {
    let sha256 = view.root.sha256();
    match &site.root {
        Some(root) if root.sha256 != sha256 => {
            output.note(&format!("the home `{folder}` has another root: what was issued there is not in the plan"));
            return Ok(());
        }
        Some(_) => {}
        None => site.root = Some(root_facts(&view.root)),
    }
    view.ledger.each_in_place(|entry| {
        // A client certificate on its own is for no machine.
        if entry.machine == CLIENT_NAME {
            return;
        }
        if entry.root != sha256 || entry.revoked_at.is_some() || entry.not_after < clock.now {
            return;
        }
        let recipe = entry.recipe.as_deref().and_then(|text| Recipe::parse(text).ok());
        let format = recipe.as_ref().and_then(|recipe| recipe.format().ok());
        site.add(Holder {
            name: entry.machine,
            pem: format.is_some_and(|format| format.pem),
            pfx: format.is_some_and(|format| format.pfx),
            password: recipe.map(|recipe| recipe.password),
            secrets: false,
            not_after: Some(entry.not_after),
        });
    })?;
    Ok(())
}

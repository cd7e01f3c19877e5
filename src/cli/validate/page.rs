//! Puts the report's page on disk: whole or not at all, and over nothing but an older report.

use super::super::error::problem;
use super::super::html;
use crate::host::files;
use anyhow::Context as _;
use std::path::Path;

pub(in super::super) fn write(file: &Path, page: &str) -> anyhow::Result<()> {
    if files::exists(file) {
        let old = files::read_file(file).context("cannot look at the file that is there")?;
        if !html::is_a_report(old.expose()) {
            return Err(problem("another file of this name is there", "give a name that is free, or remove the file"));
        }
    }
    files::replace(file, page.as_bytes())?;
    Ok(())
}

//! The machines of one run: from options and from a list, each parsed once, doubles dropped, bad ones kept for report.

use super::error::problem;
use super::output::{Output, escape};
use crate::host::files;
use crate::pki::name::{MachineName, NameError, Underscore};
use crate::pki::text;
use anyhow::Context as _;
use std::collections::HashSet;
use std::path::Path;

/// More names than any site has; a longer list is another file given by mistake.
const LIMIT: usize = 100_000;

#[derive(Debug, Default)]
pub(super) struct Machines {
    pub(super) names: Vec<MachineName>,
    pub(super) bad: Vec<BadName>,
}

#[derive(Debug)]
pub(super) struct BadName {
    typed: String,
    /// Where it stands in the list; `None` for an option.
    line: Option<usize>,
    error: NameError,
}

impl BadName {
    /// What was typed, as it may be shown.
    pub(super) fn name(&self) -> String {
        escape(&self.typed).chars().take(80).collect()
    }

    pub(super) fn into_error(self) -> anyhow::Error {
        match self.line {
            Some(line) => problem(format!("line {line} of the list: {}", self.error), self.error.hint()),
            None => self.error.into(),
        }
    }
}

impl Machines {
    pub(super) fn gather(
        options: &[String],
        list: Option<&Path>,
        underscore: Underscore,
        output: &Output,
    ) -> anyhow::Result<Self> {
        let mut typed: Vec<(Option<usize>, String)> = options.iter().map(|name| (None, name.clone())).collect();
        if let Some(path) = list {
            typed.extend(read_list(path)?);
        }
        if typed.is_empty() {
            return Err(match list {
                Some(path) => problem(
                    format!("the list `{}` names no machine", path.display()),
                    "write one machine name per line",
                ),
                None => problem("no machine is named", "name it: `qcert export --machine host.domain`"),
            });
        }
        if typed.len() > LIMIT {
            return Err(problem(format!("{} machines are named, the limit is {LIMIT}", typed.len()), "split the list"));
        }
        let mut machines = Self::default();
        let mut seen = HashSet::new();
        for (line, name) in typed {
            match parse_name(&name, underscore, output) {
                Ok(name) if seen.insert(name.folder().to_ascii_lowercase()) => machines.names.push(name),
                Ok(name) => output.note(&format!("`{name}` is named twice; it gets one bundle")),
                Err(error) => machines.bad.push(BadName { typed: name, line, error }),
            }
        }
        Ok(machines)
    }
}

/// Parses a name and says what is unusual about it.
pub(super) fn parse_name(typed: &str, underscore: Underscore, output: &Output) -> Result<MachineName, NameError> {
    let name = MachineName::parse(typed, underscore)?;
    if let Some(original) = name.converted_from() {
        output.note(&format!("`{original}` is written as `{name}`, the form that DNS and certificates use"));
    }
    if name.exceeds_common_name() {
        output.warn(&format!(
            "`{name}` is longer than the 64 characters of a common name; some programs refuse such a certificate"
        ));
    }
    Ok(name)
}

fn read_list(path: &Path) -> anyhow::Result<Vec<(Option<usize>, String)>> {
    let bytes = files::read(path).with_context(|| format!("cannot read the machine list `{}`", path.display()))?;
    let text = text::decode(bytes.expose()).map_err(|error| {
        problem(
            format!("the machine list `{}` cannot be read: {error}", path.display()),
            "give a text file with one machine name per line",
        )
    })?;
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    Ok(text
        .lines()
        .enumerate()
        .map(|(at, line)| (Some(at + 1), line.split('#').next().unwrap_or_default().trim().to_owned()))
        .filter(|(_, name)| !name.is_empty())
        .collect())
}

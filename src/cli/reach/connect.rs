//! `--connect`: the arguments of the commands that look at what a port shows, and the call itself.

use super::super::error::problem;
use super::super::output::Output;
use super::{Patience, Served, Target, Trouble, parse_address, serve};
use crate::host::files;
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(in super::super) struct Connect {
    /// Look at what a service shows: `host.domain:4242`, or an address from a browser; without a port 4242
    #[arg(id = "connect", long, value_name = "HOST:PORT", value_parser = NonEmptyStringValueParser::new(), help_heading = "Connection")]
    typed: Option<String>,
    /// Bundle folder to compare with what is shown; `validate` takes its root as the one to trust
    #[arg(long, value_name = "DIR", requires = "connect", help_heading = "Connection")]
    pub(in super::super) bundle: Option<PathBuf>,
    #[command(flatten)]
    pub(in super::super) patience: Patience,
}

/// The Repository Service's.
const REPOSITORY: u16 = 4242;
/// Of an address out of a browser.
const HTTPS: u16 = 443;

impl Connect {
    /// Calls, where a port was given. An error where nothing was shown.
    pub(in super::super) fn serve(&self, output: &Output) -> anyhow::Result<Option<Served>> {
        let Some(typed) = &self.typed else { return Ok(None) };
        if let Some(folder) = self.bundle.as_deref().filter(|folder| !files::is_folder(folder)) {
            let shown = folder.display();
            return Err(if files::exists(folder) {
                problem(format!("`{shown}` is not a folder"), "give the bundle's folder with `--bundle`")
            } else {
                problem(format!("there is no `{shown}`"), "check the path given with `--bundle`")
            });
        }
        let target = target(typed, output)?;
        let Trouble { what, hint, .. } = match serve(target, self.patience) {
            Ok(served) => return Ok(Some(served)),
            Err(trouble) => trouble,
        };
        Err(problem(what, hint))
    }
}

fn target(typed: &str, output: &Output) -> anyhow::Result<Target> {
    let address = parse_address(typed)?;
    let port = address.port().unwrap_or_else(|| {
        let (port, whose) = match typed.split_once("://") {
            Some((scheme, _)) if ["https", "wss"].iter().any(|one| scheme.eq_ignore_ascii_case(one)) => {
                (HTTPS, "an https address goes to")
            }
            _ => (REPOSITORY, "the Repository Service listens on"),
        };
        output.note(&format!("no port in `{typed}`: {whose} {port}"));
        port
    });
    Ok(Target { address, port })
}

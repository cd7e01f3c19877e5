//! `qcert doctor`: what is wrong with a Qlik server: its certificate stores, `Host.cfg`, the services' own copies of
//! certificates, what was exported and what the logs say, in one report. Nothing is changed.

mod json;
mod logs;
mod page;
mod places;
mod sources;
mod text;

use super::arguments::parse_time;
use super::error::problem;
use super::output::Output;
use super::reading::Passwords;
use super::secrets::check_stdin_is_used_once;
use super::validate::page::write as write_page;
use super::{Clock, Exit};
use crate::pki::diagnosis::{self, Diagnosed};
use crate::pki::finding::Severity;
use crate::pki::report::Verdict;
use anyhow::Context as _;
use sources::Server;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Qlik's data folder, or a copy of it [default on Windows: %ProgramData%\Qlik\Sense]
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Snapshot of the certificate stores [default: the stores of this machine, of a copy its `stores.json`]
    #[arg(long, value_name = "SNAPSHOT", help_heading = "Where")]
    stores: Option<PathBuf>,
    /// Host.cfg [default: the one in FOLDER]
    #[arg(long, value_name = "FILE", help_heading = "Where")]
    host_cfg: Option<PathBuf>,
    /// The services' own copies [default: `.Local Certificates` in the exported ones]
    #[arg(long, value_name = "DIR", help_heading = "Where")]
    local_certificates: Option<PathBuf>,
    /// The exported bundles [default: `Repository\Exported Certificates` in FOLDER]
    #[arg(long, value_name = "DIR", help_heading = "Where")]
    exported: Option<PathBuf>,
    /// The logs [default: `Log` in FOLDER]
    #[arg(long, value_name = "DIR", help_heading = "Where")]
    logs: Option<PathBuf>,
    /// Leave the logs out
    #[arg(long, conflicts_with = "logs", help_heading = "Where")]
    no_logs: bool,
    #[command(flatten)]
    passwords: Passwords,
    /// Judge for this moment, 2026-12-31 or RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_time, help_heading = "Question")]
    at: Option<OffsetDateTime>,
    /// Call a certificate expiring so many days before its end
    #[arg(long, value_name = "DAYS", default_value_t = 30, help_heading = "Question")]
    warn_days: u32,
    /// Look at logs that were changed so many days before that moment
    #[arg(long, value_name = "DAYS", default_value_t = logs::DAYS, help_heading = "Question")]
    log_days: u32,
    /// Count warnings as faults
    #[arg(long, help_heading = "Question")]
    strict: bool,
    /// Write the report as one HTML page, too; only an older report is replaced
    #[arg(long, value_name = "FILE", help_heading = "Answer")]
    report: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Run it on the server, elevated, as the account that runs Qlik's services: the client certificate
lies in that account's store. Elsewhere give it a copy of the folder, and beside Host.cfg in it the
`stores.json` that `qcert store snapshot` wrote on the server, or the script that
`qcert store snapshot --script` prints. What logs say is shown and is no fault by itself.

EXAMPLES
  qcert doctor                                 on the server
  qcert doctor ./Sense                         a copy of %ProgramData%\\Qlik\\Sense, on any system
  qcert doctor ./Sense --stores stores.json
  qcert doctor --report ticket.html            the same, as a page for a ticket
  qcert doctor --stores stores.json --host-cfg Host.cfg
                                               these two alone

EXIT CODES
  0 sound   1 faults were found   2 not all could be looked at, which is said";

pub(super) fn run(arguments: &Arguments, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    let is_stdin = |path: &Option<PathBuf>| path.as_deref() == Some(Path::new("-"));
    let read = [("--stores -", is_stdin(&arguments.stores)), ("--host-cfg -", is_stdin(&arguments.host_cfg))];
    check_stdin_is_used_once(&read)?;
    if is_stdin(&arguments.report) {
        return Err(problem("`--report` writes a file, and `-` is none", "name one: `--report ticket.html`"));
    }
    let passwords = arguments.passwords.given(read.iter().any(|(_, is_read)| *is_read))?;
    let places = places::find(arguments)?;
    let server = Server::look(&places, arguments, &passwords, output, clock)?;
    let found = diagnosis::diagnose(&server.seen());
    let verdict = verdict(&server, &found, arguments.strict);
    if let Some(file) = &arguments.report {
        let page = page::page(&server, &found, (verdict, arguments.strict), clock);
        write_page(file, &page).with_context(|| format!("cannot write the report: {}", file.display()))?;
    }
    output.answer_styled(&text::text(&server, &found, verdict))?;
    output.answer_json(&json::answer(&server, &found, verdict, arguments.strict))?;
    Ok(match verdict {
        Verdict::Sound => Exit::Done,
        Verdict::Faulty => Exit::No,
        Verdict::Unjudged => Exit::CouldNot,
    })
}

/// A fault anywhere is a fault; what could not be looked at is never a pass.
fn verdict(server: &Server, found: &[Diagnosed], strict: bool) -> Verdict {
    let any = |severity| diagnosis::count(found, severity) > 0;
    // Logs and a name vouch for no certificate.
    let nothing = || server.reports().next().is_none();
    let unjudged = || server.reports().any(|report| report.verdict(strict) == Verdict::Unjudged);
    if any(Severity::Error) || strict && any(Severity::Warning) {
        Verdict::Faulty
    } else if any(Severity::Unjudged) || server.is_something_left_out() || nothing() || unjudged() {
        Verdict::Unjudged
    } else {
        Verdict::Sound
    }
}

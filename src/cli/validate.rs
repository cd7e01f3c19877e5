//! `qcert validate`: judges bundles, chains and what ports show: every fault once, with its cause and its fix.

pub(super) mod groups;
pub(super) mod json;
pub(super) mod page;
mod port;
pub(super) mod programs;
pub(super) mod stores;
pub(super) mod text;

use super::arguments::{parse_peer, parse_time};
use super::error::problem;
use super::output::Output;
use super::reading::{Reading, read_paths};
use super::{Clock, Exit, html, parallel};
use crate::pki::examine::{self, Beside, Subject};
use crate::pki::path::Purpose;
use crate::pki::report::{Report, Verdict};
use crate::pki::rules::Given;
use crate::pki::rules::identity::peer_name;
use anyhow::Context as _;
use clap::ValueEnum;
use groups::Group;
use std::path::PathBuf;
use time::OffsetDateTime;

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PurposeWord {
    Server,
    Client,
    Any,
}

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    #[command(flatten)]
    reading: Reading,
    /// The only root to trust, in PEM, DER or PFX; may be repeated [default: the roots found]
    #[arg(long, value_name = "FILE", help_heading = "Chain")]
    root: Vec<PathBuf>,
    /// Certificates that may lie between; may be repeated
    #[arg(long, value_name = "FILE", help_heading = "Chain")]
    intermediate: Vec<PathBuf>,
    /// Machine name the server certificate should be for, as Qlik knows it
    #[arg(short, long, value_name = "NAME", value_parser = parse_peer, help_heading = "Question")]
    machine: Option<String>,
    /// Name or IP address by which callers connect
    #[arg(long, value_name = "NAME", value_parser = parse_peer, help_heading = "Question")]
    name: Option<String>,
    /// What the certificate must serve for [default: by its role]
    #[arg(long, value_enum, value_name = "ROLE", help_heading = "Question")]
    purpose: Option<PurposeWord>,
    /// Judge for this moment, 2026-12-31 or RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_time, help_heading = "Question")]
    at: Option<OffsetDateTime>,
    /// Call a certificate expiring so many days before its end
    #[arg(long, value_name = "DAYS", default_value_t = 30, help_heading = "Question")]
    warn_days: u32,
    /// Count warnings as faults
    #[arg(long, help_heading = "Question")]
    strict: bool,
    /// Write the report as one HTML page, too; only an older report is replaced
    #[arg(long, value_name = "FILE", help_heading = "Answer")]
    report: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
EXAMPLES
  qcert validate ./host.domain                       a bundle folder
  qcert validate ./host.domain --report ticket.html  the same, as a page for a ticket
  qcert validate -r 'Exported Certificates' --json   every folder below
  qcert validate leaf.pem --root ca.pem --name host.domain --purpose server
  qcert validate stores.json ./host.domain           a machine's stores, and a bundle beside
  qcert validate --connect host.domain:4242 --bundle ./host.domain
                                                     what a running service shows

EXIT CODES
  0 sound   1 faults were found   2 not all could be judged, or nothing was there";

/// So many folders are judged one after the other.
const FEW: usize = 4;

pub(super) fn run(arguments: &Arguments, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    let passwords = arguments.reading.passwords()?;
    for paths in [&arguments.root, &arguments.intermediate] {
        groups::check_they_exist(paths)?;
    }
    let served = arguments.reading.connect.serve(output)?;
    // They are judged with each of the two, and read for each.
    let read_beside = || Beside {
        roots: read_paths(&arguments.root, false, &passwords),
        intermediates: read_paths(&arguments.intermediate, false, &passwords),
        stores: Vec::new(),
    };
    let beside = read_beside();
    if let Some(file) = beside.roots.iter().find(|file| groups::is_no_root(file)) {
        return Err(problem(
            format!("there is no certificate in `{}`, given with `--root`", file.path),
            "`qcert inspect` shows what the file holds",
        ));
    }
    let given = Given {
        at: arguments.at.unwrap_or(clock.now),
        machine: arguments.machine.clone(),
        name: arguments.name.as_deref().map(peer_name),
        purpose: arguments.purpose.map(purpose),
        warn_days: arguments.warn_days,
        folder: None,
        with_root: !arguments.root.is_empty(),
        roots_elsewhere: Vec::new(),
        server: None,
    };
    let groups = groups::read(&arguments.reading, &passwords)?;
    let given = Given { roots_elsewhere: groups::root_keys(&groups), ..given };
    let beside = Beside { stores: groups::stores(&groups), ..beside };
    // Of many folders each has a thread for itself, else the leaves of one share them all.
    let many = groups.len() > FEW;
    let mut reports = parallel::compute_each(groups, FEW, |Group { name, folder, files }| {
        let given = Given { folder, ..given.clone() };
        let spread = if many { parallel::one_by_one } else { parallel::spread };
        examine::report(Subject { name, files }, &beside, &given, &spread)
    });
    let mut port = None;
    if let Some(served) = served {
        let (report, of_port) = port::judge(served, &arguments.reading.connect, read_beside(), &given, &passwords)?;
        reports.push(report);
        port = Some(of_port);
    }
    if let Some(file) = &arguments.report {
        let page = html::page(&reports, arguments.strict, clock);
        page::write(file, &page).with_context(|| format!("cannot write the report: {}", file.display()))?;
    }
    for report in &reports {
        output.answer_styled(&text::text(report, arguments.strict))?;
    }
    if let Some(port) = &port {
        output.answer_styled(&port.text())?;
    }
    if reports.len() > 1 {
        output.answer_styled(&text::closing(&reports, arguments.strict))?;
    }
    groups::hint_at_subfolders(&arguments.reading, &reports, output);
    output.answer_json(&json::answer(&reports, port.as_ref(), arguments.strict))?;
    Ok(match overall(&reports, arguments.strict) {
        Verdict::Sound => Exit::Done,
        Verdict::Faulty => Exit::No,
        Verdict::Unjudged => Exit::CouldNot,
    })
}

/// Text and JSON of these reports.
pub(super) fn answers(reports: &[Report], strict: bool) -> Vec<String> {
    let mut answers: Vec<String> = reports.iter().map(|report| text::text(report, strict)).collect();
    answers.push(text::closing(reports, strict));
    // It is made of plain fields, which always have a JSON form.
    answers.push(serde_json::to_string(&json::answer(reports, None, strict)).unwrap_or_default());
    answers
}

/// A fault anywhere is a fault; what could not be judged is never a pass.
fn overall(reports: &[Report], strict: bool) -> Verdict {
    let verdicts = || reports.iter().map(|report| report.verdict(strict));
    if verdicts().any(|verdict| verdict == Verdict::Faulty) {
        Verdict::Faulty
    } else if reports.is_empty() || verdicts().any(|verdict| verdict == Verdict::Unjudged) {
        Verdict::Unjudged
    } else {
        Verdict::Sound
    }
}

fn purpose(word: PurposeWord) -> Purpose {
    match word {
        PurposeWord::Server => Purpose::Server,
        PurposeWord::Client => Purpose::Client,
        PurposeWord::Any => Purpose::Any,
    }
}

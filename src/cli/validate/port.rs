//! `--connect`: what a port shows, judged by all rules; what each program would make of it with the bundle; and how the
//! two compare.

use super::super::error::problem;
use super::super::output::escape;
use super::super::parallel;
use super::super::reach::Served;
use super::super::reach::compare::{Comparison, compare};
use super::super::reach::connect::Connect;
use super::super::reach::connection::{ClientCertificate, ConnectionFacts};
use super::super::reading::read_paths;
use super::groups;
use crate::host::tls::Proof;
use crate::pki::consumers;
use crate::pki::examine::{self, Beside, Subject};
use crate::pki::finding::Finding;
use crate::pki::inventory::FileContent;
use crate::pki::overview::Slot;
use crate::pki::path::Purpose;
use crate::pki::profile::Role;
use crate::pki::report::Report;
use crate::pki::rules::Given;
use crate::pki::rules::connection::{self, Facts, Key};
use crate::pki::secret::Password;
use std::fmt::Write as _;

/// What belongs to the port's report beside it.
#[derive(Debug)]
pub(in super::super) struct Port {
    pub(super) connection: ConnectionFacts,
    pub(super) compared: Option<Comparison>,
}

/// A bundle's files: its roots, and what callers show.
#[derive(Debug, Default)]
struct Bundle {
    roots: Vec<FileContent>,
    client: Vec<FileContent>,
    compared: Option<Comparison>,
}

/// `beside`: what was given with `--root` and `--intermediate`.
pub(super) fn judge(
    served: Served,
    connect: &Connect,
    beside: Beside,
    given: &Given,
    passwords: &[Password],
) -> anyhow::Result<(Report, Port)> {
    let connection = ConnectionFacts::new(&served, connect.patience);
    let mut bundle = bundle(&served, connect, !beside.roots.is_empty(), given, passwords)?;
    let own_root = beside.roots.is_empty();
    let mut beside = beside;
    if own_root {
        beside.roots = std::mem::take(&mut bundle.roots);
    }
    let with_root = !beside.roots.is_empty();
    let asked = given.name.is_some() || given.machine.is_some();
    let name = given.name.clone().or_else(|| (!asked).then(|| served.target.address.name()));
    let purpose = Some(given.purpose.unwrap_or(Purpose::Server));
    let given = Given { name, purpose, with_root, folder: None, roots_elsewhere: Vec::new(), ..given.clone() };
    let findings = about_the_connection(&served, &connection);
    let place = served.target.place();
    let subject = Subject { name: place.clone(), files: vec![served.content] };
    let mut report = examine::report(subject, &beside, &given, &parallel::spread);
    for finding in report.findings.iter_mut().filter(|finding| finding.files.first() == Some(&place)) {
        if let Some(fix) = connection::fix_of_port(finding.rule, with_root) {
            finding.fix = fix.into();
        }
    }
    report.findings.extend(findings);
    report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    if own_root {
        bundle.roots = std::mem::take(&mut beside.roots);
    }
    if bundle.compared.is_some() {
        let own = report.files.len();
        report.files.extend(bundle.roots);
        report.files.extend(bundle.client);
        report.consumers = consumers::judge(&report.files, &report.findings, &given);
        report.files.truncate(own);
        // It uses the server's files and calls nobody with the bundle.
        report.consumers.retain(|consumer| consumer.name != "License Service");
    }
    Ok((report, Port { connection, compared: bundle.compared }))
}

fn bundle(
    served: &Served,
    connect: &Connect,
    with_root: bool,
    given: &Given,
    passwords: &[Password],
) -> anyhow::Result<Bundle> {
    let Some(folder) = &connect.bundle else { return Ok(Bundle::default()) };
    let shown = folder.display().to_string();
    let files = read_paths(std::slice::from_ref(folder), false, passwords);
    let compared = Some(compare(&served.content, &shown, &files, given.at));
    let of = |role: Role| move |file: &FileContent| Slot::of(&file.name).is_some_and(|slot| slot.role == role);
    let (roots, others): (Vec<_>, Vec<_>) = files.into_iter().partition(of(Role::Root));
    if !with_root && roots.iter().all(groups::is_no_root) {
        return Err(problem(
            format!("`{shown}` holds no root to judge by: no certificate in `root.pem` or `root.cer`"),
            "put `root.pem` of the same export there, or give the root with `--root FILE`",
        ));
    }
    Ok(Bundle { roots, client: others.into_iter().filter(of(Role::Client)).collect(), compared })
}

/// Of users: browsers show no certificate there.
const USERS: [u16; 2] = [443, 4244];

fn about_the_connection(served: &Served, connection: &ConnectionFacts) -> Vec<Finding> {
    let place = served.target.place();
    let key = match (&connection.key_doubt, &served.met.proof) {
        (None, _) => Key::Proved,
        (Some(why), Proof::Doubtful(_)) => Key::Refuted(why),
        (Some(why), _) => Key::Unknown(why),
    };
    let old = [connection.version.as_deref(), connection.suite.as_deref()].into_iter().flatten();
    let old = connection.old.then(|| old.collect::<Vec<_>>().join(" with "));
    connection::judge(Facts {
        place: &place,
        key,
        old: old.as_deref(),
        broken: connection.trouble.as_ref().map(|trouble| (trouble.what.as_str(), trouble.hint.as_str())),
        shown: connection.certificates,
        looked_at: served.content.objects.len(),
        asks_nothing: connection.client_certificate == ClientCertificate::NotAsked && !USERS.contains(&connection.port),
    })
}

impl Port {
    /// Stands behind the report.
    pub(super) fn text(&self) -> String {
        let mut text = "\nconnection\n".to_owned();
        for (label, value) in self.connection.rows() {
            // Writing to a String cannot fail.
            _ = writeln!(text, "  {label:13} {}", escape(&value));
        }
        if let Some(compared) = &self.compared {
            text.push('\n');
            text.push_str(&compared.text());
        }
        text.truncate(text.trim_end().len());
        text
    }
}

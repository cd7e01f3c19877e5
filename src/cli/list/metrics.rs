//! `--metrics`: the ledger in numbers, in Prometheus' text format, for node_exporter's textfile collector.
//!
//! https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4). A series keeps its labels when a
//! certificate is renewed, so that an alert on it goes on; no two lines have the same name and labels.

use super::issued::Issued;
use super::state::State;
use super::{expiring, live_clients};
use crate::cli::error::problem;
use crate::cli::output::Output;
use crate::cli::{Clock, Exit};
use crate::host::files;
use crate::host::ledger::{Ledger, LedgerRole};
use anyhow::Context as _;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{Display, Write as _};
use std::path::Path;

/// Every page begins so, and only such a file is replaced.
const FIRST: &str = "# HELP qcert_metrics_timestamp_seconds ";

pub(super) fn answer(
    issued: &Issued,
    ledger: &Ledger,
    out: Option<&Path>,
    output: &Output,
    clock: Clock,
) -> anyhow::Result<Exit> {
    let page = page(issued, ledger, clock)?;
    match out {
        None => output.answer_in_parts(|out| out.write_all(page.as_bytes()))?,
        Some(file) => {
            write(file, &page).with_context(|| format!("cannot write the metrics to `{}`", file.display()))?;
        }
    }
    Ok(Exit::Done)
}

/// Whole or not at all, and over nothing but older metrics.
fn write(file: &Path, page: &str) -> anyhow::Result<()> {
    if files::exists(file) {
        let old = files::read_file(file).context("cannot look at the file that is there")?;
        if !old.expose().starts_with(FIRST.as_bytes()) {
            return Err(problem("another file of this name is there", "give a name that is free, or remove the file"));
        }
    }
    Ok(files::replace(file, page.as_bytes())?)
}

pub(super) fn page(issued: &Issued, ledger: &Ledger, clock: Clock) -> anyhow::Result<String> {
    let mut page = Page(String::new());
    page.family("metrics_timestamp_seconds", "When these metrics were made.");
    page.sample("metrics_timestamp_seconds", &[], clock.now.unix_timestamp());
    page.family("build_info", "The qcert that made these metrics.");
    page.sample("build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    if let Some((root, known)) = issued.present_root() {
        let labels = [("root", known.name.as_str())];
        page.family("root_not_after_timestamp_seconds", "When the present root ends, and all certificates with it.");
        page.sample("root_not_after_timestamp_seconds", &labels, known.not_after);
        if let Some(list) = ledger.last_list(&root.sha256)? {
            page.family("crl_number", "Number of the present root's last revocation list.");
            page.sample("crl_number", &labels, list.number);
            page.family("crl_issued_timestamp_seconds", "When the present root's last revocation list was made.");
            page.sample("crl_issued_timestamp_seconds", &labels, list.issued_at);
        }
    }
    page.counts(issued);
    page.client_keys(issued, clock);
    page.ends(issued);
    Ok(page.0)
}

struct Page(String);

impl Page {
    /// All of them are gauges: what was issued may change its state.
    fn family(&mut self, name: &str, help: &str) {
        // Writing to a String cannot fail.
        _ = write!(self.0, "# HELP qcert_{name} {help}\n# TYPE qcert_{name} gauge\n");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let text = &mut self.0;
        text.push_str("qcert_");
        text.push_str(name);
        for (number, (label, value)) in labels.iter().enumerate() {
            text.push(if number == 0 { '{' } else { ',' });
            text.push_str(label);
            text.push_str("=\"");
            push_escaped(text, value);
            text.push('"');
        }
        let after = if labels.is_empty() { "" } else { "}" };
        _ = writeln!(text, "{after} {value}");
    }

    fn counts(&mut self, issued: &Issued) {
        let mut counts: BTreeMap<_, usize> = BTreeMap::new();
        let mut unconfirmed = 0_usize;
        for item in &issued.items {
            *counts.entry((item.role, item.state)).or_default() += 1;
            unconfirmed += usize::from(!item.written);
        }
        self.family("certificates", "Certificates in the ledger, by role and state.");
        for role in LedgerRole::ALL {
            for state in State::ALL {
                let labels = [("role", role.word()), ("state", state.word())];
                self.sample("certificates", &labels, counts.get(&(role, state)).copied().unwrap_or_default());
            }
        }
        self.family("unconfirmed_certificates", "Certificates of which it is not known that their files arrived.");
        self.sample("unconfirmed_certificates", &[], unconfirmed);
    }

    fn client_keys(&mut self, issued: &Issued, clock: Clock) {
        let now = clock.now.unix_timestamp();
        let mut counts: BTreeMap<_, usize> = BTreeMap::new();
        for item in issued.items.iter().filter(|item| live_clients::is_alive(issued, item, now)) {
            *counts.entry((issued.is_under_present_root(item), item.state)).or_default() += 1;
        }
        self.family(
            "live_client_keys",
            "Client certificates that Qlik's services accept wherever their root is trusted.",
        );
        for (root, present) in [("present", true), ("replaced", false)] {
            for state in [State::Live, State::Superseded, State::Revoked] {
                let number = counts.get(&(present, state)).copied().unwrap_or_default();
                self.sample("live_client_keys", &[("root", root), ("state", state.word())], number);
            }
        }
    }

    /// Of two of which it is not known which one arrived, the one that ends first.
    fn ends(&mut self, issued: &Issued) {
        let mut numbers = HashMap::new();
        let mut ends: Vec<([&str; 3], i64)> = Vec::new();
        for item in issued.items.iter().filter(|item| item.role.is_leaf() && expiring::is_in_place(item)) {
            let labels = [issued.text(item.bundle.machine), item.role.word(), issued.text(item.bundle.place)];
            let end = issued.end(item);
            let number = *numbers.entry(labels).or_insert(ends.len());
            match ends.get_mut(number) {
                Some((_, earlier)) => *earlier = end.min(*earlier),
                None => ends.push((labels, end)),
            }
        }
        let name = "certificate_not_after_timestamp_seconds";
        self.family(name, "When the certificate that is in this place ends.");
        for ([machine, role, place], end) in ends {
            self.sample(name, &[("machine", machine), ("role", role), ("place", place)], end);
        }
    }
}

/// A label's value: backslash, quote and line feed are written out, and nothing else is.
pub(super) fn push_escaped(text: &mut String, value: &str) {
    if !value.bytes().any(|octet| matches!(octet, b'\\' | b'"' | b'\n')) {
        return text.push_str(value);
    }
    for character in value.chars() {
        match character {
            '\n' => text.push_str("\\n"),
            '\\' | '"' => text.extend(['\\', character]),
            plain => text.push(plain),
        }
    }
}

//! What a service shows, judged by all rules of `validate` for the host that was called and the bundle's root.

use super::super::parallel;
use super::super::reach::Target;
use super::super::reach::compare::{Comparison, compare};
use super::bundle::{Bundle, given};
use super::calls::Calls;
use crate::pki::certificate::Certificate;
use crate::pki::consumers;
use crate::pki::examine::{self, Beside, Subject};
use crate::pki::finding::{Finding, Rule, Severity};
use crate::pki::inventory::{self, FileContent, Form};
use crate::pki::overview::{Slot, is_root};
use crate::pki::path::Purpose;
use crate::pki::profile::Role;
use crate::pki::report::{Chain, ConsumerVerdict, Verdict};
use crate::pki::rules::{Given, connection};
use time::OffsetDateTime;

#[derive(Debug)]
pub(super) struct Served {
    pub(super) verdict: Verdict,
    /// The heaviest first.
    pub(super) findings: Vec<Finding>,
    pub(super) chains: Vec<Chain>,
    pub(super) consumers: Vec<ConsumerVerdict>,
    pub(super) compared: Comparison,
    /// The chain as it was shown, and the bundle's files.
    files: Vec<FileContent>,
}

impl Served {
    /// As shown, the leaf first; what cannot be read is left out.
    pub(super) fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.files.iter().filter(|file| file.form == Form::Shown).flat_map(FileContent::certificates)
    }

    pub(super) fn leaf(&self) -> Option<&Certificate> {
        self.certificates().next()
    }

    /// The shown chain leads to the bundle's root.
    pub(super) fn is_anchored(&self) -> bool {
        self.chains.iter().any(|chain| chain.anchored)
    }
}

/// The bundle's files are used up.
pub(super) fn judge(target: &Target, calls: &Calls, bundle: &mut Bundle, at: OffsetDateTime) -> Served {
    let files = std::mem::take(&mut bundle.report.files);
    // Behind one port may be several machines: each certificate is judged.
    let shown: Vec<FileContent> = calls.chains.iter().map(|chain| inventory::shown(&target.place(), chain)).collect();
    let nothing = inventory::shown(&target.place(), &[]);
    let compared = compare(shown.first().unwrap_or(&nothing), &bundle.report.subject, &files, at);
    let (roots, others): (Vec<_>, Vec<_>) = split(files);
    let rootless = roots.is_empty();
    let given =
        Given { name: Some(target.address.name()), purpose: Some(Purpose::Server), with_root: !rootless, ..given(at) };
    let subject = Subject { name: target.place(), files: shown };
    let beside = Beside { roots, ..Beside::default() };
    let mut report = examine::report(subject, &beside, &given, &parallel::one_by_one);
    for finding in report.findings.iter_mut().filter(|finding| finding.files.first() == Some(&target.place())) {
        if let Some(fix) = way_out(finding.rule) {
            finding.fix = fix.into();
        }
    }
    let mut verdict = report.verdict(false);
    if rootless {
        // Without the site's root nothing is known of the chain: what it brings itself is not to be trusted.
        report.findings.retain(|finding| !finding.rule.id.starts_with("chain/"));
        report.chains.clear();
        let error = report.findings.iter().any(|finding| finding.severity == Severity::Error);
        verdict = if error { Verdict::Faulty } else { Verdict::Unjudged };
    }
    let mut all = report.files;
    all.extend(beside.roots);
    all.extend(others.into_iter().filter(|file| Slot::of(&file.name).is_none_or(|slot| slot.role != Role::Server)));
    let findings: Vec<Finding> = bundle.report.findings.iter().chain(&report.findings).cloned().collect();
    let mut consumers = consumers::judge(&all, &findings, &given);
    // The License Service uses the server's files and calls nobody with the bundle. Whether programs speak what qcert
    // does not is not known here.
    consumers.retain(|consumer| consumer.name != "License Service" && calls.trouble.is_none());
    Served { verdict, findings: report.findings, chains: report.chains, consumers, compared, files: all }
}

/// There is no file to copy again, and of what `validate` could be given nothing can be given here.
fn way_out(rule: &Rule) -> Option<&'static str> {
    Some(match rule.id {
        "chain/unknown-issuer" => {
            "take the bundle of that service's own site; where an intermediate authority issued its certificate, let the \
             service show that, too"
        }
        "chain/self-signed" => "install a server certificate that the site's root signed, and restart the service",
        "identity/name-mismatch" => {
            "call it by a name that is in it, or install a certificate for the name that callers use"
        }
        _ => return connection::fix_of_port(rule, true),
    })
}

/// The root's files, and all others. Where no file has a root's name, one that holds nothing but a root will do.
fn split(files: Vec<FileContent>) -> (Vec<FileContent>, Vec<FileContent>) {
    let named = |file: &FileContent| {
        Slot::of(&file.name).is_some_and(|slot| slot.role == Role::Root) && file.certificates().next().is_some()
    };
    let plain = |file: &FileContent| {
        let mut certificates = file.certificates().peekable();
        Slot::of(&file.name).is_none() && certificates.peek().is_some() && certificates.all(is_root)
    };
    if files.iter().any(named) { files.into_iter().partition(named) } else { files.into_iter().partition(plain) }
}

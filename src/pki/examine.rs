//! Examines what was read and makes the report: the rules of the files, then every chain, then what follows from both.
//!
//! Chains of many leaves are independent of each other; the caller says how they are spread over threads. Nothing is
//! read and no clock is asked here.

mod join;
mod merge;
mod stores;

use super::certificate::Certificate;
use super::consumers;
use super::finding::{Finding, Severity};
use super::inventory::FileContent;
use super::overview::{Found, Overview, Slot, is_root};
use super::path::{Candidate, Judgement, PeerName, Pool, Purpose, Question};
use super::profile::{CLIENT_NAME, Role};
use super::report::{Chain, Link, Report};
use super::rules::leftovers::is_leftover;
use super::rules::stores::beside::SiteStores;
use super::rules::{self, Case, Given};
use super::second_opinion;
use super::start_up;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// Runs a piece of work for each number below the first argument, in any order, on any thread.
pub type Spread<'a> = &'a dyn Fn(usize, &(dyn Fn(usize) + Sync));

/// What is judged.
#[derive(Debug)]
pub struct Subject {
    /// The folder or files as given.
    pub name: String,
    pub files: Vec<FileContent>,
}

/// What was given beside it to judge by.
#[derive(Debug, Default)]
pub struct Beside {
    /// `--root`: the only roots that count, when there are any.
    pub roots: Vec<FileContent>,
    /// `--intermediate`: may be in the path, are not judged for themselves.
    pub intermediates: Vec<FileContent>,
    /// Of the snapshots of this run: a bundle is compared with them.
    pub stores: Vec<SiteStores>,
}

pub fn report(subject: Subject, beside: &Beside, given: &Given, spread: Spread<'_>) -> Report {
    let mut subject = subject;
    let stored = stores::set_apart(&mut subject.files, given);
    // A bundle's old copies are said, not judged.
    let bundle = given.folder.is_some() && subject.files.iter().any(|file| Slot::of(&file.name).is_some());
    subject.files.sort_by_key(|file| bundle && is_leftover(file));
    let judged = subject.files.iter().take_while(|file| !(bundle && is_leftover(file))).count();
    let (files, leftovers) = subject.files.split_at(judged);
    let overview = Overview::new(files);
    let mut case = Case::new(&overview, leftovers, given);
    case.findings.extend(stored.findings);
    about_beside(&mut case, beside);
    for rule in rules::OF_FILES {
        rule(&mut case);
    }
    let roots = Overview::new(&beside.roots);
    let intermediates = Overview::new(&beside.intermediates);
    rules::site::other_root(&mut case, &roots);
    rules::stores::beside::judge(&mut case, &beside.stores);
    let field = Field::new(&overview, &roots, &intermediates);
    let chains = field.judge(&mut case, given, spread);
    if chains.is_empty() {
        rules::site::nothing_judged(&mut case);
    }
    let whole = case.is_whole_bundle();
    let mut start_up = stored.start_up;
    if whole && start_up.is_empty() {
        start_up = start_up::judge(&overview, given.at);
    }
    let mut findings = case.findings;
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let machine = machine(&overview, given);
    let consumers = if whole { consumers::judge(files, &findings, given) } else { Vec::new() };
    drop(overview);
    stores::put_back(&mut subject.files, &mut findings, stored.snapshots);
    Report {
        subject: subject.name,
        at: given.at,
        machine,
        files: subject.files,
        beside: in_chains(beside, &chains),
        chains,
        findings,
        consumers,
        start_up,
    }
}

/// The machine that was named, else the one that the server certificate names.
fn machine(overview: &Overview<'_>, given: &Given) -> Option<String> {
    let own = || {
        let server = overview.certificates.iter().find(|found| found.certificate.marker() == Some(Role::Server))?;
        server.certificate.common_name().map(str::to_owned)
    };
    given.machine.clone().or_else(own)
}

/// Files given with `--root` and `--intermediate` that hold nothing usable.
fn about_beside(case: &mut Case<'_>, beside: &Beside) {
    for (files, severity) in [(&beside.roots, Severity::Error), (&beside.intermediates, Severity::Warning)] {
        for file in files {
            let findings = rules::files::of_objects(file).into_iter();
            merge::add(case, findings.map(|finding| finding.with_severity(severity)));
        }
    }
}

/// What a chain needs of the files beside.
fn in_chains(beside: &Beside, chains: &[Chain]) -> Vec<(String, Certificate)> {
    let used: HashSet<&str> = chains.iter().flat_map(|chain| &chain.links).map(|link| link.sha256.as_str()).collect();
    let files = beside.roots.iter().chain(&beside.intermediates);
    let all = files.flat_map(|file| file.certificates().map(|certificate| (file.path.clone(), certificate)));
    all.filter(|(_, one)| used.contains(one.sha256().as_str())).map(|(path, one)| (path, one.clone())).collect()
}

/// All certificates, sorted into what is trusted, what may lie between, and what is judged.
struct Field<'a> {
    overview: &'a Overview<'a>,
    anchors: Vec<Candidate<'a>>,
    between: Vec<Candidate<'a>>,
    leaves: Vec<(&'a Found<'a>, Candidate<'a>)>,
    /// So many of `between` were given beside the files, and are not judged for themselves.
    given_between: usize,
    given_roots: usize,
}

impl<'a> Field<'a> {
    fn new(overview: &'a Overview<'a>, roots: &'a Overview<'a>, intermediates: &'a Overview<'a>) -> Self {
        let with_given_roots = !roots.files.is_empty();
        let mut field = Self {
            overview,
            anchors: Vec::new(),
            between: Vec::new(),
            leaves: Vec::new(),
            given_between: intermediates.certificates.len(),
            given_roots: roots.certificates.len(),
        };
        for found in &roots.certificates {
            field.anchors.push(candidate(roots, found));
        }
        for found in &intermediates.certificates {
            field.between.push(candidate(intermediates, found));
        }
        let alone = overview.certificates.len() == 1 && with_given_roots;
        let mut issued: HashMap<&[u8], usize> = HashMap::new();
        for found in &overview.certificates {
            *issued.entry(found.certificate.issuer()).or_default() += 1;
        }
        let issues_another = |certificate: &Certificate| {
            let itself = usize::from(certificate.is_self_issued());
            issued.get(certificate.subject()).is_some_and(|count| *count > itself)
        };
        for found in &overview.certificates {
            let one = candidate(overview, found);
            let certificate = found.certificate;
            if overview.is_only_shown(found) {
                // A handshake shows the leaf first (RFC 8446 4.4.2), and nobody is trusted for showing a root.
                let first =
                    |file: &FileContent| file.certificates().next().is_some_and(|one| one.der() == certificate.der());
                if overview.files.iter().any(first) {
                    field.leaves.push((found, one));
                } else {
                    field.between.push(one);
                }
            } else if is_root(certificate) && !alone {
                if with_given_roots { field.between.push(one) } else { field.anchors.push(one) }
            } else if !alone && issues_another(certificate) {
                // What a bundle shows as its own is judged as such, whatever else hangs from it.
                if is_shown(overview, found) {
                    field.leaves.push((found, one.clone()));
                }
                field.between.push(one);
            } else {
                field.leaves.push((found, one));
            }
        }
        field
    }

    fn judge(self, case: &mut Case<'a>, given: &Given, spread: Spread<'_>) -> Vec<Chain> {
        let Self { overview, anchors, between, leaves, given_roots, given_between } = self;
        let count = anchors.len();
        let pool = Pool::new(anchors, between, given.at);
        let judged = each(spread, leaves.len(), &|at| {
            let (found, leaf) = leaves.get(at)?;
            let question = question(overview, found, given);
            let mut judgement = pool.judge(leaf, &question);
            let opinion = second_opinion::ask(&pool, leaf, &question, &judgement, given.at);
            judgement.findings.extend(opinion.finding(leaf));
            Some(judgement)
        });
        let judged: Vec<_> =
            leaves.iter().zip(judged).filter_map(|(leaf, judgement)| Some((leaf, judgement?))).collect();
        let mut chains: Vec<Chain> =
            judged.iter().map(|((_, leaf), judgement)| chain(&pool, leaf, judgement)).collect();
        let used: HashSet<usize> = judged.iter().flat_map(|(_, judgement)| judgement.path.iter().copied()).collect();
        merge::leaves(case, judged.into_iter().map(|((found, _), judgement)| (*found, judgement)).collect());
        // Also what stands above no leaf: nothing is passed unseen.
        let spare: Vec<usize> = (count + given_between..pool.len()).filter(|number| !used.contains(number)).collect();
        let judged = each(spread, spare.len(), &|at| Some(pool.judge_spare(pool.candidate(*spare.get(at)?)?)));
        for judgement in judged.into_iter().flatten() {
            merge::add(case, judgement.findings.into_iter().filter_map(of_spare));
        }
        // Of several roots that were given one will do.
        let serves = chains.iter().any(|chain| chain.anchored);
        for number in (0..count).filter(|number| *number >= given_roots || !serves || used.contains(number)) {
            let judgement = pool.judge_anchor(number);
            if let Some(root) = pool.candidate(number).filter(|_| leaves.is_empty()) {
                chains.push(chain(&pool, root, &judgement));
            }
            merge::add(case, judgement.findings);
        }
        join::all(case);
        chains
    }
}

/// Does a piece of work for each number, and gives the results in order.
fn each(spread: Spread<'_>, count: usize, one: &(dyn Fn(usize) -> Option<Judgement> + Sync)) -> Vec<Option<Judgement>> {
    let results: Vec<OnceLock<Option<Judgement>>> = (0..count).map(|_| OnceLock::new()).collect();
    spread(count, &|at| {
        if let Some(result) = results.get(at) {
            drop(result.set(one(at)));
        }
    });
    results.into_iter().map(|result| result.into_inner().flatten()).collect()
}

/// Whether a service or a tool shows this certificate: by its place in the bundle or by its marker.
fn is_shown(overview: &Overview<'_>, found: &Found<'_>) -> bool {
    let leads = |place: &usize| {
        let file = overview.files.get(*place);
        file.is_some_and(|file| {
            Slot::of(&file.name).is_some_and(|slot| slot.role != Role::Root)
                && file.certificates().next().is_some_and(|first| first.der() == found.certificate.der())
        })
    };
    matches!(found.certificate.marker(), Some(Role::Server | Role::Client)) || found.places.iter().any(leads)
}

/// Of a certificate that no chain needs: its own faults, which hurt nobody today. Where it hangs is no matter.
fn of_spare(finding: Finding) -> Option<Finding> {
    let matters = finding.rule.id != "usage/ca-as-leaf" && !rules::chain::is_about_the_link(finding.rule);
    let severity = finding.severity.min(Severity::Warning);
    matters.then(|| finding.with_severity(severity))
}

fn candidate<'a>(overview: &Overview<'a>, found: &Found<'a>) -> Candidate<'a> {
    Candidate { certificate: found.certificate, label: overview.label(found), files: overview.paths(&found.places) }
}

/// What this leaf is asked: for what its role is there, and the name that callers of this machine would use.
fn question(overview: &Overview<'_>, found: &Found<'_>, given: &Given) -> Question {
    let certificate = found.certificate;
    let in_slot = || overview.slots_of(found).map(|slot| slot.role).find(|role| *role != Role::Root);
    let by_name = || (certificate.common_name() == Some(CLIENT_NAME)).then_some(Role::Client);
    let role = certificate.marker().or_else(by_name).or_else(in_slot);
    let purpose = given.purpose.unwrap_or(match role {
        Some(Role::Server) => Purpose::Server,
        Some(Role::Client) => Purpose::Client,
        _ => Purpose::Any,
    });
    let name = match (&given.name, &given.machine) {
        _ if purpose == Purpose::Client && given.purpose.is_none() => None,
        (Some(name), _) => Some(name.clone()),
        (None, Some(machine)) => of_machine(certificate, machine),
        (None, None) => None,
    };
    Question { purpose, name }
}

/// A machine known by its address: Qlik writes it as a DNS name, and callers use another name. That is a warning of its
/// own (`identity/ip-as-dns-name`), so such a certificate is asked for no name.
fn of_machine(certificate: &Certificate, machine: &str) -> Option<PeerName> {
    let name = rules::identity::peer_name(machine);
    let as_qlik_writes = || {
        let mut own = certificate.dns_names().chain(certificate.common_name());
        own.any(|own| own == machine)
    };
    match name {
        PeerName::Ip(_) if as_qlik_writes() => None,
        name => Some(name),
    }
}

fn chain(pool: &Pool<'_>, leaf: &Candidate<'_>, judgement: &Judgement) -> Chain {
    let link = |candidate: &Candidate<'_>| Link {
        sha256: candidate.certificate.sha256(),
        title: candidate.certificate.title(),
        files: candidate.files.clone(),
    };
    let above = judgement.path.iter().filter_map(|number| pool.candidate(*number));
    Chain { links: std::iter::once(leaf).chain(above).map(link).collect(), anchored: judgement.anchored }
}

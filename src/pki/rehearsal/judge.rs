//! What an end of a call makes of the certificates that the other end shows: by `path` and by `second_opinion`, and of
//! the names as Windows takes them. What could not be judged is a fault.

use super::super::certificate::Certificate;
use super::super::finding::{Finding, Rule, Severity};
use super::super::path::{Candidate, PeerName, Pool, Purpose, Question};
use super::super::rules::identity::{NAME_MISMATCH, peer_name};
use super::super::rules::{chain, usage, validity};
use super::super::second_opinion;
use std::borrow::Cow;
use time::OffsetDateTime;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    Root,
    Dates,
    Purpose,
    Name,
}

impl Aspect {
    pub fn word(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Dates => "dates",
            Self::Purpose => "purpose",
            Self::Name => "name",
        }
    }
}

/// What the other end is told, in the words of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    Expired,
    NotYetValid,
    UnknownIssuer,
    BadSignature,
    WrongName,
    WrongPurpose,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub aspect: Aspect,
    pub cause: Cause,
    /// For a person.
    pub sentence: String,
    /// What to do; empty where nothing is known.
    pub fix: Cow<'static, str>,
    /// It may be sound: nobody could tell.
    pub unjudged: bool,
}

/// A certificate and how sentences call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub certificate: Certificate,
    pub file: String,
}

impl Known {
    fn candidate(&self) -> Candidate<'_> {
        candidate(&self.certificate, &self.file)
    }
}

fn candidate<'a>(certificate: &'a Certificate, file: &str) -> Candidate<'a> {
    Candidate { certificate, label: format!("`{file}`"), files: vec![file.to_owned()] }
}

/// What one end goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    pub roots: Vec<Known>,
    /// CAs that stand below the roots.
    pub between: Vec<Known>,
    pub at: OffsetDateTime,
}

/// What the other end's certificate is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub purpose: Purpose,
    /// Of a server: the machine name by which it was called.
    pub name: Option<String>,
    /// How sentences call what is shown.
    pub file: String,
}

/// Nothing where the chain, DER with the leaf first, is taken.
pub fn judge(chain: &[Vec<u8>], trust: &Trust, wanted: &Wanted) -> Vec<Fault> {
    let mut shown = Vec::new();
    for der in chain {
        match Certificate::parse(der.clone()) {
            Ok(certificate) => shown.push(certificate),
            Err(error) => return vec![other(format!("`{}` cannot be read: {error}", wanted.file))],
        }
    }
    let Some((leaf, above)) = shown.split_first() else {
        return vec![other("no certificate was shown".to_owned())];
    };
    let anchors = trust.roots.iter().map(Known::candidate).collect();
    let between = trust.between.iter().map(Known::candidate);
    let between = between.chain(above.iter().map(|one| candidate(one, &wanted.file))).collect();
    let pool = Pool::new(anchors, between, trust.at);
    let leaf = candidate(leaf, &wanted.file);
    let name = wanted.name.as_deref().and_then(|name| as_windows_asks(leaf.certificate, name));
    let question = Question { purpose: wanted.purpose, name };
    let judgement = pool.judge(&leaf, &question);
    let opinion = second_opinion::ask(&pool, &leaf, &question, &judgement, trust.at);
    let mut faults: Vec<Fault> = judgement.findings.iter().filter_map(fault).collect();
    faults.extend(opinion.finding(&leaf).as_ref().and_then(fault));
    if !judgement.anchored && faults.is_empty() {
        faults.push(other(format!("`{}` leads to no root", wanted.file)));
    }
    faults
}

/// Windows finds an address that is written as a DNS name, as Qlik writes it, and takes the common name for one where
/// there are no alternative names: then there is nothing left to ask.
fn as_windows_asks(certificate: &Certificate, name: &str) -> Option<PeerName> {
    let common = || certificate.common_name().filter(|_| certificate.extensions().alternative_names.is_none());
    match peer_name(name) {
        PeerName::Ip(_) if certificate.dns_names().chain(common()).any(|own| own == name) => None,
        asked => Some(asked),
    }
}

fn other(sentence: String) -> Fault {
    Fault { aspect: Aspect::Root, cause: Cause::Other, sentence, fix: Cow::Borrowed(""), unjudged: false }
}

fn fault(finding: &Finding) -> Option<Fault> {
    let unjudged = match finding.severity {
        Severity::Error => false,
        Severity::Unjudged => true,
        // Two verifiers that differ are never a pass.
        _ if finding.rule == &chain::SECOND_OPINION => true,
        _ => return None,
    };
    let (aspect, cause) = kind(finding.rule);
    Some(Fault { aspect, cause, sentence: finding.sentence.clone(), fix: finding.fix.clone(), unjudged })
}

fn kind(rule: &Rule) -> (Aspect, Cause) {
    let is = |one: &Rule| one.id == rule.id;
    if is(&validity::NOT_YET_VALID) {
        (Aspect::Dates, Cause::NotYetValid)
    } else if is(&validity::EXPIRED) || is(&validity::INVERTED) {
        (Aspect::Dates, Cause::Expired)
    } else if usage::RULES.iter().any(|one| is(one)) {
        (Aspect::Purpose, Cause::WrongPurpose)
    } else if is(&NAME_MISMATCH) {
        (Aspect::Name, Cause::WrongName)
    } else if is(&chain::UNKNOWN_ISSUER) || is(&chain::SAME_NAME_OTHER_KEY) || is(&chain::SELF_SIGNED) {
        (Aspect::Root, Cause::UnknownIssuer)
    } else if is(&chain::BAD_SIGNATURE) {
        (Aspect::Root, Cause::BadSignature)
    } else {
        (Aspect::Root, Cause::Other)
    }
}

//! What is wrong with a certificate as the issuer of those below it, and with the leaf for what it is asked.
//!
//! Everything but policies can be told from the leaf upwards, so a search can weigh half a path.

use super::super::certificate::{Authority, Certificate, GeneralName, SUBJECT_ALTERNATIVE_NAME};
use super::super::finding::{Finding, Severity};
use super::super::rules::{chain, identity, usage};
use super::constraints::{self, Violation};
use super::names::{self, Fit};
use super::{Candidate, PeerName, Purpose, Question};

const ANY_PURPOSE: &str = "2.5.29.37.0";

/// What is wrong with `issuer` over `below`, the leaf first.
pub(super) fn faults(below: &[&Candidate<'_>], issuer: &Candidate<'_>, question: &Question) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(child) = below.last() {
        link(child, issuer, &mut findings);
    }
    path_length(below, issuer, &mut findings);
    if let Some(constraints) = &issuer.certificate.extensions().name_constraints {
        for (place, lower) in below.iter().enumerate() {
            // RFC 5280 6.1.3 (b): a self-issued certificate, such as one for a new key, is exempt unless it is the leaf.
            if place > 0 && lower.certificate.is_self_issued() {
                continue;
            }
            if let Some(violation) = constraints::violation(constraints, lower.certificate, place == 0) {
                findings.push(constraint(lower, issuer, &violation));
            }
        }
    }
    if issuer.certificate.authority() != Authority::No {
        purpose(issuer, question.purpose, true, &mut findings);
    }
    findings
}

fn link(child: &Candidate<'_>, issuer: &Candidate<'_>, findings: &mut Vec<Finding>) {
    let files = || child.files.iter().chain(&issuer.files).cloned().collect();
    if child.certificate.issuer() != issuer.certificate.subject() {
        let sentence = format!(
            "{} writes the name of its issuer in another way than {} writes its subject",
            child.label, issuer.label
        );
        findings.push(Finding::new(&chain::ISSUER_NAME_ENCODING, files(), sentence));
    }
    if ids_differ(child.certificate, issuer.certificate) {
        let sentence = format!(
            "{} names another key identifier than {} has, though the signature fits",
            child.label, issuer.label
        );
        // OpenSSL, and with it Node.js and Python, then does not take it for the issuer (X509_check_akid).
        findings.push(Finding::new(&chain::KEY_IDENTIFIER, files(), sentence).with_severity(Severity::Error));
    }
}

/// Both say which key it is, and say another.
pub(super) fn ids_differ(child: &Certificate, issuer: &Certificate) -> bool {
    matches!((child.authority_key_id(), issuer.subject_key_id()), (Some(wanted), Some(found)) if wanted != found)
}

/// Both say which key it is, and say the same.
pub(super) fn ids_agree(child: &Certificate, issuer: &Certificate) -> bool {
    matches!((child.authority_key_id(), issuer.subject_key_id()), (Some(wanted), Some(found)) if wanted == found)
}

/// RFC 5280 6.1.4 (l) and (m): self-issued certificates and the leaf do not count.
fn path_length(below: &[&Candidate<'_>], issuer: &Candidate<'_>, findings: &mut Vec<Finding>) {
    let Some(limit) = issuer.certificate.extensions().basic_constraints.and_then(|constraints| constraints.path_length)
    else {
        return;
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    // One in the way that is no CA at all is the fault then, and is said of it.
    if below.iter().skip(1).chain([&issuer]).any(|one| one.certificate.authority() != Authority::Yes) {
        return;
    }
    let counted = below.iter().skip(1).rev().filter(|lower| !lower.certificate.is_self_issued());
    if let Some(surplus) = counted.clone().nth(limit) {
        let allowed = match limit {
            0 => "no CA".to_owned(),
            1 => "1 CA".to_owned(),
            number => format!("{number} CAs"),
        };
        let sentence = format!(
            "{} allows {allowed} below it (path length {limit}), and {} is one more",
            issuer.label, surplus.label
        );
        let files = surplus.files.iter().chain(&issuer.files).cloned().collect();
        findings.push(Finding::new(&chain::PATH_LENGTH, files, sentence));
    }
}

fn constraint(lower: &Candidate<'_>, issuer: &Candidate<'_>, violation: &Violation) -> Finding {
    let sentence = match violation {
        Violation::NotPermitted(name) => {
            format!("{} has {name}, which the name constraints of {} do not permit", lower.label, issuer.label)
        }
        Violation::Excluded(name) => {
            format!("{} has {name}, which is excluded by the name constraints of {}", lower.label, issuer.label)
        }
        Violation::TooMany { names, constraints } => format!(
            "{} has {names} names and {} has {constraints} name constraints: too many to compare, and OpenSSL refuses it",
            lower.label, issuer.label
        ),
    };
    let files = lower.files.iter().chain(&issuer.files).cloned().collect();
    Finding::new(&chain::NAME_CONSTRAINT, files, sentence)
}

/// What the extended key usage of `candidate` does not allow.
fn purpose(candidate: &Candidate<'_>, wanted: Purpose, issuer: bool, findings: &mut Vec<Finding>) {
    let Some(allowed) = &candidate.certificate.extensions().extended_key_usage else { return };
    let (oid, role, use_of) = match wanted {
        Purpose::Server => ("1.3.6.1.5.5.7.3.1", "server", "server authentication"),
        Purpose::Client => ("1.3.6.1.5.5.7.3.2", "client", "client authentication"),
        Purpose::Any => return,
    };
    if allowed.iter().any(|purpose| purpose == oid || purpose == ANY_PURPOSE) {
        return;
    }
    let listed = allowed.iter().take(SHOWN).map(|purpose| purpose_name(purpose)).collect::<Vec<_>>().join(", ");
    let refusal = if issuer {
        format!("allows no {role} certificate below it")
    } else {
        format!("may not be used as a {role} certificate")
    };
    let label = &candidate.label;
    let sentence = format!("{label} {refusal}: its extended key usage has only {listed}, not {use_of}");
    findings.push(Finding::new(&usage::WRONG_PURPOSE, candidate.files.clone(), sentence));
}

fn purpose_name(oid: &str) -> &str {
    match oid {
        "1.3.6.1.5.5.7.3.1" => "server authentication",
        "1.3.6.1.5.5.7.3.2" => "client authentication",
        "1.3.6.1.5.5.7.3.3" => "code signing",
        "1.3.6.1.5.5.7.3.4" => "e-mail protection",
        "1.3.6.1.5.5.7.3.8" => "time stamping",
        "1.3.6.1.5.5.7.3.9" => "OCSP signing",
        other => other,
    }
}

/// Whether the leaf is what is asked for.
pub(super) fn leaf(candidate: &Candidate<'_>, question: &Question, trusted: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !trusted {
        authority(candidate, question.purpose, &mut findings);
    }
    purpose(candidate, question.purpose, false, &mut findings);
    key_usage(candidate, question.purpose, &mut findings);
    if let Some(asked) = &question.name {
        name(candidate, asked, &mut findings);
    }
    findings
}

/// A CA that is asked for nothing and names no host may as well be an intermediate.
fn authority(candidate: &Candidate<'_>, wanted: Purpose, findings: &mut Vec<Finding>) {
    let certificate = candidate.certificate;
    let as_leaf = wanted != Purpose::Any || !certificate.alternative_names().is_empty();
    if as_leaf && certificate.authority() == Authority::Yes {
        let sentence = format!("{} is a CA, where a certificate of a server or client is wanted", candidate.label);
        findings.push(Finding::new(&usage::CA_AS_LEAF, candidate.files.clone(), sentence));
    }
}

/// As OpenSSL asks of TLS certificates: a client signs or agrees, a server may decrypt instead.
fn key_usage(candidate: &Candidate<'_>, wanted: Purpose, findings: &mut Vec<Finding>) {
    let Some(usage) = candidate.certificate.extensions().key_usage else { return };
    let signs = usage.digital_signature() || usage.key_agreement();
    let (allowed, role) = match wanted {
        Purpose::Server => (signs || usage.key_encipherment(), "server"),
        Purpose::Client => (signs, "client"),
        Purpose::Any => return,
    };
    if !allowed {
        let listed = usage.names().collect::<Vec<_>>().join(", ");
        let listed = if listed.is_empty() { "nothing".to_owned() } else { format!("only {listed}") };
        let sentence = format!(
            "{} may not be used as a {role} certificate in TLS: its key usage allows {listed}",
            candidate.label
        );
        findings.push(Finding::new(&usage::KEY_USAGE, candidate.files.clone(), sentence));
    }
}

fn name(candidate: &Candidate<'_>, asked: &PeerName, findings: &mut Vec<Finding>) {
    // Names that cannot be read are told of; what they were meant to be is not known.
    let extensions = candidate.certificate.extensions();
    let unread = extensions.malformed.iter().any(|(oid, _)| oid == SUBJECT_ALTERNATIVE_NAME);
    if unread || candidate.certificate.alternative_names().iter().any(|one| matches!(one, GeneralName::Malformed(_))) {
        return;
    }
    let text = match asked {
        PeerName::Dns(name) => name.clone(),
        PeerName::Ip(address) => address.to_string(),
    };
    let label = &candidate.label;
    let sentence = match names::fit(candidate.certificate, asked) {
        Fit::Fits => return,
        Fit::AddressAsDnsName => format!(
            "{label} is not valid for the IP address `{text}`: it has the address as a DNS name, where programs do not \
             look for one"
        ),
        Fit::No => format!("{label} is not valid for the name `{text}`: {}", what_it_is_for(candidate.certificate)),
    };
    findings.push(Finding::new(&identity::NAME_MISMATCH, candidate.files.clone(), sentence));
}

const SHOWN: usize = 5;

fn what_it_is_for(certificate: &Certificate) -> String {
    let Some(_) = certificate.extensions().alternative_names else {
        return match certificate.common_name() {
            Some(name) => format!("it has no alternative names, and its common name is `{}`", names::shown(name)),
            None => "it has no name of a host".to_owned(),
        };
    };
    let dns = certificate.dns_names().map(|name| format!("`{}`", names::shown(name)));
    let all: Vec<String> = dns.chain(certificate.ip_addresses().map(|address| format!("`{address}`"))).collect();
    if all.is_empty() {
        return "its alternative names (subjectAltName) have no host".to_owned();
    }
    let more = all.len().saturating_sub(SHOWN);
    let shown = all.into_iter().take(SHOWN).collect::<Vec<_>>().join(", ");
    if more == 0 { format!("it is for {shown}") } else { format!("it is for {shown} and {more} more") }
}

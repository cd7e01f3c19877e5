//! When two names are the same: distinguished names after RFC 5280 7.1, host names after RFC 6125 and RFC 9525.
//!
//! Unicode is lowered, not normalised: composed and decomposed letters stay different, as in OpenSSL.

use super::super::certificate::{Attribute, Certificate, DistinguishedName};
use super::PeerName;
use std::net::IpAddr;

/// One relative name with string types, capitals and spaces evened out.
pub(super) fn even(set: &[Attribute]) -> Vec<u8> {
    let mut parts: Vec<Vec<u8>> = set
        .iter()
        .map(|attribute| {
            let mut part = attribute.oid.clone().into_bytes();
            if let Some(text) = &attribute.text {
                part.push(b'=');
                let words = text.split(' ').filter(|word| !word.is_empty());
                part.extend_from_slice(words.collect::<Vec<_>>().join(" ").to_lowercase().as_bytes());
            } else {
                part.extend_from_slice(&[b'#', attribute.tag]);
                part.extend_from_slice(&attribute.content);
            }
            part
        })
        .collect();
    // The attributes of one set have no order.
    parts.sort_unstable();
    let mut whole = Vec::new();
    for part in parts {
        whole.extend_from_slice(&(part.len() as u64).to_be_bytes());
        whole.extend_from_slice(&part);
    }
    whole
}

/// Equal for names that RFC 5280 7.1 calls the same.
pub(super) fn key(name: &DistinguishedName) -> Vec<u8> {
    let mut whole = Vec::new();
    for set in name.relative() {
        let set = even(set);
        whole.extend_from_slice(&(set.len() as u64).to_be_bytes());
        whole.extend_from_slice(&set);
    }
    whole
}

/// As much of a text out of a certificate as a sentence can bear.
pub(super) fn shown(text: &str) -> String {
    const LIMIT: usize = 100;
    if text.chars().nth(LIMIT).is_none() { text.to_owned() } else { text.chars().take(LIMIT).chain(['…']).collect() }
}

/// A name without its final dot, in lower case.
pub(super) fn lowered(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// How a certificate meets the name that is asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fit {
    Fits,
    No,
    /// The address is there, but as dNSName, where no program looks for one.
    AddressAsDnsName,
}

pub(super) fn fit(certificate: &Certificate, asked: &PeerName) -> Fit {
    let address = match asked {
        PeerName::Ip(address) => Some(*address),
        PeerName::Dns(name) => name.parse::<IpAddr>().ok(),
    };
    if let Some(address) = address {
        let as_name = |name: &str| name.parse() == Ok(address);
        return if certificate.ip_addresses().any(|found| found == address) {
            Fit::Fits
        } else if certificate.dns_names().any(as_name) {
            Fit::AddressAsDnsName
        } else {
            Fit::No
        };
    }
    let PeerName::Dns(asked) = asked else { return Fit::No };
    let asked = lowered(asked);
    // RFC 6125 6.4.4: the common name counts only where there are no alternative names.
    let found = match &certificate.extensions().alternative_names {
        Some(_) => certificate.dns_names().any(|pattern| matches(pattern, &asked)),
        None => {
            certificate.subject_name().values(super::super::certificate::COMMON_NAME).any(|name| matches(name, &asked))
        }
    };
    if found { Fit::Fits } else { Fit::No }
}

/// RFC 9525 6.3: the whole left-most label may be `*` and stands for one label. OpenSSL and Node.js want two labels
/// after it; what they refuse is no match.
fn matches(pattern: &str, asked: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    if !is_dns_name(&pattern) {
        return false;
    }
    let Some(suffix) = pattern.strip_prefix("*.") else { return pattern == asked };
    suffix.contains('.') && asked.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && rest == suffix)
}

/// What a dNSName may be: letters, digits, hyphens and, as Windows allows, underscores; one `*` as the first label.
pub(super) fn is_dns_name(name: &str) -> bool {
    let bare = name.strip_prefix("*.").unwrap_or(name);
    !bare.is_empty() && bare.len() <= 253 && bare.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let allowed = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(allowed)
}

/// As OpenSSL tells (`cn2dnsid`): a common name of at least two labels that could be a host's.
pub(super) fn looks_like_dns_name(name: &str) -> bool {
    let whole = |label: &str| !label.starts_with('-') && !label.ends_with('-');
    name.contains('.') && is_dns_name(name) && name.split('.').all(whole) && name.parse::<IpAddr>().is_err()
}

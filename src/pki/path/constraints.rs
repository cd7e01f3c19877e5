//! Name constraints (RFC 5280 4.2.1.10): whether the names of a certificate lie where a CA above allows them.
//!
//! A constraint that cannot be is not compared here: the CA that has it is malformed, and that is said of the CA.

use super::super::certificate::{Certificate, DistinguishedName, EMAIL_ADDRESS, GeneralName, NameConstraints};
use super::names;
use std::borrow::Cow;

/// As many comparisons as OpenSSL makes before it refuses (`NAME_CHECK_MAX`).
const COMPARISONS: usize = 1 << 20;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Violation {
    NotPermitted(String),
    Excluded(String),
    TooMany { names: usize, constraints: usize },
}

/// How much work a check is: names times constraints.
pub(super) fn size(constraints: &NameConstraints, certificate: &Certificate) -> usize {
    count(constraints).saturating_mul(certificate.alternative_names().len() + 1)
}

fn count(constraints: &NameConstraints) -> usize {
    constraints.permitted.as_ref().map_or(0, Vec::len) + constraints.excluded.as_ref().map_or(0, Vec::len)
}

/// The first name that is not allowed. `leaf`: its common name counts where it has no DNS name, as callers fall back
/// to it.
pub(super) fn violation(constraints: &NameConstraints, certificate: &Certificate, leaf: bool) -> Option<Violation> {
    if size(constraints, certificate) > COMPARISONS {
        let names = certificate.alternative_names().len() + 1;
        return Some(Violation::TooMany { names, constraints: count(constraints) });
    }
    let prepare = |bases: &'_ Option<Vec<GeneralName>>| bases.iter().flatten().cloned().map(Prepared::new).collect();
    let (permitted, excluded): (Vec<Prepared>, Vec<Prepared>) =
        (prepare(&constraints.permitted), prepare(&constraints.excluded));
    for name in names_of(certificate, leaf) {
        let name = Prepared::new(name.into_owned());
        if excluded.iter().any(|base| covers(base, &name, true)) {
            return Some(Violation::Excluded(described(&name.name)));
        }
        let mut permitted = permitted.iter().filter(|base| same_kind(&base.name, &name.name)).peekable();
        if permitted.peek().is_some() && !permitted.any(|base| covers(base, &name, false)) {
            return Some(Violation::NotPermitted(described(&name.name)));
        }
    }
    None
}

/// A name with what every comparison would have to work out again.
struct Prepared {
    name: GeneralName,
    lowered: String,
    directory: Vec<Vec<u8>>,
}

impl Prepared {
    fn new(name: GeneralName) -> Self {
        let (lowered, directory) = match &name {
            GeneralName::Dns(text) => (names::lowered(text), Vec::new()),
            GeneralName::Directory(text) => {
                (String::new(), text.relative().iter().map(|set| names::even(set)).collect())
            }
            _ => (String::new(), Vec::new()),
        };
        Self { name, lowered, directory }
    }
}

fn names_of(certificate: &Certificate, leaf: bool) -> Vec<Cow<'_, GeneralName>> {
    let mut names: Vec<Cow<'_, GeneralName>> = certificate.alternative_names().iter().map(Cow::Borrowed).collect();
    let has = |wanted: fn(&GeneralName) -> bool| certificate.alternative_names().iter().any(wanted);
    let subject = certificate.subject_name();
    if !subject.is_empty() {
        names.push(Cow::Owned(GeneralName::Directory(subject.clone())));
    }
    if !has(|name| matches!(name, GeneralName::Email(_))) {
        names.extend(subject.values(EMAIL_ADDRESS).map(|email| Cow::Owned(GeneralName::Email(email.to_owned()))));
    }
    if leaf && !has(|name| matches!(name, GeneralName::Dns(_))) {
        let common = subject.values(super::super::certificate::COMMON_NAME);
        let hosts = common.filter(|name| names::looks_like_dns_name(name));
        names.extend(hosts.map(|name| Cow::Owned(GeneralName::Dns(name.to_owned()))));
    }
    names
}

fn same_kind(base: &GeneralName, name: &GeneralName) -> bool {
    match (base, name) {
        (GeneralName::Other(base), GeneralName::Other(name)) => base == name,
        _ => std::mem::discriminant(base) == std::mem::discriminant(name),
    }
}

/// Whether `name` lies in `base`. A wildcard is excluded when one of its names is, and permitted when all are.
fn covers(base: &Prepared, name: &Prepared, excluding: bool) -> bool {
    match (&base.name, &name.name) {
        (GeneralName::Dns(_), GeneralName::Dns(_)) => dns(&base.lowered, &name.lowered, excluding),
        (GeneralName::Ip(base), GeneralName::Ip(name)) => ip(base, name),
        (GeneralName::Email(base), GeneralName::Email(name)) => email(base, name),
        (GeneralName::Directory(_), GeneralName::Directory(_)) => name.directory.starts_with(&base.directory),
        // A URI without a host cannot be shown to be allowed.
        (GeneralName::Uri(base), GeneralName::Uri(name)) => host(name).map_or(excluding, |host| domain(base, &host)),
        // Of a kind that cannot be compared: never shown to be allowed.
        (GeneralName::Other(base), GeneralName::Other(name)) => excluding && base == name,
        _ => false,
    }
}

fn dns(base: &str, name: &str, excluding: bool) -> bool {
    let Some(suffix) = name.strip_prefix("*.") else { return under(base, name) };
    // A label that no host has stands for all of them.
    let any = format!("\0.{suffix}");
    let below = base.strip_prefix('.').unwrap_or(base);
    under(base, &any) || (excluding && below.split_once('.').is_some_and(|(_, rest)| rest == suffix))
}

/// `base` itself or below; with a leading dot, which OpenSSL and Windows know, only below.
fn under(base: &str, name: &str) -> bool {
    if base.is_empty() {
        return true;
    }
    match name.strip_suffix(base) {
        Some("") => !base.starts_with('.'),
        Some(before) => base.starts_with('.') || before.ends_with('.'),
        None => false,
    }
}

fn ip(base: &[u8], name: &[u8]) -> bool {
    let Some((network, mask)) = base.split_at_checked(base.len() / 2) else { return false };
    network.len() == name.len()
        && mask.len() == name.len()
        && network.iter().zip(mask).zip(name).all(|((network, mask), octet)| network & mask == octet & mask)
}

/// A mailbox, a host, or with a leading dot all hosts below (RFC 5280 4.2.1.10). Only the host ignores case.
fn email(base: &str, name: &str) -> bool {
    let Some((mailbox, host)) = name.rsplit_once('@') else { return false };
    match base.rsplit_once('@') {
        Some((base, base_host)) => base == mailbox && base_host.eq_ignore_ascii_case(host),
        None => domain(base, &host.to_ascii_lowercase()),
    }
}

/// A host exactly, or with a leading dot all below it.
fn domain(base: &str, host: &str) -> bool {
    let base = base.to_ascii_lowercase();
    if base.starts_with('.') {
        host.len() > base.len() && host.ends_with(&base)
    } else {
        base.is_empty() || base == host
    }
}

/// The host of a URI (RFC 3986 3.2), when it is a name.
fn host(uri: &str) -> Option<String> {
    let (_, after) = uri.split_once("://")?;
    let authority = after.split(['/', '?', '#']).next()?;
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let name = place.split_once(':').map_or(place, |(name, _)| name);
    (names::is_dns_name(name) && name.parse::<std::net::IpAddr>().is_err()).then(|| names::lowered(name))
}

/// Whether a constraint can be one at all; `None` when it can.
pub(super) fn fault(base: &GeneralName) -> Option<String> {
    let why = match base {
        GeneralName::Dns(name) => {
            let host_name = name.strip_prefix('.').unwrap_or(name);
            let sound = name.is_empty() || (!host_name.starts_with('*') && names::is_dns_name(host_name));
            return (!sound).then(|| format!("`{}` is not a DNS name", names::shown(name)));
        }
        GeneralName::Ip(octets) => match octets.len() {
            8 | 32 => {
                let mask = octets.get(octets.len() / 2..).unwrap_or_default();
                let ones: u32 = mask.iter().take_while(|octet| **octet == 0xff).map(|_| 8).sum();
                let edge = mask.iter().find(|octet| **octet != 0xff).map_or(0, |octet| octet.leading_ones());
                let all: u32 = mask.iter().map(|octet| octet.count_ones()).sum();
                return (all != ones + edge).then(|| "an IP address has a mask with gaps".to_owned());
            }
            _ => "an IP address has the wrong length",
        },
        GeneralName::Email(name) => {
            let host = name.rsplit_once('@').map_or(name.as_str(), |(_, host)| host);
            let mailbox = name.contains('@');
            let host_name = if mailbox { host } else { host.strip_prefix('.').unwrap_or(host) };
            let sound = (name.is_empty() || names::is_dns_name(host_name))
                && !host_name.starts_with('*')
                && !name.starts_with('@');
            return (!sound).then(|| format!("`{}` is not an e-mail address or a host", names::shown(name)));
        }
        GeneralName::Malformed(_) => "a name has content that it cannot have",
        _ => return None,
    };
    Some(why.to_owned())
}

fn described(name: &GeneralName) -> String {
    match name {
        GeneralName::Dns(name) => format!("the DNS name `{}`", names::shown(name)),
        GeneralName::Email(name) => format!("the e-mail address `{}`", names::shown(name)),
        GeneralName::Uri(name) => format!("the URI `{}`", names::shown(name)),
        GeneralName::Directory(name) => {
            format!("the directory name `{}`", names::shown(&DistinguishedName::text(name)))
        }
        GeneralName::Ip(octets) => match name.ip_address() {
            Some(address) => format!("the IP address `{address}`"),
            None => format!("an IP address of {} octets", octets.len()),
        },
        GeneralName::Other(_) | GeneralName::Malformed(_) => "a name of a kind that cannot be compared".to_owned(),
    }
}

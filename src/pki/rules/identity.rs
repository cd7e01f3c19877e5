//! Names: whose certificate it is, for which machine, and how it is marked as Qlik's.

use super::super::certificate::{Authority, Certificate, Marker};
use super::super::finding::{Finding, Rule, Severity};
use super::super::inventory::Form;
use super::super::overview::{Found, Slot, list, role_of};
use super::super::path::PeerName;
use super::super::profile::{CLIENT_NAME, Role};
use super::Case;
use std::net::IpAddr;

pub const RULES: &[&Rule] = &[
    &NAME_MISMATCH,
    &MALFORMED_NAME,
    &CLIENT,
    &NO_ALTERNATIVE_NAME,
    &IP_AS_DNS_NAME,
    &FOLDER_NAME,
    &OTHER_NAMES,
    &UNKNOWN_MARKER,
    &LONG_COMMON_NAME,
    &NO_MARKER,
    &QLIKVIEW,
];

pub static NAME_MISMATCH: Rule = Rule {
    id: "identity/name-mismatch",
    severity: Severity::Error,
    title: "not for the name that is asked",
    cause: "A caller compares the name it dialled with the alternative names of the server, and refuses others. \
           Without a DNS name there, some still take the common name.",
    fix: "connect by a name that is in it, or export the certificate for the name that callers use",
    source: "RFC 6125 6.4; RFC 9525 6",
};

pub static MALFORMED_NAME: Rule = Rule {
    id: "identity/malformed-name",
    severity: Severity::Warning,
    title: "a DNS name that cannot be one",
    cause: "An alternative name has characters or parts that no host name can have, so no caller will ever match \
           it.",
    fix: "issue it again with the names that callers use",
    source: "RFC 1123 2.1; RFC 5280 4.2.1.6",
};

static CLIENT: Rule = Rule {
    id: "identity/client-name",
    severity: Severity::Error,
    title: "the client certificate is not CN=QlikClient",
    cause: "Every client certificate of Qlik has the common name `QlikClient`. Qlik-Cli and other tools look for the \
            subject `CN=QlikClient`, and do not find this one.",
    fix: "export the client certificate from Qlik again, or with qcert once it has the site's root (`qcert init --from`)",
    source: "real certificates observed, 2015 to 2022; the settings and code of the programs",
};
static NO_ALTERNATIVE_NAME: Rule = Rule {
    id: "identity/no-alternative-name",
    severity: Severity::Warning,
    title: "the server certificate names its machine in the common name only",
    cause: "Qlik wrote no subjectAltName before 2018. Node.js, Python and OpenSSL still fall back to the common name; \
            Go and browsers do not (`certificate relies on legacy Common Name field`).",
    fix: "export the bundle again from Qlik, of 2018 or later, or with qcert once it has the site's root (`qcert init --from`)",
    source: "real certificates observed, 2015 to 2022; reproduced with Node.js, Python, Go and OpenSSL",
};
static IP_AS_DNS_NAME: Rule = Rule {
    id: "identity/ip-as-dns-name",
    severity: Severity::Warning,
    title: "an IP address stands in the certificate as a DNS name",
    cause: "Qlik writes an IP as dNSName. Programs that connect by IP look for iPAddress and refuse \
            (`ERR_TLS_CERT_ALTNAME_INVALID`, `doesn't contain any IP SANs`).",
    fix: "connect by a host name; qcert writes both forms, once it has the site's root (`qcert init --from`)",
    source: "observed Qlik exports; reproduced with Node.js, Python, Go and OpenSSL",
};
static FOLDER_NAME: Rule = Rule {
    id: "identity/folder-name",
    severity: Severity::Warning,
    title: "the folder is called after another machine than its server certificate",
    cause: "Qlik calls the folder by the machine name that was typed. Files of another machine were copied into it, or \
            the folder was renamed.",
    fix: "check which machine the bundle is for; connect by a name that the certificate has",
    source: "observed Qlik exports",
};
static OTHER_NAMES: Rule = Rule {
    id: "identity/other-names",
    severity: Severity::Warning,
    title: "the alternative names lack the name in the common name",
    cause: "Where a certificate has alternative names, callers look at these only. Qlik writes the machine name in both \
            places.",
    fix: "connect by one of the alternative names, or make the certificate again with all names",
    source: "RFC 6125 6.4.4; real certificates observed, 2015 to 2022",
};
static UNKNOWN_MARKER: Rule = Rule {
    id: "identity/unknown-marker",
    severity: Severity::Warning,
    title: "Qlik's marker extension holds an unknown word",
    cause: "1.3.6.1.5.5.7.13.3 holds `Root`, `Service` or `Client`; Qlik's services and scripts find their \
            certificates by it.",
    fix: "make the certificate with Qlik or with qcert",
    source: "real certificates observed, 2015 to 2022",
};
static LONG_COMMON_NAME: Rule = Rule {
    id: "identity/long-common-name",
    severity: Severity::Note,
    title: "a common name is longer than 64 characters",
    cause: "X.520 allows 64. Qlik itself writes more when a long host name gets `-CA` behind it; most programs do not \
            mind, some tools that make certificates refuse.",
    fix: "nothing needs to be done",
    source: "RFC 5280 appendix A.1 (ub-common-name); real certificates observed, 2015 to 2022",
};
static NO_MARKER: Rule = Rule {
    id: "identity/no-marker",
    severity: Severity::Note,
    title: "a certificate of the bundle lacks Qlik's marker",
    cause: "It was made by another tool. TLS works without the marker; scripts that look for it in the Windows store \
            do not find the certificate.",
    fix: "nothing needs to be done, unless a tool looks for the marker",
    source: "real certificates observed, 2015 to 2022",
};
static QLIKVIEW: Rule = Rule {
    id: "identity/qlikview",
    severity: Severity::Note,
    title: "certificates of QlikView look the same",
    cause: "QlikView 12 and later marks its certificates with the same extension. Name and issuer tell them apart.",
    fix: "check that the issuer is this site's root",
    source: "real certificates observed, 2015 to 2022",
};

pub(super) fn judge(case: &mut Case<'_>) {
    let overview = case.overview;
    for found in &overview.certificates {
        about_one(case, found);
    }
    folder_name(case);
}

fn about_one(case: &mut Case<'_>, found: &Found<'_>) {
    let overview = case.overview;
    let certificate = found.certificate;
    let files = overview.paths(&found.places);
    let named = overview.label(found);
    let in_client_slot = is_in_slot(case, found, Role::Client);
    let in_server_slot = is_in_slot(case, found, Role::Server);
    let places = found.places.iter().filter_map(|place| overview.files.get(*place));
    let settled = places.into_iter().all(|file| case.is_settled(file));
    let case_name = case.given.name.clone();
    let asked = case.given.machine.is_some() || case.given.name.is_some();
    let mut say = |rule, sentence: String| case.report(Finding::new(rule, files.clone(), sentence));
    if let Some(word) = certificate.extensions().marker.as_ref().and_then(Marker::unknown_word) {
        say(&UNKNOWN_MARKER, format!("{named} carries Qlik's marker with the unknown word `{word}`"));
    }
    if let Some(length @ 65..) = certificate.common_name().map(|name| name.chars().count()) {
        say(&LONG_COMMON_NAME, format!("the common name in {named} has {length} characters, more than 64"));
    }
    // Of another CA: that is said as its unknown issuer.
    let ours = || overview.certificates.iter().any(|one| one.certificate.subject() == certificate.issuer());
    if in_client_slot && certificate.common_name() != Some(CLIENT_NAME) && ours() {
        let called = match certificate.title() {
            name if name.is_empty() => "has no name".to_owned(),
            name => format!("is called `{name}`"),
        };
        say(&CLIENT, format!("the client certificate in {named} {called}, and should be called `{CLIENT_NAME}`"));
    }
    let sense = match certificate.marker() {
        Some(Role::Root) => certificate.common_name().is_some_and(|name| name.ends_with("-CA")),
        Some(Role::Client) => in_client_slot || certificate.common_name() == Some(CLIENT_NAME),
        _ => true,
    };
    if !sense {
        let name = certificate.title();
        say(
            &QLIKVIEW,
            format!("{named} carries the marker but is called `{name}`: it may be a certificate of QlikView"),
        );
    }
    if (in_client_slot || in_server_slot) && certificate.extensions().marker.is_none() {
        say(&NO_MARKER, format!("{named} does not carry Qlik's marker"));
    }
    if settled || !in_server_slot && certificate.marker() != Some(Role::Server) {
        return;
    }
    if certificate.extensions().find(ALTERNATIVE_NAME).is_none() {
        say(
            &NO_ALTERNATIVE_NAME,
            format!("{named} names its machine in the common name only: Go and browsers refuse it"),
        );
    }
    if let Some(name) = other_name(certificate).filter(|_| !asked) {
        let others = list(&certificate.dns_names().collect::<Vec<_>>());
        say(
            &OTHER_NAMES,
            format!("{named} is called `{name}`, but is for {others} only: who connects by `{name}` is refused"),
        );
    }
    // Asked for the address itself, the chain says it.
    let by_address = matches!(case_name, Some(PeerName::Ip(_)));
    for address in lone_addresses(certificate).into_iter().filter(|_| !by_address) {
        say(
            &IP_AS_DNS_NAME,
            format!("{named} has the address {address} as a DNS name only: connecting by IP is refused"),
        );
    }
}

/// id-ce-subjectAltName.
const ALTERNATIVE_NAME: &str = "2.5.29.17";

fn is_in_slot(case: &Case<'_>, found: &Found<'_>, role: Role) -> bool {
    // A chain behind the leaf is no one's identity.
    found.certificate.authority() != Authority::Yes
        && role_of(found.certificate) != Some(Role::Root)
        && found.places.iter().filter_map(|place| case.overview.files.get(*place)).any(|file| {
            // Whoever is called shows a server's certificate first.
            let first = || file.certificates().next().is_some_and(|leaf| leaf.der() == found.certificate.der());
            let shown = role == Role::Server && file.form == Form::Shown && first();
            let of_role = |slot: Slot| slot.role == role;
            !case.is_settled(file) && (shown || Slot::of(&file.name).is_some_and(of_role))
        })
}

/// A full host name in the common name that no alternative name has. A short or international name may have another
/// form there.
fn other_name(certificate: &Certificate) -> Option<&str> {
    let name = certificate.common_name()?;
    let host = name.is_ascii() && name.contains('.') && name.parse::<IpAddr>().is_err();
    let mut others = certificate.dns_names().peekable();
    let beside = others.peek().is_some();
    let covered = others.any(|other| {
        let behind = name.split_once('.').map(|(_, domain)| domain);
        other.eq_ignore_ascii_case(name) || other.strip_prefix("*.").is_some_and(|domain| behind == Some(domain))
    });
    (host && beside && !covered).then_some(name)
}

/// Addresses written as dNSName and not as iPAddress.
fn lone_addresses(certificate: &Certificate) -> Vec<IpAddr> {
    let written: Vec<IpAddr> = certificate.ip_addresses().collect();
    let named = certificate.dns_names().filter_map(|name| name.parse::<IpAddr>().ok());
    named.filter(|address| !written.contains(address)).collect()
}

/// Only a folder that can be nothing but a machine's name is compared: `bundle` or `certs` is no claim.
fn folder_name(case: &mut Case<'_>) {
    let overview = case.overview;
    let Some(folder) =
        case.given.folder.as_deref().filter(|_| case.given.machine.is_none() && case.given.name.is_none())
    else {
        return;
    };
    let claims = folder.parse::<IpAddr>().is_ok() || folder.contains('.') && !folder.starts_with('.');
    let servers: Vec<_> = overview.certificates.iter().filter(|found| is_in_slot(case, found, Role::Server)).collect();
    // A name that is written wrongly is a fault of its own.
    let meant = |found: &&&Found<'_>| found.certificate.dns_names().any(|own| own.contains(folder));
    let named = |found: &&Found<'_>| names(found.certificate, folder) || meant(&found);
    if !claims || servers.is_empty() || servers.iter().any(named) {
        return;
    }
    if let Some(server) = servers.first() {
        let named = overview.label(server);
        let sentence = format!("the folder is called `{folder}`, but {named} is for `{}`", server.certificate.title());
        case.report(Finding::new(&FOLDER_NAME, overview.paths(&server.places), sentence));
    }
}

fn names(certificate: &Certificate, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let behind = name.split_once('.').map(|(_, domain)| domain);
    let covers = |own: &str| {
        let own = own.to_ascii_lowercase();
        own == name || own.strip_prefix("*.").is_some_and(|domain| behind == Some(domain))
    };
    certificate.common_name().is_some_and(covers)
        || certificate.dns_names().any(covers)
        || name.parse::<IpAddr>().is_ok_and(|address| certificate.ip_addresses().any(|own| own == address))
}

/// The name that a caller would use for the server of a bundle: what was typed, else its own.
pub fn peer_name(text: &str) -> PeerName {
    text.parse().map_or_else(|_| PeerName::Dns(text.to_owned()), PeerName::Ip)
}

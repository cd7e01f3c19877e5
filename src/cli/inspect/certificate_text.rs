//! The block of one certificate.

use super::super::words::{count, day, list, relative, span, span_with_days};
use super::certificate::{
    CLIENT_AUTHENTICATION, CertificateFacts, Issued, NameFacts, SERVER_AUTHENTICATION, constrained,
};
use super::page::{Page, Tone};
use super::text::View;
use crate::pki::certificate::{Authority, extension_name};
use crate::pki::profile::Role;
use std::collections::BTreeMap;
use time::Duration;

/// A certificate that ends within this time is shown in yellow.
const SOON: Duration = Duration::days(30);
/// So many names are printed; the JSON has them all.
const NAMES: usize = 20;

pub(super) fn write(facts: &CertificateFacts<'_>, view: View, page: &mut Page) {
    page.row("role", &role_text(facts));
    page.row("subject", shown(&facts.subject));
    if facts.subject != facts.issuer || facts.signed_by.state != "itself" {
        page.row("issuer", shown(&facts.issuer));
    }
    if !facts.names.is_empty() {
        page.row("names", &names_text(&facts.names));
    }
    dates(facts, view, page);
    serial(facts, page);
    page.row("key", &key_text(facts, view, page));
    let (tone, signature) = signature_text(facts, page);
    page.row_in("signature", tone, &signature);
    extensions(facts, page);
    if !facts.also_in.is_empty() {
        page.row("also in", &page.names(facts.also_in));
    }
    page.row("SHA-256", facts.sha256);
    page.row("SHA-1", &format!("{} (Windows' thumbprint)", facts.sha1));
}

/// The same certificate once more.
pub(super) fn write_again(facts: &CertificateFacts<'_>, page: &mut Page) {
    page.row("role", &role_text(facts));
    page.row("same as", page.near(facts.same_as.unwrap_or_default()));
}

fn shown(name: &str) -> &str {
    if name.is_empty() { "(empty)" } else { name }
}

pub(super) fn role_text(facts: &CertificateFacts<'_>) -> String {
    let authority = facts.certificate.authority() == Authority::Yes;
    let unmarked = match &facts.unknown_marker {
        Some(word) => format!("Qlik's marker says `{word}`, which Qlik does not use"),
        None => "no Qlik marker".to_owned(),
    };
    let Some(role) = facts.role else {
        let is = match (authority, facts.signed_by.state) {
            (true, _) => "an intermediate CA",
            (false, "itself") => "self-signed",
            (false, _) => purpose_text(facts).unwrap_or("not told"),
        };
        return format!("{is} ({unmarked})");
    };
    let word = role.word();
    match facts.role_from {
        Some("marker") => format!("{word} (Qlik marker)"),
        Some("marker_bare") => format!("{word} (Qlik marker, written bare, as Qlik does not)"),
        Some("authority") => format!("{word} (a self-signed CA; {unmarked})"),
        Some("purpose") => format!("{word} (by its purpose; {unmarked})"),
        _ => format!("{word} (by its name; {unmarked})"),
    }
}

fn purpose_text(facts: &CertificateFacts<'_>) -> Option<&'static str> {
    let purposes = facts.certificate.extensions().extended_key_usage.as_deref()?;
    let has = |wanted: &str| purposes.iter().any(|purpose| purpose == wanted);
    (has(SERVER_AUTHENTICATION) && has(CLIENT_AUTHENTICATION)).then_some("for servers and clients")
}

fn names_text(all: &[NameFacts]) -> String {
    let is_ip = |value: &str| all.iter().any(|name| name.kind == "ip" && name.value == value);
    let one = |name: &NameFacts| match name.kind {
        // Said once: an address that is there in both forms works everywhere.
        "dns" if name.ip_as_dns && is_ip(&name.value) => None,
        "dns" if name.ip_as_dns => Some(format!("{} (as dNSName: programs that connect by IP refuse it)", name.value)),
        "dns" | "ip" => Some(name.value.clone()),
        kind => Some(format!("{kind} {}", name.value)),
    };
    let mut texts: Vec<String> = all.iter().filter_map(one).take(NAMES + 1).collect();
    if texts.len() > NAMES {
        texts.truncate(NAMES);
        texts.push(format!("and {} more", all.len().saturating_sub(NAMES)));
    }
    texts.join(", ")
}

fn dates(facts: &CertificateFacts<'_>, view: View, page: &mut Page) {
    let View { at, offset, .. } = view;
    let (begin, end) = (facts.certificate.not_before(), facts.certificate.not_after());
    let (tone, state) = match facts.state {
        "inverted" => (Tone::Bad, "never: it ends before it begins".to_owned()),
        "expired" => (Tone::Bad, format!("expired {}", relative(at, end))),
        "not_yet_valid" => (Tone::Bad, format!("not yet valid: begins {}", relative(at, begin))),
        _ if end - at < SOON => (Tone::Soon, format!("ends {}", relative(at, end))),
        _ => (Tone::Plain, format!("ends in {}", span_with_days(at, end))),
    };
    page.row_in("valid", tone, &format!("{} to {}, {state}", day(begin, offset), day(end, offset)));
    match facts.issued {
        Issued::On(made) => {
            let text =
                format!("{}, {} (dated as Qlik does: 7 days back, 10 years)", day(made, offset), relative(at, made));
            page.row("issued on", &text);
        }
        Issued::EndsWithRoot(made) if facts.role.is_some() => {
            let text = format!("{}, going by its first day; it ends with its issuer", day(made, offset));
            page.row("issued on", &text);
        }
        Issued::NotTold if facts.certificate.marker().is_some() => {
            let text = format!("not told: dates are not as Qlik writes them ({} in all)", span(begin, end));
            page.row("issued on", &text);
        }
        _ => {}
    }
}

fn serial(facts: &CertificateFacts<'_>, page: &mut Page) {
    let octets = facts.certificate.serial();
    // 22 of 22 observed: 15 octets with the first bit set, hence a sign octet.
    let like_qlik = matches!(octets, [0, first, rest @ ..] if first & 0x80 != 0 && rest.len() == 14);
    let negative = octets.first().is_some_and(|first| first & 0x80 != 0);
    let about = if like_qlik {
        " (120 bits, as Qlik's are)"
    } else if negative {
        " (negative)"
    } else {
        ""
    };
    page.row("serial", &format!("{}{about}", facts.serial));
    if facts.version != 3 {
        page.row_in("version", Tone::Soon, &format!("{}, not 3", facts.version));
    }
}

fn key_text(facts: &CertificateFacts<'_>, view: View, page: &Page) -> String {
    let key = &facts.key.text;
    match (&facts.private_keys[..], facts.role) {
        ([], Some(Role::Root)) if !view.locked_keys => format!("{key}; its private key is not here, as it should be"),
        ([], _) if view.locked_keys => format!("{key}; its private key is not among those that could be opened"),
        ([], _) => format!("{key}; its private key is not here"),
        (paths, _) => format!("{key}; its private key is {}", page.names(paths)),
    }
}

fn signature_text(facts: &CertificateFacts<'_>, page: &Page) -> (Tone, String) {
    let by = &facts.signed_by;
    let algorithm = &facts.signature_algorithm;
    let weak = algorithm.starts_with("MD5") || algorithm.starts_with("SHA-1");
    let tone = if weak { Tone::Soon } else { Tone::Plain };
    let file = page.near(by.file.unwrap_or_default());
    let why = by.why.as_deref().unwrap_or_default();
    match by.state {
        "itself" => (tone, format!("{algorithm}, by itself: fits")),
        "issuer" if why.is_empty() => (tone, format!("{algorithm}, by {file}: fits")),
        "issuer" => (Tone::Soon, format!("{algorithm}, by {file}: fits, but {why}")),
        "broken" | "unchecked" if by.sha256 == Some(facts.sha256) => {
            (Tone::Bad, format!("{algorithm}; it names itself as issuer, but is {why}"))
        }
        "unchecked" => (Tone::Soon, format!("{algorithm}, by {file}: {why}")),
        "broken" => (Tone::Bad, format!("{algorithm}; its issuer would be {file}, but: {why}")),
        _ => (tone, format!("{algorithm}; its issuer is not among these files")),
    }
}

fn extensions(facts: &CertificateFacts<'_>, page: &mut Page) {
    let extensions = facts.certificate.extensions();
    match &extensions.basic_constraints {
        Some(constraints) => {
            let ca = if constraints.ca { "yes" } else { "no" };
            let critical = if constraints.critical { ", critical" } else { "" };
            let length = constraints.path_length.map(|length| format!(", at most {} below", count(length, "CA")));
            page.row("CA", &format!("{ca}{critical}{}", length.unwrap_or_default()));
        }
        None if facts.role == Some(Role::Root) => {
            let text = "not said, as in Qlik's roots before 2020: Node.js, OpenSSL and Python refuse its certificates";
            page.row_in("CA", Tone::Soon, text);
        }
        None => {}
    }
    if let Some(usage) = extensions.key_usage {
        page.row("key usage", &usage.names().collect::<Vec<_>>().join(", "));
    }
    if let Some(purposes) = &extensions.extended_key_usage {
        page.row("purpose", &purposes.iter().map(|oid| purpose(oid)).collect::<Vec<_>>().join(", "));
    }
    if let Some(constraints) = &extensions.name_constraints {
        for (label, names) in [("may sign only", &constraints.permitted), ("may not sign", &constraints.excluded)] {
            if let Some(names) = names {
                page.row(label, &names_text(&constrained(names)));
            }
        }
    }
    if !extensions.secrets.is_empty() {
        let sizes: Vec<String> = extensions.secrets.iter().map(ToString::to_string).collect();
        let text = match &extensions.secrets[..] {
            [one, rest @ ..] if rest.iter().all(|size| size == one) => format!("{} × {one} octets", rest.len() + 1),
            _ => format!("{} octets", list(&sizes)),
        };
        page.row("site secrets", &format!("{text}, encrypted to this key"));
    }
    let unknown: Vec<&str> = extensions
        .all
        .iter()
        .filter(|extension| extension.critical && !extension.processed)
        .map(|extension| extension.oid.as_str())
        .collect();
    if !unknown.is_empty() {
        page.row_in(
            "critical",
            Tone::Bad,
            &format!("{}: every program must refuse what it does not know", unknown.join(", ")),
        );
    }
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for extension in &extensions.all {
        *times.entry(&extension.oid).or_default() += 1;
    }
    for (oid, times) in times.into_iter().filter(|(_, times)| *times > 1) {
        let often = if times == 2 { "twice".to_owned() } else { format!("{times} times") };
        page.row_in("repeated", Tone::Bad, &format!("{} is there {often}", extension_name(oid)));
    }
    for malformed in &facts.malformed_extensions {
        page.row_in("malformed", Tone::Bad, &format!("extension {}: {}", malformed.oid, malformed.why));
    }
}

/// RFC 5280 4.2.1.12 in words.
fn purpose(oid: &str) -> &str {
    match oid {
        SERVER_AUTHENTICATION => "server authentication",
        CLIENT_AUTHENTICATION => "client authentication",
        "1.3.6.1.5.5.7.3.3" => "code signing",
        "1.3.6.1.5.5.7.3.4" => "e-mail protection",
        "1.3.6.1.5.5.7.3.8" => "time stamping",
        "1.3.6.1.5.5.7.3.9" => "OCSP signing",
        "2.5.29.37.0" => "any",
        other => other,
    }
}

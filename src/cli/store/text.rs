//! The listing for a person: a heading for each store, below it each certificate with what Windows says of it.

use super::super::Clock;
use super::super::output::escape;
use super::super::words::{count, day, relative};
use super::facts::{Answer, CertificateFacts, StoreFacts};
use crate::pki::certificate::Certificate;
use crate::pki::snapshot::{KeyFacts, KeyKind};
use std::fmt::Write as _;

/// Without a line end behind it.
pub(super) fn whole(answer: &Answer<'_>, clock: Clock) -> String {
    let domain = answer.domain.map(|domain| format!(" in {}", escape(domain))).unwrap_or_default();
    let elevated = match answer.elevated {
        Some(true) => ", elevated",
        Some(false) => ", not elevated",
        None => "",
    };
    let taken = format!("{} ({})", day(answer.taken, clock.offset), relative(clock.now, answer.taken));
    let mut text = format!("{}{domain}, as {}{elevated}, {taken}\n", escape(answer.computer), escape(answer.account));
    for store in &answer.stores {
        write_store(&mut text, store, clock);
    }
    for store in &answer.missing {
        // Writing to a String cannot fail.
        _ = writeln!(text, "\n{store}: not in the snapshot");
    }
    text.truncate(text.trim_end().len());
    text
}

fn write_store(text: &mut String, store: &StoreFacts<'_>, clock: Clock) {
    let store_name = escape(&store.store);
    let unreadable = match store.unreadable {
        0 => String::new(),
        some => format!(", {some} of them unreadable"),
    };
    let counts = format!("{} of Qlik's, {}{unreadable}", store.qliks, count(store.others, "other"));
    _ = match store.problem {
        // Of what was not read nothing is said, least of all that there is none.
        Some(problem) if store.certificates.is_empty() && store.others == 0 => {
            writeln!(text, "\n{store_name}: not read: {}", escape(problem))
        }
        Some(problem) => writeln!(text, "\n{store_name}: {counts}, and not all: {}", escape(problem)),
        None => writeln!(text, "\n{store_name}: {counts}"),
    };
    for one in &store.certificates {
        write_certificate(text, one, clock);
    }
}

fn write_certificate(text: &mut String, one: &CertificateFacts<'_>, clock: Clock) {
    let role = one.role.unwrap_or(if one.is_qliks { "qlik" } else { "other" });
    let subject = one.subject.as_deref().map_or_else(|| "cannot be read".to_owned(), escape);
    _ = writeln!(text, "  {role:6}  {subject}");
    let mut row = |name: &str, value: &str| _ = writeln!(text, "            {name:12}  {value}");
    if one.duplicate {
        row("duplicate", "the store has several of this kind");
    }
    if one.archived {
        row("archived", "programs do not see it");
    }
    if let Some(problem) = one.problem {
        row("problem", &escape(problem));
    }
    if let Some(thumbprint) = &one.thumbprint {
        row("thumbprint", thumbprint);
    }
    if let Some(certificate) = one.certificate {
        row("valid", &dates(certificate, clock));
        if certificate.subject() != certificate.issuer() {
            row("issuer", &one.issuer.as_deref().map(escape).unwrap_or_default());
        }
    }
    if let Some(name) = one.friendly_name {
        row("name", &escape(name));
    }
    match one.private_key {
        Some(key) => {
            row("private key", &escape(&key_in_words(key)));
            if let Some(provider) = &key.provider {
                row("provider", &escape(provider));
            }
        }
        // Nobody expects one elsewhere.
        None if matches!(one.role, Some("server" | "client")) => row("private key", "none"),
        None => {}
    }
    if !one.also_in.is_empty() {
        row("also in", &one.also_in.join(", "));
    }
}

fn dates(certificate: &Certificate, clock: Clock) -> String {
    let (from, until) = (certificate.not_before(), certificate.not_after());
    let days = format!("{} to {}", day(from, clock.offset), day(until, clock.offset));
    if clock.now < from {
        format!("{days}, not yet: {}", relative(clock.now, from))
    } else if clock.now > until {
        format!("{days}, expired {}", relative(clock.now, until))
    } else {
        format!("{days} ({} left)", relative(clock.now, until).trim_start_matches("in "))
    }
}

fn key_in_words(key: &KeyFacts) -> String {
    let KeyFacts { kind, machine_keyset, exportable, usable, problem, .. } = key;
    let kind = match kind {
        Some(KeyKind::Capi) => Some("CAPI (old)"),
        Some(KeyKind::Cng) => Some("CNG"),
        Some(KeyKind::Other) | None => None,
    };
    let whose = machine_keyset.map(|machine| if machine { "the machine's" } else { "the user's" });
    let exportable = exportable.map_or("export unknown", |can| if can { "exportable" } else { "not exportable" });
    let usable = usable.and_then(|usable| (!usable).then_some("not usable by this account"));
    let facts = [Some("yes"), kind, whose, Some(exportable), usable, problem.as_deref()];
    facts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

//! A revocation list as `inspect` shows it: facts for JSON and rows for a person.
//!
//! Whose signature it bears is told only where a certificate among the files proves it.

use super::super::words::{count, day, relative, rfc3339};
use super::facts::Context;
use super::page::Tone;
use super::text::Writer;
use crate::pki::certificate::hexadecimal;
use crate::pki::inventory::RevocationList;
use crate::pki::revocation_list::{Reason, Revoked};
use crate::pki::signature::SignatureError;
use serde::Serialize;
use time::OffsetDateTime;

/// Certificates of the issuer's name that are tried for one list.
const TRIES: usize = 4;
/// In microseconds: RSA with 8192 bits takes less.
const COSTLY: u64 = 700;
/// So many entries are shown to a person.
const SHOWN: usize = 10;

#[derive(Debug, Serialize)]
pub(super) struct RevocationListFacts<'a> {
    pub(super) issuer: &'a str,
    /// Decimal; of more than 64 bits in hexadecimal with `0x`.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    this_update: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_update: Option<String>,
    signature_algorithm: &'a str,
    /// The certificate of its issuer among the files signed it, or did not; absent where there is none that can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    signature_fits: Option<bool>,
    revoked: Vec<RevokedFacts<'a>>,
    #[serde(skip)]
    pub(super) list: &'a RevocationList,
    #[serde(skip)]
    signed_by: Signer<'a>,
}

#[derive(Debug, Serialize)]
struct RevokedFacts<'a> {
    serial: &'a str,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

#[derive(Debug)]
enum Signer<'a> {
    /// This file's certificate.
    Known(&'a str),
    /// Another than the certificates that have the issuer's name.
    Other,
    CannotBeChecked,
    /// Nothing here has the issuer's name.
    Missing,
}

impl<'a> RevocationListFacts<'a> {
    pub(super) fn new(list: &'a RevocationList, context: Context<'a>) -> Self {
        let signed_by = signer(list, context);
        let number = list.number.as_deref().map(|octets| match list.number_as_u64() {
            Some(number) => number.to_string(),
            None => format!("0x{}", hexadecimal(octets)),
        });
        let revoked = |one: &'a Revoked| RevokedFacts {
            serial: &one.serial,
            at: rfc3339(one.at),
            reason: one.reason.map(Reason::standard_name),
        };
        Self {
            issuer: &list.issuer,
            number,
            this_update: rfc3339(list.this_update),
            next_update: list.next_update.map(rfc3339),
            signature_algorithm: &list.signature,
            signature_fits: match signed_by {
                Signer::Known(_) => Some(true),
                Signer::Other => Some(false),
                Signer::CannotBeChecked | Signer::Missing => None,
            },
            revoked: list.revoked.iter().map(revoked).collect(),
            list,
            signed_by,
        }
    }
}

fn signer<'a>(list: &RevocationList, context: Context<'a>) -> Signer<'a> {
    let members = context.kinship.members.iter();
    let mut found = Signer::Missing;
    for member in members.filter(|member| member.certificate.subject() == list.issuer_name.encoding()).take(TRIES) {
        if list.verification_cost(member.certificate) > COSTLY {
            found = Signer::CannotBeChecked;
            continue;
        }
        match list.verify_signed_by(member.certificate) {
            Ok(()) => return Signer::Known(member.file()),
            Err(SignatureError::Unsupported(_)) => found = Signer::CannotBeChecked,
            Err(_) if matches!(found, Signer::Missing) => found = Signer::Other,
            Err(_) => {}
        }
    }
    found
}

impl Writer {
    pub(super) fn revocation_list(&mut self, facts: &RevocationListFacts<'_>) {
        let (at, offset) = (self.view.at, self.view.offset);
        let when = |time: OffsetDateTime| format!("{} ({})", day(time, offset), relative(at, time));
        self.page.row("issuer", facts.issuer);
        if let Some(number) = &facts.number {
            self.page.row("number", number);
        }
        self.page.row("made", &when(facts.list.this_update));
        match facts.list.next_update {
            Some(next) if next < at => self.page.row_in("next", Tone::Bad, &format!("overdue: {}", when(next))),
            Some(next) => self.page.row("next", &when(next)),
            None => self.page.row("next", "not said"),
        }
        let (tone, fits) = match facts.signed_by {
            Signer::Known(file) => (Tone::Plain, format!("by {}", self.page.names(&[file]))),
            Signer::Other => (Tone::Bad, "not by the issuer's certificate that is here".to_owned()),
            Signer::CannotBeChecked => (Tone::Soon, "cannot be checked".to_owned()),
            Signer::Missing => (Tone::Soon, "not checked: the issuer's certificate is not here".to_owned()),
        };
        self.page.row_in("signature", tone, &format!("{}: {fits}", facts.signature_algorithm));
        self.page.row("revoked", &count(facts.revoked.len(), "certificate"));
        for one in facts.list.revoked.iter().take(SHOWN) {
            let reason = one.reason.map(|reason| format!(": {}", reason.standard_name())).unwrap_or_default();
            self.page.row("", &format!("{} on {}{reason}", one.serial, day(one.at, offset)));
        }
        if facts.revoked.len() > SHOWN {
            self.page.row("", &format!("and {} more", facts.revoked.len() - SHOWN));
        }
    }
}

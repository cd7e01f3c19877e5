//! Writes a CRL (RFC 5280 5) and signs it.
//!
//! Encoded here and not by rcgen, whose list has a key identifier of its own and an issuer without its repeated DC
//! and OU. Number, times and entries are the caller's.

use super::super::authority::Authority;
use super::super::certificate::Certificate;
use super::super::der::{self, tag};
use super::super::key::KeyError;
use super::{AUTHORITY_KEY_ID, CRL_NUMBER, REASON_CODE, RevocationList, Revoked};
use time::OffsetDateTime;
use time::format_description::FormatItem;
use time::macros::format_description;

/// 1.2.840.113549.1.1.11
const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];

/// What a new list is to say.
#[derive(Debug)]
pub struct NewList<'a> {
    pub number: u64,
    pub this_update: OffsetDateTime,
    pub next_update: OffsetDateTime,
    pub revoked: &'a [Revoked],
}

#[derive(Debug, thiserror::Error)]
pub enum ListError {
    #[error("the root `{0}` may not sign revocation lists: its keyUsage lacks cRLSign")]
    MayNotSign(String),
    #[error("a date lies outside the years 1950 to 9999")]
    Range,
    #[error("serial `{0}` is not hexadecimal")]
    Serial(String),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the new list cannot be read back: {0}")]
    Unreadable(String),
    #[error("the new list is not what was asked for: its {0} differs")]
    Differs(&'static str),
}

impl ListError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::MayNotSign(_) => {
                "programs refuse a list of such a root; replace the root with `qcert recreate`: its old keys are \
                 worth nothing then"
            }
            Self::Range => "give fewer days",
            Self::Key(error) => error.hint(),
            Self::Serial(_) | Self::Unreadable(_) | Self::Differs(_) => {
                "the ledger may be damaged; if not, this is a fault of qcert: please report it"
            }
        }
    }
}

/// Whether verifiers obey a list that this root signs (RFC 5280 4.2.1.3). Qlik's own root has no keyUsage and may.
pub fn may_sign(root: &Certificate) -> Result<(), ListError> {
    match root.extensions().key_usage {
        Some(usage) if !usage.crl_sign() => Err(ListError::MayNotSign(root.title())),
        _ => Ok(()),
    }
}

impl NewList<'_> {
    /// The signed list, read back and judged.
    pub fn sign(&self, authority: &Authority) -> Result<RevocationList, ListError> {
        let root = authority.certificate();
        may_sign(root)?;
        let algorithm = der::sequence(&[&der::oid(SHA256_WITH_RSA), der::NULL]);
        let key_id = root.subject_key_id().map_or_else(|| root.key_id(), <[u8]>::to_vec);
        let extensions = der::sequence(&[
            &extension(AUTHORITY_KEY_ID, &der::sequence(&[&der::encode(tag::context(0), &key_id)])),
            &extension(CRL_NUMBER, &der::unsigned(self.number)),
        ]);
        let signed_part = der::sequence(&[
            // Version 2, counted from 0.
            &der::unsigned(1),
            &algorithm,
            root.subject(),
            &time(self.this_update)?,
            &time(self.next_update)?,
            &self.entries()?,
            &der::encode(tag::constructed(0), &extensions),
        ]);
        let signature = authority.key().sign(&signed_part)?;
        let whole = der::sequence(&[&signed_part, &algorithm, &der::bit_string(&signature)]);
        let list = RevocationList::parse(&whole).map_err(ListError::Unreadable)?;
        self.judge(&list, authority)?;
        Ok(list)
    }

    /// An empty list must not be written at all (RFC 5280 5.1.2.6).
    fn entries(&self) -> Result<Vec<u8>, ListError> {
        let entries = self.revoked.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        Ok(if entries.is_empty() { Vec::new() } else { der::encode(tag::SEQUENCE, &entries.concat()) })
    }

    fn judge(&self, list: &RevocationList, authority: &Authority) -> Result<(), ListError> {
        let root = authority.certificate();
        let whole = |time: OffsetDateTime| time.unix_timestamp();
        let next = list.next_update.map(whole);
        let entries = |revoked: &[Revoked]| {
            let one =
                |one: &Revoked| (one.serial.clone(), whole(one.at), one.reason.unwrap_or(super::Reason::Unspecified));
            revoked.iter().map(one).collect::<Vec<_>>()
        };
        let checks = [
            ("issuer", list.is_of(root)),
            ("number", list.number_as_u64() == Some(self.number)),
            ("date", whole(list.this_update) == whole(self.this_update) && next == Some(whole(self.next_update))),
            ("entries", entries(&list.revoked) == entries(self.revoked)),
        ];
        checks.iter().find(|(_, holds)| !holds).map_or(Ok(()), |(what, _)| Err(ListError::Differs(what)))
    }
}

fn entry(revoked: &Revoked) -> Result<Vec<u8>, ListError> {
    let bad = || ListError::Serial(revoked.serial.clone());
    let serial = super::octets(&revoked.serial).ok_or_else(bad)?;
    // Unspecified is said by saying nothing (RFC 5280 5.3.1).
    let reason = revoked.reason.map(super::Reason::number).filter(|number| *number != 0);
    let extensions =
        reason.map(|number| der::sequence(&[&extension(REASON_CODE, &der::encode(tag::ENUMERATED, &[number]))]));
    Ok(der::sequence(&[&der::large_unsigned(&serial), &time(revoked.at)?, &extensions.unwrap_or_default()]))
}

fn extension(oid: &[u8], content: &[u8]) -> Vec<u8> {
    der::sequence(&[&der::oid(oid), &der::octet_string(content)])
}

/// UTCTime through 2049, GeneralizedTime from then on (RFC 5280 5.1.2.4).
fn time(time: OffsetDateTime) -> Result<Vec<u8>, ListError> {
    const SHORT: &[FormatItem<'_>] = format_description!("[year repr:last_two][month][day][hour][minute][second]Z");
    const LONG: &[FormatItem<'_>] = format_description!("[year][month][day][hour][minute][second]Z");
    let time = time.checked_to_offset(time::UtcOffset::UTC).ok_or(ListError::Range)?;
    let (tag, form) = match time.year() {
        1950..2050 => (tag::UTC_TIME, SHORT),
        2050..=9999 => (tag::GENERALIZED_TIME, LONG),
        _ => return Err(ListError::Range),
    };
    Ok(der::encode(tag, time.format(form).map_err(|_| ListError::Range)?.as_bytes()))
}

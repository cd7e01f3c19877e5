//! The content of the extensions that a judgement rests on, read strictly: nothing missing, nothing left over.
//!
//! x509-parser passes over what follows a value, over `minimum` and `maximum`, and over empty lists.

use super::super::der::{Reader, Value, dotted, tag};
use super::extensions::{AuthorityKeyId, BasicConstraints, NameConstraints};
use super::names::GeneralName;

/// The one value that fills the extension.
fn whole(value: &[u8], wanted: u8) -> Option<Value<'_>> {
    let found = Reader::new(value).expect(wanted, "the content").ok()?;
    (found.encoding.len() == value.len()).then_some(found)
}

/// RFC 5280 4.2.1.9. An explicit FALSE is not DER, but common.
pub(super) fn basic_constraints(value: &[u8], critical: bool) -> Option<BasicConstraints> {
    let mut fields = whole(value, tag::SEQUENCE)?.inside();
    let ca = match fields.optional(tag::BOOLEAN).ok()? {
        Some(flag) => match flag.content {
            [0] => false,
            [0xff] => true,
            _ => return None,
        },
        None => false,
    };
    let path_length = match fields.optional(tag::INTEGER).ok()? {
        // More than any chain has is as good as no limit.
        Some(number) => Some(u32::try_from(number.unsigned().ok()?).unwrap_or(u32::MAX)),
        None => None,
    };
    fields.is_empty().then_some(BasicConstraints { ca, path_length, critical })
}

/// RFC 5280 4.2.1.3: bit 0 first.
pub(super) fn key_usage(value: &[u8]) -> Option<u16> {
    let (unused, octets) = whole(value, tag::BIT_STRING)?.content.split_first()?;
    if *unused > 7 || (octets.is_empty() && *unused > 0) || octets.len() > 2 {
        return None;
    }
    Some(octets.iter().rev().fold(0, |bits, octet| bits << 8 | u16::from(octet.reverse_bits())))
}

/// RFC 5280 4.2.1.12: at least one.
pub(super) fn purposes(value: &[u8]) -> Option<Vec<String>> {
    let mut list = whole(value, tag::SEQUENCE)?.inside();
    let mut purposes = Vec::new();
    while !list.is_empty() {
        purposes.push(dotted(list.expect(tag::OID, "a purpose").ok()?.content));
    }
    (!purposes.is_empty()).then_some(purposes)
}

/// RFC 5280 4.2.1.6: at least one. A name with impossible content is kept as such.
pub(super) fn names(value: &[u8]) -> Option<Vec<GeneralName>> {
    let mut list = whole(value, tag::SEQUENCE)?.inside();
    let mut names = Vec::new();
    while !list.is_empty() {
        names.push(GeneralName::read(list.value().ok()?)?);
    }
    (!names.is_empty()).then_some(names)
}

/// RFC 5280 4.2.1.10: one of the two lists at least, and in each at least one name.
pub(super) fn name_constraints(value: &[u8]) -> Option<NameConstraints> {
    let mut fields = whole(value, tag::SEQUENCE)?.inside();
    let permitted = fields.optional(tag::constructed(0)).ok()?.map(subtrees);
    let excluded = fields.optional(tag::constructed(1)).ok()?.map(subtrees);
    if !fields.is_empty() || (permitted.is_none() && excluded.is_none()) {
        return None;
    }
    let sound = |list: Option<Option<Vec<GeneralName>>>| match list {
        Some(None) => None,
        Some(Some(list)) => Some(Some(list)),
        None => Some(None),
    };
    Some(NameConstraints { permitted: sound(permitted)?, excluded: sound(excluded)? })
}

/// `minimum` must be 0 and `maximum` absent.
fn subtrees(list: Value<'_>) -> Option<Vec<GeneralName>> {
    let mut list = list.inside();
    let mut bases = Vec::new();
    while !list.is_empty() {
        let mut subtree = list.expect(tag::SEQUENCE, "a subtree").ok()?.inside();
        bases.push(GeneralName::read(subtree.value().ok()?)?);
        if let Some(minimum) = subtree.optional(tag::context(0)).ok()? {
            (minimum.content == [0]).then_some(())?;
        }
        subtree.is_empty().then_some(())?;
    }
    (!bases.is_empty()).then_some(bases)
}

pub(super) fn key_id(value: &[u8]) -> Option<Vec<u8>> {
    whole(value, tag::OCTET_STRING).map(|id| id.content.to_vec())
}

/// RFC 5280 4.2.1.1.
pub(super) fn authority_key_id(value: &[u8]) -> Option<AuthorityKeyId> {
    let mut fields = whole(value, tag::SEQUENCE)?.inside();
    let key_id = fields.optional(tag::context(0)).ok()?.map(|id| id.content.to_vec());
    let issuer = fields.optional(tag::constructed(1)).ok()?;
    let serial = fields.optional(tag::context(2)).ok()?;
    let has_issuer_or_serial = issuer.is_some() || serial.is_some();
    fields.is_empty().then_some(AuthorityKeyId { key_id, has_issuer_or_serial })
}

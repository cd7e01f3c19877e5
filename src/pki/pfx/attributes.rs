//! Bag attributes: the names and markers Windows hangs on keys and certificates (RFC 7292 4.2, RFC 2985 5.5, and two of
//! Microsoft's own). Unknown ones are passed over.

use super::super::der::{self, DerError, Reader, Value, tag};
use super::BagAttributes;

const FRIENDLY_NAME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 20];
const LOCAL_KEY_ID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 21];
/// `szOID_KEY_PROVIDER_NAME`, 1.3.6.1.4.1.311.17.1.
const PROVIDER: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 17, 1];
/// `szOID_LOCAL_MACHINE_KEYSET`, 1.3.6.1.4.1.311.17.2; says it by being there.
const MACHINE_KEYSET: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 17, 2];

/// The SET OF attributes, in DER order. The name is written without the terminator Windows adds.
pub(super) fn encode(attributes: &BagAttributes) -> Vec<u8> {
    let text = |text: &String| {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        der::encode(tag::BMP_STRING, &units)
    };
    let attribute = |oid, value: &[u8]| der::sequence(&[&der::oid(oid), &der::set(&[value])]);
    let mut encoded: Vec<Vec<u8>> = [
        attributes.friendly_name.as_ref().map(|name| attribute(FRIENDLY_NAME, &text(name))),
        attributes.local_key_id.as_ref().map(|id| attribute(LOCAL_KEY_ID, &der::octet_string(id))),
        attributes.provider.as_ref().map(|name| attribute(PROVIDER, &text(name))),
        attributes.machine_keyset.then(|| attribute(MACHINE_KEYSET, &[])),
    ]
    .into_iter()
    .flatten()
    .collect();
    encoded.sort();
    der::encode(tag::SET, &encoded.concat())
}

pub(super) fn parse(set: Value<'_>) -> Result<BagAttributes, DerError> {
    let mut found = BagAttributes::default();
    let mut attributes = set.inside();
    while !attributes.is_empty() {
        let mut attribute = attributes.expect(tag::SEQUENCE, "a bag attribute")?.inside();
        let oid = attribute.expect(tag::OID, "a bag attribute's identifier")?.content;
        let values = attribute.expect(tag::SET, "a bag attribute's values")?;
        match oid {
            FRIENDLY_NAME => {
                let name = text(values)?;
                let unterminated = name.as_deref().and_then(|name| name.strip_suffix('\0')).map(str::to_owned);
                found.friendly_name_terminated = unterminated.is_some();
                found.friendly_name = unterminated.or(name);
            }
            LOCAL_KEY_ID => {
                let id = values.inside().optional(tag::OCTET_STRING)?;
                found.local_key_id = id.map(|id| id.content.to_vec());
            }
            PROVIDER => found.provider = text(values)?.map(|name| name.trim_end_matches('\0').to_owned()),
            MACHINE_KEYSET => found.machine_keyset = true,
            _ => {}
        }
    }
    Ok(found)
}

/// The BMPString in the set, if there is one. What is not UTF-16 is replaced, for it is only shown.
fn text(values: Value<'_>) -> Result<Option<String>, DerError> {
    let value = Reader::new(values.content).optional(tag::BMP_STRING)?;
    Ok(value.map(|value| {
        let units: Vec<u16> = value.content.as_chunks().0.iter().map(|octets| u16::from_be_bytes(*octets)).collect();
        String::from_utf16_lossy(&units)
    }))
}

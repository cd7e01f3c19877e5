//! What a person is told: what the new form has no place for, and what there is twice.

use super::super::der::{Reader, dotted, tag};
use super::super::pfx::BagAttributes;
use super::super::profile::Role;
use super::super::public_key::KeyAlgorithm;
use super::Target;
use super::gather::{HeldKey, HeldPfx, Holdings};
use super::names::role;
use super::units::Unit;
use super::write::Wish;
use std::collections::BTreeSet;

/// Of `BagAttributes`.
const KNOWN: [&str; 4] =
    ["1.2.840.113549.1.9.20", "1.2.840.113549.1.9.21", "1.3.6.1.4.1.311.17.1", "1.3.6.1.4.1.311.17.2"];

/// What is in the files that were read and will not be in the new ones.
pub(super) fn lost(holdings: &Holdings, wish: &Wish<'_>) -> Vec<String> {
    let mut lost = Vec::new();
    for pfx in &holdings.pfx {
        if wish.target == Target::Pfx {
            if pfx.rest.nested {
                lost.push(format!("the bags that lay one in the other in `{}` now lie side by side", pfx.file));
            }
            continue;
        }
        let (file, form) = (&pfx.file, wish.target.word());
        let attributes = attributes(pfx);
        if !attributes.is_empty() {
            lost.push(format!("{form} has no place for what `{file}` says beside: {}", attributes.join(", ")));
        }
        if !pfx.skipped.is_empty() {
            lost.push(format!("left out: `{file}` also holds {}", pfx.skipped.join(", ")));
        }
    }
    if wish.target == Target::Pem && wish.password.is_none() {
        let keys = holdings.pfx.iter().flat_map(|pfx| &pfx.keys).chain(&holdings.keys);
        for key in keys.filter(|key| rsa_inside(key).is_some() && has_attributes(key)) {
            lost.push(format!(
                "Qlik's form of an open key has no place for what the key in `{}` says of its use",
                key.from.file
            ));
        }
    }
    lost
}

fn attributes(pfx: &HeldPfx) -> Vec<String> {
    let of_certificates = pfx.certificates.iter().map(|held| (&held.from, "friendly name"));
    let of_keys = pfx.keys.iter().map(|held| (&held.from, "key container"));
    let mut found = Vec::new();
    let mut note = |text: String| {
        if !found.contains(&text) {
            found.push(text);
        }
    };
    for (from, named) in of_certificates.chain(of_keys) {
        let BagAttributes { friendly_name, local_key_id, provider, machine_keyset, .. } = &from.attributes;
        if let Some(name) = friendly_name {
            note(format!("{named} `{name}`"));
        }
        if let Some(provider) = provider {
            note(format!("provider `{provider}`"));
        }
        if *machine_keyset {
            note("the mark for the machine's key store".to_owned());
        }
        if local_key_id.is_some() {
            note("local key id".to_owned());
        }
        for oid in unknown(&from.attributes_der) {
            note(format!("attribute {oid}"));
        }
    }
    found
}

fn unknown(attributes_der: &[u8]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let Ok(set) = Reader::new(attributes_der).expect(tag::SET, "attributes") else { return found };
    let mut attributes = set.inside();
    while let Ok(attribute) = attributes.value() {
        if let Ok(oid) = attribute.inside().expect(tag::OID, "an identifier") {
            let oid = dotted(oid.content);
            if !KNOWN.contains(&oid.as_str()) {
                found.insert(oid);
            }
        }
    }
    found
}

/// The PKCS#1 key in a plain RSA key's PKCS#8.
pub(super) fn rsa_inside(key: &HeldKey) -> Option<&[u8]> {
    if !matches!(key.public.algorithm(), KeyAlgorithm::Rsa { .. }) {
        return None;
    }
    let mut fields = Reader::new(key.pkcs8.expose()).value().ok()?.inside();
    fields.expect(tag::INTEGER, "the version").ok()?;
    fields.expect(tag::SEQUENCE, "the algorithm").ok()?;
    Some(fields.expect(tag::OCTET_STRING, "the key").ok()?.content)
}

/// Attributes of PKCS#8 (RFC 5958 2): Windows notes there whether a key is for exchange or for signatures.
fn has_attributes(key: &HeldKey) -> bool {
    let Ok(outer) = Reader::new(key.pkcs8.expose()).value() else { return false };
    let mut fields = outer.inside();
    for _ in 0..3 {
        if fields.value().is_err() {
            return false;
        }
    }
    !fields.is_empty()
}

/// Different certificates of one role.
pub(super) fn doubles(named: &[(String, Unit<'_>)]) -> Vec<String> {
    let mut said = Vec::new();
    for wanted in [Role::Root, Role::Server, Role::Client] {
        let mut found: Vec<(&[u8], String)> = Vec::new();
        for (name, unit) in named {
            for part in &unit.certificates {
                let (certificate, from) = (&part.held.certificate, &part.held.from.file);
                if role(certificate) == Some(wanted) && !found.iter().any(|(der, _)| *der == certificate.der()) {
                    found.push((certificate.der(), format!("`{name}` (from `{from}`)")));
                }
            }
        }
        if let [_, _, ..] = found[..] {
            let places: Vec<_> = found.into_iter().map(|(_, place)| place).take(MOST).collect();
            said.push(format!("there are several {} certificates: {}", wanted.word(), places.join(", ")));
        }
    }
    said
}

const MOST: usize = 8;

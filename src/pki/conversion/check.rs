//! Reads the new files as anybody would and compares what is in them with what was to be in them.

use super::super::der::{Reader, tag};
use super::super::encryption::Derivations;
use super::super::inventory::{self, FileContent, InFile, Key, Object, What};
use super::super::pfx::Rest;
use super::super::secret::{Password, Secret};
use super::write::{Conversion, NewFile};
use super::{ConversionError, Target};

impl Conversion<'_> {
    /// What the new files hold, after it proved to be the same. `derivations` are those of the writing.
    pub fn check(
        &self,
        password: Option<&Password>,
        derivations: &Derivations,
    ) -> Result<Vec<FileContent>, ConversionError> {
        let passwords = password.map_or(&[][..], std::slice::from_ref);
        self.files.iter().map(|file| one(file, passwords, derivations)).collect()
    }
}

fn one(file: &NewFile<'_>, passwords: &[Password], derivations: &Derivations) -> Result<FileContent, ConversionError> {
    let bytes = Ok(Secret::new(file.bytes.expose().to_vec()));
    let read = InFile { path: file.name.clone(), bytes, others_may_read: false, tracked_by_git: false };
    let content = inventory::read_with_keys(read, passwords, derivations);
    match compare(file, &content) {
        None => Ok(content),
        Some(what) => Err(ConversionError::NotTheSame { file: file.name.clone(), what }),
    }
}

/// What is not the same.
fn compare(file: &NewFile<'_>, content: &FileContent) -> Option<&'static str> {
    let unit = &file.unit;
    let [Object { what, .. }] = &content.objects[..] else { return Some("it is not one object") };
    let (mut certificates, mut keys) = (Vec::new(), Vec::new());
    let none = Rest::default();
    let mut rest = &none;
    let entries: Vec<(&What, &[u8])> = match what {
        What::Pfx(pfx) if unit.target == Target::Pfx => {
            rest = &pfx.rest;
            if pfx.trailing_bytes > 0 || pfx.mac.as_ref().is_none_or(|mac| !mac.checked) {
                return Some("its integrity check");
            }
            pfx.entries.iter().map(|entry| (&entry.object.what, &entry.attributes_der[..])).collect()
        }
        What::Certificate(_) | What::Key(_) if unit.target != Target::Pfx => vec![(what, &[])],
        _ => return Some("its kind"),
    };
    for (what, attributes) in entries {
        match what {
            What::Certificate(certificate) => certificates.push((certificate.der(), attributes)),
            What::Key(Key { private: Some(pkcs8), .. }) => keys.push((pkcs8, attributes)),
            _ => return Some("what is in it"),
        }
    }
    let bagged = unit.target == Target::Pfx;
    let wanted = unit.certificates.iter().map(|part| (part.held.certificate.der(), &*part.attributes));
    if !same(certificates.into_iter(), wanted, |one, other| one.0 == other.0 && (!bagged || one.1 == other.1)) {
        return Some("a certificate or its attributes");
    }
    let wanted = unit.keys.iter().map(|part| (&part.held.pkcs8, &*part.attributes));
    // Where it stands in its own form, what encloses it in PKCS#8 is not written.
    let same_key = |one: &Secret, other: &Secret| {
        one.expose() == other.expose() || !bagged && inside(one).is_some() && inside(one) == inside(other)
    };
    if !same(keys.into_iter(), wanted, |one, other| same_key(one.0, other.0) && (!bagged || one.1 == other.1)) {
        return Some("a private key or its attributes");
    }
    let octets = |parts: &Vec<Secret>| parts.iter().map(|part| part.expose().to_vec()).collect::<Vec<_>>();
    let bags: Vec<_> = unit.rests.iter().flat_map(|pfx| octets(&pfx.rest.bags)).collect();
    let contents: Vec<_> = unit.rests.iter().flat_map(|pfx| octets(&pfx.rest.contents)).collect();
    (octets(&rest.bags) != bags || octets(&rest.contents) != contents).then_some("a further bag")
}

fn same<T>(
    mut one: impl Iterator<Item = T>,
    mut other: impl Iterator<Item = T>,
    equal: impl Fn(&T, &T) -> bool,
) -> bool {
    loop {
        match (one.next(), other.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if equal(&one, &other) => {}
            _ => return false,
        }
    }
}

/// The identifier of a PKCS#8 key's algorithm, and the key itself.
fn inside(pkcs8: &Secret) -> Option<(&[u8], &[u8])> {
    let mut fields = Reader::new(pkcs8.expose()).value().ok()?.inside();
    fields.expect(tag::INTEGER, "the version").ok()?;
    let algorithm = fields.expect(tag::SEQUENCE, "the algorithm").ok()?;
    let oid = algorithm.inside().expect(tag::OID, "the algorithm").ok()?.content;
    Some((oid, fields.expect(tag::OCTET_STRING, "the key").ok()?.content))
}

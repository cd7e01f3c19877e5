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
    let equal = |one: &&Secret, other: &&Secret| one.expose() == other.expose();
    let bags = unit.rests.iter().flat_map(|pfx| &pfx.rest.bags);
    let contents = unit.rests.iter().flat_map(|pfx| &pfx.rest.contents);
    let is_whole = same(rest.bags.iter(), bags, equal) && same(rest.contents.iter(), contents, equal);
    (!is_whole).then_some("a further bag")
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

#[cfg(test)]
mod tests {
    use super::super::super::entropy::SystemEntropy;
    use super::super::super::pfx::{BagAttributes, PfxEncryption};
    use super::super::write::Wish;
    use super::super::{Holdings, gather};
    use super::*;
    use std::borrow::Cow;

    const SOUND: &str = "fixtures/validate/sound-pfx-with-root/";

    fn holdings() -> Holdings {
        let client = include_bytes!("../../../fixtures/validate/sound-pfx-with-root/client.pfx").to_vec();
        let server = include_bytes!("../../../fixtures/validate/sound-pfx-with-root/server.pfx").to_vec();
        let read = |name: &str, bytes| {
            let path = format!("{SOUND}{name}");
            let file = InFile { path, bytes: Ok(Secret::new(bytes)), others_may_read: false, tracked_by_git: false };
            inventory::read_with_keys(file, &[], &Derivations::default())
        };
        gather(vec![read("client.pfx", client), read("server.pfx", server)]).unwrap()
    }

    /// Converts, spoils it, and gives what the check says.
    fn spoilt(target: Target, spoil: impl FnOnce(&mut Conversion<'_>)) -> Option<&'static str> {
        let holdings = holdings();
        let wish = Wish { target, pfx: PfxEncryption::Modern, password: None, one: None };
        let derivations = Derivations::default();
        let mut conversion = holdings.convert(&wish, &mut SystemEntropy, &derivations).unwrap();
        conversion.check(None, &derivations).unwrap();
        spoil(&mut conversion);
        match conversion.check(None, &derivations) {
            Ok(_) => None,
            Err(ConversionError::NotTheSame { what, .. }) => Some(what),
            Err(error) => panic!("{error}"),
        }
    }

    fn swap_bytes(conversion: &mut Conversion<'_>, one: usize, other: usize) {
        let bytes = |at: usize| Secret::new(conversion.files[at].bytes.expose().to_vec());
        let (first, second) = (bytes(one), bytes(other));
        conversion.files[one].bytes = second;
        conversion.files[other].bytes = first;
    }

    #[test]
    fn whatever_is_not_the_same_is_noticed() {
        assert_eq!(spoilt(Target::Pem, |_| ()), None);
        for target in [Target::Pem, Target::Der] {
            let names = |name: &str| holdings_names(target).iter().position(|known| known.starts_with(name)).unwrap();
            let (client, key) = (names("client."), names("client_key."));
            let (server, server_key) = (names("server."), names("server_key."));
            let certificate = Some("a certificate or its attributes");
            assert_eq!(spoilt(target, |files| swap_bytes(files, client, server)), certificate);
            assert_eq!(
                spoilt(target, |files| swap_bytes(files, key, server_key)),
                Some("a private key or its attributes")
            );
            assert_eq!(spoilt(target, |files| swap_bytes(files, client, key)), certificate);
        }
        assert!(spoilt(Target::Pfx, |files| swap_bytes(files, 0, 1)).is_some());
        let cut = |conversion: &mut Conversion<'_>| {
            let bytes = conversion.files[0].bytes.expose();
            conversion.files[0].bytes = Secret::new(bytes[..bytes.len() - 1].to_vec());
        };
        assert!(spoilt(Target::Pfx, cut).is_some());
        let stray = |conversion: &mut Conversion<'_>| {
            conversion.files[0].bytes = Secret::new([conversion.files[0].bytes.expose(), &[0]].concat());
        };
        assert_eq!(spoilt(Target::Pfx, stray), Some("its integrity check"));
    }

    /// Neither a name nor a bag may get lost.
    #[test]
    fn attributes_and_bags_count() {
        let renamed = BagAttributes { friendly_name: Some("other".to_owned()), ..BagAttributes::default() }.der();
        let name = |conversion: &mut Conversion<'_>| {
            conversion.files[0].unit.certificates[0].attributes = Cow::Owned(renamed.clone());
        };
        assert_eq!(spoilt(Target::Pfx, name), Some("a certificate or its attributes"));
        let key = |conversion: &mut Conversion<'_>| {
            conversion.files[0].unit.keys[0].attributes = Cow::Owned(renamed.clone());
        };
        assert_eq!(spoilt(Target::Pfx, key), Some("a private key or its attributes"));
        let fewer = |conversion: &mut Conversion<'_>| drop(conversion.files[0].unit.certificates.pop());
        assert_eq!(spoilt(Target::Pfx, fewer), Some("a certificate or its attributes"));
    }

    fn holdings_names(target: Target) -> Vec<String> {
        let holdings = holdings();
        let wish = Wish { target, pfx: PfxEncryption::Modern, password: None, one: None };
        let conversion = holdings.convert(&wish, &mut SystemEntropy, &Derivations::default()).unwrap();
        conversion.files.into_iter().map(|file| file.name).collect()
    }
}

//! PFX of drawn contents, converted there and back: certificates, keys, attributes and whatever else lies in them.

use super::{draw, passwords, read};
use crate::workshop::{Fixed, Workshop, key};
use qcert::pki::conversion::{self, Target, Wish};
use qcert::pki::der::{self, tag};
use qcert::pki::encryption::Derivations;
use qcert::pki::entropy::Entropy as _;
use qcert::pki::inventory::{FileContent, What};
use qcert::pki::pfx::{Bag, Contents, PfxEncryption};
use qcert::pki::profile::Profile;
use qcert::pki::secret::{Password, Secret};
use std::collections::BTreeSet;

const CASES: usize = 60;

/// Certificates and keys with the SETs of their attributes, and further bags.
#[derive(Debug, Default, PartialEq, Eq, Clone)]
struct Held {
    certificates: BTreeSet<(Vec<u8>, Vec<u8>)>,
    keys: BTreeSet<(Vec<u8>, Vec<u8>)>,
    bags: BTreeSet<Vec<u8>>,
}

impl Held {
    fn of(files: &[FileContent]) -> Self {
        let mut held = Self::default();
        for object in files.iter().flat_map(|file| &file.objects) {
            match &object.what {
                What::Pfx(pfx) => {
                    for entry in &pfx.entries {
                        held.add(&entry.object.what, &entry.attributes_der);
                    }
                    held.bags.extend(pfx.rest.bags.iter().map(|bag| bag.expose().to_vec()));
                }
                what => held.add(what, &[]),
            }
        }
        held
    }

    fn add(&mut self, what: &What, attributes: &[u8]) {
        let attributes = attributes.to_vec();
        match what {
            What::Certificate(certificate) => drop(self.certificates.insert((certificate.der().to_vec(), attributes))),
            What::Key(key) => {
                let private = key.private.as_ref().unwrap_or_else(|| panic!("{key:?}"));
                self.keys.insert((private.expose().to_vec(), attributes));
            }
            other => panic!("{other:?}"),
        }
    }

    /// Without attributes and further bags, which PEM and DER have no place for.
    fn bare(&self) -> [BTreeSet<Vec<u8>>; 2] {
        [&self.certificates, &self.keys].map(|all| all.iter().map(|(value, _)| value.clone()).collect())
    }

    fn write(&self, encryption: PfxEncryption, password: Option<&Password>, known: &Derivations) -> Secret {
        fn bags(all: &BTreeSet<(Vec<u8>, Vec<u8>)>) -> Vec<Bag<'_>> {
            all.iter().map(|(value, attributes)| Bag { value, attributes }).collect()
        }
        let contents = Contents {
            certificates: bags(&self.certificates),
            keys: bags(&self.keys),
            bags: self.bags.iter().map(Vec::as_slice).collect(),
            contents: Vec::new(),
        };
        contents.write(encryption, password, &mut Fixed(9), known).unwrap()
    }
}

fn attribute(oid: &[u8], value: &[u8]) -> Vec<u8> {
    der::sequence(&[&der::oid(oid), &der::set(&[value])])
}

/// Names in any script, key numbers of any length, marks of Windows, and what nobody knows; or none at all.
fn attributes(random: &mut Fixed) -> Vec<u8> {
    const PKCS9: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9];
    const MICROSOFT: [u8; 8] = [0x2b, 6, 1, 4, 1, 0x82, 0x37, 17];
    let names = ["QlikClient", "QlikClient\0", "", "Größe", "サーバー", "🔑", "a\"b\\c\n\u{202e}"];
    let mut parts = Vec::new();
    if draw(random, 4) > 0 {
        let text = names[draw(random, names.len())];
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        parts.push(attribute(&[&PKCS9[..], &[20]].concat(), &der::encode(tag::BMP_STRING, &units)));
    }
    if draw(random, 3) > 0 {
        let mut id = vec![0; draw(random, 24)];
        random.fill(&mut id).unwrap();
        parts.push(attribute(&[&PKCS9[..], &[21]].concat(), &der::octet_string(&id)));
    }
    if draw(random, 3) == 0 {
        parts.push(der::sequence(&[&der::oid(&[&MICROSOFT[..], &[2]].concat()), &der::set(&[])]));
    }
    if draw(random, 3) == 0 {
        parts.push(attribute(&[0x2a, 3, 4, 5], &der::sequence(&[&der::unsigned(7), der::NULL])));
    }
    if parts.is_empty() { Vec::new() } else { der::set(&[&parts.concat()]) }
}

/// A CRL, a secret, or a bag of a type that nobody has.
fn bag(random: &mut Fixed) -> Vec<u8> {
    let kind: &[u8] = [&[4][..], &[5], &[99]][draw(random, 3)];
    let id = [&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1], kind].concat();
    let mut octets = vec![0; draw(random, 300)];
    random.fill(&mut octets).unwrap();
    let value = der::encode(tag::constructed(0), &der::sequence(&[&der::oid(&[0x2a, 3]), &der::octet_string(&octets)]));
    der::sequence(&[&der::oid(&id), &value, &attributes(random)])
}

fn drawn(random: &mut Fixed) -> Held {
    let workshop = Workshop::new(Profile::Compatible);
    let bundle = workshop.bundle();
    let mut certificates: Vec<&[u8]> = vec![workshop.authority.certificate().der()];
    certificates.extend(bundle.leaves.iter().map(|(_, leaf)| leaf.certificate().der()));
    let keys = ["server", "client", "other"].map(|name| key(name).pkcs8().expose().to_vec());
    let mut held = Held::default();
    for certificate in certificates {
        if draw(random, 2) == 0 {
            held.certificates.insert((certificate.to_vec(), attributes(random)));
        }
    }
    for key in keys {
        if draw(random, 3) == 0 || held.certificates.is_empty() {
            held.keys.insert((key, attributes(random)));
        }
    }
    for _ in 0..draw(random, 3) {
        held.bags.insert(bag(random));
    }
    held
}

/// The new files, read with their password, and what is said about them.
fn convert(
    files: Vec<FileContent>,
    target: Target,
    password: Option<&Password>,
) -> (Vec<(String, Secret)>, Vec<String>) {
    let holdings = conversion::gather(files).unwrap();
    let wish = Wish { target, pfx: PfxEncryption::Legacy, password, one: None };
    let known = Derivations::default();
    let made = holdings.convert(&wish, &mut Fixed(11), &known).unwrap();
    made.check(password, &known).unwrap();
    let files = made.files.iter().map(|file| (file.name.clone(), Secret::new(file.bytes.expose().to_vec())));
    (files.collect(), made.remarks.clone())
}

fn opened(files: &[(String, Secret)], password: Option<&Password>) -> Vec<FileContent> {
    let known = Derivations::default();
    files.iter().map(|(name, bytes)| read(name, bytes, password, &known)).collect()
}

#[test]
fn a_pfx_under_another_password_holds_the_same() {
    let (mut random, passwords) = (Fixed(21), passwords());
    for case in 0..CASES {
        let held = drawn(&mut random);
        let before = passwords.get(draw(&mut random, passwords.len() + 3));
        let after = passwords.get(draw(&mut random, passwords.len() + 3));
        let encryption = if case % 8 == 0 { PfxEncryption::Modern } else { PfxEncryption::Legacy };
        let known = Derivations::default();
        let old = read("old.pfx", &held.write(encryption, before, &known), before, &known);
        assert_eq!(Held::of(std::slice::from_ref(&old)), held, "case {case}");
        let (new, _) = convert(vec![old], Target::Pfx, after);
        assert_eq!(new.len(), 1, "case {case}");
        assert_eq!(Held::of(&opened(&new, after)), held, "case {case}");
    }
}

/// Certificates and keys come back; that attributes and bags have no place there is said.
#[test]
fn through_pem_and_der_and_back_nothing_is_lost_in_silence() {
    let (mut random, passwords) = (Fixed(22), passwords());
    for case in 0..CASES {
        let held = drawn(&mut random);
        let target = if case % 2 == 0 { Target::Pem } else { Target::Der };
        // An encrypted PEM key costs a hundred thousand rounds.
        let password = if case % 16 == 0 { passwords.get(draw(&mut random, passwords.len())) } else { None };
        let known = Derivations::default();
        let old = read("old.pfx", &held.write(PfxEncryption::Legacy, None, &known), None, &known);
        let (open, remarks) = convert(vec![old], target, password);
        let between = opened(&open, password);
        assert_eq!(Held::of(&between).bare(), held.bare(), "case {case}");
        assert!(held.bags.is_empty() || !remarks.is_empty(), "case {case}: bags were lost in silence");
        let (new, _) = convert(between, Target::Pfx, password);
        assert_eq!(Held::of(&opened(&new, password)).bare(), held.bare(), "case {case}");
    }
}

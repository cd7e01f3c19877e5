//! A writer of certificates that says exactly what it is told, right or wrong. `root`, `server` and `client` begin as a
//! Qlik release of 2022 makes them (measured on real exports); each method bends one field.

use super::key::{Algorithm, Key, key};
use super::workshop::Fixed;
use qcert::pki::certificate::key_id;
use qcert::pki::der::{self, tag};
use qcert::pki::profile::Role;
use qcert::pki::serial::{Serial, SerialKind};
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

pub(crate) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
pub(crate) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
pub(crate) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
pub(crate) const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 17];
pub(crate) const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 30];
pub(crate) const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 14];
pub(crate) const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];
pub(crate) const MARKER: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 13, 3];
pub(crate) const SECRETS: [&[u8]; 2] = [&[0x2b, 6, 1, 5, 5, 7, 13, 1], &[0x2b, 6, 1, 5, 5, 7, 13, 2]];
pub(crate) const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
pub(crate) const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
pub(crate) const EMAIL: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 4];

pub(crate) const DIGITAL_SIGNATURE: u8 = 0x80;
pub(crate) const KEY_ENCIPHERMENT: u8 = 0x20;
pub(crate) const CERTIFICATE_SIGN: u8 = 0x04;
pub(crate) const CRL_SIGN: u8 = 0x02;

pub(crate) const ROOT_MADE: OffsetDateTime = datetime!(2022-02-01 08:15:30 UTC);
pub(crate) const LEAVES_MADE: OffsetDateTime = datetime!(2022-03-05 10:20:30 UTC);

#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// The number in the encoding: 2 is version 3; without it, it is version 1.
    pub(crate) version: Option<u64>,
    /// The content of the INTEGER.
    pub(crate) serial: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) dates: [OffsetDateTime; 2],
    pub(crate) key: &'static Key,
    pub(crate) info: Vec<u8>,
    pub(crate) extensions: Vec<(Vec<u8>, bool, Vec<u8>)>,
    pub(crate) signer: &'static Key,
    pub(crate) algorithm: Algorithm,
    /// The algorithm beside the signature, where it is to differ.
    pub(crate) outer: Option<Algorithm>,
}

/// A serial as Qlik draws them; the same for the same text.
pub(crate) fn serial(seed: &str) -> Vec<u8> {
    static DRAWN: OnceLock<Mutex<BTreeMap<String, Vec<u8>>>> = OnceLock::new();
    let mut drawn = DRAWN.get_or_init(Mutex::default).lock().unwrap();
    let draw = || {
        let number = seed.bytes().fold(5381u32, |hash, octet| hash.wrapping_mul(33) ^ u32::from(octet));
        Serial::draw(SerialKind::Prime, &mut Fixed(number)).unwrap().integer().to_vec()
    };
    drawn.entry(seed.to_owned()).or_insert_with(draw).clone()
}

/// Seven days back, ten years ahead: Qlik's dates for what is made at this time.
pub(crate) fn qliks_dates(made: OffsetDateTime) -> [OffsetDateTime; 2] {
    [made - Duration::days(7), made.replace_year(made.year() + 10).unwrap()]
}

/// A distinguished name of attributes with their encoded identifier and string tag.
pub(crate) fn name(attributes: &[(&[u8], u8, &str)]) -> Vec<u8> {
    let one = |(oid, tag, text): &(&[u8], u8, &str)| {
        der::set(&[&der::sequence(&[&der::oid(oid), &der::encode(*tag, text.as_bytes())])])
    };
    der::encode(tag::SEQUENCE, &attributes.iter().flat_map(one).collect::<Vec<_>>())
}

pub(crate) const UTF8: u8 = 0x0c;
pub(crate) const PRINTABLE: u8 = 0x13;
pub(crate) const COMMON_NAME: &[u8] = &[0x55, 4, 3];

pub(crate) fn common_name(text: &str) -> Vec<u8> {
    name(&[(COMMON_NAME, UTF8, text)])
}

/// A subjectAltName's value from context tags and contents.
pub(crate) fn names(entries: &[(u8, &[u8])]) -> Vec<u8> {
    let entries: Vec<Vec<u8>> = entries.iter().map(|(tag, content)| der::encode(tag::context(*tag), content)).collect();
    der::encode(tag::SEQUENCE, &entries.concat())
}

pub(crate) fn root(host: &str) -> Draft {
    let subject = common_name(&format!("{host}-CA"));
    let draft = Draft {
        version: Some(2),
        serial: serial(&format!("root of {host}")),
        issuer: subject.clone(),
        subject,
        dates: qliks_dates(ROOT_MADE),
        key: key("root"),
        info: key("root").info(),
        extensions: Vec::new(),
        signer: key("root"),
        algorithm: Algorithm::Sha256,
        outer: None,
    };
    draft.constraints(true, Some(true), None).ids(key("root")).marker(Role::Root.marker())
}

fn leaf(root: &Draft, role: Role, subject: &str) -> Draft {
    let draft = Draft {
        serial: serial(&format!("{} {subject}", role.word())),
        issuer: root.subject.clone(),
        subject: common_name(subject),
        dates: qliks_dates(LEAVES_MADE),
        key: key(role.word()),
        info: key(role.word()).info(),
        extensions: Vec::new(),
        signer: root.key,
        ..root.clone()
    };
    let draft = if role == Role::Server { draft.dns(&[subject]) } else { draft };
    draft.ids(root.key).marker(role.marker())
}

pub(crate) fn server(root: &Draft, machine: &str) -> Draft {
    leaf(root, Role::Server, machine)
}

pub(crate) fn client(root: &Draft) -> Draft {
    leaf(root, Role::Client, "QlikClient")
}

/// An intermediate authority, as a company's PKI has.
pub(crate) fn intermediate(root: &Draft, title: &str) -> Draft {
    let draft = Draft {
        serial: serial(title),
        issuer: root.subject.clone(),
        subject: common_name(title),
        key: key("intermediate"),
        info: key("intermediate").info(),
        extensions: Vec::new(),
        signer: root.key,
        ..root.clone()
    };
    draft.constraints(true, Some(true), None).usage(CERTIFICATE_SIGN | CRL_SIGN).ids(root.key)
}

impl Draft {
    pub(crate) fn der(&self) -> Vec<u8> {
        let version = self.version.map(|number| der::encode(tag::constructed(0), &der::unsigned(number)));
        let algorithm = self.algorithm.identifier();
        let extensions: Vec<u8> = self.extensions.iter().flat_map(encode).collect();
        let extensions = (!extensions.is_empty())
            .then(|| der::encode(tag::constructed(3), &der::encode(tag::SEQUENCE, &extensions)));
        let signed = der::sequence(&[
            &version.unwrap_or_default(),
            &der::encode(tag::INTEGER, &self.serial),
            &algorithm,
            &self.issuer,
            &der::sequence(&self.dates.map(time).each_ref().map(Vec::as_slice)),
            &self.subject,
            &self.info,
            &extensions.unwrap_or_default(),
        ]);
        let signature = self.signer.sign(self.algorithm, &signed);
        let outer = self.outer.map_or(algorithm, Algorithm::identifier);
        der::sequence(&[&signed, &outer, &der::bit_string(&signature)])
    }

    pub(crate) fn dates(mut self, from: OffsetDateTime, until: OffsetDateTime) -> Self {
        self.dates = [from, until];
        self
    }

    /// As Qlik dates what is made at this time.
    pub(crate) fn made(mut self, at: OffsetDateTime) -> Self {
        self.dates = qliks_dates(at);
        self
    }

    pub(crate) fn serial(mut self, content: &[u8]) -> Self {
        self.serial = content.to_vec();
        self
    }

    pub(crate) fn subject(mut self, subject: Vec<u8>) -> Self {
        self.subject = subject;
        self
    }

    /// Another key, with the identifier that goes with it.
    pub(crate) fn key(mut self, name: &str) -> Self {
        self.key = key(name);
        self.info = self.key.info();
        let id = der::octet_string(&key_id(&self.key.public()));
        self.set(SUBJECT_KEY_ID, false, id)
    }

    /// A self-signed certificate of another key.
    pub(crate) fn own_key(self, name: &str) -> Self {
        let mut draft = self.key(name);
        draft.signer = draft.key;
        let signer = draft.signer;
        draft.authority(signer)
    }

    /// Signed by another key, and saying so in its authorityKeyIdentifier.
    pub(crate) fn signed_by(mut self, name: &str) -> Self {
        self.signer = key(name);
        self.authority(key(name))
    }

    /// Signed by its own key, under its own name.
    pub(crate) fn self_signed(mut self) -> Self {
        self.issuer.clone_from(&self.subject);
        self.signer = self.key;
        let signer = self.signer;
        self.authority(signer)
    }

    pub(crate) fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    fn authority(self, issuer: &Key) -> Self {
        self.set(AUTHORITY_KEY_ID, false, authority_key_id(issuer))
    }

    /// Both key identifiers, which Qlik writes after the constraints and names and before its marker.
    fn ids(self, issuer: &Key) -> Self {
        let own = der::octet_string(&key_id(&self.key.public()));
        self.with(SUBJECT_KEY_ID, false, own).with(AUTHORITY_KEY_ID, false, authority_key_id(issuer))
    }

    /// The word in an OCTET STRING of its own, as Qlik writes it.
    pub(crate) fn marker(self, word: &str) -> Self {
        self.set(MARKER, false, der::octet_string(word.as_bytes()))
    }

    pub(crate) fn constraints(self, critical: bool, authority: Option<bool>, path_length: Option<u64>) -> Self {
        let flag = authority.filter(|flag| *flag).map(|_| der::encode(tag::BOOLEAN, &[0xff])).unwrap_or_default();
        let length = path_length.map(der::unsigned).unwrap_or_default();
        self.set(BASIC_CONSTRAINTS, critical, der::sequence(&[&flag, &length]))
    }

    /// One octet of keyUsage, critical.
    pub(crate) fn usage(self, bits: u8) -> Self {
        let unused = u8::try_from(bits.trailing_zeros()).unwrap();
        self.set(KEY_USAGE, true, der::encode(tag::BIT_STRING, &[unused, bits]))
    }

    pub(crate) fn purposes(self, purposes: &[&[u8]]) -> Self {
        let purposes: Vec<u8> = purposes.iter().flat_map(|oid| der::oid(oid)).collect();
        self.set(EXTENDED_KEY_USAGE, false, der::encode(tag::SEQUENCE, &purposes))
    }

    pub(crate) fn dns(self, dns_names: &[&str]) -> Self {
        let entries: Vec<(u8, &[u8])> = dns_names.iter().map(|name| (2, name.as_bytes())).collect();
        self.set(ALTERNATIVE_NAME, false, names(&entries))
    }

    /// Replaces an extension at its place, or adds it at the end.
    pub(crate) fn set(mut self, oid: &[u8], critical: bool, value: Vec<u8>) -> Self {
        match self.extensions.iter_mut().find(|extension| extension.0 == oid) {
            Some(extension) => *extension = (oid.to_vec(), critical, value),
            None => self.extensions.push((oid.to_vec(), critical, value)),
        }
        self
    }

    /// Adds an extension, also a second one of the kind.
    pub(crate) fn with(mut self, oid: &[u8], critical: bool, value: Vec<u8>) -> Self {
        self.extensions.push((oid.to_vec(), critical, value));
        self
    }

    pub(crate) fn without(mut self, oid: &[u8]) -> Self {
        self.extensions.retain(|extension| extension.0 != oid);
        self
    }

    /// Version 1, which has no extensions.
    pub(crate) fn version_1(mut self) -> Self {
        self.version = None;
        self.extensions.clear();
        self
    }
}

/// The key identifier alone, as Qlik writes it.
fn authority_key_id(issuer: &Key) -> Vec<u8> {
    der::sequence(&[&der::encode(tag::context(0), &key_id(&issuer.public()))])
}

fn encode((oid, critical, value): &(Vec<u8>, bool, Vec<u8>)) -> Vec<u8> {
    let critical = if *critical { der::encode(tag::BOOLEAN, &[0xff]) } else { Vec::new() };
    der::sequence(&[&der::oid(oid), &critical, &der::octet_string(value)])
}

/// UTCTime until 2049, then GeneralizedTime (RFC 5280 4.1.2.5).
fn time(time: OffsetDateTime) -> Vec<u8> {
    let (year, month, day) = time.to_calendar_date();
    let (hour, minute, second) = time.to_hms();
    let rest = format!("{:02}{day:02}{hour:02}{minute:02}{second:02}Z", u8::from(month));
    if (1950..2050).contains(&year) {
        der::encode(0x17, format!("{:02}{rest}", year % 100).as_bytes())
    } else {
        der::encode(0x18, format!("{year:04}{rest}").as_bytes())
    }
}

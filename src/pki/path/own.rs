//! What is wrong with one certificate by itself, in the place it has in a chain. The same each time it is asked.

mod authority;

pub(super) use authority::is_end_entity;

use super::super::certificate::{
    AUTHORITY_KEY_ID, Authority, Certificate, DateForm, GeneralName, SUBJECT_ALTERNATIVE_NAME, SUBJECT_KEY_ID,
    extension_name,
};
use super::super::finding::{Finding, Rule, Severity};
use super::super::profile::Role;
use super::super::public_key::{Curve, KeyAlgorithm, curve_name};
use super::super::rules::{chain, identity, validity};
use super::super::signature::{Hash, SignatureError};
use super::{Candidate, names};
use std::collections::BTreeSet;
use time::{Duration, OffsetDateTime};

/// The place of a certificate in a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Leaf,
    /// A leaf that is itself a trust anchor.
    TrustedLeaf,
    Intermediate,
    Anchor,
}

impl Place {
    fn signs(self) -> bool {
        matches!(self, Self::Intermediate | Self::Anchor)
    }

    fn trusted(self) -> bool {
        matches!(self, Self::TrustedLeaf | Self::Anchor)
    }
}

/// `self_check`: the signature of a root on itself may be checked.
pub(super) fn faults(candidate: &Candidate<'_>, place: Place, at: OffsetDateTime, self_check: bool) -> Vec<Finding> {
    let mut own = Own { candidate, certificate: candidate.certificate, place, at, findings: Vec::new() };
    own.dates();
    own.form();
    own.extensions();
    own.key();
    own.signature(self_check);
    own.authority();
    own.constraints();
    own.names();
    own.key_identifiers();
    own.findings
}

struct Own<'a> {
    candidate: &'a Candidate<'a>,
    certificate: &'a Certificate,
    place: Place,
    at: OffsetDateTime,
    findings: Vec<Finding>,
}

impl Own<'_> {
    /// `what` follows the label.
    fn say(&mut self, rule: &'static Rule, what: &str) {
        self.say_as(rule, rule.severity, what);
    }

    fn say_as(&mut self, rule: &'static Rule, severity: Severity, what: &str) {
        let sentence = format!("{} {what}", self.candidate.label);
        self.findings.push(Finding::new(rule, self.candidate.files.clone(), sentence).with_severity(severity));
    }

    /// Certificates count in whole seconds, and both ends belong to the time (RFC 5280 4.1.2.5).
    fn dates(&mut self) {
        let (from, until) = (self.certificate.not_before(), self.certificate.not_after());
        let at = self.at.replace_nanosecond(0).unwrap_or(self.at);
        if until < from {
            let state = if until < at { "expired" } else { "ends" };
            let what = format!("was never valid: it {state} on {}, before it begins on {}", day(until), day(from));
            self.say(&validity::INVERTED, &what);
        } else if until < at {
            let what = format!("expired on {}, {}", day(until), distance(at - until, "ago"));
            self.say(&validity::EXPIRED, &what);
        } else if at < from {
            let what = format!("is not yet valid: it begins on {}, {}", day(from), distance(from - at, "from now"));
            self.say(&validity::NOT_YET_VALID, &what);
        }
    }

    fn form(&mut self) {
        match self.certificate.date_form() {
            DateForm::Standard => {}
            DateForm::Early => self.say(&chain::PROFILE, "has a date before 2050 as GeneralizedTime, not UTCTime"),
            DateForm::Malformed => {
                let what = "has a malformed date, without seconds or not in UTC, which OpenSSL refuses";
                self.say_as(&chain::PROFILE, Severity::Error, what);
            }
        }
        let version = self.certificate.version();
        if version != 3 {
            let besides = !self.certificate.extensions().all.is_empty();
            let besides = if besides { ", but has extensions, which only version 3 can have" } else { "" };
            self.say(&chain::VERSION, &format!("is a version {version} certificate, not version 3{besides}"));
        }
        let serial = self.certificate.serial();
        let significant = serial.iter().skip_while(|octet| **octet == 0).count();
        if serial.first().is_some_and(|octet| octet & 0x80 != 0) {
            self.say(&chain::SERIAL, "has a negative serial number");
        } else if significant == 0 {
            self.say(&chain::SERIAL, "has the serial number 0");
        } else if serial.len() > 20 {
            let what = format!("has a serial number of {} bytes, more than the 20 allowed", serial.len());
            self.say(&chain::SERIAL, &what);
        }
        let (inner, outer) = (self.certificate.inner_signature_algorithm(), self.certificate.signature_algorithm());
        if inner.encoding() != outer.encoding() {
            let (inner, outer) = (inner.text(), outer.text());
            let how = if inner == outer { "with other parameters".to_owned() } else { format!("{inner} and {outer}") };
            self.say(&chain::ALGORITHM_MISMATCH, &format!("names two different signature algorithms: {how}"));
        }
    }

    fn extensions(&mut self) {
        let extensions = self.certificate.extensions();
        for (oid, why) in extensions.malformed.iter().take(SHOWN) {
            let what = format!("has a malformed extension, {}: {why}", extension_name(oid));
            self.say(&chain::MALFORMED_EXTENSION, &what);
        }
        let mut seen = BTreeSet::new();
        let twice: BTreeSet<&str> =
            extensions.all.iter().map(|one| one.oid.as_str()).filter(|oid| !seen.insert(*oid)).collect();
        if !twice.is_empty() {
            let what = format!("has a duplicate extension: {} is there more than once", listed(twice.into_iter()));
            self.say(&chain::DUPLICATE_EXTENSION, &what);
        }
        // The key identifiers have a rule of their own.
        let handled = |oid: &str| oid == SUBJECT_KEY_ID || oid == AUTHORITY_KEY_ID;
        let unknown = extensions.all.iter().filter(|one| one.critical && !one.processed && !handled(&one.oid));
        let unknown: BTreeSet<&str> = unknown.map(|one| one.oid.as_str()).collect();
        if !unknown.is_empty() {
            let what = format!("has a critical extension that programs do not know: {}", listed(unknown.into_iter()));
            self.say(&chain::UNKNOWN_CRITICAL, &what);
        }
    }

    fn key(&mut self) {
        let key = self.certificate.public_key();
        match key.algorithm() {
            KeyAlgorithm::Rsa { exponent: Some(exponent), .. } if exponent & 1 == 0 || *exponent == 1 => {
                let what = format!("has a weak key: its RSA exponent is {exponent}");
                self.say_as(&chain::WEAK_KEY, Severity::Error, &what);
            }
            KeyAlgorithm::Rsa { bits, .. } | KeyAlgorithm::RsaPss { bits } if *bits < 2048 => {
                let (severity, who) = if *bits < 1024 {
                    (Severity::Error, "where 2048 bits are the least today")
                } else {
                    (Severity::Warning, "which Python and Debian's OpenSSL refuse; Node.js and Go take it")
                };
                self.say_as(&chain::WEAK_KEY, severity, &format!("has a weak key: {}, {who}", key.text()));
            }
            KeyAlgorithm::Rsa { bits, .. } | KeyAlgorithm::RsaPss { bits } if !bits.is_multiple_of(8) => {
                let what = format!("has an odd key: {bits} bits are not whole bytes, and some programs refuse it");
                self.say(&chain::WEAK_KEY, &what);
            }
            KeyAlgorithm::Ec(Curve::Explicit) => {
                self.say(&chain::EXPLICIT_CURVE, "has a key with explicit curve parameters instead of a named curve");
            }
            KeyAlgorithm::Ec(Curve::Named(oid))
                if !matches!(curve_name(oid), "P-256" | "P-384" | "P-521" | "secp256k1") =>
            {
                let what = format!("has a weak or unsupported key: {}", key.text());
                self.say(&chain::WEAK_KEY, &what);
            }
            KeyAlgorithm::Dsa => {
                self.say(&chain::WEAK_KEY, "has a weak key: DSA is unsupported by today's programs");
            }
            _ if !key.is_readable() => {
                let what = format!("has a malformed key: it is {}", key.text());
                self.say_as(&chain::WEAK_KEY, Severity::Error, &what);
            }
            _ => {}
        }
    }

    /// The signature of a trust anchor is its own affair, but a wrong one shows an altered file; Windows refuses it.
    fn signature(&mut self, self_check: bool) {
        let algorithm = self.certificate.signature_algorithm();
        let anchor = self.place.trusted() && self.certificate.is_self_issued();
        if algorithm.is_weak() && (!self.place.trusted() || anchor) {
            let md5 = algorithm.hash() == Some(Hash::Md5);
            // Who finds a collision for a leaf has one leaf more; for a CA, all there are (the forged CA of 2008).
            let (severity, who) = match self.place {
                _ if anchor => (Severity::Note, "nobody checks the signature of a root on itself"),
                _ if md5 => (Severity::Error, "Node.js, Python, Go and OpenSSL 3 refuse it"),
                Place::Intermediate => (Severity::Error, "Node.js 18 and later, Python, Go and OpenSSL 3 refuse it"),
                _ => (Severity::Warning, "Node.js 18 and later, Python, Go and OpenSSL 3 refuse it"),
            };
            let what = format!("is signed with a weak hash, {}: {who}", algorithm.text());
            self.say_as(&chain::WEAK_SIGNATURE, severity, &what);
        }
        if !anchor {
            return;
        }
        if !self_check {
            self.say(&chain::TOO_MANY_PATHS, "was not checked against its own signature: there is too much to check");
            return;
        }
        match self.certificate.verify_signed_by(self.certificate) {
            Err(SignatureError::Mismatch) => {
                self.say(&chain::BAD_SIGNATURE, "does not fit its own signature: it was altered or damaged");
            }
            Err(SignatureError::KeyKind) => {
                let key = self.certificate.public_key().text();
                let what = format!("has a signature, {}, that does not go with its own key, {key}", algorithm.text());
                self.say_as(&chain::SIGNATURE_UNSUPPORTED, Severity::Unjudged, &what);
            }
            // What its key signed cannot be checked either, and is said there.
            Err(SignatureError::Unsupported(_)) | Ok(()) => {}
        }
    }

    fn names(&mut self) {
        let certificate = self.certificate;
        if certificate.issuer_name().is_empty() {
            self.say(&chain::EMPTY_NAME, "has an empty issuer name");
        }
        let extensions = certificate.extensions();
        if certificate.subject_name().is_empty() {
            if self.place.signs() || certificate.authority() == Authority::Yes {
                self.say(&chain::EMPTY_NAME, "is a CA with an empty subject name");
            } else if !extensions.is_critical(SUBJECT_ALTERNATIVE_NAME) && certificate.marker() != Some(Role::Client) {
                // How Qlik's client is called is a rule of its own.
                let what = "has an empty subject and no alternative names in its place (critical subjectAltName)";
                self.say(&chain::EMPTY_NAME, what);
            }
        }
        if extensions.is_critical(SUBJECT_ALTERNATIVE_NAME) && !certificate.subject_name().is_empty() {
            self.say(&chain::PROFILE, "marks its alternative names as critical beside a subject (subjectAltName)");
        }
        let malformed: Vec<(&'static Rule, String)> =
            certificate.alternative_names().iter().filter_map(malformed_name).take(SHOWN).collect();
        for (rule, why) in malformed {
            self.say(rule, &format!("has a malformed alternative name: {why}"));
        }
    }

    fn key_identifiers(&mut self) {
        let certificate = self.certificate;
        // What is no CA has no business above others: how it is written there is no matter.
        if certificate.version() != 3 || self.is_no_authority() {
            return;
        }
        let extensions = certificate.extensions();
        for oid in [AUTHORITY_KEY_ID, SUBJECT_KEY_ID] {
            if extensions.is_critical(oid) {
                // OpenSSL does not process it, hence refuses it: "unhandled critical extension".
                let what = format!("has a critical {}, which OpenSSL refuses", extension_name(oid));
                self.say_as(&chain::KEY_IDENTIFIER, Severity::Error, &what);
            }
        }
        // A root may leave it out, but not write it without the key's.
        let own_root =
            self.place.trusted() && certificate.is_self_issued() && extensions.find(AUTHORITY_KEY_ID).is_none();
        if certificate.authority_key_id().is_none() && !own_root {
            self.say(&chain::KEY_IDENTIFIER, "does not say which key signed it (no authority key identifier)");
        }
        if self.place.signs() && extensions.find(SUBJECT_KEY_ID).is_none() {
            self.say(&chain::KEY_IDENTIFIER, "is a CA that does not identify its key (no subject key identifier)");
        }
    }
}

/// Of many faults of one kind so many are told.
const SHOWN: usize = 5;

fn listed<'a>(oids: impl Iterator<Item = &'a str>) -> String {
    oids.take(SHOWN).map(extension_name).collect::<Vec<_>>().join(", ")
}

/// The day in UTC.
pub(super) fn day(time: OffsetDateTime) -> String {
    let time = time.to_offset(time::UtcOffset::UTC);
    format!("{:04}-{:02}-{:02}", time.year(), u8::from(time.month()), time.day())
}

fn distance(between: Duration, direction: &str) -> String {
    match between.whole_days() {
        0 => format!("less than a day {direction}"),
        1 => format!("1 day {direction}"),
        days => format!("{days} days {direction}"),
    }
}

fn malformed_name(name: &GeneralName) -> Option<(&'static Rule, String)> {
    Some(match name {
        GeneralName::Ip(octets) if octets.len() != 4 && octets.len() != 16 => {
            (&chain::MALFORMED_EXTENSION, format!("an IP address of {} bytes", octets.len()))
        }
        GeneralName::Malformed(2) => (&chain::MALFORMED_EXTENSION, "a DNS name is not ASCII".to_owned()),
        GeneralName::Malformed(_) => (&chain::MALFORMED_EXTENSION, "its content is not of its kind".to_owned()),
        // An IP address there is as Qlik writes it.
        GeneralName::Dns(name) if name.parse::<std::net::IpAddr>().is_ok() => return None,
        GeneralName::Dns(name) if !names::is_dns_name(name) || name.contains('_') => {
            (&identity::MALFORMED_NAME, format!("`{}` cannot be a host name", names::shown(name)))
        }
        GeneralName::Email(name) if !is_mailbox(name) => {
            (&identity::MALFORMED_NAME, format!("`{}` cannot be an e-mail address", names::shown(name)))
        }
        GeneralName::Uri(name) if !name.contains(':') => {
            (&identity::MALFORMED_NAME, format!("`{}` cannot be a URI", names::shown(name)))
        }
        _ => return None,
    })
}

fn is_mailbox(name: &str) -> bool {
    name.rsplit_once('@').is_some_and(|(mailbox, host)| !mailbox.is_empty() && names::is_dns_name(host))
}

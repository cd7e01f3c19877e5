//! `Pile`: the certificates that came back from an outside CA, and which of them belong to which waiting key.
//!
//! Matched by public key, never by name: a CA may have changed every name. Whether a certificate is any good is not
//! decided here; `examine` does.

use super::certificate::{Authority, Certificate};
use super::name::MachineName;
use super::overview::{Found, Overview, is_root, list};
use super::path::{Candidate, Pool, Purpose, Question};
use super::profile::CLIENT_NAME;
use super::public_key::KeyAlgorithm;
use std::net::IpAddr;
use time::OffsetDateTime;

#[derive(Debug)]
pub struct Pile<'a> {
    overview: &'a Overview<'a>,
    above: Pool<'a>,
    now: OffsetDateTime,
}

/// The certificate of one key.
#[derive(Debug)]
pub struct Choice<'a> {
    pub certificate: &'a Certificate,
    /// The files it lies in, as a sentence names them: `` `signed/server.cer` ``.
    pub label: String,
    /// Older certificates of the same key, by the files they lie in.
    pub older: Vec<(String, &'a Certificate)>,
}

/// From a certificate up.
#[derive(Debug)]
pub struct Line {
    /// The issuer first; none where the root itself signed.
    pub between: Vec<Certificate>,
    pub root: Certificate,
}

/// How far up a certificate without a root leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dangling {
    /// The name of whoever signed the last that is there.
    pub issuer: String,
    /// A root of that name is there, and its key did not sign.
    pub other_key: bool,
}

impl<'a> Pile<'a> {
    /// `roots` are the only ones that count, when there are any.
    pub fn new(overview: &'a Overview<'a>, roots: &'a Overview<'a>, now: OffsetDateTime) -> Self {
        let candidate = |overview: &Overview<'a>, found: &Found<'a>| Candidate {
            certificate: found.certificate,
            label: overview.label(found),
            files: overview.paths(&found.places),
        };
        let given = roots.certificates.iter().filter(|found| found.certificate.is_self_issued());
        let mut anchors: Vec<_> = given.map(|found| candidate(roots, found)).collect();
        let with_given = !anchors.is_empty();
        let mut between: Vec<_> = roots
            .certificates
            .iter()
            .filter(|found| !found.certificate.is_self_issued())
            .map(|found| candidate(roots, found))
            .collect();
        for found in &overview.certificates {
            let one = candidate(overview, found);
            match is_root(found.certificate) {
                true if with_given => {}
                true => anchors.push(one),
                false => between.push(one),
            }
        }
        Self { overview, above: Pool::new(anchors, between, now), now }
    }

    /// The newest certificate of this key that is valid, else the newest.
    pub fn choose(&self, public_key_info: &[u8]) -> Option<Choice<'a>> {
        let own = |found: &&Found<'a>| {
            found.certificate.public_key_info() == public_key_info && !found.certificate.is_self_issued()
        };
        // Of two that are alike in this the one that was read first is taken.
        let mut found: Vec<_> = self.overview.certificates.iter().filter(own).rev().collect();
        found.sort_by_key(|found| {
            let certificate = found.certificate;
            (certificate.is_valid_at(self.now), certificate.not_before(), certificate.not_after())
        });
        let newest = found.pop()?;
        let older = found.iter().map(|found| (self.files(found), found.certificate)).collect();
        Some(Choice { certificate: newest.certificate, label: self.files(newest), older })
    }

    /// What leads from a certificate to a root by signatures.
    pub fn climb(&self, choice: &Choice<'_>) -> Result<Line, Dangling> {
        let leaf = Candidate { certificate: choice.certificate, label: choice.label.clone(), files: Vec::new() };
        let judgement = self.above.judge(&leaf, &Question { purpose: Purpose::Any, name: None });
        let mut path: Vec<&Certificate> = judgement
            .path
            .iter()
            .filter_map(|number| self.above.candidate(*number))
            .map(|one| one.certificate)
            .collect();
        match path.pop() {
            Some(root) if judgement.anchored => {
                Ok(Line { between: path.into_iter().cloned().collect(), root: root.clone() })
            }
            last => {
                let last = last.unwrap_or(choice.certificate);
                let named =
                    |number| self.above.candidate(number).is_some_and(|one| one.certificate.subject() == last.issuer());
                let other_key = (0..self.above.len()).filter(|number| self.above.is_anchor(*number)).any(named);
                Err(Dangling { issuer: last.issuer_name().text(), other_key })
            }
        }
    }

    /// Certificates of nobody who waits, each in a sentence: what it is and how that comes about.
    pub fn strays(&self, waiting: &[Vec<u8>], machines: &[&MachineName]) -> Vec<String> {
        let stray = |found: &&Found<'a>| {
            let certificate = found.certificate;
            certificate.authority() != Authority::Yes
                && !is_root(certificate)
                && !waiting.iter().any(|key| key == certificate.public_key_info())
        };
        self.overview.certificates.iter().filter(stray).map(|found| self.about(found, machines)).collect()
    }

    /// Certificates that a waiting key signed itself.
    pub fn signed_by_itself(&self, public_key_info: &[u8]) -> Option<String> {
        let own = |found: &&Found<'a>| {
            found.certificate.public_key_info() == public_key_info && found.certificate.is_self_issued()
        };
        let found = self.overview.certificates.iter().find(own)?;
        Some(format!("the certificate in {} was signed by its own key, not by a CA", self.files(found)))
    }

    fn about(&self, found: &Found<'_>, machines: &[&MachineName]) -> String {
        let certificate = found.certificate;
        let label = format!("`{}` in {}", certificate.title(), self.files(found));
        let key = certificate.public_key();
        if !matches!(key.algorithm(), KeyAlgorithm::Rsa { .. }) {
            return format!(
                "{label} has a key of kind {}, which was not asked for: the requests are for RSA",
                key.text()
            );
        }
        let is_for = |name: &str| certificate.common_name().is_some_and(|own| own.eq_ignore_ascii_case(name));
        let ours = is_for(CLIENT_NAME) || machines.iter().any(|machine| is_for(machine.as_str()));
        if ours {
            format!(
                "{label} is for another key: it answers an older request or another machine's, or the CA made a key"
            )
        } else {
            format!("{label} is for none of the keys here: it is another machine's")
        }
    }

    fn files(&self, found: &Found<'_>) -> String {
        let paths = self.overview.paths(&found.places);
        list(&paths.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

/// The names that were asked for and that the certificate does not carry, an address in either form.
pub fn names_left_out(asked: &[String], certificate: &Certificate) -> Vec<String> {
    let carries = |name: &str| {
        certificate.dns_names().any(|own| own.eq_ignore_ascii_case(name))
            || name.parse::<IpAddr>().is_ok_and(|ip| certificate.ip_addresses().any(|own| own == ip))
    };
    asked.iter().filter(|name| !carries(name)).cloned().collect()
}

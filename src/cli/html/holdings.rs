//! What a report's files hold, each certificate once: where it lies and which keys fit it. Looked up by every section.

use crate::pki::certificate::Certificate;
use crate::pki::finding::Severity;
use crate::pki::profile::Role;
use crate::pki::public_key::PublicKey;
use crate::pki::report::Report;
use std::collections::HashMap;

/// One certificate and the files it lies in.
#[derive(Debug)]
pub(super) struct Holding<'a> {
    pub(super) certificate: &'a Certificate,
    pub(super) sha256: String,
    pub(super) files: Vec<&'a str>,
}

#[derive(Debug)]
pub(super) struct Holdings<'a> {
    /// In the order of the files.
    pub(super) all: Vec<Holding<'a>>,
    by_thumbprint: HashMap<String, usize>,
    by_key: HashMap<&'a [u8], Vec<usize>>,
    weights: HashMap<&'a str, Severity>,
    /// By thumbprint: what the place in a chain says.
    places: HashMap<&'a str, &'static str>,
}

impl<'a> Holdings<'a> {
    pub(super) fn new(report: &'a Report) -> Self {
        let mut holdings = Self {
            all: Vec::new(),
            by_thumbprint: HashMap::new(),
            by_key: HashMap::new(),
            weights: HashMap::new(),
            places: HashMap::new(),
        };
        for file in &report.files {
            for certificate in file.certificates() {
                holdings.add(certificate, &file.path);
            }
        }
        for (path, certificate) in &report.beside {
            holdings.add(certificate, path);
        }
        for finding in &report.findings {
            // The first is the faulty one.
            if let Some(file) = finding.files.first() {
                let weight = holdings.weights.entry(file).or_insert(finding.severity);
                *weight = finding.severity.max(*weight);
            }
        }
        for chain in &report.chains {
            let last = chain.links.len().saturating_sub(1);
            for (index, link) in chain.links.iter().enumerate() {
                let place = match index {
                    index if index == last && chain.anchored => Role::Root.word(),
                    0 => "leaf",
                    _ => "intermediate",
                };
                let known = holdings.places.entry(&link.sha256).or_insert(place);
                // A root and an intermediate may be looked at as leaves, too.
                if *known == "leaf" {
                    *known = place;
                }
            }
        }
        holdings
    }

    fn add(&mut self, certificate: &'a Certificate, file: &'a str) {
        let sha256 = certificate.sha256();
        let next = self.all.len();
        let index = *self.by_thumbprint.entry(sha256.clone()).or_insert(next);
        if index == next {
            self.by_key.entry(certificate.public_key_info()).or_default().push(index);
            self.all.push(Holding { certificate, sha256, files: Vec::new() });
        }
        if let Some(holding) = self.all.get_mut(index)
            && holding.files.last() != Some(&file)
        {
            holding.files.push(file);
        }
    }

    pub(super) fn certificate(&self, sha256: &str) -> Option<&'a Certificate> {
        self.all.get(*self.by_thumbprint.get(sha256)?).map(|holding| holding.certificate)
    }

    /// `root`, `server`, `client` by Qlik's marker; else what the place in a chain says.
    pub(super) fn role(&self, sha256: &str) -> &'static str {
        match self.certificate(sha256).and_then(Certificate::marker) {
            Some(role) => role.word(),
            None => self.places.get(sha256).copied().unwrap_or("certificate"),
        }
    }

    /// The certificates that have this key.
    pub(super) fn of_key(&self, key: &PublicKey) -> impl Iterator<Item = &Holding<'a>> {
        self.by_key.get(key.info()).into_iter().flatten().filter_map(|index| self.all.get(*index))
    }

    /// The heaviest finding whose faulty file is one of these.
    pub(super) fn weight<'b>(&self, files: impl IntoIterator<Item = &'b str>) -> Option<Severity> {
        files.into_iter().filter_map(|file| self.weights.get(file).copied()).max()
    }
}

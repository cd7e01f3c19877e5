//! Whether a certificate is a CA, where it stands as one, and what it says of that.

use super::super::super::certificate::{Authority, BASIC_CONSTRAINTS, Certificate, GeneralName, NAME_CONSTRAINTS};
use super::super::super::finding::{Finding, Severity};
use super::super::super::profile::Role;
use super::super::super::rules::chain;
use super::super::constraints;
use super::{Own, Place};

/// Plainly made for a server or client, by Qlik's marker, by CA:FALSE, or by the host it names without a word of a CA.
pub(in super::super) fn is_end_entity(certificate: &Certificate) -> bool {
    let for_a_host = || certificate.dns_names().next().is_some() || certificate.ip_addresses().next().is_some();
    match certificate.marker() {
        Some(Role::Server | Role::Client) => certificate.authority() != Authority::Yes,
        Some(Role::Root) => false,
        None => match certificate.authority() {
            Authority::Yes => false,
            Authority::No => true,
            Authority::Unsaid => for_a_host(),
        },
    }
}

impl Own<'_> {
    fn is_malformed(&self, oid: &str) -> bool {
        self.certificate.extensions().malformed.iter().any(|(malformed, _)| malformed == oid)
    }

    /// Stands above others, and may not by what it says of itself.
    pub(super) fn is_no_authority(&self) -> bool {
        match (self.place, self.certificate.authority()) {
            (Place::Anchor | Place::Intermediate, Authority::No) => true,
            (Place::Intermediate, Authority::Unsaid) => !self.is_malformed(BASIC_CONSTRAINTS),
            (Place::Anchor, Authority::Unsaid) => is_end_entity(self.certificate),
            // Self-signed it can be trusted for itself; Node.js, Python and OpenSSL take no other leaf for a root.
            (Place::TrustedLeaf, _) => is_end_entity(self.certificate) && !self.certificate.is_self_issued(),
            _ => false,
        }
    }

    /// What is no CA is only that: nothing follows from the rest of it.
    pub(super) fn authority(&mut self) {
        if self.is_no_authority() {
            self.no_authority();
            return;
        }
        let certificate = self.certificate;
        let unsaid = certificate.authority() == Authority::Unsaid && certificate.version() == 3;
        if self.place == Place::Anchor && unsaid && !self.is_malformed(BASIC_CONSTRAINTS) {
            let what = "does not say that it is a CA (no basicConstraints): Node.js (`INVALID_PURPOSE`), Python, Go, \
                        OpenSSL and Java refuse all below it; .NET and Qlik's services take it";
            self.say(&chain::NO_BASIC_CONSTRAINTS, what);
        }
        if self.place.signs() {
            match certificate.may_sign_certificates() {
                Some(false) => {
                    self.say(&chain::MAY_NOT_SIGN, "may not sign certificates (its keyUsage lacks keyCertSign)");
                }
                None if certificate.version() == 3 => {
                    self.say(&chain::NO_KEY_USAGE, "does not say what its key may be used for (no keyUsage)");
                }
                _ => {}
            }
        }
        self.flags();
    }

    fn no_authority(&mut self) {
        let what = match (self.certificate.authority(), self.certificate.marker()) {
            (_, Some(Role::Server)) => "is not a CA but a server certificate",
            (_, Some(Role::Client)) => "is not a CA but a client certificate",
            (Authority::No, _) => "is not a CA (its basicConstraints say CA:FALSE)",
            _ if self.place.trusted() => "is not a CA but the certificate of a host (no basicConstraints)",
            _ => "signs, but does not say that it is a CA (no basicConstraints)",
        };
        if self.place.trusted() && !self.certificate.is_self_issued() {
            let sentence = format!("{}, taken as root, {what}", self.candidate.label);
            let finding = Finding::new(&chain::NOT_A_CA, self.candidate.files.clone(), sentence);
            self.findings.push(finding.with_fix("give the root that signed it instead: for Qlik `root.pem`"));
        } else {
            self.say(&chain::NOT_A_CA, what);
        }
    }

    fn flags(&mut self) {
        let extensions = self.certificate.extensions();
        if let Some(constraints) = extensions.basic_constraints {
            if constraints.ca && !constraints.critical {
                self.say(&chain::PROFILE, "does not mark as critical that it is a CA (basicConstraints)");
            }
            if constraints.path_length.is_some() && !constraints.ca {
                self.say(&chain::PROFILE, "limits the CAs below it (path length), but is not a CA");
            }
            if constraints.ca && constraints.path_length.is_some() && extensions.key_usage.is_none() {
                let what = "limits the CAs below it (path length), but does not say that it may sign (no keyUsage)";
                self.say_as(&chain::PROFILE, Severity::Note, what);
            }
        }
        if let Some(key_usage) = extensions.key_usage {
            if key_usage.is_empty() {
                self.say(&chain::PROFILE, "has a key usage that allows nothing");
            }
            if key_usage.key_cert_sign() && self.certificate.authority() != Authority::Yes && !self.place.signs() {
                self.say(&chain::PROFILE, "may sign certificates (keyCertSign in its keyUsage), but is not a CA");
            }
        }
    }

    pub(super) fn constraints(&mut self) {
        let Some(found) = &self.certificate.extensions().name_constraints else { return };
        let bases = || found.permitted.iter().chain(&found.excluded).flatten();
        if let Some(why) = bases().find_map(constraints::fault) {
            self.say(&chain::MALFORMED_EXTENSION, &format!("has malformed name constraints: {why}"));
        }
        if bases().any(|base| matches!(base, GeneralName::Dns(name) if name.starts_with('.'))) {
            self.say(&chain::PROFILE, "has a name constraint with a leading dot, which RFC 5280 does not know for DNS");
        }
        if !self.place.signs() && self.certificate.authority() != Authority::Yes {
            self.say(&chain::PROFILE, "has name constraints, which only a CA may have");
        } else if !self.certificate.extensions().is_critical(NAME_CONSTRAINTS) {
            self.say(&chain::PROFILE, "has name constraints that are not critical");
        }
    }
}

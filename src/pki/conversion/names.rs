//! What the new files are called: by what is in them, as Qlik calls it; else as the file it came from.

use super::super::certificate::{Authority, Certificate};
use super::super::overview::is_root;
use super::super::profile::{CLIENT_NAME, Role};
use super::gather::HeldCertificate;
use std::collections::{BTreeMap, HashSet};

/// What a certificate is for Qlik. Unlike `overview::role_of` this takes no stranger's certificate for a server's.
pub(super) fn role(certificate: &Certificate) -> Option<Role> {
    let client = || (certificate.common_name() == Some(CLIENT_NAME)).then_some(Role::Client);
    let root = || is_root(certificate).then_some(Role::Root);
    certificate.marker().or_else(client).or_else(root)
}

/// Names that are given out, each once. Windows does not tell upper from lower case.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// The name before the endings: as wanted where all of them are free, else with a number.
    pub(super) fn claim(&mut self, wanted: &str, endings: &[&str]) -> String {
        let base = if self.is_free(wanted, endings) {
            wanted.to_owned()
        } else {
            let numbered = (2u32..).map(|number| format!("{wanted}-{number}"));
            numbered.into_iter().find(|base| self.is_free(base, endings)).unwrap_or_default()
        };
        self.taken.extend(endings.iter().map(|ending| format!("{base}{ending}").to_lowercase()));
        base
    }

    fn is_free(&self, base: &str, endings: &[&str]) -> bool {
        endings.iter().all(|ending| !self.taken.contains(&format!("{base}{ending}").to_lowercase()))
    }

    /// For each of these certificates, by its order. Who carries Qlik's marker has the first say; who is said to come
    /// late has the last of his kind.
    pub(super) fn of(
        &mut self,
        certificates: &[(&HeldCertificate, bool)],
        endings: &[&str],
    ) -> BTreeMap<usize, String> {
        let mut sorted: Vec<_> = certificates.to_vec();
        sorted.sort_by_key(|(held, late)| (rank(held), *late, held.from.order));
        let mut names = BTreeMap::new();
        for (held, _) in sorted {
            let wanted = self.wanted(held, endings);
            names.insert(held.from.order, self.claim(&wanted, endings));
        }
        names
    }

    fn wanted(&self, held: &HeldCertificate, endings: &[&str]) -> String {
        match role(&held.certificate) {
            // Of the roots of others one is enough.
            Some(Role::Root) if held.certificate.marker().is_none() && !self.is_free(Role::Root.word(), endings) => {
                held.from.stem.clone()
            }
            Some(role) => role.word().to_owned(),
            None if !held.alone && held.certificate.authority() == Authority::Yes => "intermediate".to_owned(),
            None => held.from.stem.clone(),
        }
    }
}

fn rank(held: &HeldCertificate) -> u8 {
    match role(&held.certificate) {
        _ if held.certificate.marker().is_some() => 0,
        Some(role) if held.from.stem.eq_ignore_ascii_case(role.word()) => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_given_once_in_either_case() {
        let mut names = Names::default();
        let endings = [".pem", "_key.pem"];
        let given: Vec<_> =
            ["client", "Client", "client", "client-2"].iter().map(|wanted| names.claim(wanted, &endings)).collect();
        assert_eq!(given, ["client", "Client-2", "client-3", "client-2-2"]);
        assert_eq!(names.claim("client", &[".cer"]), "client");
    }
}

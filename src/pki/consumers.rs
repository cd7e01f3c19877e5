//! What each program makes of a bundle: accepts it, or refuses it with these words.
//!
//! One line in `CONSUMERS` each. The runtimes' texts are proved by tests/consumers.rs against the programs; those of
//! Qlik's services and of what runs on Windows only rest on what is documented and was seen, and say so. Nothing here
//! is a fault of its own: findings are, and this is what follows from the same facts for somebody's program.

mod fault;
mod go;
mod java;
mod node;
mod openssl;
mod python;
mod runtime;
mod scene;
mod services;
mod slot;
mod tools;
mod windows;

use super::finding::Finding;
use super::inventory::FileContent;
use super::report::{Answer, ConsumerVerdict};
use super::rules::Given;
use scene::{Scene, Stage};

type Row = (&'static str, fn(&Scene<'_>) -> Answer);

/// In the order of the report.
const CONSUMERS: &[Row] = &[
    ("Node.js", node::answer),
    ("Python up to 3.12", python::before_3_13),
    ("Python from 3.13", python::from_3_13),
    ("Go", go::answer),
    ("Java", java::answer),
    (".NET on Windows", windows::dot_net),
    ("OpenSSL 3", openssl::answer),
    ("Repository Service", services::repository),
    ("License Service", services::license),
    ("NPrinting", windows::nprinting),
    ("Butler", tools::butler),
    ("Butler SOS", tools::butler_sos),
    ("ctrl-q", tools::ctrl_q),
    ("enigma.js", tools::enigma),
    ("corectl", tools::corectl),
    ("Qlik-Cli-Windows", windows::qlik_cli),
    ("qsAPI", tools::qs_api),
    ("Qalyptus", windows::qalyptus),
];

/// One verdict for each consumer; none at all where there is nothing for any of them. `files` are those of one bundle;
/// `findings` add what only path validation knows. Without a name given the machine is called by the one its
/// certificate was issued for.
pub fn judge(files: &[FileContent], findings: &[Finding], given: &Given) -> Vec<ConsumerVerdict> {
    let stage = Stage::new(files, given);
    let scene = stage.scene(given, findings);
    let verdicts = CONSUMERS.iter().map(|(name, row)| ConsumerVerdict { name, answer: row(&scene) });
    let verdicts: Vec<_> = verdicts.collect();
    let nothing = verdicts.iter().all(|verdict| matches!(verdict.answer, Answer::NothingForIt(_)));
    if nothing { Vec::new() } else { verdicts }
}

#[cfg(test)]
mod tests {
    use super::super::encryption::Derivations;
    use super::super::inventory::{InFile, read};
    use super::super::secret::Secret;
    use super::*;
    use time::macros::datetime;

    fn file(name: &str, bytes: &[u8]) -> FileContent {
        let bytes = Ok(Secret::new(bytes.to_vec()));
        let file = InFile { path: name.to_owned(), bytes, others_may_read: false, tracked_by_git: false };
        read(file, &[], &Derivations::default())
    }

    /// The PEM half of a bundle of this project's own fixtures.
    macro_rules! bundle {
        ($profile:literal) => {
            [
                file("root.pem", include_bytes!(concat!("../../fixtures/golden/", $profile, "/root.pem"))),
                file("server.pem", include_bytes!(concat!("../../fixtures/golden/", $profile, "/server.pem"))),
                file("client.pem", include_bytes!(concat!("../../fixtures/golden/", $profile, "/client.pem"))),
                file("client_key.pem", include_bytes!(concat!("../../fixtures/golden/", $profile, "/client_key.pem"))),
            ]
        };
    }

    fn verdicts(files: &[FileContent]) -> Vec<ConsumerVerdict> {
        let at = datetime!(2026-11-22 12:00 UTC);
        let (machine, name, purpose, folder) = (None, None, None, None);
        judge(
            files,
            &[],
            &Given {
                at,
                machine,
                name,
                purpose,
                warn_days: 30,
                folder,
                with_root: false,
                roots_elsewhere: Vec::new(),
                server: None,
            },
        )
    }

    fn answer<'a>(verdicts: &'a [ConsumerVerdict], name: &str) -> &'a Answer {
        &verdicts.iter().find(|verdict| verdict.name == name).unwrap().answer
    }

    #[track_caller]
    fn assert_refuses(answer: &Answer, quoted: &str) {
        assert!(matches!(answer, Answer::Refuses { error, .. } if error.contains(quoted)), "{answer:?}");
    }

    #[test]
    fn one_row_each_and_none_for_nothing() {
        let found = verdicts(&bundle!("compatible"));
        assert_eq!(found.len(), CONSUMERS.len());
        let takes_pem = ["Node.js", "Python up to 3.12", "Python from 3.13", "Go", "OpenSSL 3", "Butler", "corectl"];
        for name in takes_pem {
            assert_eq!(*answer(&found, name), Answer::Accepts, "{name}");
        }
        assert!(matches!(answer(&found, "NPrinting"), Answer::NothingForIt(_)));
        assert_eq!(verdicts(&[]), []);
        assert_eq!(verdicts(&[file("notes.txt", b"nothing")]), []);
    }

    #[test]
    fn qlik_s_own_ages() {
        let of_2020 = verdicts(&bundle!("qlik"));
        assert_eq!(*answer(&of_2020, "Python up to 3.12"), Answer::Accepts);
        assert_refuses(answer(&of_2020, "Python from 3.13"), "CA cert does not include key usage extension");
        let of_2017 = verdicts(&bundle!("classic"));
        assert_refuses(answer(&of_2017, "Node.js"), "unsuitable certificate purpose (INVALID_PURPOSE)");
        assert_refuses(
            answer(&of_2017, "Go"),
            "x509: certificate relies on legacy Common Name field, use SANs instead",
        );
        assert_eq!(*answer(&of_2017, "Repository Service"), Answer::Accepts);
    }

    #[test]
    fn another_site_at_a_port() {
        let der = |pem: &[u8]| super::super::pem::decode(pem).unwrap().pop().unwrap().der.expose().to_vec();
        let root = der(include_bytes!("../../fixtures/validate/alternative-name-of-another/root.pem"));
        let leaf = der(include_bytes!("../../fixtures/validate/alternative-name-of-another/server.pem"));
        let mut files: Vec<_> = bundle!("compatible").into_iter().filter(|file| file.name != "server.pem").collect();
        files.push(super::super::inventory::shown("host.domain:4242", &[leaf, root]));
        let found = verdicts(&files);
        assert_refuses(answer(&found, "Node.js"), "SELF_SIGNED_CERT_IN_CHAIN");
        assert_refuses(answer(&found, "Go"), "x509: certificate signed by unknown authority");
        assert!(found.iter().all(|verdict| !matches!(verdict.answer, Answer::Unjudged(_))), "{found:?}");
    }

    #[test]
    fn half_a_bundle_is_refused_and_not_passed_over() {
        let files: Vec<_> = bundle!("compatible").into_iter().filter(|file| file.name != "root.pem").collect();
        let found = verdicts(&files);
        assert_refuses(answer(&found, "Node.js"), "ENOENT");
        assert_refuses(answer(&found, "ctrl-q"), "ENOENT");
        assert!(matches!(answer(&found, "qsAPI"), Answer::AcceptsBut(note) if note.contains("no root")));
        assert!(matches!(answer(&found, "Repository Service"), Answer::Unjudged(_)));
    }

    #[test]
    fn what_cannot_be_read_is_not_accepted() {
        let mut files: Vec<_> = bundle!("compatible").into_iter().filter(|file| file.name != "server.pem").collect();
        files.push(file("server.pem", b"-----BEGIN CERTIFICATE-----\nMIIB"));
        let found = verdicts(&files);
        assert!(matches!(answer(&found, "Node.js"), Answer::AcceptsBut(note) if note.contains("server.pem")));
        assert!(matches!(answer(&found, "License Service"), Answer::NothingForIt(_)));
    }
}

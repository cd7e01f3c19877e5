//! One folder from its keys and the pile of certificates to a bundle in its place: chosen, judged, staged, read back.

use super::super::error::problem;
use super::super::parallel;
use super::super::words::list;
use super::advice::way_out;
use super::answer::{MOST_STRAYS, MachineReport};
use super::held::{Kept, check_nothing_is_lost, is_there_already};
use super::waiting::{Waiting, WaitingKey, is_unchanged};
use crate::host::files;
use crate::host::stage::{Placing, Stages};
use crate::pki::assembly::{Choice, Line, Pile, names_left_out};
use crate::pki::authority::Credential;
use crate::pki::bundle::{self, Bundle, Format, OutFile, Privacy, Sealing};
use crate::pki::certificate::Certificate;
use crate::pki::encryption::Derivations;
use crate::pki::entropy::SystemEntropy;
use crate::pki::examine::{self, Beside, Subject};
use crate::pki::finding::{Finding, Severity};
use crate::pki::inventory::{self, FileContent, InFile};
use crate::pki::judge::Leaves;
use crate::pki::profile::Role;
use crate::pki::report::Verdict;
use crate::pki::rules::Given;
use crate::pki::secret::{Password, Secret};
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use time::OffsetDateTime;

/// As `validate` takes it when nothing is said.
const WARN_DAYS: u32 = 30;

/// What all folders of a run have in common.
pub(super) struct Assembling<'a> {
    pub(super) pile: &'a Pile<'a>,
    pub(super) stages: &'a Arc<Stages>,
    pub(super) read: &'a [FileContent],
    /// What came back for nobody, in sentences.
    pub(super) strays: &'a [String],
    pub(super) format: Format,
    /// None or one.
    pub(super) passwords: &'a [Password],
    pub(super) intermediate: bool,
    pub(super) force: bool,
    pub(super) replace: bool,
    pub(super) now: OffsetDateTime,
}

/// A key with its certificate and all above it.
struct Matched<'a> {
    key: WaitingKey,
    choice: Choice<'a>,
    line: Line,
}

impl<'a> Assembling<'a> {
    pub(super) fn assemble(&self, waiting: Waiting) -> anyhow::Result<MachineReport> {
        let requests: Vec<_> = waiting.requests().map(|(name, bytes)| request(name, bytes)).collect();
        let Waiting { machine, given, path, keys, files: read } = waiting;
        let place = given.display().to_string();
        let mut warnings = Vec::new();
        let mut matched = Vec::new();
        for key in keys {
            matched.push(self.matched(key, &place, &mut warnings)?);
        }
        let root = Self::common_root(&matched, &place)?.clone();
        let leaves: Leaves = std::iter::once((Role::Root, root.clone()))
            .chain(matched.iter().map(|one| (one.key.role, one.choice.certificate.clone())))
            .collect();
        let between: Vec<Certificate> = matched.iter().flat_map(|one| one.line.between.iter().cloned()).collect();
        let roles: Vec<Role> = matched.iter().map(|one| one.key.role).collect();
        let kept_keys = matched.iter().map(|one| one.key.key.public_key_info()).collect();

        let derivations = Derivations::default();
        let sealing = Sealing::draw(&roles, self.format, self.passwords.first(), &mut SystemEntropy)?;
        sealing.derive(&derivations);
        let credential = |one: Matched<'_>| -> anyhow::Result<(Role, Credential)> {
            let credential = Credential::new(one.choice.certificate.clone(), one.key.key)?;
            Ok((one.key.role, credential.with_intermediates(one.line.between)))
        };
        let credentials = matched.into_iter().map(credential).collect::<anyhow::Result<Vec<_>>>()?;
        let made = Bundle { machine: &machine, root: Some(&root), leaves: credentials };
        let mut made = made.files(self.format, &sealing, &derivations)?;
        made.extend(requests);

        let contents =
            |made: &[OutFile]| made.iter().map(|file| self.content(file, &given, &derivations)).collect::<Vec<_>>();
        let findings = self.judge(contents(&made), &given, machine.as_str(), &mut warnings)?;
        let held: Vec<&FileContent> = self.read.iter().filter(|file| is_in(file, &given)).collect();
        let kept =
            Kept { certificates: leaves.values().chain(&between).map(Certificate::der).collect(), keys: kept_keys };
        let files = made.iter().map(|file| file.name).collect();
        let state = if is_there_already(&contents(&made), &held) {
            "kept"
        } else {
            let replaced = check_nothing_is_lost(&path, &given, &held, &kept, self.replace)?;
            self.put(&made, &given, &path, &read)?;
            if replaced { "replaced" } else { "assembled" }
        };
        Ok(MachineReport::made(machine.as_str(), state, &given, &leaves, &between, files, findings, warnings))
    }

    /// The key's certificate and what stands above it.
    fn matched(&self, key: WaitingKey, place: &str, warnings: &mut Vec<String>) -> anyhow::Result<Matched<'a>> {
        let public = key.key.public_key_info();
        let choice = self.pile.choose(&public).ok_or_else(|| self.none_came(key.role, &public, place))?;
        for (older, certificate) in &choice.older {
            if older != &choice.label {
                warnings.push(format!(
                    "the certificate in {older} (serial {}) is of the same key and not newer: it was left out for the \
                     one in {}",
                    certificate.serial_text(),
                    choice.label
                ));
            }
        }
        let left_out = names_left_out(&key.asked, choice.certificate);
        if !left_out.is_empty() {
            let names: Vec<_> = left_out.iter().map(|name| format!("`{name}`")).collect();
            let sentence =
                format!("the certificate in {} lacks {}, which its request asks for", choice.label, list(&names));
            if !self.force {
                return Err(problem(
                    format!("`{place}` is not assembled: {sentence}"),
                    "have the CA take the subject alternative names from the request; `--force` takes the certificate \
                     as it is",
                ));
            }
            warnings.push(sentence);
        }
        let line = self.pile.climb(&choice).map_err(|dangling| {
            let end = if dangling.other_key { "but its key did not sign" } else { "which is not among what was read" };
            problem(
                format!("no root for the certificate in {}: it leads up to `{}`, {end}", choice.label, dangling.issuer),
                "give the CA's root with `--root FILE`, and its intermediates with `--from FILE`",
            )
        })?;
        if let Some(issuer) = line.between.first().filter(|_| !self.intermediate) {
            return Err(problem(
                format!(
                    "the certificate in {} was signed by the intermediate `{}`, not by the root `{}`, as Qlik's own services \
                     want it",
                    choice.label,
                    issuer.title(),
                    line.root.title()
                ),
                "have it signed by the root; for nginx, Node.js, Python, Go, .NET and the like `--intermediate` writes \
                 the intermediates beside it",
            ));
        }
        Ok(Matched { key, choice, line })
    }

    fn none_came(&self, role: Role, public_key_info: &[u8], place: &str) -> anyhow::Error {
        let (key, request) = (bundle::key_file(role), crate::pki::waiting::request_file(role));
        let hint = format!(
            "give what the CA made of `{request}` with `--from`; to assemble without it, move `{key}` and `{request}` \
             out of the folder"
        );
        let by_itself = self.pile.signed_by_itself(public_key_info);
        let about: Vec<&String> = by_itself.iter().chain(self.strays).take(MOST_STRAYS).collect();
        let message = format!("no certificate came back for `{key}` in `{place}`");
        // Of the causes the innermost has the way out.
        let mut causes = about.into_iter().rev();
        match causes.next() {
            None => problem(message, hint),
            Some(last) => {
                causes.fold(problem(last, hint), |error, cause| error.context(cause.clone())).context(message)
            }
        }
    }

    /// A bundle has one root.
    fn common_root<'m>(matched: &'m [Matched<'_>], place: &str) -> anyhow::Result<&'m Certificate> {
        let mut roots = matched.iter().map(|one| &one.line.root);
        let first = roots.next().context("no key waits")?;
        match roots.find(|root| root.der() != first.der()) {
            None => Ok(first),
            Some(other) => Err(problem(
                format!(
                    "`{place}` is not assembled: its certificates have two roots, `{}` (SHA-1 {}) and `{}` (SHA-1 {})",
                    first.title(),
                    first.sha1(),
                    other.title(),
                    other.sha1()
                ),
                "have both signed under one root; where both roots have one key, choose with `--root FILE`",
            )),
        }
    }

    /// As the file will be on the disk.
    fn content(&self, file: &OutFile, given: &Path, derivations: &Derivations) -> FileContent {
        let path = given.join(file.name).display().to_string();
        let bytes = Ok(Secret::new(file.bytes.expose().to_vec()));
        let file = InFile { path, bytes, others_may_read: false, tracked_by_git: false };
        inventory::read(file, self.passwords, derivations)
    }

    /// What `validate` would say of the bundle.
    fn judge(
        &self,
        files: Vec<FileContent>,
        given: &Path,
        machine: &str,
        warnings: &mut Vec<String>,
    ) -> anyhow::Result<Vec<Finding>> {
        let asked = Given {
            at: self.now,
            machine: Some(machine.to_owned()),
            name: None,
            purpose: None,
            warn_days: WARN_DAYS,
            folder: files::full_path(given).file_name().map(|name| name.to_string_lossy().into_owned()),
            with_root: false,
            roots_elsewhere: Vec::new(),
            server: None,
        };
        let subject = Subject { name: given.display().to_string(), files };
        let report = examine::report(subject, &Beside::default(), &asked, &parallel::one_by_one);
        let stops = |finding: &&Finding| finding.severity >= Severity::Unjudged;
        let sound = report.verdict(false) == Verdict::Sound;
        if !sound && !self.force {
            let mut faults = report.findings.iter().filter(stops).rev();
            let last = faults.next().map_or_else(
                || problem("there is nothing to judge", "give the CA's certificates with `--from`"),
                |fault| problem(&fault.sentence, format!("{}; `--force` writes it all the same", way_out(fault))),
            );
            let all = faults.fold(last, |error, fault| error.context(fault.sentence.clone()));
            return Err(all.context(format!("`{}` is not assembled: the bundle would be faulty", given.display())));
        }
        let said = report.findings.iter().filter(|finding| finding.severity > Severity::Note);
        warnings.extend(said.map(|finding| format!("{}: {}", finding.sentence, way_out(finding))));
        Ok(report.findings)
    }

    /// Stages the bundle, reads it back, and puts it in the folder's place in one step.
    fn put(&self, made: &[OutFile], given: &Path, path: &Path, read: &BTreeMap<String, Secret>) -> anyhow::Result<()> {
        let failed = || format!("cannot write `{}`", given.display());
        let mut stage = self.stages.open(files::folder_of(path)).with_context(failed)?;
        for file in made {
            stage.write(file.name, file.bytes.expose(), file.privacy).with_context(failed)?;
        }
        stage.flush().with_context(failed)?;
        let back = stage.read_back().with_context(failed)?;
        // What was judged is what lies there.
        let same = |file: &OutFile| back.get(file.name).is_some_and(|bytes| bytes.expose() == file.bytes.expose());
        if let Some(file) = made.iter().find(|file| !same(file)) {
            return Err(problem(
                format!("`{}` was not written: `{}` reads back otherwise", given.display(), file.name),
                "try again; if it happens twice, check the disk and report it",
            ));
        }
        let stage = stage.make_durable().with_context(failed)?;
        if !is_unchanged(path, read).with_context(failed)? {
            return Err(problem(
                format!("`{}` was changed while qcert was at work", given.display()),
                "nothing was done: look at it, and run the same command again",
            ));
        }
        stage.place(path, Placing::Replacing).with_context(failed)
    }
}

fn request(name: &'static str, bytes: &Secret) -> OutFile {
    OutFile { name, privacy: Privacy::Public, bytes: Secret::new(bytes.expose().to_vec()) }
}

fn is_in(file: &FileContent, folder: &Path) -> bool {
    files::folder_of(Path::new(&file.path)) == folder
}

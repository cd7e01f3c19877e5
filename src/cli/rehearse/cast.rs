//! Who plays: each machine with its identities ready for a handshake, and what it goes by.

#![expect(clippy::similar_names, reason = "caller and callee are the words for the two ends")]

use super::judged::Judged;
use super::play::Looks;
use crate::host::tls::{Identity, IdentityError};
use crate::pki::path::Purpose;
use crate::pki::profile::Role;
use crate::pki::public_key::KeyAlgorithm;
use crate::pki::rehearsal::judge::{Trust, Wanted};
use crate::pki::rehearsal::machine::{Form, Machine};
use crate::pki::rehearsal::source::Source;
use std::collections::HashMap;
use std::sync::Arc;
use time::OffsetDateTime;

#[derive(Debug)]
pub(super) struct Actor {
    pub(super) machine: Machine,
    /// As given.
    pub(super) folder: String,
    /// How people tell it from the others.
    pub(super) shown: String,
    /// What `validate` says of the folder, the heaviest first.
    pub(super) judged: Vec<Judged>,
    /// Why a certificate cannot be shown, and what to do, where `validate` knows.
    ways_out: Vec<(String, String)>,
    identities: Vec<(Role, Form, Result<Identity, String>)>,
    trusts: [Arc<Trust>; 2],
}

/// From which files the caller and the callee show theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Forms {
    pub(super) caller: Form,
    pub(super) callee: Form,
}

impl Forms {
    pub(super) fn words(self) -> String {
        if self.caller == self.callee {
            self.caller.word().to_owned()
        } else {
            format!("{} client and {} server", self.caller.word(), self.callee.word())
        }
    }
}

impl Actor {
    pub(super) fn new(mut machine: Machine, folder: String, judged: Vec<Judged>, at: OffsetDateTime) -> Self {
        let mut identities = Vec::new();
        let mut left_out = Vec::new();
        let mut ways_out = Vec::new();
        let fix = |source: &Source| {
            let about = |judged: &&Judged| {
                judged.files.iter().any(|file| [&source.known.file, &source.key_file].contains(&file))
            };
            judged.iter().filter(|judged| judged.is_error()).find(about).map(|judged| judged.fix.clone())
        };
        machine.sources.retain(|source| match identity(source) {
            Ok(identity) => {
                ways_out.extend(identity.as_ref().err().cloned().zip(fix(source)));
                identities.push((source.role, source.form, identity));
                true
            }
            Err(limit) => {
                left_out.push(limit);
                false
            }
        });
        machine.left_out.extend(left_out);
        let trusts = Form::ALL.map(|form| {
            let (roots, between) = (machine.roots_of(form).to_vec(), machine.between().to_vec());
            Arc::new(Trust { roots, between, at })
        });
        let shown = machine.name.clone();
        Self { machine, folder, shown, judged, ways_out, identities, trusts }
    }

    /// Qlik calls a folder by the machine name that was typed; this one's server certificate is for another.
    pub(super) fn folder_name(&self) -> Option<&Judged> {
        self.judged.iter().find(|judged| judged.is_of_folder_name())
    }

    /// Machines of one name are told apart by their folders.
    pub(super) fn tell_apart(actors: &mut [Self]) {
        let mut known: HashMap<String, usize> = HashMap::new();
        for actor in actors.iter() {
            *known.entry(actor.machine.name.clone()).or_default() += 1;
        }
        for actor in actors {
            if known.get(&actor.machine.name).is_some_and(|count| *count > 1) {
                actor.shown = format!("{} ({})", actor.machine.name, actor.folder);
            }
        }
    }

    pub(super) fn holds_nothing(&self) -> bool {
        self.machine.sources.is_empty() && !self.can_check()
    }

    pub(super) fn way_out(&self, why: &str) -> Option<&str> {
        self.ways_out.iter().find(|(known, _)| known == why).map(|(_, fix)| fix.as_str())
    }

    /// `None` where there is none at all; an error where there is one that cannot be shown.
    pub(super) fn identity(&self, role: Role, form: Form) -> Option<&Result<Identity, String>> {
        self.identities.iter().find(|one| (one.0, one.1) == (role, form)).map(|one| &one.2)
    }

    fn forms(&self, role: Role) -> Vec<Form> {
        self.machine.of(role).map(|source| source.form).collect()
    }

    pub(super) fn can_check(&self) -> bool {
        !self.machine.roots_of(Form::Pem).is_empty()
    }

    /// What a service of this machine looks at, in the files of this form.
    pub(super) fn looks(&self, form: Form, purpose: Purpose, name: Option<&str>, file: &str) -> Looks {
        let [pem, pfx] = &self.trusts;
        let trust = Arc::clone(if form == Form::Pem { pem } else { pfx });
        Looks { trust, wanted: Wanted { purpose, name: name.map(str::to_owned), file: file.to_owned() } }
    }
}

/// Which files of the one go with which of the other: like with like, and what has no like with what is there.
pub(super) fn forms(caller: &Actor, callee: &Actor) -> Vec<Forms> {
    let (callers, callees) = (caller.forms(Role::Client), callee.forms(Role::Server));
    let (Some(first_caller), Some(first_callee)) = (callers.first(), callees.first()) else { return Vec::new() };
    if !caller.can_check() || !callee.can_check() {
        return Vec::new();
    }
    if caller.machine.has_two_roots() || callee.machine.has_two_roots() {
        // Tools read PEM files and call services, whose certificates come from the PFX files.
        let with = |caller: &Form| callees.iter().map(|callee| Forms { caller: *caller, callee: *callee }).collect();
        return callers.iter().flat_map(|caller| -> Vec<Forms> { with(caller) }).collect();
    }
    let like = |others: &[Form], form: Form, first: Form| if others.contains(&form) { form } else { first };
    let mut all: Vec<Forms> = callers
        .iter()
        .map(|form| Forms { caller: *form, callee: like(&callees, *form, *first_callee) })
        .chain(callees.iter().map(|form| Forms { caller: like(&callers, *form, *first_caller), callee: *form }))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Inside, what is wrong with it; outside, what the TLS here cannot do.
fn identity(source: &Source) -> Result<Result<Identity, String>, String> {
    if let Some(misplaced) = &source.misplaced {
        return Ok(Err(misplaced.clone()));
    }
    let (file, key_file) = (&source.known.file, &source.key_file);
    // It could be shown, but nobody here could check that it has its key.
    if source.known.certificate.version() < 3 {
        return Err(format!("`{file}` cannot be played: {}", unusable(source)));
    }
    match Identity::new(source.chain.clone(), &source.key) {
        Ok(identity) => Ok(Ok(identity)),
        Err(IdentityError::OtherKey) if file == key_file => {
            Ok(Err(format!("the key in `{file}` is not the certificate's, so no program can show it")))
        }
        Err(IdentityError::OtherKey) => {
            Ok(Err(format!("`{key_file}` is not the key of `{file}`, so no program can show it")))
        }
        Err(IdentityError::Unusable) => Err(format!("`{file}` cannot be played: {}", unusable(source))),
    }
}

/// Not in the words of the library, which are for programmers.
fn unusable(source: &Source) -> String {
    let certificate = &source.known.certificate;
    match (certificate.version(), certificate.public_key().algorithm()) {
        (version @ (1 | 2), _) => format!("it is a version {version} certificate, and qcert shows version 3 only"),
        (_, KeyAlgorithm::Rsa { bits: bits @ ..2048, .. }) => {
            format!("its key is RSA {bits}, and qcert shows none of less than 2048 bits")
        }
        _ => format!("qcert cannot show a certificate such as this one, with {}", certificate.public_key().text()),
    }
}

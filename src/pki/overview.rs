//! `Overview`: the certificates and keys of several files, each once, with the places it was found in, and the slots of
//! a Qlik bundle. Rules look through it. Nothing is judged here.

use super::certificate::{Authority, Certificate};
use super::inventory::{FileContent, Form, Key, KeyState, PfxContent, What};
use super::profile::{CLIENT_NAME, Role};
use super::public_key::PublicKey;
use std::collections::HashMap;

/// A file name by which Qlik and its tools find a part of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    pub role: Role,
    pub kind: SlotKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SlotKind {
    /// PEM.
    Certificate,
    /// PEM.
    Key,
    Pfx,
    /// `root.cer`.
    Der,
}

impl Slot {
    pub const ALL: [Self; 8] = {
        const fn slot(role: Role, kind: SlotKind) -> Slot {
            Slot { role, kind }
        }
        [
            slot(Role::Root, SlotKind::Certificate),
            slot(Role::Root, SlotKind::Der),
            slot(Role::Server, SlotKind::Certificate),
            slot(Role::Server, SlotKind::Key),
            slot(Role::Server, SlotKind::Pfx),
            slot(Role::Client, SlotKind::Certificate),
            slot(Role::Client, SlotKind::Key),
            slot(Role::Client, SlotKind::Pfx),
        ]
    };

    /// Windows does not tell upper from lower case, and bundles travel.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| name.eq_ignore_ascii_case(slot.file_name()))
    }

    pub fn file_name(self) -> &'static str {
        match (self.role, self.kind) {
            (Role::Root, SlotKind::Der | SlotKind::Pfx) => "root.cer",
            (Role::Root, _) => "root.pem",
            (Role::Server, SlotKind::Key) => "server_key.pem",
            (Role::Server, SlotKind::Pfx) => "server.pfx",
            (Role::Server, _) => "server.pem",
            (Role::Client, SlotKind::Key) => "client_key.pem",
            (Role::Client, SlotKind::Pfx) => "client.pfx",
            (Role::Client, _) => "client.pem",
        }
    }
}

#[derive(Debug)]
pub struct Overview<'a> {
    pub files: &'a [FileContent],
    /// Each certificate once, in the order of the files.
    pub certificates: Vec<Found<'a>>,
    pub keys: Vec<FoundKey<'a>>,
    slots: HashMap<Slot, usize>,
}

#[derive(Debug)]
pub struct Found<'a> {
    pub certificate: &'a Certificate,
    /// Indexes of files, each once.
    pub places: Vec<usize>,
}

#[derive(Debug)]
pub struct FoundKey<'a> {
    pub key: &'a Key,
    pub place: usize,
}

impl FoundKey<'_> {
    pub fn public_key(&self) -> Option<&PublicKey> {
        match &self.key.state {
            KeyState::Open(public) => Some(public),
            _ => None,
        }
    }
}

impl<'a> Overview<'a> {
    pub fn new(files: &'a [FileContent]) -> Self {
        let mut certificates: Vec<Found<'a>> = Vec::new();
        let mut known: HashMap<&'a [u8], usize> = HashMap::new();
        let mut keys = Vec::new();
        let mut slots = HashMap::new();
        for (place, file) in files.iter().enumerate() {
            if let Some(slot) = Slot::of(&file.name) {
                slots.entry(slot).or_insert(place);
            }
            for certificate in file.certificates() {
                let at = *known.entry(certificate.der()).or_insert_with(|| {
                    certificates.push(Found { certificate, places: Vec::new() });
                    certificates.len() - 1
                });
                if let Some(found) = certificates.get_mut(at).filter(|found| found.places.last() != Some(&place)) {
                    found.places.push(place);
                }
            }
            keys.extend(file.keys().map(|key| FoundKey { key, place }));
        }
        // The PEM file is the one that people open: sentences name it first.
        for found in &mut certificates {
            found.places.sort_by_key(|place| files.get(*place).is_none_or(|file| !has_pem_name(file)));
        }
        Self { files, certificates, keys, slots }
    }

    pub fn is_bundle(&self) -> bool {
        !self.slots.is_empty()
    }

    pub fn slot(&self, role: Role, kind: SlotKind) -> Option<&'a FileContent> {
        self.slots.get(&Slot { role, kind }).and_then(|place| self.files.get(*place))
    }

    /// The slots that are filled, in the order of `Slot::ALL`.
    pub fn filled(&self) -> impl Iterator<Item = (Slot, &'a FileContent)> + '_ {
        Slot::ALL.into_iter().filter_map(|slot| self.slot(slot.role, slot.kind).map(|file| (slot, file)))
    }

    pub fn paths(&self, places: &[usize]) -> Vec<String> {
        places.iter().filter_map(|place| self.files.get(*place)).map(|file| file.path.clone()).collect()
    }

    pub fn names(&self, places: &[usize]) -> Vec<&'a str> {
        places.iter().filter_map(|place| self.files.get(*place)).map(|file| file.name.as_str()).collect()
    }

    /// One of several in a file needs its own name.
    fn within(&self, found: &Found<'_>, file: &str) -> String {
        let crowded = found.places.first().and_then(|place| self.files.get(*place));
        if crowded.is_some_and(|file| file.certificates().nth(1).is_some()) {
            format!("`{}` in `{file}`", found.certificate.title())
        } else {
            format!("`{file}`")
        }
    }

    /// Whether a stranger showed it at a port, and it lies in no file: it vouches for nothing.
    pub fn is_only_shown(&self, found: &Found<'_>) -> bool {
        let mut files = found.places.iter().filter_map(|place| self.files.get(*place));
        files.all(|file| file.form == Form::Shown)
    }

    /// The slots in which a certificate lies.
    pub fn slots_of(&self, found: &Found<'_>) -> impl Iterator<Item = Slot> {
        found.places.iter().filter_map(|place| self.files.get(*place)).filter_map(|file| Slot::of(&file.name))
    }

    /// How a sentence calls a certificate: by one file, PEM first, and the others behind it.
    pub fn label(&self, found: &Found<'_>) -> String {
        match &self.names(&found.places)[..] {
            [] => "a certificate".to_owned(),
            [only] => self.within(found, only),
            [first, others @ ..] => format!("{} (also {})", self.within(found, first), list(others)),
        }
    }
}

fn has_pem_name(file: &FileContent) -> bool {
    file.name.to_ascii_lowercase().ends_with(".pem")
}

/// What a certificate is in Qlik's terms: by marker, else by what it says of itself.
pub fn role_of(certificate: &Certificate) -> Option<Role> {
    if let Some(role) = certificate.marker() {
        return Some(role);
    }
    if certificate.common_name() == Some(CLIENT_NAME) {
        return Some(Role::Client);
    }
    if is_root(certificate) {
        return Some(Role::Root);
    }
    (certificate.authority() != Authority::Yes).then_some(Role::Server)
}

/// A certificate that others may hang from: self-issued, and not said to be none. Qlik's own had no basicConstraints
/// before 2020, so a self-issued certificate that says nothing counts when its name or marker is a root's.
pub fn is_root(certificate: &Certificate) -> bool {
    certificate.is_self_issued()
        && match certificate.authority() {
            Authority::Yes => true,
            Authority::No => certificate.marker() == Some(Role::Root),
            Authority::Unsaid => {
                certificate.marker() == Some(Role::Root)
                    || certificate.common_name().is_some_and(|name| name.ends_with("-CA"))
            }
        }
}

pub fn pfx_of(file: &FileContent) -> Option<&PfxContent> {
    file.objects.iter().find_map(|object| match &object.what {
        What::Pfx(pfx) => Some(&**pfx),
        _ => None,
    })
}

/// `` `a` ``, `` `a` and `b` ``, `` `a`, `b` and 3 others ``: how a sentence names files.
pub fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [first, second, third, rest @ ..] if rest.len() > 5 => {
            format!("`{first}`, `{second}`, `{third}` and {} others", rest.len())
        }
        [most @ .., last] => {
            let most: Vec<_> = most.iter().map(|name| format!("`{name}`")).collect();
            format!("{} and `{last}`", most.join(", "))
        }
    }
}

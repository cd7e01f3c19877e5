//! `Plan`: what is to be done to a machine's certificate stores, step by step, or why it is not to be done.
//!
//! Pure: from what the stores hold (`SnapshotContent`) and what is to be installed (`Wanted`) or removed.
//! `cli::store` shows it, asks, and carries it out; `confirm` tells afterwards whether the stores are as was planned.
//!
//! Where things belong is Qlik's (help pages, service certificates): the root in Trusted Root of the machine, the server
//! in Personal of the machine, the client in Personal of the account that runs the services.

mod cautions;
mod clean;
mod confirm;
mod install;
mod keep;
mod old;
mod parcel;
mod refusal;
mod shelf;
mod wanted;

pub use clean::{clean, find_root};
pub use confirm::{Difference, confirm};
pub use install::{Options, install};
pub use keep::{Kept, certificates_alone, file_name};
pub use parcel::{Parcel, ParcelError, pack};
pub use refusal::Refusal;
pub use wanted::{Choice, Leaf, Wanted, sort};

use super::certificate::Certificate;
use super::profile::Role;
use super::snapshot::{KeyFacts, Location, Place, StoreName};

pub const MACHINE_ROOT: Place = Place { location: Location::LocalMachine, name: StoreName::Root };
pub const MACHINE_PERSONAL: Place = Place { location: Location::LocalMachine, name: StoreName::My };
pub const MACHINE_BETWEEN: Place = Place { location: Location::LocalMachine, name: StoreName::Ca };
pub const USER_PERSONAL: Place = Place { location: Location::CurrentUser, name: StoreName::My };

/// The Repository Service of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repository {
    /// There is none.
    Absent,
    /// As whom it runs: `DOMAIN\name`, `.\name`, `LocalSystem` …
    RunsAs(String),
    /// A snapshot does not tell.
    Unknown,
}

#[derive(Debug, Default)]
pub struct Plan {
    /// In the order in which they are to be done.
    pub steps: Vec<Step>,
    /// What a person should know before it is done. Each is a sentence.
    pub cautions: Vec<String>,
    /// Why it is not to be done.
    pub refusals: Vec<Refusal>,
}

/// One certificate in one store.
#[derive(Debug, Clone)]
pub struct Step {
    pub action: Action,
    pub place: Place,
    /// `None` of an intermediate, and of Qlik's others.
    pub role: Option<Role>,
    pub certificate: Certificate,
    pub reason: String,
    /// Of what is to be there, or of what is removed.
    pub friendly_name: Option<String>,
    /// Of what is there, as far as Windows told; `None` where there is no key, or nothing there.
    pub key: Option<KeyFacts>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is there as it should be.
    Keep,
    /// A leaf with its key.
    Add,
    /// It is there, but its key is not, or not where it should be: it is put there once more, with its key.
    Mend,
    /// It gets its friendly name.
    Name,
    /// Out of the store. Its key stays where it is.
    Remove,
}

impl Action {
    pub fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Add => "add",
            Self::Mend => "mend",
            Self::Name => "name",
            Self::Remove => "remove",
        }
    }
}

impl Plan {
    /// The steps that change something.
    pub fn changes(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.action != Action::Keep)
    }

    pub fn removals(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.action == Action::Remove)
    }

    /// A step at a store of the machine takes rights that are known before: nothing is begun without them.
    fn check_rights(&mut self, elevated: Option<bool>) {
        let mut places: Vec<Place> = Vec::new();
        for step in self.changes().filter(|step| step.place.location == Location::LocalMachine) {
            if !places.contains(&step.place) {
                places.push(step.place);
            }
        }
        if elevated == Some(false) && !places.is_empty() {
            self.refusals.push(Refusal::NotElevated(places));
        }
    }
}

impl Step {
    /// Its key goes into a backup, as far as Windows told before.
    pub fn key_can_be_kept(&self) -> bool {
        self.key.as_ref().is_some_and(|key| key.exportable == Some(true))
    }
}

/// `` `QlikClient` (thumbprint `1A2B…`) ``, as Windows shows it.
pub fn named(certificate: &Certificate) -> String {
    format!("`{}` (thumbprint `{}`)", certificate.title(), certificate.sha1().to_ascii_uppercase())
}

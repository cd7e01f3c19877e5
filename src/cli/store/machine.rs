//! `Machine`: the stores as they are changed, a seam: one implementor is Windows' stores, the other a machine that the
//! tests pretend, in which every step can fail.

use super::super::Clock;
use crate::host::interrupt::{self, Deferred};
use crate::host::stores::{self, Import, Trust, Use};
use crate::pki::inventory::SnapshotContent;
use crate::pki::secret::{Password, Secret};
use crate::pki::snapshot::{Location, Place};
use crate::pki::store_plan::Repository;
use std::io;

pub(super) trait Machine {
    /// What the stores hold now.
    fn look(&mut self) -> anyhow::Result<SnapshotContent>;
    fn repository(&mut self) -> Repository;
    /// From here on an interrupt is only noted.
    fn begin(&mut self);
    fn is_asked_to_stop(&self) -> bool;
    fn add(&mut self, place: Place, der: &[u8], friendly_name: Option<&str>) -> io::Result<()>;
    fn import(&mut self, import: &Import<'_>) -> io::Result<Vec<Vec<u8>>>;
    fn set_friendly_name(&mut self, place: Place, der: &[u8], name: &str) -> io::Result<()>;
    fn remove(&mut self, place: Place, der: &[u8]) -> io::Result<()>;
    fn export(&mut self, place: Place, ders: &[&[u8]], password: Option<&Password>) -> io::Result<Secret>;
    fn trust(&mut self, der: &[u8], as_what: Use<'_>, engine: Location) -> io::Result<Trust>;
}

#[derive(Debug)]
pub(super) struct ThisMachine {
    clock: Clock,
    deferred: Option<Deferred>,
}

impl ThisMachine {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, deferred: None }
    }
}

const HINT: &str = "run it on the machine whose stores are meant; `--dry-run --from SNAPSHOT` tells on any system what \
                    would be done";

impl Machine for ThisMachine {
    fn look(&mut self) -> anyhow::Result<SnapshotContent> {
        super::read::live(self.clock, HINT)
    }

    fn repository(&mut self) -> Repository {
        match stores::service_account() {
            Ok(Some(account)) => Repository::RunsAs(account),
            Ok(None) => Repository::Absent,
            Err(error) => {
                tracing::info!("whether the Repository Service is installed is not known: {error}");
                Repository::Unknown
            }
        }
    }

    fn begin(&mut self) {
        self.deferred = Some(interrupt::defer());
    }

    fn is_asked_to_stop(&self) -> bool {
        self.deferred.as_ref().is_some_and(Deferred::was_asked)
    }

    fn add(&mut self, place: Place, der: &[u8], friendly_name: Option<&str>) -> io::Result<()> {
        stores::add(place, der, friendly_name)
    }

    fn import(&mut self, import: &Import<'_>) -> io::Result<Vec<Vec<u8>>> {
        stores::import(import)
    }

    fn set_friendly_name(&mut self, place: Place, der: &[u8], name: &str) -> io::Result<()> {
        stores::set_friendly_name(place, der, name)
    }

    fn remove(&mut self, place: Place, der: &[u8]) -> io::Result<()> {
        stores::remove(place, der)
    }

    fn export(&mut self, place: Place, ders: &[&[u8]], password: Option<&Password>) -> io::Result<Secret> {
        stores::export(place, ders, password)
    }

    fn trust(&mut self, der: &[u8], as_what: Use<'_>, engine: Location) -> io::Result<Trust> {
        stores::trust(der, as_what, engine)
    }
}

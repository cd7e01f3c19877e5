//! Makes the like of bundles that the ledger knows: same names, profile, formats and place, from the present root.
//!
//! What lies at the place is replaced only where it is the bundle that the ledger says, or nothing.

use super::compromised;
use super::error::problem;
use super::existing::check_holds_a_bundle_only;
use super::issue::{Issuing, Keys};
use super::recipe::{self, Recipe};
use super::report::{MachineReport, Replaced};
use super::site::Site;
use crate::host::files;
use crate::host::key_supply::KeySupply;
use crate::host::ledger::{Entry, Ledger, LedgerError};
use crate::host::stage::{self, Placing};
use crate::pki::bundle::keys::{self, KeyFault};
use crate::pki::encryption::Derivations;
use crate::pki::key::{KeySize, PrivateKey};
use crate::pki::name::{MachineName, Underscore};
use crate::pki::profile::{Profile, Role};
use crate::pki::secret::{Password, Secret};
use crate::pki::validity::Validity;
use anyhow::Context as _;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

/// What lies at one place, as far as the ledger knows.
#[derive(Debug)]
pub(super) struct OldBundle {
    pub(super) machine: String,
    pub(super) place: PathBuf,
    pub(super) entries: Vec<Entry>,
}

/// What lies at its place or was last seen there, in the order of its making.
pub(super) fn in_place(ledger: &Ledger) -> Result<Vec<OldBundle>, LedgerError> {
    let mut bundles: Vec<OldBundle> = Vec::new();
    let mut at = HashMap::new();
    ledger.each_in_place(|entry| {
        let index = *at.entry(entry.place.clone()).or_insert_with(|| {
            bundles.push(OldBundle {
                machine: entry.machine.clone(),
                place: PathBuf::from(&entry.place),
                entries: Vec::new(),
            });
            bundles.len() - 1
        });
        if let Some(bundle) = bundles.get_mut(index) {
            bundle.entries.push(entry);
        }
    })?;
    bundles.iter_mut().for_each(OldBundle::leave_out_what_never_arrived);
    bundles.retain(|bundle| !bundle.entries.is_empty());
    Ok(bundles)
}

impl OldBundle {
    /// A run that was stopped between the ledger and the place leaves entries of which nobody noted whether they arrived.
    fn leave_out_what_never_arrived(&mut self) {
        if self.entries.iter().all(|entry| entry.written) {
            return;
        }
        let arrived = |entry: &Entry| entry.is_at(&self.place);
        let newer = self.entries.iter().any(|entry| !entry.written && arrived(entry));
        // Where nothing can show it, nothing is claimed.
        let known = |entry: &Entry| entry.written || entry.evidence.is_none();
        self.entries.retain(|entry| if newer { !entry.written && arrived(entry) } else { known(entry) });
    }

    /// When the first of its certificates ends.
    pub(super) fn end(&self) -> Option<OffsetDateTime> {
        self.entries.iter().map(|entry| entry.not_after).min()
    }

    pub(super) fn made_at(&self) -> Option<OffsetDateTime> {
        self.entries.iter().map(|entry| entry.issued_at).max()
    }

    /// Whether somebody gave up all of it: then it is made anew only where its machine is named.
    pub(super) fn is_revoked(&self) -> bool {
        self.entries.iter().all(|entry| entry.revoked_at.is_some())
    }

    /// Whether all of it is of this root.
    pub(super) fn is_of(&self, root: &str) -> bool {
        self.entries.iter().all(|entry| entry.root == root)
    }

    /// Those of one run have one recipe; the last one counts.
    pub(super) fn recipe(&self) -> anyhow::Result<Recipe> {
        let last = self.entries.last();
        let text = last.and_then(|entry| entry.recipe.as_deref()).ok_or_else(|| match last {
            Some(entry) if entry.evidence.is_some() => problem(
                format!("`{}` cannot be made again: its key was made elsewhere", self.place.display()),
                "sign a new request with `qcert sign --csr FILE`",
            ),
            _ => problem(
                format!("the ledger does not say how `{}` was written: an older qcert made it", self.place.display()),
                "make it with `qcert export --exists replace`; from then on it can be renewed",
            ),
        })?;
        Recipe::parse(text).with_context(|| format!("cannot renew `{}`", self.place.display()))
    }

    pub(super) fn profile(&self) -> Profile {
        self.entries.last().and_then(|entry| recipe::profile(&entry.profile)).unwrap_or_default()
    }

    fn replaced(&self) -> Vec<Replaced> {
        self.entries.iter().map(|entry| Replaced::new(&entry.role, &entry.serial, entry.not_after)).collect()
    }
}

/// What all renewals of a run have in common.
#[derive(Debug)]
pub(super) struct Renewal<'a> {
    pub(super) site: &'a Site,
    pub(super) supplies: Vec<(KeySize, KeySupply)>,
    pub(super) same_key: bool,
    pub(super) password: Option<&'a Password>,
    pub(super) now: OffsetDateTime,
}

/// Starts to make the keys that these bundles need.
pub(super) fn start_keys<'b>(bundles: impl IntoIterator<Item = &'b OldBundle>) -> Vec<(KeySize, KeySupply)> {
    let mut wanted: Vec<(KeySize, usize)> = Vec::new();
    for bundle in bundles {
        let Ok(recipe) = bundle.recipe() else { continue };
        let (Ok(size), Ok(roles)) = (recipe.key_size(), recipe.roles()) else { continue };
        match wanted.iter_mut().find(|(known, _)| *known == size) {
            Some((_, count)) => *count += roles.len(),
            None => wanted.push((size, roles.len())),
        }
    }
    wanted.into_iter().map(|(size, count)| (size, KeySupply::start(size, count))).collect()
}

impl Renewal<'_> {
    /// Until when the bundle's like would last, and whether that is the root's end.
    pub(super) fn new_validity(&self, old: &OldBundle, recipe: &Recipe) -> anyhow::Result<(Validity, bool)> {
        let end = recipe.lifetime().and_then(|lifetime| self.now.checked_add(lifetime));
        let wanted = Validity::chosen(self.now, None, end).context("these dates cannot be used")?;
        self.site.leaf_validity(wanted, old.profile())
    }

    pub(super) fn renew(&self, old: &OldBundle, state: &'static str) -> anyhow::Result<MachineReport> {
        let recipe = old.recipe()?;
        let roles = recipe.roles()?;
        let machine = MachineName::parse(&old.machine, Underscore::Allowed)?;
        let aliases = recipe.aliases()?;
        let password = self.password_of(old, &recipe)?;
        let kept_keys = self.look_at_place(old, &roles, password)?;
        let key_size = recipe.key_size()?;
        let (validity, ends_with_root) = self.new_validity(old, &recipe)?;
        let ordered = self.supplies.iter().find(|(size, _)| *size == key_size).map(|(_, supply)| supply);
        let unordered;
        let supply = if let Some(supply) = ordered {
            supply
        } else {
            // Of a size that nobody thought of when the keys were ordered: they are made when they are taken.
            unordered = KeySupply::start(key_size, 0);
            &unordered
        };
        let issuing = Issuing {
            site: self.site,
            keys: kept_keys.as_ref().map_or(Keys::New(supply), Keys::Same),
            key_size,
            lifetime: recipe.lifetime(),
            profile: old.profile(),
            validity,
            ends_with_root,
            roles: &roles,
            with_root: recipe.with_root(),
            format: recipe.format()?,
            password,
            aliases: &aliases,
            now: self.now,
        };
        let parent = files::folder_of(&old.place);
        files::create_folders(parent).with_context(|| format!("cannot use `{}`", parent.display()))?;
        let placing = if files::exists(&old.place) { Placing::Replacing } else { Placing::New };
        let leaves = issuing.issue(&machine, &old.place, placing)?;
        let mut report = issuing.report(&machine, state, &old.place, &leaves, None);
        report.keys = Some(if self.same_key { "same" } else { "new" });
        report.replaces = old.replaced();
        Ok(report)
    }

    fn password_of(&self, old: &OldBundle, recipe: &Recipe) -> anyhow::Result<Option<&Password>> {
        match (recipe.password, self.password) {
            (true, None) => Err(problem(
                format!("`{}` has a password, and none was given", old.place.display()),
                "give it with `--password-file FILE`",
            )),
            (true, password) => Ok(password),
            // What had none keeps none.
            (false, _) => Ok(None),
        }
    }

    /// Sees to it that what is there may be replaced, and that the password is the one it has. Gives the keys where they
    /// are to be kept.
    fn look_at_place(
        &self,
        old: &OldBundle,
        roles: &[Role],
        password: Option<&Password>,
    ) -> anyhow::Result<Option<BTreeMap<Role, Secret>>> {
        let place = &old.place;
        if !files::exists(place) {
            if self.same_key {
                return Err(problem(
                    format!("`{}` is not there any more, and with it the keys", place.display()),
                    "leave `--same-key` out, or put the folder back",
                ));
            }
            return Ok(None);
        }
        if !files::is_real_folder(place) || !self.is_known(old)? {
            return Err(problem(
                format!("`{}` is not the bundle that the ledger knows", place.display()),
                "look at it with `qcert inspect`; `qcert export --exists replace` puts a new bundle in its place",
            ));
        }
        check_holds_a_bundle_only(place)?;
        // One key shows whether the password is right; all are read only where they are needed.
        let wanted = match (self.same_key, password) {
            (true, _) => roles,
            (false, Some(_)) => roles.get(..1).unwrap_or_default(),
            (false, None) => return Ok(None),
        };
        let keys = read_keys(place, wanted, password)?;
        if self.same_key {
            for key in keys.values() {
                let key = PrivateKey::from_pkcs8(Secret::new(key.expose().to_vec()))?;
                compromised::refuse(&self.site.ledger, key.public_key())
                    .with_context(|| format!("cannot keep the keys of `{}`", place.display()))?;
            }
        }
        Ok(self.same_key.then_some(keys))
    }

    /// Whether what lies there now is what the ledger last heard of, also by another run of this moment.
    fn is_known(&self, old: &OldBundle) -> anyhow::Result<bool> {
        let shown = |entry: &Entry| entry.is_at(&old.place);
        loop {
            let seen = stage::identity(&old.place).ok();
            if old.entries.iter().any(shown) {
                return Ok(true);
            }
            let mut known = false;
            self.site.ledger.each_in_place(|entry| known |= Path::new(&entry.place) == old.place && shown(&entry))?;
            if known || seen == stage::identity(&old.place).ok() {
                return Ok(known);
            }
        }
    }
}

fn read_keys(place: &Path, roles: &[Role], password: Option<&Password>) -> anyhow::Result<BTreeMap<Role, Secret>> {
    let folder = stage::read_folder(place).with_context(|| format!("cannot read `{}`", place.display()))?;
    let derivations = Derivations::default();
    let read = |role: &Role| match keys::open(*role, &folder, password, &derivations) {
        Ok(key) => Ok((*role, Secret::new(key.pkcs8().expose().to_vec()))),
        Err(KeyFault::Missing) => Err(problem(
            format!("`{}` holds no {} key", place.display(), role.word()),
            "leave `--same-key` out, or put the file back",
        )),
        Err(KeyFault::Password) => Err(problem(
            format!("the password is not that of `{}`", place.display()),
            "renew keeps a bundle's password; `qcert export --exists replace` gives it another one",
        )),
        Err(KeyFault::Unreadable(why)) => Err(problem(
            format!("the {} key in `{}` cannot be read: {why}", role.word(), place.display()),
            "look at it with `qcert inspect`; `qcert export --exists replace` puts a new bundle in its place",
        )),
    };
    roles.iter().map(read).collect()
}

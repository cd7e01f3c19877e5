//! The site's root, opened for a command: read from the home, or made there if the command may.

use super::error::problem;
use super::issue::ledger_row;
use super::output::Output;
use super::words::rfc3339;
use crate::host::home::{Home, HomeError, OpenHome, RootFiles};
use crate::host::ledger::{Ledger, LedgerError};
use crate::host::run::Run;
use crate::host::stage::Stages;
use crate::host::{self, files, interrupt};
use crate::pki::authority::{Authority, root_name};
use crate::pki::bundle::CERTIFICATE_LABEL;
use crate::pki::certificate::{Certificate, hexadecimal};
use crate::pki::entropy::{Entropy as _, NoEntropy, SystemEntropy};
use crate::pki::key::{KeyError, PrivateKey};
use crate::pki::name::{COMMON_NAME_LIMIT, MachineName, Underscore};
use crate::pki::pem;
use crate::pki::profile::{Profile, Role};
use crate::pki::sealed;
use crate::pki::secret::{Password, Secret};
use crate::pki::serial::Serial;
use crate::pki::source::Source;
use crate::pki::validity::Validity;
use anyhow::Context as _;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// Everything a command needs to issue certificates.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) home: Home,
    pub(super) ledger: Ledger,
    pub(super) stages: Arc<Stages>,
    pub(super) authority: Authority,
    /// Whether this run made the root.
    pub(super) created: bool,
    pub(super) key_is_encrypted: bool,
}

impl Site {
    /// The leaves' validity, and whether it ends with the root.
    pub(super) fn leaf_validity(&self, wanted: Validity, profile: Profile) -> anyhow::Result<(Validity, bool)> {
        self.authority.leaf_validity(wanted, profile).context("the root does not last long enough")
    }
}

/// How the root that is there is opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening<'a> {
    pub(super) passphrase: Option<&'a Password>,
    pub(super) now: OffsetDateTime,
    /// Issue even where the ledger has certificates of a later day than this.
    pub(super) trust_clock: bool,
}

/// A root to be made, if there is none.
#[derive(Debug)]
pub(super) struct NewRoot<'a> {
    pub(super) host: MachineName,
    pub(super) profile: Profile,
    pub(super) validity: Validity,
    pub(super) passphrase: Option<&'a Password>,
}

/// Takes the home for this run, and sees to it that an interrupt leaves nothing behind.
pub(super) fn take(home: Home, now: OffsetDateTime) -> anyhow::Result<OpenHome> {
    let open = home.open(run_name()?, now)?;
    interrupt::abandon_on_interrupt(&open.stages);
    Ok(open)
}

/// As `take`, of a run that has no home to note itself in.
pub(super) fn stages_without_home() -> Result<Arc<Stages>, NoEntropy> {
    let stages = Arc::new(Stages::new(Run::without_home(run_name()?)));
    interrupt::abandon_on_interrupt(&stages);
    Ok(stages)
}

fn run_name() -> Result<String, NoEntropy> {
    Ok(hexadecimal(&SystemEntropy.octets::<6>()?))
}

/// The root's host name: as given, else this machine's own.
pub(super) fn host_name(given: Option<&str>, underscore: Underscore, output: &Output) -> anyhow::Result<MachineName> {
    let name = match given {
        Some(name) => MachineName::parse(name, underscore).context("cannot name the root")?,
        None => host::full_host_name()
            .and_then(|name| MachineName::parse(&name, Underscore::Allowed).ok())
            .ok_or_else(|| problem("this machine has no usable name for the root", "give one with `--host NAME`"))?,
    };
    let common_name = root_name(&name);
    if common_name.len() > COMMON_NAME_LIMIT {
        output.warn(&format!(
            "the root's name `{common_name}` has {} characters; X.520 allows {COMMON_NAME_LIMIT}, and some programs \
             refuse more (Qlik does not)",
            common_name.len()
        ));
    }
    Ok(name)
}

/// Opens the root, and makes it if there is none.
pub(super) fn open_or_create(
    home: Home,
    opening: Opening<'_>,
    new_root: &NewRoot<'_>,
    take_key: impl FnOnce() -> Result<PrivateKey, KeyError>,
    output: &Output,
) -> anyhow::Result<Site> {
    let open = take(home, opening.now)?;
    if open.home().root()?.is_some() {
        return finish(open, opening, output);
    }
    let authority = make_root(new_root, take_key()?)?;
    keep(&open, &authority, new_root.passphrase, new_root.profile, opening.now)?;
    tracing::info!("a root was made in the home `{}`", open.home().folder().display());
    Ok(settled(open, authority, new_root.passphrase.is_some()))
}

/// Opens the root that is there. A home that is not there is not made.
pub(super) fn open(home: Home, opening: Opening<'_>, output: &Output) -> anyhow::Result<Site> {
    if !home.is_there() {
        return Err(no_root(&home));
    }
    finish(take(home, opening.now)?, opening, output)
}

/// What there is to look at without opening anything.
#[derive(Debug)]
pub(super) struct View {
    pub(super) root: Certificate,
    pub(super) ledger: Ledger,
}

/// Looks at the home: nothing is made or changed in it, nobody has to wait, and it may be read-only. A ledger of an older
/// qcert is brought up to date first, and a root that a killed run was about to put in its place is put there.
pub(super) fn look(home: &Home, now: OffsetDateTime) -> anyhow::Result<View> {
    if home.has_waiting_root()
        && let Err(error) = take(home.clone(), now)
    {
        tracing::info!("what a run that was stopped left behind is not cleared yet: {error:#}");
    }
    let ledger = look_at_ledger(home, now)?;
    let root = home.root_certificate()?.ok_or_else(|| no_root(home))?;
    let root = certificate_of(&root)
        .with_context(|| format!("cannot read the root in the home `{}`", home.folder().display()))?;
    Ok(View { root, ledger })
}

/// The ledger alone, in the same way: it knows which root is the present one even while another run puts it in place.
pub(super) fn look_at_ledger(home: &Home, now: OffsetDateTime) -> anyhow::Result<Ledger> {
    let ledger = match home.look() {
        Err(HomeError::Ledger(LedgerError::Older(_))) => {
            drop(take(home.clone(), now).context("the ledger is of an older qcert and cannot be brought up to date")?);
            home.look()
        }
        other => other,
    }?;
    ledger.ok_or_else(|| {
        if !home.has_root() {
            return no_root(home);
        }
        problem(
            format!("the home `{}` has no ledger, so nobody knows what was issued", home.folder().display()),
            "put `ledger.sqlite` back from a backup; the next `qcert export` begins a new one",
        )
    })
}

pub(super) fn no_root(home: &Home) -> anyhow::Error {
    if let Err(error) = home.may_be_looked_into() {
        return error.into();
    }
    problem(
        format!("there is no root in the home `{}`", home.folder().display()),
        "make one with `qcert init`, take one over with `qcert init --from FILE`, or name its home with `--home DIR`",
    )
}

pub(super) fn make_root(new_root: &NewRoot<'_>, key: PrivateKey) -> anyhow::Result<Authority> {
    let serial = Serial::draw(new_root.profile.shape().serial, &mut SystemEntropy)?;
    Ok(Authority::create(&new_root.host, new_root.profile, key, new_root.validity, serial)?)
}

/// The root's key as a file, read back before anything is kept: a root that cannot be opened again would be worse than
/// none.
pub(super) fn seal(key: &PrivateKey, passphrase: Option<&Password>) -> anyhow::Result<Secret> {
    let file = sealed::seal(key, passphrase, &mut SystemEntropy)?;
    let again = sealed::unseal(&file, passphrase).context("the sealed key cannot be read back")?;
    anyhow::ensure!(again.public_key() == key.public_key(), "the sealed key is not the root's");
    Ok(file)
}

/// Keeps a root in the home: its key sealed, its certificate, its row in the ledger.
pub(super) fn keep(
    open: &OpenHome,
    authority: &Authority,
    passphrase: Option<&Password>,
    profile: Profile,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let root = authority.certificate();
    let root_files =
        RootFiles { certificate: pem::encode(CERTIFICATE_LABEL, root.der()), key: seal(authority.key(), passphrase)? };
    open.establish(&root_files, root_row(root, profile, open.home(), now))?;
    Ok(open.ledger.place::<LedgerError>(&[root.sha256()], now, || Ok(()))?)
}

fn root_row(root: &Certificate, profile: Profile, home: &Home, now: OffsetDateTime) -> host::ledger::Row {
    let machine = root.title();
    let folder = std::path::absolute(home.folder()).unwrap_or_else(|_| home.folder().to_owned());
    ledger_row(root, root, Role::Root, &machine, profile, &folder.display().to_string(), now)
}

/// Reads the root, lets other runs in, and opens its key: that may be slow, and nobody has to wait for it.
pub(super) fn finish(open: OpenHome, opening: Opening<'_>, output: &Output) -> anyhow::Result<Site> {
    let Opening { passphrase, now, trust_clock } = opening;
    let root = open.home().root()?.ok_or_else(|| no_root(open.home()))?;
    let folder = open.home().folder().display().to_string();
    let certificate =
        certificate_of(&root.certificate).with_context(|| format!("cannot read the root in the home `{folder}`"))?;
    if !trust_clock {
        check_clock(&open, now)?;
    }
    check_ledger(&open, &certificate, now, output)?;
    let (home, ledger, stages) = open.release();
    let path = home.key_path();
    if files::others_may_read(&path) {
        output.warn(&format!("others may read the root's key `{}`: take their rights away", path.display()));
    }
    let key = sealed::unseal(&root.key, passphrase)
        .with_context(|| format!("cannot open the root's key `{}`", path.display()))?;
    let authority = Authority::adopt(certificate, key, now)
        .with_context(|| format!("cannot use the root in the home `{folder}`"))?;
    tracing::info!("the root of the home `{folder}` is open: {}", authority.certificate().subject_text());
    let key_is_encrypted = sealed::is_encrypted(&root.key);
    Ok(Site { home, ledger, stages, authority, created: false, key_is_encrypted })
}

/// A ledger that does not have this root as its present one is told of it.
pub(super) fn check_ledger(
    open: &OpenHome,
    root: &Certificate,
    now: OffsetDateTime,
    output: &Output,
) -> anyhow::Result<()> {
    match open.ledger.current_root()? {
        Some((current, _)) if current == root.sha256() => return Ok(()),
        Some(_) => {
            output.warn("the ledger has another root than the home: the home's is now entered as the present one");
        }
        None => output.warn("the ledger was begun anew: it does not know what was issued before"),
    }
    Ok(open.ledger.enter_root(&root_row(root, Profile::default(), open.home(), now))?)
}

/// Certificates are dated back by seven days, so some hours do no harm; more would make certificates that begin before
/// their root, and a ledger out of order.
const CLOCK_TOLERANCE: Duration = Duration::days(1);

pub(super) fn check_clock(open: &OpenHome, now: OffsetDateTime) -> anyhow::Result<()> {
    match open.ledger.last_issued_at()? {
        Some(last) if last > now.saturating_add(CLOCK_TOLERANCE) => Err(problem(
            format!(
                "this machine's clock says {}, but the last certificate was issued on {}",
                rfc3339(now.replace_nanosecond(0).unwrap_or(now)),
                rfc3339(last)
            ),
            "set the clock right; if it is right now and was wrong then, say so with `--trust-clock`",
        )),
        _ => Ok(()),
    }
}

pub(super) fn certificate_of(file: &Secret) -> anyhow::Result<Certificate> {
    let mut source = Source::default();
    source.add(file.expose(), None)?;
    source.into_pair().0.ok_or_else(|| problem("it holds no certificate", "put the file back from a backup"))
}

/// The site of a root that was just kept.
pub(super) fn settled(open: OpenHome, authority: Authority, key_is_encrypted: bool) -> Site {
    let (home, ledger, stages) = open.release();
    Site { home, ledger, stages, authority, created: true, key_is_encrypted }
}

/// That a root exists is no fault of a run that would make one, but it is never overwritten.
pub(super) fn refuse_existing(home: &Home) -> Result<(), anyhow::Error> {
    if home.has_root() {
        return Err(problem(
            format!("there is already a root in the home `{}`", home.folder().display()),
            "a root is never overwritten: use it, or begin in another home with `--home DIR`",
        ));
    }
    Ok(())
}

/// What is to be known about keeping the root.
pub(super) fn say_how_to_protect(site: &Site, output: &Output) {
    if site.key_is_encrypted {
        output.note("keep a copy of the home and of the passphrase: a lost root cannot be made again");
    } else {
        output.note(
            "the root's key is not encrypted: give it a passphrase with `qcert init --protect`; and keep a copy of \
             the home, for a lost root cannot be made again",
        );
    }
}

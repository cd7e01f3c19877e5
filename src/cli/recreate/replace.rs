//! A new root in the place of our own home's, after a backup, and every bundle made anew under it.
//!
//! The order is the promise: nothing is changed before the backup was read back and the old root was kept aside; and the
//! new root and its row in the ledger come at once. What comes after can be gone on with by `qcert renew`.

use super::super::arguments::{CertificateArguments, PassphraseArguments, PasswordArguments};
use super::super::backup::{self, BackupPassphraseArguments, Order};
use super::super::error::problem;
use super::super::output::{Output, escape};
use super::super::renewal::{self, OldBundle, Renewal};
use super::super::report::MachineReport;
use super::super::site::{self, NewRoot, Site, View};
use super::super::{Clock, parallel, secrets};
use super::report::Recreated;
use crate::host::backup::WORK;
use crate::host::files;
use crate::host::home::{Home, OpenHome, RootFiles};
use crate::host::key_supply::KeySupply;
use crate::host::ledger::{Evidence, Row};
use crate::host::password;
use crate::host::stage::Placing;
use crate::pki::authority::Authority;
use crate::pki::bundle::CERTIFICATE_LABEL;
use crate::pki::certificate::Certificate;
use crate::pki::entropy::SystemEntropy;
use crate::pki::key::KeySize;
use crate::pki::name::{MachineName, Underscore};
use crate::pki::pem;
use crate::pki::profile::Profile;
use crate::pki::sealed;
use crate::pki::secret::{Password, Secret};
use crate::pki::serial::Serial;
use crate::pki::validity::Validity;
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use time::macros::format_description;

const CROSS: &str = "cross.pem";
/// For Windows' certificate import.
const CROSS_DER: &str = "cross.cer";

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ReplacingArguments {
    /// Do it; without this word, what would be done is said
    #[arg(long, conflicts_with = "plan", help_heading = "This home's root")]
    yes: bool,
    /// Also sign the new root by the old one, so that who trusts the old one trusts both for a while
    #[arg(long, help_heading = "This home's root")]
    cross_sign: bool,
    /// Recreate although bundles of the root before are left to renew
    #[arg(long, help_heading = "This home's root")]
    again: bool,
    /// Host name in the new root's name, CN=<host>-CA [default: that of the old root]
    #[arg(long, value_name = "NAME", help_heading = "This home's root")]
    host: Option<String>,
    /// File with the passphrase that the old root's key has, where the new one gets another
    #[arg(long, value_name = "FILE", help_heading = "This home's root")]
    old_passphrase_file: Option<PathBuf>,
    /// The backup that is made first [default: a new file in this folder, named after the root and the time]
    #[arg(long, value_name = "FILE", help_heading = "Backup")]
    backup: Option<PathBuf>,
    /// Its passphrase, where it is not that of the root's key
    #[command(flatten)]
    backup_passphrase: BackupPassphraseArguments,
    #[command(flatten)]
    certificates: CertificateArguments,
    #[command(flatten)]
    password: PasswordArguments,
    #[command(flatten)]
    passphrase: PassphraseArguments,
}

/// The old root, as it lies in the home.
struct Old {
    files: RootFiles,
    certificate: Certificate,
}

pub(super) fn run(
    arguments: &ReplacingArguments,
    home: Home,
    output: &Output,
    clock: Clock,
) -> anyhow::Result<Recreated> {
    secrets::check_stdin_is_used_once(&[
        ("--password", arguments.password.reads_stdin()),
        ("--passphrase", arguments.passphrase.reads_stdin()),
        ("--backup-passphrase", arguments.backup_passphrase.reads_stdin()),
        ("--old-passphrase-file", arguments.old_passphrase_file.as_deref() == Some(Path::new("-"))),
    ])?;
    let view = site::look(&home, clock.now)?;
    let bundles = renewal::in_place(&view.ledger)?;
    let live = |bundle: &OldBundle| bundle.recipe().is_ok() && !bundle.is_revoked();
    let bundles: Vec<_> = bundles.into_iter().filter(live).collect();
    arguments.check_is_not_half_done(&view, &bundles)?;
    if !arguments.yes {
        for bundle in &bundles {
            output.answer(&format!(
                "{}: would be made anew in {}",
                escape(&bundle.machine),
                escape(&bundle.place.display().to_string())
            ))?;
        }
        return Err(what_would_be_done(&view, bundles.len()));
    }
    let secrets = arguments.secrets(&home, &bundles, output)?;
    let new_root = arguments.new_root(&view.root, &secrets, clock.now, output)?;

    let supply = KeySupply::start(arguments.certificates.key_size(), 1);
    let supplies = renewal::start_keys(&bundles);
    let open = site::take(home, clock.now)?;
    if !arguments.passphrase.trust_clock {
        site::check_clock(&open, clock.now)?;
    }
    let old = old_root(&open, &view)?;
    let backup = arguments.back_up(&open, &old, &secrets, &new_root.host, output, clock.now)?;
    let authority = site::make_root(&new_root, supply.take()?)?;
    let cross = if arguments.cross_sign { Some(cross_sign(&old, &authority, &secrets, clock.now)?) } else { None };
    let kept_in = keep_aside(&open, &old, cross.as_ref(), clock.now)?;
    site::keep(&open, &authority, new_root.passphrase, new_root.profile, clock.now)?;
    let site = site::settled(open, authority, new_root.passphrase.is_some());
    // From now on nothing of the old root can be put anywhere. What other runs put since the first look is done, too.
    let (bundles, left): (Vec<_>, Vec<_>) = renewal::in_place(&site.ledger)?.into_iter().partition(live);
    let reports = make_anew(&site, bundles, supplies, &secrets, output, clock.now)?;
    Ok(Recreated { site, old: old.certificate, kept_in, backup, cross, reports, left })
}

struct Secrets {
    passphrase: Option<Password>,
    old_passphrase: Option<Password>,
    password: Option<Password>,
    /// Of the backup, where it is not the root's.
    backup: Option<Password>,
}

impl Secrets {
    /// What opens the old root's key, if anything here does: a root whose passphrase is lost can still be replaced.
    fn opening(&self, key: &Secret) -> Option<&Password> {
        let given = [&self.old_passphrase, &self.passphrase].into_iter().flatten();
        let mut opening = given.filter(|passphrase| sealed::unseal(key, Some(passphrase)).is_ok());
        opening.next().filter(|_| sealed::is_encrypted(key))
    }
}

impl ReplacingArguments {
    pub(super) fn password_files(&self) -> &[PathBuf] {
        self.password.password_file.as_slice()
    }

    /// A run that was stopped has a new root already; another one would help nobody.
    fn check_is_not_half_done(&self, view: &View, bundles: &[OldBundle]) -> anyhow::Result<()> {
        let root = view.root.sha256();
        let left = bundles.iter().filter(|bundle| !bundle.is_of(&root)).count();
        if left == 0 || self.again {
            return Ok(());
        }
        Err(problem(
            format!("the root was replaced before, and bundles of the one before it are left: {left}"),
            "`qcert renew` makes them anew under the present root; `--again` replaces that one, too",
        ))
    }

    /// Everything that has to be typed or read, before anything is done.
    fn secrets(&self, home: &Home, bundles: &[OldBundle], output: &Output) -> anyhow::Result<Secrets> {
        let encrypted = home.peek_key().filter(sealed::is_encrypted);
        let passphrase = secrets::new_passphrase(&self.passphrase)?;
        if encrypted.is_some() && passphrase.is_none() {
            return Err(problem(
                "the old root's key has a passphrase, and none was given for the new one",
                "give it with `--passphrase-file FILE`, or run the command on a terminal",
            ));
        }
        let old_passphrase = self.old_passphrase_file.as_deref().map(password::from_file).transpose()?;
        let needs_password = bundles.iter().any(|bundle| bundle.recipe().is_ok_and(|recipe| recipe.password));
        let password = if needs_password { secrets::present_password(&self.password)? } else { None };
        if needs_password && password.is_none() {
            return Err(problem(
                "some bundles have a password, and none was given",
                "give it with `--password-file FILE`; those that have another one can be renewed afterwards",
            ));
        }
        let backup = match &passphrase {
            Some(_) if !self.backup_passphrase.is_given() => None,
            _ => Some(self.backup_passphrase.for_new(output)?),
        };
        Ok(Secrets { passphrase, old_passphrase, password, backup })
    }

    /// The whole home as it is, read back. Without it nothing is replaced.
    fn back_up(
        &self,
        open: &OpenHome,
        old: &Old,
        secrets: &Secrets,
        host: &MachineName,
        output: &Output,
        now: OffsetDateTime,
    ) -> anyhow::Result<PathBuf> {
        let stamp = now.format(format_description!("[year][month][day]T[hour][minute][second]Z"));
        let file = match &self.backup {
            Some(file) => file.clone(),
            None => PathBuf::from(format!("{}-{}.age", host.folder(), stamp.context("the time has no name")?)),
        };
        if files::exists(&file) {
            return Err(problem(
                format!("the root was not replaced, for `{}` is already there", file.display()),
                "name a new file for the backup with `--backup FILE`",
            ));
        }
        let passphrase = secrets.backup.as_ref().or(secrets.passphrase.as_ref());
        let order = Order {
            file: &file,
            placing: Placing::New,
            passphrase: passphrase.context("no passphrase was given for the backup")?,
            key_passphrase: secrets.opening(&old.files.key),
            work: WORK,
            now,
        };
        let context = || format!("the root was not replaced, for the backup `{}` could not be made", file.display());
        let made = backup::back_up(open, &order, output).with_context(context)?;
        made.verdict.say_doubts(output);
        Ok(files::full_path(&file))
    }

    fn new_root<'s>(
        &self,
        old: &Certificate,
        secrets: &'s Secrets,
        now: OffsetDateTime,
        output: &Output,
    ) -> anyhow::Result<NewRoot<'s>> {
        let host = match (&self.host, old.common_name().and_then(|name| name.strip_suffix("-CA"))) {
            (None, Some(host)) if MachineName::parse(host, Underscore::Allowed).is_ok() => Some(host),
            (None, _) => {
                return Err(problem(
                    format!("the old root is named `{}`, which is no name of Qlik's", old.title()),
                    "give the host name of the new root with `--host NAME`",
                ));
            }
            (Some(host), _) => Some(host.as_str()),
        };
        self.certificates.warn(output);
        Ok(NewRoot {
            host: site::host_name(host, Underscore::Allowed, output)?,
            profile: self.certificates.profile(),
            validity: self.certificates.validity(now)?,
            passphrase: secrets.passphrase.as_ref(),
        })
    }
}

fn what_would_be_done(view: &View, bundles: usize) -> anyhow::Error {
    problem(
        format!(
            "this replaces the root `{}` and makes {} anew; everything it signed must then be replaced where it is used",
            view.root.subject_text(),
            if bundles == 1 { "1 bundle".to_owned() } else { format!("{bundles} bundles") }
        ),
        "say `--yes` to do it; `qcert list` shows the bundles; for the certificates of a Qlik site itself, `--plan` prints \
         the steps",
    )
}

/// The root's files under the lock: those that were looked at before, or another run was here.
fn old_root(open: &OpenHome, view: &View) -> anyhow::Result<Old> {
    let files = open.home().root()?.ok_or_else(|| site::no_root(open.home()))?;
    let certificate = site::certificate_of(&files.certificate)?;
    if certificate.der() != view.root.der() {
        return Err(problem("another run replaced the root at the same time", "look at it with `qcert list` first"));
    }
    Ok(Old { files, certificate })
}

/// The new root signed by the old one, which must be able to: valid, and its key at hand.
fn cross_sign(old: &Old, new: &Authority, secrets: &Secrets, now: OffsetDateTime) -> anyhow::Result<Certificate> {
    let passphrase = secrets.old_passphrase.as_ref().or(secrets.passphrase.as_ref());
    let key = sealed::unseal(&old.files.key, passphrase).context("cannot open the old root's key")?;
    let old = Authority::adopt(old.certificate.clone(), key, now).context("the old root cannot sign the new one")?;
    let both = Validity::new(
        now.max(old.certificate().not_before()),
        old.certificate().not_after().min(new.certificate().not_after()),
    )
    .context("the old root does not last long enough to sign the new one")?;
    let serial = Serial::draw(Profile::default().shape().serial, &mut SystemEntropy)?;
    Ok(old.cross_sign(new.certificate(), both, serial)?)
}

/// The old root goes to `previous/`, with what it signed last.
fn keep_aside(open: &OpenHome, old: &Old, cross: Option<&Certificate>, now: OffsetDateTime) -> anyhow::Result<PathBuf> {
    let thumbprint = old.certificate.sha256();
    let Some(cross) = cross else { return Ok(open.keep_aside(&old.files, &thumbprint, &[])?) };
    let encoded = pem::encode(CERTIFICATE_LABEL, cross.der());
    let row = cross_row(open, old, cross, &encoded, now);
    open.ledger.enter(std::slice::from_ref(&row))?;
    let beside = [(CROSS, encoded), (CROSS_DER, Secret::new(cross.der().to_vec()))];
    let mut kept_in = PathBuf::new();
    open.ledger.place(&[row.sha256], now, || {
        kept_in = open.keep_aside(&old.files, &thumbprint, &beside)?;
        anyhow::Ok(())
    })?;
    Ok(kept_in)
}

fn cross_row(open: &OpenHome, old: &Old, cross: &Certificate, encoded: &Secret, now: OffsetDateTime) -> Row {
    let place = open.home().previous(&old.certificate.sha256());
    let place = std::path::absolute(&place).unwrap_or(place);
    let (machine, place) = (cross.title(), place.display().to_string());
    Row {
        root: old.certificate.sha256(),
        serial: cross.serial_text(),
        role: "cross",
        machine,
        profile: Profile::default().word(),
        sha256: cross.sha256(),
        issued_at: now,
        not_before: cross.not_before(),
        not_after: cross.not_after(),
        place,
        recipe: None,
        evidence: Some(Evidence::new(CROSS, encoded.expose())),
        der: cross.der().to_vec(),
    }
}

fn make_anew(
    site: &Site,
    bundles: Vec<OldBundle>,
    supplies: Vec<(KeySize, KeySupply)>,
    secrets: &Secrets,
    output: &Output,
    now: OffsetDateTime,
) -> anyhow::Result<Vec<MachineReport>> {
    let renewal = Renewal { site, supplies, same_key: false, password: secrets.password.as_ref(), now };
    let progress = output.shows_progress() && bundles.len() > 1;
    let reports = parallel::each(bundles, progress, |old| {
        renewal.renew(&old, "renewed").unwrap_or_else(|error| MachineReport::failed(&old.machine, error))
    });
    site.stages.settle().context("cannot make the new bundles durable")?;
    Ok(reports)
}

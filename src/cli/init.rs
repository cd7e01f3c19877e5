//! `qcert init`: makes the site's root, takes over an existing one, or gives the one that is there a passphrase.

use super::arguments::{CertificateArguments, RootArguments};
use super::error::problem;
use super::output::Output;
use super::report::{Answer, RootReport};
use super::site::{self, NewRoot, Site};
use super::{Clock, Exit, secrets};
use crate::host::home::Home;
use crate::host::key_supply::KeySupply;
use crate::host::{files, password};
use crate::pki::authority::Authority;
use crate::pki::certificate::{Authority as CaFlag, Certificate};
use crate::pki::key::PrivateKey;
use crate::pki::name::Underscore;
use crate::pki::profile::Profile;
use crate::pki::sealed;
use crate::pki::secret::Password;
use crate::pki::source::{Source, SourceError};
use anyhow::Context as _;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Take over this root: a PFX, or a certificate in PEM or DER
    #[arg(long, value_name = "FILE", help_heading = "Existing root", conflicts_with_all = MAKING)]
    from: Option<PathBuf>,
    /// Its private key, if the first file does not hold it
    #[arg(long, value_name = "FILE", requires = "from", help_heading = "Existing root")]
    key: Option<PathBuf>,
    /// File with the password of those files; `-` is standard input
    #[arg(long, value_name = "FILE", requires = "from", help_heading = "Existing root")]
    from_password_file: Option<PathBuf>,
    /// Give the root that is already in the home a new passphrase, and do nothing else
    #[arg(long, conflicts_with_all = MAKING, conflicts_with = "from", help_heading = "Existing root")]
    protect: bool,
    /// With --protect: file with the passphrase that it has now
    #[arg(long, value_name = "FILE", requires = "protect", help_heading = "Existing root")]
    old_passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    certificates: CertificateArguments,
    #[command(flatten)]
    root: RootArguments,
}

/// Options that say how a new root is made.
const MAKING: [&str; 6] = ["host", "profile", "key_size", "days", "not_before", "not_after"];

const AFTER_HELP: &str = "\
EXAMPLES
  qcert init                                       asks for a passphrase
  qcert init --host qlik1.corp --passphrase-file pass.txt
  qcert init --from root.pfx --from-password-file pw.txt
  qcert init --from root.pem --key root_key.pem

EXIT CODES
  0 done   2 could not do it; an existing root is never overwritten";

pub(super) fn run(arguments: &Arguments, home: Option<PathBuf>, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    let home = Home::locate(home)?;
    secrets::check_stdin_is_used_once(&[
        ("--from", arguments.from.as_deref() == Some(Path::new("-"))),
        ("--key", arguments.key.as_deref() == Some(Path::new("-"))),
        ("--from-password-file", arguments.from_password_file.as_deref() == Some(Path::new("-"))),
        ("--passphrase", arguments.root.passphrase.reads_stdin()),
    ])?;
    if arguments.protect {
        return protect(arguments, home, output, clock);
    }
    site::refuse_existing(&home)?;
    let (site, state) = match &arguments.from {
        Some(file) => (take_over(arguments, file, home, output, clock)?, "taken over"),
        None => (make(arguments, home, output, clock)?, "made"),
    };
    say(&site, state, output, clock)
}

fn make(arguments: &Arguments, home: Home, output: &Output, clock: Clock) -> anyhow::Result<Site> {
    let certificates = &arguments.certificates;
    let validity = certificates.validity(clock.now)?;
    certificates.warn(output);
    let host = site::host_name(arguments.root.host.as_deref(), Underscore::Allowed, output)?;
    let passphrase = secrets::new_passphrase(&arguments.root.passphrase)?;
    let keys = KeySupply::start(certificates.key_size(), 1);
    let new_root = NewRoot { host, profile: certificates.profile(), validity, passphrase: passphrase.as_ref() };
    let authority = site::make_root(&new_root, keys.take()?)?;
    settle(home, authority, passphrase.as_ref(), new_root.profile, clock)
}

fn take_over(arguments: &Arguments, file: &Path, home: Home, output: &Output, clock: Clock) -> anyhow::Result<Site> {
    let (certificate, key) = find_root(arguments, file)?;
    let authority = Authority::adopt(certificate, key, clock.now)
        .with_context(|| format!("cannot take over the root of `{}`", file.display()))?;
    let root = authority.certificate();
    if root.authority() == CaFlag::Unsaid {
        output.note(
            "this root has no basicConstraints, as Qlik's own before 2020: Qlik's services take it, but Node, OpenSSL, \
             Python and Java refuse it",
        );
    }
    if root.may_sign_certificates().is_none() {
        output.note("this root has no keyUsage, as every root of Qlik's own: strict verifiers, as Python's from 3.13, refuse it");
    }
    let passphrase = secrets::new_passphrase(&arguments.root.passphrase)?;
    settle(home, authority, passphrase.as_ref(), Profile::default(), clock)
}

/// Keeps the root under the home's lock, unless another run was first.
fn settle(
    home: Home,
    authority: Authority,
    passphrase: Option<&Password>,
    profile: Profile,
    clock: Clock,
) -> anyhow::Result<Site> {
    let open = site::take(home, clock.now)?;
    site::refuse_existing(open.home())?;
    site::keep(&open, &authority, passphrase, profile, clock.now)?;
    Ok(site::settled(open, authority, passphrase.is_some()))
}

fn find_root(arguments: &Arguments, file: &Path) -> anyhow::Result<(Certificate, PrivateKey)> {
    let mut source = Source::default();
    let given = arguments.from_password_file.as_deref().map(password::from_file).transpose()?;
    add_file(&mut source, file, given.as_ref())?;
    if let Some(key) = &arguments.key {
        add_file(&mut source, key, given.as_ref())?;
    }
    match source.into_pair() {
        (Some(certificate), Some(key)) => Ok((certificate, key)),
        (Some(_), None) => Err(problem(
            format!("`{}` holds no private key", file.display()),
            "give the key as well with `--key FILE`; Qlik's console exports a root without its key, Windows' certificate \
             manager exports both as PFX",
        )),
        (None, _) => Err(problem(
            format!("`{}` holds no certificate", file.display()),
            "give the root's certificate with `--from` and its key with `--key`",
        )),
    }
}

/// Asks for the file's password only when the file needs one.
fn add_file(source: &mut Source, file: &Path, given: Option<&Password>) -> anyhow::Result<()> {
    let context = || format!("cannot read `{}`", file.display());
    let bytes = files::read(file).with_context(context)?;
    match source.add(bytes.expose(), given) {
        Err(SourceError::PasswordNeeded) if password::can_ask() => {
            let typed = password::ask(&format!("password of {}", file.display()))?;
            source.add(bytes.expose(), typed.as_ref()).with_context(context)
        }
        result => result.with_context(context),
    }
}

/// Seals the same key with another passphrase. The root itself stays as it is.
fn protect(arguments: &Arguments, home: Home, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    if !home.is_there() {
        return Err(site::no_root(&home));
    }
    let encrypted = home.peek_key().is_some_and(|key| sealed::is_encrypted(&key));
    let old = match &arguments.old_passphrase_file {
        Some(file) => Some(password::from_file(file)?),
        None if encrypted && password::can_ask() => password::ask("present passphrase of the root's key")?,
        None if encrypted => {
            return Err(problem(
                "the root's key already has a passphrase",
                "give it with `--old-passphrase-file FILE`, or run the command on a terminal",
            ));
        }
        None => None,
    };
    let new = secrets::new_passphrase(&arguments.root.passphrase)?
        .ok_or_else(|| problem("no new passphrase was given", "give it with `--passphrase-file FILE`, or type it"))?;
    let open = site::take(home, clock.now)?;
    let root = open.home().root()?.ok_or_else(|| site::no_root(open.home()))?;
    let key = sealed::unseal(&root.key, old.as_ref()).context("cannot open the root's key")?;
    open.replace_key_file(&site::seal(&key, Some(&new))?)?;
    let site = site::finish(open, arguments.root.passphrase.opening(Some(&new), clock.now), output)?;
    say(&site, "protected", output, clock)
}

fn say(site: &Site, state: &'static str, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    let report = RootReport::new(site, state);
    output.answer(&report.text(clock.offset))?;
    output.answer_json(&Answer::new(&report, None))?;
    site::say_how_to_protect(site, output);
    output.answer("next: `qcert export --machine host.domain` makes a machine's bundle")?;
    Ok(Exit::Done)
}

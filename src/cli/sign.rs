//! `qcert sign`: one certificate, with a new key or for somebody's request, in a folder of choice.

mod asked;
mod request;

use super::arguments::{CertificateArguments, FileArguments, NameArguments, PassphraseArguments};
use super::error::problem;
use super::existing::ExistingArguments;
use super::issue::{Issuing, Keys};
use super::machines::parse_name;
use super::output::Output;
use super::report::{Answer, RootReport};
use super::{Clock, Exit, secrets, site};
use crate::host::files;
use crate::host::home::Home;
use crate::host::key_supply::KeySupply;
use crate::pki::name::{MachineName, Underscore};
use crate::pki::profile::{CLIENT_NAME, Role};
use anyhow::Context as _;
use std::path::PathBuf;

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum RoleWord {
    /// Shown by a service that answers a call
    Server,
    /// CN=QlikClient, shown by whoever makes a call
    Client,
}

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Which certificate
    #[arg(value_enum, value_name = "ROLE")]
    role: RoleWord,
    /// New folder for the files
    #[arg(short, long, value_name = "DIR", help_heading = "Files")]
    out: PathBuf,
    /// Full computer name or IP address; a client certificate only notes it in the ledger
    #[arg(short, long, value_name = "NAME", help_heading = "Machines")]
    machine: Option<String>,
    /// Sign this request (PKCS#10) of somebody who keeps his key; `-` is standard input
    #[arg(long, value_name = "FILE", help_heading = "Request",
        conflicts_with_all = ["format", "password_stdin", "pem_keys", "pfx", "key_size"])]
    csr: Option<PathBuf>,
    /// Take the names that the request asks for; nothing else of it is ever taken
    #[arg(long, requires = "csr", help_heading = "Request")]
    accept_names: bool,
    #[command(flatten)]
    names: NameArguments,
    #[command(flatten)]
    files: FileArguments,
    #[command(flatten)]
    existing: ExistingArguments,
    #[command(flatten)]
    certificates: CertificateArguments,
    #[command(flatten)]
    passphrase: PassphraseArguments,
}

const AFTER_HELP: &str = "\
EXAMPLES
  qcert sign client --out ./butler
  qcert sign server --machine qlik2.corp --san 10.0.0.6 --format pem --out ./qlik2-server
  qcert sign client --csr butler.csr --out ./butler
  qcert sign server --csr qlik3.csr --accept-names --out ./qlik3

EXIT CODES
  0 done   2 could not do it";

pub(super) fn run(arguments: &Arguments, home: Option<PathBuf>, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    let role = match arguments.role {
        RoleWord::Server => Role::Server,
        RoleWord::Client => Role::Client,
    };
    if role == Role::Client && !arguments.names.san.is_empty() {
        return Err(problem("a client certificate has no `--san`", "names are for server certificates: leave it out"));
    }
    if role == Role::Client && arguments.accept_names {
        return Err(problem("a client certificate has no names to accept", "leave `--accept-names` out"));
    }
    if let Some(csr) = &arguments.csr {
        return request::run(arguments, csr, role, home, output, clock);
    }
    let Arguments { names, files: file_arguments, .. } = arguments;
    secrets::check_stdin_is_used_once(&[
        ("--password", file_arguments.password.reads_stdin()),
        ("--passphrase", arguments.passphrase.reads_stdin()),
    ])?;
    let machine = match &arguments.machine {
        None if role == Role::Server => {
            return Err(problem(
                "it is not said which machine the certificate is for",
                "name it with `--machine NAME`",
            ));
        }
        Some(name) => parse_name(name, names.underscore(), output)?,
        None => MachineName::parse(CLIENT_NAME, Underscore::Refused)?,
    };
    let aliases = names.aliases(output)?;
    let wanted = arguments.certificates.validity(clock.now)?;
    arguments.certificates.warn(output);
    let home = Home::locate(home)?;
    let passphrase = secrets::passphrase(&arguments.passphrase, &home)?;
    let password = secrets::bundle_password(&file_arguments.password, output)?;

    let keys = KeySupply::start(arguments.certificates.key_size(), usize::from(home.has_root()));
    let site = site::open(home, arguments.passphrase.opening(passphrase.as_ref(), clock.now), output)?;
    let profile = arguments.certificates.profile();
    let (validity, ends_with_root) = site.leaf_validity(wanted, profile)?;
    let issuing = Issuing {
        site: &site,
        keys: Keys::New(&keys),
        key_size: arguments.certificates.key_size(),
        lifetime: arguments.certificates.lifetime(clock.now),
        profile,
        validity,
        ends_with_root,
        roles: &[role],
        with_root: false,
        format: file_arguments.format(),
        password: password.as_ref(),
        aliases: &aliases,
        now: clock.now,
    };
    let parent = files::folder_of(&arguments.out);
    files::create_folders(parent).with_context(|| format!("cannot use `{}`", parent.display()))?;
    let report = arguments.existing.settle(&issuing, &machine, &arguments.out, "signed")?;
    site.stages.settle().context("cannot make the new folder durable")?;
    output.answer(&report.text(clock.offset))?;
    output.answer_json(&Answer::new(&RootReport::new(&site, "kept"), Some(vec![report])))?;
    Ok(Exit::Done)
}

//! `qcert probe`: real handshakes with a service, with a bundle in hand: what it shows, what it asks for, what it takes.
//!
//! Nothing is sent but handshakes, unless `--qrs` asks for more. What is shown is judged by the rules of `validate`.

mod bundle;
mod calls;
mod hints;
mod json;
mod served;
mod text;
mod verdict;

use super::arguments::parse_time;
use super::error::problem;
use super::output::Output;
use super::qrs::{self, Key, Qrs, User};
use super::reach::{self, Patience, Port, Target};
use super::reading::Passwords;
use super::{Clock, Exit};
use crate::pki::address::Address;
use crate::pki::entropy::SystemEntropy;
use bundle::Bundle;
use calls::Calls;
use clap::ValueEnum;
use served::Served;
use std::path::PathBuf;
use time::OffsetDateTime;
use verdict::{Judged, Verdict};

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Host, and port if it is not the service's: `host.domain`, `host.domain:4747`, `[::1]:4242`
    ///
    /// A name, an IPv4 address of four numbers, or an IPv6 address, in brackets where a port follows. Of
    /// `https://host:443/path` host and port are taken. 443 must be written: no scheme stands for a port.
    #[arg(value_name = "HOST[:PORT]")]
    host: String,
    /// Folder with the bundle: client.pem, client_key.pem and root.pem, or client.pfx and root.cer
    #[arg(short, long, value_name = "DIR")]
    bundle: PathBuf,
    #[command(flatten)]
    passwords: Passwords,
    /// Which service, for its port [default: repository]
    #[arg(long, value_enum, value_name = "SERVICE", help_heading = "Connection")]
    service: Option<Service>,
    #[command(flatten)]
    patience: Patience,
    /// Ask the Repository Service about itself, too (`GET /qrs/about`)
    #[arg(long, help_heading = "Question")]
    qrs: bool,
    /// With `--qrs`: on whose behalf, DIRECTORY\USER [default: INTERNAL\sa_repository]
    #[arg(long, value_name = "USER", requires = "qrs", help_heading = "Question")]
    user: Option<String>,
    /// Judge for this moment, 2026-12-31 or RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_time, help_heading = "Question")]
    at: Option<OffsetDateTime>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Service {
    /// 4242
    Repository,
    /// 4747
    Engine,
    /// 4243
    Proxy,
    /// 5050
    Scheduler,
    /// 9200
    License,
}

impl Service {
    fn port(self) -> u16 {
        match self {
            Self::Repository => 4242,
            Self::Engine => 4747,
            Self::Proxy => 4243,
            Self::Scheduler => 5050,
            Self::License => 9200,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Repository => "repository",
            Self::Engine => "engine",
            Self::Proxy => "proxy",
            Self::Scheduler => "scheduler",
            Self::License => "license",
        }
    }
}

const AFTER_HELP: &str = "\
EXAMPLES
  qcert probe qlik.example.com --bundle ./qlik.example.com            the repository, 4242
  qcert probe qlik.example.com --bundle ./tool --service engine       4747
  qcert probe 10.0.0.7:4243 --bundle ./tool --password-file pw.txt
  qcert probe qlik.example.com --bundle ./tool --qrs                  and its version
  qcert probe qlik.example.com --bundle ./tool --json

EXIT CODES
  0 works: what is shown is sound, and the client certificate is asked for and taken
  1 fails: somebody answers, and something is wrong
  2 nothing could be reached or tried, or it cannot be told whether the certificate is taken";

/// All that was found out.
#[derive(Debug)]
struct Answer {
    target: Target,
    /// What is known to listen on this port.
    port: Option<&'static Port>,
    /// By the port, or else as it was asked for.
    service: Option<&'static str>,
    at: OffsetDateTime,
    bundle: Bundle,
    calls: Calls,
    served: Option<Served>,
    judged: Judged,
    hints: Vec<String>,
    qrs: Option<Qrs>,
}

pub(super) fn run(arguments: &Arguments, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    let address = reach::parse_address(&arguments.host)?;
    let target = target(address, arguments.service);
    let at = arguments.at.unwrap_or(clock.now);
    let passwords = arguments.passwords.given(false)?;
    let bundle = Bundle::read(&arguments.bundle, &passwords, at)?;
    let asking = asking(arguments)?;
    let mut answer = probe(target, bundle, arguments.patience, at, asking.as_ref());
    answer.service = answer.service.or(arguments.service.map(Service::word));
    output.answer_styled(&text::text(&answer, clock.offset))?;
    output.answer_json(&json::answer(&answer))?;
    Ok(match answer.judged.verdict {
        Verdict::Works => Exit::Done,
        Verdict::Fails => Exit::No,
        Verdict::Unknown => Exit::CouldNot,
    })
}

fn target(address: Address, service: Option<Service>) -> Target {
    let port = || service.unwrap_or(Service::Repository).port();
    Target { port: address.port().unwrap_or_else(port), address }
}

/// Who asks the Repository Service, where it is asked.
fn asking(arguments: &Arguments) -> anyhow::Result<Option<(User, Key)>> {
    if !arguments.qrs {
        return Ok(None);
    }
    let other = |service: &Service| !matches!(service, Service::Repository | Service::Proxy);
    if let Some(service) = arguments.service.filter(other) {
        return Err(problem(
            format!("`/qrs/about` is the Repository Service's: `--service {}` has none", service.word()),
            "leave `--qrs` off, or ask the Repository Service, 4242, without `--service`",
        ));
    }
    let user = match &arguments.user {
        None => User::default(),
        Some(typed) => User::parse(typed).map_err(|error| {
            problem(format!("`{typed}` names no user: {error}"), "give it as `INTERNAL\\sa_repository`")
        })?,
    };
    Ok(Some((user, Key::fresh(&mut SystemEntropy)?)))
}

fn probe(
    target: Target,
    mut bundle: Bundle,
    patience: Patience,
    at: OffsetDateTime,
    asking: Option<&(User, Key)>,
) -> Answer {
    let calls = calls::make(&target, bundle.identity(), patience);
    let served = (!calls.chains.is_empty()).then(|| served::judge(&target, &calls, &mut bundle, at));
    let port = reach::port(target.port);
    let identity = bundle.identity().filter(|_| calls.trouble.is_none()).cloned();
    let taken = calls.with().any(|row| row.outcome == calls::Outcome::Taken);
    let qrs = asking
        .zip(identity)
        .map(|((user, key), identity)| qrs::ask(&target, Some(identity), taken, patience, user, key));
    let judged = verdict::judge(&target, &bundle, &calls, served.as_ref(), qrs.as_ref());
    let mut hints = hints::all(&target, port, &bundle, &calls, served.as_ref());
    hints.extend(served.as_ref().and_then(|served| hints::by_name(&target, served, patience)));
    let service = port.map(|port| port.service);
    Answer { target, port, service, at, bundle, calls, served, judged, hints, qrs }
}

/// The folder itself cannot be used at all.
fn no_folder(path: &std::path::Path) -> anyhow::Error {
    problem(
        format!("`{}` is no folder", path.display()),
        "give the folder of a bundle: `qcert export` makes one, and so does Qlik's console under Certificates",
    )
}

//! `qcert rehearse`: plays a scheduled reload between a site's services, in real handshakes on this machine, before the
//! certificates go to a server.

mod answer;
mod cast;
mod json;
mod judged;
mod matrix;
mod play;
mod read;
mod same;
mod story;
mod text;

use super::arguments::parse_time;
use super::output::{Output, escape};
use super::reading::Passwords;
use super::{Clock, Exit};
use crate::host::key_supply::KeySupply;
use crate::pki::entropy::SystemEntropy;
use crate::pki::key::KeySize;
use crate::pki::rehearsal::machine::Form;
use crate::pki::rehearsal::stranger::Stranger;
use answer::{Answer, Verdict};
use cast::Actor;
use std::path::PathBuf;
use time::OffsetDateTime;

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// One folder for each machine, with its root, server and client; the first is the central node
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
    /// Every folder below these
    #[arg(short, long, help_heading = "Reading")]
    recursive: bool,
    #[command(flatten)]
    passwords: Passwords,
    /// Judge for this moment, 2026-12-31 or RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_time, help_heading = "Question")]
    at: Option<OffsetDateTime>,
}

const AFTER_HELP: &str = "\
WHAT IS PLAYED
  The six steps of a scheduled reload: who calls whom on which port, which
  certificate each shows and what each checks. Every step is a real handshake
  over 127.0.0.1, with TLS 1.2 and TLS 1.3, from the PEM files and from the PFX
  files. Then what must be refused. Of several folders, one for each machine,
  the first is the central node, and every machine calls every other. Nothing
  is sent elsewhere.

EXAMPLES
  qcert rehearse ./host.domain                      one machine
  qcert rehearse ./central.domain ./rim1.domain     two, and what they say to each other
  qcert rehearse -r ./exports --json                every folder below
  qcert rehearse ./host.domain --at 2030-01-01      as it will be then

EXIT CODES
  0 all as it should be   1 a step fails   2 something could not be played";

/// Of another site: its root, a server, a client.
const STRANGE_KEYS: usize = 3;

pub(super) fn run(arguments: &Arguments, output: &Output, clock: Clock) -> anyhow::Result<Exit> {
    let at = arguments.at.unwrap_or(clock.now);
    read::check(&arguments.folders)?;
    let passwords = arguments.passwords.given(false)?;
    // They take longest, and are needed last.
    let keys = KeySupply::start(KeySize::Rsa2048, STRANGE_KEYS);
    let read::Read { machines, twice } = read::machines(&arguments.folders, arguments.recursive, &passwords, at)?;
    let mut actors: Vec<Actor> =
        machines.into_iter().map(|(folder, machine, judged)| Actor::new(machine, folder, judged, at)).collect();
    Actor::tell_apart(&mut actors);
    let stranger = actors.first().map(|central| stranger(central, &keys, at)).transpose();
    let (stranger, no_stranger) = match stranger {
        Ok(stranger) => (stranger, None),
        Err(error) => (None, Some(format!("no other site could be made up: {error:#}"))),
    };
    let progress = output.shows_progress() && actors.len() > 1;
    let story = story::tell(&actors, stranger.as_ref());
    let matrix = matrix::play_all(&actors, progress);
    let mut answer = Answer::new(&actors, story, matrix, no_stranger, at, stranger.is_some_and(|it| it.same_name));
    answer.remarks.extend(twice);
    if !arguments.recursive {
        let above = actors.iter().filter(|actor| actor.holds_nothing() && read::has_folders(&actor.folder));
        for actor in above {
            output.note(&format!("there are folders below `{}`; `-r` looks into them", escape(&actor.folder)));
        }
    }
    output.answer_styled(&text::text(&answer))?;
    output.answer_json(&json::answer(&answer))?;
    Ok(match answer.verdict {
        Verdict::Works => Exit::Done,
        Verdict::Fails => Exit::No,
        Verdict::Unknown => Exit::CouldNot,
    })
}

fn stranger(central: &Actor, keys: &KeySupply, at: OffsetDateTime) -> anyhow::Result<Stranger> {
    let root = central.machine.roots_of(Form::Pem).first();
    let root = root.and_then(|root| root.certificate.common_name()).unwrap_or_default();
    let keys = [keys.take()?, keys.take()?, keys.take()?];
    Ok(Stranger::new(keys, root, &central.machine.name, at, &mut SystemEntropy)?)
}

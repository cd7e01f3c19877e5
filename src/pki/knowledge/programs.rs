//! The programs that use a site's certificates: files, settings to paste, password, quirks. Facts only.

mod community;
mod languages;
mod qlik;
mod servers;

use super::{Kind, Part, Topic};

pub(super) const LISTS: &[&[Topic]] = &[qlik::TOPICS, community::TOPICS, servers::TOPICS, languages::TOPICS];

/// PEM files with open keys: what most programs outside of Windows want.
const PLAIN_PEM: (&str, &str) =
    ("qcert export --machine host.domain --format pem --pem-keys plain", "files as it wants them, keys open");
const VALIDATE: (&str, &str) = ("qcert validate ./host.domain", "whether it will take them, and why not");

const fn program(
    name: &'static str,
    also: &'static [&'static str],
    title: &'static str,
    parts: &'static [Part],
    commands: &'static [(&'static str, &'static str)],
    source: &'static str,
) -> Topic {
    Topic { name, also, kind: Kind::Program, title, parts, commands, see: &[], source }
}

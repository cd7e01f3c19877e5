//! `Plan`: how the certificates of a real Qlik site are recreated on its central node, step by step, with this site's
//! names filled in. A pure value: nothing here is carried out, by nobody, and how it is written is the front room's.
//!
//! What is not known of the site stands as a marked blank. Facts about Qlik are those of `knowledge`, which `qcert
//! explain` tells; what is added is what people forget: the backup in front, each step's check, and the way back.

mod account;
mod command;
mod head;
mod sentence;
mod site;
mod steps;

pub use account::{Account, AccountError};
pub use sentence::{Piece, Sentence};
pub use site::{Central, Holder, LOCAL, Leaf, Root, Site, SiteError, Source, machine, root_facts};

use crate::pki::knowledge;
use sentence::say;
use steps::{after, before, outage};
use time::{OffsetDateTime, UtcOffset};

#[derive(Debug)]
pub struct Plan {
    pub title: Sentence,
    /// What is known, by label.
    pub known: Vec<(&'static str, Sentence)>,
    pub blanks: Vec<Blank>,
    /// What is odd about this site.
    pub cautions: Vec<Sentence>,
    pub breaks: Vec<Sentence>,
    pub spared: Sentence,
    pub steps: Vec<Step>,
}

/// What is to be filled in by hand.
#[derive(Debug)]
pub struct Blank {
    /// As it stands in the commands: `<service account>`.
    pub text: &'static str,
    /// Where it is found, or which option fills it in.
    pub found: Sentence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The site runs.
    Before,
    /// The site stands still.
    Outage,
    /// The central node runs again.
    After,
    /// Only when it must be undone.
    Back,
}

impl Phase {
    pub const ALL: [Self; 4] = [Self::Before, Self::Outage, Self::After, Self::Back];

    pub fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Outage => "outage",
            Self::After => "after",
            Self::Back => "back",
        }
    }

    pub fn heading(self) -> &'static str {
        match self {
            Self::Before => "before: the site keeps running, nothing of it is changed",
            Self::Outage => "outage: the site stands still",
            Self::After => "after: the central node runs, the rest follows",
            Self::Back => "the way back, at any time",
        }
    }
}

#[derive(Debug)]
pub struct Step {
    /// Stable, for JSON: lower case, words joined by `-`.
    pub name: &'static str,
    pub phase: Phase,
    pub title: Sentence,
    /// Which machine, which account, elevated or not.
    pub place: Sentence,
    pub actions: Vec<Action>,
    /// What to look at to know that it worked.
    pub checks: Vec<Sentence>,
    pub troubles: Vec<Trouble>,
}

#[derive(Debug)]
pub enum Action {
    Do(Sentence),
    /// One of several things that the sentence before is about.
    Point(Sentence),
    /// For Windows PowerShell; whole lines. What asks for something is one block, `& { … }`: pasted line by line, the
    /// next line would be taken for the answer.
    Paste(String),
}

/// What goes wrong here, and the way out.
#[derive(Debug)]
pub struct Trouble {
    pub sign: Sentence,
    pub way_out: Sentence,
}

/// The steps in their order; a sentence refers to one by its name.
const ORDER: [&str; 18] = [
    "account",
    "look",
    "host-name",
    "certificates-backup",
    "database-backup",
    "notes",
    "stop",
    "delete",
    "folder",
    "bootstrap",
    "doubles",
    "start",
    "try",
    "rims",
    "connections",
    "programs",
    "rest",
    "back",
];

fn number_of(step: &str) -> usize {
    ORDER.iter().position(|name| *name == step).map_or(0, |at| at + 1)
}

const CENTRAL: &str = "<central node>";
const ACCOUNT: &str = "<service account>";
const RIM: &str = "<rim>";
const ROOT: &str = "<root thumbprint>";
const ROOT_NAME: &str = "<root name>";
const SERVER: &str = "<server thumbprint>";
const CLIENT: &str = "<client thumbprint>";
const OTHER: &str = "<thumbprint>";
const MACHINE: &str = "<machine>";

/// The names of a site as sentences and commands take them: each one that is known, else its blank.
#[derive(Debug)]
struct Names<'a> {
    site: &'a Site,
    central: &'a str,
    account: &'a str,
    /// The root's name as Windows writes it, fit to be pasted.
    root_name: String,
    root: String,
    server: String,
    client: String,
    rims: Vec<&'a str>,
    offset: UtcOffset,
}

impl<'a> Names<'a> {
    fn new(site: &'a Site, offset: UtcOffset) -> Self {
        let thumbprint = |known: Option<&String>, blank: &str| known.map_or(blank.to_owned(), |one| shown(one));
        let host = site.root.as_ref().and_then(|root| root.host.as_ref());
        let rims: Vec<&str> = site.rims.iter().map(crate::pki::name::MachineName::as_str).collect();
        Self {
            site,
            central: site.central.as_ref().map_or(CENTRAL, |central| central.name.as_str()),
            account: site.account.as_ref().map_or(ACCOUNT, Account::as_str),
            // Any other name is not Qlik's, and .NET may write it in another way than we do.
            root_name: host.map_or(ROOT_NAME.to_owned(), |host| format!("CN={host}-CA")),
            root: thumbprint(site.root.as_ref().map(|root| &root.sha1), ROOT),
            server: thumbprint(site.server.as_ref().map(|leaf| &leaf.sha1), SERVER),
            client: thumbprint(site.client.as_ref().map(|leaf| &leaf.sha1), CLIENT),
            rims: if rims.is_empty() { vec![RIM] } else { rims },
            offset,
        }
    }

    /// The reader's day.
    fn day(&self, time: OffsetDateTime) -> Sentence {
        Sentence::words(time.checked_to_offset(self.offset).unwrap_or(time).date().to_string())
    }

    fn path(store: &str, thumbprint: &str) -> String {
        format!("Cert:\\{store}\\{thumbprint}")
    }
}

/// As PowerShell shows a thumbprint, so that eyes can compare.
fn shown(thumbprint: &str) -> String {
    thumbprint.to_ascii_uppercase()
}

impl Plan {
    /// `now` tells what has ended already, and its zone is the reader's.
    pub fn new(site: &Site, now: OffsetDateTime) -> Self {
        let names = Names::new(site, now.offset());
        let steps = before::steps(&names).into_iter().chain(outage::steps(&names)).chain(after::steps(&names));
        Self {
            title: say("recreate the certificates of the Qlik Sense site {}", &[names.central]),
            known: head::known(&names),
            blanks: head::blanks(&names),
            cautions: head::cautions(&names, now),
            breaks: knowledge::NEW_ROOT_BREAKS.iter().map(|text| Sentence::of(text)).collect(),
            spared: Sentence::of(knowledge::NEW_ROOT_SPARES),
            steps: steps.collect(),
        }
    }
}

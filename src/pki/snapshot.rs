//! `Snapshot`: what the certificate stores of a Windows machine held at one moment, as a value and as JSON. No private
//! keys, ever. The types are plain: `host` fills them in. Nothing is judged here: `rules::stores` does.

mod form;

use super::text;
use form::{base64, bounded, moment};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Raised when a snapshot of this qcert would be misunderstood by an older one.
const FORMAT: u64 = 1;
/// Octets. A server has a few hundred certificates of some two thousand each.
pub const LIMIT: usize = 16 << 20;
/// In all stores together.
const MOST_CERTIFICATES: usize = 20_000;
/// There are six; others are passed over.
const MOST_STORES: usize = 32;
/// Characters: more than a friendly name, a container or a message of Windows has. The rest is cut off.
const MOST_TEXT: usize = 1000;

/// Fields are only ever added, each with a default: snapshots outlive versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    pub made_by: String,
    /// Written as RFC 3339 in UTC.
    #[serde(with = "moment")]
    pub taken_at: OffsetDateTime,
    pub computer: String,
    #[serde(default)]
    pub domain: Option<String>,
    /// Whose Current User stores these are: `DOMAIN\name`.
    pub account: String,
    #[serde(default)]
    pub elevated: Option<bool>,
    /// Windows' own text for its version.
    #[serde(default)]
    pub system: Option<String>,
    #[serde(deserialize_with = "bounded::<_, _, MOST_STORES>")]
    pub stores: Vec<Store>,
    #[serde(default)]
    pub schannel: Schannel,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenStore")]
pub struct Store {
    pub location: Location,
    pub name: StoreName,
    /// Why it could not be read, or not to its end.
    pub problem: Option<String>,
    pub certificates: Vec<Entry>,
}

#[derive(Deserialize)]
struct WrittenStore {
    location: Location,
    name: StoreName,
    #[serde(default)]
    problem: Option<String>,
    #[serde(default)]
    certificates: Option<Entries>,
}

#[derive(Deserialize)]
struct Entries(#[serde(deserialize_with = "bounded::<_, _, MOST_CERTIFICATES>")] Vec<Entry>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Location {
    LocalMachine,
    CurrentUser,
    /// Of a newer writer.
    #[serde(other)]
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum StoreName {
    /// Trusted Root Certification Authorities.
    Root,
    /// Personal.
    My,
    /// Intermediate Certification Authorities.
    #[serde(rename = "CA")]
    Ca,
    /// Of a newer writer.
    #[serde(other)]
    Other,
}

/// Where a store is, and its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub location: Location,
    pub name: StoreName,
}

/// A certificate in a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Written in base64.
    #[serde(with = "base64")]
    pub der: Vec<u8>,
    #[serde(default)]
    pub friendly_name: Option<String>,
    #[serde(default)]
    pub archived: bool,
    /// `None`: it has no private key. Where the field is missing nothing is known of one.
    #[serde(default = "key_not_told")]
    pub key: Option<KeyFacts>,
}

/// What Windows says of a private key, which is not in here. `None`: it did not say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFacts {
    #[serde(default)]
    pub provider: Option<String>,
    #[serde(default)]
    pub kind: Option<KeyKind>,
    #[serde(default)]
    pub container: Option<String>,
    #[serde(default)]
    pub machine_keyset: Option<bool>,
    #[serde(default)]
    pub exportable: Option<bool>,
    /// The account of the snapshot could open it.
    #[serde(default)]
    pub usable: Option<bool>,
    /// What Windows answered when it was asked.
    #[serde(default)]
    pub problem: Option<String>,
}

/// Windows' two ways to keep keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    Capi,
    Cng,
    /// Of a newer writer.
    #[serde(other)]
    Other,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schannel {
    /// `SendTrustedIssuerList` in the registry; `None`: not set.
    #[serde(default)]
    pub send_trusted_issuer_list: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    #[error("this is no snapshot of certificate stores")]
    None,
    #[error("its number is {0}, and this qcert knows {FORMAT}: a newer qcert made it")]
    Newer(u64),
    #[error("it is larger than {} MiB, as no snapshot is", LIMIT >> 20)]
    Large,
    #[error("it has more than {MOST_CERTIFICATES} certificates")]
    TooMany,
    #[error("its JSON ends in the middle")]
    Cut,
    #[error("{0}")]
    Malformed(String),
}

#[derive(Deserialize)]
struct Mark {
    qcert_snapshot: u64,
}

#[derive(Serialize)]
struct Written<'a> {
    qcert_snapshot: u64,
    #[serde(flatten)]
    snapshot: &'a Snapshot,
}

/// The stores that Qlik uses, and where misplaced certificates turn up.
pub const STORES: [(Location, StoreName); 6] = [
    (Location::LocalMachine, StoreName::Root),
    (Location::LocalMachine, StoreName::My),
    (Location::LocalMachine, StoreName::Ca),
    (Location::CurrentUser, StoreName::Root),
    (Location::CurrentUser, StoreName::My),
    (Location::CurrentUser, StoreName::Ca),
];

/// Whether a text means to be a snapshot, whole or not.
pub fn looks_like_snapshot(text: &[u8]) -> bool {
    const MARK: &[u8] = b"\"qcert_snapshot\"";
    #[derive(Deserialize)]
    struct Marked {
        #[serde(rename = "qcert_snapshot")]
        _mark: IgnoredAny,
    }
    let start = text.trim_ascii_start();
    if start.first() != Some(&b'{') || !start.windows(MARK.len()).take(LIMIT).any(|window| window == MARK) {
        return false;
    }
    let own_beginning = start.get(1..).is_some_and(|rest| rest.trim_ascii_start().starts_with(MARK));
    own_beginning || serde_json::from_slice::<Marked>(start).is_ok()
}

impl Snapshot {
    /// In UTF-8, also with a byte order mark, or in UTF-16, as PowerShell's `>` writes.
    pub fn parse(bytes: &[u8]) -> Result<Self, SnapshotError> {
        if bytes.len() > LIMIT {
            return Err(SnapshotError::Large);
        }
        let (_, plain) = text::plain(bytes);
        let text = plain.octets();
        if !looks_like_snapshot(text) {
            return Err(SnapshotError::None);
        }
        let mark: Mark = serde_json::from_slice(text).map_err(|error| malformed(&error))?;
        match mark.qcert_snapshot {
            0 => return Err(SnapshotError::Malformed("its number is 0, and there is none".to_owned())),
            1..=FORMAT => {}
            newer => return Err(SnapshotError::Newer(newer)),
        }
        let mut snapshot: Self = serde_json::from_slice(text).map_err(|error| malformed(&error))?;
        if snapshot.stores.iter().map(|store| store.certificates.len()).sum::<usize>() > MOST_CERTIFICATES {
            return Err(SnapshotError::TooMany);
        }
        snapshot.shorten();
        Ok(snapshot)
    }

    pub fn write(&self) -> Vec<u8> {
        // A structure of plain fields always has a JSON form.
        let written = Written { qcert_snapshot: FORMAT, snapshot: self };
        let mut text = serde_json::to_vec_pretty(&written).unwrap_or_default();
        text.push(b'\n');
        text
    }

    /// Windows does not tell upper from lower case, and calls a machine by the first label of its name.
    pub fn is_called(&self, name: &str) -> bool {
        let first = name.split('.').next().unwrap_or(name);
        [name, first].into_iter().any(|name| name.eq_ignore_ascii_case(&self.computer))
    }

    pub fn store(&self, location: Location, name: StoreName) -> Option<&Store> {
        self.stores.iter().find(|store| store.location == location && store.name == name)
    }

    fn shorten(&mut self) {
        cut(&mut self.made_by);
        cut(&mut self.computer);
        cut(&mut self.account);
        [&mut self.domain, &mut self.system].into_iter().flatten().for_each(cut);
        for store in &mut self.stores {
            store.problem.iter_mut().for_each(cut);
            for entry in &mut store.certificates {
                entry.friendly_name.iter_mut().for_each(cut);
                if let Some(KeyFacts { provider, container, problem, .. }) = &mut entry.key {
                    [provider, container, problem].into_iter().flatten().for_each(cut);
                }
            }
        }
    }
}

impl Location {
    pub fn word(self) -> &'static str {
        match self {
            Self::LocalMachine => "LocalMachine",
            Self::CurrentUser => "CurrentUser",
            Self::Other => "another",
        }
    }
}

impl StoreName {
    pub fn word(self) -> &'static str {
        match self {
            Self::Root => "Root",
            Self::My => "My",
            Self::Ca => "CA",
            Self::Other => "another",
        }
    }
}

impl Place {
    /// As PowerShell calls it behind `Cert:\`: `LocalMachine\Root`.
    pub fn path(self) -> String {
        format!("{}\\{}", self.location.word(), self.name.word())
    }
}

impl Store {
    pub fn place(&self) -> Place {
        Place { location: self.location, name: self.name }
    }

    pub fn path(&self) -> String {
        self.place().path()
    }
}

impl From<WrittenStore> for Store {
    /// Whoever reads a store writes a list, be it empty: without one nobody looked.
    fn from(written: WrittenStore) -> Self {
        let WrittenStore { location, name, problem, certificates } = written;
        let unread = || certificates.is_none().then(|| "the snapshot has no list of its certificates".to_owned());
        let problem = problem.or_else(unread);
        Self { location, name, problem, certificates: certificates.map(|Entries(list)| list).unwrap_or_default() }
    }
}

/// Facts of which none is known, so that no rule takes the key for missing or for usable.
#[expect(clippy::unnecessary_wraps, reason = "serde takes a default in the form of its field")]
fn key_not_told() -> Option<KeyFacts> {
    let problem = Some("the snapshot does not say whether there is one".to_owned());
    Some(KeyFacts { problem, ..KeyFacts::default() })
}

fn cut(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(MOST_TEXT) {
        text.truncate(end);
        text.push('…');
    }
}

fn malformed(error: &serde_json::Error) -> SnapshotError {
    if error.is_eof() {
        return SnapshotError::Cut;
    }
    // Serde quotes what it found, which may be long.
    let mut text = error.to_string();
    cut(&mut text);
    SnapshotError::Malformed(text)
}

#[cfg(test)]
mod tests;

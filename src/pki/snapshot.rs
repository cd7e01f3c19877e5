//! `Snapshot`: what the certificate stores of a Windows machine held at one moment, as a value and as JSON. No private
//! keys, ever. The types are plain: `host` fills them in. Nothing is judged here: `rules::stores` does.

use super::pem;
use super::text;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

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
pub struct Store {
    pub location: Location,
    pub name: StoreName,
    /// Why it could not be read, or not to its end.
    #[serde(default)]
    pub problem: Option<String>,
    #[serde(default, deserialize_with = "bounded::<_, _, MOST_CERTIFICATES>")]
    pub certificates: Vec<Entry>,
}

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
    /// `None`: it has no private key.
    #[serde(default)]
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

/// A list with no more than so many elements; `null` is an empty one, as PowerShell may write it.
fn bounded<'de, D: Deserializer<'de>, T: Deserialize<'de>, const MOST: usize>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct Bounded<T, const MOST: usize>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for Bounded<T, MOST> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MOST}")
        }

        fn visit_unit<E>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }

        /// Windows PowerShell may write a list as `{"value": […], "Count": 1}`.
        fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Vec<T>, A::Error> {
            let mut list = None;
            while let Some(field) = fields.next_key::<String>()? {
                if field == "value" && list.is_none() {
                    list = Some(fields.next_value_seed(Self(PhantomData))?);
                } else {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
            list.ok_or_else(|| A::Error::missing_field("value"))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(element) = elements.next_element()? {
                if list.len() == MOST {
                    return Err(A::Error::invalid_length(MOST + 1, &self));
                }
                list.push(element);
            }
            Ok(list)
        }
    }

    impl<'de, T: Deserialize<'de>, const MOST: usize> DeserializeSeed<'de> for Bounded<T, MOST> {
        type Value = Vec<T>;

        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
            deserializer.deserialize_any(self)
        }
    }

    Bounded::<T, MOST>(PhantomData).deserialize(deserializer)
}

mod base64 {
    use super::{Deserialize, Deserializer, Serializer, pem};
    use serde::de::Error as _;
    use std::borrow::Cow;

    pub(super) fn serialize<S: Serializer>(der: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&pem::encode_base64(der))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let der = pem::decode_base64(text.as_bytes()).map_err(D::Error::custom)?;
        Ok(der.expose().to_vec())
    }
}

mod moment {
    use super::{Deserialize, Deserializer, OffsetDateTime, Rfc3339, Serializer, UtcOffset};
    use serde::de::Error as _;
    use serde::ser::Error as _;

    pub(super) fn serialize<S: Serializer>(moment: &OffsetDateTime, serializer: S) -> Result<S::Ok, S::Error> {
        let text = moment.to_offset(UtcOffset::UTC).format(&Rfc3339).map_err(S::Error::custom)?;
        serializer.serialize_str(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<OffsetDateTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        let moment = OffsetDateTime::parse(&text, &Rfc3339)
            .map_err(|_| D::Error::custom("`taken_at` is not a time as 2026-12-31T12:00:00Z"))?;
        moment.checked_to_offset(UtcOffset::UTC).ok_or_else(|| D::Error::custom("`taken_at` is out of range"))
    }
}

#[cfg(test)]
mod tests;

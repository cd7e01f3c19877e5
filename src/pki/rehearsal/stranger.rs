//! Another site, made on the spot: a root of the same name with another key, and what it would give to a server and to a
//! client of the same names. Whoever takes one of these takes anybody's.

use super::super::authority::{Authority, AuthorityError, Credential, Order};
use super::super::entropy::{Entropy, NoEntropy};
use super::super::key::PrivateKey;
use super::super::name::{MachineName, NameError, Underscore};
use super::super::profile::{Profile, Role};
use super::super::serial::{Serial, SerialKind};
use super::super::validity::{Validity, ValidityError};
use time::{Duration, OffsetDateTime};

#[derive(Debug)]
pub struct Stranger {
    pub server: Credential,
    pub client: Credential,
    /// As it is in the files of a site of Qlik, whose root is called after its central node.
    pub same_name: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StrangerError {
    #[error(transparent)]
    Name(#[from] NameError),
    #[error("no certificates can be made for this time: {0}")]
    Dates(#[from] ValidityError),
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
    #[error(transparent)]
    Authority(#[from] AuthorityError),
}

/// Where the site's own names cannot be written into a new certificate.
const SOMEWHERE: &str = "another.invalid";

impl Stranger {
    /// `root` is the common name of the site's root, `machine` the one that is called.
    pub fn new(
        [root_key, server_key, client_key]: [PrivateKey; 3],
        root: &str,
        machine: &str,
        at: OffsetDateTime,
        entropy: &mut impl Entropy,
    ) -> Result<Self, StrangerError> {
        let named = |name: &str| MachineName::parse(name, Underscore::Allowed);
        let host = root.strip_suffix("-CA").and_then(|host| named(host).ok());
        let same_name = host.is_some();
        let host = host.map_or_else(|| named(SOMEWHERE), Ok)?;
        let machine = named(machine).or_else(|_| named(SOMEWHERE))?;
        let (from, until) = (at.checked_sub(Duration::DAY), at.checked_add(Duration::DAY));
        let validity = Validity::new(from.unwrap_or(at), until.unwrap_or(at))?;
        let mut serial = || Serial::draw(SerialKind::Random, entropy);
        let authority = Authority::create(&host, Profile::Compatible, root_key, validity, serial()?)?;
        let issue = |role, key, serial| {
            let order = Order { role, profile: Profile::Compatible, machine: &machine, aliases: &[], validity, serial };
            authority.issue(&order, key)
        };
        let server = issue(Role::Server, server_key, serial()?)?;
        let client = issue(Role::Client, client_key, serial()?)?;
        Ok(Self { server, client, same_name })
    }
}

//! Windows' certificate stores as they are changed: one certificate at a time, each call by itself whole. What is changed
//! and in which order is not decided here: `pki::store_plan` does, and `cli::store` asks and tells.
//!
//! Private keys go in by a PFX that qcert has just made, and come out in one that Windows makes. A key's container is
//! never deleted: `certutil -repairstore` finds it again for a certificate that comes back.

pub use super::platform::stores::{add, export, import, remove, service_account, set_friendly_name, snapshot, trust};
use crate::pki::secret::Password;
use crate::pki::snapshot::Place;

/// A certificate with its private key, on its way into a store.
#[derive(Debug)]
pub struct Import<'a> {
    pub place: Place,
    /// One certificate with its key, encrypted as every Windows can read it.
    pub pfx: &'a [u8],
    pub password: &'a Password,
    pub friendly_name: Option<&'a str>,
    /// The key is the machine's, not the account's.
    pub machine_keyset: bool,
    pub exportable: bool,
}

/// What a certificate is asked to serve for.
#[derive(Debug, Clone, Copy)]
pub enum Use<'a> {
    /// A service that is called by this name.
    Server(&'a str),
    Client,
}

/// What Windows' own chain engine says. Both numbers have to be 0: the policy alone passes a chain without its root
/// under Wine, and the chain alone knows no host names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// `CERT_TRUST_STATUS.dwErrorStatus` of the chain.
    pub status: u32,
    /// `CERT_CHAIN_POLICY_STATUS.dwError`: of the base policy for a client, of the SSL policy for a server.
    pub policy: u32,
    /// DER, from the leaf to where the engine came.
    pub chain: Vec<Vec<u8>>,
}

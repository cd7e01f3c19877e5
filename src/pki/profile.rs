//! `Role` and `Profile`: what each certificate looks like. Every field is set here; no library's default survives.
//!
//! The facts are measured on 32 real certificates made between 2015 and 2022. Nothing here encodes or signs.

use super::serial::SerialKind;

/// What a certificate is for, in Qlik's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    Root,
    Server,
    Client,
}

impl Role {
    /// The word in Qlik's marker extension, by which Qlik's own services and scripts find their certificates.
    pub fn marker(self) -> &'static str {
        match self {
            Self::Root => "Root",
            Self::Server => "Service",
            Self::Client => "Client",
        }
    }

    /// The word in file names, in messages and in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Server => "server",
            Self::Client => "client",
        }
    }
}

/// The subject of every client certificate; the .NET SDK looks for it as friendly name, too.
pub const CLIENT_NAME: &str = "QlikClient";

/// The content of 1.3.6.1.5.5.7.13.3, Qlik's marker. The arc is IETF's test arc (RFC 7229); QlikView uses it as well.
pub const MARKER_OID: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 13, 3];

/// Qlik's keys sit in this provider (9 of 9 observed PFX), also the SHA-256 ones.
pub const KEY_PROVIDER: &str = "Microsoft Enhanced Cryptographic Provider v1.0";

/// A family of shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// Qlik's shape plus what modern verifiers need and Qlik lacks.
    #[default]
    Compatible,
    /// Field for field what a release of 2020 or later writes.
    Qlik,
    /// What releases before 2018 wrote. Test data: Node and OpenSSL refuse such a root.
    Classic,
}

/// What differs between the profiles.
#[expect(clippy::struct_excessive_bools, reason = "each is one field of a certificate, present or not")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Critical, CA:TRUE, no path length. Arrived between 2019-03 and 2020-05.
    pub root_basic_constraints: bool,
    /// Critical, keyCertSign and cRLSign. Python from 3.13 and `openssl verify -x509_strict` want it
    /// (RFC 5280 4.2.1.3); Qlik never writes it.
    pub root_key_usage: bool,
    /// The machine name as dNSName, an IP as well. Arrived between 2017-09 and 2018-01.
    pub server_dns_names: bool,
    /// An IP also as iPAddress, where RFC 6125 and every verifier look for it; Qlik writes it as dNSName alone.
    pub server_ip_addresses: bool,
    pub serial: SerialKind,
    /// Qlik gives every leaf its own ten years, also past the end of the root.
    pub leaf_may_outlive_root: bool,
}

impl Profile {
    pub fn shape(self) -> Shape {
        match self {
            Self::Compatible => Shape {
                root_basic_constraints: true,
                root_key_usage: true,
                server_dns_names: true,
                server_ip_addresses: true,
                serial: SerialKind::Random,
                leaf_may_outlive_root: false,
            },
            Self::Qlik => Shape {
                root_basic_constraints: true,
                root_key_usage: false,
                server_dns_names: true,
                server_ip_addresses: false,
                serial: SerialKind::Prime,
                leaf_may_outlive_root: true,
            },
            Self::Classic => Shape {
                root_basic_constraints: false,
                root_key_usage: false,
                server_dns_names: false,
                server_ip_addresses: false,
                serial: SerialKind::Prime,
                leaf_may_outlive_root: true,
            },
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Qlik => "qlik",
            Self::Classic => "classic",
        }
    }
}

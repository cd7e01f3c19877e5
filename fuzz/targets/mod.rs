//! What is done with any octets: one function for each reader, and for the whole of `inspect`, `validate` and `convert`.
//!
//! libFuzzer calls them (`fuzz/run`), and so does `tests/mutations.rs`, with the same few thousand inputs in every run.
//! A panic is a finding; so is an answer that contradicts itself. Seeds are our own fixtures.

mod backups;
mod keys;
mod pfx;
mod readers;
mod seeds;
mod whole;

use qcert::pki::entropy::{Entropy, NoEntropy};
use qcert::pki::secret::Password;
use std::path::Path;
use zeroize::Zeroizing;

pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&[u8]),
    /// From the folder of the fixtures.
    pub(crate) seeds: fn(&Path) -> Vec<Vec<u8>>,
    /// How many changed seeds the ordinary test tries: a second or two of an unoptimized build.
    pub(crate) rounds: usize,
}

pub(crate) const ALL: &[Target] = &[
    Target { name: "pem", run: readers::pem, seeds: seeds::pem, rounds: 2000 },
    Target { name: "certificate", run: readers::certificate, seeds: seeds::certificates, rounds: 2000 },
    Target { name: "pfx", run: pfx::file, seeds: seeds::pfx, rounds: 400 },
    Target { name: "pfx_inside", run: pfx::inside, seeds: seeds::pfx_inside, rounds: 600 },
    Target { name: "pkcs7", run: readers::pkcs7, seeds: seeds::pkcs7, rounds: 2000 },
    Target { name: "key", run: keys::open, seeds: seeds::keys, rounds: 2000 },
    Target { name: "encrypted_key", run: keys::encrypted, seeds: seeds::encrypted_keys, rounds: 2000 },
    Target { name: "key_inside", run: keys::inside, seeds: seeds::keys_inside, rounds: 2000 },
    Target { name: "request", run: readers::request, seeds: seeds::requests, rounds: 2000 },
    Target { name: "revocation_list", run: readers::revocation_list, seeds: seeds::revocation_lists, rounds: 2000 },
    Target { name: "host_name", run: readers::host_name, seeds: seeds::host_names, rounds: 2000 },
    Target { name: "snapshot", run: readers::snapshot, seeds: seeds::snapshots, rounds: 1200 },
    Target { name: "manifest", run: backups::manifest, seeds: seeds::manifests, rounds: 2000 },
    Target { name: "backup", run: backups::sealed, seeds: seeds::archives, rounds: 120 },
    Target { name: "envelope", run: backups::envelope, seeds: seeds::envelopes, rounds: 400 },
    Target { name: "ledger", run: backups::ledger, seeds: seeds::ledgers, rounds: 1500 },
    Target { name: "machine_list", run: readers::machine_list, seeds: seeds::machine_lists, rounds: 2000 },
    Target { name: "log", run: readers::log, seeds: seeds::logs, rounds: 1500 },
    Target { name: "http", run: readers::http, seeds: seeds::http, rounds: 2000 },
    Target { name: "git_index", run: readers::git_index, seeds: seeds::git_indexes, rounds: 2000 },
    Target { name: "inspect", run: whole::inspect, seeds: seeds::folders, rounds: 200 },
    Target { name: "validate", run: whole::validate, seeds: seeds::folders, rounds: 150 },
    Target { name: "convert", run: whole::convert, seeds: seeds::folders, rounds: 350 },
];

/// Of everything that is encrypted here.
pub(crate) const PASSWORD: &str = "right";

pub(crate) fn password(text: &str) -> Password {
    Password::new(Zeroizing::new(text.to_owned())).expect("a password has characters")
}

/// Random octets that are none, so that the same input does the same.
pub(crate) struct Counted(pub(crate) u8);

impl Entropy for Counted {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        for octet in buffer {
            self.0 = self.0.wrapping_add(1);
            *octet = self.0;
        }
        Ok(())
    }
}

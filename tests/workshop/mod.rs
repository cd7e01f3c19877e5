//! A small authority with fixed keys, time, serials and random octets, for tests of the library.
//!
//! Each test binary uses a part of it.
#![allow(dead_code, clippy::unwrap_used, reason = "each test binary uses a part of it, and a test fails loudly")]

use qcert::pki::authority::{Authority, Credential, Order};
use qcert::pki::bundle::{Bundle, Format, OutFile, Sealing};
use qcert::pki::encryption::Derivations;
use qcert::pki::entropy::{Entropy, NoEntropy};
use qcert::pki::key::PrivateKey;
use qcert::pki::name::{MachineName, Underscore};
use qcert::pki::pfx::PfxEncryption;
use qcert::pki::profile::{Profile, Role};
use qcert::pki::secret::Password;
use qcert::pki::serial::{Serial, SerialKind};
use qcert::pki::validity::Validity;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use time::macros::datetime;

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

pub(crate) fn key(name: &str) -> PrivateKey {
    let pem = std::fs::read(fixture("keys").join(name).with_extension("pem")).unwrap();
    let block = qcert::pki::pem::decode(&pem).unwrap().pop().unwrap();
    PrivateKey::from_pkcs1(block.der.expose()).unwrap()
}

pub(crate) fn name(text: &str) -> MachineName {
    MachineName::parse(text, Underscore::Refused).unwrap()
}

/// Octets that are the same in every run: a linear congruential generator's.
#[derive(Debug)]
pub(crate) struct Fixed(pub(crate) u32);

impl Entropy for Fixed {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        for octet in buffer {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *octet = self.0.to_be_bytes()[0];
        }
        Ok(())
    }
}

pub(crate) struct Workshop {
    pub(crate) profile: Profile,
    pub(crate) authority: Authority,
    pub(crate) machine: MachineName,
    pub(crate) aliases: Vec<MachineName>,
}

impl Workshop {
    pub(crate) fn new(profile: Profile) -> Self {
        let serial = Serial::draw(profile.shape().serial, &mut Fixed(1)).unwrap();
        let validity = Validity::qlik(NOW).unwrap();
        let authority = Authority::create(&name("qlik1.test"), profile, key("root"), validity, serial).unwrap();
        Self { profile, authority, machine: name("Qlik1.test"), aliases: vec![name("10.0.0.5")] }
    }

    pub(crate) fn issue(&self, role: Role, key: PrivateKey, validity: Validity) -> Credential {
        let seed = if role == Role::Server { 2 } else { 3 };
        let serial = Serial::draw(SerialKind::Random, &mut Fixed(seed)).unwrap();
        let (profile, machine, aliases) = (self.profile, &self.machine, &self.aliases[..]);
        self.authority.issue(&Order { role, profile, machine, aliases, validity, serial }, key).unwrap()
    }

    pub(crate) fn bundle(&self) -> Bundle<'_> {
        let validity = Validity::qlik(NOW).unwrap();
        let leaf = |role, name| (role, self.issue(role, key(name), validity));
        let leaves = vec![leaf(Role::Server, "server"), leaf(Role::Client, "client")];
        Bundle { machine: &self.machine, root: Some(self.authority.certificate()), leaves }
    }

    pub(crate) fn files(&self, pfx_encryption: PfxEncryption, password: Option<&Password>) -> Vec<OutFile> {
        let format = Format { pem: true, pfx: true, plain_pem_keys: false, pfx_encryption };
        let sealing = Sealing::draw(&[Role::Server, Role::Client], format, password, &mut Fixed(4)).unwrap();
        self.bundle().files(format, &sealing, &Derivations::default()).unwrap()
    }
}

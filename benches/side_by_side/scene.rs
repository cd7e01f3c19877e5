//! What is read and judged: 1,000 files of one root, made here.
//!
//! Four keys are signed into all certificates, for making keys takes time and reading them does not differ.

use fs_err as fs;
use qcert::pki::authority::{Authority, Credential, Order};
use qcert::pki::bundle::{Bundle, Format, Sealing};
use qcert::pki::encryption::Derivations;
use qcert::pki::entropy::SystemEntropy;
use qcert::pki::key::{KeySize, PrivateKey};
use qcert::pki::name::{MachineName, Underscore};
use qcert::pki::pem;
use qcert::pki::pfx::PfxEncryption;
use qcert::pki::profile::{Profile, Role};
use qcert::pki::secret::Secret;
use qcert::pki::serial::{Serial, SerialKind};
use qcert::pki::validity::Validity;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use time::OffsetDateTime;

pub(crate) const LEAVES: usize = 1_000;
/// With eight files each, as Qlik's exports have.
pub(crate) const BUNDLES: usize = 125;
const KEYS: usize = 4;

#[derive(Debug)]
pub(crate) struct Scene {
    folder: TempDir,
    authority: Authority,
    keys: Vec<Secret>,
    validity: Validity,
}

impl Scene {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        let validity = Validity::qlik(OffsetDateTime::now_utc())?;
        let root_key = PrivateKey::generate(KeySize::Rsa2048)?;
        let serial = Serial::draw(SerialKind::Random, &mut SystemEntropy)?;
        let authority = Authority::create(&machine(0)?, Profile::Compatible, root_key, validity, serial)?;
        let make = |_| Ok(Secret::new(PrivateKey::generate(KeySize::Rsa2048)?.pkcs8().expose().to_vec()));
        let keys = (0..KEYS).map(make).collect::<anyhow::Result<_>>()?;
        let scene = Self { folder, authority, keys, validity };
        fs::write(scene.root_file(), pem::encode("CERTIFICATE", scene.authority.certificate().der()).expose())?;
        Ok(scene)
    }

    /// Beside the folders, in none of them.
    pub(crate) fn root_file(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }

    /// `leaf-0001.pem` and so on: names by which nobody takes the folder for a bundle.
    pub(crate) fn leaves(&self) -> anyhow::Result<Vec<PathBuf>> {
        let folder = self.subfolder("leaves")?;
        let write = |number: usize| {
            let path = folder.join(format!("leaf-{:04}.pem", number + 1));
            let leaf = self.issue(number, Role::Server)?;
            fs::write(&path, pem::encode("CERTIFICATE", leaf.certificate().der()).expose())?;
            Ok(path)
        };
        (0..LEAVES).map(write).collect()
    }

    /// The PEM certificates of the leaves in as many folders as there are bundles.
    pub(crate) fn bundles(&self) -> anyhow::Result<Vec<PathBuf>> {
        let folder = self.subfolder("bundles")?;
        let format = Format { pem: true, pfx: true, plain_pem_keys: true, pfx_encryption: PfxEncryption::Modern };
        let mut leaves = Vec::new();
        for number in 0..BUNDLES {
            let machine = machine(number)?;
            let roles = [Role::Server, Role::Client];
            let issued = roles.map(|role| Ok((role, self.issue(number, role)?)));
            let root = Some(self.authority.certificate());
            let bundle = Bundle { machine: &machine, root, leaves: issued.into_iter().collect::<anyhow::Result<_>>()? };
            let sealing = Sealing::draw(&roles, format, None, &mut SystemEntropy)?;
            let place = folder.join(machine.folder());
            fs::create_dir(&place)?;
            for file in bundle.files(format, &sealing, &Derivations::default())? {
                write_private(&place.join(file.name), file.bytes.expose())?;
            }
            leaves.extend(["server.pem", "client.pem"].map(|name| place.join(name)));
        }
        Ok(leaves)
    }

    fn subfolder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.folder.path().join(name);
        fs::create_dir(&folder)?;
        Ok(folder)
    }

    fn issue(&self, number: usize, role: Role) -> anyhow::Result<Credential> {
        let key = Secret::new(self.keys[number % KEYS].expose().to_vec());
        let serial = Serial::draw(SerialKind::Random, &mut SystemEntropy)?;
        let (profile, validity) = (Profile::Compatible, self.validity);
        let order = Order { role, profile, machine: &machine(number)?, aliases: &[], validity, serial };
        Ok(self.authority.issue(&order, PrivateKey::from_pkcs8(key)?)?)
    }
}

fn machine(number: usize) -> anyhow::Result<MachineName> {
    Ok(MachineName::parse(&format!("machine{number}.domain"), Underscore::Refused)?)
}

fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes)?;
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}

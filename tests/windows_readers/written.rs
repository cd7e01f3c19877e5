//! One PFX that qcert wrote, and what must be seen in it: by what it was asked for, and by OpenSSL.
//!
//! May not use qcert, which is to be judged.

use super::process::run;
use super::stranger::command;
use fs_err as fs;
use std::path::{Path, PathBuf};
use std::thread;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Root,
    Server,
    Client,
}

/// What a PFX was asked to be.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    /// Names it in jobs and answers, and is the text that its key signs.
    pub(crate) id: String,
    pub(crate) file: PathBuf,
    pub(crate) password: &'static str,
    pub(crate) role: Role,
    /// Of a server.
    pub(crate) machine: String,
    pub(crate) key_bits: u16,
    /// In DER.
    pub(crate) root: PathBuf,
    /// Certificates behind the first.
    pub(crate) above: Vec<PathBuf>,
    /// Nothing marks its root as a certificate authority.
    pub(crate) classic: bool,
}

/// What OpenSSL sees of the same file.
#[derive(Debug)]
pub(crate) struct Truth {
    pub(crate) thumbprint: String,
    public_key: PathBuf,
    /// The certificate and the open key.
    pem: PathBuf,
}

impl Written {
    pub(crate) fn subject(&self) -> String {
        match self.role {
            Role::Root => "CN=site.test-CA".to_owned(),
            Role::Server => format!("CN={}", self.machine),
            Role::Client => "CN=QlikClient".to_owned(),
        }
    }

    /// The root is inside, behind the certificate.
    pub(crate) fn holds_root(&self) -> bool {
        self.above.contains(&self.root)
    }

    pub(crate) fn has_intermediate(&self) -> bool {
        !self.above.is_empty() && !self.holds_root()
    }

    pub(crate) fn is_protected(&self) -> bool {
        !self.password.is_empty()
    }

    /// The PFX's own certificate, by OpenSSL.
    pub(crate) fn truth(&self, openssl: &Path, folder: &Path) -> Truth {
        let at = |ending: &str| folder.join(format!("{}.{ending}", self.id));
        fs::write(at("password"), format!("{}\n", self.password)).unwrap();
        let mut open = command(openssl);
        open.args(["pkcs12", "-clcerts", "-nodes", "-passin"]).arg(format!("file:{}", at("password").display()));
        run(open.arg("-in").arg(&self.file).arg("-out").arg(at("pem"))).accepted();
        let mut show = command(openssl);
        show.args(["x509", "-noout", "-fingerprint", "-sha1", "-pubkey", "-in"]).arg(at("pem"));
        let shown = run(&mut show).accepted().text();
        fs::write(at("public"), &shown).unwrap();
        Truth { thumbprint: after_fingerprint(&shown), public_key: at("public"), pem: at("pem") }
    }
}

impl Truth {
    /// Whether each number of the key takes as many octets as the key's size lets it.
    pub(crate) fn has_full_numbers(&self, openssl: &Path) -> bool {
        let mut show = command(openssl);
        let shown = run(show.args(["rsa", "-noout", "-text", "-in"]).arg(&self.pem)).accepted().text();
        let mut lengths = std::collections::BTreeMap::new();
        let mut name = "";
        for line in shown.lines() {
            match line.strip_prefix("    ") {
                // A leading zero octet is not part of the number.
                Some(octets) => {
                    let count = octets.trim().split(':').filter(|octet| !octet.is_empty()).count();
                    let sign = usize::from(!lengths.contains_key(name) && octets.starts_with("00:"));
                    *lengths.entry(name).or_insert(0) += count - sign;
                }
                None => name = line.trim(),
            }
        }
        let of = |name: &str| lengths.get(name).copied().unwrap_or_default();
        let size = of("modulus:");
        let halves = ["prime1:", "prime2:", "exponent1:", "exponent2:", "coefficient:"];
        assert!(size >= 256, "{shown}");
        of("privateExponent:") == size && halves.into_iter().all(|name| of(name) * 2 == size)
    }

    /// OpenSSL takes the signature of the text by the certificate's key.
    pub(crate) fn verify(&self, openssl: &Path, hash: &str, text: &str, signature: &[u8]) {
        let beside = |ending: &str| self.public_key.with_file_name(format!("{text}.{hash}.{ending}"));
        fs::write(beside("text"), text).unwrap();
        fs::write(beside("signature"), signature).unwrap();
        let mut verify = command(openssl);
        verify.arg("dgst").arg(format!("-{hash}")).arg("-verify").arg(&self.public_key);
        verify.arg("-signature").arg(beside("signature")).arg(beside("text"));
        run(&mut verify).accepted().says("Verified OK");
    }
}

/// Of a file in DER.
pub(crate) fn thumbprint(openssl: &Path, file: &Path) -> String {
    let mut show = command(openssl);
    show.args(["x509", "-inform", "DER", "-noout", "-fingerprint", "-sha1", "-in"]).arg(file);
    after_fingerprint(&run(&mut show).accepted().text())
}

fn after_fingerprint(shown: &str) -> String {
    let (_, rest) = shown.split_once("Fingerprint=").expect("a fingerprint");
    rest.lines().next().unwrap_or_default().replace(':', "")
}

/// Does the same for each, some at a time: OpenSSL derives keys for a tenth of a second each.
pub(crate) fn for_each<'a, T: Sync, R: Send>(all: &'a [T], job: impl Fn(&'a T) -> R + Sync) -> Vec<R> {
    let share = all.len().div_ceil(4).max(1);
    thread::scope(|scope| {
        let job = &job;
        let parts: Vec<_> =
            all.chunks(share).map(|part| scope.spawn(move || part.iter().map(job).collect::<Vec<R>>())).collect();
        parts.into_iter().flat_map(|part| part.join().expect("a part of the jobs")).collect()
    })
}

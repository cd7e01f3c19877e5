//! Writes certificates as wrong as a case wants them, and the files of a bundle made of them.
//!
//! Encoding is done here; keys and signatures are the `openssl` program's, which still makes what qcert never would:
//! MD5, SHA-1, 512 bits.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use fs_err as fs;
use qcert::pki::certificate::key_id;
use qcert::pki::der;
use qcert::pki::pem;
use qcert::pki::public_key::PublicKey;
use time::{Duration, OffsetDateTime};

use super::process::run;
use super::stranger::command;

/// `openssl`, and a folder of keys by name.
pub(crate) struct Workbench {
    openssl: PathBuf,
    pub(crate) folder: PathBuf,
    infos: HashMap<&'static str, Vec<u8>>,
    /// By message and digest: the same certificate is wanted often.
    signatures: Mutex<HashMap<Signed, Vec<u8>>>,
}

type Signed = (Vec<u8>, &'static str);

/// Name and what `openssl genpkey` is told.
const KEYS: [(&str, &[&str]); 10] = [
    ("root", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    ("other-root", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    ("server", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    ("client", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    ("other", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    ("rsa-1536", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1536"]),
    ("rsa-1024", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]),
    ("rsa-768", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:768"]),
    ("ec", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ("ed25519", &["-algorithm", "ED25519"]),
];

impl Workbench {
    pub(crate) fn new(openssl: &Path, folder: &Path) -> Self {
        let (openssl, folder) = (openssl.to_owned(), folder.to_owned());
        fs::create_dir_all(&folder).unwrap();
        let make = |name: &'static str, options: &[&str]| {
            let key = folder.join(name).with_extension("pem");
            run(command(&openssl).arg("genpkey").args(options).arg("-out").arg(&key)).accepted();
            let info = run(command(&openssl).args(["pkey", "-pubout", "-outform", "DER", "-in"]).arg(&key)).accepted();
            (name, info.stdout)
        };
        let infos = std::thread::scope(|scope| {
            let makers: Vec<_> = KEYS.iter().map(|(name, options)| scope.spawn(move || make(name, options))).collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        Self { openssl, folder, infos, signatures: Mutex::default() }
    }

    pub(crate) fn key_file(&self, name: &str) -> PathBuf {
        self.folder.join(name).with_extension("pem")
    }

    /// PKCS#8.
    pub(crate) fn key(&self, name: &str) -> Vec<u8> {
        fs::read(self.key_file(name)).unwrap()
    }

    /// As Qlik writes it: PKCS#1.
    pub(crate) fn traditional(&self, name: &str, more: &[&str]) -> Vec<u8> {
        // Ed25519 has no older form.
        if name == "ed25519" {
            return self.key(name);
        }
        let mut convert = command(&self.openssl);
        convert.args(["pkey", "-traditional", "-in"]).arg(self.key_file(name)).args(more);
        run(&mut convert).accepted().stdout
    }

    pub(crate) fn encrypted(&self, name: &str, password: &str) -> Vec<u8> {
        let mut convert = command(&self.openssl);
        convert.args(["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-iter", "2048"]);
        convert.arg("-passout").arg(format!("pass:{password}")).arg("-in").arg(self.key_file(name));
        run(&mut convert).accepted().stdout
    }

    /// A PFX of this certificate (PEM) and this key.
    pub(crate) fn pfx(&self, certificate: &[u8], key: &str, more: &[&str], password: &str) -> Vec<u8> {
        self.pfx_named("QlikClient", certificate, key, more, password)
    }

    pub(crate) fn pfx_named(
        &self,
        name: &str,
        certificate: &[u8],
        key: &str,
        more: &[&str],
        password: &str,
    ) -> Vec<u8> {
        let file = tempfile::NamedTempFile::new_in(&self.folder).unwrap();
        fs::write(file.path(), certificate).unwrap();
        let mut export = command(&self.openssl);
        export.args(["pkcs12", "-export", "-name", name, "-inkey"]).arg(self.key_file(key));
        export.arg("-in").arg(file.path()).arg("-passout").arg(format!("pass:{password}")).args(more);
        run(&mut export).accepted().stdout
    }

    pub(crate) fn info(&self, key: &str) -> &[u8] {
        &self.infos[key]
    }

    fn key_id(&self, key: &str) -> Vec<u8> {
        key_id(PublicKey::parse(self.info(key)).unwrap().key())
    }

    fn sign(&self, key: &str, digest: &'static str, message: &[u8]) -> Vec<u8> {
        if let Some(made) = self.signatures.lock().unwrap().get(&(message.to_vec(), digest)) {
            return made.clone();
        }
        let file = tempfile::NamedTempFile::new_in(&self.folder).unwrap();
        fs::write(file.path(), message).unwrap();
        let mut sign = command(&self.openssl);
        sign.args(["dgst", &format!("-{digest}"), "-sign"]).arg(self.key_file(key)).arg(file.path());
        let made = run(&mut sign).accepted().stdout;
        self.signatures.lock().unwrap().insert((message.to_vec(), digest), made.clone());
        made
    }
}

/// An extension: its identifier's content octets, whether it is critical, its value.
type Extension = (&'static [u8], bool, Vec<u8>);

pub(crate) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
pub(crate) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
pub(crate) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
pub(crate) const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 17];
pub(crate) const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 14];
pub(crate) const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];
pub(crate) const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 30];
/// 1.3.6.1.4.1.55738.1: nobody's that a program would know.
pub(crate) const UNKNOWN: &[u8] = &[0x2b, 6, 1, 4, 1, 0x83, 0xb3, 0x3a, 1];

pub(crate) const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
pub(crate) const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];

#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) version: u8,
    pub(crate) subject: &'static str,
    pub(crate) issuer: &'static str,
    pub(crate) starts: OffsetDateTime,
    pub(crate) ends: OffsetDateTime,
    pub(crate) key: &'static str,
    pub(crate) signer: &'static str,
    pub(crate) digest: &'static str,
    /// Besides the two key identifiers, which `with_key_ids` governs.
    pub(crate) extensions: Vec<Extension>,
    pub(crate) with_key_ids: bool,
    pub(crate) damaged: bool,
}

impl Draft {
    pub(crate) fn new(subject: &'static str, key: &'static str, now: OffsetDateTime) -> Self {
        Self {
            version: 3,
            subject,
            issuer: "qlik1.test-CA",
            starts: now - Duration::days(7),
            ends: now + Duration::days(3650),
            key,
            signer: "root",
            digest: "sha256",
            extensions: Vec::new(),
            with_key_ids: true,
            damaged: false,
        }
    }

    pub(crate) fn add(&mut self, oid: &'static [u8], critical: bool, value: Vec<u8>) {
        self.remove(oid);
        self.extensions.push((oid, critical, value));
    }

    pub(crate) fn remove(&mut self, oid: &'static [u8]) {
        self.extensions.retain(|(present, ..)| *present != oid);
    }

    /// PEM.
    pub(crate) fn write(&self, bench: &Workbench) -> Vec<u8> {
        let signed = self.signed_part(bench);
        let mut signature = bench.sign(self.signer, self.digest, &signed);
        if self.damaged {
            let at = signature.len() / 2;
            signature[at] ^= 1;
        }
        let whole = der::sequence(&[&signed, &self.algorithm(), &der::bit_string(&signature)]);
        pem::encode("CERTIFICATE", &whole).expose().to_vec()
    }

    fn signed_part(&self, bench: &Workbench) -> Vec<u8> {
        let version = der::encode(0xa0, &der::unsigned(u64::from(self.version - 1)));
        let validity = der::sequence(&[&utc_time(self.starts), &utc_time(self.ends)]);
        let serial = key_id(format!("{}{}{}", self.subject, self.key, self.signer).as_bytes());
        let serial = der::encode(2, &[&[0x4a], &serial[..15]].concat());
        let extensions = der::encode(0xa3, &der::sequence(&[&self.encode_extensions(bench)]));
        der::sequence(&[
            if self.version == 1 { &[] } else { &version },
            &serial,
            &self.algorithm(),
            &common_name(self.issuer),
            &validity,
            &common_name(self.subject),
            bench.info(self.key),
            if self.version == 3 { &extensions } else { &[] },
        ])
    }

    fn encode_extensions(&self, bench: &Workbench) -> Vec<u8> {
        let mut all = self.extensions.clone();
        if self.with_key_ids {
            all.push((SUBJECT_KEY_ID, false, der::octet_string(&bench.key_id(self.key))));
            let signer = der::encode(0x80, &bench.key_id(self.signer));
            all.push((AUTHORITY_KEY_ID, false, der::sequence(&[&signer])));
        }
        let one = |(oid, critical, value): &Extension| {
            let critical: &[u8] = if *critical { &[1, 1, 0xff] } else { &[] };
            der::sequence(&[&der::oid(oid), critical, &der::octet_string(value)])
        };
        all.iter().flat_map(one).collect()
    }

    fn algorithm(&self) -> Vec<u8> {
        let pkcs1 = |last| der::oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, last]);
        match self.digest {
            // ecdsa-with-SHA256.
            _ if self.signer == "ec" => der::sequence(&[&der::oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2])]),
            "md5" => der::sequence(&[&pkcs1(4), &[5, 0]]),
            "sha1" => der::sequence(&[&pkcs1(5), &[5, 0]]),
            _ => der::sequence(&[&pkcs1(11), &[5, 0]]),
        }
    }
}

pub(crate) fn authority(ca: bool) -> Vec<u8> {
    if ca { der::sequence(&[&[1, 1, 0xff]]) } else { der::sequence(&[]) }
}

/// The first octet of the bits, from digitalSignature down.
pub(crate) fn usage(bits: u8) -> Vec<u8> {
    der::encode(3, &[u8::try_from(bits.trailing_zeros()).unwrap(), bits])
}

pub(crate) fn purposes(oids: &[&[u8]]) -> Vec<u8> {
    der::sequence(&[&oids.iter().flat_map(|oid| der::oid(oid)).collect::<Vec<_>>()])
}

pub(crate) fn dns(name: &str) -> Vec<u8> {
    der::sequence(&[&der::encode(0x82, name.as_bytes())])
}

fn common_name(name: &str) -> Vec<u8> {
    der::sequence(&[&der::set(&[&der::sequence(&[&der::oid(&[0x55, 4, 3]), &der::encode(12, name.as_bytes())])])])
}

fn utc_time(time: OffsetDateTime) -> Vec<u8> {
    let format = time::macros::format_description!("[year repr:last_two][month][day][hour][minute][second]Z");
    der::encode(23, time.format(format).unwrap().as_bytes())
}

//! A site's three certificates and the files that Qlik's console exports for them.

use super::certificate::{Draft, client, root, serial, server};
use super::key::Key;
use super::pfx::{Certificates, Pfx};
use qcert::pki::pem;
use std::collections::BTreeMap;
use time::Duration;

/// The machine of nearly every folder, and the host that the root is named after.
pub(crate) const MACHINE: &str = "qs1.example.com";

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) machine: &'static str,
    pub(crate) root: Draft,
    pub(crate) server: Draft,
    pub(crate) client: Draft,
}

/// A site and its export as a release of 2022 made them.
pub(crate) fn site() -> Site {
    Site::under(root(MACHINE), MACHINE)
}

/// Another site, whose root has this name and a key of its own.
pub(crate) fn other_site(host: &str) -> Site {
    Site::under(root(host).own_key("other").serial(&serial("the other root")), MACHINE).again()
}

impl Site {
    pub(crate) fn under(root: Draft, machine: &'static str) -> Self {
        let (server, client) = (server(&root, machine), client(&root));
        Self { machine, root, server, client }
    }

    pub(crate) fn root(mut self, bend: impl FnOnce(Draft) -> Draft) -> Self {
        self.root = bend(self.root);
        self
    }

    pub(crate) fn server(mut self, bend: impl FnOnce(Draft) -> Draft) -> Self {
        self.server = bend(self.server);
        self
    }

    pub(crate) fn client(mut self, bend: impl FnOnce(Draft) -> Draft) -> Self {
        self.client = bend(self.client);
        self
    }

    /// A later export for the same machine: other keys, other serials, 42 minutes later.
    pub(crate) fn again(self) -> Self {
        let later = |draft: Draft, key, seed: &str| {
            let [from, until] = draft.dates.map(|date| date + Duration::minutes(42));
            draft.key(key).serial(&serial(seed)).dates(from, until)
        };
        let (server, client) = (self.server, self.client);
        Self {
            server: later(server, "server2", "second server"),
            client: later(client, "client2", "second client"),
            ..self
        }
    }

    /// "Platform independent PEM-format": five files.
    pub(crate) fn pem(&self) -> Files {
        let mut files = Files::new();
        files.insert("root.pem".to_owned(), certificate_pem(&self.root.der()));
        for (word, draft) in [("server", &self.server), ("client", &self.client)] {
            files.insert(format!("{word}.pem"), certificate_pem(&draft.der()));
            files.insert(format!("{word}_key.pem"), draft.key.pem());
        }
        files
    }

    /// "Windows format": three files.
    pub(crate) fn windows(&self) -> Files {
        [
            ("root.cer".to_owned(), self.root.der()),
            ("server.pfx".to_owned(), self.server_pfx().der()),
            ("client.pfx".to_owned(), self.client_pfx().der()),
        ]
        .into()
    }

    /// Both formats with the same certificates, as qcert writes them.
    pub(crate) fn all(&self) -> Files {
        let mut files = self.pem();
        files.extend(self.windows());
        files
    }

    /// As Windows writes it without a password.
    pub(crate) fn client_pfx(&self) -> Pfx {
        pfx(&self.client, "QlikClient")
    }

    pub(crate) fn server_pfx(&self) -> Pfx {
        pfx(&self.server, self.machine)
    }
}

/// The friendly name ends in U+0000, as Windows writes it.
fn pfx(draft: &Draft, friendly_name: &str) -> Pfx {
    Pfx {
        certificates: vec![(draft.der(), Some(format!("{friendly_name}\0")))],
        keys: vec![draft.key.pkcs8()],
        kept: Certificates::Clear,
        password: "",
        mac: true,
    }
}

pub(crate) fn certificate_pem(der: &[u8]) -> Vec<u8> {
    pem::encode("CERTIFICATE", der).expose().to_vec()
}

/// `BEGIN ENCRYPTED PRIVATE KEY`.
pub(crate) fn encrypted_pem(key: &Key, password: &str) -> Vec<u8> {
    use super::workshop::Fixed;
    use qcert::pki::encryption::{Derivations, Scheme, encrypt_private_key};
    use qcert::pki::secret::Secret;
    let scheme = Scheme::Aes256 { iterations: 2048 };
    let password = super::pfx::password(password).unwrap();
    let (key, mut octets) = (Secret::new(key.pkcs8()), Fixed(31));
    let encrypted = encrypt_private_key(&key, &password, scheme, &mut octets, &Derivations::default()).unwrap();
    pem::encode("ENCRYPTED PRIVATE KEY", &encrypted).expose().to_vec()
}

/// OpenSSL's traditional form: `Proc-Type: 4,ENCRYPTED`, AES-256-CBC, one round of MD5 (`EVP_BytesToKey`).
pub(crate) fn traditional_pem(key: &Key, password: &str) -> Vec<u8> {
    use aws_lc_rs::cipher::{AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
    use md5::{Digest, Md5};
    let vector = *b"fixed for a test";
    let hash = |before: &[u8]| Md5::digest([before, password.as_bytes(), &vector[..8]].concat()).to_vec();
    let first = hash(&[]);
    let derived = [&first[..], &hash(&first)].concat();
    let cipher = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, &derived).unwrap()).unwrap();
    let mut buffer = key.der.clone();
    cipher.less_safe_encrypt(&mut buffer, EncryptionContext::Iv128(vector.into())).unwrap();
    let vector = qcert::pki::certificate::hexadecimal(&vector).to_uppercase();
    let text = String::from_utf8(pem::encode(&key.label, &buffer).expose().to_vec()).unwrap();
    let headers = format!("-----\r\nProc-Type: 4,ENCRYPTED\r\nDEK-Info: AES-256-CBC,{vector}\r\n\r\n");
    text.replacen("-----\r\n", &headers, 1).into_bytes()
}

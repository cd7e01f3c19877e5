//! `Inventory`: what files hold. Every file becomes something; what cannot be read is kept with the reason.
//!
//! Sorted by content, never by name. Nothing is judged here: `rules` does.

mod container;
mod foreign;
mod host_name;
mod key;
mod object;
mod read;
mod shape;
mod shown;
mod stores;

pub use super::pfx::PfxPassword;
pub use super::request::Request;
pub use super::revocation_list::RevocationList;
pub use super::text::TextEncoding;
pub use host_name::{HostName, host_name};
pub use read::{read, read_with_keys};
pub use shown::shown;
pub use stores::{Held, SNAPSHOT, SnapshotContent};

use super::certificate::Certificate;
use super::pfx::{BagAttributes, MacFacts, Rest};
use super::public_key::PublicKey;
use super::secret::Secret;

/// A file as it came from the disk, or why it did not.
#[derive(Debug)]
pub struct InFile {
    /// As a person would name it; not escaped.
    pub path: String,
    pub bytes: Result<Secret, String>,
    pub others_may_read: bool,
    pub tracked_by_git: bool,
}

/// What one file holds.
#[derive(Debug)]
pub struct FileContent {
    pub path: String,
    /// The last component of the path.
    pub name: String,
    pub size: usize,
    pub others_may_read: bool,
    pub tracked_by_git: bool,
    pub form: Form,
    /// In the order of the file.
    pub objects: Vec<Object>,
}

/// How the file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// PEM sections.
    Pem(TextFacts),
    /// Base64 of one DER object without BEGIN and END.
    Base64(TextFacts),
    /// DER or BER: certificate, key, request, PKCS#7. Bytes after the object's end are counted.
    Binary {
        trailing_bytes: usize,
    },
    /// The base64 of a host name (Host.cfg).
    HostName,
    /// The JSON of a snapshot of certificate stores.
    Snapshot(TextEncoding),
    /// Nobody wrote it: a chain as it was shown in a TLS handshake.
    Shown,
    Empty,
    /// Nothing that qcert knows. One `What::Other` says in words what it seems to be: `a web page (HTML)`.
    Unknown,
    /// It could not be read from the disk.
    Unreadable(String),
}

#[expect(clippy::struct_excessive_bools, reason = "each is one thing that some program stumbles over")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TextFacts {
    pub encoding: TextEncoding,
    pub line_ends: LineEnds,
    /// There is text outside the sections (OpenSSL's "Bag Attributes", comments).
    pub text_around: bool,
    /// Lines of a section begin with blanks: OpenSSL reads nothing from it.
    pub indented: bool,
    /// Empty lines inside the base64: OpenSSL reads nothing from it.
    pub blank_lines: bool,
    /// BEGIN and END do not stand on lines of their own: OpenSSL, Node and Python read nothing from it. Base64 in one
    /// long line between them is read by all.
    pub one_line: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineEnds {
    #[default]
    Lf,
    CrLf,
    Cr,
    Mixed,
    /// The two characters `\\n`, as in an environment variable: OpenSSL, Node and Python read nothing from it.
    Escaped,
}

/// One thing in a file.
#[derive(Debug)]
pub struct Object {
    /// Of the PEM section, when there is one.
    pub label: Option<String>,
    /// Line of the BEGIN, from 1; of PEM only.
    pub line: Option<usize>,
    pub what: What,
}

#[derive(Debug)]
pub enum What {
    Certificate(Box<Certificate>),
    Key(Key),
    Pfx(Box<PfxContent>),
    Pkcs7(Vec<Object>),
    Request(Box<Request>),
    RevocationList(Box<RevocationList>),
    HostName(HostName),
    /// Of Windows' certificate stores.
    Snapshot(Box<SnapshotContent>),
    PublicKey(PublicKey),
    /// What qcert has no use for, in words: `an OpenSSH private key`, `XML`.
    Other(String),
    /// What it seems to be and why it cannot be read.
    Damaged(Damage),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// `a certificate`, `a private key`, `a PFX` …
    pub kind: &'static str,
    pub why: String,
    /// It ends too early; otherwise its bytes are wrong.
    pub cut: bool,
    /// Nothing is wrong with it: there is more of it than is looked at.
    pub over_limit: bool,
}

#[derive(Debug)]
pub struct Key {
    pub form: KeyForm,
    /// How it is encrypted, such as `AES-256-CBC, PBKDF2 HMAC-SHA256, 2048 rounds`; `None` when it is open.
    pub encryption: Option<String>,
    pub state: KeyState,
    /// Of an open key, where the caller asked for it (`read_with_keys`): PKCS#8.
    pub private: Option<Secret>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyForm {
    /// `BEGIN RSA PRIVATE KEY`: what Qlik writes.
    Pkcs1,
    /// `BEGIN EC PRIVATE KEY`.
    Sec1,
    /// `BEGIN PRIVATE KEY`, and the keys inside a PFX.
    Pkcs8,
    /// `BEGIN ENCRYPTED PRIVATE KEY`.
    EncryptedPkcs8,
    /// A traditional key with `Proc-Type: 4,ENCRYPTED`.
    Traditional,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// Its public half. The private half was checked to fit it where the library can.
    Open(PublicKey),
    PasswordNeeded,
    WrongPassword,
    /// Of a kind or encryption that qcert cannot open; says which.
    Unsupported(String),
    Damaged(String),
}

#[derive(Debug)]
pub struct PfxContent {
    pub state: PfxState,
    /// Known without the password.
    pub mac: Option<MacFacts>,
    /// One for each encrypted part, known without the password: `AES-256-CBC, PBKDF2 HMAC-SHA256, 100000 rounds`.
    pub encryption: Vec<String>,
    /// Those among `encryption` that protect a private key by itself; the others protect what is beside the keys.
    pub key_encryption: Vec<String>,
    pub trailing_bytes: usize,
    pub ber: bool,
    pub entries: Vec<PfxEntry>,
    /// What is in it but neither key nor certificate, in words.
    pub skipped: Vec<String>,
    /// The same as it stands there, where the caller asked for the keys.
    pub rest: Rest,
    /// Passwords were given and none of them is its own, also where it opened without one.
    pub given_passwords_failed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PfxState {
    Open(PfxPassword),
    PasswordNeeded,
    WrongPassword,
    Unsupported(String),
    Damaged(String),
}

#[derive(Debug)]
pub struct PfxEntry {
    pub object: Object,
    pub attributes: BagAttributes,
    /// The SET of them as it stands there; empty where there is none.
    pub attributes_der: Vec<u8>,
}

impl Damage {
    fn over_limit(kind: &'static str, why: String) -> Self {
        Self { kind, why, cut: false, over_limit: true }
    }
}

impl Object {
    /// This object's certificates and, for containers, those inside; of a snapshot Qlik's alone.
    pub fn certificates(&self) -> Box<dyn Iterator<Item = &Certificate> + '_> {
        match &self.what {
            What::Certificate(certificate) => Box::new(std::iter::once(&**certificate)),
            What::Pkcs7(objects) => Box::new(objects.iter().flat_map(Self::certificates)),
            What::Pfx(pfx) => Box::new(pfx.entries.iter().flat_map(|entry| entry.object.certificates())),
            What::Snapshot(content) => Box::new(content.qliks().map(|(_, certificate)| certificate)),
            _ => Box::new(std::iter::empty()),
        }
    }

    /// This object's private keys and, for containers, those inside.
    pub fn keys(&self) -> Box<dyn Iterator<Item = &Key> + '_> {
        match &self.what {
            What::Key(key) => Box::new(std::iter::once(key)),
            What::Pfx(pfx) => Box::new(pfx.entries.iter().flat_map(|entry| entry.object.keys())),
            _ => Box::new(std::iter::empty()),
        }
    }
}

impl FileContent {
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.objects.iter().flat_map(Object::certificates)
    }

    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.objects.iter().flat_map(Object::keys)
    }
}

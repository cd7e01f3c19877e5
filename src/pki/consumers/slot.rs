//! The files of a bundle by the names that programs ask for, and what is the trouble with each as a file.
//!
//! Names are compared as Windows does. What is inside a certificate is `fault`'s.

use super::super::certificate::Certificate;
use super::super::inventory::{
    FileContent, Form, Key, KeyState, LineEnds, Object, PfxContent, PfxState, TextEncoding, What,
};
use super::super::public_key::PublicKey;

/// The three files of a PEM export that a caller is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Root,
    Certificate,
    Key,
}

impl Slot {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Root => "root.pem",
            Self::Certificate => "client.pem",
            Self::Key => "client_key.pem",
        }
    }
}

/// Why a file is not what a program expects under its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    Missing,
    Unreadable(String),
    Empty,
    Utf16,
    ByteOrderMark,
    /// DER where PEM is wanted.
    Binary,
    /// Base64 without BEGIN and END.
    BareBase64,
    /// Blanks before the lines.
    Indented,
    BlankLines,
    /// With `\n` as two characters, as from JSON and environment variables.
    OneLine,
    /// The END is missing.
    Cut,
    /// BEGIN and END are there; what is between them is not the object.
    Damaged,
    /// Something else than the name says.
    Other,
}

impl Trouble {
    pub(super) fn why(&self, name: &str) -> String {
        match self {
            Self::Missing => format!("`{name}` is not there"),
            Self::Unreadable(why) => format!("`{name}` cannot be read: {why}"),
            Self::Empty => format!("`{name}` is empty"),
            Self::Utf16 => format!("`{name}` is in UTF-16, as PowerShell's `>` writes it"),
            Self::ByteOrderMark => format!("`{name}` begins with a byte order mark"),
            Self::Binary => format!("`{name}` is DER, not PEM"),
            Self::BareBase64 => format!("`{name}` has no BEGIN and END lines"),
            Self::Indented => format!("the lines of `{name}` are indented"),
            Self::BlankLines => format!("`{name}` has empty lines within"),
            Self::OneLine => format!("`{name}` is one line, with `\\n` for its ends"),
            Self::Cut => format!("`{name}` ends too early"),
            Self::Damaged => format!("`{name}` is damaged"),
            Self::Other => format!("`{name}` holds something else"),
        }
    }

    pub(super) fn way_out(&self, name: &str) -> String {
        match self {
            Self::Missing | Self::Empty | Self::Cut | Self::Damaged | Self::Other => {
                format!("copy `{name}` again from the same export as the other files")
            }
            Self::Unreadable(_) => format!("let the account that runs the program read `{name}`"),
            Self::Utf16 | Self::ByteOrderMark => format!("save `{name}` as ASCII, without a byte order mark"),
            Self::Binary | Self::BareBase64 => format!("write `{name}` as PEM"),
            Self::Indented | Self::BlankLines | Self::OneLine => format!("write the lines of `{name}` as PEM has them"),
        }
    }
}

/// What a file gives, and what is the trouble with it; often both.
#[derive(Debug)]
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) trouble: Option<Trouble>,
}

/// How a private key opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lock {
    Open,
    /// Encrypted, and the password that was given is its.
    Opened,
    PasswordNeeded,
    WrongPassword,
    /// Nobody can tell.
    Unknown,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Bundle<'a> {
    files: &'a [FileContent],
}

impl<'a> Bundle<'a> {
    pub(super) fn new(files: &'a [FileContent]) -> Self {
        Self { files }
    }

    /// What was shown at a port stands for the server's file.
    pub(super) fn file(&self, name: &str) -> Option<&'a FileContent> {
        let known_as = |file: &&FileContent| match file.form {
            Form::Shown => name == "server.pem",
            _ => file.name.eq_ignore_ascii_case(name),
        };
        self.files.iter().find(known_as)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.file(name).is_some()
    }

    /// All certificates outside of a PFX.
    pub(super) fn certificates(&self, name: &str) -> Found<Vec<&'a Certificate>> {
        let Some(file) = self.file(name) else { return Found { value: Vec::new(), trouble: Some(Trouble::Missing) } };
        let of = |object: &'a Object| (!matches!(object.what, What::Pfx(_))).then(|| object.certificates());
        let value: Vec<_> = file.objects.iter().filter_map(of).flatten().collect();
        Found { trouble: trouble(file, !value.is_empty()), value }
    }

    pub(super) fn key(&self, name: &str) -> Found<Option<&'a Key>> {
        let Some(file) = self.file(name) else { return Found { value: None, trouble: Some(Trouble::Missing) } };
        let value = file.objects.iter().find_map(|object| match &object.what {
            What::Key(key) => Some(key),
            _ => None,
        });
        let damaged = value.is_some_and(|key| matches!(key.state, KeyState::Damaged(_)));
        Found { trouble: trouble(file, value.is_some() && !damaged), value }
    }

    pub(super) fn pfx(&self, name: &str) -> Option<&'a PfxContent> {
        self.file(name)?.objects.iter().find_map(|object| match &object.what {
            What::Pfx(pfx) => Some(&**pfx),
            _ => None,
        })
    }
}

fn trouble(file: &FileContent, holds: bool) -> Option<Trouble> {
    let damage = file.objects.iter().find_map(|object| match &object.what {
        What::Damaged(damage) => Some(if damage.cut { Trouble::Cut } else { Trouble::Damaged }),
        What::Key(key) if matches!(key.state, KeyState::Damaged(_)) => Some(Trouble::Damaged),
        _ => None,
    });
    match &file.form {
        Form::Empty => Some(Trouble::Empty),
        Form::Unreadable(why) => Some(Trouble::Unreadable(why.clone())),
        Form::Pem(facts) if facts.encoding == TextEncoding::Utf16 => Some(Trouble::Utf16),
        _ if !holds => Some(damage.unwrap_or(Trouble::Other)),
        Form::Binary { .. } => Some(Trouble::Binary),
        Form::Base64(_) => Some(Trouble::BareBase64),
        Form::Pem(facts) if facts.line_ends == LineEnds::Escaped => Some(Trouble::OneLine),
        Form::Pem(facts) if facts.indented => Some(Trouble::Indented),
        Form::Pem(facts) if facts.blank_lines => Some(Trouble::BlankLines),
        Form::Pem(facts) if facts.encoding == TextEncoding::Utf8Marked => Some(Trouble::ByteOrderMark),
        _ => None,
    }
}

pub(super) fn lock(key: &Key) -> Lock {
    match &key.state {
        KeyState::Open(_) if key.encryption.is_none() => Lock::Open,
        KeyState::Open(_) => Lock::Opened,
        KeyState::PasswordNeeded => Lock::PasswordNeeded,
        KeyState::WrongPassword => Lock::WrongPassword,
        KeyState::Unsupported(_) | KeyState::Damaged(_) => Lock::Unknown,
    }
}

/// Whether the key is the certificate's; `None` when the key is not open.
pub(super) fn fits(key: &Key, certificate: &Certificate) -> Option<bool> {
    match &key.state {
        KeyState::Open(public) => Some(same_key(public, certificate)),
        _ => None,
    }
}

fn same_key(public: &PublicKey, certificate: &Certificate) -> bool {
    public.info() == certificate.public_key_info()
        || public.rsa().is_some() && public.rsa() == certificate.public_key().rsa()
}

/// What some program minds about a PFX, as far as a program comes, in the order in which it meets them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PfxTrouble {
    Unreadable(String),
    Empty,
    NotPfx,
    /// Not a whole PFX.
    Damaged,
    WithoutMac,
    WrongPassword,
    Rc2,
    PasswordNeeded,
    Unsupported(String),
    WithoutKey,
    WithoutCertificate,
    OtherKey,
    /// AES, which Windows Server 2016 and older do not know.
    Modern,
}

impl PfxTrouble {
    pub(super) fn why(&self, name: &str) -> String {
        match self {
            Self::Unreadable(why) => format!("`{name}` cannot be read: {why}"),
            Self::Empty => format!("`{name}` is empty"),
            Self::NotPfx => format!("`{name}` is not a PFX"),
            Self::Damaged => format!("`{name}` is cut or damaged"),
            Self::WithoutMac => format!("`{name}` has no MAC"),
            Self::WrongPassword => format!("the password is not the one of `{name}`"),
            Self::Rc2 => format!("`{name}` is encrypted with RC2, as older Windows and Qlik write it"),
            Self::PasswordNeeded => format!("`{name}` needs its password"),
            Self::Unsupported(what) => format!("`{name}` is encrypted with {what}"),
            Self::WithoutKey => format!("`{name}` holds no private key"),
            Self::WithoutCertificate => format!("`{name}` holds no certificate"),
            Self::OtherKey => format!("the key in `{name}` is not the one of its certificate"),
            Self::Modern => format!("`{name}` is encrypted with AES"),
        }
    }

    pub(super) fn way_out(&self, name: &str) -> String {
        match self {
            Self::WrongPassword | Self::PasswordNeeded => format!("give the password that `{name}` was exported with"),
            Self::Rc2 | Self::WithoutMac | Self::Unsupported(_) => {
                format!("write `{name}` anew with AES-256, or use the PEM files")
            }
            Self::Modern => format!("write `{name}` anew with 3DES and SHA-1"),
            Self::Unreadable(_) => format!("let the account that runs the program read `{name}`"),
            _ => format!("export `{name}` again"),
        }
    }
}

pub(super) fn pfx_troubles(bundle: Bundle<'_>, name: &str) -> Vec<PfxTrouble> {
    let Some(file) = bundle.file(name) else { return Vec::new() };
    match &file.form {
        Form::Empty => return vec![PfxTrouble::Empty],
        Form::Unreadable(why) => return vec![PfxTrouble::Unreadable(why.clone())],
        _ => {}
    }
    let Some(pfx) = bundle.pfx(name) else {
        let binary = matches!(file.form, Form::Binary { .. });
        let damaged = binary && file.objects.iter().any(|object| matches!(object.what, What::Damaged(_)));
        return vec![if damaged { PfxTrouble::Damaged } else { PfxTrouble::NotPfx }];
    };
    let mut found = Vec::new();
    if matches!(pfx.state, PfxState::Damaged(_)) {
        return vec![PfxTrouble::Damaged];
    }
    if pfx.mac.is_none() {
        found.push(PfxTrouble::WithoutMac);
    }
    if pfx.state == PfxState::WrongPassword {
        found.push(PfxTrouble::WrongPassword);
    }
    if pfx.encryption.iter().any(|part| part.contains("RC2")) {
        found.push(PfxTrouble::Rc2);
    }
    match &pfx.state {
        PfxState::PasswordNeeded => found.push(PfxTrouble::PasswordNeeded),
        PfxState::Unsupported(what) => found.push(PfxTrouble::Unsupported(what.clone())),
        PfxState::Open(_) => found.extend(open_troubles(pfx)),
        _ => {}
    }
    if pfx.encryption.iter().any(|part| part.contains("AES")) {
        found.push(PfxTrouble::Modern);
    }
    found
}

fn open_troubles(pfx: &PfxContent) -> Option<PfxTrouble> {
    let mut keys = pfx.entries.iter().flat_map(|entry| entry.object.keys());
    let Some(key) = keys.next() else { return Some(PfxTrouble::WithoutKey) };
    let mut certificates = pfx.entries.iter().flat_map(|entry| entry.object.certificates()).peekable();
    if certificates.peek().is_none() {
        return Some(PfxTrouble::WithoutCertificate);
    }
    certificates.all(|certificate| fits(key, certificate) == Some(false)).then_some(PfxTrouble::OtherKey)
}

/// The certificate that the first key in it belongs to.
pub(super) fn pfx_certificate<'a>(bundle: Bundle<'a>, name: &str) -> Option<&'a Certificate> {
    let pfx = bundle.pfx(name)?;
    let key = pfx.entries.iter().flat_map(|entry| entry.object.keys()).next()?;
    let mut certificates = pfx.entries.iter().flat_map(|entry| entry.object.certificates());
    certificates.find(|certificate| fits(key, certificate) == Some(true))
}

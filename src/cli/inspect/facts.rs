//! What `inspect` answers, as values: the JSON is these structs, the text is written from them.
//!
//! Fields are only ever added. Times are RFC 3339 in UTC, octets lower-case hexadecimal, paths as they were given. No
//! private key is in here, nor anything that a password would open.

use super::super::parallel;
use super::super::words::rfc3339;
use super::certificate::{CertificateFacts, KeyFacts};
use super::connection::Called;
use super::kinship::Kinship;
use super::pfx::{AttributeFacts, PfxFacts};
use super::revocation_list::RevocationListFacts;
use super::stores::SnapshotFacts;
use super::tree::{self, Branch};
use crate::pki::certificate::{SUBJECT_ALTERNATIVE_NAME, extension_name, hexadecimal};
use crate::pki::inventory::{
    FileContent, Form, HostName, Key, KeyForm, KeyState, LineEnds, Object, Request, TextEncoding, TextFacts, What,
};
use crate::pki::public_key::PublicKey;
use serde::Serialize;
use time::OffsetDateTime;

/// Raised when a field changes its meaning; additions leave it.
const SCHEMA: u32 = 1;

/// The whole answer.
#[derive(Debug, Serialize)]
pub(super) struct Answer<'a> {
    schema: u32,
    /// The moment that `state` and `days_left` refer to: now, or `--at`.
    at: String,
    /// In the order of the paths given; folders by name.
    pub(super) files: Vec<FileFacts<'a>>,
    /// The certificates by issuer, each once: a flat list, nested by `depth`.
    pub(super) tree: Vec<Branch<'a>>,
    /// With `--connect`: `connection`, and `compared` with `--bundle`.
    #[serde(flatten)]
    pub(super) called: Option<Called>,
}

#[derive(Debug, Serialize)]
pub(super) struct FileFacts<'a> {
    pub(super) path: &'a str,
    /// Octets in the file.
    pub(super) size: usize,
    /// `pem`, `base64` (without BEGIN and END), `binary`, `host_name` (Host.cfg), `snapshot`, `empty`, `unknown` or `unreadable`.
    form: &'static str,
    /// Of text only.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<TextFormFacts>,
    /// Octets after the end of a binary object.
    pub(super) trailing_bytes: usize,
    /// Why the file could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) problem: Option<&'a str>,
    /// Other accounts of this machine may read the file.
    pub(super) others_may_read: bool,
    /// The file is tracked by git.
    pub(super) tracked_by_git: bool,
    /// In the order of the file.
    pub(super) objects: Vec<ObjectFacts<'a>>,
    #[serde(skip)]
    pub(super) written: &'a Form,
}

#[derive(Debug, Serialize)]
struct TextFormFacts {
    /// `ascii`, `utf-8`, `utf-8 with byte order mark`, `utf-16` or `8-bit` (of an old code page).
    encoding: &'static str,
    /// `LF`, `CRLF`, `CR`, `mixed` or `escaped` (the two characters `\\n`).
    line_ends: &'static str,
    /// There is text outside of the PEM sections.
    text_around: bool,
    /// Lines of a section begin with blanks, or empty lines lie inside it: OpenSSL reads nothing from it.
    odd_lines: bool,
    /// BEGIN and END do not stand on lines of their own: OpenSSL, Node and Python read nothing from it.
    one_line: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct ObjectFacts<'a> {
    /// Of the PEM section: `RSA PRIVATE KEY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) label: Option<&'a str>,
    /// Line of the BEGIN, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<usize>,
    /// What a PFX says beside the object; of objects in a PFX only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attributes: Option<AttributeFacts<'a>>,
    #[serde(flatten)]
    pub(super) what: WhatFacts<'a>,
}

/// `kind` says which.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum WhatFacts<'a> {
    Certificate(Box<CertificateFacts<'a>>),
    PrivateKey(PrivateKeyFacts<'a>),
    Pfx(PfxFacts<'a>),
    Pkcs7 { objects: Vec<ObjectFacts<'a>> },
    Request(RequestFacts<'a>),
    RevocationList(RevocationListFacts<'a>),
    HostName(HostNameFacts<'a>),
    Snapshot(SnapshotFacts<'a>),
    PublicKey(PublicKeyFacts<'a>),
    Other { what: &'a str },
    Damaged { what: &'static str, why: &'a str, cut: bool },
}

/// Of a private key nothing but this is ever shown.
#[derive(Debug, Serialize)]
pub(super) struct PrivateKeyFacts<'a> {
    /// `PKCS#1`, `SEC 1`, `PKCS#8`, `encrypted PKCS#8` or `traditional`.
    pub(super) form: &'static str,
    /// Cipher and derivation; absent when it is not encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encryption: Option<&'a str>,
    /// `open`, `password_needed`, `wrong_password`, `unsupported` or `damaged`.
    pub(super) state: &'static str,
    /// Of `unsupported` and `damaged`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<&'a str>,
    /// Its public half, when it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<KeyFacts>,
    /// The certificates that carry its public half, at most 20.
    pub(super) certificates: Vec<OwnerFacts<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct OwnerFacts<'a> {
    pub(super) title: String,
    pub(super) sha256: &'a str,
    /// The first file that holds it.
    pub(super) file: &'a str,
}

#[derive(Debug, Serialize)]
pub(super) struct RequestFacts<'a> {
    pub(super) subject: &'a str,
    pub(super) dns_names: &'a [String],
    pub(super) ip_addresses: Vec<String>,
    /// What it asks for besides names: `basicConstraints`, or dotted identifiers.
    pub(super) asks_for: Vec<&'a str>,
    pub(super) key: KeyFacts,
    pub(super) signature_algorithm: &'a str,
    /// It was signed with its own key; absent when that cannot be checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) signature_fits: Option<bool>,
    /// Files with its private key, at most 20.
    pub(super) private_keys: Vec<&'a str>,
    /// The certificates that carry its key, at most 20: made from it, or renewed with it.
    pub(super) certificates: Vec<OwnerFacts<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct HostNameFacts<'a> {
    pub(super) name: &'a str,
    /// What is not as Qlik writes it.
    pub(super) oddities: &'a [String],
}

#[derive(Debug, Serialize)]
pub(super) struct PublicKeyFacts<'a> {
    pub(super) key: KeyFacts,
    pub(super) private_keys: Vec<&'a str>,
    pub(super) certificates: Vec<OwnerFacts<'a>>,
}

/// References from one object to others are cut here: a thousand copies of a bundle are not to give a million lines.
const MOST: usize = 20;

/// So many files are worked out, and written, faster than a thread starts.
pub(super) const FEW: usize = 64;

/// What the facts are worked out from, besides the object itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) kinship: &'a Kinship<'a>,
    pub(super) at: OffsetDateTime,
}

impl<'a> Context<'a> {
    pub(super) fn private_keys(self, key: &PublicKey) -> Vec<&'a str> {
        self.kinship.private_keys(key).iter().take(MOST).copied().collect()
    }
}

impl<'a> Answer<'a> {
    pub(super) fn new(files: &'a [FileContent], kinship: &'a Kinship<'a>, at: OffsetDateTime) -> Self {
        let context = Context { kinship, at };
        Self {
            schema: SCHEMA,
            at: rfc3339(at),
            files: parallel::compute(files, FEW, |file| FileFacts::new(file, context)),
            tree: tree::grow(context),
            called: None,
        }
    }
}

impl<'a> FileFacts<'a> {
    fn new(file: &'a FileContent, context: Context<'a>) -> Self {
        let text = match &file.form {
            Form::Pem(text) | Form::Base64(text) => Some(text),
            _ => None,
        };
        Self {
            path: &file.path,
            size: file.size,
            form: form_word(&file.form),
            text: text.map(|text| TextFormFacts {
                encoding: encoding(*text),
                line_ends: line_ends(*text),
                text_around: text.text_around,
                odd_lines: text.indented || text.blank_lines,
                one_line: text.one_line,
            }),
            trailing_bytes: if let Form::Binary { trailing_bytes } = file.form { trailing_bytes } else { 0 },
            problem: if let Form::Unreadable(why) = &file.form { Some(why) } else { None },
            others_may_read: file.others_may_read,
            tracked_by_git: file.tracked_by_git,
            objects: file.objects.iter().map(|object| ObjectFacts::new(object, context)).collect(),
            written: &file.form,
        }
    }

    /// There is something in it that could be told, be it that it is locked.
    pub(super) fn shows_something(&self) -> bool {
        let shown = |object: &ObjectFacts<'_>| match &object.what {
            WhatFacts::Damaged { .. } => false,
            WhatFacts::Pfx(PfxFacts { state, .. }) | WhatFacts::PrivateKey(PrivateKeyFacts { state, .. }) => {
                *state != "damaged"
            }
            _ => true,
        };
        *self.written != Form::Unknown && self.objects.iter().any(shown)
    }
}

impl<'a> ObjectFacts<'a> {
    pub(super) fn new(object: &'a Object, context: Context<'a>) -> Self {
        let what = match &object.what {
            What::Certificate(certificate) => {
                WhatFacts::Certificate(Box::new(CertificateFacts::new(certificate, context)))
            }
            What::Key(key) => WhatFacts::PrivateKey(PrivateKeyFacts::new(key, context)),
            What::Pfx(pfx) => WhatFacts::Pfx(PfxFacts::new(pfx, context)),
            What::Pkcs7(objects) => {
                WhatFacts::Pkcs7 { objects: objects.iter().map(|object| Self::new(object, context)).collect() }
            }
            What::Request(request) => WhatFacts::Request(RequestFacts::new(request, context)),
            What::RevocationList(list) => WhatFacts::RevocationList(RevocationListFacts::new(list, context)),
            What::HostName(HostName { name, oddities }) => WhatFacts::HostName(HostNameFacts { name, oddities }),
            What::Snapshot(stores) => WhatFacts::Snapshot(SnapshotFacts::new(stores, context)),
            What::PublicKey(key) => WhatFacts::PublicKey(PublicKeyFacts {
                key: KeyFacts::new(key),
                private_keys: context.private_keys(key),
                certificates: owners(key, context),
            }),
            What::Other(what) => WhatFacts::Other { what },
            What::Damaged(damage) => WhatFacts::Damaged { what: damage.kind, why: &damage.why, cut: damage.cut },
        };
        Self { label: object.label.as_deref(), line: object.line, attributes: None, what }
    }
}

impl<'a> PrivateKeyFacts<'a> {
    fn new(key: &'a Key, context: Context<'a>) -> Self {
        let (state, why) = match &key.state {
            KeyState::Open(_) => ("open", None),
            KeyState::PasswordNeeded => ("password_needed", None),
            KeyState::WrongPassword => ("wrong_password", None),
            KeyState::Unsupported(why) => ("unsupported", Some(why.as_str())),
            KeyState::Damaged(why) => ("damaged", Some(why.as_str())),
        };
        let public = if let KeyState::Open(public) = &key.state { Some(public) } else { None };
        Self {
            form: match key.form {
                KeyForm::Pkcs1 => "PKCS#1",
                KeyForm::Sec1 => "SEC 1",
                KeyForm::Pkcs8 => "PKCS#8",
                KeyForm::EncryptedPkcs8 => "encrypted PKCS#8",
                KeyForm::Traditional => "traditional",
            },
            encryption: key.encryption.as_deref(),
            state,
            why,
            key: public.map(KeyFacts::new),
            certificates: public.map(|public| owners(public, context)).unwrap_or_default(),
        }
    }
}

impl<'a> RequestFacts<'a> {
    fn new(request: &'a Request, context: Context<'a>) -> Self {
        Self {
            subject: &request.subject,
            dns_names: &request.dns_names,
            ip_addresses: request.ip_addresses.iter().map(ToString::to_string).collect(),
            asks_for: request
                .extensions
                .iter()
                .map(|asked| extension_name(&asked.oid))
                .filter(|name| *name != extension_name(SUBJECT_ALTERNATIVE_NAME))
                .collect(),
            key: KeyFacts::new(&request.public_key),
            signature_algorithm: &request.signature,
            signature_fits: request.signature_fits,
            private_keys: context.private_keys(&request.public_key),
            certificates: owners(&request.public_key, context),
        }
    }
}

fn owners<'a>(key: &PublicKey, context: Context<'a>) -> Vec<OwnerFacts<'a>> {
    let owner = |member: &'a super::kinship::Member<'a>| OwnerFacts {
        title: member.certificate.title(),
        sha256: &member.sha256,
        file: member.file(),
    };
    context.kinship.owners(key).take(MOST).map(owner).collect()
}

fn form_word(form: &Form) -> &'static str {
    match form {
        Form::Pem(_) => "pem",
        Form::Base64(_) => "base64",
        Form::Binary { .. } => "binary",
        Form::HostName => "host_name",
        Form::Snapshot(_) => "snapshot",
        Form::Shown => "shown",
        Form::Empty => "empty",
        Form::Unknown => "unknown",
        Form::Unreadable(_) => "unreadable",
    }
}

fn encoding(text: TextFacts) -> &'static str {
    match text.encoding {
        TextEncoding::Ascii => "ascii",
        TextEncoding::Utf8 => "utf-8",
        TextEncoding::Utf8Marked => "utf-8 with byte order mark",
        TextEncoding::Utf16 => "utf-16",
        TextEncoding::EightBit => "8-bit",
    }
}

pub(super) fn line_ends(text: TextFacts) -> &'static str {
    match text.line_ends {
        LineEnds::Lf => "LF",
        LineEnds::CrLf => "CRLF",
        LineEnds::Cr => "CR",
        LineEnds::Mixed => "mixed",
        LineEnds::Escaped => "escaped",
    }
}

/// Octets as JSON has them.
pub(super) fn hex(octets: &[u8]) -> String {
    hexadecimal(octets)
}

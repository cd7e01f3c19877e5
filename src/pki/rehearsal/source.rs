//! One certificate with its key, as a program reads them from PEM files or from a PFX, and what such a program shows.

use super::super::certificate::Certificate;
use super::super::inventory::{FileContent, Form as Written, Key, KeyState, PfxState, What};
use super::super::overview::{Overview, SlotKind, is_root, pfx_of, role_of};
use super::super::profile::Role;
use super::super::secret::Secret;
use super::judge::Known;
use super::machine::Form;

#[derive(Debug)]
pub struct Source {
    pub role: Role,
    pub form: Form,
    pub known: Known,
    /// Where the key lies.
    pub key_file: String,
    /// DER, leaf first: what goes over the wire. No root: the other end has its own.
    pub chain: Vec<Vec<u8>>,
    /// PKCS#8.
    pub key: Secret,
    /// It is something else than its file's name says.
    pub misplaced: Option<String>,
}

pub(super) enum Found {
    Nothing,
    Source(Box<Source>),
    /// Why it cannot be played.
    LeftOut(String),
}

type Called<'c> = &'c dyn Fn(&FileContent) -> String;

pub(super) fn find(overview: &Overview<'_>, role: Role, form: Form, called: Called<'_>) -> Found {
    match form {
        Form::Pem => {
            let of = |kind| overview.slot(role, kind);
            match (of(SlotKind::Certificate), of(SlotKind::Key)) {
                (None, None) => Found::Nothing,
                (None, Some(key)) => {
                    Found::LeftOut(format!("`{}` is here without its certificate, `{}.pem`", called(key), role.word()))
                }
                (Some(certificate), key) => pair(certificate, key, role, called),
            }
        }
        Form::Pfx => overview.slot(role, SlotKind::Pfx).map_or(Found::Nothing, |file| pfx(file, role, called)),
    }
}

/// Programs take the first certificate of the file.
fn pair(file: &FileContent, key_file: Option<&FileContent>, role: Role, called: Called<'_>) -> Found {
    let name = called(file);
    let mut certificates = file.certificates();
    let Some(leaf) = certificates.next() else {
        let why = unreadable(file).unwrap_or_else(|| "it holds no certificate".to_owned());
        return Found::LeftOut(format!("`{name}`: {why}"));
    };
    let key_file = key_file.unwrap_or(file);
    let Some(key) = key_file.keys().next() else {
        let why = if std::ptr::eq(file, key_file) {
            format!("there is no `{}_key.pem`", role.word())
        } else {
            let why = unreadable(key_file).unwrap_or_else(|| "it holds no private key".to_owned());
            format!("`{}`: {why}", called(key_file))
        };
        return Found::LeftOut(format!("`{name}` cannot be shown without its key: {why}"));
    };
    source(role, Form::Pem, leaf, certificates, key, [name, called(key_file)])
}

fn pfx(file: &FileContent, role: Role, called: Called<'_>) -> Found {
    let name = called(file);
    let left_out = |why: String| Found::LeftOut(format!("`{name}`: {why}"));
    let Some(content) = pfx_of(file) else {
        return left_out(unreadable(file).unwrap_or_else(|| "it is no PFX".to_owned()));
    };
    match &content.state {
        PfxState::Open(_) => {}
        PfxState::PasswordNeeded => return left_out(PASSWORD_NEEDED.to_owned()),
        PfxState::WrongPassword => return left_out(WRONG_PASSWORD.to_owned()),
        PfxState::Unsupported(what) => return left_out(format!("it cannot be opened: {what}")),
        PfxState::Damaged(why) => return left_out(format!("it is damaged: {why}")),
    }
    let Some(key) = file.keys().next() else { return left_out("it holds no private key".to_owned()) };
    let fits =
        |one: &&Certificate| matches!(&key.state, KeyState::Open(public) if public.info() == one.public_key_info());
    let Some(leaf) = file.certificates().find(fits).or_else(|| file.certificates().next()) else {
        return left_out("it holds no certificate".to_owned());
    };
    let others = file.certificates().filter(|one| one.der() != leaf.der());
    source(role, Form::Pfx, leaf, others, key, [name.clone(), name.clone()])
}

const PASSWORD_NEEDED: &str = "it needs a password";
const WRONG_PASSWORD: &str = "no password that was given opens it";

fn source<'a>(
    role: Role,
    form: Form,
    leaf: &Certificate,
    others: impl Iterator<Item = &'a Certificate>,
    key: &Key,
    [file, key_file]: [String; 2],
) -> Found {
    let left_out = |why: String| Found::LeftOut(format!("the key in `{key_file}`: {why}"));
    let key = match (&key.state, &key.private) {
        (KeyState::Open(_), Some(private)) => Secret::new(private.expose().to_vec()),
        (KeyState::Open(public), None) => return left_out(format!("{} cannot be used here", public.text())),
        (KeyState::PasswordNeeded, _) => return left_out(PASSWORD_NEEDED.to_owned()),
        (KeyState::WrongPassword, _) => return left_out(WRONG_PASSWORD.to_owned()),
        (KeyState::Unsupported(what), _) => return left_out(format!("it cannot be opened: {what}")),
        (KeyState::Damaged(why), _) => return left_out(format!("it is damaged: {why}")),
    };
    let above = others.filter(|one| !is_root(one)).map(|one| one.der().to_vec());
    let chain = std::iter::once(leaf.der().to_vec()).chain(above).take(MOST_SHOWN).collect();
    let misplaced = misplaced(role, leaf, &file);
    let known = Known { certificate: leaf.clone(), file };
    Found::Source(Box::new(Source { role, form, known, key_file, chain, key, misplaced }))
}

/// OpenSSL and Windows stop long before.
const MOST_SHOWN: usize = 10;

fn misplaced(role: Role, leaf: &Certificate, file: &str) -> Option<String> {
    let is = match (role, role_of(leaf)) {
        (_, Some(Role::Root)) => "a root",
        (Role::Server, Some(Role::Client)) => "a client certificate, not a server's",
        (Role::Client, Some(Role::Server)) => "a server certificate, not `CN=QlikClient`",
        (Role::Client, None) => "a CA, not `CN=QlikClient`",
        _ => return None,
    };
    Some(format!("`{file}` holds {is}: `{}`", leaf.title()))
}

/// Why nothing can be had from a file, where it is the file's fault.
pub(super) fn unreadable(file: &FileContent) -> Option<String> {
    match &file.form {
        Written::Unreadable(why) => return Some(why.clone()),
        Written::Empty => return Some("it is empty".to_owned()),
        _ => {}
    }
    file.objects.iter().find_map(|object| match &object.what {
        What::Damaged(damage) => Some(format!("{} in it cannot be read: {}", damage.kind, damage.why)),
        What::Other(what) => Some(format!("it is {what}")),
        _ => None,
    })
}

//! Private keys: whose they are, the root's among them, and who else may read them.

use super::super::finding::{Finding, Rule, Severity};
use super::super::inventory::{FileContent, KeyState, PfxState, What};
use super::super::overview::{Found, SlotKind, is_root, list, pfx_of};
use super::super::profile::Role;
use super::Case;

pub const RULES: &[&Rule] =
    &[&MISMATCH, &ROOT_KEY, &READABLE, &IN_GIT, &PASSWORD_NEEDED, &WRONG_PASSWORD, &UNSUPPORTED];

pub(super) static MISMATCH: Rule = Rule {
    id: "files/key-mismatch",
    severity: Severity::Error,
    title: "a key belongs to another certificate",
    cause: "Each export makes new keys, so a certificate of one export and a key of another never fit \
            (`KEY_VALUES_MISMATCH`, `key values mismatch`).",
    fix: "take certificate and key from the same export",
    source: "observed Qlik exports; symptoms reported in public; reproduced",
};
static ROOT_KEY: Rule = Rule {
    id: "files/root-key",
    severity: Severity::Error,
    title: "the root's private key lies in a bundle",
    cause: "Whoever has it can make certificates for any machine and any user of the site, and there is no way to \
            revoke them but a new root. Only the central node, or qcert's home, should hold it.",
    fix: "remove it from the bundle; if others could read it, replace the root and all certificates",
    source: "observed Qlik exports, of which none holds it; Qlik help, certificate trust",
};
static READABLE: Rule = Rule {
    id: "files/key-readable",
    severity: Severity::Warning,
    title: "a private key is readable by other accounts",
    cause: "Whoever holds the client key may act as any user of the site, for ten years: Qlik has no revocation.",
    fix: "let the owner alone read it: `chmod 600 FILE`, or on Windows remove the inherited rights",
    source: "symptoms reported in public",
};
static IN_GIT: Rule = Rule {
    id: "files/key-in-git",
    severity: Severity::Warning,
    title: "a private key is tracked by git",
    cause: "Whoever clones the repository has the key, also after it is removed, for the history keeps it. 15 public \
            repositories were found that hold a client certificate with its key.",
    fix: "take it out (`git rm --cached FILE`), ignore `*_key.pem` and `*.pfx`, and replace the certificates if the \
          repository was shared",
    source: "symptoms reported in public; what users report",
};
pub(super) static PASSWORD_NEEDED: Rule = Rule {
    id: "files/password-needed",
    severity: Severity::Unjudged,
    title: "a file is encrypted and no password was given",
    cause: "What is inside could not be looked at: whether the key fits and the certificate is right is not known.",
    fix: "give the password with `--password-file FILE`",
    source: "what is not checked is not claimed",
};
pub(super) static WRONG_PASSWORD: Rule = Rule {
    id: "files/wrong-password",
    severity: Severity::Error,
    title: "the password does not open a file",
    cause: "The file was made with another password, often that of an earlier export (`mac verify failure`, `The \
            specified network password is not correct`, `bad decrypt`).",
    fix: "give the password that this export was made with, or export again",
    source: "symptoms reported in public",
};
pub(super) static UNSUPPORTED: Rule = Rule {
    id: "files/unsupported",
    severity: Severity::Unjudged,
    title: "a file is encrypted in a way that qcert cannot open",
    cause: "The algorithm is rare or asks for more work than any usual writer does. What is inside was not judged.",
    fix: "open it with the program that made it, and export it again with AES-256",
    source: "what is not checked is not claimed",
};

/// Any key whose certificate is a root.
pub(super) fn root_key(case: &mut Case<'_>) {
    let overview = case.overview;
    for found in &overview.keys {
        let Some(public) = found.public_key() else { continue };
        let root = overview
            .certificates
            .iter()
            .find(|root| is_root(root.certificate) && root.certificate.public_key_info() == public.info());
        if let (Some(_), Some(file)) = (root, overview.files.get(found.place)) {
            let sentence = format!("`{}` holds the root's private key", file.name);
            case.settle(&[file], Finding::new(&ROOT_KEY, vec![file.path.clone()], sentence));
        }
    }
}

/// Keys in their slots, and keys that cannot be opened.
pub(super) fn fit(case: &mut Case<'_>) {
    let pairs: Vec<_> = [Role::Server, Role::Client]
        .into_iter()
        .filter_map(|role| {
            let certificate = case.overview.slot(role, SlotKind::Certificate)?;
            let key = case.overview.slot(role, SlotKind::Key)?;
            (!case.is_settled(certificate) && !case.is_settled(key)).then_some((certificate, key))
        })
        .filter(|(certificate, key)| open_key(key).is_some() && certificate.certificates().next().is_some())
        .collect();
    let wrong: Vec<_> = pairs.iter().filter(|(certificate, key)| !belongs(key, certificate)).collect();
    if let [(server, server_key), (client, client_key)] = wrong[..]
        && belongs(server_key, client)
        && belongs(client_key, server)
    {
        let sentence = format!(
            "`{}` and `{}` are exchanged: each is the key of the other's certificate",
            client_key.name, server_key.name
        );
        let paths = vec![client_key.path.clone(), server_key.path.clone()];
        return case.settle(&[client_key, server_key], Finding::new(&super::slots::SWAPPED, paths, sentence));
    }
    for (certificate, key) in wrong {
        mismatch(case, certificate, key);
    }
}

fn open_key(file: &FileContent) -> Option<&[u8]> {
    file.keys().find_map(|key| match &key.state {
        KeyState::Open(public) => Some(public.info()),
        _ => None,
    })
}

fn belongs(key: &FileContent, certificate: &FileContent) -> bool {
    open_key(key).is_some_and(|key| certificate.certificates().any(|one| one.public_key_info() == key))
}

fn mismatch(case: &mut Case<'_>, certificate: &FileContent, key: &FileContent) {
    let overview = case.overview;
    let owner = overview.certificates.iter().find(|found| Some(found.certificate.public_key_info()) == open_key(key));
    let whose = match owner {
        Some(Found { places, .. }) => format!("is the key of {}", list(&overview.names(places))),
        None => "is the key of another certificate, which is not here".to_owned(),
    };
    let (name, certificate) = (&key.name, &certificate.name);
    let sentence = format!("`{name}` is not the key of `{certificate}`: it {whose}");
    case.settle(&[key], Finding::new(&MISMATCH, vec![key.path.clone()], sentence));
}

/// Who else may read the keys.
pub(super) fn privacy(case: &mut Case<'_>) {
    let holders: Vec<&FileContent> = case.overview.files.iter().filter(|file| file.keys().next().is_some()).collect();
    let readable: Vec<_> = holders.iter().copied().filter(|file| file.others_may_read).collect();
    let tracked: Vec<_> = holders.iter().copied().filter(|file| file.tracked_by_git).collect();
    for (rule, files, what) in
        [(&READABLE, readable, "readable by other accounts"), (&IN_GIT, tracked, "tracked by git")]
    {
        if !files.is_empty() {
            let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
            let (is, keys) = if names.len() == 1 { ("is", "a private key") } else { ("are", "private keys") };
            let sentence = format!("{} {is} {what}, with {keys} inside", list(&names));
            case.report(Finding::new(rule, files.iter().map(|file| file.path.clone()).collect(), sentence));
        }
    }
    locked(case);
}

/// Encrypted files that did not open: one finding for all of them, for it is one password.
fn locked(case: &mut Case<'_>) {
    let mut needed = Vec::new();
    let mut wrong = Vec::new();
    for file in case.overview.files {
        for key in file.objects.iter().filter_map(|object| match &object.what {
            What::Key(key) => Some(key),
            _ => None,
        }) {
            match &key.state {
                KeyState::PasswordNeeded => needed.push(file),
                KeyState::WrongPassword => wrong.push(file),
                KeyState::Unsupported(what) => {
                    let sentence = format!("`{}` cannot be opened by qcert: {what}", file.name);
                    case.report(Finding::new(&UNSUPPORTED, vec![file.path.clone()], sentence));
                }
                KeyState::Damaged(why) => {
                    let sentence = format!("`{}` is damaged: a private key that cannot be read: {why}", file.name);
                    case.report(Finding::new(&super::files::DAMAGED, vec![file.path.clone()], sentence));
                }
                KeyState::Open(_) => {}
            }
        }
        match pfx_of(file).map(|pfx| &pfx.state) {
            Some(PfxState::PasswordNeeded) => needed.push(file),
            Some(PfxState::WrongPassword) => wrong.push(file),
            _ => {}
        }
    }
    for (rule, mut files, one, many) in [
        (&PASSWORD_NEEDED, needed, "is encrypted and no password was given", "are encrypted and no password was given"),
        (&WRONG_PASSWORD, wrong, "does not open with the password given", "do not open with the password given"),
    ] {
        files.dedup_by(|a, b| std::ptr::eq(*a, *b));
        if !files.is_empty() {
            let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
            let sentence = format!("{} {}", list(&names), if names.len() == 1 { one } else { many });
            case.report(Finding::new(rule, files.iter().map(|file| file.path.clone()).collect(), sentence));
        }
    }
}

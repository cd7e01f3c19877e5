//! Private keys: the root's among them, those that cannot be opened, and who else may read them.

use super::super::certificate::Certificate;
use super::super::finding::{Finding, Rule, Severity};
use super::super::inventory::{FileContent, Key, KeyState, PfxState, What};
use super::super::overview::{is_root, list, pfx_of};
use super::Case;

pub const RULES: &[&Rule] = &[&ROOT_KEY, &READABLE, &IN_GIT, &PASSWORD_NEEDED, &WRONG_PASSWORD, &UNSUPPORTED];

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

/// Any key whose certificate is a root, also in a leftover and where the root lies in another folder.
pub(super) fn root_key(case: &mut Case<'_>) {
    let overview = case.overview;
    let roots = overview.certificates.iter().map(|found| found.certificate).filter(|one| is_root(one));
    let mut roots: Vec<&[u8]> = roots.map(Certificate::public_key_info).collect();
    roots.extend(case.given.roots_elsewhere.iter().map(Vec::as_slice));
    for file in overview.files.iter().chain(case.leftovers) {
        let is_roots = |key: &Key| matches!(&key.state, KeyState::Open(public) if roots.contains(&public.info()));
        if file.keys().any(is_roots) {
            let sentence = format!("`{}` holds the root's private key", file.name);
            case.settle(&[file], Finding::new(&ROOT_KEY, vec![file.path.clone()], sentence));
        }
    }
}

/// Who else may read the keys.
pub(super) fn privacy(case: &mut Case<'_>) {
    let all = case.overview.files.iter().chain(case.leftovers);
    let holders: Vec<&FileContent> = all.filter(|file| file.keys().next().is_some()).collect();
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

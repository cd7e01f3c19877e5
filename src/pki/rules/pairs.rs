//! Which key belongs to which certificate: by the names of a bundle, by like names (`host.crt`, `host.key`), and keys
//! that belong to nothing here. Programs take the first certificate of a file.

use super::super::finding::{Finding, Rule, Severity};
use super::super::inventory::{FileContent, KeyForm, KeyState, Object, What};
use super::super::overview::{Found, Slot, SlotKind, is_root, list, pfx_of};
use super::super::profile::Role;
use super::super::public_key::PublicKey;
use super::Case;
use std::collections::HashMap;

pub const RULES: &[&Rule] = &[&MISMATCH, &LABEL];

pub(super) static MISMATCH: Rule = Rule {
    id: "files/key-mismatch",
    severity: Severity::Error,
    title: "a key belongs to another certificate",
    cause: "Each export makes new keys, so a certificate of one export and a key of another never fit \
            (`KEY_VALUES_MISMATCH`, `key values mismatch`).",
    fix: "take certificate and key from the same export",
    source: "observed Qlik exports; reproduced with Node.js, Python, Go and OpenSSL",
};
static LABEL: Rule = Rule {
    id: "files/wrong-label",
    severity: Severity::Error,
    title: "a PEM section is labelled as another form than it holds",
    cause: "`BEGIN PRIVATE KEY` promises PKCS#8. Node.js and Python refuse a PKCS#1 or SEC1 key under it \
            (`ERR_OSSL_UNSUPPORTED`); Go and the openssl command read it all the same.",
    fix: "write the key anew: `openssl rsa -in FILE -out NEW`, or `openssl ec` for a curve",
    source: "RFC 7468 10 and 13; reproduced with Node.js and Python",
};

type Pair<'a> = (&'a FileContent, &'a FileContent);

pub(super) fn judge(case: &mut Case<'_>) {
    let pairs = pairs(case);
    let wrong: Vec<Pair<'_>> = pairs.into_iter().filter(|(certificate, key)| !belongs(key, certificate)).collect();
    for (at, (certificate, key)) in wrong.iter().enumerate() {
        let exchanged =
            wrong[..at].iter().find(|(other, other_key)| belongs(key, other) && belongs(other_key, certificate));
        if let Some((_, other_key)) = exchanged {
            swapped(case, other_key, key);
        }
    }
    for (certificate, key) in wrong {
        if !case.is_settled(key) {
            mismatch(case, certificate, key);
        }
    }
    strays(case);
    labels(case);
}

/// Certificate and key by the names of a bundle, and by like names.
fn pairs<'a>(case: &Case<'a>) -> Vec<Pair<'a>> {
    let overview = case.overview;
    let in_slots = [Role::Server, Role::Client]
        .into_iter()
        .filter_map(|role| Some((overview.slot(role, SlotKind::Certificate)?, overview.slot(role, SlotKind::Key)?)));
    let plain = |file: &&FileContent| Slot::of(&file.name).is_none() && pfx_of(file).is_none();
    let others = || overview.files.iter().filter(plain);
    let certificates: HashMap<String, &FileContent> =
        others().filter(|file| file.keys().next().is_none()).map(|file| (stem(&file.name), file)).collect();
    let by_name = others().filter(|file| file.certificates().next().is_none());
    let by_name = by_name.filter_map(|key| Some((*certificates.get(&stem(&key.name))?, key)));
    let both = |(certificate, key): &Pair<'_>| {
        !case.is_settled(certificate)
            && !case.is_settled(key)
            && open_key(key).is_some()
            && certificate.certificates().next().is_some()
    };
    in_slots.chain(by_name).filter(both).collect()
}

/// `host` of `host.crt`, `host.key`, `host_key.pem` and `host-key.pem`.
fn stem(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let base = lower.rsplit_once('.').map_or(lower.as_str(), |(base, _)| base);
    let base = ["_key", "-key", ".key", "_cert", "-cert"].iter().find_map(|end| base.strip_suffix(end)).unwrap_or(base);
    base.to_owned()
}

fn open_key(file: &FileContent) -> Option<&[u8]> {
    file.keys().find_map(|key| match &key.state {
        KeyState::Open(public) => Some(public.info()),
        _ => None,
    })
}

/// Whether it is the key of the first certificate, the one that programs take.
fn belongs(key: &FileContent, certificate: &FileContent) -> bool {
    let first = certificate.certificates().next();
    first.is_some_and(|first| Some(first.public_key_info()) == open_key(key))
}

fn swapped(case: &mut Case<'_>, one: &FileContent, other: &FileContent) {
    let (first, second) = if one.name <= other.name { (one, other) } else { (other, one) };
    let sentence =
        format!("`{}` and `{}` are exchanged: each is the key of the other's certificate", first.name, second.name);
    let paths = vec![first.path.clone(), second.path.clone()];
    case.settle(&[first, second], Finding::new(&super::slots::SWAPPED, paths, sentence));
}

fn mismatch(case: &mut Case<'_>, certificate: &FileContent, key: &FileContent) {
    let overview = case.overview;
    let (name, file) = (&key.name, &certificate.name);
    let later = certificate.certificates().position(|one| Some(one.public_key_info()) == open_key(key));
    if let Some(later) = later {
        let sentence = format!(
            "`{name}` is not the key of the first certificate in `{file}`, which programs take, but of number {}",
            later + 1
        );
        let fix = format!("remove the certificates in `{file}` that stand before the right one");
        let finding = Finding::new(&MISMATCH, vec![key.path.clone(), certificate.path.clone()], sentence).with_fix(fix);
        return case.settle(&[key], finding);
    }
    let owner = overview.certificates.iter().find(|found| Some(found.certificate.public_key_info()) == open_key(key));
    let whose = match owner {
        Some(Found { places, .. }) => format!("is the key of {}", list(&overview.names(places))),
        None => "is the key of another certificate, which is not here".to_owned(),
    };
    let sentence = format!("`{name}` is not the key of `{file}`: it {whose}");
    case.settle(&[key], Finding::new(&MISMATCH, vec![key.path.clone()], sentence));
}

/// Keys of nothing here, where a certificate is without its key: that they should belong together is plain.
fn strays(case: &mut Case<'_>) {
    let overview = case.overview;
    let keys: Vec<&[u8]> = overview.keys.iter().filter_map(|key| key.public_key().map(PublicKey::info)).collect();
    let lonely = overview
        .certificates
        .iter()
        .find(|found| !is_root(found.certificate) && !keys.contains(&found.certificate.public_key_info()));
    let Some(lonely) = lonely else { return };
    let requests: Vec<&[u8]> = overview.files.iter().flat_map(|file| &file.objects).filter_map(requested).collect();
    for found in &overview.keys {
        let (Some(public), Some(file)) = (found.public_key(), overview.files.get(found.place)) else { continue };
        let known = overview.certificates.iter().any(|one| one.certificate.public_key_info() == public.info())
            || requests.contains(&public.info());
        if known || case.is_settled(file) || pfx_of(file).is_some() || Slot::of(&file.name).is_some() {
            continue;
        }
        let sentence = format!(
            "`{}` is the key of no certificate here, and {} is without its key",
            file.name,
            overview.label(lonely)
        );
        let files = [vec![file.path.clone()], overview.paths(&lonely.places)].concat();
        case.settle(&[file], Finding::new(&MISMATCH, files, sentence));
    }
}

fn requested(object: &Object) -> Option<&[u8]> {
    match &object.what {
        What::Request(request) => Some(request.public_key.info()),
        _ => None,
    }
}

/// Keys under a label that promises another form.
fn labels(case: &mut Case<'_>) {
    for file in case.overview.files {
        let wrong = file.objects.iter().any(|object| match &object.what {
            What::Key(key) => {
                object.label.as_deref() == Some("PRIVATE KEY") && matches!(key.form, KeyForm::Pkcs1 | KeyForm::Sec1)
            }
            _ => false,
        });
        if wrong {
            let sentence = format!(
                "`{}` says `BEGIN PRIVATE KEY` (PKCS#8) and holds a key in the older form: Node.js and Python refuse it",
                file.name
            );
            case.report(Finding::new(&LABEL, vec![file.path.clone()], sentence));
        }
        let trusted = |object: &Object| object.label.as_deref() == Some("TRUSTED CERTIFICATE");
        if file.objects.iter().any(trusted) {
            let sentence = format!(
                "`{}` says `BEGIN TRUSTED CERTIFICATE`, OpenSSL's own form: Go reads nothing from it",
                file.name
            );
            let finding = Finding::new(&LABEL, vec![file.path.clone()], sentence).with_severity(Severity::Warning);
            case.report(finding.with_fix(format!("write it anew: `qcert inspect {} --pem > NEW`", file.name)));
        }
    }
}

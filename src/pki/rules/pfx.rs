//! PFX files: what is missing in them and who cannot open them.

use super::super::finding::{Finding, Rule, Severity};
use super::super::inventory::{FileContent, KeyState, PfxContent, PfxState, What};
use super::super::overview::{Slot, list, pfx_of};
use super::super::profile::{CLIENT_NAME, Role};
use super::Case;

pub const RULES: &[&Rule] =
    &[&WITHOUT_KEY, &WITHOUT_CERTIFICATE, &RC2, &TRIPLE_DES, &WITHOUT_MAC, &BER, &FRIENDLY_NAME];

static WITHOUT_KEY: Rule = Rule {
    id: "files/pfx-without-key",
    severity: Severity::Error,
    title: "a PFX holds no private key",
    cause: "It was exported without the key, or the key was marked as not exportable. Nobody can show such a \
            certificate (`No private key found for certificate`).",
    fix: "export again with the private key, or take the PFX that Qlik's console or qcert made",
    source: "symptoms reported in public",
};
static WITHOUT_CERTIFICATE: Rule = Rule {
    id: "files/pfx-without-certificate",
    severity: Severity::Error,
    title: "a PFX holds no certificate that its key belongs to",
    cause: "The key alone, or a key beside another certificate: programs that load the PFX find no identity in it.",
    fix: "make the PFX again from a certificate and its own key",
    source: "RFC 7292 4.2",
};
static RC2: Rule = Rule {
    id: "files/pfx-rc2",
    severity: Severity::Warning,
    title: "a PFX is encrypted with RC2",
    cause: "Older Windows encrypts the certificate with 40-bit RC2 when a password is typed. Windows and Java read it; \
            OpenSSL 3, Node.js from 17 and curl do not (`unsupported`, `0308010C`).",
    fix: "write it anew with `qcert convert FILE --pfx modern --out NEW`, or export again from a newer Windows",
    source: "observed PFX files; reproduced with Node.js, Python, Go and OpenSSL",
};
static TRIPLE_DES: Rule = Rule {
    id: "files/pfx-3des",
    severity: Severity::Note,
    title: "a PFX is encrypted with 3DES and SHA-1",
    cause: "The old form that every program reads, and the only one for Windows Server 2016 and older.",
    fix: "nothing needs to be done; where nothing older is in use, AES-256 is stronger",
    source: "observed PFX files",
};
static WITHOUT_MAC: Rule = Rule {
    id: "files/pfx-without-mac",
    severity: Severity::Warning,
    title: "a PFX carries no integrity check",
    cause: "Without it nobody can tell a wrong password from a damaged file. Windows and OpenSSL open such files; \
            Node.js, GnuTLS and NSS refuse them.",
    fix: "write it anew with `qcert convert FILE --pfx modern --out NEW`, which writes the check",
    source: "measured with nine readers",
};
static BER: Rule = Rule {
    id: "files/pfx-ber",
    severity: Severity::Note,
    title: "a PFX is encoded in BER",
    cause: "Firefox and old Java write it so. Most programs read it; strict ones do not.",
    fix: "`qcert convert FILE --pfx modern --out NEW` writes it as DER if a program cannot read it",
    source: "RFC 7292 4",
};
static FRIENDLY_NAME: Rule = Rule {
    id: "files/pfx-friendly-name",
    severity: Severity::Warning,
    title: "the client's PFX lacks the friendly name QlikClient",
    cause: "The Qlik .NET SDK looks in the Windows store for a certificate whose friendly name is `QlikClient` and \
            finds none after an import (`CertificatesNotLoadedException`).",
    fix: "export again, or set the friendly name to `QlikClient` in the Windows store after the import",
    source: "the settings and code of the programs; symptoms reported in public",
};

pub(super) fn judge(case: &mut Case<'_>) {
    let files: Vec<(&FileContent, &PfxContent)> =
        case.overview.files.iter().filter_map(|file| pfx_of(file).map(|pfx| (file, pfx))).collect();
    for (file, pfx) in &files {
        opening(case, file, pfx);
        trailing(case, file, pfx);
        if pfx.given_passwords_failed && matches!(pfx.state, PfxState::Open(_)) {
            let sentence = format!("`{}` opens without a password; the one given is not its own", file.name);
            let finding = Finding::new(&super::keys::WRONG_PASSWORD, vec![file.path.clone()], sentence);
            case.report(finding.with_severity(Severity::Note));
        }
        contents(case, file, pfx);
    }
    together(
        case,
        &files,
        &RC2,
        |pfx| pfx.encryption.iter().any(|name| name.contains("RC2")),
        "encrypted with RC2, which OpenSSL 3 and Node.js refuse",
    );
    let triple_des =
        |pfx: &PfxContent| pfx.encryption.iter().any(|name| name.contains("3DES") || name.contains("DES-EDE"));
    together(
        case,
        &files,
        &TRIPLE_DES,
        |pfx| triple_des(pfx) && !pfx.encryption.iter().any(|name| name.contains("RC2")),
        "encrypted with 3DES and SHA-1",
    );
    together(
        case,
        &files,
        &WITHOUT_MAC,
        |pfx| pfx.mac.is_none() && !matches!(pfx.state, PfxState::Damaged(_)),
        "without an integrity check (MAC), which Node.js refuses",
    );
    together(case, &files, &BER, |pfx| pfx.ber, "encoded in BER");
}

/// One finding for all files of which it is true.
fn together(
    case: &mut Case<'_>,
    files: &[(&FileContent, &PfxContent)],
    rule: &'static Rule,
    holds: impl Fn(&PfxContent) -> bool,
    what: &str,
) {
    let found: Vec<_> = files.iter().filter(|(_, pfx)| holds(pfx)).map(|(file, _)| file).collect();
    if !found.is_empty() {
        let names: Vec<_> = found.iter().map(|file| file.name.as_str()).collect();
        let is = if names.len() == 1 { "is" } else { "are" };
        let sentence = format!("{} {is} {what}", list(&names));
        case.report(Finding::new(rule, found.iter().map(|file| file.path.clone()).collect(), sentence));
    }
}

fn opening(case: &mut Case<'_>, file: &FileContent, pfx: &PfxContent) {
    let name = &file.name;
    let (rule, sentence): (&'static Rule, _) = match &pfx.state {
        PfxState::Unsupported(what) => {
            (&super::keys::UNSUPPORTED, format!("`{name}` cannot be opened by qcert: {what}"))
        }
        PfxState::Damaged(why) => {
            (&super::files::DAMAGED, format!("`{name}` is damaged: a PFX that cannot be read: {why}"))
        }
        _ => return,
    };
    case.settle(&[file], Finding::new(rule, vec![file.path.clone()], sentence));
}

fn trailing(case: &mut Case<'_>, file: &FileContent, pfx: &PfxContent) {
    if let (extra @ 1.., name) = (pfx.trailing_bytes, &file.name) {
        let sentence = format!(
            "{extra} bytes follow the end of the PFX in `{name}`: the rest of a longer file that was there before"
        );
        case.report(Finding::new(&super::form::TRAILING, vec![file.path.clone()], sentence));
    }
}

fn contents(case: &mut Case<'_>, file: &FileContent, pfx: &PfxContent) {
    if !matches!(pfx.state, PfxState::Open(_)) || case.is_settled(file) {
        return;
    }
    let name = &file.name;
    if let Some(mac) = pfx.mac.as_ref().filter(|mac| !mac.checked) {
        let sentence = format!(
            "the integrity check of `{name}` uses {}, which qcert does not know: it was not checked",
            mac.algorithm
        );
        case.report(Finding::new(&super::keys::UNSUPPORTED, vec![file.path.clone()], sentence));
    }
    let path = || vec![file.path.clone()];
    let certificates: Vec<_> = file.certificates().collect();
    let keys: Vec<_> = file.keys().collect();
    if keys.is_empty() {
        if Slot::of(name).is_some() && !certificates.is_empty() {
            let sentence = format!("`{name}` holds a certificate but no private key");
            case.settle(&[file], Finding::new(&WITHOUT_KEY, path(), sentence));
        } else if certificates.is_empty() {
            case.settle(
                &[file],
                Finding::new(&WITHOUT_CERTIFICATE, path(), format!("`{name}` holds neither a certificate nor a key")),
            );
        }
        return;
    }
    let public = |key: &&super::super::inventory::Key| match &key.state {
        KeyState::Open(public) => Some(public.info().to_vec()),
        _ => None,
    };
    let fits = keys.iter().filter_map(public).any(|key| certificates.iter().any(|one| one.public_key_info() == key));
    if certificates.is_empty() {
        case.settle(
            &[file],
            Finding::new(&WITHOUT_CERTIFICATE, path(), format!("`{name}` holds a private key but no certificate")),
        );
    } else if !fits && keys.iter().any(|key| matches!(key.state, KeyState::Open(_))) {
        let sentence = format!("the private key in `{name}` is not the key of the certificate in it");
        case.settle(&[file], Finding::new(&super::pairs::MISMATCH, path(), sentence));
    } else {
        friendly_name(case, file, pfx);
    }
}

/// The .NET SDK takes the certificate of this friendly name from the store.
fn friendly_name(case: &mut Case<'_>, file: &FileContent, pfx: &PfxContent) {
    if Slot::of(&file.name).is_none_or(|slot| slot.role != Role::Client) {
        return;
    }
    let names: Vec<_> = pfx
        .entries
        .iter()
        .filter(|entry| matches!(entry.object.what, What::Certificate(_)))
        .map(|entry| entry.attributes.friendly_name.as_deref())
        .collect();
    if names.contains(&Some(CLIENT_NAME)) {
        return;
    }
    let sentence = match names.into_iter().flatten().next() {
        Some(other) => {
            format!("the certificate in `{}` has the friendly name `{other}`, not `{CLIENT_NAME}`", file.name)
        }
        None => {
            format!("the certificate in `{}` has no friendly name; the .NET SDK looks for `{CLIENT_NAME}`", file.name)
        }
    };
    case.report(Finding::new(&FRIENDLY_NAME, vec![file.path.clone()], sentence));
}

//! The files of a bundle by name: missing, misnamed, exchanged, or with the certificate of another role.

use super::super::certificate::Certificate;
use super::super::finding::{Finding, Rule, Severity};
use super::super::inventory::{FileContent, KeyState};
use super::super::overview::{Overview, Slot, SlotKind, is_root, list, pfx_of, role_of};
use super::super::profile::Role;
use super::Case;
use super::files::describe;

pub const RULES: &[&Rule] = &[&MISSING, &MISNAMED, &WRONG_ROLE, &SWAPPED];

static MISSING: Rule = Rule {
    id: "files/missing",
    severity: Severity::Error,
    title: "a file of the bundle is missing",
    cause: "A certificate is of no use without its key, nor a key without its certificate, and nobody can check either \
            without the root. Often only one of the files was copied.",
    fix: "copy the missing file from the same export, or export the bundle again",
    source: "observed Qlik exports; qsAPI issue 12",
};
static MISNAMED: Rule = Rule {
    id: "files/misnamed",
    severity: Severity::Error,
    title: "a file of the bundle has another name than tools look for",
    cause: "Qlik's tools find the files by name: `client.pem`, `client_key.pem`, `root.pem`, `client.pfx`. qsAPI, for \
            one, makes the key's name from the certificate's by adding `_key`.",
    fix: "rename the file",
    source: "observed Qlik exports; the settings and code of the programs",
};
static WRONG_ROLE: Rule = Rule {
    id: "files/wrong-role",
    severity: Severity::Error,
    title: "a file holds the certificate of another role",
    cause: "Root, server and client are three different certificates: the server's is shown by a service that answers \
            a call, the client's (`CN=QlikClient`) by whoever makes it, and the root is what both are checked against.",
    fix: "put the certificate of the right role in its place, with its key",
    source: "real certificates observed, 2015 to 2022; Qlik help, ports",
};
pub(super) static SWAPPED: Rule = Rule {
    id: "files/swapped",
    severity: Severity::Error,
    title: "two files are exchanged",
    cause: "Each of the two holds what the other should.",
    fix: "exchange the two names",
    source: "observed Qlik exports",
};

/// Certificates in the slot of another role.
pub(super) fn roles(case: &mut Case<'_>) {
    let overview = case.overview;
    crossed_kinds(case);
    for (one, other) in [(Role::Client, Role::Server), (Role::Root, Role::Server), (Role::Root, Role::Client)] {
        for kind in [SlotKind::Certificate, SlotKind::Pfx] {
            let (first, second) = (overview.slot(one, kind), overview.slot(other, kind));
            if let (Some(first), Some(second)) = (first, second)
                && (holds(first) == Some(other) && may_hold(second, one)
                    || may_hold(first, other) && holds(second) == Some(one))
            {
                exchanged_roles(case, kind, (one, first), (other, second));
            }
        }
    }
    for (slot, file) in overview.filled() {
        if slot.kind == SlotKind::Key || case.is_settled(file) {
            continue;
        }
        if let Some(found) = holds(file).filter(|role| *role != slot.role) {
            let (name, role) = (&file.name, slot.role.word());
            let sentence =
                format!("`{name}` should hold the {role} certificate, but holds a {} certificate", found.word());
            // The key beside it is right or wrong by what should be here, which is not known.
            let mut settled = vec![file];
            settled.extend(overview.slot(slot.role, SlotKind::Key).filter(|_| slot.kind == SlotKind::Certificate));
            case.settle(&settled, Finding::new(&WRONG_ROLE, vec![file.path.clone()], sentence));
        }
    }
}

/// The role of the certificate in a file. A home-made certificate without Qlik's marks may be anything but a root.
fn holds(file: &FileContent) -> Option<Role> {
    let certificate = file.certificates().next()?;
    let said = certificate.marker().is_some() || certificate.common_name() == Some(super::super::profile::CLIENT_NAME);
    let role = role_of(certificate)?;
    let in_root_slot = || Slot::of(&file.name).is_some_and(|slot| slot.role == Role::Root);
    (said || role == Role::Root || in_root_slot()).then_some(role)
}

/// What an unmarked certificate is by its looks: enough where the other half of an exchange is certain.
fn may_hold(file: &FileContent, role: Role) -> bool {
    file.certificates().next().and_then(role_of) == Some(role)
}

/// `client.pem` holds the key and `client_key.pem` the certificate.
fn crossed_kinds(case: &mut Case<'_>) {
    for role in [Role::Server, Role::Client] {
        let certificate = case.overview.slot(role, SlotKind::Certificate);
        let key = case.overview.slot(role, SlotKind::Key);
        if let (Some(certificate), Some(key)) = (certificate, key)
            && certificate.keys().next().is_some()
            && certificate.certificates().next().is_none()
            && key.certificates().next().is_some()
            && key.keys().next().is_none()
        {
            let (first, second) = (&certificate.name, &key.name);
            let sentence =
                format!("`{first}` and `{second}` are exchanged: `{first}` holds the key, `{second}` the certificate");
            swap(case, &[certificate, key], sentence);
        }
    }
}

fn exchanged_roles(case: &mut Case<'_>, kind: SlotKind, one: (Role, &FileContent), other: (Role, &FileContent)) {
    let ((role, first), (other_role, second)) = (one, other);
    let (name, other_name, word, other_word) = (&first.name, &second.name, role.word(), other_role.word());
    let mut sentence = format!(
        "`{name}` and `{other_name}` are exchanged: `{name}` holds the {other_word} certificate, `{other_name}` the \
         {word} certificate"
    );
    let mut files = vec![first, second];
    if kind == SlotKind::Certificate {
        let keys = [role, other_role].map(|role| case.overview.slot(role, SlotKind::Key));
        if let [Some(key), Some(other_key)] = keys
            && fits(key, first)
            && fits(other_key, second)
        {
            sentence.push_str(", and so are their keys");
        }
        files.extend(keys.into_iter().flatten());
    }
    swap(case, &files, sentence);
}

/// One finding for all of it: whatever was said of these files was said because they are exchanged.
fn swap(case: &mut Case<'_>, files: &[&FileContent], sentence: String) {
    let paths: Vec<_> = files.iter().map(|file| file.path.clone()).collect();
    case.findings.retain(|finding| {
        !(finding.severity == Severity::Error && finding.files.iter().all(|file| paths.contains(file)))
    });
    case.settle(files, Finding::new(&SWAPPED, paths.into_iter().take(2).collect(), sentence));
}

fn fits(key: &FileContent, certificate: &FileContent) -> bool {
    certificate.certificates().next().is_some_and(|certificate| has_key_of(key, certificate))
}

fn has_key_of(file: &FileContent, certificate: &Certificate) -> bool {
    file.keys()
        .any(|key| matches!(&key.state, KeyState::Open(public) if public.info() == certificate.public_key_info()))
}

/// Files that should be there by what is there. Those that are missing for one reason are said together.
pub(super) fn missing(case: &mut Case<'_>) {
    if !case.is_whole_bundle() {
        return;
    }
    let mut missing: Vec<(Severity, &str, Vec<&str>)> = Vec::new();
    for slot in Slot::ALL {
        let Some((severity, because)) = wanted(case, slot) else { continue };
        if let Some(file) = elsewhere(case.overview, slot) {
            case.report(misnamed(slot, file));
        } else {
            match missing.iter_mut().find(|(_, known, _)| *known == because) {
                Some((_, _, names)) => names.push(slot.file_name()),
                None => missing.push((severity, because, vec![slot.file_name()])),
            }
        }
    }
    for (severity, because, names) in missing {
        let is = if names.len() == 1 { "is" } else { "are" };
        let sentence = format!("{} {is} missing: {because}", list(&names));
        let files = names.into_iter().map(str::to_owned).collect();
        let finding = Finding::new(&MISSING, files, sentence).with_severity(severity);
        case.report(if because == IN_DER {
            finding.with_fix("write it from `root.cer`: `qcert inspect root.cer --pem > root.pem`")
        } else {
            finding
        });
    }
}

fn misnamed(slot: Slot, file: &FileContent) -> Finding {
    let (wanted, name) = (slot.file_name(), &file.name);
    let sentence =
        format!("`{wanted}` is missing, but `{name}` holds just that: {} of the {}", describe(slot), slot.role.word());
    Finding::new(&MISNAMED, vec![file.path.clone()], sentence).with_fix(format!("rename `{name}` to `{wanted}`"))
}

/// Whether an empty slot should be filled, and why.
fn wanted(case: &Case<'_>, slot: Slot) -> Option<(Severity, &'static str)> {
    use SlotKind::{Certificate, Der, Key, Pfx};
    let overview = case.overview;
    let has = |role, kind| overview.slot(role, kind).is_some();
    let leaves = |kind| has(Role::Server, kind) || has(Role::Client, kind);
    let pem = leaves(Certificate) || leaves(Key);
    if has(slot.role, slot.kind) {
        return None;
    }
    let error = |why| Some((Severity::Error, why));
    let any = |role| has(role, Certificate) || has(role, Key) || has(role, Pfx);
    let root_is_here = case.given.with_root || overview.certificates.iter().any(|found| is_root(found.certificate));
    match (slot.role, slot.kind) {
        (Role::Root, Certificate) if pem && has(Role::Root, Der) => error(IN_DER),
        (Role::Root, Certificate) if pem && !case.given.with_root => error(UNCHECKED),
        (Role::Root, Der) if leaves(Pfx) && has(Role::Root, Certificate) => Some((
            Severity::Warning,
            "it belongs to the PFX files, for Windows' Trusted Root store; here is only `root.pem`, the same in PEM",
        )),
        // NPrinting's folder holds the client's PFX alone.
        (Role::Root, Der) if leaves(Pfx) && !pem && !root_is_here => {
            if any(Role::Server) {
                error(UNCHECKED)
            } else {
                Some((Severity::Note, "there is no root to judge by"))
            }
        }
        (Role::Client, Pfx) if leaves(Pfx) => {
            error("Qlik's Windows format has one for the server and one for the client")
        }
        (Role::Server, Pfx) if leaves(Pfx) && any(Role::Server) => {
            error("Qlik's Windows format has one for the server and one for the client")
        }
        (Role::Server | Role::Client, Certificate) if has(slot.role, Key) => {
            error("its key is here, and a key is of no use without its certificate")
        }
        (Role::Server | Role::Client, Key) if key_is_inside(overview, slot.role) => {
            error("the key stands in the certificate's file, where most tools do not look")
        }
        (Role::Server | Role::Client, Key) if has(slot.role, Certificate) => {
            error("a certificate is of no use without its key")
        }
        (Role::Client, Certificate) if pem => error("without a client certificate no tool can call Qlik"),
        // Observed exports of 2016 have no server files.
        (Role::Server, Certificate) if pem => {
            Some((Severity::Note, "there is no server certificate, which a service that answers calls needs"))
        }
        _ => None,
    }
}

const IN_DER: &str = "tools that read PEM look for it, and here is only `root.cer`, the same in DER";
const UNCHECKED: &str = "without the root nobody can check the certificates";

/// The key lies in the certificate's own file, as some servers want it.
pub(super) fn key_is_inside(overview: &Overview<'_>, role: Role) -> bool {
    overview.slot(role, SlotKind::Certificate).is_some_and(|file| file.keys().next().is_some())
}

/// A file without a slot's name that holds what the slot lacks.
fn elsewhere<'a>(overview: &Overview<'a>, slot: Slot) -> Option<&'a FileContent> {
    let beside =
        overview.slot(slot.role, if slot.kind == SlotKind::Key { SlotKind::Certificate } else { SlotKind::Key });
    let holds_it = |file: &&FileContent| {
        let role = || file.certificates().next().and_then(role_of) == Some(slot.role);
        match slot.kind {
            SlotKind::Key => {
                let certificate = beside.and_then(|file| file.certificates().next());
                certificate.is_some_and(|certificate| has_key_of(file, certificate)) && pfx_of(file).is_none()
            }
            SlotKind::Pfx => pfx_of(file).is_some() && role(),
            SlotKind::Der => false,
            SlotKind::Certificate => pfx_of(file).is_none() && role(),
        }
    };
    overview.files.iter().filter(|file| Slot::of(&file.name).is_none()).find(holds_it)
}

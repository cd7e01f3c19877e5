//! The files of a bundle by name: missing, misnamed, exchanged, or with the certificate of another role.

use super::super::certificate::Certificate;
use super::super::finding::{Finding, Rule, Severity};
use super::super::inventory::{FileContent, KeyState};
use super::super::overview::{Overview, Slot, SlotKind, pfx_of, role_of};
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
    source: "qlik-facts 3.2; qsAPI issue 12",
};
static MISNAMED: Rule = Rule {
    id: "files/misnamed",
    severity: Severity::Error,
    title: "a file of the bundle has another name than tools look for",
    cause: "Qlik's tools find the files by name: `client.pem`, `client_key.pem`, `root.pem`, `client.pfx`. qsAPI, for \
            one, makes the key's name from the certificate's by adding `_key`.",
    fix: "rename the file",
    source: "qlik-facts 3.2 and 6",
};
static WRONG_ROLE: Rule = Rule {
    id: "files/wrong-role",
    severity: Severity::Error,
    title: "a file holds the certificate of another role",
    cause: "Root, server and client are three different certificates: the server's is shown by a service that answers \
            a call, the client's (`CN=QlikClient`) by whoever makes it, and the root is what both are checked against.",
    fix: "put the certificate of the right role in its place, with its key",
    source: "qlik-facts 1.2 and 7",
};
pub(super) static SWAPPED: Rule = Rule {
    id: "files/swapped",
    severity: Severity::Error,
    title: "two files are exchanged",
    cause: "Each of the two holds what the other should.",
    fix: "exchange the two names",
    source: "qlik-facts 3.2",
};

/// Certificates in the slot of another role.
pub(super) fn roles(case: &mut Case<'_>) {
    let overview = case.overview;
    crossed_kinds(case);
    for kind in [SlotKind::Certificate, SlotKind::Pfx] {
        let (server, client) = (overview.slot(Role::Server, kind), overview.slot(Role::Client, kind));
        if let (Some(server), Some(client)) = (server, client)
            && holds(server) == Some(Role::Client)
            && holds(client) == Some(Role::Server)
        {
            exchanged_roles(case, kind, server, client);
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
    (said || role == Role::Root || Slot::of(&file.name).is_some_and(|slot| slot.role == Role::Root)).then_some(role)
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

fn exchanged_roles(case: &mut Case<'_>, kind: SlotKind, server: &FileContent, client: &FileContent) {
    let key = |role| case.overview.slot(role, SlotKind::Key);
    let (first, second) = (&client.name, &server.name);
    let mut files = vec![client, server];
    let mut sentence = format!(
        "`{first}` and `{second}` are exchanged: `{first}` holds the server certificate, `{second}` the client certificate"
    );
    if kind == SlotKind::Certificate
        && let (Some(server_key), Some(client_key)) = (key(Role::Server), key(Role::Client))
    {
        if fits(server_key, server) && fits(client_key, client) {
            sentence.push_str(", and so are their keys");
        }
        files.extend([client_key, server_key]);
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

/// Files that should be there by what is there.
pub(super) fn missing(case: &mut Case<'_>) {
    if !case.overview.is_bundle() {
        return;
    }
    for slot in Slot::ALL {
        if let Some((severity, because)) = wanted(case, slot) {
            let missing = || {
                let sentence = format!("`{}` is missing: {because}", slot.file_name());
                Finding::new(&MISSING, vec![slot.file_name().to_owned()], sentence).with_severity(severity)
            };
            case.report(elsewhere(case.overview, slot).map_or_else(missing, |file| misnamed(slot, file)));
        }
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
    let overview = case.overview;
    let has = |role, kind| overview.slot(role, kind).is_some();
    let any = |role| has(role, SlotKind::Certificate) || has(role, SlotKind::Key) || has(role, SlotKind::Pfx);
    if has(slot.role, slot.kind) {
        return None;
    }
    let leaves = |kind| has(Role::Server, kind) || has(Role::Client, kind);
    let pem = leaves(SlotKind::Certificate) || leaves(SlotKind::Key);
    match (slot.role, slot.kind) {
        (_, SlotKind::Certificate) if slot.role != Role::Root && has(slot.role, SlotKind::Key) => {
            Some((Severity::Error, "its key is here, and a key is of no use without its certificate"))
        }
        (_, SlotKind::Key) if has(slot.role, SlotKind::Certificate) && !key_is_inside(overview, slot.role) => {
            Some((Severity::Error, "its certificate is here, and of no use without its key"))
        }
        (Role::Root, SlotKind::Certificate) if pem => {
            let why = "without it nobody can check the certificates";
            if has(Role::Root, SlotKind::Der) {
                return Some((Severity::Error, "tools that read PEM look for it; `root.cer` is the same in DER"));
            }
            (!case.given.with_root).then_some((Severity::Error, why))
        }
        (Role::Root, SlotKind::Der) if leaves(SlotKind::Pfx) => match (has(Role::Root, SlotKind::Certificate), pem) {
            (true, true) => {
                Some((Severity::Warning, "Qlik puts it beside the PFX files for Windows' Trusted Root store"))
            }
            (true, false) => Some((Severity::Warning, "Qlik puts it beside the PFX files; here is only `root.pem`")),
            (false, true) => None,
            (false, false) => {
                (!case.given.with_root).then_some((Severity::Error, "without it nobody can check the certificates"))
            }
        },
        (Role::Server | Role::Client, SlotKind::Pfx) if leaves(SlotKind::Pfx) => {
            let severity = if any(slot.role) { Severity::Warning } else { Severity::Error };
            Some((severity, "Qlik's Windows format has one for the server and one for the client"))
        }
        (Role::Server, SlotKind::Certificate) if pem && !any(Role::Server) => {
            Some((Severity::Warning, "there is no server certificate; a service that answers calls needs one"))
        }
        (Role::Client, SlotKind::Certificate) if pem && !any(Role::Client) => {
            Some((Severity::Warning, "there is no client certificate; a tool that calls Qlik needs one"))
        }
        _ => None,
    }
}

/// The key lies in the certificate's own file, as some servers want it.
fn key_is_inside(overview: &Overview<'_>, role: Role) -> bool {
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

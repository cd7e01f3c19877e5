//! Files that cannot be what they should be: empty, cut, damaged, in the wrong encoding, of another kind.

use super::super::finding::{Finding, Rule, Severity};
use super::super::inventory::{Damage, FileContent, Form, Object, SNAPSHOT, What};
use super::super::overview::{Slot, SlotKind, list};
use super::{Case, stores};

pub const RULES: &[&Rule] = &[&EMPTY, &CUT, &DAMAGED, &UNREADABLE, &WRONG_CONTENT, &HOST_CFG, &UNKNOWN];

static EMPTY: Rule = Rule {
    id: "files/empty",
    severity: Severity::Error,
    title: "a file is empty",
    cause: "The file has no content: a copy or an export was interrupted, or the disk was full.",
    fix: "export the bundle again, or copy the file again from where it is whole",
    source: "observed",
};
static CUT: Rule = Rule {
    id: "files/cut",
    severity: Severity::Error,
    title: "a file ends too early",
    cause: "A PEM section has no END line, or the data is shorter than it says: the file was copied or pasted in part.",
    fix: "copy the file again, whole: from the BEGIN line to the END line",
    source: "RFC 7468 3; X.690 8.1.3",
};
pub(super) static DAMAGED: Rule = Rule {
    id: "files/damaged",
    severity: Severity::Error,
    title: "a file is damaged",
    cause: "The file looks like a certificate, a key or a PFX, but its bytes do not hold together: an editor, a mail \
            program or a transfer as text changed them.",
    fix: "copy the file again from where it is whole, as binary, or export the bundle again",
    source: "RFC 7468; X.690",
};
static UNREADABLE: Rule = Rule {
    id: "files/unreadable",
    severity: Severity::Unjudged,
    title: "a file cannot be read, or not whole",
    cause: "The account has no right to read it, the disk fails, or there is more in it than qcert looks at. Qlik's own \
            `.Local Certificates` are readable by administrators and the service account only.",
    fix: "run as an account that may read the file, or export a bundle of your own",
    source: "qs-telemetry-dashboard issue 71",
};
static WRONG_CONTENT: Rule = Rule {
    id: "files/wrong-content",
    severity: Severity::Error,
    title: "a file holds another kind of thing than its name says",
    cause: "Tools find the parts of a bundle by file name: a key where a certificate should be, a certificate where a \
            key should be, or DER where PEM should be is refused (`no start line`, `DECODER routines::unsupported`).",
    fix: "put the right file in its place; `qcert inspect` shows what each file holds",
    source: "symptoms reported in public; reproduced with Node.js and OpenSSL 3",
};
pub(super) static HOST_CFG: Rule = Rule {
    id: "files/host-cfg",
    severity: Severity::Warning,
    title: "Host.cfg does not hold a host name",
    cause: "Host.cfg is the base64 of the host name in UTF-8, on one line. Edited by hand it often comes out wrong, and \
            the services then use another name than the certificates.",
    fix: "write the base64 of the host name: in PowerShell \
          `[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes('host.domain'))`",
    source: "published recipes for Host.cfg",
};
static UNKNOWN: Rule = Rule {
    id: "files/unknown",
    severity: Severity::Note,
    title: "a file holds nothing that qcert knows",
    cause: "It is neither a certificate, a key, a PFX, a request, a revocation list nor Host.cfg. It was not judged.",
    fix: "nothing needs to be done if it does not belong to the certificates",
    source: "observed",
};

pub(super) fn judge(case: &mut Case<'_>) {
    unreadable(case);
    for file in case.overview.files {
        let slot = Slot::of(&file.name);
        if !unusable(case, file, slot) {
            wrong_kind(case, file, slot);
            super::form::judge(case, file, slot);
        }
    }
}

/// What the account may not read is not known: one finding for each reason.
fn unreadable(case: &mut Case<'_>) {
    let mut reasons: Vec<(&str, Vec<&FileContent>)> = Vec::new();
    for file in case.overview.files {
        if let Form::Unreadable(why) = &file.form {
            match reasons.iter_mut().find(|(known, _)| known == why) {
                Some((_, files)) => files.push(file),
                None => reasons.push((why, vec![file])),
            }
        }
    }
    for (why, files) in reasons {
        let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
        let paths = files.iter().map(|file| file.path.clone()).collect();
        let finding = Finding::new(&UNREADABLE, paths, format!("{} cannot be read: {why}", list(&names)));
        // Nobody can read what is not there; a container's missing mount makes a folder of that name.
        let nowhere = why.starts_with("it is a link") || why.starts_with("it is a folder");
        let finding = if nowhere {
            finding.with_severity(Severity::Error).with_fix("put the file itself there")
        } else {
            finding
        };
        case.settle(&files, finding);
    }
}

/// Whether nothing of the file can be used, hence all is said.
fn unusable(case: &mut Case<'_>, file: &FileContent, slot: Option<Slot>) -> bool {
    let name = &file.name;
    let files = vec![file.path.clone()];
    let expected = slot.map(|slot| format!(", and should hold {}", describe(slot))).unwrap_or_default();
    let finding = match &file.form {
        Form::Unreadable(_) => return true,
        Form::Empty if is_host_cfg(name) => Finding::new(&HOST_CFG, files, format!("`{name}` is empty")),
        Form::Empty => {
            let finding = Finding::new(&EMPTY, files, format!("`{name}` is empty{expected}"));
            if slot.is_some() || looks_like_ours(name) { finding } else { finding.with_severity(Severity::Note) }
        }
        Form::Unknown => match slot {
            Some(slot) => unknown_in_slot(file, slot),
            // `.gitignore` and its like are no one's certificate.
            None if name.starts_with('.') => return true,
            None => {
                let what = file.objects.first().map_or("nothing to judge", kind);
                Finding::new(&UNKNOWN, files, format!("`{name}` holds nothing to judge: {what}"))
            }
        },
        _ => match file.objects.iter().find_map(damage) {
            Some(damage) => {
                case.settle(&[file], of_damage(file, damage));
                return file.objects.iter().all(|object| self::damage(object).is_some());
            }
            None => return false,
        },
    };
    case.settle(&[file], finding);
    true
}

fn unknown_in_slot(file: &FileContent, slot: Slot) -> Finding {
    let (name, should) = (&file.name, describe(slot));
    let files = vec![file.path.clone()];
    match file.objects.first().map(kind) {
        Some(BINARY) | None => Finding::new(
            &DAMAGED,
            files,
            format!("`{name}` is damaged: it should hold {should}, and its bytes are nothing known"),
        ),
        Some(what) => Finding::new(&WRONG_CONTENT, files, format!("`{name}` should hold {should}, but is {what}")),
    }
}

/// How the reader calls bytes that it cannot tell.
const BINARY: &str = "binary data";

fn is_host_cfg(name: &str) -> bool {
    name.eq_ignore_ascii_case("host.cfg")
}

fn damage(object: &Object) -> Option<&Damage> {
    match &object.what {
        What::Damaged(damage) => Some(damage),
        _ => None,
    }
}

/// What cannot be read in a file that was given beside those that are judged.
pub(in super::super) fn of_objects(file: &FileContent) -> Vec<Finding> {
    let files = || vec![file.path.clone()];
    match &file.form {
        Form::Unreadable(why) => {
            vec![Finding::new(&UNREADABLE, files(), format!("`{}` cannot be read: {why}", file.name))]
        }
        Form::Empty => vec![Finding::new(&EMPTY, files(), format!("`{}` is empty", file.name))],
        Form::Unknown => vec![Finding::new(&WRONG_CONTENT, files(), format!("`{}` holds no certificate", file.name))],
        _ => file.objects.iter().filter_map(damage).map(|damage| of_damage(file, damage)).collect(),
    }
}

fn of_damage(file: &FileContent, damage: &Damage) -> Finding {
    let (name, Damage { kind, why, cut, over_limit }) = (&file.name, damage);
    if *over_limit {
        let sentence = format!("`{name}` was not looked at whole: {kind}: {why}");
        let finding = Finding::new(&UNREADABLE, vec![file.path.clone()], sentence);
        return finding.with_fix("split the file, and give the parts together");
    }
    let rule = match (cut, *kind) {
        (_, "a host name") => &HOST_CFG,
        (_, SNAPSHOT) => &stores::UNREADABLE,
        (true, _) => &CUT,
        (false, _) => &DAMAGED,
    };
    let sentence = match rule.id {
        "files/cut" => format!("`{name}` ends in the middle of {kind}: {why}"),
        "stores/unreadable" => format!("`{name}` cannot be read as {kind}: {why}"),
        "files/host-cfg" => format!("`{name}` does not hold a host name: {why}"),
        _ => format!("`{name}` is damaged: {kind} that cannot be read: {why}"),
    };
    let finding = Finding::new(rule, vec![file.path.clone()], sentence);
    let binary = matches!(file.form, Form::Binary { .. });
    if rule.id == CUT.id && binary { finding.with_fix("copy the file again, whole and as binary") } else { finding }
}

fn looks_like_ours(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".pem", ".cer", ".crt", ".key", ".pfx", ".p12", ".der", ".p7b"].iter().any(|ending| name.ends_with(ending))
}

/// `a certificate in PEM` …
pub(super) fn describe(slot: Slot) -> &'static str {
    match slot.kind {
        SlotKind::Certificate => "a certificate in PEM",
        SlotKind::Der => "a certificate",
        SlotKind::Key => "a private key in PEM",
        SlotKind::Pfx => "a PFX",
    }
}

/// What an object is, for a sentence.
pub(super) fn kind(object: &Object) -> &str {
    match &object.what {
        What::Certificate(_) => "a certificate",
        What::Key(_) => "a private key",
        What::Pfx(_) => "a PFX",
        What::Pkcs7(_) => "a PKCS#7 collection",
        What::Request(_) => "a certificate request",
        What::RevocationList(_) => "a revocation list",
        What::HostName(_) => "a host name",
        What::Snapshot(_) => "a snapshot of certificate stores",
        What::PublicKey(_) => "a public key",
        What::Other(label) => label,
        What::Damaged(damage) => damage.kind,
    }
}

fn wrong_kind(case: &mut Case<'_>, file: &FileContent, slot: Option<Slot>) {
    let Some(slot) = slot else { return };
    let name = &file.name;
    let fits = |object: &Object| {
        matches!(
            (slot.kind, &object.what),
            (SlotKind::Certificate | SlotKind::Der, What::Certificate(_))
                | (SlotKind::Key, What::Key(_))
                | (SlotKind::Pfx, What::Pfx(_))
        )
    };
    let text = matches!(file.form, Form::Pem(_));
    let binary = matches!(file.form, Form::Binary { .. });
    let right = file.objects.iter().any(fits);
    let sentence = match file.objects.iter().find(|object| fits(object)) {
        Some(_) if matches!(slot.kind, SlotKind::Certificate | SlotKind::Key) && !text => {
            format!("`{name}` is not PEM but {}, which programs that read PEM refuse", written(&file.form))
        }
        Some(_) if slot.kind == SlotKind::Pfx && !binary => {
            format!("`{name}` is not binary but text: programs that read PFX refuse it")
        }
        Some(_) => return,
        None => match file.objects.first() {
            Some(object) => format!("`{name}` should hold {}, but holds {}", describe(slot), kind(object)),
            None => format!("`{name}` should hold {}, but holds nothing of the kind", describe(slot)),
        },
    };
    let finding = Finding::new(&WRONG_CONTENT, vec![file.path.clone()], sentence);
    let finding = match slot.kind {
        SlotKind::Certificate if right => {
            finding.with_fix(format!("write it as PEM: `qcert inspect {name} --pem > NEW`"))
        }
        SlotKind::Key if right => finding.with_fix(format!("write it as PEM: `openssl pkey -in {name} -out NEW`")),
        _ => finding,
    };
    case.settle(&[file], finding);
}

fn written(form: &Form) -> &'static str {
    match form {
        Form::Base64(_) => "base64 without BEGIN and END",
        _ => "DER (binary)",
    }
}

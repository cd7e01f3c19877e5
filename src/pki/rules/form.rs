//! How files are written: encoding, layout, several objects, bytes behind the end, text around.

use super::super::finding::{Finding, Rule, Severity};
use super::super::inventory::{FileContent, Form, LineEnds, TextEncoding, TextFacts, What};
use super::super::overview::{Slot, SlotKind, is_root, pfx_of};
use super::Case;
use super::files::{HOST_CFG, kind};

pub const RULES: &[&Rule] = &[&UTF_16, &LAYOUT, &SEVERAL, &TRAILING, &MARK, &AROUND];

static UTF_16: Rule = Rule {
    id: "files/utf-16",
    severity: Severity::Error,
    title: "a PEM file is written in UTF-16",
    cause: "PowerShell's `>` and Notepad's \"Unicode\" write two bytes a character. Node.js takes such a root without a \
            word and then trusts nothing; Python and OpenSSL read nothing from it.",
    fix: "save it as ASCII or UTF-8 without a byte order mark: in PowerShell `Get-Content FILE | Set-Content -Encoding \
          ascii NEW`",
    source: "reproduced with Node.js, Python, Go and OpenSSL",
};

static LAYOUT: Rule = Rule {
    id: "files/pem-layout",
    severity: Severity::Error,
    title: "a PEM file is laid out so that most programs read nothing",
    cause: "PEM wants BEGIN at the start of a line and base64 in lines without blanks. Copying through YAML, chat or an \
            environment variable indents lines, adds empty ones or turns line ends into `\\n`.",
    fix: "copy the file again as it is, or let `qcert convert FILE --to pem --out NEW` write it anew",
    source: "RFC 7468 3; measured with OpenSSL 3",
};

static SEVERAL: Rule = Rule {
    id: "files/several-objects",
    severity: Severity::Warning,
    title: "a file holds more than one object",
    cause: "Qlik writes one object a file. Many tools read only the first and ignore the rest without a word.",
    fix: "keep one object in the file, or see to it that the right one comes first",
    source: "observed exports: one object a file",
};

pub(super) static TRAILING: Rule = Rule {
    id: "files/trailing-bytes",
    severity: Severity::Warning,
    title: "bytes follow the end of the data",
    cause: "Qlik exports over an existing file without cutting it, so the end of a longer predecessor stays (3 of 9 \
            observed PFX). OpenSSL and Windows ignore them; strict readers, such as Python's cryptography and Go's, \
            warn or refuse.",
    fix: "cut them with `qcert convert FILE --out NEW`, or delete the old files and export again into an empty folder",
    source: "observed Qlik exports, reproduced",
};

static MARK: Rule = Rule {
    id: "files/byte-order-mark",
    severity: Severity::Note,
    title: "a PEM file begins with a byte order mark",
    cause: "Windows editors write it. Node.js, Python, Go and OpenSSL accept it; some other readers do not.",
    fix: "save the file as UTF-8 without a byte order mark if a tool does not find the certificate",
    source: "reproduced with Node.js, Python, Go and OpenSSL",
};

static AROUND: Rule = Rule {
    id: "files/text-around",
    severity: Severity::Note,
    title: "there is text around the PEM sections",
    cause: "OpenSSL writes \"Bag Attributes\" and names there. Readers skip it.",
    fix: "nothing needs to be done",
    source: "RFC 7468 5.2",
};

pub(super) fn judge(case: &mut Case<'_>, file: &FileContent, slot: Option<Slot>) {
    let name = &file.name;
    let settled = case.is_settled(file);
    let mut found = |rule, sentence| case.report(Finding::new(rule, vec![file.path.clone()], sentence));
    if let Form::Pem(text) | Form::Base64(text) = &file.form {
        match text.encoding {
            TextEncoding::Utf16 => {
                found(&UTF_16, format!("`{name}` is written in UTF-16, from which most programs read nothing"));
            }
            TextEncoding::Utf8Marked => found(&MARK, format!("`{name}` begins with a byte order mark")),
            TextEncoding::Ascii | TextEncoding::Utf8 | TextEncoding::EightBit => {}
        }
        if let Some(how) = unreadable_layout(*text) {
            found(&LAYOUT, format!("`{name}` is PEM {how}: OpenSSL, Node.js and Python read nothing from it"));
        }
        if text.text_around {
            found(&AROUND, format!("`{name}` has text around its PEM sections"));
        }
    }
    if let Form::Binary { trailing_bytes: extra @ 1.. } = file.form
        && pfx_of(file).is_none()
    {
        found(&TRAILING, format!("{extra} bytes follow the end of the data in `{name}`"));
    }
    for object in &file.objects {
        if let What::HostName(host) = &object.what
            && !host.oddities.is_empty()
        {
            found(&HOST_CFG, format!("`{name}` is not written as Qlik writes it: {}", host.oddities.join(", ")));
        }
    }
    if !settled {
        several(case, file, slot);
    }
}

fn several(case: &mut Case<'_>, file: &FileContent, slot: Option<Slot>) {
    let Some(slot) = slot else { return };
    let name = &file.name;
    let (count, what) = match slot.kind {
        SlotKind::Pfx => (file.keys().count(), "private keys: programs take the first".to_owned()),
        _ if file.certificates().filter(|certificate| is_root(certificate)).nth(1).is_some() => {
            (file.objects.len(), "objects, and two roots among them: tools differ in which they trust".to_owned())
        }
        _ => (file.objects.len(), format!("objects: {}", file.objects.iter().map(kind).collect::<Vec<_>>().join(", "))),
    };
    // A key that stands with its certificate is said as missing in its own place.
    let has_key = slot.kind == SlotKind::Certificate && super::slots::key_is_inside(case.overview, slot.role);
    if count > 1 && !(has_key && case.overview.slot(slot.role, SlotKind::Key).is_none()) {
        let finding = Finding::new(&SEVERAL, vec![file.path.clone()], format!("`{name}` holds {count} {what}"));
        case.report(if is_chain(file) { finding.with_severity(Severity::Note) } else { finding });
    }
}

fn unreadable_layout(text: TextFacts) -> Option<&'static str> {
    match text {
        TextFacts { line_ends: LineEnds::Escaped, .. } => Some("with the two characters `\\n` in place of line ends"),
        TextFacts { line_ends: LineEnds::Cr, .. } => Some("with bare carriage returns as line ends"),
        TextFacts { one_line: true, .. } => Some("whose BEGIN and END share their lines with other text"),
        TextFacts { indented: true, .. } => Some("with indented lines"),
        TextFacts { blank_lines: true, .. } => Some("with empty lines inside"),
        _ => None,
    }
}

/// A certificate and those above it, as chains are handed over. Two roots are no chain.
fn is_chain(file: &FileContent) -> bool {
    file.objects.iter().all(|object| matches!(object.what, What::Certificate(_)))
        && file.certificates().filter(|certificate| is_root(certificate)).count() < 2
}

//! One line for each object: what a thousand files are looked through with.

use super::super::words::{count, day, relative};
use super::facts::{Answer, FileFacts, ObjectFacts, WhatFacts};
use super::page::{Page, Tone, safe};
use super::pfx::PfxFacts;
use super::text::{View, kind};
use crate::pki::inventory::{Form, LineEnds, TextEncoding};

/// Columns: the path, the kind, the rest.
const PATH: usize = 40;
const KIND: usize = 12;

pub(super) fn lines(answer: &Answer<'_>, view: View) -> String {
    let mut page = Page::new(view.color);
    for file in &answer.files {
        match (file.written, &file.objects[..]) {
            (Form::Unreadable(why), _) => line(&mut page, file.path, "unreadable", Tone::Bad, why),
            (Form::Empty, _) => line(&mut page, file.path, "empty", Tone::Bad, ""),
            (Form::Unknown, [ObjectFacts { what: WhatFacts::Other { what }, .. }]) => {
                line(&mut page, file.path, "unknown", Tone::Plain, what);
            }
            (_, objects) => each(&mut page, view, file.path, objects, &how_written(file)),
        }
    }
    if let Some(called) = &answer.called {
        let tone = if called.connection.key_proved { Tone::Plain } else { Tone::Bad };
        line(&mut page, &called.place, "connection", tone, &called.connection.line());
        if let Some(compared) = &called.compared {
            line(&mut page, &called.place, "compared", Tone::Plain, &compared.sentence);
        }
    }
    page.finish()
}

/// What programs stumble over, or other programs' writing: behind each object of the file.
fn how_written(file: &FileFacts<'_>) -> String {
    let mut told = Vec::new();
    if let Form::Pem(text) | Form::Base64(text) = file.written {
        told.extend((text.encoding == TextEncoding::Utf16).then(|| "UTF-16".to_owned()));
        told.extend((text.line_ends == LineEnds::Escaped).then(|| "line ends written as `\\n`".to_owned()));
        told.extend(text.one_line.then(|| "in one line".to_owned()));
    }
    if file.trailing_bytes > 0 {
        told.push(count(file.trailing_bytes, "stray byte"));
    }
    if told.is_empty() { String::new() } else { format!("  ({})", told.join(", ")) }
}

fn each(page: &mut Page, view: View, path: &str, objects: &[ObjectFacts<'_>], written: &str) {
    for object in objects {
        let (mut tone, mut text) = one(object, view);
        if !written.is_empty() {
            text.push_str(written);
            tone = if tone == Tone::Plain { Tone::Soon } else { tone };
        }
        line(page, path, word(object), tone, &text);
        match &object.what {
            WhatFacts::Pfx(pfx) => each(page, view, path, &pfx.objects, ""),
            WhatFacts::Pkcs7 { objects } => each(page, view, path, objects, ""),
            _ => {}
        }
    }
}

fn line(page: &mut Page, path: &str, word: &str, tone: Tone, text: &str) {
    let path = safe(path);
    let room = PATH.saturating_sub(path.chars().count()).max(2);
    let text = page.toned(tone, text);
    let line = format!("{path}{:room$}{word:KIND$} {text}", "");
    page.line(line.trim_end());
}

fn word(object: &ObjectFacts<'_>) -> &'static str {
    match &object.what {
        WhatFacts::Certificate(_) => "certificate",
        WhatFacts::PrivateKey(_) => "key",
        WhatFacts::Pfx(_) => "PFX",
        WhatFacts::Pkcs7 { .. } => "PKCS#7",
        WhatFacts::Request(_) => "request",
        WhatFacts::RevocationList(_) => "CRL",
        WhatFacts::HostName(_) => "Host.cfg",
        WhatFacts::Snapshot(_) => "snapshot",
        WhatFacts::PublicKey(_) => "public key",
        WhatFacts::Other { .. } => "other",
        WhatFacts::Damaged { .. } => "damaged",
    }
}

fn one(object: &ObjectFacts<'_>, view: View) -> (Tone, String) {
    match &object.what {
        WhatFacts::Certificate(facts) => {
            let role = facts.role.map_or("-", crate::pki::profile::Role::word);
            let end = facts.certificate.not_after();
            let tone = if facts.state == "valid" { Tone::Plain } else { Tone::Bad };
            let state = match facts.state {
                "valid" => String::new(),
                other => format!(" {}", other.replace('_', " ")),
            };
            let when = format!("{} ({}){state}", day(end, view.offset), relative(view.at, end));
            (tone, format!("{role:6} {}  until {when}", facts.certificate.title()))
        }
        WhatFacts::PrivateKey(facts) => match (&facts.key, &facts.certificates[..]) {
            (None, _) => (Tone::Soon, facts.state.replace('_', " ")),
            (Some(key), []) => (Tone::Plain, format!("{}, of no certificate here", key.text)),
            (Some(key), [first, ..]) => (Tone::Plain, format!("{}, of {} in {}", key.text, first.title, first.file)),
        },
        WhatFacts::Pfx(facts) => pfx(facts),
        WhatFacts::Request(facts) => (Tone::Plain, facts.subject.to_owned()),
        WhatFacts::RevocationList(facts) => (Tone::Plain, facts.issuer.to_owned()),
        WhatFacts::HostName(facts) => (Tone::Plain, facts.name.to_owned()),
        WhatFacts::Snapshot(facts) => (Tone::Plain, facts.line(view)),
        WhatFacts::PublicKey(facts) => (Tone::Plain, facts.key.text.clone()),
        WhatFacts::Other { what } => (Tone::Plain, (*what).to_owned()),
        WhatFacts::Damaged { why, .. } => (Tone::Bad, format!("{}: {why}", kind(object))),
        WhatFacts::Pkcs7 { .. } => (Tone::Plain, String::new()),
    }
}

fn pfx(facts: &PfxFacts<'_>) -> (Tone, String) {
    let mut ciphers: Vec<&str> =
        facts.encryption.iter().map(|text| text.split(',').next().unwrap_or_default()).collect();
    ciphers.dedup();
    let with = if ciphers.is_empty() { "not encrypted".to_owned() } else { ciphers.join(" and ") };
    match (facts.state, facts.password) {
        ("open", Some("empty")) => (Tone::Plain, format!("{with}, empty password")),
        ("open", _) => (Tone::Plain, with),
        ("damaged", _) => (Tone::Bad, format!("damaged: {}", facts.why.unwrap_or_default())),
        (state, _) => (Tone::Soon, format!("{with}, {}", state.replace('_', " "))),
    }
}

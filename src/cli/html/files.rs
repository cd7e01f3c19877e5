//! The files of a report: how each is written, what it holds, and which key fits which certificate.

use super::dates::Calendar;
use super::holdings::Holdings;
use super::text::{count, escape, literal, literals, number, value};
use crate::pki::inventory::{
    FileContent, Form, Key, KeyForm, KeyState, LineEnds, Object, PfxContent, PfxPassword, PfxState, TextEncoding,
    TextFacts, What,
};
use crate::pki::report::Report;
use std::fmt::Write as _;

/// Objects of one file that are listed.
const MOST: usize = 50;
/// Containers inside containers: deeper ones come from hostile files only.
const DEEPEST: usize = 4;

pub(super) fn section(html: &mut String, report: &Report, holdings: &Holdings<'_>, calendar: Calendar) {
    let caption = count(report.files.len(), "file", "files");
    _ = writeln!(html, "<table class=\"files\"><caption>{caption}</caption>");
    html.push_str(
        "<thead><tr><th scope=\"col\">File</th><th scope=\"col\">Written as</th><th scope=\"col\">Holds</th></tr></thead>\n\
         <tbody>\n",
    );
    for file in &report.files {
        _ = write!(html, "<tr><th scope=\"row\">{}", literal(&file.path));
        for (holds, text) in [(file.others_may_read, "others may read it"), (file.tracked_by_git, "tracked by git")] {
            if holds {
                _ = write!(html, "<br><span class=\"aside\">{text}</span>");
            }
        }
        let size = match file.form {
            Form::Unreadable(_) => "size not known".to_owned(),
            _ => count(file.size, "octet", "octets"),
        };
        _ = writeln!(html, "</th><td>{}<br><span class=\"quiet\">{size}</span></td><td>", form(file));
        match &file.form {
            Form::Unreadable(_) => html.push_str("<span class=\"alarm\">not known</span>"),
            Form::Unknown if file.objects.is_empty() => html.push_str("nothing that qcert knows"),
            _ => objects(html, file.objects.iter().map(|object| (object, None)), (holdings, calendar), 0),
        }
        html.push_str("</td></tr>\n");
    }
    html.push_str("</tbody></table>\n");
}

fn form(file: &FileContent) -> String {
    match &file.form {
        Form::Pem(facts) => format!("PEM{}", text_facts(*facts)),
        Form::Base64(facts) => format!("bare base64{}", text_facts(*facts)),
        Form::Binary { trailing_bytes: 0 } => "DER".to_owned(),
        Form::Binary { trailing_bytes } => {
            format!("DER, {} after the end", count(*trailing_bytes, "octet", "octets"))
        }
        Form::HostName => "base64 of a host name".to_owned(),
        Form::Snapshot(_) => "JSON".to_owned(),
        Form::Shown => "shown in a TLS handshake".to_owned(),
        Form::Empty => "empty".to_owned(),
        Form::Unknown => "not recognised".to_owned(),
        Form::Unreadable(why) => format!("cannot be read: {}", value(why)),
    }
}

fn text_facts(facts: TextFacts) -> String {
    let encoding = match facts.encoding {
        TextEncoding::Ascii => "",
        TextEncoding::Utf8 => ", UTF-8",
        TextEncoding::Utf8Marked => ", UTF-8 with byte order mark",
        TextEncoding::Utf16 => ", UTF-16",
        TextEncoding::EightBit => ", no UTF-8",
    };
    let ends = match facts.line_ends {
        LineEnds::Lf => "",
        LineEnds::CrLf => ", CRLF",
        LineEnds::Cr => ", CR",
        LineEnds::Mixed => ", mixed line ends",
        LineEnds::Escaped => ", line ends written as \\n",
    };
    format!("{encoding}{ends}{}", if facts.text_around { ", text around" } else { "" })
}

type Names<'h, 'a> = (&'h Holdings<'a>, Calendar);

fn objects<'o>(
    html: &mut String,
    objects: impl ExactSizeIterator<Item = (&'o Object, Option<&'o str>)>,
    names: Names<'_, '_>,
    depth: usize,
) {
    let more = objects.len().saturating_sub(MOST);
    if objects.len() == 0 {
        html.push_str("<span class=\"quiet\">nothing</span>");
        return;
    }
    html.push_str("<ul>");
    for (object, friendly_name) in objects.take(MOST) {
        html.push_str("<li>");
        what(html, object, names, depth);
        if let Some(name) = friendly_name {
            _ = write!(html, ", friendly name {}", literal(name));
        }
        if let Some(line) = object.line.filter(|line| *line > 1) {
            _ = write!(html, " <span class=\"quiet\">(line {})</span>", number(line));
        }
        html.push_str("</li>\n");
    }
    if more > 0 {
        _ = write!(html, "<li>and {}</li>", count(more, "more object", "more objects"));
    }
    html.push_str("</ul>");
}

fn what(html: &mut String, object: &Object, names: Names<'_, '_>, depth: usize) {
    match &object.what {
        What::Certificate(certificate) => {
            _ = write!(html, "certificate {}", literal(&certificate.title()));
        }
        What::Key(key) => html.push_str(&self::key(key, names.0)),
        What::Pfx(pfx) => self::pfx(html, pfx, names, depth),
        What::Pkcs7(inside) => {
            _ = write!(html, "PKCS#7 with {}", count(inside.len(), "object", "objects"));
            if depth < DEEPEST {
                objects(html, inside.iter().map(|object| (object, None)), names, depth + 1);
            }
        }
        What::Request(request) => {
            let fit = match request.signature_fits {
                Some(true) => "",
                Some(false) => ", its signature does not fit",
                None => ", its signature cannot be checked",
            };
            let (subject, key) = (literal(&request.subject), escape(&request.public_key.text()));
            _ = write!(html, "certificate signing request of {subject}, {key}{fit}");
        }
        What::RevocationList(list) => {
            let (issuer, day) = (literal(&list.issuer), names.1.day(list.this_update));
            let revoked = count(list.revoked.len(), "certificate", "certificates");
            _ = write!(html, "revocation list of {issuer}, {day}, {revoked} revoked");
        }
        What::HostName(host) => {
            _ = write!(html, "host name {}", literal(&host.name));
            for oddity in &host.oddities {
                _ = write!(html, ", {}", value(oddity));
            }
        }
        What::Snapshot(content) => {
            let snapshot = &content.snapshot;
            let (computer, account) = (literal(&snapshot.computer), literal(&snapshot.account));
            let day = names.1.day(snapshot.taken_at);
            _ = write!(html, "snapshot of the certificate stores of {computer} as {account}, {day}");
        }
        What::PublicKey(key) => {
            _ = write!(html, "public key {}", escape(&key.text()));
        }
        What::Other(label) => html.push_str(&value(label)),
        What::Damaged(damage) => {
            let word = if damage.cut { "cut" } else { "damaged" };
            _ = write!(html, "<span class=\"alarm\">{}, {word}</span>: {}", escape(damage.kind), value(&damage.why));
        }
    }
}

fn key(key: &Key, holdings: &Holdings<'_>) -> String {
    let form = match key.form {
        KeyForm::Pkcs1 => "PKCS#1",
        KeyForm::Sec1 => "SEC 1",
        KeyForm::Pkcs8 | KeyForm::EncryptedPkcs8 => "PKCS#8",
        KeyForm::Traditional => "traditional",
    };
    let encryption = match &key.encryption {
        Some(encryption) => format!("encrypted ({})", value(encryption)),
        None => "not encrypted".to_owned(),
    };
    let (kind, state) = match &key.state {
        KeyState::Open(public) => {
            let fitting: Vec<_> = holdings.of_key(public).take(MOST).collect();
            let titles: Vec<String> = fitting.iter().map(|holding| holding.certificate.title()).collect();
            let fit = if titles.is_empty() {
                "<span class=\"alarm\">fits no certificate here</span>".to_owned()
            } else {
                format!("fits {}", literals(titles.iter().map(String::as_str)))
            };
            (format!("{}, ", escape(&public.text())), fit)
        }
        KeyState::PasswordNeeded => (String::new(), "a password is needed".to_owned()),
        KeyState::WrongPassword => (String::new(), "<span class=\"alarm\">the password is wrong</span>".to_owned()),
        KeyState::Unsupported(what) => (String::new(), format!("cannot be opened: {}", value(what))),
        KeyState::Damaged(why) => (String::new(), format!("<span class=\"alarm\">damaged</span>: {}", value(why))),
    };
    format!("private key, {kind}{form}, {encryption}, {state}")
}

fn pfx(html: &mut String, pfx: &PfxContent, names: Names<'_, '_>, depth: usize) {
    let state = match &pfx.state {
        PfxState::Open(PfxPassword::None) => "opens without a password".to_owned(),
        PfxState::Open(PfxPassword::Empty) => "opens with the empty password".to_owned(),
        PfxState::Open(PfxPassword::Given) => "opens with the given password".to_owned(),
        PfxState::PasswordNeeded => "a password is needed".to_owned(),
        PfxState::WrongPassword => "<span class=\"alarm\">the password is wrong</span>".to_owned(),
        PfxState::Unsupported(what) => format!("cannot be opened: {}", value(what)),
        PfxState::Damaged(why) => format!("<span class=\"alarm\">damaged</span>: {}", value(why)),
    };
    let mut parts = vec![format!("PFX, {state}")];
    if let PfxState::Damaged(_) = pfx.state {
        html.push_str(&parts.concat());
        return;
    }
    let mut ciphers: Vec<String> = pfx.encryption.iter().map(|encryption| value(encryption)).collect();
    ciphers.dedup();
    parts.push(if ciphers.is_empty() { "not encrypted".to_owned() } else { ciphers.join("; ") });
    parts.push(match &pfx.mac {
        Some(mac) => format!("MAC {}, {} rounds", value(&mac.algorithm), mac.iterations),
        None => "no MAC".to_owned(),
    });
    if pfx.trailing_bytes > 0 {
        parts.push(format!("{} after the end", count(pfx.trailing_bytes, "octet", "octets")));
    }
    if pfx.ber {
        parts.push("written in BER".to_owned());
    }
    html.push_str(&parts.join(", "));
    if depth < DEEPEST && !pfx.entries.is_empty() {
        let entries = pfx.entries.iter().map(|entry| (&entry.object, entry.attributes.friendly_name.as_deref()));
        objects(html, entries, names, depth + 1);
    }
    if !pfx.skipped.is_empty() {
        _ = write!(html, "<br>and {}", literals(pfx.skipped.iter().take(MOST).map(String::as_str)));
    }
}

//! The answer as text: a block for each object, grouped by file, then the tree. One string, written once.

use super::super::parallel;
use super::super::words::{count, list, size};
use super::certificate::CertificateFacts;
use super::facts::{
    Answer, FEW, FileFacts, HostNameFacts, ObjectFacts, OwnerFacts, PrivateKeyFacts, PublicKeyFacts, RequestFacts,
    WhatFacts, line_ends,
};
use super::page::{Page, Tone};
use super::pfx::{AttributeFacts, PfxFacts};
use super::{certificate_text, label, tree_text};
use crate::pki::inventory::{Form, LineEnds, TextEncoding, TextFacts};
use time::{OffsetDateTime, UtcOffset};

/// What the text needs besides the facts.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    pub(super) at: OffsetDateTime,
    pub(super) offset: UtcOffset,
    /// With escape codes for colour.
    pub(super) color: bool,
    /// There are private keys that could not be opened.
    pub(super) locked_keys: bool,
}

pub(super) fn whole(answer: &Answer<'_>, view: View) -> String {
    let one = |file: &FileFacts<'_>| {
        let mut writer = Writer { page: Page::new(view.color), view };
        writer.file(file);
        writer.page
    };
    let mut page = Page::new(view.color);
    for written in parallel::compute(&answer.files, FEW, one) {
        page.append(written);
    }
    // A tree of one says no more than its block.
    if answer.tree.iter().filter(|branch| branch.sha256.is_some()).nth(1).is_some() {
        tree_text::draw(&answer.tree, &mut page);
        page.blank();
    }
    if let Some(called) = &answer.called {
        called.write(&mut page);
    }
    page.finish()
}

pub(super) struct Writer {
    pub(super) page: Page,
    pub(super) view: View,
}

impl Writer {
    fn file(&mut self, file: &FileFacts<'_>) {
        let kind = match &file.objects[..] {
            [] => None,
            [_] if *file.written == Form::Unknown => None,
            [ObjectFacts { what: WhatFacts::Damaged { .. }, .. }] if *file.written == Form::HostName => None,
            [one] => Some(kind(one)),
            several => Some(count(several.len(), "object")),
        };
        let about: Vec<String> = kind.into_iter().chain(form(file)).collect();
        self.page.file(file.path, &about.join(", "));
        if let Some(why) = file.problem {
            self.page.row_in("reason", Tone::Bad, why);
        }
        if file.others_may_read && holds_private_key(&file.objects) {
            self.page.row_in("rights", Tone::Soon, "other accounts of this machine may read it");
        }
        if file.tracked_by_git && holds_private_key(&file.objects) {
            self.page.row_in("git", Tone::Soon, "it is in a git repository: whoever has that has the key");
        }
        match &file.objects[..] {
            [one] => self.object(one),
            several => self.objects(several),
        }
        if file.trailing_bytes > 0 && !matches!(&file.objects[..], [ObjectFacts { what: WhatFacts::Pfx(_), .. }]) {
            self.trailing(file.trailing_bytes);
        }
        self.page.blank();
    }

    fn objects(&mut self, objects: &[ObjectFacts<'_>]) {
        for object in objects {
            let line = object.line.map(|line| format!("line {line}")).unwrap_or_default();
            self.page.subheading(&kind(object), &line);
            self.page.deeper();
            self.object(object);
            self.page.higher();
        }
    }

    fn object(&mut self, object: &ObjectFacts<'_>) {
        if let Some(attributes) = &object.attributes {
            self.attributes(attributes);
        }
        if let Some(odd) = label::oddity(object) {
            self.page.row_in("label", Tone::Soon, &odd);
        }
        match &object.what {
            WhatFacts::Certificate(facts) => self.certificate(facts),
            WhatFacts::PrivateKey(facts) => self.private_key(facts, object.attributes.is_some()),
            WhatFacts::Pfx(facts) => self.pfx(facts),
            WhatFacts::Pkcs7 { objects } => self.objects(objects),
            WhatFacts::Request(facts) => self.request(facts),
            WhatFacts::RevocationList(facts) => self.revocation_list(facts),
            WhatFacts::HostName(HostNameFacts { name, oddities }) => {
                self.page.row("host name", name);
                for oddity in *oddities {
                    self.page.row_in("odd", Tone::Soon, oddity);
                }
            }
            WhatFacts::Snapshot(facts) => facts.write(self.view, &mut self.page),
            WhatFacts::PublicKey(PublicKeyFacts { key, private_keys, certificates }) => {
                self.page.row("key", &key.text);
                self.belongs_to(certificates, None);
                if !private_keys.is_empty() {
                    let keys = self.page.names(private_keys);
                    self.page.row("private key", &keys);
                }
            }
            WhatFacts::Other { what } if object.label.is_none() => self.page.row("looks like", what),
            WhatFacts::Other { what } => self.page.row("holds", &format!("{what}, which qcert has no use for")),
            WhatFacts::Damaged { what: "a host name", why, .. } => self.page.row_in("reason", Tone::Bad, why),
            WhatFacts::Damaged { why, cut, .. } => {
                let how = if *cut { "it is cut" } else { "it is damaged" };
                self.page.row_in("reason", Tone::Bad, &format!("{how}: {why}"));
            }
        }
    }

    fn certificate(&mut self, facts: &CertificateFacts<'_>) {
        if facts.same_as.is_none() {
            certificate_text::write(facts, self.view, &mut self.page);
        } else {
            certificate_text::write_again(facts, &mut self.page);
        }
    }

    fn private_key(&mut self, facts: &PrivateKeyFacts<'_>, in_pfx: bool) {
        if !in_pfx {
            let encryption = facts.encryption.map_or("not encrypted".to_owned(), |how| format!("encrypted: {how}"));
            self.page.row("form", &format!("{}, {encryption}", facts.form));
        }
        let locked = match facts.state {
            "password_needed" => Some((Tone::Soon, "a password is needed to open it".to_owned())),
            "wrong_password" => Some((Tone::Bad, "the password does not open it".to_owned())),
            "unsupported" => Some((Tone::Soon, format!("cannot be opened: {}", facts.why.unwrap_or_default()))),
            "damaged" => Some((Tone::Bad, format!("damaged: {}", facts.why.unwrap_or_default()))),
            _ => None,
        };
        if let Some((tone, text)) = locked {
            self.page.row_in("state", tone, &text);
        }
        if let Some(key) = &facts.key {
            self.page.row("key", &key.text);
            self.belongs_to(&facts.certificates, Some("no certificate here"));
        }
    }

    fn belongs_to(&mut self, owners: &[OwnerFacts<'_>], otherwise: Option<&str>) {
        let one = |owner: &OwnerFacts<'_>| format!("{} in {}", owner.title, self.page.near(owner.file));
        let text = match (owners, otherwise) {
            ([], Some(none)) => none.to_owned(),
            ([], None) => return,
            (few, _) if few.len() <= 4 => list(&few.iter().map(one).collect::<Vec<_>>()),
            (many, _) => format!("{} and {} others", one(&many[0]), many.len() - 1),
        };
        self.page.row("belongs to", &text);
    }

    fn attributes(&mut self, attributes: &AttributeFacts<'_>) {
        let AttributeFacts { friendly_name, friendly_name_nul_ended, local_key_id, provider, machine_keyset } =
            attributes;
        if let Some(name) = friendly_name {
            let ended = if *friendly_name_nul_ended { " (ends in U+0000, as Windows writes it)" } else { "" };
            self.page.row("friendly name", &format!("{name}{ended}"));
        }
        if let Some(id) = local_key_id {
            self.page.row("localKeyId", id);
        }
        if let Some(provider) = provider {
            self.page.row("provider", provider);
        }
        if *machine_keyset {
            self.page.row("key store", "the machine's, when it is imported on Windows");
        }
    }

    fn pfx(&mut self, facts: &PfxFacts<'_>) {
        let why = facts.why.unwrap_or_default();
        let (tone, state) = match (facts.state, facts.password) {
            ("open", Some("none")) => (Tone::Plain, "none, and none is needed".to_owned()),
            ("open", Some("empty")) => (Tone::Plain, "the empty one, as Qlik writes when none is typed".to_owned()),
            ("open", _) => (Tone::Plain, "the given one opens it".to_owned()),
            ("password_needed", _) => (Tone::Soon, "needed to show what is in it".to_owned()),
            ("wrong_password", Some("none")) => (Tone::Bad, "the given one is wrong; none is needed".to_owned()),
            ("wrong_password", Some(_)) => (
                Tone::Bad,
                "the given one is wrong; the empty one opens it, as Qlik writes when none is typed".to_owned(),
            ),
            ("wrong_password", None) => (Tone::Bad, "the given one does not open it".to_owned()),
            ("unsupported", _) if why.contains(' ') => (Tone::Soon, format!("cannot be opened: {why}")),
            ("unsupported", _) => (Tone::Soon, format!("cannot be opened: it uses {why}, which qcert does not know")),
            _ => (Tone::Bad, why.to_owned()),
        };
        let label = if matches!(facts.state, "unsupported" | "damaged") { "reason" } else { "password" };
        self.page.row_in(label, tone, &state);
        self.protection(facts);
        if facts.ber {
            self.page.row_in("encoding", Tone::Soon, "BER, which strict readers refuse");
        }
        if facts.trailing_bytes > 0 {
            self.trailing(facts.trailing_bytes);
        }
        if !facts.skipped.is_empty() {
            self.page.row("also holds", &facts.skipped.join(", "));
        }
        self.objects(&facts.objects);
    }

    fn protection(&mut self, facts: &PfxFacts<'_>) {
        let known = facts.state == "open" || facts.mac.is_some() || !facts.encryption.is_empty();
        if !known {
            return;
        }
        if facts.state == "open" || !facts.encryption.is_empty() {
            self.page.row("encryption", &facts.encryption_text());
        }
        let mac = facts.mac.as_ref().map(|mac| {
            let unknown = if mac.known { "" } else { "; not checked: qcert does not know it" };
            format!("{}, {}{unknown}", mac.algorithm, count(mac.iterations, "round"))
        });
        self.page.row("MAC", mac.as_deref().unwrap_or("none"));
        if !facts.opens_in.is_empty() {
            self.page.row("opens in", &facts.opens_in.join(", "));
        }
        let mut label = "not in";
        for same in facts.not_in.chunk_by(|one, next| one.why == next.why) {
            let programs: Vec<&str> = same.iter().map(|refusal| refusal.program).collect();
            self.page.row(label, &format!("{}: {}", list(&programs), same[0].why));
            label = "";
        }
    }

    fn trailing(&mut self, bytes: usize) {
        let text = format!("{} after its end, as when it was written over a longer file", count(bytes, "stray byte"));
        self.page.row_in("trailing", Tone::Soon, &text);
    }

    fn request(&mut self, facts: &RequestFacts<'_>) {
        self.page.row("subject", facts.subject);
        let names: Vec<&str> = facts.dns_names.iter().chain(&facts.ip_addresses).map(String::as_str).collect();
        if !names.is_empty() {
            self.page.row("names", &names.join(", "));
        }
        if !facts.asks_for.is_empty() {
            self.page.row("asks for", &facts.asks_for.join(", "));
        }
        let private = match &facts.private_keys[..] {
            [] => "its private key is not here".to_owned(),
            keys => format!("its private key is {}", self.page.names(keys)),
        };
        self.page.row("key", &format!("{}; {private}", facts.key.text));
        let (tone, fits) = match facts.signature_fits {
            Some(true) => (Tone::Plain, "fits its key"),
            Some(false) => (Tone::Bad, "does not fit its key"),
            None => (Tone::Soon, "cannot be checked"),
        };
        self.page.row_in("signature", tone, &format!("{}: {fits}", facts.signature_algorithm));
        self.belongs_to(&facts.certificates, None);
    }
}

fn holds_private_key(objects: &[ObjectFacts<'_>]) -> bool {
    objects.iter().any(|object| match &object.what {
        WhatFacts::PrivateKey(_) => true,
        WhatFacts::Pfx(pfx) => pfx.state != "open" || holds_private_key(&pfx.objects),
        _ => false,
    })
}

/// What an object is, for a heading.
pub(super) fn kind(object: &ObjectFacts<'_>) -> String {
    match &object.what {
        WhatFacts::Certificate(_) => "certificate".to_owned(),
        WhatFacts::PrivateKey(_) => "private key".to_owned(),
        WhatFacts::Pfx(_) => "PFX".to_owned(),
        WhatFacts::Pkcs7 { objects } => format!("PKCS#7 with {}", count(objects.len(), "object")),
        WhatFacts::Request(_) => "certificate request".to_owned(),
        WhatFacts::RevocationList(_) => "revocation list".to_owned(),
        WhatFacts::HostName(_) => "Host.cfg".to_owned(),
        WhatFacts::Snapshot(_) => "snapshot of certificate stores".to_owned(),
        WhatFacts::PublicKey(_) => "public key".to_owned(),
        WhatFacts::Other { .. } => "another kind".to_owned(),
        WhatFacts::Damaged { what, .. } => format!("{what} that cannot be read"),
    }
}

/// How the file is written, for the heading.
fn form(file: &FileFacts<'_>) -> Vec<String> {
    let text = |first: &str, text: &TextFacts| {
        let encoding = match text.encoding {
            TextEncoding::Ascii => None,
            TextEncoding::Utf8 => Some("UTF-8"),
            TextEncoding::Utf8Marked => Some("UTF-8 with a byte order mark"),
            TextEncoding::EightBit => Some("letters of an old code page"),
            TextEncoding::Utf16 => Some("UTF-16, which most programs cannot read"),
        };
        let ends = match line_ends(*text) {
            "mixed" => "mixed line ends",
            "escaped" => "line ends written as `\\n`, which most programs cannot read",
            ends => ends,
        };
        // Where the line ends are gone there is nothing to say of their kind.
        let ends = (!text.one_line || text.line_ends != LineEnds::Lf).then_some(ends);
        let one_line =
            text.one_line.then_some("BEGIN and END not on lines of their own, which most programs cannot read");
        let around = text.text_around.then_some("text around");
        let odd = (text.indented || text.blank_lines)
            .then_some("indented or with empty lines inside, which OpenSSL cannot read");
        [Some(first), encoding, ends, one_line, around, odd].into_iter().flatten().map(str::to_owned).collect()
    };
    match file.written {
        Form::Pem(facts) => text("PEM", facts),
        Form::Base64(facts) => text("base64 without BEGIN and END", facts),
        Form::Binary { .. } => {
            let pfx = matches!(&file.objects[..], [ObjectFacts { what: WhatFacts::Pfx(_), .. }]);
            if pfx { Vec::new() } else { vec!["DER".to_owned()] }
        }
        Form::HostName => match &file.objects[..] {
            [ObjectFacts { what: WhatFacts::HostName(_), .. }] => vec!["base64 of a host name".to_owned()],
            _ => vec!["not the base64 of a host name".to_owned()],
        },
        Form::Snapshot(TextEncoding::Utf16) => vec!["JSON in UTF-16".to_owned()],
        Form::Snapshot(_) => vec!["JSON".to_owned()],
        Form::Shown => vec!["shown in a TLS handshake".to_owned()],
        Form::Empty => vec!["empty".to_owned()],
        Form::Unknown => vec![format!("nothing that qcert knows, {}", size(file.size))],
        Form::Unreadable(_) => vec!["cannot be read".to_owned()],
    }
}

//! Turns one file into what it holds. Never fails and never panics; what a file asks for is bounded.
//!
//! Everything is recognised by its content. A file's name only helps to say what something damaged was meant to be, and
//! `Host.cfg` is read as such.

use super::super::der::tag;
use super::super::encryption::{Derivations, Limits};
use super::super::pem::{Base64Error, End, Lines, Section, Sections, decode_base64};
use super::super::secret::Password;
use super::super::snapshot::looks_like_snapshot;
use super::super::text;
use super::shape::Shape;
use super::{Damage, FileContent, Form, InFile, LineEnds, Object, TextEncoding, TextFacts, What};
use super::{foreign, host_name, key, object, stores};

/// Of one file. A whole trust store of a system has about 150.
pub(super) const MOST_OBJECTS: usize = 10_000;
/// Of all DER of one file together, for what is read from it may take forty times the memory.
const MOST_OCTETS: usize = 3 << 20;

/// What one file may still ask for, and the passwords to try.
pub(super) struct Desk<'a> {
    pub(super) passwords: &'a [Password],
    pub(super) derivations: &'a Derivations,
    pub(super) limits: Limits,
    octets: usize,
    /// Whether open private keys are given out.
    pub(super) keeps_keys: bool,
}

impl Desk<'_> {
    /// Whether there is time left for this, in rounds of SHA-256.
    pub(super) fn spend(&mut self, rounds: u64) -> bool {
        self.limits.spend(rounds).is_ok()
    }

    pub(super) fn take(&mut self, octets: usize) -> Result<(), &'static str> {
        let left =
            self.octets.checked_sub(octets).ok_or("the file holds more than 3 MiB, and this was not looked at")?;
        self.octets = left;
        Ok(())
    }
}

/// `derivations` may be shared by many files, so that the same password with the same salt costs once.
pub fn read(file: InFile, passwords: &[Password], derivations: &Derivations) -> FileContent {
    read_file(file, passwords, derivations, false)
}

/// The same, with the private keys that are open or can be opened, and whatever else a PFX holds.
pub fn read_with_keys(file: InFile, passwords: &[Password], derivations: &Derivations) -> FileContent {
    read_file(file, passwords, derivations, true)
}

fn read_file(file: InFile, passwords: &[Password], derivations: &Derivations, keeps_keys: bool) -> FileContent {
    let InFile { path, bytes, others_may_read, tracked_by_git } = file;
    let name = path.rsplit(['/', std::path::MAIN_SEPARATOR]).next().unwrap_or_default().to_owned();
    let mut desk = Desk { passwords, derivations, limits: Limits::default(), octets: MOST_OCTETS, keeps_keys };
    let (size, (form, objects)) = match bytes {
        Ok(bytes) => (bytes.expose().len(), contents(&mut desk, &name, bytes.expose())),
        Err(why) => (0, (Form::Unreadable(why), Vec::new())),
    };
    FileContent { path, name, size, others_may_read, tracked_by_git, form, objects }
}

fn contents(desk: &mut Desk<'_>, name: &str, bytes: &[u8]) -> (Form, Vec<Object>) {
    // A length of several octets stands in no text.
    let is_sequence = match bytes {
        [tag::SEQUENCE, length, ..] => *length >= 0x80 || !foreign::is_text(bytes),
        _ => false,
    };
    if is_sequence && Shape::of(bytes).is_some() {
        return binary(desk, name, bytes);
    }
    let (encoding, plain) = text::plain(bytes);
    let text = plain.octets();
    if text.trim_ascii().is_empty() {
        return (Form::Empty, Vec::new());
    }
    if looks_like_snapshot(text) {
        let what = stores::read(desk, text);
        return (Form::Snapshot(encoding), vec![Object { label: None, line: None, what }]);
    }
    let foreign = foreign::program_or_archive(bytes).is_some();
    let found = (!foreign).then(|| pem(desk, encoding, text).or_else(|| base64(desk, encoding, text))).flatten();
    if let Some(found) = found {
        return found;
    }
    let odd_file = (encoding == TextEncoding::Utf16).then_some("the file is in UTF-16");
    if let Some(what) = host_name::read(name, text, odd_file) {
        return (Form::HostName, vec![Object { label: None, line: None, what }]);
    }
    if is_sequence {
        return binary(desk, name, bytes);
    }
    let what = What::Other(foreign::kind(bytes, text).to_owned());
    (Form::Unknown, vec![Object { label: None, line: None, what }])
}

fn binary(desk: &mut Desk<'_>, name: &str, bytes: &[u8]) -> (Form, Vec<Object>) {
    let (what, trailing_bytes) = object::read(desk, bytes, kind_of_name(name));
    (Form::Binary { trailing_bytes }, vec![Object { label: None, line: None, what }])
}

fn kind_of_name(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "pfx" | "p12" => "a PFX",
        "cer" | "crt" | "der" => "a certificate",
        "key" => "a private key",
        "p7b" | "p7c" | "spc" => "a PKCS#7 file",
        "crl" => "a CRL",
        "csr" | "req" | "p10" => "a certificate request",
        _ => return None,
    })
}

/// One DER object without BEGIN and END.
fn base64(desk: &mut Desk<'_>, encoding: TextEncoding, text: &[u8]) -> Option<(Form, Vec<Object>)> {
    // Base64 of a SEQUENCE begins with these.
    if !text.trim_ascii_start().starts_with(b"M") {
        return None;
    }
    let lines = Lines::of(text);
    let der = decode_base64(&lines.base64).ok().filter(|_| lines.headers.is_empty())?;
    Shape::of(der.expose())?;
    let (what, _) = object::read(desk, der.expose(), None);
    let Lines { indented, blank_lines, escaped, .. } = lines;
    let line_ends = if escaped { LineEnds::Escaped } else { line_ends(text) };
    let facts = TextFacts { encoding, line_ends, text_around: false, indented, blank_lines, one_line: false };
    Some((Form::Base64(facts), vec![Object { label: None, line: None, what }]))
}

fn pem(desk: &mut Desk<'_>, encoding: TextEncoding, text: &[u8]) -> Option<(Form, Vec<Object>)> {
    let mut objects = Vec::new();
    let mut facts = TextFacts { encoding, line_ends: line_ends(text), ..TextFacts::default() };
    let mut outside = 0;
    for section in Sections::new(text) {
        facts.text_around |= has_text(&text[outside..section.place.start]);
        outside = section.place.end;
        if objects.len() == MOST_OBJECTS {
            let why = format!("the file holds more than {MOST_OBJECTS} objects: from here on they were not looked at");
            let what = What::Damaged(Damage::over_limit(kind_of_label(&section.label), why));
            objects.push(Object { label: Some(section.label), line: Some(section.line), what });
            return Some((Form::Pem(facts), objects));
        }
        let lines = Lines::of(section.body);
        facts.indented |= lines.indented || section.indented;
        facts.blank_lines |= lines.blank_lines;
        if lines.escaped {
            facts.line_ends = LineEnds::Escaped;
        }
        facts.one_line |= section.one_line && !lines.escaped;
        let what = section_content(desk, &section, &lines);
        objects.push(Object { label: Some(section.label), line: Some(section.line), what });
    }
    facts.text_around |= has_text(&text[outside..]);
    if objects.is_empty() {
        let (kind, why, cut) = half_a_section(text)?;
        // Its base64 is not around anything.
        facts.text_around = false;
        objects.push(Object {
            label: None,
            line: None,
            what: What::Damaged(Damage { kind, why: why.to_owned(), cut, over_limit: false }),
        });
    }
    (!objects.is_empty()).then_some((Form::Pem(facts), objects))
}

/// What is left where copying lost the BEGIN or some of its dashes, or a mail program made others of them.
fn half_a_section(text: &[u8]) -> Option<(&'static str, &'static str, bool)> {
    let dashes = ['-', '\u{2013}', '\u{2014}', ' '];
    let start = String::from_utf8_lossy(&text[..text.len().min(4096)]);
    let begin = start.lines().find_map(|line| {
        let (before, after) = line.trim().split_once("BEGIN ")?;
        let label = after.trim_end_matches(dashes);
        let kind = kind_of_label(label);
        let has_dashes = !before.is_empty() || label.len() < after.len();
        let meant = has_dashes && before.trim_matches(dashes).is_empty() && !label.starts_with("SSH2");
        (meant && kind != OTHER_SECTION).then_some((kind, "its BEGIN line has not five dashes before and after", false))
    });
    let end = String::from_utf8_lossy(&text[text.len().saturating_sub(256)..]);
    let end = end.lines().rev().find_map(|line| {
        let kind = kind_of_label(line.trim().strip_prefix("-----END ")?.trim_end_matches(dashes));
        (kind != OTHER_SECTION).then_some((kind, "its BEGIN line is missing", false))
    });
    begin.or(end)
}

/// Anything but white space, quotes and the line ends of environment variables.
fn has_text(text: &[u8]) -> bool {
    let mut rest = text;
    loop {
        rest = rest.trim_ascii_start();
        rest = match rest {
            [] => return false,
            [b'\\', b'n' | b'r', after @ ..] | [b'"' | b'\'', after @ ..] => after,
            _ => return true,
        }
    }
}

fn line_ends(text: &[u8]) -> LineEnds {
    let (mut feeds, mut returns, mut both) = (0, 0, 0);
    let mut octets = text.iter().peekable();
    while let Some(octet) = octets.next() {
        match octet {
            b'\n' => feeds += 1,
            b'\r' if octets.next_if_eq(&&b'\n').is_some() => both += 1,
            b'\r' => returns += 1,
            _ => {}
        }
    }
    match (feeds, returns, both) {
        (_, 0, 0) => LineEnds::Lf,
        (0, 0, _) => LineEnds::CrLf,
        (0, _, 0) => LineEnds::Cr,
        _ => LineEnds::Mixed,
    }
}

fn kind_of_label(label: &str) -> &'static str {
    match label {
        _ if label.ends_with("PRIVATE KEY") => "a private key",
        _ if label.ends_with("PUBLIC KEY") => "a public key",
        _ if label.ends_with("CERTIFICATE REQUEST") => "a certificate request",
        _ if label.ends_with("CERTIFICATE") => "a certificate",
        _ if label.ends_with("CRL") => "a CRL",
        _ if label.starts_with("PKCS7") || label.starts_with("PKCS #7") || label == "CMS" => "a PKCS#7 file",
        "PKCS12" | "PFX" => "a PFX",
        _ => OTHER_SECTION,
    }
}

const OTHER_SECTION: &str = "a PEM section";

fn section_content(desk: &mut Desk<'_>, section: &Section<'_>, lines: &Lines) -> What {
    let kind = kind_of_label(&section.label);
    let damaged = |why: String, cut| What::Damaged(Damage { kind, why, cut, over_limit: false });
    match &section.end {
        End::Missing => return damaged("its END line is missing".to_owned(), true),
        End::Other(label) => return damaged(format!("its END line says `{label}`"), false),
        End::Proper => {}
    }
    if kind == OTHER_SECTION || section.label == "OPENSSH PRIVATE KEY" {
        return What::Other(foreign::kind_of_section(&section.label));
    }
    if section.one_line && !lines.headers.is_empty() && lines.base64.is_empty() {
        return damaged("its headers and its base64 stand in one line".to_owned(), false);
    }
    if lines.base64.is_empty() {
        return damaged("there is nothing between BEGIN and END".to_owned(), true);
    }
    // The END is there: it was not cut off, lines were lost.
    let part_is_missing = || damaged("a part inside is missing".to_owned(), false);
    let der = match decode_base64(&lines.base64) {
        Ok(der) => der,
        Err(Base64Error::Cut) => return part_is_missing(),
        Err(error) => return damaged(error.to_string(), false),
    };
    match lines.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("DEK-Info")) {
        Some((_, dek_info)) => What::Key(key::read_traditional(desk, dek_info, der.expose())),
        // What follows a TRUSTED CERTIFICATE is OpenSSL's note on what to trust it for.
        None => match object::read(desk, der.expose(), Some(kind)).0 {
            What::Damaged(Damage { cut: true, .. }) => part_is_missing(),
            what => what,
        },
    }
}

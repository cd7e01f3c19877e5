//! Several files of any octets, as `inspect`, `validate` and `convert` take them, to the last word that is printed.
//!
//! The first octet holds what was asked. Files are parted by `SEPARATOR`; the first octet of each says its name.

use super::{Counted, PASSWORD, password};
use qcert::cli::{Clock, html_report, inspect_answers, validate_answers};
use qcert::pki::conversion::{self, ConversionError, Target, Wish};
use qcert::pki::encryption::Derivations;
use qcert::pki::examine::{self, Beside, Subject};
use qcert::pki::inventory::{self, FileContent, InFile};
use qcert::pki::path::Purpose;
use qcert::pki::pfx::PfxEncryption;
use qcert::pki::report::Verdict;
use qcert::pki::rules::Given;
use qcert::pki::rules::identity::peer_name;
use qcert::pki::secret::{Password, Secret};
use time::macros::datetime;
use time::{OffsetDateTime, UtcOffset};

pub(super) const SEPARATOR: &[u8] = b"\n%%%%\n";
pub(super) const NAMES: [&str; 16] = [
    "root.pem",
    "root.cer",
    "server.pem",
    "server_key.pem",
    "client.pem",
    "client_key.pem",
    "server.pfx",
    "client.pfx",
    "Host.cfg",
    "stores.json",
    "chain.p7b",
    "site.crl",
    "server.csr",
    "client.pem.bak",
    "ca.pem",
    "x",
];
const MOST: usize = 16;
const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
const CLOCK: Clock = Clock { now: NOW, offset: UtcOffset::UTC };

const WITH_PASSWORD: u8 = 1;
const AS_FOLDER: u8 = 2;
const WITH_ROOT: u8 = 4;
const WITH_NAME: u8 = 8;
const STRICT: u8 = 16;

/// What was asked, and the files.
fn parts(data: &[u8]) -> (u8, Vec<(&'static str, &[u8])>) {
    let (asked, mut rest) = data.split_first().map_or((0, data), |(first, rest)| (*first, rest));
    let mut files = Vec::new();
    while files.len() < MOST && !rest.is_empty() {
        let end = rest.windows(SEPARATOR.len()).position(|window| window == SEPARATOR);
        let (file, after) = end.map_or((rest, &[][..]), |end| (&rest[..end], &rest[end + SEPARATOR.len()..]));
        if let Some((name, bytes)) = file.split_first() {
            files.push((NAMES[usize::from(*name) % NAMES.len()], bytes));
        }
        rest = after;
    }
    (asked, files)
}

fn passwords(asked: u8) -> Vec<Password> {
    if asked & WITH_PASSWORD == 0 { Vec::new() } else { vec![password("wrong"), password(PASSWORD)] }
}

fn read(files: &[(&str, &[u8])], passwords: &[Password], with_keys: bool) -> Vec<FileContent> {
    let derivations = Derivations::default();
    let read = if with_keys { inventory::read_with_keys } else { inventory::read };
    let one = |(name, bytes): &(&str, &[u8])| {
        let bytes = Ok(Secret::new(bytes.to_vec()));
        let file = InFile { path: format!("folder/{name}"), bytes, others_may_read: false, tracked_by_git: false };
        read(file, passwords, &derivations)
    };
    files.iter().map(one).collect()
}

/// Nothing that a file holds may move the cursor, colour the screen or turn the direction of writing.
fn check_text(text: &str, styled: bool) {
    let mut rest = text;
    while let Some(at) = rest.find(|character: char| {
        character.is_control() && character != '\n'
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    }) {
        let found = &rest[at..];
        let style = found.strip_prefix("\u{1b}[").and_then(|rest| rest.split_once('m'));
        match style {
            Some((numbers, after)) if styled && numbers.bytes().all(|octet| matches!(octet, b'0'..=b'9' | b';')) => {
                rest = after;
            }
            _ => panic!("unescaped: {:?}", found.chars().take(20).collect::<String>()),
        }
    }
}

pub(super) fn inspect(data: &[u8]) {
    let (asked, files) = parts(data);
    let files = read(&files, &passwords(asked), false);
    let answers = inspect_answers(&files, CLOCK);
    for (number, answer) in answers.iter().enumerate() {
        // The third is in colour, the last is JSON, which escapes by its own rules.
        match number {
            0 | 1 => check_text(answer, false),
            2 => check_text(answer, true),
            _ => assert!(answer.starts_with('{') && answer.ends_with('}')),
        }
        assert!(!answer.contains("PRIVATE KEY-----\\nMII"), "a key is printed");
    }
}

pub(super) fn validate(data: &[u8]) {
    let (asked, files) = parts(data);
    let passwords = passwords(asked);
    let given_root = files.iter().position(|(name, _)| asked & WITH_ROOT != 0 && *name == "ca.pem");
    let (beside, files): (Vec<_>, Vec<_>) = files.into_iter().enumerate().partition(|(at, _)| Some(*at) == given_root);
    let plain = |files: Vec<(usize, (&'static str, _))>| files.into_iter().map(|(_, file)| file).collect::<Vec<_>>();
    let roots = read(&plain(beside), &passwords, false);
    let files = read(&plain(files), &passwords, false);
    let named = asked & WITH_NAME != 0;
    let given = Given {
        at: NOW,
        machine: named.then(|| "qlik1.test".to_owned()),
        name: named.then(|| peer_name("qlik1.test")),
        purpose: [None, Some(Purpose::Server), Some(Purpose::Client), Some(Purpose::Any)][usize::from(asked >> 6)],
        warn_days: 30,
        folder: (asked & AS_FOLDER != 0).then(|| "folder".to_owned()),
        with_root: !roots.is_empty(),
        roots_elsewhere: Vec::new(),
        server: None,
    };
    let beside = Beside { roots, ..Beside::default() };
    let spread = |count: usize, one: &(dyn Fn(usize) + Sync)| (0..count).for_each(one);
    let reports = [examine::report(Subject { name: "folder".to_owned(), files }, &beside, &given, &spread)];
    let [report] = &reports;
    let strict = asked & STRICT != 0;
    if report.verdict(false) == Verdict::Sound {
        assert!(report.chains.iter().any(|chain| chain.anchored), "sound, and no chain has a root");
    }
    assert!(report.verdict(true) != Verdict::Sound || report.verdict(false) == Verdict::Sound);
    let answers = validate_answers(&reports, strict);
    let (json, texts) = answers.split_last().expect("there are several");
    for text in texts {
        check_text(text, true);
    }
    assert!(json.starts_with('{') && json.ends_with('}'));
    let page = html_report(&reports, strict, CLOCK);
    assert!(!page.contains("<script") && page.ends_with("</html>\n"), "the page is not as it was written");
}

/// What is read back from the new files is what was to be in them, or qcert itself says that it is not.
pub(super) fn convert(data: &[u8]) {
    let (asked, files) = parts(data);
    let Ok(holdings) = conversion::gather(read(&files, &passwords(asked), true)) else { return };
    let target = [Target::Pem, Target::Der, Target::Pfx][usize::from(asked >> 6) % 3];
    let pfx = if asked & STRICT == 0 { PfxEncryption::Modern } else { PfxEncryption::Legacy };
    let wish = Wish { target, pfx, password: None, one: None };
    let derivations = Derivations::default();
    let Ok(made) = holdings.convert(&wish, &mut Counted(asked), &derivations) else { return };
    made.remarks.iter().for_each(|remark| assert!(!remark.is_empty()));
    if let Err(error @ ConversionError::NotTheSame { .. }) = made.check(None, &derivations) {
        panic!("{error}");
    }
}

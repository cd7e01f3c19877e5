//! The page as text: what is in it, in which order, and that nothing foreign becomes markup.

use crate::hostile::{TEXTS, hostile};
use crate::samples::{broken, many, report, rootless, sound};
use crate::{html_report, page};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use qcert::cli::Clock;
use qcert::pki::inventory::{FileContent, Form};
use time::UtcOffset;

fn assert_order(page: &str, texts: &[&str]) {
    let mut from = 0;
    for text in texts {
        let at = page[from..].find(text).unwrap_or_else(|| panic!("{text:?} is missing, or too early"));
        from += at + text.len();
    }
}

fn between<'a>(page: &'a str, begin: &str, end: &str) -> &'a str {
    page.split_once(begin).unwrap().1.split_once(end).unwrap().0
}

#[test]
fn the_policy_allows_the_sheet_and_nothing_else() {
    let page = page(&[sound()]);
    let sheet = between(&page, "<style>", "</style>");
    let hash = format!("sha256-{}", BASE64_STANDARD.encode(digest(&SHA256, sheet.as_bytes())));
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    let wanted = format!("default-src 'none'; style-src '{hash}'; base-uri 'none'; form-action 'none'");
    assert_eq!(policy, wanted, "src/cli/html/style.rs has another hash than page.css");
    for word in ["<script", "<link", "<img", "<iframe", "url(", "@import", "style=\"", "http:", "https:", "src="] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn a_broken_bundle_is_told_from_the_verdict_down_to_the_files() {
    let page = page(&[broken()]);
    assert_order(
        &page,
        &[
            "<title>site: faulty</title>",
            "<h1><span class=\"verdict error\">faulty</span> <code>site</code></h1>",
            "2 errors, 1 not judged, 1 warning, 1 note",
            "<code>qlik1.test</code>",
            "2026-11-21 12:00 +00:00",
            "What was found",
            "<strong class=\"badge error\">error</strong> <code>server.pem</code> is signed by another root",
            "Way out:</b> export the bundle anew",
            "chain/same-name-other-key</span> <span class=\"files\"><code>site/server.pem</code>",
            "<strong class=\"badge unjudged\">unjudged</strong>",
            "<strong class=\"badge warning\">warning</strong>",
            "<strong class=\"badge note\">note</strong>",
            "The chain",
            "3 certificates, 1 signature does not fit, 1 not valid at this time",
            "What each program makes of it",
            "<th scope=\"row\">Node.js</th><td><strong class=\"badge error\">refuses</strong>",
            "Error: certificate signature failure\n    at TLSSocket",
            "CERT_SIGNATURE_FAILURE&#39;",
            "Repository Service’s next start",
            "delete it, make a new one",
            ">Certificates</h2>",
            "expired 12 days ago",
            ">Files</h2>",
            "UTF-8 with byte order mark",
            "others may read it",
            "encrypted (AES-256-CBC, PBKDF2 HMAC-SHA256, 2048 rounds), a password is needed",
            "RSA 2048, PKCS#1, not encrypted, fits <code>Qlik1.test</code>",
            "private key, RSA 2048, PKCS#1, not encrypted, fits <code>qlik1.test-CA</code>",
            "empty",
        ],
    );
}

#[test]
fn a_sound_bundle_says_so() {
    let page = page(&[sound()]);
    assert_order(
        &page,
        &[
            "verdict good\">sound</span>",
            "<dd>nothing</dd>",
            "Nothing was found",
            "3 certificates, every drawn signature fits",
            "ends in 10 years",
            "<code>Qlik1.test</code>, <code>10.0.0.5</code>, <code>10.0.0.5</code> (IP)",
            "PFX, opens with the empty password, AES-256-CBC, PBKDF2 HMAC-SHA256, 100000 rounds, MAC HMAC-SHA256",
            "6 octets after the end",
            "friendly name <code>QlikClient</code>",
        ],
    );
    let thumbprint = crate::samples::golden("compatible", "client.pem").sha256();
    assert!(page.contains(&format!("<code>{thumbprint}</code>")));
}

#[test]
fn nothing_to_judge_is_no_pass() {
    let page = page(&[report("empty", Vec::new(), Vec::new())]);
    assert_order(&page, &["verdict unjudged\">could not be judged<", "No certificate was found", "There is none"]);
    assert!(!page.contains("verdict good"));
}

#[test]
fn what_could_not_be_read_is_not_called_empty() {
    let file = |form| FileContent { form, ..crate::samples::file("x/root.pem", Vec::new()) };
    let rows = |form| {
        let page = page(&[report("x", vec![file(form)], Vec::new())]);
        between(&page, "<table class=\"files\">", "</table>").to_owned()
    };
    let unreadable = rows(Form::Unreadable("permission denied".to_owned()));
    assert_order(&unreadable, &["cannot be read: permission denied", "size not known", "not known"]);
    assert!(!unreadable.contains("nothing"));
    assert_order(&rows(Form::Unknown), &["not recognised", "nothing that qcert knows"]);
    assert_order(&rows(Form::Empty), &["empty", "nothing"]);
}

#[test]
fn warnings_are_faults_when_that_was_asked() {
    let mut warned = sound();
    warned.findings = broken().findings.split_off(3);
    let clock = Clock { now: crate::workshop::NOW, offset: UtcOffset::UTC };
    let warned = [warned];
    assert!(html_report(&warned, false, clock).contains("verdict good\">sound<"));
    let strict = html_report(&warned, true, clock);
    assert!(strict.contains("verdict error\">faulty<") && strict.contains("warnings count as faults"));
}

#[test]
fn several_reports_have_a_table_of_contents() {
    let page = page(&[broken(), sound(), rootless()]);
    assert_order(
        &page,
        &[
            "2 faulty</span> <span class=\"verdict good\">1 sound</span>",
            "href=\"#report-0\">site</a>",
            "href=\"#report-1\">qlik1.test</a>",
            "href=\"#report-2\">cut</a>",
            "<article id=\"report-0\">",
            "<article id=\"report-1\">",
            "<article id=\"report-2\">",
            "MISSING",
            "CN=qlik1.test-CA",
        ],
    );
    // Fragments would lead astray.
    let mut ids: Vec<&str> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn of_many_leaves_the_faulty_ones_are_drawn() {
    let page = page(&[many(60)]);
    let picture = between(&page, "<svg class=\"wide\"", "</figure>");
    for faulty in ["node0019.qlik.test", "node0039.qlik.test", "node0059.qlik.test"] {
        assert!(picture.contains(faulty), "{faulty}");
    }
    assert!(picture.contains("and 37 more") && picture.contains("no error is about one of them"));
    // All of them are in the tables.
    assert_eq!(page.matches("<table class=\"card\">").count(), 61);
}

#[test]
fn foreign_text_stays_text() {
    let page = page(&[hostile(), hostile()]);
    let boxes = page.matches("<svg x=").count();
    assert_eq!(page.matches("<title>").count(), 1 + boxes, "the page's own and one tooltip for each box");
    let tags = ["<script", "<img", "<iframe", "<foreignObject", "<link", "<![CDATA", "<!--", "onload=\"", "\" onerror"];
    for tag in tags {
        assert!(!page.contains(tag), "{tag}");
    }
    assert_eq!(page.matches("<style").count(), 1);
    let raw = page.chars().filter(|character| {
        (character.is_control() && *character != '\n')
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    });
    assert_eq!(raw.count(), 0);
    for visible in ["\\u{202e}gnp.exe", "nul\\u{0}and\\u{1b}[31mescape", "(cut here: 100,0", "CN=#ffffffffffffff2d"] {
        assert!(page.contains(visible), "{visible}");
    }
    assert!(TEXTS.len() > 10 && page.len() < 1 << 20, "{}", page.len());
}

//! Path validation on certificates made for the purpose: what the public suites ask, one fault at a time.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test asks the system for its time and fails loudly"
)]

#[path = "path/causes.rs"]
mod causes;
#[path = "clock/mod.rs"]
mod clock;
#[path = "path/constraints.rs"]
mod constraints;
#[path = "path/forge.rs"]
mod forge;
#[path = "path/many.rs"]
mod many;
#[path = "path/opinions.rs"]
mod opinions;

use forge::{
    DIGITAL_SIGNATURE, Draft, Key, NOW, SIGN_LISTS, alternative, ca, candidate, common, dns, extension, ip, key_usage,
    name, not_ca, purposes,
};
use qcert::pki::certificate::Certificate;
use qcert::pki::der;
use qcert::pki::finding::Severity;
use qcert::pki::path::{Candidate, Judgement, PeerName, Pool, Purpose, Question};
use time::Duration;
use time::macros::datetime;

pub(crate) const SERVER: Question = Question { purpose: Purpose::Server, name: None };

/// Root, intermediates from the top, leaf; each signed by the one before. Labels `root`, `ca1` …, `leaf`.
pub(crate) struct Chain {
    pub(crate) keys: Vec<Key>,
    pub(crate) certificates: Vec<Certificate>,
}

impl Chain {
    pub(crate) fn new(drafts: &[Draft]) -> Self {
        let keys: Vec<Key> = drafts.iter().map(|_| Key::new()).collect();
        let signed = drafts.iter().enumerate();
        let certificates = signed.map(|(n, draft)| draft.sign(&keys[n], &keys[n.saturating_sub(1)])).collect();
        Self { keys, certificates }
    }

    pub(crate) fn judge(&self, question: &Question) -> Judgement {
        self.judge_at(question, NOW)
    }

    fn judge_at(&self, question: &Question, at: time::OffsetDateTime) -> Judgement {
        let (leaf, above) = self.certificates.split_last().unwrap();
        let (root, between) = above.split_first().unwrap();
        let between = between.iter().enumerate().map(|(n, one)| candidate(one, &format!("ca{}", n + 1))).collect();
        Pool::new(vec![candidate(root, "root")], between, at).judge(&candidate(leaf, "leaf"), question)
    }
}

pub(crate) fn errors(judgement: &Judgement) -> Vec<&'static str> {
    let errors = judgement.findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| finding.rule.id).collect()
}

fn warnings(judgement: &Judgement) -> Vec<&'static str> {
    let warnings = judgement.findings.iter().filter(|finding| finding.severity == Severity::Warning);
    warnings.map(|finding| finding.rule.id).collect()
}

/// The only error, and the file it blames.
fn blamed(judgement: &Judgement) -> (&'static str, &str) {
    let errors: Vec<_> = judgement.findings.iter().filter(|one| one.severity == Severity::Error).collect();
    assert_eq!(errors.len(), 1, "{:?}", judgement.findings);
    (errors[0].rule.id, &errors[0].files[0])
}

fn three(root: Draft, middle: Draft, leaf: Draft) -> Chain {
    Chain::new(&[root, middle, leaf])
}

fn usual() -> [Draft; 3] {
    [Draft::root("R"), Draft::authority("R", "I"), Draft::leaf("I")]
}

#[test]
fn a_sound_chain_has_no_finding() {
    let judgement = Chain::new(&usual())
        .judge(&Question { purpose: Purpose::Server, name: Some(PeerName::Dns("LEAF.example.com.".to_owned())) });
    assert!(judgement.anchored);
    assert_eq!(judgement.path.len(), 2);
    assert!(judgement.findings.is_empty(), "{:?}", judgement.findings);
}

#[test]
fn dates_hold_to_the_second_at_every_place() {
    let (from, until) = (datetime!(2026-01-01 00:00 UTC), datetime!(2026-12-31 23:59:59 UTC));
    for place in 0..3 {
        let mut drafts = usual();
        drafts[place].from = from;
        drafts[place].until = until;
        let chain = Chain::new(&drafts);
        let file = ["root", "ca1", "leaf"][place];
        for inside in [from, until, until + Duration::milliseconds(999)] {
            assert!(chain.judge_at(&SERVER, inside).findings.is_empty());
        }
        assert_eq!(blamed(&chain.judge_at(&SERVER, from - Duration::SECOND)), ("validity/not-yet-valid", file));
        let judgement = chain.judge_at(&SERVER, until + Duration::days(2));
        assert_eq!(blamed(&judgement), ("validity/expired", file));
        assert_eq!(judgement.findings[0].sentence, format!("`{file}` expired on 2026-12-31, 2 days ago"));
    }
    let [root, middle, leaf] = usual();
    let chain = three(root, middle, leaf.dated(until, from));
    assert_eq!(blamed(&chain.judge(&SERVER)), ("validity/inverted", "leaf"));
}

#[test]
fn dates_after_2049_and_before_1970() {
    let [root, middle, leaf] = usual();
    let leaf = leaf.dated(datetime!(1955-01-01 00:00 UTC), datetime!(2150-01-01 00:00 UTC));
    assert!(three(root, middle, leaf).judge(&SERVER).findings.is_empty());
}

#[test]
fn who_may_sign() {
    let root = || Draft::new("R", "R");
    let sign = || key_usage(forge::SIGN_CERTIFICATES);
    let middle = || Draft::new("R", "I");
    let cases: [(Draft, Draft, &str, &str); 8] = [
        (root().with(not_ca()).with(sign()), Draft::authority("R", "I"), "chain/not-a-ca", "root"),
        (root().with(ca(None)).with(key_usage(SIGN_LISTS)), Draft::authority("R", "I"), "chain/may-not-sign", "root"),
        (Draft::root("R"), middle().with(not_ca()).with(sign()), "chain/not-a-ca", "ca1"),
        (Draft::root("R"), middle().with(sign()), "chain/not-a-ca", "ca1"),
        (Draft::root("R"), Draft { version: 0, ..middle() }, "chain/not-a-ca", "ca1"),
        (Draft::root("R"), middle().with(ca(None)).with(key_usage(SIGN_LISTS)), "chain/may-not-sign", "ca1"),
        (
            Draft::root("R").with(extension(&[0x2a, 3], true, b"")),
            middle().with(ca(None)).with(sign()),
            "chain/unknown-critical-extension",
            "root",
        ),
        (Draft::root("R"), middle().with(ca(None)).with(sign()).with(purposes(&[2])), "usage/wrong-purpose", "ca1"),
    ];
    for (root, middle, rule, file) in cases {
        assert_eq!(blamed(&three(root, middle, Draft::leaf("I")).judge(&SERVER)), (rule, file));
    }
}

#[test]
fn qliks_old_roots_are_no_error() {
    for root in [Draft::new("R", "R"), Draft { version: 0, ..Draft::new("R", "R") }] {
        let judgement = Chain::new(&[root, Draft::leaf("R")]).judge(&SERVER);
        assert!(judgement.anchored);
        assert_eq!(errors(&judgement), [""; 0]);
        assert_eq!(warnings(&judgement).len(), 1, "{:?}", judgement.findings);
    }
}

#[test]
fn path_lengths_count_what_is_not_self_issued() {
    type Case<'a> = (u64, &'a [(&'a str, &'a str)], bool);
    // Limit at the root, CAs below it, of which some for a new key of the same name; whether it is too long.
    let cases: [Case<'_>; 7] = [
        (0, &[], false),
        (0, &[("R", "A")], true),
        (1, &[("R", "A")], false),
        (1, &[("R", "A"), ("A", "B")], true),
        (0, &[("R", "R")], false),
        (1, &[("R", "A"), ("A", "A")], false),
        (1, &[("R", "A"), ("A", "A"), ("A", "B"), ("B", "B")], true),
    ];
    for (limit, between, too_long) in cases {
        let mut drafts = vec![Draft::new("R", "R").with(ca(Some(limit))).with(key_usage(forge::SIGN_CERTIFICATES))];
        drafts.extend(between.iter().map(|(issuer, subject)| Draft::authority(issuer, subject)));
        drafts.push(Draft::leaf(between.last().map_or("R", |(_, subject)| subject)));
        let judgement = Chain::new(&drafts).judge(&SERVER);
        assert!(judgement.anchored, "{between:?}");
        let wanted: &[&str] = if too_long { &["chain/path-length"] } else { &[] };
        assert_eq!(errors(&judgement), wanted, "{limit} {between:?}");
    }
    // The last certificate does not count, be it a CA or self-issued.
    let leaf = Draft::authority("R", "L");
    let root = Draft::new("R", "R").with(ca(Some(0))).with(key_usage(forge::SIGN_CERTIFICATES));
    assert_eq!(errors(&Chain::new(&[root, leaf]).judge(&Question { purpose: Purpose::Any, name: None })), [""; 0]);
}

#[test]
fn purposes_are_nested() {
    type Case<'a> = (&'a [u8], &'a [u8], Purpose, Option<&'a str>);
    // Of the CA, of the leaf, asked, and who is blamed.
    let cases: [Case<'_>; 9] = [
        (&[1], &[1], Purpose::Server, None),
        (&[1, 2], &[2], Purpose::Client, None),
        (&[0], &[1], Purpose::Server, None),
        (&[1], &[0], Purpose::Server, None),
        (&[2], &[1], Purpose::Server, Some("ca1")),
        (&[1], &[2], Purpose::Server, Some("leaf")),
        (&[1], &[1], Purpose::Client, None),
        (&[3], &[4], Purpose::Any, None),
        (&[1, 2], &[3, 4, 1], Purpose::Server, None),
    ];
    for (above, below, purpose, wanted) in cases {
        let [root, middle, leaf] = usual();
        let chain = three(root, middle.with(purposes(above)), leaf.with(purposes(below)));
        let judgement = chain.judge(&Question { purpose, name: None });
        if purpose == Purpose::Client && below == [1] {
            assert_eq!(errors(&judgement), ["usage/wrong-purpose"; 2]);
            continue;
        }
        match wanted {
            Some(file) => assert_eq!(blamed(&judgement), ("usage/wrong-purpose", file)),
            None => assert_eq!(errors(&judgement), [""; 0]),
        }
    }
    let [root, middle, leaf] = usual();
    let judgement = three(root, middle, leaf.with(purposes(&[]))).judge(&SERVER);
    assert_eq!(blamed(&judgement), ("chain/malformed-extension", "leaf"));
    for (bits, purpose, sound) in [
        (DIGITAL_SIGNATURE, Purpose::Client, true),
        (0x20, Purpose::Server, true),
        (0x20, Purpose::Client, false),
        (0x10, Purpose::Server, false),
    ] {
        let [root, middle, leaf] = usual();
        let judgement = three(root, middle, leaf.with(key_usage(bits))).judge(&Question { purpose, name: None });
        let wanted: &[&str] = if sound { &[] } else { &["usage/key-usage"] };
        assert_eq!(errors(&judgement), wanted, "{bits:x}");
    }
}

#[test]
fn extensions_that_are_wrong() {
    let policies = der::sequence(&[&der::sequence(&[&der::oid(&[0x2a, 3])])]);
    let cases: [(Vec<u8>, &[&str]); 8] = [
        (extension(&[0x2a, 3], true, b"x"), &["chain/unknown-critical-extension"]),
        (extension(&[0x2a, 3], false, b"x"), &[]),
        (extension(&[0x55, 0x1d, 32], true, &policies), &[]),
        (extension(&[0x55, 0x1d, 19], true, b"\x30"), &["chain/malformed-extension"]),
        (extension(&[0x55, 0x1d, 15], true, b"\x03\x02\x09\x80"), &["chain/malformed-extension"]),
        (alternative(&[dns("other.example.com")]), &["chain/duplicate-extension"]),
        (
            extension(&[0x55, 0x1d, 14], true, &der::octet_string(b"id")),
            &["chain/duplicate-extension", "chain/key-identifier"],
        ),
        (extension(&[0x2b, 6, 1, 5, 5, 7, 1, 1], false, b"\x30\x03"), &["chain/malformed-extension"]),
    ];
    for (number, (wrong, wanted)) in cases.into_iter().enumerate() {
        let [root, middle, leaf] = usual();
        assert_eq!(errors(&three(root, middle, leaf.with(wrong)).judge(&SERVER)), wanted, "case {number}");
    }
    for names in [vec![ip(&[1, 2, 3])], vec![dns("caf\u{e9}.example.com")], vec![]] {
        let leaf = Draft::new("R", "L").with(alternative(&names));
        let judgement = Chain::new(&[Draft::root("R"), leaf]).judge(&SERVER);
        assert_eq!(blamed(&judgement), ("chain/malformed-extension", "leaf"));
    }
    let leaf = Draft::new("R", "L").with(alternative(&[dns("under_score.example.com")]));
    assert_eq!(warnings(&Chain::new(&[Draft::root("R"), leaf]).judge(&SERVER)), ["identity/malformed-name"]);
}

#[test]
fn forms_that_are_odd() {
    let odd: [(Draft, &str); 9] = [
        (Draft { serial: vec![0], ..Draft::leaf("R") }, "chain/serial"),
        (Draft { serial: vec![0x80], ..Draft::leaf("R") }, "chain/serial"),
        (Draft { serial: vec![1; 21], ..Draft::leaf("R") }, "chain/serial"),
        (Draft { version: 0, ..Draft::new("R", "L") }, "chain/version"),
        (Draft { key_ids: false, ..Draft::leaf("R") }, "chain/key-identifier"),
        (Draft { subject: name(&[]), ..Draft::leaf("R") }, "chain/empty-name"),
        (Draft::leaf("R").with(ca(None)), "usage/ca-as-leaf"),
        (Draft::new("R", "L").with(alternative(&[forge::email("not-a-mailbox")])), "identity/malformed-name"),
        (Draft::new("R", "L").with(alternative(&[forge::uri("nowhere")])), "identity/malformed-name"),
    ];
    for (leaf, rule) in odd {
        let judgement = Chain::new(&[Draft::root("R"), leaf]).judge(&SERVER);
        assert_eq!((errors(&judgement), warnings(&judgement)), (vec![], vec![rule]));
    }
    let odd_ca: [(Draft, &str); 2] = [
        (Draft { key_ids: false, ..Draft::authority("R", "I") }, "chain/key-identifier"),
        (Draft { subject: name(&[]), ..Draft::authority("R", "I") }, "chain/empty-name"),
    ];
    for (middle, rule) in odd_ca {
        let leaf = Draft { issuer: middle.subject.clone(), ..Draft::leaf("I") };
        let judgement = three(Draft::root("R"), middle, leaf).judge(&SERVER);
        assert_eq!(errors(&judgement), [""; 0]);
        assert!(warnings(&judgement).contains(&rule), "{:?}", judgement.findings);
    }
    let judgement = Chain::new(&[Draft::root("R"), Draft { serial: vec![0; 1], ..Draft::leaf("R") }]).judge(&SERVER);
    assert_eq!(judgement.findings[0].sentence, "`leaf` has the serial number 0");
    let leaf = Draft { outer_algorithm: 3, ..Draft::leaf("R") };
    assert!(errors(&Chain::new(&[Draft::root("R"), leaf]).judge(&SERVER)).contains(&"chain/algorithm-mismatch"));
}

/// A last day, and its errors and warnings.
type Written = (Vec<u8>, Option<(usize, usize)>);

#[test]
fn dates_that_are_written_oddly() {
    let utc = |text: &str| der::encode(0x17, text.as_bytes());
    let general = |text: &str| der::encode(0x18, text.as_bytes());
    // `None`: not even a certificate.
    let cases: [Written; 5] = [
        (utc("300101000000Z"), Some((0, 0))),
        (general("20300101000000Z"), Some((0, 1))),
        (general("20510101000000Z"), Some((0, 0))),
        (general("20510101000000.5Z"), Some((1, 0))),
        (utc("300231000000Z"), None),
    ];
    for (until, wanted) in cases {
        let leaf = Draft { dates: Some([utc("200101000000Z"), until.clone()]), ..Draft::leaf("R") };
        let keys = [Key::new(), Key::new()];
        let found = Certificate::parse(leaf.der(&keys[1], &keys[0])).map(|leaf| {
            let root = Draft::root("R").sign(&keys[0], &keys[0]);
            let judgement =
                Pool::new(vec![candidate(&root, "root")], vec![], NOW).judge(&candidate(&leaf, "l"), &SERVER);
            (errors(&judgement).len(), warnings(&judgement).len())
        });
        assert_eq!(found.clone().ok(), wanted, "{until:02x?}");
        if let Err(error) = found {
            assert_eq!(error.to_string(), "malformed: a date is not one that DER allows");
        }
    }
}

#[test]
fn names_that_are_asked() {
    let [root, middle, _] = usual();
    let names = [dns("*.example.com"), dns("Exact.Example.Org"), dns("10.1.2.3"), dns("*.local"), ip(&[10, 0, 0, 5])];
    let chain = three(root, middle, Draft::new("I", "common.example.net").with(alternative(&names)));
    for (asked, fits) in [
        ("a.example.com", true),
        ("A.EXAMPLE.COM.", true),
        ("xn--bcher-kva.example.com", true),
        ("example.com", false),
        ("a.b.example.com", false),
        ("exact.example.org", true),
        ("exact.example.or", false),
        // Node.js and OpenSSL want two labels after the star.
        ("qs1.local", false),
        // The common name does not count beside alternative names.
        ("common.example.net", false),
        ("10.0.0.5", true),
        ("10.1.2.3", false),
        ("*.example.com", true),
    ] {
        let name = asked.parse().map_or_else(|_| PeerName::Dns(asked.to_owned()), PeerName::Ip);
        let judgement = chain.judge(&Question { purpose: Purpose::Server, name: Some(name) });
        let wanted: &[&str] = if fits { &[] } else { &["identity/name-mismatch"] };
        assert_eq!(errors(&judgement), wanted, "{asked}");
        if asked == "10.1.2.3" {
            let sentence = &judgement.findings.iter().find(|one| one.severity == Severity::Error).unwrap().sentence;
            assert!(sentence.contains("as a DNS name"), "{sentence}");
        }
    }
    // Qlik's servers up to 2017 have no alternative names.
    let old = Chain::new(&[Draft::root("R"), Draft::new("R", "qs1.domain")]);
    for (asked, fits) in [("QS1.domain", true), ("qs2.domain", false)] {
        let question = Question { purpose: Purpose::Server, name: Some(PeerName::Dns(asked.to_owned())) };
        assert_eq!(errors(&old.judge(&question)).is_empty(), fits);
    }
}

#[test]
fn one_cause_when_there_is_no_path() {
    let (first, second) = (Chain::new(&usual()), Chain::new(&usual()));
    let [root, middle, leaf] = [0, 1, 2].map(|n| &first.certificates[n]);
    let judge = |anchors: Vec<Candidate<'_>>, others: Vec<Candidate<'_>>, leaf: &Certificate| {
        let judgement = Pool::new(anchors, others, NOW).judge(&candidate(leaf, "leaf"), &SERVER);
        assert!(!judgement.anchored);
        let (rule, file) = blamed(&judgement);
        let sentence = judgement.findings.iter().find(|one| one.severity == Severity::Error).unwrap().sentence.clone();
        (rule, file.to_owned(), sentence)
    };
    let (rule, file, _) = judge(vec![candidate(root, "root")], vec![], leaf);
    assert_eq!((rule, &file[..]), ("chain/unknown-issuer", "leaf"));
    let (rule, file, _) = judge(vec![], vec![candidate(middle, "ca")], leaf);
    assert_eq!((rule, &file[..]), ("chain/unknown-issuer", "ca"));
    // The intermediate was signed by the first root; only the second is there.
    let other = vec![candidate(&second.certificates[0], "root")];
    let (rule, file, sentence) = judge(other, vec![candidate(middle, "ca")], leaf);
    assert_eq!((rule, &file[..]), ("chain/same-name-other-key", "ca"));
    assert!(sentence.starts_with("`ca` was signed by another root than `root`: same name, other key"), "{sentence}");
    // A self-signed copy of the right root among the others does not hide it.
    let (rule, ..) = judge(
        vec![candidate(&second.certificates[0], "root")],
        vec![candidate(middle, "ca"), candidate(root, "old root")],
        leaf,
    );
    assert_eq!(rule, "chain/same-name-other-key");
    let damaged = Draft { damaged: true, ..Draft::leaf("I") }.sign(&first.keys[2], &first.keys[1]);
    let (rule, file, _) = judge(vec![candidate(root, "root")], vec![candidate(middle, "ca")], &damaged);
    assert_eq!((rule, &file[..]), ("chain/bad-signature", "leaf"));
    let other = Draft::new("R", "R").sign(&second.keys[0], &second.keys[0]);
    let (rule, _, sentence) = judge(vec![candidate(root, "root")], vec![], &other);
    assert_eq!(rule, "chain/same-name-other-key");
    assert_eq!(sentence, "`leaf` is self-signed and another root than `root`: same name, other key");
    let alone = Draft::new("self", "self").sign(&first.keys[0], &first.keys[0]);
    assert_eq!(judge(vec![candidate(root, "root")], vec![], &alone).0, "chain/self-signed");
}

#[test]
fn anchors_of_every_kind() {
    let chain = Chain::new(&usual());
    let [root, middle, leaf] = [0, 1, 2].map(|n| &chain.certificates[n]);
    // An intermediate as anchor, and a leaf that is one itself: pinned, which OpenSSL does not know.
    for (anchor, length, wrong) in [(middle, 1, vec![]), (leaf, 0, vec!["chain/not-a-ca"])] {
        let pool = Pool::new(vec![candidate(anchor, "anchor")], vec![candidate(root, "root")], NOW);
        let judgement = pool.judge(&candidate(leaf, "leaf"), &SERVER);
        assert!(judgement.anchored);
        assert_eq!(judgement.path.len(), length);
        assert_eq!(errors(&judgement), wrong);
    }
    let broken = Draft { damaged: true, ..Draft::root("R") }.sign(&chain.keys[0], &chain.keys[0]);
    let pool = Pool::new(vec![candidate(&broken, "root")], vec![candidate(middle, "ca")], NOW);
    assert_eq!(blamed(&pool.judge(&candidate(leaf, "leaf"), &SERVER)), ("chain/bad-signature", "root"));
    assert_eq!(errors(&pool.judge_anchor(0)), ["chain/bad-signature"]);
}

#[test]
fn issuer_names_that_differ_in_writing() {
    let keys = [Key::new(), Key::new()];
    let root = Draft { subject: common("The  Root CA"), issuer: common("The  Root CA"), ..Draft::root("R") };
    let root = root.sign(&keys[0], &keys[0]);
    let pool = Pool::new(vec![candidate(&root, "root")], vec![], NOW);
    let judge = |issuer: &str| pool.judge(&candidate(&Draft::leaf(issuer).sign(&keys[1], &keys[0]), "leaf"), &SERVER);
    let judgement = judge(" the root ca ");
    assert!(judgement.anchored);
    assert_eq!((errors(&judgement), warnings(&judgement)), (vec![], vec!["chain/issuer-name-encoding"]));
    assert_eq!(errors(&judge("TheRoot CA")), ["chain/unknown-issuer"]);
}

//! Many certificates: several ways to a root, circles, crowds. The best way is found, in bounded time.

use crate::clock;
use crate::forge::{Draft, Key, NOW, candidate, constraints, costly_key, dns};
use crate::{Chain, SERVER, errors, usual};
use qcert::pki::certificate::Certificate;
use qcert::pki::encryption::Derivations;
use qcert::pki::examine::{self, Beside, Subject};
use qcert::pki::finding::{Finding, Severity};
use qcert::pki::inventory::{self, FileContent, InFile};
use qcert::pki::path::{Candidate, Pool};
use qcert::pki::pem;
use qcert::pki::report::{Report, Verdict};
use qcert::pki::rules::Given;
use qcert::pki::secret::Secret;
use std::time::Duration;
use time::macros::datetime;

const LONG_AGO: (time::OffsetDateTime, time::OffsetDateTime) =
    (datetime!(2001-01-01 00:00 UTC), datetime!(2002-01-01 00:00 UTC));

fn numbered<'a>(certificates: &'a [Certificate], name: &str) -> Vec<Candidate<'a>> {
    certificates.iter().enumerate().map(|(n, one)| candidate(one, &format!("{name}{n}"))).collect()
}

/// Not a measurement: a build with optimisation has to stay below two seconds. Of this thread's own time, for others may
/// have the machine.
fn in_time<T>(work: impl FnOnce() -> T) -> T {
    let begin = clock::of_this_thread();
    let outcome = work();
    let took = clock::of_this_thread().saturating_sub(begin);
    assert!(took < Duration::from_secs(6), "{took:?}");
    outcome
}

#[test]
fn the_sound_one_of_several_ways_is_found() {
    let [root_key, ca_key, leaf_key] = [Key::new(), Key::new(), Key::new()];
    let root = Draft::root("R").sign(&root_key, &root_key);
    let leaf = Draft::leaf("I").sign(&leaf_key, &ca_key);
    let bad = [
        Draft::authority("R", "I").dated(LONG_AGO.0, LONG_AGO.1),
        Draft::new("R", "I"),
        Draft::authority("R", "I").with(constraints(&[dns("example.org")], &[])),
        Draft { damaged: true, ..Draft::authority("R", "I") },
        Draft::authority("Q", "I"),
    ];
    let mut others: Vec<Certificate> = bad.iter().map(|draft| draft.sign(&ca_key, &root_key)).collect();
    others.push(Draft::authority("R", "I").sign(&ca_key, &root_key));
    // Of the same name with another key.
    others.push(Draft::authority("R", "I").sign(&Key::new(), &root_key));
    for turn in 0..others.len() {
        others.rotate_left(1);
        let pool = Pool::new(vec![candidate(&root, "root")], numbered(&others, "ca"), NOW);
        let judgement = pool.judge(&candidate(&leaf, "leaf"), &SERVER);
        assert!(judgement.findings.is_empty(), "turn {turn}: {:?}", judgement.findings);
    }
    // Without the sound one: a way with one error, and that is told.
    let worse: Vec<Certificate> = bad[..3].iter().map(|draft| draft.sign(&ca_key, &root_key)).collect();
    let pool = Pool::new(vec![candidate(&root, "root")], numbered(&worse, "ca"), NOW);
    assert_eq!(errors(&pool.judge(&candidate(&leaf, "leaf"), &SERVER)).len(), 1);
}

#[test]
fn a_cross_signed_root_does_not_lead_to_the_expired_one() {
    let [old, new, leaf] = [Key::new(), Key::new(), Key::new()];
    let anchors =
        [Draft::root("Old").dated(LONG_AGO.0, LONG_AGO.1).sign(&old, &old), Draft::root("New").sign(&new, &new)];
    let cross = [Draft::authority("Old", "New").sign(&new, &old)];
    let leaf = Draft::leaf("New").sign(&leaf, &new);
    let pool = Pool::new(numbered(&anchors, "root"), numbered(&cross, "cross"), NOW);
    let judgement = pool.judge(&candidate(&leaf, "leaf"), &SERVER);
    assert_eq!(judgement.path, [1]);
    assert!(judgement.findings.is_empty());
    // Only the old one is there: its fault is said.
    let pool = Pool::new(numbered(&anchors[..1], "root"), numbered(&cross, "cross"), NOW);
    assert_eq!(errors(&pool.judge(&candidate(&leaf, "leaf"), &SERVER)), ["validity/expired"]);
}

#[test]
fn a_fault_above_is_one_finding_for_all_below() {
    let keys = [Key::new(), Key::new(), Key::new()];
    let root = Draft::root("R").sign(&keys[0], &keys[0]);
    let middle = Draft::authority("R", "I").dated(LONG_AGO.0, LONG_AGO.1).sign(&keys[1], &keys[0]);
    let pool = Pool::new(vec![candidate(&root, "root")], vec![candidate(&middle, "ca")], NOW);
    let found: Vec<Vec<Finding>> = (0..2)
        .map(|n| {
            let leaf = Draft { serial: vec![n + 1], ..Draft::leaf("I") }.sign(&keys[2], &keys[1]);
            pool.judge(&candidate(&leaf, &format!("leaf{n}")), &SERVER).findings
        })
        .collect();
    assert_eq!(found[0].len(), 1);
    assert_eq!(found[0], found[1]);
}

#[test]
fn circles_come_to_an_end() {
    let [a, b, leaf] = [Key::new(), Key::new(), Key::new()];
    let circle = [Draft::authority("B", "A").sign(&a, &b), Draft::authority("A", "B").sign(&b, &a)];
    let leaf = Draft::leaf("A").sign(&leaf, &a);
    let far = Chain::new(&usual());
    let pool = Pool::new(vec![candidate(&far.certificates[0], "root")], numbered(&circle, "ca"), NOW);
    assert_eq!(errors(&pool.judge(&candidate(&leaf, "leaf"), &SERVER)), ["chain/unknown-issuer"]);
}

#[test]
fn a_crowd_of_roots_of_one_name() {
    let signer = Key::new();
    let mut keys: Vec<Key> = (0..3000).map(|_| Key::new()).collect();
    keys.push(signer);
    let roots: Vec<Certificate> =
        keys.iter().map(|key| Draft { key_ids: false, ..Draft::root("R") }.sign(key, key)).collect();
    let leaf = Draft { key_ids: false, ..Draft::leaf("R") }.sign(&Key::new(), &keys[3000]);
    let pool = Pool::new(numbered(&roots, "root"), vec![], NOW);
    let judgement = in_time(|| pool.judge(&candidate(&leaf, "leaf"), &SERVER));
    assert_eq!(judgement.path, [3000]);
    let stranger = Draft { key_ids: false, ..Draft::leaf("R") }.sign(&Key::new(), &Key::new());
    let judgement = in_time(|| pool.judge(&candidate(&stranger, "leaf"), &SERVER));
    assert_eq!(errors(&judgement).len(), 1, "{:?}", judgement.findings);
}

/// Not each of them may try its few: the answer comes in time, and what a key identifier leads to is found all the same.
#[test]
fn a_crowd_of_leaves_below_a_crowd_of_roots() {
    let keys: Vec<Key> = (0..2000).map(|_| Key::new()).collect();
    let root = |(number, key): (usize, &Key)| Draft { key_ids: number % 2 == 0, ..Draft::root("R") }.sign(key, key);
    let roots: Vec<Certificate> = keys.iter().enumerate().map(root).collect();
    let leaf_key = Key::new();
    let leaf =
        |(number, key): (usize, &Key)| Draft { key_ids: number % 2 == 0, ..Draft::leaf("R") }.sign(&leaf_key, key);
    let leaves: Vec<Certificate> = keys.iter().enumerate().rev().map(leaf).collect();
    let pool = Pool::new(numbered(&roots, "root"), vec![], NOW);
    let judgements: Vec<_> =
        in_time(|| leaves.iter().map(|leaf| pool.judge(&candidate(leaf, "leaf"), &SERVER)).collect());
    for (number, judgement) in judgements.iter().rev().enumerate() {
        let unjudged = judgement.findings.iter().any(|finding| finding.rule.id == "chain/too-many-paths");
        if number % 2 == 0 {
            assert!(judgement.anchored && judgement.findings.is_empty(), "{number}: {:?}", judgement.findings);
        } else {
            assert!(judgement.anchored != unjudged, "{number}: {:?}", judgement.findings);
        }
    }
    assert!(judgements.iter().filter(|judgement| !judgement.anchored).count() > 500);
}

/// Keys whose signatures take milliseconds each: the answer comes in time, and says that it is not whole.
#[test]
fn a_crowd_of_costly_keys() {
    let key = Key::new();
    let costly =
        |number: u16, draft: Draft| Draft { rsa: Some(costly_key(number)), key_ids: false, ..draft }.sign(&key, &key);
    let roots: Vec<Certificate> = (0..600).map(|number| costly(number, Draft::root("R"))).collect();
    let leaves: Vec<Certificate> = (0..20).map(|number| costly(number, Draft::leaf("R"))).collect();
    let pool = Pool::new(numbered(&roots, "root"), vec![], NOW);
    let judgements: Vec<_> = in_time(|| {
        for number in 0..roots.len() {
            pool.judge_anchor(number);
        }
        leaves.iter().map(|leaf| pool.judge(&candidate(leaf, "leaf"), &SERVER)).collect()
    });
    for judgement in judgements {
        assert!(!judgement.anchored);
        assert!(judgement.findings.iter().any(|finding| finding.rule.id == "chain/too-many-paths"));
    }
}

/// Every CA has signed every other, under one name or many, and no way leads to the root, or only a faulty one.
#[test]
fn a_thicket_is_answered_in_time() {
    const SIZE: usize = 14;
    let keys: Vec<Key> = (0..SIZE).map(|_| Key::new()).collect();
    let name = |n: usize| format!("CA {n}");
    let mut thicket = Vec::new();
    for upper in 0..SIZE {
        for lower in (0..SIZE).filter(|lower| *lower != upper) {
            thicket.push(Draft::authority(&name(upper), &name(lower)).sign(&keys[lower], &keys[upper]));
        }
    }
    let leaf = Draft::leaf(&name(0)).sign(&Key::new(), &keys[0]);
    let [root, other] = [Key::new(), Key::new()];
    let roots = [Draft::root("R").sign(&root, &root)];
    let judge = |thicket: &[Certificate]| {
        let pool = Pool::new(numbered(&roots, "root"), numbered(thicket, "ca"), NOW);
        in_time(|| pool.judge(&candidate(&leaf, "leaf"), &SERVER))
    };
    assert!(!judge(&thicket).anchored);
    // By its name it leads to the root, by its signature it does not.
    thicket.push(Draft::authority("R", &name(SIZE - 1)).sign(&keys[SIZE - 1], &other));
    assert!(!judge(&thicket).anchored);
    thicket.push(Draft::authority("R", &name(SIZE - 1)).sign(&keys[SIZE - 1], &root));
    assert!(judge(&thicket).findings.is_empty());
    thicket.pop();
    thicket.push(Draft::authority("R", &name(SIZE - 1)).dated(LONG_AGO.0, LONG_AGO.1).sign(&keys[SIZE - 1], &root));
    assert!(!errors(&judge(&thicket)).is_empty() || !judge(&thicket).anchored);
}

#[test]
fn many_threads_may_ask_at_once() {
    fn shared<T: Sync>(_: &T) {}
    let chain = Chain::new(&usual());
    let pool = Pool::new(numbered(&chain.certificates[..1], "root"), numbered(&chain.certificates[1..2], "ca"), NOW);
    shared(&pool);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let judgement = pool.judge(&candidate(&chain.certificates[2], "leaf"), &SERVER);
                assert!(judgement.findings.is_empty());
            });
        }
    });
}

fn file(certificates: &[Certificate]) -> FileContent {
    let pem: Vec<_> = certificates.iter().map(|one| pem::encode("CERTIFICATE", one.der()).expose().to_vec()).collect();
    let bytes = Ok(Secret::new(pem.concat()));
    let file = InFile { path: "all.pem".to_owned(), bytes, others_may_read: false, tracked_by_git: false };
    inventory::read(file, &[], &Derivations::default())
}

/// Judged as one PEM file, on one thread.
fn report(certificates: &[Certificate], roots: &[Certificate]) -> Report {
    let subject = Subject { name: "all.pem".to_owned(), files: vec![file(certificates)] };
    let with_root = !roots.is_empty();
    let beside = Beside { roots: with_root.then(|| file(roots)).into_iter().collect(), ..Beside::default() };
    let given = Given {
        at: NOW,
        machine: None,
        name: None,
        purpose: None,
        warn_days: 30,
        folder: None,
        with_root,
        roots_elsewhere: Vec::new(),
        server: None,
    };
    examine::report(subject, &beside, &given, &|count, work| (0..count).for_each(work))
}

/// Each below the next, and no root.
#[test]
fn an_endless_chain_is_judged_in_time() {
    let key = Key::new();
    let link = |n: usize| Draft::authority(&format!("CA {}", n + 1), &format!("CA {n}")).sign(&key, &key);
    let chain: Vec<Certificate> = (0..6_000).map(link).collect();
    let report = in_time(|| report(&chain, &[]));
    let unjudged = |finding: &Finding| finding.severity == Severity::Unjudged;
    assert!(report.findings.iter().any(unjudged), "{:?}", report.findings);
}

/// Each two of an unknown issuer of their own: each issuer is said, once.
#[test]
fn a_crowd_of_strangers_is_judged_in_time() {
    let [key, leaf_key] = [Key::new(), Key::new()];
    let stranger = |n: u16| {
        let serial = [&[1][..], &n.to_be_bytes()].concat();
        Draft { serial, ..Draft::leaf(&format!("CA {}", n / 2)) }.sign(&leaf_key, &key)
    };
    let leaves: Vec<Certificate> = (0..6_000).map(stranger).collect();
    let report = in_time(|| report(&leaves, &[]));
    let unknown = report.findings.iter().filter(|finding| finding.rule.id == "chain/unknown-issuer");
    assert_eq!(unknown.count(), 3_000);
}

/// Nothing is wrong with what was not looked at, and nothing is claimed of it.
#[test]
fn more_than_is_looked_at_is_not_judged() {
    let key = Key::new();
    let root = Draft::root("R").sign(&key, &key);
    let count = (3 << 20) / root.der().len() + 2;
    let report = report(&vec![root; count], &[]);
    assert_eq!(report.verdict(false), Verdict::Unjudged, "{:?}", report.findings);
    let sentence = "`all.pem` was not looked at whole";
    assert!(report.findings.iter().any(|finding| finding.sentence.starts_with(sentence)), "{:?}", report.findings);
}

/// As certificates that no chain needs they only deserve a warning, as the roots to trust they are at fault.
#[test]
fn expired_roots_that_are_given_too_are_no_less_expired() {
    let key = Key::new();
    let expired = |name: &str| Draft::root(name).dated(LONG_AGO.0, LONG_AGO.1).sign(&key, &key);
    let roots = [expired("One"), expired("Two")];
    let report = report(&roots, &roots);
    assert_eq!(report.verdict(false), Verdict::Faulty, "{:?}", report.findings);
}

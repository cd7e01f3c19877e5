//! The second opinion: where it agrees, and which of its gaps are known.

use crate::forge::{
    DIGITAL_SIGNATURE, Draft, NOW, SIGN_LISTS, alternative, ca, candidate, dns, extension, key_usage, uri,
};
use crate::{Chain, usual};
use qcert::pki::path::{PeerName, Pool, Purpose, Question};
use qcert::pki::second_opinion::{self, Opinion};
use time::macros::datetime;

fn opinion(chain: &Chain, purpose: Purpose) -> Opinion {
    let [root, middle, leaf] = [0, 1, 2].map(|n| &chain.certificates[n]);
    let pool = Pool::new(vec![candidate(root, "root")], vec![candidate(middle, "ca")], NOW);
    let question = Question { purpose, name: Some(PeerName::Dns("leaf.example.com".to_owned())) };
    let leaf = candidate(leaf, "leaf");
    second_opinion::ask(&pool, &leaf, &question, &pool.judge(&leaf, &question), NOW)
}

#[test]
fn both_see_the_same() {
    let [root, middle, leaf] = usual();
    let past = (datetime!(2001-01-01 00:00 UTC), datetime!(2002-01-01 00:00 UTC));
    let other = Draft::new("I", "L").with(alternative(&[dns("other.example.com")]));
    for drafts in [
        usual(),
        [root, middle, leaf.dated(past.0, past.1)],
        [Draft::root("R"), Draft::new("R", "I"), Draft::leaf("I")],
        [Draft::root("R"), Draft::authority("Q", "I"), Draft::leaf("I")],
        [Draft::root("R"), Draft::authority("R", "I"), Draft { damaged: true, ..Draft::leaf("I") }],
        [Draft::root("R"), Draft::authority("R", "I"), other],
        [Draft::root("R"), Draft::authority("R", "I"), Draft::leaf("I").with(extension(&[0x2a, 3], true, b""))],
    ] {
        assert_eq!(opinion(&Chain::new(&drafts), Purpose::Server), Opinion::Agrees);
    }
}

#[test]
fn its_gaps_are_known() {
    let old_root = Draft::root("R").dated(datetime!(2001-01-01 00:00 UTC), datetime!(2002-01-01 00:00 UTC));
    let listing = Draft::new("R", "I").with(ca(None)).with(key_usage(SIGN_LISTS));
    let limits = crate::forge::constraints(&[uri("example.com")], &[]);
    let linked = Draft::new("I", "L").with(alternative(&[dns("leaf.example.com"), uri("https://example.com/")]));
    for drafts in [
        [old_root, Draft::authority("R", "I"), Draft::leaf("I")],
        [Draft::root("R"), listing, Draft::leaf("I")],
        [Draft::root("R"), Draft::authority("R", "I"), Draft::leaf("I").with(ca(None))],
        [Draft::root("R"), Draft::authority("R", "I"), Draft { version: 0, ..Draft::leaf("I") }],
        [Draft::root("R"), Draft::authority("R", "I").with(limits), linked],
        [
            Draft::root("R"),
            Draft::authority("R", "I"),
            Draft::leaf("I").with(extension(&[0x55, 0x1d, 36], true, b"\x30\x03\x80\x01\x00")),
        ],
        [Draft::root("R"), Draft::authority("R", "I"), Draft::leaf("I").with(key_usage(0x10))],
    ] {
        let found = opinion(&Chain::new(&drafts), Purpose::Server);
        assert!(matches!(found, Opinion::CannotJudge(_)), "{found:?}");
    }
    let signing = [Draft::root("R"), Draft::authority("R", "I"), Draft::leaf("I").with(key_usage(DIGITAL_SIGNATURE))];
    assert_eq!(opinion(&Chain::new(&signing), Purpose::Any), Opinion::Agrees);
}

#[test]
fn a_difference_is_a_finding() {
    let chain = Chain::new(&usual());
    let leaf = candidate(&chain.certificates[2], "leaf");
    let finding = Opinion::Disagrees("it refuses it (UnknownIssuer)".to_owned()).finding(&leaf).unwrap();
    assert_eq!(finding.rule.id, "chain/second-opinion");
    assert!(finding.sentence.starts_with("a second verifier, rustls-webpki, judges the chain of `leaf` otherwise"));
    assert_eq!(Opinion::Agrees.finding(&leaf), None);
    // A judgement that hides a fault is found out.
    let pool =
        Pool::new(vec![candidate(&chain.certificates[0], "root")], vec![candidate(&chain.certificates[1], "ca")], NOW);
    let question = Question { purpose: Purpose::Server, name: None };
    let damaged = Draft { damaged: true, ..Draft::leaf("I") }.sign(&chain.keys[2], &chain.keys[1]);
    let sound = pool.judge(&leaf, &question);
    let found = second_opinion::ask(&pool, &candidate(&damaged, "leaf"), &question, &sound, NOW);
    assert!(matches!(found, Opinion::Disagrees(_)), "{found:?}");
    // And one that invents one.
    let invented = pool.judge(&candidate(&damaged, "leaf"), &question);
    let found = second_opinion::ask(&pool, &leaf, &question, &invented, NOW);
    assert!(matches!(found, Opinion::Disagrees(_)), "{found:?}");
}

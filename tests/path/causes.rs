//! One defect, one finding, at its cause: what follows from it is not said.

use super::forge::{
    DIGITAL_SIGNATURE, Draft, Key, NOW, SIGN_CERTIFICATES, alternative, ca, candidate, common, dns, key_usage, not_ca,
    purposes,
};
use super::{Chain, SERVER, blamed, errors, three, usual, warnings};
use qcert::pki::certificate::Certificate;
use qcert::pki::path::{Judgement, Pool, Purpose, Question};

const ANY: Question = Question { purpose: Purpose::Any, name: None };

fn under(root: &Certificate, between: &[&Certificate], leaf: &Certificate, question: &Question) -> Judgement {
    let between = between.iter().enumerate().map(|(n, one)| candidate(one, &format!("ca{}", n + 1))).collect();
    Pool::new(vec![candidate(root, "root")], between, NOW).judge(&candidate(leaf, "leaf"), question)
}

fn only(judgement: &Judgement) -> (&'static str, &str) {
    assert_eq!(judgement.findings.len(), 1, "{:?}", judgement.findings);
    (judgement.findings[0].rule.id, &judgement.findings[0].sentence)
}

#[test]
fn a_leaf_that_signs_is_only_no_authority() {
    let client_only = purposes(&[2]);
    let drafts = [
        Draft::root("R"),
        Draft::new("R", "I").with(ca(Some(0))).with(key_usage(SIGN_CERTIFICATES)),
        Draft::new("I", "M").with(not_ca()).with(key_usage(DIGITAL_SIGNATURE)).with(client_only),
        Draft::leaf("M"),
    ];
    let judgement = Chain::new(&drafts).judge(&SERVER);
    assert_eq!(only(&judgement), ("chain/not-a-ca", "`ca2` is not a CA (its basicConstraints say CA:FALSE)"));
}

#[test]
fn a_leaf_given_as_root_is_only_that() {
    let keys = [Key::new(), Key::new(), Key::new()];
    let wrong = Draft::leaf("R").sign(&keys[1], &keys[0]);
    let leaf = Draft::leaf("R").sign(&keys[2], &keys[0]);
    let sentence = "`root`, taken as root, is not a CA but the certificate of a host (no basicConstraints)";
    assert_eq!(only(&under(&wrong, &[], &leaf, &SERVER)), ("chain/not-a-ca", sentence));
    let pool = Pool::new(vec![candidate(&wrong, "root")], vec![], NOW);
    assert_eq!(only(&pool.judge_anchor(0)), ("chain/not-a-ca", sentence));
    // Also when it is the leaf itself; but a self-signed one can be trusted.
    assert_eq!(blamed(&pool.judge(&candidate(&wrong, "root"), &SERVER)), ("chain/not-a-ca", "root"));
    let own = Draft::leaf("leaf.example.com").sign(&keys[0], &keys[0]);
    assert!(under(&own, &[], &own, &SERVER).findings.is_empty());
}

#[test]
fn an_altered_issuer_is_an_altered_certificate() {
    let keys = [Key::new(), Key::new()];
    let root = Draft::root("R").sign(&keys[0], &keys[0]);
    let renamed = Draft { issuer: common("S"), ..Draft::leaf("R") };
    let sound = under(&root, &[], &renamed.sign(&keys[1], &keys[0]), &SERVER);
    let (rule, sentence) = only(&sound);
    assert_eq!(rule, "chain/unknown-issuer");
    assert!(sentence.starts_with("`leaf` was signed with the key of `root`, but"), "{sentence}");
    let damaged = Draft { damaged: true, ..renamed };
    let judgement = under(&root, &[], &damaged.sign(&keys[1], &keys[0]), &SERVER);
    let (rule, sentence) = only(&judgement);
    assert_eq!(rule, "chain/bad-signature");
    assert!(sentence.contains("its key identifier is that of `root`, the name of its issuer, `S`, is not"));
    // Nothing leads to the root when the key identifier is another's.
    let other = Draft { issuer: common("S"), ..Draft::leaf("R") }.sign(&keys[1], &keys[1]);
    assert_eq!(
        only(&under(&root, &[], &other, &SERVER)).1,
        "`leaf` has an unknown issuer: no certificate of `S` is there"
    );
}

#[test]
fn a_circle_is_called_one() {
    let keys = [Key::new(), Key::new(), Key::new(), Key::new()];
    let root = Draft::root("R").sign(&keys[0], &keys[0]);
    let one = Draft::authority("B", "A").sign(&keys[1], &keys[2]);
    let other = Draft::authority("A", "B").sign(&keys[2], &keys[1]);
    let leaf = Draft::leaf("A").sign(&keys[3], &keys[1]);
    let judgement = under(&root, &[&one, &other], &leaf, &SERVER);
    assert_eq!(blamed(&judgement), ("chain/unknown-issuer", "leaf"));
    let sentence = &judgement.findings.last().unwrap().sentence;
    assert!(sentence.contains("runs in a circle and reaches no root, as `A`, `B` signed one another"), "{sentence}");
}

#[test]
fn what_is_replaced_need_not_be_written_better() {
    let keys = [Key::new(), Key::new()];
    let root = Draft::root("R").sign(&keys[0], &keys[0]);
    let own = Draft { key_ids: false, serial: vec![0], ..Draft::leaf("leaf.example.com") }.sign(&keys[1], &keys[1]);
    assert_eq!(only(&under(&root, &[], &own, &SERVER)).0, "chain/self-signed");
    let leaf = Draft::leaf("R").with(key_usage(SIGN_CERTIFICATES));
    let judgement = Chain::new(&[Draft::root("R"), leaf]).judge(&SERVER);
    assert_eq!((errors(&judgement), warnings(&judgement)), (vec!["usage/key-usage"], vec![]));
}

#[test]
fn an_intermediate_that_is_asked_for_nothing_is_no_leaf() {
    let [root, middle, _] = usual();
    assert!(Chain::new(&[root, middle]).judge(&ANY).findings.is_empty());
    let [root, middle, leaf] = usual();
    let host = Draft::authority("R", "H").with(alternative(&[dns("h.example.com")]));
    assert_eq!(warnings(&Chain::new(&[Draft::root("R"), host]).judge(&ANY)), ["usage/ca-as-leaf"]);
    assert!(three(root, middle, leaf).judge(&ANY).findings.is_empty());
}

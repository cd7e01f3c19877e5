//! Name constraints of every kind, as tables.

use crate::forge::{
    COMMON_NAME, Draft, EMAIL, ORGANISATION, alternative, common, constraints, directory, dns, email, ip, name,
    purposes, uri,
};
use crate::{Chain, SERVER, errors};

/// Constraint, name, whether it lies inside.
type Row = (Vec<u8>, Vec<u8>, bool);

fn leaf(san: Vec<u8>) -> Draft {
    Draft::new("I", "some leaf").with(alternative(&[san]))
}

/// As permitted the name must lie inside; as excluded it must not.
fn check(rows: Vec<Row>) {
    for (number, (base, san, inside)) in rows.into_iter().enumerate() {
        for excluded in [false, true] {
            let bases = [base.clone()];
            let limits = if excluded { constraints(&[], &bases) } else { constraints(&bases, &[]) };
            let chain = Chain::new(&[Draft::root("R").with(limits), Draft::authority("R", "I"), leaf(san.clone())]);
            let wanted: &[&str] = if inside == excluded { &["chain/name-constraint"] } else { &[] };
            assert_eq!(errors(&chain.judge(&SERVER)), wanted, "row {number}, excluded: {excluded}");
        }
    }
}

#[test]
fn dns_names() {
    check(vec![
        (dns("example.com"), dns("example.com"), true),
        (dns("example.com"), dns("A.B.EXAMPLE.com"), true),
        (dns("example.com"), dns("badexample.com"), false),
        (dns("example.com"), dns("example.org"), false),
        (dns("a.example.com"), dns("example.com"), false),
        (dns(""), dns("anything.at.all"), true),
        (dns(".example.com"), dns("a.example.com"), true),
        (dns(".example.com"), dns("example.com"), false),
        (dns("example.com"), dns("*.example.com"), true),
        (dns("example.com"), dns("*.org"), false),
    ]);
}

/// CVE-2025-61727: a wildcard is excluded when one of its names is, and permitted only when all are.
#[test]
fn wildcards() {
    for (limits, fits) in [
        (constraints(&[], &[dns("bar.example.com")]), false),
        (constraints(&[dns("bar.example.com")], &[]), false),
        (constraints(&[], &[dns("a.bar.example.com")]), true),
        (constraints(&[], &[dns("bar.example.org")]), true),
    ] {
        let chain =
            Chain::new(&[Draft::root("R").with(limits), Draft::authority("R", "I"), leaf(dns("*.example.com"))]);
        assert_eq!(errors(&chain.judge(&SERVER)).is_empty(), fits);
    }
}

#[test]
fn addresses_mail_and_links() {
    let v6 = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    let net6 = [&v6[..4], &[0; 12], &[255; 4], &[0; 12]].concat();
    check(vec![
        (ip(&[10, 0, 0, 0, 255, 0, 0, 0]), ip(&[10, 9, 8, 7]), true),
        (ip(&[10, 0, 0, 0, 255, 0, 0, 0]), ip(&[11, 0, 0, 1]), false),
        (ip(&[10, 0, 0, 0, 255, 128, 0, 0]), ip(&[10, 128, 0, 1]), false),
        (ip(&net6), ip(&v6), true),
        (ip(&[10, 0, 0, 0, 255, 0, 0, 0]), ip(&v6), false),
        (email("a@example.com"), email("a@EXAMPLE.com"), true),
        (email("a@example.com"), email("A@example.com"), false),
        (email("example.com"), email("x@example.com"), true),
        (email("example.com"), email("x@sub.example.com"), false),
        (email(".example.com"), email("x@sub.example.com"), true),
        (email(".example.com"), email("x@example.com"), false),
        (uri("host.example.com"), uri("https://user@HOST.example.com:8443/x?y#z"), true),
        (uri("example.com"), uri("https://host.example.com/"), false),
        (uri(".example.com"), uri("ldap://host.example.com"), true),
        (uri(".example.com"), uri("https://example.com"), false),
    ]);
    // A URI without a host name can be shown to be neither permitted nor not excluded (RFC 5280 4.2.1.10).
    for (limits, san) in [
        (constraints(&[uri("example.com")], &[]), uri("urn:x")),
        (constraints(&[], &[uri("example.com")]), uri("urn:x")),
        (constraints(&[], &[uri("example.com")]), uri("https://10.0.0.1/")),
    ] {
        let chain = Chain::new(&[Draft::root("R").with(limits), Draft::authority("R", "I"), leaf(san)]);
        assert_eq!(errors(&chain.judge(&SERVER)), ["chain/name-constraint"]);
    }
}

#[test]
fn directory_names() {
    type Parts<'a> = &'a [(&'a [u8], &'a str)];
    let base = name(&[(ORGANISATION, "Example  corp")]);
    let rows: [(Parts<'_>, bool); 4] = [
        (&[(ORGANISATION, "EXAMPLE Corp"), (COMMON_NAME, "x")], true),
        (&[(ORGANISATION, "Example corp")], true),
        (&[(COMMON_NAME, "x"), (ORGANISATION, "Example corp")], false),
        (&[(ORGANISATION, "Example corporation")], false),
    ];
    for (subject, inside) in rows {
        for excluded in [false, true] {
            let bases = [directory(&base)];
            let limits = if excluded { constraints(&[], &bases) } else { constraints(&bases, &[]) };
            let leaf = Draft { subject: name(subject), ..Draft::new("R", "") };
            let chain = Chain::new(&[Draft::root("R").with(limits), leaf]);
            let wanted: &[&str] = if inside == excluded { &["chain/name-constraint"] } else { &[] };
            assert_eq!(errors(&chain.judge(&SERVER)), wanted, "{subject:?} {excluded}");
        }
    }
    // In a subjectAltName as well.
    let bases = [directory(&base)];
    let san = directory(&name(&[(ORGANISATION, "example corp"), (COMMON_NAME, "y")]));
    let subject = name(&[(ORGANISATION, "example corp")]);
    let sound = Draft { subject, ..Draft::new("R", "") }.with(alternative(&[san]));
    assert!(errors(&Chain::new(&[Draft::root("R").with(constraints(&bases, &[])), sound]).judge(&SERVER)).is_empty());
}

#[test]
fn names_of_the_subject_count_where_there_is_no_other() {
    let cases = [
        (constraints(&[dns("example.com")], &[]), common("host.example.org"), vec![], false),
        (constraints(&[dns("example.com")], &[]), common("host.example.com"), vec![], true),
        (constraints(&[dns("example.com")], &[]), common("QlikClient"), vec![], true),
        (constraints(&[dns("example.com")], &[]), common("-odd.example.org"), vec![], true),
        (constraints(&[dns("example.com")], &[]), common("x.example.org"), vec![dns("x.example.com")], true),
        (constraints(&[], &[email("example.com")]), name(&[(EMAIL, "a@example.com")]), vec![], false),
        (constraints(&[email("example.com")], &[]), name(&[(EMAIL, "a@example.org")]), vec![], false),
        (constraints(&[email("example.com")], &[]), name(&[(EMAIL, "a@example.com")]), vec![], true),
    ];
    for (number, (limits, subject, san, fits)) in cases.into_iter().enumerate() {
        let leaf = Draft { subject, ..Draft::new("R", "") };
        let leaf = if san.is_empty() { leaf } else { leaf.with(alternative(&san)) };
        let chain = Chain::new(&[Draft::root("R").with(limits), leaf]);
        assert_eq!(errors(&chain.judge(&SERVER)).is_empty(), fits, "case {number}");
    }
}

#[test]
fn constraints_reach_down_the_chain() {
    let permitted = || constraints(&[dns("example.com")], &[]);
    let other = || alternative(&[dns("host.example.org")]);
    // The CA between breaks it, the leaf does not.
    let chain =
        Chain::new(&[Draft::root("R").with(permitted()), Draft::authority("R", "I").with(other()), Draft::leaf("I")]);
    let judgement = chain.judge(&SERVER);
    assert_eq!(errors(&judgement), ["chain/name-constraint"]);
    assert_eq!(judgement.findings[0].files, ["ca1", "root"]);
    // A self-issued CA is exempt, a self-issued leaf is not.
    let chain =
        Chain::new(&[Draft::root("R").with(permitted()), Draft::authority("R", "R").with(other()), Draft::leaf("R")]);
    assert_eq!(errors(&chain.judge(&SERVER)), [""; 0]);
    let chain = Chain::new(&[Draft::root("R").with(permitted()), Draft::new("R", "R").with(other())]);
    assert_eq!(errors(&chain.judge(&SERVER)), ["chain/name-constraint"]);
    // What a lower CA permits again stays forbidden by the higher one.
    let wide = constraints(&[dns("example.com"), dns("example.org")], &[]);
    let chain = Chain::new(&[
        Draft::root("R").with(permitted()),
        Draft::authority("R", "I").with(wide),
        Draft::new("I", "L").with(other()).with(purposes(&[1])),
    ]);
    assert_eq!(errors(&chain.judge(&SERVER)), ["chain/name-constraint"]);
}

#[test]
fn constraints_that_cannot_be() {
    for base in [
        dns("*.example.com"),
        dns("exa mple.com"),
        ip(&[10, 0, 0, 1]),
        ip(&[10, 0, 0, 0, 255, 0, 255, 0]),
        email("@example.com"),
        email("*.example.com"),
        dns("caf\u{e9}.example.com"),
    ] {
        let root = Draft::root("R").with(constraints(&[], &[base]));
        let judgement = Chain::new(&[root, Draft::leaf("R")]).judge(&SERVER);
        assert_eq!(errors(&judgement), ["chain/malformed-extension"]);
        assert_eq!(judgement.findings[0].files, ["root"]);
    }
    let root = Draft::root("R").with(constraints(&[], &[]));
    assert_eq!(errors(&Chain::new(&[root, Draft::leaf("R")]).judge(&SERVER)), ["chain/malformed-extension"]);
}

#[test]
fn too_many_names_are_refused_at_once() {
    let bases: Vec<Vec<u8>> = (0..1500).map(|n| dns(&format!("a{n}.example.com"))).collect();
    let names: Vec<Vec<u8>> = (0..1500).map(|n| dns(&format!("b{n}.example.com"))).collect();
    let root = Draft::root("R").with(constraints(&[], &bases));
    let chain = Chain::new(&[root, Draft::new("R", "L").with(alternative(&names))]);
    let judgement = chain.judge(&SERVER);
    assert_eq!(errors(&judgement), ["chain/name-constraint"]);
    assert!(judgement.findings[0].sentence.contains("too many"));
}

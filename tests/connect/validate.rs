//! What a port shows, judged: nothing that it shows of itself makes it trusted, and the ways out are a service's.

use super::site::{folder, json, openssl, qcert};
use serde_json::Value;

fn report(answer: &Value) -> &Value {
    &answer["reports"][0]
}

/// Severity and fix of a rule's finding.
#[track_caller]
fn found<'a>(answer: &'a Value, rule: &str) -> (&'a str, &'a str) {
    let findings = report(answer)["findings"].as_array().expect("a list");
    let finding = findings.iter().find(|finding| finding["rule"] == rule);
    let finding = finding.unwrap_or_else(|| panic!("{rule} is not found:\n{answer:#}"));
    (finding["severity"].as_str().expect("a word"), finding["fix"].as_str().expect("a sentence"))
}

#[test]
fn a_sound_service_is_sound_with_its_bundle() {
    let demand = ["-CAfile", "here/localhost/root.pem", "-Verify", "1", "-verify_return_error"];
    let Some((_server, place)) = openssl("here/localhost", &demand) else { return };
    let answer = json(0, &["validate", "--connect", &place, "--bundle", "here/localhost"]);
    assert_eq!((&answer["verdict"], &report(&answer)["subject"]), (&"sound".into(), &place.clone().into()));
    assert_eq!(report(&answer)["findings"], serde_json::json!([]));
    assert_eq!(report(&answer)["connection"]["client_certificate"], "demanded");
    let consumers = report(&answer)["consumers"].as_array().expect("a list");
    let node = consumers.iter().find(|one| one["name"] == "Node.js").expect("a row");
    assert_eq!(node["answer"], "accepts", "{answer:#}");
    // By a root alone as well, and then there is nothing to compare.
    let answer = json(0, &["validate", "--connect", &place, "--root", "here/other.test/root.cer"]);
    assert_eq!((&report(&answer)["compared"], &answer["verdict"]), (&Value::Null, &"sound".into()));
}

#[test]
fn a_root_that_is_only_shown_vouches_for_nothing() {
    let Some((_alone, place)) = openssl("here/localhost", &["-no-CAfile"]) else { return };
    let answer = json(2, &["validate", "--connect", &place]);
    assert_eq!(found(&answer, "chain/unknown-issuer").0, "unjudged");
    assert!(found(&answer, "chain/unknown-issuer").1.contains("--bundle DIR"), "{answer:#}");
    let Some((_chain, place)) = openssl("here/localhost", &["-cert_chain", "here/localhost/root.pem"]) else { return };
    let answer = json(2, &["validate", "--connect", &place]);
    assert_eq!((&answer["verdict"], &report(&answer)["chains"][0]["anchored"]), (&"unjudged".into(), &false.into()));
    // The same chain as a file is a bundle's, which brings its root.
    let shown = qcert(&["inspect", "--pem", "--connect", &place]).ends_with_code(0).stdout;
    std::fs::write(folder().join("shown.pem"), shown).expect("it can be written");
    assert_eq!(json(0, &["validate", "shown.pem"])["verdict"], "sound");
}

#[test]
fn a_root_of_the_same_name_is_told_from_the_bundle_s() {
    let Some((_server, place)) = openssl("again/localhost", &["-cert_chain", "again/localhost/root.pem"]) else {
        return;
    };
    let answer = json(1, &["validate", "--connect", &place, "--bundle", "here/localhost"]);
    assert!(found(&answer, "chain/same-name-other-key").1.contains("made anew"), "{answer:#}");
    let compared = &report(&answer)["compared"];
    assert_eq!((&compared["relation"], &compared["same_root"]), (&"root_of_same_name".into(), &false.into()));
    assert_eq!(compared["client_of_same_root"], false);
}

#[test]
fn names_and_dates_are_the_caller_s() {
    let Some((_server, place)) = openssl("here/localhost", &[]) else { return };
    let port = place.rsplit(':').next().expect("a port");
    let by_address = format!("127.0.0.1:{port}");
    let judge =
        |code, more: &[&str]| json(code, &[&["validate", "--bundle", "here/localhost", "--connect"], more].concat());
    let answer = judge(1, &[&by_address]);
    assert!(found(&answer, "identity/name-mismatch").1.contains("`--name`"), "{answer:#}");
    judge(0, &[&by_address, "--name", "localhost"]);
    judge(0, &[&by_address, "--machine", "localhost"]);
    let answer = judge(1, &[&place, "--at", "2050-01-01"]);
    let findings = report(&answer)["findings"].as_array().expect("a list");
    let expired = |finding: &&Value| finding["rule"] == "validity/expired" && finding["files"][0] == place.as_str();
    let expired = findings.iter().find(expired).unwrap_or_else(|| panic!("not expired:\n{answer:#}"));
    assert!(expired["fix"].as_str().is_some_and(|fix| fix.contains("restart the service")), "{answer:#}");
}

#[test]
fn a_path_and_a_port_are_two_reports() {
    let Some((_server, place)) = openssl("here/localhost", &[]) else { return };
    let both = ["validate", "here/other.test", "--connect", &place, "--bundle", "here/localhost"];
    let answer = json(0, &[&both[..], &["--report", "both.html"]].concat());
    let subjects: Vec<_> = answer["reports"].as_array().expect("a list").iter().map(|one| &one["subject"]).collect();
    assert_eq!(subjects, ["here/other.test", place.as_str()]);
    assert_eq!(
        (&answer["reports"][0]["connection"], &answer["reports"][1]["connection"]["port"].is_u64()),
        (&Value::Null, &true)
    );
    let page = std::fs::read_to_string(folder().join("both.html")).expect("the page is there");
    assert!(page.contains(&place) && page.contains("shown in a TLS handshake"));
    qcert(&both).ends_with_code(0).says("2 judged: 2 sound");
}

#[test]
fn a_bundle_without_a_root_is_none_to_judge_by() {
    let Some((_server, place)) = openssl("here/localhost", &[]) else { return };
    let bare = folder().join("bare");
    std::fs::create_dir(&bare).expect("a folder can be made");
    std::fs::copy(folder().join("here/localhost/client.pem"), bare.join("client.pem")).expect("a copy");
    qcert(&["validate", "--connect", &place, "--bundle", "bare"]).ends_with_code(2).says("holds no root to judge by");
}

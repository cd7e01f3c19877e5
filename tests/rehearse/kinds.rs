//! One machine: every form of its files, every age of certificate, and what is wrong with one of them.

use super::super::support::Scene;
use super::super::{AT, answer, assert_all_fail, assert_refused, fixture, rehearse, steps};
use serde_json::{Value, json};

/// The only folder of a scene of its own, played.
#[track_caller]
fn played(name: &str, verdict: &str) -> Value {
    let scene = Scene::new();
    let folder = fixture(&scene, name, "qs1.example.com");
    answer(&scene, &[&folder, "--at", AT], verdict)
}

#[test]
fn both_forms_are_played_with_both_versions() {
    let answer = played("sound-2022-both-formats", "works");
    assert_refused(&answer);
    assert_eq!(steps(&answer).len(), 5);
    for step in steps(&answer) {
        assert_eq!((&step["passed"], &step["why"]), (&json!(true), &json!(null)), "{step:#}");
        assert_eq!(step["versions"], json!(["TLS 1.2", "TLS 1.3"]));
        assert_eq!(step["forms"], json!(["PEM", "PFX"]));
        assert_eq!(step["caller_shows"], json!(["client.pem", "client.pfx"]));
        assert_eq!(step["callee_shows"], json!(["server.pem", "server.pfx"]));
        assert_eq!(step["caller_checks"], json!(["root", "dates", "purpose", "name"]));
        assert_eq!(step["callee_checks"], json!(["root", "dates", "purpose"]));
    }
    let told: Vec<_> = answer["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            (
                step["number"].as_u64().unwrap(),
                step["from"].as_str().unwrap(),
                step["to"].as_str().unwrap(),
                step["port"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (1, "Repository", "database", 4432),
            (2, "Repository", "Scheduler", 5050),
            (3, "Scheduler", "Engine", 4747),
            (4, "Scheduler", "Repository", 4242),
            (5, "Repository", "Scheduler", 5050),
            (6, "Scheduler", "Engine", 4747)
        ]
    );
    let wrong: Vec<_> =
        answer["refusals"].as_array().unwrap().iter().map(|one| (&one["wrong"], &one["refused_by"])).collect();
    assert_eq!(
        json!(wrong),
        json!([
            ["no_certificate", "callee"],
            ["client_of_another_site", "callee"],
            ["server_of_another_site", "caller"],
            ["wrong_name", "caller"]
        ])
    );
}

#[test]
fn sound_certificates_of_every_age_and_form_work() {
    for (name, forms) in [
        ("sound-2019-windows", json!(["PFX"])),
        ("sound-2022-pem", json!(["PEM"])),
        ("without-alternative-name", json!(["PEM"])),
        ("ip-as-dns-name", json!(["PEM"])),
        ("sound-ip-version-6", json!(["PEM"])),
        ("sound-ip-in-both-forms", json!(["PEM"])),
        ("sound-leaves-with-chain", json!(["PEM"])),
        ("sound-intermediate-in-root-file", json!(["PEM"])),
        ("sound-wildcard", json!(["PEM"])),
        ("sound-international-name", json!(["PEM"])),
        ("sound-short-common-name", json!(["PEM"])),
        ("sound-without-markers", json!(["PEM"])),
        ("sound-large-root", json!(["PEM"])),
        ("root-elliptic", json!(["PEM"])),
        ("missing-client-pfx", json!(["PEM", "PEM client and PFX server"])),
    ] {
        let answer = played(name, "works");
        assert_refused(&answer);
        for step in steps(&answer) {
            assert_eq!(step["forms"], forms, "{name}");
        }
    }
}

#[test]
fn roots_without_basic_constraints_work() {
    let scene = Scene::new();
    let folder = fixture(&scene, "sound-qcert-classic", "qs1.example.com");
    let answer = answer(&scene, &[&folder, "--at", "2027-01-01"], "works");
    assert_refused(&answer);
    assert_eq!(steps(&answer)[0]["forms"], json!(["PEM", "PFX"]));
}

#[test]
fn keys_that_are_not_rsa_are_told() {
    let answer = played("server-elliptic", "works");
    assert!(answer["remarks"].to_string().contains("is not RSA"), "{answer:#}");
}

#[test]
fn what_is_wrong_fails_every_step_with_its_cause() {
    for (name, words) in [
        ("server-expired", "`server.pem` expired on"),
        ("client-expired", "`client.pem` expired on"),
        ("root-expired", "`root.pem` expired on"),
        ("server-not-yet-valid", "`server.pem` is not yet valid"),
        ("server-of-another-site", "`server.pem`"),
        ("client-of-another-site", "`client.pem`"),
        ("root-of-the-same-name", "same name, other key"),
        ("client-signature-damaged", "`client.pem`"),
        ("server-for-clients", "may not be used as a server certificate"),
        ("client-for-servers", "may not be used as a client certificate"),
        ("client-key-of-another-export", "`client_key.pem` is not the key of `client.pem`, so no program can show it"),
        ("server-key-of-another-export", "`server_key.pem` is not the key of `server.pem`, so no program can show it"),
        ("swapped-client-and-server", "holds a "),
        ("root-may-not-sign", "may not sign certificates"),
    ] {
        let answer = played(name, "fails");
        assert_all_fail(&answer, words);
    }
}

#[test]
fn a_fault_of_one_form_is_told_of_that_form() {
    let scene = Scene::new();
    let folder = fixture(&scene, "both-formats-server-expired", "qs1.example.com");
    let text = rehearse(&scene, &[&folder, "--at", AT]).assert_code(1).stdout;
    assert!(text.contains("`server.p"), "{text}");
    let answer = played("client-pfx-with-another-key", "fails");
    assert_all_fail(&answer, "no program can show it");
}

#[test]
fn files_of_two_sites_in_one_folder_fail() {
    let answer = played("pfx-half-of-another-site", "fails");
    assert!(answer["remarks"].to_string().contains("are different roots"), "{answer:#}");
    assert_all_fail(&answer, "`");
}

#[test]
fn files_of_two_exports_are_both_played_and_told() {
    let answer = played("mixed-exports-client", "works");
    assert!(answer["remarks"].to_string().contains("as of two exports"), "{answer:#}");
}

#[test]
fn what_cannot_be_opened_is_never_passed() {
    for name in [
        "pfx-password-needed",
        "export-password-needed",
        "key-password-needed-pkcs8",
        "client-version-1",
        "server-rsa-1024",
        "nothing",
    ] {
        let answer = played(name, "unknown");
        assert!(!answer["left_out"].as_array().unwrap().is_empty(), "{name}: {answer:#}");
        assert_eq!(answer["faults"], json!([]), "{name}: {answer:#}");
    }
}

#[test]
fn what_validate_calls_a_fault_is_a_failure_and_told_in_plain_words() {
    for (name, fault) in [
        ("damaged-pfx", "`client.pfx` is damaged"),
        ("missing-server-key-pem", "`server_key.pem` is missing"),
        ("missing-root-altogether", "`root.pem` is missing"),
        ("missing-client", "`client.pem` is missing"),
        ("empty-server-key-pem", "`server_key.pem` is empty"),
        ("sound-2015-client-only", "`client.pem` expired on"),
    ] {
        let answer = played(name, "fails");
        assert!(!answer["left_out"].as_array().unwrap().is_empty(), "{name}: {answer:#}");
        assert!(answer["faults"][0]["sentence"].as_str().unwrap().contains(fault), "{name}: {answer:#}");
        assert!(!answer["faults"][0]["fix"].as_str().unwrap().is_empty(), "{name}: {answer:#}");
    }
    for (name, words) in [
        ("unknown-critical-extension-client", "has a critical extension that programs do not know: 3.16.55.1"),
        ("client-version-1", "it is a version 1 certificate"),
        ("server-rsa-1024", "its key is RSA 1024"),
    ] {
        let scene = Scene::new();
        let folder = fixture(&scene, name, "qs1.example.com");
        let text = rehearse(&scene, &[&folder, "--at", AT]).stdout;
        assert!(text.contains(words), "{text}");
        for word in ["Unsupported", "unexpected error", "failed to parse", "EdDSA", "OtherError"] {
            assert!(!text.contains(word), "{text}");
        }
    }
}

#[test]
fn a_password_opens_and_is_not_shown() {
    let scene = Scene::new();
    let folder = fixture(&scene, "sound-export-password", "qs1.example.com");
    answer(&scene, &[&folder, "--at", AT], "unknown");
    let expect = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/validate/sound-export-password/expect"),
    )
    .unwrap();
    let password = expect.lines().find_map(|line| line.strip_prefix("password ")).unwrap();
    let file = scene.file("password", password);
    answer(&scene, &[&folder, "--at", AT, "--password-file", &file], "works");
    rehearse(&scene, &[&folder, "--at", AT, "--password-file", &file, "-vv"])
        .assert_code(0)
        .assert_silent_about(&[password]);
}

#[test]
fn whoever_is_told_of_a_fault_is_told_the_way_out() {
    let scene = Scene::new();
    let closed = fixture(&scene, "export-password-needed", "closed");
    let text = rehearse(&scene, &[&closed, "--at", AT]).assert_code(2).stdout;
    assert_eq!(text.matches("fix: give the password with `--password-file FILE`").count(), 1, "{text}");
    for (name, way_out) in [("client-expired", "issue it again"), ("client-key-of-another-export", "same export")] {
        let folder = fixture(&scene, name, name);
        let text = rehearse(&scene, &[&folder, "--at", AT]).assert_code(1).stdout;
        let told: Vec<_> = text.lines().filter_map(|line| line.trim_start().strip_prefix("fix: ")).collect();
        assert!(told.len() == 1 && told[0].contains(way_out), "{text}");
        let answer = answer(&scene, &[&folder, "--at", AT], "fails");
        assert_eq!(steps(&answer)[0]["fix"], told[0]);
    }
}

#[test]
fn the_folder_above_the_bundles_is_told_of_the_option() {
    let scene = Scene::new();
    std::fs::create_dir(scene.path("site")).unwrap();
    let folder = fixture(&scene, "sound-2022-pem", "site/qs1.example.com");
    let above = scene.path("site").display().to_string();
    let told = "`-r` looks into them";
    let stderr = rehearse(&scene, &[&above, "--at", AT]).assert_code(2).stderr;
    assert!(stderr.contains(told), "{stderr}");
    for arguments in [&["-r", &above][..], &[&folder]] {
        let stderr = rehearse(&scene, &[arguments, &["--at", AT]].concat()).assert_code(0).stderr;
        assert!(!stderr.contains(told), "{stderr}");
    }
}

#[test]
fn the_moment_decides() {
    let scene = Scene::new();
    let folder = fixture(&scene, "sound-2022-pem", "qs1.example.com");
    answer(&scene, &[&folder, "--at", AT], "works");
    assert_all_fail(&answer(&scene, &[&folder, "--at", "2060-01-01"], "fails"), "expired on");
    assert_all_fail(&answer(&scene, &[&folder, "--at", "2001-01-01"], "fails"), "is not yet valid");
}

#[test]
fn what_is_no_folder_is_an_error() {
    let scene = Scene::new();
    let file = scene.file("note.txt", "x");
    rehearse(&scene, &["nowhere"]).assert_error(2, &["there is no `nowhere`"]);
    rehearse(&scene, &[&file]).assert_error(2, &["is not a folder"]);
    rehearse(&scene, &["-"]).assert_error(2, &[]);
    rehearse(&scene, &["-r", "."]).assert_error(2, &["there is no bundle"]);
}

#[test]
fn quiet_says_nothing() {
    let scene = Scene::new();
    let folder = fixture(&scene, "server-expired", "qs1.example.com");
    let ended = rehearse(&scene, &[&folder, "--at", AT, "-q"]).assert_code(1);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
}

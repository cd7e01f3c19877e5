//! `qcert inspect` on what a fixed authority made, and on what it did not: JSON, locked files, false roots, hostile text.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test writes files, starts qcert, and fails loudly"
)]

#[path = "workshop/mod.rs"]
mod workshop;

use qcert::pki::authority::Authority;
use qcert::pki::pfx::PfxEncryption;
use qcert::pki::profile::{Profile, Role};
use qcert::pki::secret::Password;
use qcert::pki::serial::{Serial, SerialKind};
use qcert::pki::validity::Validity;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;
use workshop::{Fixed, NOW, Workshop, fixture, key, name};
use zeroize::Zeroizing;

const AT: [&str; 2] = ["--at", "2030-01-01"];

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
    command.env_remove("QCERT_PASSWORD_FILE").env_remove("NO_COLOR").env("TZ", "UTC");
    command.current_dir(folder).arg("inspect").args(arguments).args(AT).output().unwrap()
}

fn text(folder: &Path, arguments: &[&str]) -> String {
    String::from_utf8(run(folder, arguments).stdout).unwrap()
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(folder, &[&["--json"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every object of an answer, those in PFX too.
fn objects(answer: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    let mut waiting: Vec<&Value> = answer["files"].as_array().unwrap().iter().collect();
    while let Some(holder) = waiting.pop() {
        for object in holder["objects"].as_array().into_iter().flatten() {
            waiting.push(object);
            found.push(object.clone());
        }
    }
    found
}

fn of_kind(answer: &Value, kind: &str) -> Vec<Value> {
    objects(answer).into_iter().filter(|object| object["kind"] == kind).collect()
}

/// A folder with what the workshop makes.
fn bundle(encryption: PfxEncryption, password: Option<&str>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let password = password.and_then(|text| Password::new(Zeroizing::new(text.to_owned())));
    for file in Workshop::new(Profile::Qlik).files(encryption, password.as_ref()) {
        std::fs::write(folder.path().join(file.name), file.bytes.expose()).unwrap();
    }
    folder
}

fn pem(label: &str, der: &[u8]) -> Vec<u8> {
    qcert::pki::pem::encode(label, der).expose().to_vec()
}

#[test]
fn a_bundle_as_json() {
    let answer = json(&fixture("golden"), &["qlik"]);
    assert_eq!((&answer["schema"], &answer["at"]), (&1.into(), &"2030-01-01T00:00:00Z".into()));
    let certificates = of_kind(&answer, "certificate");
    assert_eq!(certificates.len(), 6);
    for certificate in &certificates {
        assert_eq!((&certificate["role_from"], &certificate["state"]), (&"marker".into(), &"valid".into()));
        assert_eq!(
            (&certificate["issued_on"], &certificate["days_left"]),
            (&"2026-11-21T12:00:00Z".into(), &2516.into())
        );
        assert_eq!(
            (certificate["sha1"].as_str().unwrap().len(), certificate["serial"].as_str().unwrap().len()),
            (40, 30)
        );
    }
    let server = certificates.iter().find(|one| one["role"] == "server" && one["same_as"].is_null()).unwrap();
    assert_eq!(server["private_keys"], serde_json::json!(["qlik/server.pfx", "qlik/server_key.pem"]));
    assert_eq!(server["also_in"], serde_json::json!(["qlik/server.pfx"]));
    assert_eq!(
        (&server["signed_by"]["state"], &server["signed_by"]["file"]),
        (&"issuer".into(), &"qlik/root.cer".into())
    );
    let dns = |value, as_dns| {
        if as_dns {
            serde_json::json!({"type": "dns", "value": value, "ip_as_dns": true})
        } else {
            serde_json::json!({"type": "dns", "value": value})
        }
    };
    assert_eq!(server["names"], Value::Array(vec![dns("Qlik1.test", false), dns("10.0.0.5", true)]));
    let links: Vec<_> = answer["tree"]
        .as_array()
        .unwrap()
        .iter()
        .map(|branch| (branch["depth"].as_u64().unwrap(), branch["link"].as_str().unwrap()))
        .collect();
    assert_eq!(links, [(0, "root"), (1, "signed"), (1, "signed")]);
}

#[test]
fn private_keys_are_in_no_answer() {
    let golden = fixture("golden");
    let key = std::fs::read_to_string(fixture("keys").join("server.pem")).unwrap();
    let line = key.lines().nth(5).unwrap();
    for arguments in [&["qlik", "../keys"][..], &["qlik", "../keys", "--json"], &["qlik", "../keys", "--pem"]] {
        let output = run(&golden, arguments);
        let said = [output.stdout, output.stderr].concat();
        assert!(said.len() > 1000);
        assert!(!said.windows(line.len()).any(|window| window == line.as_bytes()), "{arguments:?}");
        assert!(!String::from_utf8(said).unwrap().contains("BEGIN RSA"), "{arguments:?}");
    }
}

#[test]
fn a_root_of_the_same_name_is_not_the_issuer() {
    let folder = bundle(PfxEncryption::Modern, None);
    let serial = Serial::draw(SerialKind::Random, &mut Fixed(9)).unwrap();
    let validity = Validity::qlik(NOW).unwrap();
    let other = Authority::create(&name("qlik1.test"), Profile::Qlik, key("other"), validity, serial).unwrap();
    std::fs::write(folder.path().join("root.pem"), pem("CERTIFICATE", other.certificate().der())).unwrap();
    let said = text(folder.path(), &["root.pem", "client.pem"]);
    assert!(said.contains("its issuer would be root.pem, but: not signed by it: same name, other key"), "{said}");
    assert!(said.contains("└╳ QlikClient  client  client.pem  not signed by it: same name, other key"), "{said}");
    // With the right one beside it the link is found, whatever the order.
    let answer = json(folder.path(), &["root.pem", "client.pem", "root.cer"]);
    let client = &answer["files"][1]["objects"][0];
    assert_eq!((&client["signed_by"]["state"], &client["signed_by"]["file"]), (&"issuer".into(), &"root.cer".into()));
    // An altered certificate: names and key id fit.
    let mut der =
        Workshop::new(Profile::Qlik).issue(Role::Client, key("client"), validity).certificate().der().to_vec();
    let end = der.len() - 1;
    der[end] ^= 1;
    std::fs::write(folder.path().join("bent.cer"), der).unwrap();
    let said = text(folder.path(), &["root.cer", "bent.cer"]);
    assert!(said.contains("damaged or altered"), "{said}");
}

#[test]
fn locked_files_show_their_encryption_and_are_no_failure() {
    let folder = bundle(PfxEncryption::Legacy, Some("secret word"));
    for (file, word) in [("right", "secret word"), ("wrong", "another word")] {
        std::fs::write(folder.path().join(file), word).unwrap();
    }
    let locked = text(folder.path(), &["client.pfx", "client_key.pem"]);
    for line in [
        "needed to show what is in it",
        "3DES, 2000 rounds (certificates and key)",
        "HMAC-SHA1, 2000 rounds",
        "Windows of every age",
    ] {
        assert!(locked.contains(line), "{line} is not in {locked}");
    }
    assert!(
        locked.contains("a password is needed to open it") && locked.contains("encrypted: AES-256-CBC"),
        "{locked}"
    );
    let states = |arguments: &[&str]| {
        let answer = json(folder.path(), &[&["client.pfx", "client_key.pem"], arguments].concat());
        [&answer["files"][0], &answer["files"][1]].map(|file| file["objects"][0]["state"].as_str().unwrap().to_owned())
    };
    assert_eq!(states(&[]), ["password_needed", "password_needed"]);
    assert_eq!(states(&["--password-file", "wrong"]), ["wrong_password", "wrong_password"]);
    assert_eq!(states(&["--password-file", "right"]), ["open", "open"]);
    let opened = text(folder.path(), &["client.pfx", "--password-file", "right"]);
    assert!(opened.contains("the given one opens it") && opened.contains("friendly name QlikClient"), "{opened}");
    assert!(!opened.contains("secret word"));
}

#[test]
fn hostile_text_is_escaped() {
    let folder = bundle(PfxEncryption::Modern, None);
    let der = Workshop::new(Profile::Qlik).issue(Role::Client, key("client"), Validity::qlik(NOW).unwrap());
    let der = der.certificate().der().to_vec();
    let at = der.windows(10).position(|window| window == b"QlikClient").unwrap();
    let evil = [&der[..at], b"a\x1b]0;x\x07\r\nb", &der[at + 10..]].concat();
    let file = "evil\u{202e}\u{1b}[31m.cer";
    std::fs::write(folder.path().join(file), evil).unwrap();
    for arguments in [&[file][..], &[file, "-1"], &[file, "root.pem"], &[file, "--json"]] {
        let said = text(folder.path(), arguments);
        assert!(said.len() > 20 && !said.contains(['\u{1b}', '\u{7}', '\r']), "{said:?}");
        assert!(arguments.contains(&"--json") || !said.contains('\u{202e}'), "{said:?}");
    }
}

#[test]
fn what_extensions_say() {
    let mut parameters = rcgen::CertificateParams::new(vec!["qlik1.test".to_owned()]).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(1));
    parameters.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let subtree = |name: &str| rcgen::GeneralSubtree::DnsName(name.to_owned());
    let constraints = rcgen::NameConstraints {
        permitted_subtrees: vec![subtree("test")],
        excluded_subtrees: vec![subtree("bad.test")],
    };
    parameters.name_constraints = Some(constraints);
    let octets = |length: usize| [&[0x04, 0x82, 1, 0][..], &vec![7; length]].concat();
    let mut unknown = rcgen::CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
    unknown.set_criticality(true);
    parameters.custom_extensions = vec![
        rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 13, 3], b"Service".to_vec()),
        rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 13, 1], octets(256)),
        rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 13, 2], octets(256)),
        unknown,
        rcgen::CustomExtension::from_oid_content(&[1, 2, 3, 5], vec![5, 0]),
        rcgen::CustomExtension::from_oid_content(&[1, 2, 3, 5], vec![5, 0]),
    ];
    let key = rcgen::KeyPair::try_from(key("server").pkcs8().expose()).unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("odd.cer"), certificate.der()).unwrap();
    let said = text(folder.path(), &["odd.cer"]);
    for line in [
        "role          server (Qlik marker, written bare, as Qlik does not)",
        "issued on     not told: dates are not as Qlik writes them",
        "CA            yes, critical, at most 1 CA below",
        "purpose       server authentication",
        "may sign only test",
        "may not sign  bad.test",
        "site secrets  2 × 256 octets, encrypted to this key",
        "critical      1.2.3.4: every program must refuse what it does not know",
        "repeated      1.2.3.5 is there twice",
    ] {
        assert!(said.contains(line), "{line} is not in {said}");
    }
}

#[test]
fn colour_is_shown_where_it_is_wanted() {
    let golden = fixture("golden");
    assert!(!text(&golden, &["qlik/root.pem"]).contains('\u{1b}'));
    assert!(text(&golden, &["qlik/root.pem", "--color", "always"]).contains("\u{1b}[1mqlik/root.pem\u{1b}[0m"));
    assert!(!text(&golden, &["qlik/root.pem", "--color", "never"]).contains('\u{1b}'));
}

#[test]
fn many_copies_do_not_multiply() {
    let folder = tempfile::tempdir().unwrap();
    let golden = fixture("golden").join("qlik");
    for number in 0..200 {
        for file in ["root.pem", "server.pem", "server_key.pem"] {
            let copy = folder.path().join(format!("{number:03}-{file}"));
            std::fs::copy(golden.join(file), copy).unwrap();
        }
    }
    let answer = run(folder.path(), &["--json", "."]).stdout;
    assert!(answer.len() < 600 * 6000, "{} bytes", answer.len());
    let said = text(folder.path(), &["."]);
    assert!(said.len() < 200_000, "{} bytes", said.len());
    assert_eq!(said.matches("\n  SHA-256 ").count(), 2);
}

#[test]
fn how_a_file_is_written_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let golden = fixture("golden").join("qlik");
    let read = |name: &str| std::fs::read_to_string(golden.join(name)).unwrap();
    let (root, key) = (read("root.pem"), read("client_key.pem"));
    let utf16: Vec<u8> = root.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("blanks.pem", root.replace("\r\n", " ").as_bytes());
    write("escaped.pem", root.replace("\r\n", "\\n").as_bytes());
    write("utf16.pem", &[b"\xff\xfe", &utf16[..]].concat());
    write("trailing.cer", &[&std::fs::read(golden.join("root.cer")).unwrap()[..], b"1234"].concat());
    write("trusted.pem", root.replace("CERTIFICATE", "TRUSTED CERTIFICATE").as_bytes());
    write("key.pem", key.replace("RSA PRIVATE", "PRIVATE").as_bytes());
    write("ssh.key", &pem("OPENSSH PRIVATE KEY", b"openssh-key-v1"));
    write("Host.cfg", b"qlik1.test");
    let said = text(folder.path(), &["."]);
    for line in [
        "certificate, PEM, BEGIN and END not on lines of their own, which most programs cannot read\n",
        "label         `TRUSTED CERTIFICATE`, where `CERTIFICATE` belongs",
        "label         `PRIVATE KEY`, where `RSA PRIVATE KEY` belongs",
        "holds         an OpenSSH private key, which qcert has no use for",
        "Host.cfg                              not the base64 of a host name\n  reason        it holds a name as it is",
    ] {
        assert!(said.contains(line), "{line} is not in {said}");
    }
    assert_eq!(said.matches("  label ").count(), 2, "{said}");
    let said = text(folder.path(), &[".", "-1"]);
    for (file, note) in [
        ("blanks.pem", "(in one line)"),
        ("escaped.pem", "(line ends written as `\\n`)"),
        ("utf16.pem", "(UTF-16)"),
        ("trailing.cer", "(4 stray bytes)"),
    ] {
        let line = said.lines().find(|line| line.contains(file)).unwrap();
        assert!(line.ends_with(note), "{line}");
    }
    assert!(said.lines().find(|line| line.contains("key.pem")).unwrap().ends_with("no certificate here"), "{said}");
}

/// A CA that two roots signed, one of them expired, and files in the order that misleads.
#[test]
fn the_tree_grows_from_the_living_root() {
    let pair = |name: &str| rcgen::KeyPair::try_from(key(name).pkcs8().expose()).unwrap();
    let parameters = |name: &str, last_year: i32| {
        let mut parameters = rcgen::CertificateParams::default();
        parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        (parameters.not_before, parameters.not_after) =
            (rcgen::date_time_ymd(2020, 1, 1), rcgen::date_time_ymd(last_year, 1, 1));
        parameters
    };
    let (old, new) = (parameters("Old Root", 2029), parameters("New Root", 2035));
    let issuer = |parameters: &rcgen::CertificateParams, name: &str| rcgen::Issuer::new(parameters.clone(), pair(name));
    let (by_old, by_new) = (issuer(&old, "other"), issuer(&new, "root"));
    let middle = parameters("Middle", 2034);
    let leaf = parameters("Leaf", 2033);
    let certificates = [
        ("a.cer", old.self_signed(&pair("other"))),
        ("b.cer", middle.signed_by(&pair("server"), &by_old)),
        ("c.cer", new.signed_by(&pair("root"), &by_old)),
        ("d.cer", middle.signed_by(&pair("server"), &by_new)),
        ("e.cer", new.self_signed(&pair("root"))),
        ("f.cer", leaf.signed_by(&pair("client"), &issuer(&middle, "server"))),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (file, certificate) in &certificates {
        std::fs::write(folder.path().join(file), certificate.as_ref().unwrap().der()).unwrap();
    }
    let drawn = |answer: &Value| -> Vec<(u64, String)> {
        let branches = answer["tree"].as_array().unwrap().iter();
        branches.map(|one| (one["depth"].as_u64().unwrap(), one["files"][0].as_str().unwrap().to_owned())).collect()
    };
    let expected = [(0, "a.cer"), (1, "b.cer"), (1, "c.cer"), (0, "e.cer"), (1, "d.cer"), (2, "f.cer")];
    let expected: Vec<_> = expected.into_iter().map(|(depth, file)| (depth, file.to_owned())).collect();
    let forward = ["a.cer", "b.cer", "c.cer", "d.cer", "e.cer", "f.cer"];
    assert_eq!(drawn(&json(folder.path(), &forward)), expected);
    let mut backward = forward;
    backward.reverse();
    let parent = |answer: &Value, file: &str| {
        let files = answer["files"].as_array().unwrap();
        let found = files.iter().find(|one| one["path"] == file).unwrap();
        found["objects"][0]["signed_by"]["file"].as_str().unwrap().to_owned()
    };
    for order in [forward, backward] {
        let answer = json(folder.path(), &order);
        assert_eq!((parent(&answer, "f.cer"), parent(&answer, "d.cer")), ("d.cer".into(), "e.cer".into()));
    }
}

#[test]
fn a_mac_that_qcert_does_not_know_is_not_called_checked() {
    let folder = bundle(PfxEncryption::Modern, None);
    let path = folder.path().join("client.pfx");
    let mut bytes = std::fs::read(&path).unwrap();
    // SHA-256 in the MAC, which stands last.
    let sha256 = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    let at = bytes.windows(sha256.len()).rposition(|window| window == sha256).unwrap();
    assert_eq!(json(folder.path(), &["client.pfx"])["files"][0]["objects"][0]["mac"]["checked"], true);
    bytes[at + sha256.len() - 1] = 0x63;
    std::fs::write(&path, bytes).unwrap();
    let said = text(folder.path(), &["client.pfx"]);
    assert!(said.contains("2.16.840.1.101.3.4.2.99, 2000 rounds; not checked: qcert does not know it"), "{said}");
    assert_eq!(json(folder.path(), &["client.pfx"])["files"][0]["objects"][0]["mac"]["checked"], false);
}

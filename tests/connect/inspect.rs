//! What a port shows, shown as a file is.

use super::site::{folder, json, node, openssl, qcert, self_signed};

#[test]
fn a_service_that_demands_a_client_certificate_is_shown_all_the_same() {
    for version in ["-tls1_3", "-tls1_2"] {
        let demand = ["-CAfile", "here/localhost/root.pem", "-Verify", "1", "-verify_return_error", version];
        let Some((_server, place)) = openssl("here/localhost", &demand) else { return };
        let answer = json(0, &["inspect", "--connect", &place, "--bundle", "here/localhost"]);
        let connection = &answer["connection"];
        assert_eq!(connection["client_certificate"], "demanded", "{connection:#}");
        assert_eq!(connection["issuers"], serde_json::json!(["CN=site.test-CA"]));
        assert_eq!(connection["key_proved"], true);
        assert_eq!(connection["version"], if version == "-tls1_3" { "TLS 1.3" } else { "TLS 1.2" });
        assert_eq!(connection["server_name"], "localhost");
        assert_eq!(connection["peer"].as_str().map(|peer| peer.starts_with("127.0.0.1:")), Some(true));
        assert_eq!(connection["trouble"], serde_json::Value::Null);
        let file = &answer["files"][0];
        assert_eq!((&file["path"], &file["form"]), (&place.clone().into(), &"shown".into()));
        assert_eq!(file["objects"][0]["role"], "server");
        assert_eq!(answer["compared"]["relation"], "same_certificate", "{answer:#}");
        qcert(&["inspect", "--connect", &place])
            .ends_with_code(0)
            .says("a client certificate is demanded; none was shown")
            .says("shown in a TLS handshake");
    }
}

#[test]
fn node_closes_without_a_word_and_is_understood() {
    let Some((_server, place)) = node("here/localhost") else { return };
    let answer = json(0, &["inspect", "--connect", &place, "--bundle", "here/other.test"]);
    assert_eq!(answer["connection"]["client_certificate"], "demanded", "{answer:#}");
    assert_eq!(answer["compared"]["relation"], "other_machine");
    assert_eq!(answer["compared"]["same_root"], true);
}

#[test]
fn a_service_that_asks_and_one_that_does_not() {
    let Some((_asks, place)) = openssl("here/localhost", &["-verify", "1"]) else { return };
    let answer = json(0, &["inspect", "--connect", &place]);
    assert_eq!((&answer["connection"]["client_certificate"], &answer["compared"]), (&"asked".into(), &().into()));
    let Some((_plain, place)) = openssl("here/localhost", &[]) else { return };
    assert_eq!(json(0, &["inspect", "--connect", &place])["connection"]["client_certificate"], "not_asked");
    qcert(&["inspect", "--short", "--connect", &place, "--bundle", "again/localhost"])
        .ends_with_code(0)
        .says("key proved, no client certificate is asked for")
        .says("same name `site.test-CA`, other key");
}

#[test]
fn pem_is_what_was_served() {
    let Some((_server, place)) = openssl("here/localhost", &["-cert_chain", "here/localhost/root.pem"]) else { return };
    let read = |name: &str| std::fs::read_to_string(folder().join("here/localhost").join(name)).expect("it is there");
    let served = [read("server.pem"), read("root.pem")].concat().replace('\r', "");
    let answer = qcert(&["inspect", "--pem", "--connect", &place]).ends_with_code(0);
    assert_eq!(String::from_utf8_lossy(&answer.stdout), served);
}

#[test]
fn other_kinds_of_keys_are_proved_too() {
    let kinds = [
        ("p256", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"][..]),
        ("p384", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"]),
        ("ed25519", &["-newkey", "ed25519"]),
    ];
    for (name, arguments) in kinds {
        let Some(()) = self_signed(name, arguments) else { return };
        let Some((_server, place)) = openssl(name, &[]) else { return };
        let answer = json(0, &["inspect", "--connect", &place, "--bundle", "here/localhost"]);
        assert_eq!(answer["connection"]["key_proved"], true, "{answer:#}");
        assert_eq!(answer["compared"]["relation"], "other_root");
        qcert(&["inspect", "--connect", &place, "--bundle", "here/localhost"]).says("shows a self-signed certificate");
    }
}

#[test]
fn old_tls_is_shown_and_not_believed() {
    let old = ["-cipher", "AES128-SHA:@SECLEVEL=0", "-tls1_2"];
    let Some((_server, place)) = openssl("here/localhost", &old) else { return };
    let answer = json(0, &["inspect", "--connect", &place, "--bundle", "here/localhost"]);
    let connection = &answer["connection"];
    assert_eq!((&connection["old"], &connection["key_proved"]), (&true.into(), &false.into()), "{connection:#}");
    assert_eq!(answer["compared"]["relation"], "same_certificate");
    qcert(&["inspect", "--pem", "--connect", &place]).ends_with_code(0).says("did not prove that it has the");
    let judged = json(2, &["validate", "--connect", &place, "--bundle", "here/localhost"]);
    let rules: Vec<_> = judged["reports"][0]["findings"].as_array().expect("a list").iter().collect();
    let severity = |rule: &str| rules.iter().find(|one| one["rule"] == rule).map(|one| one["severity"].clone());
    assert_eq!(severity("connection/old-tls"), Some("warning".into()), "{judged:#}");
    assert_eq!(severity("connection/key-not-proved"), Some("unjudged".into()));
}

#[test]
fn where_nothing_listens_nothing_is_shown() {
    // The near end of a connection: nobody listens there, and nobody else can have the port.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let taken = std::net::TcpStream::connect(address).expect("a connection");
    let port = taken.local_addr().expect("its address").port();
    for command in ["inspect", "validate"] {
        qcert(&[command, "--connect", &format!("127.0.0.1:{port}")]).ends_with_code(2).says("error: ").says("hint: ");
    }
}

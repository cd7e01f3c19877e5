//! What doctor advises where one of several has to go, and what it foresees: an advice that is wrong destroys a site.

use crate::certificate::{Draft, MARKER, serial};
use crate::server::{Server, server};
use crate::site::{MACHINE, Site, other_site, site};
use crate::stores::{self, CLIENT, ROOT, SERVER, Stores};
use crate::walk::lay_out;
use qcert::pki::snapshot::Entry;
use serde_json::Value;
use std::process::Command;
use time::macros::datetime;

const EARLIER: time::OffsetDateTime = datetime!(2022-02-02 08:15:30 UTC);

fn asked(server: Server) -> Value {
    let (_, files) = server.finish();
    let scratch = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    lay_out(scratch.path(), &files);
    let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
    command.current_dir(scratch.path()).env("QCERT_HOME", scratch.path().join("home"));
    let output = command.args(["doctor", "Sense", "--at", "2026-06-01T00:00:00Z", "--json"]).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn with(stores: &Stores) -> Value {
    asked(server("advice", "a server", &site()).stores(stores))
}

fn finding<'a>(json: &'a Value, rule: &str) -> &'a Value {
    let found = json["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == rule);
    found.unwrap_or_else(|| panic!("{rule} is not in {json}"))
}

fn text<'a>(json: &'a Value, rule: &str, field: &str) -> &'a str {
    finding(json, rule)[field].as_str().unwrap()
}

/// `action`, and why.
fn foreseen<'a>(json: &'a Value, role: &str) -> (&'a str, &'a str) {
    let mut all =
        json["reports"].as_array().unwrap().iter().filter_map(|report| report["start_up"].as_array()).flatten();
    let one = all.find(|one| one["role"] == role).unwrap();
    (one["action"].as_str().unwrap(), one["why"].as_str().unwrap())
}

fn thumbprint(entry: &Entry) -> String {
    qcert::pki::certificate::Certificate::parse(entry.der.clone()).unwrap().sha1()
}

/// Older than the machine's own, as a bundle of the first days is.
fn of(machine: &'static str) -> Draft {
    Site::under(site().root, machine).server.made(EARLIER).serial(&serial(machine))
}

#[test]
fn of_several_servers_the_machines_own_is_kept() {
    let own = stores::server(&site().server);
    let unmarked = Draft { subject: site().server.subject, ..of(MACHINE).without(MARKER) };
    for other in [of("butler.example.com"), of("QS1"), unmarked.clone()] {
        let other = stores::server(&other);
        let json = with(&Stores::node(&site()).put(SERVER, other.clone()));
        let fix = text(&json, "stores/several-servers", "fix");
        assert!(fix.contains(&format!("(thumbprint `{}`) and delete", thumbprint(&own))), "{fix}");
        assert!(fix.contains(&format!("{}'`", thumbprint(&other).to_uppercase())), "{fix}");
    }
}

/// Neither of two strangers, and not one without the secrets that the other carries.
#[test]
fn in_doubt_no_server_is_named() {
    let strangers = Stores::node(&site())
        .drop_last(SERVER)
        .put(SERVER, stores::server(&of("butler.example.com")))
        .put(SERVER, stores::server(&of("hub.example.com")));
    let useless = Stores::node(&site())
        .bend(SERVER, |server| server.key = None)
        .put(SERVER, stores::server(&of("butler.example.com")));
    for stores in [strangers, useless] {
        let json = with(&stores);
        let fix = text(&json, "stores/several-servers", "fix");
        assert!(!fix.contains("Remove-Item"), "{fix}");
    }
}

#[test]
fn what_the_account_cannot_use_is_not_called_valid() {
    let old = stores::client(&site().again().client.made(EARLIER));
    let stores = Stores::node(&site()).put(CLIENT, old.clone()).bend_key(CLIENT, |key| key.usable = Some(false));
    let json = with(&stores);
    let (sentence, fix) =
        (text(&json, "stores/several-clients", "sentence"), text(&json, "stores/several-clients", "fix"));
    assert!(sentence.contains("that the account cannot use"), "{sentence}");
    assert!(fix.contains(&format!("{}'`", thumbprint(&old).to_uppercase())), "{fix}");
    assert!(foreseen(&json, "client").1.contains("1 valid and 1 invalid"), "{json}");
}

#[test]
fn what_goes_with_a_second_root_is_said_of_the_root_alone() {
    let other = other_site("qs2.example.com");
    let stores = Stores::node(&site())
        .put(ROOT, stores::entry(&other.root, None, None))
        .put(CLIENT, stores::client(&other.client));
    let json = with(&stores);
    assert!(text(&json, "stores/two-roots", "fix").contains("with what it signed"), "{json}");
    assert!(!json.to_string().contains("stores/several-clients"), "{json}");
    assert!(foreseen(&json, "client").1.contains("1 valid and 1 invalid"), "{json}");
}

#[test]
fn the_client_of_another_site_is_not_called_valid() {
    let other = other_site("qs2.example.com");
    let json = with(&Stores::node(&site()).put(CLIENT, stores::client(&other.client)));
    let sentence = text(&json, "stores/several-clients", "sentence");
    assert!(sentence.contains("was not signed by `qs1.example.com-CA`"), "{sentence}");
    assert!(foreseen(&json, "client").1.contains("1 valid and 1 invalid"), "{json}");
}

#[test]
fn without_the_roots_no_signature_is_foreseen() {
    let mut stores = Stores::node(&site());
    (stores.store(ROOT).problem, stores.store(ROOT).certificates) = (Some("Access is denied.".to_owned()), Vec::new());
    stores.store(stores::ROOT_OF_USER).certificates.clear();
    let json = with(&stores);
    for role in ["server", "client"] {
        let (action, why) = foreseen(&json, role);
        assert!(action == "unknown" && why.contains("was not read"), "{action}: {why}");
    }
}

/// All stores were read, and they are a server's.
#[test]
fn empty_stores_of_a_server_are_its_fault() {
    let json = with(&Stores::empty("QS1"));
    assert_eq!(text(&json, "stores/root-missing", "severity"), "error");
    assert_eq!(text(&json, "stores/server-missing", "severity"), "error");
    for role in ["root", "server", "client"] {
        assert_eq!(foreseen(&json, role).0, "create");
    }
    // Without what lies beside them nothing tells that they are a server's.
    let json = asked(server("advice", "a machine", &site()).stores(&Stores::empty("PC7")).remove("Sense/Host.cfg"));
    assert_eq!(text(&json, "site/nothing", "severity"), "unjudged");
}

#[test]
fn a_server_without_its_certificate_is_faulty() {
    let json = with(&Stores::node(&site()).drop_last(SERVER));
    assert_eq!(json["verdict"], "faulty");
    assert_eq!(text(&json, "stores/server-missing", "severity"), "error");
    // Another account may have it.
    let json = with(&Stores::node(&site()).drop_last(CLIENT));
    assert_eq!(text(&json, "stores/leaf-missing", "severity"), "warning");
    let (action, why) = foreseen(&json, "client");
    assert!(action == "create" && why.contains("if the services run as another account"), "{why}");
}

#[test]
fn an_archived_certificate_is_not_called_missing() {
    let json = with(&Stores::node(&site()).bend(CLIENT, |client| client.archived = true));
    let (sentence, fix) = (text(&json, "stores/archived", "sentence"), text(&json, "stores/archived", "fix"));
    let path = format!("CurrentUser\\My\\{}'", thumbprint(&stores::client(&site().client)).to_uppercase());
    assert!(sentence.contains("is archived") && fix.contains(&path), "{sentence}: {fix}");
    assert!(json["findings"].as_array().unwrap().iter().all(|finding| finding["rule"] != "stores/leaf-missing"));
}

/// The new one comes with a key.
#[test]
fn an_expired_server_without_key_has_one_cure() {
    let old = site().server(|draft| draft.made(datetime!(2014-03-05 10:20:30 UTC)));
    let json = with(&Stores::node(&old).bend(SERVER, |server| server.key = None));
    let sentence = text(&json, "stores/leaf-expired", "sentence");
    assert!(sentence.ends_with("and has no private key"), "{sentence}");
    assert!(json["findings"].as_array().unwrap().iter().all(|finding| finding["rule"] != "stores/no-key"));
}

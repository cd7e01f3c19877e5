//! The answers, word for word, of one ledger at one time.

use super::filter::{Filter, FilterArguments};
use super::issued::{Issued, Item};
use super::text::{self, Table};
use super::{expiring, json, live_clients, metrics, order};
use crate::cli::Clock;
use crate::host::ledger::{Evidence, Ledger, LedgerError, Row};
use clap::Parser;
use std::path::Path;
use tempfile::TempDir;
use time::macros::{date, datetime};
use time::{Date, UtcOffset};

const CLOCK: Clock = Clock { now: datetime!(2026-11-22 12:00 UTC), offset: UtcOffset::UTC };

#[derive(Debug, Parser)]
struct Words {
    #[command(flatten)]
    filter: FilterArguments,
}

fn row(root: &str, name: &str, role: &'static str, issued: Date, ends: Date) -> Row {
    let issued_at = issued.midnight().assume_utc();
    Row {
        root: root.to_owned(),
        serial: format!("5e{name}{role}"),
        role,
        machine: format!("{}.corp", name.trim_end_matches('+')),
        profile: "qlik",
        sha256: format!("{name}-{role}"),
        issued_at,
        not_before: issued_at,
        not_after: ends.midnight().assume_utc(),
        place: format!("/out/{}", name.trim_end_matches('+')),
        recipe: None,
        evidence: Some(Evidence::new("server.pem", b"")),
        der: vec![0x30],
    }
}

fn root(name: &str, issued: Date, ends: Date) -> Row {
    let (sha256, machine) = (format!("{name}-root"), format!("{name}.corp-CA"));
    Row { root: sha256.clone(), machine, place: "/home".to_owned(), ..row("", name, "root", issued, ends) }
}

/// Two roots; under the present one a bundle that was renewed, a revoked client, one that has ended, and one of which
/// nobody knows whether it arrived.
fn ledger() -> (TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
    let (year, month, late) = (date!(2026 - 02 - 01), date!(2026 - 11 - 01), date!(2036 - 01 - 01));
    let bundle = |root: &str, name: &str, issued: Date, ends: Date| {
        let rows = ["server", "client"].map(|role| row(root, name, role, issued, ends));
        ledger.enter(&rows).unwrap();
        rows.map(|row| row.sha256)
    };
    let arrive = |sha256: &[String], on: Date| {
        ledger.place::<LedgerError>(sha256, on.midnight().assume_utc(), || Ok(())).unwrap();
    };
    ledger.enter_root(&root("old", date!(2020 - 01 - 01), date!(2030 - 01 - 01))).unwrap();
    // Outlives its root.
    arrive(&bundle("old-root", "node9", date!(2020 - 06 - 01), date!(2030 - 06 - 01)), date!(2020 - 06 - 01));
    arrive(&["old-root".to_owned()], date!(2020 - 01 - 01));
    ledger.enter_root(&root("new", date!(2026 - 01 - 01), late)).unwrap();
    let cross = Row { machine: "new.corp-CA".to_owned(), ..row("new-root", "cross", "cross", year, late) };
    ledger.enter(&[cross]).unwrap();
    arrive(&bundle("new-root", "node10", year, late), year);
    arrive(&bundle("new-root", "node10+", month, late), month);
    let node2 = bundle("new-root", "node2", year, date!(2026 - 12 - 01));
    arrive(&node2, year);
    ledger.revoke("new-root", &node2[1..], datetime!(2026-11-21 00:00 UTC), "key-compromise").unwrap();
    arrive(&bundle("new-root", "Node3", year, month), year);
    bundle("new-root", "node4", month, late);
    arrive(&["new-root".to_owned()], year);
    (folder, ledger)
}

fn issued(ledger: &Ledger, words: &[&str]) -> Issued {
    let words = Words::try_parse_from([&["list"], words].concat()).unwrap();
    let mut filter = Filter::new(&words.filter, None);
    let issued = Issued::read(ledger, &mut filter, CLOCK.now.unix_timestamp()).unwrap();
    filter.check().unwrap();
    issued
}

fn table(issued: &Issued, table: Table) -> String {
    let mut out = Vec::new();
    text::table(issued, table, CLOCK, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn everything() {
    let (_folder, ledger) = ledger();
    let all = issued(&ledger, &[]);
    let told = table(&all, Table::Everything) + &text::summary(&all, CLOCK);
    assert_eq!(told, EVERYTHING, "{told}");
    let some = issued(&ledger, &["--machine", "NODE2.corp", "--state", "revoked"]);
    assert_eq!(text::summary(&some, CLOCK), "1 certificate of 15, 1 machine: 1 revoked\n");
    let none = issued(&ledger, &["-m", "node2.corp", "--root", "replaced"]);
    assert_eq!(text::summary(&none, CLOCK), "none of 15 certificates\n");
    assert_eq!(issued(&ledger, &["--role", "root"]).items.len(), 2);
    assert_eq!(issued(&ledger, &["--root", "replaced"]).items.len(), 3);
}

const EVERYTHING: &str = "  role    state                  issued      until       serial
new.corp-CA  /home
  root    live                   2026-01-01  2036-01-01  5enewroot
new.corp-CA  /out/cross
  cross   live                   2026-02-01  2036-01-01  5ecrosscross  unconfirmed
node2.corp  /out/node2
  server  live                   2026-02-01  2026-12-01  5enode2server
  client  revoked 2026-11-21     2026-02-01  2026-12-01  5enode2client  key-compromise
Node3.corp  /out/Node3
  server  expired                2026-02-01  2026-11-01  5eNode3server
  client  expired                2026-02-01  2026-11-01  5eNode3client
node4.corp  /out/node4
  server  live                   2026-11-01  2036-01-01  5enode4server  unconfirmed
  client  live                   2026-11-01  2036-01-01  5enode4client  unconfirmed
node10.corp  /out/node10
  server  live                   2026-11-01  2036-01-01  5enode10+server
  client  live                   2026-11-01  2036-01-01  5enode10+client
  server  superseded 2026-11-01  2026-02-01  2036-01-01  5enode10server
  client  superseded 2026-11-01  2026-02-01  2036-01-01  5enode10client

under the root that was replaced on 2026-01-01:
old.corp-CA  /home
  root    superseded 2026-01-01  2020-01-01  2030-01-01  5eoldroot
node9.corp  /out/node9
  server  live                   2020-06-01  2030-06-01  5enode9server
  client  live                   2020-06-01  2030-06-01  5enode9client
15 certificates, 5 machines: 9 live, 3 superseded, 1 revoked and 2 expired; the next live one ends in 8 days
unconfirmed: of 3 the ledger does not know whether the files arrived
";

#[test]
fn a_machine_that_was_never_there_is_no_answer() {
    let (_folder, ledger) = ledger();
    let words = Words::try_parse_from(["list", "-m", "node2.corp", "-m", "nodo2.corp", "--role", "root"]).unwrap();
    let mut filter = Filter::new(&words.filter, None);
    Issued::read(&ledger, &mut filter, 0).unwrap();
    assert!(filter.check().unwrap_err().to_string().contains("`nodo2.corp`"));
}

#[test]
fn live_clients_are_what_is_not_over() {
    let (_folder, ledger) = ledger();
    let mut all = issued(&ledger, &["--role", "client"]);
    live_clients::keep_alive(&mut all, CLOCK);
    let told = table(&all, Table::LiveClients) + &live_clients::closing(&all, CLOCK);
    assert_eq!(told, LIVE_CLIENTS, "{told}");
}

const LIVE_CLIENTS: &str = "  state                  issued      until       ends                  serial
node2.corp  /out/node2
  revoked 2026-11-21     2026-02-01  2026-12-01  in 8 days             5enode2client  key-compromise
node4.corp  /out/node4
  live                   2026-11-01  2036-01-01  in 9 years 1 month    5enode4client  unconfirmed
node10.corp  /out/node10
  live                   2026-11-01  2036-01-01  in 9 years 1 month    5enode10+client
  superseded 2026-11-01  2026-02-01  2036-01-01  in 9 years 1 month    5enode10client

under the root that was replaced on 2026-01-01:
node9.corp  /out/node9
  live                   2020-06-01  2030-01-01  in 3 years 1 month    5enode9client
4 client certificates accepted by Qlik's services: 2 live, 1 superseded and 1 revoked; the last one until 2036-01-01
only a new root ends them before that: `qcert recreate`
1 client certificate accepted where a replaced root is still trusted: 1 live; the last one until 2030-01-01
only taking that root out of the machines' trusted roots ends them before that
renewing and revoking end none: no Qlik service looks at a list of revoked certificates
what Qlik itself or another tool made under the same root is not in this ledger
";

#[test]
fn what_ends_soon() {
    let (_folder, ledger) = ledger();
    let all = issued(&ledger, &[]);
    let told = |days: u32| {
        let ending = expiring::ending(&all, days, CLOCK);
        let mut out = Vec::new();
        expiring::page(&all, &ending, CLOCK, &mut out).unwrap();
        String::from_utf8(out).unwrap() + &expiring::closing(&all, &ending, 10, days, CLOCK)
    };
    let (month, long) = (told(30), told(3650));
    assert_eq!(month, WITHIN_A_MONTH, "{month}");
    assert_eq!(long, WITHIN_TEN_YEARS, "{long}");
    assert_eq!(expiring::ending(&all, 0, CLOCK).len(), 2);
}

const WITHIN_A_MONTH: &str = "\
2026-11-01  21 days ago           server  Node3.corp  /out/Node3
2026-11-01  21 days ago           client  Node3.corp  /out/Node3
2026-12-01  in 8 days             server  node2.corp  /out/node2
3 of 10 in place end within 30 days, 2 of them over already; `qcert renew --days 30` makes them anew
";
const WITHIN_TEN_YEARS: &str = "\
2036-01-01  in 9 years 1 month    root    new.corp-CA  /home
2026-11-01  21 days ago           server  Node3.corp   /out/Node3
2026-11-01  21 days ago           client  Node3.corp   /out/Node3
2026-12-01  in 8 days             server  node2.corp   /out/node2
2030-01-01  in 3 years 1 month    server  node9.corp   /out/node9  under a replaced root
2030-01-01  in 3 years 1 month    client  node9.corp   /out/node9  under a replaced root
2036-01-01  in 9 years 1 month    server  node10.corp  /out/node10
2036-01-01  in 9 years 1 month    client  node10.corp  /out/node10
2036-01-01  in 9 years 1 month    server  node4.corp   /out/node4  unconfirmed
2036-01-01  in 9 years 1 month    client  node4.corp   /out/node4  unconfirmed
10 of 10 in place end within 3650 days, 2 of them over already; the root ends, and all with it: `qcert recreate` makes a new one
";

#[test]
fn numbers_for_prometheus() {
    let (_folder, ledger) = ledger();
    ledger.next_list("new-root", 6, datetime!(2026-11-21 00:00 UTC)).unwrap();
    let page = metrics::page(&issued(&ledger, &[]), &ledger, CLOCK).unwrap();
    assert_eq!(page, METRICS, "{page}");
}

const METRICS: &str = r#"# HELP qcert_metrics_timestamp_seconds When these metrics were made.
# TYPE qcert_metrics_timestamp_seconds gauge
qcert_metrics_timestamp_seconds 1795348800
# HELP qcert_build_info The qcert that made these metrics.
# TYPE qcert_build_info gauge
qcert_build_info{version="0.1.0"} 1
# HELP qcert_root_not_after_timestamp_seconds When the present root ends, and all certificates with it.
# TYPE qcert_root_not_after_timestamp_seconds gauge
qcert_root_not_after_timestamp_seconds{root="new.corp-CA"} 2082758400
# HELP qcert_crl_number Number of the present root's last revocation list.
# TYPE qcert_crl_number gauge
qcert_crl_number{root="new.corp-CA"} 7
# HELP qcert_crl_issued_timestamp_seconds When the present root's last revocation list was made.
# TYPE qcert_crl_issued_timestamp_seconds gauge
qcert_crl_issued_timestamp_seconds{root="new.corp-CA"} 1795219200
# HELP qcert_certificates Certificates in the ledger, by role and state.
# TYPE qcert_certificates gauge
qcert_certificates{role="root",state="live"} 1
qcert_certificates{role="root",state="superseded"} 1
qcert_certificates{role="root",state="revoked"} 0
qcert_certificates{role="root",state="expired"} 0
qcert_certificates{role="cross",state="live"} 1
qcert_certificates{role="cross",state="superseded"} 0
qcert_certificates{role="cross",state="revoked"} 0
qcert_certificates{role="cross",state="expired"} 0
qcert_certificates{role="server",state="live"} 4
qcert_certificates{role="server",state="superseded"} 1
qcert_certificates{role="server",state="revoked"} 0
qcert_certificates{role="server",state="expired"} 1
qcert_certificates{role="client",state="live"} 3
qcert_certificates{role="client",state="superseded"} 1
qcert_certificates{role="client",state="revoked"} 1
qcert_certificates{role="client",state="expired"} 1
# HELP qcert_unconfirmed_certificates Certificates of which it is not known that their files arrived.
# TYPE qcert_unconfirmed_certificates gauge
qcert_unconfirmed_certificates 3
# HELP qcert_live_client_keys Client certificates that Qlik's services accept wherever their root is trusted.
# TYPE qcert_live_client_keys gauge
qcert_live_client_keys{root="present",state="live"} 2
qcert_live_client_keys{root="present",state="superseded"} 1
qcert_live_client_keys{root="present",state="revoked"} 1
qcert_live_client_keys{root="replaced",state="live"} 1
qcert_live_client_keys{root="replaced",state="superseded"} 0
qcert_live_client_keys{root="replaced",state="revoked"} 0
# HELP qcert_certificate_not_after_timestamp_seconds When the certificate that is in this place ends.
# TYPE qcert_certificate_not_after_timestamp_seconds gauge
qcert_certificate_not_after_timestamp_seconds{machine="node9.corp",role="server",place="/out/node9"} 1893456000
qcert_certificate_not_after_timestamp_seconds{machine="node9.corp",role="client",place="/out/node9"} 1893456000
qcert_certificate_not_after_timestamp_seconds{machine="node10.corp",role="server",place="/out/node10"} 2082758400
qcert_certificate_not_after_timestamp_seconds{machine="node10.corp",role="client",place="/out/node10"} 2082758400
qcert_certificate_not_after_timestamp_seconds{machine="node2.corp",role="server",place="/out/node2"} 1796083200
qcert_certificate_not_after_timestamp_seconds{machine="Node3.corp",role="server",place="/out/Node3"} 1793491200
qcert_certificate_not_after_timestamp_seconds{machine="Node3.corp",role="client",place="/out/Node3"} 1793491200
qcert_certificate_not_after_timestamp_seconds{machine="node4.corp",role="server",place="/out/node4"} 2082758400
qcert_certificate_not_after_timestamp_seconds{machine="node4.corp",role="client",place="/out/node4"} 2082758400
"#;

#[test]
fn json_has_everything() {
    let (_folder, ledger) = ledger();
    let all = issued(&ledger, &["-m", "node2.corp"]);
    let items: Vec<&Item> = all.items.iter().collect();
    let answer = json::Answer::new(Path::new("/home"), &all, &items, json::Telling::Nothing);
    let told = serde_json::to_string_pretty(&answer).unwrap();
    assert_eq!(told, JSON, "{told}");
    let ended = |telling| serde_json::to_value(json::Answer::new(Path::new("/home"), &all, &items, telling)).unwrap();
    let (end, what) = (ended(json::Telling::End), ended(json::Telling::EndAndWhatEnds));
    assert_eq!(end["certificates"][0]["accepted_until"], "2026-12-01T00:00:00Z");
    assert!(end["certificates"][0]["ended_by"].is_null() && what["certificates"][0]["ended_by"].is_string());
}

const JSON: &str = r#"{
  "schema": 1,
  "home": "/home",
  "count": 2,
  "total": 15,
  "certificates": [
    {
      "machine": "node2.corp",
      "role": "server",
      "state": "live",
      "serial": "5enode2server",
      "issued_at": "2026-02-01T00:00:00Z",
      "not_before": "2026-02-01T00:00:00Z",
      "not_after": "2026-12-01T00:00:00Z",
      "place": "/out/node2",
      "confirmed": true,
      "profile": "qlik",
      "sha256": "node2-server",
      "root": "new-root",
      "root_replaced": false
    },
    {
      "machine": "node2.corp",
      "role": "client",
      "state": "revoked",
      "serial": "5enode2client",
      "issued_at": "2026-02-01T00:00:00Z",
      "not_before": "2026-02-01T00:00:00Z",
      "not_after": "2026-12-01T00:00:00Z",
      "revoked_at": "2026-11-21T00:00:00Z",
      "reason": "key-compromise",
      "place": "/out/node2",
      "confirmed": true,
      "profile": "qlik",
      "sha256": "node2-client",
      "root": "new-root",
      "root_replaced": false
    }
  ]
}"#;

#[test]
fn names_are_in_the_order_of_people() {
    let mut names = ["node10", "Node2", "node1", "node02", "node", "a", "node2.b", "node2a", "100", "20"];
    names.sort_by(|one, other| order::by_name(one, other));
    assert_eq!(names, ["20", "100", "a", "node", "node1", "Node2", "node02", "node2.b", "node2a", "node10"]);
}

#[test]
fn labels_are_escaped() {
    let escaped = |value| {
        let mut text = String::new();
        metrics::push_escaped(&mut text, value);
        text
    };
    assert_eq!(escaped(r#"C:\out\"a""#), r#"C:\\out\\\"a\""#);
    assert_eq!(escaped("a\nb\n\\"), r"a\nb\n\\");
    assert_eq!(escaped(""), "");
    assert_eq!(escaped("ü\t"), "ü\t");
}

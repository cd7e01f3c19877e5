//! The ledger in a backup: copied while others write, each of its rows checked, also of many.

use super::scene::{open, rows};
use crate::support::Scene;
use crate::support::process::{run, start};
use qcert::host::ledger::{Ledger, Row};
use qcert::pki::authority::{Authority, Order};
use qcert::pki::entropy::SystemEntropy;
use qcert::pki::key::PrivateKey;
use qcert::pki::name::{MachineName, Underscore};
use qcert::pki::profile::{Profile, Role};
use qcert::pki::secret::Secret;
use qcert::pki::serial::Serial;
use qcert::pki::{pem, sealed};
use rusqlite::Connection;
use std::time::Instant;
use time::OffsetDateTime;

#[test]
fn a_backup_beside_other_runs_has_every_row_whole() {
    let scene = Scene::with_bundle("one.test");
    for round in 0..3 {
        let machines: Vec<String> = (0..12).map(|at| format!("m{round}-{at}.test")).collect();
        let runs: Vec<_> = machines.iter().map(|machine| start(scene.export(&[machine], &[]))).collect();
        let mut backups = Vec::new();
        for at in 0..3 {
            let before = rows(&scene.home).len();
            let name = format!("b{round}-{at}.age");
            run(scene.backup(&name, &[])).assert_code(0);
            backups.push((name, before, rows(&scene.home).len()));
        }
        for running in runs {
            running.wait().assert_code(0);
        }
        for (name, before, after) in backups {
            let found = scene.check(&name).assert_code(0).stdout;
            let count: usize =
                found.split("ledger").nth(1).unwrap().split_whitespace().next().unwrap().parse().unwrap();
            assert!((before..=after).contains(&count), "{name}: {before} {count} {after}");
        }
    }
    scene.assert_no_runs();
}

/// A row that was changed behind qcert's back.
#[test]
fn a_row_that_does_not_fit_is_found_and_nothing_is_backed_up() {
    let scene = Scene::with_bundle("one.test");
    run(scene.backup("good.age", &[])).assert_code(0);
    let good = std::fs::read(scene.path("good.age")).unwrap();
    let database = || Connection::open(scene.home.join("ledger.sqlite")).unwrap();
    for (change, back, words) in [
        (
            "UPDATE certificate SET serial = serial || '0' WHERE role = 'server'",
            "UPDATE certificate SET serial = substr(serial, 1, length(serial) - 1) WHERE role = 'server'",
            "its row tells of",
        ),
        (
            "UPDATE certificate SET not_after = not_after + 1 WHERE role = 'client'",
            "UPDATE certificate SET not_after = not_after - 1 WHERE role = 'client'",
            "its row tells of",
        ),
        (
            "UPDATE encoding SET der = CAST(der || x'00' AS BLOB)",
            "UPDATE encoding SET der = CAST(substr(der, 1, length(der) - 1) AS BLOB)",
            "damaged",
        ),
        (
            "CREATE TABLE lost AS SELECT * FROM encoding; DELETE FROM encoding WHERE rowid = 2",
            "DELETE FROM encoding; INSERT INTO encoding SELECT * FROM lost; DROP TABLE lost",
            "lost",
        ),
    ] {
        database().execute_batch(change).unwrap();
        run(scene.backup("good.age", &["--exists", "replace"])).assert_error(2, &["not sound", words]);
        assert!(std::fs::read(scene.path("good.age")).unwrap() == good, "a good backup was replaced");
        database().execute_batch(back).unwrap();
    }
    run(scene.backup("good.age", &["--exists", "replace"])).assert_code(0);

    // A certificate of another root, in a row that says it is of this one.
    let other = Scene::with_bundle("one.test");
    let foreign = format!(
        "ATTACH '{}' AS other;
         INSERT INTO encoding SELECT encoding.* FROM other.encoding JOIN other.certificate USING (sha256)
             WHERE role = 'server';
         UPDATE certificate SET (sha256, serial, not_before, not_after) = (
             SELECT sha256, serial, not_before, not_after FROM other.certificate WHERE role = 'server'
         ) WHERE role = 'server'",
        other.home.join("ledger.sqlite").display()
    );
    database().execute_batch(&foreign).unwrap();
    run(scene.backup("good.age", &["--exists", "replace"])).assert_error(2, &["not signed by the root"]);
    database().execute_batch("DELETE FROM certificate WHERE role = 'server'").unwrap();

    // What names a root that nobody has cannot be checked, and that is said.
    let unknown = "UPDATE certificate SET root = 'unknown' WHERE role = 'client'";
    database().execute_batch(unknown).unwrap();
    let ended = run(scene.backup("unknown.age", &["--json"])).assert_code(0);
    assert!(ended.stderr.contains("1 certificate of the ledger could not be checked"), "{}", ended.stderr);
    assert_eq!(ended.json()["certificates_not_checked"], 1);
}

fn root_of(scene: &Scene, now: OffsetDateTime) -> Authority {
    let key = sealed::unseal(&Secret::new(std::fs::read(scene.home.join("root_key.pem")).unwrap()), None).unwrap();
    Authority::adopt(scene.root(), key, now).unwrap()
}

/// Enters so many certificates that this home's root really signed, all for one key.
fn fill(scene: &Scene, total: usize) {
    let now = OffsetDateTime::now_utc();
    let key = pem::decode(&std::fs::read(scene.out.join("one.test/server_key.pem")).unwrap()).unwrap().pop().unwrap();
    let pkcs1 = key.der.expose().to_vec();
    let share = total.div_ceil(4);
    let rows: Vec<Row> = std::thread::scope(|scope| {
        let one = || {
            let authority = root_of(scene, now);
            let validity = qcert::pki::validity::Validity::chosen(now, None, None).unwrap();
            (0..share).map(|_| row(&authority, &pkcs1, validity, now)).collect::<Vec<_>>()
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(one)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let ledger = Ledger::open(&scene.home.join("ledger.sqlite")).unwrap();
    ledger.enter(&rows).unwrap();
}

fn row(authority: &Authority, pkcs1: &[u8], validity: qcert::pki::validity::Validity, now: OffsetDateTime) -> Row {
    let machine = MachineName::parse("many.test", Underscore::Refused).unwrap();
    let kind = Profile::Compatible.shape().serial;
    let order = Order {
        role: Role::Server,
        profile: Profile::Compatible,
        machine: &machine,
        aliases: &[],
        validity,
        serial: Serial::draw(kind, &mut SystemEntropy).unwrap(),
    };
    let key = PrivateKey::from_pkcs1(pkcs1).unwrap();
    let issued = authority.issue(&order, key).unwrap();
    let leaf = issued.certificate();
    Row {
        root: authority.certificate().sha256(),
        serial: leaf.serial_text(),
        role: "server",
        machine: "many.test".into(),
        profile: "compatible",
        sha256: leaf.sha256(),
        issued_at: now,
        not_before: leaf.not_before(),
        not_after: leaf.not_after(),
        place: "/nowhere".into(),
        recipe: None,
        evidence: None,
        der: leaf.der().to_vec(),
    }
}

fn many(total: usize) {
    let scene = Scene::with_bundle("one.test");
    fill(&scene, total);
    let begun = Instant::now();
    run(scene.backup("many.age", &[])).assert_code(0);
    eprintln!("{total} rows: backed up in {:?}", begun.elapsed());
    let begun = Instant::now();
    run(scene.restore("many.age", "new", &[])).assert_code(0);
    eprintln!("{total} rows: restored in {:?}", begun.elapsed());
    assert_eq!(rows(&scene.home), rows(&scene.path("new")));
    assert_eq!(rows(&scene.home).len(), total + 3);
    let contents = open(&std::fs::read(scene.path("many.age")).unwrap()).unwrap();
    assert_eq!(contents.ledger.count().unwrap(), total as u64 + 3);
}

#[test]
fn more_rows_than_are_looked_at_at_a_time() {
    many(5_000);
}

#[test]
#[ignore = "a figure for the report: cargo test --test backup -- --ignored --nocapture"]
fn twenty_thousand_rows() {
    many(20_000);
}

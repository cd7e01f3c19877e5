//! A ledger of 100,000 certificates listed, against SQLite's own shell on the same file and awk on the index of a CA
//! that is kept by `openssl ca`.
//!
//! Both are spared work: the shell knows no states and orders by name alone, awk sees a fifth of the columns.

use super::plan::Plan;
use super::program::{self, Place};
use super::table;
use super::timing::Times;
use fs_err as fs;
use qcert::host::ledger::{Ledger, LedgerError, Row};
use qcert::pki::thumbprint;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use time::{Duration, OffsetDateTime};

/// Each in two bundles, of which the older was superseded, with two certificates in each; and the root.
const MACHINES: u32 = 25_000;
const CERTIFICATES: u32 = 4 * MACHINES;
const MARK: &str = "under 200 ms";

pub(crate) fn run(plan: &Plan) -> anyhow::Result<()> {
    let place = Place::new()?;
    let ledger = fill(&place.home())?;
    let index = index(&place, &ledger)?;
    let columns = "root, serial, role, machine, profile, sha256, issued_at, not_before, not_after, place, written, \
                   superseded_at, revoked_at, reason";
    let ordered = format!("SELECT {columns} FROM certificate ORDER BY machine, place, id DESC");
    let clients = format!("SELECT {columns} FROM certificate WHERE role = 'client' AND not_after > unixepoch()");
    let counts = "SELECT role, superseded_at IS NULL, count(*) FROM certificate GROUP BY 1, 2";
    let soon = r#"BEGIN { FS = "\t" } $1 == "V" && $2 < "270101000000Z""#;
    let comparisons: [(&str, &[&str], Command); 6] = [
        ("", &[], shell(&ledger, &["-list"], &ordered)),
        (" --json", &["--json"], shell(&ledger, &["-json"], &ordered)),
        (" --live-clients", &["--live-clients"], shell(&ledger, &["-list"], &clients)),
        (" --metrics", &["--metrics"], shell(&ledger, &["-list"], counts)),
        (" --expiring 40", &["--expiring", "40"], with(program::quiet("awk"), &[soon], &index)),
        (" -m NAME", &["-m", "machine77.domain"], with(program::quiet("grep"), &["machine77.domain"], &index)),
    ];
    for (what, words, mut peer) in comparisons {
        let has_peer = program::quiet(peer.get_program()).arg("--version").status().is_ok();
        let (mut own, mut other) = (Times::default(), Times::default());
        for _ in 0..plan.reading_rounds() {
            let mut command = place.qcert();
            command.arg("list").args(words);
            let status = own.measure(|| Ok(command.status()?))?;
            // With `--expiring`, 1 is an answer.
            anyhow::ensure!(matches!(status.code(), Some(0 | 1)), "{command:?} ended with {status}");
            if has_peer {
                let status = other.measure(|| Ok(peer.status()?))?;
                anyhow::ensure!(status.success(), "{peer:?} ended with {status}");
            }
        }
        let name = peer.get_program().to_string_lossy().into_owned();
        table::time_row(&format!("list{what}, {CERTIFICATES}; `{name}`"), &own, &other, MARK);
    }
    Ok(())
}

fn shell(ledger: &Path, mode: &[&str], query: &str) -> Command {
    let mut command = with(program::quiet("sqlite3"), &[&["-readonly"], mode].concat(), ledger);
    command.arg(query);
    command
}

fn with(mut command: Command, words: &[&str], file: &Path) -> Command {
    command.args(words).arg(file);
    command
}

/// As runs of qcert would have left it, and the path of it.
fn fill(home: &Path) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(home)?;
    let path = home.join("ledger.sqlite");
    let ledger = Ledger::open(&path)?;
    let now = OffsetDateTime::now_utc();
    let root = row(0, "root", now - Duration::days(900), now);
    ledger.enter_root(&root)?;
    arrive(&ledger, std::slice::from_ref(&root), now)?;
    for (bundle, age) in [(0, 800), (1, 400)] {
        let issued = now - Duration::days(age);
        let rows: Vec<Row> = (1..=MACHINES)
            .flat_map(|machine| {
                let number = (bundle * MACHINES + machine) * 2;
                [(number, "server"), (number + 1, "client")].map(|(number, role)| {
                    let machine = format!("machine{machine}.domain");
                    let place = format!("/srv/qlik/certificates/{machine}");
                    Row { root: root.sha256.clone(), machine, place, ..row(number, role, issued, now) }
                })
            })
            .collect();
        ledger.enter(&rows)?;
        arrive(&ledger, &rows, issued)?;
        let lost: Vec<String> = rows.iter().step_by(51).map(|row| row.sha256.clone()).collect();
        ledger.revoke(&root.sha256, &lost, now, "key-compromise")?;
    }
    Ok(path)
}

fn row(number: u32, role: &'static str, issued_at: OffsetDateTime, now: OffsetDateTime) -> Row {
    let sha256 = thumbprint::sha256(&number.to_be_bytes());
    // A recipe as `export` writes it.
    let recipe = r#"{"roles":["server","client"],"with_root":true,"pem":true,"pfx":"modern","plain_pem_keys":false,"password":true,"aliases":[],"key_bits":2048,"lifetime":null}"#;
    Row {
        root: sha256.clone(),
        serial: sha256.chars().take(30).collect(),
        role,
        machine: "site.domain-CA".to_owned(),
        profile: "compatible",
        issued_at,
        not_before: issued_at - Duration::days(7),
        // A few have ended, and a few do within 40 days.
        not_after: now + Duration::minutes(i64::from(number) * 17) - Duration::days(30),
        place: "/srv/qlik/home".to_owned(),
        recipe: (role != "root").then(|| recipe.to_owned()),
        evidence: Some(qcert::host::ledger::Evidence::new("server.pem", &number.to_be_bytes())),
        der: vec![0x30; 900],
        sha256,
    }
}

fn arrive(ledger: &Ledger, rows: &[Row], at: OffsetDateTime) -> anyhow::Result<()> {
    let rows: Vec<String> = rows.iter().map(|row| row.sha256.clone()).collect();
    Ok(ledger.place::<LedgerError>(&rows, at, || Ok(()))?)
}

/// What `openssl ca` would keep of the same certificates.
fn index(place: &Place, ledger: &Path) -> anyhow::Result<PathBuf> {
    let mut index = String::new();
    Ledger::look(ledger)?.list(|listed| {
        let state = if listed.revoked_at.is_some() { 'R' } else { 'V' };
        let end = OffsetDateTime::from_unix_timestamp(listed.not_after).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (year, month, day) = (end.year() % 100, u8::from(end.month()), end.day());
        _ = write!(index, "{state}\t{year:02}{month:02}{day:02}000000Z\t\t{}\tunknown\t", listed.serial);
        _ = writeln!(index, "/CN={}", listed.machine);
    })?;
    place.file("index.txt", &index)
}

//! Plans of `qcert store install` and `qcert store clean`, made for snapshots: each row is a machine's stores, a bundle,
//! what is asked, and what has to come of it. What is done with a plan is tried in src/cli/store/tests.rs.
//!
//! Snapshots and bundles are those of fixtures/validate; what no fixture has is bent here.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test starts qcert, and fails loudly"
)]

use qcert::pki::pem;
use qcert::pki::snapshot::{Entry, KeyFacts, Location, Place, Snapshot, StoreName};
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: Place = Place { location: Location::LocalMachine, name: StoreName::Root };
const SERVER: Place = Place { location: Location::LocalMachine, name: StoreName::My };
const USER_ROOT: Place = Place { location: Location::CurrentUser, name: StoreName::Root };
const CLIENT: Place = Place { location: Location::CurrentUser, name: StoreName::My };

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/validate").join(name)
}

fn certificate(path: &str) -> Vec<u8> {
    let bytes = std::fs::read(fixture(path)).unwrap();
    if Path::new(path).extension().is_some_and(|extension| extension == "cer") {
        return bytes;
    }
    pem::decode(&bytes).unwrap().remove(0).der.expose().to_vec()
}

fn entries(snapshot: &mut Snapshot, place: Place) -> &mut Vec<Entry> {
    &mut snapshot.stores.iter_mut().find(|store| store.place() == place).unwrap().certificates
}

/// What came last in a store.
fn last(snapshot: &mut Snapshot, place: Place) -> &mut Entry {
    entries(snapshot, place).last_mut().unwrap()
}

fn put(snapshot: &mut Snapshot, place: Place, der: Vec<u8>) {
    let key = (place != ROOT).then(KeyFacts::default);
    entries(snapshot, place).push(Entry { der, friendly_name: None, archived: false, key });
}

struct Row {
    name: &'static str,
    stores: &'static str,
    bend: fn(&mut Snapshot),
    arguments: &'static str,
    exit: i32,
    /// `action role store`, in their order.
    steps: &'static [&'static str],
    /// Each is part of one refusal; there are as many as here.
    refusals: &'static [&'static str],
    /// Each is part of one caution; there may be others.
    cautions: &'static [&'static str],
}

const PLAIN: Row = Row {
    name: "",
    stores: "stores-sound",
    bend: |_| {},
    arguments: "install sound-2022-windows",
    exit: 0,
    steps: &[],
    refusals: &[],
    cautions: &[],
};

const KEPT: &[&str] = &["keep root LocalMachine\\Root", "keep server LocalMachine\\My", "keep client CurrentUser\\My"];
const ADDED: &[&str] = &["add root LocalMachine\\Root", "add server LocalMachine\\My", "add client CurrentUser\\My"];

fn installs() -> Vec<Row> {
    vec![
        Row { name: "all is there", steps: KEPT, ..PLAIN },
        Row {
            name: "nothing is there",
            stores: "stores-nothing",
            steps: ADDED,
            cautions: &["this machine is `PC7`"],
            ..PLAIN
        },
        Row { name: "in PEM", stores: "stores-nothing", arguments: "install sound-2022-pem", steps: ADDED, ..PLAIN },
        Row {
            name: "stray bytes behind a PFX",
            stores: "stores-nothing",
            arguments: "install pfx-trailing-560-bytes",
            steps: ADDED,
            ..PLAIN
        },
        Row {
            name: "root and client alone",
            stores: "stores-nothing",
            arguments: "install sound-2022-windows --role root --role client",
            steps: &["add root LocalMachine\\Root", "add client CurrentUser\\My"],
            ..PLAIN
        },
    ]
}

fn mended() -> Vec<Row> {
    vec![
        Row {
            name: "no friendly name",
            stores: "stores-client-without-friendly-name",
            steps: &["keep root LocalMachine\\Root", "keep server LocalMachine\\My", "name client CurrentUser\\My"],
            ..PLAIN
        },
        Row {
            name: "no key",
            stores: "stores-server-without-key",
            steps: &["keep root LocalMachine\\Root", "mend server LocalMachine\\My", "keep client CurrentUser\\My"],
            ..PLAIN
        },
        Row {
            name: "the server's key is a user's",
            stores: "stores-server-key-of-user",
            steps: &["keep root LocalMachine\\Root", "mend server LocalMachine\\My", "keep client CurrentUser\\My"],
            ..PLAIN
        },
        Row {
            name: "the client's key cannot be used",
            stores: "stores-client-key-not-usable",
            steps: &["keep root LocalMachine\\Root", "keep server LocalMachine\\My", "mend client CurrentUser\\My"],
            ..PLAIN
        },
        Row {
            name: "archived",
            bend: |stores| last(stores, CLIENT).archived = true,
            steps: &["keep root LocalMachine\\Root", "keep server LocalMachine\\My", "mend client CurrentUser\\My"],
            ..PLAIN
        },
        Row {
            name: "the server's key cannot be used",
            bend: |stores| last(stores, SERVER).key.as_mut().unwrap().usable = Some(false),
            steps: &["keep root LocalMachine\\Root", "mend server LocalMachine\\My", "keep client CurrentUser\\My"],
            ..PLAIN
        },
        Row { name: "who is not elevated cannot tell", stores: "stores-not-elevated", steps: KEPT, ..PLAIN },
        Row {
            name: "nobody would trust it",
            stores: "stores-nothing",
            arguments: "install sound-2022-windows --role client",
            exit: 1,
            steps: &["add client CurrentUser\\My"],
            refusals: &["no root in `LocalMachine\\Root` signed `QlikClient`"],
            ..PLAIN
        },
    ]
}

fn rights() -> Vec<Row> {
    vec![
        Row {
            name: "an intermediate",
            stores: "stores-nothing",
            arguments: "install sound-intermediate-file",
            steps: &[
                "add root LocalMachine\\Root",
                "add other LocalMachine\\CA",
                "add server LocalMachine\\My",
                "add client CurrentUser\\My",
            ],
            ..PLAIN
        },
        Row {
            name: "without rights nothing is begun",
            stores: "stores-nothing",
            bend: |stores| stores.elevated = Some(false),
            exit: 2,
            steps: ADDED,
            refusals: &["writing `LocalMachine\\Root` and `LocalMachine\\My` takes an elevated console"],
            ..PLAIN
        },
        Row {
            name: "without rights the client alone",
            stores: "stores-nothing",
            bend: |stores| {
                stores.elevated = Some(false);
                put(stores, ROOT, certificate("sound-2022-pem/root.pem"));
            },
            arguments: "install sound-2022-windows --role root --role client",
            steps: &["keep root LocalMachine\\Root", "add client CurrentUser\\My"],
            ..PLAIN
        },
        Row {
            name: "a store that was not read is not empty",
            stores: "stores-unread",
            exit: 2,
            refusals: &["`CurrentUser\\My` could not be read: Access is denied."],
            ..PLAIN
        },
        Row {
            name: "nor one that is not in the snapshot",
            bend: |stores| stores.stores.retain(|store| store.place() != CLIENT),
            exit: 2,
            refusals: &["`CurrentUser\\My` could not be read: it is not in the snapshot"],
            ..PLAIN
        },
    ]
}

fn replacements() -> Vec<Row> {
    vec![
        Row {
            name: "another export",
            arguments: "install stores-beside-another-export",
            exit: 1,
            steps: &["keep root LocalMachine\\Root", "add server LocalMachine\\My", "add client CurrentUser\\My"],
            refusals: &[
                "is in `LocalMachine\\My` already: another one of the same site",
                "is in `CurrentUser\\My` already: another one of the same site",
            ],
            ..PLAIN
        },
        Row {
            name: "another export that replaces",
            arguments: "install stores-beside-another-export --replace",
            steps: &[
                "keep root LocalMachine\\Root",
                "add server LocalMachine\\My",
                "add client CurrentUser\\My",
                "remove server LocalMachine\\My",
                "remove client CurrentUser\\My",
            ],
            cautions: &["stop Qlik's services first"],
            ..PLAIN
        },
        Row {
            name: "a key that cannot be kept",
            bend: |stores| last(stores, SERVER).key.as_mut().unwrap().exportable = Some(false),
            arguments: "install stores-beside-another-export --replace --role server",
            steps: &["add server LocalMachine\\My", "remove server LocalMachine\\My"],
            cautions: &["cannot be exported: then it is not in the backup"],
            ..PLAIN
        },
        Row {
            name: "another site on a central node",
            arguments: "install stores-beside-bundle-of-another-site --replace",
            exit: 1,
            steps: &[
                "add root LocalMachine\\Root",
                "add server LocalMachine\\My",
                "add client CurrentUser\\My",
                "remove server LocalMachine\\My",
                "remove client CurrentUser\\My",
            ],
            refusals: &["it is what this machine issues certificates with"],
            ..PLAIN
        },
        Row {
            name: "another site on a rim node",
            bend: |stores| last(stores, ROOT).key = None,
            arguments: "install stores-beside-bundle-of-another-site --replace",
            steps: &[
                "add root LocalMachine\\Root",
                "add server LocalMachine\\My",
                "add client CurrentUser\\My",
                "remove root LocalMachine\\Root",
                "remove server LocalMachine\\My",
                "remove client CurrentUser\\My",
            ],
            ..PLAIN
        },
        Row {
            name: "a second root on a rim node",
            bend: |stores| last(stores, ROOT).key = None,
            arguments: "install stores-beside-bundle-of-another-site --role root",
            exit: 1,
            steps: &["add root LocalMachine\\Root"],
            refusals: &["with a second Qlik root the Repository Service of this machine stops"],
            ..PLAIN
        },
        Row {
            name: "what hung from a root that goes is told",
            bend: |stores| last(stores, ROOT).key = None,
            arguments: "install stores-beside-bundle-of-another-site --role root --replace",
            steps: &["add root LocalMachine\\Root", "remove root LocalMachine\\Root"],
            cautions: &[
                "in `LocalMachine\\My` stays, and the root that signed it",
                "in `CurrentUser\\My` stays, and the root that signed it",
            ],
            ..PLAIN
        },
    ]
}

fn roots() -> Vec<Row> {
    vec![
        Row {
            name: "several sites where tools are",
            stores: "stores-sound-workstation",
            arguments: "install stores-beside-bundle-of-another-site --role root --role client",
            steps: &["add root LocalMachine\\Root", "add client CurrentUser\\My"],
            cautions: &["a tool that takes the first `QlikClient` may take that one"],
            ..PLAIN
        },
        Row {
            name: "the same name and another key",
            stores: "stores-sound-workstation",
            bend: |stores| last(stores, ROOT).der = certificate("root-of-the-same-name/root.pem"),
            arguments: "install sound-2022-windows --role root",
            exit: 1,
            steps: &["add root LocalMachine\\Root"],
            refusals: &["has the same name as the new root and another key"],
            ..PLAIN
        },
        Row {
            name: "the same name and another key, replaced",
            stores: "stores-sound-workstation",
            bend: |stores| last(stores, ROOT).der = certificate("root-of-the-same-name/root.pem"),
            arguments: "install sound-2022-windows --role root --replace",
            steps: &["add root LocalMachine\\Root", "remove root LocalMachine\\Root"],
            ..PLAIN
        },
        Row {
            name: "an older certificate of the root",
            stores: "stores-sound-workstation",
            bend: |stores| last(stores, ROOT).der = certificate("root-renewed/root.cer"),
            arguments: "install sound-2022-windows --role root",
            exit: 1,
            steps: &["add root LocalMachine\\Root"],
            refusals: &["is another certificate of the new root's name and key"],
            ..PLAIN
        },
        Row {
            name: "a company's root of the same name",
            stores: "stores-nothing",
            bend: |stores| put(stores, ROOT, certificate("sound-without-markers/root.pem")),
            arguments: "install sound-2022-windows --role root --replace",
            exit: 1,
            steps: &["add root LocalMachine\\Root"],
            refusals: &["is no root of Qlik's"],
            ..PLAIN
        },
        Row {
            name: "the secrets key",
            bend: |stores| last(stores, SERVER).der = certificate("server-with-secrets/server.pem"),
            arguments: "install stores-beside-another-export --role server --replace",
            exit: 1,
            steps: &["add server LocalMachine\\My"],
            refusals: &["carries the site's secrets key"],
            ..PLAIN
        },
        Row {
            name: "the secrets key that is let go",
            bend: |stores| last(stores, SERVER).der = certificate("server-with-secrets/server.pem"),
            arguments: "install stores-beside-another-export --role server --replace --lose-secrets",
            steps: &["add server LocalMachine\\My", "remove server LocalMachine\\My"],
            cautions: &["goes the site's secrets key"],
            ..PLAIN
        },
    ]
}

/// What is of another site, or lies elsewhere, or hangs from a root of the same name.
fn others() -> Vec<Row> {
    vec![
        Row {
            name: "the key of a root is in another store",
            bend: |stores| {
                last(stores, ROOT).key = None;
                last(stores, USER_ROOT).key = Some(KeyFacts::default());
            },
            arguments: "install stores-beside-bundle-of-another-site --role root --replace",
            exit: 1,
            steps: &["add root LocalMachine\\Root"],
            refusals: &["is in `CurrentUser\\Root`: it is what this machine issues certificates with"],
            ..PLAIN
        },
        Row {
            name: "whether a key is in a store that was not read is not known",
            bend: |stores| {
                last(stores, ROOT).key = None;
                stores.stores.retain(|store| store.place() != USER_ROOT);
            },
            arguments: "install stores-beside-bundle-of-another-site --role root --replace",
            exit: 2,
            steps: &["add root LocalMachine\\Root", "remove root LocalMachine\\Root"],
            refusals: &["`CurrentUser\\Root` could not be read"],
            ..PLAIN
        },
        Row {
            name: "another site beside this one, or QlikView",
            bend: |stores| {
                put(stores, ROOT, certificate("stores-beside-bundle-of-another-site/root.pem"));
            },
            arguments: "install sound-2022-windows --replace",
            exit: 1,
            steps: KEPT,
            refusals: &["is another site's or QlikView's, and this site's root is here already"],
            ..PLAIN
        },
        Row {
            name: "a server without the mark",
            bend: |stores| put(stores, SERVER, certificate("sound-without-markers/server.pem")),
            arguments: "install sound-2022-windows --role server --replace",
            steps: &["keep server LocalMachine\\My"],
            cautions: &["it lacks the mark by which Qlik's services find theirs"],
            ..PLAIN
        },
        Row {
            name: "a client without the mark",
            bend: |stores| put(stores, CLIENT, certificate("sound-without-markers/client.pem")),
            arguments: "install sound-2022-windows --replace",
            steps: KEPT,
            cautions: &["stays in `CurrentUser\\My`: a tool that takes the first"],
            ..PLAIN
        },
        Row {
            name: "signed by a root of the same name",
            stores: "stores-server-of-another-root",
            arguments: "install sound-2022-windows --role server",
            exit: 1,
            steps: &["add server LocalMachine\\My"],
            refusals: &["another root of the same name signed it"],
            ..PLAIN
        },
        Row {
            name: "what is misplaced is told",
            stores: "stores-client-with-the-machine",
            arguments: "install sound-2022-windows --role root",
            steps: &["keep root LocalMachine\\Root"],
            cautions: &["stays in `LocalMachine\\My`, and a client certificate belongs in `CurrentUser\\My`"],
            ..PLAIN
        },
    ]
}

fn bundles() -> Vec<Row> {
    let unsound =
        |name, arguments, refusals| Row { name, stores: "stores-nothing", arguments, exit: 1, refusals, ..PLAIN };
    let closed = |name, arguments, refusals| Row { exit: 2, ..unsound(name, arguments, refusals) };
    vec![
        unsound("no key", "install missing-client-key-altogether", &["the private key of `QlikClient`"]),
        unsound("another export's key", "install client-key-of-another-export", &["the private key of `QlikClient`"]),
        unsound(
            "another root",
            "install root-of-the-same-name",
            &["is not the root that signed `client.pem` and `server.pem`: same name, other key"],
        ),
        unsound("expired", "install client-expired", &["expired on"]),
        unsound(
            "for another use",
            "install both-formats-client-for-servers",
            &["may not be used as a client certificate"],
        ),
        unsound("two roots", "install root-file-with-two-roots", &["there are several root certificates"]),
        unsound(
            "no root, and nothing else was wanted",
            "install missing-root-altogether --role root",
            &["there is no root among the files"],
        ),
        unsound("no root", "install missing-root-altogether", &["there is no root among the files"]),
        unsound(
            "no server",
            "install sound-2015-client-only --role server",
            &["there is no server certificate", "`root.pem` expired on"],
        ),
        unsound("nothing", "install nothing-but-text", &["there is no certificate of a Qlik site"]),
        unsound("another machine's", "install sound-2022-pem --machine other.example.com", &["other.example.com"]),
        unsound("not RSA", "install server-elliptic", &["has no RSA key"]),
        closed(
            "a password is needed",
            "install pfx-password-needed",
            &["`client.pfx` is encrypted and no password was given"],
        ),
        closed(
            "a key that does not open is not called missing",
            "install key-password-needed-pkcs8",
            &["`client_key.pem` is encrypted and no password was given"],
        ),
        closed("a cut file", "install cut-client-pfx", &["cannot read `client.pfx`"]),
        closed("a web page", "install login-page-as-root", &["cannot read `root.pem`"]),
    ]
}

fn cleans() -> Vec<Row> {
    let all: &[&str] =
        &["remove root LocalMachine\\Root", "remove server LocalMachine\\My", "remove client CurrentUser\\My"];
    let clean = Row { arguments: "clean --root sound-2022-windows/root.cer", ..PLAIN };
    vec![
        Row {
            name: "a whole site",
            steps: all,
            cautions: &["stop Qlik's services first", "rim nodes need new certificates", "is this site's authority"],
            ..clean
        },
        Row {
            name: "by its thumbprint",
            arguments: "clean --root 2FC514884DE8E4447292EBCCA6F572228D614F91",
            steps: all,
            ..PLAIN
        },
        Row { name: "nothing of it", stores: "stores-nothing", ..clean },
        Row {
            name: "one site of two",
            stores: "stores-several-sites",
            steps: &["remove root LocalMachine\\Root", "remove client CurrentUser\\My"],
            ..clean
        },
        Row {
            name: "another root of the same name",
            stores: "stores-server-of-another-root",
            steps: &["remove root LocalMachine\\Root", "remove client CurrentUser\\My"],
            cautions: &["names this root as its issuer, and another key signed it: it stays"],
            ..clean
        },
        Row {
            name: "one certificate of a renewed root",
            bend: |stores| put(stores, ROOT, certificate("root-renewed/root.cer")),
            steps: &["remove root LocalMachine\\Root"],
            cautions: &["what this root signed stays"],
            ..clean
        },
        Row {
            name: "a root that nothing hangs from",
            bend: |stores| put(stores, ROOT, certificate("stores-beside-bundle-of-another-site/root.pem")),
            arguments: "clean --root stores-beside-bundle-of-another-site/root.pem",
            steps: &["remove root LocalMachine\\Root"],
            cautions: &["stays, and what hangs from it"],
            ..PLAIN
        },
        Row {
            name: "what the account is only shown",
            steps: all,
            cautions: &["`CurrentUser\\Root` shows `qs1.example.com-CA`"],
            ..clean
        },
        Row {
            name: "what is misplaced comes last",
            stores: "stores-client-with-the-machine",
            steps: &[
                "remove root LocalMachine\\Root",
                "remove server LocalMachine\\My",
                "remove client LocalMachine\\My",
            ],
            ..clean
        },
        Row {
            name: "the secrets key",
            bend: |stores| last(stores, SERVER).der = certificate("server-with-secrets/server.pem"),
            steps: all,
            cautions: &["carries the site's secrets key"],
            ..clean
        },
        Row {
            name: "a company's root",
            arguments: "clean --root sound-without-markers/root.pem",
            exit: 1,
            refusals: &["does not carry Qlik's mark of a root"],
            ..PLAIN
        },
        Row {
            name: "without rights",
            bend: |stores| stores.elevated = Some(false),
            exit: 2,
            steps: all,
            refusals: &["takes an elevated console"],
            ..clean
        },
        Row {
            name: "a store that was not read",
            stores: "stores-unread",
            exit: 2,
            refusals: &["`CurrentUser\\My` could not be read"],
            ..clean
        },
        Row {
            name: "a certificate that cannot be read",
            stores: "stores-unreadable-certificate",
            steps: all,
            cautions: &["that cannot be read it is not known who issued them"],
            ..clean
        },
    ]
}

/// The differences, if there are any.
fn check(row: &Row, folder: &Path) -> Option<String> {
    let mut snapshot = Snapshot::parse(&std::fs::read(fixture(row.stores).join("stores.json")).unwrap()).unwrap();
    (row.bend)(&mut snapshot);
    let stores = folder.join("stores.json");
    std::fs::write(&stores, snapshot.write()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
    command.arg("store").args(row.arguments.split(' ')).arg("--from").arg(&stores);
    command.args(["--dry-run", "--at", "2026-06-01", "--json"]);
    let output = command.current_dir(fixture("")).env("QCERT_HOME", folder.join("home")).output().unwrap();
    let Ok(answer) = serde_json::from_slice::<serde_json::Value>(&output.stdout) else {
        panic!("{}: {output:?}", row.name)
    };
    let texts = |list: &str, field: &str| -> Vec<String> {
        let list = answer[list].as_array().cloned().unwrap_or_default();
        list.iter().map(|one| one.get(field).unwrap_or(one).as_str().unwrap().to_owned()).collect()
    };
    let steps: Vec<String> = answer["steps"]
        .as_array()
        .cloned()
        .unwrap_or_default()
        .iter()
        .map(|step| {
            let text = |name: &str| step[name].as_str().unwrap_or("other").to_owned();
            format!("{} {} {}", text("action"), text("role"), text("store"))
        })
        .collect();
    let (refusals, cautions) = (texts("refusals", "message"), texts("cautions", ""));
    let all_in = |parts: &[&str], whole: &[String]| parts.iter().all(|part| whole.iter().any(|one| one.contains(part)));
    let sound = output.status.code() == Some(row.exit)
        && steps == row.steps
        && refusals.len() == row.refusals.len()
        && all_in(row.refusals, &refusals)
        && all_in(row.cautions, &cautions);
    (!sound).then(|| {
        format!(
            "{}: {:?} {steps:#?}\n{refusals:#?}\n{cautions:#?}\n{}",
            row.name,
            output.status.code(),
            answer["error"]
        )
    })
}

#[test]
fn every_row_is_planned_as_it_says() {
    let rows: Vec<Row> = [installs(), mended(), rights(), replacements(), roots(), others(), bundles(), cleans()]
        .into_iter()
        .flatten()
        .collect();
    let differences: Vec<String> = std::thread::scope(|scope| {
        let parts = rows.chunks(rows.len().div_ceil(3)).map(|rows| {
            scope.spawn(move || {
                let scene = tempfile::tempdir().unwrap();
                rows.iter().filter_map(|row| check(row, scene.path())).collect::<Vec<_>>()
            })
        });
        let parts: Vec<_> = parts.collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

//! The folder that becomes a bundle: nothing in it is lost, twice is as once, and a stop leaves the old or the new.

use super::super::support::process::{self, start};
use super::super::support::{contents, names};
use super::ca::{Ca, Kind};
use super::scene::{ASSEMBLED, Desk, MACHINE, WAITING, text};
use fs_err as fs;
use std::time::Duration;

fn signed() -> Option<(Desk, Ca)> {
    let desk = Desk::new(&[]);
    let ca = desk.ca(Kind::Python)?;
    desk.signed_by(&ca);
    Some((desk, ca))
}

#[test]
fn twice_is_as_once() {
    let Some((desk, _ca)) = signed() else { return };
    desk.assemble(&[]).assert_code(0);
    let once = contents(&desk.folder());
    for again in
        [&["assemble", "out/host.domain"][..], &["assemble", "out/host.domain/", "--from", "signed", "--replace"]]
    {
        let ended = desk.run(&[again, &["--json"]].concat()).assert_code(0);
        assert_eq!(ended.json()["machines"][0]["state"], "kept");
        assert_eq!(contents(&desk.folder()), once);
    }
    // A file that was lost is made again of the others.
    fs::remove_file(desk.file("client.pfx")).unwrap();
    desk.run(&["assemble", "out/host.domain"]).assert_code(0);
    assert_eq!(names(&desk.folder()), ASSEMBLED);
    // The same folder by two names is one.
    let twice = desk.run(&["assemble", "out/host.domain", "./out/../out/host.domain", "--json"]).assert_code(0);
    assert_eq!(twice.json()["machines"].as_array().unwrap().len(), 1);
}

/// The keys are in the PFX then, and found there.
#[test]
fn without_pem_files_twice_is_as_once() {
    let Some((desk, ca)) = signed() else { return };
    let password = desk.scene.file("pw", "secret words\n");
    let pfx = ["--format", "pfx", "--json", "--password-file", &password];
    let left = [".gitignore", "client.csr", "client.pfx", "root.cer", "server.csr", "server.pfx"];
    for state in ["assembled", "kept"] {
        let ended = desk.assemble(&pfx).assert_code(0);
        assert_eq!(ended.json()["machines"][0]["state"], state);
        assert_eq!(names(&desk.folder()), left);
    }
    desk.assemble(&[]).assert_error(2, &["`server.pfx`", "it is encrypted and no password was given"]);
    // The year after: the same requests once more.
    ca.sign_with("root", &desk.file("server.csr"), &desk.path("signed/server.p7b"), &["days=0,900"]);
    desk.assemble(&pfx).assert_code(2);
    let ended = desk.assemble(&[&pfx[..], &["--replace"]].concat()).assert_code(0);
    assert_eq!(ended.json()["machines"][0]["state"], "replaced");
    assert_eq!(names(&desk.folder()), left);
}

#[test]
fn what_was_saved_in_the_folder_itself_is_taken_in() {
    let Some((desk, ca)) = signed() else { return };
    for (from, to) in [("signed/server.p7b", "certnew.p7b"), ("signed/client.p7b", "client (1).p7b")] {
        fs::rename(desk.path(from), desk.file(to)).unwrap();
    }
    fs::copy(ca.root(), desk.file("root.pem")).unwrap();
    let requests = ["server.csr", "client.csr"].map(|name| fs::read(desk.file(name)).unwrap());
    desk.run(&["assemble", "out/host.domain"]).assert_code(0);
    assert_eq!(names(&desk.folder()), ASSEMBLED);
    assert_eq!(["server.csr", "client.csr"].map(|name| fs::read(desk.file(name)).unwrap()), requests);
}

#[test]
fn what_the_bundle_does_not_hold_has_to_be_moved_away() {
    let Some((desk, ca)) = signed() else { return };
    let refused = |name: &str, words: &[&str]| {
        let before = contents_of_files(&desk);
        desk.assemble(&[]).assert_error(2, words);
        assert_eq!(contents_of_files(&desk), before, "{name}");
    };
    fs::write(desk.file("notes.txt"), "mine").unwrap();
    refused("notes.txt", &["also holds `notes.txt`, which is not in the bundle"]);
    fs::remove_file(desk.file("notes.txt")).unwrap();
    fs::create_dir(desk.file("old")).unwrap();
    refused("old", &["also holds `old`"]);
    fs::remove_dir(desk.file("old")).unwrap();
    // A certificate of the key, but not the one that is taken.
    ca.sign_with("root", &desk.file("server.csr"), &desk.file("older.cer"), &["days=-90,90"]);
    refused("older.cer", &["also holds `older.cer`"]);
    fs::rename(desk.file("older.cer"), desk.file("server.pem")).unwrap();
    refused("server.pem", &["already has a bundle: `server.pem` holds something else", "`--replace`"]);
    fs::remove_file(desk.file("server.pem")).unwrap();
    desk.assemble(&[]).assert_code(0);
    // An assembled bundle's keys are not thrown away for new requests either.
    desk.request(MACHINE, &["--exists", "replace"]).assert_error(2, &["holds a bundle: `client.pem`"]);
}

fn contents_of_files(desk: &Desk) -> Vec<(String, Option<Vec<u8>>)> {
    names(&desk.folder()).into_iter().map(|name| (name.clone(), fs::read(desk.file(&name)).ok())).collect()
}

/// Certificates of many machines in one folder find their keys, and one machine's failure stops no other.
#[test]
fn many_machines_at_once() {
    let Some((desk, ca)) = signed() else { return };
    for machine in ["a.corp", "b.corp"] {
        desk.request(machine, &[]).assert_code(0);
        for role in ["server", "client"] {
            let request = desk.scene.out.join(machine).join(format!("{role}.csr"));
            ca.sign(&request, &desk.path(&format!("signed/{machine}-{role}")));
        }
    }
    desk.request("late.corp", &[]).assert_code(0);
    let folders = ["out/host.domain", "out/late.corp", "out/b.corp", "out/a.corp"];
    let ended = desk.run(&[&["assemble", "--from", "signed", "--json"], &folders[..]].concat()).assert_code(3);
    let machines = ended.json()["machines"].as_array().unwrap().clone();
    let states: Vec<_> = machines.iter().map(|one| (&one["machine"], &one["state"])).collect();
    let expected =
        [("host.domain", "assembled"), ("late.corp", "failed"), ("b.corp", "assembled"), ("a.corp", "assembled")];
    assert!(states.iter().zip(expected).all(|(is, wanted)| is.0 == wanted.0 && is.1 == wanted.1), "{states:?}");
    assert_eq!(names(&desk.scene.out.join("late.corp")), WAITING);
    // Another machine's certificate alone is told as such.
    let alone = desk.run(&["assemble", "out/late.corp", "--from", "signed/a.corp-server.p7b"]);
    alone.assert_error(
        2,
        &["`a.corp` in `signed/a.corp-server.p7b` is for none of the keys here: it is another machine's"],
    );
}

/// What is replaced as a whole may not be what somebody stands in.
#[test]
fn not_from_within() {
    let Some((desk, _ca)) = signed() else { return };
    let mut within = desk.scene.qcert(&["assemble", "."]);
    within.current_dir(desk.folder());
    process::run(within).assert_error(2, &["`.` is the folder that qcert runs in"]);
    assert_eq!(names(&desk.folder()), WAITING);
}

/// Stopped at any moment: keys that wait or a whole bundle, and the next run clears what was left.
#[test]
fn a_stop_leaves_the_old_or_the_new() {
    let Some((desk, ca)) = signed() else { return };
    let root = text(&ca.root());
    let before = contents(&desk.folder());
    for round in 0..60 {
        let command = desk.scene.qcert(&["assemble", "out/host.domain", "--from", "signed", "--root", &root]);
        let mut running = start(command);
        std::thread::sleep(Duration::from_micros(round * 2500));
        running.kill();
        let ended = running.wait();
        let now = contents(&desk.folder());
        if now.len() == before.len() {
            assert_eq!(now, before, "round {round}");
            continue;
        }
        assert_eq!(names(&desk.folder()), ASSEMBLED, "round {round}");
        assert!(["server.csr", "client_key.pem"].iter().all(|name| now[*name] == before[*name]));
        // Back to the beginning.
        drop(ended);
        for name in ["root.pem", "root.cer", "server.pem", "server.pfx", "client.pem", "client.pfx"] {
            fs::remove_file(desk.file(name)).unwrap();
        }
    }
    desk.assemble(&["--root", &root]).assert_code(0);
    assert_eq!(names(&desk.folder()), ASSEMBLED);
}

#[test]
fn requests_that_were_stopped_leave_no_keys_behind() {
    let desk = Desk::new(&[]);
    for round in 0..40 {
        let machine = format!("m{round}.corp");
        let mut running = start(desk.scene.qcert(&[
            "export",
            "--csr-only",
            "--out",
            "out",
            "--machine",
            &machine,
            "--machine",
            "n.corp",
        ]));
        std::thread::sleep(Duration::from_millis(round * 6));
        running.kill();
        drop(running.wait());
        for folder in ["n.corp", &machine] {
            let path = desk.scene.out.join(folder);
            if path.exists() {
                assert_eq!(names(&path), WAITING, "round {round}");
                fs::remove_dir_all(path).unwrap();
            }
        }
    }
    desk.request("last.corp", &[]).assert_code(0);
    assert_eq!(names(&desk.scene.out), [MACHINE, "last.corp"]);
}

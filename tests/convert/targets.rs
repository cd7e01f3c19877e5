//! Where it goes: what is there is not touched unthinkingly, and what cannot be written leaves nothing.

use super::world::{Desk, site};
use crate::support::{contents, is_root, names};
use fs_err as fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

#[test]
fn what_is_there_is_refused() {
    let desk = Desk::new();
    desk.file("mine.pem", "mine");
    fs::create_dir(desk.path("folder")).unwrap();
    symlink("mine.pem", desk.path("link.pem")).unwrap();
    for out in ["mine.pem", "folder", "link.pem"] {
        let from = if out == "folder" { "@open" } else { "@open/root.cer" };
        desk.convert(&format!("{from} --to pem --out {out}")).assert_error(2, &["already exists", "--exists replace"]);
    }
    desk.convert("@open/root.cer --to pem --out link.pem --exists replace")
        .assert_error(2, &["link.pem", "not a file"]);
    assert_eq!(desk.bytes("mine.pem"), b"mine");
    desk.convert("@open/root.cer --to pem --out mine.pem --exists replace").assert_code(0);
    assert_eq!(desk.bytes("mine.pem"), fs::read(site().path("open/root.pem")).unwrap());
    desk.convert("@open --to pem --out folder --exists replace").assert_code(0);
    assert_eq!(names(&desk.path("folder")).len(), 6);
}

#[test]
fn a_folder_goes_only_for_one_that_has_all_its_files() {
    let desk = Desk::new();
    desk.convert("@open --to pem --out bundle").assert_code(0);
    let before = contents(&desk.path("bundle"));
    // The server's key would be lost.
    desk.convert("@open/client.pfx --out bundle --exists replace")
        .assert_error(2, &["also holds `root.pem` and 2 more"]);
    assert_eq!(before, contents(&desk.path("bundle")));
    // In place, to close its keys.
    let ended = desk.convert("bundle --to pem --out bundle --exists replace --new-password-file password --json");
    let json = ended.assert_code(0).json();
    assert_eq!((&json["state"], &json["files"][1]["encrypted"]), (&"replaced".into(), &true.into()));
    let after = contents(&desk.path("bundle"));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    assert_eq!(before["server.pem"], after["server.pem"]);
    assert!(before["server_key.pem"] != after["server_key.pem"]);
}

#[test]
fn a_file_in_its_own_place() {
    let desk = Desk::new();
    fs::copy(site().path("open/server.pfx"), desk.path("server.pfx")).unwrap();
    desk.convert("server.pfx --pfx legacy --out server.pfx").assert_error(2, &["already exists"]);
    desk.convert("server.pfx --pfx legacy --out server.pfx --exists replace").assert_code(0);
    desk.convert("server.pfx --out back").assert_code(0);
    assert_eq!(desk.bytes("back/server.pem"), fs::read(site().path("open/server.pem")).unwrap());
}

#[test]
fn names_that_are_not_given() {
    let desk = Desk::new();
    fs::copy(site().path("open/client.pfx"), desk.path("my.client.pfx")).unwrap();
    desk.convert("my.client.pfx").assert_code(0);
    assert_eq!(names(&desk.path("my.client-pem"))[1..], ["client.pem", "client_key.pem"]);
    desk.convert("@open --to der").assert_code(0);
    assert!(desk.path("open-der/root.cer").exists());
    let bytes = fs::read(site().path("open/client.pfx")).unwrap();
    desk.convert_with("-", &bytes).assert_code(0);
    assert!(desk.path("converted-pem/client_key.pem").exists());
}

#[test]
fn a_folder_that_cannot_be_written() {
    let desk = Desk::new();
    desk.file("file", "mine");
    desk.convert("@open --to pem --out file/new").assert_error(2, &["file/new"]);
    let closed = desk.path("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o555)).unwrap();
    if !is_root() {
        desk.convert("@open --to pem --out closed/new").assert_error(2, &["closed/new"]);
        desk.convert("@open/root.cer --to pem --out closed/new.pem").assert_error(2, &["closed/new.pem"]);
    }
    assert!(names(&closed).is_empty());
    fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o755)).unwrap();
    desk.convert("@open --to pem --out closed/deeper/new").assert_code(0);
}

/// A disk that fills up in the middle: said, and nothing of it stays.
#[test]
fn a_full_disk() {
    let desk = Desk::new();
    let place = desk.path("small");
    fs::create_dir(&place).unwrap();
    let mounted =
        std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=8k", "tmpfs"]).arg(&place).status();
    if !is_root() || !mounted.is_ok_and(|status| status.success()) {
        return crate::support::skipped("a small file system cannot be mounted here");
    }
    let ended = desk.convert("@open --to pem --out small/new");
    let left = names(&place);
    assert!(std::process::Command::new("umount").arg(&place).status().unwrap().success());
    ended.assert_error(2, &["small/new", "free some space"]);
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn standard_output_gets_one_file_and_nothing_else() {
    let desk = Desk::new();
    let open = |name: &str| fs::read(site().path("open").join(name)).unwrap();
    assert_eq!(desk.stdout_of("@open/root.cer --to pem --out -"), open("root.pem"));
    assert_eq!(desk.stdout_of("@open/root.pem --to der --out -"), open("root.cer"));
    assert_eq!(desk.stdout_of("@open/client_key.pem --to pem --out -"), open("client_key.pem"));
    let pfx = desk.stdout_of("@open/client.pfx --to pfx --out -");
    desk.file("again.pfx", &pfx);
    desk.convert("again.pfx --out again").assert_code(0);
    desk.convert("@open/client.pfx --to pem --out -").assert_error(2, &["this makes 2 files, not one"]);
    let closed = desk.stdout_of("@locked/client_key.pem --to pem --out - --password-file password");
    assert!(String::from_utf8(closed).unwrap().contains("ENCRYPTED"));
}

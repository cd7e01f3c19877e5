//! What may lie where a bundle is to be: nothing that is not a bundle is ever taken away.

use crate::support::process::run;
use crate::support::{Scene, contents, names};
use fs_err as fs;
use std::os::unix::fs::symlink;

const HOW: [&str; 3] = ["refuse", "keep", "replace"];

#[test]
fn an_out_folder_is_made_where_it_is_missing() {
    let mut scene = Scene::new();
    scene.out = scene.path("not/yet/there");
    scene.run(&["one.test"], &[]).assert_code(0);
    scene.judge("one.test");
    scene.out = scene.path("out/");
    scene.run(&["one.test"], &[]).assert_code(0);
    scene.judge("one.test");
}

#[test]
fn an_out_folder_that_is_a_file() {
    let mut scene = Scene::new();
    fs::write(&scene.out, "mine").unwrap();
    scene.run(&["one.test"], &[]).assert_error(2, &[&scene.out.display().to_string()]);
    let file = scene.out.clone();
    scene.out = file.join("deeper");
    scene.run(&["one.test"], &[]).assert_error(2, &[&scene.out.display().to_string()]);
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

#[test]
fn a_target_that_is_a_file_or_a_link() {
    let scene = Scene::with_bundle("real.test");
    let before = contents(&scene.out.join("real.test"));
    fs::write(scene.out.join("file.test"), "mine").unwrap();
    symlink("real.test", scene.out.join("link.test")).unwrap();
    symlink("nowhere", scene.out.join("lost.test")).unwrap();
    for how in HOW {
        for machine in ["file.test", "link.test", "lost.test"] {
            let word = if how == "refuse" { "already exists" } else { "not a folder" };
            scene.run(&[machine], &["--exists", how]).assert_error(2, &[machine, word]);
        }
    }
    assert_eq!(fs::read(scene.out.join("file.test")).unwrap(), b"mine");
    assert!(fs::symlink_metadata(scene.out.join("link.test")).unwrap().is_symlink());
    assert!(fs::symlink_metadata(scene.out.join("lost.test")).unwrap().is_symlink());
    assert_eq!(before, contents(&scene.out.join("real.test")));
    scene.assert_nothing_is_left();
}

#[test]
fn a_folder_of_somebody_else() {
    let scene = Scene::with_bundle("one.test");
    let folder = scene.out.join("one.test");
    let before = contents(&folder);
    fs::create_dir(folder.join("notes")).unwrap();
    fs::write(folder.join("notes/todo.txt"), "mine").unwrap();
    for how in ["refuse", "replace"] {
        scene.run(&["one.test"], &["--exists", how]).assert_error(2, &["one.test"]);
    }
    // Kept as it is, notes and all; but not made anew over them.
    scene.run(&["one.test"], &["--exists", "keep"]).assert_code(0);
    scene.run(&["one.test"], &["--exists", "keep", "--san", "more.test"]).assert_error(2, &["one.test", "notes"]);
    assert_eq!(fs::read(folder.join("notes/todo.txt")).unwrap(), b"mine");
    fs::remove_dir_all(folder.join("notes")).unwrap();
    assert_eq!(before, contents(&folder));
    scene.judge("one.test");
}

#[test]
fn an_empty_folder_is_filled_unless_it_is_to_be_refused() {
    let scene = Scene::with_bundle("kept.test");
    let folder = scene.out.join("one.test");
    fs::create_dir(&folder).unwrap();
    scene.run(&["one.test"], &[]).assert_error(2, &["already exists"]);
    assert!(names(&folder).is_empty());
    scene.run(&["one.test"], &["--exists", "replace"]).assert_code(0);
    scene.judge("one.test");
}

#[test]
fn a_spoilt_bundle_is_not_kept_and_not_lost() {
    let scene = Scene::with_bundle("one.test");
    let folder = scene.out.join("one.test");
    for name in ["server.pem", "client_key.pem", "server.pfx", "root.cer"] {
        let good = fs::read(folder.join(name)).unwrap();
        fs::write(folder.join(name), &good[..good.len() / 2]).unwrap();
        scene.run(&["one.test"], &["--exists", "keep"]).assert_error(2, &["one.test", name, "--exists replace"]);
        assert_eq!(fs::read(folder.join(name)).unwrap(), good[..good.len() / 2]);
        fs::write(folder.join(name), &good).unwrap();
    }
    fs::remove_file(folder.join("client.pfx")).unwrap();
    let ended = scene.run(&["one.test"], &["--exists", "keep"]).assert_code(0);
    assert!(ended.stdout.contains("`client.pfx` is missing"), "{}", ended.stdout);
    scene.judge("one.test");
}

/// By whatever way a folder is reached, a new bundle takes the place of the one that lies there.
#[test]
fn a_place_has_one_name_in_the_ledger() {
    let mut scene = Scene::with_bundle("one.test");
    let out = scene.out.clone();
    std::os::unix::fs::symlink(&out, scene.path("link")).unwrap();
    for way in ["link", "home/../out", "out/."] {
        scene.out = scene.path(way);
        scene.run(&["one.test"], &["--exists", "replace"]).assert_code(0);
    }
    let ledger = rusqlite::Connection::open(scene.home.join("ledger.sqlite")).unwrap();
    let live = "SELECT count(*) FROM certificate WHERE superseded_at IS NULL AND role <> 'root'";
    assert_eq!(ledger.query_row(live, [], |row| row.get::<_, i64>(0)).unwrap(), 2);
}

#[test]
fn a_signed_certificate_has_the_same_care() {
    let scene = Scene::with_bundle("one.test");
    let out = scene.file("client", "mine");
    for how in HOW {
        run(scene.qcert(&["sign", "client", "--out", &out, "--exists", how])).assert_error(2, &[&out]);
    }
    assert_eq!(fs::read(&out).unwrap(), b"mine");
    let root = scene.home.display().to_string();
    run(scene.qcert(&["sign", "client", "--out", &root, "--exists", "replace"])).assert_error(2, &[&root]);
    assert!(scene.root_bytes().is_some());
}

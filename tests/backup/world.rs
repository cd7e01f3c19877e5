//! A disk that is full, folders and files that may not be written or read: an error, and everything as it was.

use super::scene::rows;
use crate::support::disk::Disk;
use crate::support::process::run;
use crate::support::{Scene, contents, is_root, names};
use fs_err as fs;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn a_full_disk_leaves_the_old_backup() {
    let scene = Scene::with_bundle("one.test");
    // Room for one backup of some 62 KiB, not for two.
    let Some(disk) = Disk::mount(&scene.path("disk"), 100) else { return };
    run(scene.backup("disk/one.age", &[])).assert_code(0);
    let before = contents(&disk.0);
    run(scene.backup("disk/one.age", &["--exists", "replace"])).assert_error(2, &["disk/one.age", "space"]);
    run(scene.backup("disk/two.age", &[])).assert_error(2, &["disk/two.age", "space"]);
    assert!(before == contents(&disk.0), "{:?}", names(&disk.0));
    scene.check("disk/one.age").assert_code(0);
    scene.assert_no_runs();
}

#[test]
fn a_home_on_a_full_disk_gets_all_or_nothing() {
    let scene = Scene::with_bundle("one.test");
    run(scene.backup("one.age", &[])).assert_code(0);
    let (mut full, mut restored) = (0, 0);
    for kibibytes in (16..=320).step_by(16) {
        let Some(_disk) = Disk::mount(&scene.path("disk"), kibibytes) else { return };
        let ended = run(scene.restore("one.age", "disk/home", &[]));
        if ended.status.code() == Some(0) {
            restored += 1;
            assert_eq!(rows(&scene.path("disk/home")), rows(&scene.home));
        } else {
            full += 1;
            ended.assert_error(2, &["space"]);
            let left = names(&scene.path("disk/home"));
            assert!(!left.iter().any(|name| name.starts_with("root")), "{kibibytes} KiB: {left:?}");
        }
    }
    assert!(full > 0 && restored > 0, "{full} {restored}");
}

#[test]
fn a_folder_that_may_not_be_written() {
    let scene = Scene::with_bundle("one.test");
    if is_root() {
        // root may write anywhere but into what is no file system for it.
        let ended = run(scene.backup("/proc/one.age", &[]));
        ended.assert_error(2, &["/proc/one.age"]);
        return;
    }
    fs::create_dir(scene.path("locked")).unwrap();
    fs::set_permissions(scene.path("locked"), std::fs::Permissions::from_mode(0o500)).unwrap();
    run(scene.backup("locked/one.age", &[])).assert_error(2, &["locked/one.age"]);
    assert!(names(&scene.path("locked")).is_empty());
}

#[test]
fn a_backup_through_a_link_replaces_the_link_and_not_what_it_points_to() {
    let scene = Scene::with_bundle("one.test");
    let mine = scene.file("mine.txt", "mine");
    std::os::unix::fs::symlink(&mine, scene.path("link.age")).unwrap();
    run(scene.backup("link.age", &[])).assert_error(2, &["already there"]);
    run(scene.backup("link.age", &["--exists", "replace"])).assert_code(0);
    assert_eq!(fs::read(&mine).unwrap(), b"mine");
    scene.check("link.age").assert_code(0);
}

//! Rights: what this account may not do is said, and what it makes is nobody else's from the first moment.

use crate::support::process::{Ended, run};
use crate::support::{Scene, contents, is_root, names, skipped};
use fs_err as fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

const NOBODY: u32 = 65534;

const WRITES: &[&[&str]] = &[
    &["renew", "--all", "--same-key"],
    &["revoke", "one.test", "--all"],
    &["crl", "--out", "lists"],
    &["backup", "site.age", "--backup-passphrase-file", "passphrase", "--work-factor", "1"],
    &["recreate", "--yes", "--backup", "before.age", "--backup-passphrase-file", "passphrase"],
];
const LOOKS: &[&[&str]] = &[
    &["renew", "--all", "--dry-run"],
    &["crl", "--check", "--out", "lists"],
    &["list"],
    &["list", "--live-clients", "--json"],
    &["list", "--expiring", "9999"],
    &["list", "--metrics"],
];

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// A scene of an account that rights bind: another one when this is root, which nothing binds.
struct Bound {
    scene: Scene,
}

impl Bound {
    fn new() -> Self {
        // Not below the project: another account may not be allowed to get there.
        let bound = Self { scene: Scene::at(tempfile::tempdir().unwrap()) };
        if is_root() {
            let place = bound.scene.path("");
            fs::copy(env!("CARGO_BIN_EXE_qcert"), bound.scene.path("qcert")).unwrap();
            set_mode(&bound.scene.path("qcert"), 0o755);
            set_mode(&place, 0o755);
            chown(&place, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        bound.run(&["one.test"], &[]).assert_code(0);
        bound
    }

    fn run(&self, machines: &[&str], more: &[&str]) -> Ended {
        self.play(&self.scene.export(machines, more))
    }

    fn qcert(&self, arguments: &[&str]) -> Ended {
        self.play(&self.scene.qcert(arguments))
    }

    fn play(&self, command: &Command) -> Ended {
        if !is_root() {
            let mut same = Command::new(command.get_program());
            same.args(command.get_args()).current_dir(self.scene.path(""));
            return run(same);
        }
        let mut other = Command::new(self.scene.path("qcert"));
        other.args(command.get_args()).current_dir(self.scene.path("")).uid(NOBODY).gid(NOBODY);
        run(other)
    }
}

#[test]
fn a_folder_that_may_not_be_written() {
    let bound = Bound::new();
    let scene = &bound.scene;
    for (folder, closed, open) in [(&scene.out, 0o555, 0o755), (&scene.home, 0o500, 0o700)] {
        let before = (scene.root_bytes(), contents(&scene.out.join("one.test")));
        set_mode(folder, closed);
        let place = folder.display().to_string();
        bound.run(&["two.test"], &[]).assert_error(2, &[&place]);
        bound.run(&["one.test"], &["--exists", "replace"]).assert_error(2, &[&place]);
        set_mode(folder, open);
        assert_eq!(before, (scene.root_bytes(), contents(&scene.out.join("one.test"))));
        scene.assert_nothing_is_left();
        bound.run(&["one.test"], &["--exists", "keep"]).assert_code(0);
    }
}

/// What changes the home says that it cannot; what only looks works.
#[test]
fn a_home_that_may_only_be_read() {
    let bound = Bound::new();
    let scene = &bound.scene;
    let before = (contents(&scene.out.join("one.test")), scene.root_bytes());
    set_mode(&scene.home, 0o500);
    let home = scene.home.display().to_string();
    scene.file("passphrase", "of the backup");
    for arguments in WRITES {
        bound.qcert(arguments).assert_error(2, &[&home]);
    }
    for arguments in LOOKS {
        let ended = bound.qcert(arguments);
        assert!(matches!(ended.status.code(), Some(0 | 1)), "{arguments:?}: {}", ended.stderr);
        assert!(!ended.stderr.contains("error:"), "{arguments:?}: {}", ended.stderr);
    }
    set_mode(&scene.home, 0o700);
    assert!(before == (contents(&scene.out.join("one.test")), scene.root_bytes()));
    for arguments in WRITES {
        bound.qcert(arguments).assert_code(0);
    }
    scene.assert_ledger_is_true();
}

#[test]
fn files_that_may_not_be_read() {
    let bound = Bound::new();
    let scene = &bound.scene;
    for name in ["root_key.pem", "root.pem", "ledger.sqlite"] {
        let path = scene.home.join(name);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        set_mode(&path, 0);
        bound.run(&["two.test"], &[]).assert_error(2, &[&scene.home.display().to_string()]);
        set_mode(&path, mode);
    }
    bound.run(&["two.test"], &[]).assert_code(0);
}

/// What a run staged where it may not write any more does not stop the runs after it.
#[test]
fn a_dead_runs_stage_that_cannot_be_removed_stops_nobody() {
    let bound = Bound::new();
    let scene = &bound.scene;
    let locked = scene.path("locked");
    fs::create_dir_all(locked.join(".qcert-dead-0")).unwrap();
    fs::write(locked.join(".qcert-dead-0/server_key.pem"), "").unwrap();
    let dead = scene.home.join("runs/dead.run");
    fs::write(&dead, format!("stages {}\0", locked.display())).unwrap();
    if is_root() {
        for path in [&locked, &locked.join(".qcert-dead-0"), &dead] {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    set_mode(&locked, 0o555);
    bound.run(&["one.test"], &["--exists", "keep"]).assert_code(0);
    set_mode(&locked, 0o755);
    bound.run(&["one.test"], &["--exists", "keep"]).assert_code(0);
    assert!(names(&locked).is_empty(), "cleared once it can be");
}

/// A folder may be renamed by whoever may write beside it; to empty it takes rights in it.
#[test]
fn a_replaced_folder_that_cannot_be_removed_is_removed_once_it_can_be() {
    let bound = Bound::new();
    let scene = &bound.scene;
    set_mode(&scene.out.join("one.test"), 0o555);
    bound.run(&["one.test"], &["--exists", "replace"]).assert_code(0);
    scene.judge("one.test");
    let old = names(&scene.out).into_iter().find(|name| name.starts_with(".qcert")).unwrap();
    set_mode(&scene.out.join(old), 0o755);
    bound.run(&["one.test"], &["--exists", "keep"]).assert_code(0);
    scene.assert_nothing_is_left();
    scene.assert_no_runs();
}

/// Any umask: whatever holds a key is its owner's alone.
#[test]
fn private_files_are_private() {
    let scene = Scene::new();
    let password = scene.file("password", "a password");
    let binary = env!("CARGO_BIN_EXE_qcert");
    for (number, more) in ["", "--password-file"].iter().enumerate() {
        let machine = format!("m{number}.test");
        let mut command = Command::new("sh");
        command.args(["-c", "umask 000 && exec \"$@\"", "sh", binary, "--home"]).arg(&scene.home);
        command.args(["export", "--machine", &machine, "--out"]).arg(&scene.out);
        if !more.is_empty() {
            command.args([more, password.as_str()]);
        }
        run(command).assert_code(0);
        let folder = scene.out.join(machine);
        for name in names(&folder).iter().filter(|name| name.ends_with("_key.pem") || name.contains(".pfx")) {
            assert_eq!(fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o7777, 0o600, "{name}");
        }
    }
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&scene.home.join("root_key.pem")), 0o600);
    assert_eq!(mode(&scene.home), 0o700);
}

/// Private files are created with their final rights: no call widens or narrows them later.
#[test]
fn private_files_were_never_anything_else() {
    let scene = Scene::new();
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=open,openat,creat,chmod,fchmod,fchmodat", "-o"]).arg(scene.path("trace"));
    command.arg(env!("CARGO_BIN_EXE_qcert")).arg("--home").arg(&scene.home);
    command.args(["export", "--machine", "one.test", "--out"]).arg(&scene.out);
    if !Command::new("strace").args(["-o", "/dev/null", "true"]).status().is_ok_and(|status| status.success()) {
        return skipped("strace is not installed, or may not trace");
    }
    run(command).assert_code(0);
    let trace = fs::read_to_string(scene.path("trace")).unwrap();
    let created: Vec<_> = trace
        .lines()
        .filter(|line| line.contains("O_CREAT") && (line.contains("_key.pem") || line.contains(".pfx")))
        .collect();
    assert_eq!(created.len(), 5, "{created:?}");
    assert!(created.iter().all(|line| line.contains("O_EXCL") && line.contains("0600")), "{created:?}");
    assert!(!trace.contains("chmod("), "{trace}");
}

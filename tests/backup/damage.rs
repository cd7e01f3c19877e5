//! Every octet changed, every cut, another passphrase, and files that are no backup: each refused, and told apart.

use super::scene::{PASSPHRASE, open};
use crate::support::Scene;
use fs_err as fs;
use qcert::host::backup::{BackupError, Sealed};

/// Octets of the content come in multiples of this.
const RECORD: usize = 10_240;

fn head_of(bytes: &[u8]) -> usize {
    let ends: Vec<usize> = (0..400).filter(|at| bytes[*at] == b'\n').collect();
    ends[3] + 1
}

/// One of `stride` of the positions behind the head, and all of the head, on all cores.
fn sweep(bytes: &[u8], stride: usize, one: impl Fn(usize) + Sync) {
    let head = head_of(bytes);
    let positions: Vec<usize> = (0..head).chain((head..bytes.len()).step_by(stride)).collect();
    std::thread::scope(|scope| {
        for share in positions.chunks(positions.len().div_ceil(4)) {
            scope.spawn(|| share.iter().for_each(|at| one(*at)));
        }
    });
}

fn flips(stride: usize) {
    let good = Scene::with_bundle("one.test").backed_up();
    assert!(open(&good).is_ok());
    let head = head_of(&good);
    sweep(&good, stride, |at| {
        for flip in if at < head { &[1, 2, 4, 8, 16, 32, 64, 128][..] } else { &[1][..] } {
            let mut bad = good.clone();
            bad[at] ^= flip;
            let said = open(&bad).unwrap_err();
            // In the head nobody can tell a changed salt from another passphrase; behind it there is no doubt.
            assert!(at < head || matches!(said, BackupError::Damaged), "octet {at}: {said:?}");
            assert!(!matches!(said, BackupError::Read(_) | BackupError::Ledger(_)), "octet {at}: {said:?}");
        }
    });
}

fn cuts(stride: usize) {
    let good = Scene::with_bundle("one.test").backed_up();
    let head = head_of(&good);
    let records = (1..good.len() / RECORD).map(|count| head + 16 + count * RECORD + 16);
    for at in records.clone() {
        // Cut where a shorter backup could have ended: that it is not authentic is all that can be known.
        assert!(matches!(open(&good[..at]).unwrap_err(), BackupError::Damaged), "cut at {at}");
    }
    let records: Vec<usize> = records.collect();
    sweep(&good, stride, |at| {
        if !records.contains(&at) {
            let said = open(&good[..at]).unwrap_err();
            assert!(matches!(said, BackupError::Cut(_)), "cut at {at}: {said:?}");
        }
    });
}

#[test]
fn a_flipped_octet_is_seen() {
    flips(97);
}

#[test]
fn a_cut_is_told_as_one() {
    cuts(89);
}

#[test]
#[ignore = "minutes: each single octet, as .ci/run does not"]
fn each_flipped_octet_and_each_cut_is_seen() {
    flips(1);
    cuts(1);
}

/// A backup of several pieces of 64 KiB: its beginning is authentic and says how long the whole is.
#[test]
fn a_long_backup_says_how_much_is_missing_or_too_much() {
    let scene = Scene::with_bundle("one.test");
    let kept = scene.home.join("previous/0123456789abcdef");
    fs::create_dir_all(&kept).unwrap();
    for name in ["root.pem", "root_key.pem"] {
        fs::copy(scene.home.join(name), kept.join(name)).unwrap();
    }
    fs::write(kept.join("large.pem"), vec![b'x'; 900_000]).unwrap();
    let good = scene.backed_up();
    for missing in [1, 10_240, 65_552, 5 * 65_552, 600_000] {
        let said = open(&good[..good.len() - missing]).unwrap_err();
        let BackupError::Cut(Some(octets)) = said else { panic!("{missing}: {said:?}") };
        assert!(octets <= missing as u64 && octets + 200 > missing as u64, "{missing}: {octets}");
    }
    for more in [1, 10_240, 70_000] {
        let long = [&good[..], &vec![0; more]].concat();
        assert!(matches!(open(&long).unwrap_err(), BackupError::TooLong(_)), "{more}");
    }
    for at in [good.len() - 1, good.len() / 2, 70_000] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(matches!(open(&bad).unwrap_err(), BackupError::Damaged));
    }
    // Two pieces in each other's place are each authentic, and the whole is not.
    let (head, piece) = (head_of(&good) + 16, 65_552);
    let mut swapped = good.clone();
    swapped[head + piece..head + 3 * piece].rotate_left(piece);
    assert!(matches!(open(&swapped).unwrap_err(), BackupError::Damaged));
}

#[test]
fn each_has_its_own_words_and_exit_code() {
    let scene = Scene::with_bundle("one.test");
    let good = scene.backed_up();
    let head = String::from_utf8_lossy(&good[..head_of(&good)]).into_owned();
    let with_head = |from: &str, to: &str| {
        let changed = head.replacen(from, to, 1);
        assert_ne!(changed, head);
        [changed.as_bytes(), &good[head.len()..]].concat()
    };
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    let certificate = fs::read(scene.home.join("root.pem")).unwrap();
    let ledger = fs::read(scene.home.join("ledger.sqlite")).unwrap();
    for (name, bytes, code, words) in [
        ("damaged", flipped, 1, "changed or damaged"),
        ("cut", good[..good.len() / 2].to_vec(), 1, "cut off"),
        ("cut in the head", good[..100].to_vec(), 1, "cut off"),
        ("empty", Vec::new(), 1, "cut off"),
        ("certificate", certificate, 2, "no backup"),
        ("ledger", ledger, 2, "no backup"),
        ("newer age", with_head("/v1", "/v2"), 2, "newer age"),
        ("for a key", with_head("-> scrypt ", "-> X25519 "), 2, "sealed for a key"),
        ("much work", with_head(" 4\n", " 40\n"), 2, "2^40"),
        ("some more work", with_head(" 4\n", " 21\n"), 2, "2^21"),
        ("other salt", with_head("-> scrypt ", "-> scrypt"), 1, "damaged"),
    ] {
        scene.file(name, &bytes);
        let ended = scene.check(name).assert_error(code, &[words, name]).assert_silent_about(&[PASSPHRASE]);
        let json = scene.restore(name, "nowhere", &["--json"]);
        let failure = crate::support::process::run(json).assert_code(code).json();
        assert!(failure["error"]["causes"][0].as_str().unwrap().contains(words), "{name}: {failure}");
        drop(ended);
    }
    assert!(!scene.path("nowhere").exists(), "a refused backup left a home");
    crate::support::process::run(scene.restore("home", "x", &[])).assert_error(2, &["home"]);
    crate::support::process::run(scene.restore("missing.age", "x", &[])).assert_error(2, &["missing.age"]);
    assert!(Sealed::look(std::path::Path::new("/dev/null")).is_err());
}

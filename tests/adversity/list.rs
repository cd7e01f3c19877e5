//! Machine lists as people and their programs write them, and names that no machine can have.

use crate::support::process::run_with;
use crate::support::{Scene, names};
use fs_err as fs;

fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes_of).collect()
}

/// The machines that a list of these bytes names.
fn made(bytes: &[u8]) -> Vec<String> {
    let scene = Scene::new();
    let list = scene.file("list", bytes);
    scene.run(&[], &["--machines-from", &list, "--format", "pem"]).assert_code(0);
    names(&scene.out)
}

#[test]
fn every_way_to_write_a_list() {
    let text = "# all of them\r\na.test\r\n\r\n  b.test  # the second\r\nA.test\r\nb.test";
    assert_eq!(made(text.as_bytes()), ["a.test", "b.test"]);
    assert_eq!(made(text.replace("\r\n", "\n").as_bytes()), ["a.test", "b.test"]);
    assert_eq!(made(format!("\u{feff}{text}").as_bytes()), ["a.test", "b.test"]);
    assert_eq!(made(&utf16(&format!("\u{feff}{text}"), u16::to_le_bytes)), ["a.test", "b.test"]);
    assert_eq!(made(&utf16(&format!("\u{feff}{text}"), u16::to_be_bytes)), ["a.test", "b.test"]);
    assert_eq!(made(&utf16(text, u16::to_le_bytes)), ["a.test", "b.test"]);
}

#[test]
fn a_list_on_standard_input() {
    let scene = Scene::new();
    run_with(scene.export(&["a.test"], &["--machines-from", "-"]), "b.test\na.test\n").assert_code(0);
    assert_eq!(names(&scene.out), ["a.test", "b.test"]);
}

#[test]
fn a_list_that_names_nobody() {
    let scene = Scene::new();
    let missing = scene.path("missing").display().to_string();
    let lists = [
        (missing, "cannot read"),
        (scene.path("").display().to_string(), "folder"),
        (scene.file("empty", ""), "names no machine"),
        (scene.file("comments", "# nobody\r\n\r\n   # here\r\n"), "names no machine"),
        (scene.file("binary", [0x30, 0x82, 0xff, 0xfe, 0x00, 0xd8]), ""),
    ];
    for (list, word) in lists {
        let ended = scene.run(&[], &["--json", "--machines-from", &list]).assert_error(2, &[word]);
        ended.json();
    }
    scene.run(&[], &[]).assert_error(2, &["no machine is named"]);
    assert!(!scene.home.exists() && !scene.out.exists());
}

#[test]
fn some_names_of_several_are_bad() {
    let scene = Scene::new();
    let list = scene.file("list", "# five\na.test\n\n../etc\nb.test\n*.test\nc d\n");
    let ended =
        scene.run(&[], &["--json", "--machines-from", &list]).assert_error(3, &["`../etc`", "`*.test`", "`c d`"]);
    for line in ["line 4", "line 6", "line 7"] {
        assert!(ended.stderr.contains(line), "{line}: {}", ended.stderr);
    }
    assert_eq!(ended.stderr.matches("error: ").count(), 3);
    assert_eq!(ended.stderr.matches("hint: ").count(), 3);
    let answer = ended.json();
    let failed = answer["machines"].as_array().unwrap().iter().filter(|machine| machine["state"] == "failed");
    assert_eq!(failed.count(), 3);
    assert_eq!(names(&scene.out), ["a.test", "b.test"]);
    scene.judge("a.test");
    scene.judge("b.test");
}

#[test]
fn no_bad_name_reaches_the_disk() {
    let scene = Scene::new();
    let long = "a".repeat(64) + ".test";
    let longest = format!("{}test", "abcdefgh.".repeat(30));
    let bad = [
        "",
        " ",
        ".",
        "..",
        "../up",
        "a/b",
        "/etc",
        "a\\b",
        "a\nb",
        "*.test",
        "CON",
        "con.test",
        "nul",
        "a.test.",
        "a..b",
        "a test",
        "-a.test",
        "a_b.test",
        "\u{202e}a.test",
        "a\u{1b}[31m",
        "1.2.3.256",
        "[::1]",
        "a:b",
        "--",
        &long,
        &longest,
    ];
    let more: Vec<String> = bad.iter().map(|name| format!("--machine={name}")).collect();
    let more: Vec<&str> = more.iter().map(String::as_str).chain(["--json"]).collect();
    let ended = scene.run(&[], &more).assert_error(2, &["`a_b.test`", "`CON`"]);
    ended.json();
    assert!(!ended.stderr.contains(['\u{1b}', '\u{202e}']), "control characters are shown as they are");
    assert!(!scene.out.exists() && !scene.home.exists());
    assert_eq!(names(&scene.path("")), Vec::<String>::new());
}

#[test]
fn a_bad_target_beside_good_ones() {
    let scene = Scene::new();
    fs::create_dir_all(&scene.out).unwrap();
    fs::write(scene.out.join("b.test"), "mine").unwrap();
    let ended = scene.run(&["a.test", "b.test", "c.test"], &["--exists", "replace"]);
    ended.assert_error(3, &["b.test", "not a folder"]);
    assert_eq!(fs::read(scene.out.join("b.test")).unwrap(), b"mine");
    scene.judge("a.test");
    scene.judge("c.test");
    scene.assert_nothing_is_left();
}

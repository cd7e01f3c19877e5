//! PEM as people have it: UTF-16, byte order marks, any line ends, text around, several objects, base64 alone.

use super::strangers::judge_pair;
use super::world::{Desk, site};
use crate::support::names;
use fs_err as fs;

fn text(name: &str) -> String {
    fs::read_to_string(site().path("open").join(name)).unwrap()
}

fn utf16(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn however_it_is_written_qliks_form_comes_out() {
    let desk = Desk::new();

    let both = [text("client.pem"), text("client_key.pem")].concat();
    let unix = both.replace('\r', "");
    let indented = format!("  {}", unix.trim_end().replace('\n', "\n  "));
    for (number, (bytes, said)) in [
        (both.clone().into_bytes(), ""),
        (unix.clone().into_bytes(), ""),
        (format!("\u{feff}{both}").into_bytes(), ""),
        (utf16(&both), "is in UTF-16, from which most programs read nothing: mended"),
        (unix.replace('\n', "\r").into_bytes(), ""),
        (unix.replace('\n', "\\n").into_bytes(), "is laid out so that most programs read nothing: mended"),
        (indented.into_bytes(), "is laid out so that most programs read nothing: mended"),
        (
            format!("Bag Attributes\n    friendlyName: QlikClient\n{unix}").into_bytes(),
            "the text around the PEM sections of `it.pem` is left out",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        desk.file("it.pem", bytes);
        let out = format!("new{number}");
        let ended = desk.convert(&format!("it.pem --to pem --out {out}")).assert_code(0);
        assert!(ended.stderr.contains(said), "{number}: {}", ended.stderr);
        for name in ["client.pem", "client_key.pem"] {
            assert_eq!(desk.bytes(&format!("{out}/{name}")), text(name).into_bytes(), "{number}: {name}");
        }
    }
    judge_pair(&desk, "new3/client.pem", "new3/client_key.pem", "none");
}

#[test]
fn names_go_by_content() {
    let desk = Desk::new();
    for (from, to) in [("client.pem", "server.pem"), ("root.pem", "ca.crt"), ("server.pem", "x.txt")] {
        fs::copy(site().path("open").join(from), desk.path(to)).unwrap();
    }
    desk.convert("server.pem ca.crt x.txt --to pem --out new").assert_code(0);
    for name in ["client.pem", "root.pem", "server.pem"] {
        assert_eq!(desk.bytes(&format!("new/{name}")), text(name).into_bytes());
    }
}

#[test]
fn what_is_neither_certificate_nor_key_is_left_and_said() {
    let desk = Desk::new();
    desk.convert("@open --to pem --out bundle").assert_code(0);
    desk.file("bundle/notes.txt", "to do");
    let ended = desk.convert("bundle --to pfx --out new").assert_code(0);
    assert!(
        ended.stderr.contains("left out, as neither certificate nor private key: `notes.txt` (text)"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("gitignore"), "{}", ended.stderr);
    assert_eq!(names(&desk.path("new")), [".gitignore", "client.pfx", "root.cer", "server.pfx"]);
}

/// A folder with both of Qlik's formats holds the same twice: each comes out once.
#[test]
fn what_is_there_twice_comes_out_once() {
    let desk = Desk::new();
    for form in ["pem", "der", "pfx"] {
        let ended = desk.convert(&format!("@open --to {form} --out {form}")).assert_code(0);
        assert!(!ended.stderr.contains("several"), "{}", ended.stderr);
        let count = if form == "pfx" { 4 } else { 6 };
        assert_eq!(names(&desk.path(form)).len(), count);
    }
}

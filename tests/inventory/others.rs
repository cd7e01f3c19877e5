//! What lies beside certificates or was saved in their place.

use super::{damages, read, read_with};
use qcert::pki::inventory::{FileContent, Form, InFile, What};

fn kind(file: &FileContent) -> String {
    assert_eq!(file.form, Form::Unknown);
    match &file.objects[..] {
        [object] => match &object.what {
            What::Other(kind) => kind.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_none_of_ours_is_named_in_words() {
    for (bytes, expected) in [
        (&b"<!DOCTYPE html>\n<html><body>Please log in"[..], "a web page (HTML)"),
        (b"\xef\xbb\xbf\r\n<HTML>", "a web page (HTML)"),
        (b"<?xml version=\"1.0\"?><Objs/>", "XML"),
        (b"{\"error\": 404}", "JSON"),
        (b"[\n 1, 2]", "JSON"),
        (b"[1]\n", "JSON"),
        (b"\xff\xfe[\0a\0]\0\r\0\n\0b\0=\0c\0", "INI text"),
        (b"\r\n[.ShellClassInfo]\r\nIconIndex=0\r\n", "INI text"),
        (b"PK\x03\x04\x14\0\0\0", "a ZIP archive"),
        (b"MZ\x90\0\x03", "a Windows program"),
        (b"\x4c\0\0\0\x01\x14\x02\0\0\0", "a Windows shortcut, not the file it points to"),
        (b"\xfe\xed\xfe\xed\0\0\0\x02", "a Java keystore (JKS)"),
        (b"PuTTY-User-Key-File-3: ssh-rsa", "a PuTTY private key"),
        (b"---- BEGIN SSH2 PUBLIC KEY ----", "an SSH2 public key"),
        (b"ssh-rsa AAAAB3NzaC1yc2E", "an SSH public key"),
        (b"remember the milk", "text"),
        (b"0.0.0.0 host", "text"),
        (&[0; 4096], "nothing but NUL bytes"),
        (b"\x01\x02\x03\x04\x05", "binary data"),
    ] {
        assert_eq!(kind(&read(bytes)), expected, "{bytes:?}");
    }
    for blank in [&b""[..], b"\r\n \t\n", b"\xef\xbb\xbf", b"\xff\xfe\r\0\n\0"] {
        let file = read(blank);
        assert_eq!((&file.form, file.objects.len()), (&Form::Empty, 0), "{blank:?}");
    }
}

#[test]
fn der_that_means_nothing_is_damage_of_what_the_name_says() {
    let file = read_with("client.pfx", b"\x30\x82\x00\x02\x05\x00", &[]);
    assert_eq!(damages(&file)[0].kind, "a PFX");
    let open = read(&[0x30, 0x80].repeat(50_000));
    assert_eq!(damages(&open).len(), 1);
}

#[test]
fn an_unreadable_file_keeps_its_reason() {
    let bytes = Err("this account may not read it".to_owned());
    let file = InFile { path: "a/b.pem".into(), bytes, others_may_read: true, tracked_by_git: true };
    let content = qcert::pki::inventory::read(file, &[], &qcert::pki::encryption::Derivations::default());
    assert_eq!(content.form, Form::Unreadable("this account may not read it".into()));
    assert_eq!((content.name.as_str(), content.others_may_read, content.tracked_by_git), ("b.pem", true, true));
}

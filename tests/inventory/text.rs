//! PEM as it comes out of mails, shells, editors and environment variables.

use super::{counts, damages, facts, pem, read, read_with, root, root_key};
use qcert::pki::inventory::{Form, LineEnds, TextEncoding, What};

fn certificate() -> String {
    pem("CERTIFICATE", &root())
}

#[track_caller]
fn one_certificate(text: impl AsRef<[u8]>) -> qcert::pki::inventory::TextFacts {
    let file = read(text.as_ref());
    assert_eq!(counts(&file), (1, 0), "{:?}", file.objects);
    assert_eq!(file.certificates().next().unwrap().der(), root());
    facts(&file)
}

#[test]
fn line_ends_are_told_apart() {
    let pem = certificate();
    assert_eq!(one_certificate(&pem).line_ends, LineEnds::Lf);
    assert_eq!(one_certificate(pem.replace('\n', "\r\n")).line_ends, LineEnds::CrLf);
    assert_eq!(one_certificate(pem.replace('\n', "\r")).line_ends, LineEnds::Cr);
    assert_eq!(one_certificate(pem.replacen('\n', "\r\n", 2)).line_ends, LineEnds::Mixed);
    for escaped in [pem.replace('\n', "\\n"), pem.replace('\n', "\\r\\n"), format!("\"{}\"", pem.replace('\n', "\\n"))]
    {
        let facts = one_certificate(escaped);
        assert_eq!((facts.line_ends, facts.text_around), (LineEnds::Escaped, false));
    }
    one_certificate(pem.replace('/', "\\/"));
    one_certificate(pem.trim_end());
}

#[test]
fn encodings_are_told_apart() {
    let pem = certificate();
    let little: Vec<u8> = pem.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = pem.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for utf16 in [[b"\xff\xfe", &little[..]].concat(), [b"\xfe\xff", &big[..]].concat(), little.clone(), big] {
        assert_eq!(one_certificate(utf16).encoding, TextEncoding::Utf16);
    }
    // An octet is missing at the end.
    assert_eq!(one_certificate(&little[..little.len() - 1]).encoding, TextEncoding::Utf16);
    assert_eq!(one_certificate(&pem).encoding, TextEncoding::Ascii);
    assert_eq!(one_certificate(format!("\u{feff}{pem}")).encoding, TextEncoding::Utf8Marked);
    assert_eq!(one_certificate(format!("Müller\n{pem}")).encoding, TextEncoding::Utf8);
    assert_eq!(one_certificate([b"M\xfcller\n", pem.as_bytes()].concat()).encoding, TextEncoding::EightBit);
}

/// Each was tried with OpenSSL 3.0, Node.js 20 and Python 3.
#[test]
fn begin_and_end_want_lines_of_their_own() {
    let pem = certificate();
    let lines: Vec<&str> = pem.lines().collect();
    let (begin, body, end) = (lines[0], lines[1..lines.len() - 1].concat(), lines[lines.len() - 1]);
    let none = [
        pem.replace('\n', " "),
        pem.replace('\n', ""),
        format!("{begin}{body}\n{end}\n"),
        format!("{begin} {body}\n{end}\n"),
        format!("{begin}\n{body}{end}\n"),
        format!("{begin}\n{body} {end}\n"),
        format!("root: {pem}"),
        format!("\"{pem}\""),
        format!("{} a note\n", pem.trim_end()),
    ];
    for text in none {
        let facts = one_certificate(&text);
        assert!(facts.one_line && !facts.indented, "{text}");
    }
    let read = [format!("{begin}\n{body}\n{end}"), pem.replace('\n', " \t\n"), pem.replace('\n', "\r\n")];
    let otherwise = [pem.replace('\n', "\\n"), pem.replace('\n', "\r"), format!("a note\n  {pem}")];
    for text in read.iter().chain(&otherwise) {
        assert!(!one_certificate(text).one_line, "{text}");
    }
    assert!(one_certificate(format!("  {pem}")).indented);
    assert!(one_certificate(pem.replace("-----END", " -----END")).indented);
    let two = super::read(format!("{}{pem}", pem.trim_end()).as_bytes());
    assert!(facts(&two).one_line && counts(&two) == (2, 0));
}

#[test]
fn what_openssl_does_not_read_is_read_and_said() {
    let pem = certificate();
    let indented = one_certificate(format!("  {}", pem.replace('\n', "\n  ")));
    assert!(indented.indented && !indented.blank_lines && !indented.text_around);
    let blank = one_certificate(pem.replace('\n', "\n\n"));
    assert!(blank.blank_lines && !blank.indented);
    let plain = one_certificate(&pem);
    assert!(!plain.blank_lines && !plain.indented && !plain.text_around);
    assert!(one_certificate(format!("Bag Attributes\n    friendlyName: x\n{pem}")).text_around);
    assert!(one_certificate(format!("{pem}a note\n")).text_around);
    one_certificate([b"\0\0\0", pem.as_bytes()].concat());
    one_certificate(pem.replace("BEGIN CERT", "BEGIN X509 CERT").replace("END CERT", "END X509 CERT"));
}

#[test]
fn a_trusted_certificate_is_cut_to_the_certificate() {
    let trusted = [&root()[..], b"\x30\x0c\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01"].concat();
    one_certificate(pem("TRUSTED CERTIFICATE", &trusted));
}

#[test]
fn bare_base64_is_one_object() {
    let pem = certificate();
    let lines: Vec<_> = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let body = lines.join("\n");
    for text in [body.clone(), body.replace('\n', "")] {
        one_certificate(&text);
        assert!(matches!(read(text.as_bytes()).form, Form::Base64(_)));
    }
    let cut = read(&body.as_bytes()[..400]);
    assert!(matches!(damages(&cut)[..], [damage] if damage.cut && damage.kind == "a certificate"), "{cut:?}");
}

#[test]
fn one_damaged_section_does_not_hide_the_others() {
    let (pem, key) = (certificate(), super::pem("RSA PRIVATE KEY", &root_key().0));
    let cut = &pem[..pem.len() / 2];
    let bad = pem.replacen("MII", "M!I", 1);
    let text = format!("{cut}\n{pem}{bad}{key}{cut}");
    let file = read(text.as_bytes());
    assert_eq!(counts(&file), (1, 1));
    let damages = damages(&file);
    let told: Vec<_> = damages.iter().map(|damage| (damage.cut, damage.why.as_str())).collect();
    assert_eq!(
        told,
        [(true, "its END line is missing"), (false, "`!` is not base64"), (true, "its END line is missing")]
    );
    let lines: Vec<_> = file.objects.iter().map(|object| object.line.unwrap()).collect();
    let begins = text.lines().enumerate().filter(|(_, line)| line.contains("BEGIN")).map(|(at, _)| at + 1);
    assert_eq!(lines, begins.collect::<Vec<_>>());
}

#[test]
fn every_way_to_cut_a_pem_is_told_as_cut() {
    let pem = certificate();
    for length in 11..pem.trim_end().len() {
        let file = read(&pem.as_bytes()[..length]);
        assert_eq!(counts(&file), (0, 0), "{length}");
        assert!(matches!(damages(&file)[..], [damage] if damage.cut), "{length}: {:?}", file.objects);
    }
    let swapped = pem.replace("END CERTIFICATE", "END RSA PRIVATE KEY");
    assert_eq!(damages(&read(swapped.as_bytes()))[0].why, "its END line says `RSA PRIVATE KEY`");
    let empty = read(b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
    assert_eq!(damages(&empty)[0].why, "there is nothing between BEGIN and END");
}

#[test]
fn a_begin_that_copying_broke_is_told() {
    let pem = certificate();
    for broken in
        [&pem[1..], &pem.replace("-----", "\u{2014}"), &pem.replacen("-----", "", 1), &format!("note\n{}", &pem[3..])]
    {
        let file = read(broken.as_bytes());
        let [damage] = damages(&file)[..] else { panic!("{file:?}") };
        assert_eq!((damage.kind, damage.cut), ("a certificate", false), "{damage:?}");
        assert!(damage.why.contains("BEGIN"));
    }
    let file = read(&pem.as_bytes()[28..]);
    assert!(matches!(damages(&file)[..], [damage] if !damage.cut && damage.why == "its BEGIN line is missing"));
}

#[test]
fn lines_lost_inside_are_no_cut() {
    let pem = certificate();
    let lines: Vec<&str> = pem.lines().collect();
    for lost in 1..lines.len() - 1 {
        let left = [&lines[..lost], &lines[lost + 1..]].concat().join("\n");
        let file = read(left.as_bytes());
        assert!(matches!(damages(&file)[..], [damage] if !damage.cut), "{lost}: {:?}", file.objects);
        assert!(lost == 1 || damages(&file)[0].why == "a part inside is missing", "{lost}: {:?}", file.objects);
    }
    let file = read(pem.replacen(lines[3], &lines[3][..61], 1).as_bytes());
    assert!(matches!(damages(&file)[..], [damage] if damage.why == "a part inside is missing"), "{file:?}");
}

#[test]
fn a_program_that_holds_a_certificate_is_a_program() {
    let program = [b"MZ\x90\0\x03", certificate().as_bytes()].concat();
    assert_eq!((read(&program).form, counts(&read(&program))), (Form::Unknown, (0, 0)));
}

#[test]
fn other_sections_keep_their_label() {
    for (label, words) in [
        ("DH PARAMETERS", "Diffie-Hellman parameters"),
        ("OPENSSH PRIVATE KEY", "an OpenSSH private key"),
        ("MY THING", "a PEM section `MY THING`"),
    ] {
        let file = read(pem(label, b"0123").as_bytes());
        assert!(matches!(&file.objects[0].what, What::Other(kind) if kind == words), "{file:?}");
        assert_eq!(file.objects[0].label.as_deref(), Some(label));
    }
}

#[test]
fn a_certificate_under_another_label_is_still_one() {
    let file = read(pem("RSA PRIVATE KEY", &root()).as_bytes());
    assert_eq!((counts(&file), file.objects[0].label.as_deref()), ((1, 0), Some("RSA PRIVATE KEY")));
    let key = read(pem("CERTIFICATE", &root_key().1).as_bytes());
    assert_eq!(counts(&key), (0, 1));
}

#[test]
fn too_many_objects_are_said_to_be() {
    let section = "-----BEGIN X509 CRL-----\nAA==\n-----END X509 CRL-----\n";
    let file = read(section.repeat(10_500).as_bytes());
    assert_eq!(file.objects.len(), 10_001);
    let last = damages(&file).pop().unwrap();
    assert!(last.over_limit && last.why.contains("more than 10000 objects"));
    assert!(!damages(&file)[0].over_limit);
    let octets = root().len();
    let many = read(certificate().repeat((3 << 20) / octets + 10).as_bytes());
    assert_eq!(damages(&many).len(), 10);
    assert!(damages(&many).iter().all(|one| one.over_limit && one.why.contains("more than 3 MiB")));
}

#[test]
fn host_cfg_is_the_base64_of_a_name() {
    let told = |name: &str, bytes: &[u8]| match &read_with(name, bytes, &[]).objects[0].what {
        What::HostName(host) => Ok((host.name.clone(), host.oddities.len())),
        What::Damaged(damage) => Err(damage.why.clone()),
        other => Err(format!("{other:?}")),
    };
    let good = b"cHJvZHAwMDEudGVzdGRvbWFpbi5sb2NhbA==";
    let name = "prodp001.testdomain.local".to_owned();
    assert_eq!(told("Host.cfg", good), Ok((name.clone(), 0)));
    assert_eq!(told("host.CFG", &[good, &b"\r\n"[..]].concat()), Ok((name.clone(), 0)));
    assert_eq!(told("renamed", good), Ok((name.clone(), 0)));
    assert_eq!(told("Host.cfg.bak", b"aG9zdA=="), Ok(("host".to_owned(), 0)));
    // It might be a password.
    assert_eq!(told("a.txt", b"aG9zdA=="), Err("Other(\"text\")".to_owned()));
    // `echo host | base64`, and PowerShell's Encoding.Unicode.
    assert_eq!(told("Host.cfg", b"aG9zdAo="), Ok(("host".to_owned(), 1)));
    assert_eq!(told("Host.cfg", b"aABvAHMAdAA="), Ok(("host".to_owned(), 1)));
    let utf16: Vec<u8> = good.iter().flat_map(|octet| [*octet, 0]).collect();
    assert_eq!(told("Host.cfg", &utf16), Ok((name, 1)));
    for wrong in [&good[..33], b"prodp001.testdomain.local", b"not base64!", b"/////w==", b"AAAA", &[b'A'; 2000]] {
        assert!(told("Host.cfg", wrong).is_err(), "{wrong:?}");
    }
    assert_eq!(told("a.txt", b"aG9zdAo="), Err("Other(\"text\")".to_owned()));
}

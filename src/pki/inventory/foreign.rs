//! Files that are none of ours, in words: what somebody saved under the wrong name.

/// What the beginning of such a file gives away. `text` is the file as text, when it is that.
pub(super) fn kind(bytes: &[u8], text: &[u8]) -> &'static str {
    if bytes.iter().all(|octet| *octet == 0) {
        return "nothing but NUL bytes";
    }
    if let Some(kind) = program_or_archive(bytes) {
        return kind;
    }
    if is_text(text) { kind_of_text(text) } else { "binary data" }
}

/// By its first octets. Such a file is not searched for certificates, though a program may well hold the text of one.
pub(super) fn program_or_archive(bytes: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 22] = [
        (b"PK\x03\x04", "a ZIP archive"),
        (b"PK\x05\x06", "a ZIP archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"Rar!", "a RAR archive"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"\x4c\x00\x00\x00\x01\x14\x02\x00", "a Windows shortcut, not the file it points to"),
        (b"MZ", "a Windows program"),
        (b"\x7fELF", "a program"),
        (b"\xfe\xed\xfe\xed", "a Java keystore (JKS)"),
        (b"\xce\xce\xce\xce", "a Java keystore (JCEKS)"),
        (b"\x00\x00\x00\x00CERT", "a Windows certificate store (SST)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office or installer file"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"regf", "a Windows registry hive"),
        (b"MSCF", "a Windows cabinet"),
        (b"ElfFile\0", "a Windows event log"),
        (b"\x00\x00\x01\x00", "an icon"),
        (b"BZh", "a bzip2 archive"),
    ];
    let found = known.iter().find(|(magic, _)| bytes.starts_with(magic));
    found.filter(|_| !is_text(bytes)).map(|(_, kind)| *kind)
}

/// Whether it has no control characters but those of texts, in its beginning.
pub(super) fn is_text(text: &[u8]) -> bool {
    let control = |octet: &u8| *octet < 0x20 && !matches!(octet, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    !text.iter().take(4096).any(control)
}

/// Of a PEM section that is none of ours, by its label.
pub(super) fn kind_of_section(label: &str) -> String {
    let known = match label {
        "OPENSSH PRIVATE KEY" => "an OpenSSH private key",
        "DH PARAMETERS" | "X9.42 DH PARAMETERS" => "Diffie-Hellman parameters",
        "EC PARAMETERS" => "parameters of an elliptic curve",
        "DSA PARAMETERS" => "DSA parameters",
        "ATTRIBUTE CERTIFICATE" => "an attribute certificate",
        "PGP MESSAGE" => "a PGP message",
        "PGP SIGNATURE" | "PGP SIGNED MESSAGE" => "a PGP signature",
        "PGP PUBLIC KEY BLOCK" => "a PGP public key",
        "PGP PRIVATE KEY BLOCK" => "a PGP private key",
        "AGE ENCRYPTED FILE" => "a file encrypted with age",
        other => return format!("a PEM section `{other}`"),
    };
    known.to_owned()
}

/// `[section]` in a line of its own, as in Windows' `desktop.ini`.
fn is_ini(start: &str) -> bool {
    let first = start.lines().next().unwrap_or_default().trim_end();
    let section = first.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    section.is_some_and(|name| !name.is_empty() && !name.contains(['"', '{', '[', ',']))
        && start.lines().skip(1).any(|line| line.contains('='))
}

fn kind_of_text(text: &[u8]) -> &'static str {
    let start = text.trim_ascii_start();
    let start = String::from_utf8_lossy(&start[..start.len().min(2048)]).to_ascii_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| start.starts_with(word));
    if begins(&["<!doctype html", "<html", "<head", "<body"]) || (begins(&["<"]) && start.contains("<html")) {
        return "a web page (HTML)";
    }
    if begins(&["<"]) {
        return "XML";
    }
    if begins(&["["]) && is_ini(&start) {
        return "INI text";
    }
    if begins(&["{", "["]) {
        return "JSON";
    }
    if begins(&["putty-user-key-file"]) {
        return "a PuTTY private key";
    }
    if begins(&["---- begin ssh2"]) {
        return "an SSH2 public key";
    }
    if begins(&["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"]) {
        return "an SSH public key";
    }
    if begins(&["windows registry editor", "regedit4"]) {
        return "a Windows registry export";
    }
    if begins(&["#!"]) {
        return "a script";
    }
    "text"
}

//! What people do to files: one defect each, after the certificates are written.
//!
//! The certificates themselves are as in the sound case.

use qcert::pki::pem;

use super::cases::{Files, Site};
use super::writer::Workbench;

/// Changes the files.
pub(crate) type Spoil = fn(&mut Files, &mut Site, &Workbench);

const PASSWORD: &str = "Seville1-Orange";

pub(crate) const SPOILT: &[(&str, Spoil)] = &[
    ("key-of-another", |files, _, bench| put(files, "client_key.pem", bench.traditional("other", &[]))),
    ("key-pkcs8", |files, _, bench| put(files, "client_key.pem", bench.key("client"))),
    ("key-encrypted-without-password", |files, _, bench| {
        put(files, "client_key.pem", bench.encrypted("client", PASSWORD));
    }),
    ("key-encrypted", |files, site, bench| {
        site.password = PASSWORD;
        put(files, "client.pfx", bench.pfx(&files["client.pem"], "client", &[], PASSWORD));
        put(files, "client_key.pem", bench.encrypted("client", PASSWORD));
    }),
    ("key-encrypted-wrong-password", |files, site, bench| {
        site.password = "another";
        put(files, "client.pfx", bench.pfx(&files["client.pem"], "client", &[], PASSWORD));
        put(files, "client_key.pem", bench.encrypted("client", PASSWORD));
    }),
    ("key-traditional-without-password", |files, _, bench| {
        let options = ["-aes256", "-passout", "pass:Seville1-Orange"];
        put(files, "client_key.pem", bench.traditional("client", &options));
    }),
    ("key-traditional", |files, site, bench| {
        site.password = PASSWORD;
        put(files, "client.pfx", bench.pfx(&files["client.pem"], "client", &[], PASSWORD));
        let options = ["-aes256", "-passout", "pass:Seville1-Orange"];
        put(files, "client_key.pem", bench.traditional("client", &options));
    }),
    ("key-is-a-certificate", |files, _, _| copy(files, "client.pem", "client_key.pem")),
    ("key-der", |files, _, _| in_binary(files, "client_key.pem")),
    ("key-utf16", |files, _, _| in_utf16(files, "client_key.pem")),
    ("key-empty", |files, _, _| put(files, "client_key.pem", Vec::new())),
    ("key-missing", |files, _, _| drop(files.remove("client_key.pem"))),
    ("key-damaged", |files, _, _| spoil(files, "client_key.pem")),
    ("key-indented", |files, _, _| indent(files, "client_key.pem")),
    ("key-with-blank-lines", |files, _, _| blank_lines(files, "client_key.pem")),
    ("key-on-one-line", |files, _, _| escape(files, "client_key.pem")),
    ("key-bare", |files, _, _| bare(files, "client_key.pem")),
    ("key-cut", |files, _, _| cut(files, "client_key.pem")),
    ("client-is-a-key", |files, _, _| copy(files, "client_key.pem", "client.pem")),
    ("client-der", |files, _, _| in_binary(files, "client.pem")),
    ("client-utf16", |files, _, _| in_utf16(files, "client.pem")),
    ("client-empty", |files, _, _| put(files, "client.pem", Vec::new())),
    ("client-missing", |files, _, _| drop(files.remove("client.pem"))),
    ("client-damaged", |files, _, _| spoil(files, "client.pem")),
    ("client-indented", |files, _, _| indent(files, "client.pem")),
    ("client-with-blank-lines", |files, _, _| blank_lines(files, "client.pem")),
    ("client-on-one-line", |files, _, _| escape(files, "client.pem")),
    ("client-bare", |files, _, _| bare(files, "client.pem")),
    ("client-cut", |files, _, _| cut(files, "client.pem")),
    ("client-with-root", |files, _, _| {
        let both = [files["client.pem"].clone(), files["root.pem"].clone()].concat();
        put(files, "client.pem", both);
    }),
    ("client-after-root", |files, _, _| {
        let both = [files["root.pem"].clone(), files["client.pem"].clone()].concat();
        put(files, "client.pem", both);
    }),
    ("client-is-the-server", |files, _, _| {
        copy(files, "server.pem", "client.pem");
        copy(files, "server_key.pem", "client_key.pem");
    }),
    ("root-is-a-key", |files, _, _| copy(files, "client_key.pem", "root.pem")),
    ("root-is-the-client", |files, _, _| copy(files, "client.pem", "root.pem")),
    ("root-der", |files, _, _| in_binary(files, "root.pem")),
    ("root-utf16", |files, _, _| in_utf16(files, "root.pem")),
    ("root-empty", |files, _, _| put(files, "root.pem", Vec::new())),
    ("root-missing", |files, _, _| drop(files.remove("root.pem"))),
    ("root-damaged", |files, _, _| spoil(files, "root.pem")),
    ("root-indented", |files, _, _| indent(files, "root.pem")),
    ("root-with-blank-lines", |files, _, _| blank_lines(files, "root.pem")),
    ("root-on-one-line", |files, _, _| escape(files, "root.pem")),
    ("root-bare", |files, _, _| bare(files, "root.pem")),
    ("root-cut", |files, _, _| cut(files, "root.pem")),
    ("root-twice", |files, _, _| {
        let both = [files["root.pem"].clone(), files["root.pem"].clone()].concat();
        put(files, "root.pem", both);
    }),
    ("root-with-text", |files, _, _| {
        let noted = [b"Bag Attributes\n    friendlyName: root\n", &files["root.pem"][..]].concat();
        put(files, "root.pem", noted);
    }),
    ("byte-order-marks", |files, _, _| {
        for name in ["root.pem", "client.pem", "client_key.pem"] {
            let marked = [&b"\xef\xbb\xbf"[..], &files[name]].concat();
            put(files, name, marked);
        }
    }),
    ("windows-format", |files, site, bench| {
        files.insert("server.pfx", bench.pfx(&files["server.pem"], site.server.key, &[], ""));
        in_binary(files, "root.pem");
        let root = files.remove("root.pem").unwrap();
        files.insert("root.cer", root);
        for name in ["server.pem", "server_key.pem", "client.pem", "client_key.pem"] {
            files.remove(name);
        }
    }),
    ("pfx-only", |files, _, _| {
        files.remove("client.pem");
        files.remove("client_key.pem");
    }),
    ("pfx-only-rc2", |files, site, bench| {
        site.password = PASSWORD;
        let pfx = bench.pfx(&files["client.pem"], "client", &["-legacy"], PASSWORD);
        put(files, "client.pfx", pfx);
        files.remove("client.pem");
        files.remove("client_key.pem");
    }),
    ("pfx-missing", |files, _, _| drop(files.remove("client.pfx"))),
    ("pfx-rc2", |files, site, bench| {
        site.password = PASSWORD;
        put(files, "client.pfx", bench.pfx(&files["client.pem"], "client", &["-legacy"], PASSWORD));
    }),
    ("pfx-3des", |files, site, bench| {
        site.password = PASSWORD;
        let options = ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "SHA1"];
        put(files, "client.pfx", bench.pfx(&files["client.pem"], "client", &options, PASSWORD));
    }),
    ("pfx-password", |files, site, bench| {
        site.password = PASSWORD;
        put(files, "client.pfx", bench.pfx(&files["client.pem"], "client", &[], PASSWORD));
    }),
    ("pfx-without-password", |files, _, bench| {
        put(files, "client.pfx", bench.pfx(&files["client.pem"], "client", &[], PASSWORD));
    }),
    ("pfx-wrong-password", |files, site, bench| {
        site.password = "another";
        put(files, "client.pfx", bench.pfx(&files["client.pem"], "client", &[], PASSWORD));
    }),
    ("pfx-without-mac", |files, site, bench| {
        site.password = PASSWORD;
        put(files, "client.pfx", bench.pfx(&files["client.pem"], "client", &["-nomac"], PASSWORD));
    }),
    ("pfx-without-key", |files, _, bench| {
        put(files, "client.pfx", bench.pfx(&files["client.pem"], "client", &["-nokeys"], ""));
    }),
    ("pfx-with-root", |files, _, bench| {
        let both = [files["client.pem"].clone(), files["root.pem"].clone()].concat();
        put(files, "client.pfx", bench.pfx(&both, "client", &[], ""));
    }),
    ("pfx-trailing-bytes", |files, _, _| {
        let longer = [files["client.pfx"].clone(), vec![0xa5; 40]].concat();
        put(files, "client.pfx", longer);
    }),
    ("pfx-unnamed", |files, _, bench| {
        put(files, "client.pfx", bench.pfx_named("another", &files["client.pem"], "client", &[], ""));
    }),
    ("pfx-cut", |files, _, _| cut(files, "client.pfx")),
    ("pfx-empty", |files, _, _| put(files, "client.pfx", Vec::new())),
    ("pfx-is-pem", |files, _, _| copy(files, "client.pem", "client.pfx")),
];

fn put(files: &mut Files, name: &'static str, octets: Vec<u8>) {
    files.insert(name, octets);
}

fn copy(files: &mut Files, from: &str, to: &'static str) {
    put(files, to, files[from].clone());
}

fn in_binary(files: &mut Files, name: &'static str) {
    let block = pem::decode(&files[name]).unwrap().pop().unwrap();
    put(files, name, block.der.expose().to_vec());
}

fn in_utf16(files: &mut Files, name: &'static str) {
    let text = String::from_utf8(files[name].clone()).unwrap();
    let octets = text.encode_utf16().flat_map(u16::to_le_bytes);
    put(files, name, [0xff, 0xfe].into_iter().chain(octets).collect());
}

fn lines(files: &Files, name: &str) -> Vec<String> {
    String::from_utf8(files[name].clone()).unwrap().lines().map(str::to_owned).collect()
}

/// Base64 in its place, and no object in it.
fn spoil(files: &mut Files, name: &'static str) {
    let mut lines = lines(files, name);
    lines[1] = "A".repeat(64);
    put(files, name, (lines.join("\n") + "\n").into_bytes());
}

fn indent(files: &mut Files, name: &'static str) {
    let indented = format!("  {}\n", lines(files, name).join("\n  "));
    put(files, name, indented.into_bytes());
}

fn blank_lines(files: &mut Files, name: &'static str) {
    let spaced = lines(files, name).join("\n\n") + "\n";
    put(files, name, spaced.into_bytes());
}

/// As it comes out of JSON and environment variables.
fn escape(files: &mut Files, name: &'static str) {
    let escaped = lines(files, name).join("\\n") + "\\n";
    put(files, name, escaped.into_bytes());
}

fn bare(files: &mut Files, name: &'static str) {
    let lines = lines(files, name);
    put(files, name, (lines[1..lines.len() - 1].join("\n") + "\n").into_bytes());
}

fn cut(files: &mut Files, name: &'static str) {
    let half = files[name].len() / 2;
    files.get_mut(name).unwrap().truncate(half);
}

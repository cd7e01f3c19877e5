//! What is in the files: nothing, half of it, something else, or the right thing in a form that programs do not read.

use super::folder::{Folder, folder};
use super::key::key;
use super::site::{certificate_pem, site};
use super::workshop::Fixed;
use qcert::pki::entropy::Entropy as _;
use qcert::pki::{der, pem};

pub(crate) fn folders() -> Vec<Folder> {
    [empty(), cut(), damaged(), wrong(), encodings(), several()].into_iter().flatten().collect()
}

fn dashed(file: &str) -> String {
    file.replace(['.', '_'], "-")
}

fn empty() -> Vec<Folder> {
    let mut folders: Vec<Folder> = ["client.pem", "server_key.pem", "root.pem", "client.pfx", "root.cer"]
        .into_iter()
        .map(|file| {
            folder(&format!("empty-{}", dashed(file)), &format!("`{file}` is empty"), site().all())
                .put(file, [])
                .error("files/empty", file)
        })
        .collect();
    folders.push(
        folder("empty-but-for-line-ends", "`server.pem` holds line ends only", site().pem())
            .put("server.pem", "\r\n\r\n")
            .error("files/empty", "server.pem"),
    );
    folders
}

fn cut() -> Vec<Folder> {
    let all = |file: &str, to: fn(usize) -> usize| {
        folder(&format!("cut-{}", dashed(file)), &format!("`{file}` ends too early"), site().all())
            .change(file, |bytes| bytes[..to(bytes.len())].to_vec())
            .error("files/cut", file)
    };
    let without_lines = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        [&lines[..6], &lines[lines.len() - 1..]].concat().concat().into_bytes()
    };
    vec![
        all("server.pem", |length| length / 2),
        all("root.pem", |length| length - 60),
        all("client_key.pem", |length| length / 3),
        all("client.pfx", |length| length - 100),
        all("root.cer", |length| length / 2),
        folder(
            "cut-inside",
            "`client.pem` has its end line, and half of the lines before it are missing",
            site().pem(),
        )
        .change("client.pem", without_lines)
        .error("files/damaged", "client.pem"),
    ]
}

fn damaged() -> Vec<Folder> {
    let all = |name: &str, what: &str, file: &str| folder(name, what, site().all()).error("files/damaged", file);
    // Beyond the first line, so that BEGIN stays.
    let with = |octet: u8| move |bytes: &[u8]| [&bytes[..200], &[octet], &bytes[201..]].concat();
    let garbage = Fixed(51).octets::<600>().unwrap();
    let wrong_tag = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        // The version's [0] becomes something no certificate has there.
        bytes[8] = 0x7e;
        bytes
    };
    vec![
        all("damaged-base64-server", "a character of `server.pem` is not base64", "server.pem")
            .change("server.pem", with(b'*')),
        all("damaged-base64-key", "a character of `client_key.pem` is not base64", "client_key.pem")
            .change("client_key.pem", with(b'!')),
        all("damaged-root-cer", "an octet of `root.cer` is wrong", "root.cer").change("root.cer", wrong_tag),
        all("damaged-root-pem", "`root.pem` holds base64 of what is no certificate", "root.pem")
            .put("root.pem", pem::encode("CERTIFICATE", b"\x30\x0fnot a certificate").expose()),
        all("damaged-key", "`server_key.pem` says it is a key and is none", "server_key.pem")
            .put("server_key.pem", pem::encode("RSA PRIVATE KEY", &der::sequence(&[&der::unsigned(0)])).expose()),
        all("damaged-pfx", "an octet in the structure of `client.pfx` is wrong", "client.pfx").change(
            "client.pfx",
            |bytes| {
                let mut bytes = bytes.to_vec();
                // The contents are a SEQUENCE.
                bytes[7] = 0x31;
                bytes
            },
        ),
        all("garbage-server", "`server.pem` holds random octets", "server.pem").put("server.pem", garbage),
        all("garbage-client-pfx", "`client.pfx` holds random octets", "client.pfx").put("client.pfx", garbage),
    ]
}

const LOGIN_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Qlik Sense</title></head><body>\n\
    <form action=\"/login\" method=\"post\"><input name=\"username\"><input name=\"pwd\" type=\"password\"></form>\n\
    </body></html>\n";

fn wrong() -> Vec<Folder> {
    let all = |name: &str, what: &str, file: &str| folder(name, what, site().all()).error("files/wrong-content", file);
    let text = |label: &str, der: &[u8]| pem::encode(label, der).expose().to_vec();
    let bare = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.lines().filter(|line| !line.starts_with('-')).collect::<Vec<_>>().join("\r\n").into_bytes()
    };
    vec![
        all("base64-as-client-pem", "`client.pem` is base64 without BEGIN and END", "client.pem")
            .change("client.pem", bare),
        all("base64-as-client-pfx", "`client.pfx` is the base64 of a PFX", "client.pfx")
            .change("client.pfx", |pfx| bare(&text("X", pfx))),
        all("public-key-as-key", "`client_key.pem` is the public half of the key", "client_key.pem")
            .put("client_key.pem", text("PUBLIC KEY", &key("client").info())),
        all("sentence-as-root", "`root.pem` holds a sentence", "root.pem")
            .put("root.pem", "see the wiki for the root\r\n"),
        all("login-page-as-root", "`root.pem` is the login page of the hub", "root.pem").put("root.pem", LOGIN_PAGE),
        all("login-page-as-pfx", "`client.pfx` is the login page of the hub", "client.pfx")
            .put("client.pfx", LOGIN_PAGE),
        all("key-as-client", "`client.pem` holds the client's key", "client.pem").copy("client_key.pem", "client.pem"),
        all("certificate-as-key", "`client_key.pem` holds the client's certificate", "client_key.pem")
            .copy("client.pem", "client_key.pem"),
        all("der-as-server-pem", "`server.pem` is DER", "server.pem").put("server.pem", site().server.der()),
        all("der-as-root-pem", "`root.pem` is a renamed `root.cer`", "root.pem").copy("root.cer", "root.pem"),
        all("pfx-as-client-pem", "`client.pem` is a renamed `client.pfx`", "client.pem")
            .copy("client.pfx", "client.pem"),
        all("pem-as-client-pfx", "`client.pfx` is a renamed `client.pem`", "client.pfx")
            .copy("client.pem", "client.pfx"),
        all("der-as-key", "`client_key.pem` is DER", "client_key.pem").put("client_key.pem", &key("client").der),
    ]
}

fn encodings() -> Vec<Folder> {
    let pem = |name: &str, what: &str| folder(name, what, site().pem());
    let utf16 = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).unwrap();
        [&[0xff, 0xfe][..], &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat()
    };
    let unix = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().replace("\r\n", "\n").into_bytes();
    let bag = b"Bag Attributes\r\n    friendlyName: QlikClient\r\n    localKeyID: 01 00 00 00 \r\nsubject=CN = QlikClient\r\n\r\n";
    let files = ["root.pem", "server.pem", "server_key.pem", "client.pem", "client_key.pem"];
    let laid_out = |name: &str, what: &str, lay_out: fn(&str) -> String| {
        let change = |bytes: &[u8]| lay_out(&String::from_utf8(unix(bytes)).unwrap()).into_bytes();
        pem(name, what).change("root.pem", change).error("files/pem-layout", "root.pem")
    };
    vec![
        laid_out("pem-indented", "every line of `root.pem` is indented, as YAML does", |text| {
            text.split_inclusive('\n').map(|line| ["    ", line].concat()).collect()
        }),
        laid_out(
            "pem-with-escaped-line-ends",
            "`root.pem` has the two characters `\\n` in place of line ends",
            |text| text.replace('\n', "\\n"),
        ),
        laid_out("pem-on-one-line", "the line ends of `root.pem` became blanks", |text| {
            text.replace("\r\n", "\n").replace('\n', " ")
        }),
        laid_out("pem-with-blank-lines", "there is an empty line after each line of `root.pem`", |text| {
            text.replace('\n', "\n\n")
        }),
        laid_out("pem-with-carriage-returns", "`root.pem` has bare carriage returns as line ends", |text| {
            text.replace('\n', "\r")
        }),
        pem("sound-without-last-line-end", "nothing: `server.pem` has no line end after its last line")
            .change("server.pem", |bytes| bytes.trim_ascii_end().to_vec()),
        pem("utf-16-root", "`root.pem` is UTF-16, as PowerShell's `>` writes it")
            .change("root.pem", utf16)
            .error("files/utf-16", "root.pem"),
        pem("utf-16-client-key", "`client_key.pem` is UTF-16")
            .change("client_key.pem", utf16)
            .error("files/utf-16", "client_key.pem"),
        pem("utf-16-big-endian", "`server.pem` is UTF-16, big-endian")
            .change("server.pem", |bytes| {
                let text = std::str::from_utf8(bytes).unwrap();
                [&[0xfe, 0xff][..], &text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()].concat()
            })
            .error("files/utf-16", "server.pem"),
        pem("byte-order-mark", "nothing that matters: `root.pem` begins with a byte order mark")
            .change("root.pem", |bytes| [b"\xef\xbb\xbf", bytes].concat())
            .note("files/byte-order-mark", "root.pem"),
        files.into_iter().fold(pem("sound-unix-line-ends", "nothing: all line ends are LF"), |folder, file| {
            folder.change(file, unix)
        }),
        pem("text-around", "nothing that matters: OpenSSL's bag attributes stand before the certificate")
            .change("client.pem", |bytes| [&bag[..], bytes].concat())
            .note("files/text-around", "client.pem"),
        folder("sound-pem-in-root-cer", "nothing: `root.cer` is PEM, which Windows reads as well", site().all())
            .copy("root.pem", "root.cer"),
        folder("trailing-bytes-root-cer", "8 octets follow the certificate in `root.cer`", site().all())
            .change("root.cer", |bytes| [bytes, &[0; 8]].concat())
            .warning("files/trailing-bytes", "root.cer"),
        pem(
            "sound-file-names-in-capitals",
            "nothing: two files have names in capitals, which Windows does not tell apart",
        )
        .rename("root.pem", "ROOT.PEM")
        .rename("client.pem", "Client.pem"),
        pem("sound-copies", "nothing: two files are there twice")
            .copy("client.pem", "client - Copy.pem")
            .copy("root.pem", "root (1).pem"),
        pem("unknown-file", "nothing that matters: a text lies beside the bundle")
            .put("readme.txt", "for the NPrinting server, please do not delete\r\n")
            .note("files/unknown", "readme.txt"),
    ]
}

fn several() -> Vec<Folder> {
    let pem = |name: &str, what: &str| folder(name, what, site().pem());
    vec![
        pem("sound-client-with-root", "nothing: `client.pem` also holds the root, after the client")
            .change("client.pem", |client| [client, &certificate_pem(&site().root.der())].concat()),
        pem("client-after-root", "`client.pem` holds the root before the client, and programs take the first")
            .change("client.pem", |client| [&certificate_pem(&site().root.der()), client].concat())
            .error("files/wrong-role", "client.pem"),
        pem("client-with-key", "`client.pem` also holds the client's key")
            .change("client.pem", |client| [client, &key("client").pem()].concat())
            .warning("files/several-objects", "client.pem"),
        pem("key-with-certificate", "`server_key.pem` also holds the server's certificate")
            .change("server_key.pem", |server| [server, &certificate_pem(&site().server.der())].concat())
            .warning("files/several-objects", "server_key.pem"),
        pem("key-twice", "`client_key.pem` also holds the key of another export")
            .change("client_key.pem", |client| [client, &key("client2").pem()].concat())
            .warning("files/several-objects", "client_key.pem"),
    ]
}

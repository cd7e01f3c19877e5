//! What lies around the certificates: rights, git, the folder's name, Host.cfg, a second export.

use super::folder::{Folder, folder};
use super::site::{Files, MACHINE, site};
use qcert::pki::pem;

pub(crate) fn folders() -> Vec<Folder> {
    [rights(), host_cfg(), folders_names(), exports(), nothing()].into_iter().flatten().collect()
}

fn rights() -> Vec<Folder> {
    let all = |name: &str, what: &str, directive: &str| folder(name, what, site().all()).directive(directive);
    vec![
        all("key-readable", "everybody may read `server_key.pem`", "mode server_key.pem 0644")
            .warning("files/key-readable", "server_key.pem"),
        all("key-readable-by-group", "the group may read `client_key.pem`", "mode client_key.pem 0640")
            .warning("files/key-readable", "client_key.pem"),
        all("pfx-readable", "everybody may read `client.pfx`, which has no password", "mode client.pfx 0604")
            .warning("files/key-readable", "client.pfx"),
        all("sound-certificate-readable", "nothing: everybody may read the certificates", "mode root.pem 0644")
            .directive("mode client.pem 0644"),
        all("key-in-git", "git tracks `client_key.pem`", "git client_key.pem")
            .warning("files/key-in-git", "client_key.pem"),
        all("pfx-in-git", "git tracks `server.pfx`", "git server.pfx").warning("files/key-in-git", "server.pfx"),
        all("sound-certificate-in-git", "nothing: git tracks the certificates", "git root.pem")
            .directive("git client.pem"),
    ]
}

/// Base64 as Host.cfg has it.
pub(crate) fn base64(octets: &[u8]) -> String {
    let text = String::from_utf8(pem::encode("X", octets).expose().to_vec()).unwrap();
    text.lines().filter(|line| !line.starts_with('-')).collect()
}

fn host_cfg() -> Vec<Folder> {
    let with = |name: &str, what: &str, content: &str| folder(name, what, site().pem()).put("Host.cfg", content);
    let utf16: Vec<u8> = MACHINE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        with("sound-host-cfg", "nothing: Host.cfg holds the host's name", &base64(MACHINE.as_bytes())),
        with(
            "sound-host-cfg-with-line-end",
            "nothing that matters: a line end follows in Host.cfg",
            &format!("{}\r\n", base64(MACHINE.as_bytes())),
        ),
        with("host-cfg-of-another-host", "Host.cfg holds another host's name", &base64(b"qs2.example.com"))
            .warning("site/host-name", "Host.cfg"),
        with("host-cfg-in-clear", "Host.cfg holds the name itself instead of its base64", MACHINE)
            .warning("files/host-cfg", "Host.cfg"),
        with("host-cfg-utf-16-inside", "Host.cfg holds the base64 of UTF-16", &base64(&utf16))
            .warning("files/host-cfg", "Host.cfg"),
        with("host-cfg-no-host-name", "Host.cfg holds the base64 of what is no host name", &base64(b"https://qs1/hub"))
            .warning("files/host-cfg", "Host.cfg"),
        with("host-cfg-empty", "Host.cfg is empty", "").warning("files/host-cfg", "Host.cfg"),
    ]
}

fn folders_names() -> Vec<Folder> {
    let called =
        |name: &str, what: &str, called: &str| folder(name, what, site().pem()).directive(&format!("called {called}"));
    vec![
        called(
            "folder-of-another-name",
            "the folder is called after another machine than the server's",
            "qs2.example.com",
        )
        .warning("identity/folder-name", "server.pem"),
        called(
            "folder-called-by-ip",
            "the folder is called by an IP address, which the server does not have",
            "10.20.30.40",
        )
        .warning("identity/folder-name", "server.pem"),
        called("sound-folder-name", "nothing: the folder is called after the machine", "qs1.example.com"),
        called(
            "sound-folder-name-in-capitals",
            "nothing: the folder is called after the machine, in capitals",
            "QS1.EXAMPLE.COM",
        ),
        called("sound-folder-of-any-name", "nothing: the folder's name is no machine's", "certificates"),
    ]
}

fn exports() -> Vec<Folder> {
    let later = site().again();
    let with = |name: &str, what: &str, files: &[&str]| {
        let all = later.all();
        files.iter().fold(folder(name, what, site().all()), |folder, file| folder.put(file, &all[*file]))
    };
    vec![
        with(
            "mixed-exports",
            "nothing that matters: PEM and PFX are of two exports, as Qlik makes them",
            &["client.pfx", "server.pfx"],
        )
        .note("site/mixed-exports", ""),
        with("mixed-exports-client", "nothing that matters: `client.pfx` is of a later export", &["client.pfx"])
            .note("site/mixed-exports", ""),
    ]
}

fn nothing() -> Vec<Folder> {
    vec![
        folder("nothing", "there is nothing in the folder", Files::new()).unjudged("site/nothing", ""),
        folder("nothing-but-text", "there is only a text in the folder", Files::new())
            .put("readme.txt", "the certificates are in the other folder\n")
            .unjudged("site/nothing", "readme.txt"),
    ]
}

//! Encrypted keys and PFX: without a password, with the wrong one, with the right one.

use super::folder::{Folder, folder};
use super::key::key;
use super::pfx::{Certificates, Pfx};
use super::site::{Files, encrypted_pem, site, traditional_pem};

const PASSWORD: &str = "geheim";

pub(crate) fn folders() -> Vec<Folder> {
    let mut folders = Vec::new();
    for (form, word, encrypt) in [
        ("PKCS#8", "pkcs8", encrypted_pem as fn(&_, &str) -> Vec<u8>),
        ("OpenSSL's traditional form", "traditional", traditional_pem),
    ] {
        let one = |name: &str, what: &str| {
            folder(&format!("{name}-{word}"), &format!("`client_key.pem` is encrypted in {form}{what}"), site().pem())
                .put("client_key.pem", encrypt(key("client"), PASSWORD))
        };
        folders.extend([
            one("key-password-needed", ", and no password is given")
                .unjudged("files/password-needed", "client_key.pem"),
            one("key-wrong-password", ", and the password is another")
                .directive("password Geheim")
                .error("files/wrong-password", "client_key.pem"),
            one("sound-key-password", ", and the password is right").directive("password geheim"),
        ]);
    }
    let unsupported =
        String::from_utf8(traditional_pem(key("client"), PASSWORD)).unwrap().replace("AES-256-CBC", "IDEA-CBC");
    folders.push(
        folder("key-in-unsupported-encryption", "`client_key.pem` is encrypted with IDEA", site().pem())
            .put("client_key.pem", unsupported)
            .directive("password geheim")
            .unjudged("files/unsupported", "client_key.pem"),
    );
    folders.extend(pfx());
    folders.extend(whole());
    folders
}

fn protected(mut pfx: Pfx, kept: Certificates) -> Vec<u8> {
    (pfx.password, pfx.kept) = (PASSWORD, kept);
    pfx.der()
}

fn pfx() -> Vec<Folder> {
    let one = |name: &str, what: &str| {
        folder(name, what, site().windows()).put("client.pfx", protected(site().client_pfx(), Certificates::TripleDes))
    };
    vec![
        one("pfx-password-needed", "`client.pfx` has a password, and none is given")
            .unjudged("files/password-needed", "client.pfx"),
        one("pfx-wrong-password", "`client.pfx` has another password than the one given")
            .directive("password Geheim")
            .error("files/wrong-password", "client.pfx"),
        one("sound-pfx-password", "nothing: `client.pfx` opens with the password given, and `server.pfx` without one")
            .directive("password geheim")
            .note("files/pfx-3des", "client.pfx"),
    ]
}

/// All that a password protects in an export with both formats.
fn whole() -> Vec<Folder> {
    let files = || -> Files {
        let mut files = site().all();
        files.insert("server_key.pem".to_owned(), encrypted_pem(key("server"), PASSWORD));
        files.insert("client_key.pem".to_owned(), encrypted_pem(key("client"), PASSWORD));
        files.insert("server.pfx".to_owned(), protected(site().server_pfx(), Certificates::TripleDes));
        files.insert("client.pfx".to_owned(), protected(site().client_pfx(), Certificates::TripleDes));
        files
    };
    let protected = "client.pfx client_key.pem server.pfx server_key.pem";
    vec![
        folder("export-password-needed", "the export has a password, and none is given", files())
            .unjudged("files/password-needed", protected),
        folder("export-wrong-password", "the export has another password than the one given", files())
            .directive("password Geheim")
            .error("files/wrong-password", protected),
        folder("sound-export-password", "nothing: the whole export opens with the password given", files())
            .directive("password geheim"),
    ]
}

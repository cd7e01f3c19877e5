//! The slots of a bundle: what is missing, misnamed, of another role, swapped, or of another key.

use super::folder::{Folder, folder};
use super::key::key;
use super::site::{other_site, site};
use qcert::pki::pem;

pub(crate) fn folders() -> Vec<Folder> {
    [missing(), misnamed(), roles(), swapped(), keys(), root_keys()].into_iter().flatten().collect()
}

fn missing() -> Vec<Folder> {
    let mut folders: Vec<Folder> = site()
        .all()
        .into_keys()
        .map(|file| {
            let name = format!("missing-{}", file.replace(['.', '_'], "-"));
            let what = format!("`{file}` is missing");
            let folder = folder(&name, &what, site().all()).remove(&file);
            // The same root lies there in PEM.
            if file == "root.cer" {
                folder.warning("files/missing", &file)
            } else {
                folder.error("files/missing", &file)
            }
        })
        .collect();
    let pem = |name: &str, what: &str| folder(name, what, site().pem());
    folders.extend([
        pem("missing-root-altogether", "`root.pem` is missing, and no other file holds the root")
            .remove("root.pem")
            .error("files/missing", "root.pem"),
        pem("missing-client-key-altogether", "`client_key.pem` is missing from a PEM export")
            .remove("client_key.pem")
            .error("files/missing", "client_key.pem"),
        pem("missing-client", "both files of the client are missing")
            .remove("client.pem")
            .remove("client_key.pem")
            .error("files/missing", "client.pem"),
        pem("missing-keys", "only the certificates were copied, no key")
            .remove("client_key.pem")
            .remove("server_key.pem")
            .error("files/missing", "client_key.pem server_key.pem"),
        folder("missing-root-cer-altogether", "`root.cer` is missing from a Windows export", site().windows())
            .remove("root.cer")
            .error("files/missing", "root.cer"),
        folder("missing-client-pfx-altogether", "`client.pfx` is missing from a Windows export", site().windows())
            .remove("client.pfx")
            .error("files/missing", "client.pfx"),
    ]);
    folders
}

fn misnamed() -> Vec<Folder> {
    let misnamed = |from: &str, to: &str| {
        let name = format!("misnamed-{}", to.replace(['.', '_', ' '], "-").to_lowercase());
        let what = format!("what should be `{from}` is called `{to}`");
        folder(&name, &what, site().pem()).rename(from, to).error("files/misnamed", to)
    };
    vec![
        misnamed("client_key.pem", "client-key.pem"),
        misnamed("server_key.pem", "server.key"),
        misnamed("root.pem", "ca.pem"),
        misnamed("client.pem", "QlikClient.pem"),
        misnamed("server.pem", "server.pem.txt"),
    ]
}

fn roles() -> Vec<Folder> {
    let copied = |from: &str, to: &str, what: &str| {
        let name = format!("{}-holds-{}", to.replace('.', "-"), from.split('.').next().unwrap());
        let files = if to.ends_with("pem") { site().pem() } else { site().windows() };
        folder(&name, what, files).copy(from, to).error("files/wrong-role", to)
    };
    vec![
        copied("server.pem", "client.pem", "`client.pem` holds the server's certificate"),
        copied("client.pem", "server.pem", "`server.pem` holds the client's certificate"),
        copied("server.pem", "root.pem", "`root.pem` holds the server's certificate"),
        copied("root.pem", "client.pem", "`client.pem` holds the root"),
        copied("server.pfx", "client.pfx", "`client.pfx` is a copy of `server.pfx`"),
        copied("client.pfx", "server.pfx", "`server.pfx` is a copy of `client.pfx`"),
    ]
}

fn swapped() -> Vec<Folder> {
    let swapped = |name: &str, what: &str, one: &str, other: &str| {
        folder(name, what, site().all()).swap(one, other).error("files/swapped", &format!("{one} {other}"))
    };
    vec![
        swapped("swapped-certificates", "`client.pem` and `server.pem` are exchanged", "client.pem", "server.pem"),
        swapped(
            "swapped-keys",
            "`client_key.pem` and `server_key.pem` are exchanged",
            "client_key.pem",
            "server_key.pem",
        ),
        swapped("swapped-pfx", "`client.pfx` and `server.pfx` are exchanged", "client.pfx", "server.pfx"),
        swapped(
            "swapped-certificate-and-key",
            "`client.pem` and `client_key.pem` are exchanged",
            "client.pem",
            "client_key.pem",
        ),
        swapped("swapped-root-and-server", "`root.pem` and `server.pem` are exchanged", "root.pem", "server.pem"),
        folder(
            "swapped-client-and-server",
            "the client's files carry the server's names, and the other way round",
            site().pem(),
        )
        .swap("client.pem", "server.pem")
        .swap("client_key.pem", "server_key.pem")
        .error("files/swapped", ""),
    ]
}

fn keys() -> Vec<Folder> {
    let pem = |name: &str, what: &str| folder(name, what, site().pem());
    let with_key = |mut pfx: super::pfx::Pfx, name: &str| {
        pfx.keys = vec![key(name).pkcs8()];
        pfx.der()
    };
    vec![
        pem("server-key-of-another-export", "`server_key.pem` is of another export")
            .put("server_key.pem", key("server2").pem())
            .error("files/key-mismatch", "server_key.pem"),
        pem("client-key-of-another-export", "`client_key.pem` is of another export")
            .put("client_key.pem", key("client2").pem())
            .error("files/key-mismatch", "client_key.pem"),
        pem("client-key-is-the-servers", "`client_key.pem` is a copy of `server_key.pem`")
            .copy("server_key.pem", "client_key.pem")
            .error("files/key-mismatch", "client_key.pem"),
        folder(
            "client-certificate-of-another-export",
            "`client.pem` is of a later export, its key is not",
            site().pem(),
        )
        .put("client.pem", super::site::certificate_pem(&site().again().client.der()))
        .error("files/key-mismatch", "client_key.pem"),
        folder("client-pfx-with-another-key", "`client.pfx` holds the key of another export", site().windows())
            .put("client.pfx", with_key(site().client_pfx(), "client2"))
            .error("files/key-mismatch", "client.pfx"),
        pem("client-key-elliptic", "`client_key.pem` is an EC key, and the certificate has an RSA key")
            .put("client_key.pem", key("elliptic").pem())
            .error("files/key-mismatch", "client_key.pem"),
        folder("key-under-another-label", "`client_key.pem` is PKCS#1 and says PKCS#8", site().pem())
            .change("client_key.pem", |bytes| {
                String::from_utf8(bytes.to_vec()).unwrap().replace("RSA PRIVATE", "PRIVATE").into_bytes()
            })
            .error("files/wrong-label", "client_key.pem"),
        folder(
            "key-of-nothing",
            "a key by another name that belongs to nothing beside a certificate without its key",
            site().pem(),
        )
        .rename("client.pem", "tool.crt")
        .rename("client_key.pem", "secret.key")
        .put("secret.key", key("other").pem())
        .remove("server.pem")
        .remove("server_key.pem")
        .error("files/key-mismatch", "secret.key tool.crt"),
        folder(
            "client-pfx-alone",
            "nothing, but that there is no root to judge by: the folder of NPrinting",
            site().windows(),
        )
        .remove("root.cer")
        .remove("server.pfx")
        .unjudged("chain/unknown-issuer", "client.pfx"),
        folder("sound-old-copies", "nothing: old copies that no tool reads lie beside it", site().pem())
            .put("client.pem.bak", site().pem()["server.pem"].clone())
            .note("files/leftover", "client.pem.bak"),
        folder("keys-in-pkcs8", "nothing: the keys are in PKCS#8", site().pem())
            .put("client_key.pem", pem::encode("PRIVATE KEY", &key("client").pkcs8()).expose())
            .put("server_key.pem", pem::encode("PRIVATE KEY", &key("server").pkcs8()).expose()),
    ]
}

fn root_keys() -> Vec<Folder> {
    let root_pfx = |password| {
        let mut pfx = site().client_pfx();
        pfx.certificates = vec![(site().root.der(), None)];
        pfx.keys = vec![key("root").pkcs8()];
        pfx.password = password;
        pfx.der()
    };
    let mut with_root = site().client_pfx();
    with_root.certificates.push((site().root.der(), None));
    with_root.keys.push(key("root").pkcs8());
    vec![
        folder("root-key-beside", "the root's private key lies in the bundle", site().pem())
            .put("root_key.pem", key("root").pem())
            .error("files/root-key", "root_key.pem"),
        folder("root-key-as-server-key", "`server_key.pem` is the root's private key", site().pem())
            .put("server_key.pem", key("root").pem())
            .error("files/root-key", "server_key.pem"),
        folder("root-key-in-client-pfx", "`client.pfx` also holds the root with its private key", site().windows())
            .put("client.pfx", with_root.der())
            .error("files/root-key", "client.pfx"),
        folder("root-key-in-root-pfx", "a backup of the root with its key lies in the bundle", site().windows())
            .put("root.pfx", root_pfx(""))
            .error("files/root-key", "root.pfx"),
        folder("root-key-in-root-file", "`root.pem` also holds the root's private key", site().pem())
            .change("root.pem", |root| [root, &key("root").pem()].concat())
            .error("files/root-key", "root.pem"),
        folder(
            "root-key-under-another-name",
            "the root's private key lies in the bundle as `ca.key`",
            other_site("qs2.example.com").pem(),
        )
        .put("ca.key", key("other").pem())
        .error("files/root-key", "ca.key"),
    ]
}

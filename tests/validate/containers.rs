//! PFX files: what is in them, how it is encrypted, and what Windows left behind.

use super::folder::{Folder, folder};
use super::key::key;
use super::pfx::{Certificates, Pfx};
use super::site::{Files, site};
use super::workshop::Fixed;
use qcert::pki::der;
use qcert::pki::entropy::Entropy as _;

pub(crate) fn folders() -> Vec<Folder> {
    [content(), encryption(), form(), friendly_names()].into_iter().flatten().collect()
}

fn with(bend: impl FnOnce(&mut Pfx)) -> Files {
    let mut pfx = site().client_pfx();
    bend(&mut pfx);
    let mut files = site().windows();
    files.insert("client.pfx".to_owned(), pfx.der());
    files
}

fn content() -> Vec<Folder> {
    let mut server_without_key = site().server_pfx();
    server_without_key.keys.clear();
    vec![
        folder("pfx-without-key", "`client.pfx` holds no private key", with(|pfx| pfx.keys.clear()))
            .error("files/pfx-without-key", "client.pfx"),
        folder("pfx-without-key-server", "`server.pfx` holds no private key", site().windows())
            .put("server.pfx", server_without_key.der())
            .error("files/pfx-without-key", "server.pfx"),
        folder(
            "pfx-without-certificate",
            "`client.pfx` holds a key and no certificate",
            with(|pfx| pfx.certificates.clear()),
        )
        .error("files/pfx-without-certificate", "client.pfx"),
        folder("pfx-with-two-keys", "`client.pfx` also holds the client of another export", {
            with(|pfx| {
                let later = site().again().client;
                pfx.certificates.push((later.der(), Some("QlikClient\0".to_owned())));
                pfx.keys.push(key("client2").pkcs8());
            })
        })
        .warning("files/several-objects", "client.pfx"),
        folder("sound-pfx-with-root", "nothing: `client.pfx` also holds the root's certificate", {
            with(|pfx| pfx.certificates.push((site().root.der(), None)))
        }),
    ]
}

fn encryption() -> Vec<Folder> {
    let kept = |kept| with(|pfx| (pfx.kept, pfx.password) = (kept, "geheim"));
    vec![
        folder("pfx-rc2", "the certificate in `client.pfx` is encrypted with RC2-40", kept(Certificates::Rc2))
            .directive("password geheim")
            .warning("files/pfx-rc2", "client.pfx"),
        folder(
            "pfx-rc2-without-password",
            "the certificate in `client.pfx` is encrypted with RC2-40 under the empty password",
            with(|pfx| pfx.kept = Certificates::Rc2),
        )
        .warning("files/pfx-rc2", "client.pfx"),
        folder(
            "pfx-3des",
            "nothing that matters: `client.pfx` is encrypted with 3DES, for old Windows",
            with(|pfx| pfx.kept = Certificates::TripleDes),
        )
        .note("files/pfx-3des", "client.pfx"),
        folder("pfx-without-mac", "`client.pfx` has no MAC", with(|pfx| pfx.mac = false))
            .warning("files/pfx-without-mac", "client.pfx"),
    ]
}

fn form() -> Vec<Folder> {
    let trailing = |count: usize| {
        let octets = Fixed(61).octets::<560>().unwrap();
        folder(
            &format!("pfx-trailing-{count}-bytes"),
            &format!("{count} octets of an older, longer file follow in `client.pfx`"),
            site().windows(),
        )
        .change("client.pfx", |bytes| [bytes, &octets[..count]].concat())
        .warning("files/trailing-bytes", "client.pfx")
    };
    vec![
        trailing(8),
        trailing(524),
        trailing(560),
        folder("pfx-ber", "nothing that matters: `client.pfx` is in BER, with an indefinite length", site().windows())
            .change("client.pfx", |bytes| {
                let outer = der::Reader::new(bytes).value().unwrap();
                [&[0x30, 0x80], outer.content, &[0, 0]].concat()
            })
            .note("files/pfx-ber", "client.pfx"),
    ]
}

fn friendly_names() -> Vec<Folder> {
    let named = |name: Option<&str>| with(|pfx| pfx.certificates[0].1 = name.map(str::to_owned));
    vec![
        folder("pfx-without-friendly-name", "the certificate in `client.pfx` has no friendly name", named(None))
            .warning("files/pfx-friendly-name", "client.pfx"),
        folder(
            "pfx-other-friendly-name",
            "the certificate in `client.pfx` has another friendly name than QlikClient",
            named(Some("qlik client\0")),
        )
        .warning("files/pfx-friendly-name", "client.pfx"),
        folder(
            "sound-pfx-friendly-name",
            "nothing: the friendly name has no U+0000 at its end",
            named(Some("QlikClient")),
        ),
    ]
}

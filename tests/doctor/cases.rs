//! Servers: sound ones, and one thing wrong each.

use crate::certificate::{self, Draft, serial};
use crate::server::{EXPORTED, LOCAL, STORES, Server, bare, server};
use crate::site::{Files, MACHINE, Site, encrypted_pem, other_site, site};
use crate::stores::{self, CLIENT, ROOT, ROOT_OF_USER, SERVER, Stores};
use crate::surroundings::base64;
use qcert::pki::snapshot::Snapshot;
use time::macros::datetime;

const BUTLER: &str = "butler.example.com";

const LOG: &str = "Sequence#\tTimestamp\tLevel\tHostname\tLogger\tThread\tId\tServiceUser\tMessage\r\n\
1\t20260531T080000.000+0000\tINFO\tQS1\tSecurity.Proxy\t8\t1\tEXAMPLE\\qlikservice\tstarted\r\n\
2\t20260531T080102.000+0000\tERROR\tQS1\tSecurity.Proxy\t8\t2\tEXAMPLE\\qlikservice\tThe client certificate is invalid because \
it was not signed correctly by 'CN=qs1.example.com-CA'\r\n\
3\t20260531T080103.000+0000\tINFO\tQS1\tSecurity.Proxy\t8\t3\tEXAMPLE\\qlikservice\twaiting\r\n";

pub(crate) fn all() -> Vec<Server> {
    [sound(), host_cfg(), names(), of_stores(), local(), exported(), given()].into_iter().flatten().collect()
}

/// What the console exports for another machine.
fn export(machine: &'static str) -> Site {
    Site::under(site().root, machine).again()
}

fn whole(name: &str, what: &str) -> Server {
    server(name, what, &site()).folder(BUTLER, export(BUTLER).pem())
}

/// As it was before the site's certificates were made anew: a root of the same name and another key, two years older.
fn before() -> Site {
    let made = datetime!(2020-02-01 08:15:30 UTC);
    let old = other_site(MACHINE);
    Site { root: old.root.made(made), ..old }
}

/// A root of no site here.
fn strange() -> Draft {
    certificate::root("qs9.example.com").own_key("intermediate").serial(&serial("strange"))
}

fn sound() -> Vec<Server> {
    let rim = Site::under(certificate::root("qs0.example.com"), MACHINE);
    let mut stores = Stores::node(&rim);
    stores.store(ROOT).certificates.last_mut().unwrap().key = None;
    vec![
        whole("sound", "a central node, with nothing wrong"),
        server("sound-rim", "a rim node: the root is named after the central one", &rim).stores(&stores),
        whole("sound-names-in-capitals", "a copy that lost the case of its names").rename(|path| match path {
            path if path.ends_with("stores.json") => path.to_owned(),
            path => path.replace("Host.cfg", "HOST.CFG").replace("Exported Certificates", "EXPORTED CERTIFICATES"),
        }),
        whole("sound-with-logs", "a log tells of a fault that is none of today's stores")
            .put("Sense/Log/Proxy/Trace/QS1_Security_Proxy.txt", LOG),
        server("sound-nothing-exported", "a server that exported nothing", &site()),
    ]
}

fn host_cfg() -> Vec<Server> {
    let with = |name: &str, what: &str, content: &[u8]| server(name, what, &site()).host_cfg(content);
    let utf16: Vec<u8> = MACHINE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let right = base64(MACHINE.as_bytes());
    vec![
        server("host-cfg-missing", "there is no Host.cfg", &site())
            .remove("Sense/Host.cfg")
            .left_out("host_cfg")
            .unjudged("host/cfg-missing", ""),
        with("host-cfg-in-clear", "Host.cfg holds the name itself", MACHINE.as_bytes()).error("host/cfg-damaged", ""),
        with("host-cfg-cut", "Host.cfg lost its last letters", &right.as_bytes()[..right.len() - 3])
            .error("host/cfg-damaged", ""),
        with("host-cfg-empty", "Host.cfg is empty", b"\r\n").error("host/cfg-damaged", ""),
        with("host-cfg-no-host-name", "Host.cfg holds an address of a page", base64(b"https://qs1/hub").as_bytes())
            .error("host/cfg-damaged", ""),
        with("host-cfg-utf-16-inside", "Host.cfg holds the base64 of UTF-16", base64(&utf16).as_bytes())
            .warning("host/cfg-damaged", ""),
        with(
            "host-cfg-line-end-inside",
            "a line end was encoded with the name",
            base64(format!("{MACHINE}\r\n").as_bytes()).as_bytes(),
        )
        .warning("host/cfg-damaged", ""),
        with(
            "host-cfg-dot-inside",
            "a dot was encoded with the name",
            base64(format!("{MACHINE}.").as_bytes()).as_bytes(),
        )
        .warning("host/cfg-damaged", ""),
        with("host-cfg-two-lines", "Host.cfg has two lines", format!("{right}\r\n{right}").as_bytes())
            .error("host/cfg-damaged", ""),
        with("host-cfg-strict", "the same, where warnings count", base64(format!("{MACHINE}\n").as_bytes()).as_bytes())
            .run("--strict")
            .warning("host/cfg-damaged", ""),
    ]
}

fn names() -> Vec<Server> {
    let called = |computer: &str, domain: &str| {
        let snapshot = Stores::node(&site()).0;
        Stores(Snapshot { computer: computer.to_owned(), domain: Some(domain.to_owned()), ..snapshot })
    };
    let with = |name: &str, what: &str| server(name, what, &site());
    vec![
        with("host-cfg-of-another-host", "Host.cfg was copied from another server")
            .host_cfg(base64(b"qs2.example.com"))
            .error("host/other-name", ""),
        with("host-cfg-twice", "Host.cfg holds the base64 of the base64")
            .host_cfg(base64(base64(MACHINE.as_bytes()).as_bytes()))
            .error("host/other-name", ""),
        with("host-cfg-short", "Host.cfg has the name without its domain")
            .host_cfg(base64(b"QS1"))
            .warning("host/other-name", ""),
        with("renamed-half", "computer and Host.cfg have the new name, the certificates the old one")
            .stores(&called("NEWNAME", "example.com"))
            .host_cfg(base64(b"newname.example.com"))
            .warning("host/other-name", ""),
        with("computer-renamed", "the computer was renamed")
            .stores(&called("NEWNAME", "example.com"))
            .warning("host/computer-renamed", ""),
        with("domain-changed", "the computer joined another domain")
            .stores(&called("QS1", "corp.example.net"))
            .warning("host/computer-renamed", ""),
        with("other-name-without-stores", "Host.cfg does not fit the services' own copies, and there are no stores")
            .remove("Sense/stores.json")
            .host_cfg(base64(b"qs2.example.com"))
            .left_out("stores")
            .warning("host/other-name", ""),
    ]
}

fn of_stores() -> Vec<Server> {
    let mut cut = Stores::node(&site()).0.write();
    cut.truncate(cut.len() / 2);
    let alone =
        Stores::without_root(&before()).put(ROOT, stores::entry(&site().root, None, Some(stores::machine_key())));
    vec![
        whole("stores-missing", "a copied folder without a snapshot").remove("Sense/stores.json").left_out("stores"),
        whole("stores-cut", "the snapshot ends in the middle")
            .put("Sense/stores.json", cut)
            .unjudged("stores/unreadable", STORES),
        whole("two-clients", "a second client was imported")
            .stores(&Stores::node(&site()).put(CLIENT, stores::client(&site().again().client)))
            .error("stores/several-clients", STORES),
        whole("root-expired", "the root has expired, and with it all that hangs from it")
            .at("2032-02-15T00:00:00Z")
            .error("stores/root-invalid", STORES),
        whole("root-expires-soon", "root and leaves end soon, here and in the exports")
            .at("2032-01-25T00:00:00Z")
            .warning("validity/expires-soon", STORES),
        whole("root-of-user-only", "a root lies with the account alone, and it is none of what is here")
            .stores(&Stores::without_root(&site()).put(ROOT_OF_USER, stores::entry(&strange(), None, None)))
            .error("stores/root-of-user-only", STORES)
            .error("stores/leaf-of-another-root", STORES)
            .error("stores/leaf-of-another-root", STORES)
            .error("host/local-of-another-root", LOCAL)
            .error("host/exported-of-another-root", BUTLER),
        server("root-stands-alone", "the root in the store is new, all the rest is of the old one", &before())
            .stores(&alone)
            .folder(BUTLER, Site::under(before().root, BUTLER).pem())
            .error("host/root-stands-alone", &format!("{LOCAL}, {BUTLER}")),
    ]
}

fn local() -> Vec<Server> {
    let earlier = |made, seed: &'static str| {
        let now = site();
        let old = move |draft: Draft| draft.made(made).serial(&serial(seed));
        Site { root: now.root.clone(), ..now }.server(old)
    };
    vec![
        server("local-missing", "there are no copies for the services", &site())
            .remove(&format!("{EXPORTED}/{LOCAL}"))
            .left_out("local")
            .unjudged("host/local-missing", ""),
        whole("local-of-another-root", "the services' own copies are left from before the recreation")
            .folder(LOCAL, before().pem())
            .error("host/local-of-another-root", LOCAL),
        whole("local-expired", "a copy has expired, what is in the store has not")
            .folder(LOCAL, earlier(datetime!(2014-03-05 10:20:30 UTC), "of 2014").pem())
            .error("host/local-outdated", LOCAL),
        whole("local-older", "a copy is older than what is in the store")
            .folder(LOCAL, earlier(datetime!(2022-02-02 08:15:30 UTC), "of the installation").pem())
            .warning("host/local-outdated", LOCAL),
        whole("local-of-another-machine", "the services' own copies were made for another machine of the site")
            .folder(LOCAL, export("qs7.example.com").pem())
            .warning("host/local-outdated", LOCAL),
        whole("local-of-the-same-day", "a copy of the same day is another certificate")
            .folder(LOCAL, site().again().pem())
            .note("host/local-outdated", LOCAL),
        whole("local-empty", "the folder for the services' own copies holds a note")
            .folder(LOCAL, [("readme.txt".to_owned(), b"moved away\n".to_vec())].into())
            .unjudged("site/nothing", LOCAL),
        whole("local-incomplete", "the services' own copies lack a key")
            .remove(&format!("{EXPORTED}/{LOCAL}/client_key.pem"))
            .error("files/missing", LOCAL),
        whole("local-leftover", "a recipe renamed the folder, and it was written anew")
            .folder(".Local Certificates.old", before().pem())
            .note("host/local-leftover", ".Local Certificates.old"),
    ]
}

fn exported() -> Vec<Server> {
    let note: Files = [("readme.txt".to_owned(), b"to be exported again\n".to_vec())].into();
    let old = |machine: &'static str| Site::under(before().root, machine).again().pem();
    let expired = |machine: &'static str| {
        let made = datetime!(2014-03-05 10:20:30 UTC);
        let old = move |draft: Draft| draft.made(made);
        export(machine).server(old).client(old).pem()
    };
    let mut sealed = export(BUTLER).pem();
    sealed.insert("client_key.pem".to_owned(), encrypted_pem(export(BUTLER).client.key, "secret"));
    sealed.insert("server_key.pem".to_owned(), encrypted_pem(export(BUTLER).server.key, "secret"));
    vec![
        whole("exported-of-another-root", "two of three exports are left from before the recreation")
            .folder("nprinting.example.com", old("nprinting.example.com"))
            .folder("qs3.example.com", old("qs3.example.com"))
            .error("host/exported-of-another-root", "nprinting.example.com, qs3.example.com"),
        whole("exported-of-two-roots", "one export is from before the recreation, one is another site's")
            .folder("nprinting.example.com", old("nprinting.example.com"))
            .folder("qs3.example.com", Site::under(strange(), "qs3.example.com").again().pem())
            .error("host/exported-of-another-root", "nprinting.example.com, qs3.example.com"),
        whole("exported-expired", "two exports have expired")
            .folder("nprinting.example.com", expired("nprinting.example.com"))
            .folder("qs3.example.com", expired("qs3.example.com"))
            .error("validity/expired", "nprinting.example.com, qs3.example.com"),
        whole("exported-under-another-name", "an export was copied into the folder of another machine")
            .folder("qs4.example.com", export(BUTLER).pem())
            .warning("identity/folder-name", "qs4.example.com"),
        whole("exported-empty", "a folder for an export holds a note")
            .folder("qs4.example.com", note)
            .note("host/exported-empty", "qs4.example.com"),
        whole("exported-with-a-password", "an export is encrypted")
            .folder(BUTLER, sealed)
            .unjudged("files/password-needed", BUTLER),
        whole("exported-loose", "certificates lie beside the folders, of another root")
            .put(&format!("{EXPORTED}/root.pem"), &before().pem()["root.pem"])
            .error("host/exported-of-another-root", "Exported Certificates"),
    ]
}

/// Parts by their own paths.
fn given() -> Vec<Server> {
    let scattered = |name: &str, what: &str| {
        whole(name, what).rename(|path| match path {
            "Sense/stores.json" => "other.json".to_owned(),
            "Sense/Host.cfg" => "name.txt".to_owned(),
            path => path.replace("Sense/Repository/Exported Certificates", "exported"),
        })
    };
    let of_another = Stores::node(&other_site("qs2.example.com")).drop_last(SERVER).drop_last(CLIENT);
    vec![
        scattered("given-each", "nothing wrong with the parts, given one by one")
            .instead("--stores other.json --host-cfg name.txt --exported exported"),
        scattered("given-two", "two parts alone, which do not fit")
            .put("name.txt", base64(b"qs2.example.com"))
            .instead("--stores other.json --host-cfg name.txt")
            .error("host/other-name", ""),
        bare("given-stores", "the stores alone")
            .put("stores.json", of_another.0.write())
            .instead("--stores stores.json")
            .error("stores/server-missing", STORES)
            .warning("stores/leaf-missing", STORES),
    ]
}

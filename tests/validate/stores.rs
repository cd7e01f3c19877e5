//! Snapshots of a machine's certificate stores: a sound one, and one defect each.

use super::certificate::{Draft, common_name, intermediate, root, serial};
use super::folder::{Folder, folder};
use super::key::key;
use super::site::{Files, MACHINE, Site, other_site, site};
use qcert::pki::snapshot::{Entry, KeyFacts, KeyKind, Location, Schannel, Snapshot, Store, StoreName};
use time::OffsetDateTime;
use time::macros::datetime;

const FILE: &str = "stores.json";
const TAKEN: OffsetDateTime = datetime!(2026-05-30 08:00 UTC);
const OLD_PROVIDER: &str = "Microsoft Enhanced Cryptographic Provider v1.0";

pub(crate) const ROOT: (Location, StoreName) = (Location::LocalMachine, StoreName::Root);
pub(crate) const SERVER: (Location, StoreName) = (Location::LocalMachine, StoreName::My);
const BETWEEN: (Location, StoreName) = (Location::LocalMachine, StoreName::Ca);
pub(crate) const CLIENT: (Location, StoreName) = (Location::CurrentUser, StoreName::My);
pub(crate) const ROOT_OF_USER: (Location, StoreName) = (Location::CurrentUser, StoreName::Root);
const BETWEEN_OF_USER: (Location, StoreName) = (Location::CurrentUser, StoreName::Ca);

pub(crate) fn folders() -> Vec<Folder> {
    [sound(), roots(), leaves(), keys(), places(), machines(), written(), bundles()].into_iter().flatten().collect()
}

/// A machine's stores.
#[derive(Clone)]
pub(crate) struct Stores(pub(crate) Snapshot);

impl Stores {
    pub(crate) fn empty(computer: &str) -> Self {
        let stores = [ROOT, SERVER, BETWEEN, ROOT_OF_USER, CLIENT, BETWEEN_OF_USER];
        let store = |(location, name)| Store { location, name, problem: None, certificates: Vec::new() };
        let foreign = foreign_root();
        let issued = intermediate(&foreign, "Example Trust Issuing");
        let proxy = Draft { subject: common_name("hub.example.com"), ..issued.clone() }.serial(&serial("the proxy's"));
        let snapshot = Snapshot {
            made_by: "qcert 0.1.0".to_owned(),
            taken_at: TAKEN,
            computer: computer.to_owned(),
            domain: Some("example.com".to_owned()),
            account: "EXAMPLE\\qlikservice".to_owned(),
            elevated: Some(true),
            system: Some("Microsoft Windows NT 10.0.20348.0".to_owned()),
            stores: stores.map(store).to_vec(),
            schannel: Schannel::default(),
        };
        let stores = Self(snapshot).put(ROOT, entry(&foreign, None, None)).put(BETWEEN, entry(&issued, None, None));
        // The user sees the machine's roots as well.
        stores.put(ROOT_OF_USER, entry(&foreign, None, None)).put(SERVER, entry(&proxy, Some("hub"), Some(cng())))
    }

    /// The central node of a site.
    pub(crate) fn node(site: &Site) -> Self {
        Self::without_root(site)
            .put(ROOT, entry(&site.root, None, Some(machine_key())))
            .put(ROOT_OF_USER, entry(&site.root, None, None))
    }

    pub(crate) fn without_root(site: &Site) -> Self {
        Self::empty("QS1").put(SERVER, server(&site.server)).put(CLIENT, client(&site.client))
    }

    /// From where somebody calls a site.
    pub(crate) fn workstation(site: &Site) -> Self {
        Self::empty("PC7").put(ROOT, entry(&site.root, None, None)).put(CLIENT, client(&site.client))
    }

    pub(crate) fn put(mut self, place: (Location, StoreName), entry: Entry) -> Self {
        self.store(place).certificates.push(entry);
        self
    }

    pub(crate) fn store(&mut self, (location, name): (Location, StoreName)) -> &mut Store {
        self.0.stores.iter_mut().find(|store| store.location == location && store.name == name).unwrap()
    }

    /// What came last in a store, changed.
    pub(crate) fn bend(mut self, place: (Location, StoreName), bend: impl FnOnce(&mut Entry)) -> Self {
        bend(self.store(place).certificates.last_mut().unwrap());
        self
    }

    pub(crate) fn bend_key(self, place: (Location, StoreName), bend: impl FnOnce(&mut KeyFacts)) -> Self {
        self.bend(place, |entry| bend(entry.key.as_mut().unwrap()))
    }

    pub(crate) fn on(mut self, computer: &str) -> Self {
        computer.clone_into(&mut self.0.computer);
        self
    }

    pub(crate) fn drop_last(mut self, place: (Location, StoreName)) -> Self {
        self.store(place).certificates.pop().unwrap();
        self
    }

    pub(crate) fn files(&self) -> Files {
        [(FILE.to_owned(), self.0.write())].into()
    }

    pub(crate) fn folder(&self, name: &str, what: &str) -> Folder {
        folder(&format!("stores-{name}"), what, self.files())
    }
}

pub(crate) fn entry(draft: &Draft, friendly_name: Option<&str>, key: Option<KeyFacts>) -> Entry {
    Entry { der: draft.der(), friendly_name: friendly_name.map(str::to_owned), archived: false, key }
}

pub(crate) fn server(draft: &Draft) -> Entry {
    entry(draft, Some(MACHINE), Some(machine_key()))
}

pub(crate) fn client(draft: &Draft) -> Entry {
    entry(draft, Some("QlikClient"), Some(KeyFacts { machine_keyset: Some(false), ..machine_key() }))
}

pub(crate) fn machine_key() -> KeyFacts {
    KeyFacts {
        provider: Some(OLD_PROVIDER.to_owned()),
        kind: Some(KeyKind::Capi),
        container: Some("{5D9A1C3E-0000-4000-8000-000000000000}".to_owned()),
        machine_keyset: Some(true),
        exportable: Some(true),
        usable: Some(true),
        problem: None,
    }
}

fn cng() -> KeyFacts {
    let provider = Some("Microsoft Software Key Storage Provider".to_owned());
    KeyFacts { provider, kind: Some(KeyKind::Cng), ..machine_key() }
}

fn foreign_root() -> Draft {
    strange_root("Example Trust Root")
}

/// A root that is none of Qlik's.
fn strange_root(title: &str) -> Draft {
    let draft = root(MACHINE).own_key("rsa4096").serial(&serial(&title[..title.len().min(30)]));
    let draft = Draft { issuer: common_name(title), subject: common_name(title), ..draft };
    draft.without(super::certificate::MARKER)
}

fn sound() -> Vec<Folder> {
    let node = Stores::node(&site());
    let archived = Stores::node(&site()).put(CLIENT, Entry { archived: true, ..client(&site().again().client) });
    let cluster = Draft { subject: common_name("QlikServiceCluster"), ..site().server.serial(&serial("cluster")) };
    let unread = Schannel { send_trusted_issuer_list: Some(0) };
    let many = |stores: Stores, schannel| {
        let stores = (0..9).fold(stores, |stores, number| {
            stores.put(ROOT, entry(&strange_root(&format!("{number}{}", "x".repeat(2000))), None, None))
        });
        Stores(Snapshot { schannel, ..stores.0 })
    };
    vec![
        node.folder("sound", "the stores of a central node, with nothing wrong"),
        Stores::workstation(&site()).folder("sound-workstation", "the stores of a machine that calls a site"),
        archived.folder("archived-client", "an archived client, which programs do not see, beside the one in use"),
        Stores::node(&site())
            .put(SERVER, server(&cluster))
            .folder("cluster-certificate", "the certificate QlikServiceCluster, beside the server's"),
        many(node.clone(), unread)
            .folder("long-issuer-list-not-sent", "many roots, whose names the registry keeps back"),
        many(node.clone(), Schannel::default())
            .folder("long-issuer-list", "the names of all roots take more than 16 KB")
            .warning("stores/issuer-list", FILE),
        many(node, Schannel { send_trusted_issuer_list: Some(1) })
            .folder(
                "long-issuer-list-sent",
                "the names of all roots take more than 16 KB, and the registry has them sent",
            )
            .error("stores/issuer-list", FILE),
    ]
}

fn roots() -> Vec<Folder> {
    let (here, other, namesake) = (site(), other_site("qs2.example.com"), other_site(MACHINE));
    let damaged = Site { root: Draft { signer: key("other"), ..site().root }, ..site() };
    vec![
        Stores::node(&here)
            .put(ROOT, entry(&other.root, None, None))
            .folder("two-roots", "a second root, of another site")
            .error("stores/two-roots", FILE),
        Stores::node(&here)
            .put(ROOT, entry(&namesake.root, None, None))
            .folder("two-roots-of-one-name", "a second root, of the same name")
            .error("stores/two-roots", FILE),
        Stores::node(&here)
            .put(ROOT, entry(&here.root.clone().serial(&serial("renewed")), None, None))
            .folder("two-roots-of-one-key", "a second root of the same name and key")
            .error("stores/two-roots", FILE),
        Stores::node(&here)
            .put(ROOT, entry(&namesake.root, None, None))
            .put(CLIENT, client(&namesake.client))
            .folder("two-roots-both-used", "a second root, and a client that it signed")
            .error("stores/two-roots", FILE),
        Stores::without_root(&here)
            .put(ROOT, entry(&here.root, None, None))
            .put(ROOT, entry(&namesake.root, None, Some(machine_key())))
            .folder("two-roots-other-has-key", "the private key is with the root that signed nothing here")
            .error("stores/two-roots", FILE),
        Stores::without_root(&here)
            .put(ROOT, entry(&here.root, None, None))
            .folder("root-without-key", "the machine that the root is named after lacks its private key")
            .warning("stores/root-without-key", FILE),
        Stores::node(&Site::under(here.root.clone(), "rim1.example.com"))
            .on("RIM1")
            .folder("root-key-strayed", "the root's private key is with a node that is not the central one")
            .warning("stores/root-key-strayed", FILE),
        Stores::node(&here)
            .folder("root-expired", "the root has expired")
            .at("2032-02-15T00:00:00Z")
            .error("stores/root-invalid", FILE),
        Stores::node(&here)
            .folder("root-not-yet-valid", "the root is not valid yet")
            .at("2022-01-01T00:00:00Z")
            .error("stores/root-invalid", FILE),
        Stores::node(&damaged)
            .folder("root-damaged", "the root does not carry its own signature")
            .error("stores/root-invalid", FILE),
        Stores::without_root(&here)
            .put(ROOT_OF_USER, entry(&here.root, None, None))
            .folder("root-of-user-only", "the root is trusted by the account alone")
            .error("stores/root-of-user-only", FILE),
        Stores::node(&here)
            .put(ROOT_OF_USER, entry(&namesake.root, None, None))
            .folder("roots-differ", "the account trusts another root of the same name as well")
            .warning("stores/roots-differ", FILE),
        Stores::without_root(&here)
            .folder("root-missing", "server and client are there, their root is not")
            .error("stores/root-missing", FILE),
    ]
}

fn leaves() -> Vec<Folder> {
    let (here, other) = (site(), other_site("qs2.example.com"));
    let own_client = here.client.clone().self_signed().without(super::certificate::MARKER);
    let old = |draft: Draft| draft.made(datetime!(2014-03-05 10:20:30 UTC)).serial(&serial("of 2014"));
    let site_of = |bend: fn(Site) -> Site| Stores::node(&bend(site()));
    vec![
        site_of(|site| site.server(|draft| draft.signed_by("other")))
            .folder("server-of-another-root", "the server is signed by another root of the same name")
            .error("stores/leaf-of-another-root", FILE),
        site_of(|site| site.client(|draft| Draft { signer: key("other"), ..draft }))
            .folder("client-damaged", "the client names the root's key, and its signature does not fit")
            .error("stores/leaf-of-another-root", FILE),
        Stores::node(&here)
            .drop_last(CLIENT)
            .put(CLIENT, client(&other.client))
            .folder("client-of-another-site", "the client is another site's")
            .error("stores/leaf-of-another-root", FILE),
        Stores::node(&here)
            .put(CLIENT, client(&here.clone().again().client))
            .folder("two-clients", "a second client of the same site")
            .error("stores/several-clients", FILE),
        Stores::node(&here)
            .put(CLIENT, client(&old(here.client.clone())))
            .folder("two-clients-one-expired", "an expired client was left beside the one in use")
            .error("stores/several-clients", FILE),
        Stores::node(&here)
            .put(CLIENT, client(&own_client))
            .folder("client-signed-itself", "a home-made `QlikClient` that signed itself")
            .error("stores/several-clients", FILE),
        Stores::node(&here)
            .put(SERVER, server(&here.clone().again().server))
            .folder("two-servers", "a second server of the same site")
            .error("stores/several-servers", FILE),
        Stores::node(&site().server(old))
            .folder("server-expired", "the server has expired")
            .error("stores/leaf-expired", FILE),
        Stores::node(&here)
            .folder("expiring", "root and leaves end soon")
            .at("2032-01-25T00:00:00Z")
            .warning("validity/expires-soon", FILE),
        Stores::node(&here)
            .drop_last(CLIENT)
            .folder("client-missing", "the account of the snapshot has no client")
            .warning("stores/leaf-missing", FILE),
        Stores::node(&here)
            .drop_last(SERVER)
            .folder("server-missing", "the machine has no server")
            .error("stores/server-missing", FILE),
        Stores::node(&here)
            .bend(CLIENT, |client| client.archived = true)
            .folder("client-archived", "the only client is archived")
            .warning("stores/archived", FILE),
        Stores::workstation(&here)
            .put(CLIENT, client(&other.client))
            .put(ROOT, entry(&other.root, None, None))
            .folder("several-sites", "the clients of two sites are in one store")
            .warning("stores/several-sites", FILE),
        Stores::workstation(&here)
            .put(CLIENT, client(&old(here.client.clone())))
            .folder("expired-client", "an expired client beside a valid one, on a machine that calls a site")
            .warning("stores/expired-client", FILE),
    ]
}

fn keys() -> Vec<Folder> {
    let node = || Stores::node(&site());
    let refused = "Keyset does not exist";
    vec![
        node()
            .bend(SERVER, |server| server.key = None)
            .folder("server-without-key", "the server was imported without its key")
            .error("stores/no-key", FILE),
        node()
            .bend_key(CLIENT, |key| (key.usable, key.problem) = (Some(false), Some(refused.to_owned())))
            .folder("client-key-not-usable", "the account may not use the client's key")
            .error("stores/key-not-usable", FILE),
        node()
            .bend_key(CLIENT, |key| *key = KeyFacts { problem: Some(refused.to_owned()), ..KeyFacts::default() })
            .folder("client-key-unjudged", "Windows told nothing of the client's key but an error")
            .unjudged("stores/key-unjudged", FILE),
        Stores(Snapshot { elevated: Some(false), ..node().bend_key(SERVER, |key| key.usable = Some(false)).0 })
            .folder("not-elevated", "whoever took the snapshot had no right to use the server's key")
            .unjudged("stores/key-unjudged", FILE),
        node()
            .bend_key(CLIENT, |key| *key = KeyFacts { machine_keyset: Some(false), ..cng() })
            .folder("client-key-in-cng", "the client's key lies in the new key store")
            .warning("stores/cng-key", FILE),
        node()
            .bend_key(SERVER, |key| key.machine_keyset = Some(false))
            .folder("server-key-of-user", "the server's key is kept with a user")
            .warning("stores/users-keyset", FILE),
        node()
            .bend(CLIENT, |client| client.friendly_name = None)
            .folder("client-without-friendly-name", "the client has no friendly name")
            .warning("stores/friendly-name", FILE),
        node()
            .bend_key(SERVER, |key| key.exportable = Some(false))
            .folder("server-key-not-exportable", "the server's key cannot be exported")
            .note("stores/not-exportable", FILE),
    ]
}

fn places() -> Vec<Folder> {
    let here = site();
    let node = || Stores::node(&here);
    vec![
        node()
            .drop_last(CLIENT)
            .put(SERVER, client(&here.client))
            .folder("client-with-the-machine", "the client lies in Personal of the machine")
            .error("stores/wrong-store", FILE),
        node()
            .drop_last(SERVER)
            .put(CLIENT, server(&here.server))
            .folder("server-with-the-user", "the server lies in Personal of the account")
            .error("stores/wrong-store", FILE),
        Stores::without_root(&here)
            .put(BETWEEN, entry(&here.root, None, None))
            .folder("root-as-intermediate", "the root lies among the intermediates")
            .error("stores/wrong-store", FILE),
        node()
            .put(SERVER, entry(&here.root, None, None))
            .folder("root-in-personal", "a copy of the root lies in Personal of the machine")
            .warning("stores/wrong-store", FILE),
        node()
            .bend(CLIENT, |client| client.key = None)
            .put(SERVER, client(&here.client))
            .folder("only-key-misplaced", "the client's private key is with a copy in the wrong store alone")
            .error("stores/no-key", FILE)
            .warning("stores/wrong-store", FILE),
    ]
}

fn machines() -> Vec<Folder> {
    let node = || Stores::node(&site());
    let company = intermediate(&foreign_root(), "Example Trust Issuing");
    let mut closed = node();
    *closed.store(CLIENT) = Store {
        problem: Some("Access is denied.".to_owned()),
        certificates: Vec::new(),
        ..closed.store(CLIENT).clone()
    };
    let mut short = node();
    short.0.stores.retain(|store| (store.location, store.name) != BETWEEN_OF_USER);
    let nothing = Entry { der: vec![0x30, 3, 2, 1, 5], ..entry(&company, None, None) };
    vec![
        node()
            .put(ROOT, entry(&company, None, None))
            .folder("intermediate-as-root", "a company's intermediate lies in Trusted Root")
            .error("stores/not-self-signed", FILE),
        node()
            .put(ROOT, entry(&site().server, None, None))
            .folder("server-as-root", "a copy of the server lies in Trusted Root")
            .error("stores/not-self-signed", FILE),
        closed.folder("unread", "a store could not be read").unjudged("stores/unread", FILE),
        short.folder("store-left-out", "a store is not in the snapshot").unjudged("stores/unread", FILE),
        node()
            .put(BETWEEN, nothing)
            .folder("unreadable-certificate", "what a store holds is no certificate")
            .unjudged("stores/unread", FILE),
        node()
            .folder("old", "the snapshot is of last year")
            .at("2027-06-01T00:00:00Z")
            .note("stores/old-snapshot", FILE),
        Stores::empty("PC7").folder("nothing", "nothing of Qlik's is in the stores").unjudged("site/nothing", FILE),
    ]
}

/// As it comes from other hands.
fn written() -> Vec<Folder> {
    let node = Stores::node(&site());
    let utf16 = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).unwrap();
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    };
    let newer = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\"qcert_snapshot\": 1", "\"qcert_snapshot\": 2");
    vec![
        node.folder("utf-16", "written by PowerShell's `>`").change(FILE, utf16),
        node.folder("cut", "the snapshot ends in the middle")
            .change(FILE, |bytes| bytes[..bytes.len() / 2].to_vec())
            .unjudged("stores/unreadable", FILE),
        node.folder("newer", "a newer qcert made the snapshot")
            .change(FILE, |bytes| newer(bytes).into_bytes())
            .unjudged("stores/unreadable", FILE),
    ]
}

/// A bundle beside.
fn bundles() -> Vec<Folder> {
    let here = Stores::node(&site());
    let beside = |name: &str, what: &str, files: Files| {
        let folder = folder(&format!("stores-beside-{name}"), what, files);
        folder.put(FILE, here.0.write())
    };
    vec![
        beside("own-bundle", "the bundle that the stores hold", site().pem()),
        beside("another-export", "another export of the same site", site().again().pem())
            .note("stores/bundle-client", "client.pem"),
        beside("bundle-of-another-site", "the bundle of another site", other_site("qs2.example.com").pem())
            .error("stores/bundle-root", "root.pem"),
    ]
}

//! The cases: a sound bundle, and one defect in each of the others.
//!
//! May not say what any program makes of them: the programs and qcert do.

use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

use super::spoilt::{SPOILT, Spoil};
use super::writer::{
    ALTERNATIVE_NAME, BASIC_CONSTRAINTS, CLIENT_AUTH, Draft, EXTENDED_KEY_USAGE, KEY_USAGE, NAME_CONSTRAINTS,
    SERVER_AUTH, UNKNOWN, Workbench, authority, dns, purposes, usage,
};

pub(crate) const MACHINE: &str = "qlik1.test";

/// What a case is made of, before it is written.
pub(crate) struct Site {
    pub(crate) root: Draft,
    pub(crate) server: Draft,
    pub(crate) client: Draft,
    /// What the server shows after its certificate.
    pub(crate) shown: Vec<Draft>,
    /// By whom it is called.
    pub(crate) machine: &'static str,
    pub(crate) password: &'static str,
}

impl Site {
    fn shown_by_server(&self, bench: &Workbench) -> Vec<u8> {
        [&self.server].into_iter().chain(&self.shown).flat_map(|draft| draft.write(bench)).collect()
    }
}

pub(crate) type Files = BTreeMap<&'static str, Vec<u8>>;

pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) site: Site,
    pub(crate) files: Files,
    /// Root or certificates are not those of the sound case, so hands must be shaken.
    pub(crate) handshakes: bool,
}

fn site(now: OffsetDateTime) -> Site {
    let mut root = Draft::new("qlik1.test-CA", "root", now - Duration::days(30));
    root.add(BASIC_CONSTRAINTS, true, authority(true));
    root.add(KEY_USAGE, true, usage(0x06));
    let mut server = Draft::new(MACHINE, "server", now - Duration::days(20));
    server.add(ALTERNATIVE_NAME, false, dns(MACHINE));
    server.ends = root.ends;
    let mut client = Draft::new("QlikClient", "client", now - Duration::days(20));
    client.ends = root.ends;
    Site { root, server, client, shown: Vec::new(), machine: MACHINE, password: "" }
}

/// Changes the certificates before they are signed.
type Edit = fn(&mut Site, OffsetDateTime);
const CERTIFICATES: &[(&str, Edit)] = &[
    ("sound", |_, _| {}),
    ("qlik-2020", |site, _| site.root.remove(KEY_USAGE)),
    ("qlik-2017", |site, _| {
        site.root.remove(KEY_USAGE);
        site.root.remove(BASIC_CONSTRAINTS);
        site.server.remove(ALTERNATIVE_NAME);
    }),
    ("root-without-basic-constraints", |site, _| site.root.remove(BASIC_CONSTRAINTS)),
    ("root-not-a-ca", |site, _| site.root.add(BASIC_CONSTRAINTS, true, authority(false))),
    ("root-version-1", |site, _| site.root.version = 1),
    ("root-may-not-sign", |site, _| site.root.add(KEY_USAGE, true, usage(0x80))),
    ("root-unknown-critical", |site, _| site.root.add(UNKNOWN, true, vec![5, 0])),
    ("root-expired", |site, now| site.root.ends = now - Duration::days(1)),
    ("root-not-yet-valid", |site, now| site.root.starts = now + Duration::days(1)),
    ("root-sha1", |site, _| site.root.digest = "sha1"),
    ("root-md5", |site, _| site.root.digest = "md5"),
    ("root-rsa-1024", |site, _| sign_all_with(site, "rsa-1024")),
    ("root-rsa-1536", |site, _| sign_all_with(site, "rsa-1536")),
    ("root-ec", |site, _| sign_all_with(site, "ec")),
    ("root-purpose-server", |site, _| site.root.add(EXTENDED_KEY_USAGE, false, purposes(&[SERVER_AUTH]))),
    ("root-purpose-client", |site, _| site.root.add(EXTENDED_KEY_USAGE, false, purposes(&[CLIENT_AUTH]))),
    ("root-name-constraint", |site, _| {
        let permitted = qcert::pki::der::encode(0xa0, &dns("elsewhere.test"));
        site.root.add(NAME_CONSTRAINTS, true, qcert::pki::der::sequence(&[&permitted]));
    }),
    ("root-constraints-not-critical", |site, _| site.root.add(BASIC_CONSTRAINTS, false, authority(true))),
    ("root-without-key-ids", |site, _| site.root.with_key_ids = false),
    ("server-without-key-ids", |site, _| site.server.with_key_ids = false),
    ("client-without-key-ids", |site, _| site.client.with_key_ids = false),
    ("server-key-encipherment", |site, _| site.server.add(KEY_USAGE, true, usage(0x20))),
    ("root-issued-by-another", |site, _| {
        site.root.issuer = "above-CA";
        site.root.signer = "other-root";
    }),
    ("root-damaged-signature", |site, _| site.root.damaged = true),
    ("server-same-name-other-key", |site, _| site.server.signer = "other-root"),
    ("server-same-name-no-key-ids", |site, _| {
        site.server.signer = "other-root";
        site.server.with_key_ids = false;
    }),
    ("server-unknown-issuer", |site, _| {
        site.server.signer = "other-root";
        site.server.issuer = "elsewhere-CA";
    }),
    ("server-unknown-issuer-shows-root", |site, now| {
        site.server.signer = "other-root";
        site.server.issuer = "elsewhere-CA";
        site.shown.push(other_root("elsewhere-CA", now));
    }),
    ("server-same-name-other-key-shows-root", |site, now| {
        site.server.signer = "other-root";
        site.shown.push(other_root("qlik1.test-CA", now));
    }),
    ("server-same-name-no-key-ids-shows-root", |site, now| {
        site.server.signer = "other-root";
        site.server.with_key_ids = false;
        let mut root = other_root("qlik1.test-CA", now);
        root.with_key_ids = false;
        site.shown.push(root);
    }),
    ("server-shows-intermediate-and-root", |site, now| {
        site.server.signer = "other";
        site.server.issuer = "between-CA";
        let mut between = other_root("between-CA", now);
        (between.key, between.issuer) = ("other", "elsewhere-CA");
        site.shown.extend([between, other_root("elsewhere-CA", now)]);
    }),
    ("server-shows-its-root", |site, _| site.shown.push(site.root.clone())),
    ("server-self-signed", |site, _| {
        site.server.signer = "server";
        site.server.issuer = MACHINE;
    }),
    ("server-without-san", |site, _| site.server.remove(ALTERNATIVE_NAME)),
    ("server-other-name", |site, _| site.machine = "qlik2.test"),
    ("server-other-name-without-san", |site, _| {
        site.server.remove(ALTERNATIVE_NAME);
        site.machine = "qlik2.test";
    }),
    ("server-ip-as-dns-name", |site, _| {
        site.server.subject = "10.0.0.5";
        site.server.add(ALTERNATIVE_NAME, false, dns("10.0.0.5"));
        site.machine = "10.0.0.5";
    }),
    ("server-ip-without-san", |site, _| {
        site.server.subject = "10.0.0.5";
        site.server.remove(ALTERNATIVE_NAME);
        site.machine = "10.0.0.5";
    }),
    ("server-expired", |site, now| site.server.ends = now - Duration::days(1)),
    ("server-not-yet-valid", |site, now| site.server.starts = now + Duration::days(1)),
    ("server-sha1", |site, _| site.server.digest = "sha1"),
    ("server-md5", |site, _| site.server.digest = "md5"),
    ("server-rsa-1536", |site, _| site.server.key = "rsa-1536"),
    ("server-rsa-1024", |site, _| site.server.key = "rsa-1024"),
    ("server-rsa-768", |site, _| site.server.key = "rsa-768"),
    ("server-ec", |site, _| site.server.key = "ec"),
    ("server-ed25519", |site, _| site.server.key = "ed25519"),
    ("server-purpose-client", |site, _| site.server.add(EXTENDED_KEY_USAGE, false, purposes(&[CLIENT_AUTH]))),
    ("server-unknown-critical", |site, _| site.server.add(UNKNOWN, true, vec![5, 0])),
    ("server-damaged-signature", |site, _| site.server.damaged = true),
    ("server-key-usage", |site, _| site.server.add(KEY_USAGE, true, usage(0x02))),
    ("server-version-1", |site, _| site.server.version = 1),
    ("server-outlives-root", |site, _| site.server.ends += Duration::days(400)),
    ("server-is-a-ca", |site, _| site.server.add(BASIC_CONSTRAINTS, true, authority(true))),
    ("root-duplicate-extension", |site, _| {
        let again = site.root.extensions[0].clone();
        site.root.extensions.push(again);
    }),
    ("root-malformed-extension", |site, _| site.root.add(ALTERNATIVE_NAME, false, vec![0x30, 9, 0x82, 2, b'a'])),
    ("client-duplicate-extension", |site, _| {
        let again = (UNKNOWN, false, vec![5, 0]);
        site.client.extensions.extend([again.clone(), again]);
    }),
    ("client-malformed-extension", |site, _| site.client.add(ALTERNATIVE_NAME, false, vec![0x30, 9, 0x82, 2, b'a'])),
    ("server-duplicate-extension", |site, _| {
        let again = site.server.extensions[0].clone();
        site.server.extensions.push(again);
    }),
    ("server-malformed-extension", |site, _| site.server.add(ALTERNATIVE_NAME, false, vec![0x30, 9, 0x82, 2, b'a'])),
    ("client-expired", |site, now| site.client.ends = now - Duration::days(1)),
    ("client-not-yet-valid", |site, now| site.client.starts = now + Duration::days(1)),
    ("client-sha1", |site, _| site.client.digest = "sha1"),
    ("client-md5", |site, _| site.client.digest = "md5"),
    ("client-rsa-1536", |site, _| site.client.key = "rsa-1536"),
    ("client-rsa-1024", |site, _| site.client.key = "rsa-1024"),
    ("client-rsa-768", |site, _| site.client.key = "rsa-768"),
    ("client-ec", |site, _| site.client.key = "ec"),
    ("client-ed25519", |site, _| site.client.key = "ed25519"),
    ("client-purpose-server", |site, _| site.client.add(EXTENDED_KEY_USAGE, false, purposes(&[SERVER_AUTH]))),
    ("client-unknown-critical", |site, _| site.client.add(UNKNOWN, true, vec![5, 0])),
    ("client-same-name-other-key", |site, _| site.client.signer = "other-root"),
    ("client-unknown-issuer", |site, _| {
        site.client.signer = "other-root";
        site.client.issuer = "elsewhere-CA";
    }),
    ("client-damaged-signature", |site, _| site.client.damaged = true),
    ("client-key-usage", |site, _| site.client.add(KEY_USAGE, true, usage(0x02))),
];

/// Of another site.
fn other_root(name: &'static str, now: OffsetDateTime) -> Draft {
    let mut root = Draft::new(name, "other-root", now - Duration::days(30));
    (root.issuer, root.signer) = (name, "other-root");
    root.add(BASIC_CONSTRAINTS, true, authority(true));
    root.add(KEY_USAGE, true, usage(0x06));
    root
}

fn sign_all_with(site: &mut Site, key: &'static str) {
    site.root.key = key;
    for draft in [&mut site.root, &mut site.server, &mut site.client] {
        draft.signer = key;
    }
}

fn write(site: &Site, bench: &Workbench) -> Files {
    let client = site.client.write(bench);
    let pfx = bench.pfx(&client, site.client.key, &[], "");
    Files::from([
        ("root.pem", site.root.write(bench)),
        ("server.pem", site.shown_by_server(bench)),
        ("server_key.pem", bench.traditional(site.server.key, &[])),
        ("client.pem", client),
        ("client_key.pem", bench.traditional(site.client.key, &[])),
        ("client.pfx", pfx),
    ])
}

/// All of them, written.
pub(crate) fn all(bench: &Workbench, now: OffsetDateTime) -> Vec<Case> {
    let certificates = |(name, edit): &(&'static str, Edit)| {
        let mut site = site(now);
        edit(&mut site, now);
        let files = write(&site, bench);
        Case { name, site, files, handshakes: true }
    };
    let spoilt = |(name, spoil): &(&'static str, Spoil)| {
        let mut site = site(now);
        let mut files = write(&site, bench);
        let root = files["root.pem"].clone();
        spoil(&mut files, &mut site, bench);
        let handshakes = files.get("root.pem") != Some(&root) && !files.contains_key("root.cer");
        Case { name, site, files, handshakes }
    };
    std::thread::scope(|scope| {
        let first: Vec<_> = CERTIFICATES
            .chunks(16)
            .map(|some| scope.spawn(move || some.iter().map(certificates).collect::<Vec<_>>()))
            .collect();
        let second: Vec<_> =
            SPOILT.chunks(16).map(|some| scope.spawn(move || some.iter().map(spoilt).collect::<Vec<_>>())).collect();
        first.into_iter().chain(second).flat_map(|maker| maker.join().unwrap()).collect()
    })
}

/// The certificates of the other ends, in a form that any program reads.
pub(crate) fn peers(case: &Case, bench: &Workbench, now: OffsetDateTime) -> Vec<(&'static str, Vec<u8>)> {
    let sound = site(now);
    vec![
        ("server.pem", case.site.shown_by_server(bench)),
        ("server_chain.pem", case.site.shown.iter().flat_map(|draft| draft.write(bench)).collect()),
        ("server_key.pem", bench.key(case.site.server.key)),
        ("client.pem", case.site.client.write(bench)),
        ("client_key.pem", bench.key(case.site.client.key)),
        ("sound.pem", sound.server.write(bench)),
        ("sound_key.pem", bench.key("server")),
    ]
}

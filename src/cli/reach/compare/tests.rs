//! Sites are made, and what one of their services shows is compared with bundles of theirs and of others.

use super::*;
use crate::pki::authority::{Authority, Order};
use crate::pki::entropy::SystemEntropy;
use crate::pki::inventory::{Form, Object, What, shown};
use crate::pki::key::{KeySize, PrivateKey};
use crate::pki::name::{MachineName, Underscore};
use crate::pki::profile::Profile;
use crate::pki::serial::{Serial, SerialKind};
use crate::pki::validity::Validity;
use time::Duration;
use time::macros::datetime;

const AT: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
const DAY: Duration = Duration::DAY;

fn key() -> PrivateKey {
    PrivateKey::generate(KeySize::Rsa2048).unwrap()
}

fn machine(name: &str) -> MachineName {
    MachineName::parse(name, Underscore::Refused).unwrap()
}

fn serial() -> Serial {
    Serial::draw(SerialKind::Random, &mut SystemEntropy).unwrap()
}

fn site(host: &str, made: OffsetDateTime) -> Authority {
    Authority::create(&machine(host), Profile::Compatible, key(), Validity::qlik(made).unwrap(), serial()).unwrap()
}

fn issue(site: &Authority, role: Role, name: &str, made: OffsetDateTime, key: &PrivateKey) -> Certificate {
    let machine = machine(name);
    let order = Order {
        role,
        profile: Profile::Compatible,
        machine: &machine,
        aliases: &[],
        validity: Validity::qlik(made).unwrap(),
        serial: serial(),
    };
    site.certify(&order, key.public_key()).unwrap()
}

fn file(name: &str, certificate: &Certificate) -> FileContent {
    let what = What::Certificate(Box::new(certificate.clone()));
    FileContent {
        path: format!("dir/{name}"),
        name: name.to_owned(),
        size: certificate.der().len(),
        others_may_read: false,
        tracked_by_git: false,
        form: Form::Binary { trailing_bytes: 0 },
        objects: vec![Object { label: None, line: None, what }],
    }
}

fn against(chain: &[&Certificate], files: &[FileContent]) -> Comparison {
    let chain: Vec<Vec<u8>> = chain.iter().map(|one| one.der().to_vec()).collect();
    compare(&shown("a.test:4242", &chain), "dir", files, AT)
}

#[track_caller]
fn assert_is(found: &Comparison, relation: Relation, same_root: Option<bool>, words: &str) {
    assert_eq!((found.relation, found.same_root), (relation, same_root), "{found:?}");
    assert!(found.sentence.contains(words), "{}", found.sentence);
}

#[test]
fn bundles_of_one_site() {
    let root = site("site.test", AT - 100 * DAY);
    let [old_key, new_key] = [key(), key()];
    let old = issue(&root, Role::Server, "a.test", AT - 90 * DAY, &old_key);
    let new = issue(&root, Role::Server, "a.test", AT - 10 * DAY, &new_key);
    let client = file("client.pem", &issue(&root, Role::Client, "a.test", AT - 9 * DAY, &new_key));
    let bundle = |server: &Certificate| vec![file("root.pem", root.certificate()), file("server.pem", server)];

    let mut files = bundle(&old);
    let found = against(&[&old, root.certificate()], &files);
    assert_is(&found, Relation::SameCertificate, Some(true), "shows the certificate of `server.pem`");
    assert!(found.same_certificate && found.same_key && found.newer.is_none());
    assert_eq!((found.file.as_deref(), found.client_of_same_root), (Some("server.pem"), None));

    files.push(client);
    let found = against(&[&new], &files);
    assert_is(&found, Relation::ServedNewer, Some(true), "shows a newer certificate than `server.pem`");
    assert_eq!((found.newer, found.client_of_same_root), (Some("served"), Some(true)));

    let found = against(&[&old], &bundle(&new));
    assert_is(&found, Relation::ServedOlder, Some(true), "still shows an older certificate than `server.pem`");
    assert!(found.sentence.contains("since 2026-08-16") && found.sentence.contains("since 2026-11-04"), "{found:?}");

    let renewed = issue(&root, Role::Server, "a.test", AT - 3 * DAY, &old_key);
    let found = against(&[&old], &bundle(&renewed));
    assert_is(&found, Relation::SameKey, Some(true), "another certificate for the key of `server.pem`");
    assert_eq!((found.same_certificate, found.same_key, found.newer), (false, true, Some("bundle")));

    // Of several the one that is shown counts, wherever it lies among Qlik's files.
    let mut both = bundle(&old);
    both.push(file("server.pfx", &new));
    let found = against(&[&new], &both);
    assert_eq!((found.relation, found.file.as_deref()), (Relation::SameCertificate, Some("server.pfx")));
    // An old copy is not the bundle.
    let mut copied = bundle(&new);
    copied.push(file("server.pem.bak", &old));
    assert_eq!(against(&[&old], &copied).relation, Relation::ServedOlder);
}

#[test]
fn a_bundle_of_another_machine_or_without_a_server() {
    let root = site("site.test", AT - 100 * DAY);
    let served = issue(&root, Role::Server, "a.test", AT - 90 * DAY, &key());
    let other = issue(&root, Role::Server, "nprinting.test", AT - 9 * DAY, &key());
    let files = [file("root.cer", root.certificate()), file("server.pem", &other)];
    assert_is(&against(&[&served], &files), Relation::OtherMachine, Some(true), "another machine, `nprinting.test`");
    let root_alone = [file("root.cer", root.certificate())];
    let found = against(&[&served], &root_alone);
    assert_is(&found, Relation::NoServerCertificate, Some(true), "holds no server certificate");
    assert_eq!((found.file, found.newer), (None, None));
    let no_root = [file("server.pem", &other)];
    assert_is(&against(&[&served], &no_root), Relation::NoRoot, None, "holds no root");
    assert_is(&against(&[&served], &[]), Relation::NoRoot, None, "holds no root");
}

#[test]
fn a_root_of_the_same_name_is_told_by_its_signature() {
    let [before, after] = [site("site.test", AT - 100 * DAY), site("site.test", AT - 20 * DAY)];
    let old = issue(&before, Role::Server, "a.test", AT - 90 * DAY, &key());
    let new = issue(&after, Role::Server, "a.test", AT - 10 * DAY, &key());
    let client = file("client.pem", &issue(&before, Role::Client, "a.test", AT - 90 * DAY, &key()));
    let bundle =
        |root: &Authority, server: &Certificate| [file("root.pem", root.certificate()), file("server.pem", server)];

    let files: Vec<_> = bundle(&before, &old).into_iter().chain([client]).collect();
    let found = against(&[&new, after.certificate()], &files);
    assert_is(&found, Relation::RootOfSameName, Some(false), "same name `site.test-CA`, other key");
    assert!(found.sentence.contains("after this export") && found.hint.as_ref().unwrap().contains("new export"));
    assert_eq!(found.client_of_same_root, Some(false));
    assert!(found.text().contains("client certificate is of another root"), "{}", found.text());

    let found = against(&[&old], &bundle(&after, &new));
    assert_is(&found, Relation::RootOfSameName, Some(false), "still shows the old");
}

#[test]
fn another_site_and_what_cannot_be_compared() {
    let [here, there] = [site("here.test", AT - 100 * DAY), site("there.test", AT - 100 * DAY)];
    let own = issue(&here, Role::Server, "a.test", AT - 90 * DAY, &key());
    let served = issue(&there, Role::Server, "a.test", AT - 90 * DAY, &key());
    let files = [file("root.pem", here.certificate()), file("server.pem", &own)];
    assert_is(&against(&[&served], &files), Relation::OtherRoot, Some(false), "`there.test-CA` issued");
    let found = against(&[there.certificate()], &files);
    assert_is(&found, Relation::OtherRoot, Some(false), "shows a self-signed certificate");
    // A root that is shown beside is nobody's proof.
    let found = against(&[&served, here.certificate()], &files);
    assert_is(&found, Relation::OtherRoot, Some(false), "`there.test-CA` issued");

    let damaged = compare(&shown("a.test:4242", &[vec![0x30, 1, 2]]), "dir", &files, AT);
    assert_is(&damaged, Relation::Unclear, None, "damaged");
    assert_eq!((damaged.same_certificate, damaged.served_not_before), (false, None));
}

#[test]
fn json_has_moments_and_words() {
    let root = site("site.test", AT - 100 * DAY);
    let served = issue(&root, Role::Server, "a.test", AT - 90 * DAY, &key());
    let found = against(&[&served], &[file("root.pem", root.certificate()), file("server.pem", &served)]);
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["relation"], "same_certificate");
    assert_eq!(json["served_not_before"], "2026-08-16T12:00:00Z");
    assert_eq!(json["hint"], serde_json::Value::Null);
}

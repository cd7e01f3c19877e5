//! Where each target begins: our fixtures, taken apart and put together as the target reads them.

use super::backups::{archive, seal};
use super::pfx::{KEY_BAG, wrap};
use super::whole::{NAMES, SEPARATOR};
use super::{Counted, PASSWORD, password};
use qcert::host::ledger::Ledger;
use qcert::pki::authority::Authority;
use qcert::pki::certificate::Certificate;
use qcert::pki::der::{self, tag};
use qcert::pki::encryption::{self, Derivations, Scheme};
use qcert::pki::key::PrivateKey;
use qcert::pki::knowledge;
use qcert::pki::pem;
use qcert::pki::pfx::{Bag, BagAttributes, Contents, PfxEncryption};
use qcert::pki::revocation_list::{NewList, Reason, Revoked};
use qcert::pki::secret::Secret;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// Of one target; the first of them in the order of their lengths.
const MOST: usize = 250;
const LONGEST: usize = 24 << 10;
const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

/// Every file below the fixtures whose name this takes, each content once.
fn files(fixtures: &Path, takes: impl Fn(&str) -> bool) -> Vec<Vec<u8>> {
    let mut folders = vec![fixtures.to_owned()];
    let mut paths: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the fixtures are there") {
            let path = entry.expect("the fixtures are there").path();
            if path.is_dir() { folders.push(path) } else { paths.push(path) }
        }
    }
    paths.sort();
    paths.retain(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(&takes));
    some(paths.iter().map(|path| std::fs::read(path).expect("the fixtures are there")).collect())
}

fn ends(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|own| own == extension)
}

fn some(mut seeds: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    seeds.sort();
    seeds.dedup();
    seeds.sort_by_key(Vec::len);
    seeds.retain(|seed| seed.len() <= LONGEST);
    assert!(!seeds.is_empty(), "there are no seeds");
    let step = seeds.len().div_ceil(MOST);
    seeds.into_iter().step_by(step).collect()
}

/// The contents of PEM sections with such a label.
fn sections(fixtures: &Path, label: &str) -> Vec<Vec<u8>> {
    let texts = files(fixtures, |name| ends(name, "pem") || ends(name, "csr"));
    let blocks = texts.iter().filter_map(|text| pem::decode(text).ok()).flatten();
    blocks.filter(|block| block.label.ends_with(label)).map(|block| block.der.expose().to_vec()).collect()
}

pub(super) fn pem(fixtures: &Path) -> Vec<Vec<u8>> {
    files(fixtures, |name| ends(name, "pem"))
}

pub(super) fn certificates(fixtures: &Path) -> Vec<Vec<u8>> {
    some([sections(fixtures, "CERTIFICATE"), files(fixtures, |name| name == "root.cer")].concat())
}

pub(super) fn pfx(fixtures: &Path) -> Vec<Vec<u8>> {
    files(fixtures, |name| ends(name, "pfx"))
}

/// One bag of PKCS#12 (RFC 7292 4.2).
fn bag(kind: &[u8], value: &[u8], attributes: &[u8]) -> Vec<u8> {
    der::sequence(&[&der::oid(kind), &der::encode(tag::constructed(0), value), attributes])
}

pub(super) fn pfx_inside(fixtures: &Path) -> Vec<Vec<u8>> {
    const CERTIFICATE_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 3];
    const X509: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 22, 1];
    const NESTED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 6];
    let attributes = BagAttributes {
        friendly_name: Some("QlikClient".to_owned()),
        provider: Some("Microsoft Enhanced RSA and AES Cryptographic Provider".to_owned()),
        machine_keyset: true,
        ..BagAttributes::default()
    };
    let attributes = attributes.tied().der();
    let certificate = certificates(fixtures).into_iter().next().expect("there is one");
    let key = keys(fixtures).into_iter().find_map(|key| PrivateKey::from_der(Secret::new(key)).ok());
    let key = key.expect("there is one").pkcs8().expose().to_vec();
    let inner = der::encode(tag::constructed(0), &der::octet_string(&certificate));
    let certificate = bag(CERTIFICATE_BAG, &der::sequence(&[&der::oid(X509), &inner]), &attributes);
    let key_bag = bag(KEY_BAG, &key, &attributes);
    let both = der::sequence(&[&certificate, &key_bag]);
    let nested = der::sequence(&[&bag(NESTED, &both, &[])]);
    let mut seeds = Vec::new();
    for how in 0..16 {
        let whole = der::octet_string(&both);
        let content = [&[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1], &*der::encode(0xa0, &whole)].concat();
        let plain = match how >> 1 & 3 {
            2 => key.clone(),
            3 => der::sequence(&[&content]),
            _ if how & 1 == 0 => nested.clone(),
            _ => both.clone(),
        };
        assert!(wrap(how, &plain).len() > plain.len());
        seeds.push([&[how], &plain[..]].concat());
    }
    seeds
}

pub(super) fn pkcs7(fixtures: &Path) -> Vec<Vec<u8>> {
    const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
    const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
    let certificates = certificates(fixtures).into_iter().take(3).collect::<Vec<_>>().concat();
    let lists = revocation_lists(fixtures).concat();
    let data = der::sequence(&[
        &der::unsigned(1),
        &der::set(&[]),
        &der::sequence(&[&der::oid(DATA)]),
        &der::encode(tag::constructed(0), &certificates),
        &der::encode(tag::constructed(1), &lists),
        &der::set(&[]),
    ]);
    let open = [&[0x30, 0x80], &der::oid(SIGNED_DATA)[..], &[0xa0, 0x80], &data, &[0; 4]].concat();
    let whole = der::sequence(&[&der::oid(SIGNED_DATA), &der::encode(tag::constructed(0), &data)]);
    let mut seeds = files(fixtures, |name| ends(name, "p7b"));
    seeds.push(pem::encode("PKCS7", &whole).expose().to_vec());
    seeds.extend([whole, open]);
    seeds
}

pub(super) fn keys(fixtures: &Path) -> Vec<Vec<u8>> {
    let open = sections(fixtures, "PRIVATE KEY");
    some([open, files(fixtures, |name| name.ends_with("_key.pem"))].concat())
}

pub(super) fn keys_inside(fixtures: &Path) -> Vec<Vec<u8>> {
    let open = sections(fixtures, "PRIVATE KEY");
    some(open.into_iter().enumerate().map(|(at, key)| [&[at.to_le_bytes()[0] & 7], &key[..]].concat()).collect())
}

pub(super) fn encrypted_keys(fixtures: &Path) -> Vec<Vec<u8>> {
    let mut seeds = sections(fixtures, "ENCRYPTED PRIVATE KEY");
    let plain = sections(fixtures, "PRIVATE KEY").into_iter().min_by_key(Vec::len).expect("there is one");
    let (password, derivations) = (password(PASSWORD), Derivations::default());
    for scheme in [Scheme::Aes256 { iterations: 2 }, Scheme::TripleDes { iterations: 2 }] {
        let made = encryption::encrypt_private_key(
            &Secret::new(plain.clone()),
            &password,
            scheme,
            &mut Counted(1),
            &derivations,
        );
        seeds.push(made.expect("what may be encrypted is"));
    }
    seeds.push(scrypt(&plain));
    // With `Proc-Type: 4,ENCRYPTED`.
    seeds.extend(files(fixtures, |name| name.ends_with("_key.pem")).into_iter().filter(|text| {
        let text = String::from_utf8_lossy(text);
        text.contains("DEK-Info")
    }));
    some(seeds)
}

/// PBES2 with scrypt (RFC 7914 7) and AES-128-CBC. What is encrypted is only of the right length.
fn scrypt(plain: &[u8]) -> Vec<u8> {
    const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13];
    const SCRYPT: &[u8] = &[0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 11];
    const AES_128_CBC: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 2];
    let numbers: [&[u8]; 4] = [&der::octet_string(b"salt"), &der::unsigned(16), &der::unsigned(1), &der::unsigned(1)];
    let function = der::sequence(&[&der::oid(SCRYPT), &der::sequence(&numbers)]);
    let cipher = der::sequence(&[&der::oid(AES_128_CBC), &der::octet_string(&[7; 16])]);
    let algorithm = der::sequence(&[&der::oid(PBES2), &der::sequence(&[&function, &cipher])]);
    let length = plain.len() / 16 * 16;
    der::sequence(&[&algorithm, &der::octet_string(&plain[..length])])
}

pub(super) fn requests(fixtures: &Path) -> Vec<Vec<u8>> {
    some([sections(fixtures, "CERTIFICATE REQUEST"), files(fixtures, |name| ends(name, "csr"))].concat())
}

/// The site's list, signed by the golden root: with entries, and without.
pub(super) fn revocation_lists(fixtures: &Path) -> Vec<Vec<u8>> {
    let read = |name: &str| std::fs::read(fixtures.join(name)).expect("the fixtures are there");
    let key = pem::decode(&read("keys/root.pem")).expect("it is PEM").swap_remove(0).der;
    let root = Certificate::parse(read("golden/compatible/root.cer")).expect("it is one");
    let key = PrivateKey::from_pkcs1(key.expose()).expect("it is one");
    let authority = Authority::adopt(root, key, NOW).expect("they belong together");
    let entry = |(number, reason)| Revoked { serial: format!("0{number}ab"), at: NOW, reason };
    let some = [(1, None), (2, Some(Reason::KeyCompromise)), (3, Some(Reason::Superseded))].map(entry);
    let list = |revoked| {
        let list = NewList { number: 7, this_update: NOW, next_update: NOW + Duration::days(7), revoked };
        list.sign(&authority).expect("it can be signed").der
    };
    vec![list(&[]), list(&some)]
}

pub(super) fn host_names(fixtures: &Path) -> Vec<Vec<u8>> {
    files(fixtures, |name| name.eq_ignore_ascii_case("Host.cfg"))
}

pub(super) fn snapshots(fixtures: &Path) -> Vec<Vec<u8>> {
    files(fixtures, |name| name == "stores.json")
}

/// Certificates and keys are small, and the archive is the one of a backup.
fn kept(fixtures: &Path) -> [Vec<u8>; 3] {
    let read = |name: &str| std::fs::read(fixtures.join(name)).expect("the fixtures are there");
    [read("golden/compatible/root.pem"), read("keys/root.pem"), ledgers(fixtures).swap_remove(0)]
}

pub(super) fn archives(fixtures: &Path) -> Vec<Vec<u8>> {
    let [root, key, ledger] = kept(fixtures);
    vec![archive(&[("root.pem", &root), ("root_key.pem", &key), ("ledger.sqlite", &ledger)])]
}

pub(super) fn manifests(fixtures: &Path) -> Vec<Vec<u8>> {
    let archive = archives(fixtures).swap_remove(0);
    let end = archive.windows(3).position(|window| window == b"}\n\0").expect("the manifest ends") + 2;
    vec![archive[512..end].to_vec(), archive]
}

pub(super) fn envelopes(fixtures: &Path) -> Vec<Vec<u8>> {
    archives(fixtures).iter().map(|archive| seal(archive)).chain([seal(b"x")]).collect()
}

pub(super) fn ledgers(_: &Path) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder for the ledger");
    let path = folder.path().join("ledger.sqlite");
    let ledger = Ledger::open(&path).expect("a new ledger");
    let mut snapshot = ledger.snapshot().expect("a copy of it");
    vec![snapshot.with_bytes(<[u8]>::to_vec).expect("its octets")]
}

pub(super) fn machine_lists(_: &Path) -> Vec<Vec<u8>> {
    let text = "# the site\nqlik1.example.com\r\n10.0.0.5\n2001:db8::5\nWIN-1A2B\nbücher.example\n xn--bcher-kva.example\n\
        con\nprn.x\n*.example.com\na_b\n256.1.1.1\nfe80::1%eth0\n.\n..\nqlik1.example.com.\n";
    let wide = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![text.as_bytes().to_vec(), wide, [b"\xef\xbb\xbf", text.as_bytes()].concat()]
}

/// The known texts in the order of the catalogue, a few in each log.
pub(super) fn logs(_: &Path) -> Vec<Vec<u8>> {
    let texts: Vec<&str> = knowledge::texts().flat_map(|text| text.texts.iter().copied()).collect();
    texts.chunks(4).map(|few| few.join("\n2026-11-22 ERROR ").replace('*', " 17 ").into_bytes()).collect()
}

pub(super) fn http(_: &Path) -> Vec<Vec<u8>> {
    [
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 Forbidden\r\nServer: x\r\nTransfer-Encoding: chunked\r\n\r\n\
            4;a=b\r\nWiki\r\n0\r\nX: y\r\n\r\n",
        "HTTP/1.0 302 Found\r\nLocation: https://a/\r\n\r\nrest",
        "HTTP/1.1 204 No Content\n\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

/// Versions 2 and 4 of git's index.
pub(super) fn git_indexes(_: &Path) -> Vec<Vec<u8>> {
    let entry = |name: &str| {
        let mut entry = vec![0; 24];
        entry.extend(0o100_644_u32.to_be_bytes());
        entry.resize(60, 7);
        entry.extend([0, name.len().to_le_bytes()[0]]);
        entry.extend(name.as_bytes());
        entry
    };
    let mut second = b"DIRC\0\0\0\x02\0\0\0\x02".to_vec();
    for name in ["a", "client_key.pem"] {
        let mut entry = entry(name);
        entry.resize(entry.len() + 8 - entry.len() % 8, 0);
        second.extend(entry);
    }
    let mut fourth = b"DIRC\0\0\0\x04\0\0\0\x02".to_vec();
    for (cut, rest) in [(0, "client.pem"), (4, "_key.pem")] {
        fourth.extend(&entry("")[..62]);
        fourth.push(cut);
        fourth.extend(rest.as_bytes());
        fourth.push(0);
    }
    vec![second, fourth]
}

/// The folders of `validate/`, each with what was asked; and a PFX under a password, with an odd name.
pub(super) fn folders(fixtures: &Path) -> Vec<Vec<u8>> {
    let mut folders: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
    for parent in ["validate", "golden"] {
        for entry in std::fs::read_dir(fixtures.join(parent)).expect("the fixtures are there") {
            let folder = entry.expect("the fixtures are there").path();
            let mut seed = Vec::new();
            for (number, name) in NAMES.iter().enumerate() {
                let Ok(bytes) = std::fs::read(folder.join(name)) else { continue };
                let separator = if seed.is_empty() { &[][..] } else { SEPARATOR };
                seed = [&seed, separator, &number.to_le_bytes()[..1], &bytes].concat();
            }
            folders.insert(folder, seed);
        }
    }
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    for (number, seed) in folders.into_values().enumerate() {
        // Password, folder, root, name, strictness and purpose, all of them in turn.
        let asked = number.wrapping_mul(37).to_le_bytes()[0];
        seeds.push([&[asked], &seed[..]].concat());
    }
    let [certificate, key] = ["golden/compatible/client.pem", "golden/compatible/client_key.pem"].map(|name| {
        let text = std::fs::read(fixtures.join(name)).expect("the fixtures are there");
        pem::decode(&text).expect("it is PEM").swap_remove(0).der
    });
    let key = PrivateKey::from_der(key).expect("it is one");
    // What must not reach a screen as it is.
    let name = Some("\u{1b}[31mred\u{202e}\n".to_owned());
    let attributes = BagAttributes { friendly_name: name, ..BagAttributes::default() }.der();
    let bag = |value| Bag { value, attributes: &attributes };
    let contents = Contents {
        certificates: vec![bag(certificate.expose())],
        keys: vec![bag(key.pkcs8().expose())],
        ..Contents::default()
    };
    let password = password(PASSWORD);
    let made = contents.write(PfxEncryption::Legacy, Some(&password), &mut Counted(1), &Derivations::default());
    seeds.push([&[1 | 2, 7], made.expect("it can be written").expose()].concat());
    some(seeds)
}

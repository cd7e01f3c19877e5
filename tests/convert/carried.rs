//! What is carried over octet for octet: attributes with their oddities, several keys, further bags, unknown extensions.

use super::strangers::certificates;
use super::world::{Desk, PASSWORD, openssl, site};
use crate::process::run;
use crate::stranger::{CRYPTOGRAPHY, OPENSSL, command};
use fs_err as fs;
use qcert::pki::der::{self, tag};
use qcert::pki::encryption::Derivations;
use qcert::pki::entropy::SystemEntropy;
use qcert::pki::key::PrivateKey;
use qcert::pki::pem;
use qcert::pki::pfx::{self, Bag, Contents, Pfx, PfxEncryption};
use qcert::pki::secret::{Password, Secret};
use zeroize::Zeroizing;

fn der_of(name: &str) -> Vec<u8> {
    let blocks = pem::decode(&fs::read(site().path("open").join(name)).unwrap()).unwrap();
    blocks[0].der.expose().to_vec()
}

fn pkcs8_of(name: &str) -> Vec<u8> {
    PrivateKey::from_der(Secret::new(der_of(name))).unwrap().pkcs8().expose().to_vec()
}

fn password() -> Option<Password> {
    Password::new(Zeroizing::new(PASSWORD.to_owned()))
}

fn attribute(oid: &[u8], value: &[u8]) -> Vec<u8> {
    der::sequence(&[&der::oid(oid), &der::set(&[value])])
}

fn friendly_name(text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    attribute(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 20], &der::encode(tag::BMP_STRING, &units))
}

fn local_key_id(number: u8) -> Vec<u8> {
    attribute(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 21], &der::octet_string(&[number, 0, 0, 0]))
}

/// As Windows hands it out, and more: names with U+0000 at their end, an attribute of nobody's, a key that says what it
/// is for, two keys, a CRL and a secret.
fn odd_pfx(desk: &Desk) {
    let of_key = der::set(&[
        &friendly_name("{0A1B2C3D-0000-1111-2222-333344445555}\0"),
        &attribute(&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 17, 2], &[]),
        &attribute(&[0x2a, 3, 4, 5], &der::octet_string(b"somebody's own")),
        &local_key_id(1),
    ]);
    let client = der::set(&[&friendly_name("QlikClient\0"), &local_key_id(1)]);
    let server = der::set(&[&local_key_id(2), &friendly_name("Größe 🔑")]);
    let other_key = der::set(&[&local_key_id(2)]);
    let (client_certificate, server_certificate, root) =
        (der_of("client.pem"), der_of("server.pem"), der_of("root.pem"));
    let key = pkcs8_of("client_key.pem");
    // PKCS#8 with Windows' note that the key is for exchange: [0] { keyUsage { BIT STRING 10 } }.
    let usage = attribute(&[0x55, 0x1d, 15], &[tag::BIT_STRING, 2, 4, 0x10]);
    let inside = der::Reader::new(&key).value().unwrap().content;
    let key = der::sequence(&[inside, &der::encode(tag::constructed(0), &usage)]);
    let other = pkcs8_of("server_key.pem");
    let explicit = |value: &[u8]| der::encode(tag::constructed(0), value);
    let bag = |last, value: &[u8]| {
        let oid = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, last];
        der::sequence(&[&der::oid(&oid), &explicit(value)])
    };
    let typed = |oid: &[u8]| der::sequence(&[&der::oid(oid), &explicit(&der::octet_string(b"of its own kind"))]);
    let (crl, secret) =
        (bag(4, &typed(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 23, 1])), bag(5, &typed(&[0x2a, 3])));
    let contents = Contents {
        certificates: vec![
            Bag { value: &client_certificate, attributes: &client },
            Bag { value: &server_certificate, attributes: &server },
            Bag { value: &root, attributes: &[] },
        ],
        keys: vec![Bag { value: &key, attributes: &of_key }, Bag { value: &other, attributes: &other_key }],
        bags: vec![&crl, &secret],
        contents: Vec::new(),
    };
    let bytes = contents
        .write(PfxEncryption::Legacy, password().as_ref(), &mut SystemEntropy, &Derivations::default())
        .unwrap();
    desk.file("odd.pfx", bytes.expose());
}

fn read(desk: &Desk, name: &str) -> Pfx {
    pfx::read(&desk.bytes(name), password().as_ref(), &Derivations::default()).unwrap()
}

#[test]
fn a_pfx_of_oddities_loses_nothing() {
    let desk = Desk::new();
    odd_pfx(&desk);
    let ended = desk.convert("odd.pfx --pfx modern --out new.pfx --password-file password").assert_code(0);
    assert!(ended.stdout.contains("a CRL, a secret, AES-256 with password"), "{}", ended.stdout);
    let json = desk.convert("odd.pfx --pfx modern --out again.pfx --password-file password --json").json();
    let roles: Vec<_> = json["files"][0]["holds"].as_array().unwrap().iter().map(|held| &held["role"]).collect();
    assert_eq!(roles, ["client", "server", "root", "client", "server"]);
    assert_eq!(json["files"][0]["also_holds"], serde_json::json!(["a CRL", "a secret"]));
    let (old, new) = (read(&desk, "odd.pfx"), read(&desk, "new.pfx"));
    assert!(new.encryption.iter().all(|how| how.starts_with("AES-256-CBC")) && new.encryption.len() == 3);
    let certificates = |pfx: &Pfx| {
        pfx.certificates.iter().map(|one| (one.der.clone(), one.attributes_der.clone())).collect::<Vec<_>>()
    };
    assert_eq!(certificates(&old), certificates(&new));
    let keys = |pfx: &Pfx| {
        pfx.keys.iter().map(|one| (one.pkcs8.expose().to_vec(), one.attributes_der.clone())).collect::<Vec<_>>()
    };
    assert_eq!((keys(&old).len(), keys(&old)), (2, keys(&new)));
    let bags = |pfx: &Pfx| pfx.rest.bags.iter().map(|bag| bag.expose().to_vec()).collect::<Vec<_>>();
    assert_eq!((bags(&old).len(), bags(&old)), (2, bags(&new)));

    // And in the eyes of others.
    if let Some(program) = OPENSSL.find() {
        // Not -info: it also tells the encryption.
        let shown = |name: &str| openssl(program, &desk, &format!("pkcs12 -nodes -in {name} -passin file:password"));
        let (old, new) = (shown("odd.pfx"), shown("new.pfx"));
        let text = String::from_utf8_lossy(&new).into_owned();
        for word in ["1.2.3.4.5", "X509v3 Key Usage: 10", "Microsoft Local Key set", "localKeyID: 02 00 00 00"] {
            assert!(text.contains(word), "{word}\n{text}");
        }
        // The order of the parts is openssl's own: certificates and keys are compared as sets of blocks.
        let blocks = |text: &[u8]| {
            let text = String::from_utf8_lossy(text).into_owned();
            let mut blocks: Vec<_> = text.split("Bag Attributes").map(str::to_owned).collect();
            blocks.sort();
            blocks
        };
        assert_eq!(blocks(&old), blocks(&new));
        assert_eq!(certificates_of(program, &desk, "new.pfx").len(), 3);
    }
    if let Some(python) = CRYPTOGRAPHY.find() {
        let script = "import sys\nfrom cryptography.hazmat.primitives.serialization import pkcs12\n\
            names = lambda file: [one.friendly_name for one in (lambda p: [p.cert] + p.additional_certs)\
            (pkcs12.load_pkcs12(open(file, 'rb').read(), sys.argv[3].encode()))]\n\
            old, new = names(sys.argv[1]), names(sys.argv[2])\n\
            assert old == new and len(old) == 3, (old, new)\n\
            print(old)\n";
        let mut judge = command(python);
        judge.args(["-c", script]).args([desk.path("odd.pfx"), desk.path("new.pfx")]).arg(PASSWORD);
        run(&mut judge).accepted().says("QlikClient");
    }
}

fn certificates_of(program: &std::path::Path, desk: &Desk, name: &str) -> Vec<String> {
    certificates(program, desk, &format!("pkcs12 -nokeys -in {name} -passin file:password"))
}

#[test]
fn what_pem_has_no_place_for_is_said() {
    let desk = Desk::new();
    odd_pfx(&desk);
    let ended = desk.convert("odd.pfx --out pem --password-file password --open-keys").assert_code(0);
    for said in [
        "friendly name `QlikClient`",
        "friendly name `Größe 🔑`",
        "key container `{0A1B2C3D-0000-1111-2222-333344445555}`",
        "the mark for the machine's key store",
        "local key id",
        "attribute 1.2.3.4.5",
        "left out: `odd.pfx` also holds a CRL, a secret",
        "what the key in `odd.pfx` says of its use",
        "warning: no password: whoever gets the files can use the keys",
    ] {
        assert!(ended.stderr.contains(said), "{said}\n{}", ended.stderr);
    }
    let five = ["client.pem", "client_key.pem", "root.pem", "server.pem", "server_key.pem"];
    assert_eq!(crate::support::names(&desk.path("pem"))[1..], five);
    for name in five {
        assert_eq!(desk.bytes(&format!("pem/{name}")), fs::read(site().path("open").join(name)).unwrap(), "{name}");
    }
}

/// Of certificates no octet changes, whatever is in them: here the site's secrets, and an extension of nobody's.
#[test]
fn certificates_are_not_encoded_anew() {
    let fixture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/validate/server-with-secrets");
    let desk = Desk::new();
    for name in ["server.pem", "server_key.pem", "root.pem"] {
        desk.file(name, fs::read(fixture.join(name)).unwrap());
    }
    desk.convert("server.pem server_key.pem --to pfx --out server.pfx").assert_code(0);
    desk.convert("server.pfx --out back").assert_code(0);
    let octets = |name: &str| pem::decode(&desk.bytes(name)).unwrap().remove(0).der.expose().to_vec();
    assert_eq!(octets("server.pem"), octets("back/server.pem"));
    assert!(octets("server.pem").windows(8).any(|octets| octets == [0x2b, 6, 1, 5, 5, 7, 13, 1]));

    let Some(program) = OPENSSL.find() else { return };
    // A critical extension that nobody knows, a BER boolean, a name in T61: what a strict encoder would mend.
    let make = "req -x509 -newkey rsa:2048 -noenc -subj /CN=odd -days 9 -keyout odd_key.pem -out odd.pem";
    openssl(program, &desk, &format!("{make} -addext 1.2.3.4.5.6=DER:04020102 -addext 1.2.3.4.5.7=critical,DER:0500"));
    desk.convert("odd.pem odd_key.pem --to pfx --out odd.pfx --despite-faults").assert_code(0);

    let words = "pkcs12 -nokeys -in odd.pfx -passin file:none";
    let plain = String::from_utf8(desk.bytes("odd.pem")).unwrap();
    let body = plain.split("-----").nth(2).unwrap().trim().to_owned();
    assert_eq!(certificates(program, &desk, words), [body]);
}

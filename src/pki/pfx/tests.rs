//! Write and read back, refuse, survive. What other programs make of these files is tests/interop.rs's question.

use super::super::der::{self, Reader, tag};
use super::super::encryption::{Derivations, Hash, Passphrase};
use super::super::entropy::{Entropy, NoEntropy};
use super::super::secret::{Password, Secret};
use super::*;
use zeroize::Zeroizing;

/// Counts up, so that equal inputs give equal files.
struct Counting(u8);

impl Entropy for Counting {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        for octet in buffer {
            *octet = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}

fn password(text: &str) -> Option<Password> {
    Password::new(Zeroizing::new(text.to_owned()))
}

fn certificate() -> Vec<u8> {
    der::sequence(&[&der::octet_string(&[0xce; 40])])
}

fn key() -> Secret {
    Secret::new(der::sequence(&[&der::unsigned(0), &der::octet_string(&[0x4e; 40])]))
}

fn written(encryption: PfxEncryption, text: &str, derivations: &Derivations) -> Vec<u8> {
    let entry = PfxEntry {
        certificate: &certificate(),
        key_pkcs8: &key(),
        friendly_name: "Größe 🔑",
        key_container: "{0a1b2c3d-0000-1111-2222-333344445555}",
        provider: "Microsoft Enhanced Cryptographic Provider v1.0",
        machine_keyset: true,
    };
    let password = password(text);
    let draft = Draft::draw(encryption, password.is_some(), &mut Counting(0)).unwrap();
    draft.write(&entry, password.as_ref(), derivations).unwrap()
}

fn opened(bytes: &[u8], text: &str) -> Result<Pfx, PfxError> {
    read(bytes, password(text).as_ref(), &Derivations::default())
}

#[track_caller]
fn comes_back(encryption: PfxEncryption, text: &str, mac: &str, described: &str) {
    let derivations = Derivations::default();
    let bytes = written(encryption, text, &derivations);
    let pfx = read(&bytes, password(text).as_ref(), &derivations).unwrap();

    let [key_bag] = &pfx.keys[..] else { panic!("{} keys", pfx.keys.len()) };
    assert_eq!(key_bag.pkcs8.expose(), key().expose());
    let expected = BagAttributes {
        friendly_name: Some("{0a1b2c3d-0000-1111-2222-333344445555}".to_owned()),
        friendly_name_terminated: false,
        local_key_id: Some(vec![1, 0, 0, 0]),
        provider: Some("Microsoft Enhanced Cryptographic Provider v1.0".to_owned()),
        machine_keyset: true,
    };
    assert_eq!(key_bag.attributes, expected);

    let [certificate_bag] = &pfx.certificates[..] else { panic!("{} certificates", pfx.certificates.len()) };
    assert_eq!(certificate_bag.der, certificate());
    let expected = BagAttributes {
        friendly_name: Some("Größe 🔑".to_owned()),
        local_key_id: Some(vec![1, 0, 0, 0]),
        ..BagAttributes::default()
    };
    assert_eq!(certificate_bag.attributes, expected);

    assert_eq!(pfx.mac.unwrap().algorithm, mac);
    assert_eq!(pfx.encryption, [described, described]);
    assert_eq!((pfx.trailing_bytes, pfx.ber, pfx.skipped.len()), (0, false, 0));
}

#[test]
fn what_is_written_comes_back() {
    let long = "0123456789".repeat(20);
    for text in ["secret", "Paßwört 密码 🔐", &long] {
        comes_back(PfxEncryption::Modern, text, "HMAC-SHA256", "AES-256-CBC, PBKDF2 HMAC-SHA256, 100000 rounds");
        comes_back(PfxEncryption::Legacy, text, "HMAC-SHA1", "3DES, 2000 rounds");
    }
    comes_back(PfxEncryption::Modern, "", "HMAC-SHA256", "AES-256-CBC, PBKDF2 HMAC-SHA256, 2000 rounds");
    comes_back(PfxEncryption::Legacy, "", "HMAC-SHA1", "3DES, 2000 rounds");
}

#[test]
fn equal_entropy_gives_equal_files() {
    for encryption in [PfxEncryption::Modern, PfxEncryption::Legacy] {
        let first = written(encryption, "secret", &Derivations::default());
        assert_eq!(first, written(encryption, "secret", &Derivations::default()));
        assert_ne!(first, written(encryption, "another", &Derivations::default()));
    }
}

#[test]
fn reading_back_derives_nothing_again() {
    let derivations = Derivations::default();
    let bytes = written(PfxEncryption::Modern, "secret", &derivations);
    assert_eq!(derivations.made(), 3);
    read(&bytes, password("secret").as_ref(), &derivations).unwrap();
    assert_eq!(derivations.made(), 3);
    assert_eq!(read(&bytes, password("other").as_ref(), &derivations).err(), Some(PfxError::WrongPassword));
    assert_eq!(derivations.made(), 4);
}

#[test]
fn a_wrong_or_missing_password_is_told_as_such() {
    for encryption in [PfxEncryption::Modern, PfxEncryption::Legacy] {
        let bytes = written(encryption, "secret", &Derivations::default());
        assert_eq!(opened(&bytes, "Secret").err(), Some(PfxError::WrongPassword));
        assert_eq!(opened(&bytes, "").err(), Some(PfxError::PasswordNeeded));
        let bytes = written(encryption, "", &Derivations::default());
        assert_eq!(opened(&bytes, "secret").err(), Some(PfxError::WrongPassword));
    }
}

/// The values of a SEQUENCE.
fn parts(sequence: &[u8]) -> Vec<&[u8]> {
    let mut inside = Reader::new(sequence).value().unwrap().inside();
    std::iter::from_fn(|| inside.value().ok()).map(|value| value.encoding).collect()
}

fn explicit(value: &[u8]) -> Vec<u8> {
    der::encode(tag::constructed(0), value)
}

/// ContentInfo of plain data.
fn data(content: &[u8]) -> Vec<u8> {
    der::sequence(&[&der::oid(oid::DATA), &explicit(&der::octet_string(content))])
}

fn without_mac(bytes: &[u8]) -> Vec<u8> {
    der::sequence(&parts(bytes)[..2])
}

#[test]
fn without_a_mac_the_password_is_judged_by_what_it_decrypts() {
    for encryption in [PfxEncryption::Modern, PfxEncryption::Legacy] {
        let bytes = without_mac(&written(encryption, "secret", &Derivations::default()));
        let pfx = opened(&bytes, "secret").unwrap();
        assert_eq!((pfx.keys.len(), pfx.certificates.len(), pfx.mac), (1, 1, None));
        assert_eq!(opened(&bytes, "Secret").err(), Some(PfxError::WrongPassword));
        assert_eq!(opened(&bytes, "").err(), Some(PfxError::PasswordNeeded));
    }
}

#[test]
fn a_mac_of_unknown_kind_is_passed_over_and_said_to_be() {
    let bytes = written(PfxEncryption::Legacy, "secret", &Derivations::default());
    let sha1 = der::oid(&[0x2b, 14, 3, 2, 26]);
    let place = bytes.windows(sha1.len()).position(|window| window == sha1).unwrap();
    let mut unknown = bytes;
    unknown[place + sha1.len() - 1] = 99;
    let pfx = opened(&unknown, "secret").unwrap();
    let facts = MacFacts { algorithm: "1.3.14.3.2.99".to_owned(), iterations: 2000, checked: false };
    assert_eq!(pfx.mac, Some(facts));
    assert_eq!(opened(&unknown, "other").err(), Some(PfxError::WrongPassword));
}

/// Three of nine PFX files Qlik sites published: written over a longer file that was not truncated first.
#[test]
fn stray_octets_at_the_end_are_counted() {
    let mut bytes = written(PfxEncryption::Legacy, "", &Derivations::default());
    bytes.extend_from_slice(&[0x5a; 524]);
    let pfx = opened(&bytes, "").unwrap();
    assert_eq!((pfx.trailing_bytes, pfx.keys.len()), (524, 1));
}

/// NSS and old Java write this way.
#[test]
fn ber_is_read_and_said_to_be() {
    let bytes = written(PfxEncryption::Legacy, "secret", &Derivations::default());
    let [version, contents, mac] = parts(&bytes)[..] else { panic!() };
    let [data, octets] = parts(contents)[..] else { panic!() };
    let octets = Reader::new(octets).value().unwrap().inside().value().unwrap().content;
    let (first, second) = octets.split_at(octets.len() / 2);
    let split = [&[0x24, 0x80][..], &der::octet_string(first), &der::octet_string(second), &[0, 0]].concat();
    let contents = [&[0x30, 0x80][..], data, &[0xa0, 0x80], &split, &[0, 0, 0, 0]].concat();
    let ber = [&[0x30, 0x80][..], version, &contents, mac, &[0, 0], b"stray"].concat();
    let pfx = opened(&ber, "secret").unwrap();
    assert_eq!((pfx.ber, pfx.trailing_bytes, pfx.keys.len(), pfx.certificates.len()), (true, 5, 1, 1));
}

/// As Windows writes it: the certificate in clear, names with a terminator, and SafeContents within SafeContents.
#[test]
fn bags_in_clear_are_read() {
    let name = der::encode(tag::BMP_STRING, b"\0Q\0\0");
    let name = der::sequence(&[&der::oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 20]), &der::set(&[&name])]);
    let bag = |id, value: &[u8]| der::sequence(&[&der::oid(id), &explicit(value), &der::set(&[&name])]);
    let x509 = der::sequence(&[&der::oid(oid::X509_CERTIFICATE), &explicit(&der::octet_string(&certificate()))]);
    let bags = [
        bag(oid::CERTIFICATE_BAG, &x509),
        bag(oid::KEY_BAG, key().expose()),
        bag(oid::KEY_BAG, key().expose()),
        bag(oid::CRL_BAG, der::NULL),
        bag(&[0x2a, 3], der::NULL),
    ];
    let nested = bag(oid::SAFE_CONTENTS_BAG, &der::sequence(&[&bags.concat()]));
    let bytes = der::sequence(&[&der::unsigned(3), &data(&der::sequence(&[&data(&der::sequence(&[&nested]))]))]);

    let pfx = opened(&bytes, "").unwrap();
    assert_eq!((pfx.keys.len(), pfx.certificates.len()), (2, 1));
    assert_eq!(pfx.skipped, ["a CRL", "a bag of type 1.2.3"]);
    let attributes = &pfx.certificates[0].attributes;
    assert_eq!((attributes.friendly_name.as_deref(), attributes.friendly_name_terminated), (Some("Q"), true));
}

/// Two keys, a friendly name with its terminator, an attribute and bags nobody knows: octet for octet, in their order.
#[test]
fn whatever_was_read_is_written_again() {
    let attribute = |oid: &[u8], value: &[u8]| der::sequence(&[&der::oid(oid), &der::set(&[value])]);
    let name = attribute(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 20], &der::encode(tag::BMP_STRING, b"\0Q\0\0"));
    // Not in the order of DER, as some writers have it.
    let set = der::set(&[&attribute(&[0x2a, 3, 4], &der::octet_string(b"mine")), &name]);
    let secret = der::sequence(&[&der::oid(oid::SECRET_BAG), &explicit(&der::sequence(&[&der::oid(&[0x2a, 5])]))]);
    let enveloped = der::sequence(&[&der::oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 3]), &explicit(der::NULL)]);
    let (certificate, key, other) =
        (certificate(), key(), der::sequence(&[&der::unsigned(0), &der::octet_string(b"2")]));
    let contents = Contents {
        certificates: vec![Bag { value: &certificate, attributes: &set }, Bag { value: &certificate, attributes: &[] }],
        keys: vec![Bag { value: key.expose(), attributes: &set }, Bag { value: &other, attributes: &[] }],
        bags: vec![&secret],
        contents: vec![&enveloped],
    };
    for (encryption, text) in [(PfxEncryption::Modern, "secret"), (PfxEncryption::Legacy, "")] {
        let derivations = Derivations::default();
        let bytes = contents.write(encryption, password(text).as_ref(), &mut Counting(0), &derivations).unwrap();
        let pfx = read(bytes.expose(), password(text).as_ref(), &derivations).unwrap();
        let certificates: Vec<_> = pfx.certificates.iter().map(|one| (&one.der, &one.attributes_der)).collect();
        assert_eq!(certificates, [(&certificate, &set), (&certificate, &Vec::new())]);
        let keys: Vec<_> = pfx.keys.iter().map(|one| (one.pkcs8.expose(), &one.attributes_der)).collect();
        assert_eq!(keys, [(key.expose(), &set), (&other[..], &Vec::new())]);
        assert!(pfx.certificates[0].attributes.friendly_name_terminated);
        let rest = |parts: &[Secret]| parts.iter().map(|part| part.expose().to_vec()).collect::<Vec<_>>();
        assert_eq!((rest(&pfx.rest.bags), rest(&pfx.rest.contents)), (vec![secret.clone()], vec![enveloped.clone()]));
        assert_eq!((pfx.mac.unwrap().checked, pfx.skipped.len(), pfx.encryption.len()), (true, 2, 3));
    }
}

/// No password and the empty one are two things to PKCS#12, and both mean "no password" to people.
#[test]
fn both_meanings_of_no_password_are_tried() {
    let derivations = Derivations::default();
    let contents = der::sequence(&[&data(&der::sequence(&[]))]);
    for meaning in [Passphrase::Text(""), Passphrase::Absent] {
        let method = mac::Method::fresh::<8>(Hash::Sha1, 1, &mut Counting(0)).unwrap();
        let mac = method.encode(&contents, 1, meaning, &derivations).unwrap();
        let bytes = der::sequence(&[&der::unsigned(3), &data(&contents), &mac]);
        assert!(opened(&bytes, "").unwrap().mac.unwrap().checked);
        assert_eq!(opened(&bytes, "secret").err(), Some(PfxError::WrongPassword));
    }
}

/// The same file with another iteration count in its MAC, which is the last value in it.
fn with_mac_iterations(bytes: &[u8], iterations: u64) -> Vec<u8> {
    let [version, contents, mac] = parts(bytes)[..] else { panic!() };
    let [digest, salt, _] = parts(mac)[..] else { panic!() };
    let mac = der::sequence(&[digest, salt, &der::unsigned(iterations)]);
    der::sequence(&[version, contents, &mac])
}

#[test]
fn iterations_beyond_reason_are_refused_not_obeyed() {
    let bytes = written(PfxEncryption::Legacy, "secret", &Derivations::default());
    for value in [1_000_001, 1 << 31, 1 << 62] {
        let refused = PfxError::Limit { what: "the number of iterations", value, limit: 1_000_000 };
        assert_eq!(opened(&with_mac_iterations(&bytes, value), "secret").err(), Some(refused));
    }
    let zero = opened(&with_mac_iterations(&bytes, 0), "secret").err();
    assert_eq!(zero, Some(PfxError::Damaged("zero iterations")));
}

#[test]
fn many_bags_are_refused() {
    let bag = der::sequence(&[&der::oid(oid::CRL_BAG), &der::encode(tag::constructed(0), der::NULL)]);
    let safe = data(&der::sequence(&[&bag.repeat(100_000)]));
    let bytes = der::sequence(&[&der::unsigned(3), &data(&der::sequence(&[&safe]))]);
    assert_eq!(opened(&bytes, "").err(), Some(PfxError::Limit { what: "bags", value: 513, limit: 512 }));
}

#[test]
fn other_files_are_said_to_be_no_pfx() {
    for bytes in [&b""[..], b"\x30", b"-----BEGIN CERTIFICATE-----", &certificate(), key().expose()] {
        assert!(matches!(opened(bytes, ""), Err(PfxError::NotPfx(_))), "{bytes:02x?}");
    }
}

/// Without its MAC a damaged file is read to the end, so this reaches every parser.
#[test]
fn no_truncation_and_no_damaged_octet_panics() {
    let derivations = Derivations::default();
    let whole = written(PfxEncryption::Legacy, "", &derivations);
    for bytes in [without_mac(&whole), whole] {
        for length in 0..bytes.len() {
            assert!(read(&bytes[..length], None, &derivations).is_err(), "{length}");
        }
        let mut damaged = bytes.clone();
        for place in 0..bytes.len() {
            for octet in [0, 0x7f, 0x80, 0xff, bytes[place] ^ 1] {
                damaged[place] = octet;
                // Most of it is refused, and an attribute may well be another; all that counts is to come back.
                drop(read(&damaged, None, &derivations));
            }
            damaged[place] = bytes[place];
        }
    }
}

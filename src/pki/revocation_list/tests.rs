//! Lists written and read back, and lists that are not to be read. Strangers judge in tests/revocation.

use super::*;
use crate::pki::authority::Authority;
use crate::pki::der;
use crate::pki::entropy::SystemEntropy;
use crate::pki::key::{KeySize, PrivateKey};
use crate::pki::name::{MachineName, Underscore};
use crate::pki::profile::Profile;
use crate::pki::serial::{Serial, SerialKind};
use crate::pki::validity::Validity;
use std::sync::LazyLock;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

fn authority(profile: Profile) -> Authority {
    let host = MachineName::parse("site.test", Underscore::Refused).unwrap();
    let key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
    let serial = Serial::draw(SerialKind::Random, &mut SystemEntropy).unwrap();
    Authority::create(&host, profile, key, Validity::qlik(NOW).unwrap(), serial).unwrap()
}

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| authority(Profile::Compatible));

fn revoked(serial: &str, reason: Option<Reason>) -> Revoked {
    Revoked { serial: serial.to_owned(), at: NOW, reason }
}

fn list(revoked: &[Revoked], next_update: OffsetDateTime) -> Result<RevocationList, ListError> {
    NewList { number: 7, this_update: NOW, next_update, revoked }.sign(&AUTHORITY)
}

#[test]
fn what_is_written_is_read_back() {
    let entries = [revoked("8f01", Some(Reason::KeyCompromise)), revoked("01", None), revoked("7fffff", None)];
    let next = datetime!(2026-12-31 12:00:59 UTC);
    let made = list(&entries, next).unwrap();
    assert_eq!((made.number_as_u64(), made.this_update, made.next_update), (Some(7), NOW, Some(next)));
    assert_eq!(made.revoked, entries);
    assert_eq!(made.authority_key_id.as_deref(), AUTHORITY.certificate().subject_key_id());
    assert!(made.is_of(AUTHORITY.certificate()));
    assert!(!made.is_of(authority(Profile::Compatible).certificate()));
    assert!(made.revokes("8f01") && !made.revokes("8f"));
}

#[test]
fn an_empty_list_has_no_entries_and_a_root_without_key_usage_may_sign() {
    let root = authority(Profile::Qlik);
    let new = NewList { number: u64::MAX, this_update: NOW, next_update: NOW, revoked: &[] };
    let made = new.sign(&root).unwrap();
    assert_eq!((made.revoked.len(), made.number_as_u64()), (0, Some(u64::MAX)));
    // TBSCertList of an empty list: version, algorithm, issuer, two dates, extensions.
    let mut signed = Reader::new(&made.der).value().unwrap().inside().value().unwrap().inside();
    let tags: Vec<u8> = std::iter::from_fn(|| signed.value().ok()).map(|field| field.tag).collect();
    assert_eq!(tags, [0x02, 0x30, 0x30, 0x17, 0x17, 0xa0]);
}

#[test]
fn dates_are_written_by_their_year() {
    let made = list(&[], datetime!(2050-01-01 00:00 UTC)).unwrap();
    assert!(made.der.windows(17).any(|octets| octets == b"\x18\x0f20500101000000Z"));
    assert!(made.der.windows(15).any(|octets| octets == b"\x17\x0d261121120000Z"));
    assert_eq!(made.next_update, Some(datetime!(2050-01-01 00:00 UTC)));
    let early = NewList { number: 1, this_update: datetime!(1949-12-31 00:00 UTC), next_update: NOW, revoked: &[] };
    assert!(matches!(early.sign(&AUTHORITY), Err(ListError::Range)));
}

#[test]
fn serials_that_are_none_are_refused() {
    for serial in ["", "xy", "ü"] {
        assert!(matches!(list(&[revoked(serial, None)], NOW), Err(ListError::Serial(_))), "{serial}");
    }
    assert_eq!(octets("f01"), Some(vec![0x0f, 0x01]));
}

/// An entry that is passed over would be a certificate that is not revoked.
#[test]
fn a_list_is_read_whole_or_not_at_all() {
    let whole = list(&[revoked("11", None), revoked("22", None)], NOW).unwrap().der;
    for length in 0..whole.len() {
        assert!(RevocationList::parse(&whole[..length]).is_err(), "{length}");
    }
    let serial = der::large_unsigned(&[0x22]);
    let at = whole.windows(3).position(|octets| octets == serial).unwrap();
    let mut bent = whole.clone();
    bent[at] = tag::OCTET_STRING;
    assert_eq!(RevocationList::parse(&bent).unwrap_err(), "one of its entries cannot be read");
    let mut altered = whole;
    altered[at + 2] = 0x23;
    let altered = RevocationList::parse(&altered).unwrap();
    assert!(altered.revokes("23") && !altered.is_of(AUTHORITY.certificate()));
}

#[test]
fn times_have_the_forms_of_the_standard() {
    let read = |tag: u8, text: &[u8]| time(Reader::new(&der::encode(tag, text)).value().unwrap());
    assert_eq!(read(tag::UTC_TIME, b"500101000000Z"), Some(datetime!(1950-01-01 00:00 UTC)));
    assert_eq!(read(tag::UTC_TIME, b"491231235959Z"), Some(datetime!(2049-12-31 23:59:59 UTC)));
    assert_eq!(read(tag::UTC_TIME, b"2611211200Z"), Some(NOW));
    assert_eq!(read(tag::GENERALIZED_TIME, b"20261121120000Z"), Some(NOW));
    for (tag, text) in [
        (tag::UTC_TIME, &b"20261121120000Z"[..]),
        (tag::UTC_TIME, b"261121120000"),
        (tag::UTC_TIME, b"261321120000Z"),
        (tag::UTC_TIME, b"26112112000Z"),
        (tag::GENERALIZED_TIME, b"20261121120000.5Z"),
        (tag::GENERALIZED_TIME, b"20261121126000Z"),
        (tag::OCTET_STRING, b"261121120000Z"),
    ] {
        assert_eq!(read(tag, text), None, "{}", String::from_utf8_lossy(text));
    }
}

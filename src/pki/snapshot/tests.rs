//! A snapshot comes back as it went; what is none, too large or newer is told.

use super::*;
use time::macros::datetime;

fn snapshot() -> Snapshot {
    let key = KeyFacts {
        provider: Some("Microsoft Enhanced Cryptographic Provider v1.0".into()),
        kind: Some(KeyKind::Capi),
        container: Some("{12345678-0000-0000-0000-000000000000}".into()),
        machine_keyset: Some(true),
        exportable: Some(true),
        usable: None,
        problem: None,
    };
    let entry =
        Entry { der: vec![0x30, 3, 2, 1, 5], friendly_name: Some("host".into()), archived: false, key: Some(key) };
    let store = |location, name, certificates| Store { location, name, problem: None, certificates };
    Snapshot {
        made_by: "qcert 0.1.0".into(),
        taken_at: datetime!(2026-11-22 06:00 UTC),
        computer: "HOST".into(),
        domain: None,
        account: "DOMAIN\\service".into(),
        elevated: Some(true),
        system: Some("Microsoft Windows NT 10.0.20348.0".into()),
        stores: vec![
            store(Location::LocalMachine, StoreName::My, vec![entry]),
            store(Location::CurrentUser, StoreName::Ca, Vec::new()),
        ],
        schannel: Schannel { send_trusted_issuer_list: Some(0) },
    }
}

fn parse(text: &str) -> Result<Snapshot, SnapshotError> {
    Snapshot::parse(text.as_bytes())
}

#[test]
fn a_snapshot_comes_back_as_it_went() {
    let (snapshot, written) = (snapshot(), snapshot().write());
    let text = String::from_utf8(written.clone()).unwrap();
    assert!(text.starts_with("{\n  \"qcert_snapshot\": 1,\n") && text.contains("\"2026-11-22T06:00:00Z\""), "{text}");
    assert!(text.contains("\"name\": \"CA\"") && text.contains("\"kind\": \"capi\""), "{text}");
    assert_eq!(Snapshot::parse(&written).as_ref(), Ok(&snapshot));
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(Snapshot::parse(&[&b"\xff\xfe"[..], &little].concat()).as_ref(), Ok(&snapshot));
    assert_eq!(Snapshot::parse(&[&b"\xef\xbb\xbf"[..], &written].concat()).as_ref(), Ok(&snapshot));
    assert_eq!(snapshot.store(Location::CurrentUser, StoreName::Ca).unwrap().path(), "CurrentUser\\CA");
}

#[test]
fn what_is_optional_may_be_missing_and_what_is_unknown_is_passed_over() {
    let least = r#"{"computer":"H","account":"a","later":[{}],"made_by":"script","taken_at":"2026-11-22T07:00:00+01:00",
        "stores":[{"location":"LocalMachine","name":"Root","certificates":null},
                  {"location":"CurrentUser","name":"My","certificates":{"value":[{"der":"MAMCAQU="}],"Count":1}},
                  {"location":"Services","name":"Disallowed","certificates":[{"der":"MAMCAQU=","key":{"kind":"tpm"}}]}],
        "qcert_snapshot":1}"#;
    let snapshot = parse(least).unwrap();
    assert_eq!(snapshot.taken_at, datetime!(2026-11-22 06:00 UTC));
    assert_eq!((&snapshot.domain, snapshot.elevated, snapshot.schannel), (&None, None, Schannel::default()));
    assert_eq!(snapshot.stores[0].certificates, Vec::new());
    assert_eq!(snapshot.stores[1].certificates[0].der, [0x30, 3, 2, 1, 5]);
    assert_eq!(snapshot.stores[2].location, Location::Other);
    assert_eq!(snapshot.stores[2].certificates[0].key.as_ref().unwrap().kind, Some(KeyKind::Other));
}

/// No list is no empty list, and no word of a key is not that there is none.
#[test]
fn what_was_not_told_is_not_known() {
    let store = |fields: &str| {
        let written = format!(
            r#"{{"qcert_snapshot":1,"computer":"H","account":"a","made_by":"m","taken_at":"2026-11-22T07:00:00Z",
            "stores":[{{"location":"LocalMachine","name":"My"{fields}}}]}}"#
        );
        parse(&written).unwrap().stores.remove(0)
    };
    for unread in ["", r#","certificates":null"#, r#","certificates":null,"problem":null"#] {
        assert_eq!(store(unread).problem.as_deref(), Some("the snapshot has no list of its certificates"), "{unread}");
    }
    assert_eq!(store(r#","certificates":null,"problem":"denied""#).problem.as_deref(), Some("denied"));
    assert_eq!(store(r#","certificates":[]"#).problem, None);
    let key =
        |field: &str| store(&format!(r#","certificates":[{{"der":"MAMCAQU="{field}}}]"#)).certificates.remove(0).key;
    assert_eq!(key(r#","key":null"#), None);
    assert_eq!(key(r#","key":{}"#), Some(KeyFacts::default()));
    assert_eq!(key("").map(|key| (key.usable, key.problem.is_some())), Some((None, true)));
}

#[test]
fn what_is_none_or_a_newer_one_is_told() {
    assert_eq!(parse(r#"{"qcert_snapshot":2,"all":"else"}"#), Err(SnapshotError::Newer(2)));
    for none in
        ["", "{}", "[]", "text", "{\"a\":{\"qcert_snapshot\":1}}", "{\"a\":\"qcert_snapshot\"}", "\"qcert_snapshot\""]
    {
        assert_eq!(parse(none), Err(SnapshotError::None), "{none}");
    }
    let written = String::from_utf8(snapshot().write()).unwrap();
    for end in [30, written.len() / 2, written.len() - 3] {
        assert_eq!(parse(&written[..end]), Err(SnapshotError::Cut), "{end}");
    }
    for (old, new, why) in [
        ("MAMCAQU=", "MAM!AQU=", "`!` is not base64"),
        ("2026-11-22T06:00:00Z", "yesterday", "`taken_at` is not a time"),
        ("\"qcert_snapshot\": 1", "\"qcert_snapshot\": \"1\"", "invalid type"),
        ("\"qcert_snapshot\": 1", "\"qcert_snapshot\": 0", "its number is 0"),
        ("\"computer\": \"HOST\",", "", "missing field `computer`"),
    ] {
        let Err(SnapshotError::Malformed(text)) = parse(&written.replace(old, new)) else { panic!("{new}") };
        assert!(text.contains(why), "{text}");
    }
}

#[test]
fn what_it_may_cost_is_bounded() {
    let mut large = snapshot();
    large.stores[0].certificates[0].friendly_name = Some("ü".repeat(MOST_TEXT + 5));
    let read = Snapshot::parse(&large.write()).unwrap();
    let name = read.stores[0].certificates[0].friendly_name.clone().unwrap();
    assert_eq!((name.chars().count(), name.ends_with("ü…")), (MOST_TEXT + 1, true));
    let entry = Entry { der: Vec::new(), friendly_name: None, archived: false, key: None };
    large.stores[1].certificates = vec![entry.clone(); MOST_CERTIFICATES];
    assert_eq!(Snapshot::parse(&large.write()), Err(SnapshotError::TooMany));
    large.stores[1].certificates.push(entry);
    assert!(matches!(Snapshot::parse(&large.write()), Err(SnapshotError::Malformed(_))));
    large.stores = vec![large.stores.remove(0); MOST_STORES + 1];
    assert!(matches!(Snapshot::parse(&large.write()), Err(SnapshotError::Malformed(_))));
    assert_eq!(Snapshot::parse(&vec![b' '; LIMIT + 1]), Err(SnapshotError::Large));
    let deep = format!("{{\"qcert_snapshot\":1,\"stores\":{}", "[".repeat(1 << 20));
    assert!(parse(&deep).is_err());
}

//! Files with several objects inside: PFX and PKCS#7.

use super::super::der::{DerError, Reader, Value, tag};
use super::super::pfx::{self, PfxError, PfxPassword, Rest, Survey};
use super::key;
use super::object;
use super::read::{Desk, MOST_OBJECTS};
use super::{Damage, Key, KeyForm, KeyState, Object, PfxContent, PfxEntry, PfxState, What};

/// A PFX and the octets after it.
pub(super) fn pfx(desk: &mut Desk<'_>, bytes: &[u8]) -> (What, usize) {
    let survey = match pfx::survey(bytes) {
        Ok(survey) => survey,
        Err(PfxError::Der(error)) => {
            let whole = Reader::new(bytes).value().is_ok();
            let cut = error == DerError::Truncated && !whole;
            let why = if cut { "it ends too early".to_owned() } else { error.to_string() };
            return (What::Damaged(Damage { kind: "a PFX", why, cut, over_limit: false }), 0);
        }
        Err(error) => return (What::Pfx(Box::new(closed(Survey::default(), state_of(error)))), 0),
    };
    let trailing = survey.trailing_bytes;
    let content = match pfx::open(bytes, desk.passwords, desk.derivations, &mut desk.limits) {
        Ok((contents, password)) => {
            // Also what lies inside of encrypted parts, in the order of the file.
            let (encryption, key_encryption) = (contents.encryption, contents.key_encryption);
            let certificates = contents.certificates.into_iter().map(|entry| {
                let what = object::certificate(&entry.der);
                PfxEntry {
                    object: Object { label: None, line: None, what },
                    attributes: entry.attributes,
                    attributes_der: entry.attributes_der,
                }
            });
            let mut entries: Vec<_> = certificates.collect();
            for entry in contents.keys {
                let state = key::pkcs8(desk, entry.pkcs8.expose()).unwrap_or_else(KeyState::Damaged);
                let private = key::kept(desk, &state, entry.pkcs8.expose());
                let what = What::Key(Key { form: KeyForm::Pkcs8, encryption: None, state, private });
                entries.push(PfxEntry {
                    object: Object { label: None, line: None, what },
                    attributes: entry.attributes,
                    attributes_der: entry.attributes_der,
                });
            }
            let protected = contents.mac.is_some() || !encryption.is_empty();
            PfxContent {
                state: PfxState::Open(password),
                mac: contents.mac,
                encryption,
                key_encryption,
                trailing_bytes: trailing,
                ber: contents.ber,
                entries,
                skipped: contents.skipped,
                rest: if desk.keeps_keys { contents.rest } else { Rest::default() },
                given_passwords_failed: protected && password != PfxPassword::Given && !desk.passwords.is_empty(),
            }
        }
        Err(error) => {
            let wrong = error == PfxError::WrongPassword;
            PfxContent { given_passwords_failed: wrong, ..closed(survey, state_of(error)) }
        }
    };
    (What::Pfx(Box::new(content)), trailing)
}

fn closed(survey: Survey, state: PfxState) -> PfxContent {
    PfxContent {
        state,
        mac: survey.mac,
        encryption: survey.encryption,
        key_encryption: survey.key_encryption,
        trailing_bytes: survey.trailing_bytes,
        ber: survey.ber,
        entries: Vec::new(),
        skipped: Vec::new(),
        rest: Rest::default(),
        given_passwords_failed: false,
    }
}

fn state_of(error: PfxError) -> PfxState {
    match error {
        PfxError::WrongPassword => PfxState::WrongPassword,
        PfxError::PasswordNeeded => PfxState::PasswordNeeded,
        PfxError::Unsupported(what) => PfxState::Unsupported(what),
        PfxError::Limit { .. } | PfxError::OtherPasswordInside(_) => PfxState::Unsupported(error.to_string()),
        PfxError::Damaged(what) => PfxState::Damaged(what.to_owned()),
        PfxError::Der(error) => PfxState::Damaged(error.to_string()),
        error => PfxState::Damaged(error.to_string()),
    }
}

/// The certificates and CRLs of SignedData (RFC 5652 5.1), and the octets after it.
pub(super) fn pkcs7(desk: &mut Desk<'_>, bytes: &[u8]) -> (What, usize) {
    let damaged = |why: String, cut| (What::Damaged(Damage { kind: "a PKCS#7 file", why, cut, over_limit: false }), 0);
    let (converted, trailing) = match Reader::new(bytes).value() {
        Ok(value) => (None, bytes.len() - value.encoding.len()),
        Err(DerError::Truncated) => return damaged("it ends too early".to_owned(), true),
        Err(_) => match pfx::to_der(bytes) {
            Ok(converted) => (Some(converted.der), converted.trailing),
            Err(PfxError::Der(DerError::Truncated)) => return damaged("it ends too early".to_owned(), true),
            Err(error) => return damaged(error.to_string(), false),
        },
    };
    let der = converted.as_ref().map_or(bytes, |der| der.as_slice());
    match signed_data(desk, der) {
        Ok(what) => (what, trailing),
        // Open lengths inside of an outer SEQUENCE of known length.
        Err(DerError::Length) if converted.is_none() => match pfx::to_der(bytes) {
            Ok(der) => {
                (signed_data(desk, &der.der).unwrap_or_else(|error| damaged(error.to_string(), false).0), trailing)
            }
            Err(error) => damaged(error.to_string(), false),
        },
        Err(error) => damaged(error.to_string(), false),
    }
}

fn signed_data(desk: &mut Desk<'_>, der: &[u8]) -> Result<What, DerError> {
    let mut info = Reader::new(der).expect(tag::SEQUENCE, "ContentInfo")?.inside();
    let kind = info.expect(tag::OID, "the content's type")?.content;
    // 1.2.840.113549.1.7.2
    if kind.get(8..) != Some(&[2]) {
        return Ok(What::Other("PKCS#7 without certificates".to_owned()));
    }
    let content = info.expect(tag::constructed(0), "the content")?;
    let mut fields = content.inside().expect(tag::SEQUENCE, "SignedData")?.inside();
    fields.expect(tag::INTEGER, "the version")?;
    fields.expect(tag::SET, "the digest algorithms")?;
    fields.expect(tag::SEQUENCE, "what is signed")?;
    let mut objects = Vec::new();
    for (number, list) in [(0, false), (1, true)] {
        let Some(set) = fields.optional(tag::constructed(number))? else { continue };
        elements(desk, set, list, &mut objects)?;
    }
    Ok(What::Pkcs7(objects))
}

fn elements(desk: &mut Desk<'_>, set: Value<'_>, list: bool, objects: &mut Vec<Object>) -> Result<(), DerError> {
    let mut elements = set.inside();
    while !elements.is_empty() {
        let element = elements.value()?;
        let what = if objects.len() < MOST_OBJECTS {
            object::in_set(desk, element, list)
        } else {
            let why = format!("it holds more than {MOST_OBJECTS} objects: the others were not looked at");
            objects.push(Object {
                label: None,
                line: None,
                what: What::Damaged(Damage::over_limit("a PKCS#7 file", why)),
            });
            return Ok(());
        };
        objects.push(Object { label: None, line: None, what });
    }
    Ok(())
}

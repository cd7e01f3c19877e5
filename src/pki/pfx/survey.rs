//! What a PFX tells without its password: MAC, encryption, form. Nothing is derived and nothing decrypted here.

use super::super::der::{Reader, Value, tag};
use super::super::encryption::{Algorithm, EncryptionError, Limits};
use super::ber::to_der;
use super::read::{outer_der, parse_content_info, parse_outer};
use super::{MacFacts, PfxError, oid};

/// More parts say nothing new.
const MOST_PARTS: usize = 512;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    pub mac: Option<MacFacts>,
    /// One for each encrypted part that can be seen, in the order of the file. Those inside of others cannot.
    pub encryption: Vec<String>,
    /// Those among `encryption` that protect a private key by itself.
    pub key_encryption: Vec<String>,
    pub trailing_bytes: usize,
    pub ber: bool,
}

/// Fails where not even the outer structure can be read.
pub fn survey(bytes: &[u8]) -> Result<Survey, PfxError> {
    let outer = outer_der(bytes)?;
    let (contents, mac) = parse_outer(&outer.der, &mut Limits::none())?;
    let safes = to_der(contents)?;
    let mut survey = Survey {
        mac: mac.map(|mac| mac.facts),
        encryption: Vec::new(),
        key_encryption: Vec::new(),
        trailing_bytes: outer.trailing,
        ber: outer.was_ber || safes.was_ber,
    };
    // What is damaged further in, the reading says; what stands before it is kept.
    _ = survey.parts(&safes.der);
    Ok(survey)
}

impl Survey {
    fn parts(&mut self, authenticated_safe: &[u8]) -> Result<(), PfxError> {
        let mut safes = Reader::new(authenticated_safe).expect(tag::SEQUENCE, "AuthenticatedSafe")?.inside();
        while !safes.is_empty() && self.encryption.len() < MOST_PARTS {
            let (content_type, content) = parse_content_info(&mut safes)?;
            match content_type {
                oid::ENCRYPTED_DATA => {
                    let mut data = content.inside().expect(tag::SEQUENCE, "EncryptedData")?.inside();
                    data.expect(tag::INTEGER, "EncryptedData's version")?;
                    let mut info = data.expect(tag::SEQUENCE, "EncryptedContentInfo")?.inside();
                    info.expect(tag::OID, "the type of what is encrypted")?;
                    self.describe(info.expect(tag::SEQUENCE, "the encryption")?);
                }
                oid::DATA => {
                    let contents = content.inside().expect(tag::OCTET_STRING, "SafeContents")?.content;
                    self.bags(&to_der(contents)?.der)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn bags(&mut self, safe_contents: &[u8]) -> Result<(), PfxError> {
        let mut bags = Reader::new(safe_contents).expect(tag::SEQUENCE, "SafeContents")?.inside();
        while !bags.is_empty() && self.encryption.len() < MOST_PARTS {
            let mut bag = bags.expect(tag::SEQUENCE, "a bag")?.inside();
            if bag.expect(tag::OID, "a bag's type")?.content == oid::SHROUDED_KEY_BAG {
                let content = bag.expect(tag::constructed(0), "a bag's content")?;
                let mut info = content.inside().expect(tag::SEQUENCE, "an encrypted private key")?.inside();
                self.describe(info.expect(tag::SEQUENCE, "the key's encryption")?);
                self.key_encryption.extend(self.encryption.last().cloned());
            }
        }
        Ok(())
    }

    fn describe(&mut self, algorithm: Value<'_>) {
        self.encryption.push(match Algorithm::parse(algorithm, &mut Limits::none()) {
            Ok(algorithm) => algorithm.to_string(),
            Err(EncryptionError::Unsupported(identifier)) => identifier,
            Err(error) => error.to_string(),
        });
    }
}

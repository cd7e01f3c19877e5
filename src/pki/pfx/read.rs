//! Reading a PFX from anybody, honest or not: everything is bounded, and nothing is believed before it is checked.

use super::super::der::{self, DerError, Reader, Value, tag};
use super::super::encryption::{Algorithm, Derivations, EncryptionError, Limits, Passphrase};
use super::super::secret::{Password, Secret};
use super::ber::{Converted, joined, to_der};
use super::mac::Mac;
use super::{Pfx, PfxCertificate, PfxError, PfxKey, PfxPassword, attributes, oid};

/// What `ber` may hold of it at once, one copy for each level, stays within 128 MiB.
const MAX_SIZE: usize = 4 << 20;
const MAX_BAGS: usize = 512;
/// Of SafeContents within SafeContents, which nobody writes.
const MAX_SAFE_DEPTH: usize = 4;

/// Opens a file. Without a password both meanings of that are tried: the empty password, and none.
pub fn read(bytes: &[u8], password: Option<&Password>, derivations: &Derivations) -> Result<Pfx, PfxError> {
    let candidates = match password {
        Some(_) => vec![(Passphrase::from(password), PfxPassword::Given)],
        None => WITHOUT_PASSWORD.to_vec(),
    };
    try_each(bytes, &candidates, derivations, &mut Limits::default()).map(|(contents, _)| contents)
}

/// Opens a file with whichever of these passwords is its own, else without one, and says what it was.
pub fn open(
    bytes: &[u8],
    passwords: &[Password],
    derivations: &Derivations,
    limits: &mut Limits,
) -> Result<(Pfx, PfxPassword), PfxError> {
    let given = passwords.iter().map(|password| (Passphrase::from(Some(password)), PfxPassword::Given));
    let candidates: Vec<_> = given.chain(WITHOUT_PASSWORD).collect();
    try_each(bytes, &candidates, derivations, limits)
}

const WITHOUT_PASSWORD: [(Passphrase<'_>, PfxPassword); 2] =
    [(Passphrase::Text(""), PfxPassword::Empty), (Passphrase::Absent, PfxPassword::None)];

fn try_each(
    bytes: &[u8],
    candidates: &[(Passphrase<'_>, PfxPassword)],
    derivations: &Derivations,
    limits: &mut Limits,
) -> Result<(Pfx, PfxPassword), PfxError> {
    let outer = outer_der(bytes)?;
    let before = limits.left();
    let (contents, mac) = parse_outer(&outer.der, limits)?;
    let work_of_mac = before - limits.left();
    let safes = to_der(contents)?;
    for (at, (password, kind)) in candidates.iter().enumerate() {
        if at > 0
            && let Err(error) = limits.spend(work_of_mac)
        {
            match kind {
                PfxPassword::Given => return Err(error.into()),
                // All that were given have been tried.
                PfxPassword::Empty | PfxPassword::None => break,
            }
        }
        let proof = mac.as_ref().map_or(Ok(None), |mac| mac.proves(contents, *password, derivations))?;
        if proof == Some(false) {
            continue;
        }
        let opening = Opening {
            password: *password,
            proven: proof == Some(true),
            derivations,
            limits,
            bags: 0,
            found: Pfx {
                mac: mac.as_ref().map(|mac| mac.facts.clone()),
                trailing_bytes: outer.trailing,
                ber: outer.was_ber || safes.was_ber,
                ..Pfx::default()
            },
        };
        match opening.open(&safes.der) {
            Err(PfxError::WrongPassword) => {}
            Err(error) => return Err(error),
            Ok(found) => {
                let needed = proof == Some(true) || !found.encryption.is_empty();
                return Ok((found, if needed { *kind } else { PfxPassword::None }));
            }
        }
    }
    let given = candidates.iter().any(|(_, kind)| *kind == PfxPassword::Given);
    Err(if given { PfxError::WrongPassword } else { PfxError::PasswordNeeded })
}

pub(super) fn outer_der(bytes: &[u8]) -> Result<Converted, PfxError> {
    if bytes.len() > MAX_SIZE {
        return Err(PfxError::Limit { what: "octets", value: bytes.len() as u64, limit: MAX_SIZE as u64 });
    }
    if !looks_like_pfx(bytes) {
        return Err(PfxError::NotPfx("it does not begin with a SEQUENCE and the version 3"));
    }
    to_der(bytes)
}

/// A SEQUENCE of whatever length and in it the INTEGER 3: no certificate, key or CSR begins like this. So does what is
/// left of a PFX that was cut off.
pub fn looks_like_pfx(bytes: &[u8]) -> bool {
    let [tag::SEQUENCE, length, ..] = *bytes else { return false };
    let header = 2 + if length > 0x80 { usize::from(length & 0x7f) } else { 0 };
    bytes.get(header..).is_some_and(|inside| inside.starts_with(&[tag::INTEGER, 1, 3]))
}

/// PFX ::= version, authSafe, macData (RFC 7292 4).
pub(super) fn parse_outer<'a>(der: &'a [u8], limits: &mut Limits) -> Result<(&'a [u8], Option<Mac<'a>>), PfxError> {
    let mut fields = Reader::new(der).expect(tag::SEQUENCE, "the outer SEQUENCE")?.inside();
    fields.expect(tag::INTEGER, "the version")?;
    let (content_type, content) = parse_content_info(&mut fields)?;
    if content_type != oid::DATA {
        // Signed instead of MACed, which RFC 7292 allows and nobody writes.
        return Err(PfxError::Unsupported(der::dotted(content_type)));
    }
    let contents = content.inside().expect(tag::OCTET_STRING, "the contents")?.content;
    let mac = fields.optional(tag::SEQUENCE)?.map(|mac| Mac::parse(mac, limits)).transpose()?;
    Ok((contents, mac))
}

/// Type and content, the latter with its `[0]` around it.
pub(super) fn parse_content_info<'a>(fields: &mut Reader<'a>) -> Result<(&'a [u8], Value<'a>), DerError> {
    let mut info = fields.expect(tag::SEQUENCE, "a ContentInfo")?.inside();
    let content_type = info.expect(tag::OID, "a content type")?.content;
    Ok((content_type, info.expect(tag::constructed(0), "a content")?))
}

/// One attempt with one password.
struct Opening<'a> {
    password: Passphrase<'a>,
    /// The MAC has shown the password to be right.
    proven: bool,
    derivations: &'a Derivations,
    limits: &'a mut Limits,
    bags: usize,
    found: Pfx,
}

impl Opening<'_> {
    fn open(mut self, authenticated_safe: &[u8]) -> Result<Pfx, PfxError> {
        let mut safes = Reader::new(authenticated_safe).expect(tag::SEQUENCE, "AuthenticatedSafe")?.inside();
        while !safes.is_empty() {
            let (content_type, content) = parse_content_info(&mut safes)?;
            match content_type {
                oid::DATA => {
                    let contents = content.inside().expect(tag::OCTET_STRING, "SafeContents")?.content;
                    let contents = to_der(contents)?;
                    self.safe_contents(&contents)?;
                }
                oid::ENCRYPTED_DATA => self.encrypted_data(content)?,
                // EnvelopedData, for the holder of some private key, is the only other one the RFC has.
                _ => {
                    self.found.skipped.push(format!("contents of type {}", der::dotted(content_type)));
                    let info = der::sequence(&[&der::oid(content_type), content.encoding]);
                    self.found.rest.contents.push(Secret::new(info));
                }
            }
        }
        Ok(self.found)
    }

    /// EncryptedData (RFC 5652 8).
    fn encrypted_data(&mut self, content: Value<'_>) -> Result<(), PfxError> {
        let mut data = content.inside().expect(tag::SEQUENCE, "EncryptedData")?.inside();
        data.expect(tag::INTEGER, "EncryptedData's version")?;
        let mut info = data.expect(tag::SEQUENCE, "EncryptedContentInfo")?.inside();
        info.expect(tag::OID, "the type of what is encrypted")?;
        let algorithm = info.expect(tag::SEQUENCE, "the encryption")?;
        let content = info.value()?;
        let plain = if content.tag == tag::constructed(0) {
            self.decrypt(algorithm, &joined(content.content)?, "a part")?
        } else if content.tag == tag::context(0) {
            self.decrypt(algorithm, content.content, "a part")?
        } else {
            return Err(DerError::Unexpected("the encrypted content").into());
        };
        let contents = to_der(plain.expose()).map_err(|error| self.judge(error))?;
        self.safe_contents(&contents)
    }

    fn decrypt(&mut self, algorithm: Value<'_>, ciphertext: &[u8], what: &'static str) -> Result<Secret, PfxError> {
        let algorithm = Algorithm::parse(algorithm, self.limits)?;
        self.found.encryption.push(algorithm.to_string());
        // The ciphers of old are slow: what a megabyte of it costs, in rounds of SHA-256.
        self.limits.spend(ciphertext.len() as u64 / 2)?;
        algorithm.decrypt(self.password, ciphertext, self.derivations).map_err(|error| match error {
            EncryptionError::WrongPasswordOrDamaged if self.proven => PfxError::OtherPasswordInside(what),
            error => error.into(),
        })
    }

    /// Nonsense that came out of a decryption is a wrong password's, unless the MAC has proven the password.
    fn judge(&self, error: PfxError) -> PfxError {
        if self.proven { error } else { PfxError::WrongPassword }
    }

    fn safe_contents(&mut self, contents: &Converted) -> Result<(), PfxError> {
        self.found.ber |= contents.was_ber;
        let sequence = Reader::new(&contents.der).expect(tag::SEQUENCE, "SafeContents");
        self.bags(sequence.map_err(|error| self.judge(error.into()))?, 0)
    }

    fn bags(&mut self, safe_contents: Value<'_>, depth: usize) -> Result<(), PfxError> {
        if depth > MAX_SAFE_DEPTH {
            let (value, limit) = (depth as u64, MAX_SAFE_DEPTH as u64);
            return Err(PfxError::Limit { what: "nested SafeContents", value, limit });
        }
        let mut bags = safe_contents.inside();
        while !bags.is_empty() {
            self.bags += 1;
            if self.bags > MAX_BAGS {
                return Err(PfxError::Limit { what: "bags", value: self.bags as u64, limit: MAX_BAGS as u64 });
            }
            self.bag(bags.expect(tag::SEQUENCE, "a bag")?, depth)?;
        }
        Ok(())
    }

    fn bag(&mut self, bag: Value<'_>, depth: usize) -> Result<(), PfxError> {
        let mut fields = bag.inside();
        let id = fields.expect(tag::OID, "a bag's type")?.content;
        let value = fields.expect(tag::constructed(0), "a bag's content")?;
        let set = fields.optional(tag::SET)?;
        let attributes = set.map(attributes::parse).transpose()?.unwrap_or_default();
        let attributes_der = set.map(|set| set.encoding.to_vec()).unwrap_or_default();
        match id {
            oid::KEY_BAG => {
                let key = value.inside().expect(tag::SEQUENCE, "a private key")?;
                let pkcs8 = Secret::new(key.encoding.to_vec());
                self.found.keys.push(PfxKey { pkcs8, attributes, attributes_der });
            }
            oid::SHROUDED_KEY_BAG => {
                let pkcs8 = self.shrouded_key(value)?;
                self.found.keys.push(PfxKey { pkcs8, attributes, attributes_der });
            }
            oid::CERTIFICATE_BAG => match parse_certificate(value)? {
                Ok(der) => {
                    self.found.certificates.push(PfxCertificate { der: der.to_vec(), attributes, attributes_der });
                }
                Err(other) => self.skip(bag, format!("a certificate of type {}", der::dotted(other))),
            },
            oid::SAFE_CONTENTS_BAG => {
                self.found.rest.nested = true;
                self.bags(value.inside().expect(tag::SEQUENCE, "nested SafeContents")?, depth + 1)?;
            }
            oid::CRL_BAG => self.skip(bag, "a CRL".to_owned()),
            oid::SECRET_BAG => self.skip(bag, "a secret".to_owned()),
            _ => self.skip(bag, format!("a bag of type {}", der::dotted(id))),
        }
        Ok(())
    }

    fn skip(&mut self, bag: Value<'_>, what: String) {
        self.found.skipped.push(what);
        self.found.rest.bags.push(Secret::new(bag.encoding.to_vec()));
    }

    fn shrouded_key(&mut self, value: Value<'_>) -> Result<Secret, PfxError> {
        let mut info = value.inside().expect(tag::SEQUENCE, "an encrypted private key")?.inside();
        let algorithm = info.expect(tag::SEQUENCE, "the key's encryption")?;
        let ciphertext = info.expect(tag::OCTET_STRING, "the encrypted key")?.content;
        let key = self.decrypt(algorithm, ciphertext, "a private key")?;
        self.found.key_encryption.extend(self.found.encryption.last().cloned());
        match Reader::new(key.expose()).expect(tag::SEQUENCE, "a private key") {
            Ok(_) => Ok(key),
            Err(_) if self.proven => Err(PfxError::OtherPasswordInside("a private key")),
            Err(_) => Err(PfxError::WrongPassword),
        }
    }
}

/// The certificate in a bag, or the type of another one (SDSI, which nobody uses).
fn parse_certificate(bag: Value<'_>) -> Result<Result<&[u8], &[u8]>, DerError> {
    let mut fields = bag.inside().expect(tag::SEQUENCE, "a certificate bag")?.inside();
    let certificate_type = fields.expect(tag::OID, "a certificate's type")?.content;
    if certificate_type != oid::X509_CERTIFICATE {
        return Ok(Err(certificate_type));
    }
    let certificate = fields.expect(tag::constructed(0), "a certificate")?;
    Ok(Ok(certificate.inside().expect(tag::OCTET_STRING, "a certificate")?.content))
}

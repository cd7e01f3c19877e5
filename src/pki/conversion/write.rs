//! The new files: what was sorted into units, encoded.

use super::super::bundle::{CERTIFICATE_LABEL, ENCRYPTED_KEY_LABEL, KEY_ITERATIONS, Privacy, RSA_KEY_LABEL};
use super::super::certificate::Certificate;
use super::super::encryption::{Algorithm, Derivations, Scheme};
use super::super::entropy::Entropy;
use super::super::pem;
use super::super::pfx::{Bag, Contents, PfxEncryption};
use super::super::profile::Role;
use super::super::secret::{Password, Secret};
use super::gather::{HeldKey, Holdings};
use super::names::role;
use super::units::Unit;
use super::{ConversionError, Target, remarks};

/// How the new files are to be.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    pub target: Target,
    pub pfx: PfxEncryption,
    /// Of the new files; `None` leaves keys open and gives a PFX the empty password.
    pub password: Option<&'a Password>,
    /// All in one file of this name.
    pub one: Option<&'a str>,
}

#[derive(Debug)]
pub struct Conversion<'a> {
    pub files: Vec<NewFile<'a>>,
    /// What the new files have no place for, and what else a person should know.
    pub remarks: Vec<String>,
    /// Several certificates of one role: a person has to say which is meant.
    pub doubles: Vec<String>,
}

#[derive(Debug)]
pub struct NewFile<'a> {
    pub name: String,
    pub privacy: Privacy,
    pub bytes: Secret,
    /// Text, as against DER.
    pub is_text: bool,
    pub(super) unit: Unit<'a>,
}

/// One thing in a new file.
#[derive(Debug)]
pub struct Held<'a> {
    /// Absent of a key.
    pub certificate: Option<&'a Certificate>,
    /// In Qlik's terms; of a key that of its certificate.
    pub role: Option<Role>,
    /// The file it came from.
    pub from: &'a str,
}

impl NewFile<'_> {
    pub fn holds(&self) -> impl Iterator<Item = Held<'_>> {
        let certificates = self.unit.certificates.iter().map(|part| Held {
            certificate: Some(&part.held.certificate),
            role: role(&part.held.certificate),
            from: &part.held.from.file,
        });
        let keys = self.unit.keys.iter().map(|part| Held {
            certificate: None,
            role: self.unit.role_of_key(part.held),
            from: &part.held.from.file,
        });
        certificates.chain(keys)
    }

    /// Further bags in words.
    pub fn also_holds(&self) -> impl Iterator<Item = &str> {
        self.unit.rests.iter().flat_map(|pfx| pfx.skipped.iter().map(String::as_str))
    }

    pub fn is_pfx(&self) -> bool {
        self.unit.target == Target::Pfx
    }
}

impl Holdings {
    /// The new files in memory. They are to be checked (`Conversion::check`) before they are put anywhere.
    pub fn convert(
        &self,
        wish: &Wish<'_>,
        entropy: &mut impl Entropy,
        derivations: &Derivations,
    ) -> Result<Conversion<'_>, ConversionError> {
        let named = match wish.target {
            Target::Pfx => self.as_pfx(wish.one.is_some(), entropy)?,
            Target::Pem => self.one_by_one(Target::Pem),
            Target::Der => self.one_by_one(Target::Der),
        };
        let mut remarks = self.remarks.clone();
        remarks.extend(remarks::lost(self, wish));
        let doubles = remarks::doubles(&named);
        let mut files = Vec::new();
        if let (Some(_), 2..) = (wish.one, named.len()) {
            return Err(ConversionError::SeveralFiles(named.into_iter().map(|(name, _)| name).collect()));
        }
        for (name, unit) in named {
            let bytes = unit.encode(wish, entropy, derivations)?;
            let is_private = !unit.keys.is_empty() || unit.target == Target::Pfx;
            files.push(NewFile {
                name: wish.one.map_or(name, str::to_owned),
                privacy: if is_private { Privacy::Private } else { Privacy::Public },
                bytes,
                is_text: unit.target == Target::Pem,
                unit,
            });
        }
        Ok(Conversion { files, remarks, doubles })
    }
}

impl Unit<'_> {
    /// Of its certificate, where that is here.
    fn role_of_key(&self, key: &HeldKey) -> Option<Role> {
        let own = |certificate: &&Certificate| certificate.public_key_info() == key.public.info();
        let certificates = || self.certificates.iter().map(|part| &part.held.certificate);
        certificates().find(own).map_or(self.role, role)
    }

    pub(super) fn contents(&self) -> Contents<'_> {
        let certificates = self.certificates.iter();
        let keys = self.keys.iter();
        let bags = self.rests.iter().flat_map(|pfx| &pfx.rest.bags);
        let contents = self.rests.iter().flat_map(|pfx| &pfx.rest.contents);
        Contents {
            certificates: certificates
                .map(|part| Bag { value: part.held.certificate.der(), attributes: &part.attributes })
                .collect(),
            keys: keys.map(|part| Bag { value: part.held.pkcs8.expose(), attributes: &part.attributes }).collect(),
            bags: bags.map(Secret::expose).collect(),
            contents: contents.map(Secret::expose).collect(),
        }
    }

    fn encode(
        &self,
        wish: &Wish<'_>,
        entropy: &mut impl Entropy,
        derivations: &Derivations,
    ) -> Result<Secret, ConversionError> {
        if self.target == Target::Pfx {
            return Ok(self.contents().write(wish.pfx, wish.password, entropy, derivations)?);
        }
        if let [part] = &self.certificates[..] {
            let der = part.held.certificate.der();
            return Ok(match self.target {
                Target::Pem => pem::encode(CERTIFICATE_LABEL, der),
                _ => Secret::new(der.to_vec()),
            });
        }
        let [part] = &self.keys[..] else { return Err(ConversionError::Nothing) };
        let pkcs8 = &part.held.pkcs8;
        let Some(password) = wish.password else { return Ok(open_key(part.held, self.target)) };
        let algorithm = Algorithm::fresh(Scheme::Aes256 { iterations: KEY_ITERATIONS }, entropy)?;
        let encrypted = algorithm.encrypt_private_key(pkcs8, password, derivations)?;
        Ok(match self.target {
            Target::Pem => pem::encode(ENCRYPTED_KEY_LABEL, &encrypted),
            _ => Secret::new(encrypted),
        })
    }
}

/// In PEM an RSA key is PKCS#1, which is what parsers of Qlik's keys look for.
fn open_key(key: &HeldKey, target: Target) -> Secret {
    let pkcs8 = key.pkcs8.expose();
    if target != Target::Pem {
        return Secret::new(pkcs8.to_vec());
    }
    match remarks::rsa_inside(key) {
        Some(pkcs1) => pem::encode(RSA_KEY_LABEL, pkcs1),
        None => pem::encode("PRIVATE KEY", pkcs8),
    }
}

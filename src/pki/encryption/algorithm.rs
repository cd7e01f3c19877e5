//! AlgorithmIdentifiers of password-based encryption: PBES1 of PKCS#12 (RFC 7292 appendix C) and of PKCS#5 (RFC 8018
//! appendix A.3), PBES2 (A.4). Parsing one does no work yet, but takes it off the limits.

use super::super::der::{self, Reader, Value, tag};
use super::super::entropy::Entropy;
use super::super::secret::{Password, Secret};
use super::cipher::Cipher;
use super::derive::{Derivations, Function, Hash, Passphrase, Purpose, Recipe};
use super::scrypt::Cost;
use super::{Encrypted, EncryptionError, Limits, Scheme};
use std::fmt;
use std::num::NonZeroU32;

/// PKCS#12's pbeIds end in what is matched below, after 1.2.840.113549.1.12.1.
const PKCS12_PBE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1];
/// 1.2.840.113549.1.5, PKCS#5.
const PKCS5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5];
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 12];
const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13];
const SCRYPT: &[u8] = &[0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 11];
const TRIPLE_DES_PBE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1, 3];
const AES_128_CBC: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 2];
const AES_192_CBC: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 22];
const AES_256_CBC: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 42];
const DES_CBC: &[u8] = &[0x2b, 14, 3, 2, 7];
const RC2_CBC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 3, 2];
const DES_EDE3_CBC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 3, 7];

impl Hash {
    /// hmacWithSHA1 and its sisters (RFC 8018 appendix B.1), 1.2.840.113549.2.7 to 11.
    fn hmac_oid(self) -> [u8; 8] {
        let last = match self {
            Self::Sha1 => 7,
            Self::Sha224 => 8,
            Self::Sha256 => 9,
            Self::Sha384 => 10,
            Self::Sha512 => 11,
        };
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, last]
    }

    /// From the AlgorithmIdentifier of an HMAC.
    pub(crate) fn from_hmac(algorithm: Value<'_>) -> Result<Self, EncryptionError> {
        let oid = algorithm.inside().expect(tag::OID, "the HMAC's identifier")?.content;
        Self::ALL.into_iter().find(|hash| hash.hmac_oid() == oid).ok_or_else(|| unsupported(oid))
    }
}

fn unsupported(oid: &[u8]) -> EncryptionError {
    EncryptionError::Unsupported(der::dotted(oid))
}

/// Where the initialization vector comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Vector {
    Stated(Vec<u8>),
    Derived(Recipe),
    /// The last 8 octets of the key, PBKDF1's way (RFC 8018 6.1.1).
    AfterKey,
}

/// A cipher and how to come by its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Algorithm {
    cipher: Cipher,
    key: Recipe,
    vector: Vector,
}

impl Algorithm {
    /// For writing: what is random in it is drawn here.
    pub(crate) fn fresh(scheme: Scheme, entropy: &mut impl Entropy) -> Result<Self, EncryptionError> {
        let nonzero = |count| NonZeroU32::new(count).ok_or(EncryptionError::Malformed("zero iterations"));
        Ok(match scheme {
            Scheme::Aes256 { iterations } => {
                let (iterations, cipher) = (nonzero(iterations)?, Cipher::Aes256);
                let function = Function::Pbkdf2 { hash: Hash::Sha256, iterations };
                let salt = entropy.octets::<16>()?.to_vec();
                let key = Recipe { function, salt, length: cipher.key_length() };
                Self { cipher, key, vector: Vector::Stated(entropy.octets::<16>()?.to_vec()) }
            }
            Scheme::TripleDes { iterations } => {
                Self::pkcs12(Cipher::TripleDes, &entropy.octets::<8>()?, nonzero(iterations)?)
            }
        })
    }

    fn pkcs12(cipher: Cipher, salt: &[u8], iterations: NonZeroU32) -> Self {
        let recipe = |purpose, length| Recipe {
            function: Function::Pkcs12 { hash: Hash::Sha1, purpose, iterations },
            salt: salt.to_vec(),
            length,
        };
        let key = recipe(Purpose::Key, cipher.key_length());
        let vector = recipe(Purpose::InitializationVector, cipher.block_length());
        Self { cipher, key, vector: Vector::Derived(vector) }
    }

    pub(crate) fn parse(algorithm: Value<'_>, limits: &mut Limits) -> Result<Self, EncryptionError> {
        let mut fields = algorithm.inside();
        let oid = fields.expect(tag::OID, "the encryption's identifier")?.content;
        if oid == PBES2 {
            return parse_pbes2(fields.expect(tag::SEQUENCE, "PBES2's parameters")?, limits);
        }
        let pkcs12 = oid.strip_prefix(PKCS12_PBE).and_then(|rest| match rest {
            [3] => Some(Cipher::TripleDes),
            [4] => Some(Cipher::TwoKeyTripleDes),
            [5] => Some(Cipher::Rc2 { effective_bits: 128, key_length: 16 }),
            [6] => Some(Cipher::Rc2 { effective_bits: 40, key_length: 5 }),
            _ => None,
        });
        if let Some(cipher) = pkcs12 {
            let (salt, iterations) = parse_pbe_parameters(&mut fields)?;
            // The vector takes one output of the 20 octets of SHA-1 more.
            let blocks = cipher.key_length().div_ceil(20) + 1;
            return Ok(Self::pkcs12(cipher, salt, limits.admit(iterations, blocks)?));
        }
        let pbkdf1: fn(NonZeroU32) -> Function = match oid.strip_prefix(PKCS5) {
            Some([3]) => |iterations| Function::Pbkdf1Md5 { iterations },
            Some([10]) => |iterations| Function::Pbkdf1Sha1 { iterations },
            _ => return Err(unsupported(oid)),
        };
        let (salt, iterations) = parse_pbe_parameters(&mut fields)?;
        let function = pbkdf1(limits.admit(iterations, 1)?);
        let key = Recipe { function, salt: salt.to_vec(), length: 16 };
        Ok(Self { cipher: Cipher::Des, key, vector: Vector::AfterKey })
    }

    /// The slow parts, for `Derivations::prepare`.
    pub(crate) fn recipes(&self) -> impl Iterator<Item = &Recipe> {
        let derived = if let Vector::Derived(recipe) = &self.vector { Some(recipe) } else { None };
        std::iter::once(&self.key).chain(derived)
    }

    pub(crate) fn encrypt(
        &self,
        password: Passphrase<'_>,
        plain: &[u8],
        derivations: &Derivations,
    ) -> Result<Encrypted, EncryptionError> {
        let ciphertext = self.with_key(password, derivations, |key, vector| self.cipher.encrypt(key, vector, plain))?;
        Ok(Encrypted { algorithm: self.encode()?, ciphertext })
    }

    /// An EncryptedPrivateKeyInfo (RFC 5958 3).
    pub(crate) fn encrypt_private_key(
        &self,
        pkcs8: &Secret,
        password: &Password,
        derivations: &Derivations,
    ) -> Result<Vec<u8>, EncryptionError> {
        let encrypted = self.encrypt(Some(password).into(), pkcs8.expose(), derivations)?;
        Ok(der::sequence(&[&encrypted.algorithm, &der::octet_string(&encrypted.ciphertext)]))
    }

    pub(crate) fn decrypt(
        &self,
        password: Passphrase<'_>,
        ciphertext: &[u8],
        derivations: &Derivations,
    ) -> Result<Secret, EncryptionError> {
        self.with_key(password, derivations, |key, vector| self.cipher.decrypt(key, vector, ciphertext))
    }

    fn with_key<T>(
        &self,
        password: Passphrase<'_>,
        derivations: &Derivations,
        use_key: impl FnOnce(&[u8], &[u8]) -> Result<T, EncryptionError>,
    ) -> Result<T, EncryptionError> {
        let key = derivations.key(&self.key, password)?;
        let (key, rest) = key.expose().split_at(self.cipher.key_length());
        match &self.vector {
            Vector::Stated(vector) => use_key(key, vector),
            Vector::Derived(recipe) => use_key(key, derivations.key(recipe, password)?.expose()),
            Vector::AfterKey => use_key(key, rest),
        }
    }

    /// The AlgorithmIdentifier, of the two schemes that are written.
    fn encode(&self) -> Result<Vec<u8>, EncryptionError> {
        match (&self.vector, self.key.function) {
            (Vector::Stated(vector), Function::Pbkdf2 { hash, iterations }) if self.cipher == Cipher::Aes256 => {
                let kdf = Pbkdf2 { hash, salt: &self.key.salt, iterations: iterations.get().into(), key_length: None };
                let cipher = der::sequence(&[&der::oid(AES_256_CBC), &der::octet_string(vector)]);
                Ok(der::sequence(&[&der::oid(PBES2), &der::sequence(&[&kdf.encode(), &cipher])]))
            }
            (Vector::Derived(_), Function::Pkcs12 { iterations, .. }) if self.cipher == Cipher::TripleDes => {
                let salt = der::octet_string(&self.key.salt);
                let parameters = der::sequence(&[&salt, &der::unsigned(iterations.get().into())]);
                Ok(der::sequence(&[&der::oid(TRIPLE_DES_PBE), &parameters]))
            }
            _ => Err(EncryptionError::Unsupported(self.to_string())),
        }
    }
}

/// For people: `AES-256-CBC, PBKDF2 HMAC-SHA256, 100000 rounds`.
impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, ", self.cipher)?;
        match self.key.function {
            Function::Pkcs12 { iterations, .. } => write!(f, "{iterations} rounds"),
            Function::Pbkdf1Md5 { iterations } => write!(f, "PBKDF1 MD5, {iterations} rounds"),
            Function::Pbkdf1Sha1 { iterations } => write!(f, "PBKDF1 SHA1, {iterations} rounds"),
            Function::Pbkdf2 { hash, iterations } => write!(f, "PBKDF2 HMAC-{hash}, {iterations} rounds"),
            Function::Scrypt(cost) => write!(f, "scrypt {cost}"),
        }
    }
}

/// PBEParameter: salt and iterations, the same for PKCS#5 and PKCS#12.
fn parse_pbe_parameters<'a>(fields: &mut Reader<'a>) -> Result<(&'a [u8], u64), EncryptionError> {
    let mut parameters = fields.expect(tag::SEQUENCE, "the encryption's parameters")?.inside();
    let salt = parameters.expect(tag::OCTET_STRING, "the salt")?.content;
    Ok((salt, parameters.value()?.unsigned()?))
}

/// PBKDF2-params (RFC 8018 appendix A.2), with its AlgorithmIdentifier.
#[derive(Debug)]
pub(crate) struct Pbkdf2<'a> {
    pub(crate) hash: Hash,
    pub(crate) salt: &'a [u8],
    pub(crate) iterations: u64,
    pub(crate) key_length: Option<u64>,
}

impl<'a> Pbkdf2<'a> {
    pub(crate) fn parse(algorithm: Value<'a>) -> Result<Self, EncryptionError> {
        let mut fields = algorithm.inside();
        let oid = fields.expect(tag::OID, "the key derivation's identifier")?.content;
        if oid != PBKDF2 {
            return Err(unsupported(oid));
        }
        let mut parameters = fields.expect(tag::SEQUENCE, "PBKDF2's parameters")?.inside();
        let salt = parameters.expect(tag::OCTET_STRING, "PBKDF2's salt")?.content;
        let iterations = parameters.value()?.unsigned()?;
        let key_length = parameters.optional(tag::INTEGER)?.map(|length| length.unsigned()).transpose()?;
        // SHA-1 when not stated: OpenSSL before 1.1 and NSS leave it out.
        let hash = parameters.optional(tag::SEQUENCE)?.map_or(Ok(Hash::Sha1), Hash::from_hmac)?;
        Ok(Self { hash, salt, iterations, key_length })
    }

    fn encode(&self) -> Vec<u8> {
        let prf = der::sequence(&[&der::oid(&self.hash.hmac_oid()), der::NULL]);
        let parameters = [&der::octet_string(self.salt)[..], &der::unsigned(self.iterations), &prf];
        der::sequence(&[&der::oid(PBKDF2), &der::sequence(&parameters)])
    }

    /// The caller has checked the length.
    pub(crate) fn recipe(&self, length: usize, limits: &mut Limits) -> Result<Recipe, EncryptionError> {
        let iterations = limits.admit(self.iterations, length.div_ceil(self.hash.length()) * self.hash.weight())?;
        let function = Function::Pbkdf2 { hash: self.hash, iterations };
        Ok(Recipe { function, salt: self.salt.to_vec(), length })
    }
}

fn parse_pbes2(parameters: Value<'_>, limits: &mut Limits) -> Result<Algorithm, EncryptionError> {
    let mut parameters = parameters.inside();
    let derivation = parameters.expect(tag::SEQUENCE, "the key derivation")?;
    let encryption = parameters.expect(tag::SEQUENCE, "the cipher")?;
    let oid = derivation.inside().expect(tag::OID, "the key derivation's identifier")?.content;
    if oid == SCRYPT {
        let scrypt = ScryptParameters::parse(derivation)?;
        let (cipher, vector) = parse_cipher(encryption, scrypt.key_length)?;
        let function = Function::Scrypt(Cost::admit(scrypt.n, scrypt.r, scrypt.p, limits)?);
        let key = Recipe { function, salt: scrypt.salt.to_vec(), length: cipher.key_length() };
        return Ok(Algorithm { cipher, key, vector: Vector::Stated(vector.to_vec()) });
    }
    let pbkdf2 = Pbkdf2::parse(derivation)?;
    let (cipher, vector) = parse_cipher(encryption, pbkdf2.key_length)?;
    let key = pbkdf2.recipe(cipher.key_length(), limits)?;
    Ok(Algorithm { cipher, key, vector: Vector::Stated(vector.to_vec()) })
}

/// RFC 7914 7.1.
struct ScryptParameters<'a> {
    salt: &'a [u8],
    n: u64,
    r: u64,
    p: u64,
    key_length: Option<u64>,
}

impl<'a> ScryptParameters<'a> {
    fn parse(algorithm: Value<'a>) -> Result<Self, EncryptionError> {
        let mut fields = algorithm.inside();
        fields.expect(tag::OID, "the key derivation's identifier")?;
        let mut parameters = fields.expect(tag::SEQUENCE, "scrypt's parameters")?.inside();
        Ok(Self {
            salt: parameters.expect(tag::OCTET_STRING, "scrypt's salt")?.content,
            n: parameters.value()?.unsigned()?,
            r: parameters.value()?.unsigned()?,
            p: parameters.value()?.unsigned()?,
            key_length: parameters.optional(tag::INTEGER)?.map(|length| length.unsigned()).transpose()?,
        })
    }
}

/// The cipher of PBES2 and its initialization vector. Where a key length is stated it has to be the cipher's.
fn parse_cipher(algorithm: Value<'_>, key_length: Option<u64>) -> Result<(Cipher, &[u8]), EncryptionError> {
    let mut fields = algorithm.inside();
    let oid = fields.expect(tag::OID, "the cipher's identifier")?.content;
    let cipher = match oid {
        AES_128_CBC => Cipher::Aes128,
        AES_192_CBC => Cipher::Aes192,
        AES_256_CBC => Cipher::Aes256,
        DES_EDE3_CBC => Cipher::TripleDes,
        DES_CBC => Cipher::Des,
        RC2_CBC => return parse_rc2(fields.expect(tag::SEQUENCE, "RC2's parameters")?, key_length),
        _ => return Err(unsupported(oid)),
    };
    if key_length.is_some_and(|length| length != cipher.key_length() as u64) {
        return Err(EncryptionError::Malformed("the key length does not fit the cipher"));
    }
    Ok((cipher, fields.expect(tag::OCTET_STRING, "the initialization vector")?.content))
}

/// RC2-CBC-Parameter (RFC 8018 appendix B.2.3): the "version" stands for the bits of the key that count.
fn parse_rc2(parameters: Value<'_>, key_length: Option<u64>) -> Result<(Cipher, &[u8]), EncryptionError> {
    let mut parameters = parameters.inside();
    let effective_bits = match parameters.optional(tag::INTEGER)?.map(|version| version.unsigned()).transpose()? {
        Some(160) => 40,
        Some(120) => 64,
        Some(58) => 128,
        Some(bits @ 256..=1024) => bits,
        None => 32,
        Some(_) => return Err(EncryptionError::Malformed("RC2's version")),
    };
    let key_length = key_length.unwrap_or(effective_bits.div_ceil(8));
    let malformed = |_| EncryptionError::Malformed("RC2's key length");
    let effective_bits = u16::try_from(effective_bits).map_err(malformed)?;
    let key_length = u8::try_from(key_length).map_err(malformed)?;
    if !(1..=128).contains(&key_length) {
        return Err(EncryptionError::Malformed("RC2's key length"));
    }
    Ok((
        Cipher::Rc2 { effective_bits, key_length },
        parameters.expect(tag::OCTET_STRING, "the initialization vector")?.content,
    ))
}

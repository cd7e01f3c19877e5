//! The block ciphers in CBC mode with PKCS#7 padding. AES and DES are aws-lc-rs's; RC2, which only old files use and
//! only reading needs, is the `rc2` crate's.

use super::super::secret::Secret;
use super::EncryptionError;
use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
    PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use rc2::cipher::{Array, BlockCipherDecrypt};
use std::fmt;
use zeroize::Zeroizing;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    Des,
    TwoKeyTripleDes,
    TripleDes,
    /// Its key may have any length; how many bits of it count is stated apart (RFC 2268 2).
    Rc2 {
        effective_bits: u16,
        key_length: u8,
    },
}

impl Cipher {
    pub(super) fn key_length(self) -> usize {
        match self {
            Self::Des => 8,
            Self::Aes128 | Self::TwoKeyTripleDes => 16,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes256 => 32,
            Self::Rc2 { key_length, .. } => usize::from(key_length),
        }
    }

    pub(super) fn block_length(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
            Self::Des | Self::TwoKeyTripleDes | Self::TripleDes | Self::Rc2 { .. } => 8,
        }
    }

    #[expect(deprecated, reason = "what Windows Server 2016 and older read and wrote is DES")]
    fn algorithm(self) -> Option<&'static Algorithm> {
        use aws_lc_rs::cipher::{DES_EDE_FOR_LEGACY_USE_ONLY, DES_EDE3_FOR_LEGACY_USE_ONLY, DES_FOR_LEGACY_USE_ONLY};
        match self {
            Self::Aes128 => Some(&AES_128),
            Self::Aes192 => Some(&AES_192),
            Self::Aes256 => Some(&AES_256),
            Self::Des => Some(&DES_FOR_LEGACY_USE_ONLY),
            Self::TwoKeyTripleDes => Some(&DES_EDE_FOR_LEGACY_USE_ONLY),
            Self::TripleDes => Some(&DES_EDE3_FOR_LEGACY_USE_ONLY),
            Self::Rc2 { .. } => None,
        }
    }

    fn unbound_key(self, key: &[u8]) -> Result<UnboundCipherKey, EncryptionError> {
        let algorithm = self.algorithm().ok_or_else(|| EncryptionError::Unsupported(self.to_string()))?;
        UnboundCipherKey::new(algorithm, key).map_err(|_| EncryptionError::Malformed("the key"))
    }

    pub(super) fn encrypt(self, key: &[u8], iv: &[u8], plain: &[u8]) -> Result<Vec<u8>, EncryptionError> {
        let key = PaddedBlockEncryptingKey::cbc_pkcs7(self.unbound_key(key)?);
        let key = key.map_err(|_| EncryptionError::Malformed("the key"))?;
        let context = if self.block_length() == 16 {
            EncryptionContext::Iv128(fixed(iv)?)
        } else {
            EncryptionContext::Iv64(fixed(iv)?)
        };
        // With room for the padding, or the vector would move and leave the plain text behind.
        let mut buffer = Vec::with_capacity(plain.len() + self.block_length());
        buffer.extend_from_slice(plain);
        key.less_safe_encrypt(&mut buffer, context).map_err(|_| EncryptionError::Malformed("the plain text"))?;
        Ok(buffer)
    }

    pub(super) fn decrypt(self, key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Result<Secret, EncryptionError> {
        if ciphertext.is_empty() || !ciphertext.len().is_multiple_of(self.block_length()) {
            return Err(EncryptionError::Malformed("the encrypted data is not a number of whole blocks"));
        }
        if let Self::Rc2 { effective_bits, .. } = self {
            return decrypt_rc2(effective_bits, key, iv, ciphertext);
        }
        let key = PaddedBlockDecryptingKey::cbc_pkcs7(self.unbound_key(key)?);
        let key = key.map_err(|_| EncryptionError::Malformed("the key"))?;
        let context = if self.block_length() == 16 {
            DecryptionContext::Iv128(fixed(iv)?)
        } else {
            DecryptionContext::Iv64(fixed(iv)?)
        };
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        let plain = key.decrypt(&mut buffer, context).map_err(|_| EncryptionError::WrongPasswordOrDamaged)?;
        let length = plain.len();
        buffer.truncate(length);
        Ok(Secret::new(std::mem::take(&mut *buffer)))
    }
}

impl fmt::Display for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aes128 => "AES-128-CBC",
            Self::Aes192 => "AES-192-CBC",
            Self::Aes256 => "AES-256-CBC",
            Self::Des => "DES",
            Self::TwoKeyTripleDes => "two-key 3DES",
            Self::TripleDes => "3DES",
            Self::Rc2 { effective_bits, .. } => return write!(f, "RC2-{effective_bits}"),
        })
    }
}

fn fixed<const N: usize>(iv: &[u8]) -> Result<FixedLength<N>, EncryptionError> {
    let iv: [u8; N] = iv.try_into().map_err(|_| EncryptionError::Malformed("the initialization vector"))?;
    Ok(FixedLength::from(iv))
}

/// The ciphertext is one or more whole blocks.
fn decrypt_rc2(effective_bits: u16, key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Result<Secret, EncryptionError> {
    // The crate indexes by these without a check.
    if !(1..=128).contains(&key.len()) || !(1..=1024).contains(&effective_bits) {
        return Err(EncryptionError::Malformed("RC2's parameters"));
    }
    let cipher = rc2::Rc2::new_with_eff_key_len(key, usize::from(effective_bits));
    let mut previous: [u8; 8] = iv.try_into().map_err(|_| EncryptionError::Malformed("the initialization vector"))?;
    let mut plain = Zeroizing::new(Vec::with_capacity(ciphertext.len()));
    for block in ciphertext.as_chunks::<8>().0 {
        let mut decrypted = Array::from(*block);
        cipher.decrypt_block(&mut decrypted);
        plain.extend(decrypted.iter().zip(previous).map(|(octet, chained)| octet ^ chained));
        previous = *block;
    }
    let padding = plain.last().copied().map_or(0, usize::from);
    let length = plain.len().checked_sub(padding).ok_or(EncryptionError::WrongPasswordOrDamaged)?;
    if !(1..=8).contains(&padding) || plain[length..].iter().any(|octet| usize::from(*octet) != padding) {
        return Err(EncryptionError::WrongPasswordOrDamaged);
    }
    plain.truncate(length);
    Ok(Secret::new(std::mem::take(&mut *plain)))
}

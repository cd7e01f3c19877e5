//! Keys in OpenSSL's traditional encrypted PEM: `Proc-Type: 4,ENCRYPTED` and `DEK-Info: <cipher>,<hex>`.
//!
//! The key is one round of MD5 over password and salt (OpenSSL's `EVP_BytesToKey`), which is next to no protection:
//! qcert reads it and never writes it.

use super::super::secret::{Password, Secret};
use super::cipher::Cipher;
use super::{EncryptionError, one_sequence};
use md5::{Digest, Md5};
use zeroize::{Zeroize, Zeroizing};

/// The private key, in whichever form the PEM label says, from the value of `DEK-Info` and the decoded PEM body.
pub fn decrypt_traditional(dek_info: &str, password: &Password, ciphertext: &[u8]) -> Result<Secret, EncryptionError> {
    let (name, iv) = dek_info.split_once(',').ok_or(EncryptionError::Malformed("DEK-Info"))?;
    let cipher = match name.trim() {
        "AES-128-CBC" => Cipher::Aes128,
        "AES-192-CBC" => Cipher::Aes192,
        "AES-256-CBC" => Cipher::Aes256,
        "DES-EDE3-CBC" => Cipher::TripleDes,
        "DES-CBC" => Cipher::Des,
        other => return Err(EncryptionError::Unsupported(other.to_owned())),
    };
    let iv = hex(iv.trim()).ok_or(EncryptionError::Malformed("DEK-Info"))?;
    // The first half of the initialization vector is the salt as well.
    let Some(salt) = iv.get(..8).filter(|_| iv.len() == cipher.block_length()) else {
        return Err(EncryptionError::Malformed("the initialization vector"));
    };
    let key = bytes_to_key(password.expose().as_bytes(), salt, cipher.key_length());
    cipher.decrypt(&key, &iv, ciphertext).and_then(one_sequence)
}

/// OpenSSL's `EVP_BytesToKey` with MD5 and one iteration.
fn bytes_to_key(password: &[u8], salt: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(Vec::with_capacity(length + 16));
    let mut hashed: Zeroizing<Vec<u8>> = Zeroizing::default();
    while key.len() < length {
        let mut digest = Md5::new();
        digest.update(&*hashed);
        digest.update(password);
        digest.update(salt);
        hashed.zeroize();
        hashed.extend_from_slice(&digest.finalize());
        key.extend_from_slice(&hashed);
    }
    key.truncate(length);
    key
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |octet: u8| char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

//! Bytes and text that must not be seen: private keys and passwords.
//!
//! A secret wipes its memory when dropped and has no `Display`, `Serialize` or `Clone`. It is read with `expose()`,
//! so that every place which looks at one is found by searching for that word.

use std::fmt;
use zeroize::Zeroizing;

/// Secret bytes: an encoded private key or a derived key.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// A password or passphrase, in UTF-8. "No password" is the absence of one, not an empty one.
pub struct Password(Zeroizing<String>);

impl Password {
    /// `None` when the text is empty: an empty password protects nothing.
    pub fn new(text: Zeroizing<String>) -> Option<Self> {
        (!text.is_empty()).then_some(Self(text))
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

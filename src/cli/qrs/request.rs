//! What is said: one GET, with the headers that Qlik wants beside a certificate. Nothing typed gets out of its header.

use crate::cli::reach::Target;
use crate::pki::entropy::{Entropy, NoEntropy};
use std::fmt;

/// Qlik takes 0 to 9, a to z, A to Z (developer help, Xrfkey headers).
const LETTERS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const KEY_LENGTH: usize = 16;
const LONGEST_NAME: usize = 256;

/// The 16 characters that stand in the address and in a header: proof that no browser was led here. No secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Key(String);

impl Key {
    pub(in crate::cli) fn fresh(entropy: &mut impl Entropy) -> Result<Self, NoEntropy> {
        let octets: [u8; KEY_LENGTH] = entropy.octets()?;
        let letter = |octet: &u8| LETTERS.get(usize::from(*octet) % LETTERS.len()).copied().map(char::from);
        Ok(Self(octets.iter().filter_map(letter).collect()))
    }
}

/// On whose behalf: the certificate's holder may name anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct User {
    directory: String,
    id: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::cli) enum UserError {
    #[error("it is not of the form `DIRECTORY\\USER`")]
    Form,
    #[error("it is longer than {LONGEST_NAME} characters")]
    Long,
    #[error("it has a character that cannot stand in the header: a control character or `;`")]
    Character,
}

impl User {
    pub(in crate::cli) fn parse(typed: &str) -> Result<Self, UserError> {
        let (directory, id) = typed.split_once('\\').ok_or(UserError::Form)?;
        let (directory, id) = (directory.trim(), id.trim());
        if directory.is_empty() || id.is_empty() || id.contains('\\') {
            return Err(UserError::Form);
        }
        if directory.chars().count() > LONGEST_NAME || id.chars().count() > LONGEST_NAME {
            return Err(UserError::Long);
        }
        if typed.contains(|character: char| character.is_control() || character == ';') {
            return Err(UserError::Character);
        }
        Ok(Self { directory: directory.to_owned(), id: id.to_owned() })
    }
}

/// The Repository's own; every site has it.
impl Default for User {
    fn default() -> Self {
        Self { directory: "INTERNAL".to_owned(), id: "sa_repository".to_owned() }
    }
}

/// As it is typed.
impl fmt::Display for User {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}\\{}", self.directory, self.id)
    }
}

pub(super) fn about(target: &Target, user: &User, key: &Key) -> Vec<u8> {
    let Key(key) = key;
    let (directory, id) = (in_header(&user.directory), in_header(&user.id));
    format!(
        "GET /qrs/about?xrfkey={key} HTTP/1.1\r\n\
         Host: {host}\r\n\
         X-Qlik-Xrfkey: {key}\r\n\
         X-Qlik-User: UserDirectory={directory};UserId={id}\r\n\
         Accept: application/json\r\n\
         User-Agent: qcert/{version}\r\n\
         Connection: close\r\n\r\n",
        host = target.place(),
        version = env!("CARGO_PKG_VERSION"),
    )
    .into_bytes()
}

/// A header is ASCII (RFC 9110 5.5): what is not is written as Qlik's example for enigma.js does, percent-encoded.
fn in_header(name: &str) -> String {
    let encoded = |octet: u8| {
        if octet.is_ascii() { char::from(octet).to_string() } else { format!("%{octet:02X}") }
    };
    name.bytes().map(encoded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::address::Address;

    struct Counting(u8);

    impl Entropy for Counting {
        fn fill(&mut self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
            for octet in buffer {
                *octet = self.0;
                self.0 = self.0.wrapping_add(17);
            }
            Ok(())
        }
    }

    fn target(host: &str) -> Target {
        Target { address: Address::parse(host).unwrap(), port: 4242 }
    }

    #[test]
    fn the_request_is_what_qlik_wants() {
        let key = Key::fresh(&mut Counting(0)).unwrap();
        let said = String::from_utf8(about(&target("qlik1.example.com"), &User::default(), &key)).unwrap();
        let expected = "GET /qrs/about?xrfkey=0hyP6nEVctK1izQ7 HTTP/1.1\r\nHost: qlik1.example.com:4242\r\n\
            X-Qlik-Xrfkey: 0hyP6nEVctK1izQ7\r\n\
            X-Qlik-User: UserDirectory=INTERNAL;UserId=sa_repository\r\nAccept: application/json\r\n";
        assert!(said.starts_with(expected), "{said}");
        assert!(said.contains("\r\nUser-Agent: qcert/") && said.ends_with("\r\nConnection: close\r\n\r\n"));
        let said = String::from_utf8(about(&target("[::1]"), &User::default(), &key)).unwrap();
        assert!(said.contains("\r\nHost: [::1]:4242\r\n"));
    }

    #[test]
    fn keys_are_sixteen_letters_and_digits() {
        for start in 0..=u8::MAX {
            let Key(key) = Key::fresh(&mut Counting(start)).unwrap();
            assert!(key.len() == 16 && key.bytes().all(|octet| octet.is_ascii_alphanumeric()), "{key}");
        }
    }

    #[test]
    fn a_user_cannot_leave_its_header() {
        for (typed, error) in [
            ("me", UserError::Form),
            ("\\me", UserError::Form),
            ("D\\", UserError::Form),
            ("D\\ ", UserError::Form),
            ("D\\me\\you", UserError::Form),
            ("D\\me\r\nHost: other", UserError::Character),
            ("D\\me\n", UserError::Character),
            ("D\0\\me", UserError::Character),
            ("D\\me;UserId=sa_repository", UserError::Character),
            ("D;x\\me", UserError::Character),
        ] {
            assert_eq!(User::parse(typed), Err(error), "{typed:?}");
        }
        assert_eq!(User::parse(&format!("D\\{}", "x".repeat(257))), Err(UserError::Long));
        let user = User::parse("EXAMPLE\\jürgen").unwrap();
        let said = about(&target("a"), &user, &Key("k".repeat(16)));
        assert!(said.is_ascii());
        assert!(String::from_utf8(said).unwrap().contains("UserDirectory=EXAMPLE;UserId=j%C3%BCrgen\r\n"));
        assert_eq!(user.to_string(), "EXAMPLE\\jürgen");
        assert_eq!(User::parse(&User::default().to_string()), Ok(User::default()));
    }
}

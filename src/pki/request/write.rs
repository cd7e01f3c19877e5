//! Writing a request (PKCS#10, RFC 2986): the names and the marker that the profile gives a certificate of that role.
//!
//! No keyUsage and no extendedKeyUsage is asked for: Qlik's own certificates have none (32 of 32 observed), and a CA that
//! wants them sets them by its own rules.

use super::super::authority::alternative_names_content;
use super::super::der::{self, tag};
use super::super::key::{KeyError, PrivateKey};
use super::super::name::MachineName;
use super::super::profile::{CLIENT_NAME, Profile, Role};

/// 2.5.4.3
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const UTF8_STRING: u8 = 0x0c;
/// 1.2.840.113549.1.9.14, extensionRequest (RFC 2985 5.4.2)
const EXTENSION_REQUEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 14];
/// 2.5.29.17
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 29, 17];
/// 1.3.6.1.5.5.7.13.3, Qlik's marker
const MARKER: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 13, 3];
/// 1.2.840.113549.1.1.11
const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];

/// What a certificate is wished to say.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    pub role: Role,
    pub profile: Profile,
    /// The machine's name for a server; not used for a client.
    pub machine: &'a MachineName,
    pub aliases: &'a [MachineName],
}

impl Wish<'_> {
    pub fn common_name(&self) -> &str {
        if self.role == Role::Client { CLIENT_NAME } else { self.machine.as_str() }
    }
}

/// The DER of a request for this key, signed by it with SHA-256.
pub fn write(wish: &Wish<'_>, key: &PrivateKey) -> Result<Vec<u8>, KeyError> {
    let common_name = der::encode(UTF8_STRING, wish.common_name().as_bytes());
    let subject = der::sequence(&[&der::set(&[&der::sequence(&[&der::oid(COMMON_NAME), &common_name])])]);
    let names = if wish.role == Role::Server {
        alternative_names_content(wish.machine, wish.aliases, wish.profile)
    } else {
        None
    };
    let names = names.map(|content| extension(ALTERNATIVE_NAMES, &content)).unwrap_or_default();
    let marker = extension(MARKER, &der::octet_string(wish.role.marker().as_bytes()));
    let extensions = der::sequence(&[&names, &marker]);
    let attribute = der::sequence(&[&der::oid(EXTENSION_REQUEST), &der::set(&[&extensions])]);
    let attributes = der::encode(tag::constructed(0), &attribute);
    let info = der::sequence(&[&der::unsigned(0), &subject, &key.public_key_info(), &attributes]);
    let algorithm = der::sequence(&[&der::oid(SHA256_WITH_RSA), der::NULL]);
    let signature = key.sign(&info)?;
    Ok(der::sequence(&[&info, &algorithm, &der::bit_string(&signature)]))
}

/// Not critical, as none of Qlik's leaves has a critical one.
fn extension(oid: &[u8], content: &[u8]) -> Vec<u8> {
    der::sequence(&[&der::oid(oid), &der::octet_string(content)])
}

#[cfg(test)]
mod tests {
    use super::super::super::key::KeySize;
    use super::super::super::name::Underscore;
    use super::super::Request;
    use super::*;

    fn wish(role: Role, profile: Profile, names: &[MachineName]) -> Wish<'_> {
        Wish { role, profile, machine: &names[0], aliases: &names[1..] }
    }

    #[test]
    fn a_request_says_what_is_wished_and_is_signed_by_its_key() {
        let key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
        let names =
            ["Host.domain", "10.0.0.5", "host.DOMAIN"].map(|n| MachineName::parse(n, Underscore::Refused).unwrap());
        let cases: [(Role, Profile, &str, &[&str]); 4] = [
            (Role::Server, Profile::Compatible, "CN=Host.domain", &["Host.domain", "10.0.0.5"]),
            (Role::Server, Profile::Qlik, "CN=Host.domain", &["Host.domain", "10.0.0.5"]),
            (Role::Server, Profile::Classic, "CN=Host.domain", &[]),
            (Role::Client, Profile::Compatible, "CN=QlikClient", &[]),
        ];
        for (role, profile, subject, dns_names) in cases {
            let der = write(&wish(role, profile, &names), &key).unwrap();
            let request = Request::parse(&der, true).unwrap();
            assert_eq!(
                (request.subject.as_str(), &request.dns_names[..]),
                (subject, &dns_names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()[..])
            );
            assert_eq!(request.signature_fits, Some(true));
            assert_eq!(request.public_key.info(), key.public_key_info());
            let address = der.windows(6).any(|octets| octets == [0x87, 4, 10, 0, 0, 5]);
            assert_eq!(address, role == Role::Server && profile == Profile::Compatible);
            let word = role.marker().as_bytes();
            assert!(der.windows(word.len()).any(|octets| octets == word));
        }
    }
}

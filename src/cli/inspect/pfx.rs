//! The facts of one PFX: how it is protected, what is in it, and which programs open it.
//!
//! Who opens what was measured with OpenSSL 3, Node 20, Java 17, GnuTLS, NSS and Python on files of many writers;
//! Windows' part is from Microsoft's and others' issue threads. Nothing is claimed of an algorithm that was not tried.

use super::facts::{Context, ObjectFacts, WhatFacts, hex};
use crate::pki::inventory::{PfxContent, PfxPassword, PfxState};
use crate::pki::pfx::{BagAttributes, MacFacts};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct PfxFacts<'a> {
    /// `open`, `password_needed`, `wrong_password`, `unsupported` or `damaged`. A wrong password is said as such also
    /// where none was needed; what is in the file is shown then.
    pub(super) state: &'static str,
    /// What opened it: `none`, `empty` (as Windows and Qlik write when none is typed) or `given`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) password: Option<&'static str>,
    /// A password was given and is not its own, also where it opened without.
    pub(super) given_password_failed: bool,
    /// Of `unsupported` and `damaged`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<&'a str>,
    /// One for each encrypted part, as far as it is known without the password.
    pub(super) encryption: &'a [String],
    /// Those among `encryption` that protect a private key by itself; the others protect certificates.
    pub(super) key_encryption: &'a [String],
    /// Absent when the file has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mac: Option<MacValue<'a>>,
    /// Octets after its end.
    pub(super) trailing_bytes: usize,
    /// Encoded in BER, not in DER.
    pub(super) ber: bool,
    pub(super) opens_in: Vec<&'static str>,
    pub(super) not_in: Vec<Refusal>,
    /// Keys and certificates in it; empty while it is locked.
    pub(super) objects: Vec<ObjectFacts<'a>>,
    /// What else is in it.
    pub(super) skipped: &'a [String],
}

#[derive(Debug, Serialize)]
pub(super) struct MacValue<'a> {
    pub(super) algorithm: &'a str,
    pub(super) iterations: u64,
    /// False when qcert does not know the algorithm, or the file is locked.
    pub(super) checked: bool,
    /// Qcert knows the algorithm.
    #[serde(skip)]
    pub(super) known: bool,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Refusal {
    pub(super) program: &'static str,
    pub(super) why: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct AttributeFacts<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) friendly_name: Option<&'a str>,
    /// The name ends in U+0000, as Windows writes it.
    pub(super) friendly_name_nul_ended: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) local_key_id: Option<String>,
    /// Windows' provider that the key goes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) provider: Option<&'a str>,
    /// The key goes to the machine's key store, not the user's.
    pub(super) machine_keyset: bool,
}

impl<'a> PfxFacts<'a> {
    pub(super) fn new(pfx: &'a PfxContent, context: Context<'a>) -> Self {
        let (state, password, why) = match &pfx.state {
            PfxState::Open(PfxPassword::None) => ("open", Some("none"), None),
            PfxState::Open(PfxPassword::Empty) => ("open", Some("empty"), None),
            PfxState::Open(PfxPassword::Given) => ("open", Some("given"), None),
            PfxState::PasswordNeeded => ("password_needed", None, None),
            PfxState::WrongPassword => ("wrong_password", None, None),
            PfxState::Unsupported(why) => ("unsupported", None, Some(why.as_str())),
            PfxState::Damaged(why) => ("damaged", None, Some(why.as_str())),
        };
        let is_open = matches!(pfx.state, PfxState::Open(_));
        // A file that is closed and shows no protection could not be looked into at all.
        let is_known = is_open || pfx.mac.is_some() || !pfx.encryption.is_empty();
        let (opens_in, not_in) = if is_known && !matches!(pfx.state, PfxState::Damaged(_)) {
            who_opens(&pfx.encryption, pfx.mac.as_ref())
        } else {
            (Vec::new(), Vec::new())
        };
        let entry = |entry: &'a crate::pki::inventory::PfxEntry| {
            let mut object = ObjectFacts::new(&entry.object, context);
            object.attributes = Some(AttributeFacts::new(&entry.attributes));
            object
        };
        let state = if is_open && pfx.given_passwords_failed { "wrong_password" } else { state };
        Self {
            state,
            password,
            given_password_failed: pfx.given_passwords_failed,
            why,
            encryption: &pfx.encryption,
            key_encryption: &pfx.key_encryption,
            mac: pfx.mac.as_ref().map(|mac| MacValue {
                algorithm: &mac.algorithm,
                iterations: mac.iterations,
                checked: mac.checked && is_open,
                known: mac.checked,
            }),
            trailing_bytes: pfx.trailing_bytes,
            ber: pfx.ber,
            opens_in,
            not_in,
            objects: pfx.entries.iter().map(entry).collect(),
            skipped: &pfx.skipped,
        }
    }
}

impl PfxFacts<'_> {
    /// Certificates and keys, each with what protects it.
    pub(super) fn encryption_text(&self) -> String {
        let mut rest: Vec<&str> = self.encryption.iter().map(String::as_str).collect();
        let mut keys: Vec<&str> = self.key_encryption.iter().map(String::as_str).collect();
        for key in &keys {
            if let Some(at) = rest.iter().position(|one| one == key) {
                rest.remove(at);
            }
        }
        rest.dedup();
        keys.dedup();
        let is_clear = |object: &ObjectFacts<'_>| matches!(object.what, WhatFacts::Certificate(_));
        match (&rest[..], &keys[..]) {
            ([], []) => "none".to_owned(),
            ([], keys) if self.objects.iter().any(is_clear) => {
                format!("key {}; the certificates are not encrypted", keys.join(" and "))
            }
            ([], keys) => format!("key {}", keys.join(" and ")),
            (rest, []) => rest.join(" and "),
            (rest, keys) if rest == keys => format!("{} (certificates and key)", rest.join(" and ")),
            (rest, keys) => format!("certificates {}; key {}", rest.join(" and "), keys.join(" and ")),
        }
    }
}

impl<'a> AttributeFacts<'a> {
    fn new(attributes: &'a BagAttributes) -> Self {
        Self {
            friendly_name: attributes.friendly_name.as_deref(),
            friendly_name_nul_ended: attributes.friendly_name_terminated,
            local_key_id: attributes.local_key_id.as_deref().map(hex),
            provider: attributes.provider.as_deref(),
            machine_keyset: attributes.machine_keyset,
        }
    }
}

/// .NET's loader refuses more (`Pkcs12LoaderLimits`).
const DOTNET_ROUNDS: u64 = 300_000;

/// What the algorithms ask of a reader.
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that some program lacks")]
#[derive(Debug, Default)]
struct Needs {
    rc2: bool,
    /// Single DES, which OpenSSL 3 holds among the legacy algorithms as well.
    des: bool,
    /// PBES2, or a MAC other than SHA-1's: what came with Windows Server 2019.
    modern: bool,
    scrypt: bool,
    /// An old cipher in a new frame, which nobody but GnuTLS was seen to write.
    odd: bool,
    /// RFC 9579's MAC.
    pbmac1: bool,
    many_rounds: bool,
    unknown: bool,
}

impl Needs {
    fn new(encryption: &[String], mac: Option<&MacFacts>) -> Self {
        let mut needs = Self::default();
        for text in encryption {
            let cipher = text.split(',').next().unwrap_or_default();
            needs.rc2 |= cipher.starts_with("RC2");
            needs.des |= cipher == "DES";
            needs.scrypt |= text.contains("scrypt");
            let new_frame = text.contains("PBKDF2") || text.contains("scrypt");
            needs.modern |= new_frame;
            needs.odd |= new_frame && !cipher.starts_with("AES-");
            needs.many_rounds |= rounds(text).is_some_and(|rounds| rounds > DOTNET_ROUNDS);
            needs.unknown |= !["AES-", "3DES", "two-key 3DES", "RC2", "DES"].iter().any(|one| cipher.starts_with(one));
        }
        if let Some(mac) = mac {
            needs.pbmac1 |= mac.algorithm.starts_with("PBMAC1");
            needs.modern |= mac.algorithm != "HMAC-SHA1";
            needs.many_rounds |= mac.iterations > DOTNET_ROUNDS;
            needs.unknown |= mac.algorithm.starts_with(|first: char| first.is_ascii_digit());
        }
        needs
    }
}

/// The number before `rounds`.
fn rounds(text: &str) -> Option<u64> {
    text.strip_suffix(" rounds")?.rsplit(' ').next()?.parse().ok()
}

fn who_opens(encryption: &[String], mac: Option<&MacFacts>) -> (Vec<&'static str>, Vec<Refusal>) {
    let needs = Needs::new(encryption, mac);
    let mut opens = Vec::new();
    let mut refuses = Vec::new();
    let mut judge = |program: &'static str, refusal: Option<&'static str>| match refusal {
        Some(why) => refuses.push(Refusal { program, why }),
        None => opens.push(program),
    };
    if needs.unknown {
        // Nothing is known of such a file.
        return (opens, refuses);
    }
    let odd_mac = needs.pbmac1.then_some("it does not know PBMAC1");
    let no_mac = mac.is_none().then_some("it has no MAC");
    if needs.modern {
        if !needs.odd {
            judge("Windows Server 2019 and later", odd_mac.or(needs.scrypt.then_some("it does not know scrypt")));
        }
        judge("Windows Server 2016 and older", Some("it says that the password is wrong"));
    } else {
        judge("Windows of every age", None);
    }
    if needs.many_rounds {
        judge(".NET 9 and later", Some("more than 300000 rounds"));
    }
    let legacy = (needs.rc2 || needs.des).then_some("OpenSSL 3 counts this cipher among the legacy ones");
    let node = if legacy.is_some() { "Node.js 17 and later" } else { "Node.js" };
    judge(node, odd_mac.or(no_mac).or(legacy));
    judge("OpenSSL 3", odd_mac.map(|_| "PBMAC1 came with 3.4").or(legacy));
    if legacy.is_some() {
        judge("Node.js 16 and older", odd_mac.or(no_mac));
        judge("OpenSSL 1.1", odd_mac);
    }
    let java = encryption.is_empty().then_some("it finds nothing in a file without encryption");
    judge("Java", odd_mac.or(java));
    judge("Python's cryptography", None);
    if no_mac.is_some() {
        judge("GnuTLS and Firefox", no_mac);
    }
    (opens, refuses)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mac(algorithm: &str, iterations: u64) -> MacFacts {
        MacFacts { algorithm: algorithm.to_owned(), iterations, checked: true }
    }

    fn refused(encryption: &[&str], mac: Option<&MacFacts>) -> (Vec<&'static str>, Vec<&'static str>) {
        let encryption: Vec<String> = encryption.iter().map(|&text| text.to_owned()).collect();
        let (opens, refuses) = who_opens(&encryption, mac);
        (opens, refuses.into_iter().map(|refusal| refusal.program).collect())
    }

    const AES: &str = "AES-256-CBC, PBKDF2 HMAC-SHA256, 100000 rounds";

    #[test]
    fn old_and_new_windows_are_told_apart() {
        let (opens, refuses) = refused(&[AES, AES], Some(&mac("HMAC-SHA256", 100_000)));
        assert!(opens.contains(&"Windows Server 2019 and later") && opens.contains(&"Node.js"));
        assert_eq!(refuses, ["Windows Server 2016 and older"]);
        let (opens, refuses) = refused(&["3DES, 2000 rounds"], Some(&mac("HMAC-SHA1", 1)));
        assert_eq!((opens.first(), refuses.len()), (Some(&"Windows of every age"), 0));
        // A new MAC alone is enough for an old Windows to refuse.
        assert_eq!(
            refused(&["3DES, 2000 rounds"], Some(&mac("HMAC-SHA256", 2000))).1,
            ["Windows Server 2016 and older"]
        );
    }

    #[test]
    fn rc2_is_refused_by_openssl_3() {
        let (opens, refuses) = refused(&["RC2-40, 2000 rounds", "3DES, 2000 rounds"], Some(&mac("HMAC-SHA1", 2000)));
        assert_eq!(refuses, ["Node.js 17 and later", "OpenSSL 3"]);
        for program in ["Windows of every age", "Node.js 16 and older", "OpenSSL 1.1", "Java"] {
            assert!(opens.contains(&program), "{program}");
        }
    }

    #[test]
    fn oddities_are_said_and_the_unknown_is_not_judged() {
        assert!(refused(&[AES], None).1.contains(&"GnuTLS and Firefox"));
        assert!(refused(&[], Some(&mac("HMAC-SHA1", 1))).1.contains(&"Java"));
        let many = "AES-256-CBC, PBKDF2 HMAC-SHA256, 300001 rounds";
        assert!(refused(&[many], Some(&mac("HMAC-SHA256", 1))).1.contains(&".NET 9 and later"));
        assert_eq!(refused(&["1.2.3, 5 rounds"], Some(&mac("HMAC-SHA1", 1))), (vec![], vec![]));
    }
}

//! `MachineName`: what a machine is called, parsed once from what a person typed.
//!
//! A name that exists here is safe as a subject alternative name and as a folder on every system. Case is kept as
//! typed, because Qlik keeps it (observed exports). Nothing here looks a name up.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// X.520's upper bound of a common name. Qlik itself exceeds it by one in an observed root.
pub const COMMON_NAME_LIMIT: usize = 64;
/// RFC 1035 2.3.4: 255 octets on the wire are 253 characters in text.
const NAME_LIMIT: usize = 253;
const LABEL_LIMIT: usize = 63;
/// Names that Windows keeps for devices, with any extension (Microsoft: Naming Files, Paths, and Namespaces).
const WINDOWS_DEVICES: [&str; 22] = [
    "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "LPT1", "LPT2",
    "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
];

/// Host names have no underscore (RFC 952, RFC 1123 2.1), but Windows lets a computer be called so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Underscore {
    Refused,
    Allowed,
}

/// A DNS name or an IP address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineName {
    text: String,
    ip: Option<IpAddr>,
    typed: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("a machine name is empty")]
    Empty,
    #[error("machine name `{0}` has a character that no name can have")]
    Control(String),
    #[error("machine name `{0}` has a space in it or around it")]
    Space(String),
    #[error("machine name `{0}` is a wildcard")]
    Wildcard(String),
    #[error("machine name `{0}` has a path separator")]
    Separator(String),
    #[error("machine name `{0}` is a web address")]
    Address(String),
    #[error("machine name `{0}` has a port")]
    Port(String),
    #[error("machine name `{0}` ends with a dot")]
    TrailingDot(String),
    #[error("machine name `{0}` has an empty part between its dots")]
    EmptyLabel(String),
    #[error("machine name `{0}…` is {1} characters long, the limit is {NAME_LIMIT}")]
    TooLong(String, usize),
    #[error("machine name `{name}` has a part of {length} characters, the limit is {LABEL_LIMIT}")]
    LabelTooLong { name: String, length: usize },
    #[error("machine name `{name}` has the character `{character}`")]
    Character { name: String, character: char },
    #[error("machine name `{0}` has a part that starts or ends with a hyphen")]
    Hyphen(String),
    #[error("machine name `{0}` has an underscore")]
    Underscore(String),
    #[error("machine name `{name}` starts with `{device}`, which Windows keeps for a device")]
    Device { name: String, device: String },
    #[error("machine name `{0}` looks like an IP address but is none")]
    NotAnAddress(String),
    #[error("machine name `{0}` is an IP address with a zone, brackets or a port")]
    Zone(String),
    #[error("machine name `{0}` cannot be written as a DNS name")]
    International(String),
}

impl NameError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty => "give the full computer name, for example `--machine host.domain`",
            Self::Wildcard(_) => "Qlik wants one certificate per machine: name each with its own `--machine`",
            Self::Address(_) => "give the name alone, without `https://`, port or path",
            Self::Port(_) => "give the name alone: certificates are for a machine, not for a port",
            Self::Space(_) => "take the spaces out; of several machines each has its own `--machine`",
            Self::TooLong(..) | Self::LabelTooLong { .. } => "give the machine's full name as DNS knows it (RFC 1035)",
            Self::Underscore(_) => {
                "host names have no underscore (RFC 1123) and some programs refuse one; if the machine is really \
                 called so, add `--allow-underscore`"
            }
            Self::Device { .. } => {
                "a folder of that name cannot exist on Windows: give the machine's full name or an alias"
            }
            Self::NotAnAddress(_) => "write all four numbers, each 0 to 255 and without leading zeros",
            Self::Zone(_) => "give the bare address, for example `--machine 10.0.0.5` or `--machine 2001:db8::5`",
            _ => "a machine name has letters, digits, hyphens and dots, for example `qlik1.example.com`",
        }
    }
}

impl MachineName {
    pub fn parse(typed: &str, underscore: Underscore) -> Result<Self, NameError> {
        check_text(typed)?;
        if let Some(ip) = parse_ip(typed)? {
            return Ok(Self { text: typed.to_owned(), ip: Some(ip), typed: None });
        }
        let (text, original) = if typed.is_ascii() {
            (typed.to_owned(), None)
        } else {
            let ascii = idna::domain_to_ascii_strict(typed).map_err(|_| NameError::International(shown(typed)))?;
            (ascii, Some(typed.to_owned()))
        };
        check_dns_name(&text, underscore)?;
        Ok(Self { text, ip: None, typed: original })
    }

    /// The name as the certificates carry it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn ip(&self) -> Option<IpAddr> {
        self.ip
    }

    /// What was typed, where it had to be written in another form (RFC 5890 A-labels).
    pub fn converted_from(&self) -> Option<&str> {
        self.typed.as_deref()
    }

    /// The folder's name: the name itself, but Windows has no colon in file names, so IPv6 takes hyphens,
    /// as Windows' own `ipv6-literal.net` names do.
    pub fn folder(&self) -> String {
        self.text.replace(':', "-")
    }

    /// Equal for names that are one machine or one folder: DNS and Windows ignore case.
    pub fn key(&self) -> String {
        self.text.to_ascii_lowercase()
    }

    pub fn exceeds_common_name(&self) -> bool {
        self.text.len() > COMMON_NAME_LIMIT
    }
}

impl fmt::Display for MachineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The part of a hostile name that an error may repeat.
fn shown(typed: &str) -> String {
    let escaped: String = typed.chars().take(80).flat_map(char::escape_debug).collect();
    if typed.chars().count() > 80 { format!("{escaped}…") } else { escaped }
}

fn check_text(typed: &str) -> Result<(), NameError> {
    if typed.trim().is_empty() {
        return Err(NameError::Empty);
    }
    if typed.contains("://") {
        return Err(NameError::Address(shown(typed)));
    }
    if typed.chars().any(|c| c.is_control() || ('\u{200b}'..='\u{200f}').contains(&c)) {
        return Err(NameError::Control(shown(typed)));
    }
    if typed.contains(char::is_whitespace) {
        return Err(NameError::Space(shown(typed)));
    }
    if typed.contains('*') {
        return Err(NameError::Wildcard(shown(typed)));
    }
    if typed.contains(['/', '\\']) {
        return Err(NameError::Separator(shown(typed)));
    }
    let length = typed.chars().count();
    if length > NAME_LIMIT {
        return Err(NameError::TooLong(typed.chars().take(40).flat_map(char::escape_debug).collect(), length));
    }
    Ok(())
}

/// `Some` for an address, `None` for what may be a DNS name.
fn parse_ip(typed: &str) -> Result<Option<IpAddr>, NameError> {
    if let Ok(ip) = typed.parse() {
        return Ok(Some(ip));
    }
    if typed.contains([':', '[', ']', '%']) {
        let bare = typed.trim_start_matches('[').split([']', '%']).next().unwrap_or_default();
        return Err(if bare.parse::<Ipv6Addr>().is_ok() || typed.contains('[') {
            NameError::Zone(shown(typed))
        } else if typed.matches(':').count() == 1 {
            NameError::Port(shown(typed))
        } else {
            NameError::NotAnAddress(shown(typed))
        });
    }
    // A name whose last part is a number is an IPv4 address to every URL parser (WHATWG URL 3.5).
    let last = typed.rsplit('.').next().unwrap_or_default();
    if !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()) && typed.contains('.') {
        return Err(NameError::NotAnAddress(shown(typed)));
    }
    Ok(None)
}

fn check_dns_name(name: &str, underscore: Underscore) -> Result<(), NameError> {
    if name.len() > NAME_LIMIT {
        return Err(NameError::TooLong(name.chars().take(40).collect(), name.len()));
    }
    if name.split('.').any(str::is_empty) {
        let only_the_end = name.strip_suffix('.').is_some_and(|rest| !rest.split('.').any(str::is_empty));
        return Err(if only_the_end {
            NameError::TrailingDot(shown(name))
        } else {
            NameError::EmptyLabel(shown(name))
        });
    }
    for label in name.split('.') {
        if let Some(character) = label.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')) {
            return Err(NameError::Character { name: shown(name), character });
        }
        if label.contains('_') && underscore == Underscore::Refused {
            return Err(NameError::Underscore(shown(name)));
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err(NameError::Hyphen(shown(name)));
        }
        if label.len() > LABEL_LIMIT {
            return Err(NameError::LabelTooLong { name: shown(name), length: label.len() });
        }
    }
    let first = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    if WINDOWS_DEVICES.contains(&first.as_str()) {
        return Err(NameError::Device { name: shown(name), device: first });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(typed: &str) -> Result<MachineName, NameError> {
        MachineName::parse(typed, Underscore::Refused)
    }

    #[test]
    fn names_are_kept_as_typed() {
        for name in
            ["host.domain", "QS1", "localhost", "Qlik-1.Example.COM", "xn--bcher-kva.example", "10.0.0.5", "a.b.c"]
        {
            let parsed = parse(name).unwrap();
            assert_eq!((parsed.as_str(), parsed.folder().as_str()), (name, name));
        }
    }

    #[test]
    fn addresses_are_recognised() {
        assert_eq!(parse("10.0.0.5").unwrap().ip(), "10.0.0.5".parse().ok());
        let six = parse("2001:db8::5").unwrap();
        assert_eq!((six.ip(), six.folder().as_str()), ("2001:db8::5".parse().ok(), "2001-db8--5"));
    }

    #[test]
    fn bad_names_are_refused() {
        let long = "a".repeat(64) + ".example";
        let very_long = "a.".repeat(130);
        let cases = [
            "",
            " ",
            "..",
            ".",
            "a..b",
            ".a",
            "a/b",
            "a\\b",
            "../etc",
            "a\0b",
            "a b",
            " a",
            "a ",
            "host.",
            "*.example.com",
            "CON",
            "nul.example.com",
            "com1",
            "a_b",
            "a,b",
            "-a",
            "a-",
            "1.2.3",
            "1.2.3.4.5",
            "010.0.0.1",
            "256.1.1.1",
            "[::1]",
            "fe80::1%eth0",
            "host:4242",
            "https://host",
            "2001:db8::zz",
            "a\u{200e}",
            "\u{202e}moc",
            &long,
            &very_long,
        ];
        for name in cases {
            let error = parse(name).unwrap_err();
            assert!(!error.hint().is_empty());
            assert!(!error.to_string().contains(['\0', '\u{202e}']), "{error}");
        }
    }

    #[test]
    fn underscore_is_a_choice() {
        assert_eq!(parse("qs_1"), Err(NameError::Underscore("qs_1".into())));
        assert!(MachineName::parse("qs_1", Underscore::Allowed).is_ok());
    }

    #[test]
    fn international_names_become_punycode() {
        let name = parse("bücher.example").unwrap();
        assert_eq!((name.as_str(), name.converted_from()), ("xn--bcher-kva.example", Some("bücher.example")));
    }
}

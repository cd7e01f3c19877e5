//! `Address`: a host and perhaps a port, as a person types or pastes it.
//!
//! Takes what stands in a browser or in a program's settings too: `https://host/path`, `wss://host:4747/app`. Of those
//! only host and port are kept. Nothing here looks a name up.

use super::name::{MachineName, NameError, Underscore};
use super::path::PeerName;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    host: MachineName,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("there is no host in it")]
    NoHost,
    /// It may hold a password, so it is not repeated.
    #[error("it names a user")]
    User,
    #[error("`{0}` is no port")]
    Port(String),
    #[error("it has more than one colon and is no IPv6 address")]
    Colons,
    #[error("it has a zone, the part behind `%`, which qcert does not take")]
    Zone,
    /// Every URL parser reads it as an IPv4 address (WHATWG URL 3.5), and look-ups differ.
    #[error("it is a number, or ends with one, and is no IPv4 address of four numbers")]
    Number,
    #[error("it ends with a dot")]
    Dot,
    #[error(transparent)]
    Host(#[from] NameError),
}

impl AddressError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoHost => "give it as `host.domain`, `host.domain:4242`, `10.0.0.7` or `[::1]:4242`",
            Self::User => "give the host alone: qcert logs nobody on",
            Self::Port(_) => "a port is a number from 1 to 65535, such as 4242",
            Self::Colons => "give one port, `host.domain:4242`; an IPv6 address with a port is `[::1]:4242`",
            Self::Zone => "give the machine's name, or an address of it that is good on every network",
            Self::Number => "write an IPv4 address as four numbers from 0 to 255, without leading zeros: `10.0.0.7`",
            Self::Dot => "leave the dot off",
            Self::Host(error) => hint_of_name(error),
        }
    }
}

/// `NameError`'s own hints are for whoever gives a machine a name.
fn hint_of_name(error: &NameError) -> &'static str {
    match error {
        NameError::Wildcard(_) => "a wildcard stands in certificates only: give the name of one machine",
        NameError::Device { .. } => "give another name of the machine, or its address",
        NameError::TooLong(..) | NameError::LabelTooLong { .. } => error.hint(),
        _ => "give it as `host.domain`, `host.domain:4242`, `10.0.0.7` or `[::1]:4242`",
    }
}

impl Address {
    pub fn parse(typed: &str) -> Result<Self, AddressError> {
        let rest = typed.split_once("://").map_or(typed, |(_, rest)| rest);
        let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if rest.contains('@') {
            return Err(AddressError::User);
        }
        let (host, port) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, after)) => (host, Some(after.strip_prefix(':').unwrap_or(after))),
            // More than one colon without brackets: an IPv6 address.
            None if rest.matches(':').count() > 1 => match rest.split('%').next().map(str::parse::<Ipv6Addr>) {
                Some(Ok(_)) => (rest, None),
                _ => return Err(AddressError::Colons),
            },
            None => rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port))),
        };
        let port = match port {
            Some(port) => Some(parse_port(port).ok_or_else(|| AddressError::Port(port.to_owned()))?),
            None => None,
        };
        if host.trim_end_matches('.').is_empty() {
            return Err(AddressError::NoHost);
        }
        if host.contains('%') {
            return Err(AddressError::Zone);
        }
        // A dot at the end says in DNS that the name is whole; no certificate has it.
        let host = host.strip_suffix('.').filter(|name| name.contains('.')).unwrap_or(host);
        if host.ends_with('.') {
            return Err(AddressError::Dot);
        }
        if ends_in_number(host) && host.parse::<IpAddr>().is_err() {
            return Err(AddressError::Number);
        }
        Ok(Self { host: MachineName::parse(host, Underscore::Allowed)?, port })
    }

    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The host as it goes over the wire.
    pub fn host(&self) -> &str {
        self.host.as_str()
    }

    /// What callers of this host compare with its certificate.
    pub fn name(&self) -> PeerName {
        self.host.ip().map_or_else(|| PeerName::Dns(self.host().to_owned()), PeerName::Ip)
    }

    /// `host:port`, as it can be typed again.
    pub fn with_port(&self, port: u16) -> String {
        format!("{self}:{port}")
    }
}

/// The host alone, an IPv6 address in brackets.
impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.ip() {
            Some(ip) if ip.is_ipv6() => write!(formatter, "[{ip}]"),
            _ => formatter.write_str(self.host()),
        }
    }
}

/// WHATWG URL 3.5, "ends in a number".
fn ends_in_number(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default().as_bytes();
    let hexadecimal = last.strip_prefix(b"0x").or_else(|| last.strip_prefix(b"0X"));
    !last.is_empty() && last.iter().all(u8::is_ascii_digit)
        || hexadecimal.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

fn parse_port(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_as_people_have_them() {
        for (typed, shown, port) in [
            ("host.domain", "host.domain", None),
            ("Host.Domain:4242", "Host.Domain", Some(4242)),
            ("host.domain.", "host.domain", None),
            ("https://host.domain/qrs/about?xrfkey=1", "host.domain", None),
            ("wss://host:4747/app/", "host", Some(4747)),
            ("10.0.0.7:443", "10.0.0.7", Some(443)),
            ("[::1]:4242", "[::1]", Some(4242)),
            ("[fe80::1]", "[fe80::1]", None),
            ("::1", "[::1]", None),
            ("my_server:4242", "my_server", Some(4242)),
            ("0xen.domain:1", "0xen.domain", Some(1)),
            ("10.0.0.7.", "10.0.0.7", None),
            ("::ffff:10.0.0.7", "[::ffff:10.0.0.7]", None),
            ("bücher.example:1", "xn--bcher-kva.example", Some(1)),
        ] {
            let address = Address::parse(typed).unwrap();
            assert_eq!((address.to_string().as_str(), address.port()), (shown, port), "{typed}");
        }
        assert_eq!(Address::parse("::1").unwrap().with_port(4242), "[::1]:4242");
        assert_eq!(Address::parse("10.0.0.7").unwrap().name(), PeerName::Ip([10, 0, 0, 7].into()));
    }

    #[test]
    fn what_is_no_address_is_told() {
        assert_eq!(Address::parse("https://me:secret@host").unwrap_err(), AddressError::User);
        assert!(!AddressError::User.to_string().contains("secret"));
        for typed in ["host:", "host:0", "host:65536", "host:+1", "host:4242x", "[::1]4242x"] {
            assert!(matches!(Address::parse(typed).unwrap_err(), AddressError::Port(_)), "{typed}");
        }
        for typed in ["", ":4242", "https://", "[]:1", ".", "..:4242"] {
            assert_eq!(Address::parse(typed).unwrap_err(), AddressError::NoHost, "{typed}");
        }
        for typed in ["*.domain", "a b", "host..domain", "-x-", "a\u{202e}b"] {
            let error = Address::parse(typed).unwrap_err();
            assert!(matches!(error, AddressError::Host(_)) && !error.hint().contains("--"), "{typed}: {error:?}");
        }
        for (typed, error) in [
            ("localhost:1:1", AddressError::Colons),
            ("10.0.0.7:4242:1", AddressError::Colons),
            ("::1::2", AddressError::Colons),
            ("fe80::1%eth0", AddressError::Zone),
            ("[fe80::1%25eth0]:4242", AddressError::Zone),
            ("2130706433:38200", AddressError::Number),
            ("0x7f000001", AddressError::Number),
            ("127.1", AddressError::Number),
            ("10.0.0.07", AddressError::Number),
            ("10.0.0.256:4242", AddressError::Number),
            ("localhost.", AddressError::Dot),
            ("localhost.:4242", AddressError::Dot),
            ("host.domain..", AddressError::Dot),
        ] {
            assert_eq!(Address::parse(typed).unwrap_err(), error, "{typed}");
            assert!(!error.hint().contains("--"), "{typed}");
        }
    }
}

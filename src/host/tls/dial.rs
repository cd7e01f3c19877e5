//! A connection to a host and port, in bounded time; says which address answered, or what each of them said.
//!
//! Names are looked up as every program here does it (the system's resolver, hosts file included). No proxy is used.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Of the addresses of one name no more are tried.
const MOST_ADDRESSES: usize = 4;

#[derive(Debug)]
pub struct Connection {
    pub(super) stream: TcpStream,
    /// Which of the name's addresses it is.
    pub address: SocketAddr,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    #[error("there is no machine of this name")]
    UnknownName(String),
    #[error("the name could not be looked up in time")]
    LookUpTimedOut,
    /// Of each address why; never empty.
    #[error("{}", attempts.first().map_or("no address", |attempt| attempt.why.words()))]
    NoAnswer { attempts: Vec<Attempt> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub address: SocketAddr,
    pub why: Why,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The machine answers; nothing listens on this port.
    Refused,
    TimedOut,
    /// No way leads there, says this machine or a router.
    Unreachable,
    Other(String),
}

impl Why {
    pub fn words(&self) -> &str {
        match self {
            Self::Refused => "the connection is refused",
            Self::TimedOut => "nothing answers",
            Self::Unreachable => "no way leads there",
            Self::Other(why) => why,
        }
    }

    fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Self::TimedOut,
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Self::Unreachable,
            _ => Self::Other(error.to_string()),
        }
    }
}

/// `host` is a DNS name as it goes over the wire (A-labels), or an IP address.
pub fn dial(host: &str, port: u16, patience: Duration) -> Result<Connection, DialError> {
    let end = Instant::now().checked_add(patience).unwrap_or_else(Instant::now);
    let addresses = look_up(host, port, patience)?;
    let mut attempts = Vec::new();
    for (number, address) in addresses.iter().enumerate() {
        let left = end.saturating_duration_since(Instant::now());
        // What is left is shared, so that a dead address leaves time for the next.
        let share = left / u32::try_from(addresses.len() - number).unwrap_or(1);
        let tried = TcpStream::connect_timeout(address, share.max(Duration::from_millis(1)));
        match tried {
            Ok(stream) => return Ok(Connection { stream, address: *address }),
            Err(error) => attempts.push(Attempt { address: *address, why: Why::of(&error) }),
        }
    }
    Err(DialError::NoAnswer { attempts })
}

/// The variable by which other programs here are told to go through a proxy, if one is set. Its value may hold a password.
#[expect(clippy::disallowed_methods, reason = "the environment is read in this room")]
pub fn proxy_variable() -> Option<&'static str> {
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].into_iter().find(is_set)
}

/// The system's resolver knows no time limit: it is left behind where it takes too long.
fn look_up(host: &str, port: u16, patience: Duration) -> Result<Vec<SocketAddr>, DialError> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (sender, answer) = channel();
    let asked = host.to_owned();
    // It draws no random octets, so it need not be announced (`host::threads`).
    let spawned = std::thread::Builder::new().spawn(move || {
        let found = (asked.as_str(), port).to_socket_addrs().map(|all| all.take(MOST_ADDRESSES).collect::<Vec<_>>());
        drop(sender.send(found));
    });
    spawned.map_err(|error| DialError::UnknownName(error.to_string()))?;
    match answer.recv_timeout(patience) {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Ok(Ok(_)) => Err(DialError::UnknownName("it has no address".to_owned())),
        Ok(Err(error)) => Err(DialError::UnknownName(error.to_string())),
        Err(RecvTimeoutError::Timeout) => Err(DialError::LookUpTimedOut),
        Err(RecvTimeoutError::Disconnected) => Err(DialError::UnknownName("the look-up broke off".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    const PATIENCE: Duration = Duration::from_secs(10);

    #[test]
    fn the_address_that_answered_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        assert_eq!(dial("127.0.0.1", address.port(), PATIENCE).unwrap().address, address);
        assert_eq!(dial("localhost", address.port(), PATIENCE).unwrap().address.port(), address.port());
    }

    #[test]
    fn a_port_where_nothing_listens_refuses() {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = dial("127.0.0.1", address.port(), PATIENCE).unwrap_err();
        assert_eq!(error, DialError::NoAnswer { attempts: vec![Attempt { address, why: Why::Refused }] });
    }

    #[test]
    fn a_name_that_is_not_there_is_told() {
        let error = dial("no-such-machine.invalid", 4242, PATIENCE).unwrap_err();
        assert!(matches!(error, DialError::UnknownName(_) | DialError::LookUpTimedOut), "{error:?}");
    }
}

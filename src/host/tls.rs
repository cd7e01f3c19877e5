//! Real TLS with another program or with ourselves: sockets, handshakes, and what each showed. The door of rustls.
//!
//! A handshake here goes on for as long as it can: what the other side shows is kept whatever it is worth, and whoever
//! asked judges it (`Check`). Every call ends by itself: in time, in octets, in memory. Nothing is judged, worded for a
//! person or tried again here.

pub mod client;
pub mod dial;
pub mod http;
pub mod identity;
pub mod old;
pub mod server;
mod shake;
mod verifier;
mod wire;

pub use identity::{Identity, IdentityError};

use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::{AlertDescription, CipherSuite, ConnectionCommon, ProtocolVersion, SupportedProtocolVersion};
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use verifier::Seen;

/// The versions that rustls speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    Tls12,
    Tls13,
}

impl Version {
    pub const ALL: [Self; 2] = [Self::Tls12, Self::Tls13];

    fn of(version: ProtocolVersion) -> Option<Self> {
        match version {
            ProtocolVersion::TLSv1_2 => Some(Self::Tls12),
            ProtocolVersion::TLSv1_3 => Some(Self::Tls13),
            _ => None,
        }
    }

    fn supported(self) -> &'static SupportedProtocolVersion {
        match self {
            Self::Tls12 => &rustls::version::TLS12,
            Self::Tls13 => &rustls::version::TLS13,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        })
    }
}

/// What an end of a connection makes of the certificates that the other end shows: DER, leaf first. Never empty.
pub type Check = dyn Fn(&[Vec<u8>]) -> Result<(), Refusal> + Send + Sync;

/// Why a certificate is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub reason: Reason,
    /// For a person.
    pub words: String,
}

/// What the other end is told, as an alert (RFC 8446 6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Expired,
    NotYetValid,
    UnknownIssuer,
    BadSignature,
    WrongName,
    WrongPurpose,
    Other,
}

/// What one end of a connection saw, as far as it came.
#[derive(Debug)]
pub struct Met {
    /// Of the other end.
    pub address: SocketAddr,
    pub version: Option<Version>,
    /// As IANA writes it: `TLS_AES_256_GCM_SHA384`.
    pub suite: Option<String>,
    /// What the other end showed: DER, leaf first.
    pub chain: Vec<Vec<u8>>,
    pub proof: Proof,
    /// Of the end that calls: what the other end asked for; `None` where it asked for no certificate.
    pub asked: Option<Asked>,
    /// Our own certificate went out.
    pub shown: bool,
    pub end: End,
}

impl Met {
    /// Before anything came.
    fn of(address: SocketAddr) -> Self {
        Self {
            address,
            version: None,
            suite: None,
            chain: Vec::new(),
            proof: Proof::None,
            asked: None,
            shown: false,
            end: End::Failed(Failure::NoCommonVersion),
        }
    }

    /// What a connection came to, whichever end of it this is.
    fn note<D>(&mut self, connection: &ConnectionCommon<D>, outcome: Result<After, Failure>) {
        self.version = connection.protocol_version().and_then(Version::of);
        self.suite = connection.negotiated_cipher_suite().map(|suite| suite_name(suite.suite()));
        self.end = outcome.map_or_else(End::Failed, End::Done);
    }

    /// What the verifier saw. Its own refusal is why a connection failed, whatever came of it on the wire.
    fn take(&mut self, seen: &Mutex<Seen>) {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(refused), End::Failed(_)) = (seen.own_refusal(), &self.end) {
            self.end = End::Failed(refused);
        }
        self.chain = std::mem::take(&mut seen.chain);
        self.proof = seen.proof.take().unwrap_or(Proof::None);
    }
}

/// Whether the other end proved that it has the key of the certificate that it showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// It did not come to that.
    None,
    Given,
    /// The certificate or its key is of a kind that rustls does not check: nothing is known, and nothing claimed.
    Unchecked,
    /// What it signed is not signed by that key, or not as TLS wants it; says which.
    Doubtful(String),
}

/// A request for a client certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Names of issuers (DER), as the other end sent them; none means any.
    pub issuers: Vec<Vec<u8>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The handshake is done, and this came after it.
    Done(After),
    Failed(Failure),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    /// Nothing, for as long as was waited; with TLS 1.3 perhaps a ticket. Who minds a certificate has spoken by then.
    Quiet,
    /// Application data, cut at the limit that was given.
    Answer(Vec<u8>),
    /// The other end closed the connection in good order, without a word.
    Closed,
}

/// Why a connection came to an end, or to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The other end says why. The number is of RFC 8446 6.
    Alert(u8, Stage),
    /// It closed the connection, without an alert.
    Closed(Stage),
    Reset(Stage),
    /// Nothing came any more until the time was over. `octets` had come until then.
    Silent {
        stage: Stage,
        octets: u64,
    },
    /// More octets came than any handshake needs.
    TooMuch(Stage),
    /// These are the first octets, and they are not TLS.
    NotTls(Vec<u8>),
    /// It speaks neither TLS 1.2 nor 1.3, or none of those that were offered.
    NoCommonVersion,
    /// No cipher suite, group or kind of signature in common, as far as this end can tell.
    NoCommonCipher(String),
    /// Our own `Check` refused.
    Refused(Refusal),
    /// The other end showed no certificate, and this end demands one.
    NoCertificate,
    /// It wants to begin again (TLS 1.2), which qcert does not do: Windows' HTTP service asks for a client certificate
    /// in that way where it was not told to ask at once.
    Renegotiation,
    /// Its octets are against the protocol.
    Protocol(String),
    /// This machine's own trouble.
    Io(String),
}

/// How far a connection had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Nothing had come from the other end.
    Greeting,
    Handshake,
    /// The handshake was done, seen from this end. With TLS 1.3 the other end judges our certificate only then.
    After,
}

/// The bounds of one call.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The whole of it, from the first octet on.
    pub whole: Duration,
    /// After the handshake, for a refusal or an answer.
    pub after: Duration,
    /// Of an answer.
    pub answer: usize,
}

impl Limits {
    fn deadline(self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.whole).unwrap_or(now)
    }
}

/// RFC 8446 6 and RFC 5246 7.2: the alert's name in the field's words.
pub fn alert_name(number: u8) -> String {
    let name = format!("{:?}", AlertDescription::from(number));
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() && !words.ends_with(char::is_uppercase) {
            words.push('_');
        }
        words.push(letter);
    }
    words.to_lowercase()
}

/// As IANA writes it, or `0x` and its number. rustls marks those of TLS 1.3.
fn suite_name(suite: CipherSuite) -> String {
    let number = u16::from(suite);
    suite.as_str().map_or_else(|| format!("0x{number:04x}"), |name| name.replacen("TLS13_", "TLS_", 1))
}

fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    Arc::clone(PROVIDER.get_or_init(|| Arc::new(default_provider())))
}

#[cfg(test)]
mod tests;

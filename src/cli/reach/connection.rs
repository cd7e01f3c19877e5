//! What a connection was like, beside the certificates: for JSON as it is, for a person in a few rows.
//!
//! Names in it come from a stranger: they are bounded here, and escaped by whoever prints them.

use super::super::words::list;
use super::{Patience, Served, trouble};
use crate::host::tls::{After, Asked, End, Failure, Proof};
use crate::pki::certificate::DistinguishedName;
use crate::pki::path::PeerName;
use serde::Serialize;

/// Fields are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in super::super) struct ConnectionFacts {
    pub(in super::super) host: String,
    pub(in super::super) port: u16,
    /// Which of the host's addresses answered, with the port.
    pub(in super::super) peer: String,
    /// The name that was sent (SNI); none goes out for an address.
    pub(in super::super) server_name: Option<String>,
    /// `TLS 1.3`.
    pub(in super::super) version: Option<String>,
    /// Version or suite are so old that present-day callers, and qcert, do not speak them.
    pub(in super::super) old: bool,
    /// As IANA writes it.
    pub(in super::super) suite: Option<String>,
    /// How many certificates were shown.
    pub(in super::super) certificates: usize,
    /// It proved that it has the key of the certificate that it shows.
    pub(in super::super) key_proved: bool,
    /// Why not.
    pub(in super::super) key_doubt: Option<String>,
    pub(in super::super) client_certificate: ClientCertificate,
    /// Of the client certificates that it takes, as far as it names any.
    pub(in super::super) issuers: Vec<String>,
    /// So many more were named.
    pub(in super::super) issuers_left_out: usize,
    /// What went wrong after the certificates were shown, where it was not the want of a client certificate.
    pub(in super::super) trouble: Option<TroubleFacts>,
}

/// Whether the port wants a client certificate; none was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum ClientCertificate {
    /// It asked, and ended the connection without one.
    Demanded,
    /// It asked, and went on without one.
    Asked,
    /// It asked only once the handshake was done.
    AskedLater,
    NotAsked,
    /// The handshake did not come that far.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in super::super) struct TroubleFacts {
    pub(in super::super) kind: &'static str,
    pub(in super::super) what: String,
    pub(in super::super) hint: String,
}

/// Servers of Windows name every root of their store.
const MOST_ISSUERS: usize = 20;
const LONGEST_NAME: usize = 120;

impl ConnectionFacts {
    pub(in super::super) fn new(served: &Served, patience: Patience) -> Self {
        let Served { target, met, old, content } = served;
        let key_doubt = match &met.proof {
            _ if old.is_some() => Some("this TLS is too old for qcert to check it".to_owned()),
            Proof::Given => None,
            Proof::Doubtful(why) => Some(why.clone()),
            Proof::Unchecked => Some("qcert's TLS does not check certificates and keys of this kind".to_owned()),
            Proof::None => Some("the handshake ended before that".to_owned()),
        };
        let asked = old.as_ref().map_or(met.asked.as_ref(), |old| old.asked.as_ref());
        let client_certificate = match (old, asked) {
            (Some(_), Some(_)) => ClientCertificate::Asked,
            (Some(_), None) => ClientCertificate::NotAsked,
            (None, _) => client_certificate(asked, &met.end),
        };
        let trouble = match (&met.end, client_certificate) {
            (_, ClientCertificate::Demanded | ClientCertificate::AskedLater) | (End::Done(_), _) => None,
            _ if old.is_some() => None,
            (End::Failed(failure), _) => Some(trouble(failure, target, patience)),
        };
        let named = asked.map_or(&[][..], |asked| &asked.issuers);
        Self {
            host: target.address.host().to_owned(),
            port: target.port,
            peer: met.address.to_string(),
            server_name: match target.address.name() {
                PeerName::Dns(name) => Some(name),
                PeerName::Ip(_) => None,
            },
            version: old
                .as_ref()
                .map_or_else(|| met.version.map(|one| one.to_string()), |old| Some(old.version.to_owned())),
            suite: old.as_ref().map_or_else(|| met.suite.clone(), |old| Some(old.suite.clone())),
            old: old.is_some(),
            certificates: met.chain.len().max(content.objects.len()),
            key_proved: key_doubt.is_none(),
            key_doubt,
            client_certificate,
            issuers: named.iter().take(MOST_ISSUERS).map(|name| issuer(name)).collect(),
            issuers_left_out: named.len().saturating_sub(MOST_ISSUERS),
            trouble: trouble.map(|trouble| TroubleFacts { kind: trouble.kind, what: trouble.what, hint: trouble.hint }),
        }
    }

    /// Label and value, for a person; not escaped.
    pub(in super::super) fn rows(&self) -> Vec<(&'static str, String)> {
        let mut rows = vec![("address", self.peer.clone()), ("TLS", self.tls())];
        rows.push(("name sent", self.server_name.clone().unwrap_or_else(|| "none, as for every address".to_owned())));
        rows.push(("key", self.key()));
        rows.push(("client", self.client().to_owned()));
        if let Some(issuers) = self.issuers_text() {
            rows.push(("", issuers));
        }
        if let Some(trouble) = &self.trouble {
            rows.push(("trouble", trouble.what.clone()));
        }
        rows
    }

    /// All of it that fits into a line.
    pub(in super::super) fn line(&self) -> String {
        let key = if self.key_proved { "key proved" } else { "key not proved" };
        format!("{}, {key}, {}", self.tls(), self.client())
    }

    fn tls(&self) -> String {
        let version = self.version.as_deref().unwrap_or("of a version that is not known");
        let whole = self.suite.as_ref().map_or_else(|| version.to_owned(), |suite| format!("{version}, {suite}"));
        if self.old { format!("{whole}: too old for present-day callers") } else { whole }
    }

    fn key(&self) -> String {
        match &self.key_doubt {
            None => "proved to be the one of the certificate".to_owned(),
            Some(why) => format!("not proved: {why}"),
        }
    }

    fn client(&self) -> &'static str {
        match self.client_certificate {
            ClientCertificate::Demanded => "a client certificate is demanded; none was shown",
            ClientCertificate::Asked if self.old => "a client certificate is asked for",
            ClientCertificate::Asked => "a client certificate is asked for; without one the handshake is done as well",
            ClientCertificate::AskedLater => "a client certificate is asked for once the handshake is done",
            ClientCertificate::NotAsked => "no client certificate is asked for in the handshake",
            ClientCertificate::Unknown => "whether a client certificate is asked for is not known",
        }
    }

    fn issuers_text(&self) -> Option<String> {
        let asked = !matches!(self.client_certificate, ClientCertificate::NotAsked | ClientCertificate::Unknown);
        if self.issuers.is_empty() {
            return asked.then(|| "it names no issuers: any may be shown".to_owned());
        }
        let more = match self.issuers_left_out {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let names = if more.is_empty() { list(&self.issuers) } else { self.issuers.join(", ") };
        Some(format!("issued by {names}{more}"))
    }
}

fn client_certificate(asked: Option<&Asked>, end: &End) -> ClientCertificate {
    match (asked, end) {
        (_, End::Failed(Failure::Renegotiation)) => ClientCertificate::AskedLater,
        (Some(_), End::Done(After::Quiet | After::Answer(_))) => ClientCertificate::Asked,
        // By an alert, without a word (Node.js), or in good order: it wants none of us.
        (Some(_), _) => ClientCertificate::Demanded,
        (None, End::Done(_)) => ClientCertificate::NotAsked,
        (None, End::Failed(_)) => ClientCertificate::Unknown,
    }
}

fn issuer(encoded: &[u8]) -> String {
    let name =
        DistinguishedName::parse(encoded).map_or_else(|| "a name that cannot be read".to_owned(), |name| name.text());
    if name.chars().nth(LONGEST_NAME).is_none() {
        return name;
    }
    name.chars().take(LONGEST_NAME).chain(['…']).collect()
}

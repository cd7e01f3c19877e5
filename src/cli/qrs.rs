//! The one harmless request to the Repository Service, `GET /qrs/about`, and what the answer means.
//!
//! It changes nothing there. What comes back is anybody's: it is cut, and escaped when it is shown.

mod answer;
mod product;
mod request;

use crate::cli::output::escape;
use crate::cli::reach::{self, Manner, Patience, Target, Trouble};
use crate::host::tls::{After, End, Failure, Identity, Met, Stage, Version, http};
use product::Product;
pub(in crate::cli) use request::{Key, User};
use serde::Serialize;

/// What came of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct Qrs {
    /// Of HTTP, where it came to that.
    pub(in crate::cli) status: Option<u16>,
    /// Public and stable: `about`, `forbidden` … or that of the trouble on the way there.
    pub(in crate::cli) kind: &'static str,
    pub(in crate::cli) meaning: String,
    /// Nothing is left to do where it is missing.
    pub(in crate::cli) hint: Option<String>,
    /// What the other side calls itself.
    pub(in crate::cli) server: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) product: Option<Product>,
}

impl Qrs {
    /// Whether the service took certificate and user; `None` where that was not found out.
    pub(in crate::cli) fn works(&self) -> Option<bool> {
        match self.kind {
            "about" => Some(true),
            "renegotiation" | "no_answer" | "unavailable" | "bad_gateway" => None,
            _ => self.status.map(|_| false),
        }
    }

    /// For a person: what it means, and below it what to do.
    pub(in crate::cli) fn text(&self) -> Vec<String> {
        std::iter::once(&self.meaning).chain(&self.hint).map(|line| escape(line)).collect()
    }
}

/// What is said to whom, and with which certificate: on that depends what an answer means.
#[derive(Debug)]
struct Asked<'a> {
    target: &'a Target,
    user: &'a User,
    patience: Patience,
    certificate: Certificate,
}

/// Our own certificate in the handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Certificate {
    Shown,
    /// And the handshakes told that it is let in where nobody is without one.
    Taken,
    /// There was one, and nobody wanted it.
    NotAskedFor,
    NotGiven,
}

/// Asks as `user`. `taken`: earlier handshakes proved that the certificate is. `key` is to be fresh.
pub(in crate::cli) fn ask(
    target: &Target,
    identity: Option<Identity>,
    taken: bool,
    patience: Patience,
    user: &User,
    key: &Key,
) -> Qrs {
    let request = request::about(target, user, key);
    let given = identity.is_some();
    let manner = Manner { versions: Version::ALL.to_vec(), identity, request };
    match reach::reach(target, &manner, patience, &http::is_enough) {
        Ok(met) => {
            let certificate = certificate(&met, given, taken);
            outcome(&met.end, &Asked { target, user, patience, certificate })
        }
        Err(trouble) => of_trouble(trouble),
    }
}

fn certificate(met: &Met, given: bool, taken: bool) -> Certificate {
    match (met.shown, given) {
        (true, _) if taken => Certificate::Taken,
        (true, _) => Certificate::Shown,
        (false, true) => Certificate::NotAskedFor,
        (false, false) => Certificate::NotGiven,
    }
}

fn outcome(end: &End, asked: &Asked) -> Qrs {
    let place = asked.target.place();
    match end {
        End::Done(After::Answer(octets)) => answer::meaning(octets, asked),
        End::Done(After::Quiet) => nothing(
            "no_answer",
            format!("`{place}` takes the request and says nothing for {} s", asked.patience.whole().as_secs()),
            "a service that is just starting does so: ask again later, or with a longer --timeout",
        ),
        End::Done(After::Closed) | End::Failed(Failure::Closed(Stage::After) | Failure::Reset(Stage::After)) => {
            nothing(
                "closed",
                format!("`{place}` closes the connection instead of answering"),
                "it may not have taken the certificate: look into its log, on Windows for Schannel events at that time",
            )
        }
        End::Failed(Failure::Renegotiation) => nothing(
            "renegotiation",
            format!(
                "`{place}` asks for the certificate only now, by beginning the handshake again (TLS 1.2), which qcert \
                 does not do: whether it takes the certificate is not known"
            ),
            "curl begins again: `qcert explain headers` has the call; or have Windows ask at once: `netsh http show \
             sslcert`, Negotiate Client Certificate",
        ),
        End::Failed(Failure::NotTls(octets)) if octets.starts_with(b"HTTP/") => nothing(
            "plain_http_expected",
            format!("`{place}` speaks HTTP without TLS"),
            "this is not the port of the Repository Service: `qcert explain 4242`",
        ),
        End::Failed(failure) => of_trouble(reach::trouble(failure, asked.target, asked.patience)),
    }
}

fn nothing(kind: &'static str, meaning: String, hint: &str) -> Qrs {
    Qrs { status: None, kind, meaning, hint: Some(hint.to_owned()), server: None, product: None }
}

fn of_trouble(trouble: Trouble) -> Qrs {
    let Trouble { kind, what, hint } = trouble;
    nothing(kind, what, &hint)
}

#[cfg(test)]
mod tests;

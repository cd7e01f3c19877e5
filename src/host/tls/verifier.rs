//! What rustls asks about the other end's certificates: kept, and passed on to the `Check` that was given.
//!
//! Without a `Check` everything is taken, so that it can be looked at. The proof that the other end has its key is
//! checked here in any case, and its outcome kept; with a `Check` a proof that fails ends the connection.

use super::{Check, Failure, Proof, Reason, Refusal, provider};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, SignatureScheme};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// What the verifier saw; shared with whoever made it.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) proof: Option<Proof>,
    pub(super) refusal: Option<Refusal>,
}

impl Seen {
    /// Why the connection ended, where it was this end that ended it.
    pub(super) fn own_refusal(&self) -> Option<Failure> {
        self.refusal.clone().map(Failure::Refused)
    }
}

pub(super) struct Verifier {
    check: Option<Arc<Check>>,
    seen: Arc<Mutex<Seen>>,
    /// For a client to choose its certificate by: the names of the issuers that are taken.
    issuers: Vec<DistinguishedName>,
}

impl Verifier {
    pub(super) fn new(check: Option<Arc<Check>>, issuers: &[Vec<u8>]) -> (Arc<Self>, Arc<Mutex<Seen>>) {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let issuers = issuers.iter().map(|name| DistinguishedName::from(name.clone())).collect();
        (Arc::new(Self { check, seen: Arc::clone(&seen), issuers }), seen)
    }

    fn look(&self, leaf: &CertificateDer<'_>, others: &[CertificateDer<'_>]) -> Result<(), Error> {
        let chain: Vec<Vec<u8>> = std::iter::once(leaf).chain(others).map(|one| one.to_vec()).collect();
        let outcome = self.check.as_ref().map_or(Ok(()), |check| check(&chain));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.chain = chain;
        seen.refusal = outcome.err();
        seen.refusal.as_ref().map_or(Ok(()), |refusal| Err(alert(refusal)))
    }

    fn keep(&self, outcome: Result<HandshakeSignatureValid, Error>) -> Result<HandshakeSignatureValid, Error> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Ok(valid) => {
                seen.proof = Some(Proof::Given);
                Ok(valid)
            }
            Err(error) => {
                let (proof, words) = match &error {
                    Error::InvalidCertificate(CertificateError::BadSignature) => {
                        let why = "its signature is not the key's".to_owned();
                        (Proof::Doubtful(why), "it did not prove that it has the certificate's key")
                    }
                    Error::InvalidCertificate(_) => (
                        Proof::Unchecked,
                        "whether it has the certificate's key cannot be checked: it is of an odd kind",
                    ),
                    other => (Proof::Doubtful(other.to_string()), "it did not prove that it has the certificate's key"),
                };
                seen.proof = Some(proof);
                if self.check.is_none() {
                    return Ok(HandshakeSignatureValid::assertion());
                }
                seen.refusal = Some(Refusal { reason: Reason::BadSignature, words: words.to_owned() });
                Err(error)
            }
        }
    }
}

fn alert(refusal: &Refusal) -> Error {
    let error = match refusal.reason {
        Reason::Expired => CertificateError::Expired,
        Reason::NotYetValid => CertificateError::NotValidYet,
        Reason::UnknownIssuer => CertificateError::UnknownIssuer,
        Reason::BadSignature => CertificateError::BadSignature,
        Reason::WrongName => CertificateError::NotValidForName,
        Reason::WrongPurpose => CertificateError::InvalidPurpose,
        Reason::Other => CertificateError::Other(OtherError(Arc::new(Words(refusal.words.clone())))),
    };
    Error::InvalidCertificate(error)
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Words(String);

impl fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Verifier")
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.look(leaf, others).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.keep(verify_tls12_signature(message, leaf, signed, &provider().signature_verification_algorithms))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.keep(verify_tls13_signature(message, leaf, signed, &provider().signature_verification_algorithms))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

impl ClientCertVerifier for Verifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.issuers
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.look(leaf, others).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        ServerCertVerifier::verify_tls12_signature(self, message, leaf, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        ServerCertVerifier::verify_tls13_signature(self, message, leaf, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ServerCertVerifier::supported_verify_schemes(self)
    }
}

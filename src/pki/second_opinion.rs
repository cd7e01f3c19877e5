//! The second opinion: rustls-webpki judges the same leaf and path, independently of `path`. Its door.
//!
//! It stops at the first fault, never looks at the root itself, and ignores keyCertSign. Where it cannot judge, or
//! where such a gap explains why it differs, that is said and nothing follows; any other difference is a finding.

use super::certificate::{Authority, Certificate, GeneralName};
use super::finding::{Finding, Rule, Severity};
use super::path::{Candidate, Judgement, PeerName, Pool, Purpose, Question};
use super::public_key::KeyAlgorithm;
use super::rules::{chain, identity, usage, validity};
use core::time::Duration;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use time::OffsetDateTime;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opinion {
    /// Both accept or both refuse the chain.
    Agrees,
    /// Why it has no opinion, or one that its known gaps explain.
    CannotJudge(String),
    /// What it says instead.
    Disagrees(String),
}

impl Opinion {
    /// The finding that a disagreement is.
    pub fn finding(&self, leaf: &Candidate<'_>) -> Option<Finding> {
        let Self::Disagrees(what) = self else { return None };
        let sentence =
            format!("a second verifier, rustls-webpki, judges the chain of {} otherwise: {what}", leaf.label);
        Some(Finding::new(&chain::SECOND_OPINION, leaf.files.clone(), sentence))
    }
}

/// More than these it is not asked to search through when qcert found no path.
const MANY: usize = 16;

/// What rustls-webpki says of the chain that `judgement` is about.
pub fn ask(
    pool: &Pool<'_>,
    leaf: &Candidate<'_>,
    question: &Question,
    judgement: &Judgement,
    at: OffsetDateTime,
) -> Opinion {
    let Some((anchors, between)) = chain_of(pool, judgement) else {
        return cannot("there are too many certificates to choose from");
    };
    if judgement.anchored && anchors.is_empty() {
        return cannot("the certificate is itself the trusted one");
    }
    if judgement.findings.iter().any(|finding| finding.severity == Severity::Unjudged) {
        return cannot("not everything could be judged");
    }
    let all = || std::iter::once(&leaf.certificate).chain(&between).copied();
    if let Some(why) = all().chain(anchors.iter().copied()).find_map(beyond) {
        return cannot(why);
    }
    let errors = judgement.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let mut errors = errors.collect::<Vec<_>>();
    match verify(leaf.certificate, &between, &anchors, question, at) {
        Err(Failure::NoClock) => cannot("it knows no time before 1970"),
        Err(Failure::Refused(_)) if !errors.is_empty() => Opinion::Agrees,
        Err(Failure::Refused(error)) => explained(&error, question, judgement, all())
            .map_or_else(|| Opinion::Disagrees(format!("it refuses it ({})", word(&error))), cannot),
        Ok(name_asked) => {
            // The faults of the root by itself are what it never looks at.
            let roots = pool_anchors(pool, judgement);
            errors.retain(|finding| {
                looks_at(finding.rule, name_asked) && !roots.iter().any(|root| root.files == finding.files)
            });
            match errors.first() {
                Some(finding) => Opinion::Disagrees(format!("it accepts it, in spite of {}", finding.rule.title)),
                None if judgement.findings.iter().any(|finding| finding.severity == Severity::Error) => {
                    cannot("it does not look at what is wrong here")
                }
                None => Opinion::Agrees,
            }
        }
    }
}

fn cannot(why: &str) -> Opinion {
    Opinion::CannotJudge(why.to_owned())
}

fn pool_anchors<'p, 'a>(pool: &'p Pool<'a>, judgement: &Judgement) -> Vec<&'p Candidate<'a>> {
    judgement.path.iter().filter(|node| pool.is_anchor(**node)).filter_map(|node| pool.candidate(*node)).collect()
}

/// Anchors and what stands between: those of the path, or all there are where there is no path.
fn chain_of<'a>(pool: &Pool<'a>, judgement: &Judgement) -> Option<(Vec<&'a Certificate>, Vec<&'a Certificate>)> {
    let numbers = if judgement.anchored { judgement.path.clone() } else { (0..pool.len()).collect() };
    if !judgement.anchored && numbers.len() > MANY {
        return None;
    }
    let (anchors, between): (Vec<usize>, Vec<usize>) = numbers.into_iter().partition(|number| pool.is_anchor(*number));
    let certificates =
        |numbers: Vec<usize>| numbers.iter().filter_map(|number| Some(pool.candidate(*number)?.certificate)).collect();
    Some((certificates(anchors), certificates(between)))
}

/// What it does not know how to judge at all.
fn beyond(certificate: &Certificate) -> Option<&'static str> {
    if certificate.version() != 3 {
        return Some("it judges version 3 certificates only");
    }
    match certificate.public_key().algorithm() {
        KeyAlgorithm::Rsa { bits, .. } if !(2048..=8192).contains(bits) => {
            return Some("it judges RSA keys of 2048 to 8192 bits only");
        }
        KeyAlgorithm::RsaPss { .. } => return Some("it does not judge keys for RSA-PSS only"),
        _ => {}
    }
    certificate.signature_algorithm().is_weak().then_some("it does not check MD5 and SHA-1")
}

enum Failure {
    NoClock,
    Refused(Error),
}

/// Whether it was asked for the name too.
fn verify(
    leaf: &Certificate,
    between: &[&Certificate],
    anchors: &[&Certificate],
    question: &Question,
    at: OffsetDateTime,
) -> Result<bool, Failure> {
    let seconds = u64::try_from(at.unix_timestamp()).map_err(|_| Failure::NoClock)?;
    let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let anchors: Vec<CertificateDer<'_>> = anchors.iter().map(|anchor| CertificateDer::from(anchor.der())).collect();
    let anchors: Result<Vec<_>, _> = anchors.iter().map(anchor_from_trusted_cert).collect();
    let anchors = anchors.map_err(Failure::Refused)?;
    let between: Vec<CertificateDer<'_>> = between.iter().map(|one| CertificateDer::from(one.der())).collect();
    let der = CertificateDer::from(leaf.der());
    let end = EndEntityCert::try_from(&der).map_err(Failure::Refused)?;
    let usages = match question.purpose {
        Purpose::Server => vec![KeyUsage::server_auth()],
        Purpose::Client => vec![KeyUsage::client_auth()],
        Purpose::Any => vec![KeyUsage::server_auth(), KeyUsage::client_auth()],
    };
    let mut outcome = Ok(());
    for usage in usages {
        outcome = end.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, &between, time, usage, None, None).map(|_| ());
        if outcome.is_ok() {
            break;
        }
    }
    outcome.map_err(Failure::Refused)?;
    // It does not know that a common name can stand in for alternative names.
    let name = question.name.as_ref().filter(|_| leaf.extensions().alternative_names.is_some());
    let Some(name) = name.and_then(server_name) else { return Ok(false) };
    end.verify_is_valid_for_subject_name(&name).map_err(Failure::Refused)?;
    Ok(true)
}

fn server_name(name: &PeerName) -> Option<ServerName<'static>> {
    match name {
        PeerName::Dns(name) => ServerName::try_from(name.clone()).ok(),
        PeerName::Ip(address) => Some(ServerName::from(*address)),
    }
}

/// The errors that it would have found as well, had they been there for it.
fn looks_at(rule: &Rule, name_asked: bool) -> bool {
    let rules: [&Rule; 13] = [
        &validity::EXPIRED,
        &validity::NOT_YET_VALID,
        &validity::INVERTED,
        &chain::UNKNOWN_ISSUER,
        &chain::SAME_NAME_OTHER_KEY,
        &chain::BAD_SIGNATURE,
        &chain::SELF_SIGNED,
        &chain::NOT_A_CA,
        &chain::UNKNOWN_CRITICAL,
        &chain::ALGORITHM_MISMATCH,
        &usage::WRONG_PURPOSE,
        &chain::NAME_CONSTRAINT,
        &identity::NAME_MISMATCH,
    ];
    let other_names = rule.id == identity::NAME_MISMATCH.id && !name_asked;
    !other_names && rules.iter().any(|known| known.id == rule.id)
}

/// Why it refuses what qcert accepts, where its own documentation says so.
fn explained<'c>(
    error: &Error,
    question: &Question,
    judgement: &Judgement,
    mut certificates: impl Iterator<Item = &'c Certificate>,
) -> Option<&'static str> {
    let said = |rule: &Rule| judgement.findings.iter().any(|finding| finding.rule.id == rule.id);
    Some(match error {
        Error::UnsupportedSignatureAlgorithmContext(_) | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            "it does not check this kind of signature"
        }
        Error::MaximumNameConstraintComparisonsExceeded
        | Error::MaximumPathBuildCallsExceeded
        | Error::MaximumPathDepthExceeded
        | Error::MaximumSignatureChecksExceeded => "it has lower limits on the size of a chain",
        Error::CaUsedAsEndEntity => "it takes no CA for a server or client",
        Error::InvalidSerialNumber if said(&chain::SERIAL) => "it refuses odd serial numbers",
        Error::UnknownIssuer if said(&chain::ISSUER_NAME_ENCODING) => "it compares names byte by byte",
        Error::RequiredEkuNotFoundContext(_) if question.purpose == Purpose::Any => {
            "it judges servers and clients only"
        }
        Error::UnsupportedCriticalExtension if certificates.any(has_foreign_critical) => {
            "it does not know a critical extension that is understood here"
        }
        Error::NameConstraintViolation if certificates.any(has_uncompared_names) => {
            "it does not compare every kind of name with name constraints"
        }
        Error::MalformedDnsIdentifier | Error::CertNotValidForName(_) if said(&identity::MALFORMED_NAME) => {
            "it refuses odd DNS names"
        }
        Error::BadDerTime if certificates.any(|one| one.not_before().unix_timestamp() < 0) => {
            "it knows no time before 1970"
        }
        Error::BadDer | Error::BadDerTime | Error::ExtensionValueInvalid | Error::MalformedExtensions
            if said(&chain::PROFILE) || said(&chain::VERSION) =>
        {
            "it is stricter about how a certificate is written"
        }
        _ => return None,
    })
}

fn has_foreign_critical(certificate: &Certificate) -> bool {
    const KNOWN: [&str; 6] = ["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.30", "2.5.29.31", "2.5.29.37"];
    certificate.extensions().all.iter().any(|one| one.critical && !KNOWN.contains(&one.oid.as_str()))
}

/// Names it refuses under any constraint of their kind; the subject is one of them.
fn has_uncompared_names(certificate: &Certificate) -> bool {
    let compared = |name: &GeneralName| matches!(name, GeneralName::Dns(_) | GeneralName::Ip(_));
    certificate.authority() == Authority::Yes
        || !certificate.subject_name().is_empty()
        || !certificate.alternative_names().iter().all(compared)
}

/// The variant's name: what a developer would look for.
fn word(error: &Error) -> String {
    let text = format!("{error:?}");
    text.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

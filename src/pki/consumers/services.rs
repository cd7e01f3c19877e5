//! Qlik's own services. They run on Windows only: all here rests on documents and observation, and says so.
//!
//! The Repository Service (and Proxy, Engine, Scheduler) keeps its certificates in the Windows stores; judged is what
//! it makes of these as its own, and of the client's when a tool shows it. The License Service reads PEM files. It is a
//! Go program, yet works on sites whose root has no basicConstraints, so Go's rules for roots are not applied to it.

use super::super::certificate::Certificate;
use super::super::public_key::KeyAlgorithm;
use super::super::report::Answer;
use super::fault::{Fault, Kind, Whose};
use super::runtime::{Check, refuses};
use super::scene::{Scene, unjudged_chain};
use super::slot::{Lock, PfxTrouble, fits, lock, pfx_troubles};

pub(super) const FORBIDDEN: &str = "403 Forbidden";

/// What Windows minds when it builds a chain to a root in its store: not the lack of basicConstraints in the root, nor
/// SHA-1 under a root of one's own.
pub(super) fn windows_minds(fault: &Fault<'_>) -> bool {
    match &fault.kind {
        Kind::NotCa { denied, .. } => *denied,
        Kind::SmallKey { bits, .. } => *bits < 1024,
        Kind::Strict { .. } | Kind::KeyUsage(_) | Kind::WeakSignature(_) | Kind::CommonNameOnly | Kind::Other(_) => {
            false
        }
        // Windows finds an address that is written as a DNS name.
        Kind::OtherName => !fault.leaf.dns_names().chain(fault.leaf.common_name()).any(|own| own == fault.asked()),
        _ => true,
    }
}

/// What a service does with a client's certificate that a tool shows it.
pub(super) fn shown(faults: &[Fault<'_>]) -> Check {
    match faults.iter().find(|fault| windows_minds(fault)) {
        Some(fault) => {
            let why = format!("the service refuses the client, as far as known: {}", fault.why());
            Err(refuses(FORBIDDEN, why, fault.way_out()))
        }
        None => unjudged_chain(faults),
    }
}

pub(super) fn repository(scene: &Scene<'_>) -> Answer {
    let client = scene.client.or(scene.pfx_client);
    if client.is_none() && scene.server.is_none() {
        return Answer::NothingForIt("it takes a client's or a server's certificate".to_owned());
    }
    if scene.root.is_none() {
        return Answer::Unjudged("no root is here to judge by".to_owned());
    }
    let all = || scene.server_faults.iter().chain(&scene.client_faults).chain(&scene.pfx_faults);
    let root_fails = |fault: &&Fault<'_>| {
        matches!(fault.kind, Kind::Expired(Whose::Root) | Kind::NotYetValid(Whose::Root) | Kind::MayNotSign)
    };
    if let Some(fault) = all().find(root_fails) {
        let why = format!("with this root it stops at its next start: {}", fault.why());
        return refuses("invalid root certificate", why, fault.way_out());
    }
    let other =
        |fault: &&Fault<'_>| matches!(fault.kind, Kind::OtherKey { .. } | Kind::UnknownIssuer | Kind::SelfSigned);
    if let (Some(fault), Some(root)) = (all().find(other), scene.root) {
        let error = format!("is invalid because it was not signed correctly by '{}'", root.subject_text());
        return refuses(error, fault.why(), fault.way_out());
    }
    if pfx_troubles(scene.bundle, "server.pfx").contains(&PfxTrouble::WithoutKey) {
        let why = "`server.pfx` holds no private key";
        return refuses("No private key found for certificate", why, "export `server.pfx` again");
    }
    if let Some(certificate) = [scene.server, client].into_iter().flatten().find(|it| !is_rsa(it)) {
        let why =
            format!("the key of `{}` is not RSA, which its provider cannot use, as far as known", certificate.title());
        return refuses("Unkown error when accessing the private key", why, "issue it again with an RSA key");
    }
    for faults in [&scene.client_faults, &scene.pfx_faults] {
        if let Err(answer) = shown(faults) {
            return answer;
        }
    }
    match scene.server_faults.iter().find(|fault| matches!(fault.kind, Kind::Expired(_) | Kind::NotYetValid(_))) {
        Some(fault) => {
            Answer::AcceptsBut(format!("at its next start it makes a new server certificate: {}", fault.why()))
        }
        None => Answer::Accepts,
    }
}

pub(super) fn license(scene: &Scene<'_>) -> Answer {
    let Some(server) = scene.bundle.certificates("server.pem").value.first().copied() else {
        return Answer::NothingForIt("it takes `server.pem` and `server_key.pem`".to_owned());
    };
    if !is_rsa(server) {
        let why = "its cipher suites are for RSA only, and the key of `server.pem` is not RSA (as far as known)";
        let error = "tls: no cipher suite supported by both client and server";
        return refuses(error, why, "issue `server.pem` again with an RSA key");
    }
    let Some(key) = scene.bundle.key("server_key.pem").value else {
        return Answer::NothingForIt("`server_key.pem` is not there, or is not a key".to_owned());
    };
    match (fits(key, server), lock(key)) {
        (Some(false), _) => {
            let why = "the key in `server_key.pem` is not the one of `server.pem`";
            refuses("tls: private key does not match public key", why, "take both files from one export")
        }
        (_, Lock::Opened) => Answer::AcceptsBut("only when `server_key.pem` is decrypted".to_owned()),
        (None, _) => Answer::Unjudged("`server_key.pem` could not be opened".to_owned()),
        _ => Answer::Accepts,
    }
}

fn is_rsa(certificate: &Certificate) -> bool {
    matches!(certificate.public_key().algorithm(), KeyAlgorithm::Rsa { .. })
}

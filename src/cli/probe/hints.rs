//! What an admin should know beside the verdict: what this port is for, who stands in between, who is let in.

use super::super::reach::{self, Patience, Port, PortManner, Target};
use super::bundle::Bundle;
use super::calls::{Calls, Outcome};
use super::served::Served;
use crate::host::tls::dial::proxy_variable;
use crate::pki::address::Address;
use crate::pki::certificate::{Certificate, DistinguishedName};
use crate::pki::path::PeerName;

pub(super) fn all(
    target: &Target,
    port: Option<&Port>,
    bundle: &Bundle,
    calls: &Calls,
    served: Option<&Served>,
) -> Vec<String> {
    let mut hints = Vec::new();
    if calls.peer.is_none()
        && let Some(variable) = proxy_variable()
    {
        hints.push(format!("`{variable}` is set; qcert calls directly, and no proxy is asked"));
    }
    if let Some(served) = served {
        hints.extend(stranger(target, port, served));
    }
    if port.is_some_and(|port| port.manner == PortManner::Users) && served.is_some() {
        hints.push("users log on here: the client certificate is not taken on this port; programs use 4242".to_owned());
    } else {
        hints.extend(let_in(calls));
    }
    hints.extend(not_named(bundle, calls));
    if calls.varies() {
        hints
            .push("not every call was shown the same certificate: more than one machine or service answers".to_owned());
    }
    hints
}

/// A certificate that neither the bundle's root nor anything like Qlik issued.
fn stranger(target: &Target, port: Option<&Port>, served: &Served) -> Option<String> {
    let leaf = served.leaf().filter(|_| !served.is_anchored())?;
    if served.certificates().any(is_like_qlik) {
        return None;
    }
    let issuer = leaf.issuer_name().text();
    Some(match port {
        Some(port) if port.manner == PortManner::Users => format!(
            "on {} the proxy may show a certificate of its own, here of `{issuer}`: `root.pem` is not for it; use 4242",
            target.port
        ),
        _ => format!(
            "this certificate of `{issuer}` is none of Qlik's: something in between ends TLS (a load balancer, an \
             inspecting proxy), or another service listens at `{}`",
            target.place()
        ),
    })
}

/// By the marker, or by the name that Qlik gives its roots.
fn is_like_qlik(certificate: &Certificate) -> bool {
    certificate.marker().is_some() || certificate.issuer_name().common_name().is_some_and(|name| name.ends_with("-CA"))
}

fn let_in(calls: &Calls) -> Option<String> {
    let any = |outcome| calls.without().any(|row| row.outcome == outcome);
    if any(Outcome::Taken) {
        let hint = "TLS lets callers without a certificate in, as nginx and Windows' HTTP service do, which refuse by \
                    what they answer";
        return Some(hint.to_owned());
    }
    any(Outcome::NotAsked).then(|| {
        "whoever needs no certificate to get in may still be refused later: Windows' HTTP service asks for one only \
         when a request comes"
            .to_owned()
    })
}

/// A server may choose its certificate by the name that the caller sends (SNI, RFC 6066 3), and with an address none is
/// sent. Tried with the name that is in the certificate, where another would have been right.
pub(super) fn by_name(target: &Target, served: &Served, patience: Patience) -> Option<String> {
    let leaf = served.leaf()?;
    let PeerName::Ip(address) = target.address.name() else { return None };
    if leaf.ip_addresses().any(|own| own == address) {
        return None;
    }
    let name =
        leaf.dns_names().find(|name| Address::parse(name).is_ok_and(|name| matches!(name.name(), PeerName::Dns(_))))?;
    let other = Certificate::parse(reach::leaf_for(name, target, patience)?).ok()?;
    (other.der() != leaf.der()).then(|| {
        format!(
            "to callers of `{name}` it shows another certificate, of `{}` by `{}`: it chooses by the name, and with \
             an address none is sent",
            other.title(),
            other.issuer_name().text()
        )
    })
}

/// Java, .NET and browsers choose by the list of issuers.
fn not_named(bundle: &Bundle, calls: &Calls) -> Option<String> {
    let named = names_ours(bundle, calls)?;
    (!named).then(|| {
        "our issuer is not among those that it names: Java, .NET and browsers, which choose by that list, may show \
         nothing"
            .to_owned()
    })
}

/// Whether our issuer is among those that the other end names; `None` where it names none, or nothing is known.
pub(super) fn names_ours(bundle: &Bundle, calls: &Calls) -> Option<bool> {
    let own = bundle.own.as_ref().ok()?;
    let issuers = &calls.asked()?.issuers;
    if issuers.is_empty() {
        return None;
    }
    let ours = |certificate: &Certificate| {
        let text = certificate.issuer_name().text();
        issuers.iter().any(|name| {
            name == certificate.issuer() || DistinguishedName::parse(name).is_some_and(|name| name.text() == text)
        })
    };
    Some(own.chain.iter().any(ours))
}

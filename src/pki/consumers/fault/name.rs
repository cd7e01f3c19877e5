//! The name that callers use, against those in a certificate.

use super::super::super::certificate::Certificate;
use super::super::super::path::PeerName;
use super::Kind;

/// What callers of this name mind about the names in a certificate.
pub(super) fn name_kind(leaf: &Certificate, name: &PeerName) -> Option<Kind> {
    match name {
        PeerName::Ip(address) => (!leaf.ip_addresses().any(|own| own == *address)).then_some(Kind::OtherName),
        PeerName::Dns(name) => {
            if leaf.dns_names().any(|own| is_name(own, name)) {
                return None;
            }
            let common = leaf.dns_names().next().is_none() && leaf.common_name().is_some_and(|own| is_name(own, name));
            Some(if common { Kind::CommonNameOnly } else { Kind::OtherName })
        }
    }
}

/// RFC 6125 6.4: without regard to case; `*` stands for the whole first label.
fn is_name(own: &str, asked: &str) -> bool {
    let asked = asked.strip_suffix('.').unwrap_or(asked);
    let wild = own.strip_prefix("*.").zip(asked.split_once('.'));
    own.eq_ignore_ascii_case(asked) || wild.is_some_and(|(own, (_, asked))| own.eq_ignore_ascii_case(asked))
}

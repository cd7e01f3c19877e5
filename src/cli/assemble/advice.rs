//! The way out of what `validate` finds, for somebody who has it from a CA: its own fixes speak of Qlik's export.

use crate::pki::finding::Finding;
use std::borrow::Cow;

pub(super) fn way_out(finding: &Finding) -> Cow<'static, str> {
    let advice = match finding.rule.id {
        "usage/wrong-purpose" => {
            "ask for it by another template: serverAuth for the server, clientAuth for the client, or no extended key \
             usage, as Qlik's own have"
        }
        "usage/key-usage" => "ask for digitalSignature and keyEncipherment in its key usage",
        "usage/ca-as-leaf" => "ask for it by a template for servers or clients, not for a CA",
        "identity/client-name" => "have the CA take the subject from the request: `CN=QlikClient`",
        "identity/name-mismatch" | "identity/no-alternative-name" | "identity/other-names" => {
            "have the CA take the subject alternative names from the request"
        }
        "identity/ip-as-dns-name" => "have the CA take the address in the request over as an address, too",
        "files/wrong-role" => "the requests were exchanged on the way: have each signed for what it is",
        "validity/expired" => "send the request once more; the key can stay",
        "chain/bad-signature" | "chain/unknown-issuer" | "chain/same-name-other-key" => {
            "get the certificates of the CA anew, up to its root, and give them with `--from` or `--root`"
        }
        _ => return finding.fix.clone(),
    };
    Cow::Borrowed(advice)
}

//! What is carried: every form of a bundle, and bundles that do not do.

use super::case::{Case, node, openssl, python};
use super::servers::Serves;

const fn refused(serves: Serves, carried: &'static str) -> Case {
    serves.fails().carrying(carried).served(&[])
}

const fn bundle(carried: &'static str) -> Case {
    openssl().unknown().carrying(carried).served(&[]).trouble("bundle")
}

cases! {
    pem_only: python().works().carrying("pem-only"),
    pfx_only: python().works().carrying("pfx-only").alone(),
    both: python().works().carrying("node3"),
    locked: python().works().carrying("locked").alone(),
    locked_pfx: python().works().carrying("locked-pfx").alone(),

    anothers_client_node: refused(node(), "anothers-client"),
    anothers_client_openssl: refused(openssl(), "anothers-client"),
    twins_client_python: refused(python(), "twins-client"),
    expired_client_node: refused(node(), "client-expired"),
    expired_client_openssl: refused(openssl(), "client-expired"),
    client_for_servers_only: refused(openssl(), "client-for-servers"),
    // The server minds no name; the bundle is faulty all the same, and Qlik's services would.
    server_as_client: openssl().fails().carrying("server-as-client").served(&[]).others(true),
    client_of_another_name: openssl().fails().carrying("client-other-name").served(&[]).others(true),
    twins_root: python().fails().carrying("twins-root").served(&["chain/same-name-other-key"]),

    no_client: bundle("no-client"),
    wrong_key: bundle("wrong-key"),
}

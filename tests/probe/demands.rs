//! Six makers' servers, in both versions of TLS: those that let our client in, and those that do not.
//!
//! OpenSSL, Python, Java and Go refuse with an alert, Node closes, nginx finishes the handshake and answers 400.

use super::case::{Case, ONLY_12, ONLY_13, nginx, node, openssl, python, serves};
use super::servers::{Asks, Program, Serves};

const JAVA: Serves = serves(Program::Java);
const GO: Serves = serves(Program::Go);

/// With the certificate we are let in, without it we are not.
const fn demands(serves: Serves) -> Case {
    serves.works()
}

/// The server trusts the root of the same name that came before or after ours.
const fn recreated(serves: Serves) -> Case {
    serves.trusts("twin").fails().served(&[])
}

/// The server trusts another site's root, and says so when it asks.
const fn foreign(serves: Serves) -> Case {
    serves.trusts("another").fails().served(&[])
}

/// Everybody is let in, so that we are means nothing: of our certificate nothing is learned.
const fn lets_all_in(serves: Serves) -> Case {
    serves.unknown().served(&[]).others(true)
}

const fn never_asks(serves: Serves) -> Case {
    lets_all_in(serves.asks(Asks::Nothing))
}

cases! {
    // The handshake is the same for all callers; what becomes of them is in the answer, which only --qrs asks for.
    nginx_demands: lets_all_in(nginx()).calls("1.3+ unknown, 1.3- taken, 1.2+ unknown, 1.2- taken"),
    nginx_demands_with_tls_1_2: lets_all_in(nginx().versions(ONLY_12)),
    nginx_demands_with_tls_1_3: lets_all_in(nginx().versions(ONLY_13)),
    nginx_of_the_site_before: lets_all_in(nginx().trusts("twin")).others(false),
    nginx_of_the_site_before_with_tls_1_2: lets_all_in(nginx().trusts("twin").versions(ONLY_12)).others(false),
    nginx_of_another_site: lets_all_in(nginx().trusts("another")).others(false)
        .says(&["of CN=another.example.com-CA; ours is not among them"]),
    nginx_wishes: lets_all_in(nginx().asks(Asks::Wish)),
    nginx_never_asks: never_asks(nginx()),

    node_demands: demands(node()).calls("1.3+ taken, 1.3- refused, 1.2+ taken, 1.2- refused"),
    node_demands_with_tls_1_2: demands(node().versions(ONLY_12))
        .calls("1.3+ failed, 1.3- failed, 1.2+ taken, 1.2- refused"),
    node_demands_with_tls_1_3: demands(node().versions(ONLY_13)),
    node_of_the_site_before: recreated(node()),
    node_of_the_site_before_with_tls_1_2: recreated(node().versions(ONLY_12)),
    node_of_the_site_before_with_tls_1_3: recreated(node().versions(ONLY_13)),
    node_of_another_site: foreign(node()),
    node_wishes: lets_all_in(node().asks(Asks::Wish)),
    node_never_asks: never_asks(node()),

    python_demands: demands(python()),
    python_demands_with_tls_1_2: demands(python().versions(ONLY_12)),
    python_of_the_site_before: recreated(python()),
    python_of_the_site_before_with_tls_1_2: recreated(python().versions(ONLY_12)),
    python_of_another_site: foreign(python()),
    python_wishes: lets_all_in(python().asks(Asks::Wish)),
    python_never_asks: never_asks(python()),

    openssl_demands: demands(openssl()),
    openssl_demands_with_tls_1_2: demands(openssl().versions(ONLY_12)),
    openssl_of_the_site_before: recreated(openssl())
        .calls("1.3+ refused, 1.3- refused, 1.2+ refused, 1.2- refused").says(&["unknown_ca"]),
    openssl_of_the_site_before_with_tls_1_2: recreated(openssl().versions(ONLY_12)),
    openssl_of_another_site: foreign(openssl()),
    openssl_never_asks: never_asks(openssl()),

    java_demands: demands(JAVA),
    java_demands_with_tls_1_2: demands(JAVA.versions(ONLY_12)),
    java_of_the_site_before: recreated(JAVA),
    java_never_asks: never_asks(JAVA),

    go_demands: demands(GO),
    go_demands_with_tls_1_2: demands(GO.versions(ONLY_12)),
    go_of_the_site_before: recreated(GO),
    go_never_asks: never_asks(GO).calls("1.3+ not_asked, 1.3- not_asked, 1.2+ not_asked, 1.2- not_asked"),

    // Names another issuer than ours and takes ours all the same: Windows' clients would show nothing.
    nginx_names_others: lets_all_in(nginx().names("another"))
        .says(&["of CN=another.example.com-CA; ours is not among them"]),
    openssl_names_others: openssl().names("another").works()
        .says(&["of CN=another.example.com-CA; ours is not among them"]),
    // TLS 1.2 with the client certificate only asked for once the request is there, as Windows' HTTP service does.
    node_asks_after_the_request: serves(Program::Node("askAgain", "")).asks(Asks::Nothing).versions(ONLY_12)
        .unknown().served(&[]).others(true),
}

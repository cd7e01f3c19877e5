//! Servers that show a certificate with one defect, and such as look odd and are sound.

use super::case::{Case, ONLY_12, nginx, node, openssl, python, serves};
use super::servers::Program;

/// Other programs refuse it, too.
const fn shows(folder: &'static str, rules: &'static [&'static str]) -> Case {
    node().shows(folder).fails().served(rules)
}

cases! {
    expired: shows("expired", &["validity/expired"]),
    expired_nginx: nginx().shows("expired").fails().served(&["validity/expired"]),
    expired_python: python().shows("expired").fails().served(&["validity/expired"]),
    expired_openssl: openssl().shows("expired").versions(ONLY_12).fails().served(&["validity/expired"]),
    not_yet_valid: shows("not-yet-valid", &["validity/not-yet-valid"]),
    // The site was recreated, and the machine still has what it had.
    of_the_site_before: shows("twin", &["chain/same-name-other-key"]),
    of_another_site: shows("another", &["chain/unknown-issuer"]),
    of_another_site_nginx: nginx().shows("another").fails().served(&["chain/unknown-issuer"]),
    self_signed: shows("self-signed", &["chain/self-signed"]),
    wrong_name: shows("other-name", &["identity/name-mismatch"]),
    wrong_name_nginx: nginx().shows("other-name").fails().served(&["identity/name-mismatch"]),
    called_by_address: node().works().calling("127.0.0.1"),
    called_by_an_address_it_does_not_have: shows("node3", &["identity/name-mismatch"]).calling("127.0.0.1"),
    // Qlik writes an address as a name; only curl looks there.
    address_as_name: node().shows("address").trusts("address").fails().carrying("address").calling("127.0.0.1")
        .served(&["identity/name-mismatch"]),
    // Only Go, of the programs here, does not look at the common name.
    no_alternative_name: node().shows("no-san").works().served(&["identity/no-alternative-name"]),
    no_alternative_name_and_another: shows("no-san-other-name", &["identity/name-mismatch", "identity/no-alternative-name"]),
    client_as_server: shows("client-as-server", &["identity/name-mismatch", "identity/no-alternative-name"]),
    for_clients_only: shows("for-clients", &["usage/wrong-purpose"]),
    // Windows and Java take it, today's OpenSSL and what is made with it do not; no server of OpenSSL's shows it.
    sha_1: serves(Program::Go).shows("sha1").works().served(&["chain/weak-signature"]).others(false),
    intermediate_missing: shows("intermediate-missing", &["chain/unknown-issuer"]),
    intermediate_shown: node().shows("intermediate").works(),
    root_shown: node().shows("with-root").works(),
    stranger_shown: node().shows("with-stranger").works(),
    control_characters: node().shows("control-characters").works(),
    // Qlik's own shape of 2020 and later: only Python's strict rules mind it.
    qlik: node().shows("qlik").trusts("qlik").works().carrying("qlik").but(&["python"]),
    // What releases before 2018 wrote, sound to Qlik's own services.
    classic: node().shows("classic").trusts("classic").fails().carrying("classic")
        .served(&["chain/no-basic-constraints", "identity/no-alternative-name"]),
    at_a_time_after: node().fails().with(&["--at", "2060-01-01"]).served(&["validity/expired"]).alone(),
    before_its_root: node().shows("expired").fails().with(&["--at", "2025-06-01"])
        .served(&["validity/not-yet-valid"]),

    tls_1_0: old(&["-tls1", "-cipher", "ALL:@SECLEVEL=0"]),
    tls_1_1: old(&["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]),
    // Node and OpenSSL still speak these; qcert cannot try them.
    cbc_only: serves(Program::OpenSsl(&["-cipher", "ECDHE-RSA-AES256-SHA384:AES256-SHA256:AES128-SHA"]))
        .versions(ONLY_12).unknown().served(&[]).trouble("no_common_cipher").others(true),
}

const fn old(options: &'static [&'static str]) -> Case {
    serves(Program::OpenSsl(options)).versions(("1.0", "1.0")).fails().served(&[]).trouble("old_tls").alone()
}

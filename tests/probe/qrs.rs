//! `--qrs`: what answers where the Repository Service is meant to be.

use super::case::{Case, serves};
use super::servers::{Asks, Program};

/// A proxy's start page: to the log-on, which is HTML.
const LOG_ON: &str = r#"
location / { return 302 "/internal_forms_authentication/?targetId=1"; }
location /internal_forms_authentication/ { default_type text/html; return 200 "<!DOCTYPE html><html>log on</html>"; }
"#;

const PAGE: &str = r#"location / { default_type text/html; return 200 "<!DOCTYPE html><html>hub</html>"; }"#;

/// The Repository Service's manners in nginx.
const ABOUT: &str = r#"
location = /qrs/about {
    if ($ssl_client_verify != SUCCESS) { return 403; }
    if ($http_x_qlik_xrfkey != $arg_xrfkey) { return 403; }
    default_type application/json;
    return 200 '{"buildVersion":"34.16.0.0","schemaPath":"About"}';
}
"#;

const fn answers(settings: &'static str) -> Case {
    serves(Program::Node("answer", settings)).fails().served(&[]).with(&["--qrs"]).alone()
}

const fn nginx(locations: &'static str) -> Case {
    serves(Program::Nginx(locations, true)).fails().served(&[]).with(&["--qrs"]).alone()
}

cases! {
    about: serves(Program::Node("qrs", "")).works().with(&["--qrs"]).qrs("about").alone(),
    about_nginx: serves(Program::Nginx(ABOUT, true)).works().with(&["--qrs"]).qrs("about").alone(),
    forbidden: answers(r#"{"status": 403, "body": "Forbidden"}"#).qrs("forbidden")
        .says(&["takes the certificate and answers 403 Forbidden: `INTERNAL\\sa_repository` may not do this"]),
    not_asked: serves(Program::Nginx(ABOUT, true)).asks(Asks::Nothing).fails().served(&[]).with(&["--qrs"])
        .qrs("forbidden").alone(),
    xrfkey_dropped_on_the_way: answers(
        r#"{"status": 400, "body": "XSRF prevention check failed. Possible XSRF discovered."}"#
    ).qrs("xsrf"),
    length_too_long: answers(
        r#"{"status": 200, "headers": {"Content-Length": "400"}, "body": "{\"buildVersion\":\"34.16.0.0\",\"schemaPath\":\"About\"}"}"#
    ).qrs("broken"),
    length_below_nothing: answers(
        r#"{"status": 200, "headers": {"Content-Length": "-5"}, "body": "{\"buildVersion\":\"34.16.0.0\",\"schemaPath\":\"About\"}"}"#
    ).qrs("broken"),
    // nginx says in its answer what it makes of our certificate.
    of_the_site_before: serves(Program::Nginx(ABOUT, true)).trusts("twin").fails().served(&[]).with(&["--qrs"])
        .qrs("certificate_refused").alone(),
    log_on_redirect: nginx(LOG_ON).qrs("login_page"),
    log_on_page: nginx(PAGE).qrs("login_page"),
    unauthorized: answers(r#"{"status": 401, "headers": {"WWW-Authenticate": "NTLM"}}"#).qrs("unauthorized"),
    not_found: answers(r#"{"status": 404, "body": "Not found"}"#).qrs("not_found"),
    trouble_inside: answers(r#"{"status": 500, "body": "Internal Server Error"}"#).qrs("other"),
    // The handshake is well, and whoever asks the service goes by its answer, which tells nothing.
    not_ready: serves(Program::Node("answer", r#"{"status": 503}"#)).unknown().served(&[]).with(&["--qrs"])
        .qrs("unavailable"),
}

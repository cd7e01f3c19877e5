//! Answers as they come from Qlik's services and from what stands before them, and one over real TLS.

use super::*;
use crate::host::files;
use crate::host::threads::Starting;
use crate::host::tls::Limits;
use crate::host::tls::client::{Call, call};
use crate::host::tls::server::{self, Callee};
use crate::pki::address::Address;
use crate::pki::encryption::Derivations;
use crate::pki::entropy::SystemEntropy;
use crate::pki::inventory::{InFile, read_with_keys};
use clap::Parser as _;
use std::sync::Arc;
use std::time::Duration;

#[derive(clap::Parser)]
struct Waiting {
    #[command(flatten)]
    patience: Patience,
}

fn patience() -> Patience {
    Waiting::parse_from(["qcert"]).patience
}

fn target(port: u16) -> Target {
    Target { address: Address::parse("127.0.0.1").unwrap(), port }
}

fn heard_by(certificate: Certificate, octets: &[u8]) -> Qrs {
    let (target, user) = (target(4242), User::default());
    let asked = Asked { target: &target, user: &user, patience: patience(), certificate };
    outcome(&End::Done(After::Answer(octets.to_vec())), &asked)
}

fn heard(octets: &str) -> Qrs {
    heard_by(Certificate::Shown, octets.replace('\n', "\r\n").as_bytes())
}

const ABOUT: &str = r#"{"buildVersion":"38.18.1.0","buildDate":"9/20/2013 10:09:00 AM",
"databaseProvider":"Devart.Data.PostgreSql","nodeType":1,"sharedPersistence":true,"requiresBootstrap":false,
"singleNodeOnly":false,"schemaPath":"About"}"#;

fn about() -> String {
    let head = "HTTP/1.1 200 OK\nCache-Control: no-cache\nTransfer-Encoding: chunked\nContent-Type: application/json\n\
        Server: Microsoft-HTTPAPI/2.0\nDate: Sun, 22 Nov 2026 05:00:00 GMT\nConnection: close\n\n";
    let body = ABOUT.replace('\n', "\r\n");
    format!("{}{:x}\r\n{body}\r\n0\r\n\r\n", head.replace('\n', "\r\n"), body.len())
}

#[test]
fn the_repository_is_recognised() {
    let qrs = heard_by(Certificate::Shown, about().as_bytes());
    assert_eq!(qrs.works(), Some(true));
    assert_eq!(
        qrs.text(),
        ["the Repository Service answers `INTERNAL\\sa_repository`: version 38.18.1.0, central node"]
    );
    let json = serde_json::to_value(&qrs).unwrap();
    assert_eq!((&json["status"], &json["kind"], &json["hint"]), (&200.into(), &"about".into(), &().into()));
    assert_eq!((&json["server"], &json["product"]["node"]), (&"Microsoft-HTTPAPI/2.0".into(), &"central".into()));
    assert_eq!(json["product"]["version"], "38.18.1.0");
    let waits = about().replace("\"requiresBootstrap\":false", "\"requiresBootstrap\":true ");
    assert!(heard_by(Certificate::Shown, waits.as_bytes()).hint.unwrap().contains("qcert explain startup"));
}

/// Who takes a user's name from anybody has not taken our certificate.
#[test]
fn an_answer_without_a_certificate_is_no_good_sign() {
    for certificate in [Certificate::NotAskedFor, Certificate::NotGiven] {
        let qrs = heard_by(certificate, about().as_bytes());
        assert_eq!((qrs.kind, qrs.works()), ("unprotected", Some(false)));
        assert!(qrs.meaning.ends_with("it did so without seeing a certificate") && qrs.product.is_some(), "{qrs:?}");
    }
}

fn http_sys(status: &str, title: &str, text: &str) -> String {
    let body = format!(
        "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\"\"http://www.w3.org/TR/html4/strict.dtd\">\n<HTML><HEAD>\
         <TITLE>{title}</TITLE>\n</HEAD>\n<BODY><h2>{title}</h2>\n<hr><p>HTTP Error {text}</p>\n</BODY></HTML>\n"
    );
    format!(
        "HTTP/1.1 {status}\nContent-Type: text/html; charset=us-ascii\nServer: Microsoft-HTTPAPI/2.0\n\
         Connection: close\n\n{body}"
    )
}

fn nginx(status: &str, title: &str, text: &str) -> String {
    format!(
        "HTTP/1.1 {status}\nServer: nginx/1.24.0\nContent-Type: text/html\nConnection: close\n\n<html>\n<head><title>\
         {title}</title></head>\n<body>\n<center><h1>{status}</h1></center>\n<center>{text}</center>\n<hr><center>\
         nginx/1.24.0</center>\n</body>\n</html>\n"
    )
}

fn iis(text: &str) -> String {
    format!(
        "HTTP/1.1 403 Forbidden\nContent-Type: text/html\nServer: Microsoft-IIS/10.0\n\n<!DOCTYPE html PUBLIC \"-//W3C//\
         DTD XHTML 1.0 Strict//EN\">\n<head>\n<title>{text}</title></head><div id=\"content\"><h2>{text}</h2></div>"
    )
}

#[test]
fn each_answer_has_its_meaning() {
    let redirection = |to: &str| format!("HTTP/1.1 302 Found\nLocation: {to}\nContent-Length: 0\n\n");
    let short = |status: &str, body: &str| format!("HTTP/1.1 {status}\nContent-Length: {}\n\n{body}", body.len());
    for (octets, kind, says) in [
        (short("403 Forbidden", ""), "forbidden", "not of this site, or `INTERNAL\\sa_repository` may not"),
        (http_sys("403 Forbidden", "Forbidden", "403. The request URL is forbidden."), "forbidden", "403 Forbidden"),
        (
            short("400 Bad Request", "XSRF prevention check failed. Possible XSRF discovered."),
            "xsrf",
            "the xrfkey is missing",
        ),
        (short("403 Forbidden", "XSRF prevention check failed. Possible XSRF discovered."), "xsrf", "xrfkey"),
        (
            nginx(
                "400 Bad Request",
                "400 No required SSL certificate was sent",
                "No required SSL certificate was sent",
            ),
            "no_certificate",
            "says that it got none",
        ),
        (
            nginx("400 Bad Request", "400 The SSL certificate error", "The SSL certificate error"),
            "certificate_refused",
            "does not take it",
        ),
        (
            nginx("400 Bad Request", "400 x", "The plain HTTP request was sent to HTTPS port"),
            "https_expected",
            "takes the TLS off",
        ),
        (short("400 Bad Request", "Client sent an HTTP request to an HTTPS server.\n"), "https_expected", "TLS off"),
        (iis("403.7 - Forbidden: Access is denied."), "no_certificate", "got none"),
        (iis("HTTP Error 403.16 - Forbidden"), "certificate_refused", "another root"),
        (
            format!("{}WWW-Authenticate: Negotiate\nWWW-Authenticate: NTLM\n\n", "HTTP/1.1 401 Unauthorized\n"),
            "unauthorized",
            "to log on (Negotiate), not a certificate",
        ),
        ("HTTP/1.1 401 x\n\n".to_owned(), "unauthorized", "wants a user to log on, not a certificate"),
        (
            redirection("https://qlik1.example.com:4244/internal_windows_authentication/?targetId=6fa1-secret"),
            "login_page",
            "leads to a log-on page, `https://qlik1.example.com:4244/internal_windows_authentication/`: ",
        ),
        (redirection("/form/?SAMLRequest=x"), "login_page", "`/form/`"),
        (redirection("https://127.0.0.1/hub"), "other", "leads elsewhere, to `https://127.0.0.1/hub`"),
        (
            "HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\n\n<!doctype html><html><title>Hub".to_owned(),
            "login_page",
            "with a web page",
        ),
        ("HTTP/1.1 200 OK\n\n  <HTML>".to_owned(), "login_page", "with a web page"),
        ("HTTP/1.1 200 OK\n\n{\"version\":\"v20.1.0\"}".to_owned(), "other", "not as the Repository Service does"),
        (
            http_sys("404 Not Found", "Not Found", "404. The requested resource is not found."),
            "not_found",
            "has nothing at /qrs/about",
        ),
        (short("404 Not Found", "Cannot GET /qrs/about"), "not_found", "another service"),
        (
            http_sys("400 Bad Request", "Bad Request - Invalid Hostname", "400. The request hostname is invalid."),
            "other",
            "does not take this name",
        ),
        (
            http_sys("503 Service Unavailable", "Service Unavailable", "503. The service is unavailable."),
            "unavailable",
            "not ready",
        ),
        (
            "HTTP/1.0 503 Service Unavailable\ncache-control: no-cache\nconnection: close\ncontent-type: text/html\n\n\
             <html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n\
             </body></html>\n"
                .to_owned(),
            "unavailable",
            "knows no node",
        ),
        (nginx("502 Bad Gateway", "502 Bad Gateway", ""), "bad_gateway", "(502 Bad Gateway): the service behind it"),
        (short("504 Gateway Time-out", ""), "bad_gateway", "504 Gateway Time-out"),
        (
            "HTTP/1.1 502 Bad Gateway\nVia: 1.1 squid (squid/6)\n\n".to_owned(),
            "bad_gateway",
            "; it came by way of `1.1 squid (squid/6)`",
        ),
        ("HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\n\n\u{81}\u{5}".to_owned(), "other", "101 Switching"),
        ("HTTP/1.1 100 Continue\n\nHTTP/1.1 404 Not Found\n\n".to_owned(), "not_found", "another service"),
        (short("500 Internal Server Error", ""), "other", "answers 500 Internal Server Error"),
        (short("418", ""), "other", "`127.0.0.1:4242` answers 418"),
        ("SSH-2.0-OpenSSH_9.6\n".to_owned(), "not_http", "no HTTP"),
        ("HTTP/1.1 2".to_owned(), "closed", "breaks off"),
    ] {
        let qrs = heard(&octets);
        assert!(qrs.kind == kind && qrs.meaning.contains(says), "{octets}: {qrs:?}");
        assert!(!qrs.meaning.contains("secret"), "{qrs:?}");
        assert!(qrs.hint.is_some() && qrs.product.is_none());
        let unknown = matches!(kind, "unavailable" | "bad_gateway" | "not_http" | "closed");
        assert_eq!(qrs.works(), (!unknown).then_some(false), "{qrs:?}");
    }
}

#[test]
fn no_answer_is_left_without_a_word() {
    for (octets, kind, says) in [
        ("403 XSRF prevention check failed. Possible XSRF discovered.", "xsrf", "lost on the way"),
        ("302 Found\nLocation: /internal_forms_authentication/?targetId=1", "login_page", "this is the proxy"),
        ("302 Found\nLocation:", "other", "elsewhere (302 Found), which the Repository Service does not do"),
        ("302 Found", "other", "leads elsewhere (302 Found)"),
        ("204 No Content", "other", "answers 204 No Content and says nothing of itself"),
        ("101 Switching Protocols", "other", "speaks no HTTP any more"),
    ] {
        let qrs = heard(&format!("HTTP/1.1 {octets}\n\n"));
        assert!(qrs.kind == kind && qrs.meaning.contains(says), "{octets}: {qrs:?}");
        assert!(!qrs.hint.unwrap().contains("log at that time"), "{octets}");
    }
}

#[test]
fn what_an_answer_means_depends_on_the_certificate() {
    let forbidden = b"HTTP/1.1 403 Forbidden\r\n\r\n";
    let without = b"HTTP/1.1 400 Bad Request\r\n\r\nNo required SSL certificate was sent";
    for (certificate, of_forbidden, of_without) in [
        (Certificate::Taken, "takes the certificate and answers 403 Forbidden: `INTERNAL", "who answers is not who"),
        (Certificate::Shown, "not of this site", "who answers is not who asked"),
        (Certificate::NotAskedFor, "has asked for no certificate", "wants a client certificate and got none"),
        (Certificate::NotGiven, "no certificate was shown", "wants a client certificate and got none"),
    ] {
        let meaning = heard_by(certificate, forbidden).meaning;
        assert!(meaning.contains(of_forbidden), "{meaning}");
        let meaning = heard_by(certificate, without).meaning;
        assert!(meaning.contains(of_without), "{meaning}");
    }
    let hint = |certificate| heard_by(certificate, forbidden).hint.unwrap();
    assert!(hint(Certificate::Taken).contains("`--user`") && !hint(Certificate::Taken).contains("certificate"));
    assert!(hint(Certificate::Shown).contains("`--user`") && hint(Certificate::Shown).contains("certificate"));
    assert_eq!(heard_by(Certificate::Taken, about().as_bytes()).works(), Some(true));
}

/// What other programs refuse to read is no good sign, whatever it says.
#[test]
fn an_answer_that_is_not_whole_is_none() {
    let length = ABOUT.len();
    for (head, body) in [
        (format!("Content-Length: {}", length + 9), ABOUT.to_owned()),
        ("Content-Length: -5".to_owned(), ABOUT.to_owned()),
        ("Content-Length: 99999999999999999999".to_owned(), ABOUT.to_owned()),
        (format!("Content-Length: {length}\r\nContent-Length: 1"), ABOUT.to_owned()),
        (format!("Content-Length: {length}"), ABOUT[..length - 9].to_owned()),
        ("Transfer-Encoding: chunked".to_owned(), format!("{length:x}\r\n{ABOUT}\r\n")),
        ("Transfer-Encoding: chunked".to_owned(), format!("{length:x}\r\n{ABOUT}X\r\n0\r\n\r\n")),
    ] {
        for certificate in [Certificate::Shown, Certificate::Taken] {
            let qrs = heard_by(certificate, format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}").as_bytes());
            assert_eq!((qrs.kind, qrs.works(), &qrs.product), ("broken", Some(false), &None), "{head}: {qrs:?}");
            assert!(qrs.meaning.ends_with("the answer is not whole"), "{qrs:?}");
        }
    }
    let whole = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{ABOUT}");
    assert_eq!(heard_by(Certificate::Shown, whole.as_bytes()).kind, "about");
    let long = format!("HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n{}", "x".repeat(999_999));
    assert_eq!(heard_by(Certificate::Shown, long.as_bytes()).kind, "other");
}

#[test]
fn an_end_without_an_answer_has_its_meaning_too() {
    let (target, user) = (target(4242), User::default());
    let asked = Asked { target: &target, user: &user, patience: patience(), certificate: Certificate::Shown };
    for (end, kind) in [
        (End::Done(After::Quiet), "no_answer"),
        (End::Done(After::Closed), "closed"),
        (End::Failed(Failure::Closed(Stage::After)), "closed"),
        (End::Failed(Failure::Reset(Stage::After)), "closed"),
        (End::Failed(Failure::Renegotiation), "renegotiation"),
        (End::Failed(Failure::NotTls(b"HTTP/1.1 400 Bad Request\r\n".to_vec())), "plain_http_expected"),
        (End::Failed(Failure::Alert(48, Stage::After)), "alert"),
    ] {
        let qrs = outcome(&end, &asked);
        assert_eq!((qrs.kind, qrs.status, qrs.works()), (kind, None, None), "{qrs:?}");
        assert!(qrs.text().len() == 2 && qrs.text()[0].contains("127.0.0.1:4242"), "{qrs:?}");
    }
}

/// However an answer is cut or altered, it has a meaning of some lines.
#[test]
fn no_cut_and_no_flipped_octet_does_harm() {
    let page = nginx("400 Bad Request", "400 x", "The SSL certificate error").replace('\n', "\r\n");
    for whole in [about(), page] {
        let whole = whole.as_bytes();
        for length in 0..whole.len() {
            let mut octets = whole.to_vec();
            octets[length] ^= 0x91;
            for octets in [&octets[..], &whole[..length]] {
                let qrs = heard_by(Certificate::Shown, octets);
                assert!(!qrs.kind.is_empty() && qrs.meaning.len() < 2000);
                assert!(qrs.kind == "about" || qrs.works() != Some(true));
            }
        }
    }
}

#[test]
fn what_a_stranger_sends_is_cut_and_harmless_on_a_terminal() {
    let long = "\u{202e}\u{1b}[31m".repeat(1000);
    for octets in [
        format!("HTTP/1.1 302 x\r\nLocation: /{long}\r\nServer: {long}\r\nVia: {long}\r\n\r\n"),
        format!("HTTP/1.1 299 {long}\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\n\r\n{{\"buildVersion\":\"\\u001b[31m{}\"}}", "x".repeat(9000)),
        format!("HTTP/1.1 401 x\r\nWWW-Authenticate: {long}\r\n\r\n"),
    ] {
        let qrs = heard_by(Certificate::Shown, octets.as_bytes());
        assert!(serde_json::to_string(&qrs).unwrap().len() < 3000);
        for line in qrs.text() {
            assert!(!line.contains(['\u{1b}', '\u{202e}', '\n']) && line.len() < 3000, "{line}");
        }
    }
}

fn identity(role: &str) -> Identity {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/golden/compatible/");
    let read = |name: String| {
        let bytes = files::read(format!("{folder}{name}").as_ref()).map_err(|error| error.to_string());
        let file = InFile { path: name, bytes, others_may_read: false, tracked_by_git: false };
        read_with_keys(file, &[], &Derivations::default())
    };
    let (certificate, key) = (read(format!("{role}.pem")), read(format!("{role}_key.pem")));
    let der = certificate.certificates().next().unwrap().der().to_vec();
    Identity::new(vec![der], key.keys().next().unwrap().private.as_ref().unwrap()).unwrap()
}

/// The request over real TLS, to somebody who answers as the Repository does.
#[test]
fn the_answer_comes_over_tls() {
    let limits = Limits { whole: Duration::from_secs(20), after: Duration::from_secs(20), answer: http::MOST };
    for version in Version::ALL {
        let (ours, theirs) = server::loopback(limits.whole).unwrap();
        let (target, user) = (target(ours.address.port()), User::parse("EXAMPLE\\me").unwrap());
        let key = Key::fresh(&mut SystemEntropy).unwrap();
        let callee = Callee {
            identity: identity("server"),
            versions: vec![version],
            check: Arc::new(|_: &[Vec<u8>]| Ok(())),
            issuers: Vec::new(),
            answer: about().into_bytes(),
            limits,
        };
        let asking = Call {
            name: target.address.name(),
            versions: Version::ALL.to_vec(),
            identity: Some(identity("client")),
            check: None,
            request: request::about(&target, &user, &key),
            limits,
        };
        let (met, other_end) = std::thread::scope(|scope| {
            let starting = Starting::announce();
            let other_end = scope.spawn(move || {
                starting.begin();
                server::answer(theirs, &callee)
            });
            (call(ours, &asking, &http::is_enough), other_end.join().unwrap())
        });
        let asked =
            Asked { target: &target, user: &user, patience: patience(), certificate: certificate(&met, true, false) };
        assert_eq!(asked.certificate, Certificate::Shown);
        assert_eq!(certificate(&met, true, true), Certificate::Taken);
        let qrs = outcome(&met.end, &asked);
        assert_eq!((qrs.kind, qrs.product.unwrap().version.as_str()), ("about", "38.18.1.0"), "{:?}", met.end);
        assert_eq!(other_end.end, End::Done(After::Answer(request::about(&target, &user, &key))));
    }
}

#[test]
fn trouble_on_the_way_is_told_as_everywhere() {
    // RFC 6335: port 1 is tcpmux, which no machine of today has.
    let key = Key::fresh(&mut SystemEntropy).unwrap();
    let qrs = ask(&target(1), None, false, patience(), &User::default(), &key);
    assert_eq!((qrs.kind, qrs.status, qrs.works()), ("refused", None, None));
}

//! What an answer means: by what it says where that is known, else by its status. Octets in, meaning out.

use super::product::Product;
use super::{Asked, Certificate, Qrs, nothing};
use crate::host::tls::http::{self, Answer, Extent, NotRead};

/// Of a body so much is searched for known words.
const SEARCHED: usize = 16 << 10;
/// Characters of what the other side sent, within a sentence.
const QUOTED: usize = 80;

/// Words that say more than the status, in lower case, with the kinds that they tell.
const SAYINGS: &[(&str, &str)] = &[
    ("xsrf prevention check failed", "xsrf"),
    ("possible xsrf discovered", "xsrf"),
    // nginx, ngx_http_special_response.c
    ("no required ssl certificate was sent", "no_certificate"),
    ("the ssl certificate error", "certificate_refused"),
    ("the plain http request was sent to https port", "https_expected"),
    // IIS, HTTP status codes: 403.7 required, .13 revoked, .16 not trusted, .17 expired
    ("403.7 - forbidden", "no_certificate"),
    ("403.13 - forbidden", "certificate_refused"),
    ("403.16 - forbidden", "certificate_refused"),
    ("403.17 - forbidden", "certificate_refused"),
    // Go, Apache, Tomcat
    ("client sent an http request to an https server", "https_expected"),
    ("speaking plain http to an ssl-enabled server port", "https_expected"),
    ("combination of host and port requires tls", "https_expected"),
];

/// What addresses of log-on pages have in them; Qlik's own is `/internal_windows_authentication/`.
const LOG_ON: [&str; 9] = ["login", "logon", "log-on", "signin", "sign-in", "authentic", "oauth", "saml", "internal_"];

pub(super) fn meaning(octets: &[u8], asked: &Asked) -> Qrs {
    let place = asked.target.place();
    let answer = match http::read(octets) {
        Ok(answer) => answer,
        Err(NotRead::NotHttp) => {
            return nothing(
                "not_http",
                format!("`{place}` answers with something that is no HTTP"),
                "this is not the port of the Repository Service, which is 4242: `qcert explain 4242`",
            );
        }
        Err(NotRead::Cut) => {
            return nothing(
                "closed",
                format!("`{place}` breaks off before its answer says anything"),
                "ask again; if it stays so, look into the service's log",
            );
        }
    };
    let product = Product::read(&answer.body).filter(|_| answer.status == 200);
    let heard = Heard { body: searched(&answer.body), answer };
    let kind = match (&product, asked.certificate) {
        (Some(_), Certificate::Shown | Certificate::Taken) => "about",
        (Some(_), _) => "unprotected",
        (None, _) => kind(&heard),
    };
    let broken = heard.answer.status == 200 && is_broken(heard.answer.extent, octets.len());
    let kind = if broken && matches!(kind, "about" | "other") { "broken" } else { kind };
    let product = product.filter(|_| kind != "broken");
    let (meaning, hint) = match &product {
        Some(product) => about(product, asked),
        None => words(kind, &heard, asked),
    };
    let answer = &heard.answer;
    let via = answer.header("via").filter(|_| kind != "about").map(quoted);
    let meaning = via.map_or(meaning.clone(), |via| format!("{meaning}; it came by way of `{via}`"));
    let server = answer.header("server").map(quoted).filter(|server| !server.is_empty());
    Qrs { status: Some(answer.status), kind, meaning, hint, server, product }
}

/// Not where it is qcert that reads no further.
fn is_broken(extent: Extent, octets: usize) -> bool {
    extent == Extent::Broken || extent == Extent::Cut && octets < http::MOST
}

struct Heard {
    answer: Answer,
    /// As much as is searched, in lower case.
    body: String,
}

fn searched(body: &[u8]) -> String {
    String::from_utf8_lossy(body.get(..SEARCHED).unwrap_or(body)).to_lowercase()
}

fn quoted(text: &str) -> String {
    let cut = if text.chars().nth(QUOTED).is_some() { "…" } else { "" };
    text.chars().take(QUOTED).chain(cut.chars()).collect()
}

impl Heard {
    fn is_html(&self) -> bool {
        let typed = self.answer.header("content-type").is_some_and(|kind| kind.to_lowercase().contains("html"));
        let begins = self.body.trim_start_matches('\u{feff}').trim_start();
        typed || begins.starts_with("<!doctype html") || begins.starts_with("<html")
    }

    /// Where a redirection leads, without its query: that may be a ticket.
    fn leads_to(&self) -> Option<String> {
        let location = self.answer.header("location")?;
        Some(quoted(location.split(['?', '#']).next().unwrap_or_default()))
    }

    /// As the other side words it.
    fn status(&self) -> String {
        let Answer { status, reason, .. } = &self.answer;
        format!("{status} {}", quoted(reason)).trim_end().to_owned()
    }
}

fn kind(heard: &Heard) -> &'static str {
    let status = heard.answer.status;
    if (400..=499).contains(&status) {
        // Behind the status it may say why, too: .NET shows the Repository's XSRF check from there.
        let reason = heard.answer.reason.to_lowercase();
        let says = |saying: &str| heard.body.contains(saying) || reason.contains(saying);
        if let Some((_, kind)) = SAYINGS.iter().find(|(saying, _)| says(saying)) {
            return kind;
        }
        if heard.body.contains("xsrf") && !heard.is_html() {
            return "xsrf";
        }
    }
    match status {
        200..=299 if heard.is_html() => "login_page",
        300..=399 => {
            let leads_to = heard.answer.header("location").unwrap_or_default().to_lowercase();
            if LOG_ON.iter().any(|word| leads_to.contains(word)) { "login_page" } else { "other" }
        }
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not_found",
        // nginx' own, which a page of the operator's may let through.
        495 => "certificate_refused",
        496 => "no_certificate",
        497 => "https_expected",
        502 | 504 => "bad_gateway",
        503 => "unavailable",
        _ => "other",
    }
}

fn about(product: &Product, asked: &Asked) -> (String, Option<String>) {
    let node = product.node.map(|node| format!(", {node} node")).unwrap_or_default();
    let meaning = format!("the Repository Service answers `{}`: version {}{node}", asked.user, product.version);
    if !matches!(asked.certificate, Certificate::Shown | Certificate::Taken) {
        let hint = "whoever reaches this port may act as any user: something in front shows a certificate of its own, so \
                    let nobody but the site reach it";
        return (format!("{meaning}; it did so without seeing a certificate"), Some(hint.to_owned()));
    }
    let waits = product.requires_bootstrap == Some(true);
    (meaning, waits.then(|| "it says that it waits for its bootstrap: `qcert explain startup`".to_owned()))
}

fn words(kind: &str, heard: &Heard, asked: &Asked) -> (String, Option<String>) {
    let place = asked.target.place();
    let (meaning, hint) = match kind {
        "forbidden" => forbidden(heard, asked),
        "no_certificate" | "certificate_refused" => certificate(kind, asked),
        "other" => other(heard, &place),
        "xsrf" => (
            format!(
                "`{place}` says that the xrfkey is missing or not the same in address and header: qcert sends the same in \
                 both, so the header was lost on the way"
            ),
            "something in between drops or changes headers: call the service itself",
        ),
        "broken" => (
            match heard.answer.extent {
                Extent::Cut => format!("`{place}` answers less than it announces: the answer is not whole"),
                _ => format!("`{place}` answers, but the length that it announces is none: the answer is not whole"),
            },
            "programs refuse such an answer; ask again, and if it stays so, call the service itself, without what is \
             in between",
        ),
        "https_expected" => (
            format!("something in front of `{place}` takes the TLS off, and with it every certificate"),
            "call the service itself, or have TLS passed through",
        ),
        "unauthorized" => (
            format!(
                "`{place}` wants a user to log on{}, not a certificate: so does the proxy, not the Repository Service",
                heard.answer.header("www-authenticate").map(scheme).unwrap_or_default()
            ),
            "the Repository Service is on port 4242, without a virtual proxy's prefix",
        ),
        "login_page" => (
            match heard.leads_to().filter(|_| heard.answer.status >= 300) {
                Some(page) => format!("`{place}` leads to a log-on page, `{page}`: this is the proxy"),
                None => format!("`{place}` answers with a web page: this is the proxy, or another web server"),
            },
            "the Repository Service is on port 4242, without a virtual proxy's prefix",
        ),
        "not_found" => (
            format!("`{place}` has nothing at /qrs/about: another service answers there"),
            "the Repository Service is on port 4242: `qcert explain 4242`",
        ),
        "bad_gateway" => (
            format!("something in front of `{place}` answers ({}): the service behind it does not", heard.status()),
            "is the service started? call the node itself",
        ),
        _ => (
            format!(
                "`{place}` is not ready (503): the service starts or stops, or what is in front of it knows no node"
            ),
            "ask again in some minutes; call the node itself",
        ),
    };
    (meaning, Some(hint.to_owned()))
}

fn forbidden(heard: &Heard, asked: &Asked) -> (String, &'static str) {
    let (status, place) = (heard.status(), asked.target.place());
    match asked.certificate {
        Certificate::Taken => (
            format!("`{place}` takes the certificate and answers {status}: `{}` may not do this", asked.user),
            "look at that user's rights in the QMC, or ask as another one with `--user`",
        ),
        Certificate::Shown => (
            format!(
                "`{place}` answers {status}: the certificate is not of this site, or `{}` may not do this",
                asked.user
            ),
            "use the client certificate of this site (`qcert explain 4242`); if it is, ask as another user with \
             `--user`",
        ),
        Certificate::NotAskedFor => (
            format!("`{place}` answers {status}, and has asked for no certificate"),
            "is this the port of the Repository Service? then have Windows ask at once: `netsh http show sslcert`, \
             Negotiate Client Certificate",
        ),
        Certificate::NotGiven => (
            format!("`{place}` answers {status}: no certificate was shown"),
            "give the client certificate of this site with its key",
        ),
    }
}

fn certificate(kind: &str, asked: &Asked) -> (String, &'static str) {
    let place = asked.target.place();
    match (kind, asked.certificate) {
        ("no_certificate", Certificate::Shown | Certificate::Taken) => (
            format!("a certificate was shown to `{place}`, and it says that it got none: who answers is not who asked"),
            "something in between ends the TLS and calls on without a certificate: call the service itself",
        ),
        ("no_certificate", _) => (
            format!("`{place}` wants a client certificate and got none"),
            "give the client certificate of this site with its key",
        ),
        _ => (
            format!("`{place}` has looked at the certificate and does not take it: another root, or its dates"),
            "use the client certificate of this site; whoever answers must trust its root",
        ),
    }
}

fn other(heard: &Heard, place: &str) -> (String, &'static str) {
    let elsewhere = "is this the Repository Service? `qcert explain 4242`";
    if (300..=399).contains(&heard.answer.status) {
        let page = heard.leads_to().filter(|page| !page.is_empty()).map(|page| format!(", to `{page}`"));
        let page = page.unwrap_or_else(|| format!(" ({})", heard.status()));
        let meaning = format!("`{place}` leads elsewhere{page}, which the Repository Service does not do");
        return (meaning, "this may be the proxy: the Repository Service is on port 4242, without a prefix");
    }
    // http.sys and Kestrel.
    if heard.answer.status == 400 && heard.body.contains("invalid hostname") {
        let meaning = format!("`{place}` does not take this name: the service there goes by another");
        return (meaning, "call it by the name in its certificate, not by an address or an alias");
    }
    if heard.answer.status == 101 {
        let meaning = format!("`{place}` answers {} and speaks no HTTP any more", heard.status());
        return (meaning, "the Engine Service and the proxy do so, not the Repository Service: is this port 4242?");
    }
    if heard.answer.status == 200 {
        return (format!("`{place}` answers, but not as the Repository Service does"), elsewhere);
    }
    if heard.answer.status < 300 {
        let meaning = format!("`{place}` answers {} and says nothing of itself", heard.status());
        return (meaning, elsewhere);
    }
    (format!("`{place}` answers {}", heard.status()), "look into the service's log at that time")
}

/// ` (Negotiate)`: the method alone, without its parameters.
fn scheme(header: &str) -> String {
    let scheme: String = header.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').take(20).collect();
    if scheme.is_empty() { scheme } else { format!(" ({scheme})") }
}

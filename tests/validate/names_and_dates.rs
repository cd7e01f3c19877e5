//! Who the certificates are for, and from when until when.

use super::certificate::{ALTERNATIVE_NAME, Draft, MARKER, common_name, names, root};
use super::folder::{Folder, folder};
use super::site::{MACHINE, Site, certificate_pem, site};
use time::macros::datetime;

pub(crate) fn folders() -> Vec<Folder> {
    [dates(), soon(), names_of_servers(), names_of_clients(), markers()].into_iter().flatten().collect()
}

fn server(name: &str, what: &str, bend: impl FnOnce(Draft) -> Draft) -> Folder {
    folder(name, what, site().server(bend).pem())
}

fn client(name: &str, what: &str, bend: impl FnOnce(Draft) -> Draft) -> Folder {
    folder(name, what, site().client(bend).pem())
}

fn expired(draft: Draft) -> Draft {
    draft.made(datetime!(2015-09-14 10:00 UTC))
}

fn later(draft: Draft) -> Draft {
    draft.made(datetime!(2026-07-01 10:00 UTC))
}

fn inverted(draft: Draft) -> Draft {
    draft.dates(datetime!(2027-01-01 00:00 UTC), datetime!(2024-01-01 00:00 UTC))
}

fn dates() -> Vec<Folder> {
    let old = site().root(expired).server(expired).client(expired);
    vec![
        server("server-expired", "the server expired last year", expired).error("validity/expired", "server.pem"),
        server(
            "server-expired-and-issuer",
            "the server expired, and a certificate beside it names it as issuer",
            expired,
        )
        .put("junk.pem", certificate_pem(&super::certificate::client(&site().server).der()))
        .error("validity/expired", "server.pem")
        .error("chain/not-a-ca", "server.pem"),
        client("client-expired", "the client expired last year", expired).error("validity/expired", "client.pem"),
        folder("root-expired", "the root expired last year", site().root(expired).pem())
            .error("validity/expired", "root.pem"),
        folder(
            "both-formats-server-expired",
            "the server, in both formats, expired last year",
            site().server(expired).all(),
        )
        .error("validity/expired", "server.pem"),
        folder(
            "windows-client-expired",
            "the client in `client.pfx` expired last year",
            site().client(expired).windows(),
        )
        .error("validity/expired", "client.pfx"),
        folder("all-expired", "ten years are over, and everything expired on the same day", old.pem())
            .error("validity/expired", "root.pem server.pem client.pem"),
        server("server-not-yet-valid", "the server is valid from next month on", later)
            .error("validity/not-yet-valid", "server.pem"),
        folder("root-not-yet-valid", "the root is valid from next month on", site().root(later).pem())
            .error("validity/not-yet-valid", "root.pem"),
        client("client-dates-inverted", "the client ends before it begins", inverted)
            .error("validity/inverted", "client.pem"),
        server("server-dates-inverted", "the server ends before it begins", inverted)
            .error("validity/inverted", "server.pem"),
        folder(
            "judged-before-it-begins",
            "the folder is judged at a time before server and client begin, by a wrong clock",
            site().pem(),
        )
        .at("2022-02-10T00:00:00Z")
        .error("validity/not-yet-valid", "client.pem server.pem"),
    ]
}

fn soon() -> Vec<Folder> {
    // Eleven days after the time of judging.
    let ends = |draft: Draft| draft.made(datetime!(2016-06-12 08:00 UTC));
    vec![
        server("server-expires-soon", "the server expires in eleven days", ends)
            .warning("validity/expires-soon", "server.pem"),
        client("client-expires-soon", "the client expires in eleven days", ends)
            .warning("validity/expires-soon", "client.pem"),
        folder("root-expires-soon", "the root expires in eleven days", site().root(ends).pem())
            .warning("validity/expires-soon", "root.pem"),
        server(
            "sound-expires-later-than-asked",
            "nothing: the server expires in eleven days, and seven are asked",
            ends,
        )
        .run("--warn-days 7"),
        server("expires-within-days-asked", "the server expires in nine months, and a year is asked", |draft| {
            draft.made(datetime!(2017-03-01 00:00 UTC))
        })
        .run("--warn-days 365")
        .warning("validity/expires-soon", "server.pem"),
        folder("all-expire-soon", "everything expires on the same day, in eleven days", {
            site().root(ends).server(ends).client(ends).pem()
        })
        .warning("validity/expires-soon", "root.pem server.pem client.pem"),
        folder("sound-until-2060", "nothing: the root has a date that needs four digits for its year", {
            site().root(|draft| draft.dates(datetime!(2022-01-25 00:00 UTC), datetime!(2060-01-01 00:00 UTC))).pem()
        }),
        server("strict-expires-soon", "the server expires in eleven days, and warnings count", ends)
            .run("--strict")
            .warning("validity/expires-soon", "server.pem"),
    ]
}

fn names_of_servers() -> Vec<Folder> {
    let asked =
        |name: &str, what: &str, machine: &str| folder(name, what, site().pem()).run(&format!("--machine {machine}"));
    let by_ip = Site::under(root(MACHINE), "10.20.30.40");
    vec![
        asked("machine-of-another-name", "the server is for another machine than the one asked for", "qs2.example.com")
            .error("identity/name-mismatch", "server.pem"),
        asked(
            "machine-by-short-name",
            "the machine is called by its short name, and the server has the full one",
            "qs1",
        )
        .error("identity/name-mismatch", "server.pem"),
        asked(
            "machine-by-ip",
            "the machine is called by its IP address, which the server does not have",
            "10.20.30.40",
        )
        .error("identity/name-mismatch", "server.pem"),
        server(
            "alternative-name-of-another",
            "the server's alternative name is another than its common name",
            |draft| draft.dns(&["qs9.example.com"]),
        )
        .run("--machine qs1.example.com")
        .error("identity/name-mismatch", "server.pem"),
        server(
            "alternative-names-lack-the-common-name",
            "the server's alternative name is another than its common name, and no name is asked",
            |draft| draft.dns(&["qs9.example.com"]),
        )
        .warning("identity/other-names", "server.pem"),
        server(
            "server-common-name-of-another",
            "the server is for another machine than the one asked for, in both its names",
            |draft| draft.subject(common_name("qs9.example.com")).dns(&["qs9.example.com"]),
        )
        .run("--machine qs1.example.com")
        .error("identity/name-mismatch", "server.pem"),
        server("without-alternative-name", "the server has a common name only", |draft| {
            draft.without(ALTERNATIVE_NAME)
        })
        .warning("identity/no-alternative-name", "server.pem"),
        server(
            "without-alternative-name-asked",
            "the server has a common name only, which is the one asked for",
            |draft| draft.without(ALTERNATIVE_NAME),
        )
        .run("--machine qs1.example.com")
        .warning("identity/no-alternative-name", "server.pem"),
        folder("ip-as-dns-name", "the server's IP address stands as a DNS name alone, as Qlik writes it", by_ip.pem())
            .warning("identity/ip-as-dns-name", "server.pem"),
        folder("sound-ip-in-both-forms", "nothing: the server's IP address stands in both forms", {
            let value = names(&[(2, b"10.20.30.40"), (7, &[10, 20, 30, 40])]);
            by_ip.clone().server(|draft| draft.set(ALTERNATIVE_NAME, false, value)).pem()
        })
        .run("--machine 10.20.30.40"),
        server("sound-wildcard", "nothing: the server's alternative name is a wildcard for its domain", |draft| {
            draft.dns(&["*.example.com"])
        })
        .run("--machine qs1.example.com"),
        server("alternative-name-with-scheme", "one of the server's alternative names is a web address", |draft| {
            draft.dns(&[MACHINE, "https://qs1.example.com"])
        })
        .warning("identity/malformed-name", "server.pem"),
        server("alternative-name-with-space", "one of the server's alternative names ends in a space", |draft| {
            draft.dns(&[MACHINE, "qs1 "])
        })
        .warning("identity/malformed-name", "server.pem"),
        server(
            "sound-short-common-name",
            "nothing: the common name is short and the alternative name in full, and none is asked",
            |draft| draft.subject(common_name("qs1")),
        ),
        server("sound-alias", "nothing: the name asked for is an alias of the server", |draft| {
            draft.dns(&[MACHINE, "sense.example.com"])
        })
        .run("--machine sense.example.com"),
        server(
            "sound-international-name",
            "nothing: the common name is in German, the alternative name in the form of DNS",
            |draft| draft.subject(common_name("qs1.müller.example")).dns(&["qs1.xn--mller-kva.example"]),
        ),
        folder("sound-ip-version-6", "nothing: a machine called by its IPv6 address, in both forms", {
            let octets = std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 5).octets();
            let value = names(&[(2, b"2001:db8::5"), (7, &octets)]);
            Site::under(root(MACHINE), "2001:db8::5").server(|draft| draft.set(ALTERNATIVE_NAME, false, value)).pem()
        })
        .run("--machine 2001:db8::5"),
        server("long-common-name", "nothing that matters: the server's common name has 70 characters", |draft| {
            let long = "qs1.a-rather-long-name-of-a-subdomain.in-some-cloud.region-3.example.com";
            draft.subject(common_name(long)).dns(&[long])
        })
        .note("identity/long-common-name", "server.pem"),
    ]
}

fn names_of_clients() -> Vec<Folder> {
    let named = |name: &str, what: &str, text: &str| {
        client(name, what, |draft| draft.subject(common_name(text))).error("identity/client-name", "client.pem")
    };
    vec![
        named("client-of-another-name", "the client is called after the machine instead of QlikClient", MACHINE),
        named(
            "client-name-in-lower-case",
            "the client is called qlikclient, and Qlik's scripts look for QlikClient",
            "qlikclient",
        ),
    ]
}

fn markers() -> Vec<Folder> {
    vec![
        server("marker-unknown", "the server's marker has a word that Qlik does not use", |draft| {
            draft.marker("Server")
        })
        .warning("identity/unknown-marker", "server.pem"),
        client("marker-missing", "nothing that matters: the client has no marker", |draft| draft.without(MARKER))
            .note("identity/no-marker", "client.pem"),
        folder(
            "qlikview-sibling",
            "nothing that matters: a certificate lies here that is marked as a client and not called QlikClient",
            site().pem(),
        )
        .put("qlikview.pem", certificate_pem(&site().again().client.subject(common_name("qv1.example.com")).der()))
        .note("identity/qlikview", "qlikview.pem"),
        server(
            "server-with-secrets",
            "nothing that matters: the site's secrets are in the server certificate",
            super::sound::with_secrets,
        )
        .note("site/secrets", "server.pem"),
    ]
}

//! Folders without an error: real exports of every age, qcert's own, and other people's authorities. What they lack by
//! today's measure is a warning or a note.

use super::certificate::{
    ALTERNATIVE_NAME, BASIC_CONSTRAINTS, CERTIFICATE_SIGN, CLIENT_AUTH, COMMON_NAME, CRL_SIGN, DIGITAL_SIGNATURE,
    Draft, KEY_ENCIPHERMENT, MARKER, PRINTABLE, SECRETS, SERVER_AUTH, UTF8, common_name, intermediate, name,
    qliks_dates, root, serial,
};
use super::folder::{Folder, folder};
use super::site::{Files, MACHINE, Site, certificate_pem, site};
use super::workshop::{Fixed, Workshop};
use qcert::pki::der;
use qcert::pki::entropy::Entropy as _;
use qcert::pki::pfx::PfxEncryption;
use qcert::pki::profile::Profile;
use time::OffsetDateTime;
use time::macros::datetime;

pub(crate) fn folders() -> Vec<Folder> {
    [exports(), odd_exports(), qcerts_own(), authorities(), intermediates()].into_iter().flatten().collect()
}

/// A site whose root was made at one time and whose leaves at another, with what its release wrote.
fn aged(root_made: OffsetDateTime, leaves_made: OffsetDateTime, constraints: bool, names: bool) -> Site {
    let root = root(MACHINE).made(root_made);
    let root = if constraints { root } else { root.without(BASIC_CONSTRAINTS) };
    let bend =
        |draft: Draft| if names { draft.made(leaves_made) } else { draft.made(leaves_made).without(ALTERNATIVE_NAME) };
    Site::under(root, MACHINE).server(bend).client(|draft| draft.made(leaves_made))
}

/// 1.3.6.1.5.5.7.13.1 and .13.2: 256 octets each, encrypted to the server's key.
pub(crate) fn with_secrets(server: Draft) -> Draft {
    SECRETS.into_iter().zip([41, 42]).fold(server, |draft, (oid, seed)| {
        let octets = Fixed(seed).octets::<256>().unwrap();
        draft.with(oid, false, der::octet_string(&octets))
    })
}

fn exports() -> Vec<Folder> {
    let made_2015 = datetime!(2015-11-03 09:12:44 UTC);
    let site_2015 = aged(made_2015, datetime!(2016-04-20 14:02:11 UTC), false, false);
    let site_2017 = aged(datetime!(2017-02-14 16:40:02 UTC), datetime!(2017-02-15 07:30:00 UTC), false, false);
    let site_2018 = aged(datetime!(2017-02-14 16:40:02 UTC), datetime!(2018-01-27 11:11:11 UTC), false, true);
    let site_2019 = aged(datetime!(2019-03-26 13:05:59 UTC), datetime!(2019-06-12 10:00:17 UTC), false, true);
    let site_2020 = aged(datetime!(2020-05-10 06:21:33 UTC), datetime!(2020-05-11 08:00:00 UTC), true, true);
    vec![
        folder(
            "sound-2015-client-only",
            "nothing: the three files of a release of 2015, judged in 2019",
            site_2015.pem(),
        )
        .remove("server.pem")
        .remove("server_key.pem")
        .at("2019-06-01T00:00:00Z")
        .warning("chain/no-basic-constraints", "root.pem"),
        folder(
            "sound-2017-with-secrets",
            "nothing: an export of February 2017 with the site's secrets, before servers had alternative names",
            site_2017.server(with_secrets).pem(),
        )
        .warning("chain/no-basic-constraints", "root.pem")
        .warning("identity/no-alternative-name", "server.pem")
        .note("site/secrets", "server.pem"),
        folder("sound-2018", "nothing: an export of 2018 under a root of 2017", site_2018.pem())
            .warning("chain/no-basic-constraints", "root.pem"),
        folder(
            "sound-2019-windows",
            "nothing: a Windows export of 2019 under a root without basicConstraints",
            site_2019.windows(),
        )
        .warning("chain/no-basic-constraints", "root.cer"),
        folder("sound-2019-both-formats", "nothing: both formats of 2019, of two exports", site_2019.pem())
            .put("root.cer", site_2019.root.der())
            .put("server.pfx", site_2019.clone().again().server_pfx().der())
            .put("client.pfx", site_2019.clone().again().client_pfx().der())
            .warning("chain/no-basic-constraints", "root.cer root.pem")
            .note("site/mixed-exports", ""),
        folder("sound-2020", "nothing: an export of 2020", site_2020.pem()),
        folder("sound-2022-pem", "nothing: a PEM export of 2022", site().pem())
            .run("--machine qs1.example.com")
            .note("chain/no-key-usage", "root.pem"),
        folder("sound-2022-windows", "nothing: a Windows export of 2022", site().windows())
            .run("--machine QS1.Example.COM"),
        folder("sound-2022-both-formats", "nothing: both formats of one export", site().all()),
    ]
}

fn odd_exports() -> Vec<Folder> {
    let long = "qliksense-production-node-01.weu-analytics.cloud.example-ag.eu";
    let short = Site::under(root("QS1"), "QS1");
    vec![
        folder(
            "sound-long-root-name",
            "nothing: the root's name has 65 characters, one more than X.520 allows",
            Site::under(root(long), "qs1").pem(),
        )
        .note("identity/long-common-name", "root.pem"),
        folder("sound-short-names", "nothing: a machine without domain, in capitals", short.pem()).run("--machine qs1"),
        folder(
            "sound-localhost",
            "nothing: an export for localhost",
            Site::under(root("localhost"), "localhost").pem(),
        ),
        folder(
            "sound-leaves-older-than-root",
            "nothing: server and client were made before the root that signs them",
            site().root(|draft| draft.made(datetime!(2023-01-01 00:00 UTC))).pem(),
        ),
        folder(
            "sound-leaves-outlive-root",
            "nothing: server and client end years after the root, as Qlik makes them",
            site()
                .server(|draft| draft.made(datetime!(2026-01-07 09:00 UTC)))
                .client(|draft| draft.made(datetime!(2026-01-07 09:00 UTC)))
                .pem(),
        )
        .note("validity/outlives-root", ""),
        folder(
            "sound-marker-bare",
            "nothing: the markers stand without their inner OCTET STRING, as a re-implementation writes them",
            {
                let bare = |word: &'static str| move |draft: Draft| draft.set(MARKER, false, word.as_bytes().to_vec());
                site().root(bare("Root")).server(bare("Service")).client(bare("Client")).pem()
            },
        ),
        folder("sound-without-markers", "nothing: made with OpenSSL, without Qlik's marker", {
            let plain = |draft: Draft| draft.without(MARKER);
            site().root(plain).server(plain).client(plain).pem()
        })
        .note("identity/no-marker", ""),
        folder(
            "sound-unlike-qlik-dates",
            "nothing: the server has one year from its first day on, which Qlik never gives",
            {
                site()
                    .server(|draft| draft.dates(datetime!(2025-09-01 00:00 UTC), datetime!(2026-09-01 00:00 UTC)))
                    .pem()
            },
        )
        .note("validity/unlike-qlik", "server.pem"),
    ]
}

fn qcerts_own() -> Vec<Folder> {
    let files = |profile| -> Files {
        let files = Workshop::new(profile).files(PfxEncryption::Modern, None);
        files.into_iter().map(|file| (file.name.to_owned(), file.bytes.expose().to_vec())).collect()
    };
    let at = "2026-12-01T00:00:00Z";
    vec![
        folder("sound-qcert-compatible", "nothing: what qcert writes", files(Profile::Compatible))
            .at(at)
            .run("--machine qlik1.test"),
        folder(
            "sound-qcert-compatible-by-ip",
            "nothing: what qcert writes, called by its IP address",
            files(Profile::Compatible),
        )
        .at(at)
        .run("--machine 10.0.0.5"),
        folder("sound-qcert-qlik", "an IP stands as a DNS name alone, as Qlik writes it", files(Profile::Qlik))
            .at(at)
            .warning("identity/ip-as-dns-name", "server.pem"),
        folder("sound-qcert-classic", "nothing: qcert's look-alike of a release before 2018", files(Profile::Classic))
            .at(at)
            .warning("chain/no-basic-constraints", "root.cer root.pem")
            .warning("identity/no-alternative-name", "server.pem"),
    ]
}

/// Other people's roots.
fn authorities() -> Vec<Folder> {
    let component: &[u8] = &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25];
    let unit: &[u8] = &[0x55, 4, 11];
    let directory = name(&[
        (component, 0x16, "com"),
        (component, 0x16, "example"),
        (unit, UTF8, "Public Key Services"),
        (unit, UTF8, "Analytics"),
        (COMMON_NAME, PRINTABLE, "Example Issuing CA"),
    ]);
    let foreign =
        Draft { subject: directory.clone(), issuer: directory, ..root(MACHINE) }.usage(CERTIFICATE_SIGN | CRL_SIGN);
    let corporate = root("Example Corporate").own_key("other").serial(&serial("corporate"));
    let cross =
        Draft { issuer: corporate.subject.clone(), serial: serial("cross"), ..root(MACHINE) }.signed_by("other");
    let large = root(MACHINE).own_key("rsa4096");
    let usages = |purpose: &'static [u8]| {
        move |draft: Draft| draft.usage(DIGITAL_SIGNATURE | KEY_ENCIPHERMENT).purposes(&[purpose])
    };
    let strict = Site::under(root(MACHINE).usage(CERTIFICATE_SIGN | CRL_SIGN), MACHINE);
    vec![
        folder(
            "sound-directory-root",
            "nothing: a root with repeated DC and OU",
            Site::under(foreign.without(MARKER), MACHINE).pem(),
        ),
        folder("sound-cross-signed", "nothing: the root is also there as another root signed it", site().pem())
            .put("cross.pem", certificate_pem(&cross.der())),
        folder(
            "sound-cross-signed-by-root",
            "nothing: the root signed the site's own, whose cross certificate lies beside it",
            site().pem(),
        )
        .put("root.pem", certificate_pem(&corporate.der()))
        .put("cross.pem", certificate_pem(&cross.der())),
        folder("sound-large-root", "nothing: a root of 4096 bits", Site::under(large, MACHINE).pem()),
        folder("sound-with-usages", "nothing: keyUsage everywhere, and each leaf with the purpose of its role", {
            strict.server(usages(SERVER_AUTH)).client(usages(CLIENT_AUTH)).pem()
        }),
    ]
}

fn intermediates() -> Vec<Folder> {
    let middle = intermediate(&root(MACHINE), "qs1.example.com Issuing CA");
    let plain = Site { root: root(MACHINE), ..Site::under(middle.clone(), MACHINE) };
    let both = [certificate_pem(&root(MACHINE).der()), certificate_pem(&middle.der())].concat();
    let older = Draft {
        subject: common_name("Old Example Root"),
        dates: qliks_dates(datetime!(2019-08-01 00:00 UTC)),
        ..root(MACHINE)
    };
    let older = older.own_key("other").self_signed();
    vec![
        folder("sound-intermediate-file", "nothing: an intermediate authority has a file of its own", plain.pem())
            .put("intermediate.pem", certificate_pem(&middle.der())),
        folder(
            "sound-intermediate-in-root-file",
            "nothing: `root.pem` also holds the intermediate authority",
            plain.pem(),
        )
        .put("root.pem", &both),
        folder(
            "sound-intermediate-given",
            "nothing: the intermediate authority is given with --intermediate",
            plain.pem(),
        )
        .put("between.pem", certificate_pem(&middle.der()))
        .directive("beside between.pem")
        .run("--intermediate between.pem"),
        folder(
            "sound-leaves-with-chain",
            "nothing: `server.pem` and `client.pem` also hold the intermediate authority",
            plain.pem(),
        )
        .change("server.pem", |server| [server, &certificate_pem(&middle.der())].concat())
        .change("client.pem", |client| [client, &certificate_pem(&middle.der())].concat()),
        folder("root-file-with-two-roots", "`root.pem` also holds another site's old root", site().pem())
            .change("root.pem", |root| [root, &certificate_pem(&older.der())].concat())
            .warning("files/several-objects", "root.pem"),
        folder(
            "intermediate-missing",
            "the intermediate authority that signed server and client is not there",
            plain.pem(),
        )
        .error("chain/unknown-issuer", ""),
    ]
}

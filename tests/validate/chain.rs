//! From leaf to root: who signed whom, with what, and whether that may be.

use super::certificate::{
    AUTHORITY_KEY_ID, BASIC_CONSTRAINTS, CERTIFICATE_SIGN, COMMON_NAME, CRL_SIGN, DIGITAL_SIGNATURE, Draft,
    EXTENDED_KEY_USAGE, KEY_USAGE, PRINTABLE, SUBJECT_KEY_ID, common_name, intermediate, name, root, serial,
};
use super::folder::{Folder, folder};
use super::key::{Algorithm, key};
use super::site::{MACHINE, Site, certificate_pem, other_site, site};
use qcert::pki::der::{self, tag};

pub(crate) fn folders() -> Vec<Folder> {
    [issuers(), roots(), signatures(), authorities(), weak(), key_ids()].into_iter().flatten().collect()
}

fn server(name: &str, what: &str, bend: impl FnOnce(Draft) -> Draft) -> Folder {
    folder(name, what, site().server(bend).pem())
}

fn client(name: &str, what: &str, bend: impl FnOnce(Draft) -> Draft) -> Folder {
    folder(name, what, site().client(bend).pem())
}

/// One leaf of somebody else.
fn issuers() -> Vec<Folder> {
    let strange = |draft: Draft| Draft { issuer: common_name("qs2.example.com-CA"), ..draft }.signed_by("other");
    vec![
        server("server-signed-by-same-name-root", "the server is signed by another root of the same name", |draft| {
            draft.signed_by("other")
        })
        .error("chain/same-name-other-key", "server.pem"),
        client("client-signed-by-same-name-root", "the client is signed by another root of the same name", |draft| {
            draft.signed_by("other")
        })
        .error("chain/same-name-other-key", "client.pem"),
        folder(
            "both-formats-server-signed-by-same-name-root",
            "the server, in both formats, is signed by another root of the same name",
            site().server(|draft| draft.signed_by("other")).all(),
        )
        .error("chain/same-name-other-key", "server.pem"),
        folder(
            "same-name-root-without-key-ids",
            "the server is signed by another root of the same name, and nothing has key identifiers",
            {
                let plain = |draft: Draft| draft.without(SUBJECT_KEY_ID).without(AUTHORITY_KEY_ID);
                site().root(plain).client(plain).server(|draft| plain(draft.signed_by("other"))).pem()
            },
        )
        .error("chain/same-name-other-key", "server.pem")
        .warning("chain/key-identifier", "root.pem")
        .warning("chain/key-identifier", "client.pem server.pem"),
        server("server-of-another-site", "the server is signed by the root of another site", strange)
            .error("chain/unknown-issuer", "server.pem"),
        client("client-of-another-site", "the client is signed by the root of another site", strange)
            .error("chain/unknown-issuer", "client.pem"),
        folder("client-pair-of-another-site", "`client.pem` and its key are of another site", site().pem())
            .put("client.pem", certificate_pem(&other_site("qs2.example.com").client.der()))
            .put("client_key.pem", key("client2").pem())
            .error("chain/unknown-issuer", "client.pem"),
        server("server-self-signed", "the server signed itself", Draft::self_signed)
            .error("chain/self-signed", "server.pem"),
        client("client-self-signed", "the client signed itself", Draft::self_signed)
            .error("chain/self-signed", "client.pem"),
        server(
            "issuer-in-another-encoding",
            "the issuer's name is a PrintableString in the server and UTF8String in the root",
            |draft| Draft { issuer: name(&[(COMMON_NAME, PRINTABLE, "qs1.example.com-CA")]), ..draft },
        )
        .warning("chain/issuer-name-encoding", "server.pem"),
        server("issuer-in-other-case", "the issuer's name is in capitals in the server and not in the root", |draft| {
            Draft { issuer: common_name("QS1.example.com-CA"), ..draft }
        })
        .warning("chain/issuer-name-encoding", "server.pem"),
    ]
}

/// Another root than the leaves'.
fn roots() -> Vec<Folder> {
    let (same, strange) = (other_site(MACHINE).root, other_site("qs2.example.com").root);
    vec![
        folder(
            "root-of-the-same-name",
            "`root.pem` is another root of the same name than the one that signed server and client",
            site().pem(),
        )
        .put("root.pem", certificate_pem(&same.der()))
        .error("chain/same-name-other-key", "root.pem"),
        folder("root-of-another-site", "`root.pem` is another site's", site().pem())
            .put("root.pem", certificate_pem(&strange.der()))
            .error("chain/unknown-issuer", "root.pem"),
        folder(
            "root-cer-of-the-same-name",
            "`root.cer` is another root of the same name than `root.pem`",
            site().all(),
        )
        .put("root.cer", same.der())
        .error("site/two-roots", "root.cer root.pem"),
        folder("root-cer-of-another-site", "`root.cer` is another site's root than `root.pem`", site().all())
            .put("root.cer", strange.der())
            .error("site/two-roots", "root.cer root.pem"),
        folder("second-root-of-the-same-name", "an old root of the same name lies beside `root.pem`", site().pem())
            .put("root_old.pem", certificate_pem(&same.der()))
            .warning("site/two-roots", "root.pem root_old.pem"),
        folder("root-renewed", "`root.cer` is the same root as `root.pem`, signed anew with later dates", site().all())
            .put(
                "root.cer",
                site().root.made(time::macros::datetime!(2025-02-01 00:00 UTC)).serial(&serial("renewed")).der(),
            )
            .warning("site/two-roots", "root.pem"),
        folder(
            "pfx-half-of-another-site",
            "the Windows export is another site's, the PEM export this site's",
            site().pem(),
        )
        .put("client.pfx", other_site("qs2.example.com").client_pfx().der())
        .put("server.pfx", other_site("qs2.example.com").server_pfx().der())
        .put("root.cer", strange.der())
        .error("site/two-roots", "root.cer root.pem"),
        folder("root-is-an-intermediate", "`root.pem` is an intermediate authority, and its root is not there", {
            Site::under(intermediate(&root(MACHINE), "qs1.example.com Issuing CA"), MACHINE).pem()
        })
        .error("chain/unknown-issuer", ""),
        folder(
            "root-is-not-the-one-given",
            "the bundle is of another site than the root given with --root",
            site().pem(),
        )
        .put("site.pem", certificate_pem(&strange.der()))
        .directive("beside site.pem")
        .run("--root site.pem")
        .error("site/other-root", "root.pem"),
        folder(
            "root-given-is-of-the-same-name",
            "the root given with --root has the name of the bundle's and another key",
            site().pem(),
        )
        .put("site.pem", certificate_pem(&same.der()))
        .directive("beside site.pem")
        .run("--root site.pem")
        .error("site/other-root", "root.pem"),
        folder("sound-root-given", "nothing: the root given with --root is the bundle's", site().pem())
            .put("site.pem", certificate_pem(&site().root.der()))
            .directive("beside site.pem")
            .run("--root site.pem"),
        folder("client-pfx-of-another-site", "`client.pfx` is another site's", site().all())
            .put("client.pfx", other_site("qs2.example.com").client_pfx().der())
            .error("chain/unknown-issuer", "client.pfx"),
        folder(
            "client-pfx-signed-by-same-name-root",
            "`client.pfx` is signed by another root of the same name",
            site().all(),
        )
        .put("client.pfx", other_site(MACHINE).client_pfx().der())
        .error("chain/same-name-other-key", "client.pfx"),
    ]
}

fn signatures() -> Vec<Folder> {
    let altered = |bytes: &[u8]| {
        let draft = site().server.der();
        let at = draft.windows(MACHINE.len()).rposition(|window| window == MACHINE.as_bytes()).unwrap();
        let mut altered = draft;
        altered[at] = b'Q';
        assert_ne!(bytes, certificate_pem(&altered));
        certificate_pem(&altered)
    };
    let issuer_altered = |bytes: &[u8]| {
        let mut altered = site().server.der();
        let at = altered.windows(MACHINE.len()).position(|window| window == MACHINE.as_bytes()).unwrap();
        altered[at] ^= 1;
        assert_ne!(bytes, certificate_pem(&altered));
        certificate_pem(&altered)
    };
    let last_octet = |draft: &Draft| {
        let mut der = draft.der();
        *der.last_mut().unwrap() ^= 1;
        certificate_pem(&der)
    };
    vec![
        folder(
            "server-altered",
            "a letter of the server's alternative name was altered after it was signed",
            site().pem(),
        )
        .change("server.pem", altered)
        .error("chain/bad-signature", "server.pem"),
        folder(
            "issuer-altered",
            "a bit of the issuer's name was altered in the server after it was signed",
            site().pem(),
        )
        .change("server.pem", issuer_altered)
        .error("chain/bad-signature", "server.pem"),
        folder("client-signature-damaged", "the last octet of the client's signature is wrong", site().pem())
            .put("client.pem", last_octet(&site().client))
            .error("chain/bad-signature", "client.pem"),
        folder("root-signature-damaged", "the last octet of the root's own signature is wrong", site().pem())
            .put("root.pem", last_octet(&site().root))
            .error("chain/bad-signature", "root.pem"),
        server("signature-unknown", "the server is signed with an algorithm that nobody knows", |draft| {
            draft.algorithm(Algorithm::Unknown)
        })
        .error("chain/signature-unsupported", "server.pem"),
        server(
            "algorithms-differ",
            "the server names SHA-256 in the signed part and SHA-1 beside the signature",
            |draft| Draft { outer: Some(Algorithm::Sha1), ..draft },
        )
        .error("chain/algorithm-mismatch", "server.pem"),
        folder("curve-explicit", "the root's elliptic curve stands there in numbers instead of by name", {
            let root = root(MACHINE).own_key("elliptic").algorithm(Algorithm::Ecdsa);
            Site::under(Draft { info: key("elliptic").explicit_info(), ..root }, MACHINE).pem()
        })
        .error("chain/explicit-curve", "root.pem"),
    ]
}

/// What a root or an intermediate authority may.
fn authorities() -> Vec<Folder> {
    let with_root = |name: &str, what: &str, bend: fn(Draft) -> Draft| folder(name, what, site().root(bend).pem());
    let under = |bend_root: fn(Draft) -> Draft, bend: fn(Draft) -> Draft| {
        let middle = bend(intermediate(&root(MACHINE), "qs1.example.com Issuing CA"));
        let leaves = Site::under(root(MACHINE).own_key("intermediate").subject(middle.subject.clone()), MACHINE);
        let mut files = Site { root: bend_root(root(MACHINE)), ..leaves }.pem();
        files.insert("intermediate.pem".to_owned(), certificate_pem(&middle.der()));
        files
    };
    let same = |draft: Draft| draft;
    let permitted = |domain: &str, excluded: bool| {
        let tree = der::sequence(&[&der::encode(tag::context(2), domain.as_bytes())]);
        der::sequence(&[&der::encode(tag::constructed(u8::from(excluded)), &tree)])
    };
    let (others, own) = (permitted("example.org", false), permitted("example.com", true));
    vec![
        with_root("root-is-no-authority", "the root says CA:FALSE", |draft| draft.constraints(true, Some(false), None))
            .error("chain/not-a-ca", "root.pem"),
        folder("both-formats-root-is-no-authority", "the root, in both formats, says CA:FALSE", {
            site().root(|draft| draft.constraints(true, Some(false), None)).all()
        })
        .error("chain/not-a-ca", "root.cer root.pem"),
        with_root(
            "sound-root-path-length",
            "nothing: the root allows no intermediate authority, and there is none",
            |draft| draft.constraints(true, Some(true), Some(0)),
        ),
        with_root("root-may-not-sign", "the root's keyUsage lacks keyCertSign", |draft| {
            draft.usage(CRL_SIGN | DIGITAL_SIGNATURE)
        })
        .error("chain/may-not-sign", "root.pem"),
        with_root("root-constraints-not-critical", "the root's basicConstraints are not critical", |draft| {
            draft.constraints(false, Some(true), None)
        })
        .warning("chain/profile", "root.pem"),
        folder(
            "intermediate-is-no-authority",
            "the intermediate authority has no basicConstraints",
            under(same, |draft| draft.without(BASIC_CONSTRAINTS).without(KEY_USAGE)),
        )
        .error("chain/not-a-ca", "intermediate.pem"),
        folder(
            "intermediate-may-not-sign",
            "the intermediate authority's keyUsage lacks keyCertSign",
            under(same, |draft| draft.usage(DIGITAL_SIGNATURE)),
        )
        .error("chain/may-not-sign", "intermediate.pem"),
        folder(
            "path-too-long",
            "the root allows no intermediate authority, and there is one",
            under(|draft| draft.constraints(true, Some(true), Some(0)), same),
        )
        .error("chain/path-length", "intermediate.pem root.pem"),
        folder("intermediate-for-other-purpose", "the intermediate authority may issue for e-mail only", {
            under(same, |draft| draft.purposes(&[super::certificate::EMAIL]))
        })
        .error("usage/wrong-purpose", "intermediate.pem"),
        folder("name-not-permitted", "the root may sign for example.org only", {
            site().root(|draft| draft.set(super::certificate::NAME_CONSTRAINTS, true, others)).pem()
        })
        .error("chain/name-constraint", "server.pem"),
        folder("name-excluded", "the root may not sign for example.com", {
            site().root(|draft| draft.set(super::certificate::NAME_CONSTRAINTS, true, own)).pem()
        })
        .error("chain/name-constraint", "server.pem"),
        server("server-is-an-authority", "the server says CA:TRUE", |draft| draft.constraints(true, Some(true), None))
            .warning("usage/ca-as-leaf", "server.pem"),
        server(
            "server-for-signing-only",
            "the server's keyUsage allows signing certificates and nothing else",
            |draft| draft.without(EXTENDED_KEY_USAGE).usage(CERTIFICATE_SIGN),
        )
        .error("usage/key-usage", "server.pem"),
        folder("intermediate-is-the-server", "the certificate of the server stands between root and client", {
            under(same, |draft| draft.constraints(true, Some(false), None).usage(DIGITAL_SIGNATURE))
        })
        .error("chain/not-a-ca", "intermediate.pem"),
        server("server-may-sign", "the server's keyUsage has keyCertSign, and it is no authority", |draft| {
            draft.without(EXTENDED_KEY_USAGE).usage(DIGITAL_SIGNATURE | CERTIFICATE_SIGN)
        })
        .warning("chain/profile", "server.pem"),
    ]
}

fn weak() -> Vec<Folder> {
    vec![
        server("server-md5", "the server is signed with MD5", |draft| draft.algorithm(Algorithm::Md5))
            .error("chain/weak-signature", "server.pem"),
        server("server-sha-1", "the server is signed with SHA-1", |draft| draft.algorithm(Algorithm::Sha1))
            .warning("chain/weak-signature", "server.pem"),
        client("client-sha-1", "the client is signed with SHA-1", |draft| draft.algorithm(Algorithm::Sha1))
            .warning("chain/weak-signature", "client.pem"),
        server("server-rsa-1024", "the server's key has 1024 bits", |draft| draft.key("rsa1024"))
            .warning("chain/weak-key", "server.pem"),
        folder(
            "root-rsa-1024",
            "the root's key has 1024 bits",
            Site::under(root(MACHINE).own_key("rsa1024"), MACHINE).pem(),
        )
        .warning("chain/weak-key", "root.pem"),
        client("client-rsa-512", "the client's key has 512 bits, which every current library refuses", |draft| {
            draft.key("rsa512")
        })
        .error("chain/weak-key", "client.pem"),
        server("server-elliptic", "the server's key is an EC key, which the License Service cannot use", |draft| {
            draft.key("elliptic")
        })
        .warning("site/not-rsa", "server.pem"),
        client(
            "client-ed25519",
            "the client's key is an Ed25519 key, which Windows' provider does not take",
            |draft| draft.key("ed25519"),
        )
        .warning("site/not-rsa", "client.pem"),
        folder(
            "root-elliptic",
            "the root's key is an EC key",
            Site::under(root(MACHINE).own_key("elliptic").algorithm(Algorithm::Ecdsa), MACHINE).pem(),
        )
        .warning("site/not-rsa", "root.pem"),
    ]
}

fn key_ids() -> Vec<Folder> {
    let other = || der::sequence(&[&der::encode(tag::context(0), &[7; 20])]);
    vec![
        server("authority-key-id-missing", "the server does not say which key signed it", |draft| {
            draft.without(AUTHORITY_KEY_ID)
        })
        .warning("chain/key-identifier", "server.pem"),
        server(
            "authority-key-id-of-another",
            "the server names another key than the one that signed it, and OpenSSL finds no issuer",
            |draft| draft.set(AUTHORITY_KEY_ID, false, other()),
        )
        .error("chain/key-identifier", "server.pem"),
        server(
            "authority-key-id-critical",
            "the server's authorityKeyIdentifier is critical, which OpenSSL does not take",
            |draft| {
                let (_, _, value) =
                    draft.extensions.iter().find(|extension| extension.0 == AUTHORITY_KEY_ID).cloned().unwrap();
                draft.set(AUTHORITY_KEY_ID, true, value)
            },
        )
        .error("chain/key-identifier", "server.pem"),
        folder(
            "subject-key-id-missing",
            "the root has no subjectKeyIdentifier",
            site().root(|draft| draft.without(SUBJECT_KEY_ID)).pem(),
        )
        .warning("chain/key-identifier", "root.pem"),
    ]
}

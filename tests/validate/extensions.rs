//! The fields and extensions of one certificate: malformed, doubled, unknown, or saying that it is for something else.

use super::certificate::{
    ALTERNATIVE_NAME, BASIC_CONSTRAINTS, CLIENT_AUTH, CRL_SIGN, DIGITAL_SIGNATURE, Draft, EMAIL, KEY_ENCIPHERMENT,
    NAME_CONSTRAINTS, SERVER_AUTH, SUBJECT_KEY_ID, name,
};
use super::folder::{Folder, folder};
use super::site::site;
use qcert::pki::der::{self, tag};

/// 2.999.1, of the arc for examples.
const UNKNOWN: &[u8] = &[0x88, 0x37, 1];

pub(crate) fn folders() -> Vec<Folder> {
    [extensions(), fields(), purposes()].into_iter().flatten().collect()
}

fn server(name: &str, what: &str, bend: impl FnOnce(Draft) -> Draft) -> Folder {
    folder(name, what, site().server(bend).pem())
}

fn client(name: &str, what: &str, bend: impl FnOnce(Draft) -> Draft) -> Folder {
    folder(name, what, site().client(bend).pem())
}

fn root(name: &str, what: &str, bend: impl FnOnce(Draft) -> Draft) -> Folder {
    folder(name, what, site().root(bend).pem())
}

fn extensions() -> Vec<Folder> {
    let unknown = |draft: Draft| draft.with(UNKNOWN, true, der::octet_string(b"?"));
    let twice = |draft: Draft| {
        let first = draft.extensions.iter().find(|extension| extension.0 == SUBJECT_KEY_ID).cloned().unwrap();
        draft.with(&first.0, first.1, first.2)
    };
    let constraint = der::sequence(&[&der::encode(tag::context(2), b"example.com")]);
    let constraint = der::sequence(&[&der::encode(tag::constructed(0), &constraint)]);
    vec![
        server("unknown-critical-extension-server", "the server has a critical extension that nobody knows", unknown)
            .error("chain/unknown-critical-extension", "server.pem"),
        client("unknown-critical-extension-client", "the client has a critical extension that nobody knows", unknown)
            .error("chain/unknown-critical-extension", "client.pem"),
        root("unknown-critical-extension-root", "the root has a critical extension that nobody knows", unknown)
            .error("chain/unknown-critical-extension", "root.pem"),
        server(
            "sound-unknown-extension",
            "nothing: the server has an unknown extension that is not critical",
            |draft| draft.with(UNKNOWN, false, b"\x05\x00".to_vec()),
        ),
        server("duplicate-extension-server", "the server has its subjectKeyIdentifier twice", twice)
            .error("chain/duplicate-extension", "server.pem"),
        root("duplicate-extension-root", "the root has its subjectKeyIdentifier twice", twice)
            .error("chain/duplicate-extension", "root.pem"),
        server("malformed-alternative-name", "the server's alternative names cannot be read", |draft| {
            draft.set(ALTERNATIVE_NAME, false, b"\x30\x05\x82\x10ab".to_vec())
        })
        .error("chain/malformed-extension", "server.pem"),
        root("malformed-constraints", "the root's basicConstraints cannot be read", |draft| {
            draft.set(BASIC_CONSTRAINTS, true, b"\x02\x01\x05".to_vec())
        })
        .error("chain/malformed-extension", "root.pem"),
        server("name-constraints-on-server", "the server has name constraints, which are for authorities", |draft| {
            draft.with(NAME_CONSTRAINTS, true, constraint)
        })
        .warning("chain/profile", "server.pem"),
        server("path-length-on-server", "the server has a path length, which is for authorities", |draft| {
            draft.constraints(true, Some(false), Some(0))
        })
        .warning("chain/profile", "server.pem"),
    ]
}

fn fields() -> Vec<Folder> {
    let empty = || name(&[]);
    vec![
        client("client-version-1", "the client is a certificate of version 1", Draft::version_1)
            .warning("chain/version", "client.pem"),
        client("client-version-1-with-extensions", "the client says it is of version 1 and has extensions", |draft| {
            Draft { version: None, ..draft }
        })
        .warning("chain/version", "client.pem"),
        server("serial-negative", "the server's serial number is negative", |draft| draft.serial(&[0x9a, 1, 2, 3]))
            .warning("chain/serial", "server.pem"),
        server("serial-zero", "the server's serial number is zero", |draft| draft.serial(&[0]))
            .warning("chain/serial", "server.pem"),
        client("serial-too-long", "the client's serial number has 24 octets", |draft| draft.serial(&[0x5a; 24]))
            .warning("chain/serial", "client.pem"),
        server(
            "server-without-subject",
            "the server has no subject, and its alternative name is not critical",
            |draft| draft.subject(empty()),
        )
        .warning("chain/empty-name", "server.pem"),
        folder("duplicate-serial", "server and client have the same serial number", {
            let serial = site().server.serial;
            site().client(|draft| draft.serial(&serial)).pem()
        })
        .warning("site/duplicate-serial", "client.pem server.pem"),
    ]
}

fn purposes() -> Vec<Folder> {
    vec![
        server("server-for-clients", "the server may be used by clients only", |draft| draft.purposes(&[CLIENT_AUTH]))
            .error("usage/wrong-purpose", "server.pem"),
        client("client-for-servers", "the client may be used by servers only", |draft| draft.purposes(&[SERVER_AUTH]))
            .error("usage/wrong-purpose", "client.pem"),
        folder("both-formats-client-for-servers", "the client, in both formats, may be used by servers only", {
            site().client(|draft| draft.purposes(&[SERVER_AUTH])).all()
        })
        .error("usage/wrong-purpose", "client.pem"),
        client("client-for-mail", "the client may be used for e-mail only", |draft| draft.purposes(&[EMAIL]))
            .error("usage/wrong-purpose", "client.pem"),
        root("root-for-clients", "the root may issue for clients only", |draft| draft.purposes(&[CLIENT_AUTH]))
            .error("usage/wrong-purpose", "root.pem"),
        server("sound-both-purposes", "nothing: the server may be used by servers and clients", |draft| {
            draft.purposes(&[SERVER_AUTH, CLIENT_AUTH])
        }),
        server("server-key-usage", "the server's keyUsage allows no TLS", |draft| draft.usage(CRL_SIGN))
            .error("usage/key-usage", "server.pem"),
        client("client-key-usage", "the client's keyUsage allows no signature, which TLS needs of a client", |draft| {
            draft.usage(KEY_ENCIPHERMENT)
        })
        .error("usage/key-usage", "client.pem"),
        server("sound-key-usage", "nothing: the server's keyUsage is digitalSignature", |draft| {
            draft.usage(DIGITAL_SIGNATURE)
        }),
    ]
}

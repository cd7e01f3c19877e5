//! What comes back wrong is told apart, each with its way out, and nothing is touched.

use super::super::support::{contents, names};
use super::ca::{Ca, Kind};
use super::scene::{Desk, WAITING, text};
use fs_err as fs;

fn desk() -> Option<(Desk, Ca, String)> {
    let desk = Desk::new(&["--san", "alias.corp"]);
    let ca = desk.ca(Kind::Python)?;
    let root = text(&ca.root());
    Some((desk, ca, root))
}

/// Server's wishes, client's wishes, and what is then said.
type Case = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

const CASES: &[Case] = &[
    (
        &["without=san"],
        &[],
        &[
            "the certificate in `signed/server.cer` lacks `host.domain` and `alias.corp`, which its request asks for",
            "--force",
        ],
    ),
    (&[], &["subject=Somebody"], &["`client.pem`", "CN=QlikClient", "have the CA take the subject from the request"]),
    (&["eku=client"], &[], &["would be faulty", "`server.pem`", "serverAuth for the server"]),
    (&[], &["eku=server"], &["would be faulty", "`client.pem`", "clientAuth for the client"]),
    (&["days=-800,-2"], &[], &["would be faulty", "expired", "send the request once more"]),
    (&["days=2,800"], &[], &["would be faulty", "not yet valid"]),
    (
        &["key=ec"],
        &[],
        &[
            "no certificate came back for `server_key.pem`",
            "`host.domain` in `signed/server.cer` has a key of kind EC P-256, which was not asked for",
        ],
    ),
    (
        &[],
        &["key=rsa"],
        &["no certificate came back for `client_key.pem`", "`QlikClient` in `signed/client.cer` is for another key"],
    ),
    (
        &["key=rsa", "subject=other.corp"],
        &[],
        &[
            "no certificate came back for `server_key.pem`",
            "`other.corp` in `signed/server.cer` is for none of the keys here",
        ],
    ),
];

#[test]
fn each_fault_has_its_words_and_nothing_is_touched() {
    let Some((desk, ca, root)) = desk() else { return };
    let before = contents(&desk.folder());
    for (server, client, words) in CASES {
        desk.signed_with(&ca, "root", server, client);
        desk.assemble(&["--root", &root]).assert_error(2, words);
        assert_eq!(contents(&desk.folder()), before, "{words:?}");
    }
}

#[test]
fn by_force_it_is_written_with_a_warning() {
    let Some((desk, ca, root)) = desk() else { return };
    desk.signed_with(&ca, "root", &["without=san,marker"], &["days=-800,-2", "without=marker"]);
    let ended = desk.assemble(&["--root", &root, "--force"]).assert_code(0);
    for words in
        ["lacks `host.domain` and `alias.corp`", "expired", "the server and the client certificates have no Qlik"]
    {
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
    // An expired certificate is renewed with the key that is there.
    desk.signed_with(&ca, "root", &[], &["without=marker"]);
    let refused = desk.assemble(&["--root", &root]);
    refused.assert_error(2, &["already has a bundle", "`--replace`"]);
    let ended = desk.assemble(&["--root", &root, "--replace", "--json"]).assert_code(0);
    assert_eq!(ended.json()["machines"][0]["state"], "replaced");
    assert!(
        ended.stderr.contains("is of the same key and not newer: it was left out for the one in `signed/client.cer`"),
        "{}",
        ended.stderr
    );
}

#[test]
fn without_its_root_nothing_is_assembled() {
    let Some((desk, ca, root)) = desk() else { return };
    desk.signed_with(&ca, "root", &[], &[]);
    desk.assemble(&[]).assert_error(
        2,
        &["no root for the certificate in `signed/server.cer`", "`CN=root`, which is not among", "`--root FILE`"],
    );
    let other = Desk::new(&[]);
    let stranger = other.ca(Kind::Python).unwrap();
    let of_the_same_name = desk.assemble(&["--root", &text(&stranger.root())]);
    of_the_same_name.assert_error(2, &["`CN=root`, but its key did not sign"]);
    let key = desk.scene.file("empty.pem", "nothing");
    desk.assemble(&["--root", &key]).assert_error(2, &["there is no certificate in", "given with `--root`"]);
    desk.assemble(&["--from", "nowhere", "--root", &root]).assert_error(2, &["there is no `nowhere`"]);
    assert_eq!(names(&desk.folder()), WAITING);
}

#[test]
fn two_roots_make_no_bundle() {
    let Some((desk, ca, root)) = desk() else { return };
    desk.signed_with(&ca, "root", &[], &[]);
    let other = Desk::new(&[]);
    let second = other.ca(Kind::Python).unwrap();
    second.sign_with("root", &desk.file("client.csr"), &desk.path("signed/client.cer"), &[]);
    let roots = ["--root", &root, "--root", &text(&second.root())];
    desk.assemble(&roots).assert_error(2, &["its certificates have two roots, `root`"]);
}

#[test]
fn one_of_two_that_is_missing_is_named_and_the_other_can_go_alone() {
    let Some((desk, ca, root)) = desk() else { return };
    desk.signed_with(&ca, "root", &[], &[]);
    fs::remove_file(desk.path("signed/server.cer")).unwrap();
    let missing = desk.assemble(&["--root", &root]);
    missing.assert_error(
        2,
        &["no certificate came back for `server_key.pem`", "move `server_key.pem` and `server.csr` out"],
    );
    for name in ["server_key.pem", "server.csr"] {
        fs::rename(desk.file(name), desk.path(name)).unwrap();
    }
    desk.assemble(&["--root", &root]).assert_code(0);
    let left = [".gitignore", "client.csr", "client.pem", "client.pfx", "client_key.pem", "root.cer", "root.pem"];
    assert_eq!(names(&desk.folder()), left);
}

#[test]
fn files_that_were_mixed_or_broken_are_told() {
    let Some((desk, ca, root)) = desk() else { return };
    desk.signed_with(&ca, "root", &[], &[]);
    let before = contents(&desk.folder());
    let with = |name: &str, bytes: &[u8], words: &[&str]| {
        fs::write(desk.file(name), bytes).unwrap();
        desk.assemble(&["--root", &root]).assert_error(2, words);
        fs::write(desk.file(name), &before[name]).unwrap();
    };
    with("server_key.pem", &before["client_key.pem"], &["`server.csr`", "is not the request of `server_key.pem`"]);
    with("server.csr", b"garbage", &["`server.csr`", "it is not one certificate request"]);
    with("client_key.pem", b"garbage", &["`client_key.pem`", "cannot be used: it is not one private key"]);
    let mut bent = before["server.csr"].clone();
    bent[200] = if bent[200] == b'A' { b'B' } else { b'A' };
    with("server.csr", &bent, &["`server.csr`", "cannot be used"]);
    desk.run(&["assemble", "signed"]).assert_error(2, &["no key waits in `signed`"]);
    desk.run(&["assemble", "nowhere"]).assert_error(2, &["`nowhere` is not there"]);
    desk.run(&["assemble", "signed/server.cer"]).assert_error(2, &["is not a folder"]);
    desk.assemble(&["--root", &root]).assert_code(0);
}

/// A file that nobody could read may be the one that is missing.
#[test]
fn what_could_not_be_read_is_said() {
    let Some((desk, ca, root)) = desk() else { return };
    desk.signed_with(&ca, "root", &[], &[]);
    let whole = fs::read(desk.path("signed/client.cer")).unwrap();
    fs::write(desk.path("signed/client.cer"), &whole[..whole.len() / 2]).unwrap();
    let cut = desk.assemble(&["--root", &root]);
    cut.assert_error(
        2,
        &["no certificate came back for `client_key.pem`", "`signed/client.cer` holds a certificate, which"],
    );
    fs::write(desk.path("signed/whole.cer"), whole).unwrap();
    let ended = desk.assemble(&["--root", &root, "--json"]).assert_code(0);
    assert!(
        ended.stderr.contains("note: `signed/client.cer` holds a certificate, which is damaged"),
        "{}",
        ended.stderr
    );
    assert!(ended.json()["strays"][0].as_str().unwrap().starts_with("`signed/client.cer`"));
}

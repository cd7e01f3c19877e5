//! Certificates with one defect, which qcert would not make: OpenSSL signs them with the root of a site.
//!
//! The key of a forged certificate is that of the bundle it replaces. May not change any other file.

use super::process::run;
use super::site::{folder, home};
use super::stranger::{OPENSSL, command};
use fs_err as fs;
use std::path::Path;

/// One file of the bundle `own`, made anew.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Forgery {
    name: &'static str,
    /// `server` or `client`.
    role: &'static str,
    subject: &'static str,
    extensions: &'static [&'static str],
    /// From and until, as OpenSSL reads them.
    dates: (&'static str, &'static str),
    digest: &'static str,
    signed_by: By,
    /// Further certificates in the file, behind it.
    with: With,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Root,
    Itself,
    Intermediate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum With {
    Nothing,
    Root,
    Intermediate,
    /// One that has nothing to do with it, before those that do.
    Stranger,
}

const NAMES: &str = "subjectAltName = DNS:localhost, IP:127.0.0.1";
const SERVER: Forgery = Forgery {
    name: "",
    role: "server",
    subject: "/CN=localhost",
    extensions: &[NAMES],
    dates: ("20260101000000Z", "20400101000000Z"),
    digest: "sha256",
    signed_by: By::Root,
    with: With::Nothing,
};
const CLIENT: Forgery = Forgery { role: "client", subject: "/CN=QlikClient", extensions: &[], ..SERVER };

const FORGERIES: [Forgery; 15] = [
    Forgery { name: "expired", dates: ("20160101000000Z", "20260101000000Z"), ..SERVER },
    Forgery { name: "not-yet-valid", dates: ("20390101000000Z", "20400101000000Z"), ..SERVER },
    Forgery { name: "no-san", extensions: &[], ..SERVER },
    Forgery { name: "no-san-other-name", subject: "/CN=qlik9.example.com", extensions: &[], ..SERVER },
    Forgery { name: "for-clients", extensions: &[NAMES, "extendedKeyUsage = clientAuth"], ..SERVER },
    Forgery { name: "sha1", digest: "sha1", ..SERVER },
    Forgery { name: "self-signed", signed_by: By::Itself, ..SERVER },
    Forgery { name: "intermediate-missing", signed_by: By::Intermediate, ..SERVER },
    Forgery { name: "intermediate", signed_by: By::Intermediate, with: With::Intermediate, ..SERVER },
    Forgery { name: "with-root", with: With::Root, ..SERVER },
    Forgery { name: "with-stranger", signed_by: By::Intermediate, with: With::Stranger, ..SERVER },
    Forgery { name: "control-characters", subject: "/CN=localhost/O=\u{1b}[2J\u{202e}gpj.exe", ..SERVER },
    Forgery { name: "client-expired", dates: ("20160101000000Z", "20260101000000Z"), ..CLIENT },
    Forgery { name: "client-for-servers", extensions: &["extendedKeyUsage = serverAuth"], ..CLIENT },
    Forgery { name: "client-other-name", subject: "/CN=somebody", ..CLIENT },
];

impl Forgery {
    pub(crate) fn named(name: &str) -> Option<Self> {
        FORGERIES.into_iter().find(|forgery| forgery.name == name)
    }
}

/// Puts the forged certificate where that of the bundle in `place` was.
pub(crate) fn forge(forgery: Forgery, place: &Path) {
    let openssl = OPENSSL.find().expect("a case that needs it is not run without it");
    let work = place.with_extension("forge");
    fs::create_dir(&work).expect("a folder to sign in");
    let key = place.join(format!("{}_key.pem", forgery.role));
    let root = home("central");
    let made = match forgery.signed_by {
        By::Root => sign(openssl, &work, forgery, &key, (&root.join("root.pem"), &root.join("root_key.pem"))),
        By::Itself => sign_itself(openssl, &work, forgery, &key),
        By::Intermediate => {
            let middle = Forgery {
                name: "middle",
                subject: "/CN=central.example.com-Issuing-CA",
                extensions: &["basicConstraints = critical, CA:TRUE, pathlen:0", "keyUsage = keyCertSign, cRLSign"],
                ..SERVER
            };
            let middle_key = folder("node3").join("server_key.pem");
            let issuer = (&*root.join("root.pem"), &*root.join("root_key.pem"));
            let middle = sign(openssl, &work, middle, &middle_key, issuer);
            let issuing = work.join("issuing.pem");
            fs::write(&issuing, middle).expect("the intermediate");
            sign(openssl, &work, forgery, &key, (&issuing, &middle_key))
        }
    };
    let read = |path: &Path| fs::read_to_string(path).expect("a certificate");
    let behind = match forgery.with {
        With::Nothing => String::new(),
        With::Root => read(&root.join("root.pem")),
        With::Intermediate => read(&work.join("issuing.pem")),
        With::Stranger => read(&folder("another").join("root.pem")) + &read(&work.join("issuing.pem")),
    };
    fs::write(place.join(format!("{}.pem", forgery.role)), made + &behind).expect("the forged certificate");
    // A PFX would hold another certificate than its PEM file.
    fs::remove_file(place.join(format!("{}.pfx", forgery.role))).expect("a file of a bundle");
}

fn sign(openssl: &Path, work: &Path, forgery: Forgery, key: &Path, (issuer, issuer_key): (&Path, &Path)) -> String {
    let settings = work.join("ca.cnf");
    fs::write(work.join("index.txt"), "").expect("an empty list");
    let own = if forgery.extensions.iter().any(|line| line.starts_with("basicConstraints")) {
        ""
    } else {
        "basicConstraints = CA:FALSE\nkeyUsage = digitalSignature, keyEncipherment\n"
    };
    let text = format!(
        "[ca]\ndefault_ca = here\n[here]\ndatabase = {0}/index.txt\nnew_certs_dir = {0}\nunique_subject = no\n\
         rand_serial = yes\npolicy = any\n[any]\ncommonName = supplied\norganizationName = optional\n\
         [leaf]\n{own}authorityKeyIdentifier = keyid\nsubjectKeyIdentifier = hash\n{1}\n",
        work.display(),
        forgery.extensions.join("\n")
    );
    fs::write(&settings, text).expect("settings");
    let request = work.join("request.csr");
    let mut ask = command(openssl);
    ask.args(["req", "-new", "-utf8", "-subj", forgery.subject, "-key"]).arg(key).arg("-out").arg(&request);
    run(&mut ask).accepted();
    let mut answer = command(openssl);
    answer.args(["ca", "-batch", "-notext", "-utf8", "-preserveDN", "-extensions", "leaf", "-md", forgery.digest]);
    answer.args(["-startdate", forgery.dates.0, "-enddate", forgery.dates.1, "-config"]).arg(settings);
    answer.arg("-cert").arg(issuer).arg("-keyfile").arg(issuer_key).arg("-in").arg(request);
    answer.arg("-out").arg(work.join("made.pem"));
    run(&mut answer).accepted();
    fs::read_to_string(work.join("made.pem")).expect("what OpenSSL made")
}

fn sign_itself(openssl: &Path, work: &Path, forgery: Forgery, key: &Path) -> String {
    let mut request = command(openssl);
    request.args(["req", "-x509", "-days", "3650", "-subj", forgery.subject, "-key"]).arg(key);
    for extension in forgery.extensions {
        request.args(["-addext", &extension.replace(" = ", "=")]);
    }
    let certificate = work.join("made.pem");
    run(request.arg("-out").arg(&certificate)).accepted();
    fs::read_to_string(certificate).expect("what OpenSSL made")
}

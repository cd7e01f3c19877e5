//! Reports made by hand: what a reader and rules could have found, without either.
//!
//! Certificates come from the fixed keys and golden files; nothing here judges.

use crate::workshop::{NOW, Workshop, fixture, key, name};
use qcert::pki::authority::{Authority, Order};
use qcert::pki::certificate::Certificate;
use qcert::pki::finding::{Finding, Rule, Severity};
use qcert::pki::inventory::{
    FileContent, Form, Key, KeyForm, KeyState, LineEnds, Object, PfxContent, PfxEntry, PfxPassword, PfxState,
    TextEncoding, TextFacts, What,
};
use qcert::pki::pem;
use qcert::pki::pfx::{BagAttributes, MacFacts, Rest};
use qcert::pki::profile::{Profile, Role};
use qcert::pki::report::{Answer, Chain, ConsumerVerdict, Link, Report, StartUpAction, StartUpVerdict};
use qcert::pki::serial::{Serial, SerialKind};
use qcert::pki::validity::Validity;
use time::Duration;

pub(crate) fn rule(id: &'static str, severity: Severity) -> &'static Rule {
    let cause = "this is how it comes about, with `a literal`";
    let fix = "export the bundle anew on the central node, with the machine name that callers use";
    Box::leak(Box::new(Rule { id, severity, title: "what is wrong", cause, fix, source: "RFC 5280" }))
}

pub(crate) fn finding(id: &'static str, severity: Severity, file: &str, sentence: &str) -> Finding {
    Finding::new(rule(id, severity), vec![file.to_owned()], sentence.to_owned())
}

pub(crate) fn golden(profile: &str, file: &str) -> Certificate {
    let pem = std::fs::read(fixture("golden").join(profile).join(file)).unwrap();
    let der = pem::decode(&pem).unwrap().pop().unwrap().der;
    Certificate::parse(der.expose().to_vec()).unwrap()
}

pub(crate) fn file(path: &str, objects: Vec<What>) -> FileContent {
    let objects = objects.into_iter().map(|what| Object { label: None, line: Some(1), what }).collect();
    FileContent {
        path: path.to_owned(),
        name: path.rsplit('/').next().unwrap_or(path).to_owned(),
        size: 1_234,
        others_may_read: false,
        tracked_by_git: false,
        form: Form::Pem(TextFacts { line_ends: LineEnds::CrLf, ..TextFacts::default() }),
        objects,
    }
}

pub(crate) fn certificate(path: &str, certificate: &Certificate) -> FileContent {
    file(path, vec![What::Certificate(Box::new(certificate.clone()))])
}

fn open_key(certificate: &Certificate) -> What {
    let state = KeyState::Open(certificate.public_key().clone());
    What::Key(Key { form: KeyForm::Pkcs1, encryption: None, state, private: None })
}

fn pfx(path: &str, leaf: &Certificate) -> FileContent {
    let entry = |what| PfxEntry {
        object: Object { label: None, line: None, what },
        attributes: BagAttributes { friendly_name: Some("QlikClient".to_owned()), ..BagAttributes::default() },
        attributes_der: Vec::new(),
    };
    let content = PfxContent {
        state: PfxState::Open(PfxPassword::Empty),
        mac: Some(MacFacts { algorithm: "HMAC-SHA256".to_owned(), iterations: 2_048, checked: true }),
        key_encryption: Vec::new(),
        encryption: vec!["AES-256-CBC, PBKDF2 HMAC-SHA256, 100000 rounds".to_owned(); 2],
        trailing_bytes: 6,
        ber: false,
        entries: vec![entry(What::Certificate(Box::new(leaf.clone()))), entry(open_key(leaf))],
        skipped: Vec::new(),
        rest: Rest::default(),
        given_passwords_failed: false,
    };
    FileContent { form: Form::Binary { trailing_bytes: 6 }, ..file(path, vec![What::Pfx(Box::new(content))]) }
}

/// From the leaf to the root.
pub(crate) fn chain(line: &[(&str, &Certificate)], anchored: bool) -> Chain {
    let entry = |(path, certificate): &(&str, &Certificate)| Link {
        sha256: certificate.sha256(),
        title: certificate.title(),
        files: vec![(*path).to_owned()],
    };
    Chain { links: line.iter().map(entry).collect(), anchored }
}

pub(crate) fn report(subject: &str, files: Vec<FileContent>, chains: Vec<Chain>) -> Report {
    let (machine, at) = (Some("qlik1.test".to_owned()), NOW);
    let (findings, consumers, start_up) = (Vec::new(), Vec::new(), Vec::new());
    Report {
        subject: subject.to_owned(),
        at,
        machine,
        files,
        beside: Vec::new(),
        chains,
        findings,
        consumers,
        start_up,
    }
}

fn consumers(refused: bool) -> Vec<ConsumerVerdict> {
    let refusal = Answer::Refuses {
        error: "Error: certificate signature failure\n    at TLSSocket.onConnectSecure (node:_tls_wrap:1674:34)\n  \
                code: 'CERT_SIGNATURE_FAILURE'"
            .to_owned(),
        why: "`server.pem` is not signed by `root.pem`".to_owned(),
        way_out: "use the `root.pem` of the export that `server.pem` came with".to_owned(),
    };
    let but = "with `rejectUnauthorized: true` from release 14 on".to_owned();
    let missing = "no `client.pfx` is here".to_owned();
    let unjudged = "its keys are encrypted and no password was given".to_owned();
    let row = |name, answer| ConsumerVerdict { name, answer };
    vec![
        row("Node.js", if refused { refusal } else { Answer::Accepts }),
        row("Python up to 3.12", Answer::Accepts),
        row("Python 3.13 and later", Answer::AcceptsBut("where `VERIFY_X509_STRICT` is switched off".to_owned())),
        row("Repository Service", Answer::Accepts),
        row("Butler", Answer::AcceptsBut(but)),
        row("NPrinting", Answer::NothingForIt(missing)),
        row("Qlik-Cli-Windows", Answer::Unjudged(unjudged)),
    ]
}

fn start_up() -> Vec<StartUpVerdict> {
    let row = |role, action, why: &str| StartUpVerdict { role, action, why: why.to_owned() };
    vec![
        row("root", StartUpAction::Keep, "there is one, and it is valid"),
        row("server", StartUpAction::DeleteAndCreate, "`server.pem` is not signed by the root"),
        row("client", StartUpAction::Keep, "there is one, and it is valid"),
    ]
}

/// A bundle as qcert writes it.
pub(crate) fn sound() -> Report {
    let [root, server, client] = ["root.pem", "server.pem", "client.pem"].map(|file| golden("compatible", file));
    let files = vec![
        certificate("qlik1.test/root.pem", &root),
        certificate("qlik1.test/server.pem", &server),
        file("qlik1.test/server_key.pem", vec![open_key(&server)]),
        certificate("qlik1.test/client.pem", &client),
        file("qlik1.test/client_key.pem", vec![open_key(&client)]),
        pfx("qlik1.test/client.pfx", &client),
    ];
    let chains = vec![
        chain(&[("qlik1.test/server.pem", &server), ("qlik1.test/root.pem", &root)], true),
        chain(&[("qlik1.test/client.pem", &client), ("qlik1.test/root.pem", &root)], true),
    ];
    let consumers = consumers(false);
    Report { consumers, start_up: start_up(), ..report("qlik1.test", files, chains) }
}

/// The server's certificate is of another root of the same name; the client's has expired; not all could be read.
pub(crate) fn broken() -> Report {
    let workshop = Workshop::new(Profile::Compatible);
    let root = workshop.authority.certificate().clone();
    let (from, until) = (NOW - Duration::days(800), NOW - Duration::days(12));
    let client = workshop.issue(Role::Client, key("client"), Validity::new(from, until).unwrap()).certificate().clone();
    let server = Workshop { authority: other_root(), ..Workshop::new(Profile::Compatible) }
        .issue(Role::Server, key("server"), Validity::qlik(NOW).unwrap())
        .certificate()
        .clone();
    let locked = What::Key(Key {
        form: KeyForm::EncryptedPkcs8,
        encryption: Some("AES-256-CBC, PBKDF2 HMAC-SHA256, 2048 rounds".to_owned()),
        state: KeyState::PasswordNeeded,
        private: None,
    });
    let marked = TextFacts { encoding: TextEncoding::Utf8Marked, ..TextFacts::default() };
    let files = vec![
        FileContent { form: Form::Pem(marked), ..certificate("site/root.pem", &root) },
        certificate("site/server.pem", &server),
        FileContent { others_may_read: true, tracked_by_git: true, ..file("site/server_key.pem", vec![locked]) },
        certificate("site/client.pem", &client),
        file("site/client_key.pem", vec![open_key(&golden("compatible", "server.pem")), open_key(&root)]),
        FileContent { form: Form::Empty, size: 0, ..file("site/client.pfx", Vec::new()) },
    ];
    let chains = vec![
        // It ends where the signature does not fit.
        chain(&[("site/server.pem", &server)], false),
        chain(&[("site/client.pem", &client), ("site/root.pem", &root)], true),
    ];
    let findings = vec![
        finding(
            "chain/same-name-other-key",
            Severity::Error,
            "site/server.pem",
            "`server.pem` is signed by another root than `root.pem`: same name `qlik1.test-CA`, other key",
        ),
        finding(
            "validity/expired",
            Severity::Error,
            "site/client.pem",
            "`client.pem` expired on 2026-11-09, 12 days ago",
        ),
        finding(
            "files/password-needed",
            Severity::Unjudged,
            "site/server_key.pem",
            "`server_key.pem` is encrypted, and no password was given",
        ),
        finding(
            "files/key-readable",
            Severity::Warning,
            "site/server_key.pem",
            "`server_key.pem` can be read by every account of this machine",
        ),
        finding("files/byte-order-mark", Severity::Note, "site/root.pem", "`root.pem` begins with a byte order mark"),
    ];
    Report { findings, consumers: consumers(true), start_up: start_up(), ..report("site", files, chains) }
}

/// Of the same name as the workshop's, with another key.
fn other_root() -> Authority {
    let serial = Serial::draw(SerialKind::Random, &mut crate::workshop::Fixed(9)).unwrap();
    Authority::create(&name("qlik1.test"), Profile::Compatible, key("other"), Validity::qlik(NOW).unwrap(), serial)
        .unwrap()
}

/// So many machines' server certificates below one root; every twentieth is said to be faulty.
pub(crate) fn many(count: u32) -> Report {
    let workshop = Workshop::new(Profile::Compatible);
    let root = workshop.authority.certificate().clone();
    let mut files = vec![certificate("all/root.pem", &root)];
    let (mut chains, mut findings) = (Vec::new(), Vec::new());
    for number in 0..count {
        let machine = name(&format!("node{number:04}.qlik.test"));
        let serial = Serial::draw(SerialKind::Random, &mut crate::workshop::Fixed(number)).unwrap();
        let order = Order {
            role: Role::Server,
            profile: Profile::Compatible,
            machine: &machine,
            aliases: &[],
            validity: Validity::qlik(NOW).unwrap(),
            serial,
        };
        let leaf = workshop.authority.issue(&order, key("server")).unwrap().certificate().clone();
        let path = format!("all/node{number:04}.pem");
        files.push(certificate(&path, &leaf));
        chains.push(chain(&[(&path, &leaf), ("all/root.pem", &root)], true));
        if number % 20 == 19 {
            let sentence = format!("the key of `node{number:04}.pem` belongs to another certificate");
            findings.push(finding("files/key-mismatch", Severity::Error, &path, &sentence));
        }
    }
    Report { findings, ..report("all", files, chains) }
}

/// Intermediates of several depths, none of which is among the files.
pub(crate) fn nested() -> Report {
    let lines = ["a1 a root", "a2 a root", "b1 bb b root", "b2 bb b root", "c root", "d1 other-root", "e1 e"];
    let link = |name: &str| Link { sha256: name.to_owned(), title: format!("CN of {name}"), files: Vec::new() };
    let chains =
        lines.map(|line| Chain { links: line.split(' ').map(link).collect(), anchored: line.ends_with("root") });
    let server = golden("qlik", "server.pem");
    let mut chains = chains.to_vec();
    chains.push(chain(&[("mixed/server.pem", &server)], false));
    report("mixed", vec![certificate("mixed/server.pem", &server)], chains)
}

/// Nobody has the root.
pub(crate) fn rootless() -> Report {
    let [server, client] = ["server.pem", "client.pem"].map(|file| golden("qlik", file));
    let files = vec![certificate("cut/server.pem", &server), certificate("cut/client.pem", &client)];
    let chains = vec![chain(&[("cut/server.pem", &server)], false), chain(&[("cut/client.pem", &client)], false)];
    let sentence = "no certificate of `CN=qlik1.test-CA` is here, which issued `server.pem` and `client.pem`";
    let findings = vec![finding("chain/unknown-issuer", Severity::Error, "cut/server.pem", sentence)];
    Report { findings, ..report("cut", files, chains) }
}

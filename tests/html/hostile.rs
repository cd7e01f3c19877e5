//! What somebody could write into names, files and errors so that it acts in the page of whoever judges it.

use crate::samples::{certificate, chain, finding, report};
use crate::workshop::{NOW, key};
use qcert::pki::certificate::Certificate;
use qcert::pki::finding::Severity;
use qcert::pki::inventory::{Damage, FileContent, Form, HostName, What};
use qcert::pki::report::{Answer, ConsumerVerdict, Report, StartUpAction, StartUpVerdict};
use rcgen::{BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use time::Duration;

/// Each would be seen: in the title, as a request, as a picture or a link, or as text that stands elsewhere.
pub(crate) const TEXTS: [&str; 13] = [
    "</title><script>document.title='ran'</script>",
    "\"><img src=http://canary.invalid/a onerror=\"document.title='ran'\">",
    "' onmouseover='document.title=1' x='",
    "javascript:document.title='ran'",
    "</text></svg><svg onload=\"document.title='ran'\"><![CDATA[<script>1</script>]]>",
    "]]><script>document.title='ran'</script><![CDATA[",
    "--><style>@import url(http://canary.invalid/b); body{display:none}</style><!--",
    "</style><link rel=stylesheet href=http://canary.invalid/c>",
    "<foreignObject><iframe srcdoc=\"<script>parent.document.title='ran'</script>\"></iframe></foreignObject>",
    "&lt;b&gt; &#60;script&#62; &amp;",
    "nul\0and\u{1b}[31mescape\r\nnew line",
    "\u{202e}gnp.exe\u{2066}isolated\u{200f}",
    "`</code><script>document.title='ran'</script>`",
];

/// Roots with a child each, all of whose words are `TEXTS`.
pub(crate) fn hostile() -> Report {
    let (mut files, mut chains, mut findings) = (Vec::new(), Vec::new(), Vec::new());
    let long = ["W".repeat(100_000), "証明書の長い名前".repeat(40)];
    let texts = TEXTS.into_iter().map(str::to_owned).chain(long);
    for (index, text) in texts.enumerate() {
        let text = &text[..];
        let [root, leaf] = family(text, &format!("{index} "));
        let (root_path, path) = (format!("x/{text}/root.pem"), format!("x/{text}.pem"));
        files.extend([certificate(&root_path, &root), certificate(&path, &leaf)]);
        chains.push(chain(&[(&path, &leaf), (&root_path, &root)], true));
        findings.push(
            finding("chain/odd", Severity::Error, &path, &format!("`{text}` is odd: {text}")).with_fix(text.to_owned()),
        );
        files.push(FileContent { form: Form::Unreadable(text.to_owned()), ..crate::samples::file(text, Vec::new()) });
        let damage = Damage { kind: "a certificate", why: text.to_owned(), cut: true, over_limit: false };
        let host = HostName { name: text.to_owned(), oddities: vec![text.to_owned()] };
        let objects = vec![What::Damaged(damage), What::Other(text.to_owned()), What::HostName(host)];
        files.push(crate::samples::file("y", objects));
    }
    let undecodable = not_utf8();
    files.push(certificate("x/not-utf8.pem", &undecodable));
    chains.push(chain(&[("x/not-utf8.pem", &undecodable)], false));
    let all = TEXTS.join("\n");
    let answers = [
        Answer::Refuses { error: all.clone(), why: all.clone(), way_out: all.clone() },
        Answer::AcceptsBut(all.clone()),
        Answer::NothingForIt(all.clone()),
        Answer::Unjudged(all.clone()),
    ];
    let consumers = answers.into_iter().map(|answer| ConsumerVerdict { name: "Node.js", answer }).collect();
    let start_up = vec![StartUpVerdict { role: "root", action: StartUpAction::Stop, why: all.clone() }];
    Report { machine: Some(all.clone()), findings, consumers, start_up, ..report(&all, files, chains) }
}

/// A root and a leaf whose names are this text.
fn family(text: &str, serial: &str) -> [Certificate; 2] {
    let key = KeyPair::try_from(key("root").pkcs8().expose()).unwrap();
    let mut root = CertificateParams::default();
    root.distinguished_name.push(DnType::CommonName, format!("{text} root {serial}"));
    root.distinguished_name.push(DnType::OrganizationName, text);
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    (root.not_before, root.not_after) = (NOW - Duration::days(7), NOW + Duration::days(3_650));
    let mut leaf = CertificateParams::new(Vec::new()).unwrap();
    leaf.distinguished_name.push(DnType::CommonName, text);
    (leaf.not_before, leaf.not_after) = (NOW - Duration::days(7), NOW + Duration::days(3_650));
    // Written by hand: rcgen refuses what is no name.
    leaf.custom_extensions.push(CustomExtension::from_oid_content(&[2, 5, 29, 17], alternative_name(text)));
    let parsed = |certificate: rcgen::Certificate| Certificate::parse(certificate.der().to_vec()).unwrap();
    let root_certificate = root.self_signed(&key).unwrap();
    let issuer = Issuer::new(root, key);
    let leaf = leaf.signed_by(issuer.key(), &issuer).unwrap();
    [parsed(root_certificate), parsed(leaf)]
}

/// A subject that says UTF8String and is none.
fn not_utf8() -> Certificate {
    let [_, leaf] = family("INVALID-UTF-8", "");
    let mut der = leaf.der().to_vec();
    let at = der.windows(7).position(|octets| octets == b"INVALID").unwrap();
    der[at..at + 7].fill(0xff);
    Certificate::parse(der).unwrap()
}

/// GeneralNames with one dNSName and one URI, of these octets whatever they are.
fn alternative_name(text: &str) -> Vec<u8> {
    let octets = text.as_bytes();
    let names = [wrap(0x82, octets), wrap(0x86, octets)].concat();
    wrap(0x30, &names)
}

fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x84][..], &length, content].concat()
}

//! Connections: what there is to say of a port beside the certificates that it shows, and the ways out where a fault is
//! on a running service and not in a file.

use super::super::finding::{Finding, Rule, Severity};

pub const RULES: &[&Rule] = &[&KEY_NOT_PROVED, &OLD_TLS, &BROKEN, &TOO_MANY_CERTIFICATES, &NO_CLIENT_CERTIFICATE];

static KEY_NOT_PROVED: Rule = Rule {
    id: "connection/key-not-proved",
    severity: Severity::Error,
    title: "a port did not prove that it has its certificate's key",
    cause: "In every handshake the server signs with the key of the certificate that it shows. Where that signature is \
            another key's, callers refuse; where the handshake did not come so far, or its TLS is too old to be \
            checked, nothing is known, and it is not judged.",
    fix: "install certificate and key together, from one PFX, and restart the service",
    source: "RFC 8446 4.4.3; RFC 5246 7.4.3",
};
static OLD_TLS: Rule = Rule {
    id: "connection/old-tls",
    severity: Severity::Warning,
    title: "a port speaks old TLS only",
    cause: "Node.js, Python, Go, Java and browsers of today speak TLS 1.2 and 1.3 with keys agreed upon for each \
            connection, and refuse TLS 1.0 and 1.1; some refuse the cipher suites of that time as well. Windows' own \
            programs may still take them.",
    fix: "switch TLS 1.2 on for that machine's services (Windows: SCHANNEL and .NET `SchUseStrongCrypto`), and restart \
          them",
    source: "RFC 8996; RFC 9325 4.2",
};
static BROKEN: Rule = Rule {
    id: "connection/broken",
    severity: Severity::Unjudged,
    title: "a handshake broke off",
    cause: "The port showed its certificates, and the connection ended before the handshake was done, for another reason \
            than that no client certificate was shown. Callers may come no further.",
    fix: "see the log of the service; `qcert explain --text` knows the names of alerts",
    source: "RFC 8446 6",
};
static TOO_MANY_CERTIFICATES: Rule = Rule {
    id: "connection/too-many-certificates",
    severity: Severity::Unjudged,
    title: "a port shows more certificates than are looked at",
    cause: "A chain has two or three. No caller goes through thousands.",
    fix: "let the service show its certificate and those between it and the root, and nothing else",
    source: "RFC 8446 4.4.2",
};
static NO_CLIENT_CERTIFICATE: Rule = Rule {
    id: "connection/no-client-certificate-asked",
    severity: Severity::Note,
    title: "a port asks for no client certificate in the handshake",
    cause: "Qlik's services take calls by QlikClient. A port that does not ask may be a proxy in between or another \
            program; Windows' HTTP service may ask later, once it knows what is wanted.",
    fix: "nothing needs to be done where calls with the certificate work",
    source: "RFC 8446 4.3.2; Qlik help, page Ports",
};

/// What a connection was like, as far as it matters for the verdict.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// `host:port`.
    pub place: &'a str,
    pub key: Key<'a>,
    /// Version and suite, where they are too old.
    pub old: Option<&'a str>,
    /// What ended the handshake, and what to do about it.
    pub broken: Option<(&'a str, &'a str)>,
    pub shown: usize,
    pub looked_at: usize,
    /// It is a port of services, and did not ask for a client certificate.
    pub asks_nothing: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'a> {
    Proved,
    /// The proof is there and does not hold.
    Refuted(&'a str),
    /// There was none to check, and why.
    Unknown(&'a str),
}

pub fn judge(facts: Facts<'_>) -> Vec<Finding> {
    let place = facts.place;
    let finding = |rule, sentence: String| Finding::new(rule, vec![place.to_owned()], sentence);
    let mut found = Vec::new();
    match facts.key {
        Key::Proved => {}
        Key::Refuted(why) => {
            let sentence =
                format!("`{place}` did not prove that it has the key of the certificate that it shows: {why}");
            found.push(finding(&KEY_NOT_PROVED, sentence));
        }
        Key::Unknown(why) => {
            let sentence =
                format!("whether `{place}` has the key of the certificate that it shows is not known: {why}");
            let fix = "call it with a program that takes it, such as `openssl s_client`, or mend the connection first";
            found.push(finding(&KEY_NOT_PROVED, sentence).with_severity(Severity::Unjudged).with_fix(fix));
        }
    }
    if let Some(old) = facts.old {
        let sentence = format!("`{place}` speaks {old} and nothing newer: programs of today refuse it");
        found.push(finding(&OLD_TLS, sentence));
    }
    if let Some((what, hint)) = facts.broken {
        found.push(finding(&BROKEN, format!("the handshake broke off: {what}")).with_fix(hint.to_owned()));
    }
    if facts.shown > facts.looked_at {
        let sentence = format!(
            "`{place}` shows {} certificates, of which the first {} were looked at",
            facts.shown, facts.looked_at
        );
        found.push(finding(&TOO_MANY_CERTIFICATES, sentence));
    }
    if facts.asks_nothing {
        found.push(finding(
            &NO_CLIENT_CERTIFICATE,
            format!("`{place}` asks for no client certificate in the handshake"),
        ));
    }
    found
}

/// The way out of a fault in what a port shows: there is no file to copy again.
pub fn fix_of_port(rule: &Rule, with_root: bool) -> Option<&'static str> {
    const INSTALL: &str =
        "make a new server certificate, install it with its key on that machine and restart the service";
    Some(match rule.id {
        "chain/unknown-issuer" | "chain/self-signed" if !with_root => {
            "give the root that callers trust: `--bundle DIR` with a bundle of the site, or `--root FILE`"
        }
        "chain/unknown-issuer" => {
            "take the bundle of that service's own site; where its certificate was issued by an intermediate, let the \
             service show that too, or give it with `--intermediate FILE`"
        }
        "chain/same-name-other-key" => {
            "the site's certificates were made anew: take a new export, or, where the service still shows the old one, \
             install the new certificate there and restart it"
        }
        "chain/self-signed" => {
            "install a server certificate that the site's root signed, and restart the service; if this one is itself to \
             be trusted, give it with `--root`"
        }
        "identity/name-mismatch" => {
            "call it by a name that is in it, or install a certificate for the name that callers use; `--name` judges \
             for another name"
        }
        "validity/expires-soon" => {
            "make a new server certificate before that day, install it on that machine and restart the service; for the \
             root, plan the recreation of the site's certificates"
        }
        "usage/key-usage" => {
            "install a certificate whose key usage has digitalSignature and keyEncipherment, or that has none, as Qlik's, \
             and restart the service"
        }
        "usage/wrong-purpose" => {
            "install a certificate that servers may use, and restart the service: Qlik writes no extended key usage at all"
        }
        "validity/expired"
        | "validity/inverted"
        | "chain/bad-signature"
        | "chain/weak-signature"
        | "chain/weak-key"
        | "chain/signature-unsupported"
        | "files/damaged"
        | "files/cut" => INSTALL,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: Facts<'_> = Facts {
        place: "host.domain:4242",
        key: Key::Proved,
        old: None,
        broken: None,
        shown: 2,
        looked_at: 2,
        asks_nothing: false,
    };

    #[test]
    fn each_rule_is_found_once_and_a_sound_connection_has_none() {
        assert_eq!(judge(SOUND), []);
        let cases = [
            (Facts { key: Key::Refuted("its signature is not the key's"), ..SOUND }, &KEY_NOT_PROVED, Severity::Error),
            (Facts { key: Key::Unknown("it ended before"), ..SOUND }, &KEY_NOT_PROVED, Severity::Unjudged),
            (Facts { old: Some("TLS 1.0"), ..SOUND }, &OLD_TLS, Severity::Warning),
            (Facts { broken: Some(("it closed", "see its log")), ..SOUND }, &BROKEN, Severity::Unjudged),
            (Facts { shown: 10_001, looked_at: 10_000, ..SOUND }, &TOO_MANY_CERTIFICATES, Severity::Unjudged),
            (Facts { asks_nothing: true, ..SOUND }, &NO_CLIENT_CERTIFICATE, Severity::Note),
        ];
        for (facts, rule, severity) in cases {
            let [found] = &judge(facts)[..] else { panic!("{}", rule.id) };
            assert_eq!(
                (found.rule, found.severity, &found.files[..]),
                (rule, severity, &["host.domain:4242".to_owned()][..])
            );
        }
        assert_eq!(judge(Facts { broken: Some(("it closed", "see its log")), ..SOUND })[0].fix, "see its log");
    }

    #[test]
    fn a_port_has_no_file_to_copy_again() {
        for rule in super::super::all() {
            for with_root in [false, true] {
                let fix = fix_of_port(rule, with_root).unwrap_or_default();
                assert!(!fix.contains("copy") && !fix.contains("export it again"), "{}: {fix}", rule.id);
            }
        }
        assert!(fix_of_port(&super::super::chain::UNKNOWN_ISSUER, false).unwrap().contains("--bundle"));
    }
}

//! A case: a server, a bundle, and what `qcert probe` must make of them. Held against what other callers experience.
//!
//! May not know a certificate: folders are named, `site.rs` makes them.

use super::callers::{CALLERS, Visit, welcome};
use super::process::Answer;
use super::servers::{Asks, Program, Serves};
use super::site::{PASSWORD, probe};
use serde_json::Value;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    serves: Serves,
    host: &'static str,
    carried: &'static str,
    arguments: &'static [&'static str],
    code: i32,
    verdict: &'static str,
    /// `1.3+ taken, 1.3- refused`: the version, with (+) or without (-) our certificate, and the outcome.
    calls: Option<&'static str>,
    /// All that is an error or a warning about what is served; `None` where nothing is.
    rules: Option<&'static [&'static str]>,
    trouble: Option<&'static str>,
    qrs: Option<&'static str>,
    /// Words that must be on the screen.
    says: &'static [&'static str],
    /// Whether other programs are welcome; `None` where none is asked.
    welcome: Option<bool>,
    /// Those that differ from the others.
    but: &'static [&'static str],
}

pub(crate) const BOTH: (&str, &str) = ("1.2", "1.3");
pub(crate) const ONLY_12: (&str, &str) = ("1.2", "1.2");
pub(crate) const ONLY_13: (&str, &str) = ("1.3", "1.3");

const WELCOME: &str = r#"location / { return 200 "welcome $ssl_client_verify\n"; }"#;

/// A server that shows and trusts its own, speaks both versions, and demands a certificate.
pub(crate) const fn serves(program: Program) -> Serves {
    Serves { program, shows: "own", trusts: "own", names: "own", asks: Asks::Demand, versions: BOTH }
}

pub(crate) const fn nginx() -> Serves {
    serves(Program::Nginx(WELCOME, true))
}

pub(crate) const fn node() -> Serves {
    serves(Program::Node("welcome", ""))
}

pub(crate) const fn python() -> Serves {
    serves(Program::Python)
}

pub(crate) const fn openssl() -> Serves {
    serves(Program::OpenSsl(&[]))
}

impl Serves {
    pub(crate) const fn shows(mut self, folder: &'static str) -> Self {
        self.shows = folder;
        self
    }

    /// And names it when it asks.
    pub(crate) const fn trusts(mut self, folder: &'static str) -> Self {
        self.trusts = folder;
        self.names = folder;
        self
    }

    pub(crate) const fn names(mut self, folder: &'static str) -> Self {
        self.names = folder;
        self
    }

    pub(crate) const fn asks(mut self, asks: Asks) -> Self {
        self.asks = asks;
        self
    }

    pub(crate) const fn versions(mut self, versions: (&'static str, &'static str)) -> Self {
        self.versions = versions;
        self
    }

    const fn case(self, code: i32, verdict: &'static str) -> Case {
        Case {
            serves: self,
            host: "localhost",
            carried: "own",
            arguments: &[],
            code,
            verdict,
            calls: None,
            rules: None,
            trouble: None,
            qrs: None,
            says: &[],
            welcome: None,
            but: &[],
        }
    }

    /// Sound, asked, taken: other programs are welcome, too.
    pub(crate) const fn works(self) -> Case {
        Case { rules: Some(&[]), welcome: Some(true), ..self.case(0, "works") }
    }

    /// It answers, and something is wrong: other programs do not get in either.
    pub(crate) const fn fails(self) -> Case {
        Case { welcome: Some(false), ..self.case(1, "fails") }
    }

    pub(crate) const fn unknown(self) -> Case {
        self.case(2, "unknown")
    }
}

impl Case {
    pub(crate) const fn calling(mut self, host: &'static str) -> Self {
        self.host = host;
        self
    }

    pub(crate) const fn carrying(mut self, folder: &'static str) -> Self {
        self.carried = folder;
        self
    }

    pub(crate) const fn with(mut self, arguments: &'static [&'static str]) -> Self {
        self.arguments = arguments;
        self
    }

    pub(crate) const fn calls(mut self, calls: &'static str) -> Self {
        self.calls = Some(calls);
        self
    }

    pub(crate) const fn served(mut self, rules: &'static [&'static str]) -> Self {
        self.rules = Some(rules);
        self
    }

    pub(crate) const fn trouble(mut self, kind: &'static str) -> Self {
        self.trouble = Some(kind);
        self
    }

    pub(crate) const fn qrs(mut self, kind: &'static str) -> Self {
        self.qrs = Some(kind);
        self
    }

    pub(crate) const fn says(mut self, words: &'static [&'static str]) -> Self {
        self.says = words;
        self
    }

    pub(crate) const fn others(mut self, welcome: bool) -> Self {
        self.welcome = Some(welcome);
        self
    }

    /// No other program is asked: it cannot read this bundle, or speaks no HTTP.
    pub(crate) const fn alone(mut self) -> Self {
        self.welcome = None;
        self
    }

    pub(crate) const fn but(mut self, callers: &'static [&'static str]) -> Self {
        self.but = callers;
        self
    }

    pub(crate) fn judge(&self) {
        let Some(server) = self.serves.start() else { return };
        let arguments = |more: &[&'static str]| [self.arguments, more].concat();
        let json = probe(self.host, server.port, self.carried, &arguments(&["--json"]));
        let text = probe(self.host, server.port, self.carried, &arguments(&[]));
        for answer in [&json, &text] {
            assert_eq!(answer.code, Some(self.code), "the exit code\n{}\n{}", json.text(), text.text());
            assert!(!answer.text().contains(PASSWORD), "a password is shown\n{}", answer.text());
            assert!(!answer.text().contains("panicked"), "{}", answer.text());
        }
        self.judge_json(&json, &text);
        self.judge_text(&text);
        self.ask_others(server.port, &text);
    }

    fn judge_json(&self, json: &Answer, text: &Answer) {
        let said = String::from_utf8_lossy(&json.stdout).into_owned();
        let value: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("no JSON: {error}\n{said}"));
        let account = format!("{said}\n{}", text.text());
        assert_eq!(value["schema"], 1, "{account}");
        assert_eq!(value["verdict"], self.verdict, "the verdict\n{account}");
        assert_eq!(value["trouble"]["kind"].as_str(), self.trouble, "the trouble\n{account}");
        assert_eq!(value["qrs"]["kind"].as_str(), self.qrs, "the Repository Service\n{account}");
        if let Some(calls) = self.calls {
            assert_eq!(outcomes(&value), calls, "the calls\n{account}");
        }
        let findings = value["served"]["findings"].as_array();
        let rules = findings.map(|findings| grave(findings));
        assert_eq!(rules.as_deref(), self.rules.map(sorted).as_deref(), "what is served\n{account}");
    }

    fn judge_text(&self, text: &Answer) {
        let account = text.text();
        let odd = account.chars().find(|&sign| sign.is_control() && sign != '\n' || is_invisible(sign));
        assert_eq!(odd, None, "a sign that does something to a terminal\n{account}");
        assert!(!text.stdout.is_empty() || self.trouble.is_some(), "nothing is said\n{account}");
        for words in self.says {
            assert!(account.contains(words), "does not say {words:?}\n{account}");
        }
    }

    fn ask_others(&self, port: u16, text: &Answer) {
        let Some(welcomed) = self.welcome else { return };
        let visit = Visit { host: self.host, port, version: self.serves.versions.1, carried: self.carried };
        for (name, caller) in CALLERS {
            let Some(answer) = caller(visit) else { continue };
            let expected = welcomed != self.but.contains(&name);
            let (said, ours) = (answer.text(), text.text());
            assert_eq!(welcome(&answer), expected, "{name} is welcome\n{said}\nand qcert says\n{ours}");
        }
    }
}

/// Signs that change the direction of what follows, or are not seen (Unicode's Cf, as far as a terminal minds).
fn is_invisible(sign: char) -> bool {
    matches!(sign, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn outcomes(value: &Value) -> String {
    let calls = value["calls"].as_array().map(Vec::as_slice).unwrap_or_default();
    let line = |call: &Value| {
        let version = call["version"].as_str().unwrap_or("?").trim_start_matches("TLS ");
        let sign = if call["with_certificate"] == true { '+' } else { '-' };
        format!("{version}{sign} {}", call["outcome"].as_str().unwrap_or("?"))
    };
    calls.iter().map(line).collect::<Vec<_>>().join(", ")
}

/// The rules of errors and warnings, and of what could not be judged; notes are as it pleases.
fn grave(findings: &[Value]) -> Vec<&str> {
    let counts = findings.iter().filter(|finding| finding["severity"] != "note");
    sorted(&counts.map(|finding| finding["rule"].as_str().unwrap_or("?")).collect::<Vec<_>>())
}

fn sorted<'a>(rules: &[&'a str]) -> Vec<&'a str> {
    let mut rules = rules.to_vec();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// One test for each line: `name: case,`.
macro_rules! cases {
    ($($name:ident: $case:expr,)+) => {
        $(
            #[test]
            fn $name() {
                $case.judge();
            }
        )+
    };
}

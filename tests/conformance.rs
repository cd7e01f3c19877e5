//! The engine against half of what public suites know about chains (x509-limbo, BetterTLS, PKITS, BoringSSL, OpenSSL).
//!
//! The archive lies beside the project, not in it: its files have licences of their own. Where it is missing this says
//! SKIPPED, unless `QCERT_STRANGERS=required`.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test reads the suite, fails loudly and says what it skipped"
)]

#[path = "conformance/suite.rs"]
mod suite;
#[path = "conformance/words.rs"]
mod words;

use qcert::pki::path::{Candidate, Pool, Question};
use qcert::pki::second_opinion::{self, Opinion};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};
use suite::Case;

const PATIENCE: Duration = Duration::from_secs(2);

struct Answer {
    errors: usize,
    warnings: usize,
    unjudged: usize,
    text: String,
    took: Duration,
    opinion: Opinion,
}

fn judge(case: &Case) -> Answer {
    let begin = Instant::now();
    let mut text = String::new();
    let unreadable = |error: &String| format!("error certificate/malformed {error}\n");
    text.extend(case.roots.iter().chain(&case.intermediates).filter_map(|read| read.as_ref().err()).map(unreadable));
    let leaf = match &case.leaf {
        Ok(leaf) => leaf,
        Err(error) => {
            let (text, took) = (unreadable(error), begin.elapsed());
            return Answer { errors: 1, warnings: 0, unjudged: 0, text, took, opinion: Opinion::Agrees };
        }
    };
    let anchors = candidates(&case.roots, "root");
    let others = candidates(&case.intermediates, "intermediate");
    let pool = Pool::new(anchors, others, case.at);
    let leaf = Candidate { certificate: leaf, label: "`leaf.pem`".to_owned(), files: vec!["leaf.pem".to_owned()] };
    let question = Question { purpose: case.purpose, name: case.name.clone() };
    let judgement = pool.judge(&leaf, &question);
    let took = begin.elapsed();
    let opinion = second_opinion::ask(&pool, &leaf, &question, &judgement, case.at);
    let count = |word: &str| judgement.findings.iter().filter(|finding| finding.severity.word() == word).count();
    assert!(judgement.anchored || count("error") + count("unjudged") > 0, "{}: no path, and nothing said", case.id);
    for finding in &judgement.findings {
        let _ = writeln!(text, "{} {} {}", finding.severity.word(), finding.rule.id, finding.sentence);
    }
    let (errors, warnings, unjudged) = (count("error"), count("warning"), count("unjudged"));
    Answer { errors, warnings, unjudged, text, took, opinion }
}

fn candidates<'a>(read: &'a [suite::Read], name: &str) -> Vec<Candidate<'a>> {
    let sound = read.iter().enumerate().filter_map(|(number, read)| Some((number + 1, read.as_ref().ok()?)));
    sound
        .map(|(number, certificate)| Candidate {
            certificate,
            label: format!("`{name}-{number}.pem`"),
            files: vec![format!("{name}-{number}.pem")],
        })
        .collect()
}

#[test]
fn public_suites_agree() {
    let Some(cases) = suite::cases() else { return };
    let (mut wrong, mut unnamed, mut disagreements) = (Vec::new(), Vec::new(), Vec::new());
    let mut tally: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut refused = 0;
    for case in &cases {
        let answer = judge(case);
        assert!(answer.took < PATIENCE, "{} took {:?}", case.id, answer.took);
        let invalid = answer.errors + answer.unjudged > 0;
        let right = match case.set.as_str() {
            "core" | "path-building" => invalid != case.valid,
            "pedantic" | "weak" => case.valid && answer.errors == 0 || !case.valid && (invalid || answer.warnings > 0),
            // These say what a program's limits are; that there is an answer in time is what counts.
            _ => true,
        };
        let (sum, good) = tally.entry(case.set.as_str()).or_default();
        *sum += 1;
        *good += usize::from(right);
        let shown = || format!("{} {} ({:?}):\n{}", case.set, case.id, case.faults, answer.text);
        if !right {
            wrong.push(shown());
        }
        if let Opinion::Disagrees(what) = &answer.opinion {
            disagreements.push(format!("{what}: {}", shown()));
        }
        if case.set == "core" && !case.valid && !case.faults.is_empty() && case.culprit_is_there {
            refused += 1;
            if !words::names(&case.faults, &answer.text) {
                unnamed.push(shown());
            }
        }
        if std::env::var_os("QCERT_CONFORMANCE_SHOW").is_some() {
            println!("{} {:?} valid={} {:?}", shown(), answer.took, case.valid, answer.opinion);
        }
    }
    println!("right by set: {tally:?}; reason not named in {} of {refused} core rejections", unnamed.len());
    assert!(tally["core"].0 > 90 && refused > 50, "the suite is not whole: {tally:?}");
    assert!(wrong.is_empty(), "wrong answers:\n{}", wrong.join("\n"));
    assert!(unnamed.len() * 100 <= refused, "reason not named:\n{}", unnamed.join("\n"));
    assert!(disagreements.is_empty(), "the second opinion differs:\n{}", disagreements.join("\n"));
}

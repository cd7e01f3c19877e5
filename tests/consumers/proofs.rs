//! Each runtime's verdict on every case against what the program itself does and says.
//!
//! The program refuses when qcert says so and only then, and its words contain those that qcert quotes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use fs_err as fs;
use qcert::pki::encryption::Derivations;
use qcert::pki::examine::{self, Beside, Spread, Subject};
use qcert::pki::inventory::{self, FileContent, InFile};
use qcert::pki::report::Answer;
use qcert::pki::rules::{self, Given};
use qcert::pki::secret::{Password, Secret};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::cases::{self, Files};
use super::openssl;
use super::process::run;
use super::scratch;
use super::stranger::{JAVA, NODE, OPENSSL, PYTHON, Stranger, command};
use super::writer::Workbench;

/// A case on the disk, and what qcert says of it.
pub(crate) struct Prepared {
    pub(crate) name: &'static str,
    pub(crate) folder: PathBuf,
    pub(crate) machine: String,
    pub(crate) password: String,
    pub(crate) handshakes: bool,
    verdicts: Vec<(&'static str, Answer)>,
}

impl Prepared {
    /// Otherwise the client has its certificate from the PFX.
    pub(crate) fn has_pem(&self) -> bool {
        self.folder.join("client.pem").exists() || self.folder.join("client_key.pem").exists()
    }

    pub(crate) fn has_pfx(&self) -> bool {
        self.folder.join("client.pfx").exists()
    }

    pub(crate) fn verdict(&self, consumer: &str) -> &Answer {
        &self.verdicts.iter().find(|(name, _)| *name == consumer).expect("the consumer is in the table").1
    }
}

static GO: Stranger = Stranger::new("go", "go", &["version"], &["go version"]);

/// What a program says in one step; `None` when it is content.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) step: String,
    pub(crate) refusal: Option<String>,
}

/// Of this run alone.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| scratch::shared("consumers"))
}

/// Every case, written and judged once; `None` without `openssl`, which makes them.
pub(crate) fn prepared() -> Option<&'static [Prepared]> {
    static CASES: OnceLock<Vec<Prepared>> = OnceLock::new();
    let openssl = OPENSSL.find()?;
    Some(CASES.get_or_init(|| {
        let folder = folder();
        let now = OffsetDateTime::now_utc();
        let bench = Workbench::new(openssl, &folder.join("keys"));
        let prepare = |case: cases::Case| {
            let place = folder.join(case.name);
            fs::create_dir_all(place.join("peer")).unwrap();
            for (name, octets) in &case.files {
                fs::write(place.join(name), octets).unwrap();
            }
            for (name, octets) in cases::peers(&case, &bench, now) {
                fs::write(place.join("peer").join(name), octets).unwrap();
            }
            let verdicts = judge(&case.files, case.site.machine, case.site.password, now);
            let (machine, password) = (case.site.machine.to_owned(), case.site.password.to_owned());
            Prepared { name: case.name, folder: place, machine, password, handshakes: case.handshakes, verdicts }
        };
        cases::all(&bench, now).into_iter().map(prepare).collect()
    }))
}

fn judge(files: &Files, machine: &str, password: &str, at: OffsetDateTime) -> Vec<(&'static str, Answer)> {
    let passwords: Vec<_> = (!password.is_empty())
        .then(|| Password::new(Zeroizing::new(password.to_owned())).expect("a password"))
        .into_iter()
        .collect();
    let read = |(name, octets): (&&'static str, &Vec<u8>)| -> FileContent {
        let bytes = Ok(Secret::new(octets.clone()));
        let file = InFile { path: (*name).to_owned(), bytes, others_may_read: false, tracked_by_git: false };
        inventory::read(file, &passwords, &Derivations::default())
    };
    let given = Given {
        at,
        machine: None,
        name: Some(rules::identity::peer_name(machine)),
        purpose: None,
        warn_days: 0,
        folder: None,
        with_root: false,
        roots_elsewhere: Vec::new(),
        server: None,
    };
    let subject = Subject { name: "case".to_owned(), files: files.iter().map(read).collect() };
    let one_by_one: Spread<'_> = &|count, work| (0..count).for_each(work);
    let report = examine::report(subject, &Beside::default(), &given, one_by_one);
    report.consumers.into_iter().map(|verdict| (verdict.name, verdict.answer)).collect()
}

/// Runs one of the programs beside this file over all cases, with these steps of each.
fn ask(
    mut program: Command,
    cases: &[Prepared],
    name: &str,
    steps: fn(&Prepared) -> Vec<&'static str>,
) -> Vec<Vec<Said>> {
    let lines = cases.iter().flat_map(|case| {
        let line = |step| format!("{}\t{step}\t{}\t{}\n", case.folder.display(), case.machine, case.password);
        steps(case).into_iter().map(line).collect::<Vec<_>>()
    });
    let file = folder().join(format!("{name}.cases"));
    fs::write(&file, lines.collect::<String>()).unwrap();
    let answer = run(program.env("QCERT_CASES", &file)).accepted();
    let text = String::from_utf8_lossy(&answer.stdout).into_owned();
    let answers: Vec<Vec<&str>> = text.lines().map(|line| line.splitn(4, '\t').collect()).collect();
    let of = |case: &Prepared| {
        let own = answers.iter().filter(|fields| Path::new(fields[0]) == case.folder);
        let said: Vec<_> = own
            .map(|fields| {
                let refusal = (fields[2] != "accepted").then(|| fields.get(3).copied().unwrap_or_default().to_owned());
                Said { step: fields[1].to_owned(), refusal }
            })
            .collect();
        assert_eq!(said.len(), steps(case).len(), "{name} left {} out", case.name);
        said
    };
    cases.iter().map(of).collect()
}

/// Where the answer depends on a password that qcert was not given.
const WITHOUT_PASSWORD: [&str; 3] =
    ["key-encrypted-without-password", "key-traditional-without-password", "pfx-without-password"];

/// What is wrong with the verdict, if anything.
fn contradiction(
    consumer: &str,
    case: &Prepared,
    verdict: &Answer,
    said: &[Said],
    quoted_in: fn(&str, &str) -> bool,
) -> Option<String> {
    // With PEM files beside it a PFX only adds a remark. Java takes nothing else.
    let counts = |said: &&Said| said.step != "pfx" || !case.has_pem() || consumer == "Java";
    let refusals: Vec<_> = said.iter().filter(counts).filter_map(|said| said.refusal.as_deref()).collect();
    let container = said.iter().filter(|said| !counts(said)).find_map(|said| said.refusal.as_deref());
    let fine = match verdict {
        Answer::Refuses { error, .. } => refusals.iter().any(|refusal| quoted_in(refusal, error)),
        Answer::Accepts => refusals.is_empty() && container.is_none(),
        Answer::AcceptsBut(note) => {
            let quotes = |refusal: &str| note.split('`').skip(1).step_by(2).any(|part| quoted_in(refusal, part));
            let closed = WITHOUT_PASSWORD.contains(&case.name);
            refusals.is_empty() && container.is_none_or(|refusal| closed || quotes(refusal))
        }
        Answer::Unjudged(_) => WITHOUT_PASSWORD.contains(&case.name),
        Answer::NothingForIt(_) => said.iter().all(|said| !["load", "pfx"].contains(&said.step.as_str())),
    };
    (!fine).then(|| format!("{}: qcert says {verdict:?}\n    the program: {said:?}", case.name))
}

fn hold(consumer: &str, cases: &[Prepared], said: &[Vec<Said>], quoted_in: fn(&str, &str) -> bool) {
    let wrong =
        |(case, said): (&Prepared, &Vec<Said>)| contradiction(consumer, case, case.verdict(consumer), said, quoted_in);
    let wrong: Vec<_> = cases.iter().zip(said).filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{consumer}: {} of {} cases\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    let refused = cases.iter().filter(|case| matches!(case.verdict(consumer), Answer::Refuses { .. })).count();
    assert!(refused > 20 && refused < cases.len() - 20, "{consumer} refuses {refused}: a test that cannot fail");
}

fn contains(text: &str, quoted: &str) -> bool {
    text.contains(quoted)
}

/// Called by somebody, Node shows its server only the code.
fn contains_or_has_code(text: &str, quoted: &str) -> bool {
    let code = |text: &str| Some(text.rsplit_once('(')?.1.to_owned());
    text.contains(quoted) || text.starts_with("client (") && code(text) == code(quoted)
}

fn beside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("consumers").join(name)
}

fn pem_or_pfx(case: &Prepared) -> Vec<&'static str> {
    let mut steps = pem(case);
    steps.extend(case.has_pfx().then_some("pfx"));
    steps
}

fn pem(case: &Prepared) -> Vec<&'static str> {
    let load = case.has_pem().then_some("load");
    load.into_iter().chain(case.handshakes.then_some(["call", "serve"]).into_iter().flatten()).collect()
}

fn java_key_store(case: &Prepared) -> Vec<&'static str> {
    let pfx = case.has_pfx().then_some("pfx");
    pfx.into_iter().chain(case.handshakes.then_some(["root", "call", "serve"]).into_iter().flatten()).collect()
}

#[test]
fn node() {
    let (Some(cases), Some(node)) = (prepared(), NODE.find()) else { return };
    let mut program = command(node);
    program.arg(beside("judge.js"));
    hold("Node.js", cases, &ask(program, cases, "node", pem_or_pfx), contains_or_has_code);
}

#[test]
fn python() {
    let (Some(cases), Some(python)) = (prepared(), PYTHON.find()) else { return };
    for (consumer, flags) in [("Python up to 3.12", "lenient"), ("Python from 3.13", "strict")] {
        let mut program = command(python);
        program.arg(beside("judge.py")).arg(flags);
        hold(consumer, cases, &ask(program, cases, flags, pem), contains);
    }
}

#[test]
fn go() {
    let (Some(cases), Some(go)) = (prepared(), GO.find()) else { return };
    let mut program = command(go);
    // Nothing is fetched, and nothing written into anybody's home.
    program.args(["run"]).arg(beside("judge.go"));
    program
        .env("GOCACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-cache"))
        .env("GOPROXY", "off")
        .env("GO111MODULE", "off");
    hold("Go", cases, &ask(program, cases, "go", pem), contains);
}

#[test]
fn java() {
    let (Some(cases), Some(java)) = (prepared(), JAVA.find()) else { return };
    let mut program = command(java);
    program.args(["-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Duser.language=en"]);
    program.arg(beside("Judge.java"));
    let said = ask(program, cases, "java", java_key_store);
    // Without a key it connects and shows nothing; the step `pfx` only finds none.
    hold("Java", cases, &said, |text, quoted| text.contains(quoted) || text.ends_with("no key entry"));
}

#[test]
fn openssl_command_line() {
    let (Some(cases), Some(program)) = (prepared(), OPENSSL.find()) else { return };
    let said: Vec<Vec<Said>> = std::thread::scope(|scope| {
        let some =
            |cases: &'static [Prepared]| cases.iter().map(|case| openssl::say(program, case)).collect::<Vec<_>>();
        let asked: Vec<_> = cases.chunks(cases.len().div_ceil(4)).map(|few| scope.spawn(move || some(few))).collect();
        asked.into_iter().flat_map(|one| one.join().unwrap()).collect()
    });
    hold("OpenSSL 3", cases, &said, |text, quoted| {
        text.contains(quoted) || text.is_empty() && quoted == "(it says nothing)"
    });
}

//! .NET: each PFX loads, its key signs and decrypts, its chain ends in the root, and the two ends of a site talk.
//!
//! `Judge.cs` looks, mono's compiler compiles it. Here is only what must be seen.

use super::answers::Answers;
use super::process::run;
use super::scratch;
use super::site::{LETTERS, site};
use super::stranger::{OPENSSL, Stranger, command, installed_here};
use super::written::{Role, Truth, Written, for_each, thumbprint};
use crate::support::process::run_with;
use fs_err as fs;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

static DOTNET: Stranger =
    Stranger::new(".NET Core 3.1 or newer", "dotnet", &["--list-runtimes"], &["Microsoft.NETCore.App"]);
static MCS: Stranger = Stranger::new("mcs (mono's C# compiler)", "mcs", &["--version"], &["C# compiler"]);

/// The oldest one that will do, and any newer one. Letters beyond ASCII need no tables of a country.
const RUNTIME: &str = r#"{"runtimeOptions":{"framework":{"name":"Microsoft.NETCore.App","version":"3.1.0"},
    "rollForward":"Major","configProperties":{"System.Globalization.Invariant":true}}}"#;

/// As .NET Core 3.1 has it from OpenSSL, and as later ones say it on every system.
const WRONG_PASSWORD: [&str; 2] = ["mac verify failure", "The specified network password is not correct"];

struct Judge {
    dotnet: &'static Path,
    program: PathBuf,
    /// Of the user whose stores .NET uses.
    home: PathBuf,
}

impl Judge {
    fn compiled() -> Option<Self> {
        let (dotnet, mcs) = (DOTNET.find()?, MCS.find()?);
        let folder = scratch::shared("dotnet");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/windows_readers/Judge.cs");
        let program = folder.join("Judge.dll");
        run(command(mcs).arg("-warnaserror").arg(format!("-out:{}", program.display())).arg(source)).accepted();
        fs::write(folder.join("Judge.runtimeconfig.json"), RUNTIME).unwrap();
        let home = folder.join("home");
        fs::create_dir(&home).unwrap();
        Some(Self { dotnet, program, home })
    }

    fn ask(&self, jobs: &str) -> Answers {
        let mut judge = command(self.dotnet);
        judge.env("HOME", &self.home).env("DOTNET_CLI_TELEMETRY_OPTOUT", "1").arg(&self.program);
        // The OpenSSL 1.1 that came with a .NET which knows no newer one.
        judge.env("LD_LIBRARY_PATH", installed_here().join("dotnet/ssl/usr/lib/x86_64-linux-gnu"));
        let answers = Answers::read(&run_with(judge, jobs).assert_code(0).stdout);
        answers.assert("runtime", "done", "yes");
        answers
    }
}

fn job(jobs: &mut String, words: &[&str]) {
    writeln!(jobs, "{}", words.join("\t")).unwrap();
}

#[test]
fn every_pfx() {
    let (Some(openssl), Some(judge)) = (OPENSSL.find(), Judge::compiled()) else { return };
    let Some(site) = site() else { return };
    let looked = judge.ask(&looks(site));
    for_each(site, |(one, truth)| what_is_inside(&looked, openssl, one, truth));
    // .NET reads the roots once, so another process sees those that this one put there.
    let believed = judge.ask(&beliefs(site));
    for_each(site, |(one, _)| chain_ends_in_the_root(&believed, openssl, one));
    the_ends_talk(&believed, site);
}

/// Before any root is trusted.
fn looks(site: &[(Written, Truth)]) -> String {
    let mut jobs = String::new();
    for (one, _) in site {
        let file = one.file.to_str().unwrap();
        job(&mut jobs, &["load", &one.id, file, one.password]);
        job(&mut jobs, &["chain", &format!("{} untrusted", one.id), file, one.password]);
        if one.is_protected() {
            job(&mut jobs, &["load", &format!("{} wrong", one.id), file, "not this one"]);
            job(&mut jobs, &["load", &format!("{} none", one.id), file, ""]);
        } else {
            job(&mut jobs, &["load", &format!("{} wrong", one.id), file, LETTERS]);
        }
    }
    for (one, _) in site {
        job(&mut jobs, &["trust", &format!("trust {}", one.id), one.root.to_str().unwrap()]);
    }
    jobs
}

fn what_is_inside(answers: &Answers, openssl: &Path, one: &Written, truth: &Truth) {
    let id = &one.id;
    answers.assert_no_error(id);
    answers.assert(id, "subject", &one.subject());
    answers.assert(id, "thumbprint", &truth.thumbprint);
    answers.assert(id, "has key", "yes");
    answers.assert(id, "keys", "1");
    answers.assert(id, "certificates", &(1 + one.above.len()).to_string());
    answers.assert(id, "key bits", &one.key_bits.to_string());
    answers.assert(id, "decrypts", id);
    // Those with Qlik's extension: an intermediate of another CA has none.
    answers.assert(id, "found by marker", if one.holds_root() { "2" } else { "1" });
    truth.verify(openssl, "sha256", id, &answers.octets(id, "signature"));

    answers.assert_refused(&format!("{id} wrong"), &WRONG_PASSWORD);
    if one.is_protected() {
        answers.assert_refused(&format!("{id} none"), &WRONG_PASSWORD);
    }
    let untrusted = format!("{id} untrusted");
    let with_root = one.role == Role::Root || one.holds_root();
    answers.assert(&untrusted, "chain", if with_root { "UntrustedRoot" } else { "PartialChain" });
    answers.assert_no_error(&format!("trust {id}"));
}

/// With all roots trusted.
fn beliefs(site: &[(Written, Truth)]) -> String {
    let mut jobs = String::new();
    for (one, _) in site {
        let file = one.file.to_str().unwrap();
        job(&mut jobs, &["chain", &one.id, file, one.password]);
        if one.role == Role::Client {
            job(&mut jobs, &["keep", &format!("{} kept", one.id), file, one.password]);
        }
    }
    for (server, client) in pairs(site) {
        for host in [server.machine.as_str(), "other.test"] {
            let id = format!("{} {host}", server.id);
            let [server_file, client_file] = [server, client].map(|one| one.file.to_str().unwrap());
            job(&mut jobs, &["talk", &id, server_file, server.password, client_file, client.password, host]);
        }
    }
    jobs
}

fn chain_ends_in_the_root(answers: &Answers, openssl: &Path, one: &Written) {
    answers.assert_no_error(&one.id);
    answers.assert(&one.id, "ends in", &thumbprint(openssl, &one.root));
    answers.assert(&one.id, "chain", if one.classic { "InvalidBasicConstraints" } else { "whole" });
    if one.role == Role::Client {
        // Only what is valid is found, and an intermediate would have to be in the store of CAs.
        let found = if one.classic || one.has_intermediate() { "no" } else { "with its key" };
        answers.assert(&format!("{} kept", one.id), "found in store", found);
    }
}

/// The two of a folder.
fn pairs(site: &[(Written, Truth)]) -> impl Iterator<Item = (&Written, &Written)> {
    let all = || site.iter().map(|(one, _)| one);
    all().filter(|one| one.role == Role::Server).filter_map(move |server| {
        let client = all().find(|one| one.role == Role::Client && one.file.parent() == server.file.parent());
        Some((server, client?))
    })
}

fn the_ends_talk(answers: &Answers, site: &[(Written, Truth)]) {
    let mut count = 0;
    for (server, _) in pairs(site) {
        count += 1;
        // An intermediate that is in no store is not sent.
        let chain = match (server.classic, server.has_intermediate()) {
            (true, _) => "RemoteCertificateChainErrors InvalidBasicConstraints",
            (_, true) => "RemoteCertificateChainErrors PartialChain",
            _ => "None",
        };
        let right = format!("{} {}", server.id, server.machine);
        answers.assert_no_error(&right);
        answers.assert(&right, "client sees", &format!("CN={}: {chain}", server.machine));
        answers.assert(&right, "server sees", &format!("CN=QlikClient: {chain}"));
        answers.assert(&right, "echo", "42");
        let seen = answers.value(&format!("{} other.test", server.id), "client sees");
        assert!(seen.contains("RemoteCertificateNameMismatch"), "{}: {seen}", server.id);
    }
    assert!(count > 10, "only {count} servers have talked");
}

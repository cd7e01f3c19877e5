//! Java: PKIX validation, PFX as key stores, mutual TLS; and `keytool`, which administrators know.
//!
//! May not say what is right: `Judge.java` does, here is only which profile must pass.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::bundle::{Case, Profile};
use super::process::run;
use super::scratch;
use super::stranger::{JAVA, JAVAC, KEYTOOL, command, program};

for_every_bundle!(super::java::judge);

fn judge(case: &'static Case) {
    let Some(mut judge) = program_in_java() else { return };
    judge.arg("judge").arg(&case.bundle().folder).arg(case.machine).env("JUDGE_PASSWORD", case.password());
    let answer = run(&mut judge);
    if case.profile == Profile::Classic {
        answer.refused().says("is not a CA certificate");
    } else {
        answer.accepted().says("judged");
    }
}

/// Only where there is a password: keytool may ask for one on the terminal when it is given an empty one.
#[test]
fn keytool_lists_both_containers() {
    use super::bundle::{LEGACY_LOCKED, LOCKED};
    let Some(keytool) = KEYTOOL.find() else { return };
    for case in [&LOCKED, &LEGACY_LOCKED] {
        for role in ["server", "client"] {
            let mut list = command(keytool);
            list.args(["-J-Duser.language=en", "-list", "-storetype", "PKCS12", "-storepass", case.password()]);
            let answer = run(list.arg("-keystore").arg(case.bundle().file(&format!("{role}.pfx"))));
            answer.accepted().says("contains 1 entry").says("PrivateKeyEntry");
        }
    }
}

/// A Java machine that is about to run `Judge`, which is compiled once.
pub(crate) fn program_in_java() -> Option<Command> {
    static CLASSES: OnceLock<PathBuf> = OnceLock::new();
    let (java, javac) = (JAVA.find()?, JAVAC.find()?);
    let classes = CLASSES.get_or_init(|| compile(javac));
    let mut command = command(java);
    // Short-lived programs: no time for the second compiler, and no more threads than the tests beside need.
    command.args(["-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Duser.language=en", "-cp"]);
    command.arg(classes).arg("Judge");
    Some(command)
}

fn compile(javac: &Path) -> PathBuf {
    let classes = scratch::shared("classes");
    run(command(javac).arg("-d").arg(&classes).arg(program("Judge.java"))).accepted();
    classes
}

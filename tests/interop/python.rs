//! Python: the verifier of the package `cryptography`, and the `ssl` module with its strict rules.
//!
//! May not say what is right: `judge.py` and `handshake.py` do, here is only which profile must pass.

use super::bundle::{Case, Profile};
use super::process::{Answer, run};
use super::stranger::{CRYPTOGRAPHY, PYTHON, command, program};

mod verifier {
    for_every_bundle!(super::judge_with_cryptography);
}

mod handshake {
    for_every_bundle!(super::judge_with_ssl);
}

fn judge_with_cryptography(case: &'static Case) {
    let Some(python) = CRYPTOGRAPHY.find() else { return };
    let profile = match case.profile {
        Profile::Compatible => "compatible",
        Profile::Qlik => "qlik",
        Profile::Classic => "classic",
    };
    // Warnings are errors: what the package tolerates today it says it may refuse tomorrow.
    let mut judge = command(python);
    judge.args(["-W", "error"]).arg(program("judge.py")).arg(&case.bundle().folder).args([case.machine, profile]);
    run(judge.env("JUDGE_PASSWORD", case.password())).accepted().says("judged");
}

fn judge_with_ssl(case: &'static Case) {
    for version in ["1.2", "1.3"] {
        let strict = both_sides(case, version, "strict");
        let lenient = both_sides(case, version, "lenient");
        let (Some(strict), Some(lenient)) = (strict, lenient) else { return };
        let welcome = format!("TLSv{version} welcome");
        match case.profile {
            Profile::Compatible => {
                strict.accepted().says(&welcome);
                lenient.accepted().says(&welcome);
            }
            Profile::Qlik => {
                strict.refused().says("CA cert does not include key usage extension");
                lenient.accepted().says(&welcome);
            }
            Profile::Classic => {
                strict.refused();
                lenient.refused().says("invalid CA certificate");
            }
        }
    }
}

fn both_sides(case: &'static Case, version: &str, strictness: &str) -> Option<Answer> {
    let python = PYTHON.find()?;
    let mut both = command(python);
    both.arg(program("handshake.py")).arg("both").arg(&case.bundle().folder).args([case.machine, version, strictness]);
    Some(run(both.env("JUDGE_PASSWORD", case.password())))
}

//! Node, in which most tools around Qlik Sense are written: certificates, keys, PFX and mutual TLS.
//!
//! May not say what is right: `judge.js` does, here is only which profile must pass.

use super::bundle::{Case, Profile};
use super::process::run;
use super::stranger::{NODE, command, program};

for_every_bundle!(super::node::judge);

fn judge(case: &'static Case) {
    let Some(node) = NODE.find() else { return };
    let mut judge = command(node);
    judge.arg(program("judge.js")).arg(&case.bundle().folder).arg(case.machine);
    let answer = run(judge.env("JUDGE_PASSWORD", case.password()));
    if case.profile == Profile::Classic {
        answer.refused().says("INVALID_PURPOSE unsuitable certificate purpose");
    } else {
        answer.accepted().says("judged");
    }
}

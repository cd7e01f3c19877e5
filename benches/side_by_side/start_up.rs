//! What it costs to start a program that does nothing.

use super::plan::Plan;
use super::program::{self, Place};
use super::table;
use super::timing::Times;

pub(crate) fn run(plan: &Plan) -> anyhow::Result<()> {
    let place = Place::new()?;
    let has_openssl = program::has_openssl();
    let (mut qcert, mut openssl, mut nothing) = (Times::default(), Times::default(), Times::default());
    for _ in 0..plan.start_rounds() {
        let mut command = place.qcert();
        command.arg("--version");
        qcert.measure(|| program::succeed(command))?;
        if has_openssl {
            let mut command = program::quiet("openssl");
            command.arg("version");
            openssl.measure(|| program::succeed(command))?;
        }
        nothing.measure(|| program::succeed(program::quiet("true")))?;
    }
    if has_openssl {
        table::time_row("start: `--version`; `openssl version`", &qcert, &openssl, "none");
    }
    table::time_row("start: `--version`; `true`", &qcert, &nothing, "none");
    Ok(())
}

//! 100 machines in one command, against the crypto library doing nothing but the slow part on the same cores.
//!
//! The root is there before the clock starts, so that either side makes the same number of keys.

use super::bare::{self, Derivation};
use super::plan::Plan;
use super::program::{self, Place};
use super::table;
use super::timing::Times;

const MACHINES: usize = 100;
const KEYS_PER_MACHINE: usize = 2;
/// What a machine's files take with a password: for either PFX its certificate and its key, and either PEM key.
const PBKDF2_PER_MACHINE: usize = 2 * 2 + 2;
/// The MAC of either PFX.
const PKCS12_PER_MACHINE: usize = 2;

pub(crate) fn without_password(plan: &Plan) -> anyhow::Result<()> {
    let (qcert, keys) = in_turns(plan, false, &[])?;
    table::rate_row("100 machines; rate of 200 bare keys", &qcert, &keys, "at least 90 %");
    Ok(())
}

pub(crate) fn with_password(plan: &Plan) -> anyhow::Result<()> {
    let derivations = [
        vec![Derivation::Pbkdf2; MACHINES * PBKDF2_PER_MACHINE],
        vec![Derivation::Pkcs12; MACHINES * PKCS12_PER_MACHINE],
    ];
    let (qcert, peer) = in_turns(plan, true, &derivations.concat())?;
    table::rate_row("100 machines, password; keys + derivations", &qcert, &peer, "at least 85 %");
    Ok(())
}

fn in_turns(plan: &Plan, password: bool, derivations: &[Derivation]) -> anyhow::Result<(Times, Times)> {
    let (mut qcert, mut peer) = (Times::default(), Times::default());
    // The library seeds itself once for each process; here it is no part of the rate.
    bare::work(program::cores(), &[])?;
    for _ in 0..plan.many_rounds() {
        own_round(&mut qcert, password)?;
        peer.measure(|| bare::work(MACHINES * KEYS_PER_MACHINE, derivations))?;
    }
    Ok((qcert, peer))
}

fn own_round(times: &mut Times, password: bool) -> anyhow::Result<()> {
    let place = Place::new()?;
    let mut command = place.qcert();
    command.args(["init", "--host", "site.domain"]);
    program::succeed(command)?;

    let mut command = place.qcert();
    command.args(["export", "--quiet", "--machines-from"]).arg(place.machine_list(MACHINES)?);
    if password {
        command.arg("--password-file").arg(place.password_file()?);
    }
    times.measure(|| program::succeed(command))?;
    let last = format!("machine{}.domain", MACHINES - 1);
    place.check(last.as_ref(), &["server.pem", "client.pfx"])
}

//! The whole job: root, server and client with RSA 2048 in an empty folder, as PEM and PFX, without a password.
//!
//! Two scripts do it with openssl. They are spared what qcert does besides: flushing to disk, reading back and judging,
//! the ledger, PKCS#1 and CRLF.

use super::plan::Plan;
use super::program::{self, Place};
use super::table;
use super::timing::Times;
use std::path::Path;

const MACHINE: &str = "host.domain";
const REQUESTS: &str = include_str!("openssl_requests.sh");
const DIRECT: &str = include_str!("openssl_direct.sh");
const FILES: [&str; 8] = [
    "root.pem",
    "root.cer",
    "server.pem",
    "server_key.pem",
    "server.pfx",
    "client.pem",
    "client_key.pem",
    "client.pfx",
];

pub(crate) fn run(plan: &Plan) -> anyhow::Result<()> {
    if !program::has_openssl() {
        table::plain_row("whole job", "no peer", "");
        return Ok(());
    }
    let (mut qcert, mut requests, mut direct) = (Times::default(), Times::default(), Times::default());
    for _ in 0..plan.job_rounds() {
        own_round(&mut qcert)?;
        peer_round(&mut requests, REQUESTS)?;
        peer_round(&mut direct, DIRECT)?;
    }
    table::time_row("whole job; openssl by requests, the issue's", &qcert, &requests, "at most 0.28");
    table::time_row("whole job; openssl by `req -x509 -CA`", &qcert, &direct, "none");
    Ok(())
}

fn own_round(times: &mut Times) -> anyhow::Result<()> {
    let place = Place::new()?;
    let mut command = place.qcert();
    command.args(["export", "--machine", MACHINE]);
    times.measure(|| program::succeed(command))?;
    place.check(Path::new(MACHINE), &FILES)
}

fn peer_round(times: &mut Times, script: &str) -> anyhow::Result<()> {
    let place = Place::new()?;
    let command = place.script(script, MACHINE);
    times.measure(|| program::succeed(command))?;
    place.check(Path::new(""), &FILES)
}

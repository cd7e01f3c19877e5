//! enigma.js, Qlik's own client of the engine, over a WebSocket with client certificates as its example does.
//!
//! May not need a Qlik Sense: `engine.js` stands in for the engine.

use super::bundle::{Case, DOMAIN_NAME, OTHER_ROOT};
use super::process::{Answer, Server, run};
use super::stranger::{ENIGMA, command, program};

#[test]
fn opens_a_session_only_with_a_client_certificate_of_the_same_root() {
    // It connects to `localhost`, which is an alias in this bundle.
    let case = &DOMAIN_NAME;
    let Some(node) = ENIGMA.find() else { return };
    let mut engine = command(node);
    engine.arg(program("engine.js")).arg(&case.bundle().folder);
    let (_server, port) = Server::start_announcing(&mut engine);
    open_session(port, case, Some(case)).accepted().says("engine version 12.20.0");
    open_session(port, case, None).refused();
    open_session(port, case, Some(&OTHER_ROOT)).refused();
    // The other way round: a client that trusts another root does not talk to this server.
    open_session(port, &OTHER_ROOT, Some(case)).refused().never_says("engine version");
}

fn open_session(port: u16, trusting: &'static Case, with: Option<&'static Case>) -> Answer {
    let node = ENIGMA.find().expect("found a moment ago");
    let mut session = command(node);
    // `localhost` may mean ::1 first, and older releases of Node do not try again.
    session.arg("--dns-result-order=ipv4first").arg(program("session.js"));
    session.arg(trusting.bundle().file("root.pem")).arg(port.to_string());
    if let Some(case) = with {
        session.arg(case.bundle().file("client.pem")).arg(case.bundle().file("client_key.pem"));
    }
    run(&mut session)
}

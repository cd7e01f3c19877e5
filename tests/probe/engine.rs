//! An engine over a WebSocket: qcert says what enigma.js, Qlik's own client, experiences with the same bundle.

use super::process::{Answer, run};
use super::servers::Program;
use super::site::{folder, probe};
use super::stranger::{ENIGMA, command, program};
use serde_json::Value;

/// The bundle that is carried, and whether a session can be opened with it.
const CARRIED: [(&str, bool); 5] =
    [("own", true), ("pem-only", true), ("twins-client", false), ("twins-root", false), ("client-expired", false)];

#[test]
fn a_session_can_be_opened_where_probe_says_it_works() {
    let Some(server) = super::case::serves(Program::Engine).start() else { return };
    for (carried, opens) in CARRIED {
        let session = open_session(server.port, carried);
        let opened = session.code == Some(0) && session.text().contains("engine version 12.20.0");
        let said = probe("localhost", server.port, carried, &["--service", "engine", "--json"]);
        let account = format!("{carried}\n{}\n{}", session.text(), said.text());
        let value: Value = serde_json::from_slice(&said.stdout).unwrap_or_else(|error| panic!("{error}\n{account}"));
        assert_eq!(opened, opens, "{account}");
        assert_eq!(value["verdict"], if opens { "works" } else { "fails" }, "{account}");
        assert_eq!(said.code, Some(i32::from(!opens)), "{account}");
    }
}

fn open_session(port: u16, carried: &str) -> Answer {
    let place = folder(carried);
    let mut session = command(ENIGMA.find().expect("found a moment ago"));
    // `localhost` may mean ::1 first, and older releases of Node do not try again.
    session.arg("--dns-result-order=ipv4first").arg(program("session.js")).arg(place.join("root.pem"));
    session.arg(port.to_string()).args(["client.pem", "client_key.pem"].map(|name| place.join(name)));
    run(&mut session)
}

//! The ports of a Qlik Sense site by number: whose each is, and what a caller finds there. Facts only.
//!
//! Of Qlik's help, page Ports, and of what `qcert explain ports` says at length.

/// What listens on a known port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Port {
    pub(in super::super) number: u16,
    /// For `--service` and JSON.
    pub(in super::super) service: &'static str,
    /// As people and Windows' list of services call it.
    pub(in super::super) title: &'static str,
    /// What has to run for somebody to listen there.
    pub(in super::super) runs: &'static str,
    pub(in super::super) manner: Manner,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Manner {
    /// The server certificate is shown and QlikClient asked for.
    Mutual,
    /// For users: the proxy's own certificate may be shown, and no client certificate is taken.
    Users,
    /// HTTP without TLS, by design.
    Http,
    /// PostgreSQL: a greeting of its own comes before any TLS.
    Database,
    /// Not established.
    Unknown,
}

pub(in super::super) fn port(number: u16) -> Option<&'static Port> {
    PORTS.iter().find(|port| port.number == number)
}

const fn known(number: u16, service: &'static str, title: &'static str, runs: &'static str, manner: Manner) -> Port {
    Port { number, service, title, runs, manner }
}

const REPOSITORY: &str = "Qlik Sense Repository Service";
const PROXY: &str = "Qlik Sense Proxy Service";
const ENGINE: &str = "Qlik Sense Engine Service";
const SCHEDULER: &str = "Qlik Sense Scheduler Service";
const PRINTING: &str = "Qlik Sense Printing Service";
const DISPATCHER: &str = "Qlik Sense Service Dispatcher";
const DATABASE: &str = "Qlik Sense Repository Database";
const LOGGING: &str = "Qlik Logging Service";

const PORTS: &[Port] = &[
    known(80, "proxy", "proxy, for users without TLS", PROXY, Manner::Http),
    known(443, "proxy", "proxy, for users", PROXY, Manner::Users),
    known(4239, "repository", "repository, for the proxy", REPOSITORY, Manner::Mutual),
    known(4242, "repository", "repository", REPOSITORY, Manner::Mutual),
    known(4243, "proxy", "proxy, REST", PROXY, Manner::Mutual),
    known(4244, "proxy", "proxy, Windows authentication", PROXY, Manner::Users),
    known(4432, "database", "repository database", DATABASE, Manner::Database),
    known(4444, "repository", "repository, set-up of a rim", REPOSITORY, Manner::Http),
    known(4570, "repository", "repository, unlocking a rim", REPOSITORY, Manner::Http),
    known(4747, "engine", "engine", ENGINE, Manner::Mutual),
    known(4748, "engine", "engine, notifications", ENGINE, Manner::Mutual),
    known(4899, "printing", "printing", PRINTING, Manner::Mutual),
    known(4900, "broker", "broker", DISPATCHER, Manner::Mutual),
    known(4949, "data-profiling", "data profiling", DISPATCHER, Manner::Unknown),
    known(5050, "scheduler", "scheduler, manager", SCHEDULER, Manner::Mutual),
    known(5151, "scheduler", "scheduler, worker", SCHEDULER, Manner::Mutual),
    known(5252, "scheduler", "scheduler, monitoring", SCHEDULER, Manner::Unknown),
    known(7070, "logging", "logging", LOGGING, Manner::Unknown),
    known(9200, "license", "license", DISPATCHER, Manner::Mutual),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_in_order_and_each_once() {
        assert!(PORTS.is_sorted_by(|one, next| one.number < next.number));
        assert_eq!(port(4242).unwrap().runs, REPOSITORY);
        assert_eq!(port(4241), None);
    }
}

//! A rehearsal of what the services of a site say to each other: a scheduled reload step by step, who calls whom on
//! which port, and what must be refused. Facts and values only: nobody calls or judges here.
//!
//! The steps are those of the Qlik community's answer on what QlikClient is for; `knowledge` tells them as `reload`.

pub mod judge;
pub mod machine;
pub mod source;
pub mod stranger;

use super::path::Purpose;
use judge::Aspect;

/// A service of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    Repository,
    Scheduler,
    Engine,
    Database,
}

impl Service {
    /// As Qlik calls it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Repository => "Repository",
            Self::Scheduler => "Scheduler",
            Self::Engine => "Engine",
            Self::Database => "database",
        }
    }
}

/// On which of a site's machines a service runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Central,
    /// Every machine in turn.
    Each,
    /// The one that is to reload.
    Chosen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub number: u8,
    pub from: (Service, Place),
    pub to: (Service, Place),
    pub port: u16,
    /// What is said.
    pub what: &'static str,
    /// Both ends show a certificate.
    pub mutual: bool,
}

const fn step(
    number: u8,
    from: (Service, Place),
    to: (Service, Place),
    port: u16,
    mutual: bool,
    what: &'static str,
) -> Step {
    Step { number, from, to, port, what, mutual }
}

pub const STEPS: [Step; 6] = {
    use Place::{Central, Chosen, Each};
    use Service::{Database, Engine, Repository, Scheduler};
    [
        step(1, (Repository, Central), (Database, Central), 4432, false, "which reloads are due?"),
        step(2, (Repository, Central), (Scheduler, Each), 5050, true, "may you reload?"),
        step(3, (Scheduler, Each), (Engine, Each), 4747, true, "how busy are you?"),
        step(4, (Scheduler, Each), (Repository, Central), 4242, true, "this is my load"),
        step(5, (Repository, Central), (Scheduler, Chosen), 5050, true, "run this task"),
        step(6, (Scheduler, Chosen), (Engine, Chosen), 4747, true, "reload this app"),
    ]
};

/// One call of a step, between machines by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    pub step: &'static Step,
    pub from: usize,
    pub to: usize,
}

/// The calls of all steps on so many machines, the first being the central node. Who is the least busy nobody knows
/// here: it is the second where there is one.
pub fn calls(machines: usize) -> Vec<Call> {
    let chosen = usize::from(machines > 1);
    let mut calls = Vec::new();
    for step in &STEPS {
        let each = step.from.1 == Place::Each || step.to.1 == Place::Each;
        for machine in if each { 0..machines } else { 0..machines.min(1) } {
            let at = |place| match place {
                Place::Central => 0,
                Place::Each => machine,
                Place::Chosen => chosen,
            };
            calls.push(Call { step, from: at(step.from.1), to: at(step.to.1) });
        }
    }
    calls
}

/// What an end of a call looks at in the certificate that the other shows.
pub fn looked_at(purpose: Purpose) -> &'static [Aspect] {
    match purpose {
        Purpose::Server => &[Aspect::Root, Aspect::Dates, Aspect::Purpose, Aspect::Name],
        _ => &[Aspect::Root, Aspect::Dates, Aspect::Purpose],
    }
}

/// Something that must not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    NoCertificate,
    ClientOfAnotherSite,
    ServerOfAnotherSite,
    Name,
}

impl Wrong {
    pub const ALL: [Self; 4] = [Self::NoCertificate, Self::ClientOfAnotherSite, Self::ServerOfAnotherSite, Self::Name];

    /// For JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoCertificate => "no_certificate",
            Self::ClientOfAnotherSite => "client_of_another_site",
            Self::ServerOfAnotherSite => "server_of_another_site",
            Self::Name => "wrong_name",
        }
    }

    /// Whether the end that is called is to refuse; else the one that calls.
    pub fn is_for_callee(self) -> bool {
        matches!(self, Self::NoCertificate | Self::ClientOfAnotherSite)
    }

    /// What it is to be refused for; `None` where nothing is shown that could be judged.
    pub fn aspect(self) -> Option<Aspect> {
        match self {
            Self::NoCertificate => None,
            Self::ClientOfAnotherSite | Self::ServerOfAnotherSite => Some(Aspect::Root),
            Self::Name => Some(Aspect::Name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_machine_is_asked_and_one_reloads() {
        let told = |machines| -> Vec<_> {
            calls(machines).into_iter().map(|call| (call.step.number, call.from, call.to)).collect()
        };
        assert_eq!(told(1), [(1, 0, 0), (2, 0, 0), (3, 0, 0), (4, 0, 0), (5, 0, 0), (6, 0, 0)]);
        assert_eq!(
            told(2),
            [(1, 0, 0), (2, 0, 0), (2, 0, 1), (3, 0, 0), (3, 1, 1), (4, 0, 0), (4, 1, 0), (5, 0, 1), (6, 1, 1)]
        );
        assert_eq!(told(0), []);
    }
}

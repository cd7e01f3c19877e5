//! `Filter`: which certificates are asked for. A machine that the ledger does not have is an error: nothing expires of a
//! machine whose name is mistyped.

use super::state::State;
use crate::cli::error::problem;
use crate::host::ledger::{LedgerRole, Listed};

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum RoleWord {
    Root,
    /// The present root signed by the one before it
    Cross,
    Server,
    Client,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum RootWord {
    /// The one that signs now
    Present,
    /// Those before it
    Replaced,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Which")]
pub(super) struct FilterArguments {
    /// Of this machine; may be repeated
    #[arg(short, long, value_name = "NAME")]
    machine: Vec<String>,
    /// In this role
    #[arg(long, value_enum, value_name = "ROLE")]
    role: Option<RoleWord>,
    /// In this state
    #[arg(long, value_enum, value_name = "STATE")]
    state: Option<State>,
    /// Signed by this root
    #[arg(long, value_enum, value_name = "WHICH")]
    root: Option<RootWord>,
}

#[derive(Debug)]
pub(super) struct Filter<'a> {
    arguments: &'a FilterArguments,
    role: Option<LedgerRole>,
    /// Which of the machines the ledger has.
    seen: Vec<bool>,
}

impl<'a> Filter<'a> {
    pub(super) fn new(arguments: &'a FilterArguments, role: Option<LedgerRole>) -> Self {
        let role = role.or(arguments.role.map(|role| match role {
            RoleWord::Root => LedgerRole::Root,
            RoleWord::Cross => LedgerRole::Cross,
            RoleWord::Server => LedgerRole::Server,
            RoleWord::Client => LedgerRole::Client,
        }));
        Self { arguments, role, seen: vec![false; arguments.machine.len()] }
    }

    pub(super) fn wants(&mut self, listed: &Listed<'_>, state: State, root_is_present: bool) -> bool {
        let Self { arguments, role, seen } = self;
        let mut named = arguments.machine.is_empty();
        for (machine, seen) in arguments.machine.iter().zip(seen) {
            // As in DNS.
            if machine.eq_ignore_ascii_case(listed.machine) {
                (*seen, named) = (true, true);
            }
        }
        named
            && role.is_none_or(|role| role == listed.role)
            && arguments.state.is_none_or(|wanted| wanted == state)
            && arguments.root.is_none_or(|root| (root == RootWord::Present) == root_is_present)
    }

    /// That each machine was seen.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let unseen = self.arguments.machine.iter().zip(&self.seen).find(|(_, seen)| !**seen);
        match unseen {
            None => Ok(()),
            Some((machine, _)) => Err(problem(
                format!("nothing was ever issued for `{machine}` from this home"),
                "`qcert list` shows the names; another site's home is named with `--home DIR`",
            )),
        }
    }
}

//! The steps, by phase, and what their commands have in common. Wording and commands only; `Names` fills them in.

pub(super) mod after;
pub(super) mod before;
pub(super) mod outage;

use super::command::paste;
use super::sentence::{Sentence, say};
use super::{Action, Names, Phase, Step, Trouble};

/// Everything with Qlik's marker, which the Repository Service goes by (Qlik help, certificate handling).
const SHOW_ALL: &str = "\
Get-ChildItem Cert:\\LocalMachine\\Root, Cert:\\LocalMachine\\My,
  Cert:\\CurrentUser\\Root, Cert:\\CurrentUser\\My |
  Where-Object { $_.Extensions.Oid.Value -contains '1.3.6.1.5.5.7.13.3' } |
  Format-List PSParentPath, Thumbprint, Subject, NotBefore, NotAfter, HasPrivateKey";

/// What the old root has signed in the machine's store: the server, QlikServiceCluster, leftovers. Never the proxy's.
fn show_issued(names: &Names<'_>) -> String {
    paste(
        "Get-ChildItem Cert:\\LocalMachine\\My | Where-Object Issuer -eq {} |\n  Format-Table Thumbprint, Subject, NotAfter",
        &[&names.root_name],
    )
}

/// Names as Qlik's own scripts for its services have them (Qlik-Service-Control).
const STOP: &str = "\
Get-Service QlikSense*, QlikLoggingService -ErrorAction SilentlyContinue |
  Where-Object Name -ne 'QlikSenseRepositoryDatabase' | Stop-Service -Force
Get-Service Qlik*, postgresql* | Format-Table Name, Status";

const START: &str = "\
Start-Service QlikSenseServiceDispatcher
Start-Service QlikSenseRepositoryService
Get-Service QlikSense*, QlikLoggingService -ErrorAction SilentlyContinue |
  Where-Object StartType -ne 'Disabled' | Start-Service
Get-Service Qlik*, postgresql* | Format-Table Name, Status";

const RENAME_FOLDER: &str = "\
Rename-Item -LiteralPath \"$env:ProgramData\\Qlik\\Sense\\Repository\\Exported Certificates\" `
  -NewName 'Exported Certificates before'";

/// The central node, as the service account, elevated: where most steps are taken.
fn central_elevated(names: &Names<'_>) -> Sentence {
    say("{}, as {}, PowerShell run as administrator", &[names.central, names.account])
}

fn step(phase: Phase, name: &'static str, title: Sentence, place: Sentence) -> Step {
    Step { name, phase, title, place, actions: Vec::new(), checks: Vec::new(), troubles: Vec::new() }
}

impl Step {
    fn act(mut self, sentence: Sentence) -> Self {
        self.actions.push(Action::Do(sentence));
        self
    }

    fn point(mut self, sentence: Sentence) -> Self {
        self.actions.push(Action::Point(sentence));
        self
    }

    fn paste(mut self, command: impl Into<String>) -> Self {
        self.actions.push(Action::Paste(command.into()));
        self
    }

    fn check(mut self, sentence: Sentence) -> Self {
        self.checks.push(sentence);
        self
    }

    fn trouble(mut self, sign: Sentence, way_out: Sentence) -> Self {
        self.troubles.push(Trouble { sign, way_out });
        self
    }
}

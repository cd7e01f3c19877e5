//! What `qcert` says to somebody who types only the name: the three things that most want, and where the rest is.

use super::Exit;
use super::output::Output;
use super::usage;

const WELCOME: &str = "\
Qlik Sense certificates: made, exported, shown and judged

  make   qcert export --machine host.domain    the site's root, if there is none yet, and a machine's bundle
  look   qcert inspect ./host.domain           what is in files and folders, PFX and Windows' stores
  mend   qcert validate ./host.domain          every fault once, with its cause and its fix

and further
  qcert init --from root.pfx                   take over the root of a site that there is
  qcert doctor                                 what is wrong with a whole Qlik server
  qcert explain --text 'ERROR TEXT'            what an error text means
  qcert list --expiring 60                     what ends within 60 days
  qcert backup qlik.age                        a copy of the root: a lost one cannot be made again

all commands: `qcert --help`; all of one: `qcert COMMAND --help`";

/// A question that is answered, so it is done; but a program that named no command is not told that all went well.
pub(super) fn show(output: &Output) -> anyhow::Result<Exit> {
    if !output.is_for_a_person() {
        return Err(usage::no_command());
    }
    output.answer(WELCOME)?;
    Ok(Exit::Done)
}

/// For the test that its commands are understood.
#[cfg(test)]
pub(super) fn commands() -> impl Iterator<Item = &'static str> {
    WELCOME.lines().filter_map(|line| line.find("qcert ").and_then(|at| line.get(at..))).filter_map(|line| {
        let command = line.split("   ").next()?;
        (!command.contains('`')).then(|| command.trim_end())
    })
}

//! What is done once the central node runs again: rims, passwords, every program, and what else hung from the old root.
//! And the way back.

use super::before::BACKUP;
use super::{RENAME_FOLDER, SHOW_ALL, START, STOP, central_elevated, show_issued, step};
use crate::pki::knowledge::{self, Body, Topic};
use crate::pki::plan::command::paste;
use crate::pki::plan::sentence::{Sentence, list, say};
use crate::pki::plan::{Holder, MACHINE, Names, OTHER, Phase, Step};

/// Whose files came from an export, as `qcert explain` names them. Qlik's own first.
pub(in crate::pki::plan) const PROGRAMS: [&str; 18] = [
    "nprinting",
    "monitoring-apps",
    "butler",
    "butler-sos",
    "ctrl-q",
    "qalyptus",
    "web-ticket",
    "qlik-cli",
    ".net-sdk",
    "enigma.js",
    "corectl",
    "qsapi",
    "qrspy",
    "qrs-interact",
    "governance",
    "openmetadata",
    "kpimailer",
    "catalogues",
];

pub(in crate::pki::plan) fn steps(names: &Names<'_>) -> [Step; 5] {
    [rims(names), connections(names), programs(names), rest(names), back(names)]
}

fn rims(names: &Names<'_>) -> Step {
    let place = say("each rim, ", &[])
        .and(list(&names.rims))
        .and(say(", as its service account, PowerShell run as administrator; then the console", &[]));
    let reach: Vec<String> = names.rims.iter().map(|rim| paste("Test-NetConnection {} -Port 4444", &[rim])).collect();
    step(Phase::After, "rims", say("give the rims their new certificates", &[]), place)
        .act(say("stop the rim's services, and see what it has:", &[]))
        .paste(STOP)
        .paste(SHOW_ALL)
        .paste(show_issued(names))
        .act(say("delete the old root, and what it has signed, each by its thumbprint; rename the folder:", &[]))
        .paste(paste(
            "Remove-Item -LiteralPath {}\nRemove-Item -LiteralPath {}\nRemove-Item -LiteralPath {}",
            &[
                &Names::path("LocalMachine\\Root", &names.root),
                &Names::path("LocalMachine\\My", OTHER),
                &Names::path("CurrentUser\\My", OTHER),
            ],
        ))
        .paste(RENAME_FOLDER)
        .act(say("start Service Dispatcher and Repository Service alone: the rim waits for its package:", &[]))
        .paste("Start-Service QlikSenseServiceDispatcher\nStart-Service QlikSenseRepositoryService")
        .act(say("on the central node, see that the rim can be reached on 4444 (HTTP, sealed with a password):", &[]))
        .paste(reach.join("\n"))
        .act(say("console: `Nodes` > the rim > `Redistribute`; it shows a password", &[]))
        .act(say(
            "on the rim itself open `http://localhost:4570/certificateSetup`, type it in; then start the rest:",
            &[],
        ))
        .paste(START)
        .check(say("the same three kinds, once each; root and issuer are the new ones, the root without a key", &[]))
        .check(say("console: `Nodes` shows the rim's services as running; a reload on the rim ends well", &[]))
        .trouble(
            say("4570 does not answer", &[]),
            say("the rim is not waiting: an old certificate is left, or the password was taken already", &[]),
        )
        .trouble(
            say("`TcpTestSucceeded : False`", &[]),
            say("a firewall between the nodes, or the rim's Repository Service does not run", &[]),
        )
        .trouble(
            say("the rim does not come to the point of waiting", &[]),
            say(
                "stop its Repository Service, and run `Repository.exe -bootstrap -standalone` there, elevated: it says \
                 `Waiting for certificates to be installed`; the Service Dispatcher must run",
                &[],
            ),
        )
        .trouble(say("there is no rim", &[]), say("then this step is done", &[]))
}

fn connections(names: &Names<'_>) -> Step {
    let secrets = match &names.site.server {
        Some(server) if server.secrets => {
            "this site's old server certificate carries the secrets key: with it goes what encrypted these passwords"
        }
        Some(_) => {
            "this site's old server certificate carries no secrets key; where newer releases keep it is not \
             established, so try one connection first"
        }
        None => "the secrets key that encrypted these passwords may have gone with the old server certificate",
    };
    step(
        Phase::After,
        "connections",
        say("type the passwords of data connections again", &[]),
        say("the console, `https://{}/qmc`", &[names.central]),
    )
    .act(Sentence::of(secrets))
    .act(say("console: `Data connections`, each of the list of step {#notes}: type its password, apply", &[]))
    .check(say("one reload for each connection ends well", &[]))
    .trouble(
        say("the password is not known any more", &[]),
        say("get a new one; bringing the old certificates back (step {#back}) brings the old values back", &[]),
    )
}

fn programs(names: &Names<'_>) -> Step {
    let place = say("the console on {}, and each program's machine", &[names.central]);
    let step = step(Phase::After, "programs", say("export again, for every program", &[]), place).act(say(
        "console: `Certificates`, machine name as before, format and password as the program wants them. The folder is \
         on {}; put all of its files in the place of the old ones, and restart the program",
        &[names.central],
    ));
    let known = names.site.holders.iter().fold(step, |step, holder| step.point(one_holder(names, holder)));
    let machines: Vec<String> =
        names.site.holders.iter().filter_map(Holder::machine).map(|machine| format!("--machine={machine}")).collect();
    let machines = if machines.is_empty() { vec![format!("--machine={MACHINE}")] } else { machines };
    let each: Vec<String> = machines.iter().map(|machine| paste(" `\n  {}", &[machine])).collect();
    let known = known
        .act(say(
            "or all of them at once, in both formats, with the new root saved as in step {#certificates-backup}:",
            &[],
        ))
        .paste(format!(
            "qcert --home .\\new-site init --from new-root.pfx\nqcert --home .\\new-site export{}",
            each.concat()
        ))
        .act(say("who wants what; more in `qcert explain PROGRAM`:", &[]));
    PROGRAMS
        .iter()
        .filter_map(|name| knowledge::topics().find(|topic| topic.name == *name))
        .fold(known, |step, topic| step.point(one_program(topic)))
        .check(say("`qcert validate FOLDER --root root.pem` with the new root.pem says `sound` for each folder", &[]))
        .check(say("every program on the list of step {#notes} has connected once", &[]))
        .trouble(
            say("`UNABLE_TO_VERIFY_LEAF_SIGNATURE`, `unknown CA`, 403", &[]),
            say("the program still has an old file, perhaps root.pem: all come from one export", &[]),
        )
        .trouble(
            say("PEM and PFX of the console do not fit each other", &[]),
            say("each export makes new keys: give a program files of one export only", &[]),
        )
}

/// A machine whose files are known.
fn one_holder(names: &Names<'_>, holder: &Holder) -> Sentence {
    let format = match (holder.pem, holder.pfx) {
        (true, true) => ": Windows format and PEM",
        (true, false) => ": PEM",
        (false, true) => ": Windows format",
        (false, false) => ": format not known",
    };
    let password = match holder.password {
        Some(true) => ", with a password",
        Some(false) => ", without a password",
        None => "",
    };
    let secrets = if holder.secrets { ", with `Include secret key`" } else { "" };
    let end = holder.not_after.map(|end| say("; the old one ends on ", &[]).and(names.day(end))).unwrap_or_default();
    let said = Sentence::literal(&*holder.name).and(Sentence::of(format)).and(Sentence::of(password));
    said.and(Sentence::of(secrets)).and(end)
}

/// A program's name, files and password, as `qcert explain` has them.
fn one_program(topic: &'static Topic) -> Sentence {
    let pairs = topic.parts.iter().filter_map(|part| match part.body {
        Body::Pairs(pairs) => Some(pairs),
        _ => None,
    });
    let wanted = |label: &&(&'static str, &'static str)| ["files", "tickets", "folder", "password"].contains(&label.0);
    let said = Sentence::literal(topic.name);
    let said =
        if topic.name == "catalogues" { said.and(Sentence::of(": ")).and(Sentence::of(topic.title)) } else { said };
    pairs.flatten().filter(wanted).enumerate().fold(said, |said, (at, (label, text))| {
        let before = match (at, *label) {
            (0, _) => ": ",
            (_, "password") => "; password: ",
            (_, "folder") => "; in ",
            _ => "; ",
        };
        said.and(Sentence::of(before)).and(Sentence::of(text))
    })
}

fn rest(names: &Names<'_>) -> Step {
    step(
        Phase::After,
        "rest",
        say("what else hung from the old root", &[]),
        say("the console, the database's machine, other machines", &[]),
    )
    .act(say("go through these:", &[]))
    .point(say(
        "console: `Virtual proxies` with JWT into which server.pem or client.pem was pasted: paste the new one, and give \
         whoever signs the tokens the new key; or make a pair for this alone",
        &[],
    ))
    .point(say("PostgreSQL with TLS on the node's files: give it the new server.pem and server_key.pem, restart it", &[]))
    .point(say("machines and browsers that were told to trust the old root: take it out, put the new root.cer in", &[]))
    .point(say(
        "the proxy's own certificate on 443 and one for data encryption are not of this root: leave them alone",
        &[],
    ))
    .act(say("wherever the old root is still trusted, every old QlikClient key still opens the door:", &[]))
    .paste(paste(
        "Get-ChildItem Cert:\\LocalMachine\\Root, Cert:\\CurrentUser\\Root |\n  Where-Object Thumbprint -eq {}",
        &[&names.root],
    ))
    .act(say(
        "after some weeks delete `Exported Certificates before`, which has open keys; keep the backup where it is locked",
        &[],
    ))
    .check(say("the command shows nothing on any machine of the site", &[]))
    .check(say("the new root's last day is in a calendar: in ten years all of it ends together", &[]))
    .trouble(
        say("the Repository Service does not reach its database", &[]),
        say("switch the database's TLS off for the moment, or give it the new files", &[]),
    )
}

/// Root first: the others are judged by it.
const IMPORT: &str = "\
& {
  $folder = {}
  $password = Read-Host 'Password of the backup' -AsSecureString
  $how = @{ Password = $password; Exportable = $true }
  $where = [ordered]@{
    root = 'Cert:\\LocalMachine\\Root'
    server = 'Cert:\\LocalMachine\\My'
    client = 'Cert:\\CurrentUser\\My'
  }
  $where.Keys | ForEach-Object {
    Import-PfxCertificate -FilePath \"$folder\\$_.pfx\" -CertStoreLocation $where[$_] @how
  }
}";

fn back(names: &Names<'_>) -> Step {
    step(Phase::Back, "back", say("bring the old certificates back", &[]), central_elevated(names))
        .act(say("stop the services:", &[]))
        .paste(STOP)
        .act(say("delete the new ones, each by the thumbprint that this shows:", &[]))
        .paste(SHOW_ALL)
        .paste(paste(
            "Remove-Item -LiteralPath {}\nRemove-Item -LiteralPath {}\nRemove-Item -LiteralPath {}",
            &[
                &Names::path("CurrentUser\\My", OTHER),
                &Names::path("LocalMachine\\My", OTHER),
                &Names::path("LocalMachine\\Root", OTHER),
            ],
        ))
        .act(say("import in this order, keys exportable; `CurrentUser` must be the service account's:", &[]))
        .paste(paste(IMPORT, &[BACKUP]))
        .act(say("put the folder back, and Host.cfg if it was changed; then start:", &[]))
        .paste(
            "$exported = \"$env:ProgramData\\Qlik\\Sense\\Repository\\Exported Certificates\"\n\
             Rename-Item -LiteralPath $exported -NewName 'Exported Certificates new'\n\
             Rename-Item -LiteralPath \"$exported before\" -NewName 'Exported Certificates'",
        )
        .paste(START)
        .check(say("one of each again: {}, {}, {}", &[&names.root, &names.server, &names.client]))
        .check(say("hub, console, one reload, and one data connection that was not typed again", &[]))
        .trouble(
            say("`No private key found for certificate`, or the key cannot be accessed", &[]),
            say("certlm: server and root > `Manage Private Keys`, give {} read access", &[names.account]),
        )
        .trouble(
            say("rims and programs that have new files already", &[]),
            say("redistribute to those rims as in step {#rims}; give those programs their old files again", &[]),
        )
        .trouble(
            say("the node's name in the database was changed by `-restorehostname`", &[]),
            say("restore the database from step {#database-backup}, with the services stopped", &[]),
        )
}

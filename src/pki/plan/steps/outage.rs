//! What is done while the site stands still, on the central node alone: old certificates out, new ones made, checked.

use super::before::BACKUP;
use super::{RENAME_FOLDER, SHOW_ALL, START, STOP, central_elevated, show_issued, step};
use crate::pki::plan::command::paste;
use crate::pki::plan::sentence::say;
use crate::pki::plan::{Names, OTHER, Phase, Step};

pub(in crate::pki::plan) fn steps(names: &Names<'_>) -> [Step; 7] {
    [stop(names), delete(names), folder(names), bootstrap(names), doubles(names), start(names), attempt(names)]
}

fn stop(names: &Names<'_>) -> Step {
    step(Phase::Outage, "stop", say("stop all services but the Repository Database", &[]), central_elevated(names))
        .paste(STOP)
        .check(say("only `QlikSenseRepositoryDatabase`, or your own PostgreSQL, is `Running`", &[]))
        .trouble(
            say("a service hangs in `StopPending`", &[]),
            say("wait; then end its process in the Task Manager, never that of the database", &[]),
        )
}

fn delete(names: &Names<'_>) -> Step {
    let values = [
        format!("{BACKUP}\\*.pfx"),
        Names::path("CurrentUser\\My", &names.client),
        Names::path("LocalMachine\\My", &names.server),
        Names::path("LocalMachine\\Root", &names.root),
    ];
    let remove = paste(
        "if (@(Get-ChildItem {}).Count -lt 3) {\n  \
         'there is no backup: nothing was deleted'\n} else {\n  \
         Remove-Item -LiteralPath {}\n  Remove-Item -LiteralPath {}\n  Remove-Item -LiteralPath {}\n}",
        &values.each_ref().map(String::as_str),
    );
    step(Phase::Outage, "delete", say("delete the old certificates, by thumbprint", &[]), central_elevated(names))
        .act(say("client, server, root; only what step {#certificates-backup} has saved:", &[]))
        .paste(remove)
        .act(say("what else the old root has signed for this machine (QlikServiceCluster, leftovers):", &[]))
        .paste(show_issued(names))
        .act(say("each of these, after it was saved, by its thumbprint:", &[]))
        .paste(paste("Remove-Item -LiteralPath {}", &[&Names::path("LocalMachine\\My", OTHER)]))
        .act(say("look again:", &[]))
        .paste(SHOW_ALL)
        .check(say("nothing is shown in any of the four stores", &[]))
        .check(say("the proxy's own certificate is still in `LocalMachine\\My`", &[]))
        .trouble(
            say("the root is still in `CurrentUser\\Root`", &[]),
            say("older releases put it there too: `Remove-Item` as above with that store, and say yes", &[]),
        )
        .trouble(
            say("`Cannot find path`", &[]),
            say("the thumbprint is another, or a blank was not filled in: nothing was deleted, see step {#look}", &[]),
        )
        .trouble(
            say("the wrong one was deleted", &[]),
            say("do not go on: import its PFX again, as in step {#back}", &[]),
        )
}

fn folder(names: &Names<'_>) -> Step {
    step(Phase::Outage, "folder", say("rename the folder of exported certificates", &[]), central_elevated(names))
        .act(say(
            "`.Local Certificates` in it has the old files for the broker, the hub and others: it must be written anew. \
             And a later export over an old PFX would leave the old one's end in the file:",
            &[],
        ))
        .paste(RENAME_FOLDER)
        .check(say("`Exported Certificates` is gone, `Exported Certificates before` is there", &[]))
        .trouble(
            say("the folder is in use", &[]),
            say("close Explorer and editors; it is enough to rename `.Local Certificates` in it", &[]),
        )
        .trouble(
            say("the new name is there already, from another time", &[]),
            say("take another one, here and in step {#back}", &[]),
        )
}

fn bootstrap(names: &Names<'_>) -> Step {
    step(
        Phase::Outage,
        "bootstrap",
        say("have the Repository Service make new certificates", &[]),
        central_elevated(names),
    )
    .act(say("Host.cfg is right (step {#host-name})? then:", &[]))
    .paste("& 'C:\\Program Files\\Qlik\\Sense\\Repository\\Repository.exe' -bootstrap -iscentral -restorehostname")
    .check(say("it ends by itself and without `ERROR` or `FATAL`; then step {#doubles}", &[]))
    .trouble(
        say("nothing follows `Entering main startup phase`", &[]),
        say("in a second elevated window: `Start-Service QlikSenseServiceDispatcher`", &[]),
    )
    .trouble(
        say("you wonder about the switches", &[]),
        say(
            "`-iscentral` for this node alone, never on a rim. `-restorehostname` takes the name from Host.cfg: needed \
             when the host name has changed, and part of the recipe when it has not. `-bootstrap` alone is for settings, \
             and `-standalone` for rims that wait for certificates",
            &[],
        ),
    )
    .trouble(
        say("`invalid root certificate`, and it stops", &[]),
        say("an old root is left in a store: steps {#look} and {#delete}", &[]),
    )
}

fn doubles(names: &Names<'_>) -> Step {
    let validate = paste(
        "$exported = \"$env:ProgramData\\Qlik\\Sense\\Repository\\Exported Certificates\"\n\
         qcert validate \"$exported\\.Local Certificates\" {}",
        &[&format!("--machine={}", names.central)],
    );
    step(Phase::Outage, "doubles", say("see that there is exactly one of each", &[]), central_elevated(names))
        .paste(SHOW_ALL)
        .check(say(
            "one root in `LocalMachine\\Root` with subject `CN={}-CA` (older releases: also in `CurrentUser\\Root`, the \
             same thumbprint)",
            &[names.central],
        ))
        .check(say("one server in `LocalMachine\\My`, subject `CN={}`", &[names.central]))
        .check(say("one client in `CurrentUser\\My`, subject `CN=QlikClient`", &[]))
        .check(say(
            "all three: a new thumbprint, `HasPrivateKey` `True`, `NotBefore` seven days ago, `NotAfter` in ten years",
            &[],
        ))
        .act(say("and the five new files fit one another (if qcert is there):", &[]))
        .paste(validate)
        .trouble(
            say("there are two of one kind", &[]),
            say(
                "delete all with the marker, the new ones too, and repeat from step {#folder}. Left so, the Repository \
                 Service deletes both clients or both servers at each start, and with two roots it stops",
                &[],
            ),
        )
        .trouble(
            say("there is no client", &[]),
            say("the bootstrap ran as another account: its store has it. Delete it there, back to step {#account}", &[]),
        )
        .trouble(
            say("`.Local Certificates` is not there", &[]),
            say("it comes with the first start: judge it after step {#start}", &[]),
        )
}

fn start(names: &Names<'_>) -> Step {
    step(Phase::Outage, "start", say("start the services, and wait some minutes", &[]), central_elevated(names))
        .paste(START)
        .check(say("all that were running before are `Running`, and are so after five minutes too", &[]))
        .check(say("step {#doubles} shows the same three thumbprints as before the start", &[]))
        .trouble(
            say("the Repository Service stops again", &[]),
            say("its log says why: `qcert explain --text-file LOG`, in `%ProgramData%\\Qlik\\Sense\\Log`", &[]),
        )
        .trouble(
            say("client or server has a new thumbprint after each start", &[]),
            say("there are doubles, or the account may not read the key: certlm, `Manage Private Keys`", &[]),
        )
}

fn attempt(names: &Names<'_>) -> Step {
    step(
        Phase::Outage,
        "try",
        say("try hub, console and one reload", &[]),
        say("a browser on another machine", &[]),
    )
    .act(say("open `https://{}/hub` and `https://{}/qmc`", &[names.central, names.central]))
    .act(say("run one reload task on the central node: each of its steps shows client and server certificate", &[]))
    .check(say("hub and console open, and the reload ends well: the outage is over for the central node", &[]))
    .check(say("the browser shows the proxy's own certificate as before, if there was one", &[]))
    .trouble(
        say("`was not signed correctly by 'CN=…-CA'` in the proxy's security log", &[]),
        say("a certificate of the old root is left in a store: steps {#look} and {#delete}", &[]),
    )
    .trouble(
        say("the hub stays empty, or shows an error about a service", &[]),
        say("wait five minutes; then see that `.Local Certificates` is new, and restart the Service Dispatcher", &[]),
    )
    .trouble(
        say("`Reverting to default Qlik Sense SSLCertificate`", &[]),
        say("run `Repository.exe -bootstrap` elevated once, with the services stopped: the account is no administrator", &[]),
    )
}

//! What is done while the site runs: to know what there is, and to have all of it twice. Nothing is changed here.

use super::{SHOW_ALL, central_elevated, show_issued, step};
use crate::pki::plan::command::paste;
use crate::pki::plan::sentence::{Sentence, say};
use crate::pki::plan::{Names, Phase, Step};

/// Where the backup goes first; also named in the commands of later steps.
pub(in crate::pki::plan) const BACKUP: &str = "C:\\Qlik certificates before";

pub(in crate::pki::plan) fn steps(names: &Names<'_>) -> [Step; 6] {
    [account(names), look(names), host_name(names), certificates(names), database(names), notes(names)]
}

fn account(names: &Names<'_>) -> Step {
    step(
        Phase::Before,
        "account",
        say("log on as the service account", &[]),
        say("{}, any account, then {}", &[names.central, names.account]),
    )
    .act(say("find the account that runs the services:", &[]))
    .paste(
        "Get-CimInstance Win32_Service -Filter \"Name = 'QlikSenseRepositoryService'\" |\n  \
         Select-Object StartName, State",
    )
    .act(say("log on as that account, open Windows PowerShell with `Run as administrator`, and ask there:", &[]))
    .paste("whoami\n[bool](whoami /groups | Select-String 'S-1-16-12288')")
    .check(say("the first line says {} (in lower case), the second `True`", &[names.account]))
    .trouble(
        say("the account is no administrator, or may not log on", &[]),
        say(
            "grant it both for the time of this work; `Current User` must be its store, and the bootstrap must be \
             elevated",
            &[],
        ),
    )
}

fn look(names: &Names<'_>) -> Step {
    step(Phase::Before, "look", say("see what is in the stores", &[]), central_elevated(names))
        .act(say("everything with Qlik's marker, and everything that the root has signed:", &[]))
        .paste(SHOW_ALL)
        .paste(show_issued(names))
        .check(expected(names))
        .check(say("`HasPrivateKey` is `True` for all three; write their thumbprints down", &[]))
        .check(say(
            "`CurrentUser\\Root` shows the machine's roots as well: the same thumbprint there is the same certificate",
            &[],
        ))
        .check(say(
            "not Qlik's, never to be deleted: the proxy's own certificate and one for data encryption (KEK)",
            &[],
        ))
        .trouble(
            say("the root has no private key here", &[]),
            say("find an earlier root.pfx first: without the old root's key there is no way back", &[]),
        )
        .trouble(
            say("a thumbprint is another than here", &[]),
            say("the files that this plan was made from are older, or of another site: go by the stores", &[]),
        )
        .trouble(
            say("there are several of one kind", &[]),
            say("save and delete all of them; several roots stop the Repository Service in any case", &[]),
        )
        .trouble(
            say("there is no client", &[]),
            say("this is not the service account's store: back to step {#account}", &[]),
        )
        .trouble(
            say("there is a QlikView server on this machine", &[]),
            say("it has the same marker: go by subject and issuer, and leave its certificates alone", &[]),
        )
}

fn expected(names: &Names<'_>) -> Sentence {
    say("one root {} in `LocalMachine\\Root`, ", &[&names.root])
        .and(say("one server {} in `LocalMachine\\My`, ", &[&names.server]))
        .and(say("one client {} in `CurrentUser\\My`", &[&names.client]))
}

fn host_name(names: &Names<'_>) -> Step {
    step(
        Phase::Before,
        "host-name",
        say("see that Host.cfg has the right name", &[]),
        say("{}, PowerShell", &[names.central]),
    )
    .act(say("the new certificates are made with this name; it is base64 of UTF-8, one line:", &[]))
    .paste(
        "$text = [IO.File]::ReadAllText(\"$env:ProgramData\\Qlik\\Sense\\Host.cfg\").Trim()\n\
         [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text))",
    )
    .check(say("it says {}, letter for letter", &[names.central]))
    .trouble(
        say("it says another name, or none", &[]),
        say(
            "keep a copy of the file; the second command gives the right text, to be written in during the outage, \
             before step {#bootstrap}",
            &[],
        ),
    )
    .act(say("only if the name has changed, the text that Host.cfg must hold:", &[]))
    .paste(paste("[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes({}))", &[names.central]))
    .trouble(
        say("a base64 text out of a recipe", &[]),
        say(
            "decode it first: published ones have been wrong. After a rename the database must agree as well \
             (`LocalConfigs`, `ServerNodeConfigurations`): see `qcert explain rename`",
            &[],
        ),
    )
}

fn certificates(names: &Names<'_>) -> Step {
    step(
        Phase::Before,
        "certificates-backup",
        say("save root, server and client with their keys", &[]),
        central_elevated(names),
    )
    .act(say(
        "the console's export is no backup: it has no root key, and new leaves. By weight: the root; the server, which \
         may carry the site's secrets key; the client. The password is asked for, and is in no command:",
        &[],
    ))
    .paste(save(names))
    .act(say("what else step {#look} has listed as signed by the root (QlikServiceCluster), in the same way", &[]))
    .act(say("open all three again, with the password typed anew:", &[]))
    .paste(open_again())
    .check(say("it shows three thumbprints, and nothing in red:", &[]).and(say(
        " {}, {}, {}",
        &[&names.root, &names.server, &names.client],
    )))
    .check(say("`qcert inspect root.pfx --ask-password` shows a private key in it", &[]))
    .check(say("the folder is also on another machine, and the password where it will be found", &[]))
    .trouble(
        say("`Cannot export non-exportable private key`", &[]),
        say(
            "use the PFX that the key was imported from, or `QlikSenseUtil.exe -backup`; without the root's key do not \
             go on",
            &[],
        ),
    )
    .trouble(
        say("the folder is there already", &[]),
        say("it is of another time, and nothing was saved: rename that one first", &[]),
    )
    .trouble(
        say("you would rather take certutil", &[]),
        say(
            "`certutil -exportpfx -privatekey Root {} root.pfx`; server and client with `My` and, at the end, `NoRoot`, \
             the client also with `-user`. It asks for the password: never give it with `-p`, as published scripts do, \
             for it stays in the history and in the log of started processes",
            &[&names.root],
        ),
    )
}

fn save(names: &Names<'_>) -> String {
    let values = [
        BACKUP.to_owned(),
        Names::path("LocalMachine\\Root", &names.root),
        Names::path("LocalMachine\\My", &names.server),
        Names::path("CurrentUser\\My", &names.client),
    ];
    paste(
        "& {\n  $ErrorActionPreference = 'Stop'\n  \
         $folder = New-Item -ItemType Directory -Path {}\n  \
         icacls \"$folder\" /inheritance:r /grant:r \"$(whoami):(OI)(CI)F\" '*S-1-5-32-544:(OI)(CI)F'\n  \
         $password = Read-Host 'Password for the backup' -AsSecureString\n  \
         $how = @{ Password = $password; ChainOption = 'EndEntityCertOnly'; NoClobber = $true }\n  \
         $what = [ordered]@{\n    root = {}\n    server = {}\n    client = {}\n  }\n  \
         $what.Keys | ForEach-Object {\n    \
         Export-PfxCertificate -Cert $what[$_] -FilePath \"$folder\\$_.pfx\" @how\n  }\n}",
        &values.each_ref().map(String::as_str),
    )
}

fn open_again() -> String {
    paste(
        "& {\n  $folder = {}\n  $password = Read-Host 'The same password again' -AsSecureString\n  \
         'root', 'server', 'client' | ForEach-Object {\n    \
         $data = Get-PfxData -FilePath \"$folder\\$_.pfx\" -Password $password\n    \
         $data.EndEntityCertificates + $data.OtherCertificates | Format-Table Thumbprint, Subject\n  }\n}",
        &[BACKUP],
    )
}

fn database(names: &Names<'_>) -> Step {
    step(
        Phase::Before,
        "database-backup",
        say("save the database and the files", &[]),
        say("the Repository Database's machine (by default {}), PowerShell run as administrator", &[names.central]),
    )
    .act(say("pg_dump asks for the password of `postgres`; the same for each further database of your release:", &[]))
    .paste(paste(
        "& {\n  $folder = {}\n  \
         $bin = 'C:\\Program Files\\Qlik\\Sense\\Repository\\PostgreSQL\\*\\bin\\pg_dump.exe'\n  \
         $dump = (Get-Item $bin | Select-Object -Last 1).FullName\n  \
         'QSR', 'SenseServices', 'Licenses', 'QSMQ' | ForEach-Object {\n    \
         & $dump -h localhost -p 4432 -U postgres -b -F t -f \"$folder\\$_.tar\" $_\n  }\n}",
        &[BACKUP],
    ))
    .paste(paste(
        "$sense = \"$env:ProgramData\\Qlik\\Sense\"\n\
         Copy-Item \"$sense\\Host.cfg\" {}\n\
         Copy-Item \"$sense\\Repository\\Exported Certificates\" {} -Recurse\n\
         Get-ChildItem {}",
        &[BACKUP; 3],
    ))
    .check(say("no file is empty, and `Host.cfg` and `Exported Certificates` are there", &[]))
    .trouble(
        say("pg_dump is not there, or the database is elsewhere", &[]),
        say(
            "make the folder on its machine, and use its own PostgreSQL's tools; or `QlikSenseUtil.exe -backup` (in `Repository\\Util\\QlikSenseUtil`), \
             which saves the certificates too but takes the database's password on its command line",
            &[],
        ),
    )
}

fn notes(names: &Names<'_>) -> Step {
    step(
        Phase::Before,
        "notes",
        say("have at hand what must be typed again", &[]),
        say("the console, `https://{}/qmc`", &[names.central]),
    )
    .act(say("in the console, section by section:", &[]))
    .point(say("Data connections: each one with a user, and its password from whoever has it", &[]))
    .point(say("Virtual proxies with JWT: whose certificate was pasted there", &[]))
    .point(say("Nodes: every rim, and a way to log on there as its service account", &[]))
    .point(say("Certificates: every machine that files were ever exported for, with format, password, secret key", &[]))
    .point(say("Tasks: nothing may run or begin during the outage", &[]))
    .check(say("there is a list, on paper or on another machine", &[]))
    .trouble(
        say("a password is known to nobody", &[]),
        say("that connection is lost with the old secrets key: get a new password before you begin", &[]),
    )
}

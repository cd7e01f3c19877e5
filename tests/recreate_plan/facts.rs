//! What is known about recreating a site's certificates, as Qlik's help, its admin playbook and Qalyptus' guide tell it,
//! and where the plan must say it.

#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    Step(&'static str),
    Breaks,
}

pub(crate) struct Fact {
    /// Which part of the subject it is of.
    pub(crate) section: &'static str,
    pub(crate) place: Place,
    pub(crate) phrases: &'static [&'static str],
}

const fn fact(section: &'static str, step: &'static str, phrases: &'static [&'static str]) -> Fact {
    Fact { section, place: Place::Step(step), phrases }
}

const fn breaks(phrases: &'static [&'static str]) -> Fact {
    Fact { section: "what breaks", place: Place::Breaks, phrases }
}

pub(crate) const FACTS: &[Fact] = &[
    // The recipe.
    fact("recreate", "account", &["log on as the service account", "QlikSenseRepositoryService", "StartName"]),
    fact("recreate", "stop", &["-ne 'QlikSenseRepositoryDatabase'", "Stop-Service"]),
    fact("recreate", "delete", &[r"Cert:\LocalMachine\Root\", r"Cert:\LocalMachine\My\", r"Cert:\CurrentUser\My\"]),
    fact("recreate", "delete", &["by thumbprint", "QlikServiceCluster", "no backup: nothing was deleted"]),
    fact("recreate", "folder", &[r"Sense\Repository\Exported Certificates", "Rename-Item", ".Local Certificates"]),
    fact("recreate", "bootstrap", &["Repository.exe' -bootstrap -iscentral -restorehostname", "administrator"]),
    fact("recreate", "bootstrap", &["Entering main startup phase", "QlikSenseServiceDispatcher"]),
    fact("recreate", "bootstrap", &["-standalone", "`-bootstrap` alone", "when the host name has changed"]),
    fact("recreate", "doubles", &["1.3.6.1.5.5.7.13.3", "exactly one", "delete all", "repeat from step"]),
    fact("recreate", "start", &["wait some minutes", "Start-Service"]),
    fact("recreate", "try", &["/hub", "/qmc", "reload"]),
    // What the Repository Service does at its start.
    fact("start-up", "doubles", &["deletes both clients", "with two roots it stops", "QlikClient", "HasPrivateKey"]),
    fact("start-up", "bootstrap", &["invalid root certificate"]),
    fact("start-up", "start", &["Manage Private Keys", "new thumbprint after each start"]),
    fact("stores", "look", &[r"Cert:\CurrentUser\Root", r"Cert:\LocalMachine\Root", "proxy's own", "KEK", "QlikView"]),
    fact("local certificates", "folder", &["broker", "hub", "written anew"]),
    // The host's name.
    fact("host name", "host-name", &["Host.cfg", "base64", "UTF-8", "one line", "FromBase64String", "ToBase64String"]),
    fact("host name", "host-name", &["LocalConfigs", "ServerNodeConfigurations", "published ones have been wrong"]),
    // Saving and bringing back.
    fact("backup", "certificates-backup", &["export is no backup", "no root key", "new leaves", "secrets key"]),
    fact("backup", "certificates-backup", &["certutil -exportpfx -privatekey Root", "NoRoot", "-AsSecureString"]),
    fact("backup", "certificates-backup", &["Export-PfxCertificate", "EndEntityCertOnly", "QlikSenseUtil.exe -backup"]),
    fact("backup", "certificates-backup", &["Cannot export non-exportable private key", "the root's key"]),
    fact("backup", "database-backup", &["pg_dump", "4432", "QSR", "Host.cfg", "QlikSenseUtil.exe -backup"]),
    fact(
        "restore",
        "back",
        &["Import-PfxCertificate", r"Cert:\LocalMachine\Root", r"Cert:\CurrentUser\My", "Exportable"],
    ),
    fact("restore", "back", &["Manage Private Keys", "$exported before", "Host.cfg", "redistribute"]),
    // Rims.
    fact("rims", "rims", &["Redistribute", "http://localhost:4570/certificateSetup", "-Port 4444", "password"]),
    fact("rims", "rims", &["Waiting for certificates to be installed", "Service Dispatcher", "delete the old root"]),
    fact("rims", "bootstrap", &["never on a rim"]),
    // What breaks.
    breaks(&["passwords of data connections", "rim nodes", "NPrinting", "Butler SOS", "Ctrl-Q", "Qalyptus", "4243"]),
    breaks(&["scripts", "monitoring-app connections", "PostgreSQL with TLS", "JWT", "trust the old root"]),
    breaks(&["The proxy's own certificate on 443"]),
    fact("what breaks", "notes", &["Data connections", "Virtual proxies with JWT", "Nodes", "Certificates"]),
    fact("what breaks", "connections", &["Data connections", "type its password"]),
    fact(
        "what breaks",
        "programs",
        &["`nprinting`", "`butler`", "`butler-sos`", "`ctrl-q`", "`qalyptus`", "`web-ticket`"],
    ),
    fact(
        "what breaks",
        "programs",
        &["`monitoring-apps`", "`enigma.js`", "`qlik-cli`", "`openmetadata`", "one export only"],
    ),
    fact("what breaks", "rest", &["JWT", "server.pem or client.pem was pasted", "PostgreSQL with TLS", "on 443"]),
    fact("what breaks", "rest", &["trust the old root", "every old QlikClient key", "in ten years"]),
];

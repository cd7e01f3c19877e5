//! The files and stores that certificates lie in. Facts only; nothing judges here.

use super::Body::{Pairs, Paste, Points, Table};
use super::{Kind, Topic, part, text};

pub(super) const TOPICS: &[Topic] = &[BUNDLE, PEM, PFX, PASSWORD, STORES, LOCAL, HOST_CFG];

const BUNDLE: Topic = Topic {
    name: "bundle",
    also: &["export", "certificates", "exported-certificates", "qmc", "export-page", "folder", "machine-name"],
    kind: Kind::File,
    title: "the folder that the console's Certificates page writes for a machine",
    parts: &[
        text(
            "%ProgramData%\\Qlik\\Sense\\Repository\\Exported Certificates\\<machine name>\\ on the central node; nothing \
             is downloaded by the browser. The machine is the one that will use the files; its name is written as typed.",
        ),
        part(
            "files",
            Pairs(&[
                ("Windows", "client.pfx  server.pfx  root.cer (DER)"),
                ("PEM", "client.pem  client_key.pem  server.pem  server_key.pem  root.pem"),
                ("both", "may lie in one folder, but Qlik's are of two exports with different keys: two bundles"),
            ]),
        ),
        part(
            "take care",
            Points(&[
                "every export issues a new client and a new server certificate; the old ones go on working",
                "one password protects client and server files; without one the keys lie open",
                "writing PFX over an older, longer one leaves its end behind: strict readers refuse such a file",
                "it is no backup: the root's key is not in it, and the others are new",
                "`Include secret key` is not about private keys: see `qcert explain secrets`",
                "never in a repository: who has client_key.pem may act as any user",
            ]),
        ),
    ],
    commands: &[
        ("qcert export --machine host.domain", "the same files, PEM and PFX with the same keys"),
        ("qcert validate ./host.domain", "what is wrong in a folder"),
        ("qcert inspect ./host.domain", "what lies in it"),
    ],
    see: &["pem", "pfx", "password", "api", "client", "server", "root"],
    source: "folders as exported from 2016 to 2022; console help as others quote it",
};

const PEM: Topic = Topic {
    name: "pem",
    also: &["key", "private-key", "pkcs1", "pkcs8", "platform-independent"],
    kind: Kind::File,
    title: "text files with one certificate or key each",
    parts: &[
        text(
            "Qlik writes them with CRLF line ends, one object a file, without comments. Keys are RSA in the PKCS#1 form, \
             `BEGIN RSA PRIVATE KEY`; with a password they are encrypted in a form that OpenSSL reads.",
        ),
        part(
            "what goes wrong",
            Points(&[
                "UTF-16, from PowerShell's `>` or Notepad: Node takes it as CA file in silence and then trusts nothing",
                "the certificate in the key's place or the other way round: `no start line`, `unsupported`",
                "DER with the ending .pem: `no start line`",
                "an encrypted key for a program without a passphrase setting: corectl, qrspy, Butler",
                "a PKCS#8 key for a program that reads `BEGIN RSA PRIVATE KEY` only (some .NET samples)",
                "CRLF and a UTF-8 byte order mark are harmless to Node, Python and OpenSSL",
            ]),
        ),
    ],
    commands: &[
        ("qcert inspect client_key.pem", "what is really in it, and which certificate it fits"),
        ("qcert export --machine host.domain --format pem --pem-keys plain", "with open keys"),
    ],
    see: &["bundle", "pfx", "password"],
    source: "files as exported; failures reproduced with Node 20, Python 3.11, Go 1.19, OpenSSL 3",
};

const PFX: Topic = Topic {
    name: "pfx",
    also: &["p12", "pkcs12", "pkcs-12", "rc2", "3des", "friendly-name", "friendlyname"],
    kind: Kind::File,
    title: "certificate and key in one file, for Windows, .NET, Java",
    parts: &[
        text(
            "Qlik's hold one key and one certificate, never the root. Friendly names: `QlikClient` and the machine name.",
        ),
        part(
            "who opens what",
            Table(&[
                &["encryption", "written by", "refused by"],
                &["RC2-40", "Qlik on older Windows, with password", "Node 17 and later, OpenSSL 3 without -legacy"],
                &["3DES, SHA-1", "Qlik on newer Windows; `--pfx legacy`", "nobody known today; weak"],
                &["AES-256, SHA-256", "qcert; OpenSSL 3", "Windows Server 2016 and older (`password incorrect`)"],
            ]),
        ),
        part(
            "what goes wrong",
            Points(&[
                "`password incorrect` on Windows Server 2016 and older: often the encryption, not the password",
                "`The specified network password is not correct` under IIS: often the profile is not loaded",
                "octets after the end, from an export over an older file: strict readers refuse it",
                "friendly name other than `QlikClient`: the .NET SDK does not find it in the store",
                "no password and an empty password are the same to Qlik; not to every program",
            ]),
        ),
    ],
    commands: &[
        ("qcert inspect client.pfx", "encryption and who opens it, also without the password"),
        ("qcert export --machine host.domain --format pfx --pfx legacy", "3DES, for Windows Server 2016 and older"),
    ],
    see: &["bundle", "password", "pem", ".net-sdk"],
    source: "PFX files as exported; nodejs/node#40672, openssl/openssl#17777; reproduced",
};

const PASSWORD: Topic = Topic {
    name: "password",
    also: &["passphrase", "certificate-password"],
    kind: Kind::File,
    title: "the password of an export, and who can do with one",
    parts: &[
        text(
            "One password for client and server. It encrypts the PFX and the PEM keys, and is for the way, not for the \
             place: who has file and password has the key.",
        ),
        part(
            "who takes one",
            Pairs(&[
                (
                    "yes",
                    "Butler SOS (clientCertPassphrase), .NET SDK, Qalyptus, KPImailer, monitoring-app connections, \
                         Node, OpenSSL, Java",
                ),
                ("no", "NPrinting, Butler, corectl, qrspy"),
                ("not known", "every other program: try one file before you export for all"),
            ]),
        ),
    ],
    commands: &[
        ("qcert export --machine host.domain --password-file pw.txt", "PFX and keys with a password"),
        ("qcert validate ./host.domain --password-file pw.txt", "is it the right one"),
    ],
    see: &["bundle", "pfx", "pem"],
    source: "butler-sos#92; NPrinting articles; settings of the programs",
};

const STORES: Topic = Topic {
    name: "stores",
    also: &["store", "windows-store", "certificate-store", "mmc", "certlm", "certmgr", "windows"],
    kind: Kind::File,
    title: "where Windows keeps the site's certificates",
    parts: &[
        part(
            "",
            Table(&[
                &["certificate", "store", "PowerShell"],
                &["root", "Local Computer > Trusted Root", "Cert:\\LocalMachine\\Root"],
                &["root, older releases", "Current User > Trusted Root, service account", "Cert:\\CurrentUser\\Root"],
                &["server", "Local Computer > Personal", "Cert:\\LocalMachine\\My"],
                &["client", "Current User > Personal, service account", "Cert:\\CurrentUser\\My"],
                &["QlikServiceCluster", "Local Computer > Personal", "Cert:\\LocalMachine\\My"],
                &["proxy's own", "Local Computer > Personal", "Cert:\\LocalMachine\\My"],
                &["data encryption", "Current User > Personal, engine's account", "Cert:\\CurrentUser\\My"],
            ]),
        ),
        part(
            "take care",
            Points(&[
                "`Current User` is the account that runs the services, not the one you are logged on as",
                "server and client need their private key, readable by that account",
                "a certificate in Trusted Root that is not self-signed breaks client authentication on Windows Server 2012 \
                 and later (403.16, 0x800B0109): it belongs with the intermediate authorities",
                "very many trusted roots make the list that Windows sends longer than 16 KB: client authentication fails",
                "doubles are dangerous: see `qcert explain startup`",
            ]),
        ),
        part("look", Paste("Get-ChildItem Cert:\\LocalMachine\\Root | Where-Object { $_.Issuer -ne $_.Subject }")),
    ],
    commands: &[("qcert inspect exported.cer", "what a certificate saved from a store is")],
    see: &["startup", "root", "server", "client", "proxy-certificate"],
    source: "Qlik help, service certificates; Microsoft 2802568",
};

const LOCAL: Topic = Topic {
    name: ".local-certificates",
    also: &["local-certificates", "local"],
    kind: Kind::File,
    title: "the node's own files, for services that do not use the Windows store",
    parts: &[
        text(
            "…\\Repository\\Exported Certificates\\.Local Certificates\\ holds client.pem, client_key.pem, server.pem, \
             server_key.pem and root.pem, not encrypted. Services of the Service Dispatcher use them, as far as known \
             the License Service too.",
        ),
        part(
            "take care",
            Points(&[
                "only the service account and administrators may read it: `Access to the path … is denied`",
                "point no program of yours at it: export a bundle",
                "recipes that recreate certificates delete or rename it, so that it is written anew",
            ]),
        ),
    ],
    commands: &[("qcert export --machine host.domain", "a bundle for your program instead")],
    see: &["broker", "license", "bundle", "recreate"],
    source: "Qlik help, service certificates; qs-telemetry-dashboard#71",
};

const HOST_CFG: Topic = Topic {
    name: "host.cfg",
    also: &["hostcfg", "host-cfg", "host-name", "hostname"],
    kind: Kind::File,
    title: "the host name that Qlik believes to have",
    parts: &[
        text(
            "%ProgramData%\\Qlik\\Sense\\Host.cfg is one line: the host name in UTF-8, written in base64. Root and server \
             certificate are made with this name when they are recreated. The database keeps it as well.",
        ),
        part("example", Paste("prodp001.testdomain.local   is   cHJvZHAwMDEudGVzdGRvbWFpbi5sb2NhbA==")),
        part(
            "to write one (PowerShell)",
            Paste("[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes('host.domain'))"),
        ),
        part(
            "what goes wrong",
            Points(&[
                "the name encoded as UTF-16, a line break within, a slip: services use a name that is none",
                "a base64 text copied from a recipe: at least one published one does not say the name beside it",
                "Host.cfg, the node's name in the console and the certificate's name differ after a rename",
            ]),
        ),
    ],
    commands: &[
        ("qcert inspect Host.cfg", "the name in it"),
        ("qcert validate Host.cfg server.pem root.pem", "does it fit the certificates"),
    ],
    see: &["rename", "recreate", "names"],
    source: "recipes and scripts that read and write it",
};

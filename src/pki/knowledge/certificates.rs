//! The certificates of a site: what each is, where it lies, who shows it to whom. Facts only; nothing judges here.

use super::Body::{Pairs, Points, Text};
use super::{Kind, Topic, part, text};

pub(super) const TOPICS: &[Topic] = &[ROOT, SERVER, CLIENT, MARKER, SECRETS, PROXY, CLUSTER, ENCRYPTION];

const SOURCE: &str = "Qlik help, service certificates and certificate trust; real certificates of 2015 to 2022";

const ROOT: Topic = Topic {
    name: "root",
    also: &["ca", "root.pem", "root.cer", "site-ca", "authority", "trust"],
    kind: Kind::Certificate,
    title: "the site's own authority, which signs every server and client certificate",
    parts: &[
        text(
            "It is shown to nobody: both sides of every connection check the other side's certificate with it. Two \
             roots can have the same name and different keys; then nothing fits, although all names do.",
        ),
        part(
            "facts",
            Pairs(&[
                ("name", "CN=<host>-CA, the host name at installation; also the issuer of everything else"),
                ("files", "root.pem (PEM) and root.cer (DER): the same certificate, without its key"),
                (
                    "stores",
                    "Local Computer > Trusted Root, and with older releases also Current User > Trusted Root of \
                            the service account",
                ),
                ("key", "on the central node only; it is in no export, so an export is not a backup"),
                ("life", "10 years from installation; upgrades do not replace it"),
                ("marker", "1.3.6.1.5.5.7.13.3 says `Root`"),
            ]),
        ),
        part(
            "by age",
            Pairs(&[
                ("to 2019", "no basicConstraints: Node, Python and OpenSSL refuse it (INVALID_PURPOSE, invalid CA)"),
                ("from 2020", "basicConstraints, but no keyUsage: Python from 3.13 refuses it by default"),
                ("both", "normal for Qlik: the site itself works"),
            ]),
        ),
        part(
            "take care",
            Points(&[
                "an expired, damaged or doubled root stops the Repository Service at its next start; Qlik never removes \
                 one itself",
                "give programs root.pem to trust, never the root's key",
                "keep a backup with its key (root.pfx); without it only a new root for everybody is left",
                "a new root ends every exported bundle: see `qcert explain recreate`",
            ]),
        ),
    ],
    commands: &[
        ("qcert inspect root.pem", "name, age, key, thumbprints, extensions"),
        ("qcert validate ./host.domain", "does this root sign these certificates, and who refuses it"),
        ("qcert init --from root.pfx", "take a root with its key over, to sign with it"),
    ],
    see: &["server", "client", "startup", "recreate", "backup"],
    source: SOURCE,
};

const SERVER: Topic = Topic {
    name: "server",
    also: &["service", "service-certificate", "server.pem", "server.pfx", "server-key.pem"],
    kind: Kind::Certificate,
    title: "what a service shows to those who call it",
    parts: &[
        text(
            "Each machine of the site has one. The caller checks that the site's root signed it and, if it checks names \
             at all, that it bears the name that was called.",
        ),
        part(
            "facts",
            Pairs(&[
                ("name", "CN=<machine name> as typed in the console, and from 2018 the same as DNS name (SAN)"),
                ("files", "server.pem with server_key.pem; server.pfx"),
                ("store", "Local Computer > Personal"),
                (
                    "shown on",
                    "4242 4243 4244 4747 4748 5050 5151 4899 9200, and on 443 until a certificate of your own \
                              is set there",
                ),
                ("marker", "1.3.6.1.5.5.7.13.3 says `Service`"),
                ("key", "RSA: with ECDSA the License Service on 9200 cannot serve"),
                ("secrets", "may carry the site's secrets key, sealed to this machine: see `qcert explain secrets`"),
            ]),
        ),
        part(
            "take care",
            Points(&[
                "call the machine by the name in its certificate: another name or an IP address fails where names are \
                 checked",
                "Qlik writes an IP address as DNS name, which no program accepts as an address",
                "certificates to 2017 have no SAN: Go refuses them, others fall back to the common name",
                "a second one with the marker in the store: at its next start the Repository Service deletes both",
                "a home-made one serves TLS well, but cannot decrypt what the site has encrypted",
            ]),
        ),
    ],
    commands: &[
        ("qcert validate ./host.domain --machine host.domain", "signature, name, dates, key, and who refuses it"),
        ("qcert export --machine host.domain", "a new one, with every other file of the machine"),
        ("qcert sign server --help", "one server certificate alone"),
    ],
    see: &["client", "root", "names", "startup", "secrets"],
    source: SOURCE,
};

const CLIENT: Topic = Topic {
    name: "client",
    also: &["qlikclient", "cn=qlikclient", "client.pem", "client.pfx", "client-key.pem", "client-certificate"],
    kind: Kind::Certificate,
    title: "what a caller shows: `QlikClient`, the pass to every service of the site",
    parts: &[
        text(
            "The services themselves call each other with it, and so does every program that talks to Qlik without the \
             proxy. It has the same name on every machine and every site, and does not depend on the machine's name.",
        ),
        part(
            "facts",
            Pairs(&[
                ("name", "CN=QlikClient, always"),
                ("files", "client.pem with client_key.pem; client.pfx (friendly name `QlikClient`)"),
                ("store", "Current User > Personal of the account that runs the services"),
                (
                    "shown to",
                    "4242 repository, 4243 proxy, 4747 and 4748 engine, 5050 and 5151 scheduler, 9200 license",
                ),
                ("with it", "X-Qlik-User: UserDirectory=INTERNAL;UserId=sa_repository, or any other user"),
                ("marker", "1.3.6.1.5.5.7.13.3 says `Client`"),
            ]),
        ),
        part(
            "take care",
            Points(&[
                "who holds its key may act as any user: guard client_key.pem and client.pfx like a root password",
                "it cannot be revoked: every one ever exported works for 10 years or until the root is replaced",
                "each export makes a new one, so client.pem and client.pfx of two exports never fit each other",
                "two sites in one store: many programs take the first `QlikClient` and fail on the other site",
                "it is no server certificate; a web server needs one in its own name",
            ]),
        ),
    ],
    commands: &[
        ("qcert inspect ./host.domain", "which key fits which certificate, encryption of the PFX"),
        ("qcert validate ./host.domain", "is it of this root, and which programs take it"),
        ("qcert sign client --out ./my-tool", "one of its own for a program"),
    ],
    see: &["server", "root", "headers", "revoke", "butler", "qlik-cli"],
    source: "Qlik community, purpose of the QlikClient certificate; Qlik help, service certificates; real certificates",
};

const MARKER: Topic = Topic {
    name: "marker",
    also: &["1.3.6.1.5.5.7.13.3", "oid", "qlik-oid", "id-test", "13.3"],
    kind: Kind::Certificate,
    title: "the extension by which Qlik and its tools find Qlik's certificates",
    parts: &[
        text(
            "Extension 1.3.6.1.5.5.7.13.3, not critical: an octet string within the octet string, with the word `Root`, \
             `Service` or `Client`. It is on all three certificates.",
        ),
        part(
            "take care",
            Points(&[
                "the start-up rules of the Repository Service go by it: a second certificate with the same word in a \
                 store gets both deleted (a second root stops the service)",
                "backup and snapshot scripts find certificates by it, not by name",
                "QlikView 12 and later use the same number: name and issuer tell them apart",
                "the number is of the IETF's test arc (RFC 7229), so other programs call it id-TEST-certPolicyThree",
                "some home-made ones hold the bare word, without the inner octet string",
            ]),
        ),
    ],
    commands: &[
        ("qcert inspect ./host.domain", "the marker's word and form, by certificate"),
        ("qcert validate ./host.domain", "whether it fits the certificate's place"),
    ],
    see: &["startup", "secrets", "root", "server", "client"],
    source: "real certificates; RFC 7229; scripts that search stores by it",
};

const SECRETS: Topic = Topic {
    name: "secrets",
    also: &[
        "secret-key",
        "include-secret-key",
        "includesecretskey",
        "secret",
        "13.1",
        "13.2",
        "1.3.6.1.5.5.7.13.1",
        "1.3.6.1.5.5.7.13.2",
    ],
    kind: Kind::Certificate,
    title: "the site's secrets key, which may lie in the server certificate",
    parts: &[
        text(
            "Two extensions, 1.3.6.1.5.5.7.13.1 and .13.2, of 256 octets each. As far as known they are the key with \
             which the repository encrypts data-connection passwords, sealed to the server's own RSA key.",
        ),
        part(
            "`Include secret key`",
            Text(
                "The box on the console's export page adds these. It is not about the private key, which is exported in \
                 any case. NPrinting's instructions ask for it.",
            ),
        ),
        part(
            "take care",
            Points(&[
                "nobody but the site can make them, qcert neither: its server certificates serve TLS and decrypt nothing",
                "before replacing a server certificate that has them, back it up with its key",
                "lost with the old certificates: passwords of data connections must be typed again",
                "server certificates seen from 2018 on had none; where newer releases keep it is not established",
            ]),
        ),
    ],
    commands: &[("qcert inspect server.pem", "shows whether they are there")],
    see: &["server", "recreate", "backup"],
    source: "real certificates of 2017; QRS API includeSecretsKey; the meaning is inferred",
};

const PROXY: Topic = Topic {
    name: "proxy-certificate",
    also: &["https", "thumbprint", "third-party", "hub-certificate", "browser", "ssl-certificate"],
    kind: Kind::Certificate,
    title: "what browsers see on 443: your own certificate, or by default the server's",
    parts: &[
        text(
            "Chosen by thumbprint in the console under Proxies > Security. It has nothing to do with the site's root: a \
             new root leaves it as it is, and on 443 nobody sees the site's certificates once it is set.",
        ),
        part(
            "take care",
            Points(&[
                "it belongs in Local Computer > Personal, with its private key readable by the service account",
                "a thumbprint copied from Windows' dialog often begins with a hidden character (U+200E): type it again",
                "if it cannot be used the proxy falls back to the default certificate and logs `Reverting to default \
                 Qlik Sense SSLCertificate`",
                "without administrator rights the service account cannot bind it: run the bootstrap elevated",
                "keys in a CNG provider are known for trouble here; Qlik's own lie in the legacy provider",
            ]),
        ),
    ],
    commands: &[
        ("qcert inspect my-site.pfx", "thumbprint to type in, key, names"),
        ("qcert validate my-site.pem --name qlik.example.com", "chain and name"),
    ],
    see: &["443", "proxy", "server"],
    source: "Qlik community 1716657; Qlik help, service certificates",
};

const CLUSTER: Topic = Topic {
    name: "qlikservicecluster",
    also: &["cluster", "service-cluster"],
    kind: Kind::Certificate,
    title: "a further certificate that Qlik's help names, in Local Computer > Personal",
    parts: &[text(
        "The service certificates page names it; its role and form are not established. It is in no export. Leave it \
         where it is, unless you replace the root and with it everything that the root has signed.",
    )],
    commands: &[],
    see: &["stores", "server"],
    source: "Qlik help, service certificates",
};

const ENCRYPTION: Topic = Topic {
    name: "encryption-certificate",
    also: &["kek", "data-encryption", "encryption-key", "qvf"],
    kind: Kind::Certificate,
    title: "what encrypts apps and QVDs at rest, if that is switched on",
    parts: &[
        text(
            "A certificate of your own in Current User > Personal of the account that runs the engine. It must be RSA, \
             with its key in a CNG key storage provider: the opposite of Qlik's own.",
        ),
        part(
            "take care",
            Points(&[
                "missing for the engine's account, or not in a CNG provider: encrypted apps and QVDs cannot be read",
                "it is in no export and no backup of the site's certificates: keep it as a PFX",
            ]),
        ),
    ],
    commands: &[("qcert inspect kek.pfx", "key, dates, thumbprint")],
    see: &["engine", "stores", "backup"],
    source: "Qlik help, encryption certificates",
};

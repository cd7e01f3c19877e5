//! Languages and their TLS libraries: how to give them the files, and what they refuse. Facts only.

use super::{PLAIN_PEM, VALIDATE, program};
use crate::pki::knowledge::Body::{Paste, Points, Text};
use crate::pki::knowledge::{Topic, part};

const REPRODUCED: &str = "reproduced with Node 20, Python 3.11, Go 1.19, OpenSSL 3; the library's documentation";

pub(in crate::pki::knowledge) const TOPICS: &[Topic] = &[
    program(
        "node",
        &["node.js", "nodejs", "javascript", "npm", "axios", "ws"],
        "Node.js",
        &[
            part("", Text("A further node of the site: see `qcert explain rim`.")),
            part(
                "settings",
                Paste(
                    "new https.Agent({\n  ca: fs.readFileSync('root.pem'),\n  cert: fs.readFileSync('client.pem'),\n  \
                 key: fs.readFileSync('client_key.pem'),   // with a password: passphrase: '…'\n})",
                ),
            ),
            part("for a whole process", Paste("NODE_EXTRA_CA_CERTS=root.pem")),
            part(
                "refuses",
                Points(&[
                    "a root of 2019 or before: INVALID_PURPOSE, `unsuitable certificate purpose`. Not an EKU problem",
                    "another root, or no ca at all: UNABLE_TO_VERIFY_LEAF_SIGNATURE or SELF_SIGNED_CERT_IN_CHAIN",
                    "another name, or an address written as DNS name: ERR_TLS_CERT_ALTNAME_INVALID",
                    "key of another export: ERR_OSSL_X509_KEY_VALUES_MISMATCH",
                    "RC2 in a PFX, from Node 17: `Unsupported PKCS12 PFX data`, in 17 and 18 `unsupported`",
                    "an encrypted key without the passphrase: ERR_OSSL_BAD_DECRYPT",
                ]),
            ),
            part("takes in silence", Points(&["a root.pem in UTF-16: it trusts nothing then, and fails later"])),
        ],
        &[PLAIN_PEM, VALIDATE],
        REPRODUCED,
    ),
    program(
        "python",
        &["requests", "urllib3", "ssl-module", "websocket-client", "pip"],
        "Python: ssl, requests",
        &[
            part(
                "requests",
                Paste("requests.get(url, cert=('client.pem', 'client_key.pem'), verify='root.pem')   # open keys only"),
            ),
            part(
                "ssl",
                Paste(
                    "context = ssl.create_default_context(cafile='root.pem')\n\
                 context.load_cert_chain('client.pem', 'client_key.pem', password=None)",
                ),
            ),
            part(
                "refuses",
                Points(&[
                    "a root of 2019 or before: `invalid CA certificate`",
                    "from 3.13 every root of Qlik's: `CA cert does not include key usage extension`. Way out: \
                 context.verify_flags &= ~ssl.VERIFY_X509_STRICT, or a root with keyUsage",
                    "another root: `self-signed certificate in certificate chain`, `unable to get local issuer certificate`",
                    "an address written as DNS name: `IP address mismatch`",
                    "a PEM in UTF-16: NO_CERTIFICATE_OR_CRL_FOUND",
                ]),
            ),
        ],
        &[PLAIN_PEM, VALIDATE],
        REPRODUCED,
    ),
    program(
        "go",
        &["golang", "crypto/tls"],
        "Go: crypto/tls",
        &[
            part(
                "settings",
                Paste(
                    "pair, err := tls.LoadX509KeyPair(\"client.pem\", \"client_key.pem\")   // open keys only\n\
                 pool := x509.NewCertPool(); pool.AppendCertsFromPEM(root)\n\
                 &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: pool}",
                ),
            ),
            part(
                "refuses",
                Points(&[
                    "a server certificate without SAN (2017 and before): `relies on legacy Common Name field`",
                    "an address written as DNS name: `doesn't contain any IP SANs`",
                    "encrypted keys",
                    "as far as known a root without basicConstraints (2019 and before)",
                ]),
            ),
        ],
        &[PLAIN_PEM, VALIDATE],
        REPRODUCED,
    ),
    program(
        "java",
        &["jvm", "keytool", "jsse", "cacerts", "keystore", "truststore"],
        "Java",
        &[
            part(
                "trust the root",
                Paste("keytool -importcert -noprompt -alias qlik-root -file root.cer -keystore trust.p12"),
            ),
            part(
                "settings",
                Paste(
                    "-Djavax.net.ssl.trustStore=trust.p12 -Djavax.net.ssl.trustStorePassword=…\n\
                 -Djavax.net.ssl.keyStore=client.pfx -Djavax.net.ssl.keyStoreType=PKCS12\n\
                 -Djavax.net.ssl.keyStorePassword=…",
                ),
            ),
            part(
                "take care",
                Points(&[
                    "`PKIX path building failed`: the root is not in the trust store that is really used",
                    "a keyStore needs a password: export client.pfx with one",
                    "adding the root to cacerts does not help Python or Node on the same machine",
                    "a program that bundles its own Java has its own cacerts",
                ]),
            ),
        ],
        &[
            ("qcert export --machine host.domain --format pfx --password-file pw.txt", "client.pfx and root.cer"),
            VALIDATE,
        ],
        "the JDK's documentation; OpenMetadata#15892",
    ),
    program(
        "dotnet",
        &[".net", "net", "c#", "csharp", "iis", "httpclient"],
        ".NET without Qlik's SDK",
        &[
            part(
                "settings",
                Paste(
                    "var handler = new HttpClientHandler();\n\
                 handler.ClientCertificates.Add(new X509Certificate2(\"client.pfx\", password,\n  \
                 X509KeyStorageFlags.MachineKeySet));",
                ),
            ),
            part(
                "take care",
                Points(&[
                    "trust: import root.cer into Trusted Root of Local Computer; never the root's key",
                    "`remote certificate is invalid according to the validation procedure`: the root is not there, or the \
                 name is another",
                    "`The specified network password is not correct` under IIS: MachineKeySet, or let the pool load a profile",
                    "Qlik's samples accept every server: do not copy the callback that returns true",
                    "some samples parse `BEGIN RSA PRIVATE KEY` by hand and take no PKCS#8",
                ]),
            ),
        ],
        &[("qcert export --machine host.domain --format pfx", "client.pfx and root.cer"), VALIDATE],
        "Qlik developer help; Qlik-Cli#6 #35, AptkQlik#5, qlik_rest_sdk PR#7",
    ),
    program(
        "curl",
        &["libcurl", "wget"],
        "curl",
        &[
            part(
                "settings",
                Paste(
                    "curl --cert client.pem --key client_key.pem --cacert root.pem \\\n  \
                 -H 'X-Qlik-User: UserDirectory=INTERNAL;UserId=sa_api' -H 'X-Qlik-Xrfkey: 0123456789abcdef' \\\n  \
                 'https://host.domain:4242/qrs/about?xrfkey=0123456789abcdef'",
                ),
            ),
            part(
                "take care",
                Points(&[
                    "Qlik's samples say --insecure; --cacert root.pem checks the server",
                    "on Windows curl uses Schannel: --cert takes a certificate from the store there, not PEM files",
                    "errors are OpenSSL's: see `qcert explain openssl`",
                ]),
            ),
        ],
        &[PLAIN_PEM, VALIDATE],
        "Qlik developer help; curl's documentation",
    ),
    program(
        "openssl",
        &["openssl3", "openssl-3", "s-client"],
        "OpenSSL 3",
        &[
            part(
                "try a port",
                Paste(
                    "openssl s_client -connect host.domain:4242 -CAfile root.pem \\\n  \
                 -cert client.pem -key client_key.pem -verify_hostname host.domain -verify_return_error",
                ),
            ),
            part("open a PFX with RC2", Paste("openssl pkcs12 -legacy -in client.pfx")),
            part(
                "error numbers",
                Points(&[
                    "18, 19: self-signed; 20, 21: the issuer is not there; 7: signature wrong, often a root of the same name",
                    "79, with 26: invalid CA, the root has no basicConstraints (2019 and before)",
                    "92, with -x509_strict: the root has no keyUsage (all of Qlik's)",
                    "62: other host name; 64: other address, or an address written as DNS name",
                    "9, 10: not yet valid, expired",
                ]),
            ),
        ],
        &[PLAIN_PEM, VALIDATE],
        REPRODUCED,
    ),
];

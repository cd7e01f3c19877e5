//! Answers of the services after the handshake. Data only.

use super::PLAIN;
use crate::pki::knowledge::{KnownText, Precision};

pub(super) const TEXTS: &[KnownText] = &[
    KnownText {
        name: "forbidden",
        texts: &[
            "403 Forbidden",
            "(403) Forbidden",
            "status code 403",
            "403 Client Error",
            "StatusCode: 403",
            "HTTP/1.1 403",
            "statusCode: 403",
        ],
        precision: Precision::General,
        program: "Repository and Proxy Service, on 4242 and 4243",
        cause: "on 4242 and 4243: no client certificate was shown, one of another site, or one without its key; or \
               the user in X-Qlik-User may not do this",
        fix: "use this site's client.pem with its key; check the header",
        rules: &["chain/unknown-issuer", "files/key-mismatch"],
        source: "qlik-auth-net#3, QlikSenseQMCUtility#34",
        ..PLAIN
    },
    KnownText {
        name: "unauthorized",
        texts: &[
            "401 Unauthorized",
            "(401) Unauthorized",
            "status code 401",
            "401 Client Error",
            "StatusCode: 401",
            "HTTP/1.1 401",
            "statusCode: 401",
        ],
        precision: Precision::General,
        program: "Qlik-Cli and others",
        cause: "no certificate was found, so the program tried Windows authentication, or the call went to the \
               proxy",
        fix: "import client.pfx with its key into Current User > Personal of the account that calls; port 4242",
        command: "qcert inspect client.pfx",
        rules: &["files/pfx-without-key"],
        source: "Qlik-Cli#123",
    },
    KnownText {
        name: "login-page",
        texts: &[
            "Unexpected token < in JSON",
            "Unexpected token '<'",
            "invalid character '<' looking for beginning of value",
            "Expecting value: line 1 column 1",
            "Cannot process HTML",
        ],
        precision: Precision::General,
        program: "programs for the repository",
        cause: "a web page came where data was wanted: the call went to the proxy's log-on page instead of 4242",
        fix: "port 4242, without a virtual proxy's prefix",
        command: "qcert explain 4242",
        source: "Qlik-Cli#147, qlik_rest_sdk#15",
        ..PLAIN
    },
];

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
    KnownText {
        name: "nginx-no-certificate",
        texts: &["No required SSL certificate was sent"],
        program: "nginx",
        cause: "nginx stands before the service, wants a client certificate and got none: the program has none \
               configured, or without its key",
        fix: "configure client.pem with client_key.pem, or client.pfx, of this site",
        rules: &["files/missing", "files/key-mismatch"],
        source: "nginx's messages",
        ..PLAIN
    },
    KnownText {
        name: "nginx-certificate",
        texts: &["The SSL certificate error"],
        program: "nginx",
        cause: "nginx stands before the service and does not take the client certificate: its root is not in \
               ssl_client_certificate, or it has ended",
        fix: "use the client certificate of this site; give nginx this site's root.pem",
        rules: &["chain/unknown-issuer", "validity/expired"],
        source: "nginx's messages",
        ..PLAIN
    },
    KnownText {
        name: "http-sys-name",
        texts: &["Bad Request - Invalid Hostname", "The request hostname is invalid"],
        program: "Windows' HTTP service, Kestrel",
        cause: "the service there does not go by the name or address called",
        fix: "call the node by the name in its certificate",
        command: "qcert explain names",
        rules: &["identity/name-mismatch"],
        source: "Microsoft, HTTP Server API",
        ..PLAIN
    },
    KnownText {
        name: "http-sys-not-found",
        texts: &["HTTP Error 404. The requested resource is not found"],
        program: "Windows' HTTP service",
        cause: "Windows answers for the port, and no service has claimed this address: the service is stopped or \
               just starts, or it is another one's port",
        fix: "start the service; QRS calls belong on 4242, without a virtual proxy's prefix",
        command: "qcert explain 4242",
        source: "Microsoft, HTTP Server API",
        ..PLAIN
    },
    KnownText {
        name: "service-unavailable",
        texts: &[
            "HTTP Error 503. The service is unavailable",
            "503 Service Unavailable",
            "503 Server Unavailable",
            "No server is available to handle this request",
            "502 Bad Gateway",
            "504 Gateway Time-out",
            "504 Gateway Timeout",
        ],
        precision: Precision::General,
        program: "Windows' HTTP service, HAProxy, nginx",
        cause: "the service starts or stops, or a load balancer before it reaches no node. No matter of the \
               caller's certificate; the load balancer's own may be refused behind it",
        fix: "wait some minutes after a start; call the node itself, past the load balancer",
        command: "qcert explain 4242",
        source: "the servers' messages",
        ..PLAIN
    },
    KnownText {
        name: "log-on-page",
        texts: &["internal_windows_authentication", "internal_forms_authentication"],
        precision: Precision::General,
        program: "Proxy Service",
        cause: "the proxy leads to its log-on page: right for a browser; a program with a certificate should have \
               called 4242",
        fix: "port 4242, without a virtual proxy's prefix",
        command: "qcert explain 4242",
        source: "Qlik-Cli#147, qlik_rest_sdk#15",
        ..PLAIN
    },
];

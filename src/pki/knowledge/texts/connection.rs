//! Connections that fail around the handshake: nobody there, no TLS there, closed in the midst of it. Data only.

use super::PLAIN;
use crate::pki::knowledge::{KnownText, Precision};

pub(super) const TEXTS: &[KnownText] = &[
    KnownText {
        name: "not-tls",
        texts: &[
            "wrong version number",
            "WRONG_VERSION_NUMBER",
            "first record does not look like a TLS handshake",
            "server gave HTTP response to HTTPS client",
            "Unsupported or unrecognized SSL message",
            "packet length too long",
            "PACKET_LENGTH_TOO_LONG",
            "EPROTO*wrong version",
            "Cannot determine the frame size or a corrupted frame was received",
            "handshake failed due to an unexpected packet format",
            "SEC_E_INVALID_TOKEN",
            "0x80090308",
            "The token supplied to the function is invalid",
            "invalid record received",
            "Received HTTP/0.9 when not allowed",
            "received corrupt message of type InvalidContentType",
        ],
        program: "Node, Python, OpenSSL, Go, Java, .NET, Windows, curl",
        cause: "there is no TLS on that port: an HTTP port (80, 4444, 4570), the database (4432), or an HTTP proxy \
               between",
        fix: "check the port; leave the HTTP proxy out for the site's machines",
        command: "qcert explain 4242",
        source: "OpenSSL's, Go's, Java's and .NET's messages",
        ..PLAIN
    },
    KnownText {
        name: "tls-taken-off",
        texts: &[
            "The plain HTTP request was sent to HTTPS port",
            "Client sent an HTTP request to an HTTPS server",
            "speaking plain HTTP to an SSL-enabled server port",
            "combination of host and port requires TLS",
            "routines*:http request",
            "ERR_SSL_HTTP_REQUEST",
        ],
        program: "nginx, Go, Apache, Tomcat",
        cause: "HTTP without TLS reached a port that wants TLS: the program calls http:// in place of https://, or \
               something in between takes the TLS off",
        fix: "call https://; have TLS passed through to the service",
        command: "qcert explain 4242",
        source: "the servers' messages",
        ..PLAIN
    },
    KnownText {
        name: "closed-in-handshake",
        texts: &[
            "Client network socket disconnected before secure TLS connection was established",
            "EOF occurred in violation of protocol",
            "UNEXPECTED_EOF_WHILE_READING",
            "unexpected eof while reading",
            "SSL_ERROR_SYSCALL",
            "SSL_ERROR_ZERO_RETURN",
            "Remote host terminated the handshake",
            "Remote host closed connection during handshake",
            "remote party has closed the transport stream",
            "Received an unexpected EOF or 0 bytes from the transport stream",
            "TLS handshake*: EOF",
            "tls handshake eof",
            "The TLS connection was non-properly terminated",
        ],
        program: "Node, Python, Java, .NET, curl",
        cause: "the other side closed in the middle of the handshake, without saying why: no version of TLS in common, \
               a certificate or key that it cannot use, or no TLS there",
        fix: "look into the other side's log and, on Windows, for Schannel events at that time; try TLS 1.2 and 1.3 \
               apart from each other",
        command: "qcert explain tls",
        source: "the programs' messages",
        ..PLAIN
    },
    KnownText {
        name: "closed-after-handshake",
        texts: &[
            "Empty reply from server",
            "curl: (52)",
            "Remote end closed connection without response",
            "RemoteDisconnected",
            "The response ended prematurely",
            "underlying connection was closed: An unexpected error occurred on a receive",
            "curl: (56)",
            "Failure when receiving data from the peer",
            "NoHttpResponseException",
            "Unexpected end of file from server",
        ],
        precision: Precision::General,
        program: "curl, Python, .NET, Java",
        cause: "the other side took the handshake and closed in place of an answer; with TLS 1.3 this is also how it \
               refuses a client certificate, for it judges that only after the handshake. Or http:// was called on a \
               port with TLS",
        fix: "configure this site's client.pem with its key; look into the other side's log",
        rules: &["chain/unknown-issuer", "files/missing"],
        source: "RFC 8446 4.4.2.4; reproduced",
        ..PLAIN
    },
    KnownText {
        name: "curl-connect",
        texts: &["curl: (35)", "SSL connect error", "OpenSSL SSL_connect"],
        precision: Precision::General,
        program: "curl",
        cause: "the handshake failed; the reason stands behind this text",
        fix: "look at the reason; curl -v tells how far it came",
        command: "qcert explain tls",
        source: "curl's messages",
        ..PLAIN
    },
    KnownText {
        name: "connection-refused",
        texts: &[
            "ECONNREFUSED",
            "Connection refused",
            "actively refused it",
            "ETIMEDOUT",
            "connection timed out",
            "ENOTFOUND",
            "EAI_AGAIN",
            "EHOSTUNREACH",
            "ENETUNREACH",
            "No route to host",
            "Network is unreachable",
            "getaddrinfo*not known",
            "No such host is known",
            "no such host",
            "Could not resolve host",
            "Name or service not known",
            "nodename nor servname provided",
            "UnknownHostException",
            "curl: (6)",
            "curl: (7)",
            "curl: (28)",
            "i/o timeout",
            "context deadline exceeded",
            "ConnectTimeoutError",
            "SocketTimeoutException",
            "A connection attempt failed because the connected party did not properly respond",
        ],
        precision: Precision::General,
        program: "Node, Python, Go, Java, .NET, curl",
        cause: "nobody was reached: service down, port closed by a firewall, or a name that does not resolve. No \
               matter of certificates",
        fix: "check that the service runs and that the port is open from this machine",
        command: "qcert explain 4242",
        source: "the programs' messages",
        ..PLAIN
    },
    KnownText {
        name: "connection-reset",
        texts: &[
            "ECONNRESET",
            "socket hang up",
            "forcibly closed by the remote host",
            "Connection reset by peer",
            "Connection reset",
            "EPIPE",
            "Broken pipe",
            "ConnectionResetError",
            "Get 'https://*': EOF",
            "Post 'https://*': EOF",
            "underlying connection was closed: An unexpected error occurred on a send",
        ],
        precision: Precision::General,
        program: "Node, Python, Go, Java, .NET, curl",
        cause: "the other side closed without a word: Windows does so when it does not take a certificate or no \
               version of TLS, and so do firewalls",
        fix: "look into the server's Windows System log for Schannel events at that time",
        command: "qcert explain tls",
        source: "the programs' messages",
        ..PLAIN
    },
];

//! Ports that speak something else than TLS, or nothing at all.

use super::case::{Case, serves};
use super::raw::Raw;
use super::servers::Program;

const fn trouble(program: Program, kind: &'static str) -> Case {
    serves(program).fails().trouble(kind).alone()
}

const fn nothing(program: Program, kind: &'static str) -> Case {
    serves(program).unknown().trouble(kind)
}

const fn raw(raw: Raw, kind: &'static str) -> Case {
    trouble(Program::Raw(raw), kind)
}

cases! {
    nginx_without_tls: trouble(Program::Nginx("", false), "plain_http"),
    node_without_tls: trouble(Program::Node("plain", ""), "plain_http"),
    python_without_tls: trouble(Program::PythonWithoutTls, "plain_http"),
    behind_a_load_balancer: trouble(Program::Node("unavailable", ""), "plain_http"),
    forward_proxy: trouble(Program::Node("forwardProxy", ""), "http_proxy"),

    ssh: raw(Raw::Banner(b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"), "not_tls"),
    mail: raw(Raw::Banner(b"220 mail.example.com ESMTP Postfix\r\n"), "not_tls"),
    mysql: raw(Raw::Banner(b"J\0\0\0\n8.0.36\0\x08\0\0\0abcdefgh\0"), "not_tls"),
    postgres: raw(Raw::Answer(b"E\0\0\0\x5cSFATAL\0VFATAL\0C08P01\0Minvalid length of startup packet\0\0"), "not_tls"),
    control_characters: raw(Raw::Banner(b"\x1b[2J\x1b]0;owned\x07\xe2\x80\xaehello\r\n"), "not_tls"),

    // TLS it is, but not as anybody may speak it: warnings without an end, and a greeting of no length.
    warnings: raw(
        Raw::Answer(b"\x15\x03\x03\0\x02\x01\x70\x15\x03\x03\0\x02\x01\x70\x15\x03\x03\0\x02\x01\x70\
            \x15\x03\x03\0\x02\x01\x70\x15\x03\x03\0\x02\x01\x70\x15\x03\x03\0\x02\x01\x70"),
        "protocol",
    ).says(&["sends one warning after the other (`TooManyWarningAlertsReceived`)"]),
    empty_greeting: raw(Raw::Answer(b"\x16\x03\x03\0\x04\x02\0\0\0"), "protocol")
        .says(&["sends a message that is malformed (`received corrupt message of type "]),

    closes: raw(Raw::Closes, "closed"),
    resets: raw(Raw::Resets, "reset"),
    silent: nothing(Program::Raw(Raw::Silent), "silent").with(&["--timeout", "1"]),
    slow: nothing(Program::Raw(Raw::Slow), "slow").with(&["--timeout", "1"]),
    nobody: nothing(Program::Nobody, "refused"),
    no_such_machine: nothing(Program::Nobody, "unknown_name").calling("no-such-machine.invalid"),
}

//! What answers a TLS greeting with something else, told by its first octets. A stranger wrote them.

/// Of anything that is quoted no more is shown.
const MOST_SHOWN: usize = 80;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Foreign {
    /// Plain HTTP, with what its server calls itself.
    Http { status: Option<u16>, server: Option<String> },
    /// An HTTP proxy, with the header that gives it away.
    HttpProxy { sign: String },
    /// Another protocol that is known by its greeting.
    Other(&'static str),
    /// What can be shown of it.
    Unknown(String),
}

impl Foreign {
    pub(super) fn of(octets: &[u8]) -> Self {
        if octets.starts_with(b"HTTP/") {
            return http(octets);
        }
        let text = String::from_utf8_lossy(octets).into_owned();
        let begun = text.trim_start();
        // Servers of HTTP/0.9, or an error page without a head, as nginx, Apache and Python send to what is no request.
        let html = ["<!doctype html", "<html"];
        if html.iter().any(|start| begun.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start))) {
            return Self::Http { status: None, server: None };
        }
        let greeting = |start: &str| octets.starts_with(start.as_bytes());
        let lowered = text.to_ascii_lowercase();
        match () {
            () if greeting("SSH-") => Self::Other("an SSH server"),
            () if greeting("220") && lowered.contains("ftp") && !lowered.contains("smtp") => {
                Self::Other("an FTP server")
            }
            () if greeting("220") || greeting("554 ") || greeting("421 ") => Self::Other("a mail server (SMTP)"),
            () if greeting("* OK") || greeting("* BYE") => Self::Other("a mail server (IMAP)"),
            () if greeting("+OK") => Self::Other("a mail server (POP3)"),
            () if greeting("-ERR") => Self::Other("a server of lines of text (POP3, Redis)"),
            () if greeting("AMQP") => Self::Other("a message broker (AMQP)"),
            () if greeting("RFB ") => Self::Other("a VNC server"),
            // ErrorResponse (PostgreSQL, 54.7): to a greeting that is none of its own.
            () if postgres(octets) => Self::Other("PostgreSQL"),
            // A handshake packet of protocol 10, number 0.
            () if matches!(octets, [_, _, 0, 0, 10, ..]) => Self::Other("MySQL"),
            () => Self::Unknown(shown(octets)),
        }
    }
}

fn postgres(octets: &[u8]) -> bool {
    match octets {
        [b'E', 0, 0, _, _, b'S', ..] => true,
        [b'E', rest @ ..] => rest.starts_with(b"FATAL:"),
        _ => false,
    }
}

fn http(octets: &[u8]) -> Foreign {
    let text = String::from_utf8_lossy(octets);
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|word| word.parse().ok());
    let headers: Vec<(String, &str)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim()))
        .collect();
    let of = |name: &str| headers.iter().find(|(own, _)| own == name).map(|(_, value)| cut(value));
    let server = of("server");
    let proxied = ["via", "proxy-agent", "x-squid-error", "proxy-authenticate", "proxy-connection"];
    let sign = proxied.into_iter().find_map(|name| Some(format!("{name}: {}", of(name)?)));
    let by_name = || {
        let server = server.as_ref()?;
        let lowered = server.to_ascii_lowercase();
        let known = ["squid", "proxy", "tinyproxy", "privoxy", "zscaler", "bluecoat", "mcafee web gateway"];
        known.iter().any(|word| lowered.contains(word)).then(|| format!("server: {server}"))
    };
    match sign.or_else(by_name).or_else(|| (status == Some(407)).then(|| "status 407".to_owned())) {
        Some(sign) => Foreign::HttpProxy { sign },
        None => Foreign::Http { status, server },
    }
}

fn cut(text: &str) -> String {
    text.chars().take(MOST_SHOWN).collect()
}

/// The first line where it is text, else the first octets.
fn shown(octets: &[u8]) -> String {
    let line = octets.split(|octet| matches!(octet, b'\r' | b'\n')).next().unwrap_or_default();
    let text = std::str::from_utf8(line.get(..MOST_SHOWN.min(line.len())).unwrap_or_default());
    match text {
        Ok(text) if !text.trim().is_empty() && !text.chars().any(char::is_control) => format!("`{text}`"),
        _ => {
            let first = octets.iter().take(8).map(|octet| format!("{octet:02x}")).collect::<Vec<_>>();
            format!("octets {}", first.join(" "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(status: Option<u16>, server: Option<&str>) -> Foreign {
        Foreign::Http { status, server: server.map(str::to_owned) }
    }

    /// Answers to a ClientHello as these programs give them.
    #[test]
    fn what_real_servers_answer() {
        let http_sys = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html; charset=us-ascii\r\nServer: \
                        Microsoft-HTTPAPI/2.0\r\nConnection: close\r\n\r\n<h2>Bad Request - Invalid Verb</h2>";
        let squid = "HTTP/1.1 400 Bad Request\r\nServer: squid/5.7\r\nX-Squid-Error: ERR_PROTOCOL_UNKNOWN 0\r\n\r\n";
        for (octets, expected) in [
            (http_sys.as_bytes(), plain(Some(400), Some("Microsoft-HTTPAPI/2.0"))),
            // Node.
            (b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", plain(Some(400), None)),
            // nginx.
            (b"HTTP/1.1 400 Bad Request\r\nServer: nginx/1.22.1\r\n\r\n<html>", plain(Some(400), Some("nginx/1.22.1"))),
            // Python's http.server.
            (b"<!DOCTYPE HTML>\n<html lang=\"en\">", plain(None, None)),
            (b"HTTP/1.1", plain(None, None)),
            (squid.as_bytes(), Foreign::HttpProxy { sign: "x-squid-error: ERR_PROTOCOL_UNKNOWN 0".to_owned() }),
            (
                b"HTTP/1.0 407 Proxy Authentication Required\r\n\r\n",
                Foreign::HttpProxy { sign: "status 407".to_owned() },
            ),
            (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", Foreign::Other("an SSH server")),
            (b"220 mail.example ESMTP Postfix\r\n", Foreign::Other("a mail server (SMTP)")),
            (b"220 (vsFTPd 3.0.3)\r\n", Foreign::Other("an FTP server")),
            (b"* OK [CAPABILITY IMAP4rev1] ready\r\n", Foreign::Other("a mail server (IMAP)")),
            (b"E\0\0\0\x8dSFATAL\0VFATAL\0C0A000\0", Foreign::Other("PostgreSQL")),
            (b"J\0\0\0\x0a8.0.36\0", Foreign::Other("MySQL")),
            (b"hello\r\nyou", Foreign::Unknown("`hello`".to_owned())),
            (b"\x00\x01\xff", Foreign::Unknown("octets 00 01 ff".to_owned())),
            (b"", Foreign::Unknown("octets ".to_owned())),
        ] {
            assert_eq!(Foreign::of(octets), expected, "{:?}", String::from_utf8_lossy(octets));
        }
    }

    #[test]
    fn endless_and_odd_answers_are_cut() {
        let long = format!("HTTP/1.1 200 OK\r\nServer: {}\r\n", "ü".repeat(4000));
        let Foreign::Http { server: Some(server), .. } = Foreign::of(long.as_bytes()) else { panic!() };
        assert_eq!(server.chars().count(), MOST_SHOWN);
        let Foreign::Unknown(text) = Foreign::of("ü".repeat(4000).as_bytes()) else { panic!() };
        assert!(text.len() < 200);
        for octets in [&b"HTTP/"[..], b"HTTP/1.1 999999\r\n:\r\n", "<h\u{fc}".as_bytes(), b"E", &[0xff; 5]] {
            Foreign::of(octets);
        }
    }
}

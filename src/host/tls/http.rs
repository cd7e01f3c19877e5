//! An HTTP answer out of octets: its head, and as much of its body as is there. The door of httparse.
//!
//! Reads whatever anybody may have sent, in bounded time and memory. Sends nothing, waits for nothing, judges nothing.

use httparse::{EMPTY_HEADER, ParserConfig, Response, Status, parse_chunk_size};

/// No more octets of an answer are looked at.
pub const MOST: usize = 64 << 10;
/// A head has some hundred octets, with cookies and tickets some thousand.
const MOST_OF_HEAD: usize = 16 << 10;
const MOST_HEADERS: usize = 100;
/// Answers before the answer (RFC 9110 15.2).
const MOST_INTERIM: usize = 8;
const LONGEST_CHUNK_LINE: usize = 1024;
/// Characters of one header or reason.
const LONGEST: usize = 256;
/// What is kept of the headers; nobody asks for the others.
const KEPT: [&str; 5] = ["server", "location", "content-type", "via", "www-authenticate"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// As the other side words it; may be empty.
    pub reason: String,
    headers: Vec<(&'static str, String)>,
    /// Without the chunks' frames (RFC 9112 7.1).
    pub body: Vec<u8>,
    pub extent: Extent,
}

impl Answer {
    /// The first header of that name, in lower case, if it is one of those that are kept.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(kept, _)| *kept == name).map(|(_, value)| value.as_str())
    }
}

/// How much of an answer there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    Whole,
    /// It ends where the other side closes the connection.
    UntilClose,
    /// More was announced.
    Cut,
    /// From here on it is against the protocol.
    Broken,
}

/// Why there is no answer in the octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRead {
    NotHttp,
    /// It begins like one, and ends before its status.
    Cut,
}

/// Whether waiting for more is of no use.
pub fn is_enough(octets: &[u8]) -> bool {
    octets.len() >= MOST
        || match read(octets) {
            Ok(answer) => matches!(answer.extent, Extent::Whole | Extent::Broken),
            Err(NotRead::NotHttp) => true,
            Err(NotRead::Cut) => octets.len() >= MOST_OF_HEAD,
        }
}

/// The first answer that is one; what other sides say on the way to it (RFC 9110 15.2) is passed over.
pub fn read(octets: &[u8]) -> Result<Answer, NotRead> {
    let mut rest = octets.get(..MOST).unwrap_or(octets);
    for _ in 0..=MOST_INTERIM {
        let (mut answer, framing, length) = head(rest)?;
        rest = rest.get(length..).unwrap_or_default();
        if (100..200).contains(&answer.status) && answer.status != 101 && answer.extent == Extent::Whole {
            continue;
        }
        if answer.extent == Extent::Whole {
            (answer.body, answer.extent) = body(answer.status, framing, rest);
        }
        return Ok(answer);
    }
    Err(NotRead::NotHttp)
}

/// How the end of a body is known (RFC 9112 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length(u64),
    Chunked,
    UntilClose,
    /// Lengths that are none, or that contradict each other.
    Invalid,
}

/// An answer without its body, how its body ends, and how long the head is. Where the head has no end, or one that is
/// against the protocol, the status alone is kept.
fn head(octets: &[u8]) -> Result<(Answer, Framing, usize), NotRead> {
    let window = octets.get(..MOST_OF_HEAD).unwrap_or(octets);
    let mut headers = [EMPTY_HEADER; MOST_HEADERS];
    let mut response = Response::new(&mut headers);
    let mut config = ParserConfig::default();
    config
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .ignore_invalid_headers_in_responses(true);
    let parsed = config.parse_response(&mut response, window);
    let Some(status) = response.code else {
        return Err(if parsed == Ok(Status::Partial) { NotRead::Cut } else { NotRead::NotHttp });
    };
    let reason = cut(response.reason.unwrap_or_default());
    let mut answer = Answer { status, reason, headers: Vec::new(), body: Vec::new(), extent: Extent::Broken };
    match parsed {
        Ok(Status::Complete(length)) => {
            let named = |name: &str| {
                let name = name.to_owned();
                response.headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(&name))
            };
            for kept in KEPT {
                answer.headers.extend(named(kept).map(|header| (kept, cut(&String::from_utf8_lossy(header.value)))));
            }
            answer.extent = Extent::Whole;
            let encodings: Vec<&[u8]> = named("transfer-encoding").map(|header| header.value).collect();
            let lengths: Vec<&[u8]> = named("content-length").map(|header| header.value).collect();
            Ok((answer, framing(&encodings, &lengths), length))
        }
        Ok(Status::Partial) => {
            if octets.len() < MOST_OF_HEAD {
                answer.extent = Extent::Cut;
            }
            Ok((answer, Framing::UntilClose, window.len()))
        }
        Err(_) => Ok((answer, Framing::UntilClose, window.len())),
    }
}

fn framing(encodings: &[&[u8]], lengths: &[&[u8]]) -> Framing {
    if let Some(last) = encodings.last() {
        let last = last.rsplit(|octet| *octet == b',').next().unwrap_or_default();
        let chunked = last.trim_ascii().eq_ignore_ascii_case(b"chunked");
        return if chunked { Framing::Chunked } else { Framing::UntilClose };
    }
    let mut all = lengths.iter().flat_map(|value| value.split(|octet| *octet == b',')).map(number);
    match all.next() {
        None => Framing::UntilClose,
        Some(Some(first)) if all.all(|other| other == Some(first)) => Framing::Length(first),
        Some(_) => Framing::Invalid,
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(digits.trim_ascii()).ok()?;
    digits.parse().ok().filter(|_| digits.bytes().all(|digit| digit.is_ascii_digit()))
}

fn body(status: u16, framing: Framing, rest: &[u8]) -> (Vec<u8>, Extent) {
    match framing {
        // RFC 9112 6.3; after 101 another protocol begins.
        _ if matches!(status, 101 | 204 | 304) => (Vec::new(), Extent::Whole),
        Framing::Chunked => chunks(rest),
        Framing::UntilClose => (rest.to_vec(), Extent::UntilClose),
        Framing::Invalid => (rest.to_vec(), Extent::Broken),
        Framing::Length(length) => match usize::try_from(length).ok().and_then(|length| rest.get(..length)) {
            Some(whole) => (whole.to_vec(), Extent::Whole),
            None => (rest.to_vec(), Extent::Cut),
        },
    }
}

fn chunks(mut rest: &[u8]) -> (Vec<u8>, Extent) {
    let mut body = Vec::new();
    loop {
        let line = rest.get(..LONGEST_CHUNK_LINE).unwrap_or(rest);
        let (skipped, size) = match parse_chunk_size(line) {
            // An empty line is no size, whatever httparse makes of it.
            Ok(Status::Complete(read)) if line.first().is_some_and(u8::is_ascii_hexdigit) => read,
            Ok(Status::Partial) if line.len() < LONGEST_CHUNK_LINE => return (body, Extent::Cut),
            _ => return (body, Extent::Broken),
        };
        if size == 0 {
            return (body, Extent::Whole);
        }
        rest = rest.get(skipped..).unwrap_or_default();
        let Some((chunk, after)) = usize::try_from(size).ok().and_then(|size| rest.split_at_checked(size)) else {
            body.extend_from_slice(rest);
            return (body, Extent::Cut);
        };
        body.extend_from_slice(chunk);
        rest = match after {
            [b'\r', b'\n', after @ ..] => after,
            [] | [b'\r'] => return (body, Extent::Cut),
            _ => return (body, Extent::Broken),
        };
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests;

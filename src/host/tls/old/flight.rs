//! What a server says in the clear, from its ServerHello to its ServerHelloDone (RFC 5246 7.4; RFC 4346 7.4 for what was
//! different before TLS 1.2), from records of any cut (6.2.1). Input is a stranger's: bounded, and never trusted.

use super::super::{Asked, Failure, Stage, suite_name};
use super::OldMet;

/// As rustls has it: neither a chain nor a list of issuers is longer in practice. Windows ends its list at 16 KB.
const MOST_OF_A_MESSAGE: usize = 0xffff;
/// RFC 5246 6.2.1.
const MOST_OF_A_RECORD: usize = 1 << 14;

/// As far as it has come.
#[derive(Debug, Default)]
pub(super) struct Flight {
    /// Of a record that is not whole yet.
    record: Vec<u8>,
    /// Of messages, as far as they are not read.
    messages: Vec<u8>,
    hello: Option<ServerHello>,
    chain: Option<Vec<Vec<u8>>>,
    asked: Option<Asked>,
}

#[derive(Debug, Clone, Copy)]
struct ServerHello {
    version: [u8; 2],
    suite: u16,
}

impl Flight {
    /// Goes on with these octets; what was met, once all is said.
    pub(super) fn take(&mut self, octets: &[u8]) -> Result<Option<OldMet>, Failure> {
        let mut whole = std::mem::take(&mut self.record);
        whole.extend(octets);
        let mut rest = &whole[..];
        while let [kind, major, _, high, low, after @ ..] = rest {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            if *major != 3 || length > MOST_OF_A_RECORD {
                return Err(against("a record has a header that is none"));
            }
            let Some((content, next)) = after.split_at_checked(length) else { break };
            rest = next;
            match kind {
                21 => alerts(content)?,
                22 => {
                    self.messages.extend(content);
                    if self.read_messages()? {
                        return self.met().map(Some);
                    }
                }
                other => return Err(against(&format!("a record of kind {other} in the middle of the handshake"))),
            }
        }
        whole.drain(..whole.len() - rest.len());
        self.record = whole;
        Ok(None)
    }

    /// What the other end has chosen, or what every old one reads.
    pub(super) fn version(&self) -> [u8; 2] {
        self.hello.map_or([3, 1], |hello| hello.version)
    }

    /// True at the ServerHelloDone. What is not whole stays where it is: a message may come in very many records.
    fn read_messages(&mut self) -> Result<bool, Failure> {
        let mut whole = std::mem::take(&mut self.messages);
        let mut rest = &whole[..];
        while let [kind, a, b, c, after @ ..] = rest {
            let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
            if length > MOST_OF_A_MESSAGE {
                return Err(Failure::TooMuch(Stage::Handshake));
            }
            let Some((body, next)) = after.split_at_checked(length) else { break };
            rest = next;
            if self.message(*kind, body)? {
                return Ok(true);
            }
        }
        whole.drain(..whole.len() - rest.len());
        self.messages = whole;
        Ok(false)
    }

    fn message(&mut self, kind: u8, body: &[u8]) -> Result<bool, Failure> {
        match (kind, self.hello) {
            (2, None) => self.hello = Some(server_hello(body)?),
            (11, Some(_)) if self.chain.is_none() => self.chain = Some(certificates(body)?),
            // HelloRequest, to be ignored here; ServerKeyExchange, CertificateStatus: for whoever wants to go on.
            (0, _) | (12 | 22, Some(_)) => {}
            (13, Some(hello)) if self.asked.is_none() => self.asked = Some(request(body, hello.version)?),
            (14, Some(_)) => return Ok(true),
            _ => return Err(against(&format!("a message of kind {kind} where it is not to be"))),
        }
        Ok(false)
    }

    fn met(&mut self) -> Result<OldMet, Failure> {
        let (Some(hello), Some(chain)) = (self.hello, self.chain.take()) else {
            return Err(against("no certificate was shown"));
        };
        let version = version(hello.version)?;
        Ok(OldMet { version, suite: suite_name(hello.suite.into()), chain, asked: self.asked.take() })
    }
}

fn against(what: &str) -> Failure {
    Failure::Protocol(what.to_owned())
}

/// RFC 5246 7.2: of warnings only the close is an end. Such as do no harm are sent by old servers to a name that they do
/// not know.
fn alerts(content: &[u8]) -> Result<(), Failure> {
    for alert in content.chunks(2) {
        match *alert {
            [1, 0] => return Err(Failure::Closed(Stage::Handshake)),
            [1, _] => {}
            [_, number] => return Err(Failure::Alert(number, Stage::Handshake)),
            _ => return Err(against("an alert is cut")),
        }
    }
    Ok(())
}

fn server_hello(body: &[u8]) -> Result<ServerHello, Failure> {
    let mut fields = Fields(body);
    let chosen = fields.array::<2>()?;
    version(chosen)?;
    fields.array::<32>()?;
    fields.counted(1)?;
    let suite = u16::from_be_bytes(fields.array()?);
    if fields.array()? != [0] {
        return Err(against("a compression that was not offered"));
    }
    // Extensions may follow; none changes what is read here.
    Ok(ServerHello { version: chosen, suite })
}

fn version(version: [u8; 2]) -> Result<&'static str, Failure> {
    match version {
        [3, 0] => Ok("SSL 3.0"),
        [3, 1] => Ok("TLS 1.0"),
        [3, 2] => Ok("TLS 1.1"),
        [3, 3] => Ok("TLS 1.2"),
        _ => Err(Failure::NoCommonVersion),
    }
}

fn certificates(body: &[u8]) -> Result<Vec<Vec<u8>>, Failure> {
    let mut fields = Fields(body);
    let list = fields.counted(3)?;
    fields.end()?;
    let chain = many(list, 3)?;
    if chain.is_empty() { Err(against("the list of its certificates is empty")) } else { Ok(chain) }
}

/// TLS 1.2 put the kinds of signatures into the middle (RFC 5246 7.4.4; RFC 4346 7.4.4).
fn request(body: &[u8], version: [u8; 2]) -> Result<Asked, Failure> {
    let mut fields = Fields(body);
    fields.counted(1)?;
    if version == [3, 3] {
        fields.counted(2)?;
    }
    let issuers = many(fields.counted(2)?, 2)?;
    fields.end()?;
    Ok(Asked { issuers })
}

/// Values that each have their length before them; none is empty.
fn many(list: &[u8], octets: usize) -> Result<Vec<Vec<u8>>, Failure> {
    let mut fields = Fields(list);
    let mut values = Vec::new();
    while !fields.0.is_empty() {
        match fields.counted(octets)? {
            [] => return Err(against("an empty entry in a list")),
            value => values.push(value.to_vec()),
        }
    }
    Ok(values)
}

/// The fields of a message, read one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Failure> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(|| against("a message ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const COUNT: usize>(&mut self) -> Result<[u8; COUNT], Failure> {
        self.take(COUNT)?.try_into().map_err(|_| against("a message ends too early"))
    }

    /// A value after its length, which has so many octets.
    fn counted(&mut self, octets: usize) -> Result<&'a [u8], Failure> {
        let length = self.take(octets)?.iter().fold(0, |sum, octet| (sum << 8) | usize::from(*octet));
        self.take(length)
    }

    fn end(&self) -> Result<(), Failure> {
        if self.0.is_empty() { Ok(()) } else { Err(against("a message has more than belongs to it")) }
    }
}

#[cfg(test)]
mod tests;

//! TLS by hand: records and the messages of a server in the clear (RFC 5246 6.2.1, 7.4), as large and wrong as is wanted.

/// In as many records as it takes.
pub(crate) fn records(kind: u8, content: &[u8]) -> Vec<u8> {
    content.chunks(1 << 14).flat_map(|piece| [&[kind, 3, 3][..], &counted(2, piece)].concat()).collect()
}

/// After its length in so many octets; where that does not fit, after its lowest octets.
pub(crate) fn counted(octets: usize, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    [&length[length.len() - octets..], content].concat()
}

pub(crate) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &counted(3, body)].concat()
}

/// TLS 1.2 with a suite of today, or TLS 1.0 with one of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    Today,
    Old,
}

pub(crate) fn server_hello(age: Age) -> Vec<u8> {
    let (minor, suite) = match age {
        Age::Today => (3, [0xc0, 0x2f]),
        Age::Old => (1, [0, 0x2f]),
    };
    message(2, &[&[3, minor][..], &[7; 32], &[0], &suite, &[0]].concat())
}

pub(crate) fn certificates(chain: &[Vec<u8>]) -> Vec<u8> {
    message(11, &counted(3, &chain.iter().flat_map(|one| counted(3, one)).collect::<Vec<_>>()))
}

/// A key exchange as it looks; nobody signed it.
pub(crate) fn key_exchange(age: Age) -> Vec<u8> {
    match age {
        Age::Today => message(12, &[&[3, 0, 23][..], &counted(1, &[4; 65]), &[4, 1], &counted(2, &[5; 256])].concat()),
        Age::Old => Vec::new(),
    }
}

pub(crate) fn request(age: Age, issuers: &[Vec<u8>]) -> Vec<u8> {
    let signatures: &[u8] = if age == Age::Today { &[0, 2, 4, 1] } else { &[] };
    let names: Vec<u8> = issuers.iter().flat_map(|one| counted(2, one)).collect();
    message(13, &[&[1, 1], signatures, &counted(2, &names)].concat())
}

/// All that a server says before it waits for its caller.
pub(crate) fn flight(age: Age, chain: &[Vec<u8>], request: &[u8]) -> Vec<u8> {
    let parts = [server_hello(age), certificates(chain), key_exchange(age), request.to_vec(), message(14, &[])];
    records(22, &parts.concat())
}

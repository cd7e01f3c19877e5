//! The ClientHello that an old port understands (RFC 5246 7.4.1.2). Nothing here is secret or meant to protect anything.

use crate::pki::path::PeerName;

/// What servers of the years 2000 to 2020 offer with a certificate, the better ones first: ECDHE with GCM, ChaCha20 and
/// CBC; DHE; RSA key exchange; triple DES and RC4. The last one is no suite but says that renegotiation would be a
/// secure one (RFC 5746 3.3).
const SUITES: [u16; 38] = [
    0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca9, 0xcca8, 0xc023, 0xc024, 0xc027, 0xc028, 0xc009, 0xc00a, 0xc013, 0xc014,
    0x009e, 0x009f, 0x0067, 0x006b, 0x0033, 0x0039, 0x0032, 0x0038, 0x009c, 0x009d, 0x003c, 0x003d, 0x002f, 0x0035,
    0xc008, 0xc012, 0x0016, 0x0013, 0x000a, 0xc007, 0xc011, 0x0005, 0x0004, 0x00ff,
];
/// secp256r1, secp384r1, secp521r1, x25519.
const GROUPS: [u16; 4] = [23, 24, 25, 29];
/// RSA (PKCS #1) and ECDSA with SHA-256, SHA-384, SHA-512 and SHA-1, RSA-PSS, DSA with SHA-1 and SHA-256.
const SIGNATURES: [u16; 13] =
    [0x0401, 0x0403, 0x0501, 0x0503, 0x0601, 0x0603, 0x0804, 0x0805, 0x0806, 0x0201, 0x0203, 0x0202, 0x0402];

const SERVER_NAME: u16 = 0;
const SUPPORTED_GROUPS: u16 = 10;
const POINT_FORMATS: u16 = 11;
const SIGNATURE_ALGORITHMS: u16 = 13;

/// One whole record. Its version is TLS 1.0's, which whatever is older than the hello's own TLS 1.2 reads (RFC 5246 E.1).
pub(super) fn client_hello(name: &PeerName, random: &[u8; 32]) -> Vec<u8> {
    let mut extensions = Vec::new();
    if let PeerName::Dns(name) = name {
        // RFC 6066 3: a list of one name, of the kind host_name.
        extensions.extend(extension(SERVER_NAME, &counted(&[&[0], &counted(name.as_bytes())[..]].concat())));
    }
    extensions.extend(extension(SUPPORTED_GROUPS, &counted(&numbers(&GROUPS))));
    // Uncompressed ones alone.
    extensions.extend(extension(POINT_FORMATS, &[1, 0]));
    extensions.extend(extension(SIGNATURE_ALGORITHMS, &counted(&numbers(&SIGNATURES))));
    let body = [
        &[3, 3],
        &random[..],
        // No session to go on with.
        &[0],
        &counted(&numbers(&SUITES)),
        // No compression.
        &[1, 0],
        &counted(&extensions),
    ]
    .concat();
    let message = [&[1, 0], &counted(&body)[..]].concat();
    [&[22, 3, 1], &counted(&message)[..]].concat()
}

fn extension(number: u16, content: &[u8]) -> Vec<u8> {
    [&number.to_be_bytes(), &counted(content)[..]].concat()
}

/// With its length before it, in two octets. All of a hello is far shorter than these can say.
fn counted(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), content].concat()
}

fn numbers(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

//! Answers as servers give them, and as nobody should.

use super::*;

fn answer(octets: &[u8]) -> Answer {
    read(octets).unwrap()
}

#[test]
fn heads_and_bodies_are_read() {
    let answer = answer(
        b"HTTP/1.1 401 Unauthorized\r\nServer: Microsoft-HTTPAPI/2.0\r\nwww-authenticate: Negotiate\r\n\
        WWW-Authenticate: NTLM\r\nX-Other: 1\r\nContent-Length: 2\r\n\r\nab",
    );
    assert_eq!((answer.status, answer.reason.as_str(), answer.body.as_slice()), (401, "Unauthorized", &b"ab"[..]));
    assert_eq!(answer.header("server"), Some("Microsoft-HTTPAPI/2.0"));
    assert_eq!(answer.header("www-authenticate"), Some("Negotiate"));
    assert_eq!((answer.header("via"), answer.header("x-other")), (None, None));
    assert_eq!(answer.extent, Extent::Whole);
}

#[test]
fn the_end_of_a_body_is_known_as_the_protocol_says() {
    for (head, rest, body, extent) in [
        ("Content-Length: 3", "abcd", "abc", Extent::Whole),
        ("Content-Length: 3", "ab", "ab", Extent::Cut),
        ("Content-Length: 3\r\nContent-Length: 3", "abc", "abc", Extent::Whole),
        ("Content-Length: 3, 3", "abc", "abc", Extent::Whole),
        ("Content-Length: 3\r\nContent-Length: 2", "abc", "abc", Extent::Broken),
        ("Content-Length: -5", "abc", "abc", Extent::Broken),
        ("Content-Length:", "abc", "abc", Extent::Broken),
        ("Content-Length: +3", "abc", "abc", Extent::Broken),
        ("Content-Length: 99999999999999999999", "abc", "abc", Extent::Broken),
        ("Content-Length: 18446744073709551615", "abc", "abc", Extent::Cut),
        ("X: y", "abc", "abc", Extent::UntilClose),
        ("Transfer-Encoding: gzip", "abc", "abc", Extent::UntilClose),
        ("Transfer-Encoding: Chunked\r\nContent-Length: 1", "3\r\nabc\r\n0\r\n\r\n", "abc", Extent::Whole),
        ("Transfer-Encoding: gzip, chunked", "1;x=y\r\na\r\n2\r\nbc\r\n0\r\n", "abc", Extent::Whole),
        ("Transfer-Encoding: chunked", "3\r\nab", "ab", Extent::Cut),
        ("Transfer-Encoding: chunked", "3\r\nabc\r", "abc", Extent::Cut),
        ("Transfer-Encoding: chunked", "3", "", Extent::Cut),
        ("Transfer-Encoding: chunked", "3\r\nabcd\r\n", "abc", Extent::Broken),
        ("Transfer-Encoding: chunked", "\r\nabc", "", Extent::Broken),
        ("Transfer-Encoding: chunked", "zz\r\nabc", "", Extent::Broken),
        ("Transfer-Encoding: chunked", "ffffffffffffffff\r\nabc", "abc", Extent::Cut),
        ("Transfer-Encoding: chunked", "fffffffffffffffff\r\nabc", "", Extent::Broken),
        ("Transfer-Encoding: chunked", "1\r\na\r\nffffffffffffffff\r\nb", "ab", Extent::Cut),
    ] {
        let octets = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{rest}");
        let answer = answer(octets.as_bytes());
        assert_eq!((answer.body.as_slice(), answer.extent), (body.as_bytes(), extent), "{head}: {rest}");
        let enough = matches!(extent, Extent::Whole | Extent::Broken);
        assert_eq!(is_enough(octets.as_bytes()), enough, "{head}: {rest}");
    }
    for status in ["204", "304", "101"] {
        let octets = format!("HTTP/1.1 {status} x\r\n\r\nmore");
        let answer = answer(octets.as_bytes());
        assert!(answer.body.is_empty() && answer.extent == Extent::Whole, "{status}");
    }
}

#[test]
fn what_comes_before_the_answer_is_passed_over() {
    let before = "HTTP/1.1 100 Continue\r\n\r\n";
    let after = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(answer(format!("{before}{before}{after}").as_bytes()).status, 200);
    assert_eq!(read(before.as_bytes()), Err(NotRead::Cut));
    assert!(!is_enough(before.as_bytes()));
    assert_eq!(read(before.repeat(1000).as_bytes()), Err(NotRead::NotHttp));
}

#[test]
fn what_is_no_answer_is_told() {
    for octets in
        [&b"SSH-2.0-OpenSSH_9\r\n"[..], b"\0\0\x12\x04\0\0\0\0\0", b"HTTP/2 200\r\n\r\n", b"HTTP/1.1 2x0 OK\r\n"]
    {
        assert_eq!(read(octets), Err(NotRead::NotHttp), "{octets:?}");
        assert!(is_enough(octets));
    }
    for octets in [&b""[..], b"HT", b"HTTP/1.1 4"] {
        assert_eq!(read(octets), Err(NotRead::Cut), "{octets:?}");
        assert!(!is_enough(octets));
    }
}

#[test]
fn of_a_head_that_goes_wrong_the_status_is_kept() {
    let cut = answer(b"HTTP/1.1 403 Forbidden\r\nServer: x");
    assert_eq!((cut.status, cut.extent, cut.header("server")), (403, Extent::Cut, None));
    let headers = "A: b\r\n".repeat(MOST_HEADERS + 1);
    let many = answer(format!("HTTP/1.1 403 Forbidden\r\n{headers}\r\n").as_bytes());
    assert_eq!((many.status, many.extent), (403, Extent::Broken));
    let endless = format!("HTTP/1.1 403 Forbidden\r\nA: {}", "b".repeat(MOST));
    assert_eq!((answer(endless.as_bytes()).status, answer(endless.as_bytes()).extent), (403, Extent::Broken));
    assert!(is_enough(&endless.as_bytes()[..MOST_OF_HEAD]));
    let long = answer(format!("HTTP/1.1 200 OK\r\nServer: {}\r\n\r\n", "ü".repeat(1000)).as_bytes());
    assert_eq!(long.header("server").unwrap().chars().count(), LONGEST);
}

#[test]
fn nothing_is_read_beyond_the_bound() {
    for head in ["Content-Length: 1000000", "Connection: close"] {
        let octets = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{}", "x".repeat(4 * MOST));
        assert!(answer(octets.as_bytes()).body.len() < MOST);
        assert!(is_enough(octets.as_bytes()));
    }
    let chunks = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}", "1\r\nx\r\n".repeat(MOST));
    assert!(answer(chunks.as_bytes()).body.len() < MOST / 6);
}

/// Nothing panics, and what is there never grows.
#[test]
fn no_cut_and_no_flipped_octet_does_harm() {
    let whole = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nVia: 1.1 x\r\n\r\n\
        5\r\n{\"a\":\r\n2;q\r\n1}\r\n0\r\n\r\n";
    assert_eq!(answer(whole).body, b"{\"a\":1}");
    for length in 0..whole.len() {
        let enough = is_enough(&whole[..length]);
        assert!(!enough || length >= whole.len() - 4, "{length}");
        for flip in [1, 0x10, 0x80, 0xff] {
            let mut octets = whole.to_vec();
            octets[length] ^= flip;
            if let Ok(answer) = read(&octets) {
                assert!(answer.body.len() <= octets.len());
            }
            is_enough(&octets);
            drop(read(&octets[..length]));
        }
    }
}

//! Known texts are found in any encoding, however the log is cut, and nowhere else.

use super::*;
use time::macros::datetime;

static TEXTS: [KnownText; 4] = [
    known("leaf", &["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unable to verify the first certificate"], Precision::Exact),
    known("other-root", &["is invalid because it was not signed correctly by 'CN=*-CA'"], Precision::Exact),
    known("untrusted", &["403.16"], Precision::Exact),
    known("general", &["verify failed"], Precision::General),
];

const fn known(name: &'static str, texts: &'static [&'static str], precision: Precision) -> KnownText {
    KnownText { name, texts, precision, program: "a program", cause: "", fix: "", command: "", rules: &[], source: "" }
}

fn scan(log: &[u8], size: usize) -> Vec<(&'static str, u64, u64, String)> {
    let mut scanner = Scanner::new(TEXTS.iter());
    for piece in log.chunks(size) {
        scanner.feed(piece);
    }
    scanner.finish().found.into_iter().map(|s| (s.text.name, s.lines, s.first_line, s.excerpt)).collect()
}

const LOG: &str = "all is well\n\
    code: 'unable_to_verify_LEAF_signature' verify failed\r\n\
    verify failed: x403.167 upwards\n\
    'CN=Q' Is Invalid because it was not signed correctly by \"CN=qlik1.corp-CA\". 403.16\n\
    Unable to verify the first certificate: unable to verify the first certificate\n";

#[test]
fn texts_are_found_once_with_their_lines() {
    let expected = [
        ("leaf", 2, 2, "code: 'unable_to_verify_LEAF_signature' verify failed"),
        ("general", 1, 3, "verify failed: x403.167 upwards"),
        ("other-root", 1, 4, "'CN=Q' Is Invalid because it was not signed correctly by \"CN=qlik1.corp-CA\". 403.16"),
        ("untrusted", 1, 4, "'CN=Q' Is Invalid because it was not signed correctly by \"CN=qlik1.corp-CA\". 403.16"),
    ];
    let utf16: Vec<u8> = LOG.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for log in [LOG.as_bytes(), &[b"\xff\xfe", &utf16[..]].concat(), &utf16] {
        for size in [1, 7, 1000] {
            let found = scan(log, size);
            assert!(found.iter().map(|(a, b, c, d)| (*a, *b, *c, d.as_str())).eq(expected), "{found:#?}");
        }
    }
}

#[test]
fn parts_stand_in_order_on_one_line() {
    let begins = "is invalid because it was not signed correctly by 'CN=";
    for (log, is_it) in [
        (format!("{begins}{}-CA'", "x".repeat(3 * WINDOW)), true),
        (format!("{begins}\n-CA'"), false),
        (format!("-CA' {begins}"), false),
        (format!("{begins}-CA"), false),
        (format!("{begins}\n{begins}a-CA'"), true),
    ] {
        assert_eq!(!scan(log.as_bytes(), WINDOW).is_empty(), is_it, "{}", &log[..80.min(log.len())]);
    }
}

#[test]
fn a_text_across_two_pieces_is_found_with_its_surroundings() {
    for shift in 0..200 {
        let log = format!("{} before 403.16 after\n", "x".repeat(WINDOW - shift));
        let found = scan(log.as_bytes(), WINDOW);
        assert_eq!(found.len(), 1, "{shift}");
        let (_, lines, first, excerpt) = &found[0];
        assert_eq!((*lines, *first), (1, 1));
        assert!(excerpt.starts_with("…x") && excerpt.ends_with(" before 403.16 after"), "{excerpt}");
    }
}

/// First and last time of `403.16`, and the last line of the log.
fn times(log: &str, size: usize) -> ([Option<time::OffsetDateTime>; 3], u64) {
    let mut scanner = Scanner::new(TEXTS.iter());
    for piece in log.as_bytes().chunks(size) {
        scanner.feed(piece);
    }
    let scan = scanner.finish();
    let sighting = &scan.found[0];
    assert_eq!(sighting.text.name, "untrusted");
    let times = [sighting.first_time, sighting.last_time, scan.last_time];
    (times.map(|stamp| stamp.map(|stamp| stamp.time)), sighting.last_line)
}

#[test]
fn the_times_are_those_of_the_lines_however_the_log_is_cut() {
    let (one, two, three) =
        (datetime!(2024-05-19 11:55:49 +2), datetime!(2024-05-20 11:55:49 +2), datetime!(2024-05-21 11:55:49 +2));
    for padding in [0, 100, 5000, WINDOW - 40, WINDOW, 3 * WINDOW] {
        let padded = "x".repeat(padding);
        let log = format!(
            "Sequence#\tTimestamp\n1\t20240519T115549.898+0200\t{padded} 403.16\n2\t20240520T115549.898+0200\tERROR\n\
             at somewhere\n403.16 {padded}\n{padded}\n3\t20240521T115549.898+0200\t{}\n\n",
            "x".repeat(padding.min(4000))
        );
        for size in [61, 4096, WINDOW, 10 * WINDOW] {
            assert_eq!(times(&log, size), ([Some(one), Some(two), Some(three)], 5), "{padding} {size}");
        }
    }
    assert_eq!(times("403.16\n", 3), ([None; 3], 1));
}

#[test]
fn a_long_trace_has_the_time_of_its_error_wherever_the_log_is_cut() {
    let trace = "   at Qlik.Sense.Something.Else()\r\n".repeat(80);
    let expected = Some(datetime!(2024-05-19 11:55:49 +2));
    for shift in (0..WINDOW + BEFORE).step_by(1009) {
        let before = "y".repeat(shift);
        let log = format!("{before}\n1\t20240519T115549.898+0200\tERROR\tx\r\n{trace}403.16\n{trace}403.16\n");
        for size in [1000, WINDOW] {
            assert_eq!(times(&log, size).0, [expected; 3], "{shift} {size}");
        }
    }
}

#[test]
fn excerpts_are_short_and_whole_characters() {
    let log = format!("{}403.16{}", "é".repeat(200), "é".repeat(200));
    let (_, _, _, excerpt) = &scan(log.as_bytes(), 1000)[0];
    assert!(excerpt.chars().count() < SHOWN_BEFORE + AFTER);
    assert!(!excerpt.contains('\u{fffd}'), "{excerpt}");
}

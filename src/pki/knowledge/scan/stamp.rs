//! The time at the head of a log's line, and whose time a line without one has.
//!
//! Qlik writes `YYYYMMDDThhmmss.fffK` in the second column (Qlik help, trace logs, common fields; seen as
//! `20240519T115549.898+0200` in butler-sos#805). Other logs write ISO 8601 with hyphens, with or without a zone. A line
//! without a stamp, as of a stack trace, is of the time of the one above it. Reads no clock.

use time::macros::format_description;
use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

/// So much of a line is looked at for its stamp.
const HEAD: usize = 160;
/// And so much of the log above it.
pub(super) const LOOK_BACK: usize = 4096;

/// When a line was written, by its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// In the zone of the log; in UTC where it says none.
    pub time: OffsetDateTime,
    pub has_zone: bool,
}

impl Stamp {
    /// ISO 8601, without a zone where the log says none.
    pub fn iso(self) -> String {
        let whole = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
        let zone = format_description!("[offset_hour sign:mandatory]:[offset_minute]");
        // It was read from such digits, and can be written.
        let zone = if self.has_zone { self.time.format(zone).unwrap_or_default() } else { String::new() };
        format!("{}{zone}", self.time.format(whole).unwrap_or_default())
    }

    /// For a person, who looks for it in the log.
    pub fn told(self) -> String {
        let zone =
            if self.has_zone { format_description!(" [offset_hour sign:mandatory]:[offset_minute]") } else { &[] };
        let whole = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
        format!("{}{}", self.time.format(whole).unwrap_or_default(), self.time.format(zone).unwrap_or_default())
    }
}

/// A part of the log, and where it begins in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) octets: &'a [u8],
    pub(super) offset: usize,
}

/// Whose stamp was found last: from there upward nobody looks twice.
#[derive(Debug, Clone, Default)]
pub(super) struct Stamps {
    found: Option<(usize, Option<Stamp>)>,
}

impl Stamps {
    /// Of the line that begins at `line_start` of the log; nothing from `until` on is looked at.
    pub(super) fn of_line(&mut self, part: Part<'_>, line_start: usize, until: usize) -> Option<Stamp> {
        if self.found.is_some_and(|(found, _)| found == line_start) {
            return self.known(line_start);
        }
        let stamp = part.stamp(line_start, until).or_else(|| self.above(part, line_start));
        self.found = Some((line_start, stamp));
        stamp
    }

    /// The same, of the line that was asked for last.
    pub(super) fn known(&self, line_start: usize) -> Option<Stamp> {
        self.found.filter(|(found, _)| *found == line_start).and_then(|(_, stamp)| stamp)
    }

    fn above(&self, part: Part<'_>, line_start: usize) -> Option<Stamp> {
        let floor = line_start.saturating_sub(LOOK_BACK).max(part.offset);
        let mut below = line_start;
        while below > floor {
            let lines = part.octets.get(floor - part.offset..below - part.offset - 1)?;
            let begin = match lines.iter().rposition(|octet| *octet == b'\n') {
                Some(at) => floor + at + 1,
                None if floor == 0 => 0,
                None => return None,
            };
            match self.found {
                Some((found, stamp)) if found == begin => return stamp,
                _ => {}
            }
            let stamp = part.stamp(begin, below);
            if stamp.is_some() {
                return stamp;
            }
            below = begin;
        }
        None
    }
}

impl Part<'_> {
    fn stamp(self, line_start: usize, until: usize) -> Option<Stamp> {
        let begin = line_start.checked_sub(self.offset)?;
        let end = until.saturating_sub(self.offset).min(begin + HEAD).min(self.octets.len());
        let head = self.octets.get(begin..end)?;
        stamp(head.split(|octet| *octet == b'\n').next()?)
    }
}

/// The first stamp in the text.
fn stamp(text: &[u8]) -> Option<Stamp> {
    let mut before = None;
    for (at, octet) in text.iter().enumerate() {
        let begins = octet.is_ascii_digit() && !before.is_some_and(|octet: u8| octet.is_ascii_alphanumeric());
        before = Some(*octet);
        if begins && let Some(stamp) = text.get(at..).and_then(stamp_at) {
            return Some(stamp);
        }
    }
    None
}

fn stamp_at(text: &[u8]) -> Option<Stamp> {
    let mut rest = Rest(text);
    let year = rest.number(4)?;
    let hyphens = rest.skip(b"-");
    let month = rest.number(2)?;
    if hyphens && !rest.skip(b"-") {
        return None;
    }
    let day = rest.number(2)?;
    // Without hyphens a space would let other numbers pass.
    if !rest.skip(if hyphens { b"T " } else { b"T" }) {
        return None;
    }
    let hour = rest.number(2)?;
    let colons = rest.skip(b":");
    let minute = rest.number(2)?;
    if colons != hyphens || (colons && !rest.skip(b":")) {
        return None;
    }
    let second = rest.number(2)?;
    if rest.skip(b".,") {
        while rest.skip(b"0123456789") {}
    }
    let zone = rest.zone();
    if rest.0.first().is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()?;
    let [hour, minute, second] = [hour, minute, second].map(|number| u8::try_from(number).unwrap_or(u8::MAX));
    let time = Time::from_hms(hour, minute, second).ok()?;
    let offset = zone.unwrap_or(UtcOffset::UTC);
    Some(Stamp { time: date.with_time(time).assume_offset(offset), has_zone: zone.is_some() })
}

struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn number(&mut self, digits: usize) -> Option<u16> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        let mut value = 0;
        for digit in number {
            value = value * 10 + u16::from(digit.checked_sub(b'0').filter(|digit| *digit < 10)?);
        }
        self.0 = rest;
        Some(value)
    }

    fn skip(&mut self, any: &[u8]) -> bool {
        match self.0 {
            [first, rest @ ..] if any.contains(first) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// `Z`, `+0200`, `+02:00` or `+02`.
    fn zone(&mut self) -> Option<UtcOffset> {
        if self.skip(b"Z") {
            return Some(UtcOffset::UTC);
        }
        let east = match self.0.first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let mut zone = Rest(self.0.get(1..)?);
        let hours = i8::try_from(zone.number(2)?).ok()?;
        zone.skip(b":");
        let minutes = zone.number(2).and_then(|minutes| i8::try_from(minutes).ok()).unwrap_or_default();
        let offset = UtcOffset::from_hms(east * hours, east * minutes, 0).ok()?;
        self.0 = zone.0;
        Some(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn stamps_are_read_in_each_form() {
        for (line, expected) in [
            ("12\t20240519T115549.898+0200\tWARN\thost", Some((datetime!(2024-05-19 11:55:49 +2), true))),
            ("12\t20240519T115549.898-03:30\tWARN", Some((datetime!(2024-05-19 11:55:49 -3:30), true))),
            ("12345678\t12.1.3\t20240519T115549Z\tWARN", Some((datetime!(2024-05-19 11:55:49 UTC), true))),
            ("{\"time\":\"2024-05-19T11:55:49.898Z\",\"level\"", Some((datetime!(2024-05-19 11:55:49 UTC), true))),
            ("2024-05-19 11:55:49,898 ERROR", Some((datetime!(2024-05-19 11:55:49 UTC), false))),
            ("[2024-05-19 11:55:49] x", Some((datetime!(2024-05-19 11:55:49 UTC), false))),
            ("2024-05-19 11:55:49 +01", Some((datetime!(2024-05-19 11:55:49 UTC), false))),
            ("2024-13-19 11:55:49", None),
            ("2024-02-30 11:55:49", None),
            ("20240519 115549", None),
            ("20240519T115549abc", None),
            ("x20240519T115549", None),
            ("120240519T115549", None),
            ("2024-05-19T115549", None),
            ("20240519T11:55:49", None),
            ("20240519T1155", None),
            ("20240519T250000Z", None),
            ("20240519T115549+9900", Some((datetime!(2024-05-19 11:55:49 UTC), false))),
            ("", None),
        ] {
            let found = stamp(line.as_bytes()).map(|stamp| (stamp.time, stamp.has_zone));
            assert_eq!(found, expected, "{line}");
        }
    }

    fn of_last_line(log: &str) -> Option<OffsetDateTime> {
        let part = Part { octets: log.as_bytes(), offset: 0 };
        let start = log.rfind('\n').map_or(0, |at| at + 1);
        Stamps::default().of_line(part, start, log.len()).map(|stamp| stamp.time)
    }

    #[test]
    fn a_line_without_a_stamp_has_the_one_above() {
        let begin = "1\t20240519T115549Z\terror\n";
        let expected = Some(datetime!(2024-05-19 11:55:49 UTC));
        assert_eq!(of_last_line(&format!("{begin}   at x\r\n\n\n   at y")), expected);
        assert_eq!(of_last_line(&format!("Sequence#\tTimestamp\n{begin}at x")), expected);
        assert_eq!(of_last_line("header\nat x"), None);
        assert_eq!(of_last_line(""), None);
        assert_eq!(of_last_line(&format!("{begin}{}\nat y", "x".repeat(LOOK_BACK))), None);
    }

    #[test]
    fn nobody_looks_above_what_is_known() {
        let log = "20240519T115549Z\nat x\nat y";
        let mut stamps = Stamps { found: Some((17, None)) };
        assert_eq!(stamps.of_line(Part { octets: log.as_bytes(), offset: 0 }, 22, log.len()), None);
    }
}

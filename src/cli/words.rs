//! Dates, spans, counts and sizes in words for people. Pure: the time and the zone are arguments.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, UtcOffset};

/// A day in the reader's zone: `2030-12-31`.
pub(super) fn day(time: OffsetDateTime, offset: UtcOffset) -> String {
    let local = time.checked_to_offset(offset).unwrap_or(time);
    local.format(format_description!("[year]-[month]-[day]")).unwrap_or_default()
}

/// A time for programs: RFC 3339.
pub(super) fn rfc3339(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_default()
}

/// How far `time` lies from `at`: `in 212 days`, `3 years ago`, `in 40 minutes`, `now`.
pub(super) fn relative(at: OffsetDateTime, time: OffsetDateTime) -> String {
    let span = span(at, time);
    if time > at {
        format!("in {span}")
    } else if span == MOMENT {
        "now".to_owned()
    } else {
        format!("{span} ago")
    }
}

const MOMENT: &str = "less than a minute";

/// The time between two moments, as coarse as people count it: up to two days in hours, up to two years in days,
/// then in calendar years and months.
pub(super) fn span(one: OffsetDateTime, other: OffsetDateTime) -> String {
    let (from, to) = if one <= other { (one, other) } else { (other, one) };
    let length = to - from;
    if length < Duration::MINUTE {
        return MOMENT.to_owned();
    }
    if length < Duration::hours(2) {
        return count(length.whole_minutes(), "minute");
    }
    if length < Duration::days(2) {
        return count(length.whole_hours(), "hour");
    }
    let months = whole_months(from, to);
    if months < 24 {
        return count(length.whole_days(), "day");
    }
    let years = count(months / 12, "year");
    if months % 12 == 0 { years } else { format!("{years} {}", count(months % 12, "month")) }
}

/// The span, and its days where it is counted in years: `8 years 6 months (3121 days)`.
pub(super) fn span_with_days(one: OffsetDateTime, other: OffsetDateTime) -> String {
    let span = span(one, other);
    if !span.contains("year") {
        return span;
    }
    format!("{span} ({})", count((other - one).abs().whole_days(), "day"))
}

fn whole_months(from: OffsetDateTime, to: OffsetDateTime) -> i64 {
    let to = to.checked_to_offset(from.offset()).unwrap_or(to);
    let months = |time: OffsetDateTime| i64::from(time.year()) * 12 + i64::from(u8::from(time.month()));
    let begun = (to.day(), to.time()) < (from.day(), from.time());
    months(to) - months(from) - i64::from(begun)
}

/// `1 certificate`, `2 certificates`.
pub(super) fn count(number: impl TryInto<i64>, thing: &str) -> String {
    let number = number.try_into().unwrap_or(i64::MAX);
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// `812 bytes`, `1.7 KiB`, `20.0 MiB`.
pub(super) fn size(bytes: usize) -> String {
    let tenths = |unit: usize| {
        let tenths = (bytes.saturating_mul(10).saturating_add(unit / 2)) / unit;
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    match bytes {
        0..1024 => count(bytes, "byte"),
        1024..0x10_0000 => format!("{} KiB", tenths(1024)),
        _ => format!("{} MiB", tenths(0x10_0000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{datetime, offset};

    #[test]
    fn times_are_told_as_people_tell_them() {
        let at = datetime!(2026-11-21 12:00 UTC);
        let cases = [
            (datetime!(2026-11-21 12:00:30 UTC), "in less than a minute"),
            (at, "now"),
            (datetime!(2026-11-21 11:59:40 UTC), "now"),
            (datetime!(2026-11-21 12:01 UTC), "in 1 minute"),
            (datetime!(2026-11-21 13:59 UTC), "in 119 minutes"),
            (datetime!(2026-11-20 13:00 UTC), "23 hours ago"),
            (datetime!(2026-11-23 12:00 UTC), "in 2 days"),
            (datetime!(2027-06-21 12:00 UTC), "in 212 days"),
            (datetime!(2028-11-20 12:00 UTC), "in 730 days"),
            (datetime!(2028-11-21 12:00 UTC), "in 2 years"),
            (datetime!(2028-12-20 12:00 UTC), "in 2 years"),
            (datetime!(2035-06-01 12:00 UTC), "in 8 years 6 months"),
            (datetime!(2023-10-21 12:00 UTC), "3 years 1 month ago"),
            (datetime!(2023-11-21 12:00 +02:00), "3 years ago"),
        ];
        for (time, words) in cases {
            assert_eq!(relative(at, time), words, "{time}");
        }
        assert_eq!(span_with_days(at, datetime!(2035-06-01 12:00 UTC)), "8 years 6 months (3114 days)");
        assert_eq!(span_with_days(at, datetime!(2026-11-25 12:00 UTC)), "4 days");
    }

    #[test]
    fn the_day_is_the_readers() {
        let late = datetime!(2026-11-21 23:30 UTC);
        assert_eq!((day(late, UtcOffset::UTC), day(late, offset!(+1))), ("2026-11-21".into(), "2026-11-22".into()));
    }

    #[test]
    fn numbers_and_lists() {
        assert_eq!((count(1, "file"), count(0, "file")), ("1 file".to_owned(), "0 files".to_owned()));
        assert_eq!(
            [list::<&str>(&[]), list(&["a"]), list(&["a", "b"]), list(&["a", "b", "c"])],
            ["", "a", "a and b", "a, b and c"]
        );
        assert_eq!([size(1), size(1023), size(1740), size(20 << 20)], ["1 byte", "1023 bytes", "1.7 KiB", "20.0 MiB"]);
        assert_eq!(size(usize::MAX).split('.').count(), 2);
    }
}

//! The ledger's seconds as days and times, without a detour: a list has hundreds of thousands of them.

use crate::cli::words::{day, rfc3339};
use time::{OffsetDateTime, UtcOffset};

pub(super) fn time_of(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// `2030-12-31` in the reader's zone.
pub(super) fn push_day(text: &mut String, seconds: i64, offset: UtcOffset) {
    let time = time_of(seconds);
    let local = time.checked_to_offset(offset).unwrap_or(time);
    if !push_date(text, local) {
        text.push_str(&day(time, offset));
    }
}

/// RFC 3339, for programs.
pub(super) fn timestamp(seconds: i64) -> String {
    let time = time_of(seconds);
    let mut text = String::with_capacity("2030-12-31T23:59:59Z".len());
    if !push_date(&mut text, time) {
        return rfc3339(time);
    }
    text.push('T');
    push_two(&mut text, time.hour());
    text.push(':');
    push_two(&mut text, time.minute());
    text.push(':');
    push_two(&mut text, time.second());
    text.push('Z');
    text
}

/// False, and nothing done, where the year has not four digits.
fn push_date(text: &mut String, time: OffsetDateTime) -> bool {
    let (year, month, day) = time.to_calendar_date();
    let Some(year) = u16::try_from(year).ok().filter(|year| (1000..=9999).contains(year)) else { return false };
    for pair in [year / 100, year % 100] {
        push_two(text, u8::try_from(pair).unwrap_or_default());
    }
    text.push('-');
    push_two(text, month.into());
    text.push('-');
    push_two(text, day);
    true
}

fn push_two(text: &mut String, number: u8) {
    text.push(char::from(b'0' + number / 10 % 10));
    text.push(char::from(b'0' + number % 10));
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{datetime, offset};

    #[test]
    fn as_the_words_are() {
        let times = [
            datetime!(2026-11-22 23:30:05 UTC),
            datetime!(1970-01-01 00:00 UTC),
            datetime!(2000-02-29 12:34:56 UTC),
            datetime!(9999-12-31 23:59:59 UTC),
            datetime!(1000-01-01 00:00 UTC),
            datetime!(0999-12-31 23:59:59 UTC),
            datetime!(0001-01-01 00:00 UTC),
        ];
        for time in times {
            let seconds = time.unix_timestamp();
            assert_eq!(timestamp(seconds), rfc3339(time));
            for offset in [UtcOffset::UTC, offset!(+5:30), offset!(-12)] {
                let mut told = String::new();
                push_day(&mut told, seconds, offset);
                assert_eq!(told, day(time, offset));
            }
        }
    }
}

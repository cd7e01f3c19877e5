//! Dates for people, in their zone, and how far away they are. The clock is the caller's.

use super::super::words;
use super::text::escape;
use crate::pki::certificate::Certificate;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

/// When the report looks, and in which zone its reader lives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calendar {
    pub(super) at: OffsetDateTime,
    pub(super) offset: UtcOffset,
}

/// Whether a certificate holds at the time of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Yes,
    Expired,
    NotYet,
}

impl Holds {
    pub(super) fn new(certificate: &Certificate, at: OffsetDateTime) -> Self {
        if at > certificate.not_after() {
            Self::Expired
        } else if at < certificate.not_before() {
            Self::NotYet
        } else {
            Self::Yes
        }
    }
}

impl Calendar {
    /// `2026-11-21`.
    pub(super) fn day(self, time: OffsetDateTime) -> String {
        words::day(time, self.offset)
    }

    /// `2026-11-21 12:00 +01:00`, with the exact time for machines.
    pub(super) fn moment(self, time: OffsetDateTime) -> String {
        let local = time.checked_to_offset(self.offset).unwrap_or(time);
        let form =
            format_description!("[year]-[month]-[day] [hour]:[minute] [offset_hour sign:mandatory]:[offset_minute]");
        let exact = time.format(&Rfc3339).unwrap_or_default();
        format!("<time datetime=\"{}\">{}</time>", escape(&exact), escape(&local.format(form).unwrap_or_default()))
    }

    /// `in 212 days`, `12 days ago`.
    pub(super) fn distance(self, time: OffsetDateTime) -> String {
        words::relative(self.at, time)
    }

    /// `ends in 212 days`, `expired`, `not valid yet`.
    pub(super) fn state_in_short(self, certificate: &Certificate) -> String {
        match Holds::new(certificate, self.at) {
            Holds::Yes => format!("ends {}", self.distance(certificate.not_after())),
            Holds::Expired => "expired".to_owned(),
            Holds::NotYet => "not valid yet".to_owned(),
        }
    }

    /// `ends in 212 days`, `expired 12 days ago`, `begins in 3 days`.
    pub(super) fn state(self, certificate: &Certificate) -> String {
        match Holds::new(certificate, self.at) {
            Holds::Yes => format!("ends {}", self.distance(certificate.not_after())),
            Holds::Expired => format!("expired {}", self.distance(certificate.not_after())),
            Holds::NotYet => format!("begins {}", self.distance(certificate.not_before())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{datetime, offset};

    #[test]
    fn a_moment_is_the_readers_and_exact() {
        let calendar = Calendar { at: datetime!(2026-11-21 12:00 UTC), offset: offset!(+1) };
        assert!(calendar.moment(calendar.at).contains("datetime=\"2026-11-21T12:00:00Z\">2026-11-21 13:00 +01:00<"));
    }
}

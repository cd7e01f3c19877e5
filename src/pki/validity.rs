//! `Validity`: from when until when a certificate holds, in whole seconds. The clock is the caller's.

use time::{Date, Duration, Month, OffsetDateTime, UtcOffset};

/// Qlik dates every certificate back by seven days (32 of 32 observed), so ordinary clock skew does no harm.
const BACK_DATED: Duration = Duration::days(7);
/// Ten calendar years from its making, same time of day (32 of 32 observed).
const YEARS: i32 = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValidityError {
    #[error("the last day is not after the first")]
    Order,
    #[error("the certificate would already be expired")]
    Expired,
    #[error("a date lies outside the years 1950 to 9999")]
    Range,
}

impl ValidityError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Order => "give a last day that lies after the first one",
            Self::Expired => "give a last day that lies in the future",
            Self::Range => "give dates from 1950 on and before the year 10000 (RFC 5280)",
        }
    }
}

impl Validity {
    /// Both ends in UTC, cut to whole seconds. A certificate's dates cannot say less than 1950 or more than 9999
    /// (RFC 5280 4.1.2.5).
    pub fn new(not_before: OffsetDateTime, not_after: OffsetDateTime) -> Result<Self, ValidityError> {
        let whole = |time: OffsetDateTime| time.checked_to_offset(UtcOffset::UTC)?.replace_nanosecond(0).ok();
        let (Some(not_before), Some(not_after)) = (whole(not_before), whole(not_after)) else {
            return Err(ValidityError::Range);
        };
        if not_before.year() < 1950 || not_after.year() > 9999 {
            return Err(ValidityError::Range);
        }
        if not_after <= not_before {
            return Err(ValidityError::Order);
        }
        Ok(Self { not_before, not_after })
    }

    /// Qlik's own: seven days back, ten years ahead.
    pub fn qlik(now: OffsetDateTime) -> Result<Self, ValidityError> {
        Self::chosen(now, None, None)
    }

    /// Qlik's own, but for what a person chose.
    pub fn chosen(
        now: OffsetDateTime,
        not_before: Option<OffsetDateTime>,
        not_after: Option<OffsetDateTime>,
    ) -> Result<Self, ValidityError> {
        let not_before = not_before.unwrap_or(now - BACK_DATED);
        let not_after = match not_after {
            Some(chosen) => chosen,
            None => ten_years_after(now).ok_or(ValidityError::Range)?,
        };
        if not_after <= now {
            return Err(ValidityError::Expired);
        }
        Self::new(not_before, not_after)
    }

    pub fn not_before(&self) -> OffsetDateTime {
        self.not_before
    }

    pub fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }

    pub fn contains(&self, time: OffsetDateTime) -> bool {
        self.not_before <= time && time <= self.not_after
    }

    /// The same, beginning no earlier and ending no later than `other`.
    pub fn within(&self, other: &Self) -> Result<Self, ValidityError> {
        Self::new(self.not_before.max(other.not_before), self.not_after.min(other.not_after))
    }
}

/// 29 February becomes 28 February where there is none, as .NET's `AddYears` does.
fn ten_years_after(now: OffsetDateTime) -> Option<OffsetDateTime> {
    let year = now.year() + YEARS;
    let date = Date::from_calendar_date(year, now.month(), now.day())
        .or_else(|_| Date::from_calendar_date(year, Month::February, 28))
        .ok()?;
    Some(now.replace_date(date))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn qliks_validity() {
        let validity = Validity::qlik(datetime!(2026-11-21 13:14:15.678 UTC)).unwrap();
        assert_eq!(validity.not_before(), datetime!(2026-11-14 13:14:15 UTC));
        assert_eq!(validity.not_after(), datetime!(2036-11-21 13:14:15 UTC));
        let leap = Validity::qlik(datetime!(2028-02-29 00:00 UTC)).unwrap();
        assert_eq!(leap.not_after(), datetime!(2038-02-28 00:00 UTC));
    }

    #[test]
    fn impossible_dates_are_refused() {
        let now = datetime!(2026-11-21 00:00 UTC);
        assert_eq!(Validity::chosen(now, None, Some(now)), Err(ValidityError::Expired));
        let later = now + Duration::days(2);
        assert_eq!(Validity::chosen(now, Some(later), Some(later)), Err(ValidityError::Order));
        assert_eq!(Validity::qlik(datetime!(9995-01-01 00:00 UTC)), Err(ValidityError::Range));
    }

    #[test]
    fn a_leaf_ends_with_its_root() {
        let root = Validity::qlik(datetime!(2020-01-01 00:00 UTC)).unwrap();
        let leaf = Validity::qlik(datetime!(2026-01-01 00:00 UTC)).unwrap();
        assert_eq!(leaf.within(&root).unwrap().not_after(), root.not_after());
        assert_eq!(leaf.within(&root).unwrap().not_before(), leaf.not_before());
        assert_eq!(root.within(&leaf).unwrap().not_before(), leaf.not_before());
        assert_eq!(leaf.within(&leaf).unwrap(), leaf);
    }
}

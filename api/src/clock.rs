//! The clock: the one place where now and today come from.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::London;

/// Tells the time, or one moment for ever.
#[derive(Debug, Clone, Copy, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    System,
    /// Always this moment: for tests and demonstrations.
    Fixed(DateTime<Utc>),
}

impl Clock {
    /// The moment.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the edge where the time enters"
    )]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Fixed(moment) => *moment,
        }
    }

    /// The day in England.
    pub fn today(&self) -> NaiveDate {
        self.now().with_timezone(&London).date_naive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_the_one_in_london() {
        let moment = DateTime::from_timestamp(1_782_860_400, 0).map(Clock::Fixed);
        // 2026-06-30 23:00 UTC is 1 July in British Summer Time.
        assert_eq!(
            moment.map(|clock| clock.today().to_string()),
            Some("2026-07-01".to_owned())
        );
    }
}

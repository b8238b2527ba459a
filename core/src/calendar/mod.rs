//! Time as policies count it: working days of England and Wales, calendar offsets, sitting patterns, clock-time cut-offs.
//!
//! All functions are pure; the day asked about always comes in as an argument.

pub mod bank_holidays;
pub mod cut_off;
pub mod london;
pub mod offset;
pub mod pattern;
pub mod period;
pub mod working_days;

pub use cut_off::CutOff;
pub use offset::{Offset, Unit};
pub use pattern::{OnBankHoliday, Pattern, Weekday};
pub use period::Period;

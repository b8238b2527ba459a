//! Codes and times of day as columns hold them.

use chrono::NaiveTime;
use permanence_core::Code;

use super::StoreError;

/// A code from its column.
pub(super) fn code(text: String) -> Result<Code, StoreError> {
    Code::new(text).map_err(|_| StoreError::Corrupt("a code"))
}

/// A time of day from its column.
pub(super) fn time(text: &str) -> Result<NaiveTime, StoreError> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| StoreError::Corrupt("a time of day"))
}

/// A time of day for its column.
pub(super) fn time_text(time: NaiveTime) -> String {
    time.format("%H:%M").to_string()
}

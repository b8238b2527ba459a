//! A member of a merge patch: absent, null, or a value.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use validator::{ValidateLength, ValidateRange, ValidateRegex};

/// What a merge patch (RFC 7396) says of one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Nothing: it stays as it is.
    #[default]
    Absent,
    /// It is cleared.
    Null,
    /// It becomes this.
    Value(T),
}

impl<T> Patch<T> {
    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Whether it says anything.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// What the member is afterwards.
    pub fn apply(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Absent => current,
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }

    /// For a store: `None` keeps, `Some(None)` clears, `Some(Some(value))` sets.
    pub fn into_change(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

/// Only for validator, which keeps the value that it complains of; problems leave it there.
impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<T: ValidateLength<u64>> ValidateLength<u64> for Patch<T> {
    fn length(&self) -> Option<u64> {
        self.value().and_then(ValidateLength::length)
    }
}

impl<N, T: ValidateRange<N>> ValidateRange<N> for Patch<T> {
    fn greater_than(&self, max: N) -> Option<bool> {
        self.value().and_then(|value| value.greater_than(max))
    }

    fn less_than(&self, min: N) -> Option<bool> {
        self.value().and_then(|value| value.less_than(min))
    }
}

impl<T: ValidateRegex> ValidateRegex for Patch<T> {
    fn validate_regex(&self, regex: impl validator::AsRegex) -> bool {
        self.value().is_none_or(|value| value.validate_regex(regex))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[derive(Deserialize)]
    struct Change {
        #[serde(default)]
        note: Patch<String>,
    }

    #[test]
    fn absent_null_and_value_are_three_things() {
        let read = |text| serde_json::from_str::<Change>(text).unwrap().note;
        assert_eq!(read("{}"), Patch::Absent);
        assert_eq!(read(r#"{"note": null}"#), Patch::Null);
        assert_eq!(read(r#"{"note": "x"}"#), Patch::Value("x".to_owned()));
    }

    #[test]
    fn what_is_absent_stays() {
        assert_eq!(Patch::Absent.apply(Some(1)), Some(1));
        assert_eq!(Patch::Null.apply(Some(1)), None);
        assert_eq!(Patch::Value(2).apply(Some(1)), Some(2));
    }
}

//! Facts put together from records and from what a caller sent, for a question to a council's policy.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Europe::London;
use permanence_core::facts::{Dictionary, FactValue};
use permanence_core::{Code, FactName, Facts};
use serde_json::{Map, Value};

use super::{Fault, ServiceError};

/// Facts in the making: what is not there stays not known.
#[derive(Debug, Clone, Default)]
pub struct FactSheet(Facts);

impl From<Facts> for FactSheet {
    fn from(facts: Facts) -> Self {
        Self(facts)
    }
}

impl FactSheet {
    /// The facts.
    #[must_use]
    pub fn into_facts(self) -> Facts {
        self.0
    }

    /// Sets a fact where there is a value.
    pub fn set(&mut self, name: &str, value: Option<FactValue>) -> &mut Self {
        if let (Ok(name), Some(value)) = (FactName::new(name), value) {
            self.0.insert(name, value);
        }
        self
    }

    /// Sets a code.
    pub fn code(&mut self, name: &str, code: Option<&Code>) -> &mut Self {
        self.set(name, code.cloned().map(FactValue::Code))
    }

    /// Sets a day.
    pub fn day(&mut self, name: &str, day: Option<NaiveDate>) -> &mut Self {
        self.set(name, day.map(FactValue::Date))
    }

    /// Sets a time of day.
    pub fn time(&mut self, name: &str, time: Option<NaiveTime>) -> &mut Self {
        self.set(name, time.map(FactValue::Time))
    }

    /// Sets a moment.
    pub fn moment(&mut self, name: &str, at: Option<DateTime<Utc>>) -> &mut Self {
        self.set(name, at.map(local))
    }

    /// Sets a text.
    pub fn text(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        self.set(name, text.map(|text| FactValue::Text(text.to_owned())))
    }

    /// Sets an answer of yes or no.
    pub fn answer(&mut self, name: &str, answer: Option<bool>) -> &mut Self {
        self.set(name, answer.map(FactValue::Boolean))
    }

    /// Adds facts as they stand in JSON; one that the dictionary does not take is left out, for it was taken when it was kept.
    pub fn read(&mut self, members: &Map<String, Value>, dictionary: &Dictionary) -> &mut Self {
        for (name, value) in members {
            let one = Map::from_iter([(name.clone(), value.clone())]);
            if let Ok(facts) = Facts::read(&one, dictionary) {
                for (name, value) in facts.iter() {
                    self.0.insert(name.clone(), value.clone());
                }
            }
        }
        self
    }
}

/// A moment as local time.
#[must_use]
pub fn local(at: DateTime<Utc>) -> FactValue {
    FactValue::DateTime(at.with_timezone(&London).naive_local())
}

/// A record of those members that are there.
#[must_use]
pub fn record<const N: usize>(members: [(&str, Option<FactValue>); N]) -> FactValue {
    let members = members
        .into_iter()
        .filter_map(|(name, value)| Some((FactName::new(name).ok()?, value?)));
    FactValue::Record(members.collect())
}

/// A list of codes.
#[must_use]
pub fn code_list(codes: &[Code]) -> FactValue {
    FactValue::List(codes.iter().cloned().map(FactValue::Code).collect())
}

/// Reads facts that a caller sent, every fault with its pointer below `base`.
///
/// # Errors
/// [`ServiceError::Invalid`].
pub fn read_sent(
    base: &str,
    members: &Map<String, Value>,
    dictionary: &Dictionary,
) -> Result<Facts, ServiceError> {
    Facts::read(members, dictionary).map_err(|errors| {
        let fault = |error: permanence_core::FactError| {
            Fault::new(
                format!("{base}{}", error.pointer),
                error.code,
                sentence(&error.message),
            )
        };
        ServiceError::Invalid(errors.into_iter().map(fault).collect())
    })
}

/// What is wrong with a fact, as a sentence.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars
        .next()
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

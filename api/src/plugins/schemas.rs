//! The JSON Schemas of a council's forms and trackers, compiled once: what does not fit is told place by place.

use std::collections::BTreeMap;

use jsonschema::{PatternOptions, Validator};
use permanence_core::Code;
use permanence_core::rulebook::CouncilPolicy;
use serde_json::{Map, Value};

use super::problem::{LoadCode, LoadProblem};
use crate::json_schema::{SchemaFault, faults};

/// The compiled schemas of all editions of a policy.
#[derive(Debug, Default)]
pub struct Schemas(BTreeMap<(String, What, Code), Validator>);

/// What a schema is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A form.
    Form,
    /// An entry of a tracker.
    Tracker,
}

impl Schemas {
    /// Compiles them.
    ///
    /// # Errors
    /// A problem for each schema that is none.
    pub(super) fn compile(policy: &CouncilPolicy) -> Result<Self, Vec<LoadProblem>> {
        let mut compiled = BTreeMap::new();
        let mut problems = Vec::new();
        for edition in policy.editions() {
            let rulebook = &edition.rulebook;
            let forms = rulebook.forms.iter();
            let trackers = rulebook.trackers.iter();
            let all = forms
                .map(|form| (What::Form, "form", &form.code, &form.schema))
                .chain(trackers.map(|it| (What::Tracker, "tracker", &it.code, &it.schema)));
            for (what, word, code, schema) in all {
                match build(schema) {
                    Ok(validator) => {
                        let key = (rulebook.edition.id.clone(), what, code.clone());
                        compiled.insert(key, validator);
                    }
                    Err(error) => {
                        let message = format!(
                            "its rulebook: edition {}, {word} {code}: its schema is none: {error}",
                            rulebook.edition.id
                        );
                        problems.push(LoadProblem::new(LoadCode::RulebookContradiction, message));
                    }
                }
            }
        }
        if problems.is_empty() {
            Ok(Self(compiled))
        } else {
            Err(problems)
        }
    }

    /// Every place in which this does not fit; none where the edition has no such schema.
    pub fn faults(
        &self,
        edition: &str,
        what: What,
        code: &Code,
        content: &Map<String, Value>,
    ) -> Option<Vec<SchemaFault>> {
        let validator = self.0.get(&(edition.to_owned(), what, code.clone()))?;
        let content = Value::Object(content.clone());
        Some(faults(validator, &content))
    }
}

fn build(schema: &Map<String, Value>) -> Result<Validator, String> {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        // A pattern of a rulebook must not be able to hold a thread.
        .with_pattern_options(PatternOptions::regex())
        .build(&Value::Object(schema.clone()))
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn found(schema: Value, content: Value) -> Vec<(String, &'static str)> {
        let validator = build(schema.as_object().unwrap()).unwrap();
        let faults = faults(&validator, &content).into_iter();
        faults.map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn a_day_that_is_none_is_found() {
        let schema = json!({ "type": "object", "properties": { "on": { "type": "string", "format": "date" } } });
        let wrong = found(schema, json!({ "on": "2026-02-30" }));
        assert_eq!(wrong, [("/on".to_owned(), "invalid_value")]);
    }

    #[test]
    fn what_is_no_schema_is_refused() {
        for schema in [
            json!({ "type": "nothing" }),
            json!({ "type": "object", "properties": { "x": { "pattern": "(" } } }),
            json!({ "type": "object", "properties": { "x": { "format": "favourite_colour" } } }),
            json!({ "type": "object", "properties": { "x": { "$ref": "https://example.org/x" } } }),
        ] {
            assert!(build(schema.as_object().unwrap()).is_err(), "{schema}");
        }
    }
}

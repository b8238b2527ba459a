//! The JSON Schemas of a council's forms and trackers, compiled once: what does not fit is told place by place.

use std::collections::BTreeMap;

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{PatternOptions, ValidationError, Validator};
use permanence_core::Code;
use permanence_core::rulebook::CouncilPolicy;
use serde_json::{Map, Value};

use super::problem::{LoadCode, LoadProblem};

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

/// One place in which something does not fit its schema; it never repeats what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFault {
    /// Where, as a JSON Pointer.
    pub pointer: String,
    /// What is wrong, for programs.
    pub code: &'static str,
    /// What is wrong, for people.
    pub message: String,
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
        Some(validator.iter_errors(&content).flat_map(faults).collect())
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

/// One fault for each member that is missing or too many, else one for the place.
fn faults(error: ValidationError<'_>) -> Vec<SchemaFault> {
    let at = error.instance_path().as_str();
    let one = |pointer: String, code, message: String| SchemaFault {
        pointer,
        code,
        message,
    };
    let below = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![one(
                below(name),
                "missing_member",
                "This member is needed.".into(),
            )]
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            unexpected
                .iter()
                .map(|name| {
                    one(
                        below(name),
                        "unknown_member",
                        "There is no such member here.".into(),
                    )
                })
                .collect()
        }
        kind => {
            let (code, message) = sentence(kind);
            vec![one(at.to_owned(), code, message)]
        }
    }
}

/// What the schema expects at a place.
fn sentence(kind: &Kind) -> (&'static str, String) {
    match kind {
        Kind::Type { kind } => ("wrong_type", format!("Expected {}.", types(kind))),
        Kind::Enum { .. } | Kind::Constant { .. } => (
            "unknown_code",
            "It is none of the values that are expected here.".into(),
        ),
        Kind::Format { format } => ("invalid_value", format!("It is no {format}.")),
        Kind::Pattern { .. } => (
            "pattern",
            "It is not in the form that is expected here.".into(),
        ),
        Kind::MinLength { limit } => ("length", format!("It has at least {limit} characters.")),
        Kind::MaxLength { limit } => ("length", format!("It has at most {limit} characters.")),
        Kind::MinItems { limit } => ("length", format!("It has at least {limit} entries.")),
        Kind::MaxItems { limit } => ("length", format!("It has at most {limit} entries.")),
        Kind::MinProperties { limit } => ("length", format!("It has at least {limit} members.")),
        Kind::MaxProperties { limit } => ("length", format!("It has at most {limit} members.")),
        Kind::Minimum { limit } => ("range", format!("It is at least {limit}.")),
        Kind::Maximum { limit } => ("range", format!("It is at most {limit}.")),
        Kind::ExclusiveMinimum { limit } => ("range", format!("It is more than {limit}.")),
        Kind::ExclusiveMaximum { limit } => ("range", format!("It is less than {limit}.")),
        Kind::UniqueItems => ("not_unique", "It names something twice.".into()),
        _ => (
            "invalid_value",
            "It is not what the schema expects here.".into(),
        ),
    }
}

fn types(kind: &jsonschema::error::TypeKind) -> String {
    match kind {
        jsonschema::error::TypeKind::Single(kind) => kind.to_string(),
        jsonschema::error::TypeKind::Multiple(kinds) => {
            let names: Vec<String> = kinds.iter().map(|kind| kind.to_string()).collect();
            names.join(" or ")
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn found(schema: Value, content: Value) -> Vec<(String, &'static str)> {
        let validator = build(schema.as_object().unwrap()).unwrap();
        let faults = validator.iter_errors(&content).flat_map(faults);
        faults
            .inspect(|fault| assert!(!fault.message.contains("Zaphod"), "{}", fault.message))
            .map(|fault| (fault.pointer, fault.code))
            .collect()
    }

    #[test]
    fn each_fault_names_its_place_and_repeats_nothing() {
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["name", "seenOn"],
            "properties": {
                "name": { "type": "string", "maxLength": 3 },
                "seenOn": { "type": "string", "format": "date" },
                "kind": { "enum": ["a"] },
                "people": { "type": "array", "items": { "type": "object", "required": ["role"] } },
            }
        });
        let content = json!({ "name": "Zaphod", "kind": "Zaphod", "a/b": 1, "people": [{}, 7] });
        let mut found = found(schema, content);
        found.sort();
        let expected = [
            ("/a~1b", "unknown_member"),
            ("/kind", "unknown_code"),
            ("/name", "length"),
            ("/people/0/role", "missing_member"),
            ("/people/1", "wrong_type"),
            ("/seenOn", "missing_member"),
        ];
        assert_eq!(found, expected.map(|(at, code)| (at.to_owned(), code)));
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

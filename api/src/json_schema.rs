//! What does not fit a JSON Schema, place by place.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError, Validator};
use serde_json::Value;

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

/// Every place in which a value does not fit.
#[must_use]
pub fn faults(validator: &Validator, value: &Value) -> Vec<SchemaFault> {
    validator
        .iter_errors(value)
        .flat_map(|error| told(&error))
        .collect()
}

/// One fault for each member that is missing or too many, else one for the place.
fn told(error: &ValidationError<'_>) -> Vec<SchemaFault> {
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
        kind => within(kind, at).unwrap_or_else(|| {
            let (code, message) = sentence(kind);
            vec![one(at.to_owned(), code, message)]
        }),
    }
}

/// Of several forms the one that the value has as a whole, and that only parts of it do not fit: an object that may be null too.
fn within(kind: &Kind, at: &str) -> Option<Vec<SchemaFault>> {
    let (Kind::AnyOf { context } | Kind::OneOfNotValid { context }) = kind else {
        return None;
    };
    context
        .iter()
        .map(|errors| errors.iter().flat_map(told).collect::<Vec<_>>())
        .find(|faults| !faults.is_empty() && faults.iter().all(|fault| fault.pointer != at))
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

fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => named(*kind).to_owned(),
        TypeKind::Multiple(kinds) => {
            let names: Vec<&str> = kinds.iter().map(named).collect();
            names.join(" or ")
        }
    }
}

fn named(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Array => "a list",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "a string",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn each_fault_names_its_place_and_repeats_nothing() {
        let person = json!({ "type": "object", "required": ["role"], "properties": { "role": { "type": "string" } } });
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["name", "seenOn"],
            "properties": {
                "name": { "type": "string", "maxLength": 3 },
                "seenOn": { "type": "string" },
                "kind": { "enum": ["a"] },
                "people": { "type": "array", "items": person },
                "lead": { "oneOf": [{ "type": "null" }, person] },
                "chair": { "oneOf": [{ "type": "null" }, person] },
            }
        });
        let content = json!({
            "name": "Zaphod", "kind": "Zaphod", "a/b": 1, "people": [{}, 7], "lead": { "role": 7 }, "chair": "Zaphod"
        });
        let mut found: Vec<_> = faults(&jsonschema::validator_for(&schema).unwrap(), &content)
            .into_iter()
            .inspect(|fault| assert!(!fault.message.contains("Zaphod"), "{}", fault.message))
            .map(|fault| (fault.pointer, fault.code))
            .collect();
        found.sort();
        let expected = [
            ("/a~1b", "unknown_member"),
            ("/chair", "invalid_value"),
            ("/kind", "unknown_code"),
            ("/lead/role", "wrong_type"),
            ("/name", "length"),
            ("/people/0/role", "missing_member"),
            ("/people/1", "wrong_type"),
            ("/seenOn", "missing_member"),
        ];
        assert_eq!(found, expected.map(|(at, code)| (at.to_owned(), code)));
    }
}

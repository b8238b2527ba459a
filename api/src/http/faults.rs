//! What serde and validator complain of, as faults with pointers.
//!
//! Both repeat the submitted value in their texts, and values are children's data: only what was expected is passed on.

use serde_path_to_error::Segment;
use validator::{ValidationError, ValidationErrors, ValidationErrorsKind};

use crate::problem::{FieldError, Place};

/// Every violation that validator found, in the order of their pointers.
pub fn field_errors(place: Place, errors: &ValidationErrors) -> Vec<FieldError> {
    let mut found = Vec::new();
    collect(place, "", errors, &mut found);
    found.sort_by(|one, other| one.pointer.cmp(&other.pointer));
    found
}

fn collect(place: Place, base: &str, errors: &ValidationErrors, found: &mut Vec<FieldError>) {
    for (field, kind) in errors.errors() {
        let pointer = format!("{base}/{}", member(field));
        match kind {
            ValidationErrorsKind::Struct(inner) => collect(place, &pointer, inner, found),
            ValidationErrorsKind::List(elements) => {
                for (at, inner) in elements {
                    collect(place, &format!("{pointer}/{at}"), inner, found);
                }
            }
            ValidationErrorsKind::Field(violations) => {
                found.extend(
                    violations
                        .iter()
                        .map(|violation| fault(place, &pointer, violation)),
                );
            }
        }
    }
}

fn fault(place: Place, pointer: &str, violation: &ValidationError) -> FieldError {
    let limit = |name: &str| {
        violation
            .params
            .get(name)
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    let (code, message) = match violation.code.as_ref() {
        "length" => (
            "length",
            format!(
                "Its length is between {} and {}.",
                limit("min"),
                limit("max")
            ),
        ),
        "range" => (
            "range",
            format!("It is between {} and {}.", limit("min"), limit("max")),
        ),
        "regex" => (
            "pattern",
            "It is not in the form that is expected here.".to_owned(),
        ),
        other => (other, "It is not valid.".to_owned()),
    };
    FieldError::at(place, pointer, code, message)
}

/// A field's name as it stands in JSON: serde's own rule for `camelCase`, which `#[dto]` lets nobody deviate from.
fn member(field: &str) -> String {
    permanence_core::code::camel(field.trim_start_matches("r#"))
}

/// What serde complained of, once.
pub(crate) fn serde_fault(path: &serde_path_to_error::Path, message: &str) -> FieldError {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", escape(key))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let (code, member, text) = classify(message);
    if let Some(member) = member {
        let member = format!("/{}", escape(member));
        if !pointer.ends_with(&member) || code == "missing_member" {
            pointer.push_str(&member);
        }
    }
    FieldError::body(pointer, code, text)
}

/// Code, member and text of a message of serde's, without anything that was sent in its text.
fn classify(message: &str) -> (&'static str, Option<&str>, String) {
    let expected = || {
        let tail = message
            .rsplit_once(", expected ")
            .map_or("something else", |(_, tail)| tail);
        let tail = tail.rsplit_once(" at line ").map_or(tail, |(text, _)| text);
        format!("Expected {}.", plainly(tail))
    };
    let named = |prefix: &str| {
        message.strip_prefix(prefix).and_then(|rest| {
            // A member's own name may hold a backtick; serde closes it before what was expected.
            let end = rest
                .rfind("`, expected")
                .or_else(|| rest.rfind("`, there are"))
                .or_else(|| rest.find('`'));
            end.and_then(|end| rest.get(..end))
        })
    };
    if let Some(member) = named("unknown field `") {
        (
            "unknown_member",
            Some(member),
            "There is no such member here.".to_owned(),
        )
    } else if let Some(member) = named("missing field `") {
        (
            "missing_member",
            Some(member),
            "This member is needed.".to_owned(),
        )
    } else if let Some(member) = named("duplicate field `") {
        (
            "duplicate_member",
            Some(member),
            "This member is given twice.".to_owned(),
        )
    } else if message.starts_with("unknown variant") {
        ("unknown_code", None, expected())
    } else if message.starts_with("invalid type") {
        ("wrong_type", None, expected())
    } else if message.starts_with("invalid value") || message.starts_with("invalid length") {
        ("invalid_value", None, expected())
    } else {
        (
            "invalid_value",
            None,
            "It is not in the form that is expected here.".to_owned(),
        )
    }
}

/// What libraries expect, in the words of JSON and of the description.
fn plainly(expected: &str) -> &str {
    match expected {
        "a map" => "an object",
        "a sequence" => "a list",
        "a formatted UUID string" | "UUID parsing failed" => "a UUID",
        "a formatted date string" => "a day such as 2026-03-02",
        other => other,
    }
}

/// A member's name within a JSON Pointer (RFC 6901).
pub(crate) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use serde::Deserialize;
    use validator::Validate;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "only the reading is tested")]
    struct Outer {
        #[serde(default)]
        inner_parts: Vec<Inner>,
        kind: Option<Kind>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "only the reading is tested")]
    struct Inner {
        born_on: chrono::NaiveDate,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Long,
        Short,
    }

    fn fault_of(text: &str) -> FieldError {
        let mut json = serde_json::Deserializer::from_str(text);
        match serde_path_to_error::deserialize::<_, Outer>(&mut json) {
            Err(error) => serde_fault(error.path(), &error.inner().to_string()),
            Ok(read) => panic!("read as {read:?}"),
        }
    }

    #[test]
    fn each_complaint_has_its_pointer_and_repeats_nothing() {
        let cases = [
            (
                r#"{"innerParts": [{"bornOn": "Zaphod"}]}"#,
                "/innerParts/0/bornOn",
                "invalid_value",
            ),
            (
                r#"{"innerParts": [{"bornOn": 7}]}"#,
                "/innerParts/0/bornOn",
                "wrong_type",
            ),
            (
                r#"{"innerParts": [{}]}"#,
                "/innerParts/0/bornOn",
                "missing_member",
            ),
            (
                r#"{"innerParts": [{"Zaphod": 1}]}"#,
                "/innerParts/0/Zaphod",
                "unknown_member",
            ),
            (r#"{"Zaphod": 1}"#, "/Zaphod", "unknown_member"),
            (r#"{"a/b": 1}"#, "/a~1b", "unknown_member"),
            (r#"{"kind": "Zaphod"}"#, "/kind", "unknown_code"),
            (
                r#"{"kind": "long", "kind": "short"}"#,
                "/kind",
                "duplicate_member",
            ),
            (
                r#"{"innerParts": "Zaphod, expected more"}"#,
                "/innerParts",
                "wrong_type",
            ),
        ];
        for (text, pointer, code) in cases {
            let fault = fault_of(text);
            assert_eq!(
                (fault.pointer.as_str(), fault.code.as_str()),
                (pointer, code),
                "{text}"
            );
            assert!(
                !fault.message.contains("Zaphod"),
                "{text} gave {}",
                fault.message
            );
        }
    }

    #[derive(Validate)]
    struct Checked {
        #[validate(length(min = 1, max = 3))]
        short_text: String,
        #[validate(nested)]
        more_parts: Vec<Part>,
    }

    #[derive(Validate)]
    struct Part {
        #[validate(range(min = 1, max = 5))]
        how_many: i32,
    }

    #[test]
    fn violations_are_all_found_with_their_json_names() {
        let checked = Checked {
            short_text: "Zaphod".to_owned(),
            more_parts: vec![Part { how_many: 9 }],
        };
        let faults = field_errors(Place::Body, &checked.validate().unwrap_err());
        let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/moreParts/0/howMany", "/shortText"]);
        assert!(
            faults
                .iter()
                .all(|fault| !fault.message.contains("Zaphod") && !fault.message.contains('9'))
        );
    }
}

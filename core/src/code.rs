//! The names of things: councils, clauses, facts and codes.
//!
//! Each is parsed once, at the edge, by one fallible constructor, and is a type of its own from there on.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Why a text is not the name that it should be. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{expected}")]
pub struct NameError {
    /// What a good name looks like.
    pub expected: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $check:expr, $pattern:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern, "minLength": 1, "maxLength": 80 })
            }
        }

        impl $name {
            /// Parses the name.
            pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                let check: fn(&str) -> bool = $check;
                if !text.is_empty() && text.len() <= 80 && check(&text) {
                    Ok(Self(text.into()))
                } else {
                    Err(NameError { expected: $expected })
                }
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.as_ref().to_owned()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                *self.0 == *other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                *self.0 == **other
            }
        }
    };
}

name!(
    /// A council's code, such as `anytown` or `north-anytown`: lower case words joined by hyphens.
    CouncilCode,
    |text| text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
    "^[a-z](?:[a-z0-9-]*[a-z0-9])?$",
    "a council code is lower case letters, digits and hyphens, and starts with a letter"
);

name!(
    /// A clause of a council's policy, such as `ANY-DEADLINE-02`: it never changes, and every answer names it.
    ClauseId,
    |text| text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.contains('-')
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-'),
    "^[A-Z][A-Z0-9]*-[A-Z0-9-]+$",
    "a clause id is upper case letters, digits and hyphens, such as ANY-DEADLINE-02"
);

name!(
    /// A code: a role, an outcome, a document, a flag. Lower case words joined by underscores.
    Code,
    |text| text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '|'),
    "^[a-z0-9_|]+$",
    "a code is lower case letters, digits and underscores"
);

name!(
    /// The name of a fact or of an answer, in snake case; on the wire it is written in camel case.
    FactName,
    |text| text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
    "^[a-z][a-z0-9_]*$",
    "a fact name is lower case letters, digits and underscores, and starts with a letter"
);

impl FactName {
    /// The name as it stands in JSON: `panel_date` is `panelDate`.
    pub fn camel(&self) -> String {
        camel(&self.0)
    }

    /// Whether that is how it stands in JSON.
    pub fn is_camel(&self, text: &str) -> bool {
        let mut letters = text.bytes();
        let mut upper = false;
        for byte in self.0.bytes() {
            if byte == b'_' {
                upper = true;
                continue;
            }
            let wanted = if upper {
                byte.to_ascii_uppercase()
            } else {
                byte
            };
            if letters.next() != Some(wanted) {
                return false;
            }
            upper = false;
        }
        letters.next().is_none()
    }
}

/// Turns `panel_date` into `panelDate`.
pub fn camel(snake: &str) -> String {
    let mut text = String::with_capacity(snake.len());
    let mut starts = false;
    for letter in snake.chars() {
        match letter {
            '_' => starts = true,
            _ if starts => {
                text.push(letter.to_ascii_uppercase());
                starts = false;
            }
            _ => text.push(letter),
        }
    }
    text
}

/// Turns `panelDate` into `panel_date`.
pub fn snake(camel: &str) -> String {
    let mut text = String::with_capacity(camel.len() + 4);
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

impl Code {
    /// The code as a person reads it: `head_of_service` is "Head of service".
    pub fn label(&self) -> String {
        let words = self.0.replace('_', " ").replace('|', " or ");
        let mut chars = words.chars();
        chars
            .next()
            .map(|first| first.to_uppercase().collect::<String>() + chars.as_str())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_are_parsed_once() {
        assert!(CouncilCode::new("north-anytown").is_ok());
        assert!(CouncilCode::new("East").is_err());
        assert!(ClauseId::new("ANY-ACTION-PF-APPROVED-00").is_ok());
        assert!(ClauseId::new("any-1").is_err());
        assert!(Code::new("head_of_service").is_ok());
        assert!(Code::new("Head of Service").is_err());
        assert!(FactName::new("1x").is_err());
    }

    #[test]
    fn wire_names_are_camel_case() {
        assert_eq!(camel("became_looked_after_on"), "becameLookedAfterOn");
        assert_eq!(camel("as_of"), "asOf");
        assert_eq!(snake("socialWorker"), "social_worker");
        assert_eq!(snake("social_worker"), "social_worker");
        let name = FactName::new("as_of_2").unwrap();
        assert!(name.is_camel(&name.camel()));
        for other in ["asOf", "asof2", "asOf22", "as_of_2", ""] {
            assert!(!name.is_camel(other), "{other}");
        }
    }
}

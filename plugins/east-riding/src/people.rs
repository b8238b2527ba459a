//! People in lists: by name where there is one, else by role.

use permanence_core::facts::FactValue;

use crate::reading::word;

/// How an entry is told from others: its name, else its role.
pub(crate) fn called(entry: &FactValue) -> Option<&str> {
    ["name", "person", "role"]
        .into_iter()
        .filter_map(|member| entry.member(member))
        .chain([entry])
        .find_map(word)
}

/// Whether two entries are the same person: by name where both have one, else by role.
pub(crate) fn same(one: &FactValue, other: &FactValue) -> bool {
    let name = |entry: &FactValue| entry.member("name").and_then(word).map(str::to_lowercase);
    match (name(one), name(other)) {
        (Some(one), Some(other)) => one == other,
        _ => role(one).is_some() && role(one) == role(other) || called(one) == called(other),
    }
}

/// Whether an entry says that its thing was not done: `{role, notified: false}`.
pub(crate) fn denied(entry: &FactValue, member: &str) -> bool {
    matches!(
        entry.member(member),
        Some(FactValue::Boolean(false) | FactValue::None)
    )
}

fn role(entry: &FactValue) -> Option<&str> {
    entry
        .member("role")
        .unwrap_or(entry)
        .as_code()
        .map(|code| code.as_str())
}

//! Records that are facts, words as people write them, and how something with a due date stands.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_plugin::Context;
use permanence_plugin::reading::text;

/// The first of these members that a record has, the record itself a fact: `{adoption_panel: {starts_at: 09:30}}`.
pub(crate) fn member_of<'a>(
    context: &Context<'a>,
    record: &str,
    members: &[&str],
) -> Option<&'a FactValue> {
    let record = context.facts().get(record)?;
    members.iter().find_map(|name| record.member(name))
}

/// A code or a text, spaces around it aside.
pub(crate) fn word(value: &FactValue) -> Option<&str> {
    text(value).map(str::trim)
}

/// How something with a due date stands.
pub(crate) fn status(
    due: Option<NaiveDate>,
    done: Option<NaiveDate>,
    as_of: NaiveDate,
) -> &'static str {
    match (due, done) {
        (None, _) => "not_known",
        (Some(due), Some(done)) if done <= due => "completed_on_time",
        (Some(_), Some(_)) => "completed_late",
        (Some(due), None) if as_of <= due => "open",
        (Some(_), None) => "overdue",
    }
}

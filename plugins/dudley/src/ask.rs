//! Codes and roles in a question, and flags with a message of their own.

use permanence_core::facts::FactValue;
use permanence_core::{Effect, Finding};
use permanence_plugin::answering::raise;
use permanence_plugin::reading::{entries, member, text, value};
use permanence_plugin::{ClauseAnswer, Code, Context, Rule};

/// Whether one of these facts has that code.
pub(crate) fn is_code(context: &Context<'_>, names: &[&str], code: &str) -> bool {
    names
        .iter()
        .any(|name| value(context, name).and_then(text) == Some(code))
}

/// The roles that a fact names: codes, entries with a role, or answers by role; who is said not to have done it is left out.
pub(crate) fn roles<'a>(context: &Context<'a>, name: &str) -> Vec<&'a str> {
    if let Some(FactValue::Record(answers)) = value(context, name) {
        let yes = answers.iter().filter(|(_, answer)| answer.is_yes());
        return yes.map(|(role, _)| role.as_str()).collect();
    }
    const SAYING: [&str; 3] = ["attended", "present", "sent"];
    let refused = |entry: &FactValue| {
        SAYING
            .iter()
            .any(|name| entry.member(name) == Some(&FactValue::Boolean(false)))
    };
    entries(context, name)
        .into_iter()
        .filter(|entry| !refused(entry))
        .filter_map(|entry| text(member(entry, &["role"]).unwrap_or(entry)))
        .collect()
}

/// Adds a flag, and gives it back so that the rule can say more of it.
pub(crate) fn flag<'a>(
    answer: &'a mut ClauseAnswer,
    context: &Context<'_>,
    rule: &Rule,
    code: &str,
    message: impl FnOnce(&str) -> String,
) -> Option<&'a mut Finding> {
    let code = Code::new(code).ok()?;
    raise(answer, context.finding(rule, &code, Effect::Flag, message))
}

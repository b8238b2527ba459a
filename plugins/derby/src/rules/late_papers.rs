//! DER-PAPERWORK-01: papers are late that come, or are still missing, after the day a week before panel.
//!
//! Passes: received on 17 September for the panel of 24 September.
//! Fails: received on 18 September; or, on that day, not received.

use permanence_core::evaluation::Effect;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::{finding, overdue};
use permanence_plugin::reading::papers_due_on;
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::papers;

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let facts = context.facts();
    let Some(due) = papers_due_on(context) else {
        return answer;
    };
    let came_late = papers::received(context).into_iter().any(|day| day > due);
    // What was never asked about is not known to be missing.
    let asked = !facts.is_absent("documents") || !facts.is_absent("missing_documents");
    // A paper that comes later than the day asked about is not there yet.
    let not_yet = match facts.get("document_received_on") {
        Some(FactValue::None) => true,
        Some(received) => received.as_date().is_some_and(|day| day > context.as_of()),
        None => false,
    };
    // Whatever the kind of case, some papers are needed.
    let none_at_all = facts
        .get("documents")
        .is_some_and(|documents| !documents.is_answered());
    let missing = not_yet
        || none_at_all
        || (asked
            && papers::missing_on(context, context.as_of())
                .is_some_and(|missing| !missing.is_empty()));
    if (came_late || (missing && context.as_of() > due))
        && let Some(mut finding) = finding(
            context,
            rule,
            "paperwork_late",
            Effect::Flag,
            &format!("Papers were due by {due}, a week before panel."),
        )
    {
        overdue(&mut finding, due);
        answer.findings.push(finding);
    }
    answer
}

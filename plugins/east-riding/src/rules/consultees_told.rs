//! ERY-DISTRIBUTION-01: whoever was consulted is told of the proposed plan.
//!
//! Passes: mother and carer were consulted, mother and carer were told.
//! Fails: mother, aunt and carer were consulted and the aunt was not told; she is named.

use permanence_core::facts::FactValue;
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::people::{called, denied, same};
use crate::reading::{entries, flag, give};

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    // A question that names recipients without a paper of their own means these.
    let facts = context.facts();
    let list = if facts.is_absent("notified") && facts.is_absent("adoption_plan_on") {
        "sent_to"
    } else {
        "notified"
    };
    let told: Vec<&FactValue> = entries(context, list)
        .into_iter()
        .filter(|entry| !denied(entry, "notified") && !denied(entry, "notified_on"))
        .collect();
    let mut missing: Vec<&str> = Vec::new();
    for person in entries(context, "consulted") {
        let was_told = told.iter().any(|entry| same(entry, person))
            || person.member("notified").is_some_and(FactValue::is_yes)
            || person.member("notified_on").is_some_and(FactValue::is_yes);
        if let (true, false, Some(name)) = (was_consulted(person), was_told, called(person))
            && !missing.contains(&name)
        {
            missing.push(name);
        }
    }
    give(&mut answer, "missing_recipients", missing.clone());
    if !missing.is_empty() {
        answer
            .findings
            .extend(flag(context, rule, "consultee_not_notified"));
    }
    answer
}

/// An entry for a kind of person of whom there is nobody is no person to be told.
fn was_consulted(person: &FactValue) -> bool {
    let nobody = person
        .member("status")
        .and_then(FactValue::as_code)
        .is_some_and(|status| *status == "not_applicable");
    !nobody && !denied(person, "consulted") && !denied(person, "consulted_on")
}

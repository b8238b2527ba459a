//! The follow-up actions of a decision (BRA-ACTION-01): each belongs to the team manager, whoever carries it out.
//!
//! An action that names the social worker: responsible is the team manager, assigned to the social worker.
//! An action that names nobody: responsible is the team manager, assigned to nobody.

use permanence_core::facts::FactValue;
use permanence_core::{Code, Effect};
use permanence_plugin::answering::give;
use permanence_plugin::reading::{member, text, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

const REPORTED: [(&str, &str); 2] = [
    ("reported_to", "service_manager"),
    ("reported_at", "performance_meeting"),
];

/// Who carries an action out, where it says so.
fn assignee(action: &FactValue) -> Option<&FactValue> {
    member(action, &["assigned_to", "by_whom"])
}

pub(super) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let actions = context.facts().list("actions");
    let of_one = || match actions {
        [one] => assignee(one),
        _ => None,
    };
    let assigned = value(context, "assigned_to")
        .or_else(of_one)
        .map_or(Value::Null, FactValue::to_json);
    give(&mut answer, "responsible", "team_manager");
    give(&mut answer, "assigned_to", assigned);
    for (name, whom) in REPORTED {
        give(&mut answer, name, whom);
    }
    for action in actions {
        let named = match action {
            FactValue::Record(_) => member(action, &["action", "name"]),
            other => Some(other),
        };
        // An action in free words keeps them as its description.
        let words = named.and_then(text).unwrap_or_default();
        let Ok(code) = Code::new(words).or_else(|_| Code::new("follow_up_action")) else {
            continue;
        };
        let mut finding = context.finding(rule, &code, Effect::CreateAction, |label| {
            format!("{label}.")
        });
        finding.due_on = member(action, &["target_date", "due_on"]).and_then(FactValue::as_date);
        let to = assignee(action).map(FactValue::to_json);
        let evidence = &mut finding.evidence;
        evidence.insert("description".into(), words.into());
        evidence.insert("assignedTo".into(), to.unwrap_or(Value::Null));
        evidence.insert("reportedTo".into(), "service_manager".into());
        evidence.insert("reportedAt".into(), "performance_meeting".into());
        answer.findings.push(finding);
    }
    answer
}

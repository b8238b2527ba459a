//! What was done by a day: read from facts and from lists of what was done, and held against its due date.

use chrono::NaiveDate;
use permanence_core::FactName;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::{give, json_day, overdue};
use permanence_plugin::reading::{entries, member, text, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::ask::flag;

/// A thing that was done; its day where that is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Done(pub Option<NaiveDate>);

const WHAT: [&str; 4] = ["action", "step", "code", "document"];
const WHEN: [&str; 9] = [
    "done_on",
    "completed_on",
    "sent_on",
    "on",
    "held_on",
    "emailed_on",
    "submitted_on",
    "received_on",
    "received_at",
];
const WHETHER: [&str; 5] = ["done", "completed", "complete", "sent", "received"];
const NOT_YET: [&str; 3] = ["open", "outstanding", "not_done"];

/// What an entry of a list says of a thing: that it was done, or nothing.
fn entry(entry: &FactValue, code: &str) -> Option<Done> {
    if text(entry) == Some(code) {
        return Some(Done(None));
    }
    if member(entry, &WHAT).and_then(text) != Some(code) {
        return None;
    }
    let on = member(entry, &WHEN).and_then(FactValue::as_date);
    let denied = WHETHER
        .iter()
        .any(|name| entry.member(name) == Some(&FactValue::Boolean(false)));
    let waits = member(entry, &["status"])
        .and_then(text)
        .is_some_and(|status| NOT_YET.contains(&status));
    let no_day = on.is_none()
        && WHEN
            .iter()
            .any(|name| entry.member(name) == Some(&FactValue::None));
    (!denied && !waits && !no_day).then_some(Done(on))
}

/// Whether a thing was done by the day asked about: told by one of these facts, or by an entry of one of these lists.
pub(crate) fn done(
    context: &Context<'_>,
    facts: &[&str],
    lists: &[&str],
    code: &str,
) -> Option<Done> {
    let by_fact = facts
        .iter()
        .filter_map(|name| value(context, name))
        .filter(|value| value.is_yes())
        .map(|value| Done(value.as_date()));
    let by_list = lists
        .iter()
        .flat_map(|name| entries(context, name))
        .filter_map(|item| entry(item, code));
    // A told day says more than a bare yes.
    by_fact
        .chain(by_list)
        .min_by_key(|done| (done.0.is_none(), done.0))
}

/// A limit: what it counts from, its last day, and what it is called in the answer.
pub(crate) struct Limit<'a> {
    pub(crate) anchor: Option<(&'a str, NaiveDate)>,
    pub(crate) due: Option<NaiveDate>,
    pub(crate) due_name: &'a str,
    pub(crate) late_name: &'a str,
    pub(crate) overdue: &'a str,
}

impl Limit<'_> {
    /// Gives the last day and whether the thing came later, and flags it while it is overdue.
    pub(crate) fn judge(
        &self,
        context: &Context<'_>,
        rule: &Rule,
        done: Option<Done>,
    ) -> ClauseAnswer {
        let mut answer = ClauseAnswer::default();
        let day = done.and_then(|done| done.0);
        let late = self.due.zip(day).is_some_and(|(due, day)| day > due);
        give(&mut answer, self.due_name, json_day(self.due));
        give(&mut answer, self.late_name, late);
        let (Some(due), None) = (self.due, done) else {
            return answer;
        };
        if context.as_of() <= due {
            return answer;
        }
        let raised = flag(&mut answer, context, rule, self.overdue, |label| {
            format!("{label}: due by {due}.")
        });
        if let Some(finding) = raised {
            overdue(finding, due);
            if let Some((name, since)) = self.anchor
                && let Ok(name) = FactName::new(name)
            {
                context.anchor(finding, &name, since);
            }
        }
        answer
    }
}

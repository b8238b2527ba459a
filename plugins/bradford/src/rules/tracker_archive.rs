//! Taking a child off the tracker (BRA-TRACKER-08): only when permanence has been achieved.
//!
//! Section B, permanence not achieved, or nothing recorded about it: refused. Achieved: archived on the day of the meeting.

use permanence_core::Effect;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::{give, json_day, labelled, raise};
use permanence_plugin::reading::value;
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use super::tracker_move::{destination, meeting_day};
use crate::ask::word;

pub(super) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let archives = match word(context, "outcome") {
        Some(outcome) => ["archived", "archive"].contains(&outcome),
        None => destination(context).is_none_or(|to| to == "archived"),
    };
    // A move that leaves the child on the tracker is none of this clause's business.
    if !archives {
        give(&mut answer, "accepted", true);
        for name in ["outcome", "date", "error"] {
            give(&mut answer, name, Value::Null);
        }
        return answer;
    }
    let achieved = value(context, "permanence_achieved") == Some(&FactValue::Boolean(true));
    give(&mut answer, "accepted", achieved);
    if achieved {
        give(&mut answer, "outcome", "archived");
        give(&mut answer, "date", json_day(meeting_day(context)));
        give(&mut answer, "error", Value::Null);
    } else {
        give(&mut answer, "outcome", Value::Null);
        give(&mut answer, "date", Value::Null);
        give(&mut answer, "error", "permanence_not_achieved");
        raise(
            &mut answer,
            labelled(context, rule, "permanence_not_achieved", Effect::Block),
        );
    }
    answer
}

//! Whether the first parts of the fostering permanency assessment report were filled in before the planning meeting
//! (DUD-ACTION-01).
//!
//! A planning meeting on 16 June 2025: the 15th is the last day, and on the 16th it is late.

use permanence_plugin::reading::day;
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::done::{Limit, done};

const MEETING: [&str; 4] = [
    "planning_meeting_on",
    "first_planning_meeting_on",
    "meeting_date",
    "meeting_on",
];

pub(super) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let anchor = MEETING
        .into_iter()
        .find_map(|name| Some((name, day(context, name)?)));
    let limit = Limit {
        anchor,
        due: anchor.and_then(|(_, meeting)| meeting.pred_opt()),
        due_name: "initial_sections_due_on",
        late_name: "initial_sections_late",
        overdue: "initial_sections_overdue",
    };
    let facts = ["initial_sections_completed_on", "complete_initial_sections"];
    let lists = ["actions_done", "steps_done"];
    let filled_in = done(context, &facts, &lists, "complete_initial_sections");
    limit.judge(context, rule, filled_in)
}

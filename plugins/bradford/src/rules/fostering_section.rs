//! When a child with a fostering plan joins section E (BRA-TRACKER-07): the earlier of panel and family-finding referral,
//! while under 16 on that day and unmatched since.
//!
//! Born 7 July 2014, referred on 3 March 2025, panel on the 11th: section E from the 3rd.
//! Referred on the 16th birthday: no section.

use permanence_core::mechanism::age_on;
use permanence_plugin::answering::{give, json_day};
use permanence_plugin::reading::day;
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::ask::{no, word, yes};

pub(super) fn answer(context: &Context<'_>, _: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let facts = context.facts();
    let joins = ["permanence_panel_on", "family_finding_referral_on"]
        .iter()
        .filter_map(|name| day(context, name))
        .filter(|day| *day <= context.as_of())
        .min()
        .filter(|joins| {
            // The age counts on the day of joining, a match whenever it was made.
            let age = facts
                .date("date_of_birth")
                .and_then(|born| age_on(born, *joins))
                .or_else(|| facts.integer("age"));
            let approved = day(context, "match_approved_on").is_some() && !no(context, "matched");
            let matched =
                yes(context, "matched") || day(context, "matched_on").is_some() || approved;
            word(context, "option") == Some("permanent_fostering")
                && age.is_some_and(|age| age < 16)
                && !matched
        });
    give(&mut answer, "section", joins.map(|_| "E"));
    give(&mut answer, "joins_on", json_day(joins));
    answer
}

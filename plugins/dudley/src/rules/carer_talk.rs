//! Whether the carer was talked with before the match, by all who have to and about all that has to be (DUD-ACTION-04).
//!
//! With an agency's carer the social worker alone, on special guardianship alone: the permanency worker and the move to the
//! council are lacking. With the council's own carer that is all that is wanted.

use permanence_core::facts::FactValue;
use permanence_plugin::answering::give;
use permanence_plugin::reading::{contains, day, entries, member, text, to_come, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use crate::ask::{is_code, roles};

const SOCIAL_WORKER: &str = "social_worker";
const PERMANENCY_WORKER: &str = "fostering_permanency_worker";
const GUARDIANSHIP: &str = "special_guardianship";
const MOVE: &str = "transfer_to_council";

/// Whose carer the child is matched with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carer {
    OfTheCouncil,
    OfAnAgency,
}

/// The carer; none where the child has none, or where nothing is said of a talk.
fn carer(context: &Context<'_>) -> Option<Carer> {
    let told = |name: &&str| !context.facts().is_absent(name);
    if contains(context, "route", "family_finding") {
        None
    } else if contains(context, "route", "ifa_match") {
        Some(Carer::OfAnAgency)
    } else if contains(context, "route", "internal_match") {
        Some(Carer::OfTheCouncil)
    } else if is_code(context, &["provider_type"], "ifa") {
        Some(Carer::OfAnAgency)
    } else if is_code(context, &["provider_type"], "in_house")
        || ["explored_by", "by", "topics"].iter().any(told)
    {
        Some(Carer::OfTheCouncil)
    } else {
        None
    }
}

/// What is said of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Discussed,
    NotApplicable,
    Nothing,
}

impl Said {
    fn of(answer: &FactValue) -> Self {
        match text(answer) {
            Some("not_applicable") => Self::NotApplicable,
            Some("open" | "outstanding" | "not_done" | "not_discussed" | "planned") => {
                Self::Nothing
            }
            _ if answer.is_yes() => Self::Discussed,
            _ => Self::Nothing,
        }
    }

    /// An entry of the list of topics.
    fn of_entry(entry: &FactValue) -> Self {
        let is = |name: &str| entry.member(name).map(FactValue::is_yes);
        if is("not_applicable") == Some(true) {
            return Self::NotApplicable;
        }
        if ["discussed", "done", "discussed_on"]
            .into_iter()
            .any(|name| is(name) == Some(false))
        {
            return Self::Nothing;
        }
        member(entry, &["status"]).map_or(Self::Discussed, Self::of)
    }
}

fn said(context: &Context<'_>, topic: &str) -> Vec<Said> {
    let mut all: Vec<Said> = match value(context, "topics") {
        Some(FactValue::Record(answers)) => answers.get(topic).map(Said::of).into_iter().collect(),
        _ => entries(context, "topics")
            .into_iter()
            .filter(|entry| text(member(entry, &["topic"]).unwrap_or(entry)) == Some(topic))
            .map(Said::of_entry)
            .collect(),
    };
    all.extend(value(context, topic).map(Said::of));
    if contains(context, "topics_not_applicable", topic) {
        all.push(Said::NotApplicable);
    }
    all
}

/// Whether somebody of a role took part.
fn took_part(context: &Context<'_>, role: &str) -> bool {
    ["explored_by", "by"]
        .iter()
        .any(|name| roles(context, name).contains(&role))
        || value(context, role).is_some_and(FactValue::is_yes)
}

pub(super) fn answer(context: &Context<'_>, _: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let Some(carer) = carer(context) else {
        give(&mut answer, "exploration_complete", Value::Null);
        give(&mut answer, "missing_roles", Value::Array(Vec::new()));
        give(&mut answer, "missing_topics", Value::Array(Vec::new()));
        return answer;
    };
    let days = ["explored_on", "discussed_on"];
    let still_to_come = days.iter().any(|name| to_come(context, name));
    let agency = carer == Carer::OfAnAgency;
    let roles: Vec<&str> = [(PERMANENCY_WORKER, agency), (SOCIAL_WORKER, true)]
        .into_iter()
        .filter(|(role, wanted)| *wanted && (still_to_come || !took_part(context, role)))
        .map(|(role, _)| role)
        .collect();
    let topics: Vec<&str> = [
        (GUARDIANSHIP, true, &[Said::Discussed] as &[Said]),
        (MOVE, agency, &[Said::Discussed, Said::NotApplicable]),
    ]
    .into_iter()
    .filter(|(topic, wanted, enough)| {
        let said = said(context, topic);
        *wanted && (still_to_come || !said.iter().any(|one| enough.contains(one)))
    })
    .map(|(topic, ..)| topic)
    .collect();
    let matched = ["recommended_on", "matched_on", "ratified_on"];
    let too_late = days
        .iter()
        .filter_map(|name| day(context, name))
        .any(|talk| {
            matched
                .iter()
                .filter_map(|name| day(context, name))
                .any(|matched| talk >= matched)
        });
    let complete = roles.is_empty() && topics.is_empty() && !too_late;
    give(&mut answer, "exploration_complete", complete);
    give(&mut answer, "missing_roles", roles);
    give(&mut answer, "missing_topics", topics);
    answer
}

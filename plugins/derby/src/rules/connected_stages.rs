//! DER-ASSESSMENT-06: each finished assessment of a connected person has talked permanence through.
//!
//! Passes: the viability assessment is finished and talked of it; the fostering assessment is not finished yet.
//! Fails: both are finished and only the fostering assessment talked of it.
//! A stage may be named in a list, have facts of its own, or be a record with what is known about it.

use permanence_core::FactName;
use permanence_core::evaluation::{Certainty, Effect};
use permanence_core::facts::FactValue;
use permanence_plugin::answering::{finding, give};
use permanence_plugin::{ClauseAnswer, Context, Rule};

/// In the order of the clause.
const STAGES: [&str; 2] = ["viability_assessment", "fostering_assessment"];

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let missing: Vec<&str> = STAGES
        .into_iter()
        .filter(|stage| is_finished(context, stage) && !is_discussed(context, stage))
        .collect();
    if !missing.is_empty()
        && let Some(mut finding) = finding(
            context,
            rule,
            "connected_permanence_discussion_missing",
            Effect::Flag,
            "Permanence was not talked through in each finished assessment of the connected person.",
        )
    {
        finding
            .evidence
            .insert("missing".into(), missing.clone().into());
        let untold = missing.iter().filter(|stage| !is_told(context, stage));
        finding.missing.extend(
            untold
                .filter_map(|stage| FactName::new(format!("{stage}_permanence_discussed")).ok())
                .map(|fact| fact.camel()),
        );
        if !finding.missing.is_empty() {
            finding.certainty = Certainty::CannotBeKnown;
        }
        answer.findings.push(finding);
    }
    give(&mut answer, "missing_stages", missing);
    answer
}

fn is_finished(context: &Context<'_>, stage: &str) -> bool {
    let facts = context.facts();
    let by_record = record(context, stage).is_some_and(|record| {
        let told = [record.member("completed"), record.member("completed_on")];
        // A stage that is only named among the stages is one that took place.
        let named = record.member("stage").is_some() && told.iter().all(Option::is_none);
        named
            || told
                .into_iter()
                .flatten()
                .any(|finished| holds(context, finished))
    });
    by_record
        || lists(context, "completed_stages", stage)
        || facts
            .get(&format!("{stage}_completed_on"))
            .is_some_and(|finished| holds(context, finished))
}

/// Whether anybody has said if a stage talked permanence through.
fn is_told(context: &Context<'_>, stage: &str) -> bool {
    let facts = context.facts();
    !facts.is_absent("discussed_stages")
        || !facts.is_absent(&format!("{stage}_permanence_discussed"))
        || record(context, stage).is_some_and(|record| talk(record).is_some())
}

fn is_discussed(context: &Context<'_>, stage: &str) -> bool {
    let by_record = record(context, stage)
        .and_then(talk)
        .is_some_and(|talked| holds(context, talked));
    by_record
        || lists(context, "discussed_stages", stage)
        || context
            .facts()
            .get(&format!("{stage}_permanence_discussed"))
            .is_some_and(|talked| holds(context, talked))
}

/// The record of a stage: its own, or its entry among the stages.
fn record<'a>(context: &Context<'a>, stage: &str) -> Option<&'a FactValue> {
    let facts = context.facts();
    let mut stages = facts.list("stages").iter();
    facts
        .get(stage)
        .filter(|own| own.is_answered())
        .or_else(|| stages.find(|entry| is(entry.member("stage"), stage)))
}

/// What a record says about the talk.
fn talk(record: &FactValue) -> Option<&FactValue> {
    ["permanence_discussed", "discussed"]
        .into_iter()
        .find_map(|name| record.member(name))
}

fn lists(context: &Context<'_>, fact: &str, stage: &str) -> bool {
    let mut listed = context.facts().list(fact).iter();
    listed.any(|entry| is(Some(entry), stage))
}

fn is(value: Option<&FactValue>, code: &str) -> bool {
    value
        .and_then(FactValue::as_code)
        .is_some_and(|own| *own == code)
}

/// Yes, or a day that has come.
fn holds(context: &Context<'_>, value: &FactValue) -> bool {
    match value.as_date() {
        Some(day) => day <= context.as_of(),
        None => value.is_yes(),
    }
}

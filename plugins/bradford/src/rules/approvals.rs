//! Whose approval a paper still lacks (BRA-PAPERWORK-02).
//!
//! A final care plan approved by the team manager lacks a Service Manager; a matching report with the same approval
//! lacks nothing.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::give;
use permanence_plugin::reading::{member, text, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::ask::{word, yes};

const SERVICE_MANAGERS: [&str; 4] = [
    "service_manager",
    "social_work_service_manager",
    "through_care_service_manager",
    "resources_service_manager",
];

fn needs_service_manager(document: &str) -> bool {
    ["discharge_care_order_referral_form", "final_care_plan"].contains(&document)
}

/// Whether an approval was given by a day: one that says no day was; one whose day is none was not.
fn given_by(entry: &FactValue, day: NaiveDate) -> bool {
    const DAYS: [&str; 3] = ["approved_on", "approved_at", "on"];
    match member(entry, &DAYS) {
        Some(on) => on.as_date().is_none_or(|on| on <= day),
        None => DAYS.iter().all(|name| entry.member(name).is_none()),
    }
}

/// The role that gave an approval: the code itself, or the member that names it.
fn approver(entry: &FactValue) -> Option<&str> {
    text(entry).or_else(|| member(entry, &["role", "approved_by", "by"]).and_then(text))
}

/// The roles in a list of approvals; an entry that says it was not approved, or only later, is none.
fn approvers(given: Option<&FactValue>, by: NaiveDate) -> Vec<&str> {
    match given {
        Some(FactValue::List(entries)) => entries
            .iter()
            .filter(|entry| entry.member("approved") != Some(&FactValue::Boolean(false)))
            .filter(|entry| given_by(entry, by))
            .filter_map(approver)
            .collect(),
        // By role: `{team_manager: 2025-04-02, service_manager: false}`.
        Some(FactValue::Record(answers)) => answers
            .iter()
            .filter(|(_, answer)| answer.is_yes() && answer.as_date().is_none_or(|on| on <= by))
            .map(|(role, _)| role.as_str())
            .collect(),
        Some(single) => text(single).into_iter().collect(),
        None => Vec::new(),
    }
}

fn missing(document: &str, approved_by: &[&str]) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if !approved_by.contains(&"team_manager") {
        missing.push("team_manager");
    }
    if needs_service_manager(document)
        && !approved_by
            .iter()
            .any(|role| SERVICE_MANAGERS.contains(role))
    {
        missing.push("service_manager");
    }
    missing
}

pub(super) fn answer(context: &Context<'_>, _: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    // A day that holds for all who are named: none of them has approved before it.
    let approved = context.facts().is_absent("approved_on") || yes(context, "approved_on");
    let mut given = if approved {
        approvers(value(context, "approved_by"), context.as_of())
    } else {
        Vec::new()
    };
    for (fact, role) in [
        ("team_manager_approved_on", "team_manager"),
        ("service_manager_approved_on", "service_manager"),
    ] {
        given.extend(yes(context, fact).then_some(role));
    }
    let of_request = || match word(context, "request_type") {
        Some("care_order_discharge") => "discharge_care_order_referral_form",
        Some("final_care_plan") => "final_care_plan",
        _ => "",
    };
    let papers = context.facts().list("documents");
    let lacking: Vec<&str> = match word(context, "document") {
        Some(document) => missing(document, &given),
        None if papers.is_empty() => missing(of_request(), &given),
        None => {
            let all: Vec<&str> = papers
                .iter()
                .flat_map(|paper| {
                    let document = member(paper, &["document", "document_type", "type", "code"])
                        .and_then(text)
                        .unwrap_or("");
                    let mut roles = approvers(
                        member(paper, &["approved_by", "approvals"]),
                        context.as_of(),
                    );
                    roles.extend(&given);
                    missing(document, &roles)
                })
                .collect();
            ["team_manager", "service_manager"]
                .into_iter()
                .filter(|role| all.contains(role))
                .collect()
        }
    };
    give(&mut answer, "missing_approvals", lacking);
    answer
}

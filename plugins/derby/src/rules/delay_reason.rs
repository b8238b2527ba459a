//! DER-RECORD-02: a slip of the Special Guardianship timetable has its reason on record.
//!
//! Passes: a request of 6 January 2025, unfinished on 3 April, with a reason.
//! Fails: the same without one; the twelve weeks ended on 31 March.
//! Whether it slipped is asked of the clauses on the twelve weeks and on the panel to reach.

use chrono::NaiveDate;
use permanence_core::evaluation::{Certainty, Effect, Question};
use permanence_core::facts::FactValue;
use permanence_core::{Answer, ClauseId, NoCodedRules, evaluate_clause};
use permanence_plugin::answering::finding;
use permanence_plugin::{ClauseAnswer, CodedError, Context, Rule};

/// Twelve weeks for the assessment.
const ASSESSMENT: &str = "DER-DEADLINE-03";
/// The first panel after them.
const PANEL: &str = "DER-DEADLINE-04";

/// A slip: its first day, and the facts that would settle whether there is one.
struct Slip {
    on: Option<NaiveDate>,
    missing: Vec<String>,
}

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> Result<ClauseAnswer, CodedError> {
    let mut answer = ClauseAnswer::default();
    let facts = context.facts();
    let reason = facts.get("delay_reason");
    if reason.is_some_and(FactValue::is_answered)
        || facts.date("formal_request_received_on").is_none()
    {
        return Ok(answer);
    }
    if let Some(slip) = slip(context)?
        && let Some(mut finding) = finding(
            context,
            rule,
            "delay_reason_missing",
            Effect::Flag,
            "The Special Guardianship timetable has slipped and no reason is on record.",
        )
    {
        finding.ran_out_on = slip.on;
        if !slip.missing.is_empty() {
            finding.missing.extend(slip.missing);
            finding.certainty = Certainty::CannotBeKnown;
        }
        answer.findings.push(finding);
    }
    Ok(answer)
}

/// Whether the timetable has slipped, by the assessment or by the panel.
fn slip(context: &Context<'_>) -> Result<Option<Slip>, CodedError> {
    let assessment = ask(context, ASSESSMENT)?;
    let result = |name: &str| assessment.results.get(name)?.as_str();
    if result("status") == Some("completed_late") {
        let due: Option<NaiveDate> = result("dueDate").and_then(|due| due.parse().ok());
        return Ok(Some(Slip {
            on: due.and_then(|due| due.succ_opt()),
            missing: Vec::new(),
        }));
    }
    let panel = ask(context, PANEL)?;
    let mut missed = assessment.findings.into_iter().chain(panel.findings);
    Ok(missed.next().map(|missed| Slip {
        on: missed.ran_out_on,
        missing: missed.missing,
    }))
}

/// What another clause answers to the same question.
fn ask(context: &Context<'_>, clause: &str) -> Result<Answer, CodedError> {
    let question = Question {
        as_of: context.as_of(),
        facts: context.facts().clone(),
    };
    ClauseId::new(clause)
        .ok()
        .and_then(|clause| {
            evaluate_clause(context.policy(), &clause, &question, &NoCodedRules).ok()
        })
        .ok_or(CodedError::NotAnswered)
}

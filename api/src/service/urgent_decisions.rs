//! Decisions outside panel, which cannot wait for the next sitting: by whom, on what and why is the council's policy.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_core::rulebook::Policy;
use permanence_core::{Capability, Code};
use serde_json::{Value, json};

use super::arising::arising;
use super::children::child_load;
use super::codes::known_code;
use super::decisions::{Decided, NewDecision, keep, subject};
use super::fact_sheet::{FactSheet, read_sent};
use super::follow_ups::{Draft, Origin};
use super::judging::{add_decision, ask, decision, not_ahead};
use super::policy::{PanelDesk, refuse_blocked_at};
use super::ratification::Ratification;
use super::sittings::days_after;
use super::{Made, Once, ServiceError};
use crate::store::decisions::{Decision, DecisionKind, decision_create_in_txn};
use crate::store::ids::CaseId;
use crate::store::{Conn, StoreError, Tx};

/// A decision outside panel.
#[derive(Debug, Clone, PartialEq)]
pub struct NewUrgentDecision {
    /// The case.
    pub case_id: CaseId,
    /// What was asked.
    pub request_type: Code,
    /// The role that decided.
    pub decided_by: Code,
    /// Why it could not wait.
    pub reason: Option<String>,
    /// What was decided; its `decided_by` is the role above.
    pub decision: NewDecision,
}

/// Records a decision outside panel.
///
/// # Errors
/// [`ServiceError::Refused`] with the clauses, [`ServiceError::Invalid`].
pub async fn record(
    desk: &PanelDesk,
    new: NewUrgentDecision,
    once: Once<Decided>,
) -> Result<Made<Decided>, ServiceError> {
    let now = desk.desk.now();
    let case_id = new.case_id;
    let why = new.reason.clone();
    let planned = plan(desk, new).await;
    let by = desk.by.clone();
    let work = async move |tx: &mut Tx| {
        once.run_in_txn(tx, now, async |tx| {
            let (decided, drafts) = planned?;
            decision_create_in_txn(tx, &by.council, &decided).await?;
            let events = vec![by.event(
                now,
                "recordUrgentDecision",
                subject(&decided),
                &decided,
                why,
            )?];
            let origin = Origin {
                case_id: Some(case_id),
                decision_id: Some(decided.id),
                ..Origin::default()
            };
            keep(
                tx,
                &by,
                origin,
                decided,
                drafts,
                events,
                "recordUrgentDecision",
            )
            .await
        })
        .await
    };
    desk.desk.store.write(work).await
}

async fn plan(
    desk: &PanelDesk,
    new: NewUrgentDecision,
) -> Result<(Decision, Vec<Draft>), ServiceError> {
    let today = desk.desk.today();
    let (council, scope) = (&desk.by.council, &desk.by.scope);
    let case_id = new.case_id;
    let child = desk
        .desk
        .store
        .read(async |conn: &mut Conn| child_load(conn, council, scope, case_id).await)
        .await?
        .ok_or_else(|| {
            ServiceError::invalid(
                "/caseId",
                "not_found",
                "There is no such case, or it is not yours to see.",
            )
        })?;
    let decided_on: NaiveDate = new.decision.decided_on.unwrap_or(today);
    not_ahead(decided_on, today)?;
    let policy = desk.policy(decided_on)?;
    known_code(policy, "request_types", "/requestType", &new.request_type)?;
    known_code(policy, "roles", "/decidedBy", &new.decided_by)?;
    known_code(policy, "outcomes", "/outcome", &new.decision.outcome)?;
    read_sent("/facts", &new.decision.facts, policy.dictionary())?;
    let mut without = FactSheet::from(child.facts(policy.dictionary(), decided_on)?);
    without
        .code("request_type", Some(&new.request_type))
        .answer("decided_outside_panel", Some(true))
        .set(
            "panel_dates",
            sittings_after(desk, policy, decided_on).await?,
        )
        .text(
            "reason",
            new.reason
                .as_deref()
                .filter(|reason| !reason.trim().is_empty()),
        );
    let mut with = without.clone();
    add_decision(&mut with, &new.decision, decided_on, policy);
    with.code("decided_by", Some(&new.decided_by));
    let with = with.into_facts();
    let judged = ask(desk, Capability::UrgentDecision, decided_on, with.clone()).await?;
    let outcomes = desk
        .ask(Capability::Decision, decided_on, with.clone())
        .await?;
    refuse_blocked_at([(&judged.answer, "/decidedBy"), (&outcomes, "/outcome")])?;
    let actions = &new.decision.actions;
    let ratification = Ratification::asked_for(policy, [&judged.answer, &outcomes]);
    let mut drafts = arising(desk, decided_on, without.into_facts(), with, actions).await?;
    drafts.extend(ratification.as_ref().and_then(|one| one.draft(policy)));
    let by_role = new.decided_by.to_string();
    let mut decided = decision(
        desk,
        case_id,
        DecisionKind::Urgent,
        &new.decision,
        decided_on,
        by_role,
        &judged,
    );
    decided.operation = Capability::UrgentDecision.as_str().to_owned();
    let findings: Vec<_> = judged
        .answer
        .findings
        .iter()
        .chain(&outcomes.findings)
        .collect();
    decided.findings = serde_json::to_value(findings).map_err(StoreError::from)?;
    decided.quorum = Value::Null;
    decided.details = json!({
        "requestType": new.request_type,
        "reason": new.reason,
        "results": judged.answer.results,
        "silent": judged.answer.silent,
    });
    if let Some(ratification) = ratification {
        ratification.note_on(&mut decided);
    }
    Ok((decided, drafts))
}

/// The sittings that stand in the calendar after a day; none where there are none, and the policy's pattern holds.
async fn sittings_after(
    desk: &PanelDesk,
    policy: &Policy,
    day: NaiveDate,
) -> Result<Option<FactValue>, ServiceError> {
    let Some(panel) = policy.panel(None) else {
        return Ok(None);
    };
    let days = days_after(desk, &panel.code, day).await?;
    let list = days.into_iter().map(FactValue::Date).collect::<Vec<_>>();
    Ok((!list.is_empty()).then_some(FactValue::List(list)))
}

//! Judging a decision before it is written: by the council's quorum, its outcomes and its decision makers; and everything
//! that follows from what is allowed.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_core::rulebook::Policy;
use permanence_core::{Answer, Capability, Code, Facts, Finding};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::arising::arising;
use super::attendance::quorum_facts;
use super::codes::{known_code, postpones};
use super::decisions::NewDecision;
use super::fact_sheet::{FactSheet, read_sent, record};
use super::follow_ups::Draft;
use super::items::Item;
use super::policy::{PanelDesk, fault, refuse_blocked};
use super::{Fault, ServiceError};
use crate::store::StoreError;
use crate::store::attendance::Attendance;
use crate::store::bookings::BookingStatus;
use crate::store::decisions::{Decision, DecisionKind};
use crate::store::ids::DecisionId;

/// Who decided, where the policy names no role for it.
const PANEL: &str = "panel";

/// What is to be written of a decision: the item as it was judged, the decision, and what follows from it.
pub(crate) type Planned = (Item, Decision, Vec<Draft>);

/// What the policy said of a decision.
pub(crate) struct Judged {
    pub(crate) answer: Answer,
    pub(crate) hash: String,
    pub(crate) facts: Facts,
}

/// Judges a decision on an item by the council's policy; what is allowed comes back as it is to be written.
pub(crate) async fn judge_item(
    desk: &PanelDesk,
    item: Item,
    new: &NewDecision,
) -> Result<Planned, ServiceError> {
    let decided_on = new.decided_on.unwrap_or(item.sitting.held_on);
    check(desk, new, decided_on, desk.desk.today())?;
    listed(&item)?;
    let policy = desk.policy(decided_on)?;
    let quorum = quorum(desk, &item, decided_on).await?;
    // Putting an item off is what is left to a panel without a quorum.
    if !postpones(policy, &new.outcome) {
        refuse_without_quorum(&quorum)?;
    }
    let judged = judge(desk, policy, &item, new, decided_on).await?;
    refuse_blocked([&judged.answer], "/outcome")?;
    let (decision, drafts) = prepare(desk, policy, &item, new, decided_on, judged, quorum).await?;
    Ok((item, decision, drafts))
}

fn check(
    desk: &PanelDesk,
    new: &NewDecision,
    decided_on: NaiveDate,
    today: NaiveDate,
) -> Result<(), ServiceError> {
    not_ahead(decided_on, today)?;
    if new.rationale.trim().is_empty() {
        return Err(ServiceError::invalid(
            "/rationale",
            "rationale_missing",
            "A decision needs its reasons.",
        ));
    }
    let policy = desk.policy(decided_on)?;
    known_code(policy, "outcomes", "/outcome", &new.outcome)?;
    // The panel as a whole is nobody's role, and is what an answer says where nobody is named.
    if let Some(role) = new.decided_by.as_ref().filter(|role| **role != *PANEL) {
        known_code(policy, "roles", "/decidedBy", role)?;
    }
    for (index, action) in new.actions.iter().enumerate() {
        for (member, role) in [
            ("responsibleRole", &action.responsible_role),
            ("assignedTo", &action.assigned_to),
        ] {
            if let Some(role) = role {
                known_code(policy, "roles", &format!("/actions/{index}/{member}"), role)?;
            }
        }
    }
    for (index, view) in new.member_views.iter().enumerate() {
        known_code(
            policy,
            "roles",
            &format!("/memberViews/{index}/role"),
            &view.role,
        )?;
    }
    read_sent("/facts", &new.facts, policy.dictionary()).map(drop)
}

fn listed(item: &Item) -> Result<(), ServiceError> {
    match item.booking.status {
        BookingStatus::Listed => Ok(()),
        BookingStatus::Decided => Err(decided()),
        _ => Err(ServiceError::Conflict(
            "The item is not on the list of its sitting.".into(),
        )),
    }
}

pub(super) fn decided() -> ServiceError {
    ServiceError::Conflict("The item is decided already.".into())
}

/// Refuses a decision of a day to come.
pub(super) fn not_ahead(decided_on: NaiveDate, today: NaiveDate) -> Result<(), ServiceError> {
    if decided_on <= today {
        return Ok(());
    }
    Err(ServiceError::invalid(
        "/decidedOn",
        "in_the_future",
        "A decision cannot be recorded before its day.",
    ))
}

async fn quorum(desk: &PanelDesk, item: &Item, as_of: NaiveDate) -> Result<Answer, ServiceError> {
    let there: Vec<&Attendance> = item.attended().collect();
    let mut facts = quorum_facts(&item.sitting, item.booking.session.as_ref(), &there);
    facts.code("request_type", Some(&item.booking.request_type));
    desk.ask(Capability::Quorum, as_of, facts.into_facts())
        .await
}

/// A council whose answer is that there is no quorum refuses; one that has no such rule does not answer at all.
fn refuse_without_quorum(answer: &Answer) -> Result<(), ServiceError> {
    if answer
        .results
        .get("quorate")
        .is_none_or(|quorate| *quorate == Value::Bool(true))
    {
        return Ok(());
    }
    let cited = answer.because.get("quorate").cloned().unwrap_or_default();
    let mut faults: Vec<Fault> = answer
        .findings
        .iter()
        .filter(|finding| finding.effect == permanence_core::Effect::Reason)
        .map(|finding| fault(finding, ""))
        .collect();
    if faults.is_empty() {
        faults.push(Fault::new("", "not_quorate", "The panel is not quorate.").citing(cited));
    }
    Err(ServiceError::Refused(faults))
}

/// The facts of a decision beside those of its item.
pub(crate) fn add_decision(
    sheet: &mut FactSheet,
    new: &NewDecision,
    decided_on: NaiveDate,
    policy: &Policy,
) {
    let views = new.member_views.iter().map(|view| {
        record([
            ("role", Some(FactValue::Code(view.role.clone()))),
            ("view", view.view.clone().map(FactValue::Text)),
            ("dissents", Some(FactValue::Boolean(view.dissents))),
        ])
    });
    let conditions = new
        .conditions
        .iter()
        .cloned()
        .map(FactValue::Text)
        .collect();
    let dissent = new.member_views.iter().any(|view| view.dissents);
    sheet
        .read(&new.facts, policy.dictionary())
        .code("outcome", Some(&new.outcome))
        .day("decided_on", Some(decided_on))
        .text("rationale", Some(&new.rationale))
        .day(
            "action_plan_timescale",
            new.timescale.as_deref().and_then(|day| day.parse().ok()),
        )
        .answer(
            "consensus",
            if dissent { Some(false) } else { new.consensus },
        )
        .code("chair_decision", new.chair_decision.as_ref())
        .code("decided_by", new.decided_by.as_ref())
        .set("conditions", Some(FactValue::List(conditions)));
    if !new.member_views.is_empty() {
        sheet
            .set("member_views", Some(FactValue::List(views.collect())))
            .answer("views_recorded", Some(true));
    }
}

async fn judge(
    desk: &PanelDesk,
    policy: &Policy,
    item: &Item,
    new: &NewDecision,
    decided_on: NaiveDate,
) -> Result<Judged, ServiceError> {
    let mut sheet = item.facts(policy, decided_on)?;
    sheet.code("forum", Some(&item.sitting.panel));
    add_decision(&mut sheet, new, decided_on, policy);
    ask(desk, Capability::Decision, decided_on, sheet.into_facts()).await
}

/// Asks and keeps what was asked, so that it can be shown what the policy was given.
pub(crate) async fn ask(
    desk: &PanelDesk,
    capability: Capability,
    as_of: NaiveDate,
    facts: Facts,
) -> Result<Judged, ServiceError> {
    let question = json!({ "capability": capability, "asOf": as_of, "facts": facts.to_json() });
    let hash = Sha256::digest(question.to_string())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let answer = desk.ask(capability, as_of, facts.clone()).await?;
    Ok(Judged {
        answer,
        hash,
        facts,
    })
}

async fn prepare(
    desk: &PanelDesk,
    policy: &Policy,
    item: &Item,
    new: &NewDecision,
    decided_on: NaiveDate,
    judged: Judged,
    quorum: Answer,
) -> Result<(Decision, Vec<Draft>), ServiceError> {
    let without = item.facts(policy, decided_on)?.into_facts();
    let drafts = arising(
        desk,
        decided_on,
        without,
        judged.facts.clone(),
        &new.actions,
    )
    .await?;
    let findings: Vec<&Finding> = judged
        .answer
        .findings
        .iter()
        .chain(&quorum.findings)
        .collect();
    let findings = serde_json::to_value(findings).map_err(StoreError::from)?;
    let said = judged
        .answer
        .results
        .get("decidedBy")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let by_chair = said
        .as_deref()
        .is_some_and(|role| is_chair(policy, item, role));
    let decided_by = new
        .decided_by
        .as_ref()
        .map(Code::to_string)
        .or(said)
        .unwrap_or_else(|| PANEL.to_owned());
    let kind = if by_chair {
        DecisionKind::Chair
    } else {
        DecisionKind::Panel
    };
    let mut decision = decision(
        desk,
        item.booking.case_id,
        kind,
        new,
        decided_on,
        decided_by,
        &judged,
    );
    decision.booking_id = Some(item.booking.id);
    decision.sitting_id = Some(item.sitting.id);
    decision.findings = findings;
    decision.quorum = serde_json::to_value(&quorum).map_err(StoreError::from)?;
    decision.details = json!({ "chair": item.chaired_by(), "results": judged.answer.results });
    Ok((decision, drafts))
}

/// Whether a role is that of the chair: by its general name, by the rulebook's panel, or because it sits in this item's chair.
fn is_chair(policy: &Policy, item: &Item, role: &str) -> bool {
    let panel = policy.panel(Some(item.sitting.panel.as_str()));
    let named = panel.is_some_and(|panel| panel.chair.iter().any(|chair| *chair == *role));
    role == "panel_chair" || named || item.chair_role().is_some_and(|chair| *chair == *role)
}

/// A decision as it is stored, with the policy and the library that judged it.
pub(crate) fn decision(
    desk: &PanelDesk,
    case_id: crate::store::ids::CaseId,
    kind: DecisionKind,
    new: &NewDecision,
    decided_on: NaiveDate,
    decided_by: String,
    judged: &Judged,
) -> Decision {
    let now = desk.desk.now();
    let plugin = desk.council.plugin();
    let dissent = new.member_views.iter().any(|view| view.dissents);
    Decision {
        id: DecisionId::generate(),
        case_id,
        booking_id: None,
        sitting_id: None,
        kind,
        outcome: new.outcome.clone(),
        rationale: new.rationale.clone(),
        conditions: new.conditions.clone(),
        timescale: new.timescale.clone(),
        dissent: new.member_views.clone(),
        consensus: if dissent { Some(false) } else { new.consensus },
        decided_by,
        decided_on,
        ratified_on: None,
        ratified_by: None,
        facts: Value::Object(judged.facts.to_json()),
        findings: Value::Array(Vec::new()),
        quorum: Value::Null,
        details: json!({}),
        edition: judged.answer.edition.clone(),
        plugin_id: plugin.id.clone(),
        plugin_version: plugin.version.clone(),
        plugin_digest: plugin.digest.to_string(),
        operation: Capability::Decision.as_str().to_owned(),
        request_hash: judged.hash.clone(),
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

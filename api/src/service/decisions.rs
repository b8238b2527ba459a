//! Recording what a panel decided: checked by the council's policy, stored with the policy that judged it, and with all
//! that follows from it in the same transaction.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_core::rulebook::Policy;
use permanence_core::{Answer, Capability, Code, Facts, Finding};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::attendance::quorum_facts;
use super::bookings::{load, subject as booking_subject};
use super::follow_ups::{Draft, Origin, arising, subject as follow_up_subject};
use super::items::Item;
use super::policy::{FactSheet, PanelDesk, fault, known_code, read_sent, record, refuse_blocked};
use super::sittings::{Admits, subject as sitting_subject};
use super::{Fault, Made, Once, ServiceError, Subject};
use crate::store::attendance::{Attendance, attendance_list_of_sitting};
use crate::store::audit::{Event, audit_append_many_in_txn};
use crate::store::bookings::{BookingStatus, booking_get, booking_update_in_txn};
use crate::store::cases::case_get;
use crate::store::decisions::{
    Decision, DecisionKind, MemberView, decision_create_in_txn, decision_get,
};
use crate::store::follow_ups::{FollowUp, follow_up_create_in_txn, follow_up_list_of_decision};
use crate::store::ids::{BookingId, DecisionId};
use crate::store::sittings::{
    SittingStatus, sitting_get, sitting_lock_in_txn, sitting_update_in_txn,
};
use crate::store::{Conn, StoreError, Tx};

/// A decision to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDecision {
    /// What was decided.
    pub outcome: Code,
    /// The reasons.
    pub rationale: String,
    /// Conditions set with it.
    pub conditions: Vec<String>,
    /// By when, in words.
    pub timescale: Option<String>,
    /// Whether the members agreed.
    pub consensus: Option<bool>,
    /// Views of members.
    pub member_views: Vec<MemberView>,
    /// What the chair decided where the members did not agree.
    pub chair_decision: Option<Code>,
    /// The role that decided; as the policy says where it is not named.
    pub decided_by: Option<Code>,
    /// The day; the sitting's where it is not said.
    pub decided_on: Option<NaiveDate>,
    /// Actions that the decision itself sets.
    pub actions: Vec<NewAction>,
    /// Further facts, by their names on the wire.
    pub facts: Map<String, Value>,
}

/// An action that a decision sets, beside those that the policy makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAction {
    /// What is to be done.
    pub action: Code,
    /// The same in words.
    pub description: Option<String>,
    /// Who answers for it; as the policy says where it is not named.
    pub responsible_role: Option<Code>,
    /// Who does it, where that is somebody else.
    pub assigned_to: Option<Code>,
    /// The last day in time.
    pub due_on: Option<NaiveDate>,
}

/// A decision with what follows from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The decision.
    pub decision: Decision,
    /// Everything that follows.
    pub follow_ups: Vec<FollowUp>,
}

/// What the policy said of a decision.
pub(crate) struct Judged {
    pub(crate) answer: Answer,
    pub(crate) hash: String,
    pub(crate) facts: Facts,
}

/// Records the decision on an item.
///
/// A council that has a quorum and finds none refuses every decision; one without a quorum records and flags.
///
/// # Errors
/// [`ServiceError::Refused`] with the clauses, [`ServiceError::NotFound`], [`ServiceError::Stale`],
/// [`ServiceError::Conflict`] when the item is not on the list, [`ServiceError::Invalid`].
pub async fn record_decision(
    desk: &PanelDesk,
    id: BookingId,
    admits: Admits,
    new: NewDecision,
    once: Once<Decided>,
) -> Result<Made<Decided>, ServiceError> {
    let now = desk.desk.now();
    // A repeated request must get as far as its key, although the item is decided by then.
    let planned = plan(desk, id, &admits, &new).await;
    let by = desk.by.clone();
    let work = async move |tx: &mut Tx| {
        once.run_in_txn(tx, now, async |tx| {
            let (item, decision, drafts) = planned?;
            let sitting_id = item.sitting.id;
            sitting_lock_in_txn(tx, &by.council, sitting_id).await?;
            let mut booking = booking_get(tx, &by.council, id)
                .await?
                .ok_or(ServiceError::NotFound)?;
            if booking.version != item.booking.version {
                return Err(ServiceError::Stale);
            }
            same_people(
                &item.attendance,
                &attendance_list_of_sitting(tx, &by.council, sitting_id).await?,
            )?;
            decision_create_in_txn(tx, &by.council, &decision)
                .await
                .map_err(decided_already)?;
            booking.status = BookingStatus::Decided;
            booking.status_reason = Some(decision.outcome.to_string());
            booking.updated_at = now;
            let booking = booking_update_in_txn(tx, &by.council, booking)
                .await?
                .ok_or(ServiceError::Stale)?;
            let mut events = vec![
                by.event(now, "recordDecision", subject(&decision), &decision, None)?,
                by.event(
                    now,
                    "recordDecision",
                    booking_subject(&booking),
                    &booking,
                    None,
                )?,
            ];
            let mut sitting = sitting_get(tx, &by.council, sitting_id)
                .await?
                .ok_or(ServiceError::NotFound)?;
            if sitting.status == SittingStatus::Scheduled {
                sitting.status = SittingStatus::Held;
                sitting.updated_at = now;
                let sitting = sitting_update_in_txn(tx, &by.council, sitting)
                    .await?
                    .ok_or(ServiceError::Stale)?;
                events.push(by.event(
                    now,
                    "recordDecision",
                    sitting_subject(&sitting),
                    &sitting,
                    None,
                )?);
            }
            let origin = Origin {
                case_id: Some(decision.case_id),
                booking_id: Some(id),
                sitting_id: Some(sitting_id),
                decision_id: Some(decision.id),
            };
            keep(tx, &by, origin, decision, drafts, events, "recordDecision").await
        })
        .await
    };
    desk.desk.store.write(work).await
}

async fn plan(
    desk: &PanelDesk,
    id: BookingId,
    admits: &Admits,
    new: &NewDecision,
) -> Result<(Item, Decision, Vec<Draft>), ServiceError> {
    let item = load(desk, id).await?;
    if !admits(item.booking.version) {
        return Err(ServiceError::Stale);
    }
    let decided_on = new.decided_on.unwrap_or(item.sitting.held_on);
    check(desk, new, decided_on, desk.desk.today())?;
    listed(&item)?;
    let policy = desk.policy(decided_on)?;
    let quorum = quorum(desk, &item, decided_on).await?;
    // Putting an item off is what is left to a panel without a quorum.
    if new.outcome != *"deferred" {
        refuse_without_quorum(&quorum)?;
    }
    let judged = judge(desk, policy, &item, new, decided_on).await?;
    refuse_blocked([&judged.answer], "/outcome")?;
    let (decision, drafts) = prepare(desk, policy, &item, new, decided_on, judged, quorum).await?;
    Ok((item, decision, drafts))
}

/// Keeps what follows from a decision, and the events of all of it.
pub(crate) async fn keep(
    tx: &mut Tx,
    by: &super::Acting,
    origin: Origin,
    decision: Decision,
    drafts: Vec<Draft>,
    mut events: Vec<Event>,
    operation: &str,
) -> Result<Decided, ServiceError> {
    let now = decision.created_at;
    let follow_ups: Vec<FollowUp> = drafts
        .into_iter()
        .map(|draft| draft.into_follow_up(origin, now))
        .collect();
    follow_up_create_in_txn(tx, &by.council, &follow_ups).await?;
    for follow_up in &follow_ups {
        events.push(by.event(
            now,
            operation,
            follow_up_subject(follow_up),
            follow_up,
            None,
        )?);
    }
    audit_append_many_in_txn(tx, &by.council, events).await?;
    Ok(Decided {
        decision,
        follow_ups,
    })
}

fn check(
    desk: &PanelDesk,
    new: &NewDecision,
    decided_on: NaiveDate,
    today: NaiveDate,
) -> Result<(), ServiceError> {
    if decided_on > today {
        let message = "A decision cannot be recorded before its day.";
        return Err(ServiceError::invalid(
            "/decidedOn",
            "in_the_future",
            message,
        ));
    }
    if new.rationale.trim().is_empty() {
        return Err(ServiceError::invalid(
            "/rationale",
            "rationale_missing",
            "A decision needs its reasons.",
        ));
    }
    let policy = desk.policy(decided_on)?;
    known_code(policy, "outcomes", "/outcome", &new.outcome)?;
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

fn decided() -> ServiceError {
    ServiceError::Conflict("The item is decided already.".into())
}

fn decided_already(fault: StoreError) -> ServiceError {
    match fault {
        StoreError::Duplicate(_) => decided(),
        other => other.into(),
    }
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
    let mut sheet = item.facts(policy, decided_on);
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
    let without = item.facts(policy, decided_on).into_facts();
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
    let by_chair = said.as_deref() == Some("panel_chair");
    let decided_by = new
        .decided_by
        .as_ref()
        .map(Code::to_string)
        .or(said)
        .unwrap_or_else(|| "panel".to_owned());
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

/// The decision must rest on the people who were there when it was judged.
fn same_people(judged: &[Attendance], now: &[Attendance]) -> Result<(), ServiceError> {
    let same = judged.len() == now.len()
        && judged
            .iter()
            .zip(now)
            .all(|(one, other)| one.id == other.id);
    if same {
        Ok(())
    } else {
        Err(ServiceError::Conflict(
            "The attendance was changed meanwhile: send the decision again.".into(),
        ))
    }
}

/// Reads a decision with what follows from it.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn get(
    desk: &PanelDesk,
    id: DecisionId,
    operation: &str,
) -> Result<Decided, ServiceError> {
    let (council, scope) = (&desk.by.council, &desk.by.scope);
    let found = desk
        .desk
        .store
        .read(async |conn: &mut Conn| {
            let Some(decision) = decision_get(conn, council, id).await? else {
                return Ok(None);
            };
            let seen = case_get(conn, council, scope, decision.case_id)
                .await?
                .is_some();
            let follow_ups = follow_up_list_of_decision(conn, council, id).await?;
            Ok::<_, ServiceError>(seen.then_some(Decided {
                decision,
                follow_ups,
            }))
        })
        .await?;
    let decided = found.ok_or(ServiceError::NotFound)?;
    desk.desk
        .record_read(&desk.by, operation, [decided.decision.case_id])?;
    Ok(decided)
}

/// A decision in the audit.
#[must_use]
pub fn subject(decision: &Decision) -> Subject {
    Subject {
        kind: "decision",
        id: decision.id.untyped(),
        version: decision.version,
        case_id: Some(decision.case_id),
    }
}

//! Decisions: what a panel, its chair or an authorised officer decided, with the policy that judged it.
//!
//! Table `decisions`. A booking is decided once: the database refuses a second decision.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use permanence_core::{Code, CouncilCode};
use serde::{Deserialize, Serialize};

use super::columns::code;
use super::conn::on;
use super::ids::{BookingId, CaseId, DecisionId, SittingId};
use super::keyed::{keep_changed, row_by_id};
use super::prepared::Prepared;
use super::schema::decisions;
use super::{Conn, Document, Moment, StoreError, Tx};

/// How a decision came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// The panel decided.
    Panel,
    /// The chair decided, after the members' views.
    Chair,
    /// An authorised officer decided outside panel.
    Urgent,
}

impl DecisionKind {
    /// The code as it is written everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Panel => "panel",
            Self::Chair => "chair",
            Self::Urgent => "urgent",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        match text {
            "panel" => Ok(Self::Panel),
            "chair" => Ok(Self::Chair),
            "urgent" => Ok(Self::Urgent),
            _ => Err(StoreError::Corrupt("a decision's kind")),
        }
    }
}

/// A member's view of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberView {
    /// The member's role.
    pub role: Code,
    /// What they said.
    pub view: Option<String>,
    /// Whether they dissent.
    pub dissents: bool,
}

/// A decision. Its JSON form is what the audit keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// The case.
    pub case_id: CaseId,
    /// The item; none for a decision outside panel.
    pub booking_id: Option<BookingId>,
    /// The sitting.
    pub sitting_id: Option<SittingId>,
    /// How it came about.
    pub kind: DecisionKind,
    /// What was decided.
    pub outcome: Code,
    /// The reasons.
    pub rationale: String,
    /// Conditions set with it.
    pub conditions: Vec<String>,
    /// By when, in words.
    pub timescale: Option<String>,
    /// Views of members.
    pub dissent: Vec<MemberView>,
    /// Whether the members agreed; none where that was not recorded.
    pub consensus: Option<bool>,
    /// Who decided: a role.
    pub decided_by: String,
    /// The day.
    pub decided_on: NaiveDate,
    /// The day it was ratified.
    pub ratified_on: Option<NaiveDate>,
    /// Who ratified it.
    pub ratified_by: Option<String>,
    /// The facts that it was judged by.
    pub facts: serde_json::Value,
    /// What the policy found.
    pub findings: serde_json::Value,
    /// The answer on the quorum.
    pub quorum: serde_json::Value,
    /// What else is recorded.
    pub details: serde_json::Value,
    /// The edition that judged.
    pub edition: String,
    /// The plugin that judged.
    pub plugin_id: String,
    /// Its version.
    pub plugin_version: String,
    /// Its SHA-256.
    pub plugin_digest: String,
    /// The capability that was asked.
    pub operation: String,
    /// The SHA-256 of the question.
    pub request_hash: String,
    /// Counts its changes, from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = decisions, treat_none_as_null = true, primary_key(council, id))]
pub(super) struct DecisionRow {
    council: String,
    id: DecisionId,
    case_id: CaseId,
    booking_id: Option<BookingId>,
    sitting_id: Option<SittingId>,
    kind: String,
    outcome: String,
    rationale: String,
    conditions: Document,
    timescale: Option<String>,
    dissent: Document,
    consensus: Option<bool>,
    decided_by: String,
    decided_on: NaiveDate,
    ratified_on: Option<NaiveDate>,
    ratified_by: Option<String>,
    facts: Document,
    findings: Document,
    quorum: Document,
    details: Document,
    edition: String,
    plugin_id: String,
    plugin_version: String,
    plugin_digest: String,
    operation: String,
    request_hash: String,
    version: i64,
    created_at: Moment,
    updated_at: Moment,
}

/// Keeps a new decision.
///
/// # Errors
/// [`StoreError::Duplicate`] when the booking is decided already, or whatever the database says.
pub async fn decision_create_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    decision: &Decision,
) -> Result<(), StoreError> {
    let row = DecisionRow::of(council, decision)?;
    on!(
        tx,
        execute(Prepared(diesel::insert_into(decisions::table).values(&row)))
    )?;
    Ok(())
}

/// The decision with this id.
///
/// # Errors
/// Whatever the database says.
pub async fn decision_get(
    conn: &mut Conn,
    council: &CouncilCode,
    id: DecisionId,
) -> Result<Option<Decision>, StoreError> {
    let row = row_by_id!(conn, decisions, DecisionRow, council, id);
    row.map(Decision::try_from).transpose()
}

/// Keeps a changed decision whose `version` is still the stored one; gives it with its next version, or none if somebody
/// else was faster.
///
/// # Errors
/// Whatever the database says.
pub async fn decision_update_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    decision: Decision,
) -> Result<Option<Decision>, StoreError> {
    let kept =
        keep_changed!(tx, decisions, council, decision => DecisionRow::of(council, &decision)?);
    Ok(kept)
}

impl DecisionRow {
    fn of(council: &CouncilCode, decision: &Decision) -> Result<Self, StoreError> {
        Ok(Self {
            council: council.to_string(),
            id: decision.id,
            case_id: decision.case_id,
            booking_id: decision.booking_id,
            sitting_id: decision.sitting_id,
            kind: decision.kind.as_str().to_owned(),
            outcome: decision.outcome.to_string(),
            rationale: decision.rationale.clone(),
            conditions: Document::of(&decision.conditions)?,
            timescale: decision.timescale.clone(),
            dissent: Document::of(&decision.dissent)?,
            consensus: decision.consensus,
            decided_by: decision.decided_by.clone(),
            decided_on: decision.decided_on,
            ratified_on: decision.ratified_on,
            ratified_by: decision.ratified_by.clone(),
            facts: Document::of(&decision.facts)?,
            findings: Document::of(&decision.findings)?,
            quorum: Document::of(&decision.quorum)?,
            details: Document::of(&decision.details)?,
            edition: decision.edition.clone(),
            plugin_id: decision.plugin_id.clone(),
            plugin_version: decision.plugin_version.clone(),
            plugin_digest: decision.plugin_digest.clone(),
            operation: decision.operation.clone(),
            request_hash: decision.request_hash.clone(),
            version: decision.version,
            created_at: Moment::new(decision.created_at),
            updated_at: Moment::new(decision.updated_at),
        })
    }
}

impl TryFrom<DecisionRow> for Decision {
    type Error = StoreError;

    fn try_from(row: DecisionRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            case_id: row.case_id,
            booking_id: row.booking_id,
            sitting_id: row.sitting_id,
            kind: DecisionKind::parse(&row.kind)?,
            outcome: code(row.outcome)?,
            rationale: row.rationale,
            conditions: row.conditions.read()?,
            timescale: row.timescale,
            dissent: row.dissent.read()?,
            consensus: row.consensus,
            decided_by: row.decided_by,
            decided_on: row.decided_on,
            ratified_on: row.ratified_on,
            ratified_by: row.ratified_by,
            facts: row.facts.read()?,
            findings: row.findings.read()?,
            quorum: row.quorum.read()?,
            details: row.details.read()?,
            edition: row.edition,
            plugin_id: row.plugin_id,
            plugin_version: row.plugin_version,
            plugin_digest: row.plugin_digest,
            operation: row.operation,
            request_hash: row.request_hash,
            version: row.version,
            created_at: row.created_at.utc(),
            updated_at: row.updated_at.utc(),
        })
    }
}

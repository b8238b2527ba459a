//! The history of a case. Who may: whoever may read the case; privileged content needs its own right.

use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::{dto, op};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::cases::CasePath;
use crate::app::State;
use crate::auth::{Authz, Right, scope};
use crate::http::{Json, Listing, Page, Path, Query, Reply};
use crate::service::history::{self, CaseChange, StandingRecord};
use crate::store::timeline::{TimelineEntry, TimelineKind};

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(get_case_history)
        .service(get_case_as_of)
        .service(get_case_timeline);
}

/// Which changes: all of the case.
#[dto(query, paged)]
pub struct GetCaseHistory {}

/// As of when.
#[dto(query)]
pub struct GetCaseAsOf {
    /// The moment.
    pub at: DateTime<Utc>,
}

/// Which entries.
#[dto(query, paged)]
pub struct GetCaseTimeline {
    /// Only entries of this kind; repeat it for several.
    #[rule(items(0, 5))]
    pub kind: Vec<TimelineEntryKind>,
}

/// What kind of entry it is.
#[dto(code)]
pub enum TimelineEntryKind {
    /// Something in the child's care.
    CareEvent,
    /// The case was or is on a sitting.
    Booking,
    /// A decision was made.
    Decision,
    /// Something that follows from a decision or a sitting is due, or was done.
    FollowUp,
    /// A return brought news of the case.
    Import,
}

/// A change in a case or in what belongs to it.
#[dto]
pub struct CaseChangeView {
    /// Its place in the council's audit.
    #[schema(minimum = 1, example = 4711)]
    pub seq: i64,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// Who did it, by the id that tokens carry as `sub`; a job's begins with `job:`.
    #[rule(len(1, 255))]
    #[schema(example = "sw-104")]
    pub actor: String,
    /// The role that allowed it.
    #[rule(len(1, 80))]
    #[schema(example = "social_worker")]
    pub actor_role: Option<String>,
    /// The operation of this API that did it.
    #[rule(len(1, 80))]
    #[schema(example = "updateCase")]
    pub operation: String,
    /// What kind of thing changed.
    #[rule(len(1, 80))]
    #[schema(example = "case")]
    pub subject_kind: String,
    /// Which thing.
    pub subject_id: Option<Uuid>,
    /// The version that it had afterwards.
    #[schema(minimum = 1, example = 2)]
    pub subject_version: Option<i64>,
    /// Why, in the words of whoever did it.
    #[rule(len(1, 2000))]
    #[schema(example = "The family moved.")]
    pub why: Option<String>,
    /// The id of the request that did it.
    #[rule(len(1, 64))]
    #[schema(example = "01980f0e-8a70-7c55-9d36-1b1f5a8f0c11")]
    pub request_id: Option<String>,
    /// What was different afterwards; empty where it is not for you to see.
    #[rule(items(0, 10000))]
    pub differences: Vec<DifferenceView>,
}

/// A member that was different.
#[dto]
pub struct DifferenceView {
    /// Which, as a JSON Pointer into the thing.
    #[rule(len(0, 1000))]
    #[schema(example = "/team")]
    pub pointer: String,
    /// What it was; null where it was not there.
    #[schema(value_type = Value, example = "north")]
    pub before: Value,
    /// What it became; null where it was not there any more.
    #[schema(value_type = Value, example = "south")]
    pub after: Value,
}

/// A case and what belongs to it, as they stood at a moment.
#[dto]
pub struct CaseAsOfView {
    /// The moment.
    pub at: DateTime<Utc>,
    /// The case first, then what belongs to it, kind by kind.
    #[rule(items(1, 100000))]
    pub records: Vec<StandingRecordView>,
}

/// A thing as it stood at a moment.
#[dto]
pub struct StandingRecordView {
    /// What kind of thing it is.
    #[rule(len(1, 80))]
    #[schema(example = "case")]
    pub kind: String,
    /// Its id.
    pub id: Uuid,
    /// The version that it had.
    #[schema(minimum = 1, example = 2)]
    pub version: i64,
    /// Since when it stood so.
    pub since_at: DateTime<Utc>,
    /// The thing, whole.
    #[schema(value_type = Object, example = json!({"reference": "CH-20417", "status": "open"}))]
    pub document: Value,
}

/// Something that happened in a case, or is to happen.
#[dto]
pub struct TimelineEntryView {
    /// The day.
    #[schema(example = "2026-03-02")]
    pub day_on: NaiveDate,
    /// What kind of entry it is.
    pub kind: TimelineEntryKind,
    /// The thing that it is about.
    pub subject_id: Uuid,
    /// What it is: the kind of care event, the request type, the outcome, what is to be done.
    #[rule(len(1, 80))]
    #[schema(example = "review")]
    pub code: String,
    /// The last day, or the day by which it was due.
    pub until_on: Option<NaiveDate>,
    /// How it stands.
    #[rule(len(1, 80))]
    #[schema(example = "listed")]
    pub status: Option<String>,
}

impl From<CaseChange> for CaseChangeView {
    fn from(change: CaseChange) -> Self {
        let event = change.event;
        Self {
            seq: event.seq,
            occurred_at: event.occurred_at,
            actor: event.actor.id,
            actor_role: event.actor.role,
            operation: event.operation,
            subject_kind: event.subject_kind,
            subject_id: event.subject_id.map(Into::into),
            subject_version: event.subject_version,
            why: event.why,
            request_id: event.request_id,
            differences: change
                .differences
                .into_iter()
                .map(|one| DifferenceView {
                    pointer: one.pointer,
                    before: one.before.unwrap_or_default(),
                    after: one.after.unwrap_or_default(),
                })
                .collect(),
        }
    }
}

impl From<StandingRecord> for StandingRecordView {
    fn from(record: StandingRecord) -> Self {
        Self {
            kind: record.kind,
            id: record.id.into(),
            version: record.version,
            since_at: record.since,
            document: record.document,
        }
    }
}

impl From<TimelineEntry> for TimelineEntryView {
    fn from(entry: TimelineEntry) -> Self {
        Self {
            day_on: entry.on,
            kind: match entry.kind {
                TimelineKind::CareEvent => TimelineEntryKind::CareEvent,
                TimelineKind::Booking => TimelineEntryKind::Booking,
                TimelineKind::Decision => TimelineEntryKind::Decision,
                TimelineKind::FollowUp => TimelineEntryKind::FollowUp,
                TimelineKind::Import => TimelineEntryKind::Import,
            },
            subject_id: entry.subject_id.into(),
            code: entry.code,
            until_on: entry.until,
            status: entry.status,
        }
    }
}

impl From<TimelineEntryKind> for TimelineKind {
    fn from(kind: TimelineEntryKind) -> Self {
        match kind {
            TimelineEntryKind::CareEvent => Self::CareEvent,
            TimelineEntryKind::Booking => Self::Booking,
            TimelineEntryKind::Decision => Self::Decision,
            TimelineEntryKind::FollowUp => Self::FollowUp,
            TimelineEntryKind::Import => Self::Import,
        }
    }
}

/// List what changed in a case
///
/// Every change of the case and of what belongs to it, newest first: what, when, by whom, why, and what was different.
#[op(get "/v1/councils/{council}/cases/{caseId}/history", tag = "Cases")]
async fn get_case_history(
    who: Authz<scope::CasesRead>,
    path: Path<CasePath>,
    query: Query<GetCaseHistory>,
    listing: Listing,
    state: State,
) -> Reply<Page<CaseChangeView>> {
    let before = listing.after(&query.0)?;
    let (by, case_id) = (who.acting(), path.case_id.into());
    let privileged = may_read_privileged(&who);
    let (changes, next) =
        history::changes(&state.desk, &by, case_id, privileged, before, query.limit).await?;
    listing.page(changes.into_iter().map(CaseChangeView::from), next)
}

/// Get a case as of a moment
///
/// The case and everything that belongs to it as the service knew them then, put together from the audit.
#[op(get "/v1/councils/{council}/cases/{caseId}/as-of", tag = "Cases")]
async fn get_case_as_of(
    who: Authz<scope::CasesRead>,
    path: Path<CasePath>,
    query: Query<GetCaseAsOf>,
    state: State,
) -> Reply<Json<CaseAsOfView>> {
    let (by, case_id) = (who.acting(), path.case_id.into());
    let records = history::as_of(
        &state.desk,
        &by,
        case_id,
        query.at,
        may_read_privileged(&who),
    )
    .await?;
    Ok(Json(CaseAsOfView {
        at: query.at,
        records: records.into_iter().map(StandingRecordView::from).collect(),
    }))
}

/// Get a case's timeline
///
/// Care events, bookings, decisions, what follows from them, and imports, in the order of their days.
#[op(get "/v1/councils/{council}/cases/{caseId}/timeline", tag = "Cases")]
async fn get_case_timeline(
    who: Authz<scope::CasesRead>,
    path: Path<CasePath>,
    query: Query<GetCaseTimeline>,
    listing: Listing,
    state: State,
) -> Reply<Page<TimelineEntryView>> {
    let after = listing.after(&query.0)?;
    let kinds = query.kind.iter().map(|kind| (*kind).into()).collect();
    let (by, case_id) = (who.acting(), path.case_id.into());
    let (entries, next) =
        history::timeline(&state.desk, &by, case_id, kinds, after, query.limit).await?;
    listing.page(entries.into_iter().map(TimelineEntryView::from), next)
}

fn may_read_privileged(who: &Authz<scope::CasesRead>) -> bool {
    !who.principal().reach(Right::PrivilegedRead).is_none()
}

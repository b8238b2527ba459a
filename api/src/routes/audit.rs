//! The audit: who did and saw what. Who may: auditors.

use chrono::{DateTime, Utc};
use permanence_api_macros::{dto, op};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{Json, Listing, Page, Query, Reply};
use crate::service::audit::{self, ChainCheck};
use crate::store::audit::{AuditEvent, AuditFilter};

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_audit_events)
        .service(verify_audit_chain);
}

/// Which events.
#[dto(query, paged)]
pub struct ListAuditEvents {
    /// Only events of this case and of what belongs to it.
    pub case_id: Option<Uuid>,
    /// Only events of this caller, by the id that tokens carry as `sub`.
    #[rule(len(1, 255))]
    #[schema(example = "sw-104")]
    pub actor: Option<String>,
    /// Only events of this operation; repeat it for several.
    #[rule(items(0, 50))]
    #[schema(example = json!(["getCase"]))]
    pub operation: Vec<String>,
    /// Only events at or after this moment.
    pub from_at: Option<DateTime<Utc>>,
    /// Only events before this moment.
    pub until_at: Option<DateTime<Utc>>,
    /// `seq` is the order of the chain and the default, `-seq` the other way round.
    #[rule(len(1, 4), pattern = "^-?seq$")]
    #[schema(example = "-seq")]
    pub sort: Option<String>,
}

/// Something that was done or seen.
#[dto]
pub struct AuditEventView {
    /// Its id.
    pub id: Uuid,
    /// Its place in the council's chain.
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
    /// The operation of this API.
    #[rule(len(1, 80))]
    #[schema(example = "getCase")]
    pub operation: String,
    /// What kind of thing it was done to.
    #[rule(len(1, 80))]
    #[schema(example = "case")]
    pub subject_kind: String,
    /// Which thing.
    pub subject_id: Option<Uuid>,
    /// The version that it had afterwards; null for reads.
    #[schema(minimum = 1, example = 2)]
    pub subject_version: Option<i64>,
    /// The case that it belongs to.
    pub case_id: Option<Uuid>,
    /// The id of the request.
    #[rule(len(1, 64))]
    #[schema(example = "01980f0e-8a70-7c55-9d36-1b1f5a8f0c11")]
    pub request_id: Option<String>,
    /// Its hash, which covers it and the hash before it, in hexadecimal.
    #[rule(len(64, 64))]
    #[schema(example = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae")]
    pub hash: String,
}

/// Whether a chain holds.
#[dto]
pub struct AuditChainView {
    /// Whether every event is as it was written.
    pub intact: bool,
    /// How many events are good, from the first one on.
    #[schema(minimum = 0, example = 4711)]
    pub good_count: i64,
    /// The place of the first event that is missing or not as it was written.
    #[schema(minimum = 1, example = 4712)]
    pub broken_at_seq: Option<i64>,
    /// The hash of the last good event, in hexadecimal: keep it elsewhere and compare it another day.
    #[rule(len(64, 64))]
    #[schema(example = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae")]
    pub head_hash: Option<String>,
}

impl From<AuditEvent> for AuditEventView {
    fn from(event: AuditEvent) -> Self {
        Self {
            id: event.id.into(),
            seq: event.seq,
            occurred_at: event.occurred_at,
            actor: event.actor.id,
            actor_role: event.actor.role,
            operation: event.operation,
            subject_kind: event.subject_kind,
            subject_id: event.subject_id.map(Into::into),
            subject_version: event.subject_version,
            case_id: event.case_id.map(Into::into),
            request_id: event.request_id,
            hash: hex(&event.hash),
        }
    }
}

impl From<ChainCheck> for AuditChainView {
    fn from(check: ChainCheck) -> Self {
        Self {
            intact: check.broken_at.is_none(),
            good_count: check.good,
            broken_at_seq: check.broken_at,
            head_hash: check.head.map(|head| hex(&head.hash)),
        }
    }
}

/// List audit events
///
/// What was done to the council's records and who saw which case, in the order of the chain. What records say is not in it.
#[op(get "/v1/councils/{council}/audit-events", tag = "Audit")]
async fn list_audit_events(
    who: Authz<scope::AuditRead>,
    query: Query<ListAuditEvents>,
    listing: Listing,
    state: State,
) -> Reply<Page<AuditEventView>> {
    let after = listing.after(&query.0)?;
    let filter = AuditFilter {
        case_id: query.case_id.map(Into::into),
        actor: query.actor.clone(),
        operations: query.operation.clone(),
        from: query.from_at,
        until: query.until_at,
        ..AuditFilter::default()
    };
    let newest_first = query.sort.as_deref() == Some("-seq");
    let (events, next) = audit::list(
        &state.desk,
        &who.acting(),
        filter,
        after,
        newest_first,
        query.limit,
    )
    .await?;
    listing.page(events.into_iter().map(AuditEventView::from), next)
}

/// Verify the audit chain
///
/// Computes every hash of the council's chain anew. A change behind the service's back shows as the first event that does not fit.
#[op(get "/v1/councils/{council}/audit-chain", tag = "Audit")]
async fn verify_audit_chain(
    who: Authz<scope::AuditRead>,
    state: State,
) -> Reply<Json<AuditChainView>> {
    let check = audit::verify(&state.desk, &who.acting()).await?;
    Ok(Json(check.into()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! Legal advice on an item. Who may: recording is for lawyers, reading for whoever may read what is legally privileged.

use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::{dto, op};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::booking_views::BookingView;
use super::bookings::BookingPath;
use super::outcome::{created, once};
use super::panel::{code, desk, optional_code};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{Created, Idempotency, Json, Listing, Page, Path, Query, Reply};
use crate::service::bookings::Judged;
use crate::service::legal_advice::{self, NewAdvice};
use crate::store::legal_advice::{LegalAdvice, LegalAdviceDetails};

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_legal_advice)
        .service(record_legal_advice);
}

/// Which page.
#[dto(query, paged)]
pub struct ListLegalAdvice {}

/// How legal advice was given.
#[dto(input)]
pub struct LegalAdviceRecord {
    /// The role that gave it.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "local_authority_lawyer")]
    pub given_by: String,
    /// The day; today unless said.
    #[schema(example = "2026-02-24")]
    pub given_on: Option<NaiveDate>,
    /// How, a code of the list `legal_advice`.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "advice_at_meeting")]
    pub kind: Option<String>,
    /// Why it was given from elsewhere.
    #[rule(len(1, 2000))]
    #[schema(example = "A hearing at the same hour.")]
    pub exceptional_reason: Option<String>,
    /// The day on which the lawyer confirmed what was advised.
    pub confirmed_on: Option<NaiveDate>,
    /// What was advised. It is privileged: `listLegalAdvice` repeats it, and no other answer and no history.
    #[rule(len(1, 20000))]
    #[schema(example = "The order can be discharged.")]
    pub advice: Option<String>,
}

/// A piece of legal advice, with its privileged text.
#[dto]
pub struct LegalAdviceView {
    /// Its id.
    pub id: Uuid,
    /// The booking.
    pub booking_id: Option<Uuid>,
    /// The case.
    pub case_id: Uuid,
    /// The role that gave it.
    #[rule(len(1, 80))]
    #[schema(example = "local_authority_lawyer")]
    pub given_by: String,
    /// The day.
    #[schema(example = "2026-02-24")]
    pub given_on: NaiveDate,
    /// How it was given.
    #[rule(len(1, 80))]
    #[schema(example = "advice_at_meeting")]
    pub kind: Option<String>,
    /// Why it was given from elsewhere.
    #[rule(len(1, 2000))]
    #[schema(example = "A hearing at the same hour.")]
    pub exceptional_reason: Option<String>,
    /// The day on which the lawyer confirmed what was advised.
    pub confirmed_on: Option<NaiveDate>,
    /// What was advised; null where only the giving was recorded.
    #[rule(len(1, 20000))]
    #[schema(example = "The order can be discharged.")]
    pub advice: Option<String>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
}

impl From<&LegalAdvice> for LegalAdviceView {
    fn from(advice: &LegalAdvice) -> Self {
        let details = &advice.details;
        Self {
            id: advice.id.into(),
            booking_id: advice.booking_id.map(Uuid::from),
            case_id: advice.case_id.into(),
            given_by: advice.given_by.to_string(),
            given_on: advice.given_on,
            kind: details.kind.as_ref().map(ToString::to_string),
            exceptional_reason: details.exceptional_reason.clone(),
            confirmed_on: details.confirmed_on,
            advice: advice.advice.clone(),
            created_at: advice.created_at,
        }
    }
}

/// List legal advice
///
/// What was advised on an item, in the order of its recording. It is legally privileged: reading a booking does not give it, and
/// a role that reads the panel does not read it by that.
#[op(get "/v1/councils/{council}/bookings/{bookingId}/legal-advice", tag = "Panel")]
async fn list_legal_advice(
    who: Authz<scope::PrivilegedRead>,
    path: Path<BookingPath>,
    query: Query<ListLegalAdvice>,
    listing: Listing,
    state: State,
) -> Reply<Page<LegalAdviceView>> {
    let after = listing.after(&query.0)?;
    let (desk, id) = (desk(&who, &state)?, path.booking_id.into());
    let (found, next) = legal_advice::list(&desk, id, after, query.limit).await?;
    listing.page(found.iter().map(LegalAdviceView::from), next)
}

/// Record legal advice
///
/// On an item that needs it, or the lawyer's view that none is needed. The answer is the item, with what the policy says of
/// it now. The advice itself is privileged and is not repeated: `listLegalAdvice` gives it to those who may read it.
#[op(post "/v1/councils/{council}/bookings/{bookingId}/legal-advice", tag = "Panel", also(409, 503))]
async fn record_legal_advice(
    who: Authz<scope::LegalAdvice>,
    path: Path<BookingPath>,
    key: Idempotency,
    body: Json<LegalAdviceRecord>,
    state: State,
) -> Reply<Created<BookingView>> {
    let desk = desk(&who, &state)?;
    let council = desk.by.council.clone();
    let answer = move |judged: &Judged| Ok(BookingView::created(&council, judged));
    let new = NewAdvice {
        given_by: code("/givenBy", &body.given_by)?,
        given_on: body.given_on,
        details: LegalAdviceDetails {
            kind: optional_code("/kind", body.kind.as_ref())?,
            exceptional_reason: body.exceptional_reason.clone(),
            confirmed_on: body.confirmed_on,
        },
        advice: body.advice.clone(),
    };
    let made = legal_advice::record(
        &desk,
        path.booking_id.into(),
        new,
        once(&key, &desk.by, answer.clone()),
    )
    .await?;
    created(made, answer)
}

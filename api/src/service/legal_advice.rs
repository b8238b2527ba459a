//! Legal advice on an item. Its text is privileged: it is given to whoever may read it, and no event repeats it.

use chrono::NaiveDate;
use permanence_core::Code;

use super::additions::{added_in_txn, current_in_txn};
use super::bookings::{Judged, load};
use super::codes::known_code;
use super::pages::{one_more, page};
use super::policy::PanelDesk;
use super::{Made, Once, ServiceError, Subject};
use crate::store::bookings::{BookingStatus, booking_get};
use crate::store::cases::case_get;
use crate::store::ids::{BookingId, LegalAdviceId};
use crate::store::legal_advice::{
    LegalAdvice, LegalAdviceDetails, legal_advice_create_in_txn, legal_advice_page_of_booking,
};
use crate::store::{Conn, Tx};

/// Legal advice on an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAdvice {
    /// The role that gave it.
    pub given_by: Code,
    /// The day; today where it is not said.
    pub given_on: Option<NaiveDate>,
    /// How it was given.
    pub details: LegalAdviceDetails,
    /// What was advised: privileged.
    pub advice: Option<String>,
}

/// Records legal advice on an item.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Invalid`], [`ServiceError::Conflict`] when the item is withdrawn.
pub async fn record(
    desk: &PanelDesk,
    id: BookingId,
    new: NewAdvice,
    once: Once<Judged>,
) -> Result<Made<Judged>, ServiceError> {
    let now = desk.desk.now();
    let planned = plan(desk, id, new).await;
    let by = desk.by.clone();
    let work = async move |tx: &mut Tx| {
        once.run_in_txn(tx, now, async |tx| {
            let (advice, judged) = planned?;
            let current = current_in_txn(tx, &by, id).await?;
            if current.status == BookingStatus::Withdrawn {
                return Err(ServiceError::Conflict("The item is withdrawn.".into()));
            }
            legal_advice_create_in_txn(tx, &by.council, &advice).await?;
            // Privileged text stays out of the audit, whose readers are others than the text's.
            let shown = LegalAdvice {
                advice: None,
                ..advice.clone()
            };
            let added = by.event(now, "recordLegalAdvice", subject(&advice), &shown, None)?;
            Ok(judged.with(added_in_txn(tx, &by, current, added, now).await?))
        })
        .await
    };
    desk.desk.store.write(work).await
}

/// Lists the advice on an item, with its privileged text; the second part is where the next page begins, if there is one.
///
/// # Errors
/// [`ServiceError::NotFound`] when the item, or its case, is not there for the caller.
pub async fn list(
    desk: &PanelDesk,
    id: BookingId,
    after: Option<LegalAdviceId>,
    limit: u16,
) -> Result<(Vec<LegalAdvice>, Option<LegalAdviceId>), ServiceError> {
    let (council, scope) = (desk.by.council.clone(), desk.by.scope.clone());
    let (case_id, found) = desk
        .desk
        .store
        .list(async move |conn: &mut Conn| {
            let booking = booking_get(conn, &council, id)
                .await?
                .ok_or(ServiceError::NotFound)?;
            let case = case_get(conn, &council, &scope, booking.case_id)
                .await?
                .ok_or(ServiceError::NotFound)?;
            let rows = one_more(limit);
            let found = legal_advice_page_of_booking(conn, &council, id, after, rows).await?;
            Ok::<_, ServiceError>((case.id, found))
        })
        .await?;
    desk.desk
        .record_read(&desk.by, "listLegalAdvice", [case_id])?;
    Ok(page(found, limit, |advice| advice.id))
}

async fn plan(
    desk: &PanelDesk,
    id: BookingId,
    new: NewAdvice,
) -> Result<(LegalAdvice, Judged), ServiceError> {
    let mut item = load(desk, id).await?;
    let (now, today) = (desk.desk.now(), desk.desk.today());
    let policy = desk.policy(today)?;
    known_code(policy, "roles", "/givenBy", &new.given_by)?;
    if let Some(kind) = &new.details.kind {
        known_code(policy, "legal_advice", "/kind", kind)?;
    }
    let given_on = new.given_on.unwrap_or(today);
    if given_on > today {
        return Err(ServiceError::invalid(
            "/givenOn",
            "in_the_future",
            "Advice cannot have been given in the future.",
        ));
    }
    let advice = LegalAdvice {
        id: LegalAdviceId::generate(),
        case_id: item.booking.case_id,
        booking_id: Some(id),
        given_by: new.given_by,
        given_on,
        advice: new.advice,
        details: new.details,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    item.advice.push(advice.clone());
    let judgement = item.judge(desk, today).await?;
    Ok((advice, Judged { item, judgement }))
}

/// A piece of advice in the audit.
#[must_use]
pub fn subject(advice: &LegalAdvice) -> Subject {
    Subject {
        kind: "legal_advice",
        id: advice.id.untyped(),
        version: advice.version,
        case_id: Some(advice.case_id),
    }
}

//! Forms that a council's policy asks for: handing them in, and what the policy says of what they hold.

use chrono_tz::Europe::London;
use permanence_core::Code;
use permanence_core::rulebook::{About, Form, Policy};
use serde_json::{Map, Value};

use super::cases::Admits;
use super::children::{Child, child_load};
use super::fitting::fits;
use super::form_check::{FormCheck, check};
use super::merge_patch::merged;
use super::pages::{one_more, page};
use super::policy::PanelDesk;
use super::{Acting, Made, Once, ServiceError, Subject};
use crate::plugins::What;
use crate::store::audit::audit_record_in_txn;
use crate::store::bookings::{Booking, booking_get};
use crate::store::form_submissions::{
    FormFilter, FormSubmission, FormsAbout, form_submission_create_in_txn, form_submission_get,
    form_submission_list, form_submission_update_in_txn,
};
use crate::store::ids::{BookingId, CaseId, FormSubmissionId};
use crate::store::{Conn, Tx};

/// A form that is handed in.
#[derive(Debug, Clone, PartialEq)]
pub struct NewForm {
    /// Which form.
    pub form: Code,
    /// The case that it is about; none where it is about the council.
    pub case_id: Option<CaseId>,
    /// The booking that it belongs to.
    pub booking_id: Option<BookingId>,
    /// What it says.
    pub content: Map<String, Value>,
}

/// A change of a form that was handed in.
#[derive(Debug, Clone, PartialEq)]
pub struct FormChange {
    /// Members of its content, as a merge patch.
    pub content: Map<String, Value>,
    /// The booking that it belongs to, where that is said.
    pub booking_id: Option<Option<BookingId>>,
    /// Why, for the history.
    pub why: Option<String>,
}

/// A form that was handed in, with what the policy says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedForm {
    /// The form.
    pub submission: FormSubmission,
    /// What the policy says of it as of the day on which it was last changed.
    pub check: FormCheck,
}

/// Hands a form in.
///
/// # Errors
/// [`ServiceError::NotFound`] when the case is not there for the caller, [`ServiceError::Invalid`] with a pointer for each
/// place that does not fit the form.
pub async fn submit(
    desk: &PanelDesk,
    new: NewForm,
    operation: &'static str,
    once: Once<CheckedForm>,
) -> Result<Made<CheckedForm>, ServiceError> {
    let now = desk.desk.now();
    let planned = plan(desk, new).await;
    let by = desk.by.clone();
    let work = async move |tx: &mut Tx| {
        once.run_in_txn(tx, now, async |tx| {
            let checked = planned?;
            let submission = &checked.submission;
            form_submission_create_in_txn(tx, &by.council, submission).await?;
            let event = by.event(now, operation, subject(submission), submission, None)?;
            audit_record_in_txn(tx, event);
            Ok(checked)
        })
        .await
    };
    desk.desk.store.write(work).await
}

async fn plan(desk: &PanelDesk, new: NewForm) -> Result<CheckedForm, ServiceError> {
    let (now, today) = (desk.desk.now(), desk.desk.today());
    let (child, booking) = around(desk, new.case_id, new.booking_id).await?;
    let policy = desk.policy(today)?;
    let form = form_of(policy, &new.form).ok_or_else(|| {
        let message = "The council's policy has no form of this code.";
        ServiceError::invalid("/form", "unknown_code", message)
    })?;
    match (form.about, new.case_id) {
        (About::Case, None) => {
            let message = "This form is about a case: hand it in there.";
            return Err(ServiceError::invalid("/form", "wrong_subject", message));
        }
        (About::Council, Some(_)) => {
            let message = "This form is about the council and not about a case.";
            return Err(ServiceError::invalid("/form", "wrong_subject", message));
        }
        (About::Case, Some(_)) | (About::Council, None) => {}
    }
    fits(desk, policy, What::Form, &form.code, &new.content)?;
    let submission = FormSubmission {
        id: FormSubmissionId::generate(),
        form: new.form,
        case_id: new.case_id,
        booking_id: new.booking_id,
        content: new.content,
        submitted_by: desk.by.actor.id.clone(),
        judged_by: desk.judged_by(policy),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    judged(desk, submission, child.as_ref(), booking.as_ref()).await
}

/// Reads a form that was handed in.
///
/// # Errors
/// [`ServiceError::NotFound`] when it, or its case, is not there for the caller.
pub async fn get(desk: &PanelDesk, id: FormSubmissionId) -> Result<CheckedForm, ServiceError> {
    let submission = find(desk, id).await?;
    let (child, booking) = around(desk, submission.case_id, submission.booking_id).await?;
    let read = submission.case_id;
    let checked = judged(desk, submission, child.as_ref(), booking.as_ref()).await?;
    desk.desk.record_read(&desk.by, "getFormSubmission", read)?;
    Ok(checked)
}

/// Lists forms that were handed in; the second part is where the next page begins, if there is one.
///
/// # Errors
/// [`ServiceError::NotFound`] when the case is not there for the caller.
pub async fn list(
    desk: &PanelDesk,
    case_id: Option<CaseId>,
    filter: FormFilter,
    after: Option<FormSubmissionId>,
    limit: u16,
) -> Result<(Vec<FormSubmission>, Option<FormSubmissionId>), ServiceError> {
    let asking = desk.by.clone();
    let about = match case_id {
        Some(case_id) => FormsAbout::Case(case_id),
        None => FormsAbout::Council((!asking.scope.all).then(|| asking.actor.id.clone())),
    };
    let found = desk
        .desk
        .store
        .list(async move |conn: &mut Conn| {
            if let Some(case_id) = case_id {
                super::care_events::case_of(conn, &asking, case_id).await?;
            }
            let (council, rows) = (&asking.council, one_more(limit));
            let found = form_submission_list(conn, council, &about, &filter, after, rows).await?;
            Ok::<_, ServiceError>(found)
        })
        .await?;
    desk.desk
        .record_read(&desk.by, "listFormSubmissions", case_id)?;
    Ok(page(found, limit, |submission| submission.id))
}

/// Changes a form that was handed in; what it is then must fit the form as it is today.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Stale`], [`ServiceError::Invalid`], and [`ServiceError::Conflict`] when the
/// policy of today has no such form.
pub async fn update(
    desk: &PanelDesk,
    id: FormSubmissionId,
    admits: Admits,
    change: FormChange,
) -> Result<CheckedForm, ServiceError> {
    let before = find(desk, id).await?;
    if !admits(before.version) {
        return Err(ServiceError::Stale);
    }
    let now = desk.desk.now();
    let policy = desk.policy(desk.desk.today())?;
    let form = form_of(policy, &before.form).ok_or_else(|| {
        ServiceError::Conflict("The council's policy of today has no such form any more.".into())
    })?;
    let mut after = before.clone();
    after.content = merged(after.content, change.content);
    if let Some(booking_id) = change.booking_id {
        after.booking_id = booking_id;
    }
    let (child, booking) = around(desk, after.case_id, after.booking_id).await?;
    fits(desk, policy, What::Form, &form.code, &after.content)?;
    if after == before {
        return judged(desk, before, child.as_ref(), booking.as_ref()).await;
    }
    after.judged_by = desk.judged_by(policy);
    after.updated_at = now;
    let checked = judged(desk, after, child.as_ref(), booking.as_ref()).await?;
    let by = desk.by.clone();
    let work = async move |tx: &mut Tx| {
        let submission = form_submission_update_in_txn(tx, &by.council, checked.submission.clone())
            .await?
            .ok_or(ServiceError::Stale)?;
        let subject = subject(&submission);
        let event = by.event(
            now,
            "updateFormSubmission",
            subject,
            &submission,
            change.why,
        )?;
        audit_record_in_txn(tx, event);
        Ok::<_, ServiceError>(CheckedForm {
            submission,
            ..checked
        })
    };
    desk.desk.store.write(work).await
}

fn form_of<'a>(policy: &'a Policy, code: &Code) -> Option<&'a Form> {
    policy.rulebook.forms.iter().find(|form| form.code == *code)
}

async fn find(desk: &PanelDesk, id: FormSubmissionId) -> Result<FormSubmission, ServiceError> {
    let by = &desk.by;
    let found = desk
        .desk
        .store
        .read(async |conn: &mut Conn| {
            let Some(submission) = form_submission_get(conn, &by.council, id).await? else {
                return Ok(None);
            };
            Ok::<_, ServiceError>(visible(conn, by, &submission).await?.then_some(submission))
        })
        .await?;
    found.ok_or(ServiceError::NotFound)
}

/// A form about a case is seen by whoever sees the case; one about the council by whoever sees all cases, and by its writer.
async fn visible(
    conn: &mut Conn,
    by: &Acting,
    submission: &FormSubmission,
) -> Result<bool, ServiceError> {
    match submission.case_id {
        Some(case_id) => {
            let case = crate::store::cases::case_get(conn, &by.council, &by.scope, case_id).await?;
            Ok(case.is_some())
        }
        None => Ok(by.scope.all || submission.submitted_by == by.actor.id),
    }
}

/// The child and the booking that a form is about.
async fn around(
    desk: &PanelDesk,
    case_id: Option<CaseId>,
    booking_id: Option<BookingId>,
) -> Result<(Option<Child>, Option<Booking>), ServiceError> {
    let by = &desk.by;
    let (child, booking) = desk
        .desk
        .store
        .read(async |conn: &mut Conn| {
            let child = match case_id {
                Some(id) => child_load(conn, &by.council, &by.scope, id).await?,
                None => None,
            };
            let booking = match booking_id {
                Some(id) => booking_get(conn, &by.council, id).await?,
                None => None,
            };
            Ok::<_, ServiceError>((child, booking))
        })
        .await?;
    if case_id.is_some() && child.is_none() {
        return Err(ServiceError::NotFound);
    }
    let booking = booking.filter(|booking| Some(booking.case_id) == case_id);
    if booking_id.is_some() && booking.is_none() {
        let message = "The case has no such booking.";
        return Err(ServiceError::invalid("/bookingId", "not_found", message));
    }
    Ok((child, booking))
}

/// A form with what the policy says of it as of the day on which it was last changed.
async fn judged(
    desk: &PanelDesk,
    submission: FormSubmission,
    child: Option<&Child>,
    booking: Option<&Booking>,
) -> Result<CheckedForm, ServiceError> {
    let as_of = submission.updated_at.with_timezone(&London).date_naive();
    let check = check(desk, &submission, child, booking, as_of).await?;
    Ok(CheckedForm { submission, check })
}

/// A form in the audit.
#[must_use]
pub fn subject(submission: &FormSubmission) -> Subject {
    Subject {
        kind: "form_submission",
        id: submission.id.untyped(),
        version: submission.version,
        case_id: submission.case_id,
    }
}

//! Forms that were handed in. Who may: whoever may read or hand in forms, for the cases that are theirs to see.

use permanence_api_macros::{dto, op};
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::cases::CasePath;
use super::filters::Filters;
use super::form_views::{FormSubmissionDetail, FormSubmissionView};
use super::outcome::{admits, created, once};
use super::panel::{code, desk};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{
    Created, Idempotency, IfMatch, Json, Listing, MergePatch, Page, Patch, Path, Query, Reply,
    Tagged,
};
use crate::service::forms::{self, CheckedForm, FormChange, NewForm};
use crate::store::form_submissions::FormFilter;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_form_submissions)
        .service(submit_form)
        .service(list_council_form_submissions)
        .service(submit_council_form)
        .service(get_form_submission)
        .service(update_form_submission);
}

/// A form that was handed in.
#[dto(path)]
pub struct FormSubmissionPath {
    /// Its id.
    pub submission_id: Uuid,
}

/// Which forms.
#[dto(query, paged)]
pub struct ListFormSubmissions {
    /// Only these forms; repeat it for several.
    #[rule(items(0, 50))]
    #[schema(example = json!(["agency_report"]))]
    pub form: Vec<String>,
    /// Only those of this booking.
    pub booking_id: Option<Uuid>,
}

/// Which forms about the council.
#[dto(query, paged)]
pub struct ListCouncilFormSubmissions {
    /// Only these forms; repeat it for several.
    #[rule(items(0, 50))]
    #[schema(example = json!(["panel_report"]))]
    pub form: Vec<String>,
}

/// A form about a case.
#[dto(input)]
#[schema(example = json!({"form": "agency_report", "content": {"childName": "Wren Finch", "seenOn": "2026-02-24"}}))]
pub struct FormSubmit {
    /// Which form, a code that `listForms` gives.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "agency_report")]
    pub form: String,
    /// The booking that it belongs to.
    #[schema(example = json!(null))]
    pub booking_id: Option<Uuid>,
    /// What it says, as the form's schema has it (`getForm`).
    #[schema(value_type = Object)]
    pub content: Map<String, Value>,
}

/// A form about the council.
#[dto(input)]
#[schema(example = json!({"form": "panel_report", "content": {"summary": "Twelve plans were heard."}}))]
pub struct CouncilFormSubmit {
    /// Which form, a code that `listForms` gives.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "panel_report")]
    pub form: String,
    /// What it says, as the form's schema has it (`getForm`).
    #[schema(value_type = Object)]
    pub content: Map<String, Value>,
}

/// What is to change in a form.
#[dto(input)]
#[schema(example = json!({"content": {"childName": "Wren A. Finch", "seenOn": null}, "why": "The name was spelt wrong."}))]
pub struct FormSubmissionUpdate {
    /// Members of its content: those that are absent stay, those that are null are cleared.
    #[schema(value_type = Option<Object>, required = false)]
    pub content: Option<Map<String, Value>>,
    /// The booking that it belongs to.
    #[schema(example = json!(null))]
    pub booking_id: Patch<Uuid>,
    /// Why it changes, for the history.
    #[rule(len(1, 2000))]
    #[schema(example = "The name was spelt wrong.")]
    pub why: Option<String>,
}

/// List a case's forms
///
/// Every form that was handed in about the case, in the order in which they came in.
#[op(get "/v1/councils/{council}/cases/{caseId}/form-submissions", tag = "Forms")]
async fn list_form_submissions(
    who: Authz<scope::FormsRead>,
    path: Path<CasePath>,
    query: Query<ListFormSubmissions>,
    listing: Listing,
    state: State,
) -> Reply<Page<FormSubmissionView>> {
    let after = listing.after(&query.0)?;
    let desk = desk(&who, &state)?;
    let mut named = Filters::of_records(&desk.council);
    let filter = FormFilter {
        forms: named.forms("form", &query.form),
        booking_id: query.booking_id.map(Into::into),
    };
    named.check()?;
    let case = Some(path.case_id.into());
    let (found, next) = forms::list(&desk, case, filter, after, query.limit).await?;
    listing.page(found.iter().map(FormSubmissionView::from), next)
}

/// Hand in a form about a case
///
/// What it says is checked against the form's schema: every place that does not fit is a 422 with its pointer below
/// `/content`. What the policy asks for besides is no refusal: the answer says under `check` what is missing, and by which
/// clause.
#[op(post "/v1/councils/{council}/cases/{caseId}/form-submissions", tag = "Forms", also(409, 503))]
async fn submit_form(
    who: Authz<scope::FormsWrite>,
    path: Path<CasePath>,
    key: Idempotency,
    body: Json<FormSubmit>,
    state: State,
) -> Reply<Created<FormSubmissionDetail>> {
    let new = NewForm {
        form: code("/form", &body.form)?,
        case_id: Some(path.case_id.into()),
        booking_id: body.booking_id.map(Into::into),
        content: body.0.content,
    };
    submit(&who, &state, new, "submitForm", &key).await
}

/// List the forms about the council
///
/// Every form that was handed in about the council or its panel as a whole, in the order in which they came in. Callers whose
/// right does not reach all cases are given those that they handed in themselves.
#[op(get "/v1/councils/{council}/form-submissions", tag = "Forms")]
async fn list_council_form_submissions(
    who: Authz<scope::FormsRead>,
    query: Query<ListCouncilFormSubmissions>,
    listing: Listing,
    state: State,
) -> Reply<Page<FormSubmissionView>> {
    let after = listing.after(&query.0)?;
    let desk = desk(&who, &state)?;
    let mut named = Filters::of_records(&desk.council);
    let filter = FormFilter {
        forms: named.forms("form", &query.form),
        booking_id: None,
    };
    named.check()?;
    let (found, next) = forms::list(&desk, None, filter, after, query.limit).await?;
    listing.page(found.iter().map(FormSubmissionView::from), next)
}

/// Hand in a form about the council
///
/// For forms about the council or its panel as a whole; otherwise as `submitForm`.
#[op(post "/v1/councils/{council}/form-submissions", tag = "Forms", also(409, 503))]
async fn submit_council_form(
    who: Authz<scope::FormsWrite>,
    key: Idempotency,
    body: Json<CouncilFormSubmit>,
    state: State,
) -> Reply<Created<FormSubmissionDetail>> {
    let new = NewForm {
        form: code("/form", &body.form)?,
        case_id: None,
        booking_id: None,
        content: body.0.content,
    };
    submit(&who, &state, new, "submitCouncilForm", &key).await
}

/// Get a form that was handed in
///
/// What it says, under the names of its schema, and what the policy said of it on the day on which it was last changed.
#[op(get "/v1/councils/{council}/form-submissions/{submissionId}", tag = "Forms", also(503))]
async fn get_form_submission(
    who: Authz<scope::FormsRead>,
    path: Path<FormSubmissionPath>,
    state: State,
) -> Reply<Tagged<FormSubmissionDetail>> {
    let checked = forms::get(&desk(&who, &state)?, path.submission_id.into()).await?;
    Ok(tagged(&checked))
}

/// Change a form that was handed in
///
/// A merge patch, also within `content`. What the form says then must fit its schema in the edition of today; that edition
/// judges it from then on.
#[op(patch "/v1/councils/{council}/form-submissions/{submissionId}", tag = "Forms", also(409, 503))]
async fn update_form_submission(
    who: Authz<scope::FormsWrite>,
    path: Path<FormSubmissionPath>,
    version: IfMatch,
    body: MergePatch<FormSubmissionUpdate>,
    state: State,
) -> Reply<Tagged<FormSubmissionDetail>> {
    let change = FormChange {
        content: body.0.content.unwrap_or_default(),
        booking_id: body.0.booking_id.into_change().map(|id| id.map(Into::into)),
        why: body.0.why,
    };
    let (desk, id) = (desk(&who, &state)?, path.submission_id.into());
    let checked = forms::update(&desk, id, admits(version), change).await?;
    Ok(tagged(&checked))
}

async fn submit(
    who: &Authz<scope::FormsWrite>,
    state: &State,
    new: NewForm,
    operation: &'static str,
    key: &Idempotency,
) -> Reply<Created<FormSubmissionDetail>> {
    let desk = desk(who, state)?;
    let council = desk.by.council.clone();
    let answer = move |checked: &CheckedForm| {
        let id = checked.submission.id;
        let location = format!("/v1/councils/{council}/form-submissions/{id}");
        let version = checked.submission.version;
        Ok(Created::new(checked.into(), location, version))
    };
    let once = once(key, &desk.by, answer.clone());
    created(forms::submit(&desk, new, operation, once).await?, answer)
}

fn tagged(checked: &CheckedForm) -> Tagged<FormSubmissionDetail> {
    Tagged::computed(checked.into(), checked.submission.version)
}

//! The forms that a council's policy asks for. Who may: whoever may read the policy.

use permanence_api_macros::{dto, op};
use permanence_core::rulebook::{self, Form, Policy};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use super::clauses::InEdition;
use super::filters::edition;
use super::panel::texts;
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{ETag, Listing, Page, Path, Query, Reply, Tagged};
use crate::problem::Problem;
use crate::service::questions;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_forms).service(get_form);
}

/// A form.
#[dto(path)]
pub struct FormPath {
    /// The form's code, as `listForms` gives it.
    #[rule(len(1, 80))]
    #[schema(example = "agency_report")]
    pub form: String,
}

/// Which forms.
#[dto(query, paged)]
pub struct ListForms {
    /// The edition's id; the one of today where it is absent.
    #[rule(len(1, 80))]
    #[schema(example = "1")]
    pub edition: Option<String>,
    /// Only forms about this.
    pub about: Option<FormAbout>,
}

/// What a form is about.
#[dto(code)]
pub enum FormAbout {
    /// A child's case.
    Case,
    /// The council or its panel as a whole.
    Council,
}

/// A form, in a list.
#[dto]
pub struct FormSummary {
    /// Its code.
    #[rule(len(1, 80))]
    #[schema(example = "agency_report")]
    pub code: String,
    /// What it is called.
    #[rule(len(1, 500))]
    #[schema(example = "Report of the fostering agency")]
    pub title: String,
    /// What it is about.
    pub about: FormAbout,
    /// The clauses that ask for it.
    #[rule(items(0, 200))]
    #[schema(example = json!(["ANY-FORM-01"]))]
    pub clauses: Vec<String>,
}

/// A form.
#[dto]
pub struct FormView {
    /// Its code.
    #[rule(len(1, 80))]
    #[schema(example = "agency_report")]
    pub code: String,
    /// What it is called.
    #[rule(len(1, 500))]
    #[schema(example = "Report of the fostering agency")]
    pub title: String,
    /// What it is about: it is handed in there.
    pub about: FormAbout,
    /// The clauses that ask for it.
    #[rule(items(0, 200))]
    #[schema(example = json!(["ANY-FORM-01"]))]
    pub clauses: Vec<String>,
    /// The edition that it stands in.
    #[rule(len(1, 80))]
    #[schema(example = "1")]
    pub edition: String,
    /// The JSON Schema (2020-12) of what is handed in as `content`.
    #[schema(value_type = Object, example = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["childName"],
        "properties": { "childName": { "type": "string", "maxLength": 200 } }
    }))]
    pub schema: Value,
}

/// List the forms of a policy
///
/// Every form that the council's policy asks for, in the order of their codes; what each holds is given by `getForm`.
#[op(get "/v1/councils/{council}/forms", tag = "Forms")]
async fn list_forms(
    who: Authz<scope::PolicyRead>,
    query: Query<ListForms>,
    listing: Listing,
    state: State,
) -> Reply<Page<FormSummary>> {
    let after: Option<String> = listing.after(&query.0)?;
    let council = questions::council(&state.councils, who.council())?;
    let policy = edition(council, query.edition.as_deref(), state.clock.today())?;
    let mut forms: Vec<FormSummary> = policy
        .rulebook
        .forms
        .iter()
        .map(FormSummary::from)
        .filter(|form| query.about.is_none_or(|about| about == form.about))
        .filter(|form| after.as_ref().is_none_or(|after| form.code > *after))
        .collect();
    forms.sort_by(|one, other| one.code.cmp(&other.code));
    listing.keyed(forms, query.limit, |form| form.code.clone())
}

/// Read a form
///
/// What it is called, the clauses that ask for it, and the JSON Schema that what is handed in is checked against.
#[op(get "/v1/councils/{council}/forms/{form}", tag = "Forms")]
async fn get_form(
    who: Authz<scope::PolicyRead>,
    path: Path<FormPath>,
    query: Query<InEdition>,
    state: State,
) -> Reply<Tagged<FormView>> {
    let council = questions::council(&state.councils, who.council())?;
    let policy = edition(council, query.edition.as_deref(), state.clock.today())?;
    let mut forms = policy.rulebook.forms.iter();
    let form = forms
        .find(|form| form.code == *path.form)
        .ok_or_else(Problem::not_found)?;
    let etag = ETag::named(&format!(
        "{}-{}",
        council.plugin().digest,
        policy.rulebook.edition.id
    ));
    Ok(Tagged::with_tag(FormView::of(policy, form), etag))
}

impl From<rulebook::About> for FormAbout {
    fn from(about: rulebook::About) -> Self {
        match about {
            rulebook::About::Case => Self::Case,
            rulebook::About::Council => Self::Council,
        }
    }
}

impl From<&Form> for FormSummary {
    fn from(form: &Form) -> Self {
        Self {
            code: form.code.to_string(),
            title: form.title.clone(),
            about: form.about.into(),
            clauses: texts(&form.clauses),
        }
    }
}

impl FormView {
    fn of(policy: &Policy, form: &Form) -> Self {
        Self {
            code: form.code.to_string(),
            title: form.title.clone(),
            about: form.about.into(),
            clauses: texts(&form.clauses),
            edition: policy.rulebook.edition.id.clone(),
            schema: Value::Object(form.schema.clone()),
        }
    }
}

//! Forms that were handed in, as they are answered: what they say, and what the policy says of that.

use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::dto;
use permanence_core::Finding;
use serde_json::Value;
use uuid::Uuid;

use crate::service::form_check::FormCheck;
use crate::service::forms::CheckedForm;
use crate::store::form_submissions::FormSubmission;

/// A form that was handed in.
#[dto]
pub struct FormSubmissionView {
    /// Its id.
    pub id: Uuid,
    /// Which form.
    #[rule(len(1, 80))]
    #[schema(example = "agency_report")]
    pub form: String,
    /// The case that it is about; null for a form about the council.
    pub case_id: Option<Uuid>,
    /// The booking that it belongs to.
    pub booking_id: Option<Uuid>,
    /// What it says, under the names of the form's schema.
    #[schema(value_type = Object, example = json!({"childName": "Wren Finch"}))]
    pub content: Value,
    /// The caller who handed it in.
    #[rule(len(1, 200))]
    #[schema(example = "sw-1")]
    pub submitted_by: String,
    /// The edition of the policy whose form it is.
    #[rule(len(1, 80))]
    #[schema(example = "1")]
    pub edition: String,
    /// The library that brought the policy.
    #[rule(len(1, 200))]
    #[schema(example = "permanence-council-anytown")]
    pub plugin: String,
    /// The SHA-256 of its file.
    #[rule(len(64, 64))]
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub plugin_sha256: String,
    /// When it was handed in.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A form that was handed in, with what the policy says of it.
#[dto]
pub struct FormSubmissionDetail {
    /// The form.
    pub submission: FormSubmissionView,
    /// What the policy says of it.
    pub check: FormCheckView,
}

/// What the policy says of a form.
#[dto]
pub struct FormCheckView {
    /// The day that it was judged as of: the one on which it was last changed.
    pub as_of: NaiveDate,
    /// The edition that judged.
    #[rule(len(1, 80))]
    #[schema(example = "1")]
    pub edition: String,
    /// What the rules of the form's clauses, and those that read its fields, computed.
    #[schema(value_type = Object, example = json!({"complete": false}))]
    pub results: Value,
    /// For each result the clauses that produced it.
    #[schema(value_type = Object, example = json!({"complete": ["ANY-FORM-01"]}))]
    pub because: Value,
    /// What is missing or wrong, each with its clauses; empty where the policy has nothing to say against it.
    #[rule(items(0, 1000))]
    pub findings: Vec<Finding>,
}

impl From<&FormSubmission> for FormSubmissionView {
    fn from(form: &FormSubmission) -> Self {
        Self {
            id: form.id.into(),
            form: form.form.to_string(),
            case_id: form.case_id.map(Uuid::from),
            booking_id: form.booking_id.map(Uuid::from),
            content: Value::Object(form.content.clone()),
            submitted_by: form.submitted_by.clone(),
            edition: form.judged_by.edition.clone(),
            plugin: form.judged_by.plugin_id.clone(),
            plugin_sha256: form.judged_by.plugin_digest.clone(),
            created_at: form.created_at,
            updated_at: form.updated_at,
        }
    }
}

impl From<&FormCheck> for FormCheckView {
    fn from(check: &FormCheck) -> Self {
        Self {
            as_of: check.as_of,
            edition: check.edition.clone(),
            results: Value::Object(check.results.clone()),
            because: serde_json::to_value(&check.because).unwrap_or_default(),
            findings: check.findings.clone(),
        }
    }
}

impl From<&CheckedForm> for FormSubmissionDetail {
    fn from(checked: &CheckedForm) -> Self {
        Self {
            submission: (&checked.submission).into(),
            check: (&checked.check).into(),
        }
    }
}

//! Forms that were handed in: about a case, or about the council as a whole.
//!
//! Table `form_submissions`. What a form held before it was changed is in the audit.

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use permanence_core::{Code, CouncilCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::columns::code;
use super::conn::on;
use super::ids::{BookingId, CaseId, FormSubmissionId};
use super::judged_by::JudgedBy;
use super::keyed::{keep_changed, page_by_id, row_by_id};
use super::prepared::Prepared;
use super::schema::form_submissions;
use super::{Conn, Document, Moment, StoreError, Tx};

/// A form that was handed in. Its JSON form is what the audit keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FormSubmission {
    /// Its id.
    pub id: FormSubmissionId,
    /// Which form.
    pub form: Code,
    /// The case that it is about; none for a form about the council.
    pub case_id: Option<CaseId>,
    /// The booking that it belongs to.
    pub booking_id: Option<BookingId>,
    /// What it says, under the names of the form's schema.
    pub content: Map<String, Value>,
    /// The caller who handed it in.
    pub submitted_by: String,
    /// By which rules it was taken.
    #[serde(flatten)]
    pub judged_by: JudgedBy,
    /// Counts its changes, from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Whose forms are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormsAbout {
    /// Those about this case.
    Case(CaseId),
    /// Those about the council; only the ones that this caller handed in, where one is named.
    Council(Option<String>),
}

/// Which forms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormFilter {
    /// Only these; all where empty.
    pub forms: Vec<Code>,
    /// Only those of this booking.
    pub booking_id: Option<BookingId>,
}

#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = form_submissions, treat_none_as_null = true, primary_key(council, id))]
struct FormSubmissionRow {
    council: String,
    id: FormSubmissionId,
    form: String,
    case_id: Option<CaseId>,
    booking_id: Option<BookingId>,
    content: Document,
    submitted_by: String,
    edition: String,
    plugin_id: String,
    plugin_version: String,
    plugin_digest: String,
    version: i64,
    created_at: Moment,
    updated_at: Moment,
}

/// Keeps a new submission.
///
/// # Errors
/// Whatever the database says.
pub async fn form_submission_create_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    submission: &FormSubmission,
) -> Result<(), StoreError> {
    let row = FormSubmissionRow::of(council, submission)?;
    on!(
        tx,
        execute(Prepared(
            diesel::insert_into(form_submissions::table).values(&row)
        ))
    )?;
    Ok(())
}

/// The submission with this id.
///
/// # Errors
/// Whatever the database says.
pub async fn form_submission_get(
    conn: &mut Conn,
    council: &CouncilCode,
    id: FormSubmissionId,
) -> Result<Option<FormSubmission>, StoreError> {
    let row = row_by_id!(conn, form_submissions, FormSubmissionRow, council, id);
    row.map(FormSubmission::try_from).transpose()
}

/// Keeps a changed submission whose `version` is still the stored one; gives it with its next version, or none if somebody
/// else was faster.
///
/// # Errors
/// Whatever the database says.
pub async fn form_submission_update_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    submission: FormSubmission,
) -> Result<Option<FormSubmission>, StoreError> {
    let kept = keep_changed!(tx, form_submissions, council, submission => FormSubmissionRow::of(council, &submission)?);
    Ok(kept)
}

/// Lists submissions in the order of their making.
///
/// # Errors
/// Whatever the database says.
pub async fn form_submission_list(
    conn: &mut Conn,
    council: &CouncilCode,
    about: &FormsAbout,
    filter: &FormFilter,
    after: Option<FormSubmissionId>,
    limit: i64,
) -> Result<Vec<FormSubmission>, StoreError> {
    use form_submissions::dsl;
    let forms: Vec<&str> = filter.forms.iter().map(Code::as_str).collect();
    let rows: Vec<FormSubmissionRow> = on!(
        conn,
        load({
            let mut query = page_by_id!(form_submissions, FormSubmissionRow, council, after, limit);
            query = match about {
                FormsAbout::Case(case_id) => query.filter(dsl::case_id.eq(case_id)),
                FormsAbout::Council(only) => {
                    let council_wide = query.filter(dsl::case_id.is_null());
                    match only {
                        Some(caller) => council_wide.filter(dsl::submitted_by.eq(caller)),
                        None => council_wide,
                    }
                }
            };
            if !forms.is_empty() {
                query = query.filter(dsl::form.eq_any(&forms));
            }
            if let Some(booking_id) = filter.booking_id {
                query = query.filter(dsl::booking_id.eq(booking_id));
            }
            query
        })
    )?;
    rows.into_iter().map(FormSubmission::try_from).collect()
}

impl FormSubmissionRow {
    fn of(council: &CouncilCode, submission: &FormSubmission) -> Result<Self, StoreError> {
        let judged_by = submission.judged_by.clone();
        Ok(Self {
            council: council.to_string(),
            id: submission.id,
            form: submission.form.to_string(),
            case_id: submission.case_id,
            booking_id: submission.booking_id,
            content: Document::of(&submission.content)?,
            submitted_by: submission.submitted_by.clone(),
            edition: judged_by.edition,
            plugin_id: judged_by.plugin_id,
            plugin_version: judged_by.plugin_version,
            plugin_digest: judged_by.plugin_digest,
            version: submission.version,
            created_at: Moment::new(submission.created_at),
            updated_at: Moment::new(submission.updated_at),
        })
    }
}

impl TryFrom<FormSubmissionRow> for FormSubmission {
    type Error = StoreError;

    fn try_from(row: FormSubmissionRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            form: code(row.form)?,
            case_id: row.case_id,
            booking_id: row.booking_id,
            content: row.content.read()?,
            submitted_by: row.submitted_by,
            judged_by: JudgedBy {
                edition: row.edition,
                plugin_id: row.plugin_id,
                plugin_version: row.plugin_version,
                plugin_digest: row.plugin_digest,
            },
            version: row.version,
            created_at: row.created_at.utc(),
            updated_at: row.updated_at.utc(),
        })
    }
}

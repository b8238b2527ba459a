//! Reports on children who wait too long: the finding that each is about, what holds the child up, and who signed.
//!
//! Table `exception_reports`. The finding is kept as it was; what it would be today is computed elsewhere.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, OptionalExtension as _,
    QueryDsl as _, SelectableHelper as _,
};
use permanence_core::{ClauseId, Code, CouncilCode, Finding};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::cases::CaseScope;
use super::columns::code;
use super::conn::on;
use super::ids::{CaseId, ExceptionReportId};
use super::judged_by::JudgedBy;
use super::keyed::{keep_changed, page_by_id, row_by_id};
use super::prepared::Prepared;
use super::reach::within_reach;
use super::schema::exception_reports;
use super::{Conn, Document, Moment, StoreError, Tx};

/// How far a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportStatus {
    /// Signatures that the policy asks for are missing.
    AwaitingSignatures,
    /// All that the policy asks for are there.
    SignedOff,
    /// The policy does not say who signs.
    NoSignatureRule,
}

impl ReportStatus {
    /// The code as it is written everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingSignatures => "awaiting_signatures",
            Self::SignedOff => "signed_off",
            Self::NoSignatureRule => "no_signature_rule",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        match text {
            "awaiting_signatures" => Ok(Self::AwaitingSignatures),
            "signed_off" => Ok(Self::SignedOff),
            "no_signature_rule" => Ok(Self::NoSignatureRule),
            _ => Err(StoreError::Corrupt("the status of an exception report")),
        }
    }
}

/// A report on a child who waits too long. Its JSON form is what the audit keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExceptionReport {
    /// Its id.
    pub id: ExceptionReportId,
    /// The case.
    pub case_id: CaseId,
    /// The finding's code.
    pub code: Code,
    /// The clauses that ask for it.
    pub clauses: Vec<ClauseId>,
    /// The finding as it was.
    pub finding: Finding,
    /// The day on which it was found.
    pub as_of: NaiveDate,
    /// What holds the child up.
    pub reasons: String,
    /// How that is to be resolved.
    pub plan: String,
    /// How far it is.
    pub status: ReportStatus,
    /// Who signed, in the order of signing.
    pub signatures: Vec<Signature>,
    /// What the policy says of the signatures.
    pub sign_off: SignOff,
    /// By which rules it was found.
    #[serde(flatten)]
    pub judged_by: JudgedBy,
    /// Counts its changes, from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A signature on a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signature {
    /// The role that signed.
    pub role: Code,
    /// The person, by name.
    pub name: Option<String>,
    /// When.
    pub signed_at: DateTime<Utc>,
    /// The caller who recorded it.
    pub recorded_by: String,
}

/// What the policy says of the signatures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignOff {
    /// Roles that have still to sign.
    pub missing: Vec<Code>,
    /// All that the rules computed.
    pub results: Map<String, Value>,
    /// The clauses of those rules.
    pub clauses: Vec<ClauseId>,
}

/// Which reports; what is empty does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportFilter {
    /// Of this case.
    pub case_id: Option<CaseId>,
    /// In any of these states.
    pub status: Vec<ReportStatus>,
}

#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = exception_reports, treat_none_as_null = true, primary_key(council, id))]
struct ExceptionReportRow {
    council: String,
    id: ExceptionReportId,
    case_id: CaseId,
    code: String,
    clauses: Document,
    finding: Document,
    as_of: NaiveDate,
    reasons: String,
    plan: String,
    status: String,
    signatures: Document,
    sign_off: Document,
    edition: String,
    plugin_id: String,
    plugin_version: String,
    plugin_digest: String,
    version: i64,
    created_at: Moment,
    updated_at: Moment,
}

/// Keeps a new report.
///
/// # Errors
/// Whatever the database says.
pub async fn exception_report_create_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    report: &ExceptionReport,
) -> Result<(), StoreError> {
    let row = ExceptionReportRow::of(council, report)?;
    on!(
        tx,
        execute(Prepared(
            diesel::insert_into(exception_reports::table).values(&row)
        ))
    )?;
    Ok(())
}

/// The report with this id.
///
/// # Errors
/// Whatever the database says.
pub async fn exception_report_get(
    conn: &mut Conn,
    council: &CouncilCode,
    id: ExceptionReportId,
) -> Result<Option<ExceptionReport>, StoreError> {
    let row = row_by_id!(conn, exception_reports, ExceptionReportRow, council, id);
    row.map(ExceptionReport::try_from).transpose()
}

/// Keeps a changed report whose `version` is still the stored one; gives it with its next version, or none if somebody else
/// was faster.
///
/// # Errors
/// Whatever the database says.
pub async fn exception_report_update_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    report: ExceptionReport,
) -> Result<Option<ExceptionReport>, StoreError> {
    let kept = keep_changed!(tx, exception_reports, council, report => ExceptionReportRow::of(council, &report)?);
    Ok(kept)
}

/// Lists reports of cases that the caller may see, in the order of their making.
///
/// # Errors
/// Whatever the database says.
pub async fn exception_report_list(
    conn: &mut Conn,
    council: &CouncilCode,
    scope: &CaseScope,
    filter: &ReportFilter,
    after: Option<ExceptionReportId>,
    limit: i64,
) -> Result<Vec<ExceptionReport>, StoreError> {
    use exception_reports::dsl;
    let status: Vec<&str> = filter.status.iter().map(|status| status.as_str()).collect();
    let rows: Vec<ExceptionReportRow> = on!(
        conn,
        load({
            let mut query =
                page_by_id!(exception_reports, ExceptionReportRow, council, after, limit);
            within_reach!(query, dsl::case_id, council, scope);
            if let Some(case_id) = filter.case_id {
                query = query.filter(dsl::case_id.eq(case_id));
            }
            if !status.is_empty() {
                query = query.filter(dsl::status.eq_any(&status));
            }
            query
        })
    )?;
    rows.into_iter().map(ExceptionReport::try_from).collect()
}

impl ExceptionReportRow {
    fn of(council: &CouncilCode, report: &ExceptionReport) -> Result<Self, StoreError> {
        let judged_by = report.judged_by.clone();
        Ok(Self {
            council: council.to_string(),
            id: report.id,
            case_id: report.case_id,
            code: report.code.to_string(),
            clauses: Document::of(&report.clauses)?,
            finding: Document::of(&report.finding)?,
            as_of: report.as_of,
            reasons: report.reasons.clone(),
            plan: report.plan.clone(),
            status: report.status.as_str().to_owned(),
            signatures: Document::of(&report.signatures)?,
            sign_off: Document::of(&report.sign_off)?,
            edition: judged_by.edition,
            plugin_id: judged_by.plugin_id,
            plugin_version: judged_by.plugin_version,
            plugin_digest: judged_by.plugin_digest,
            version: report.version,
            created_at: Moment::new(report.created_at),
            updated_at: Moment::new(report.updated_at),
        })
    }
}

impl TryFrom<ExceptionReportRow> for ExceptionReport {
    type Error = StoreError;

    fn try_from(row: ExceptionReportRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            case_id: row.case_id,
            code: code(row.code)?,
            clauses: row.clauses.read()?,
            finding: row.finding.read()?,
            as_of: row.as_of,
            reasons: row.reasons,
            plan: row.plan,
            status: ReportStatus::parse(&row.status)?,
            signatures: row.signatures.read()?,
            sign_off: row.sign_off.read()?,
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

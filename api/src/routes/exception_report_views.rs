//! Reports on children who wait too long, as they are answered.

use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::dto;
use permanence_core::Finding;
use serde_json::Value;
use uuid::Uuid;

use super::panel::texts;
use crate::store::exception_reports::{ExceptionReport, ReportStatus, SignOff, Signature};

/// How far a report is.
#[dto(code)]
pub enum ExceptionReportStatus {
    /// Signatures that the policy asks for are missing.
    AwaitingSignatures,
    /// All that the policy asks for are there.
    SignedOff,
    /// The policy does not say who signs.
    NoSignatureRule,
}

/// A report on a child who waits too long.
#[dto]
pub struct ExceptionReportView {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case_id: Uuid,
    /// The finding's code.
    #[rule(len(1, 80))]
    #[schema(example = "permanence_plan_missing")]
    pub code: String,
    /// The clauses that ask for it.
    #[rule(items(0, 50))]
    #[schema(example = json!(["ANY-EXCEPTION-01"]))]
    pub clauses: Vec<String>,
    /// The finding as it was when the report was written.
    pub finding: Finding,
    /// The day on which it was found.
    pub as_of: NaiveDate,
    /// What holds the child up.
    #[rule(len(1, 20000))]
    #[schema(example = "Two assessments came late.")]
    pub reasons: String,
    /// How that is to be resolved.
    #[rule(len(1, 20000))]
    #[schema(example = "Both are due by the end of March; the plan goes to the panel in April.")]
    pub plan: String,
    /// How far it is.
    pub status: ExceptionReportStatus,
    /// Who signed, in the order of signing.
    #[rule(items(0, 100))]
    pub signatures: Vec<SignatureView>,
    /// What the policy says of the signatures.
    pub sign_off: SignOffView,
    /// The edition of the policy that found it.
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
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A signature on a report.
#[dto]
pub struct SignatureView {
    /// The role that signed.
    #[rule(len(1, 80))]
    #[schema(example = "social_worker")]
    pub role: String,
    /// The person, by name.
    #[rule(len(1, 200))]
    #[schema(example = "Rowan Ashdown")]
    pub name: Option<String>,
    /// When.
    pub signed_at: DateTime<Utc>,
    /// The caller who recorded it.
    #[rule(len(1, 200))]
    #[schema(example = "sw-1")]
    pub recorded_by: String,
}

/// What the policy says of the signatures on a report.
#[dto]
pub struct SignOffView {
    /// Roles that have still to sign.
    #[rule(items(0, 50))]
    #[schema(example = json!(["team_manager"]))]
    pub missing: Vec<String>,
    /// All that the rules on signing computed.
    #[schema(value_type = Object, example = json!({"readyForPanel": false}))]
    pub results: Value,
    /// The clauses of those rules; empty where the policy has none.
    #[rule(items(0, 50))]
    #[schema(example = json!(["ANY-EXCEPTION-09"]))]
    pub clauses: Vec<String>,
}

impl From<ReportStatus> for ExceptionReportStatus {
    fn from(status: ReportStatus) -> Self {
        match status {
            ReportStatus::AwaitingSignatures => Self::AwaitingSignatures,
            ReportStatus::SignedOff => Self::SignedOff,
            ReportStatus::NoSignatureRule => Self::NoSignatureRule,
        }
    }
}

impl From<ExceptionReportStatus> for ReportStatus {
    fn from(status: ExceptionReportStatus) -> Self {
        match status {
            ExceptionReportStatus::AwaitingSignatures => Self::AwaitingSignatures,
            ExceptionReportStatus::SignedOff => Self::SignedOff,
            ExceptionReportStatus::NoSignatureRule => Self::NoSignatureRule,
        }
    }
}

impl From<&ExceptionReport> for ExceptionReportView {
    fn from(report: &ExceptionReport) -> Self {
        Self {
            id: report.id.into(),
            case_id: report.case_id.into(),
            code: report.code.to_string(),
            clauses: texts(&report.clauses),
            finding: report.finding.clone(),
            as_of: report.as_of,
            reasons: report.reasons.clone(),
            plan: report.plan.clone(),
            status: report.status.into(),
            signatures: report.signatures.iter().map(SignatureView::from).collect(),
            sign_off: (&report.sign_off).into(),
            edition: report.judged_by.edition.clone(),
            plugin: report.judged_by.plugin_id.clone(),
            plugin_sha256: report.judged_by.plugin_digest.clone(),
            created_at: report.created_at,
            updated_at: report.updated_at,
        }
    }
}

impl From<&Signature> for SignatureView {
    fn from(signature: &Signature) -> Self {
        Self {
            role: signature.role.to_string(),
            name: signature.name.clone(),
            signed_at: signature.signed_at,
            recorded_by: signature.recorded_by.clone(),
        }
    }
}

impl From<&SignOff> for SignOffView {
    fn from(sign_off: &SignOff) -> Self {
        Self {
            missing: texts(&sign_off.missing),
            results: Value::Object(sign_off.results.clone()),
            clauses: texts(&sign_off.clauses),
        }
    }
}

//! Reports on children who wait too long: written on a finding that stands today, and read again.

use permanence_core::{Certainty, ClauseId, Code, CouncilCode};

use super::children::{Child, child_of, with_child};
use super::drift::{ExceptionFilter, ExceptionQuestion, exceptions};
use super::pages::page_of_cases;
use super::policy::PanelDesk;
use super::sign_off::judge;
use super::{Acting, Made, Once, ServiceError, Subject};
use crate::store::audit::audit_record_in_txn;
use crate::store::exception_reports::{
    ExceptionReport, ReportFilter, ReportStatus, SignOff, exception_report_create_in_txn,
    exception_report_get, exception_report_list,
};
use crate::store::ids::{CaseId, ExceptionReportId};
use crate::store::{Conn, Tx};

/// A report to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReport {
    /// The case.
    pub case_id: CaseId,
    /// The code of the finding.
    pub code: Code,
    /// One of its clauses, where several findings have the code.
    pub clause: Option<ClauseId>,
    /// What holds the child up.
    pub reasons: String,
    /// How that is to be resolved.
    pub plan: String,
}

/// Writes a report on a finding that stands today.
///
/// # Errors
/// [`ServiceError::NotFound`] when the case is not there for the caller, [`ServiceError::Invalid`] when there is no such
/// finding on it, or the records do not settle it.
pub async fn create(
    desk: &PanelDesk,
    new: NewReport,
    once: Once<ExceptionReport>,
) -> Result<Made<ExceptionReport>, ServiceError> {
    let now = desk.desk.now();
    let planned = plan(desk, new).await;
    let by = desk.by.clone();
    let work = async move |tx: &mut Tx| {
        once.run_in_txn(tx, now, async |tx| {
            let report = planned?;
            exception_report_create_in_txn(tx, &by.council, &report).await?;
            let event = by.event(
                now,
                "createExceptionReport",
                subject(&report),
                &report,
                None,
            )?;
            audit_record_in_txn(tx, event);
            Ok(report)
        })
        .await
    };
    desk.desk.store.write(work).await
}

async fn plan(desk: &PanelDesk, new: NewReport) -> Result<ExceptionReport, ServiceError> {
    let (now, today) = (desk.desk.now(), desk.desk.today());
    let child = child_of(desk, new.case_id).await?;
    let question = ExceptionQuestion {
        as_of: today,
        filter: ExceptionFilter {
            case_id: Some(new.case_id),
            codes: vec![new.code.clone()],
            clauses: new.clause.clone().into_iter().collect(),
            ..ExceptionFilter::default()
        },
        after: None,
        limit: 100,
    };
    let (found, _) = exceptions(&desk.desk, &desk.council, &desk.by, question).await?;
    let mut found = found.into_iter().map(|one| one.finding).peekable();
    let message = match found.peek() {
        None => "There is no such finding on this case today.",
        Some(_) => {
            "Whether this finding stands cannot be known yet: record the facts that it names as missing."
        }
    };
    let finding = found
        .find(|finding| finding.certainty != Certainty::CannotBeKnown)
        .ok_or_else(|| ServiceError::invalid("/code", "no_such_finding", message))?;
    let policy = desk.policy(today)?;
    let mut report = ExceptionReport {
        id: ExceptionReportId::generate(),
        case_id: new.case_id,
        code: finding.code.clone(),
        clauses: finding.clauses.clone(),
        finding,
        as_of: today,
        reasons: new.reasons,
        plan: new.plan,
        status: ReportStatus::NoSignatureRule,
        signatures: Vec::new(),
        sign_off: SignOff::default(),
        judged_by: desk.judged_by(policy),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    judge(desk, &child, &mut report).await?;
    Ok(report)
}

/// Reads a report.
///
/// # Errors
/// [`ServiceError::NotFound`] when it, or its case, is not there for the caller.
pub async fn get(desk: &PanelDesk, id: ExceptionReportId) -> Result<ExceptionReport, ServiceError> {
    let (report, _) = find(desk, id).await?;
    desk.desk
        .record_read(&desk.by, "getExceptionReport", [report.case_id])?;
    Ok(report)
}

/// Lists reports; the second part is where the next page begins, if there is one.
///
/// # Errors
/// Those of the store.
pub async fn list(
    desk: &PanelDesk,
    filter: ReportFilter,
    after: Option<ExceptionReportId>,
    limit: u16,
) -> Result<(Vec<ExceptionReport>, Option<ExceptionReportId>), ServiceError> {
    let rows = async move |conn: &mut Conn, by: &Acting, rows: i64| {
        exception_report_list(conn, &by.council, &by.scope, &filter, after, rows).await
    };
    let of = |report: &ExceptionReport| (report.case_id, report.id);
    page_of_cases(desk, "listExceptionReports", limit, rows, of).await
}

/// A report of a case that the caller may see, with the child.
pub(super) async fn find(
    desk: &PanelDesk,
    id: ExceptionReportId,
) -> Result<(ExceptionReport, Child), ServiceError> {
    let get = async |conn: &mut Conn, council: &CouncilCode| {
        exception_report_get(conn, council, id).await
    };
    with_child(desk, get, |report| report.case_id).await
}

/// A report in the audit.
#[must_use]
pub fn subject(report: &ExceptionReport) -> Subject {
    Subject {
        kind: "exception_report",
        id: report.id.untyped(),
        version: report.version,
        case_id: Some(report.case_id),
    }
}

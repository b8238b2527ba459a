//! Runs of jobs: a job claims its subject here first, so that what is due happens once.
//!
//! Table `job_runs`; the claim and the effect are one transaction, and of two processes one waits and then finds it claimed.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::ExpressionMethods as _;
use permanence_core::CouncilCode;

use super::conn::on;
use super::ids::JobRunId;
use super::schema::job_runs;
use super::{Document, Moment, StoreError, Tx};

/// One run of a job on one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRun {
    /// The job.
    pub job: &'static str,
    /// What it is about.
    pub subject: String,
    /// The day on which it was due.
    pub due_on: NaiveDate,
    /// The day as of which jobs ran.
    pub as_of: NaiveDate,
    /// When it ran.
    pub ran_at: DateTime<Utc>,
    /// What became of it, a code.
    pub outcome: &'static str,
    /// More about it.
    pub details: serde_json::Value,
}

/// Claims a run; false when it ran before.
///
/// # Errors
/// Whatever the database says.
pub async fn job_run_claim_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    run: &JobRun,
) -> Result<bool, StoreError> {
    let row = (
        job_runs::council.eq(council.as_str()),
        job_runs::id.eq(JobRunId::generate()),
        job_runs::job.eq(run.job),
        job_runs::subject.eq(&run.subject),
        job_runs::due_on.eq(run.due_on),
        job_runs::as_of.eq(run.as_of),
        job_runs::ran_at.eq(Moment::new(run.ran_at)),
        job_runs::outcome.eq(run.outcome),
        job_runs::details.eq(Document(run.details.clone())),
    );
    let made = on!(
        tx,
        execute(
            diesel::insert_into(job_runs::table)
                .values(row)
                .on_conflict_do_nothing()
        )
    )?;
    Ok(made == 1)
}

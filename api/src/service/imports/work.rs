//! The work on one import, from its files to its report.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use permanence_core::CouncilCode;
use permanence_core::care::{CareHistory, CollectionYear, Coverage};

use super::apply::{Applied, Context, apply_in_txn};
use super::outcome::{line, result_of};
use super::{Progress, subject, without_content};
use crate::integrations::ssda903::report::Issue;
use crate::integrations::ssda903::{Child, Reading, SourceFile, read};
use crate::service::{Acting, Desk, ServiceError};
use crate::store::audit::{Actor, audit_record_in_txn};
use crate::store::cases::{CaseCursor, CaseFilter, CasePage, CaseScope, CaseSort, case_list};
use crate::store::ids::CaseId;
use crate::store::import_issues::{ImportIssue, import_issues_replace_in_txn};
use crate::store::import_work::import_touch_in_txn;
use crate::store::imports::{Import, ImportStatus, import_coverage, import_update_in_txn};
use crate::store::{Conn, StoreError, Tx};

/// How many children go into one transaction: other writers wait no longer than that takes.
const BATCH: usize = 100;

/// What somebody reads whose import failed; the cause is in the log.
const FAILED: &str =
    "The import broke off. What is in stands; send the same files again to finish it.";

/// Why the work on an import ended early.
enum Ended {
    /// Another worker holds it now.
    Lost,
    /// It failed.
    Failed(ServiceError),
}

impl From<ServiceError> for Ended {
    fn from(error: ServiceError) -> Self {
        Self::Failed(error)
    }
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Works on an import that this process holds.
pub(super) async fn work_on(desk: &Desk, council: CouncilCode, import: Import) {
    let id = import.id;
    let mut work = Work {
        desk,
        council,
        import,
        applied: Applied::default(),
    };
    match work.run().await {
        Ok(()) => tracing::info!(import = %id, council = %work.council, "import finished"),
        Err(Ended::Lost) => tracing::warn!(import = %id, "another process took this import over"),
        Err(Ended::Failed(cause)) => {
            tracing::error!(import = %id, error = &cause as &dyn std::error::Error, "import failed");
            if let Err(cause) = work.give_up().await {
                tracing::error!(import = %id, error = &cause as &dyn std::error::Error, "a failed import stays open");
            }
        }
    }
}

struct Work<'a> {
    desk: &'a Desk,
    council: CouncilCode,
    import: Import,
    applied: Applied,
}

impl Work<'_> {
    async fn run(&mut self) -> Result<(), Ended> {
        let mut reading = self.read().await?;
        let earlier = self.earlier_coverage().await?;
        let children: Vec<(String, Child)> =
            std::mem::take(&mut reading.children).into_iter().collect();
        let count = u32::try_from(children.len()).unwrap_or(u32::MAX);
        if !self.import.dry_run {
            let context = self.context(&reading);
            self.apply_all(&context, children, count).await?;
            self.clear_out(&context, &reading, &earlier).await?;
        }
        self.finish(reading, earlier, count).await
    }

    /// Reads the files; the database keeps their content until the end, this process needs it no longer.
    async fn read(&mut self) -> Result<Reading, Ended> {
        let files = self.import.files.clone();
        self.import = without_content(self.import.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let decoded: Option<Vec<Vec<u8>>> = files
                .iter()
                .map(|file| STANDARD.decode(file.content.as_deref()?).ok())
                .collect();
            decoded.map(|contents| {
                let sources: Vec<SourceFile<'_>> = files
                    .iter()
                    .zip(&contents)
                    .map(|(file, content)| SourceFile {
                        name: &file.name,
                        content: content.as_slice().into(),
                        year: file.collection_year.map(CollectionYear::starting),
                    })
                    .collect();
                read(&sources)
            })
        });
        let reading = reading
            .await
            .map_err(|_| StoreError::Corrupt("reading the files broke off"))?;
        Ok(reading.ok_or(StoreError::Corrupt("an open import has lost its files"))?)
    }

    async fn earlier_coverage(&self) -> Result<Coverage, Ended> {
        let council = self.council.clone();
        let coverage = self
            .desk
            .store
            .list(async move |conn: &mut Conn| import_coverage(conn, &council).await)
            .await?;
        Ok(coverage)
    }

    fn context(&self, reading: &Reading) -> Context {
        let by = Acting {
            council: self.council.clone(),
            actor: Actor {
                id: self.import.created_by.clone(),
                role: None,
            },
            scope: CaseScope::all(),
            request_id: None,
        };
        let (now, today) = (self.desk.now(), self.desk.today());
        Context {
            by,
            now,
            today,
            years: reading.years.clone(),
        }
    }

    async fn apply_all(
        &mut self,
        context: &Context,
        mut children: Vec<(String, Child)>,
        count: u32,
    ) -> Result<(), Ended> {
        let mut done = 0_u32;
        while !children.is_empty() {
            let rest = children.split_off(children.len().min(BATCH));
            let batch = std::mem::replace(&mut children, rest);
            done += u32::try_from(batch.len()).unwrap_or(0);
            self.apply(
                context,
                batch,
                Progress {
                    children: count,
                    children_done: done,
                },
            )
            .await?;
        }
        Ok(())
    }

    /// One transaction: the children and how far the import is with them.
    async fn apply(
        &mut self,
        context: &Context,
        batch: Vec<(String, Child)>,
        progress: Progress,
    ) -> Result<(), Ended> {
        let mut import = self.import.clone();
        import.progress = serde_json::to_value(progress).unwrap_or_default();
        import.updated_at = crate::clock::Clock::System.now();
        let context = context.clone();
        let outcome = self
            .desk
            .store
            .write(async move |tx: &mut Tx| {
                let council = &context.by.council;
                let is_held = import_touch_in_txn(tx, council, &mut import).await?;
                if !is_held {
                    return Ok::<_, ServiceError>(None);
                }
                Ok(Some((apply_in_txn(tx, &context, batch).await?, import)))
            })
            .await?;
        let (applied, import) = outcome.ok_or(Ended::Lost)?;
        self.import.version = import.version;
        self.import.progress = import.progress;
        self.applied.add(applied);
        Ok(())
    }

    /// A year that comes again may have lost whole children: what only that year held of them is withdrawn.
    async fn clear_out(
        &mut self,
        context: &Context,
        reading: &Reading,
        earlier: &Coverage,
    ) -> Result<(), Ended> {
        if !reading
            .coverage
            .episodes
            .iter()
            .any(|year| earlier.episodes.contains(year))
        {
            return Ok(());
        }
        let seen: HashMap<CaseId, ()> =
            self.applied.cases.iter().map(|(_, id)| (*id, ())).collect();
        let mut after: Option<CaseCursor> = None;
        loop {
            let (council, from) = (self.council.clone(), after.clone());
            let cases = self
                .desk
                .store
                .list(async move |conn: &mut Conn| {
                    let page = CasePage {
                        sort: CaseSort::Created,
                        descending: false,
                        after: from.as_ref(),
                        limit: i64::try_from(BATCH).unwrap_or(100),
                    };
                    case_list(
                        conn,
                        &council,
                        &CaseScope::all(),
                        &CaseFilter::default(),
                        page,
                    )
                    .await
                })
                .await?;
            let Some(last) = cases.last() else {
                return Ok(());
            };
            after = Some(CaseCursor::at(last, CaseSort::Created));
            let gone: Vec<(String, Child)> = cases
                .into_iter()
                .filter(|case| !seen.contains_key(&case.id))
                .map(|case| {
                    (
                        case.reference,
                        Child {
                            sex: None,
                            history: CareHistory::default(),
                        },
                    )
                })
                .collect();
            if !gone.is_empty() {
                let progress = serde_json::from_value(self.import.progress.clone());
                self.apply(context, gone, progress.unwrap_or_default())
                    .await?;
            }
        }
    }

    async fn finish(
        &mut self,
        reading: Reading,
        earlier: Coverage,
        count: u32,
    ) -> Result<(), Ended> {
        let applied = std::mem::take(&mut self.applied);
        let case_of: HashMap<&str, CaseId> = applied
            .cases
            .iter()
            .map(|(reference, id)| (reference.as_str(), *id))
            .collect();
        let issues: Vec<&Issue> = reading.issues.iter().chain(&applied.issues).collect();
        let lines: Vec<ImportIssue> = (1..)
            .zip(&issues)
            .map(|(seq, issue)| line(seq, issue, &case_of))
            .collect();
        let result = result_of(&reading, &applied, &issues, earlier, count);
        let mut import = self.import.clone();
        import.status = ImportStatus::Succeeded;
        import.progress = serde_json::to_value(Progress {
            children: count,
            children_done: count,
        })
        .unwrap_or_default();
        import.result = serde_json::to_value(result).map_err(StoreError::from)?;
        self.close(import, lines).await
    }

    async fn give_up(&self) -> Result<(), ServiceError> {
        let mut import = without_content(self.import.clone());
        import.status = ImportStatus::Failed;
        import.problem = Some(FAILED.to_owned());
        match self.close(import, Vec::new()).await {
            Ok(()) | Err(Ended::Lost) => Ok(()),
            Err(Ended::Failed(cause)) => Err(cause),
        }
    }

    async fn close(&self, mut import: Import, lines: Vec<ImportIssue>) -> Result<(), Ended> {
        let context = self.context(&Reading::default());
        import.updated_at = crate::clock::Clock::System.now();
        import.finished_at = Some(context.now);
        let closed = self
            .desk
            .store
            .write(async move |tx: &mut Tx| {
                let council = &context.by.council;
                import_issues_replace_in_txn(tx, council, import.id, &lines).await?;
                let Some(import) = import_update_in_txn(tx, council, import).await? else {
                    return Ok::<_, ServiceError>(false);
                };
                let by = &context.by;
                let event =
                    by.event(context.now, "finishImport", subject(&import), &import, None)?;
                audit_record_in_txn(tx, event);
                Ok(true)
            })
            .await?;
        if closed { Ok(()) } else { Err(Ended::Lost) }
    }
}

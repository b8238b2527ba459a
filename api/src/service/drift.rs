//! Drift: which children wait too long under the council's own policy, and every date that a case's facts imply.
//!
//! Nothing is stored: the answer is computed from the records as they stand, by the rulebook edition of the day asked about.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use permanence_core::evaluation::Severity;
use permanence_core::{Answer, Capability, Certainty, ClauseId, Code, Finding};

use super::children::{Child, child_load, children_load};
use super::{Acting, Desk, ServiceError};
use crate::plugins::{Asked, Council};
use crate::store::Conn;
use crate::store::cases::{
    Case, CaseCursor, CaseFilter, CasePage, CaseSort, CaseStatus, case_get, case_list,
};
use crate::store::ids::CaseId;

/// Cases that are judged at a time.
const BATCH: i64 = 200;
/// Cases that one page looks through before it is given as it is, short or empty, with a cursor to go on from.
const LONGEST_SEARCH: usize = 2_000;

/// Which findings to name; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct ExceptionFilter {
    /// One case only.
    pub case_id: Option<CaseId>,
    /// Any of these codes.
    pub codes: Vec<Code>,
    /// Any of these clauses.
    pub clauses: Vec<ClauseId>,
    /// Any of these certainties.
    pub certainty: Vec<Certainty>,
    /// Any of these severities.
    pub severity: Vec<Severity>,
    /// Any of these responsible roles.
    pub responsible: Vec<Code>,
}

/// Where a page of exceptions ends: the case, and how many of its findings have been named.
pub type ExceptionCursor = (CaseId, usize);

/// A question for exceptions.
#[derive(Debug, Clone)]
pub struct ExceptionQuestion {
    /// The day asked about.
    pub as_of: NaiveDate,
    /// Which findings.
    pub filter: ExceptionFilter,
    /// Where the page before ended.
    pub after: Option<ExceptionCursor>,
    /// How many at most.
    pub limit: usize,
}

/// A child who waits too long.
#[derive(Debug, Clone, PartialEq)]
pub struct DriftException {
    /// The case.
    pub case_id: CaseId,
    /// The council's own reference for it.
    pub reference: String,
    /// The edition that judged.
    pub edition: String,
    /// Why.
    pub finding: Finding,
}

/// How many children each rule finds waiting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExceptionCounts {
    /// Open cases looked at.
    pub cases: usize,
    /// Cases with a finding that is certain or a lower bound.
    pub cases_with_findings: usize,
    /// For each clause and code, how many findings of each certainty.
    pub counts: BTreeMap<(ClauseId, Code), BTreeMap<Certainty, usize>>,
}

impl ExceptionFilter {
    fn admits(&self, finding: &Finding) -> bool {
        let any = |clauses: &[ClauseId]| {
            clauses.is_empty() || finding.clauses.iter().any(|id| clauses.contains(id))
        };
        (self.codes.is_empty() || self.codes.contains(&finding.code))
            && any(&self.clauses)
            && (self.certainty.is_empty() || self.certainty.contains(&finding.certainty))
            && (self.severity.is_empty() || self.severity.contains(&finding.severity))
            && (self.responsible.is_empty()
                || finding
                    .responsible_role
                    .as_ref()
                    .is_some_and(|role| self.responsible.contains(role)))
    }
}

/// Lists the children who wait too long, in the order of their cases, and where the next page begins.
///
/// # Errors
/// Those of the store and of the council's plugin: never a shorter list in their place.
pub async fn exceptions(
    desk: &Desk,
    council: &Arc<Council>,
    by: &Acting,
    question: ExceptionQuestion,
) -> Result<(Vec<DriftException>, Option<ExceptionCursor>), ServiceError> {
    let mut found: Vec<DriftException> = Vec::new();
    let mut next: Option<ExceptionCursor> = None;
    let mut after = question.after;
    let mut searched = 0;
    'pages: loop {
        let judged = judge(desk, council, by, &question, after).await?;
        let full = i64::try_from(judged.len()).is_ok_and(|count| count >= BATCH);
        searched += judged.len();
        for (case, answer) in judged {
            let skip = after
                .filter(|(id, _)| *id == case.id)
                .map_or(0, |(_, named)| named);
            let admitted = answer
                .findings
                .into_iter()
                .filter(|finding| question.filter.admits(finding));
            for (index, finding) in admitted.enumerate().skip(skip) {
                if found.len() == question.limit {
                    next = found.last().map(|last| {
                        (
                            last.case_id,
                            if last.case_id == case.id {
                                index
                            } else {
                                usize::MAX
                            },
                        )
                    });
                    break 'pages;
                }
                found.push(DriftException {
                    case_id: case.id,
                    reference: case.reference.clone(),
                    edition: answer.edition.clone(),
                    finding,
                });
            }
            after = Some((case.id, usize::MAX));
        }
        if !full {
            break;
        }
        if searched >= LONGEST_SEARCH {
            next = after;
            break;
        }
    }
    let mut cases: Vec<CaseId> = found.iter().map(|exception| exception.case_id).collect();
    cases.dedup();
    desk.record_read(by, "listExceptions", cases)?;
    Ok((found, next))
}

/// Counts what [`exceptions`] would list, without naming a child.
///
/// # Errors
/// Those of the store and of the council's plugin.
pub async fn count_exceptions(
    desk: &Desk,
    council: &Arc<Council>,
    by: &Acting,
    as_of: NaiveDate,
) -> Result<ExceptionCounts, ServiceError> {
    let question = ExceptionQuestion {
        as_of,
        filter: ExceptionFilter::default(),
        after: None,
        limit: 0,
    };
    let mut counts = ExceptionCounts::default();
    let mut after = None;
    loop {
        let judged = judge(desk, council, by, &question, after).await?;
        let full = i64::try_from(judged.len()).is_ok_and(|count| count >= BATCH);
        counts.cases += judged.len();
        after = judged.last().map(|(case, _)| (case.id, usize::MAX));
        for (_, answer) in judged {
            let known = answer
                .findings
                .iter()
                .any(|finding| finding.certainty != Certainty::CannotBeKnown);
            counts.cases_with_findings += usize::from(known);
            for finding in answer.findings {
                for clause in finding.clauses {
                    let of_clause = counts
                        .counts
                        .entry((clause, finding.code.clone()))
                        .or_default();
                    *of_clause.entry(finding.certainty).or_default() += 1;
                }
            }
        }
        if !full {
            return Ok(counts);
        }
    }
}

/// Every date that the facts of one case imply as of a day, and what each clause says of it.
///
/// # Errors
/// [`ServiceError::NotFound`], and those of the store and of the council's plugin.
pub async fn checkpoints(
    desk: &Desk,
    council: &Arc<Council>,
    by: &Acting,
    case_id: CaseId,
    as_of: NaiveDate,
) -> Result<Answer, ServiceError> {
    let asking = by.clone();
    let child = desk
        .store
        .list(async move |conn: &mut Conn| {
            child_load(conn, &asking.council, &asking.scope, case_id).await
        })
        .await?
        .ok_or(ServiceError::NotFound)?;
    let asked = ask(council, vec![child], as_of)?;
    let questions = asked.into_iter().map(|(_, asked)| asked).collect();
    let mut answers = council
        .evaluate_batch(Capability::Checkpoints, questions)
        .await?;
    let answer = answers.pop().ok_or(ServiceError::NotFound)?;
    desk.record_read(by, "listCheckpoints", [case_id])?;
    Ok(answer)
}

/// Open cases that are the caller's to see after one of them, in the order of creation, with what their facts are made of.
///
/// # Errors
/// Those of the store.
pub async fn caseload(
    desk: &Desk,
    by: &Acting,
    after: Option<CaseId>,
    limit: i64,
) -> Result<Vec<Child>, ServiceError> {
    let asking = by.clone();
    desk.store
        .list(async move |conn: &mut Conn| {
            let filter = CaseFilter {
                status: vec![CaseStatus::Open],
                ..CaseFilter::default()
            };
            let cursor = after.map(CaseCursor::Created);
            let page = CasePage {
                sort: CaseSort::Created,
                descending: false,
                after: cursor.as_ref(),
                limit,
            };
            let cases = case_list(conn, &asking.council, &asking.scope, &filter, page).await?;
            Ok::<_, ServiceError>(children_load(conn, &asking.council, cases).await?)
        })
        .await
}

/// The next open cases after a place, each with what the policy finds.
async fn judge(
    desk: &Desk,
    council: &Arc<Council>,
    by: &Acting,
    question: &ExceptionQuestion,
    after: Option<ExceptionCursor>,
) -> Result<Vec<(Case, Answer)>, ServiceError> {
    let (asking, only) = (by.clone(), question.filter.case_id);
    let children = desk
        .store
        .list(async move |conn: &mut Conn| {
            let cases = next_cases(conn, &asking, only, after).await?;
            Ok::<_, ServiceError>(children_load(conn, &asking.council, cases).await?)
        })
        .await?;
    let (cases, asked): (Vec<_>, Vec<_>) =
        ask(council, children, question.as_of)?.into_iter().unzip();
    let answers = council
        .evaluate_batch(Capability::Exceptions, asked)
        .await?;
    Ok(cases.into_iter().zip(answers).collect())
}

/// Open cases in the order of creation: the rest of the one in which a page ended, then those after it.
async fn next_cases(
    conn: &mut Conn,
    by: &Acting,
    only: Option<CaseId>,
    after: Option<ExceptionCursor>,
) -> Result<Vec<Case>, ServiceError> {
    if let Some(id) = only {
        let ended = after.is_some_and(|(_, named)| named == usize::MAX);
        let case = if ended {
            None
        } else {
            case_get(conn, &by.council, &by.scope, id).await?
        };
        return Ok(case.into_iter().collect());
    }
    let mut cases = Vec::new();
    if let Some((id, named)) = after
        && named != usize::MAX
    {
        cases.extend(case_get(conn, &by.council, &by.scope, id).await?);
    }
    let filter = CaseFilter {
        status: vec![CaseStatus::Open],
        ..CaseFilter::default()
    };
    let cursor = after.map(|(id, _)| CaseCursor::Created(id));
    let page = CasePage {
        sort: CaseSort::Created,
        descending: false,
        after: cursor.as_ref(),
        limit: BATCH,
    };
    cases.extend(case_list(conn, &by.council, &by.scope, &filter, page).await?);
    Ok(cases)
}

/// The questions that children put to the policy of the day.
fn ask(
    council: &Council,
    children: Vec<Child>,
    as_of: NaiveDate,
) -> Result<Vec<(Case, Asked)>, ServiceError> {
    let Some(policy) = council.policy().on(as_of) else {
        return Ok(Vec::new());
    };
    children
        .into_iter()
        .map(|child| {
            let facts = child.facts(policy.dictionary(), as_of)?;
            Ok((child.case, council.ask(as_of, facts)))
        })
        .collect()
}

//! One line: a child's facts in, what the council's policy says of them out.

use std::collections::BTreeMap;
use std::io::Write as _;

use chrono::NaiveDate;
use permanence_core::evaluator::Extent;
use permanence_core::{Answer, Capability, Certainty, ClauseId, CouncilCode, Finding, Request};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Batch, Done, Settings, Totals};
use crate::plugins::{Asked, Council, Councils, EvaluateError, QuestionError};

/// A child to judge.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Child {
    /// The sender's own reference, given back as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The council whose policy judges.
    pub council: CouncilCode,
    /// The day asked about; today where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<NaiveDate>,
    /// The edition to judge by; the one of the day where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edition: Option<String>,
    /// What is known, as in every policy question.
    #[serde(default)]
    pub facts: Map<String, Value>,
}

/// What the policy says of a child.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judged<'a> {
    /// The sender's own reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// The council.
    pub council: &'a CouncilCode,
    /// The edition that judged.
    pub edition: &'a str,
    /// The day.
    pub as_of: NaiveDate,
    /// Drift: every finding of the capability `exceptions`.
    pub exceptions: &'a [Finding],
    /// Dates and findings of the capability `checkpoints`.
    pub checkpoints: Checkpoints<'a>,
}

/// Every date that the facts imply.
#[derive(Debug, Serialize)]
pub struct Checkpoints<'a> {
    /// Computed dates and states; under `byClause` those on which the policy's clauses differ.
    pub results: &'a Map<String, Value>,
    /// What is overdue or missing.
    pub findings: &'a [Finding],
    /// What the law for every council says of due dates, by clause.
    pub statute: &'a BTreeMap<ClauseId, Map<String, Value>>,
}

/// A line that was understood, or why not.
type Line = Result<(Child, Asked), Problem>;

/// Why a line has no answer; it never repeats what was sent.
struct Problem {
    id: Option<String>,
    code: &'static str,
    detail: String,
    errors: Vec<Value>,
}

impl Problem {
    fn new(id: Option<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            id,
            code,
            detail: detail.into(),
            errors: Vec::new(),
        }
    }
}

/// Judges a batch: the children of one council together.
pub(super) fn judge(councils: &Councils, settings: &Settings, batch: Batch, text: Vec<u8>) -> Done {
    let read: Vec<Line> = batch
        .lines
        .iter()
        .map(|line| read(councils, settings, line))
        .collect();
    let mut answers: Vec<Option<Result<[Answer; 2], EvaluateError>>> =
        read.iter().map(|_| None).collect();
    for council in councils.iter() {
        let of_council: Vec<usize> = (0..read.len())
            .filter(|at| matches!(read.get(*at), Some(Ok((child, _))) if child.council == *council.code()))
            .collect();
        let asked: Vec<&Asked> = of_council
            .iter()
            .filter_map(|at| match read.get(*at) {
                Some(Ok((_, asked))) => Some(asked),
                _ => None,
            })
            .collect();
        for (at, answer) in of_council.into_iter().zip(ask(council, settings, &asked)) {
            if let Some(slot) = answers.get_mut(at) {
                *slot = Some(answer);
            }
        }
    }
    let mut done = Done {
        text,
        totals: Totals::default(),
    };
    for (number, (line, answer)) in (batch.first..).zip(read.into_iter().zip(answers)) {
        match (line, answer) {
            (Ok((child, _)), Some(Ok([exceptions, checkpoints]))) => {
                done.answer(settings, &child, &exceptions, &checkpoints);
            }
            (Ok((child, _)), Some(Err(error))) => done.refuse(number, failed(child.id, &error)),
            (Ok((child, _)), None) => done.refuse(
                number,
                Problem::new(child.id, "internal_error", "There is no answer."),
            ),
            (Err(problem), _) => done.refuse(number, problem),
        }
    }
    done
}

fn read(councils: &Councils, settings: &Settings, line: &str) -> Line {
    let mut child: Child = serde_json::from_str(line).map_err(|error| {
        let detail = format!(
            "The line is not a child as JSON (at column {}).",
            error.column()
        );
        Problem::new(None, "invalid_json", detail)
    })?;
    let Some(council) = councils.get(child.council.as_str()) else {
        return Err(Problem::new(
            child.id,
            "unknown_council",
            "No council of this code is loaded.",
        ));
    };
    let request = Request {
        as_of: child.as_of,
        edition: child.edition.clone(),
        facts: std::mem::take(&mut child.facts),
    };
    match council.read(&request, settings.today) {
        Ok(asked) => Ok((child, asked)),
        Err(QuestionError::NoSuchEdition) => Err(Problem::new(
            child.id,
            "unknown_edition",
            "The council has no edition of this id.",
        )),
        Err(QuestionError::Facts(errors)) => {
            let mut problem = Problem::new(child.id, "invalid_facts", "Facts were refused.");
            problem.errors = errors
                .iter()
                .map(|error| {
                    json!({
                        "pointer": format!("/facts{}", error.pointer),
                        "code": error.code,
                        "message": error.message,
                    })
                })
                .collect();
            Err(problem)
        }
    }
}

/// Both answers for each child. Where a library refuses the batch for one child's facts, each is asked alone.
fn ask(
    council: &Council,
    settings: &Settings,
    asked: &[&Asked],
) -> Vec<Result<[Answer; 2], EvaluateError>> {
    // Of exceptions only the findings are written; nothing else is put together.
    let checkpoints = match settings.write {
        true => Extent::Judgement,
        false => Extent::Findings,
    };
    let wanted = [
        (Capability::Exceptions, Extent::Findings),
        (Capability::Checkpoints, checkpoints),
    ];
    let both = |asked: &[&Asked]| council.evaluate_several_here(wanted, asked);
    match both(asked) {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(EvaluateError::Refused { .. }) if asked.len() > 1 => asked
            .iter()
            .map(|one| {
                both(std::slice::from_ref(one))?
                    .pop()
                    .ok_or(EvaluateError::ServerFault)
            })
            .collect(),
        Err(error) => asked.iter().map(|_| Err(error.clone())).collect(),
    }
}

fn failed(id: Option<String>, error: &EvaluateError) -> Problem {
    let code = match error {
        EvaluateError::Refused { .. } => "rule_refused",
        EvaluateError::PluginFailed => "plugin_failed",
        _ => "internal_error",
    };
    Problem::new(id, code, error.to_string())
}

impl Done {
    fn answer(
        &mut self,
        settings: &Settings,
        child: &Child,
        exceptions: &Answer,
        checkpoints: &Answer,
    ) {
        let count = |findings: &[Finding]| u64::try_from(findings.len()).unwrap_or(u64::MAX);
        let certain = exceptions
            .findings
            .iter()
            .filter(|finding| finding.certainty == Certainty::Certain);
        self.totals.add(Totals {
            judged: 1,
            exceptions: count(&exceptions.findings),
            certain: u64::try_from(certain.count()).unwrap_or(u64::MAX),
            checkpoints: count(&checkpoints.findings),
            refused: 0,
        });
        if settings.write {
            self.line(&Judged {
                id: child.id.as_deref(),
                council: &child.council,
                edition: &exceptions.edition,
                as_of: exceptions.as_of,
                exceptions: &exceptions.findings,
                checkpoints: Checkpoints {
                    results: &checkpoints.results,
                    findings: &checkpoints.findings,
                    statute: &checkpoints.statute,
                },
            });
        }
    }

    fn refuse(&mut self, line: u64, problem: Problem) {
        self.totals.refused += 1;
        self.line(&json!({
            "id": problem.id,
            "line": line,
            "problem": {
                "code": problem.code,
                "detail": problem.detail,
                "errors": problem.errors,
            },
        }));
    }

    fn line(&mut self, line: &impl Serialize) {
        // Writing to memory does not fail, and these types have no key that is not text.
        let written = serde_json::to_writer(&mut self.text, line);
        debug_assert!(written.is_ok(), "a line could not be written");
        let _ = self.text.write_all(b"\n");
    }
}

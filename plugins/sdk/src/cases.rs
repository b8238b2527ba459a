//! Worked cases of a council's clauses: facts in, expected results and findings out, written where an officer can read them.
//!
//! A case file is a YAML list in `plugins/<council>/cases/`.
//! The same cases run three ways: here against the plugin's own code, through the compiled library, and over HTTP.
//!
//! ```yaml
//! - clause: ANY-DEADLINE-02
//!   about: the visit is overdue the day after its fourteenth day
//!   as_of: 2025-02-18
//!   facts: {interest_expressed_on: 2025-02-03}
//!   results: {due_date: 2025-02-17, status: overdue}
//!   findings: [sgo_visit_overdue]
//! ```
//!
//! Names are in snake case here and in camel case on the wire.
//! `results` names those that matter; others may be there.
//! `findings` are all codes that the clause gives, in any order; without it they are not compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use permanence_core::code::camel;
use permanence_core::evaluation::{Answer, Certainty, Request};
use permanence_core::mechanism::{Coded, Context};
use permanence_core::rulebook::{ClauseKind, CouncilPolicy};
use permanence_core::{ClauseAnswer, ClauseId, CodedRules, EvaluationError, Facts, Question};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{CodedError, CouncilPlugin};

/// A worked case.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The clause that is asked.
    pub clause: ClauseId,
    /// What the case shows.
    #[serde(default)]
    pub about: String,
    /// The day it is asked about.
    pub as_of: chrono::NaiveDate,
    /// What is known; null is known to be none.
    #[serde(default)]
    pub facts: Map<String, Value>,
    /// Results that must come out.
    #[serde(default)]
    pub results: Map<String, Value>,
    /// Results that must not be given at all.
    #[serde(default)]
    pub without: Vec<String>,
    /// Codes of all findings.
    #[serde(default)]
    pub findings: Option<Vec<String>>,
    /// Certainty of the first finding.
    #[serde(default)]
    pub certainty: Option<Certainty>,
}

impl Case {
    /// Reads every case file of a folder, in the order of file names.
    ///
    /// # Errors
    /// A sentence with the file that cannot be read.
    pub fn read(folder: &Path) -> Result<Vec<Self>, String> {
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "yaml")
            })
            .collect();
        files.sort();
        let mut cases = Vec::new();
        for file in files {
            let text = std::fs::read_to_string(&file)
                .map_err(|error| format!("{}: {error}", file.display()))?;
            let more: Vec<Self> = serde_saphyr::from_str(&text)
                .map_err(|error| format!("{}: {error}", file.display()))?;
            cases.extend(more);
        }
        Ok(cases)
    }

    /// The question as it travels.
    #[must_use]
    pub fn request(&self) -> Request {
        Request {
            as_of: Some(self.as_of),
            edition: None,
            facts: wire(&self.facts),
        }
    }

    /// How an answer differs from what is expected; empty where it does not.
    #[must_use]
    pub fn differences(&self, answer: &Answer) -> Vec<String> {
        let mut differences = Vec::new();
        for (name, as_written) in &self.results {
            let (name, expected) = (camel(name), wire_value(as_written));
            match answer.results.get(&name) {
                // Members that are codes, such as counts by request type, are the same on the wire.
                Some(given) if *given == expected || given == as_written => {}
                Some(given) => differences.push(format!("{name} is {given}, expected {expected}")),
                None => differences.push(format!("{name} is not given, expected {expected}")),
            }
        }
        for name in &self.without {
            if let Some(given) = answer.results.get(&camel(name)) {
                differences.push(format!("{name} is {given}, expected none"));
            }
        }
        if let Some(expected) = &self.findings {
            let mut expected: Vec<&str> = expected.iter().map(String::as_str).collect();
            let mut given: Vec<&str> = answer
                .findings
                .iter()
                .map(|finding| finding.code.as_str())
                .collect();
            expected.sort_unstable();
            given.sort_unstable();
            if expected != given {
                differences.push(format!("findings are {given:?}, expected {expected:?}"));
            }
        }
        if let Some(expected) = self.certainty {
            let given = answer.findings.first().map(|finding| finding.certainty);
            if given != Some(expected) {
                differences.push(format!("certainty is {given:?}, expected {expected:?}"));
            }
        }
        differences
    }

    /// The case in a line, for a report.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} as of {}: {}", self.clause, self.as_of, self.about)
    }
}

fn wire(members: &Map<String, Value>) -> Map<String, Value> {
    members
        .iter()
        .map(|(name, value)| (camel(name), wire_value(value)))
        .collect()
}

fn wire_value(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(wire(members)),
        Value::Array(items) => items.iter().map(wire_value).collect(),
        other => other.clone(),
    }
}

/// A plugin's own code, asked without a library between.
pub struct InProcess<'a, P> {
    policy: &'a CouncilPolicy,
    edition: String,
    plugin: P,
}

impl<'a, P: CouncilPlugin> InProcess<'a, P> {
    /// Starts the plugin for the edition of a day.
    ///
    /// # Errors
    /// The plugin's own reason.
    pub fn new(policy: &'a CouncilPolicy, edition: &str) -> Result<Self, String> {
        let plugin = P::new(policy).map_err(|error| error.to_string())?;
        Ok(Self {
            policy,
            edition: edition.to_owned(),
            plugin,
        })
    }
}

impl<P: CouncilPlugin> CodedRules for InProcess<'_, P> {
    fn answer(
        &self,
        coded: &Coded,
        questions: &[&Question],
    ) -> Result<Vec<ClauseAnswer>, EvaluationError> {
        let failed = |reason: &str| EvaluationError::Failed {
            rule: coded.name.to_string(),
            reason: reason.to_owned(),
        };
        let policy = self
            .policy
            .edition(&self.edition)
            .ok_or_else(|| failed("no such edition"))?;
        let rule = policy
            .rulebook
            .rules
            .iter()
            .find(|rule| rule.rule.coded().is_some_and(|own| own.name == coded.name))
            .ok_or_else(|| failed("no such rule"))?;
        questions
            .iter()
            .map(|question| {
                // As through the library, where only these facts travel.
                let facts = policy.facts_for(coded, &question.facts);
                let context = Context::new(policy, question.as_of, &facts);
                self.plugin
                    .coded(&coded.name, &context, rule)
                    .map_err(|error| match error {
                        CodedError::Refused {
                            code,
                            message,
                            clause,
                        } => EvaluationError::Refused {
                            rule: coded.name.to_string(),
                            code: code.to_string(),
                            message,
                            clause: Some(clause),
                        },
                        other => failed(&other.to_string()),
                    })
            })
            .collect()
    }
}

/// What the plugin's own code answers to a case; nothing where no edition judges its day.
///
/// # Errors
/// Why it could not be asked.
pub fn answer<P: CouncilPlugin>(
    policy: &CouncilPolicy,
    case: &Case,
) -> Result<Option<Answer>, String> {
    let Some(edition) = policy.on(case.as_of) else {
        return Ok(None);
    };
    let coded = InProcess::<P>::new(policy, &edition.rulebook.edition.id)?;
    let facts = Facts::read(&case.request().facts, edition.dictionary()).map_err(|errors| {
        errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ")
    })?;
    let question = Question {
        as_of: case.as_of,
        facts,
    };
    permanence_core::evaluate_clause(edition, &case.clause, &question, &coded)
        .map(Some)
        .map_err(|error| error.to_string())
}

/// Runs cases against a policy and a plugin's own code; one line for each that differs.
///
/// # Errors
/// The plugin's own reason when it does not start.
pub fn run<P: CouncilPlugin>(
    policy: &CouncilPolicy,
    cases: &[Case],
) -> Result<Vec<String>, String> {
    P::new(policy).map_err(|error| error.to_string())?;
    let mut report = Vec::new();
    for case in cases {
        match answer::<P>(policy, case) {
            Ok(None) => {}
            Ok(Some(answer)) => report.extend(
                case.differences(&answer)
                    .into_iter()
                    .map(|difference| format!("{}: {difference}", case.title())),
            ),
            Err(error) => report.push(format!("{}: {error}", case.title())),
        }
    }
    Ok(report)
}

/// The clauses of kind rule that no case asks for something: a result or a finding.
#[must_use]
pub fn unproved(policy: &CouncilPolicy, cases: &[Case]) -> BTreeSet<ClauseId> {
    let mut proofs: BTreeMap<&ClauseId, usize> = BTreeMap::new();
    for case in cases {
        let says = !case.results.is_empty()
            || case
                .findings
                .as_ref()
                .is_some_and(|findings| !findings.is_empty());
        *proofs.entry(&case.clause).or_default() += usize::from(says);
    }
    policy
        .editions()
        .iter()
        .flat_map(|edition| &edition.rulebook.clauses)
        .filter(|clause| {
            clause.kind == ClauseKind::Rule
                && proofs.get(&clause.id).is_none_or(|count| *count == 0)
        })
        .map(|clause| clause.id.clone())
        .collect()
}

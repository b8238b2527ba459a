//! Runs the rules of a capability over questions and puts the answers together.
//!
//! It is the only evaluator: a plugin's data is judged here, in the host, and only rules marked `coded` are asked of the
//! plugin's own code. What is not understood fails closed.

mod compose;

use std::borrow::{Borrow, Cow};

use compose::compose;

use crate::code::ClauseId;
use crate::evaluation::{Answer, Capability, ClauseAnswer, Question};
use crate::mechanism::{Coded, Context};
use crate::rulebook::{ClauseKind, Policy, Rule};

/// Answers the rules that only code can say.
pub trait CodedRules {
    /// One answer for each question, in their order.
    fn answer(
        &self,
        rule: &Coded,
        questions: &[&Question],
    ) -> Result<Vec<ClauseAnswer>, EvaluationError>;
}

/// For policies without coded rules: every coded rule is an error.
#[derive(Debug, Clone, Copy)]
pub struct NoCodedRules;

impl CodedRules for NoCodedRules {
    fn answer(&self, rule: &Coded, _: &[&Question]) -> Result<Vec<ClauseAnswer>, EvaluationError> {
        Err(EvaluationError::Failed {
            rule: rule.name.to_string(),
            reason: "no code was given for it".into(),
        })
    }
}

/// Why a question could not be answered. There is never a default answer instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// The council has no such clause.
    #[error("the edition has no clause of this id")]
    NoSuchClause,
    /// The clause computes nothing: it is data or text.
    #[error("the clause is not of kind rule, there is nothing to evaluate")]
    NotARule,
    /// The clause's code failed.
    #[error("the coded rule {rule} failed: {reason}")]
    Failed {
        /// Its name.
        rule: String,
        /// What went wrong, for the log.
        reason: String,
    },
    /// The clause's code refused the question.
    #[error("the coded rule {rule} refused the question: {message}")]
    Refused {
        /// Its name.
        rule: String,
        /// Stable code.
        code: String,
        /// What it said.
        message: String,
        /// The clause it named.
        clause: Option<ClauseId>,
    },
}

/// Answers one question of a capability.
pub fn evaluate(
    policy: &Policy,
    capability: Capability,
    question: &Question,
    coded: &dyn CodedRules,
) -> Result<Answer, EvaluationError> {
    let mut answers = evaluate_batch(policy, capability, &[question], coded)?;
    answers.pop().ok_or_else(|| EvaluationError::Failed {
        rule: capability.to_string(),
        reason: "no answer".into(),
    })
}

/// Answers many questions of a capability, in their order; coded rules are asked once for all of them.
pub fn evaluate_batch(
    policy: &Policy,
    capability: Capability,
    questions: &[impl Borrow<Question>],
    coded: &dyn CodedRules,
) -> Result<Vec<Answer>, EvaluationError> {
    let wanted = [(capability, Extent::Whole)];
    let answers = evaluate_several(policy, wanted, questions, coded)?;
    Ok(answers.into_iter().flatten().collect())
}

/// How much of an answer is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// Results and findings, for caseloads: without the clauses behind each result and what the policy is silent on. Under
    /// `byClause` stand only those results on which clauses differ.
    Judgement,
    /// Findings alone.
    Findings,
}

/// Answers many questions of several capabilities: for each question one answer a capability, in their order.
/// A rule that belongs to more than one of them is run once.
pub fn evaluate_several<const N: usize>(
    policy: &Policy,
    wanted: [(Capability, Extent); N],
    questions: &[impl Borrow<Question>],
    coded: &dyn CodedRules,
) -> Result<Vec<[Answer; N]>, EvaluationError> {
    let questions: Vec<&Question> = questions.iter().map(Borrow::borrow).collect();
    let parts = parts(policy, wanted, &questions, coded)?;
    Ok(questions
        .into_iter()
        .zip(parts)
        .map(|(question, parts)| {
            let mut wanted = wanted.into_iter();
            parts.map(|parts| {
                let (capability, extent) = wanted.next().unzip();
                let extent = extent.unwrap_or(Extent::Whole);
                compose(policy, capability, question, parts, extent)
            })
        })
        .collect())
}

/// What the rules of each capability say to each question, not put together.
pub(crate) fn parts<'a, const N: usize>(
    policy: &'a Policy,
    wanted: [(Capability, Extent); N],
    questions: &[&Question],
    coded: &dyn CodedRules,
) -> Result<Vec<[Vec<Part<'a>>; N]>, EvaluationError> {
    let rules = policy.rules_of_several(wanted.map(|(capability, _)| capability));
    let run_once: Vec<&Rule> = rules.iter().map(|(rule, _)| *rule).collect();
    let parts = run(policy, &run_once, questions, coded, Asked::Capability)?;
    let belongs = |at: usize, capability: usize| {
        rules
            .get(at)
            .and_then(|(_, belongs)| belongs.get(capability))
            .copied()
            .unwrap_or_default()
    };
    Ok(parts
        .into_iter()
        .map(|mut parts| {
            std::array::from_fn(|capability| {
                let findings_alone = wanted
                    .get(capability)
                    .is_some_and(|(_, extent)| *extent == Extent::Findings);
                let mut own = Vec::with_capacity(parts.len());
                for (at, part) in &mut parts {
                    if !belongs(*at, capability) {
                        continue;
                    }
                    let again = (capability + 1..N).any(|later| belongs(*at, later));
                    own.extend(match (again, findings_alone) {
                        (true, true) => part.as_ref().map(Part::findings_alone),
                        (true, false) => part.clone(),
                        (false, _) => part.take(),
                    });
                }
                own
            })
        })
        .collect())
}

/// What one rule says to one question.
#[derive(Clone)]
pub(crate) struct Part<'a> {
    /// The clauses that it answers for.
    pub(crate) clauses: Cow<'a, [ClauseId]>,
    /// What it says; its own list of clauses is left empty.
    pub(crate) said: ClauseAnswer,
}

impl Part<'_> {
    /// The same without its results.
    fn findings_alone(&self) -> Self {
        Self {
            clauses: self.clauses.clone(),
            said: ClauseAnswer {
                findings: self.said.findings.clone(),
                ..ClauseAnswer::default()
            },
        }
    }
}

/// Answers what one clause alone produces.
pub fn evaluate_clause(
    policy: &Policy,
    clause: &ClauseId,
    question: &Question,
    coded: &dyn CodedRules,
) -> Result<Answer, EvaluationError> {
    let entry = policy.clause(clause).ok_or(EvaluationError::NoSuchClause)?;
    if entry.kind != ClauseKind::Rule {
        return Err(EvaluationError::NotARule);
    }
    let rules: Vec<&Rule> = policy.rules_of(clause).collect();
    let mut parts = run(policy, &rules, &[question], coded, Asked::Clause)?;
    let parts = parts.pop().unwrap_or_default();
    let mut parts: Vec<Part<'_>> = parts.into_iter().filter_map(|(_, part)| part).collect();
    for part in &mut parts {
        part.said
            .findings
            .retain(|finding| finding.clauses.contains(clause));
        for finding in &mut part.said.findings {
            finding.clauses = vec![clause.clone()];
        }
        part.clauses = Cow::Owned(vec![clause.clone()]);
    }
    let capability = entry.capability();
    Ok(compose(policy, capability, question, parts, Extent::Whole))
}

/// What a question is put to: a rule may only concern some of the questions to its capability.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Capability,
    Clause,
}

/// What rules say to each question: each part with the place of its rule among them.
type Parts<'a> = Vec<(usize, Option<Part<'a>>)>;

fn run<'a>(
    policy: &'a Policy,
    rules: &[&'a Rule],
    questions: &[&Question],
    coded: &dyn CodedRules,
    asked: Asked,
) -> Result<Vec<Parts<'a>>, EvaluationError> {
    let mut parts: Vec<Parts<'a>> = questions
        .iter()
        .map(|_| Vec::with_capacity(rules.len()))
        .collect();
    for (at, rule) in rules.iter().enumerate() {
        let by_code = match rule.rule.coded() {
            Some(coded_rule) => {
                let answers = coded.answer(coded_rule, questions)?;
                if answers.len() != questions.len() {
                    return Err(EvaluationError::Failed {
                        rule: coded_rule.name.to_string(),
                        reason: "it gave another number of answers than it was asked questions"
                            .into(),
                    });
                }
                Some(answers)
            }
            None => None,
        };
        let mut by_code = by_code.into_iter().flatten();
        for (question, parts) in questions.iter().zip(&mut parts) {
            let given = by_code.next();
            let context = Context::new(policy, question.as_of, &question.facts);
            let concerned = rule.concerns.as_ref().is_none_or(|it| it.holds(&context));
            if concerned || asked == Asked::Clause {
                let said = answer(&context, rule, given)?;
                let clauses = Cow::Borrowed(rule.clauses.as_slice());
                parts.push((at, Some(Part { clauses, said })));
            }
        }
    }
    Ok(parts)
}

fn answer(
    context: &Context<'_>,
    rule: &Rule,
    by_code: Option<ClauseAnswer>,
) -> Result<ClauseAnswer, EvaluationError> {
    let mut answer = ClauseAnswer::default();
    if rule.when.as_ref().is_some_and(|when| !when.holds(context)) {
        rule.rule.not_applicable(&mut answer);
        for (name, value) in &rule.otherwise {
            answer.set(name, value.clone());
        }
        return Ok(answer);
    }
    match by_code {
        Some(given) => {
            // The library may narrow the citation to some of the rule's clauses; others it may not name.
            for finding in &given.findings {
                if let Some(strange) = finding.clauses.iter().find(|id| !rule.clauses.contains(id))
                {
                    return Err(EvaluationError::Failed {
                        rule: strange.to_string(),
                        reason: "the answer cites a clause that the rule does not carry out".into(),
                    });
                }
            }
            answer.results = given.results;
            answer.findings = given.findings;
        }
        None => rule.rule.answer(context, rule, &mut answer),
    }
    for (name, value) in &rule.states {
        answer.set(name, value.clone());
    }
    for finding in &mut answer.findings {
        if finding.clauses.is_empty() {
            finding.clauses = rule.clauses.clone();
        }
        if finding.responsible_role.is_none() {
            finding.responsible_role = rule.responsible.clone();
        }
    }
    Ok(answer)
}

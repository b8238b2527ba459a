//! Rules that a council's own code answers: what is asked of the library, and what is accepted of its replies.

use permanence_core::coded::{CodedBatch, CodedQuestion, CodedReplies, CodedReply};
use permanence_core::evaluation::Question;
use permanence_core::mechanism::{Coded, Context};
use permanence_core::rulebook::{Policy, Rule};
use permanence_core::{Capability, ClauseAnswer, ClauseId, CodedRules, EvaluationError};
use permanence_plugin_abi::{BODY_LIMIT, operation};
use serde_json::Value;

use super::council::Council;
use super::failure::{CallFault, EvaluateError};

/// The council's own code, as the evaluator asks it: through the library, in batches.
pub(super) struct Code<'a> {
    pub(super) council: &'a Council,
    pub(super) policy: &'a Policy,
    pub(super) capabilities: &'a [Capability],
    /// One clause was named: its rules answer even where they do not concern the question.
    pub(super) one_clause: bool,
}

/// Keeps the boundary's own error, which the evaluator's error type cannot carry.
struct Remembering<'a> {
    code: &'a Code<'a>,
    failure: std::cell::RefCell<Option<EvaluateError>>,
}

impl Code<'_> {
    /// Runs an evaluation and turns its error into ours.
    pub(super) fn outcome<T>(
        &self,
        evaluate: impl FnOnce(&dyn CodedRules) -> Result<T, EvaluationError>,
    ) -> Result<T, EvaluateError> {
        let coded = Remembering {
            code: self,
            failure: std::cell::RefCell::new(None),
        };
        evaluate(&coded).map_err(|error| {
            if let Some(failure) = coded.failure.into_inner() {
                return failure;
            }
            match error {
                EvaluationError::NoSuchClause => EvaluateError::NoSuchClause,
                EvaluationError::NotARule => EvaluateError::NotARule,
                EvaluationError::Refused {
                    code,
                    message,
                    clause,
                    ..
                } => EvaluateError::Refused {
                    code,
                    message,
                    clause,
                },
                EvaluationError::Failed { rule, reason } => {
                    tracing::error!(
                        plugin = self.council.plugin().id,
                        rule,
                        reason,
                        "an answer was not accepted"
                    );
                    EvaluateError::PluginFailed
                }
            }
        })
    }

    /// Asks the library one rule for those questions to which the rule applies.
    fn ask(
        &self,
        coded: &Coded,
        questions: &[&Question],
    ) -> Result<Vec<ClauseAnswer>, EvaluateError> {
        let (Some(handle), Some(rule)) = (self.council.handle(), self.rule(coded)) else {
            return Err(EvaluateError::ServerFault);
        };
        let applies = |question: &Question| {
            let context = Context::new(self.policy, question.as_of, &question.facts);
            let concerned =
                self.one_clause || rule.concerns.as_ref().is_none_or(|it| it.holds(&context));
            concerned && rule.when.as_ref().is_none_or(|when| when.holds(&context))
        };
        let mut answers = vec![ClauseAnswer::default(); questions.len()];
        let (wanted, questions): (Vec<usize>, Vec<CodedQuestion>) = questions
            .iter()
            .enumerate()
            .filter(|(_, question)| applies(question))
            .map(|(index, question)| {
                (
                    index,
                    CodedQuestion {
                        as_of: question.as_of,
                        facts: self.policy.facts_for(coded, &question.facts).to_json(),
                    },
                )
            })
            .unzip();
        if wanted.is_empty() {
            return Ok(answers);
        }
        let batch = CodedBatch {
            capability: self.capability_of(coded)?,
            edition: self.policy.rulebook.edition.id.clone(),
            rule: coded.name.clone(),
            questions,
        };
        let request = serde_json::to_vec(&batch).map_err(|_| EvaluateError::ServerFault)?;
        if request.len() > BODY_LIMIT {
            tracing::error!(rule = %coded.name, bytes = request.len(), "a batch is too long for the boundary");
            return Err(EvaluateError::ServerFault);
        }
        let expected = wanted.len();
        let clauses = rule.clauses.clone();
        let replies = handle.call(operation::CODED, request, move |bytes| {
            read_replies(&bytes, expected, &clauses)
        })?;
        for (index, reply) in wanted.into_iter().zip(replies) {
            if let Some(answer) = answers.get_mut(index) {
                *answer = reply;
            }
        }
        Ok(answers)
    }

    /// By which of the capabilities the library finds the rule.
    fn capability_of(&self, coded: &Coded) -> Result<Capability, EvaluateError> {
        let has_it = |capability: &&Capability| {
            let mut rules = self.policy.rules(**capability);
            rules.any(|rule| rule.rule.coded().is_some_and(|own| own.name == coded.name))
        };
        let found = self.capabilities.iter().find(has_it);
        found.copied().ok_or(EvaluateError::ServerFault)
    }

    fn rule(&self, coded: &Coded) -> Option<&Rule> {
        self.policy
            .rulebook
            .rules
            .iter()
            .find(|rule| rule.rule.coded() == Some(coded))
    }
}

impl CodedRules for Remembering<'_> {
    fn answer(
        &self,
        rule: &Coded,
        questions: &[&Question],
    ) -> Result<Vec<ClauseAnswer>, EvaluationError> {
        self.code.ask(rule, questions).map_err(|failure| {
            let reason = failure.to_string();
            self.failure.replace(Some(failure));
            EvaluationError::Failed {
                rule: rule.name.to_string(),
                reason,
            }
        })
    }
}

/// Reads what a library replied and accepts only what the rule may say.
fn read_replies(
    bytes: &[u8],
    expected: usize,
    clauses: &[ClauseId],
) -> Result<Vec<ClauseAnswer>, CallFault> {
    let replies: CodedReplies = serde_json::from_slice(bytes)
        .map_err(|error| CallFault::Plugin(format!("its answer cannot be read: {error}")))?;
    if replies.replies.len() != expected {
        let given = replies.replies.len();
        return Err(CallFault::Plugin(format!(
            "it was asked {expected} questions and gave {given} answers"
        )));
    }
    let may_cite = |id: &ClauseId| match clauses.contains(id) {
        true => Ok(()),
        false => Err(CallFault::Plugin(format!(
            "its answer cites {id}, which its rule does not carry out"
        ))),
    };
    replies
        .replies
        .into_iter()
        .map(|reply| match reply {
            CodedReply::Answer(answer) => {
                let cited = answer.findings.iter().flat_map(|finding| &finding.clauses);
                answer.clauses.iter().chain(cited).try_for_each(may_cite)?;
                if let Some(name) = fraction(&answer) {
                    let reason =
                        format!("its answer gives {name} as a fraction; numbers are whole");
                    return Err(CallFault::Plugin(reason));
                }
                Ok(answer)
            }
            CodedReply::Refusal(refusal) => {
                may_cite(&refusal.clause)?;
                Err(CallFault::Refused {
                    code: refusal.code,
                    message: refusal.message,
                    clause: refusal.clause,
                })
            }
        })
        .collect()
}

/// The first result or piece of evidence that holds a number which is not whole: no rule counts in such.
fn fraction(answer: &ClauseAnswer) -> Option<&str> {
    fn holds_one(value: &Value) -> bool {
        match value {
            Value::Number(number) => number.is_f64(),
            Value::Array(items) => items.iter().any(holds_one),
            Value::Object(members) => members.values().any(holds_one),
            Value::Null | Value::Bool(_) | Value::String(_) => false,
        }
    }
    let evidence = answer.findings.iter().flat_map(|finding| &finding.evidence);
    let named = answer.results.iter().chain(evidence);
    named
        .filter(|(_, value)| holds_one(value))
        .map(|(name, _)| name.as_str())
        .next()
}

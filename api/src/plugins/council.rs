//! The councils that this server speaks for, and the one way to ask their policies.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::NaiveDate;
use permanence_core::coded::{CodedBatch, CodedQuestion, CodedReplies, CodedReply};
use permanence_core::evaluation::Question;
use permanence_core::mechanism::{Coded, Context};
use permanence_core::rulebook::{CouncilPolicy, Policy, Rule};
use permanence_core::statute;
use permanence_core::{
    Answer, Capability, ClauseAnswer, ClauseId, CodedRules, CouncilCode, EvaluationError,
    FactError, Facts, Request,
};
use permanence_plugin_abi::{BATCH_LIMIT, BODY_LIMIT, operation};
use serde::Serialize;
use serde_json::Value;

use super::digest::Digest;
use super::failure::{CallFault, EvaluateError};
use super::handle::{Handle, PluginHealth};
use super::schemas::Schemas;

/// Up to so many questions without coded rules are answered where they are asked; more go to a thread that may take
/// its time.
const AT_ONCE: usize = 8;

/// The councils of this server, by code.
#[derive(Debug, Clone, Default)]
pub struct Councils(Arc<BTreeMap<CouncilCode, Arc<Council>>>);

/// A council: its policy and the plugin that brought it.
pub struct Council {
    policy: CouncilPolicy,
    schemas: Schemas,
    plugin: PluginIdentity,
    handle: Option<Handle>,
}

/// Which library judged: kept with every stored decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PluginIdentity {
    /// The plugin's own name.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 of the library.
    pub digest: Digest,
}

/// A question whose edition was found and whose facts were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The edition that judges.
    pub edition: String,
    /// The question.
    pub question: Question,
}

/// Why a request is no question for this council.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// The council has no edition of that id.
    #[error("the council has no edition of this id")]
    NoSuchEdition,
    /// Facts were refused; every fault, each with its pointer below `facts`.
    #[error("{} facts were refused", .0.len())]
    Facts(Vec<FactError>),
}

impl Councils {
    /// The council of that code.
    pub fn get(&self, code: &str) -> Option<&Arc<Council>> {
        self.0.get(code)
    }

    /// All councils, in the order of their codes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<Council>> {
        self.0.values()
    }

    /// How every council's plugin is doing, in Prometheus' text format.
    pub fn render_health(&self) -> String {
        let mut serving = String::from(
            "# HELP permanence_plugin_serving Whether a council's plugin is called; 0 while it is left alone.\n\
             # TYPE permanence_plugin_serving gauge\n",
        );
        let mut lost = String::from(
            "# HELP permanence_plugin_lost_threads Threads lost to calls that never returned.\n\
             # TYPE permanence_plugin_lost_threads gauge\n",
        );
        for council in self.iter() {
            let (code, health) = (council.code(), council.health());
            // Writing to a string cannot fail.
            let _ = writeln!(
                serving,
                "permanence_plugin_serving{{council=\"{code}\"}} {}",
                u8::from(health.serving)
            );
            let _ = writeln!(
                lost,
                "permanence_plugin_lost_threads{{council=\"{code}\"}} {}",
                health.lost_threads
            );
        }
        serving + &lost
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Arc<Council>> for Councils {
    fn from_iter<I: IntoIterator<Item = Arc<Council>>>(councils: I) -> Self {
        let by_code = |council: Arc<Council>| (council.policy.council.code.clone(), council);
        Self(Arc::new(councils.into_iter().map(by_code).collect()))
    }
}

impl std::fmt::Debug for Council {
    // A whole policy would bury what it stands beside.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Council")
            .field("code", self.code())
            .field("plugin", &self.plugin)
            .finish_non_exhaustive()
    }
}

impl Council {
    pub(super) fn new(
        policy: CouncilPolicy,
        schemas: Schemas,
        plugin: PluginIdentity,
        handle: Option<Handle>,
    ) -> Self {
        Self {
            policy,
            schemas,
            plugin,
            handle,
        }
    }

    /// The council's code.
    pub fn code(&self) -> &CouncilCode {
        &self.policy.council.code
    }

    /// The council's policy, in all its editions.
    pub fn policy(&self) -> &CouncilPolicy {
        &self.policy
    }

    /// The schemas of its forms and trackers.
    pub fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// The library that brought it.
    pub fn plugin(&self) -> &PluginIdentity {
        &self.plugin
    }

    /// How its library is doing.
    pub fn health(&self) -> PluginHealth {
        let idle = PluginHealth {
            serving: true,
            faults_in_a_row: 0,
            lost_threads: 0,
        };
        self.handle.as_ref().map_or(idle, Handle::health)
    }

    /// Finds the edition that judges a request and reads its facts; `today` is the day of a request that names none.
    ///
    /// # Errors
    /// Why the request is no question for this council.
    pub fn read(&self, request: &Request, today: NaiveDate) -> Result<Asked, QuestionError> {
        let as_of = request.as_of.unwrap_or(today);
        let policy = match &request.edition {
            Some(edition) => self.policy.edition(edition),
            None => self.policy.on(as_of),
        };
        let policy = policy.ok_or(QuestionError::NoSuchEdition)?;
        let facts =
            Facts::read(&request.facts, policy.dictionary()).map_err(QuestionError::Facts)?;
        Ok(Asked {
            edition: policy.rulebook.edition.id.clone(),
            question: Question { as_of, facts },
        })
    }

    /// The question that facts of our own records put to the policy as of a day.
    pub fn ask(&self, as_of: NaiveDate, facts: Facts) -> Asked {
        let edition = self
            .policy
            .on(as_of)
            .map_or_else(String::new, |policy| policy.rulebook.edition.id.clone());
        Asked {
            edition,
            question: Question { as_of, facts },
        }
    }

    /// Answers one question of a capability.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn evaluate(
        self: &Arc<Self>,
        capability: Capability,
        asked: Asked,
    ) -> Result<Answer, EvaluateError> {
        let mut answers = self.evaluate_batch(capability, vec![asked]).await?;
        answers.pop().ok_or(EvaluateError::ServerFault)
    }

    /// Answers many questions of a capability, in their order: all of them, or none.
    ///
    /// # Errors
    /// Why there are no answers.
    pub async fn evaluate_batch(
        self: &Arc<Self>,
        capability: Capability,
        asked: Vec<Asked>,
    ) -> Result<Vec<Answer>, EvaluateError> {
        let quick = asked.len() <= AT_ONCE
            && asked.iter().all(|asked| {
                self.policy
                    .edition(&asked.edition)
                    .is_some_and(|policy| !policy.needs_code(capability))
            });
        if quick {
            return self.evaluate_here(capability, &asked);
        }
        let council = Arc::clone(self);
        off_the_async_threads(move || council.evaluate_here(capability, &asked)).await
    }

    /// Answers what one clause alone produces.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn evaluate_clause(
        self: &Arc<Self>,
        clause: &ClauseId,
        asked: Asked,
    ) -> Result<Answer, EvaluateError> {
        let (council, clause) = (Arc::clone(self), clause.clone());
        off_the_async_threads(move || {
            let policy = council.edition(&asked.edition)?;
            let capability = policy
                .clause(&clause)
                .ok_or(EvaluateError::NoSuchClause)?
                .capability()
                .ok_or(EvaluateError::NotARule)?;
            let code = Code {
                council: &council,
                policy,
                capabilities: &[capability],
                one_clause: true,
            };
            code.outcome(|coded| {
                permanence_core::evaluate_clause(policy, &clause, &asked.question, coded)
            })
        })
        .await
    }

    /// Answers many questions on this thread. It blocks where rules are code: not for threads that serve requests.
    ///
    /// # Errors
    /// Why there are no answers.
    pub fn evaluate_here(
        &self,
        capability: Capability,
        asked: &[impl Borrow<Asked>],
    ) -> Result<Vec<Answer>, EvaluateError> {
        let answers = self.evaluate_several_here([capability], asked)?;
        Ok(answers.into_iter().flatten().collect())
    }

    /// Answers many questions of several capabilities on this thread: for each question one answer a capability.
    ///
    /// # Errors
    /// Why there are no answers.
    pub fn evaluate_several_here<const N: usize>(
        &self,
        capabilities: [Capability; N],
        asked: &[impl Borrow<Asked>],
    ) -> Result<Vec<[Answer; N]>, EvaluateError> {
        let mut answers = Vec::with_capacity(asked.len());
        let asked: Vec<&Asked> = asked.iter().map(Borrow::borrow).collect();
        for same_edition in asked.chunk_by(|one, other| one.edition == other.edition) {
            let policy = same_edition
                .first()
                .map_or(Err(EvaluateError::ServerFault), |first| {
                    self.edition(&first.edition)
                })?;
            let code = Code {
                council: self,
                policy,
                capabilities: &capabilities,
                one_clause: false,
            };
            for batch in same_edition.chunks(BATCH_LIMIT) {
                let questions: Vec<&Question> = batch.iter().map(|asked| &asked.question).collect();
                let mut answered = code.outcome(|coded| {
                    permanence_core::evaluator::evaluate_several(
                        policy,
                        capabilities,
                        &questions,
                        coded,
                    )
                })?;
                for (question, answers) in questions.iter().zip(&mut answered) {
                    statute::beside(capabilities, question, answers);
                }
                answers.append(&mut answered);
            }
        }
        Ok(answers)
    }

    fn edition(&self, id: &str) -> Result<&Policy, EvaluateError> {
        self.policy.edition(id).ok_or(EvaluateError::ServerFault)
    }
}

/// The council's own code, as the evaluator asks it: through the library, in batches.
struct Code<'a> {
    council: &'a Council,
    policy: &'a Policy,
    capabilities: &'a [Capability],
    /// One clause was named: its rules answer even where they do not concern the question.
    one_clause: bool,
}

/// Keeps the boundary's own error, which the evaluator's error type cannot carry.
struct Remembering<'a> {
    code: &'a Code<'a>,
    failure: std::cell::RefCell<Option<EvaluateError>>,
}

impl Code<'_> {
    /// Runs an evaluation and turns its error into ours.
    fn outcome<T>(
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
                        plugin = self.council.plugin.id,
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
        let (Some(handle), Some(rule)) = (&self.council.handle, self.rule(coded)) else {
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

async fn off_the_async_threads<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EvaluateError> + Send + 'static,
) -> Result<T, EvaluateError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| {
            tracing::error!(%error, "an evaluation did not end");
            Err(EvaluateError::ServerFault)
        })
}

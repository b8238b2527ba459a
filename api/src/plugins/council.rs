//! A council that this server speaks for, and the one way to ask its policy.

use std::borrow::Borrow;
use std::sync::Arc;

use chrono::NaiveDate;
use permanence_core::evaluation::Question;
use permanence_core::evaluator::Extent;
use permanence_core::rulebook::{CouncilPolicy, Policy};
use permanence_core::statute;
use permanence_core::{Answer, Capability, ClauseId, CouncilCode, FactError, Facts, Request};
use permanence_plugin_abi::BATCH_LIMIT;
use serde::Serialize;

use super::coded::Code;
use super::digest::Digest;
use super::failure::EvaluateError;
use super::handle::{Handle, PluginHealth};
use super::schemas::Schemas;

/// Up to so many questions without coded rules are answered where they are asked; more go to a thread that may take
/// its time.
const AT_ONCE: usize = 8;

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

    /// The way into its library; none where it has no code.
    pub(super) fn handle(&self) -> Option<&Handle> {
        self.handle.as_ref()
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
        let facts = Facts::read_asked(&request.facts, policy.dictionary(), as_of)
            .map_err(QuestionError::Facts)?;
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
        let [answer] = self.evaluate_several([capability], asked).await?;
        Ok(answer)
    }

    /// Answers one question of several capabilities: an answer of each, in their order.
    ///
    /// # Errors
    /// Why there is no answer of one of them.
    pub async fn evaluate_several<const N: usize>(
        self: &Arc<Self>,
        capabilities: [Capability; N],
        asked: Asked,
    ) -> Result<[Answer; N], EvaluateError> {
        let wanted = capabilities.map(|capability| (capability, Extent::Whole));
        let mut answers = self.evaluate_all(wanted, vec![asked]).await?;
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
        let wanted = [(capability, Extent::Whole)];
        let answers = self.evaluate_all(wanted, asked).await?;
        Ok(answers.into_iter().flatten().collect())
    }

    /// A few questions without code are answered where they are asked; whatever may take longer leaves the async threads alone.
    async fn evaluate_all<const N: usize>(
        self: &Arc<Self>,
        wanted: [(Capability, Extent); N],
        asked: Vec<Asked>,
    ) -> Result<Vec<[Answer; N]>, EvaluateError> {
        let needs_code = |policy: &Policy| {
            let mut capabilities = wanted.iter();
            capabilities.any(|(capability, _)| policy.needs_code(*capability))
        };
        let quick = asked.len() <= AT_ONCE
            && asked.iter().all(|asked| {
                let policy = self.policy.edition(&asked.edition);
                policy.is_some_and(|policy| !needs_code(policy))
            });
        if quick {
            return self.evaluate_several_here(wanted, &asked);
        }
        let council = Arc::clone(self);
        off_the_async_threads(move || council.evaluate_several_here(wanted, &asked)).await
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
        let answers = self.evaluate_several_here([(capability, Extent::Whole)], asked)?;
        Ok(answers.into_iter().flatten().collect())
    }

    /// Answers many questions of several capabilities on this thread: for each question one answer a capability.
    ///
    /// # Errors
    /// Why there are no answers.
    pub fn evaluate_several_here<const N: usize>(
        &self,
        wanted: [(Capability, Extent); N],
        asked: &[impl Borrow<Asked>],
    ) -> Result<Vec<[Answer; N]>, EvaluateError> {
        let capabilities = wanted.map(|(capability, _)| capability);
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
                    permanence_core::evaluator::evaluate_several(policy, wanted, &questions, coded)
                })?;
                for (question, answers) in questions.iter().zip(&mut answered) {
                    statute::beside(wanted, question, answers);
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

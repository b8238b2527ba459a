//! Policy questions that store nothing: what a council's rules say of facts that the caller brings.

use std::sync::Arc;

use chrono::NaiveDate;
use permanence_core::rulebook::Policy;
use permanence_core::{Answer, Capability, ClauseId, Code, CouncilCode, Effect, Finding, Request};
use serde_json::Map;

use super::fact_sheet::sentence;
use super::{Fault, ServiceError};
use crate::plugins::{Asked, Council, Councils, EvaluateError, QuestionError};

/// The council of that code.
///
/// # Errors
/// [`ServiceError::NotFound`] when none is loaded.
pub fn council<'a>(
    councils: &'a Councils,
    code: &CouncilCode,
) -> Result<&'a Arc<Council>, ServiceError> {
    councils.get(code.as_str()).ok_or(ServiceError::NotFound)
}

/// The edition of that id, or the one that holds on that day.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none.
pub fn edition<'a>(
    council: &'a Council,
    id: Option<&str>,
    day: NaiveDate,
) -> Result<&'a Policy, ServiceError> {
    let policy = council.policy();
    match id {
        Some(id) => policy.edition(id),
        None => policy.on(day),
    }
    .ok_or(ServiceError::NotFound)
}

/// The law that holds on a day for every council.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none.
pub fn law(day: NaiveDate) -> Result<&'static Policy, ServiceError> {
    permanence_core::statute::on(day).ok_or(ServiceError::NotFound)
}

/// Answers a question of a capability.
///
/// # Errors
/// When the question is none for this council, or its plugin fails; there is never a default answer.
pub async fn evaluate(
    council: &Arc<Council>,
    capability: Capability,
    request: &Request,
    today: NaiveDate,
) -> Result<Answer, ServiceError> {
    put(council, capability, read(council, request, today)?).await
}

/// Puts a question whose facts have been read.
///
/// # Errors
/// When the council's plugin fails; there is never a default answer.
pub async fn put(
    council: &Arc<Council>,
    capability: Capability,
    asked: Asked,
) -> Result<Answer, ServiceError> {
    let answered = council.evaluate(capability, asked.clone()).await;
    answer(council, asked, answered)
}

/// Answers what one clause alone says.
///
/// # Errors
/// Those of [`evaluate`]; [`ServiceError::NotFound`] for an unknown clause, and a conflict for one that computes nothing.
pub async fn evaluate_clause(
    council: &Arc<Council>,
    clause: &ClauseId,
    request: &Request,
    today: NaiveDate,
) -> Result<Answer, ServiceError> {
    let asked = read(council, request, today)?;
    let answered = council.evaluate_clause(clause, asked.clone()).await;
    answer(council, asked, answered)
}

fn read(council: &Council, request: &Request, today: NaiveDate) -> Result<Asked, ServiceError> {
    council.read(request, today).map_err(|error| match error {
        QuestionError::NoSuchEdition => ServiceError::invalid(
            "/edition",
            "unknown_edition",
            "The council has no edition of this id.",
        ),
        QuestionError::Facts(errors) => ServiceError::Invalid(
            errors
                .into_iter()
                .map(|error| {
                    Fault::new(
                        format!("/facts{}", error.pointer),
                        error.code,
                        sentence(&error.message),
                    )
                })
                .collect(),
        ),
    })
}

/// A rule that cannot be applied to the facts is an answer too: nothing was to happen, so nothing is refused.
fn answer(
    council: &Council,
    asked: Asked,
    answered: Result<Answer, EvaluateError>,
) -> Result<Answer, ServiceError> {
    match answered {
        Ok(answer) => Ok(answer),
        Err(EvaluateError::NoSuchClause) => Err(ServiceError::NotFound),
        Err(EvaluateError::NotARule) => Err(ServiceError::Conflict(
            "This clause computes nothing: it is recorded or shown.".to_owned(),
        )),
        Err(EvaluateError::Refused {
            code,
            message,
            clause,
        }) => {
            let code = Code::new(code)
                .map_err(|_| ServiceError::PluginFailed("a refusal without a code".into()))?;
            let mut finding = Finding::new(code, Effect::Block, message);
            finding.clauses.extend(clause);
            Ok(Answer {
                council: council.code().clone(),
                edition: asked.edition,
                as_of: asked.question.as_of,
                results: Map::new(),
                because: std::collections::BTreeMap::new(),
                findings: vec![finding],
                silent: Vec::new(),
                statute: std::collections::BTreeMap::new(),
            })
        }
        Err(error) => Err(error.into()),
    }
}

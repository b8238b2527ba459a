//! Asking a council's policy on behalf of a use case, and reading what it answers.
//!
//! What a panel's use cases need from a council comes from here only: answers of its policy and the panels of its rulebook.

use std::sync::Arc;

use chrono::{Months, NaiveDate};
use permanence_core::facts::FactValue;
use permanence_core::rulebook::{Panel, Policy};
use permanence_core::{Answer, Capability, Code, Effect, FactName, Facts, Finding};
use serde_json::{Map, Value};

use super::{Acting, Desk, Fault, ServiceError};
use crate::plugins::{Council, EvaluateError};
use crate::store::judged_by::JudgedBy;
use crate::store::sittings::{SittingFilter, SittingPage, SittingStatus, sitting_list};
use crate::store::{Conn, StoreError};

/// What a panel's use cases work with: the desk, the caller, and the caller's council with its policy.
#[derive(Clone)]
pub struct PanelDesk {
    /// What all use cases work with.
    pub desk: Desk,
    /// Who asks.
    pub by: Acting,
    /// The council of the path.
    pub council: Arc<Council>,
}

impl PanelDesk {
    /// The edition that judges a day.
    ///
    /// # Errors
    /// When the council has no edition at all.
    pub fn policy(&self, on: NaiveDate) -> Result<&Policy, ServiceError> {
        self.council.policy().on(on).ok_or_else(no_question)
    }

    /// The edition and the library by which something is taken, as records keep it.
    #[must_use]
    pub fn judged_by(&self, policy: &Policy) -> JudgedBy {
        let plugin = self.council.plugin();
        JudgedBy {
            edition: policy.rulebook.edition.id.clone(),
            plugin_id: plugin.id.clone(),
            plugin_version: plugin.version.clone(),
            plugin_digest: plugin.digest.to_string(),
        }
    }

    /// A panel of the council: the one of that code, or the first.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when the policy has no such panel.
    pub fn panel(&self, on: NaiveDate, code: Option<&str>) -> Result<&Panel, ServiceError> {
        self.policy(on)?.panel(code).ok_or_else(|| {
            ServiceError::invalid(
                "/panel",
                "unknown_code",
                "The council has no panel of this code.",
            )
        })
    }

    /// Asks one question.
    ///
    /// # Errors
    /// When there is no answer; there is never a default one.
    pub async fn ask(
        &self,
        capability: Capability,
        as_of: NaiveDate,
        facts: Facts,
    ) -> Result<Answer, ServiceError> {
        let [answer] = self.ask_several([capability], as_of, facts).await?;
        Ok(answer)
    }

    /// Asks one question of several capabilities, and gives an answer of each in their order.
    ///
    /// # Errors
    /// When there is no answer of one of them.
    pub async fn ask_several<const N: usize>(
        &self,
        capabilities: [Capability; N],
        as_of: NaiveDate,
        facts: Facts,
    ) -> Result<[Answer; N], ServiceError> {
        let facts = self.with_calendar(&capabilities, as_of, facts).await?;
        let asked = self
            .council
            .ask(as_of, self.named_as_council_does(as_of, facts)?);
        Ok(self.council.evaluate_several(capabilities, asked).await?)
    }

    /// A pattern that counts from an anchor does not tell when the panel sits: the sittings on record do.
    async fn with_calendar(
        &self,
        capabilities: &[Capability],
        as_of: NaiveDate,
        mut facts: Facts,
    ) -> Result<Facts, ServiceError> {
        let told = !facts.is_absent("panel_dates") || !facts.is_absent("anchor_date");
        let panel = self
            .policy(as_of)?
            .panel(facts.code("panel").map(Code::as_str))
            .filter(|panel| panel.sits.needs_anchor());
        let Some(panel) = panel.filter(|_| !told && *capabilities != [Capability::Sittings]) else {
            return Ok(facts);
        };
        let filter = SittingFilter {
            from: as_of.checked_sub_months(Months::new(12)),
            to: None,
            panel: Some(panel.code.clone()),
            status: vec![SittingStatus::Scheduled, SittingStatus::Held],
        };
        let council = self.by.council.clone();
        let sittings = self
            .desk
            .store
            .list(async move |conn: &mut Conn| {
                let page = SittingPage {
                    descending: false,
                    after: None,
                    limit: 200,
                };
                sitting_list(conn, &council, &filter, page).await
            })
            .await?;
        if let Ok(name) = FactName::new("panel_dates") {
            let days = sittings
                .iter()
                .map(|sitting| FactValue::Date(sitting.held_on));
            facts.insert(name, FactValue::List(days.collect()));
        }
        Ok(facts)
    }

    /// Asks several questions of one capability, and gives the answers in their order.
    ///
    /// # Errors
    /// When there is no answer to one of them.
    pub async fn ask_each(
        &self,
        capability: Capability,
        as_of: NaiveDate,
        facts: Vec<Facts>,
    ) -> Result<Vec<Answer>, ServiceError> {
        let mut asked = Vec::with_capacity(facts.len());
        for facts in facts {
            let facts = self.with_calendar(&[capability], as_of, facts).await?;
            asked.push(
                self.council
                    .ask(as_of, self.named_as_council_does(as_of, facts)?),
            );
        }
        Ok(self.council.evaluate_batch(capability, asked).await?)
    }

    /// Gives each fact the name and the form in which this council's rules read it. What its dictionary does not have, none of
    /// its rules can read, and the library would refuse the question.
    fn named_as_council_does(&self, as_of: NaiveDate, facts: Facts) -> Result<Facts, ServiceError> {
        let dictionary = self.policy(as_of)?.dictionary();
        let mut members: Map<String, Value> = facts
            .iter()
            .filter_map(|(name, value)| {
                let (own, _) = dictionary.by_wire_name(&name.camel())?;
                let given_itself = own != name && !facts.is_absent(own.as_str());
                (!given_itself).then(|| (own.camel(), value.to_json()))
            })
            .collect();
        let faults = match Facts::read(&members, dictionary) {
            Ok(named) => return Ok(named),
            Err(faults) => faults,
        };
        for fault in faults {
            let fact = fault.pointer.split('/').nth(1).unwrap_or_default();
            if members.remove(fact).is_some() {
                tracing::warn!(
                    fact,
                    "a record has a form that the council's policy does not read"
                );
            }
        }
        Facts::read(&members, dictionary).map_err(|_| no_question())
    }
}

impl From<EvaluateError> for ServiceError {
    fn from(error: EvaluateError) -> Self {
        match error {
            EvaluateError::Refused {
                code,
                message,
                clause,
            } => Self::Refused(vec![Fault::new("", code, message).citing(clause)]),
            EvaluateError::PluginFailed => Self::PluginFailed(error.to_string()),
            EvaluateError::NoSuchClause | EvaluateError::NotARule | EvaluateError::ServerFault => {
                no_question()
            }
        }
    }
}

fn no_question() -> ServiceError {
    ServiceError::Internal(StoreError::Corrupt(
        "a question that cannot be put to the council's policy",
    ))
}

/// Refuses what one of the answers blocks, with every clause that does.
///
/// # Errors
/// [`ServiceError::Refused`].
pub fn refuse_blocked<'a>(
    answers: impl IntoIterator<Item = &'a Answer>,
    pointer: &str,
) -> Result<(), ServiceError> {
    refuse_blocked_at(answers.into_iter().map(|answer| (answer, pointer)))
}

/// The same, where each answer is about another member of the request.
///
/// # Errors
/// [`ServiceError::Refused`].
pub fn refuse_blocked_at<'a>(
    answers: impl IntoIterator<Item = (&'a Answer, &'a str)>,
) -> Result<(), ServiceError> {
    let mut faults: Vec<Fault> = Vec::new();
    for (answer, pointer) in answers {
        for finding in answer
            .findings
            .iter()
            .filter(|one| one.effect == Effect::Block)
        {
            let fault = fault(finding, pointer);
            // A rule that answers two of the questions says the same twice.
            let said = |one: &Fault| {
                (one.code == fault.code)
                    && one.message == fault.message
                    && one.clauses == fault.clauses
            };
            if !faults.iter().any(said) {
                faults.push(fault);
            }
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(ServiceError::Refused(faults))
    }
}

/// What a finding is to a caller whose request it refuses.
#[must_use]
pub fn fault(finding: &Finding, pointer: &str) -> Fault {
    let mut message = finding.message.clone();
    // Nobody gets past a refusal without knowing which fact would settle it.
    if !finding.missing.is_empty() {
        message.push_str(&format!(" Not known: {}.", finding.missing.join(", ")));
    }
    Fault::new(pointer, finding.code.as_str(), message).citing(finding.clauses.iter().cloned())
}

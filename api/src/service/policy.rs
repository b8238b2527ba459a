//! Asking a council's policy on behalf of a use case, and reading what it answers.
//!
//! What a panel's use cases need from a council comes from here only: answers of its policy and the panels of its rulebook.

use std::sync::Arc;

use chrono::{DateTime, Months, NaiveDate, NaiveTime, Utc};
use chrono_tz::Europe::London;
use permanence_core::calendar::{CutOff, london};
use permanence_core::facts::{Dictionary, FactValue};
use permanence_core::rulebook::{Panel, PapersDue, Policy};
use permanence_core::{Answer, Capability, ClauseId, Code, Effect, FactName, Facts, Finding};
use serde::{Deserialize, Serialize};
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

/// A day, or a moment, that an answer gives under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedDay {
    /// The answer's name, in camel case.
    pub name: String,
    /// The day.
    pub on: NaiveDate,
    /// The moment, where there is one: local time with its offset.
    pub at: Option<String>,
    /// The clauses that give it.
    pub clauses: Vec<ClauseId>,
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
        let facts = self.with_calendar(capability, as_of, facts).await?;
        let asked = self
            .council
            .ask(as_of, self.named_as_council_does(as_of, facts)?);
        Ok(self.council.evaluate(capability, asked).await?)
    }

    /// A pattern that counts from an anchor does not tell when the panel sits: the sittings on record do.
    async fn with_calendar(
        &self,
        capability: Capability,
        as_of: NaiveDate,
        mut facts: Facts,
    ) -> Result<Facts, ServiceError> {
        let told = !facts.is_absent("panel_dates") || !facts.is_absent("anchor_date");
        let panel = self
            .policy(as_of)?
            .panel(facts.code("panel").map(Code::as_str))
            .filter(|panel| panel.sits.needs_anchor());
        let Some(panel) = panel.filter(|_| !told && capability != Capability::Sittings) else {
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
            let facts = self.with_calendar(capability, as_of, facts).await?;
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
        let mut named = Facts::default();
        for (name, value) in facts.iter() {
            let Some((own, _)) = dictionary.by_wire_name(&name.camel()) else {
                continue;
            };
            if own != name && !facts.is_absent(own.as_str()) {
                continue;
            }
            let member = Map::from_iter([(own.camel(), value.to_json())]);
            match Facts::read(&member, dictionary) {
                Ok(read) => {
                    for (own, value) in read.iter() {
                        named.insert(own.clone(), value.clone());
                    }
                }
                Err(_) => {
                    tracing::warn!(fact = %own, "a record has a form that the council's policy does not read");
                }
            }
        }
        Ok(named)
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

/// Every day and moment that an answer gives, in the order of their names.
///
/// By the vocabulary's rule a name that ends in `On` is a day and one that ends in `At` is a moment. Where clauses differ,
/// each one's day is given.
#[must_use]
pub fn named_days(answer: &Answer) -> Vec<NamedDay> {
    let mut days: Vec<NamedDay> = Vec::new();
    for (name, value) in &answer.results {
        let clauses = answer.because.get(name).cloned().unwrap_or_default();
        days.extend(named_day(name, value, clauses));
    }
    let by_clause = answer.results.get("byClause").and_then(Value::as_object);
    for (clause, results) in by_clause.into_iter().flatten() {
        let Ok(clause) = ClauseId::new(clause.clone()) else {
            continue;
        };
        for (name, value) in results.as_object().into_iter().flatten() {
            if !answer.results.contains_key(name) {
                days.extend(named_day(name, value, vec![clause.clone()]));
            }
        }
    }
    days
}

fn named_day(name: &str, value: &Value, clauses: Vec<ClauseId>) -> Option<NamedDay> {
    let text = value.as_str()?;
    if name.ends_with("On") {
        let on = text.parse().ok()?;
        return Some(NamedDay {
            name: name.to_owned(),
            on,
            at: None,
            clauses,
        });
    }
    let moment = name
        .ends_with("At")
        .then(|| london::parse(text))
        .flatten()?;
    let at = Some(london::text(moment));
    Some(NamedDay {
        name: name.to_owned(),
        on: moment.date(),
        at,
        clauses,
    })
}

/// When a panel's papers are due for a sitting, as its rulebook says.
#[must_use]
pub fn papers_due(panel: &Panel, sitting: NaiveDate) -> Option<NamedDay> {
    let clauses = panel.clauses.clone();
    match panel.papers {
        PapersDue::On(offset) => {
            let on = offset.from(sitting)?;
            Some(NamedDay {
                name: "paperworkDueOn".into(),
                on,
                at: None,
                clauses,
            })
        }
        PapersDue::At(cut_off) => {
            let due = cut_off.before(sitting)?;
            let at = Some(london::text(due));
            Some(NamedDay {
                name: "paperworkDueAt".into(),
                on: due.date(),
                at,
                clauses,
            })
        }
        PapersDue::NotSaid => None,
    }
}

/// Whether something came later than a panel's papers are due for a sitting.
#[must_use]
pub fn is_late(panel: &Panel, sitting: NaiveDate, received_at: DateTime<Utc>) -> bool {
    let received = received_at.with_timezone(&London).naive_local();
    match panel.papers {
        PapersDue::On(offset) => offset
            .from(sitting)
            .is_some_and(|due| received.date() > due),
        PapersDue::At(cut_off) => cut_off
            .before(sitting)
            .is_some_and(|due| !CutOff::met(due, received)),
        PapersDue::NotSaid => false,
    }
}

/// The codes that an answer lists under a name; none where it does not give that name.
#[must_use]
pub fn listed_codes(answer: &Answer, name: &str) -> Option<Vec<Code>> {
    let list = answer.results.get(name)?.as_array()?;
    Some(
        list.iter()
            .filter_map(Value::as_str)
            .filter_map(|text| Code::new(text).ok())
            .collect(),
    )
}

/// The code that an answer gives under a name.
#[must_use]
pub fn given_code(answer: &Answer, name: &str) -> Option<Code> {
    answer
        .results
        .get(name)
        .and_then(Value::as_str)
        .and_then(|text| Code::new(text).ok())
}

/// Facts in the making: what is not there stays not known.
#[derive(Debug, Clone, Default)]
pub struct FactSheet(Facts);

impl From<Facts> for FactSheet {
    fn from(facts: Facts) -> Self {
        Self(facts)
    }
}

impl FactSheet {
    /// The facts.
    #[must_use]
    pub fn into_facts(self) -> Facts {
        self.0
    }

    /// Sets a fact where there is a value.
    pub fn set(&mut self, name: &str, value: Option<FactValue>) -> &mut Self {
        if let (Ok(name), Some(value)) = (FactName::new(name), value) {
            self.0.insert(name, value);
        }
        self
    }

    /// Sets a code.
    pub fn code(&mut self, name: &str, code: Option<&Code>) -> &mut Self {
        self.set(name, code.cloned().map(FactValue::Code))
    }

    /// Sets a day.
    pub fn day(&mut self, name: &str, day: Option<NaiveDate>) -> &mut Self {
        self.set(name, day.map(FactValue::Date))
    }

    /// Sets a time of day.
    pub fn time(&mut self, name: &str, time: Option<NaiveTime>) -> &mut Self {
        self.set(name, time.map(FactValue::Time))
    }

    /// Sets a moment.
    pub fn moment(&mut self, name: &str, at: Option<DateTime<Utc>>) -> &mut Self {
        self.set(name, at.map(local))
    }

    /// Sets a text.
    pub fn text(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        self.set(name, text.map(|text| FactValue::Text(text.to_owned())))
    }

    /// Sets an answer of yes or no.
    pub fn answer(&mut self, name: &str, answer: Option<bool>) -> &mut Self {
        self.set(name, answer.map(FactValue::Boolean))
    }

    /// Adds facts as they stand in JSON; one that the dictionary does not take is left out, for it was taken when it was kept.
    pub fn read(&mut self, members: &Map<String, Value>, dictionary: &Dictionary) -> &mut Self {
        for (name, value) in members {
            let one = Map::from_iter([(name.clone(), value.clone())]);
            if let Ok(facts) = Facts::read(&one, dictionary) {
                for (name, value) in facts.iter() {
                    self.0.insert(name.clone(), value.clone());
                }
            }
        }
        self
    }
}

/// A moment as local time.
#[must_use]
pub fn local(at: DateTime<Utc>) -> FactValue {
    FactValue::DateTime(at.with_timezone(&London).naive_local())
}

/// A record of those members that are there.
#[must_use]
pub fn record<const N: usize>(members: [(&str, Option<FactValue>); N]) -> FactValue {
    let members = members
        .into_iter()
        .filter_map(|(name, value)| Some((FactName::new(name).ok()?, value?)));
    FactValue::Record(members.collect())
}

/// A list of codes.
#[must_use]
pub fn code_list(codes: &[Code]) -> FactValue {
    FactValue::List(codes.iter().cloned().map(FactValue::Code).collect())
}

/// Reads facts that a caller sent, every fault with its pointer below `base`.
///
/// # Errors
/// [`ServiceError::Invalid`].
pub fn read_sent(
    base: &str,
    members: &Map<String, Value>,
    dictionary: &Dictionary,
) -> Result<Facts, ServiceError> {
    Facts::read(members, dictionary).map_err(|errors| {
        let fault = |error: permanence_core::FactError| {
            Fault::new(
                format!("{base}{}", error.pointer),
                error.code,
                sentence(&error.message),
            )
        };
        ServiceError::Invalid(errors.into_iter().map(fault).collect())
    })
}

/// What is wrong with a fact, as a sentence.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars
        .next()
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

/// The group into which the council's code list sorts a code, such as `postponed` among outcomes.
#[must_use]
pub fn group_of<'a>(policy: &'a Policy, list: &str, code: &Code) -> Option<&'a Code> {
    let list = Code::new(list).ok()?;
    let list = policy.dictionary().vocabulary().list(&list)?;
    list.codes.get(code)?.group.as_ref()
}

/// Whether an outcome only puts an item off: the matter itself is decided another time.
#[must_use]
pub fn postpones(policy: &Policy, outcome: &Code) -> bool {
    group_of(policy, "outcomes", outcome).is_some_and(|group| *group == *"postponed")
}

/// Refuses a code that the named list of the council does not have.
///
/// # Errors
/// [`ServiceError::Invalid`].
pub fn known_code(
    policy: &Policy,
    list: &str,
    pointer: &str,
    code: &Code,
) -> Result<(), ServiceError> {
    let known = Code::new(list)
        .ok()
        .and_then(|list| policy.dictionary().vocabulary().list(&list).cloned());
    match known {
        Some(list) if !list.open && !list.codes.contains_key(code) => Err(ServiceError::invalid(
            pointer,
            "unknown_code",
            "The council's code list has no such code.",
        )),
        _ => Ok(()),
    }
}

//! The same facts, or a whole caseload, under two policies: another council's, or another edition.
//!
//! Another council's rules are public policy; its cases are not, and none of them is read here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use permanence_core::compare::{self, Change, Comparison};
use permanence_core::evaluation::Question;
use permanence_core::rulebook::Policy;
use permanence_core::{Answer, Capability, Code, FactError, Facts, Finding};
use serde_json::{Map, Value};

use super::days::{NamedDay, named_days};
use super::drift::caseload;
use super::fact_sheet::sentence;
use super::{Acting, Desk, Fault, ServiceError, questions};
use crate::plugins::{Asked, Council, EvaluateError};
use crate::store::ids::CaseId;

/// One of the two policies.
#[derive(Clone)]
pub struct Side {
    /// Whose it is.
    pub council: Arc<Council>,
    /// The edition that judges.
    pub edition: String,
}

/// Two policies and what is asked of both.
#[derive(Clone)]
pub struct Two {
    /// The caller's council.
    pub own: Side,
    /// The other policy.
    pub other: Side,
    /// The day asked about.
    pub as_of: NaiveDate,
    /// The questions.
    pub capabilities: Vec<Capability>,
}

/// A day that both policies, or one of them, give under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayDiffers {
    /// The name.
    pub name: String,
    /// What the own policy says; none where it gives no such day.
    pub own: Option<NamedDay>,
    /// What the other says.
    pub other: Option<NamedDay>,
}

/// Facts that one side could not read, by their names, each with the code of the fault.
pub type Unread = BTreeMap<String, String>;

/// The same facts under both.
#[derive(Debug, Clone)]
pub struct FactsCompared {
    /// The findings.
    pub findings: Comparison,
    /// Days that differ.
    pub days: Vec<DayDiffers>,
    /// What the own policy could not read.
    pub unread_by_own: Unread,
    /// What the other could not read.
    pub unread_by_other: Unread,
}

/// A case whose findings differ.
#[derive(Debug, Clone)]
pub struct CaseCompared {
    /// The case.
    pub case_id: CaseId,
    /// The council's own reference for it.
    pub reference: String,
    /// Its findings.
    pub findings: Comparison,
}

/// Part of a caseload under both.
#[derive(Debug, Clone, Default)]
pub struct CaseloadCompared {
    /// How many cases were looked at.
    pub cases: usize,
    /// Those whose findings differ.
    pub differing: Vec<CaseCompared>,
    /// For each code how many findings changed in each way; none stands for those that did not.
    pub counts: BTreeMap<Code, BTreeMap<Option<Change>, usize>>,
    /// What the other policy could not read, of any case.
    pub unread_by_other: Unread,
    /// The case after which the rest begins; none where all were looked at.
    pub next: Option<CaseId>,
}

impl Side {
    /// The policy of that edition, or of the day.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] at the pointer when the council has no such edition.
    pub fn new(
        council: &Arc<Council>,
        edition: Option<&str>,
        as_of: NaiveDate,
        pointer: &str,
    ) -> Result<Self, ServiceError> {
        let policy = questions::edition(council, edition, as_of).map_err(|_| {
            let message = "The council has no edition of this id.";
            ServiceError::invalid(pointer, "unknown_edition", message)
        })?;
        Ok(Self {
            council: Arc::clone(council),
            edition: policy.rulebook.edition.id.clone(),
        })
    }

    fn policy(&self) -> Result<&Policy, ServiceError> {
        let policy = self.council.policy().edition(&self.edition);
        policy.ok_or(ServiceError::NotFound)
    }

    fn asked(&self, as_of: NaiveDate, facts: Facts) -> Asked {
        Asked {
            edition: self.edition.clone(),
            question: Question { as_of, facts },
        }
    }
}

/// Compares what two policies make of facts that the caller brings.
///
/// A fact that one of them does not know, or takes in another form, is left out for it and named; one that neither reads is
/// refused.
///
/// # Errors
/// [`ServiceError::Invalid`], and those of the councils' plugins.
pub async fn facts(two: &Two, members: &Map<String, Value>) -> Result<FactsCompared, ServiceError> {
    let (own, own_faults) = read_each(members, two.own.policy()?);
    let (other, other_faults) = read_each(members, two.other.policy()?);
    let read_by_none = own_faults
        .iter()
        .filter(|(name, _)| other_faults.contains_key(*name))
        .map(|(_, error)| error);
    let period_of = |side: &Side, facts: &Facts| -> Result<Option<FactError>, ServiceError> {
        let dictionary = side.policy()?.dictionary();
        Ok(facts.period_fault(members, dictionary, two.as_of))
    };
    let too_long = period_of(&two.own, &own)?.or(period_of(&two.other, &other)?);
    let refused: Vec<Fault> = read_by_none
        .chain(&too_long)
        .map(|error| {
            let pointer = format!("/facts{}", error.pointer);
            Fault::new(pointer, error.code, sentence(&error.message))
        })
        .collect();
    if !refused.is_empty() {
        return Err(ServiceError::Invalid(refused));
    }
    let own = one_by_one(&two.own, two.as_of, &two.capabilities, own).await?;
    let other = one_by_one(&two.other, two.as_of, &two.capabilities, other).await?;
    Ok(FactsCompared {
        findings: compared(two, &own, &other)?,
        days: days(&own, &other),
        unread_by_own: names(own_faults),
        unread_by_other: names(other_faults),
    })
}

/// Compares what two policies find on the open cases of the caller's council, from one case on.
///
/// # Errors
/// Those of the store and of the councils' plugins: never fewer differences in their place.
pub async fn cases(
    desk: &Desk,
    by: &Acting,
    two: &Two,
    after: Option<CaseId>,
    limit: u16,
) -> Result<CaseloadCompared, ServiceError> {
    let children = caseload(desk, by, after, i64::from(limit)).await?;
    let mut result = CaseloadCompared {
        cases: children.len(),
        ..CaseloadCompared::default()
    };
    let (mut own, mut other) = (Vec::new(), Vec::new());
    let dictionary = two.own.policy()?.dictionary();
    for child in &children {
        let facts = child.facts(dictionary, two.as_of)?;
        let (read, faults) = read_each(&facts.to_json(), two.other.policy()?);
        result.unread_by_other.extend(names(faults));
        own.push(two.own.asked(two.as_of, facts));
        other.push(two.other.asked(two.as_of, read));
    }
    let own = many(&two.own, &two.capabilities, own).await?;
    let other = many(&two.other, &two.capabilities, other).await?;
    for ((child, own), other) in children.iter().zip(own).zip(other) {
        let findings = compared(two, &own, &other)?;
        result.count(&findings);
        if !findings.differences.is_empty() {
            result.differing.push(CaseCompared {
                case_id: child.case.id,
                reference: child.case.reference.clone(),
                findings,
            });
        }
    }
    if children.len() == usize::from(limit) {
        result.next = children.last().map(|child| child.case.id);
    }
    desk.record_read(
        by,
        "compareCouncils",
        result.differing.iter().map(|case| case.case_id),
    )?;
    Ok(result)
}

impl CaseloadCompared {
    fn count(&mut self, findings: &Comparison) {
        let changed = findings
            .differences
            .iter()
            .map(|it| (&it.code, Some(it.change)));
        let same = findings.unchanged.iter().map(|code| (code, None));
        for (code, change) in changed.chain(same) {
            let of_code = self.counts.entry(code.clone()).or_default();
            *of_code.entry(change).or_default() += 1;
        }
    }
}

fn compared(two: &Two, own: &[Answer], other: &[Answer]) -> Result<Comparison, ServiceError> {
    let findings = |answers: &[Answer]| -> Vec<Finding> {
        answers
            .iter()
            .flat_map(|answer| answer.findings.clone())
            .collect()
    };
    let vocabulary = two.own.policy()?.dictionary().vocabulary();
    Ok(compare::findings(
        vocabulary,
        &findings(own),
        &findings(other),
    ))
}

/// Reads facts one by one, so that what one policy does not know does not hide the rest.
fn read_each(
    members: &Map<String, Value>,
    policy: &Policy,
) -> (Facts, BTreeMap<String, FactError>) {
    let (mut facts, mut faults) = (Facts::default(), BTreeMap::new());
    for (name, value) in members {
        let one = Map::from_iter([(name.clone(), value.clone())]);
        match Facts::read(&one, policy.dictionary()) {
            Ok(read) => {
                for (name, value) in read.iter() {
                    facts.insert(name.clone(), value.clone());
                }
            }
            Err(errors) => faults.extend(errors.into_iter().map(|error| (name.clone(), error))),
        }
    }
    (facts, faults)
}

fn names(faults: BTreeMap<String, FactError>) -> Unread {
    faults
        .into_iter()
        .map(|(name, error)| (name, error.code.to_owned()))
        .collect()
}

async fn one_by_one(
    side: &Side,
    as_of: NaiveDate,
    capabilities: &[Capability],
    facts: Facts,
) -> Result<Vec<Answer>, ServiceError> {
    let mut answers = Vec::with_capacity(capabilities.len());
    for capability in capabilities {
        let asked = side.asked(as_of, facts.clone());
        answers.push(questions::put(&side.council, *capability, asked).await?);
    }
    Ok(answers)
}

/// For each question the answers of all capabilities.
async fn many(
    side: &Side,
    capabilities: &[Capability],
    asked: Vec<Asked>,
) -> Result<Vec<Vec<Answer>>, ServiceError> {
    let mut answers: Vec<Vec<Answer>> = asked.iter().map(|_| Vec::new()).collect();
    for capability in capabilities {
        let batch = side.council.evaluate_batch(*capability, asked.clone());
        let given = match batch.await {
            Ok(given) => given,
            // One child's facts that a rule cannot be applied to must not hide the others.
            Err(EvaluateError::Refused { .. }) => {
                let mut given = Vec::with_capacity(asked.len());
                for one in &asked {
                    given.push(questions::put(&side.council, *capability, one.clone()).await?);
                }
                given
            }
            Err(error) => return Err(error.into()),
        };
        for (answers, answer) in answers.iter_mut().zip(given) {
            answers.push(answer);
        }
    }
    Ok(answers)
}

/// Days that the answers give under a name, where they are not the same.
fn days(own: &[Answer], other: &[Answer]) -> Vec<DayDiffers> {
    let (own, other) = (by_name(own), by_name(other));
    let all: BTreeSet<&String> = own.keys().chain(other.keys()).collect();
    let mut differing = Vec::new();
    for name in all {
        let none = Vec::new();
        let (mine, theirs) = (
            own.get(name).unwrap_or(&none),
            other.get(name).unwrap_or(&none),
        );
        let told = |days: &[NamedDay]| -> BTreeSet<_> {
            days.iter().map(|day| (day.on, day.at.clone())).collect()
        };
        if told(mine) == told(theirs) {
            continue;
        }
        let (mut mine, mut theirs) = (mine.iter(), theirs.iter());
        loop {
            match (mine.next(), theirs.next()) {
                (None, None) => break,
                (own, other) => differing.push(DayDiffers {
                    name: name.clone(),
                    own: own.cloned(),
                    other: other.cloned(),
                }),
            }
        }
    }
    differing
}

fn by_name(answers: &[Answer]) -> BTreeMap<String, Vec<NamedDay>> {
    let mut named: BTreeMap<String, Vec<NamedDay>> = BTreeMap::new();
    for day in answers.iter().flat_map(named_days) {
        let days = named.entry(day.name.clone()).or_default();
        if !days.contains(&day) {
            days.push(day);
        }
    }
    named
}

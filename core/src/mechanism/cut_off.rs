//! A weekday and time before a sitting by which papers are due: "Thursday 13:00 before a Tuesday panel".
//!
//! On a bank holiday the deadline stays where it is; the answer says so and advises the same hour of the working day before.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Context, Mechanism, Works, give, names};
use crate::calendar::{CutOff, london, working_days};
use crate::code::{Code, FactName};
use crate::condition::has_code;
use crate::evaluation::{Certainty, ClauseAnswer, Effect, Severity};
use crate::facts::FactValue;
use crate::rulebook::Rule;

/// When the question is asked, to the minute.
const ASKED_AT: &str = "asked_at";

/// Parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CutOffRule {
    /// The fact that holds the sitting's day.
    pub sitting: FactName,
    /// The weekday and time in the week before the sitting's.
    pub at: CutOff,
    /// When things arrived: the first of these that is known; an arrival after the day asked about is none yet.
    #[serde(default)]
    pub submitted: Vec<FactName>,
    /// Where none of them is known: the list of papers; the last to arrive counts, and one that has not is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_in: Option<FactName>,
    /// Papers of which any one in time is enough: the list alone says whether one came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any_of: Vec<Code>,
    /// Raised when they came late, or are still missing after the deadline's day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag_late: Option<Code>,
    /// Raised beside it: what may follow from being late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consequence: Option<Code>,
    /// Raised, as information, when the deadline is no working day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag_non_working_day: Option<Code>,
    /// Names of the results.
    #[serde(default)]
    pub returns: Returns,
}

/// Names of the results; those left out are not given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// The deadline.
    #[serde(default)]
    pub due_at: Option<FactName>,
    /// The weekday it falls on.
    #[serde(default)]
    pub weekday: Option<FactName>,
    /// Whether that is no working day.
    #[serde(default)]
    pub non_working_day: Option<FactName>,
    /// A safer time; given only where the deadline is no working day.
    #[serde(default)]
    pub advised_due_at: Option<FactName>,
    /// Whether things came in time; null while nothing has come and the deadline's day has not passed.
    #[serde(default)]
    pub on_time: Option<FactName>,
    /// Whether they came late or are still missing.
    #[serde(default)]
    pub late: Option<FactName>,
    /// Whether the consequence is possible.
    #[serde(default)]
    pub consequence: Option<FactName>,
}

impl CutOffRule {
    /// Whether the list has every paper that the request wants, as the policy's own checklist of that list says.
    fn complete(&self, context: &Context<'_>) -> bool {
        let mut wanted = context.policy().rulebook.rules.iter().filter_map(|rule| {
            let Mechanism::Checklist(checklist) = &rule.rule else {
                return None;
            };
            let by = checklist.required_by.as_ref()?;
            let told = by.lists.contains_key(context.code(&by.fact)?);
            let same = self
                .submitted_in
                .as_ref()
                .is_some_and(|list| checklist.given.contains(list));
            (told && same).then_some(checklist)
        });
        wanted
            .next()
            .is_some_and(|checklist| checklist.missing(context).is_empty())
    }

    /// Whether every paper of the list came in time; none where the list does not say when they came. Where the question
    /// names a request, more papers than those listed may be wanted: then only a late one is told.
    fn by_papers(
        &self,
        context: &Context<'_>,
        in_time: impl Fn(&FactValue) -> Option<bool>,
    ) -> Option<bool> {
        let list = self.submitted_in.as_ref()?;
        let papers = context.facts().list(list.as_str());
        // One that comes after the day asked about has not come yet.
        let exists = |value: &&FactValue| value.as_date().is_none_or(|day| day <= context.as_of());
        let arrived = |paper: &FactValue| match paper {
            FactValue::Record(members) => members.values().filter(exists).find_map(&in_time),
            _ => None,
        };
        if !self.any_of.is_empty() {
            let wanted = |paper: &&FactValue| self.any_of.iter().any(|code| has_code(paper, code));
            let known: Vec<bool> = papers.iter().filter(wanted).filter_map(arrived).collect();
            return (!known.is_empty()).then(|| known.contains(&true));
        }
        let known: Vec<bool> = papers.iter().filter_map(arrived).collect();
        if known.contains(&false) {
            Some(false)
        } else if known.is_empty()
            || known.len() < papers.len()
            || !(context.facts().is_absent("request_type") || self.complete(context))
        {
            None
        } else {
            Some(true)
        }
    }
}

impl Works for CutOffRule {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let name = &self.returns;
        let Some(due) = context
            .date(&self.sitting)
            .and_then(|sitting| self.at.before(sitting))
        else {
            // Without a sitting there is no deadline: each answer is there and says that it is not known.
            for name in [
                &name.due_at,
                &name.weekday,
                &name.non_working_day,
                &name.on_time,
                &name.late,
                &name.consequence,
            ] {
                give(answer, name.as_ref(), Value::Null);
            }
            return;
        };
        give(answer, name.due_at.as_ref(), london::text(due));
        give(
            answer,
            name.weekday.as_ref(),
            serde_json::to_value(self.at.weekday).unwrap_or_default(),
        );
        let off = !working_days::is_working_day(due.date());
        give(answer, name.non_working_day.as_ref(), off);
        if let Some(advised) = self.at.advised(due) {
            give(answer, name.advised_due_at.as_ref(), london::text(advised));
        }
        if let (true, Some(flag)) = (off, &self.flag_non_working_day) {
            let mut finding = context.finding(rule, flag, Effect::Flag, |label| {
                format!("{label}: {}.", due.date())
            });
            finding.severity = Severity::Information;
            // The calendar alone tells it, whatever is known of the papers.
            finding.certainty = Certainty::Certain;
            finding.missing.clear();
            finding.due_on = Some(due.date());
            answer.findings.push(finding);
        }
        let in_time = |value: &FactValue| match value {
            FactValue::DateTime(moment) => Some(CutOff::met(due, *moment)),
            FactValue::Date(day) => Some(*day <= due.date()),
            _ => None,
        };
        let told = || {
            self.submitted
                .iter()
                .find_map(|fact| context.value(fact).and_then(in_time))
        };
        let submitted = if self.any_of.is_empty() {
            told().or_else(|| self.by_papers(context, in_time))
        } else {
            // The moment told may be that of the last paper, where the first was enough.
            self.by_papers(context, in_time).or_else(told)
        };
        // On the day of the deadline itself the hour decides, where the question tells it.
        let asked = context.facts().date_time(ASKED_AT);
        let passed =
            context.as_of() > due.date() || asked.is_some_and(|asked| !CutOff::met(due, asked));
        // Papers that are all there, nobody says since when, are not missing.
        let told_missing = self
            .submitted
            .iter()
            .any(|fact| !context.facts().is_absent(fact.as_str()));
        let unknown = submitted.is_none()
            && self
                .submitted
                .iter()
                .chain(&self.submitted_in)
                .all(|fact| context.facts().is_absent(fact.as_str()));
        let missing = submitted.is_none() && passed && (told_missing || !self.complete(context));
        let late = submitted == Some(false) || missing;
        let on_time = submitted.or(if missing { Some(false) } else { None });
        give(
            answer,
            name.on_time.as_ref(),
            on_time.map_or(Value::Null, Value::Bool),
        );
        give(answer, name.late.as_ref(), late);
        give(answer, name.consequence.as_ref(), late);
        for flag in self
            .flag_late
            .iter()
            .chain(&self.consequence)
            .filter(|_| late)
        {
            let mut finding = context.finding(rule, flag, Effect::Flag, |label| {
                format!(
                    "{label}: papers were due by {}.",
                    due.format("%Y-%m-%d %H:%M")
                )
            });
            if unknown && finding.missing.is_empty() {
                let settling = self.submitted_in.iter().chain(self.submitted.first());
                let settling: Vec<FactName> = settling.take(1).cloned().collect();
                context.unsettled(&mut finding, &settling);
            }
            finding.due_on = Some(due.date());
            finding.ran_out_on = finding.due_on;
            answer.findings.push(finding);
        }
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        into.insert(self.sitting.clone());
        into.extend(self.submitted.iter().cloned());
        into.extend(self.submitted_in.clone());
        into.extend(FactName::new(ASKED_AT).ok());
        if self.submitted_in.is_some() && self.any_of.is_empty() {
            into.extend(FactName::new("request_type").ok());
        }
    }

    fn returns(&self) -> Vec<FactName> {
        let it = &self.returns;
        names([
            &it.due_at,
            &it.weekday,
            &it.non_working_day,
            &it.advised_due_at,
            &it.on_time,
            &it.late,
            &it.consequence,
        ])
    }
}

//! What a rule works with: the policy, the day asked about and the facts as they stood on it.

use std::collections::BTreeMap;

use chrono::{Datelike, Months, NaiveDate};

use crate::calendar::{Period, pattern::Dates};
use crate::code::{Code, FactName};
use crate::condition::{has_code, says_yes};
use crate::evaluation::{Certainty, Effect, Finding};
use crate::facts::{FactValue, Facts};
use crate::rulebook::{Panel, PapersDue, Policy, Rule};

/// The policy and the question.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    policy: &'a Policy,
    as_of: NaiveDate,
    facts: &'a Facts,
}

impl<'a> Context<'a> {
    /// A context for one question.
    pub fn new(policy: &'a Policy, as_of: NaiveDate, facts: &'a Facts) -> Self {
        Self {
            policy,
            as_of,
            facts,
        }
    }

    /// The day asked about.
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// The policy.
    pub fn policy(&self) -> &'a Policy {
        self.policy
    }

    /// All facts, also those that do not exist yet.
    pub fn facts(&self) -> &'a Facts {
        self.facts
    }

    /// A fact as it stood on `as_of`: an event dated later does not exist yet; a planned day does.
    pub fn value(&self, name: &(impl AsRef<str> + ?Sized)) -> Option<&'a FactValue> {
        let name = name.as_ref();
        let value = self.facts.get(name)?;
        match value.as_date() {
            Some(day) if day > self.as_of && !self.is_planned(name) => None,
            _ => Some(value),
        }
    }

    /// The day of a fact as it stood on `as_of`.
    pub fn date(&self, name: &(impl AsRef<str> + ?Sized)) -> Option<NaiveDate> {
        self.value(name).and_then(FactValue::as_date)
    }

    /// The code of a fact.
    pub fn code(&self, name: &(impl AsRef<str> + ?Sized)) -> Option<&'a Code> {
        self.value(name).and_then(FactValue::as_code)
    }

    /// The entries of a list, or the one value of a fact that is no list; those with a day after `as_of` (received, held, sent) do not exist yet,
    /// and whoever sent apologies is no entry.
    pub fn entries(&self, name: &(impl AsRef<str> + ?Sized)) -> Vec<&'a FactValue> {
        let items = match self.value(name) {
            Some(FactValue::List(items)) => items.as_slice(),
            Some(FactValue::None) | None => return Vec::new(),
            Some(single) => std::slice::from_ref(single),
        };
        items
            .iter()
            .filter(|item| self.exists(item) || self.is_planned(name.as_ref()))
            .filter(|item| !matches!(item, FactValue::Record(members) if stayed_away(members)))
            .collect()
    }

    /// How many: the number itself, or the entries of a list that exist on `as_of`.
    pub fn size(&self, name: &(impl AsRef<str> + ?Sized)) -> Option<i64> {
        match self.value(name)? {
            FactValue::Integer(number) => Some(*number),
            FactValue::List(_) => i64::try_from(self.entries(name).len()).ok(),
            _ => None,
        }
    }

    /// Whether a list, or a record of answers by code, has a code, or the fact of that name is answered with anything but no.
    pub fn has(&self, lists: &[FactName], code: &Code) -> bool {
        lists.iter().any(|list| match self.value(list) {
            Some(FactValue::Record(answers)) => answers.get(code.as_str()).is_some_and(says_yes),
            _ => self
                .entries(list)
                .into_iter()
                .any(|item| has_code(item, code)),
        }) || self.value(code).is_some_and(says_yes)
    }

    /// The same where a no is an answer too, as on a form; a comment beside a question is none.
    pub fn has_answer(&self, lists: &[FactName], code: &Code) -> bool {
        let answered = |value: &FactValue| match value {
            FactValue::Record(members) => answers(members, code),
            other => other.is_answered(),
        };
        lists.iter().any(|list| match self.value(list) {
            Some(FactValue::Record(answers)) => answers.get(code.as_str()).is_some_and(answered),
            _ => self
                .entries(list)
                .into_iter()
                .any(|item| has_code(item, code) && answered(item)),
        }) || self.value(code).is_some_and(answered)
    }

    /// Whether a code is answered with a no or an empty list: that there is none.
    pub fn has_none(&self, lists: &[FactName], code: &Code) -> bool {
        self.answers(lists, code)
            .into_iter()
            .any(|answer| match answer {
                FactValue::Boolean(answer) => !answer,
                FactValue::List(items) => items.is_empty(),
                _ => false,
            })
    }

    /// The answers under a code: in records of answers by code, and of the fact of that name.
    fn answers(&self, lists: &[FactName], code: &Code) -> Vec<&'a FactValue> {
        lists
            .iter()
            .filter_map(|list| self.value(list)?.member(code.as_str()))
            .chain(self.value(code))
            .collect()
    }

    fn exists(&self, item: &FactValue) -> bool {
        match item {
            FactValue::Record(members) => members
                .values()
                .filter_map(FactValue::as_date)
                .all(|day| day <= self.as_of),
            FactValue::Date(day) => *day <= self.as_of,
            _ => true,
        }
    }

    fn is_planned(&self, name: &str) -> bool {
        self.policy
            .dictionary()
            .get(name)
            .is_some_and(|fact| fact.planned)
    }

    /// The panel that the question names, else the council's first.
    pub fn panel(&self) -> Option<&'a Panel> {
        self.policy
            .panel(self.facts.code("panel").map(Code::as_str))
    }

    /// The panel's sittings in a period: those that the question lists under `panel_dates`, else those of its pattern.
    pub fn sittings(&self, panel: &Panel, period: Period) -> Dates {
        let listed: Vec<NaiveDate> = self
            .facts
            .list("panel_dates")
            .iter()
            .filter_map(FactValue::as_date)
            .collect();
        if listed.is_empty() {
            return panel.sits.dates(
                period,
                self.facts.date("anchor_date"),
                panel.on_bank_holiday,
            );
        }
        let mut sittings: Vec<NaiveDate> = listed
            .into_iter()
            .filter(|day| period.contains(*day))
            .collect();
        sittings.sort_unstable();
        sittings.dedup();
        Dates {
            sittings,
            ..Dates::default()
        }
    }

    /// The first sitting from a day on (that day included) that passes a test, within two years.
    pub fn first_sitting(
        &self,
        panel: &Panel,
        from: NaiveDate,
        accept: impl Fn(NaiveDate) -> bool,
    ) -> Option<NaiveDate> {
        let to = from.checked_add_months(Months::new(24))?;
        self.sittings(panel, Period { from, to })
            .sittings
            .into_iter()
            .find(|day| accept(*day))
    }

    /// The last sitting up to a day (that day included), within two years.
    pub fn last_sitting(&self, panel: &Panel, to: NaiveDate) -> Option<NaiveDate> {
        let from = to.checked_sub_months(Months::new(24))?;
        self.sittings(panel, Period { from, to })
            .sittings
            .into_iter()
            .next_back()
    }

    /// The facts that tell the period asked about.
    pub const PERIOD: [&'static str; 5] = ["from", "to", "period", "year", "month"];

    /// The period that the question asks about: `from` and `to`, or a `year`, or a `month` such as 2025-03. One that ends before it starts is known, and has no day.
    pub fn period(&self) -> Option<Period> {
        if let Some(year) = self.facts.integer("year") {
            return Period::year(i32::try_from(year).ok()?);
        }
        if let (Some(from), Some(to)) = (self.facts.date("from"), self.facts.date("to")) {
            return if from <= to {
                Period::new(from, to)
            } else {
                Some(Period { from, to })
            };
        }
        let month = self.facts.date("month");
        let month = month.or_else(|| self.facts.date("period"))?;
        let first = month.with_day(1)?;
        let last = first.checked_add_months(Months::new(1))?.pred_opt()?;
        Period::new(first, last)
    }

    /// A finding of a rule, with its message, its responsible role, its certainty and the facts it rests on.
    pub fn finding(
        &self,
        rule: &Rule,
        code: &Code,
        effect: Effect,
        message: impl FnOnce(&str) -> String,
    ) -> Finding {
        let label = self.policy.dictionary().vocabulary().label(code);
        let text = rule.message.clone().unwrap_or_else(|| message(&label));
        let mut finding = Finding::new(code.clone(), effect, text);
        finding.severity = rule.severity;
        finding.responsible_role = rule.responsible.clone();
        let settled = rule.certain_when.as_ref().is_some_and(|it| it.holds(self));
        if !settled {
            self.unsettled(&mut finding, &rule.settled_by);
        }
        finding
    }

    /// Notes in a finding which of these facts nobody has told, so that it cannot be certain.
    pub fn unsettled(&self, finding: &mut Finding, settled_by: &[FactName]) {
        let unknown = settled_by
            .iter()
            .filter(|name| self.facts.is_absent(name.as_str()))
            .map(FactName::camel);
        finding.missing.extend(unknown);
        if !finding.missing.is_empty() {
            finding.certainty = Certainty::CannotBeKnown;
        }
    }

    /// Whether the true date of a fact may be earlier than the one given (the fact `lower_bounds` lists it).
    pub fn is_lower_bound(&self, name: &FactName) -> bool {
        self.facts.list("lower_bounds").iter().any(|item| {
            item.as_code()
                .is_some_and(|code| code.as_str() == name.as_str())
        })
    }

    /// Notes the anchor of a clock in a finding: its day, the fact it comes from, and whether it may be earlier.
    pub fn anchor(&self, finding: &mut Finding, name: &FactName, since: NaiveDate) {
        finding.since = Some(since);
        finding
            .evidence
            .insert(name.camel(), since.to_string().into());
        if finding.certainty == Certainty::Certain && self.is_lower_bound(name) {
            finding.certainty = Certainty::AtLeast;
        }
    }
}

/// Whether a record answers a question: by its `answer`, else by anything but a comment beside the question.
fn answers(members: &BTreeMap<FactName, FactValue>, question: &Code) -> bool {
    const BESIDE: [&str; 4] = ["comment", "comments", "note", "notes"];
    if let Some(answer) = members.get("answer") {
        return answer.is_answered();
    }
    let beside = |name: &FactName| BESIDE.contains(&name.as_str());
    if !members.keys().any(beside) {
        return !members.is_empty();
    }
    members.iter().any(|(name, value)| {
        !beside(name) && value.as_code() != Some(question) && value.is_answered()
    })
}

/// Whether an entry is somebody who is written down as not having come.
fn stayed_away(members: &BTreeMap<FactName, FactValue>) -> bool {
    const SAYING: [&str; 9] = [
        "attendance",
        "attendance_mode",
        "attendance_type",
        "attended",
        "attending_as",
        "capacity",
        "mode",
        "present",
        "status",
    ];
    const AWAY: [&str; 2] = ["absent", "apologies"];
    SAYING.into_iter().any(|name| {
        members
            .get(name)
            .and_then(FactValue::as_code)
            .is_some_and(|code| AWAY.contains(&code.as_str()))
    })
}

impl Panel {
    /// The day on which papers for a sitting are due.
    pub fn papers_due_on(&self, sitting: NaiveDate) -> Option<NaiveDate> {
        match self.papers {
            PapersDue::On(offset) => offset.from(sitting),
            PapersDue::At(cut_off) => cut_off.before(sitting).map(|moment| moment.date()),
            PapersDue::NotSaid => None,
        }
    }

    /// The month of a day as `2025-02`.
    pub fn month_of(day: NaiveDate) -> String {
        format!("{:04}-{:02}", day.year(), day.month())
    }
}

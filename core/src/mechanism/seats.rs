//! A quorum counted in seats: two people from one seat count once, and who may take the chair is part of it.
//!
//! Fails closed: an attendance without anybody is not quorate.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Context, Works, codes};
use crate::code::{Code, FactName};
use crate::evaluation::{ClauseAnswer, Effect};
use crate::facts::FactValue;
use crate::rulebook::Rule;

/// Parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seats {
    /// The fact that lists who is present, by role.
    pub present: FactName,
    /// The member seats.
    pub seats: Vec<Seat>,
    /// How many of them must be filled.
    pub minimum: u32,
    /// Raised when fewer are.
    pub too_few: Code,
    /// The seats that may take the chair, first first; all but the first are delegated.
    pub chair: Vec<Code>,
    /// Raised when none of them is filled.
    pub no_chair: Code,
    /// Seats of which some must be filled.
    pub second_grade: SecondGrade,
    /// Whether a person sent in place of a member fills the seat.
    #[serde(default)]
    pub substitutes_count: bool,
    /// The fact that lists further people sent in place of members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substitutes: Option<FactName>,
    /// What cannot be recorded without a quorum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Blocks>,
}

/// What cannot be recorded without a quorum: then the reasons refuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Blocks {
    /// The fact with what is to be recorded, such as the outcome.
    pub fact: FactName,
    /// Codes that are recorded all the same, such as a deferral.
    #[serde(default)]
    pub unless: Vec<Code>,
}

/// A member seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seat {
    /// Its code.
    pub seat: Code,
    /// Roles that fill it; the role of the same name where empty.
    #[serde(default)]
    pub filled_by: Vec<Code>,
}

/// Seats of which a number must be filled, by who is in the chair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondGrade {
    /// The seats.
    pub seats: Vec<Code>,
    /// How many when the first chair sits.
    pub with_first_chair: u32,
    /// Raised when fewer are.
    pub missing: Code,
    /// How many, the chair included, when the chair is delegated.
    pub with_delegated_chair: u32,
    /// Raised when fewer are.
    pub missing_delegated: Code,
}

impl Seat {
    fn is_filled_by(&self, role: &Code) -> bool {
        self.seat == *role || self.filled_by.contains(role)
    }
}

/// How somebody came: in a seat, or as something that fills none.
fn capacity(entry: &FactValue) -> Option<&Code> {
    ["attendance_type", "capacity", "attending_as", "panel_role"]
        .into_iter()
        .find_map(|name| entry.member(name).and_then(FactValue::as_code))
}

fn substitute(entry: &FactValue) -> bool {
    let is = |name: &str| entry.member(name).is_some_and(FactValue::is_yes);
    capacity(entry).is_some_and(|code| *code == "substitute")
        || is("substitute")
        || is("is_substitute")
        || is("substitute_for")
}

/// Whether somebody came as a presenter, an observer, a guest or in support of the panel.
fn not_a_member(entry: &FactValue) -> bool {
    const OTHERS: [&str; 9] = [
        "presenter",
        "presenters",
        "presenting",
        "observer",
        "observers",
        "guest",
        "guests",
        "support",
        "panel_support",
    ];
    capacity(entry).is_some_and(|code| OTHERS.contains(&code.as_str()))
}

fn absent(entry: &FactValue) -> bool {
    ["attended", "present"]
        .into_iter()
        .any(|name| match entry.member(name) {
            Some(FactValue::Boolean(came)) => !came,
            Some(FactValue::Code(code)) => *code == "apologies",
            _ => false,
        })
}

impl Seats {
    fn judge(&self, filled: &BTreeSet<&Code>, second: usize, chair: Option<usize>) -> Vec<&Code> {
        let at_least =
            |count: usize, wanted: u32| u32::try_from(count).unwrap_or(u32::MAX) >= wanted;
        let mut reasons = Vec::new();
        if !at_least(filled.len(), self.minimum) {
            reasons.push(&self.too_few);
        }
        match chair {
            Some(0) if !at_least(second, self.second_grade.with_first_chair) => {
                reasons.push(&self.second_grade.missing);
            }
            Some(place)
                if place > 0 && !at_least(second, self.second_grade.with_delegated_chair) =>
            {
                reasons.push(&self.second_grade.missing_delegated);
            }
            None => reasons.push(&self.no_chair),
            _ => {}
        }
        reasons
    }
}

impl Works for Seats {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let mut filled = BTreeSet::new();
        let mut not_counted: Vec<Code> = Vec::new();
        let sent = self.substitutes.iter().flat_map(|fact| {
            context
                .entries(fact)
                .into_iter()
                .map(|entry| (entry, !self.substitutes_count))
        });
        let came = context
            .entries(&self.present)
            .into_iter()
            .map(|entry| (entry, false));
        for (entry, never) in came.chain(sent) {
            if absent(entry) {
                continue;
            }
            let Some(role) = entry
                .member("role")
                .and_then(FactValue::as_code)
                .or_else(|| entry.as_code())
            else {
                continue;
            };
            match self.seats.iter().find(|seat| seat.is_filled_by(role)) {
                Some(seat)
                    if !never
                        && !not_a_member(entry)
                        && (self.substitutes_count || !substitute(entry)) =>
                {
                    filled.insert(&seat.seat);
                }
                _ if !not_counted.contains(role) => not_counted.push(role.clone()),
                _ => {}
            }
        }
        let second = self
            .second_grade
            .seats
            .iter()
            .filter(|seat| filled.contains(seat))
            .count();
        let chair = self.chair.iter().position(|seat| filled.contains(seat));
        let reasons = self.judge(&filled, second, chair);
        let chair_role = chair.and_then(|place| self.chair.get(place));
        let results = [
            ("membersPresent", Value::from(filled.len())),
            ("serviceManagersPresent", Value::from(second)),
            (
                "chair",
                chair_role.map_or(Value::Null, |role| role.to_string().into()),
            ),
            (
                "chairDelegated",
                Value::Bool(chair.is_some_and(|place| place > 0)),
            ),
            ("quorate", Value::Bool(reasons.is_empty())),
            ("reasons", codes(reasons.iter().copied())),
            ("notCounted", codes(&not_counted)),
        ];
        answer
            .results
            .extend(results.map(|(name, value)| (name.to_owned(), value)));
        let refuses = !reasons.is_empty()
            && self.blocks.as_ref().is_some_and(|blocks| {
                context
                    .code(&blocks.fact)
                    .is_some_and(|code| !blocks.unless.contains(code))
            });
        let told = self
            .blocks
            .as_ref()
            .and_then(|blocks| context.code(&blocks.fact));
        if told.is_some() {
            answer.results.insert("accepted".into(), (!refuses).into());
        }
        if let (true, Some(reason)) = (refuses, reasons.first()) {
            answer
                .results
                .insert("error".into(), reason.to_string().into());
        }
        let effect = if refuses {
            Effect::Block
        } else {
            Effect::Reason
        };
        for reason in reasons {
            answer
                .findings
                .push(context.finding(rule, reason, effect, |label| format!("{label}.")));
        }
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        into.insert(self.present.clone());
        into.extend(self.substitutes.clone());
        into.extend(self.blocks.iter().map(|blocks| blocks.fact.clone()));
    }

    fn returns(&self) -> Vec<FactName> {
        [
            "members_present",
            "service_managers_present",
            "chair",
            "chair_delegated",
            "quorate",
            "reasons",
            "not_counted",
        ]
        .into_iter()
        .filter_map(|name| FactName::new(name).ok())
        .collect()
    }

    fn problems(&self, _: &crate::Rulebook) -> Vec<String> {
        let seats: Vec<&Code> = self.seats.iter().map(|seat| &seat.seat).collect();
        let named = self.chair.iter().chain(&self.second_grade.seats);
        let mut problems: Vec<String> = named
            .filter(|seat| !seats.contains(seat))
            .map(|seat| {
                format!("{seat} is named for the chair or as a second grade, but is no seat")
            })
            .collect();
        if u32::try_from(self.seats.len()).is_ok_and(|count| count < self.minimum) {
            problems.push("the quorum is larger than the number of seats".into());
        }
        problems
    }
}

//! Consecutive slots of a session, each of the length that the policy gives, and items that overlap.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveTime, TimeDelta};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Context, Works, give, names};
use crate::code::{Code, FactName};
use crate::evaluation::{ClauseAnswer, Effect};
use crate::facts::FactValue;
use crate::rulebook::Rule;

/// Parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slots {
    /// Minutes by request type.
    pub minutes: BTreeMap<Code, u16>,
    /// The fact with the start of the session.
    pub start: FactName,
    /// The fact with the number of cases.
    pub cases: FactName,
    /// The fact with slots already given, each with `starts_at` and perhaps `ends_at`.
    pub taken: FactName,
    /// Raised when two overlap.
    pub overlap: Code,
    /// Name of the list of slots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns: Option<FactName>,
}

/// The slot that an item is given, of whatever panel.
const SLOT_STARTS_AT: &str = "slot_starts_at";
const SLOT_ENDS_AT: &str = "slot_ends_at";
const ITEM_STATUS: &str = "item_status";

/// The most slots that one session may be asked for.
const MOST: i64 = 48;

fn time(value: &FactValue) -> Option<NaiveTime> {
    match value {
        FactValue::Time(time) => Some(*time),
        FactValue::DateTime(moment) => Some(moment.time()),
        _ => None,
    }
}

impl Slots {
    fn minutes(&self, context: &Context<'_>) -> Option<i64> {
        let asked = context
            .facts()
            .code("request_type")
            .and_then(|kind| self.minutes.get(kind));
        asked
            .or_else(|| self.minutes.values().next())
            .map(|minutes| i64::from(*minutes))
    }

    /// Whether two of the slots overlap: those that are taken, and the one that the item itself is given.
    fn overlaps(&self, context: &Context<'_>, minutes: i64) -> bool {
        let until = |start: NaiveTime, end: Option<&FactValue>| {
            end.and_then(time)
                .unwrap_or(start + TimeDelta::minutes(minutes))
        };
        let facts = context.facts();
        let own = facts
            .get(SLOT_STARTS_AT)
            .and_then(time)
            .map(|start| (start, until(start, facts.get(SLOT_ENDS_AT))));
        // An item that is on the list has its own slot among those that are taken.
        let on_the_list = facts.code(ITEM_STATUS).is_some();
        let mut taken: Vec<(NaiveTime, NaiveTime)> = context
            .entries(&self.taken)
            .into_iter()
            .filter_map(|slot| {
                let start = time(slot.member("starts_at").unwrap_or(slot))?;
                Some((start, until(start, slot.member("ends_at"))))
            })
            .collect();
        taken.extend(own.filter(|own| !(on_the_list && taken.contains(own))));
        taken.sort_unstable();
        taken
            .windows(2)
            .any(|pair| matches!(pair, [(_, end), (next, _)] if next < end))
    }
}

impl Works for Slots {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let Some(minutes) = self.minutes(context) else {
            return;
        };
        if let Some(start) = context.facts().get(self.start.as_str()).and_then(time) {
            let cases = context.size(&self.cases).unwrap_or(1).clamp(0, MOST);
            let slots: Vec<Value> = (0..cases)
                .map(|index| {
                    let from = start + TimeDelta::minutes(minutes * index);
                    let to = from + TimeDelta::minutes(minutes);
                    json!({
                        "startsAt": from.format("%H:%M").to_string(),
                        "endsAt": to.format("%H:%M").to_string()
                    })
                })
                .collect();
            give(answer, self.returns.as_ref(), slots);
        }
        if self.overlaps(context, minutes) {
            let finding = context.finding(rule, &self.overlap, Effect::Flag, |label| {
                format!("{label}.")
            });
            answer.findings.push(finding);
        }
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        into.extend([self.start.clone(), self.cases.clone(), self.taken.clone()]);
        into.extend(
            ["request_type", SLOT_STARTS_AT, SLOT_ENDS_AT, ITEM_STATUS]
                .into_iter()
                .filter_map(|name| FactName::new(name).ok()),
        );
    }

    fn returns(&self) -> Vec<FactName> {
        names([&self.returns])
    }
}

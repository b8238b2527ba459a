//! The session of a sitting in which an item is heard, and whether it was put into another one.
//!
//! The sessions themselves stand with the panel: request types, services and, where the policy says so, the part of the day.

use std::collections::BTreeSet;

use chrono::NaiveTime;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Works, give, names};
use crate::code::{Code, FactName};
use crate::evaluation::{ClauseAnswer, Effect};
use crate::facts::FactValue;
use crate::rulebook::{Panel, Rule, Session};

/// Parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionOf {
    /// The fact with the start of the item's slot.
    pub slot_starts_at: FactName,
    /// Raised when the item is in another session, or its slot in the wrong part of the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Code>,
    /// Name of the session; null where the facts fit none or several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns: Option<FactName>,
}

impl Session {
    /// Whether it hears this kind of request.
    pub fn takes(&self, request_type: &Code) -> bool {
        self.request_types.contains(request_type)
    }

    /// Whether it hears cases of this service.
    pub fn serves(&self, service: &Code) -> bool {
        self.services.is_empty() || self.services.contains(service)
    }

    /// Whether a slot may start then.
    pub fn is_open_at(&self, start: NaiveTime) -> bool {
        self.starts_from.is_none_or(|from| from <= start)
            && self.starts_before.is_none_or(|before| start < before)
    }
}

impl Panel {
    /// The sessions in which an item may be heard, as far as request type and service are known.
    pub fn sessions_for(
        &self,
        request_type: Option<&Code>,
        service: Option<&Code>,
    ) -> Vec<&Session> {
        self.sessions
            .iter()
            .filter(|session| request_type.is_some_and(|kind| session.takes(kind)))
            .filter(|session| service.is_none_or(|service| session.serves(service)))
            .collect()
    }
}

impl Works for SessionOf {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let Some(panel) = context.panel() else { return };
        let facts = context.facts();
        let start = match facts.get(self.slot_starts_at.as_str()) {
            Some(FactValue::Time(start)) => Some(*start),
            Some(FactValue::DateTime(moment)) => Some(moment.time()),
            _ => None,
        };
        let mut fitting = panel.sessions_for(facts.code("request_type"), facts.code("service"));
        if fitting.len() > 1
            && let Some(start) = start
        {
            fitting.retain(|session| session.is_open_at(start));
        }
        // Of several that fit none is named, and a session that is none of them is wrong all the same.
        let one = match fitting.as_slice() {
            [session] => Some(*session),
            _ => None,
        };
        let code = one.map(|session| session.code.to_string());
        give(answer, self.returns.as_ref(), code.clone());
        let elsewhere = facts.code("session").is_some_and(|given| {
            !fitting.is_empty() && fitting.iter().all(|session| session.code != *given)
        });
        let at_another_time = one
            .zip(start)
            .is_some_and(|(session, start)| !session.is_open_at(start));
        if let (true, Some(flag)) = (elsewhere || at_another_time, &self.flag) {
            let vocabulary = context.policy().dictionary().vocabulary();
            let mut finding = context.finding(rule, flag, Effect::Flag, |label| {
                let right: Vec<String> = fitting
                    .iter()
                    .map(|session| vocabulary.label(&session.code))
                    .collect();
                format!("{label}: the item belongs to {}.", right.join(" or "))
            });
            if let Some(code) = code {
                finding.evidence.insert("session".into(), code.into());
            }
            answer.findings.push(finding);
        }
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        into.insert(self.slot_starts_at.clone());
        into.extend(
            ["panel", "request_type", "service", "session"]
                .into_iter()
                .filter_map(|name| FactName::new(name).ok()),
        );
    }

    fn returns(&self) -> Vec<FactName> {
        names([&self.returns])
    }
}

//! Who receives something: those named, those who attended, each once; and who has not been sent it yet.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Works, codes, give, names};
use crate::code::{Code, FactName};
use crate::evaluation::{ClauseAnswer, Effect};
use crate::facts::FactValue;
use crate::rulebook::Rule;

/// Parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recipients {
    /// Those named, in the order of the clause.
    pub to: Vec<Code>,
    /// The fact that lists who attended and receives it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plus: Option<FactName>,
    /// The fact that lists who was sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<FactName>,
    /// Posts among those named, with the fact that says which role holds it: that role is the same person.
    #[serde(default)]
    pub posts: BTreeMap<Code, FactName>,
    /// Posts among those named, with other codes of a role or way of attending that mean the same post.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub also_called: BTreeMap<Code, Vec<Code>>,
    /// The day on which it is or was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<FactName>,
    /// The day that must come first, such as the chair's approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<FactName>,
    /// Raised when it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Code>,
    /// Names of the results.
    #[serde(default)]
    pub returns: Returns,
}

/// Names of the results; those left out are not given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// Everybody who receives it.
    #[serde(default)]
    pub recipients: Option<FactName>,
    /// Those who have not been sent it.
    #[serde(default)]
    pub missing: Option<FactName>,
    /// Whether it may go out.
    #[serde(default)]
    pub accepted: Option<FactName>,
    /// The error code of a refusal.
    #[serde(default)]
    pub error: Option<FactName>,
}

fn roles<'a>(context: &Context<'a>, fact: Option<&FactName>) -> Vec<&'a Code> {
    fact.map(|fact| context.entries(fact))
        .unwrap_or_default()
        .into_iter()
        .filter_map(role)
        .collect()
}

fn role(entry: &FactValue) -> Option<&Code> {
    entry
        .as_code()
        .or_else(|| entry.member("role").and_then(FactValue::as_code))
}

impl Recipients {
    /// Whether an entry is the holder of a post that is named, by another word for the post.
    fn holds_a_post(&self, entry: &FactValue) -> bool {
        let words = ["role", "attendance_type"].map(|name| entry.member(name));
        let words = words.into_iter().flatten().chain([entry]);
        words.filter_map(FactValue::as_code).any(|word| {
            let mut posts = self.also_called.iter();
            posts.any(|(post, words)| self.to.contains(post) && words.contains(word))
        })
    }

    /// Everybody who receives it, each person once: by role, by post and by name.
    fn everybody<'a>(&'a self, context: &Context<'a>) -> Vec<&'a Code> {
        let mut everybody: Vec<&Code> = self.to.iter().collect();
        let holders: Vec<(&Code, &Code)> = self
            .posts
            .iter()
            .filter_map(|(post, fact)| Some((post, context.code(fact)?)))
            .collect();
        let attended = self
            .plus
            .as_ref()
            .map(|fact| context.entries(fact))
            .unwrap_or_default();
        let name = |entry: &'a FactValue| entry.member("name").filter(|name| name.is_answered());
        let mut seen: Vec<&FactValue> = attended
            .iter()
            .filter(|entry| role(entry).is_some_and(|role| everybody.contains(&role)))
            .filter_map(|entry| name(entry))
            .collect();
        for entry in attended {
            let Some(role) = role(entry) else { continue };
            let by_post = self.holds_a_post(entry)
                || holders
                    .iter()
                    .any(|(post, holder)| *holder == role && everybody.contains(post));
            let by_name = name(entry).is_some_and(|name| seen.contains(&name));
            if !by_post && !by_name && !everybody.contains(&role) {
                everybody.push(role);
            }
            seen.extend(name(entry));
        }
        everybody
    }
}

impl Works for Recipients {
    fn answer(&self, context: &Context<'_>, rule: &Rule, answer: &mut ClauseAnswer) {
        let everybody = self.everybody(context);
        let sent = roles(context, self.sent.as_ref());
        let missing = everybody
            .iter()
            .copied()
            .filter(|role| !sent.contains(role));
        give(answer, self.returns.missing.as_ref(), codes(missing));
        give(
            answer,
            self.returns.recipients.as_ref(),
            codes(everybody.iter().copied()),
        );
        let on = self.on.as_ref().and_then(|fact| context.date(fact));
        let refused = self
            .after
            .as_ref()
            .is_some_and(|fact| match (context.date(fact), on) {
                // A plain yes has no day.
                (None, _) => context.value(fact) != Some(&FactValue::Boolean(true)),
                (Some(first), Some(on)) => first > on,
                (Some(_), None) => false,
            });
        give(answer, self.returns.accepted.as_ref(), !refused);
        let error = self.error.as_ref().filter(|_| refused);
        give(
            answer,
            self.returns.error.as_ref(),
            error.map_or(serde_json::Value::Null, |code| code.to_string().into()),
        );
        if let Some(error) = error {
            answer
                .findings
                .push(context.finding(rule, error, Effect::Block, |label| format!("{label}.")));
        }
    }

    fn facts(&self, into: &mut BTreeSet<FactName>) {
        into.extend(
            self.plus
                .iter()
                .chain(&self.sent)
                .chain(&self.after)
                .chain(&self.on)
                .chain(self.posts.values())
                .cloned(),
        );
    }

    fn returns(&self) -> Vec<FactName> {
        let it = &self.returns;
        names([&it.recipients, &it.missing, &it.accepted, &it.error])
    }
}

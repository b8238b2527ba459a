//! A council's policy as data: who it is, its clauses, its panels, its rules.
//!
//! The types here are what an officer writes in the rulebook files; [`Policy`] is one edition, checked and indexed.

mod check;
mod held;
mod policy;
mod records;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use check::Problem;
pub use policy::{CouncilPolicy, Policy};
pub use records::{About, Form, Held, Part, Post, Report, Tracker, TrackerSection};

use crate::calendar::{CutOff, Offset, OnBankHoliday, Pattern};
use crate::code::{ClauseId, Code, CouncilCode, FactName};
use crate::condition::Condition;
use crate::evaluation::{Capability, Severity};
use crate::facts::FactDefinition;
use crate::mechanism::Mechanism;
use crate::vocabulary::CodeList;

/// All editions of a council's policy: what a plugin hands over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyDocument {
    /// Whose policy it is.
    pub council: Council,
    /// Its editions, oldest first.
    pub editions: Vec<Rulebook>,
}

/// A council.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Council {
    /// Its code, used in addresses.
    pub code: CouncilCode,
    /// Its name.
    pub name: String,
    /// Its GSS code, such as `E06000001`.
    pub gss: String,
    /// Children looked after by it on a usual day, as last published: the size of an invented return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual_children: Option<u32>,
}

/// One edition of a policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rulebook {
    /// Title, version and dates.
    pub edition: Edition,
    /// Topics on which the policy says nothing.
    #[serde(default)]
    pub silent: Vec<Silence>,
    /// Every clause.
    #[serde(default)]
    pub clauses: Vec<Clause>,
    /// The panels that sit.
    #[serde(default)]
    pub panels: Vec<Panel>,
    /// The rules that enforce or compute the clauses of kind `rule`.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// The forms that it asks for.
    #[serde(default)]
    pub forms: Vec<Form>,
    /// The trackers that it asks for.
    #[serde(default)]
    pub trackers: Vec<Tracker>,
    /// The reports that it asks for.
    #[serde(default)]
    pub reports: Vec<Report>,
    /// Facts that only this council's clauses name.
    #[serde(default)]
    pub facts: BTreeMap<FactName, FactDefinition>,
    /// Codes that only this council's clauses name.
    #[serde(default)]
    pub codes: BTreeMap<Code, CodeList>,
}

/// Which policy this is and from when it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// Short id, such as `6.0`; answers and decisions name it.
    pub id: String,
    /// Title of the policy document.
    pub title: String,
    /// First day; absent for the first edition, which also judges everything before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<NaiveDate>,
    /// Last day; absent while it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_to: Option<NaiveDate>,
    /// When the council published it, as far as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<String>,
}

/// A topic on which the policy is silent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// What it says nothing about.
    pub topic: String,
    /// Capabilities whose answers mention it; all where empty.
    #[serde(default)]
    pub capabilities: Vec<Capability>,
}

/// How the software meets a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClauseKind {
    /// Computed, enforced or flagged.
    Rule,
    /// Can be recorded and is returned.
    Data,
    /// Shown as guidance.
    Text,
}

/// A clause of the policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Its id, which never changes.
    pub id: ClauseId,
    /// Where it stands in the policy.
    pub at: String,
    /// Its subject.
    pub topic: Code,
    /// How it is met.
    pub kind: ClauseKind,
    /// What it says, in our own words.
    pub says: String,
    /// How an unclear point is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<String>,
    /// The capability it belongs to, where that is not the one of its topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capability: Option<Capability>,
    /// Where what a clause of kind `data` asks for is recorded, and read back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held_in: Vec<Held>,
    /// Numbers, names and codes of the clause.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<FactName, Value>,
}

impl Clause {
    /// The capability that the clause belongs to.
    pub fn capability(&self) -> Option<Capability> {
        self.capability
            .or_else(|| Capability::of_topic(self.topic.as_str()))
    }
}

/// A panel and its sittings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Panel {
    /// Its code.
    pub code: Code,
    /// Clauses that say when it sits.
    pub clauses: Vec<ClauseId>,
    /// When it sits.
    pub sits: Pattern,
    /// What becomes of a sitting on a bank holiday.
    pub on_bank_holiday: OnBankHoliday,
    /// Start not before this local time, where the policy gives a part of the day (`HH:MM:SS`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub starts_from: Option<chrono::NaiveTime>,
    /// Start before this local time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub starts_before: Option<chrono::NaiveTime>,
    /// When papers for a sitting are due.
    pub papers: PapersDue,
    /// The parts of a sitting; empty where it has none.
    #[serde(default)]
    pub sessions: Vec<Session>,
    /// Roles that may take the chair, first first, where sessions do not say.
    #[serde(default)]
    pub chair: Vec<Code>,
    /// Kinds of request it takes.
    pub request_types: Vec<Code>,
    /// Where it usually sits, where the policy says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue: Option<String>,
    /// The posts on it.
    #[serde(default)]
    pub members: Vec<Post>,
}

/// When papers are due for a sitting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PapersDue {
    /// By the end of the day so far before the sitting, such as `-7 calendar_days`.
    On(Offset),
    /// By a weekday and time of the week before.
    At(CutOff),
    /// The policy gives no day, so that no paper is late.
    NotSaid,
}

/// A part of a sitting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Its code.
    pub code: Code,
    /// Clauses that describe it.
    pub clauses: Vec<ClauseId>,
    /// Kinds of request heard in it.
    pub request_types: Vec<Code>,
    /// Services whose cases it hears; all where empty.
    #[serde(default)]
    pub services: Vec<Code>,
    /// Who chairs, first first.
    #[serde(default)]
    pub chair: Vec<Code>,
    /// Whether the policy leaves the chair open and this one is assumed.
    #[serde(default)]
    pub chair_assumed: bool,
    /// Length of a slot in minutes, where the policy gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot_minutes: Option<u16>,
    /// Slots start from this local time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub starts_from: Option<chrono::NaiveTime>,
    /// Slots start before this local time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub starts_before: Option<chrono::NaiveTime>,
}

/// A rule: the clauses it carries out, when it applies, and how it works.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The clauses it carries out; answers cite them.
    pub clauses: Vec<ClauseId>,
    /// Further capabilities whose questions it answers, beside that of its first clause.
    #[serde(default)]
    pub also: Vec<Capability>,
    /// When it applies; always where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// When a question to the whole capability is about it at all, such as facts of the form that it checks; always where
    /// absent. A question to the clause itself is always about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concerns: Option<Condition>,
    /// How it works.
    pub rule: Mechanism,
    /// Who is to act on its findings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<Code>,
    /// How grave its flags are.
    #[serde(default)]
    pub severity: Severity,
    /// What its findings say to a social worker; a general sentence where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Facts without which a raised flag cannot be certain, such as an application date that a return does not hold.
    #[serde(default)]
    pub settled_by: Vec<FactName>,
    /// What makes a raised flag certain although such a fact is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certain_when: Option<Condition>,
    /// Results given as they stand whenever the rule applies.
    #[serde(default)]
    pub states: BTreeMap<FactName, Value>,
    /// Results given when the rule does not apply.
    #[serde(default)]
    pub otherwise: BTreeMap<FactName, Value>,
}

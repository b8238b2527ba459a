//! What travels between the server and a council's library when a rule is code: many questions in, their replies out.
//!
//! Readers ignore members that they do not know, because libraries built years apart must go on working together.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::code::{ClauseId, Code};
use crate::evaluation::{Capability, ClauseAnswer};

/// Questions for one coded rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CodedBatch {
    /// What is asked.
    pub capability: Capability,
    /// The edition to judge by.
    pub edition: String,
    /// The name of the rule, as the rulebook gives it.
    pub rule: Code,
    /// At most a thousand questions.
    pub questions: Vec<CodedQuestion>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CodedQuestion {
    /// The day the question is about.
    pub as_of: NaiveDate,
    /// What is known; the server has read the facts by the dictionary of the edition.
    pub facts: Map<String, Value>,
}

/// The replies, in the order of the questions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CodedReplies {
    /// One for each question.
    pub replies: Vec<CodedReply>,
}

/// What a coded rule says to one question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodedReply {
    /// Its answer.
    Answer(ClauseAnswer),
    /// It cannot be applied to these facts.
    Refusal(Refusal),
}

/// Why a rule cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// A stable code.
    pub code: Code,
    /// Why, in a sentence for a social worker.
    pub message: String,
    /// The clause that refuses.
    pub clause: ClauseId,
}

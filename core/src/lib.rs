#![doc = include_str!("../README.md")]

pub mod calendar;
pub mod care;
pub mod code;
pub mod coded;
pub mod compare;
pub mod condition;
pub mod coverage;
pub mod evaluation;
pub mod evaluator;
pub mod facts;
pub mod mechanism;
pub mod rulebook;
pub mod statute;
pub mod vocabulary;

pub use code::{ClauseId, Code, CouncilCode, FactName};
pub use evaluation::{
    Answer, Capability, Certainty, ClauseAnswer, Effect, Finding, Question, Request,
};
pub use evaluator::{CodedRules, EvaluationError, NoCodedRules, evaluate, evaluate_clause};
pub use facts::{FactError, FactValue, Facts};
pub use rulebook::{PolicyDocument, Rulebook};

//! Questions and answers of policy evaluation: one shape for every capability, shared by plugins, server, spec and clients.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::code::{ClauseId, Code, CouncilCode, FactName};
use crate::facts::Facts;

/// What can be asked of a council's policy.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Sittings, sessions, chairs and slots, with each sitting's own deadlines.
    Sittings,
    /// Is this attendance quorate, who may chair, who is missing.
    Quorum,
    /// May this request go on that sitting, who must attend, is legal advice needed.
    Booking,
    /// The checklist of papers, when they are due, what happens when they are late.
    Paperwork,
    /// Which outcomes exist, who decides, what must be recorded.
    Decision,
    /// May this be decided outside panel, by whom, on what ground.
    UrgentDecision,
    /// Actions, letters, records, minutes and who receives what.
    FollowUp,
    /// Every date that the facts imply, with its status.
    Checkpoints,
    /// Every drift flag on the facts.
    Exceptions,
    /// Which panel or meeting must or may consider a request.
    Routing,
    /// Is this plan, record or form complete and in line with policy.
    PlanCheck,
    /// Tracker sections, leads and transfers.
    Tracking,
    /// Periodic reports and indicators.
    Reports,
}

impl Capability {
    /// All capabilities.
    pub const ALL: [Self; 13] = [
        Self::Sittings,
        Self::Quorum,
        Self::Booking,
        Self::Paperwork,
        Self::Decision,
        Self::UrgentDecision,
        Self::FollowUp,
        Self::Checkpoints,
        Self::Exceptions,
        Self::Routing,
        Self::PlanCheck,
        Self::Tracking,
        Self::Reports,
    ];

    /// The capability's code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sittings => "sittings",
            Self::Quorum => "quorum",
            Self::Booking => "booking",
            Self::Paperwork => "paperwork",
            Self::Decision => "decision",
            Self::UrgentDecision => "urgent_decision",
            Self::FollowUp => "follow_up",
            Self::Checkpoints => "checkpoints",
            Self::Exceptions => "exceptions",
            Self::Routing => "routing",
            Self::PlanCheck => "plan_check",
            Self::Tracking => "tracking",
            Self::Reports => "reports",
        }
    }

    /// The operation of the API that asks for it without storing anything.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Sittings => "evaluateSittings",
            Self::Quorum => "evaluateQuorum",
            Self::Booking => "evaluateBooking",
            Self::Paperwork => "evaluatePaperwork",
            Self::Decision => "evaluateDecision",
            Self::UrgentDecision => "evaluateUrgentDecision",
            Self::FollowUp => "evaluateFollowUp",
            Self::Checkpoints => "evaluateCheckpoints",
            Self::Exceptions => "evaluateExceptions",
            Self::Routing => "evaluateRouting",
            Self::PlanCheck => "evaluatePlan",
            Self::Tracking => "evaluateTracking",
            Self::Reports => "evaluateReports",
        }
    }

    /// The capability that a clause of this topic belongs to, unless its entry says otherwise.
    pub fn of_topic(topic: &str) -> Option<Self> {
        Some(match topic {
            "frequency" | "slot" => Self::Sittings,
            "quorum" | "chair" | "membership" | "substitution" => Self::Quorum,
            "booking" | "attendance" | "legal_advice" => Self::Booking,
            "paperwork" | "removal" => Self::Paperwork,
            "decision" | "confidentiality" | "retrospective" => Self::Decision,
            "urgent_decision" => Self::UrgentDecision,
            "action" | "letter" | "minutes" | "distribution" | "record" => Self::FollowUp,
            "deadline" | "checkpoint" | "assessment" | "meeting" => Self::Checkpoints,
            "exception" => Self::Exceptions,
            "route" | "role" => Self::Routing,
            "option" | "order" | "principle" | "guidance" | "form" => Self::PlanCheck,
            "tracker" => Self::Tracking,
            "report" | "kpi" => Self::Reports,
            _ => return None,
        })
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A policy question as it travels: facts are still JSON, names in camel case.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The day the question is about; today where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<NaiveDate>,
    /// The rulebook edition to judge by; the one of the day where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edition: Option<String>,
    /// What is known, by the names of the council's fact dictionary; absent is not known, null is known to be none.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub facts: Map<String, Value>,
}

/// A policy question whose facts have been read: what rules work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The day the question is about.
    pub as_of: NaiveDate,
    /// What is known.
    pub facts: Facts,
}

/// How sure a finding is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The facts settle it.
    Certain,
    /// The clock may have started earlier than the data shows.
    AtLeast,
    /// Facts are missing that would settle it; `missing` names them.
    CannotBeKnown,
}

/// What a finding does.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The data is accepted and the flag reported.
    Flag,
    /// The request is refused and nothing changes.
    Block,
    /// A follow-up action arises.
    CreateAction,
    /// Explains an answer.
    Reason,
}

/// How grave a flag is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Shown, asks for nothing.
    Information,
    /// Should be looked at.
    #[default]
    Warning,
    /// Should have been dealt with already.
    Escalated,
}

/// One finding of a policy question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Flag, reason, error or action code of the vocabulary.
    #[cfg_attr(feature = "openapi", schema(value_type = String, max_length = 80, example = "paperwork_late"))]
    pub code: Code,
    /// What it does.
    pub effect: Effect,
    /// How grave it is.
    #[serde(default)]
    pub severity: Severity,
    /// The clauses it comes from.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 200, example = json!(["ANY-EXCEPTION-01"])))]
    pub clauses: Vec<ClauseId>,
    /// Why, in a sentence for a social worker. It names no person.
    #[cfg_attr(
        feature = "openapi",
        schema(
            max_length = 4000,
            example = "There is no plan four months after the child came into care."
        )
    )]
    pub message: String,
    /// The day the clock started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<NaiveDate>,
    /// The last day in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<NaiveDate>,
    /// The day the clock ran out: the first day on which the finding holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ran_out_on: Option<NaiveDate>,
    /// Who is to act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 80, example = "team_manager"))]
    pub responsible_role: Option<Code>,
    /// The facts it rests on.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub evidence: Map<String, Value>,
    /// How sure it is.
    pub certainty: Certainty,
    /// The facts that would settle it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 200, example = json!([])))]
    pub missing: Vec<String>,
}

impl Finding {
    /// A certain finding with nothing but a code, an effect and a message; clauses are filled in by the evaluator.
    pub fn new(code: Code, effect: Effect, message: impl Into<String>) -> Self {
        Self {
            code,
            effect,
            severity: Severity::Warning,
            clauses: Vec::new(),
            message: message.into(),
            since: None,
            due_on: None,
            ran_out_on: None,
            responsible_role: None,
            evidence: Map::new(),
            certainty: Certainty::Certain,
            missing: Vec::new(),
        }
    }
}

/// What one rule says: results and findings, and the clauses they come from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClauseAnswer {
    /// The clauses behind it.
    pub clauses: Vec<ClauseId>,
    /// Computed answers, names in camel case.
    pub results: Map<String, Value>,
    /// Findings; those without clauses take the ones above.
    pub findings: Vec<Finding>,
}

impl ClauseAnswer {
    /// Sets a result under its name in camel case.
    pub fn set(&mut self, name: &FactName, value: impl Into<Value>) {
        self.results.insert(name.camel(), value.into());
    }
}

/// The answer to a policy question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The council whose policy it is.
    #[cfg_attr(feature = "openapi", schema(value_type = String, max_length = 80, example = "anytown"))]
    pub council: CouncilCode,
    /// The rulebook edition that judged.
    #[cfg_attr(feature = "openapi", schema(max_length = 80, example = "1"))]
    pub edition: String,
    /// The day the answer is about.
    pub as_of: NaiveDate,
    /// The computed answers. Where rules give different values under one name, the name is left out here and each value
    /// stands under its clause in `byClause`.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub results: Map<String, Value>,
    /// For each result the clauses that produced it.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, Vec<String>>))]
    pub because: BTreeMap<String, Vec<ClauseId>>,
    /// All findings.
    #[cfg_attr(feature = "openapi", schema(max_items = 10000))]
    pub findings: Vec<Finding>,
    /// Topics on which this council's policy says nothing; the capability itself where no rule of it answers the question.
    #[cfg_attr(feature = "openapi", schema(max_items = 500, example = json!(["substitution"])))]
    pub silent: Vec<String>,
    /// What the law for every council in England says of due dates, by clause; only in answers on due dates. It stands beside
    /// the council's own results and changes none of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object, example = json!({"ENG-REVIEW-01": {"firstStatutoryReviewDueOn": "2025-09-29", "firstStatutoryReviewStatus": "overdue"}})))]
    pub statute: BTreeMap<ClauseId, Map<String, Value>>,
}

//! How each clause of a policy is met: the rule that enforces it, the place that records it, the text that shows it.
//!
//! The links are read off the rulebook itself, so that they cannot say more than the software does.

use serde::Serialize;

use crate::code::{ClauseId, Code};
use crate::evaluation::Capability;
use crate::rulebook::{About, Clause, ClauseKind, Held, Policy, Rule};

/// A clause, and everything by which it is met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Met {
    /// The clause.
    pub clause: ClauseId,
    /// Its subject.
    pub topic: Code,
    /// How it is to be met.
    pub kind: ClauseKind,
    /// By what it is; empty where nothing does.
    pub by: Vec<Link>,
}

/// Something by which a clause is met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// What it is.
    pub by: By,
    /// Which one: the mechanism of a rule, the form, the fact, the list.
    pub target: String,
    /// Its entries that the clause is about, such as fields of a form.
    pub entries: Vec<String>,
    /// The operations of the API that record it or give it.
    pub operations: Vec<String>,
}

/// What a clause is met by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A rule computes or enforces it.
    Rule,
    /// Fields of a form hold it.
    Form,
    /// A fact of a case holds it.
    Fact,
    /// A code list has it.
    Codes,
    /// It is posts on a panel.
    Posts,
    /// It is kinds of request that a panel takes.
    Requests,
    /// A rule hands it out: a paper, an action, a recipient, a step.
    Entries,
    /// A tracker's sections or fields hold it.
    Tracker,
    /// A report's definition has it.
    Report,
    /// A member of an operation's request holds it.
    Operation,
    /// The edition itself says it.
    Edition,
    /// It is a constant of the policy and given as such.
    Values,
    /// It is shown as guidance.
    Guidance,
}

const NONE: [&str; 0] = [];

/// How every clause of an edition is met, in the order of the rulebook.
pub fn coverage(policy: &Policy) -> Vec<Met> {
    policy
        .rulebook
        .clauses
        .iter()
        .map(|clause| of(policy, clause))
        .collect()
}

/// How one clause is met.
pub fn of(policy: &Policy, clause: &Clause) -> Met {
    let by = match clause.kind {
        ClauseKind::Rule => policy
            .rules_of(&clause.id)
            .map(|rule| enforced(rule, clause))
            .collect(),
        ClauseKind::Data => clause
            .held_in
            .iter()
            .map(|held| recorded(policy, clause, held))
            .collect(),
        ClauseKind::Text => vec![link(
            By::Guidance,
            clause.topic.as_str(),
            NONE,
            &["listGuidance"],
        )],
    };
    Met {
        clause: clause.id.clone(),
        topic: clause.topic.clone(),
        kind: clause.kind,
        by,
    }
}

fn enforced(rule: &Rule, clause: &Clause) -> Link {
    let asked = clause
        .capability()
        .into_iter()
        .chain(rule.also.iter().copied());
    Link {
        by: By::Rule,
        target: match rule.rule.coded() {
            Some(coded) => format!("coded {}", coded.name),
            None => rule.rule.name().to_owned(),
        },
        entries: Vec::new(),
        operations: std::iter::once("evaluateClause".to_owned())
            .chain(asked.map(|capability| capability.operation().to_owned()))
            .collect(),
    }
}

fn recorded(policy: &Policy, clause: &Clause, held: &Held) -> Link {
    match held {
        Held::Form { form, fields } => {
            link(By::Form, form.as_str(), fields, handed_in(policy, form))
        }
        Held::Fact { fact, codes } => link(
            By::Fact,
            fact.as_str(),
            codes,
            &["putCaseFact", "getCaseFact"],
        ),
        Held::Codes { list, codes } => link(By::Codes, list.as_str(), codes, &["listCodes"]),
        Held::Posts { panel, roles } => link(
            By::Posts,
            panel.as_str(),
            roles,
            &["appointMember", "listMembers"],
        ),
        Held::Requests { panel, types } => link(
            By::Requests,
            panel.as_str(),
            types,
            &["createBooking", "getCouncil"],
        ),
        Held::Entries {
            clause: other,
            entries,
        } => {
            let capability = policy.clause(other).and_then(Clause::capability);
            link(
                By::Entries,
                other.as_str(),
                entries,
                capability.map_or(&[], hands_out),
            )
        }
        Held::Tracker {
            tracker,
            sections,
            fields,
        } => {
            let entries: Vec<String> = sections
                .iter()
                .map(ToString::to_string)
                .chain(fields.iter().cloned())
                .collect();
            link(
                By::Tracker,
                tracker.as_str(),
                &entries,
                &["recordTrackerEntry", "listTrackerEntries"],
            )
        }
        Held::Report { report, indicators } => {
            link(By::Report, report.as_str(), indicators, &["listReports"])
        }
        Held::Operation { operation, member } => Link {
            by: By::Operation,
            target: member.clone(),
            entries: Vec::new(),
            operations: vec![operation.clone()],
        },
        Held::Edition => link(
            By::Edition,
            &policy.rulebook.edition.id,
            NONE,
            &["getCouncil"],
        ),
        Held::Values { names } => link(By::Values, clause.id.as_str(), names, &["getClause"]),
    }
}

/// The operations by which a form is handed in and read back.
fn handed_in(policy: &Policy, form: &Code) -> &'static [&'static str] {
    let form = policy.rulebook.forms.iter().find(|it| it.code == *form);
    match form.map(|form| form.about) {
        Some(About::Council) => &["submitCouncilForm", "getForm", "getFormSubmission"],
        Some(About::Case) | None => &["submitForm", "getForm", "getFormSubmission"],
    }
}

/// The operations by which entries of a rule are recorded or given.
fn hands_out(capability: Capability) -> &'static [&'static str] {
    match capability {
        Capability::Paperwork => &["getBooking", "submitPaperwork"],
        Capability::FollowUp => &[
            "listActions",
            "listLetters",
            "listRecords",
            "listDistribution",
        ],
        Capability::Decision => &["recordDecision", "getDecision"],
        Capability::UrgentDecision => &["recordUrgentDecision"],
        Capability::Quorum => &["recordAttendance"],
        Capability::Booking => &["createBooking", "getBooking"],
        Capability::Sittings => &["listSittings"],
        Capability::Checkpoints => &["listCheckpoints"],
        Capability::Exceptions => &["listExceptions"],
        Capability::Routing => &["evaluateRouting"],
        Capability::PlanCheck => &["evaluatePlan"],
        Capability::Tracking => &["evaluateTracking"],
        Capability::Reports => &["evaluateReports"],
    }
}

fn link<E: ToString>(
    by: By,
    target: &str,
    entries: impl IntoIterator<Item = E>,
    operations: &[&str],
) -> Link {
    Link {
        by,
        target: target.to_owned(),
        entries: entries.into_iter().map(|entry| entry.to_string()).collect(),
        operations: operations.iter().map(|id| (*id).to_owned()).collect(),
    }
}

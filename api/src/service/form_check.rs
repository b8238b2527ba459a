//! What a council's policy says of a form that was handed in: what is missing, and by which clause.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use permanence_core::rulebook::{Form, Policy};
use permanence_core::{Answer, Capability, ClauseId, Code, Effect, FactName, Facts, Finding};
use serde_json::{Map, Value};

use super::ServiceError;
use super::children::Child;
use super::fact_sheet::FactSheet;
use super::policy::PanelDesk;
use crate::store::bookings::Booking;
use crate::store::form_submissions::FormSubmission;

/// What the policy says of a form.
#[derive(Debug, Clone, PartialEq)]
pub struct FormCheck {
    /// The day that it was judged as of.
    pub as_of: NaiveDate,
    /// The edition that judged.
    pub edition: String,
    /// What the rules computed.
    pub results: Map<String, Value>,
    /// For each result the clauses behind it.
    pub because: BTreeMap<String, Vec<ClauseId>>,
    /// What is missing or wrong, each with its clauses.
    pub findings: Vec<Finding>,
}

/// Asks what the policy says of a form, as of a day. What is known of the child stands around what the form says; what the
/// form could say and does not is not known, whatever the case says of it.
///
/// # Errors
/// When the policy gives no answer; there is never a default one.
pub(super) async fn check(
    desk: &PanelDesk,
    submission: &FormSubmission,
    child: Option<&Child>,
    booking: Option<&Booking>,
    as_of: NaiveDate,
) -> Result<FormCheck, ServiceError> {
    let policy = desk.policy(as_of)?;
    let forms = &policy.rulebook.forms;
    let Some(form) = forms.iter().find(|form| form.code == submission.form) else {
        return Ok(FormCheck {
            as_of,
            edition: policy.rulebook.edition.id.clone(),
            results: Map::new(),
            because: BTreeMap::new(),
            findings: Vec::new(),
        });
    };
    let fields = fields(form, policy);
    let mut sheet = FactSheet::default();
    if let Some(child) = child {
        let known = child.facts(policy.dictionary(), as_of)?;
        for (name, value) in known.iter().filter(|(name, _)| !fields.contains(*name)) {
            sheet.set(name.as_str(), Some(value.clone()));
        }
    }
    if let Some(booking) = booking.filter(|_| !fields.contains("request_type")) {
        sheet.code("request_type", Some(&booking.request_type));
    }
    sheet.read(&submission.content, policy.dictionary());
    let answer = ask(desk, as_of, sheet.into_facts()).await?;
    Ok(about(answer, &concerned(form, &fields, policy)))
}

/// The facts among the fields of a form.
fn fields(form: &Form, policy: &Policy) -> BTreeSet<FactName> {
    let dictionary = policy.dictionary();
    form.fields()
        .filter_map(|(name, _)| dictionary.by_wire_name(name))
        .map(|(name, _)| name.clone())
        .collect()
}

/// The clauses of a form, and those whose rules read one of its fields.
fn concerned(form: &Form, fields: &BTreeSet<FactName>, policy: &Policy) -> BTreeSet<ClauseId> {
    let mut clauses: BTreeSet<ClauseId> = form.clauses.iter().cloned().collect();
    for rule in policy.rules(Capability::PlanCheck) {
        let mut reads = BTreeSet::new();
        rule.facts(&mut reads);
        if !reads.is_disjoint(fields) {
            clauses.extend(rule.clauses.iter().cloned());
        }
    }
    clauses
}

/// A rule that refuses says so as a finding: a form is a record, and what is recorded is not turned away.
async fn ask(desk: &PanelDesk, as_of: NaiveDate, facts: Facts) -> Result<Answer, ServiceError> {
    match desk.ask(Capability::PlanCheck, as_of, facts).await {
        Err(ServiceError::Refused(faults)) => {
            let mut findings = Vec::new();
            for fault in faults {
                let code = Code::new(fault.code).map_err(|_| {
                    ServiceError::PluginFailed("a refusal without a code".to_owned())
                })?;
                let mut finding = Finding::new(code, Effect::Block, fault.message);
                finding.clauses = fault.clauses;
                findings.push(finding);
            }
            Ok(Answer {
                council: desk.council.code().clone(),
                edition: desk.policy(as_of)?.rulebook.edition.id.clone(),
                as_of,
                results: Map::new(),
                because: BTreeMap::new(),
                statute: BTreeMap::new(),
                findings,
                silent: Vec::new(),
            })
        }
        answered => answered,
    }
}

/// What of an answer comes from these clauses.
fn about(answer: Answer, clauses: &BTreeSet<ClauseId>) -> FormCheck {
    let ours = |cited: &[ClauseId]| cited.iter().any(|id| clauses.contains(id));
    let mut because = answer.because;
    because.retain(|_, cited| ours(cited));
    let mut results = answer.results;
    if let Some(Value::Object(by_clause)) = results.get_mut("byClause") {
        by_clause.retain(|id, _| clauses.iter().any(|clause| clause == id.as_str()));
    }
    let nothing = |value: &Value| value.as_object().is_some_and(Map::is_empty);
    results.retain(|name, value| match name.as_str() {
        "byClause" => !nothing(value),
        _ => because.contains_key(name),
    });
    let mut findings = answer.findings;
    findings.retain(|finding| ours(&finding.clauses));
    FormCheck {
        as_of: answer.as_of,
        edition: answer.edition,
        results,
        because,
        findings,
    }
}

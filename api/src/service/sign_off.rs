//! Signatures on a report about a child who waits too long: who must sign, how many and in which order is the council's policy.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use permanence_core::rulebook::{Policy, Rule};
use permanence_core::{Capability, ClauseId, Code, FactName, FactValue};

use super::ServiceError;
use super::cases::Admits;
use super::children::Child;
use super::codes::{known_code, listed_codes};
use super::exception_reports::{find, subject};
use super::fact_sheet::{FactSheet, local, record};
use super::policy::PanelDesk;
use crate::store::Tx;
use crate::store::audit::audit_record_in_txn;
use crate::store::exception_reports::{
    ExceptionReport, ReportStatus, SignOff, Signature, exception_report_update_in_txn,
};
use crate::store::ids::ExceptionReportId;

/// The fact under which rules read who signed.
const SIGNATURES: &str = "signatures";

/// The result in which rules give the roles that have still to sign.
const MISSING: &str = "missingSignatures";

/// A signature to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSignature {
    /// The role that signs.
    pub role: Code,
    /// The person, by name.
    pub name: Option<String>,
    /// When; now where it is not said.
    pub signed_at: Option<DateTime<Utc>>,
}

/// Adds a signature, and says whose are still missing.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::Stale`], [`ServiceError::Invalid`], and [`ServiceError::Conflict`] when the
/// report is signed off, or the role has signed and is not asked to again.
pub async fn sign(
    desk: &PanelDesk,
    id: ExceptionReportId,
    admits: Admits,
    new: NewSignature,
) -> Result<ExceptionReport, ServiceError> {
    let (mut report, child) = find(desk, id).await?;
    if !admits(report.version) {
        return Err(ServiceError::Stale);
    }
    let now = desk.desk.now();
    let signed_at = new.signed_at.unwrap_or(now);
    if signed_at > now {
        let message = "A signature cannot be recorded before it is given.";
        return Err(ServiceError::invalid("/signedAt", "in_the_future", message));
    }
    known_code(desk.policy(report.as_of)?, "roles", "/role", &new.role)?;
    if report.status == ReportStatus::SignedOff {
        return Err(ServiceError::Conflict("The report is signed off.".into()));
    }
    let signed = report.signatures.iter().any(|one| one.role == new.role);
    if signed && !report.sign_off.missing.contains(&new.role) {
        let message = "This role has signed already.";
        return Err(ServiceError::Conflict(message.into()));
    }
    report.signatures.push(Signature {
        role: new.role,
        name: new.name,
        signed_at,
        recorded_by: desk.by.actor.id.clone(),
    });
    judge(desk, &child, &mut report).await?;
    report.updated_at = now;
    let by = desk.by.clone();
    let work = async move |tx: &mut Tx| {
        let report = exception_report_update_in_txn(tx, &by.council, report)
            .await?
            .ok_or(ServiceError::Stale)?;
        let event = by.event(
            now,
            "signOffExceptionReport",
            subject(&report),
            &report,
            None,
        )?;
        audit_record_in_txn(tx, event);
        Ok::<_, ServiceError>(report)
    };
    desk.desk.store.write(work).await
}

/// Asks whose signatures are missing: the rules are those of the day on which the report was written.
pub(super) async fn judge(
    desk: &PanelDesk,
    child: &Child,
    report: &mut ExceptionReport,
) -> Result<(), ServiceError> {
    let policy = desk.policy(report.as_of)?;
    let clauses = signing(policy, &report.signatures);
    if clauses.is_empty() {
        return Ok(());
    }
    let known = child.facts(policy.dictionary(), report.as_of)?;
    let own = own_facts(&report.signatures);
    let mut sheet = FactSheet::default();
    for (name, value) in known.iter().filter(|(name, _)| *name != SIGNATURES) {
        sheet.set(name.as_str(), Some(value.clone()));
    }
    for (name, value) in own {
        sheet.set(name.as_str(), Some(value));
    }
    let answer = desk
        .ask(Capability::Exceptions, report.as_of, sheet.into_facts())
        .await?;
    let ours = |cited: &[ClauseId]| cited.iter().any(|id| clauses.contains(id));
    let mut because = answer.because.clone();
    because.retain(|_, cited| ours(cited));
    let missing = listed_codes(&answer, MISSING).filter(|_| because.contains_key(MISSING));
    report.status = match &missing {
        None => ReportStatus::NoSignatureRule,
        Some(roles) if roles.is_empty() => ReportStatus::SignedOff,
        Some(_) => ReportStatus::AwaitingSignatures,
    };
    let mut results = answer.results;
    results.retain(|name, _| because.contains_key(name));
    report.sign_off = SignOff {
        missing: missing.unwrap_or_default(),
        results,
        clauses: clauses.into_iter().collect(),
    };
    Ok(())
}

/// The clauses whose rules read who signed a report on a child who waits too long.
fn signing(policy: &Policy, signatures: &[Signature]) -> BTreeSet<ClauseId> {
    let names: BTreeSet<FactName> = own_facts(signatures)
        .into_iter()
        .filter_map(|(name, _)| policy.dictionary().by_wire_name(&name.camel()))
        .map(|(name, _)| name.clone())
        .collect();
    let reads = |rule: &&Rule| {
        let mut facts = BTreeSet::new();
        rule.facts(&mut facts);
        !facts.is_disjoint(&names)
    };
    policy
        .rules(Capability::Exceptions)
        .filter(reads)
        .flat_map(|rule| rule.clauses.iter().cloned())
        .collect()
}

/// Who signed, as rules read it: a list, and for each role a day and a moment of its own. Of a role that signed more than
/// once the last time counts.
fn own_facts(signatures: &[Signature]) -> Vec<(FactName, FactValue)> {
    let mut last: Vec<&Signature> = Vec::new();
    for signature in signatures {
        last.retain(|one| one.role != signature.role);
        last.push(signature);
    }
    let entry = |one: &&Signature| {
        let at = local(one.signed_at);
        record([
            ("role", Some(FactValue::Code(one.role.clone()))),
            ("signed_on", at.as_date().map(FactValue::Date)),
            ("signed_at", Some(at)),
            ("name", one.name.clone().map(FactValue::Text)),
        ])
    };
    let mut facts = Vec::new();
    let mut add = |name: String, value: FactValue| {
        if let Ok(name) = FactName::new(name) {
            facts.push((name, value));
        }
    };
    let list = last.iter().map(entry).collect();
    add(SIGNATURES.to_owned(), FactValue::List(list));
    for one in last {
        let at = local(one.signed_at);
        if let Some(day) = at.as_date() {
            add(format!("{}_signed_on", one.role), FactValue::Date(day));
        }
        add(format!("{}_signed_at", one.role), at);
    }
    facts
}

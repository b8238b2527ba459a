//! Whether a request has the legal advice that it needs (BRA-LEGAL-ADVICE-01, 02, 03).
//!
//! Only a request to end a Care Order needs it. It is met by advice at the sitting, by advice from afar with an
//! exceptional reason, or by the lawyer's word that none is needed.
//! The chair's note that none is needed does not meet it; nor does advice by telephone without a reason.

use permanence_core::facts::FactValue;
use permanence_core::{ClauseId, Effect};
use permanence_plugin::answering::{give, labelled, raise};
use permanence_plugin::reading::{member, text, to_come, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::ask::{unknown, word, yes};

/// How advice was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    AtMeeting,
    Remote,
    NotRequired,
}

impl Mode {
    fn of(value: &FactValue) -> Option<Self> {
        match value {
            FactValue::Boolean(true) | FactValue::Date(_) => Some(Self::AtMeeting),
            _ => match text(value)? {
                "advice_remote" | "remote" | "remotely" | "conference_call" | "email" => {
                    Some(Self::Remote)
                }
                "lawyer_says_not_required" | "not_required" | "waived" => Some(Self::NotRequired),
                "advice_at_meeting" | "at_meeting" | "in_person" => Some(Self::AtMeeting),
                _ => None,
            },
        }
    }
}

/// One piece of advice on record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Advice<'a> {
    pub mode: Mode,
    by: Option<&'a str>,
    reason: bool,
}

impl Advice<'_> {
    fn by_lawyer(&self) -> bool {
        self.by.is_none_or(|role| role == "local_authority_lawyer")
    }

    /// Why this advice does not count; none where it does.
    fn fault(&self) -> Option<&'static str> {
        match self.mode {
            Mode::Remote if !self.reason => Some("remote_without_exceptional_reason"),
            Mode::NotRequired if !self.by_lawyer() => Some("waiver_not_by_lawyer"),
            _ => None,
        }
    }

    fn counts(&self) -> bool {
        self.fault().is_none() && self.by_lawyer()
    }
}

/// All advice that the question tells, whichever way it tells it.
pub(super) fn recorded<'a>(context: &Context<'a>) -> Vec<Advice<'a>> {
    if to_come(context, "given_on") {
        return Vec::new();
    }
    let waived_by = word(context, "waived_by");
    let by = word(context, "given_by");
    let reason = !unknown(context, "exceptional_reason");
    let one = |mode: Mode| Advice {
        mode,
        by: if mode == Mode::NotRequired {
            waived_by.or(by)
        } else {
            by
        },
        reason,
    };
    let of_record = |entry: &'a FactValue| {
        // Advice of a later day does not exist yet.
        if member(entry, &["given_on", "recorded_on", "on"])
            .and_then(FactValue::as_date)
            .is_some_and(|on| on > context.as_of())
        {
            return None;
        }
        let waiver = member(entry, &["waived_by"]).and_then(text);
        let mode = match member(entry, &["mode", "kind", "type"]) {
            Some(mode) => Mode::of(mode)?,
            None if waiver.is_some() => Mode::NotRequired,
            None => Mode::AtMeeting,
        };
        let giver = member(entry, &["given_by", "by", "recorded_by"]).and_then(text);
        Some(Advice {
            mode,
            by: waiver.or(giver).or(by),
            reason: reason || member(entry, &["exceptional_reason", "reason"]).is_some(),
        })
    };
    let mut all: Vec<Advice<'a>> = match value(context, "legal_advice") {
        Some(record @ FactValue::Record(_)) => of_record(record).into_iter().collect(),
        Some(FactValue::List(records)) => records.iter().filter_map(of_record).collect(),
        Some(other) => Mode::of(other).map(one).into_iter().collect(),
        None => Vec::new(),
    };
    all.extend(
        value(context, "legal_advice_mode")
            .and_then(Mode::of)
            .map(one),
    );
    let by_fact = [
        ("advice_at_meeting", Mode::AtMeeting),
        ("advice_remote", Mode::Remote),
        ("lawyer_says_not_required", Mode::NotRequired),
    ];
    all.extend(
        by_fact
            .into_iter()
            .filter(|(fact, _)| yes(context, fact))
            .map(|(_, mode)| one(mode)),
    );
    if all.is_empty() && waived_by.is_some() {
        all.push(one(Mode::NotRequired));
    }
    if all.is_empty() && (yes(context, "legal_advice_given") || yes(context, "given_on")) {
        all.push(one(Mode::AtMeeting));
    }
    all
}

pub(super) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let advice = recorded(context);
    let required = match word(context, "request_type") {
        Some(kind) => kind == "care_order_discharge",
        // Advice without a request is judged as advice on the one request that needs it.
        None => !advice.is_empty(),
    };
    let satisfied = !required || advice.iter().any(Advice::counts);
    let mut reasons: Vec<&str> = advice.iter().filter_map(Advice::fault).collect();
    // In the order of the clauses, which is that of the alphabet.
    reasons.sort_unstable();
    reasons.dedup();
    if satisfied {
        reasons.clear();
    }
    give(&mut answer, "legal_advice_required", required);
    give(&mut answer, "legal_advice_satisfied", satisfied);
    give(&mut answer, "reasons", reasons.clone());
    for reason in reasons {
        let clause = if reason == "waiver_not_by_lawyer" {
            "BRA-LEGAL-ADVICE-03"
        } else {
            "BRA-LEGAL-ADVICE-02"
        };
        let reason = labelled(context, rule, reason, Effect::Reason);
        if let Some(finding) = raise(&mut answer, reason) {
            finding.clauses.extend(ClauseId::new(clause));
        }
    }
    answer
}

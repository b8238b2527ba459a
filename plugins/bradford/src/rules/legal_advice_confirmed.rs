//! Whether the lawyer confirmed to the administrator what was advised (BRA-LEGAL-ADVICE-04).
//!
//! Advice on 10 June 2025 and no confirmation: flagged from 11 June on. Confirmed by the chair: still flagged.
//! No advice, or the lawyer's word that none was needed: nothing to confirm.

use permanence_plugin::answering::{flag, give, overdue, raise};
use permanence_plugin::{ClauseAnswer, Context, Rule};

use super::legal_advice::{Mode, recorded};
use crate::ask::{first_day, no, word, yes};

fn confirmed(context: &Context<'_>) -> bool {
    let facts = context.facts();
    // Who confirmed it says that it was, unless the question says otherwise.
    let by_whom = facts.is_absent("legal_advice_confirmed_on")
        && facts.is_absent("legal_advice_confirmed")
        && yes(context, "confirmed_by");
    let confirmed = by_whom
        || yes(context, "legal_advice_confirmed_on")
        || yes(context, "legal_advice_confirmed");
    confirmed
        && word(context, "confirmed_by").is_none_or(|role| role == "local_authority_lawyer")
        && word(context, "confirmed_to").is_none_or(|role| role == "panel_administrator")
}

pub(super) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let given = !no(context, "legal_advice_given")
        && recorded(context)
            .iter()
            .any(|advice| advice.mode != Mode::NotRequired);
    let day = first_day(context, &["panel_date", "given_on", "legal_advice_given"]);
    let passed = day.is_none_or(|day| context.as_of() > day);
    let open = given && passed && !confirmed(context);
    give(&mut answer, "legal_advice_unconfirmed", open);
    if open {
        let raised = raise(&mut answer, flag(context, rule, "legal_advice_unconfirmed"));
        if let Some(finding) = raised {
            finding.since = day;
            overdue(finding, day);
        }
    }
    answer
}

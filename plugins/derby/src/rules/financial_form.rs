//! DER-PAPERWORK-15: agency carers who would become special guardians need a financial form that a Head of Service approved.
//!
//! Passes: the form, with `approved_by: head_of_service`, or without saying by whom.
//! Fails: no form, or a form that only a deputy approved.

use permanence_core::Code;
use permanence_core::evaluation::Effect;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::{finding, give};
use permanence_plugin::{ClauseAnswer, Context, Rule};

const FORM: &str = "sgo_financial_form_hos_approved";
const APPROVERS: [&str; 2] = ["head_of_service", "head_of_service_specialist_services"];

pub(crate) fn answer(context: &Context<'_>, rule: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let missing = is_there(context) != Some(true);
    let list: Vec<&str> = if missing { vec![FORM] } else { Vec::new() };
    give(&mut answer, "missing_documents", list);
    if missing {
        answer.findings.extend(finding(
            context,
            rule,
            "paperwork_incomplete",
            Effect::Flag,
            "For agency carers the financial form, approved by the Head of Service, is still missing.",
        ));
    }
    answer
}

/// The form, where this case needs it and it is not there.
pub(crate) fn missing(context: &Context<'_>) -> Option<String> {
    let facts = context.facts();
    let is = |name: &str, code: &str| facts.code(name).is_some_and(|own| own.as_str() == code);
    let needed = is("request_type", "special_guardianship_support") && is("provider_type", "ifa");
    (needed && is_there(context) != Some(true)).then(|| FORM.to_owned())
}

fn is_there(context: &Context<'_>) -> Option<bool> {
    let code = Code::new(FORM).ok()?;
    let lists: Vec<_> = ["documents"]
        .into_iter()
        .filter_map(|name| permanence_core::FactName::new(name).ok())
        .collect();
    let approver = |role: &FactValue| {
        role.as_code()
            .is_some_and(|role| APPROVERS.contains(&role.as_str()))
    };
    let by_approver = |roles: &FactValue| match roles {
        FactValue::List(roles) => roles.iter().any(approver),
        role => approver(role),
    };
    let approved_apart = context.facts().get("approved_by").is_none_or(by_approver);
    let entry = context.facts().list("documents").iter().find(|paper| {
        paper.as_code() == Some(&code)
            || paper.member("document").and_then(FactValue::as_code) == Some(&code)
    });
    let approved = entry
        .and_then(|paper| paper.member("approved_by"))
        .map_or(approved_apart, by_approver);
    Some(context.has(&lists, &code) && approved)
}

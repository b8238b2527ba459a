//! How a coded rule refuses.

use permanence_core::evaluation::Effect;
use permanence_plugin::answering::{finding, give};
use permanence_plugin::{ClauseAnswer, Context, Rule};

/// Refuses: the error as a finding and in the results.
pub(crate) fn refuse(
    answer: &mut ClauseAnswer,
    context: &Context<'_>,
    rule: &Rule,
    code: &str,
    message: &str,
) {
    give(answer, "accepted", false);
    give(answer, "error", code);
    answer
        .findings
        .extend(finding(context, rule, code, Effect::Block, message));
}

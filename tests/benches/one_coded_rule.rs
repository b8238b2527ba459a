//! A plugin with one coded rule that does next to nothing: what a call costs is then the boundary's own cost.
#![allow(missing_docs)]

use permanence_plugin::{
    ClauseAnswer, Code, CodedError, Context, CouncilPlugin, CouncilPolicy, Rule, StartError,
};

struct OneRule;

impl CouncilPlugin for OneRule {
    fn new(_: &CouncilPolicy) -> Result<Self, StartError> {
        Ok(Self)
    }

    fn coded(&self, _: &Code, context: &Context<'_>, _: &Rule) -> Result<ClauseAnswer, CodedError> {
        let known = context.facts().date("became_looked_after_on").is_some();
        let mut answer = ClauseAnswer::default();
        answer.results.insert("known".into(), known.into());
        Ok(answer)
    }
}

permanence_plugin::export_plugin!(
    OneRule,
    rulebook = r#"{
        "council": {"code": "anytown", "name": "Anytown Council", "gss": "E06000099"},
        "editions": [{
            "edition": {"id": "1", "title": "One coded rule"},
            "clauses": [{"id": "ANY-ROUTE-01", "at": "1", "topic": "route", "kind": "rule", "says": "It is coded."}],
            "rules": [{
                "clauses": ["ANY-ROUTE-01"],
                "rule": {"coded": {"name": "one_rule", "reads": ["became_looked_after_on"], "returns": ["known"]}}
            }]
        }]
    }"#
);

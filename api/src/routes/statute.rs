//! The law that holds for every council in England. Who may: whoever may read policies.

use permanence_api_macros::{dto, op};
use permanence_core::Capability;
use permanence_core::rulebook::{Clause, Policy, Rule};
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::State;
use crate::auth::{Caller, scope};
use crate::http::{Listing, Page, Query, Reply};
use crate::problem::Problem;
use crate::service::questions::law;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_statutory_rules);
}

/// Which rules.
#[dto(query, paged)]
pub struct ListStatutoryRules {}

/// A rule of the law.
#[dto]
pub struct StatutoryRule {
    /// Its id; findings and dates cite it.
    #[rule(len(1, 80))]
    #[schema(example = "ENG-REVIEW-01")]
    pub id: String,
    /// Where it stands: the Act or Regulations, with section or regulation.
    #[rule(len(1, 500))]
    #[schema(example = "Children Act 1989, s. 32(1)(a)(ii)")]
    pub citation: String,
    /// What it says, in the service's own words.
    #[rule(len(1, 8000))]
    #[schema(example = "The second review follows within three months of the first.")]
    pub says: String,
    /// How it is counted, and what is made of an unclear point.
    #[rule(len(1, 8000))]
    #[schema(example = "Calendar months; the last day is in time.")]
    pub reading: Option<String>,
    /// The numbers that it holds, names in camel case.
    #[schema(value_type = Object, example = json!({"within": "3 calendar_months"}))]
    pub values: Map<String, Value>,
    /// The questions in whose answers it speaks.
    #[rule(items(1, 13))]
    pub capabilities: Vec<Capability>,
    /// What its findings say.
    #[rule(len(1, 8000))]
    #[schema(example = "The second review is due within three months of the first.")]
    pub message: Option<String>,
    /// The names of the dates and states that it gives under `statute`.
    #[rule(items(0, 50))]
    #[schema(example = json!(["secondStatutoryReviewDueOn"]))]
    pub returns: Vec<String>,
    /// The edition of this collection that holds today.
    #[rule(len(1, 80))]
    #[schema(example = "2014-04-22")]
    pub edition: String,
}

/// List the law that holds for every council
///
/// Reviews of looked-after children, the plan for permanence, and the length of care proceedings, each with its citation.
/// These rules stand beside every council's policy in the answers on due dates and on drift; they change none of its results, and a
/// council's stricter rule stays what it is.
#[op(get "/v1/statute", tag = "Policy")]
async fn list_statutory_rules(
    _who: Caller<scope::PolicyRead>,
    query: Query<ListStatutoryRules>,
    listing: Listing,
    state: State,
) -> Reply<Page<StatutoryRule>> {
    let after: Option<String> = listing.after(&query.0)?;
    let law = law(state.clock.today()).map_err(Problem::from)?;
    let mut clauses: Vec<&Clause> = law.rulebook.clauses.iter().collect();
    clauses.sort_by(|one, other| one.id.cmp(&other.id));
    let rest = clauses.into_iter().filter(|clause| {
        after
            .as_deref()
            .is_none_or(|after| clause.id.as_str() > after)
    });
    listing.keyed(
        rest.map(|clause| StatutoryRule::of(law, clause)),
        query.limit,
        |rule| rule.id.clone(),
    )
}

impl StatutoryRule {
    fn of(law: &Policy, clause: &Clause) -> Self {
        let rule: Option<&Rule> = law.rules_of(&clause.id).next();
        let also = rule.into_iter().flat_map(|rule| rule.also.iter().copied());
        let values = clause.values.iter();
        let returns = law.returns_of(&clause.id);
        Self {
            id: clause.id.to_string(),
            citation: clause.at.clone(),
            says: clause.says.clone(),
            reading: clause.reading.clone(),
            values: values
                .map(|(name, value)| (name.camel(), value.clone()))
                .collect(),
            capabilities: clause.capability().into_iter().chain(also).collect(),
            message: rule.and_then(|rule| rule.message.clone()),
            returns: returns.iter().map(|name| name.camel()).collect(),
            edition: law.rulebook.edition.id.clone(),
        }
    }
}

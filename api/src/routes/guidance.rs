//! What a policy says to people rather than to the service: guidance, shown where it helps.
//! Who may: whoever may read the policy.

use permanence_api_macros::{dto, op};
use permanence_core::rulebook::{Clause, ClauseKind};
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;

use super::filters::edition;
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{Listing, Page, Query, Reply};
use crate::service::guidance::{self, Shape};
use crate::service::questions;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_guidance);
}

/// Which guidance.
#[dto(query, paged)]
pub struct ListGuidance {
    /// The edition's id; the one of today where it is absent.
    #[rule(len(1, 80))]
    #[schema(example = "1")]
    pub edition: Option<String>,
    /// Only guidance on these subjects; repeat it for several.
    #[rule(items(0, 50))]
    #[schema(example = json!(["guidance"]))]
    pub topic: Vec<String>,
    /// Only guidance of these shapes; repeat it for several.
    #[rule(items(0, 5))]
    pub shape: Vec<GuidanceShape>,
    /// Only guidance whose values name this code: an option, an order, a role, a legal status.
    #[rule(len(1, 80))]
    #[schema(example = "adoption")]
    pub about: Option<String>,
}

/// What a piece of guidance looks like, so that a page can lay it out.
#[dto(code)]
pub enum GuidanceShape {
    /// Something to bear in mind.
    Consideration,
    /// What speaks for and against one option or order.
    ForAndAgainst,
    /// A table that sets options side by side.
    Comparison,
    /// What matters in a kind of situation.
    Scenario,
    /// Words and what they stand for.
    Glossary,
}

/// A piece of guidance.
#[dto]
pub struct GuidanceView {
    /// The clause that it is.
    #[rule(len(1, 80))]
    #[schema(example = "ANY-GUIDANCE-01")]
    pub clause: String,
    /// Its subject.
    #[rule(len(1, 80))]
    #[schema(example = "guidance")]
    pub topic: String,
    /// What it looks like.
    pub shape: GuidanceShape,
    /// Where it stands in the policy.
    #[rule(len(0, 500))]
    #[schema(example = "Appendix 1")]
    pub at: String,
    /// What it says, in the service's own words.
    #[rule(len(1, 8000))]
    #[schema(example = "Planning looks for what this one child needs most.")]
    pub says: String,
    /// How an unclear point is read; null where nothing is unclear.
    #[rule(len(1, 8000))]
    #[schema(example = "Two names of one panel.")]
    pub reading: Option<String>,
    /// What it holds: the two sides of an option, the rows and columns of a table, words with their meanings; names in camel case.
    #[schema(value_type = Object, example = json!({"option": "adoption", "advantages": ["a family for life"], "disadvantages": []}))]
    pub values: Map<String, Value>,
}

/// List the guidance of a policy
///
/// Every clause that is shown to people (its kind is `text`): considerations, what speaks for and against an option, tables that
/// compare options, scenarios and glossaries, in the service's own words and by subject.
/// `about` finds what helps with one option, order or role.
#[op(get "/v1/councils/{council}/guidance", tag = "Councils")]
async fn list_guidance(
    who: Authz<scope::PolicyRead>,
    query: Query<ListGuidance>,
    listing: Listing,
    state: State,
) -> Reply<Page<GuidanceView>> {
    let after: Option<(String, String)> = listing.after(&query.0)?;
    let council = questions::council(&state.councils, who.council())?;
    let policy = edition(council, query.edition.as_deref(), state.clock.today())?;
    let mut shown: Vec<GuidanceView> = policy
        .rulebook
        .clauses
        .iter()
        .filter(|clause| clause.kind == ClauseKind::Text && query.admits(clause))
        .map(GuidanceView::from)
        .collect();
    shown.sort_by_key(GuidanceView::key);
    let rest = shown
        .into_iter()
        .filter(|view| after.as_ref().is_none_or(|after| view.key() > *after));
    listing.keyed(rest, query.limit, GuidanceView::key)
}

impl ListGuidance {
    fn admits(&self, clause: &Clause) -> bool {
        let about = |code: &String| guidance::names(clause, code);
        (self.topic.is_empty()
            || self
                .topic
                .iter()
                .any(|topic| clause.topic == *topic.as_str()))
            && (self.shape.is_empty() || self.shape.contains(&guidance::shape(clause).into()))
            && self.about.as_ref().is_none_or(about)
    }
}

impl GuidanceView {
    fn key(&self) -> (String, String) {
        (self.topic.clone(), self.clause.clone())
    }
}

impl From<Shape> for GuidanceShape {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::Consideration => Self::Consideration,
            Shape::ForAndAgainst => Self::ForAndAgainst,
            Shape::Comparison => Self::Comparison,
            Shape::Scenario => Self::Scenario,
            Shape::Glossary => Self::Glossary,
        }
    }
}

impl From<&Clause> for GuidanceView {
    fn from(clause: &Clause) -> Self {
        let values = clause.values.iter();
        Self {
            clause: clause.id.to_string(),
            topic: clause.topic.to_string(),
            shape: guidance::shape(clause).into(),
            at: clause.at.clone(),
            says: clause.says.clone(),
            reading: clause.reading.clone(),
            values: values
                .map(|(name, value)| (name.camel(), value.clone()))
                .collect(),
        }
    }
}

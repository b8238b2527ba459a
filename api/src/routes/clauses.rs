//! A council's policy, clause by clause. Who may: whoever may read the policy.

use permanence_api_macros::{dto, op};
use permanence_core::coverage::{self, By, Link};
use permanence_core::rulebook::{self, Clause, Policy};
use permanence_core::{Capability, ClauseId};
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;

use super::filters::edition;
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{ETag, Listing, Page, Path, Query, Reply, Tagged};
use crate::problem::Problem;
use crate::service::questions;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_clauses).service(get_clause);
}

/// A clause of a policy.
#[dto(path)]
pub struct ClausePath {
    /// The clause's id, as `listClauses` gives it.
    #[rule(len(1, 80))]
    #[schema(example = "ANY-EXCEPTION-01")]
    pub clause_id: String,
}

/// Which clauses.
#[dto(query, paged)]
pub struct ListClauses {
    /// The edition's id; the one of today where it is absent.
    #[rule(len(1, 80))]
    #[schema(example = "1")]
    pub edition: Option<String>,
    /// Only clauses of these kinds; repeat it for several.
    #[rule(items(0, 3))]
    pub kind: Vec<ClauseKind>,
    /// Only clauses on this subject.
    #[rule(len(1, 80))]
    #[schema(example = "exception")]
    pub topic: Option<String>,
    /// Only clauses that belong to this capability.
    pub capability: Option<Capability>,
}

/// Which edition.
#[dto(query)]
pub struct InEdition {
    /// The edition's id; the one of today where it is absent.
    #[rule(len(1, 80))]
    #[schema(example = "1")]
    pub edition: Option<String>,
}

/// How the service meets a clause.
#[dto(code)]
pub enum ClauseKind {
    /// It is computed, enforced or flagged.
    Rule,
    /// What it asks for can be recorded and is returned.
    Data,
    /// It is shown as guidance.
    Text,
}

/// A clause of a policy.
#[dto]
pub struct ClauseView {
    /// Its id, which never changes.
    #[rule(len(1, 80))]
    #[schema(example = "ANY-EXCEPTION-01")]
    pub id: String,
    /// Where it stands in the policy.
    #[rule(len(0, 500))]
    #[schema(example = "Section 4")]
    pub at: String,
    /// Its subject.
    #[rule(len(1, 80))]
    #[schema(example = "exception")]
    pub topic: String,
    /// How the service meets it.
    pub kind: ClauseKind,
    /// What it says, in the service's own words.
    #[rule(len(1, 8000))]
    #[schema(example = "A child without a plan after four months is reported.")]
    pub says: String,
    /// How an unclear point is read; null where nothing is unclear.
    #[rule(len(1, 8000))]
    #[schema(example = "Months are calendar months.")]
    pub reading: Option<String>,
    /// The capability whose questions it answers.
    pub capability: Option<Capability>,
    /// The numbers, names and codes that it holds, names in camel case.
    #[schema(value_type = Object)]
    pub values: Map<String, Value>,
}

/// A clause with what to ask it.
#[dto]
pub struct ClauseDetail {
    /// The clause.
    pub clause: ClauseView,
    /// The edition that it stands in.
    #[rule(len(1, 80))]
    #[schema(example = "1")]
    pub edition: String,
    /// Whether `evaluateClause` answers for it.
    pub evaluated: bool,
    /// A JSON Schema of the facts that it reads: what to send as `facts`.
    #[schema(value_type = Object)]
    pub facts: Value,
    /// The names that its answers may give under `results`.
    #[rule(items(0, 200))]
    #[schema(example = json!(["planDueOn"]))]
    pub returns: Vec<String>,
    /// What meets it: the rule that enforces it, the place that records it, the guidance that shows it.
    #[rule(items(0, 100))]
    pub met_by: Vec<MetBy>,
}

/// Something by which a clause is met.
#[dto]
pub struct MetBy {
    /// What it is.
    pub by: By,
    /// Which one: the mechanism of a rule, the form, the fact, the list.
    #[rule(len(1, 200))]
    #[schema(example = "threshold")]
    pub target: String,
    /// Its entries that the clause is about, such as fields of a form.
    #[rule(items(0, 200))]
    #[schema(example = json!([]))]
    pub entries: Vec<String>,
    /// The operations that record it or give it.
    #[rule(items(0, 20))]
    #[schema(example = json!(["evaluateClause", "evaluateExceptions"]))]
    pub operations: Vec<String>,
}

/// List the clauses of a policy
///
/// Every clause with its words, its place and how it is met, in the order of their ids.
#[op(get "/v1/councils/{council}/clauses", tag = "Councils")]
async fn list_clauses(
    who: Authz<scope::PolicyRead>,
    query: Query<ListClauses>,
    listing: Listing,
    state: State,
) -> Reply<Page<ClauseView>> {
    let after: Option<String> = listing.after(&query.0)?;
    let council = questions::council(&state.councils, who.council())?;
    let policy = edition(council, query.edition.as_deref(), state.clock.today())?;
    let mut clauses: Vec<&Clause> = policy
        .rulebook
        .clauses
        .iter()
        .filter(|clause| query.admits(clause))
        .collect();
    clauses.sort_by(|one, other| one.id.cmp(&other.id));
    let rest = clauses.into_iter().filter(|clause| {
        after
            .as_deref()
            .is_none_or(|after| clause.id.as_str() > after)
    });
    listing.keyed(rest.map(ClauseView::from), query.limit, |view| {
        view.id.clone()
    })
}

/// Read a clause
///
/// The clause, a JSON Schema of the facts that it reads, and the names that its answers give: what `evaluateClause` takes and gives.
#[op(get "/v1/councils/{council}/clauses/{clauseId}", tag = "Councils")]
async fn get_clause(
    who: Authz<scope::PolicyRead>,
    path: Path<ClausePath>,
    query: Query<InEdition>,
    state: State,
) -> Reply<Tagged<ClauseDetail>> {
    let council = questions::council(&state.councils, who.council())?;
    let policy = edition(council, query.edition.as_deref(), state.clock.today())?;
    let id = ClauseId::new(path.0.clause_id).map_err(|_| Problem::not_found())?;
    let clause = policy.clause(&id).ok_or_else(Problem::not_found)?;
    let etag = ETag::named(&format!(
        "{}-{}",
        council.plugin().digest,
        policy.rulebook.edition.id
    ));
    Ok(Tagged::with_tag(ClauseDetail::of(policy, clause), etag))
}

impl ListClauses {
    fn admits(&self, clause: &Clause) -> bool {
        (self.kind.is_empty() || self.kind.contains(&clause.kind.into()))
            && self
                .topic
                .as_deref()
                .is_none_or(|topic| clause.topic == *topic)
            && self
                .capability
                .is_none_or(|capability| clause.capability() == Some(capability))
    }
}

impl From<rulebook::ClauseKind> for ClauseKind {
    fn from(kind: rulebook::ClauseKind) -> Self {
        match kind {
            rulebook::ClauseKind::Rule => Self::Rule,
            rulebook::ClauseKind::Data => Self::Data,
            rulebook::ClauseKind::Text => Self::Text,
        }
    }
}

impl From<&Clause> for ClauseView {
    fn from(clause: &Clause) -> Self {
        Self {
            id: clause.id.to_string(),
            at: clause.at.clone(),
            topic: clause.topic.to_string(),
            kind: clause.kind.into(),
            says: clause.says.clone(),
            reading: clause.reading.clone(),
            capability: clause.capability(),
            values: clause
                .values
                .iter()
                .map(|(name, value)| (name.camel(), value.clone()))
                .collect(),
        }
    }
}

impl ClauseDetail {
    fn of(policy: &Policy, clause: &Clause) -> Self {
        Self {
            clause: clause.into(),
            edition: policy.rulebook.edition.id.clone(),
            evaluated: clause.kind == rulebook::ClauseKind::Rule,
            facts: policy.dictionary().schema(&policy.facts_of(&clause.id)),
            returns: policy
                .returns_of(&clause.id)
                .iter()
                .map(|name| name.camel())
                .collect(),
            met_by: coverage::of(policy, clause)
                .by
                .into_iter()
                .map(MetBy::from)
                .collect(),
        }
    }
}

impl From<Link> for MetBy {
    fn from(link: Link) -> Self {
        Self {
            by: link.by,
            target: link.target,
            entries: link.entries,
            operations: link.operations,
        }
    }
}

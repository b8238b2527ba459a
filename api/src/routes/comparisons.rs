//! The same facts, or the whole caseload, under two policies. Who may: whoever may read the policy; for the caseload,
//! whoever may read exceptions, for the cases that are theirs to see.

use std::sync::Arc;

use chrono::NaiveDate;
use permanence_api_macros::{dto, op};
use permanence_core::Capability;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;

use super::comparison_views::PolicyComparison;
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{Json, Listing, Query, Reply};
use crate::problem::{Problem, ProblemCode};
use crate::service::comparisons::{self, Side, Two};
use crate::service::{ServiceError, questions};
use crate::store::ids::CaseId;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(compare_councils);
}

/// Where the comparison of a caseload goes on; a page looks at `limit` cases.
#[dto(query, paged)]
pub struct ComparisonPage {}

/// What is compared, and under which two policies.
#[dto(input)]
pub struct ComparisonRequest {
    /// The day that the questions are about; today where it is absent.
    #[schema(example = "2026-03-02")]
    pub as_of: Option<NaiveDate>,
    /// The edition of this council's policy; the one of the day where it is absent.
    #[rule(len(1, 80))]
    #[schema(example = json!(null))]
    pub edition: Option<String>,
    /// The other policy.
    #[rule(nested)]
    pub against: ComparisonAgainst,
    /// What is asked of both: exceptions and checkpoints where it is empty. Of a caseload nothing else can be asked.
    #[rule(items(0, 13))]
    #[serde(default)]
    #[schema(example = json!(["exceptions"]))]
    pub capabilities: Vec<Capability>,
    /// What is known, by the names of the dictionaries; absent where the caseload is compared.
    #[schema(value_type = Option<Object>, example = json!({"becameLookedAfterOn": "2025-09-01"}))]
    pub facts: Option<Map<String, Value>>,
    /// Whether to compare the open cases of this council instead of facts; it needs the permission `exceptions.read`.
    #[schema(example = false)]
    pub caseload: Option<bool>,
}

/// The other policy of a comparison.
#[dto(input)]
pub struct ComparisonAgainst {
    /// The code of another council that is loaded; this council where it is absent.
    #[rule(len(1, 80))]
    #[schema(example = json!(null))]
    pub council: Option<String>,
    /// The edition of its policy; the one of the day where it is absent.
    #[rule(len(1, 80))]
    #[schema(example = json!(null))]
    pub edition: Option<String>,
}

/// Compare two policies
///
/// Puts the same facts, or every open case of this council that is the caller's to see, to two policies: this council's and another
/// council's, or two editions of one. Says which findings appear, vanish, move to other days or change, and by which clauses on each side.
/// Another council's rules are public; none of its cases is read. A fact that one side does not know is left out for it and named;
/// a fact that neither knows is a 422. A caseload comes in pages (`cursor`, `limit`) and needs the permission `exceptions.read`, without
/// which it is a 403.
#[op(post "/v1/councils/{council}/comparisons", tag = "Policy")]
async fn compare_councils(
    who: Authz<scope::PolicyRead>,
    query: Query<ComparisonPage>,
    listing: Listing,
    body: Json<ComparisonRequest>,
    state: State,
) -> Reply<Json<PolicyComparison>> {
    let own = questions::council(&state.councils, who.council())?;
    let two = body.two(&state, own)?;
    let Some(facts) = body.facts()? else {
        let by = who.also::<scope::ExceptionsRead>()?.acting();
        let search = fingerprint(&body.0, &two);
        let after = match listing.after::<(String, CaseId)>(&query.0)? {
            Some((of, after)) if of == search => Some(after),
            Some(_) => {
                let detail =
                    "This cursor was given for another comparison. Begin again without a cursor.";
                return Err(Problem::new(ProblemCode::BadCursor, detail));
            }
            None => None,
        };
        let compared = comparisons::cases(&state.desk, &by, &two, after, query.limit).await?;
        let next = compared.next.map(|next| (search, next));
        let next_cursor = listing.page(std::iter::empty::<()>(), next)?.next_cursor;
        return Ok(Json(PolicyComparison::of_caseload(
            &two,
            compared,
            next_cursor,
        )));
    };
    let compared = comparisons::facts(&two, facts).await?;
    Ok(Json(PolicyComparison::of_facts(&two, compared)))
}

impl ComparisonRequest {
    fn two(&self, state: &State, own: &Arc<crate::plugins::Council>) -> Result<Two, ServiceError> {
        let as_of = self.as_of.unwrap_or_else(|| state.clock.today());
        let other = match self.against.council.as_deref() {
            None => own,
            Some(code) => state.councils.get(code).ok_or_else(|| {
                let message = "No council of this code is loaded.";
                ServiceError::invalid("/against/council", "unknown_council", message)
            })?,
        };
        let usual = [Capability::Exceptions, Capability::Checkpoints];
        let mut capabilities = self.capabilities.clone();
        if capabilities.is_empty() {
            capabilities = usual.to_vec();
        } else if self.facts.is_none() && !capabilities.iter().all(|it| usual.contains(it)) {
            let message = "Of a caseload only exceptions and checkpoints can be asked.";
            return Err(ServiceError::invalid(
                "/capabilities",
                "not_of_a_caseload",
                message,
            ));
        }
        Ok(Two {
            own: Side::new(own, self.edition.as_deref(), as_of, "/edition")?,
            other: Side::new(
                other,
                self.against.edition.as_deref(),
                as_of,
                "/against/edition",
            )?,
            as_of,
            capabilities,
        })
    }

    /// The facts; none where the caseload is wanted.
    fn facts(&self) -> Result<Option<&Map<String, Value>>, ServiceError> {
        match (&self.facts, self.caseload.unwrap_or(false)) {
            (Some(facts), false) => Ok(Some(facts)),
            (None, true) => Ok(None),
            (None, false) => Err(ServiceError::invalid(
                "/facts",
                "missing_member",
                "Send facts, or say that the caseload is to be compared.",
            )),
            (Some(_), true) => Err(ServiceError::invalid(
                "/caseload",
                "one_of_two",
                "Facts and the caseload are compared one at a time.",
            )),
        }
    }
}

/// What tells one caseload's comparison from another, for its cursors.
fn fingerprint(body: &ComparisonRequest, two: &Two) -> String {
    let mut hash = Sha256::new();
    for part in [
        two.as_of.to_string(),
        two.own.edition.clone(),
        body.against.council.clone().unwrap_or_default(),
        two.other.edition.clone(),
        format!("{:?}", two.capabilities),
    ] {
        hash.update(part);
        hash.update([0xFF]);
    }
    let digest = hash.finalize();
    let bytes = digest.iter().take(12);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

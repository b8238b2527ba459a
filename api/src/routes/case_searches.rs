//! Searching for cases. Who may: whoever may read cases, each for the cases that are theirs to see.

use chrono::NaiveDate;
use permanence_api_macros::{dto, op};
use sha2::{Digest as _, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;

use super::case_views::{CaseStatus, CaseView};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{Json, Listing, Page, Query, Reply};
use crate::problem::{Problem, ProblemCode};
use crate::service::cases::{self, CaseQuestion};
use crate::store::cases::{CaseCursor, CaseFilter, CaseSort};

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(search_cases);
}

/// Where a search goes on.
#[dto(query, paged)]
pub struct SearchPage {}

/// Whom to look for. What is given narrows; names match from their beginning, in any letter case.
#[dto(input)]
pub struct CaseSearch {
    /// How the family name begins.
    #[rule(len(1, 200))]
    #[schema(example = "Finch")]
    pub family_name: Option<String>,
    /// How the given names begin.
    #[rule(len(1, 200))]
    #[schema(example = "Wren")]
    pub given_name: Option<String>,
    /// Born on this day.
    #[schema(example = "2017-05-04")]
    pub date_of_birth: Option<NaiveDate>,
    /// The council's reference, whole.
    #[rule(len(1, 100))]
    #[schema(example = "CH-20417")]
    pub reference: Option<String>,
    /// Only cases that stand so.
    pub status: Option<CaseStatus>,
}

/// Search for cases
///
/// Names and dates of birth travel in the body and stay out of addresses and logs. The order is that of family names.
/// A page's cursor fits only the same search.
#[op(post "/v1/councils/{council}/cases/searches", tag = "Cases")]
async fn search_cases(
    who: Authz<scope::CasesRead>,
    query: Query<SearchPage>,
    listing: Listing,
    body: Json<CaseSearch>,
    state: State,
) -> Reply<Page<CaseView>> {
    let search = fingerprint(&body);
    let after = match listing.after::<(String, CaseCursor)>(&query.0)? {
        Some((of, after)) if of == search => Some(after),
        Some(_) => {
            return Err(Problem::new(
                ProblemCode::BadCursor,
                "This cursor was given for another search. Begin again without a cursor.",
            ));
        }
        None => None,
    };
    let question = CaseQuestion {
        after,
        filter: CaseFilter {
            status: body.status.into_iter().map(Into::into).collect(),
            reference: body.reference.clone(),
            family_name: body.family_name.clone(),
            given_name: body.given_name.clone(),
            date_of_birth: body.date_of_birth,
            ..CaseFilter::default()
        },
        sort: CaseSort::FamilyName,
        descending: false,
        limit: query.limit,
    };
    let (cases, next) = cases::list(&state.desk, &who.acting(), question, "searchCases").await?;
    listing.page(
        cases.iter().map(CaseView::from),
        next.map(|next| (search, next)),
    )
}

/// What tells one search from another; no name can be read from it.
fn fingerprint(search: &CaseSearch) -> String {
    let mut hash = Sha256::new();
    let born = search.date_of_birth.map(|day| day.to_string());
    let status = search.status.map(|status| status.as_str().to_owned());
    for part in [
        &search.family_name,
        &search.given_name,
        &born,
        &search.reference,
        &status,
    ] {
        hash.update(part.as_deref().unwrap_or("\u{0}"));
        hash.update([0xFF]);
    }
    hash.finalize()
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

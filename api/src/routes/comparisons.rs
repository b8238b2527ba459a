//! The same facts, or the whole caseload, under two policies. Who may: whoever may read the policy; for the caseload,
//! whoever may read exceptions, for the cases that are theirs to see.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use permanence_api_macros::{dto, op};
use permanence_core::compare::{Change, Difference};
use permanence_core::{Capability, Code, Finding};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{Json, Listing, Query, Reply};
use crate::problem::{Problem, ProblemCode};
use crate::service::comparisons::{self, CaseCompared, CaseloadCompared, DayDiffers, Side, Two};
use crate::service::days::NamedDay;
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

/// What becomes of a finding under the other policy.
#[dto(code)]
pub enum FindingChange {
    /// Only the other policy has it.
    Appears,
    /// The other policy does not have it.
    Vanishes,
    /// Both have it, with different days.
    Moves,
    /// Both have it on the same days, with another effect, severity or certainty.
    Changes,
}

/// One of the two policies.
#[dto]
pub struct ComparedSide {
    /// Whose it is.
    #[rule(len(1, 80))]
    #[schema(example = "anytown")]
    pub council: String,
    /// The edition that judged.
    #[rule(len(1, 80))]
    #[schema(example = "1")]
    pub edition: String,
}

/// A finding that the two policies do not share; each side cites its own clauses.
#[dto]
pub struct FindingDifference {
    /// The code of the finding, or the group of codes that differ in name only.
    #[rule(len(1, 80))]
    #[schema(example = "permanence_plan_missing")]
    pub code: String,
    /// What becomes of it under the other policy.
    pub change: FindingChange,
    /// The finding under the own policy; null where it appears.
    pub own: Option<Finding>,
    /// The finding under the other policy; null where it vanishes.
    pub other: Option<Finding>,
}

/// A day that the two policies give differently under one name.
#[dto]
pub struct DayDifference {
    /// The name of the result.
    #[rule(len(1, 80))]
    #[schema(example = "planDueOn")]
    pub name: String,
    /// The own policy's day; null where it gives none.
    pub own: Option<ComparedDay>,
    /// The other policy's day; null where it gives none.
    pub other: Option<ComparedDay>,
}

/// A day with the clauses that give it.
#[dto]
pub struct ComparedDay {
    /// The day.
    pub on: NaiveDate,
    /// The moment in local time with its offset, where the result is a moment.
    #[rule(len(1, 40))]
    #[schema(example = "2026-03-05T13:00:00+00:00")]
    pub local_time: Option<String>,
    /// The clauses.
    #[rule(items(0, 200))]
    #[schema(example = json!(["ANY-CHECKPOINT-01"]))]
    pub clauses: Vec<String>,
}

/// A fact that one of the policies did not read.
#[dto]
pub struct UnreadFact {
    /// Its name.
    #[rule(len(1, 200))]
    #[schema(example = "anchorDate")]
    pub fact: String,
    /// Why: `unknown_fact`, `wrong_type`, `unknown_code` or `too_long`.
    #[rule(len(1, 80))]
    #[schema(example = "unknown_fact")]
    pub code: String,
}

/// How many findings of a code changed, and in which way.
#[dto]
pub struct CodeComparison {
    /// The code.
    #[rule(len(1, 80))]
    #[schema(example = "permanence_plan_missing")]
    pub code: String,
    /// Findings that only the other policy has.
    #[schema(example = 4)]
    pub appears: u32,
    /// Findings that only the own policy has.
    #[schema(example = 2)]
    pub vanishes: u32,
    /// Findings with other days.
    #[schema(example = 7)]
    pub moves: u32,
    /// Findings with the same days, but another effect, severity or certainty.
    #[schema(example = 0)]
    pub changes: u32,
    /// Findings that both have alike.
    #[schema(example = 12)]
    pub unchanged: u32,
}

/// A case whose findings differ.
#[dto]
pub struct CaseComparison {
    /// The case.
    pub case_id: Uuid,
    /// The council's own reference for it.
    #[rule(len(1, 100))]
    #[schema(example = "CH-20417")]
    pub reference: String,
    /// What differs.
    #[rule(items(1, 1000))]
    pub differences: Vec<FindingDifference>,
}

/// What two policies find on a page of the caseload.
#[dto]
pub struct CaseloadComparison {
    /// Open cases of this page.
    #[schema(example = 50)]
    pub cases: u32,
    /// The counts of this page by code; the counts of all pages add up.
    #[rule(items(0, 1000))]
    pub by_code: Vec<CodeComparison>,
    /// The cases of this page whose findings differ.
    #[rule(items(0, 200))]
    #[schema(example = json!([]))]
    pub differing: Vec<CaseComparison>,
    /// Where the next page begins; null on the last. It is sent as `cursor` with the same body.
    #[rule(len(1, 2000))]
    #[schema(example = json!(null))]
    pub next_cursor: Option<String>,
}

/// What two policies make of the same facts, or of the same caseload.
#[dto]
pub struct PolicyComparison {
    /// The day asked about.
    pub as_of: NaiveDate,
    /// This council's policy.
    pub own: ComparedSide,
    /// The other policy.
    pub other: ComparedSide,
    /// What was asked of both.
    #[rule(items(1, 13))]
    pub capabilities: Vec<Capability>,
    /// The findings on the facts that are not the same; empty for a caseload.
    #[rule(items(0, 1000))]
    pub differences: Vec<FindingDifference>,
    /// Codes of the findings on the facts that are the same; empty for a caseload.
    #[rule(items(0, 1000))]
    #[schema(example = json!(["permanence_plan_missing"]))]
    pub unchanged: Vec<String>,
    /// Days that the two give differently for the facts; empty for a caseload.
    #[rule(items(0, 1000))]
    pub days: Vec<DayDifference>,
    /// Facts that this council's policy did not read.
    #[rule(items(0, 1000))]
    pub unread_by_own: Vec<UnreadFact>,
    /// Facts that the other policy did not read: what hangs on them cannot appear in its findings.
    #[rule(items(0, 1000))]
    pub unread_by_other: Vec<UnreadFact>,
    /// The caseload; null where facts were compared.
    pub caseload: Option<CaseloadComparison>,
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
    Ok(Json(PolicyComparison {
        differences: views(compared.findings.differences),
        unchanged: texts(&compared.findings.unchanged),
        days: compared.days.into_iter().map(DayDifference::from).collect(),
        unread_by_own: unread(compared.unread_by_own),
        unread_by_other: unread(compared.unread_by_other),
        ..PolicyComparison::between(&two)
    }))
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

impl PolicyComparison {
    fn between(two: &Two) -> Self {
        Self {
            as_of: two.as_of,
            own: ComparedSide::from(&two.own),
            other: ComparedSide::from(&two.other),
            capabilities: two.capabilities.clone(),
            differences: Vec::new(),
            unchanged: Vec::new(),
            days: Vec::new(),
            unread_by_own: Vec::new(),
            unread_by_other: Vec::new(),
            caseload: None,
        }
    }

    fn of_caseload(two: &Two, compared: CaseloadCompared, next_cursor: Option<String>) -> Self {
        let by_code = compared.counts.into_iter();
        let caseload = CaseloadComparison {
            cases: number(compared.cases),
            by_code: by_code.map(CodeComparison::from).collect(),
            differing: compared
                .differing
                .into_iter()
                .map(CaseComparison::from)
                .collect(),
            next_cursor,
        };
        Self {
            unread_by_other: unread(compared.unread_by_other),
            caseload: Some(caseload),
            ..Self::between(two)
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

fn views(differences: Vec<Difference>) -> Vec<FindingDifference> {
    differences
        .into_iter()
        .map(FindingDifference::from)
        .collect()
}

fn unread(facts: comparisons::Unread) -> Vec<UnreadFact> {
    facts
        .into_iter()
        .map(|(fact, code)| UnreadFact { fact, code })
        .collect()
}

fn texts(names: &[impl ToString]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// As the API tells numbers; no council has more children than fit.
fn number(counted: usize) -> u32 {
    u32::try_from(counted).unwrap_or(u32::MAX)
}

impl From<&Side> for ComparedSide {
    fn from(side: &Side) -> Self {
        Self {
            council: side.council.code().to_string(),
            edition: side.edition.clone(),
        }
    }
}

impl From<Change> for FindingChange {
    fn from(change: Change) -> Self {
        match change {
            Change::Appears => Self::Appears,
            Change::Vanishes => Self::Vanishes,
            Change::Moves => Self::Moves,
            Change::Changes => Self::Changes,
        }
    }
}

impl From<Difference> for FindingDifference {
    fn from(difference: Difference) -> Self {
        Self {
            code: difference.code.to_string(),
            change: difference.change.into(),
            own: difference.own,
            other: difference.other,
        }
    }
}

impl From<DayDiffers> for DayDifference {
    fn from(day: DayDiffers) -> Self {
        Self {
            name: day.name,
            own: day.own.map(ComparedDay::from),
            other: day.other.map(ComparedDay::from),
        }
    }
}

impl From<NamedDay> for ComparedDay {
    fn from(day: NamedDay) -> Self {
        Self {
            on: day.on,
            local_time: day.at,
            clauses: texts(&day.clauses),
        }
    }
}

impl From<CaseCompared> for CaseComparison {
    fn from(case: CaseCompared) -> Self {
        Self {
            case_id: *case.case_id.as_uuid(),
            reference: case.reference,
            differences: views(case.findings.differences),
        }
    }
}

impl From<(Code, BTreeMap<Option<Change>, usize>)> for CodeComparison {
    fn from((code, counts): (Code, BTreeMap<Option<Change>, usize>)) -> Self {
        let of = |change| number(counts.get(&change).copied().unwrap_or_default());
        Self {
            code: code.to_string(),
            appears: of(Some(Change::Appears)),
            vanishes: of(Some(Change::Vanishes)),
            moves: of(Some(Change::Moves)),
            changes: of(Some(Change::Changes)),
            unchanged: of(None),
        }
    }
}

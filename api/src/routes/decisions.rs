//! Decisions. Who may: recording is for those who decide, reading for whoever reads the panel.

use chrono::NaiveDate;
use permanence_api_macros::{dto, op};
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::bookings::BookingPath;
use super::decision_views::{
    ActionSet, Consensus, DecisionKind, DecisionSummary, DecisionView, MemberViewRecord,
};
use super::filters::Filters;
use super::outcome::{admits, created, once};
use super::panel::{code, desk, optional_code};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{Created, Idempotency, IfMatch, Json, Listing, Page, Path, Query, Reply, Tagged};
use crate::service::decisions::{self, Decided, NewAction, NewDecision};
use crate::store::decision_list::{DecisionCursor, DecisionFilter};
use crate::store::decisions as stored;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(record_decision)
        .service(list_decisions)
        .service(get_decision);
}

/// A decision.
#[dto(path)]
pub struct DecisionPath {
    /// The decision's id.
    pub decision_id: Uuid,
}

/// Which decisions.
#[dto(query, paged)]
pub struct ListDecisions {
    /// Only those on this case.
    pub case_id: Option<Uuid>,
    /// Only those of this sitting.
    pub sitting_id: Option<Uuid>,
    /// Not decided before this day.
    #[schema(example = "2026-01-01")]
    pub decided_from: Option<NaiveDate>,
    /// Not decided after this day.
    #[schema(example = "2026-12-31")]
    pub decided_to: Option<NaiveDate>,
    /// Only these outcomes; repeat it for several.
    #[rule(items(0, 50))]
    #[schema(example = json!(["approved"]))]
    pub outcome: Vec<String>,
    /// Only those that came about so; repeat it for several. `urgent` are those made outside panel.
    #[rule(items(0, 3))]
    pub kind: Vec<DecisionKind>,
    /// In which order; a minus before it turns it round. By day unless said.
    #[rule(len(1, 20), pattern = "^-?decidedOn$")]
    #[schema(example = "-decidedOn")]
    pub sort: Option<String>,
}

/// What a panel decided on an item.
#[dto(input)]
pub struct DecisionRecord {
    /// The outcome, a code of the list `outcomes` that the council has for this kind of request.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "approved")]
    pub outcome: String,
    /// The reasons.
    #[rule(len(1, 20000))]
    #[schema(example = "The carers meet the child's needs, and the child wants to stay.")]
    pub rationale: String,
    /// Conditions set with it.
    #[serde(default)]
    #[rule(items(0, 50))]
    #[schema(example = json!(["Contact is reviewed in six months."]))]
    pub conditions: Vec<String>,
    /// By when, in words.
    #[rule(len(1, 500))]
    #[schema(example = "Before the summer.")]
    pub timescale: Option<String>,
    /// Whether the members agreed. A dissenting member means that they did not.
    pub consensus: Option<Consensus>,
    /// Views of members.
    #[serde(default)]
    #[rule(items(0, 100), nested)]
    pub member_views: Vec<MemberViewRecord>,
    /// What the chair decided, where the members did not agree.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "approved")]
    pub chair_decision: Option<String>,
    /// The role that decided; as the council's policy says unless said.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "panel_chair")]
    pub decided_by: Option<String>,
    /// The day; the sitting's unless said. It cannot lie ahead.
    #[schema(example = "2026-02-25")]
    pub decided_on: Option<NaiveDate>,
    /// Actions that the decision itself sets, beside those that the policy makes of it.
    #[serde(default)]
    #[rule(items(0, 50), nested)]
    pub actions: Vec<ActionSet>,
    /// Further facts, by the names of the council's fact dictionary.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"rebookNeeded": true}))]
    pub facts: Map<String, Value>,
}

impl DecisionRecord {
    pub(super) fn read(self) -> Reply<NewDecision> {
        let views = self
            .member_views
            .into_iter()
            .enumerate()
            .map(|(index, view)| {
                Ok(stored::MemberView {
                    role: code(&format!("/memberViews/{index}/role"), &view.role)?,
                    view: view.view,
                    dissents: view.dissents,
                })
            });
        let actions = self.actions.into_iter().enumerate().map(|(index, action)| {
            let at = |name: &str| format!("/actions/{index}/{name}");
            Ok(NewAction {
                action: code(&at("action"), &action.action)?,
                description: action.description,
                responsible_role: optional_code(
                    &at("responsibleRole"),
                    action.responsible_role.as_ref(),
                )?,
                assigned_to: optional_code(&at("assignedTo"), action.assigned_to.as_ref())?,
                due_on: action.due_on,
            })
        });
        Ok(NewDecision {
            outcome: code("/outcome", &self.outcome)?,
            rationale: self.rationale,
            conditions: self.conditions,
            timescale: self.timescale,
            consensus: match self.consensus {
                Some(Consensus::Reached) => Some(true),
                Some(Consensus::NotReached) => Some(false),
                Some(Consensus::NotRecorded) | None => None,
            },
            member_views: views.collect::<Reply<_>>()?,
            chair_decision: optional_code("/chairDecision", self.chair_decision.as_ref())?,
            decided_by: optional_code("/decidedBy", self.decided_by.as_ref())?,
            decided_on: self.decided_on,
            actions: actions.collect::<Reply<_>>()?,
            facts: self.facts,
        })
    }
}

/// Record a decision
///
/// The council's policy is asked first: for its quorum, where it has one, and for outcome and decision maker. What it forbids
/// is refused with the clause and nothing is stored. What it allows is stored with the policy and the library that judged it,
/// and everything that follows is made with it: actions, letters, records and distribution, with roles and due days.
#[op(post "/v1/councils/{council}/bookings/{bookingId}/decision", tag = "Panel", also(409, 503))]
async fn record_decision(
    who: Authz<scope::PanelDecide>,
    path: Path<BookingPath>,
    version: IfMatch,
    key: Idempotency,
    body: Json<DecisionRecord>,
    state: State,
) -> Reply<Created<DecisionView>> {
    let desk = desk(&who, &state)?;
    let (council, today) = (desk.by.council.clone(), desk.desk.today());
    let answer = move |decided: &Decided| Ok(DecisionView::created(&council, decided, today));
    let once = once(&key, &desk.by, answer.clone());
    let (id, new) = (path.booking_id.into(), body.0.read()?);
    let made = decisions::record_decision(&desk, id, admits(version), new, once).await?;
    created(made, answer)
}

/// List decisions
///
/// By the day of the decision: those of the panel, of its chair, and those made outside panel, on the cases that are yours to
/// see. A decision by itself shows its reasons, what judged it and what follows from it.
#[op(get "/v1/councils/{council}/decisions", tag = "Panel")]
async fn list_decisions(
    who: Authz<scope::PanelRead>,
    query: Query<ListDecisions>,
    listing: Listing,
    state: State,
) -> Reply<Page<DecisionSummary>> {
    let after = listing.after::<DecisionCursor>(&query.0)?;
    let desk = desk(&who, &state)?;
    let mut named = Filters::of_records(&desk.council);
    let filter = DecisionFilter {
        case_id: query.case_id.map(Into::into),
        sitting_id: query.sitting_id.map(Into::into),
        from: query.decided_from,
        to: query.decided_to,
        outcome: named.codes("outcome", &query.outcome, "outcomes"),
        kind: query.kind.iter().map(|kind| (*kind).into()).collect(),
    };
    named.check()?;
    let descending = query
        .sort
        .as_deref()
        .is_some_and(|sort| sort.starts_with('-'));
    let (found, next) = decisions::list(&desk, filter, descending, after, query.limit).await?;
    listing.page(found.iter().map(DecisionSummary::from), next)
}

/// Get a decision
///
/// With the policy and the library that judged it, and everything that follows from it as it stands today.
#[op(get "/v1/councils/{council}/decisions/{decisionId}", tag = "Panel")]
async fn get_decision(
    who: Authz<scope::PanelRead>,
    path: Path<DecisionPath>,
    state: State,
) -> Reply<Tagged<DecisionView>> {
    let desk = desk(&who, &state)?;
    let decided = decisions::get(&desk, path.decision_id.into(), "getDecision").await?;
    Ok(Tagged::computed(
        DecisionView::new(&decided, desk.desk.today()),
        decided.decision.version,
    ))
}

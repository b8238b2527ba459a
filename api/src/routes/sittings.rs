//! Sittings of the panel, and their agendas. Who may: reading is for whoever reads the panel; arranging for whoever manages it.

use chrono::NaiveDate;
use permanence_api_macros::{dto, op};
use permanence_core::calendar::Period;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::filters::Filters;
use super::outcome::{admits, created, once};
use super::panel::{code, desk, optional_code, time};
use super::sitting_views::{
    Agenda, AgendaEntry, SittingDetail, SittingStatus, SittingView, SittingsMadeView,
};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{
    Created, Idempotency, IfMatch, Json, Listing, MergePatch, Page, Patch, Path, Query, Reply,
    Tagged,
};
use crate::problem::{FieldError, Problem};
use crate::service::sitting_changes::{self, SittingChanges};
use crate::service::sitting_making::{self, NewSittings, SittingsMade};
use crate::service::{attendance, booking_lists, sittings};
use crate::store::ids::SittingId;
use crate::store::sittings::SittingFilter;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_sittings)
        .service(create_sitting)
        .service(get_sitting)
        .service(update_sitting)
        .service(get_agenda);
}

/// A sitting.
#[dto(path)]
pub struct SittingPath {
    /// The sitting's id.
    pub sitting_id: Uuid,
}

/// Which sittings.
#[dto(query, paged)]
pub struct ListSittings {
    /// Not before this day.
    #[schema(example = "2026-03-01")]
    pub held_from: Option<NaiveDate>,
    /// Not after this day.
    #[schema(example = "2026-12-31")]
    pub held_to: Option<NaiveDate>,
    /// Only those of this panel.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "permanence_panel")]
    pub panel: Option<String>,
    /// Only those that stand so; repeat it for several.
    #[rule(items(0, 4))]
    pub status: Vec<SittingStatus>,
    /// In which order; a minus before it turns it round. By day unless said.
    #[rule(len(1, 20), pattern = "^-?heldOn$")]
    #[schema(example = "heldOn")]
    pub sort: Option<String>,
}

/// The sittings to be made: one on a day (`heldOn`), or those of the panel's pattern in a period (`from` and `to`).
#[dto(input)]
#[schema(example = json!({"panel": "permanence_panel", "from": "2026-03-01", "to": "2026-05-31", "location": "Committee room 2"}))]
pub struct SittingCreate {
    /// The panel; the council's first unless said.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "permanence_panel")]
    pub panel: Option<String>,
    /// The day of one sitting. A day off the pattern is taken and marked.
    #[schema(example = "2026-03-25")]
    pub held_on: Option<NaiveDate>,
    /// First day of the period in which the pattern's sittings are made.
    pub from: Option<NaiveDate>,
    /// Last day of that period: at most 14610 days (forty years) after the first, with at most 120 sittings from one to the other.
    pub to: Option<NaiveDate>,
    /// A day of a sitting from which a pattern of every so many days counts.
    pub anchor_on: Option<NaiveDate>,
    /// When it starts, in local time.
    #[rule(len(5, 5), pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    #[schema(example = "13:30")]
    pub start_time: Option<String>,
    /// When it ends.
    #[rule(len(5, 5), pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    #[schema(example = "16:30")]
    pub end_time: Option<String>,
    /// Who chairs; as the policy says unless said.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "head_of_service")]
    pub chair_role: Option<String>,
    /// Where it sits.
    #[rule(len(1, 200))]
    #[schema(example = "Committee room 2")]
    pub location: Option<String>,
    /// Why it lies where it lies.
    #[rule(len(1, 2000))]
    #[schema(example = "Moved ahead of the holidays.")]
    pub reason: Option<String>,
}

/// What is to change in a sitting.
#[dto(input)]
pub struct SittingUpdate {
    /// The day: moving it computes its deadlines anew.
    #[schema(example = "2026-03-26")]
    pub held_on: Option<NaiveDate>,
    /// When it starts.
    #[rule(len(5, 5), pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    #[schema(example = "13:30")]
    pub start_time: Patch<String>,
    /// When it ends.
    #[rule(len(5, 5), pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    #[schema(example = "16:30")]
    pub end_time: Patch<String>,
    /// Who chairs, where its sessions do not say.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "head_of_service")]
    pub chair_role: Patch<String>,
    /// Where it sits.
    #[rule(len(1, 200))]
    #[schema(example = "Committee room 2")]
    pub location: Patch<String>,
    /// `cancelled` takes it out; its items are put off. Nothing else can be set.
    pub status: Option<SittingCancellation>,
    /// Why, for the history.
    #[rule(len(1, 2000))]
    #[schema(example = "The room is flooded.")]
    pub reason: Option<String>,
}

/// What can be said of a sitting that is to come.
#[dto(code)]
pub enum SittingCancellation {
    /// It does not take place.
    Cancelled,
}

impl SittingCreate {
    fn read(self) -> Reply<NewSittings> {
        let panel = optional_code("/panel", self.panel.as_ref())?;
        let starts_at = time("/startTime", self.start_time.as_ref())?;
        let location = self.location;
        match (self.held_on, self.from, self.to) {
            (Some(held_on), None, None) => Ok(NewSittings::ByHand {
                panel,
                held_on,
                starts_at,
                ends_at: time("/endTime", self.end_time.as_ref())?,
                chair_role: optional_code("/chairRole", self.chair_role.as_ref())?,
                location,
                reason: self.reason,
            }),
            (None, Some(from), Some(to)) => Ok(NewSittings::ByPattern {
                panel,
                period: period(from, to)?,
                anchor: self.anchor_on,
                starts_at,
                location,
            }),
            _ => {
                let message = "Send either heldOn, for one sitting, or from and to, for those of the pattern.";
                Err(Problem::invalid(vec![FieldError::body(
                    "/heldOn", "missing", message,
                )]))
            }
        }
    }
}

fn period(from: NaiveDate, to: NaiveDate) -> Reply<Period> {
    Period::new(from, to).ok_or_else(|| {
        let fault = if from > to {
            let message = "The period ends before it starts.";
            FieldError::body("/to", "out_of_order", message)
        } else {
            let most = Period::LONGEST_DAYS;
            let message = format!("The period ends at most {most} days after its first day.");
            FieldError::body("/to", "too_long", message)
        };
        Problem::invalid(vec![fault])
    })
}

impl SittingUpdate {
    fn read(self) -> Reply<SittingChanges> {
        let hour =
            |pointer: &str, patch: Patch<String>| -> Reply<Option<Option<chrono::NaiveTime>>> {
                patch
                    .into_change()
                    .map(|text| time(pointer, text.as_ref()))
                    .transpose()
            };
        Ok(SittingChanges {
            held_on: self.held_on,
            starts_at: hour("/startTime", self.start_time)?,
            ends_at: hour("/endTime", self.end_time)?,
            chair_role: self
                .chair_role
                .into_change()
                .map(|text| text.map(|text| code("/chairRole", &text)).transpose())
                .transpose()?,
            location: self.location.into_change(),
            cancelled: self.status.is_some(),
            reason: self.reason,
        })
    }
}

/// List sittings
///
/// By day. Each with its sessions, chairs and deadlines, as the council's policy had them when it was made or moved.
#[op(get "/v1/councils/{council}/sittings", tag = "Panel")]
async fn list_sittings(
    who: Authz<scope::PanelRead>,
    query: Query<ListSittings>,
    listing: Listing,
    state: State,
) -> Reply<Page<SittingView>> {
    let after = listing.after::<(NaiveDate, SittingId)>(&query.0)?;
    let desk = desk(&who, &state)?;
    let mut named = Filters::of_records(&desk.council);
    let filter = SittingFilter {
        from: query.held_from,
        to: query.held_to,
        panel: named.panel("panel", query.panel.as_ref()),
        status: query.status.iter().map(|status| (*status).into()).collect(),
    };
    named.check()?;
    let descending = query
        .sort
        .as_deref()
        .is_some_and(|sort| sort.starts_with('-'));
    let (found, next) = sittings::list(&desk, filter, descending, after, query.limit).await?;
    listing.page(found.iter().map(SittingView::from), next)
}

/// Make sittings
///
/// One by hand, or every sitting of the panel's pattern in a period. Days, sessions, chairs and deadlines come from the
/// council's rulebook. A sitting off the pattern is taken and marked; days on which the panel sits already are left out, and so
/// are bank holidays where the policy says so. Both are named, so that a request that makes nothing says why. A period in which
/// the panel's pattern has no day at all is a 422 with the clauses of the pattern.
#[op(post "/v1/councils/{council}/sittings", tag = "Panel", also(409, 503))]
async fn create_sitting(
    who: Authz<scope::PanelManage>,
    key: Idempotency,
    body: Json<SittingCreate>,
    state: State,
) -> Reply<Created<SittingsMadeView>> {
    let desk = desk(&who, &state)?;
    let council = desk.by.council.clone();
    let answer = move |made: &SittingsMade| {
        let location = match made.made.as_slice() {
            [one] => format!("/v1/councils/{council}/sittings/{}", one.id),
            _ => format!("/v1/councils/{council}/sittings"),
        };
        let view = SittingsMadeView {
            made: made.made.iter().map(SittingView::from).collect(),
            existing: made.existing.clone(),
            skipped: made.skipped.clone(),
        };
        Ok(Created::new(view, location, 1))
    };
    let new = body.0.read()?;
    let made = sitting_making::create(&desk, new, once(&key, &desk.by, answer.clone())).await?;
    created(made, answer)
}

/// Get a sitting
///
/// The sitting with who is recorded as there, and whether they are a quorum, with the reasons.
#[op(get "/v1/councils/{council}/sittings/{sittingId}", tag = "Panel", also(503))]
async fn get_sitting(
    who: Authz<scope::PanelRead>,
    path: Path<SittingPath>,
    state: State,
) -> Reply<Tagged<SittingDetail>> {
    let attended = attendance::of_sitting(&desk(&who, &state)?, path.sitting_id.into()).await?;
    Ok(Tagged::computed(
        SittingDetail::new(&attended),
        attended.sitting.version,
    ))
}

/// Change a sitting
///
/// Moves it, cancels it, or changes its hours, chair or place. Moving computes its deadlines anew; the items of a cancelled
/// sitting are put off, each with an event in its case's history.
#[op(patch "/v1/councils/{council}/sittings/{sittingId}", tag = "Panel", also(409, 503))]
async fn update_sitting(
    who: Authz<scope::PanelManage>,
    path: Path<SittingPath>,
    version: IfMatch,
    body: MergePatch<SittingUpdate>,
    state: State,
) -> Reply<Tagged<SittingView>> {
    let changes = body.0.read()?;
    let id = path.sitting_id.into();
    let sitting =
        sitting_changes::update(&desk(&who, &state)?, id, admits(version), changes).await?;
    Ok(Tagged::new(SittingView::from(&sitting), sitting.version))
}

/// Get a sitting's agenda
///
/// The items that are on the list, or were decided, in the order of sessions and slots. It names cases by their reference only.
#[op(get "/v1/councils/{council}/sittings/{sittingId}/agenda", tag = "Panel")]
async fn get_agenda(
    who: Authz<scope::PanelRead>,
    path: Path<SittingPath>,
    state: State,
) -> Reply<Tagged<Agenda>> {
    let (sitting, entries) =
        booking_lists::agenda(&desk(&who, &state)?, path.sitting_id.into()).await?;
    let agenda = Agenda {
        sitting: SittingView::from(&sitting),
        entries: entries
            .iter()
            .map(|(listed, reference)| AgendaEntry::new(listed, reference))
            .collect(),
    };
    Ok(Tagged::computed(agenda, sitting.version))
}

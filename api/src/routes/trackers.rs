//! Trackers: which children stand in which section. Who may: whoever may read exceptions reads them, and whoever keeps
//! trackers changes them, for the cases that are theirs to see.

use chrono::NaiveDate;
use permanence_api_macros::{dto, op};
use serde_json::{Map, Value};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::cases::CasePath;
use super::filters::Filters;
use super::outcome::{admits, created, once};
use super::panel::{desk, optional_code, texts};
use super::tracker_views::TrackerEntryView;
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{
    Created, Idempotency, IfMatch, Json, Listing, MergePatch, Page, Path, Query, Reply, Tagged,
};
use crate::service::tracker_lists::{self, SectionCount};
use crate::service::trackers::{self, NewEntry};
use crate::store::tracker_entries::{EntryFilter, TrackerEntry};

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_tracker_sections)
        .service(list_tracker_entries)
        .service(record_tracker_entry)
        .service(get_tracker_entry)
        .service(update_tracker_entry);
}

/// An entry of a tracker.
#[dto(path)]
pub struct TrackerEntryPath {
    /// The entry's id.
    pub entry_id: Uuid,
}

/// Which sections.
#[dto(query, paged)]
pub struct ListTrackerSections {
    /// Only of this tracker.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "permanence_tracker")]
    pub tracker: Option<String>,
    /// Count the entries of this case only.
    pub case_id: Option<Uuid>,
}

/// Which entries.
#[dto(query, paged)]
pub struct ListTrackerEntries {
    /// Only of this tracker.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "permanence_tracker")]
    pub tracker: Option<String>,
    /// Only in these sections; repeat it for several.
    #[rule(items(0, 50))]
    #[schema(example = json!(["plan_agreed"]))]
    pub section: Vec<String>,
    /// Only of this case.
    pub case_id: Option<Uuid>,
    /// Those who have left the tracker, too.
    pub include_left: Option<bool>,
}

/// A section of a tracker.
#[dto]
pub struct TrackerSectionView {
    /// The tracker.
    #[rule(len(1, 80))]
    #[schema(example = "permanence_tracker")]
    pub tracker: String,
    /// What the tracker is called.
    #[rule(len(1, 500))]
    #[schema(example = "Permanence tracker")]
    pub tracker_title: String,
    /// The section; null on a tracker without sections.
    #[rule(len(1, 80))]
    #[schema(example = "plan_agreed")]
    pub section: Option<String>,
    /// What it is called.
    #[rule(len(1, 500))]
    #[schema(example = "Plan agreed")]
    pub title: String,
    /// Who leads it.
    #[rule(items(0, 20))]
    #[schema(example = json!(["team_manager"]))]
    pub lead: Vec<String>,
    /// The clauses that describe it.
    #[rule(items(0, 50))]
    #[schema(example = json!(["ANY-TRACKER-01"]))]
    pub clauses: Vec<String>,
    /// How many entries there are in it, among the cases that are the caller's to see.
    #[schema(example = 12)]
    pub entries: i64,
}

/// A child to be put on a tracker.
#[dto(input)]
#[schema(example = json!({
    "section": "plan_agreed",
    "joinedOn": "2026-03-02",
    "addedBy": "team_manager",
    "content": { "nextStep": "A match is sought." }
}))]
pub struct TrackerEntryRecord {
    /// The tracker; the council's first one unless said.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = json!(null))]
    pub tracker: Option<String>,
    /// The section, where the tracker has some.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "plan_agreed")]
    pub section: Option<String>,
    /// Who leads it for this child; the section's lead where it has one and none is named.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = json!(null))]
    pub lead: Option<String>,
    /// The day of joining; today unless said.
    #[schema(example = "2026-03-02")]
    pub joined_on: Option<NaiveDate>,
    /// The role that adds the child.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "team_manager")]
    pub added_by: Option<String>,
    /// What is held there, as the tracker's schema has it.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub content: Map<String, Value>,
}

/// What is to change in an entry.
#[dto(input)]
#[schema(example = json!({"content": {"nextStep": "The match goes to panel."}, "why": "After the tracker meeting."}))]
pub struct TrackerEntryUpdate {
    /// Members of its content: those that are absent stay, those that are null are cleared.
    #[schema(value_type = Option<Object>, required = false)]
    pub content: Option<Map<String, Value>>,
    /// Why it changes, for the history.
    #[rule(len(1, 2000))]
    #[schema(example = "After the tracker meeting.")]
    pub why: Option<String>,
}

impl From<&SectionCount> for TrackerSectionView {
    fn from(section: &SectionCount) -> Self {
        Self {
            tracker: section.tracker.to_string(),
            tracker_title: section.tracker_title.clone(),
            section: section.section.as_ref().map(ToString::to_string),
            title: section.title.clone(),
            lead: texts(&section.lead),
            clauses: texts(&section.clauses),
            entries: section.entries,
        }
    }
}

/// List the sections of trackers
///
/// Every section of every tracker of the council's policy, with who leads it and how many children stand in it. With
/// `caseId`, where that child stands.
#[op(get "/v1/councils/{council}/tracker-sections", tag = "Drift")]
async fn list_tracker_sections(
    who: Authz<scope::ExceptionsRead>,
    query: Query<ListTrackerSections>,
    listing: Listing,
    state: State,
) -> Reply<Page<TrackerSectionView>> {
    let after: Option<(String, String)> = listing.after(&query.0)?;
    let case_id = query.case_id.map(Into::into);
    let desk = desk(&who, &state)?;
    let mut named = Filters::as_of(&desk.council, desk.desk.today());
    let tracker = named.tracker("tracker", query.tracker.as_ref());
    named.check()?;
    let sections = tracker_lists::sections(&desk, tracker.as_ref(), case_id).await?;
    let mut views: Vec<TrackerSectionView> =
        sections.iter().map(TrackerSectionView::from).collect();
    views.sort_by_key(place);
    let rest = views
        .into_iter()
        .filter(|view| after.as_ref().is_none_or(|after| place(view) > *after));
    listing.keyed(rest, query.limit, place)
}

fn place(view: &TrackerSectionView) -> (String, String) {
    (
        view.tracker.clone(),
        view.section.clone().unwrap_or_default(),
    )
}

/// List the entries of trackers
///
/// Children on trackers, in the order in which they were put there; those who have left only with `includeLeft`.
#[op(get "/v1/councils/{council}/tracker-entries", tag = "Drift")]
async fn list_tracker_entries(
    who: Authz<scope::ExceptionsRead>,
    query: Query<ListTrackerEntries>,
    listing: Listing,
    state: State,
) -> Reply<Page<TrackerEntryView>> {
    let after = listing.after(&query.0)?;
    let desk = desk(&who, &state)?;
    let mut named = Filters::of_records(&desk.council);
    let filter = EntryFilter {
        tracker: named.tracker("tracker", query.tracker.as_ref()),
        sections: named.sections("section", &query.section),
        case_id: query.case_id.map(Into::into),
        left: query.include_left.unwrap_or_default(),
    };
    named.check()?;
    let (found, next) = tracker_lists::list(&desk, filter, after, query.limit).await?;
    listing.page(found.iter().map(TrackerEntryView::from), next)
}

/// Put a child on a tracker
///
/// In a section, where the tracker has some. What is held there is checked against the tracker's schema; what the council's
/// rules refuse is a 422 with the clause. A child stands in one section of a tracker at a time.
#[op(post "/v1/councils/{council}/cases/{caseId}/tracker-entries", tag = "Drift", also(409, 503))]
async fn record_tracker_entry(
    who: Authz<scope::TrackersWrite>,
    path: Path<CasePath>,
    key: Idempotency,
    body: Json<TrackerEntryRecord>,
    state: State,
) -> Reply<Created<TrackerEntryView>> {
    let desk = desk(&who, &state)?;
    let council = desk.by.council.clone();
    let answer = move |entry: &TrackerEntry| {
        let location = format!("/v1/councils/{council}/tracker-entries/{}", entry.id);
        let view = TrackerEntryView::from(entry);
        Ok(Created::new(view, location, entry.version))
    };
    let body = body.0;
    let new = NewEntry {
        tracker: optional_code("/tracker", body.tracker.as_ref())?,
        case_id: path.case_id.into(),
        section: optional_code("/section", body.section.as_ref())?,
        lead: optional_code("/lead", body.lead.as_ref())?,
        joined_on: body.joined_on,
        added_by: optional_code("/addedBy", body.added_by.as_ref())?,
        content: body.content,
    };
    let once = once(&key, &desk.by, answer.clone());
    created(trackers::record(&desk, new, once).await?, answer)
}

/// Get an entry of a tracker
///
/// What is held of the child there, what was reported, and how the child moved, with the policy's flags on each move.
#[op(get "/v1/councils/{council}/tracker-entries/{entryId}", tag = "Drift")]
async fn get_tracker_entry(
    who: Authz<scope::ExceptionsRead>,
    path: Path<TrackerEntryPath>,
    state: State,
) -> Reply<Tagged<TrackerEntryView>> {
    let entry = trackers::get(&desk(&who, &state)?, path.entry_id.into()).await?;
    Ok(tagged(&entry))
}

/// Change an entry of a tracker
///
/// A merge patch within `content`; what is held then must fit the tracker's schema of today. Moving is
/// `transferTrackerEntry`.
#[op(patch "/v1/councils/{council}/tracker-entries/{entryId}", tag = "Drift", also(409))]
async fn update_tracker_entry(
    who: Authz<scope::TrackersWrite>,
    path: Path<TrackerEntryPath>,
    version: IfMatch,
    body: MergePatch<TrackerEntryUpdate>,
    state: State,
) -> Reply<Tagged<TrackerEntryView>> {
    let (desk, id) = (desk(&who, &state)?, path.entry_id.into());
    let content = body.0.content.unwrap_or_default();
    let entry = trackers::update(&desk, id, admits(version), content, body.0.why).await?;
    Ok(tagged(&entry))
}

/// An entry with its version.
pub(super) fn tagged(entry: &TrackerEntry) -> Tagged<TrackerEntryView> {
    Tagged::new(TrackerEntryView::from(entry), entry.version)
}

//! The councils that are loaded, their panels, and their code lists. Who may: whoever may read the policy.

use chrono::NaiveDate;
use permanence_api_macros::{dto, op};
use permanence_core::Code;
use permanence_core::rulebook::{self, Policy};
use utoipa_actix_web::service_config::ServiceConfig;

use super::filters::edition;
use crate::app::State;
use crate::auth::{Authz, Caller, scope};
use crate::http::{ETag, Listing, Page, Query, Reply, Tagged};
use crate::plugins::Council;
use crate::service::questions;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_councils)
        .service(get_council)
        .service(list_codes);
}

/// Which councils.
#[dto(query, paged)]
pub struct ListCouncils {}

/// Which code lists.
#[dto(query, paged)]
pub struct ListCodes {
    /// The edition's id; the one of today where it is absent.
    #[rule(len(1, 80))]
    #[schema(example = "1")]
    pub edition: Option<String>,
}

/// A council, in a list.
#[dto]
pub struct CouncilSummary {
    /// Its code, as it stands in addresses.
    #[rule(len(1, 80))]
    #[schema(example = "anytown")]
    pub code: String,
    /// Its name.
    #[rule(len(1, 200))]
    #[schema(example = "Anytown Council")]
    pub name: String,
    /// Its code in the government's register (GSS).
    #[rule(len(1, 9))]
    #[schema(example = "E06000999")]
    pub gss: String,
    /// The edition of its policy that holds today.
    #[rule(len(1, 80))]
    #[schema(example = "1")]
    pub current_edition: String,
}

/// A council.
#[dto]
pub struct CouncilView {
    /// Its code, as it stands in addresses.
    #[rule(len(1, 80))]
    #[schema(example = "anytown")]
    pub code: String,
    /// Its name.
    #[rule(len(1, 200))]
    #[schema(example = "Anytown Council")]
    pub name: String,
    /// Its code in the government's register (GSS).
    #[rule(len(1, 9))]
    #[schema(example = "E06000999")]
    pub gss: String,
    /// The edition of its policy that holds today.
    #[rule(len(1, 80))]
    #[schema(example = "1")]
    pub current_edition: String,
    /// All editions, oldest first.
    #[rule(items(1, 100))]
    pub editions: Vec<EditionView>,
    /// The panels of the edition that holds today.
    #[rule(items(0, 50))]
    pub panels: Vec<PanelView>,
    /// Topics on which the policy says nothing.
    #[rule(items(0, 200))]
    #[schema(example = json!(["quorum"]))]
    pub silent: Vec<String>,
    /// The library that brought the policy.
    pub plugin: PluginView,
}

/// An edition of a policy.
#[dto]
pub struct EditionView {
    /// Its id.
    #[rule(len(1, 80))]
    #[schema(example = "1")]
    pub id: String,
    /// The title of the document.
    #[rule(len(1, 500))]
    #[schema(example = "Permanence policy")]
    pub title: String,
    /// The first day on which it holds; null for one that judges everything before, too.
    pub effective_from_on: Option<NaiveDate>,
    /// The last day on which it holds; null while it does.
    pub effective_to_on: Option<NaiveDate>,
    /// When the council published it, as far as known.
    #[rule(len(1, 80))]
    #[schema(example = "2025-04")]
    pub published: Option<String>,
}

/// A panel.
#[dto]
pub struct PanelView {
    /// Its code.
    #[rule(len(1, 80))]
    #[schema(example = "permanence_panel")]
    pub code: String,
    /// What it is called.
    #[rule(len(1, 200))]
    #[schema(example = "Permanence panel")]
    pub label: String,
    /// The kinds of request that it takes.
    #[rule(items(0, 100))]
    #[schema(example = json!(["permanence_plan"]))]
    pub request_types: Vec<String>,
    /// The parts of a sitting; empty where it has none.
    #[rule(items(0, 50))]
    pub sessions: Vec<PanelSessionView>,
    /// The clauses that say when it sits.
    #[rule(items(0, 50))]
    #[schema(example = json!(["ANY-FREQUENCY-01"]))]
    pub clauses: Vec<String>,
}

/// A part of a sitting.
#[dto]
pub struct PanelSessionView {
    /// Its code.
    #[rule(len(1, 80))]
    #[schema(example = "session_1")]
    pub code: String,
    /// The kinds of request that it hears.
    #[rule(items(0, 100))]
    #[schema(example = json!(["permanence_plan"]))]
    pub request_types: Vec<String>,
    /// The roles that may take the chair, first first.
    #[rule(items(0, 20))]
    #[schema(example = json!(["head_of_service"]))]
    pub chair: Vec<String>,
    /// How long a slot is, where the policy says.
    pub slot_minutes: Option<i32>,
}

/// The library that brought a policy: it is kept with every decision that it judges.
#[dto]
pub struct PluginView {
    /// Its name.
    #[rule(len(1, 200))]
    #[schema(example = "permanence-council-anytown")]
    pub name: String,
    /// Its version.
    #[rule(len(1, 80))]
    #[schema(example = "0.1.0")]
    pub version: String,
    /// The SHA-256 of its file.
    #[rule(len(64, 64))]
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: String,
}

/// A list of codes.
#[dto]
pub struct CodeListView {
    /// Its name.
    #[rule(len(1, 80))]
    #[schema(example = "outcomes")]
    pub name: String,
    /// What its codes are for.
    #[rule(len(0, 500))]
    #[schema(example = "Outcomes of a panel")]
    pub title: String,
    /// Whether codes outside the list are taken and left to the rules.
    pub open: bool,
    /// The codes.
    #[rule(items(0, 1000))]
    pub codes: Vec<CodeView>,
}

/// A code.
#[dto]
pub struct CodeView {
    /// The code.
    #[rule(len(1, 80))]
    #[schema(example = "approved")]
    pub code: String,
    /// What people call it.
    #[rule(len(1, 500))]
    #[schema(example = "Approved")]
    pub label: String,
    /// The group that it belongs to, where its list has groups.
    #[rule(len(1, 80))]
    #[schema(example = "favourable")]
    pub group: Option<String>,
}

/// List your councils
///
/// The councils that are loaded and that the caller acts for, in the order of their codes.
#[op(get "/v1/councils", tag = "Councils")]
async fn list_councils(
    who: Caller<scope::PolicyRead>,
    query: Query<ListCouncils>,
    listing: Listing,
    state: State,
) -> Reply<Page<CouncilSummary>> {
    let after: Option<String> = listing.after(&query.0)?;
    let today = state.clock.today();
    let mine = state
        .councils
        .iter()
        .filter(|council| who.councils.contains(council.code()));
    let rest = mine.filter(|council| {
        after
            .as_deref()
            .is_none_or(|after| council.code().as_str() > after)
    });
    listing.keyed(
        rest.map(|council| CouncilSummary::of(council, today)),
        query.limit,
        |view| view.code.clone(),
    )
}

/// Read a council
///
/// Who it is, the editions of its policy, its panels and the library that judges for it.
#[op(get "/v1/councils/{council}", tag = "Councils")]
async fn get_council(who: Authz<scope::PolicyRead>, state: State) -> Reply<Tagged<CouncilView>> {
    let council = questions::council(&state.councils, who.council())?;
    let policy = questions::edition(council, None, state.clock.today())?;
    let etag = ETag::named(&format!(
        "{}-{}",
        council.plugin().digest,
        policy.rulebook.edition.id
    ));
    Ok(Tagged::with_tag(CouncilView::of(council, policy), etag))
}

/// List the code lists
///
/// Every list of codes that facts, outcomes and findings of this council use, with labels. New codes may be added at any time.
#[op(get "/v1/councils/{council}/codes", tag = "Councils")]
async fn list_codes(
    who: Authz<scope::PolicyRead>,
    query: Query<ListCodes>,
    listing: Listing,
    state: State,
) -> Reply<Page<CodeListView>> {
    let after: Option<String> = listing.after(&query.0)?;
    let council = questions::council(&state.councils, who.council())?;
    let policy = edition(council, query.edition.as_deref(), state.clock.today())?;
    let lists = policy.dictionary().vocabulary().lists().iter();
    let rest = lists.filter(|(name, _)| after.as_deref().is_none_or(|after| name.as_str() > after));
    listing.keyed(rest.map(CodeListView::from), query.limit, |view| {
        view.name.clone()
    })
}

impl CouncilSummary {
    fn of(council: &Council, today: NaiveDate) -> Self {
        let policy = council.policy();
        Self {
            code: policy.council.code.to_string(),
            name: policy.council.name.clone(),
            gss: policy.council.gss.clone(),
            current_edition: policy
                .on(today)
                .map(|policy| policy.rulebook.edition.id.clone())
                .unwrap_or_default(),
        }
    }
}

impl CouncilView {
    fn of(council: &Council, policy: &Policy) -> Self {
        let plugin = council.plugin();
        let label = |code: &Code| policy.dictionary().vocabulary().label(code);
        Self {
            code: policy.council.code.to_string(),
            name: policy.council.name.clone(),
            gss: policy.council.gss.clone(),
            current_edition: policy.rulebook.edition.id.clone(),
            editions: council
                .policy()
                .editions()
                .iter()
                .map(|policy| (&policy.rulebook.edition).into())
                .collect(),
            panels: policy
                .rulebook
                .panels
                .iter()
                .map(|panel| PanelView::of(panel, label(&panel.code)))
                .collect(),
            silent: policy
                .rulebook
                .silent
                .iter()
                .map(|silence| silence.topic.clone())
                .collect(),
            plugin: PluginView {
                name: plugin.id.clone(),
                version: plugin.version.clone(),
                sha256: plugin.digest.to_string(),
            },
        }
    }
}

impl From<&rulebook::Edition> for EditionView {
    fn from(edition: &rulebook::Edition) -> Self {
        Self {
            id: edition.id.clone(),
            title: edition.title.clone(),
            effective_from_on: edition.effective_from,
            effective_to_on: edition.effective_to,
            published: edition.published.clone(),
        }
    }
}

impl PanelView {
    fn of(panel: &rulebook::Panel, label: String) -> Self {
        Self {
            code: panel.code.to_string(),
            label,
            request_types: texts(&panel.request_types),
            sessions: panel.sessions.iter().map(PanelSessionView::from).collect(),
            clauses: texts(&panel.clauses),
        }
    }
}

impl From<&rulebook::Session> for PanelSessionView {
    fn from(session: &rulebook::Session) -> Self {
        Self {
            code: session.code.to_string(),
            request_types: texts(&session.request_types),
            chair: texts(&session.chair),
            slot_minutes: session.slot_minutes.map(i32::from),
        }
    }
}

impl From<(&Code, &permanence_core::vocabulary::CodeList)> for CodeListView {
    fn from((name, list): (&Code, &permanence_core::vocabulary::CodeList)) -> Self {
        let codes = list.codes.iter().map(|(code, entry)| CodeView {
            code: code.to_string(),
            label: if entry.label.is_empty() {
                code.label()
            } else {
                entry.label.clone()
            },
            group: entry.group.as_ref().map(Code::to_string),
        });
        Self {
            name: name.to_string(),
            title: list.title.clone(),
            open: list.open,
            codes: codes.collect(),
        }
    }
}

fn texts(names: &[impl ToString]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

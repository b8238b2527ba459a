//! The members of a panel. Who may: whoever may read the panel; appointing is for whoever manages it.

use chrono::{DateTime, NaiveDate, Utc};
use permanence_api_macros::{dto, op};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::filters::Filters;
use super::outcome::{admits, created, once};
use super::panel::{code, desk, optional_code};
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{
    Created, Idempotency, IfMatch, Json, Listing, MergePatch, Page, Patch, Path, Query, Reply,
    Tagged,
};
use crate::problem::{FieldError, Problem};
use crate::service::members::{self, Appointment, MemberChange};
use crate::store::panel_members::{MemberFilter, PanelMember};

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_members)
        .service(appoint_member)
        .service(get_member)
        .service(update_member);
}

/// A member of a panel.
#[dto(path)]
pub struct MemberPath {
    /// The member's id.
    pub member_id: Uuid,
}

/// Which members.
#[dto(query, paged)]
pub struct ListMembers {
    /// Only of this panel.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "permanence_panel")]
    pub panel: Option<String>,
    /// Only in these posts; repeat it for several.
    #[rule(items(0, 50))]
    #[schema(example = json!(["panel_chair"]))]
    pub role: Vec<String>,
    /// Only who is in office on this day.
    pub on: Option<NaiveDate>,
}

/// Somebody to be appointed.
#[dto(input)]
pub struct MemberAppoint {
    /// The panel; the council's first one unless said.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = json!(null))]
    pub panel: Option<String>,
    /// The post, one that the panel has.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "panel_chair")]
    pub role: String,
    /// The name of the member of staff.
    #[rule(len(1, 200))]
    #[schema(example = "Rowan Ashdown")]
    pub name: String,
    /// The person, by the council's own id.
    #[rule(len(1, 200))]
    #[schema(example = "p-311")]
    pub person_ref: Option<String>,
    /// The post for whose holder the person stands in.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = json!(null))]
    pub substitute_for: Option<String>,
    /// The first day; today unless said.
    #[schema(example = "2026-03-02")]
    pub from_on: Option<NaiveDate>,
    /// The last day; absent while it goes on.
    #[schema(example = "2027-03-01")]
    pub to_on: Option<NaiveDate>,
    /// Anything to add.
    #[rule(len(1, 2000))]
    #[schema(example = "Until the post is filled.")]
    pub note: Option<String>,
}

/// What is to change in a term.
#[dto(input)]
pub struct MemberUpdate {
    /// The name of the member of staff.
    #[rule(len(1, 200))]
    #[schema(example = "Rowan Ashdown")]
    pub name: Patch<String>,
    /// The person, by the council's own id.
    #[rule(len(1, 200))]
    #[schema(example = "p-311")]
    pub person_ref: Patch<String>,
    /// The first day.
    #[schema(example = "2026-03-02")]
    pub from_on: Patch<NaiveDate>,
    /// The last day; null while it goes on.
    #[schema(example = "2026-09-30")]
    pub to_on: Patch<NaiveDate>,
    /// Anything to add.
    #[rule(len(1, 2000))]
    #[schema(example = "Left the council.")]
    pub note: Patch<String>,
}

/// A member of a panel.
#[dto]
pub struct MemberView {
    /// The member's id.
    pub id: Uuid,
    /// The panel.
    #[rule(len(1, 80))]
    #[schema(example = "permanence_panel")]
    pub panel: String,
    /// The post.
    #[rule(len(1, 80))]
    #[schema(example = "panel_chair")]
    pub role: String,
    /// The name of the member of staff.
    #[rule(len(1, 200))]
    #[schema(example = "Rowan Ashdown")]
    pub name: String,
    /// The person, by the council's own id.
    #[rule(len(1, 200))]
    #[schema(example = "p-311")]
    pub person_ref: Option<String>,
    /// The post for whose holder the person stands in.
    #[rule(len(1, 80))]
    #[schema(example = "panel_chair")]
    pub substitute_for: Option<String>,
    /// The first day.
    pub from_on: NaiveDate,
    /// The last day; null while it goes on.
    pub to_on: Option<NaiveDate>,
    /// Anything to add.
    #[rule(len(1, 2000))]
    #[schema(example = "Until the post is filled.")]
    pub note: Option<String>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<&PanelMember> for MemberView {
    fn from(member: &PanelMember) -> Self {
        Self {
            id: member.id.into(),
            panel: member.panel.to_string(),
            role: member.role.to_string(),
            name: member.name.clone(),
            person_ref: member.person_ref.clone(),
            substitute_for: member.substitute_for.as_ref().map(ToString::to_string),
            from_on: member.from_on,
            to_on: member.to_on,
            note: member.note.clone(),
            created_at: member.created_at,
            updated_at: member.updated_at,
        }
    }
}

/// List the members of panels
///
/// Everybody who was appointed, in the order of their appointment; with `on`, who is in office on that day.
#[op(get "/v1/councils/{council}/members", tag = "Panel")]
async fn list_members(
    who: Authz<scope::PanelRead>,
    query: Query<ListMembers>,
    listing: Listing,
    state: State,
) -> Reply<Page<MemberView>> {
    let after = listing.after(&query.0)?;
    let desk = desk(&who, &state)?;
    let mut named = Filters::of_records(&desk.council);
    let filter = MemberFilter {
        panel: named.panel("panel", query.panel.as_ref()),
        roles: named.codes("role", &query.role, "roles"),
        on: query.on,
    };
    named.check()?;
    let (found, next) = members::list(&desk, filter, after, query.limit).await?;
    listing.page(found.iter().map(MemberView::from), next)
}

/// Appoint a member
///
/// A member of staff to a post of a panel, or in place of one who holds a post. Which posts there are is the council's
/// policy: one that the panel does not have is a 422 that names the member.
#[op(post "/v1/councils/{council}/members", tag = "Panel", also(409))]
async fn appoint_member(
    who: Authz<scope::PanelManage>,
    key: Idempotency,
    body: Json<MemberAppoint>,
    state: State,
) -> Reply<Created<MemberView>> {
    let desk = desk(&who, &state)?;
    let council = desk.by.council.clone();
    let answer = move |member: &PanelMember| {
        let location = format!("/v1/councils/{council}/members/{}", member.id);
        Ok(Created::new(
            MemberView::from(member),
            location,
            member.version,
        ))
    };
    let body = body.0;
    let new = Appointment {
        panel: optional_code("/panel", body.panel.as_ref())?,
        role: code("/role", &body.role)?,
        name: body.name,
        person_ref: body.person_ref,
        substitute_for: optional_code("/substituteFor", body.substitute_for.as_ref())?,
        from_on: body.from_on,
        to_on: body.to_on,
        note: body.note,
    };
    let once = once(&key, &desk.by, answer.clone());
    created(members::appoint(&desk, new, once).await?, answer)
}

/// Get a member
///
/// The term as it stands now, with its version as `ETag`.
#[op(get "/v1/councils/{council}/members/{memberId}", tag = "Panel")]
async fn get_member(
    who: Authz<scope::PanelRead>,
    path: Path<MemberPath>,
    state: State,
) -> Reply<Tagged<MemberView>> {
    let member = members::get(&desk(&who, &state)?, path.member_id.into()).await?;
    Ok(Tagged::new(MemberView::from(&member), member.version))
}

/// Change a member's term
///
/// A merge patch: its end when somebody leaves, or what was written down wrong. The post and the panel stay; another post is
/// another appointment.
#[op(patch "/v1/councils/{council}/members/{memberId}", tag = "Panel")]
async fn update_member(
    who: Authz<scope::PanelManage>,
    path: Path<MemberPath>,
    version: IfMatch,
    body: MergePatch<MemberUpdate>,
    state: State,
) -> Reply<Tagged<MemberView>> {
    let body = body.0;
    let change = MemberChange {
        name: kept("/name", body.name)?,
        person_ref: body.person_ref.into_change(),
        from_on: kept("/fromOn", body.from_on)?,
        to_on: body.to_on.into_change(),
        note: body.note.into_change(),
    };
    let (desk, id) = (desk(&who, &state)?, path.member_id.into());
    let member = members::update(&desk, id, admits(version), change).await?;
    Ok(Tagged::new(MemberView::from(&member), member.version))
}

/// A member of a patch that cannot be cleared.
fn kept<T>(pointer: &str, patch: Patch<T>) -> Reply<Option<T>> {
    match patch {
        Patch::Absent => Ok(None),
        Patch::Value(value) => Ok(Some(value)),
        Patch::Null => {
            let fault = FieldError::body(pointer, "required", "It cannot be cleared.");
            Err(Problem::invalid(vec![fault]))
        }
    }
}

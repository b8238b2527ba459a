//! A route file as `docs/adding-an-endpoint.md` shows it, without a service behind it: what all routes share is tested on it.

use permanence_api_macros::{dto, op};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{
    Accepted, Created, Idempotency, IfMatch, Json, Listing, MergePatch, NoContent, Page, Patch,
    Path, Query, Reply, Tagged,
};
use crate::auth::{Authz, scope};
use crate::problem::Problem;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_notes)
        .service(create_note)
        .service(get_note)
        .service(update_note)
        .service(remove_note)
        .service(count_notes)
        .service(break_down);
}

/// A note on a case.
#[dto(path)]
pub struct NotePath {
    /// The note's id.
    pub note_id: Uuid,
}

/// Which notes.
#[dto(query, paged)]
pub struct ListNotes {
    /// Only notes of these kinds; repeat it for several.
    #[rule(items(0, 2))]
    pub kind: Vec<NoteKind>,
}

/// What a note is about.
#[dto(code)]
pub enum NoteKind {
    /// About a visit.
    Visit,
    /// About anything else.
    Other,
}

/// What a new note says.
#[dto(input)]
pub struct NoteCreate {
    /// What it is about.
    pub kind: NoteKind,
    /// What it says.
    #[rule(len(1, 20))]
    #[schema(example = "Seen at home.")]
    pub text: String,
    /// The writer's mark.
    #[rule(pattern = "^[A-Z]{2}$")]
    #[schema(example = "AB")]
    pub mark: Option<String>,
    /// Who was seen.
    #[rule(items(0, 2), nested)]
    pub seen_people: Vec<SeenPerson>,
}

/// Somebody who was seen.
#[dto(both)]
pub struct SeenPerson {
    /// Their age.
    #[rule(range(0, 17))]
    pub age: u8,
}

/// What is to change in a note.
#[dto(input)]
pub struct NoteUpdate {
    /// What it says.
    #[rule(len(1, 20))]
    #[schema(example = "Seen at school.")]
    pub text: Patch<String>,
}

/// A note.
#[dto]
pub struct NoteView {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub kind: NoteKind,
    /// What it says; null if it says nothing any more.
    #[rule(len(1, 20))]
    #[schema(example = "Seen at home.")]
    pub text: Option<String>,
    /// Who was seen.
    #[rule(items(0, 2))]
    pub seen_people: Vec<SeenPerson>,
}

fn note(text: Option<String>) -> NoteView {
    NoteView {
        id: Uuid::nil(),
        kind: NoteKind::Visit,
        text,
        seen_people: vec![SeenPerson { age: 7 }],
    }
}

/// List notes
///
/// Two pages of one note each, whatever is asked.
#[op(get "/v1/councils/{council}/notes", tag = "Cases")]
async fn list_notes(
    who: Authz<scope::CasesRead>,
    query: Query<ListNotes>,
    listing: Listing,
) -> Reply<Page<NoteView>> {
    let after: Option<u32> = listing.after(&query.0)?;
    let text = format!("{} {:?}", who.council(), after);
    listing.page([note(Some(text))], after.is_none().then_some(1))
}

/// Write a note
///
/// It is not kept; the answer is what was sent.
#[op(post "/v1/councils/{council}/notes", tag = "Cases")]
async fn create_note(
    _who: Authz<scope::CasesWrite>,
    key: Idempotency,
    body: Json<NoteCreate>,
) -> Reply<Created<NoteView>> {
    let text = key.claim().map_or(body.text.clone(), |claim| claim.key);
    let made = NoteView {
        kind: body.kind,
        ..note(Some(text))
    };
    let created = Created::new(made, "/v1/councils/anytown/notes/0", 1);
    Ok(Created::replay(created.stored()?))
}

/// Read a note
///
/// There is one note, and its version is three.
#[op(get "/v1/councils/{council}/notes/{noteId}", tag = "Cases")]
async fn get_note(_who: Authz<scope::CasesRead>, path: Path<NotePath>) -> Reply<Tagged<NoteView>> {
    if path.note_id.is_nil() {
        return Ok(Tagged::new(note(None), 3));
    }
    Err(Problem::not_found())
}

/// Change a note
///
/// A merge patch: what is absent stays as it is.
#[op(patch "/v1/councils/{council}/notes/{noteId}", tag = "Cases", also(409))]
async fn update_note(
    _who: Authz<scope::CasesWrite>,
    _path: Path<NotePath>,
    version: IfMatch,
    body: MergePatch<NoteUpdate>,
) -> Reply<Tagged<NoteView>> {
    version.admits(3)?;
    let text = body.0.text.apply(Some("as it was".to_owned()));
    Ok(Tagged::new(note(text), 4))
}

/// Remove a note
///
/// Nothing is removed; the answer says that it was.
#[op(delete "/v1/councils/{council}/notes/{noteId}", tag = "Cases")]
async fn remove_note(
    _who: Authz<scope::CasesWrite>,
    _path: Path<NotePath>,
    version: IfMatch,
) -> Reply<NoContent> {
    version.admits(3).map(|()| NoContent)
}

/// Count notes
///
/// Counting takes its time, so only its beginning is answered.
#[op(post "/v1/councils/{council}/notes/counts", tag = "Cases", status = "alpha")]
async fn count_notes(_who: Authz<scope::CasesRead>) -> Reply<Accepted<SeenPerson>> {
    Ok(Accepted::new(SeenPerson { age: 1 }, "/v1/counts/1", 2))
}

/// Break down
///
/// Panics in the middle of its work, as no handler ever should.
#[op(get "/v1/breakdown", tag = "Service", public)]
async fn break_down() -> Reply<NoContent> {
    panic!("Zaphod")
}

mod tests;

//! Attendance. Who may: whoever manages the panel.

use permanence_api_macros::{dto, op};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::outcome::admits;
use super::panel::{code, desk, optional_code};
use super::sitting_views::SittingDetail;
use super::sittings::SittingPath;
use crate::app::State;
use crate::auth::{Authz, scope};
use crate::http::{IfMatch, Json, Path, Reply, Tagged};
use crate::service::attendance::{self, AttendanceList, Present};
use crate::store::attendance as stored;

/// Registers these routes.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(record_attendance);
}

/// In which capacity somebody attends.
#[dto(code)]
pub enum Capacity {
    /// Sits on the panel.
    Member,
    /// Sent in place of a member.
    Substitute,
    /// Brings a case.
    Presenter,
    /// Watches.
    Observer,
}

/// Who is at a sitting: the whole list, which replaces what was recorded before.
#[dto(input)]
pub struct AttendanceRecord {
    /// Everybody.
    #[rule(items(0, 500), nested)]
    pub present: Vec<PresentInput>,
    /// The role in the chair.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "head_of_service")]
    pub chair: Option<String>,
    /// The role in the chair of a session, where that is somebody else.
    #[serde(default)]
    #[rule(items(0, 50), nested)]
    pub session_chairs: Vec<SessionChair>,
}

/// Somebody at a sitting.
#[dto(both)]
pub struct PresentInput {
    /// Their role, a code of the list `roles`.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "iro_manager")]
    pub role: String,
    /// In which capacity.
    pub capacity: Capacity,
    /// How they take part, a code of the list `attendance_modes`.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "remote")]
    pub mode: Option<String>,
    /// The person, by the council's own id.
    #[rule(len(1, 200))]
    #[schema(example = "p-311")]
    pub person_ref: Option<String>,
    /// Who of the panel's members they are, as `listMembers` gives them.
    #[schema(example = json!(null))]
    pub member_id: Option<Uuid>,
    /// The role that they stand in for.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "connected_persons_team_manager")]
    pub substitute_for: Option<String>,
    /// The grade of whoever stands in, where the council's policy looks at grades.
    #[rule(len(1, 80))]
    #[schema(example = "14")]
    pub grade: Option<String>,
    /// The grade of the member that they stand in for.
    #[rule(len(1, 80))]
    #[schema(example = "14")]
    pub member_grade: Option<String>,
    /// The one item that they come for; all items unless said.
    pub booking_id: Option<Uuid>,
}

/// Who is in the chair of a session.
#[dto(both)]
pub struct SessionChair {
    /// The session.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "staying_put")]
    pub session: String,
    /// The role.
    #[rule(len(1, 80), pattern = "^[a-z0-9_]+$")]
    #[schema(example = "head_of_service")]
    pub chair: String,
}

/// Somebody who is recorded as there.
#[dto]
pub struct AttendanceView {
    /// The record's id.
    pub id: Uuid,
    /// Their role.
    #[rule(len(1, 80))]
    #[schema(example = "iro_manager")]
    pub role: String,
    /// In which capacity.
    pub capacity: Capacity,
    /// How they took part.
    #[rule(len(1, 80))]
    #[schema(example = "remote")]
    pub mode: Option<String>,
    /// The person, by the council's own id.
    #[rule(len(1, 200))]
    #[schema(example = "p-311")]
    pub person_ref: Option<String>,
    /// Who of the panel's members they are.
    pub member_id: Option<Uuid>,
    /// The role that they stood in for.
    #[rule(len(1, 80))]
    #[schema(example = "connected_persons_team_manager")]
    pub substitute_for: Option<String>,
    /// The grade of whoever stood in.
    #[rule(len(1, 80))]
    #[schema(example = "14")]
    pub grade: Option<String>,
    /// The grade of the member that they stood in for.
    #[rule(len(1, 80))]
    #[schema(example = "14")]
    pub member_grade: Option<String>,
    /// The one item that they came for.
    pub booking_id: Option<Uuid>,
}

impl From<&stored::Attendance> for AttendanceView {
    fn from(entry: &stored::Attendance) -> Self {
        Self {
            id: entry.id.into(),
            role: entry.role.to_string(),
            capacity: match entry.capacity {
                stored::Capacity::Member => Capacity::Member,
                stored::Capacity::Substitute => Capacity::Substitute,
                stored::Capacity::Presenter => Capacity::Presenter,
                stored::Capacity::Observer => Capacity::Observer,
            },
            mode: entry.mode.as_ref().map(ToString::to_string),
            person_ref: entry.person_ref.clone(),
            member_id: entry.member_id().map(Uuid::from),
            substitute_for: entry.substitute_for.as_ref().map(ToString::to_string),
            grade: text(entry, "grade"),
            member_grade: text(entry, "memberGrade"),
            booking_id: entry.booking_id.map(Uuid::from),
        }
    }
}

fn text(entry: &stored::Attendance, name: &str) -> Option<String> {
    let value = entry.details.get(name)?;
    value.as_str().map(str::to_owned)
}

impl AttendanceRecord {
    fn read(self) -> Reply<AttendanceList> {
        let present = self.present.into_iter().enumerate().map(|(index, one)| {
            let at = |name: &str| format!("/present/{index}/{name}");
            Ok(Present {
                role: code(&at("role"), &one.role)?,
                capacity: match one.capacity {
                    Capacity::Member => stored::Capacity::Member,
                    Capacity::Substitute => stored::Capacity::Substitute,
                    Capacity::Presenter => stored::Capacity::Presenter,
                    Capacity::Observer => stored::Capacity::Observer,
                },
                mode: optional_code(&at("mode"), one.mode.as_ref())?,
                person_ref: one.person_ref,
                member_id: one.member_id.map(Into::into),
                substitute_for: optional_code(&at("substituteFor"), one.substitute_for.as_ref())?,
                grade: one.grade,
                member_grade: one.member_grade,
                booking_id: one.booking_id.map(Into::into),
            })
        });
        let chairs = self.session_chairs.iter().enumerate().map(|(index, one)| {
            let at = |name: &str| format!("/sessionChairs/{index}/{name}");
            Ok((
                code(&at("session"), &one.session)?,
                code(&at("chair"), &one.chair)?,
            ))
        });
        Ok(AttendanceList {
            present: present.collect::<Reply<_>>()?,
            session_chairs: chairs.collect::<Reply<_>>()?,
            chair: optional_code("/chair", self.chair.as_ref())?,
        })
    }
}

/// Record attendance
///
/// The whole list of a sitting: it replaces what was recorded before. The answer says whether that is a quorum, with the
/// reasons. From the sitting's day on it counts as held; before, the list says who is expected.
#[op(put "/v1/councils/{council}/sittings/{sittingId}/attendance", tag = "Panel", also(409, 503))]
async fn record_attendance(
    who: Authz<scope::PanelManage>,
    path: Path<SittingPath>,
    version: IfMatch,
    body: Json<AttendanceRecord>,
    state: State,
) -> Reply<Tagged<SittingDetail>> {
    let list = body.0.read()?;
    let desk = desk(&who, &state)?;
    let attended = attendance::record(&desk, path.sitting_id.into(), admits(version), list).await?;
    Ok(Tagged::computed(
        SittingDetail::new(&attended),
        attended.sitting.version,
    ))
}

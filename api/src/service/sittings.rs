//! Reading sittings, and which one comes next.

use chrono::{NaiveDate, NaiveTime};
use permanence_core::Code;

use super::pages::{one_more, page};
use super::policy::PanelDesk;
use super::{ServiceError, Subject};
use crate::store::Conn;
use crate::store::ids::SittingId;
use crate::store::sittings::{
    Sitting, SittingFilter, SittingPage, SittingStatus, sitting_get, sitting_list,
};

/// Whether the caller means this version of a thing.
pub type Admits = Box<dyn Fn(i64) -> bool + Send>;

/// Reads a sitting.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn get(desk: &PanelDesk, id: SittingId) -> Result<Sitting, ServiceError> {
    let council = &desk.by.council;
    let found = desk
        .desk
        .store
        .read(async |conn: &mut Conn| sitting_get(conn, council, id).await)
        .await?;
    found.ok_or(ServiceError::NotFound)
}

/// Lists sittings by day; the second part is where the next page begins.
///
/// # Errors
/// Those of the store.
pub async fn list(
    desk: &PanelDesk,
    filter: SittingFilter,
    descending: bool,
    after: Option<(NaiveDate, SittingId)>,
    limit: u16,
) -> Result<(Vec<Sitting>, Option<(NaiveDate, SittingId)>), ServiceError> {
    let council = desk.by.council.clone();
    let sittings = desk
        .desk
        .store
        .list(async move |conn: &mut Conn| {
            let page = SittingPage {
                descending,
                after: after.as_ref(),
                limit: one_more(limit),
            };
            sitting_list(conn, &council, &filter, page).await
        })
        .await?;
    Ok(page(sittings, limit, |last| (last.held_on, last.id)))
}

/// A sitting in the audit.
#[must_use]
pub fn subject(sitting: &Sitting) -> Subject {
    Subject {
        kind: "sitting",
        id: sitting.id.untyped(),
        version: sitting.version,
        case_id: None,
    }
}

/// Refuses hours that end before they begin.
///
/// # Errors
/// [`ServiceError::Invalid`].
pub(super) fn in_order(
    starts_at: Option<NaiveTime>,
    ends_at: Option<NaiveTime>,
) -> Result<(), ServiceError> {
    if starts_at
        .zip(ends_at)
        .is_some_and(|(start, end)| end <= start)
    {
        let message = "A sitting ends after it starts.";
        return Err(ServiceError::invalid("/endTime", "out_of_order", message));
    }
    Ok(())
}

/// The days on which a panel is to sit after a day, as they stand in the calendar: the next fifty at most.
///
/// # Errors
/// Those of the store.
pub async fn days_after(
    desk: &PanelDesk,
    panel: &Code,
    day: NaiveDate,
) -> Result<Vec<NaiveDate>, ServiceError> {
    let sittings = scheduled_after(desk, panel, day).await?;
    Ok(sittings.iter().map(|sitting| sitting.held_on).collect())
}

/// The first sitting of the same panel after a day that takes place; none where none is stored yet.
///
/// # Errors
/// Those of the store.
pub async fn next_after(
    desk: &PanelDesk,
    panel: &Code,
    day: NaiveDate,
) -> Result<Option<Sitting>, ServiceError> {
    Ok(scheduled_after(desk, panel, day).await?.into_iter().next())
}

async fn scheduled_after(
    desk: &PanelDesk,
    panel: &Code,
    day: NaiveDate,
) -> Result<Vec<Sitting>, ServiceError> {
    let filter = SittingFilter {
        from: day.succ_opt(),
        to: None,
        panel: Some(panel.clone()),
        status: vec![SittingStatus::Scheduled],
    };
    let (sittings, _) = list(desk, filter, false, None, 50).await?;
    Ok(sittings)
}

//! What the policy says of a sitting before it is held: its deadlines, and whether day and hour are the panel's own.

use chrono::{NaiveDate, NaiveTime};
use permanence_core::facts::FactValue;
use permanence_core::rulebook::Panel;
use permanence_core::{Capability, Facts};
use serde::Serialize;
use serde_json::Value;

use super::ServiceError;
use super::days::{NamedDay, named_days, papers_due};
use super::fact_sheet::FactSheet;
use super::policy::PanelDesk;
use crate::store::StoreError;

/// What the policy says of a sitting.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Deadlines {
    dates: Vec<NamedDay>,
    findings: Value,
    edition: String,
}

/// A sitting on one day as it is before it is stored.
pub(super) struct Draft {
    pub(super) held_on: NaiveDate,
    pub(super) starts_at: Option<NaiveTime>,
    pub(super) anchor: Option<NaiveDate>,
}

/// Whether a day or an hour is not the panel's usual one.
pub(super) fn is_off_pattern(panel: &Panel, draft: &Draft) -> bool {
    let outside = |start: NaiveTime| {
        panel.starts_from.is_some_and(|from| start < from)
            || panel.starts_before.is_some_and(|before| start >= before)
    };
    // A pattern that counts from an anchor cannot be held against a day without one.
    let dated = draft.anchor.is_some()
        || !matches!(
            panel.sits,
            permanence_core::calendar::Pattern::EveryDays { .. }
        );
    (dated && !panel.sits.matches(draft.held_on, draft.anchor))
        || draft.starts_at.is_some_and(outside)
}

/// Asks the policy about each day: its own deadlines, and what it says of day and hour.
pub(super) async fn judge(
    desk: &PanelDesk,
    panel: &Panel,
    drafts: &[Draft],
) -> Result<Vec<Deadlines>, ServiceError> {
    let today = desk.desk.today();
    let facts: Vec<Facts> = drafts
        .iter()
        .map(|draft| sitting_facts(panel, draft))
        .collect();
    let mut all: Vec<Deadlines> = drafts.iter().map(|_| Deadlines::default()).collect();
    for capability in [
        Capability::Sittings,
        Capability::Paperwork,
        Capability::FollowUp,
    ] {
        let answers = desk.ask_each(capability, today, facts.clone()).await?;
        for (deadlines, answer) in all.iter_mut().zip(answers) {
            for day in named_days(&answer) {
                if !deadlines
                    .dates
                    .iter()
                    .any(|known| known.name == day.name && known.on == day.on)
                {
                    deadlines.dates.push(day);
                }
            }
            if capability == Capability::Sittings {
                deadlines.findings =
                    serde_json::to_value(&answer.findings).map_err(StoreError::from)?;
            }
            deadlines.edition = answer.edition;
        }
    }
    for (deadlines, draft) in all.iter_mut().zip(drafts) {
        let own = papers_due(panel, draft.held_on);
        deadlines
            .dates
            .extend(own.filter(|own| !deadlines.dates.iter().any(|known| known.name == own.name)));
        deadlines
            .dates
            .sort_by(|one, other| (one.on, &one.name).cmp(&(other.on, &other.name)));
    }
    Ok(all)
}

fn sitting_facts(panel: &Panel, draft: &Draft) -> Facts {
    let mut sheet = FactSheet::default();
    let day = Some(draft.held_on);
    sheet
        .code("panel", Some(&panel.code))
        .day("panel_date", day)
        .day("from", day)
        .day("to", day)
        .day("anchor_date", draft.anchor)
        .set("starts_at", draft.starts_at.map(FactValue::Time));
    sheet.into_facts()
}

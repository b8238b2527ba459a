//! How two policies differ, as it is answered.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use permanence_api_macros::dto;
use permanence_core::compare::{Change, Difference};
use permanence_core::{Capability, Code, Finding};
use uuid::Uuid;

use crate::service::comparisons::{
    CaseCompared, CaseloadCompared, DayDiffers, FactsCompared, Side, Two, Unread,
};
use crate::service::days::NamedDay;

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

    /// Of one child's facts.
    pub(super) fn of_facts(two: &Two, compared: FactsCompared) -> Self {
        Self {
            differences: views(compared.findings.differences),
            unchanged: texts(&compared.findings.unchanged),
            days: compared.days.into_iter().map(DayDifference::from).collect(),
            unread_by_own: unread(compared.unread_by_own),
            unread_by_other: unread(compared.unread_by_other),
            ..Self::between(two)
        }
    }

    /// Of a page of a caseload.
    pub(super) fn of_caseload(
        two: &Two,
        compared: CaseloadCompared,
        next_cursor: Option<String>,
    ) -> Self {
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

fn views(differences: Vec<Difference>) -> Vec<FindingDifference> {
    differences
        .into_iter()
        .map(FindingDifference::from)
        .collect()
}

fn unread(facts: Unread) -> Vec<UnreadFact> {
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

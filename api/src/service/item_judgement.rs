//! What a council's policy says of an item: its checklist of papers, its dates, and whether it may be where it is.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use permanence_core::{Answer, Capability, Code, Finding};

use super::ServiceError;
use super::codes::{given_code, listed_codes};
use super::days::{NamedDay, is_late, named_days, papers_due};
use super::items::Item;
use super::policy::PanelDesk;

/// What the policy says of an item as of a day.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The day.
    pub as_of: NaiveDate,
    /// The edition that judged.
    pub edition: String,
    /// Each paper with where it stands.
    pub checklist: Vec<ChecklistEntry>,
    /// Whether nothing that is required is missing.
    pub papers_complete: bool,
    /// Every date of the item.
    pub dates: Vec<NamedDay>,
    /// Where the policy puts it on the list; none where it does not say.
    pub item_status: Option<Code>,
    /// What the paperwork rules answered.
    pub paperwork: Answer,
    /// What the booking rules answered.
    pub booking: Answer,
    /// All findings.
    pub findings: Vec<Finding>,
    /// What the policy is silent on.
    pub silent: Vec<String>,
}

/// A paper on the checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecklistEntry {
    /// What it is; alternatives joined by `|`.
    pub document: Code,
    /// Whether it must be there.
    pub required: bool,
    /// When it came in.
    pub received_at: Option<DateTime<Utc>>,
    /// Whether it came later than papers are due.
    pub late: bool,
    /// Who approved it.
    pub approvals: Vec<Code>,
}

impl Item {
    /// Asks the policy about it as of a day.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn judge(
        &self,
        desk: &PanelDesk,
        as_of: NaiveDate,
    ) -> Result<Judgement, ServiceError> {
        let capabilities = [
            Capability::Paperwork,
            Capability::Booking,
            Capability::FollowUp,
        ];
        let answers = self.ask(desk, as_of, capabilities).await?;
        self.judgement(desk, as_of, answers)
    }

    /// The same, and what the policy says of its route.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn judge_with_route(
        &self,
        desk: &PanelDesk,
        as_of: NaiveDate,
    ) -> Result<(Judgement, Answer), ServiceError> {
        let capabilities = [
            Capability::Paperwork,
            Capability::Booking,
            Capability::FollowUp,
            Capability::Routing,
        ];
        let [paperwork, booking, after, routing] = self.ask(desk, as_of, capabilities).await?;
        let judgement = self.judgement(desk, as_of, [paperwork, booking, after])?;
        Ok((judgement, routing))
    }

    /// Asks about the item; the first of the capabilities is paperwork.
    async fn ask<const N: usize>(
        &self,
        desk: &PanelDesk,
        as_of: NaiveDate,
        capabilities: [Capability; N],
    ) -> Result<[Answer; N], ServiceError> {
        let mut facts = self.facts(desk.policy(as_of)?, as_of)?;
        let Some(last) = self.papers.iter().map(|paper| paper.received_at).max() else {
            return desk
                .ask_several(capabilities, as_of, facts.into_facts())
                .await;
        };
        let known = facts.clone().into_facts();
        let answers = desk.ask_several(capabilities, as_of, known).await?;
        if !answers.first().is_some_and(papers_complete) {
            return Ok(answers);
        }
        // "When the papers came" is when the last one did, and is not known before.
        facts.moment("submitted_at", Some(last));
        desk.ask_several(capabilities, as_of, facts.into_facts())
            .await
    }

    fn judgement(
        &self,
        desk: &PanelDesk,
        as_of: NaiveDate,
        [paperwork, booking, after]: [Answer; 3],
    ) -> Result<Judgement, ServiceError> {
        let policy = desk.policy(as_of)?;
        let panel = policy.panel(Some(self.sitting.panel.as_str()));
        let mut dates: Vec<NamedDay> = Vec::new();
        let own = panel.and_then(|panel| papers_due(panel, self.sitting.held_on));
        for day in [&paperwork, &booking, &after]
            .into_iter()
            .flat_map(named_days)
            .chain(own)
        {
            if !dates
                .iter()
                .any(|known| known.name == day.name && known.on == day.on)
            {
                dates.push(day);
            }
        }
        dates.sort_by(|one, other| (one.on, &one.name).cmp(&(other.on, &other.name)));
        let late = |at| panel.is_some_and(|panel| is_late(panel, self.sitting.held_on, at));
        let mut silent: Vec<String> = Vec::new();
        for topic in paperwork.silent.iter().chain(&booking.silent) {
            if !silent.contains(topic) {
                silent.push(topic.clone());
            }
        }
        Ok(Judgement {
            as_of,
            edition: paperwork.edition.clone(),
            checklist: self.checklist(&paperwork, late),
            papers_complete: papers_complete(&paperwork),
            dates,
            item_status: given_code(&paperwork, "itemStatus"),
            findings: paperwork
                .findings
                .iter()
                .chain(&booking.findings)
                .cloned()
                .collect(),
            silent,
            paperwork,
            booking,
        })
    }

    fn checklist(
        &self,
        answer: &Answer,
        late: impl Fn(DateTime<Utc>) -> bool,
    ) -> Vec<ChecklistEntry> {
        let missing = listed_codes(answer, "missingDocuments").unwrap_or_default();
        let optional = listed_codes(answer, "optionalMissing").unwrap_or_default();
        let required = listed_codes(answer, "requiredDocuments").unwrap_or_default();
        let mut documents: Vec<Code> = Vec::new();
        let mut seen = BTreeSet::new();
        let received = self.papers.iter().map(|paper| &paper.document);
        let asked = || required.iter().chain(&missing);
        // A paper that is one of an entry's alternatives stands there, and is no entry of its own.
        let received = received.filter(|paper| !asked().any(|entry| serves(paper, entry)));
        for code in asked().chain(received).chain(&optional) {
            if seen.insert(code.clone()) {
                documents.push(code.clone());
            }
        }
        documents
            .into_iter()
            .map(|document| {
                let paper = self
                    .papers
                    .iter()
                    .rev()
                    .find(|paper| serves(&paper.document, &document));
                ChecklistEntry {
                    required: required.contains(&document) || missing.contains(&document),
                    received_at: paper.map(|paper| paper.received_at),
                    late: paper.is_some_and(|paper| late(paper.received_at)),
                    approvals: paper
                        .map(|paper| paper.approvals.clone())
                        .unwrap_or_default(),
                    document,
                }
            })
            .collect()
    }
}

/// Whether a paper is what an entry of the checklist asks for, or one of its alternatives.
fn serves(paper: &Code, entry: &Code) -> bool {
    entry.as_str().split('|').any(|one| one == paper.as_str())
}

/// Whether nothing that is required is missing; an answer that lists no missing papers does not say so.
fn papers_complete(answer: &Answer) -> bool {
    listed_codes(answer, "missingDocuments").is_some_and(|missing| missing.is_empty())
}

//! From rows to dated records, one row at a time. A row that cannot be used gets its line; a value that cannot be used
//! gets one and counts as not known.

use chrono::NaiveDate;
use permanence_core::care::{
    Adoption, AdoptionDecision, CodedValue, CollectionYear, Episode, PreviousPermanence, Review,
    Stretch,
};

use super::cells::{self, Cell};
use super::format::{Format, Standing, Table};
use super::ledger::{Ledger, RowAt};
use super::report::{Action, Rule};
use super::sheets::Row;

/// A header row: who the child is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) date_of_birth: Option<NaiveDate>,
    pub(super) sex: Option<String>,
}

/// What one row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Record {
    Header(Header),
    Episode(Episode),
    Review(Review),
    AsylumEnd(Option<NaiveDate>),
    Adoption(Adoption),
    AdoptionDecision(AdoptionDecision),
    /// `None`: the child had no permanence before.
    PreviousPermanence(Option<PreviousPermanence>),
    Missing(Stretch),
    SocialWorker(Stretch),
    LibertyOrder(Stretch),
}

/// Reads a row of a kept table; `None` when it cannot be used, and then its line is written.
pub(super) fn read(table: Table, row: &Row, at: &mut RowAt, ledger: &mut Ledger) -> Option<Record> {
    let reference = row.text("CHILD");
    if reference.is_empty() {
        ledger.refuse(at, Rule::ChildMissing, Some("CHILD"));
        return None;
    }
    if !cells::is_reference(reference) {
        ledger.refuse(at, Rule::ChildUnusable, Some("CHILD"));
        return None;
    }
    at.child = Some(reference.to_owned());
    let mut cells = Cells { row, at, ledger };
    let record = match table {
        Table::Header => Some(Record::Header(cells.header())),
        Table::Episodes => cells.episode().map(Record::Episode),
        Table::Reviews => cells.review().map(Record::Review),
        Table::Uasc => Some(Record::AsylumEnd(
            cells.day_or_none("DUC", Rule::AsylumEndInvalid),
        )),
        Table::Ad1 => Some(Record::Adoption(cells.adoption())),
        Table::PlacedForAdoption => cells.adoption_decision().map(Record::AdoptionDecision),
        Table::PreviousPermanence => Some(Record::PreviousPermanence(cells.previous_permanence())),
        Table::Missing => cells.missing().map(Record::Missing),
        Table::SocialWorkers => cells.social_worker().map(Record::SocialWorker),
        Table::LibertyOrders => cells.liberty_order().map(Record::LibertyOrder),
        Table::Oc2 | Table::Oc3 => None,
    };
    if record.is_some() {
        ledger.accept(at);
    }
    record
}

/// One row with the books open beside it.
struct Cells<'a> {
    row: &'a Row,
    at: &'a RowAt,
    ledger: &'a mut Ledger,
}

impl Cells<'_> {
    fn year(&self) -> Option<CollectionYear> {
        self.ledger.year(self.at)
    }

    fn refuse<T>(&mut self, rule: Rule, column: &str) -> Option<T> {
        self.ledger.refuse(self.at, rule, Some(column));
        None
    }

    fn note(&mut self, rule: Rule, action: Action, column: &str) {
        self.ledger.line(self.at, rule, action, Some(column));
    }

    fn is_after_year(&self, day: NaiveDate) -> bool {
        self.year().is_some_and(|year| day > year.last_day())
    }

    /// A day, or nothing with a line where it is none.
    fn day_or_none(&mut self, column: &str, rule: Rule) -> Option<NaiveDate> {
        let cell = cells::day(self.row.text(column));
        if cell == Cell::Unusable {
            self.note(rule, Action::ValueNotUsed, column);
        }
        cell.value()
    }

    /// A code as the return writes it, or nothing with a line where there is no such code.
    fn code(&mut self, column: &str, rule: Rule, required: bool) -> Option<String> {
        let code = cells::code(self.row.text(column));
        if code.is_empty() {
            if required {
                self.note(rule, Action::ValueNotUsed, column);
            }
            return None;
        }
        match Format::get().standing(column, &code, self.year()) {
            Standing::InUse => {}
            Standing::NotThatYear => {
                self.note(Rule::CodeNotThatYear, Action::KeptAsItStands, column)
            }
            Standing::Unknown => {
                self.note(rule, Action::ValueNotUsed, column);
                return None;
            }
        }
        Some(code)
    }

    fn coded<T: CodedValue>(&mut self, rule: Rule, required: bool) -> Option<T> {
        self.code(T::COLUMN, rule, required)
            .and_then(|code| T::parse(&code).ok())
    }

    fn header(&mut self) -> Header {
        let birth = cells::day(self.row.text("DOB"));
        if birth.value().is_none() {
            self.note(Rule::BirthInvalid, Action::ValueNotUsed, "DOB");
        }
        let sex = self
            .code("SEX", Rule::SexInvalid, true)
            .map(|code| match code.as_str() {
                "1" | "M" => "male".to_owned(),
                "2" | "F" => "female".to_owned(),
                _ => "not_known".to_owned(),
            });
        Header {
            date_of_birth: birth.value(),
            sex,
        }
    }

    fn episode(&mut self) -> Option<Episode> {
        let Cell::Value(started_on) = cells::day(self.row.text("DECOM")) else {
            return self.refuse(Rule::StartInvalid, "DECOM");
        };
        let end = cells::day(self.row.text("DEC"));
        // An end that cannot be read is not an open end: the child would seem to be in care today.
        if end == Cell::Unusable {
            return self.refuse(Rule::EndInvalid, "DEC");
        }
        let ended_on = end.value();
        if ended_on.is_some_and(|end| end < started_on) {
            return self.refuse(Rule::EndBeforeStart, "DEC");
        }
        self.episode_dates(started_on, ended_on);
        let start = self.coded(Rule::StartReasonInvalid, true);
        let legal_status = self.coded(Rule::LegalStatusInvalid, true);
        let need = self.code("CIN", Rule::NeedInvalid, true);
        let placement = self.coded(Rule::PlacementInvalid, true);
        let provider = self.coded(Rule::ProviderInvalid, false);
        let mut reason = self.coded(Rule::EndReasonInvalid, false);
        let has_reason = !self.row.text("REC").is_empty();
        if has_reason != ended_on.is_some() {
            let action = if has_reason {
                Action::ValueNotUsed
            } else {
                Action::KeptAsItStands
            };
            self.note(Rule::EndHalf, action, "REC");
            reason = None;
        }
        let placement_change =
            self.code("REASON_PLACE_CHANGE", Rule::PlacementChangeInvalid, false);
        let provision = self.row.text("URN").to_ascii_uppercase();
        Some(Episode {
            started_on,
            ended_on,
            start,
            legal_status,
            placement,
            provider,
            end: reason,
            placement_change,
            need,
            // The placeholder for "not inspected" says nothing about whether two places are one.
            provision: (!provision.is_empty() && provision != "XXXXXXX").then_some(provision),
            source: self.ledger.source(self.at),
        })
    }

    fn episode_dates(&mut self, started_on: NaiveDate, ended_on: Option<NaiveDate>) {
        let first_possible = NaiveDate::from_ymd_opt(1991, 10, 14).unwrap_or_default();
        if started_on < first_possible {
            self.note(Rule::StartTooOld, Action::KeptAsItStands, "DECOM");
        }
        if self.is_after_year(started_on) {
            self.note(Rule::StartAfterYear, Action::KeptAsItStands, "DECOM");
        }
        if ended_on.is_some_and(|end| self.is_after_year(end)) {
            self.note(Rule::EndAfterYear, Action::KeptAsItStands, "DEC");
        }
        if ended_on == Some(started_on) {
            self.note(Rule::ShorterThanADay, Action::KeptAsItStands, "DEC");
        }
    }

    fn review(&mut self) -> Option<Review> {
        let Cell::Value(held_on) = cells::day(self.row.text("REVIEW")) else {
            return self.refuse(Rule::ReviewInvalid, "REVIEW");
        };
        if self.is_after_year(held_on) {
            self.note(Rule::DateAfterYear, Action::KeptAsItStands, "REVIEW");
        }
        let participation = self.code("REVIEW_CODE", Rule::ParticipationInvalid, true);
        Some(Review {
            held_on,
            participation,
            source: self.ledger.source(self.at),
        })
    }

    fn adoption(&mut self) -> Adoption {
        let by_former = self.code("FOSTER_CARE", Rule::FormerCarerInvalid, false);
        Adoption {
            decided_on: self.day_or_none("DATE_INT", Rule::AdoptionDecidedInvalid),
            matched_on: self.day_or_none("DATE_MATCH", Rule::AdoptionMatchedInvalid),
            by_former_foster_carer: by_former.map(|code| code == "1"),
            source: self.ledger.source(self.at),
        }
    }

    fn adoption_decision(&mut self) -> Option<AdoptionDecision> {
        let decided_on = match cells::day(self.row.text("DATE_PLACED")) {
            Cell::Value(day) => day,
            Cell::Blank => return self.refuse(Rule::PlacedMissing, "DATE_PLACED"),
            Cell::Unusable => return self.refuse(Rule::PlacedInvalid, "DATE_PLACED"),
        };
        let ceased = cells::day(self.row.text("DATE_PLACED_CEASED"));
        if ceased == Cell::Unusable {
            return self.refuse(Rule::PlacedCeasedInvalid, "DATE_PLACED_CEASED");
        }
        let reversed_on = ceased.value();
        if reversed_on.is_some_and(|ceased| ceased < decided_on) {
            return self.refuse(Rule::CeasedBeforePlaced, "DATE_PLACED_CEASED");
        }
        let has_reason = !self.row.text("REASON_PLACED_CEASED").is_empty();
        if has_reason != reversed_on.is_some() {
            self.note(
                Rule::PlacedCeasedHalf,
                Action::KeptAsItStands,
                "REASON_PLACED_CEASED",
            );
        }
        let reversal_reason = self.code("REASON_PLACED_CEASED", Rule::PlacedReasonInvalid, false);
        Some(AdoptionDecision {
            decided_on,
            reversed_on,
            reversal_reason,
            source: self.ledger.source(self.at),
        })
    }

    fn previous_permanence(&mut self) -> Option<PreviousPermanence> {
        let option = self.code("PREV_PERM", Rule::PreviousPermanenceInvalid, true);
        let date = cells::partial_day(self.row.text("DATE_PERM"));
        if date == Cell::Unusable {
            self.note(Rule::PreviousDateInvalid, Action::ValueNotUsed, "DATE_PERM");
        }
        if option.as_deref() == Some("Z1") {
            if date != Cell::Blank || !self.row.text("LA_PERM").is_empty() {
                self.note(Rule::PreviousNone, Action::ValueNotUsed, "DATE_PERM");
            }
            return None;
        }
        let source = self.ledger.source(self.at);
        option.map(|option| PreviousPermanence {
            option,
            ordered: date.value(),
            source,
        })
    }

    fn missing(&mut self) -> Option<Stretch> {
        let started_on = match cells::day(self.row.text("MIS_START")) {
            Cell::Value(day) => day,
            Cell::Blank => return self.refuse(Rule::MissingStartBlank, "MIS_START"),
            Cell::Unusable => return self.refuse(Rule::MissingStartInvalid, "MIS_START"),
        };
        let ended_on = self.end_of(
            "MIS_END",
            started_on,
            Rule::MissingEndInvalid,
            Rule::MissingEndFirst,
        )?;
        let kind = self.code("MISSING", Rule::MissingKindInvalid, true);
        Some(Stretch {
            started_on,
            ended_on,
            kind,
            source: self.ledger.source(self.at),
        })
    }

    fn social_worker(&mut self) -> Option<Stretch> {
        let Cell::Value(started_on) = cells::day(self.row.text("SW_DECOM")) else {
            return self.refuse(Rule::WorkerStartInvalid, "SW_DECOM");
        };
        let ended_on = self.end_of(
            "SW_DEC",
            started_on,
            Rule::WorkerEndInvalid,
            Rule::WorkerEndFirst,
        )?;
        let kind = self.code("SW_REASON", Rule::WorkerReasonInvalid, false);
        Some(Stretch {
            started_on,
            ended_on,
            kind,
            source: self.ledger.source(self.at),
        })
    }

    fn liberty_order(&mut self) -> Option<Stretch> {
        let Cell::Value(started_on) = cells::day(self.row.text("DOLO_START")) else {
            return self.refuse(Rule::LibertyStartInvalid, "DOLO_START");
        };
        let ended_on = self.end_of(
            "DOLO_END",
            started_on,
            Rule::LibertyEndInvalid,
            Rule::LibertyEndInvalid,
        )?;
        Some(Stretch {
            started_on,
            ended_on,
            kind: None,
            source: self.ledger.source(self.at),
        })
    }

    /// The end of a stretch; `None` when the row was refused for it.
    fn end_of(
        &mut self,
        column: &str,
        started_on: NaiveDate,
        invalid: Rule,
        too_early: Rule,
    ) -> Option<Option<NaiveDate>> {
        match cells::day(self.row.text(column)) {
            Cell::Unusable => self.refuse(invalid, column),
            Cell::Value(end) if end < started_on => self.refuse(too_early, column),
            cell => Some(cell.value()),
        }
    }
}

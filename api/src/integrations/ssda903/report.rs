//! What an import reports: one line for whatever was not taken as it stood.
//!
//! A line names file, table, row, column and rule, and says what was done. It never repeats a value: a report is passed
//! around more freely than the return it is about. Rules have the department's number where they plainly are its rule,
//! and a name of ours otherwise.

use permanence_core::care::CollectionYear;
use serde::{Deserialize, Serialize};

use super::format::Table;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// For information: nothing is wrong with the data.
    Notice,
    /// The data contradicts itself or the return's rules; it was used all the same.
    Warning,
    /// Something could not be used.
    Error,
}

/// What was done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The whole file was left out.
    FileNotUsed,
    /// The rows of a table that has nothing to do with permanence were left out.
    TableNotKept,
    /// The row was left out.
    RowNotUsed,
    /// The column was left out.
    ColumnNotUsed,
    /// The value was left out and counts as not known.
    ValueNotUsed,
    /// The value of the later return was kept.
    LaterValueKept,
    /// It was kept as it stands.
    KeptAsItStands,
    /// The child's case was closed.
    CaseClosed,
    /// The child's case was opened again.
    CaseReopened,
}

impl Severity {
    /// The code in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Action {
    /// The code in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FileNotUsed => "file_not_used",
            Self::TableNotKept => "table_not_kept",
            Self::RowNotUsed => "row_not_used",
            Self::ColumnNotUsed => "column_not_used",
            Self::ValueNotUsed => "value_not_used",
            Self::LaterValueKept => "later_value_kept",
            Self::KeptAsItStands => "kept_as_it_stands",
            Self::CaseClosed => "case_closed",
            Self::CaseReopened => "case_reopened",
        }
    }
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Name of the file.
    pub file: String,
    /// The table that the row belongs to.
    pub table: Option<Table>,
    /// The row; the heading is row 1. In XML the how-manieth record of its table, from 1.
    pub row: Option<u32>,
    /// The column.
    pub column: Option<String>,
    /// The rule.
    pub rule: Rule,
    /// How much it matters.
    pub severity: Severity,
    /// What was done.
    pub action: Action,
    /// How many rows the line stands for, where it is about a whole file or table.
    pub rows: Option<u32>,
    /// The child, for linking the line to its case; not part of the text.
    pub child: Option<String>,
}

/// What was read of one table in one file, and what became of it. `read` is always `used` plus `not_used`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Section {
    /// Name of the file.
    pub file: String,
    /// The table; none where the file was not recognised.
    pub table: Option<Table>,
    /// The collection year it counts for.
    pub year: Option<CollectionYear>,
    /// Rows read, without the heading and without empty rows.
    pub read: u32,
    /// Rows that went into a history.
    pub used: u32,
    /// Rows that did not, each with its line in the report.
    pub not_used: u32,
    /// Columns of the table of which nothing is kept.
    pub columns_not_kept: Vec<String>,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $severity:ident, $text:literal;)+) => {
        /// A rule that data can break.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = $text] $name,)+
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The department's number of it, or a name of ours.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)+ }
            }

            /// What is wrong, in a sentence.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// How much it matters, unless the row could not be used for it.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)+ }
            }
        }
    };
}

rules! {
    FileUnknown = "file_not_recognised", Warning, "The columns are not those of any table of the return.";
    FileEmpty = "file_empty", Warning, "The file has no heading.";
    FileUnreadable = "file_not_readable", Error, "The file is neither CSV nor the return's XML, or breaks off.";
    FileNotUtf8 = "file_not_utf8", Notice, "The file is not UTF-8; it was read as Windows-1252.";
    TableNotKept = "table_not_kept", Notice, "The table has nothing to do with permanence; its rows are not kept.";
    ColumnUnknown = "column_unknown", Notice, "The table has no such column.";
    ColumnMissing = "column_missing", Warning, "The column is missing; its values count as not known.";
    ColumnTwice = "column_twice", Warning, "The column stands twice; the first one was used.";
    YearUnknown = "year_not_known", Notice, "Nothing in the files shows which collection year this one belongs to.";
    CellsTooMany = "row_too_long", Warning, "The row has more cells than the heading.";
    ChildMissing = "child_missing", Error, "The row names no child.";
    ChildUnusable = "child_not_usable", Error, "The child's reference is longer than 20 characters or has characters other than letters and digits.";
    RowRepeated = "row_repeated", Notice, "The row stands in the file before, word for word.";
    RowContradicted = "row_contradicted", Warning, "Another row of the file says something else about the same thing; the first one was used.";
    SourcesDiffer = "sources_differ", Warning, "An earlier return says something else.";
    DateAfterYear = "date_after_year", Notice, "The day lies after the end of the collection year.";
    CodeNotThatYear = "code_not_that_year", Notice, "The code exists, but not in this collection year.";
    HistoryBeginsEarlier = "history_begins_earlier", Notice, "The child's first episode here did not begin the time in care; clocks may have started earlier.";
    EpisodeNotContinued = "episode_not_continued", Warning, "The episode is open and later returns do not mention it; nothing is concluded from it about the present.";
    LeftCare = "left_care", Notice, "The child's time in care ended; the case is closed, and nothing of it counts as drift.";
    InCareAgain = "in_care_again", Notice, "A new time in care began for a child whose case had been closed; the case is open again.";
    SexInvalid = "101", Warning, "The code for sex is not valid.";
    BirthInvalid = "102", Error, "The date of birth is not a date.";
    AsylumEndInvalid = "104", Warning, "The day on which asylum-seeking status ends is not a date.";
    AdoptionDecidedInvalid = "112", Warning, "The day of the decision that the child should be placed for adoption is not a date.";
    AdoptionMatchedInvalid = "113", Warning, "The day of the match is not a date.";
    FormerCarerInvalid = "114", Warning, "Whether the adopters fostered the child is not answered with 0 or 1.";
    PlacedInvalid = "115", Error, "The day of the decision to place for adoption is not a date.";
    PlacedCeasedInvalid = "116", Error, "The day of the decision no longer to place for adoption is not a date.";
    PlacedCeasedHalf = "119", Warning, "The day and the reason for no longer placing for adoption belong together.";
    PlacedReasonInvalid = "120", Warning, "The reason for no longer placing for adoption is not a valid code.";
    StartInvalid = "141", Error, "The day on which the episode began is not a date.";
    PreviousNotEnded = "142", Warning, "The next episode began and this one did not end.";
    StartReasonInvalid = "143", Warning, "The reason for the new episode is not a valid code.";
    LegalStatusInvalid = "144", Warning, "The legal status is not a valid code.";
    NeedInvalid = "145", Warning, "The category of need is not a valid code.";
    PlacementInvalid = "146", Warning, "The placement is not a valid code.";
    EndInvalid = "147", Error, "The day on which the episode ended is not a date.";
    EndHalf = "148", Warning, "The day and the reason for the end of an episode belong together.";
    EndReasonInvalid = "149", Warning, "The reason for the end of the episode is not a valid code.";
    ReviewInvalid = "166", Error, "The day of the review is not a date.";
    ParticipationInvalid = "167", Warning, "The way the child took part is not a valid code.";
    ProviderInvalid = "178", Warning, "The provider of the placement is not a valid code.";
    BirthDiffers = "203", Warning, "The date of birth is not the one given before.";
    StartBeforeBirth = "302", Warning, "The first episode began before the child was born.";
    StartedAsAdult = "352", Warning, "The child was 18 or older when beginning to be looked after.";
    StartTooOld = "353", Warning, "No episode began before 14 October 1991.";
    StartAfterYear = "354", Warning, "The episode began after the end of the collection year.";
    ShorterThanADay = "355", Notice, "The episode ended on the day it began.";
    EndBeforeStart = "356", Error, "The episode ended before it began.";
    BeginsTemporary = "380", Warning, "A time in care cannot begin with a temporary placement.";
    EndsTemporary = "381", Warning, "A time in care cannot end with a temporary placement.";
    EndAfterYear = "385", Warning, "The episode ended after the end of the collection year.";
    NoNextEpisode = "388", Warning, "The episode ended because the next one began, and there is none on that day.";
    EpisodesOverlap = "501", Warning, "The episode began before the one before it ended.";
    CeasedBeforePlaced = "522", Error, "It was decided no longer to place for adoption before it was decided to do so.";
    PlacedWithoutDecision = "551", Warning, "The child is placed for adoption and no decision to do so is given.";
    OrderWithoutDecision = "553", Warning, "The child has a placement order and no decision to place for adoption is given.";
    PlacedMissing = "563", Error, "The day of the decision to place for adoption is missing.";
    MissingStartBlank = "564", Error, "The first day of the time missing is not given.";
    MissingEndFirst = "567", Error, "The time missing ended before it began.";
    MissingStartInvalid = "1004", Error, "The first day of the time missing is not a date.";
    MissingEndInvalid = "1005", Error, "The last day of the time missing is not a date.";
    MissingKindInvalid = "1006", Warning, "The kind of time missing is not a valid code.";
    PlacementChangeInvalid = "1009", Warning, "The reason for the change of placement is not a valid code.";
    PreviousPermanenceInvalid = "631", Warning, "The earlier permanence is not a valid code.";
    PreviousDateInvalid = "632", Warning, "The day of the earlier order is not a date, in whole or in part.";
    PreviousNone = "635", Notice, "No earlier permanence is given, and a day or authority for it is.";
    WorkerStartInvalid = "SW04STG1", Error, "The day on which the social worker began is not a date.";
    WorkerEndInvalid = "SW05STG1", Error, "The day on which the social worker ended is not a date.";
    WorkerReasonInvalid = "SW13STG1", Warning, "The reason for the change of social worker is not a valid code.";
    WorkerEndFirst = "social_worker_ended_first", Error, "The social worker ended before beginning.";
    LibertyStartInvalid = "liberty_order_start_invalid", Error, "The first day of the deprivation of liberty is not a date.";
    LibertyEndInvalid = "liberty_order_end_invalid", Error, "The last day of the deprivation of liberty is not a date, or comes before the first.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_rules_share_an_id() {
        let mut ids: Vec<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Rule::ALL.len());
    }
}

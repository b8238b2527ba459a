//! The return's format as data: which columns make a table, which codes a column takes in which year.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use permanence_core::care::CollectionYear;
use serde::Deserialize;

/// A table of the return.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, serde::Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// One row a child.
    Header,
    /// Episodes of care.
    Episodes,
    /// Statutory reviews.
    Reviews,
    /// Unaccompanied children seeking asylum.
    Uasc,
    /// Health and conviction of children in care for a year; not kept.
    Oc2,
    /// Care leavers; not kept.
    Oc3,
    /// Children adopted in the year.
    Ad1,
    /// Decisions that a child should be placed for adoption.
    PlacedForAdoption,
    /// Permanence before this time in care.
    PreviousPermanence,
    /// Times missing.
    Missing,
    /// Social workers.
    SocialWorkers,
    /// Deprivation of liberty orders.
    LibertyOrders,
}

impl Table {
    /// The table's name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Episodes => "episodes",
            Self::Reviews => "reviews",
            Self::Uasc => "uasc",
            Self::Oc2 => "oc2",
            Self::Oc3 => "oc3",
            Self::Ad1 => "ad1",
            Self::PlacedForAdoption => "placed_for_adoption",
            Self::PreviousPermanence => "previous_permanence",
            Self::Missing => "missing",
            Self::SocialWorkers => "social_workers",
            Self::LibertyOrders => "liberty_orders",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    needs: Vec<String>,
    other: Vec<String>,
    keep: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeUse {
    label: String,
    first: Option<i32>,
    last: Option<i32>,
}

/// Whether a code may stand in a column in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    InUse,
    /// It exists, but not in that year.
    NotThatYear,
    /// There is no such code.
    Unknown,
}

/// The format of the return.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Format {
    names: BTreeMap<String, Vec<String>>,
    tables: BTreeMap<Table, Columns>,
    codes: BTreeMap<String, BTreeMap<String, CodeUse>>,
}

impl Format {
    /// The format that is built in. A test reads it, so that it is never empty in a build that passed.
    pub fn get() -> &'static Self {
        static FORMAT: OnceLock<Format> = OnceLock::new();
        FORMAT.get_or_init(|| Self::read().unwrap_or_default())
    }

    fn read() -> Result<Self, toml::de::Error> {
        toml::from_str(include_str!("format.toml"))
    }

    /// A column's name as the return spells it, from any spelling that is known.
    pub fn column(&self, heading: &str) -> String {
        let upper: String = heading
            .trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
            .chars()
            .map(|c| {
                if c == ' ' || c == '-' {
                    '_'
                } else {
                    c.to_ascii_uppercase()
                }
            })
            .collect();
        self.names
            .iter()
            .find(|(_, others)| others.contains(&upper))
            .map_or(upper, |(name, _)| name.clone())
    }

    /// The table that has these columns. Of several, the one with most of its columns there.
    pub fn identify(&self, columns: &BTreeSet<String>) -> Option<Table> {
        self.tables
            .iter()
            .filter(|(_, table)| table.needs.iter().all(|column| columns.contains(column)))
            .max_by_key(|(_, table)| {
                let there =
                    |names: &[String]| names.iter().filter(|name| columns.contains(*name)).count();
                there(&table.needs) + there(&table.other)
            })
            .map(|(table, _)| *table)
    }

    /// Whether the table has such a column.
    pub fn has_column(&self, table: Table, column: &str) -> bool {
        self.tables.get(&table).is_some_and(|columns| {
            columns
                .needs
                .iter()
                .chain(&columns.other)
                .any(|name| name == column)
        })
    }

    /// Columns that the table has and of which nothing is kept.
    pub fn columns_not_kept(&self, table: Table) -> impl Iterator<Item = &str> {
        self.tables
            .get(&table)
            .into_iter()
            .flat_map(|columns| {
                columns
                    .needs
                    .iter()
                    .chain(&columns.other)
                    .filter(|name| !columns.keep.contains(name))
            })
            .map(String::as_str)
    }

    /// Whether anything of the table is kept.
    pub fn is_kept(&self, table: Table) -> bool {
        self.tables
            .get(&table)
            .is_some_and(|columns| !columns.keep.is_empty())
    }

    /// The kept columns that a table of this kind lacks here.
    pub fn columns_missing<'a>(
        &'a self,
        table: Table,
        columns: &'a BTreeSet<String>,
    ) -> impl Iterator<Item = &'a str> {
        self.tables
            .get(&table)
            .into_iter()
            .flat_map(|known| known.keep.iter())
            .filter(|name| !columns.contains(*name))
            .map(String::as_str)
    }

    /// Whether a code may stand in a column in a year; any year will do where the year is not known.
    pub fn standing(&self, column: &str, code: &str, year: Option<CollectionYear>) -> Standing {
        let Some(entry) = self.codes.get(column).and_then(|codes| codes.get(code)) else {
            return Standing::Unknown;
        };
        let Some(year) = year.map(CollectionYear::first_year) else {
            return Standing::InUse;
        };
        if entry.first.is_some_and(|first| year < first)
            || entry.last.is_some_and(|last| year > last)
        {
            Standing::NotThatYear
        } else {
            Standing::InUse
        }
    }

    /// What a code means.
    pub fn label(&self, column: &str, code: &str) -> Option<&str> {
        self.codes
            .get(column)?
            .get(code)
            .map(|entry| entry.label.as_str())
    }

    /// The codes of a column.
    pub fn codes(&self, column: &str) -> impl Iterator<Item = (&str, &str)> {
        self.codes.get(column).into_iter().flat_map(|codes| {
            codes
                .iter()
                .map(|(code, entry)| (code.as_str(), entry.label.as_str()))
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use permanence_core::care::{
        CodedValue, EndReason, EpisodeStart, LegalStatus, Placement, Provider,
    };

    use super::*;

    fn columns(names: &str) -> BTreeSet<String> {
        names
            .split(',')
            .map(|name| Format::get().column(name))
            .collect()
    }

    #[test]
    fn the_data_file_reads() {
        let format = Format::read().unwrap();
        assert_eq!(format.tables.len(), 12);
        for columns in format.tables.values() {
            for kept in &columns.keep {
                assert!(
                    columns.needs.contains(kept) || columns.other.contains(kept),
                    "{kept}"
                );
            }
        }
    }

    fn same_codes<T: CodedValue>() {
        let data: BTreeSet<&str> = Format::get()
            .codes(T::COLUMN)
            .map(|(code, _)| code)
            .collect();
        let types: BTreeSet<&str> = T::ALL.iter().map(|value| value.code()).collect();
        assert_eq!(data, types, "{}", T::COLUMN);
    }

    #[test]
    fn the_data_file_and_the_types_hold_the_same_codes() {
        same_codes::<EpisodeStart>();
        same_codes::<LegalStatus>();
        same_codes::<Placement>();
        same_codes::<Provider>();
        same_codes::<EndReason>();
    }

    #[test]
    fn a_table_is_known_by_its_columns() {
        let format = Format::get();
        assert_eq!(
            format.identify(&columns("child, sex ,DOB,Ethnic,upn,mother,mc dob")),
            Some(Table::Header)
        );
        assert_eq!(
            format.identify(&columns("CHILD,SEX,DOB,DUC")),
            Some(Table::Uasc)
        );
        assert_eq!(
            format.identify(&columns("CHILDID,DECOM,RNE,LS,PL,DEC,REC,EXTRA")),
            Some(Table::Episodes)
        );
        assert_eq!(
            format.identify(&columns("\u{feff}CHILD,DOB,SW_ID,SW_DECOM,SW_DEC")),
            Some(Table::SocialWorkers)
        );
        assert_eq!(
            format.identify(&columns("Rule code,Rule message,Affected fields,Tables")),
            None
        );
        assert_eq!(format.identify(&columns("CHILD,DOB")), None);
    }

    #[test]
    fn a_code_has_its_years() {
        let format = Format::get();
        let in_year =
            |code, year| format.standing("REC", code, Some(CollectionYear::starting(year)));
        assert_eq!(in_year("E45", 2017), Standing::NotThatYear);
        assert_eq!(in_year("E45", 2018), Standing::InUse);
        assert_eq!(in_year("E43", 2018), Standing::NotThatYear);
        assert_eq!(in_year("E99", 2018), Standing::Unknown);
        assert_eq!(format.standing("REC", "E45", None), Standing::InUse);
    }
}

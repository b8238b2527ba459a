//! Which collection year a file belongs to.
//!
//! A return does not say so itself. The sender may; otherwise the episodes tell, because a return holds the episodes
//! that were open in its year, so that most of those that ended did so in it. Files that share a year in their names
//! (`2017-header.csv`, `2017/episodes.csv`) belong together, and so do files that have none.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use permanence_core::care::CollectionYear;

use super::cells;
use super::format::Table;
use super::sheets::Sheet;

/// The collection year of each sheet, in their order.
pub(super) fn of(sheets: &[Sheet]) -> Vec<Option<CollectionYear>> {
    let mut episodes: BTreeMap<Option<&str>, Vec<&Sheet>> = BTreeMap::new();
    for sheet in sheets
        .iter()
        .filter(|sheet| sheet.table == Some(Table::Episodes))
    {
        episodes
            .entry(year_in(&sheet.file))
            .or_default()
            .push(sheet);
    }
    let told: BTreeMap<Option<&str>, CollectionYear> = episodes
        .into_iter()
        .filter_map(|(group, sheets)| {
            let stated = sheets.iter().find_map(|sheet| sheet.stated_year);
            stated
                .or_else(|| year_of_episodes(&sheets))
                .map(|year| (group, year))
        })
        .collect();
    sheets
        .iter()
        .map(|sheet| {
            sheet
                .stated_year
                .or_else(|| told.get(&year_in(&sheet.file)).copied())
        })
        .collect()
}

/// The year in which most episodes ended; where none did, the one in which the latest began.
fn year_of_episodes(sheets: &[&Sheet]) -> Option<CollectionYear> {
    let days = |column: &'static str| {
        sheets
            .iter()
            .flat_map(|sheet| &sheet.rows)
            .filter_map(move |row| cells::day(row.text(column)).value())
    };
    let mut ended: BTreeMap<CollectionYear, usize> = BTreeMap::new();
    for day in days("DEC") {
        *ended.entry(CollectionYear::holding(day)).or_default() += 1;
    }
    let most = ended
        .into_iter()
        .max_by_key(|(year, count)| (*count, *year))
        .map(|(year, _)| year);
    most.or_else(|| {
        days("DECOM")
            .max()
            .map(|day: NaiveDate| CollectionYear::holding(day))
    })
}

/// The first run of exactly four digits in a name that can be a year.
fn year_in(name: &str) -> Option<&str> {
    name.split(|c: char| !c.is_ascii_digit())
        .find(|digits| digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::sheets::{self, SourceFile};
    use super::*;

    fn years(files: &[(&str, &str)]) -> Vec<Option<i32>> {
        let mut issues = Vec::new();
        let sheets: Vec<Sheet> = files
            .iter()
            .flat_map(|(name, text)| {
                let file = SourceFile {
                    name,
                    content: text.as_bytes().into(),
                    year: None,
                };
                sheets::read(&file, &mut issues)
            })
            .collect();
        of(&sheets)
            .into_iter()
            .map(|year| year.map(CollectionYear::first_year))
            .collect()
    }

    const HEADING: &str = "CHILD,DECOM,RNE,LS,PLACE,DEC,REC\n";

    #[test]
    fn episodes_tell_the_year_of_their_companions() {
        let first = format!(
            "{HEADING}1,01/05/2010,S,C2,U6,31/03/2018,X1\n2,01/05/2017,S,C2,U6,01/06/2017,E8\n3,01/05/2017,S,C2,U6,01/04/2018,E8\n"
        );
        let open = format!("{HEADING}1,31/03/2018,S,C2,U6,,\n4,01/05/2018,S,C2,U6,,\n");
        assert_eq!(
            years(&[
                ("2017-episodes.csv", &first),
                (
                    "2017-reviews.csv",
                    "CHILD,REVIEW,REVIEW_CODE\n1,01/01/2030,PN1\n"
                ),
                ("2018/episodes.csv", &open),
                (
                    "reviews.csv",
                    "CHILD,REVIEW,REVIEW_CODE\n1,01/01/2018,PN1\n"
                ),
            ]),
            [Some(2017), Some(2017), Some(2018), None]
        );
    }

    #[test]
    fn the_number_of_the_return_is_no_year() {
        assert_eq!(year_in("SSDA903_2020_episodes.csv"), Some("2020"));
        assert_eq!(year_in("ssda903.csv"), None);
        assert_eq!(year_in("20201231.csv"), None);
    }
}

//! The return's XML: `EXPSSDA903` holds `CHILD`, which holds `HEADER` and `EPISODE`s; the other tables nest in the header.
//!
//! What the CSV keeps in separate tables the header holds as plain elements (adoption, care leaver, asylum). They are
//! taken apart here, so that everything after this module sees the same tables from either form.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::Reader;
use quick_xml::events::Event;

use super::format::{Format, Table};
use super::report::{Action, Issue, Rule};
use super::sheets::{Row, Sheet, SourceFile, about};

type Cells = BTreeMap<String, String>;

/// Tables whose columns stand in the header, beside the header's own.
const IN_HEADER: [Table; 3] = [Table::Uasc, Table::Ad1, Table::Oc3];

/// Reads the tables of an XML return.
pub(super) fn read(file: &SourceFile<'_>, text: &str, issues: &mut Vec<Issue>) -> Vec<Sheet> {
    let mut tables = Tables::default();
    let mut reader = Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let mut groups: Vec<(String, Cells)> = Vec::new();
    let mut value = String::new();
    let complete = loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                let name = name_of(element.name().as_ref());
                if is_group(&name) {
                    groups.push((name.clone(), Cells::new()));
                }
                path.push(name);
                value.clear();
            }
            Ok(Event::Text(part)) => {
                value.push_str(&part.decode().unwrap_or_default());
            }
            Ok(Event::GeneralRef(reference)) => {
                value.push_str(
                    &reference
                        .resolve_char_ref()
                        .ok()
                        .flatten()
                        .map(String::from)
                        .unwrap_or_default(),
                );
            }
            Ok(Event::End(_)) => {
                let Some(name) = path.pop() else { break false };
                if is_group(&name) {
                    if let Some((group, cells)) = groups.pop() {
                        tables.add(&group, cells);
                    }
                } else if let Some((_, cells)) = groups.last_mut()
                    && !value.trim().is_empty()
                {
                    cells.insert(Format::get().column(&name), value.trim().to_owned());
                }
                value.clear();
            }
            Ok(Event::Eof) => break path.is_empty(),
            Err(_) => break false,
            Ok(_) => {}
        }
    };
    if !complete {
        issues.push(about(file, Rule::FileUnreadable, Action::KeptAsItStands));
    }
    if tables.rows.is_empty() {
        issues.push(about(file, Rule::FileUnknown, Action::FileNotUsed));
    }
    tables.unknown.iter().for_each(|(table, column)| {
        issues.push(Issue {
            table: Some(*table),
            column: Some(column.clone()),
            ..about(file, Rule::ColumnUnknown, Action::ColumnNotUsed)
        });
    });
    tables.sheets(file)
}

fn name_of(name: &[u8]) -> String {
    String::from_utf8_lossy(name).trim().to_ascii_uppercase()
}

/// Elements that hold a record; all others hold a value.
fn is_group(name: &str) -> bool {
    matches!(
        name,
        "CHILD"
            | "HEADER"
            | "EPISODE"
            | "AREVIEW"
            | "AMISSING"
            | "AD_PLACED"
            | "PERMANENCE"
            | "OC2"
            | "OC3"
            | "AD1"
            | "ADOLO"
            | "SW_EPISODE"
            | "ASW"
    )
}

#[derive(Default)]
struct Tables {
    rows: BTreeMap<Table, Vec<Cells>>,
    /// Records of the child being read, waiting for its reference.
    child: Vec<(Table, Cells)>,
    reference: Option<String>,
    unknown: BTreeSet<(Table, String)>,
}

impl Tables {
    fn add(&mut self, group: &str, mut cells: Cells) {
        if let Some(reference) = cells.get("CHILD") {
            self.reference = Some(reference.clone());
        }
        match group {
            "CHILD" => self.finish_child(),
            "HEADER" => {
                for table in IN_HEADER {
                    let apart = self.take_apart(table, &mut cells);
                    self.child.extend(apart);
                }
                self.child.push((Table::Header, cells));
            }
            "EPISODE" => self.child.push((Table::Episodes, cells)),
            _ => {
                let columns: BTreeSet<String> =
                    cells.keys().cloned().chain(["CHILD".to_owned()]).collect();
                // A record in which only optional columns are filled is known by its element.
                let table = match group {
                    "AREVIEW" => Some(Table::Reviews),
                    "AMISSING" => Some(Table::Missing),
                    "AD_PLACED" => Some(Table::PlacedForAdoption),
                    "PERMANENCE" => Some(Table::PreviousPermanence),
                    "OC2" => Some(Table::Oc2),
                    "OC3" => Some(Table::Oc3),
                    "AD1" => Some(Table::Ad1),
                    _ => Format::get().identify(&columns),
                };
                if let Some(table) = table
                    && !cells.is_empty()
                {
                    self.child.push((table, cells));
                }
            }
        }
    }

    /// The header's cells that belong to another table, as a record of that table.
    fn take_apart(&self, table: Table, cells: &mut Cells) -> Option<(Table, Cells)> {
        let format = Format::get();
        let theirs = |column: &str| {
            format.has_column(table, column) && !format.has_column(Table::Header, column)
        };
        let apart: Cells = cells
            .iter()
            .filter(|(name, _)| theirs(name))
            .map(|(name, text)| (name.clone(), text.clone()))
            .collect();
        cells.retain(|name, _| !theirs(name));
        (!apart.is_empty()).then_some((table, apart))
    }

    fn finish_child(&mut self) {
        let reference = self.reference.take();
        for (table, mut cells) in std::mem::take(&mut self.child) {
            if let Some(reference) = &reference {
                cells.insert("CHILD".to_owned(), reference.clone());
            }
            let format = Format::get();
            let unknown = cells.keys().filter(|name| !format.has_column(table, name));
            self.unknown
                .extend(unknown.map(|name| (table, name.clone())));
            self.rows.entry(table).or_default().push(cells);
        }
    }

    fn sheets(self, file: &SourceFile<'_>) -> Vec<Sheet> {
        self.rows
            .into_iter()
            .map(|(table, records)| Sheet {
                file: file.name.to_owned(),
                table: Some(table),
                read: u32::try_from(records.len()).unwrap_or(u32::MAX),
                rows: (1..)
                    .zip(records)
                    .map(|(number, cells)| Row::new(number, cells))
                    .collect(),
                stated_year: file.year,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn sheets(text: &str) -> (Vec<Sheet>, Vec<Issue>) {
        let mut issues = Vec::new();
        let file = SourceFile {
            name: "a.xml",
            content: text.as_bytes().into(),
            year: None,
        };
        (read(&file, text, &mut issues), issues)
    }

    #[test]
    fn nested_and_flat_records_become_the_same_tables_as_csv() {
        let (sheets, issues) = sheets(
            "<?xml version='1.0'?><EXPSSDA903><CHILD><HEADER><CHILDID>A1</CHILDID><SEX>F</SEX><DOB>01/02/2015</DOB>\
             <UASC>1</UASC><DUC>03/04/2033</DUC><AREVIEW><REVIEW>01/05/2024</REVIEW><REVIEW_CODE>PN0</REVIEW_CODE></AREVIEW>\
             <AREVIEW><REVIEW>01/08/2024</REVIEW><REVIEW_CODE /></AREVIEW></HEADER>\
             <EPISODE><DECOM>06/01/2017</DECOM><PL>R5</PL><DEC /></EPISODE></CHILD></EXPSSDA903>",
        );
        let of = |table| {
            sheets
                .iter()
                .find(|sheet| sheet.table == Some(table))
                .unwrap()
        };
        assert_eq!(of(Table::Header).rows[0].text("CHILD"), "A1");
        assert_eq!(of(Table::Uasc).rows[0].text("DUC"), "03/04/2033");
        assert_eq!(of(Table::Reviews).read, 2);
        assert_eq!(of(Table::Reviews).rows[1].text("CHILD"), "A1");
        assert_eq!(of(Table::Episodes).rows[0].text("PLACE"), "R5");
        assert!(issues.is_empty(), "{issues:?}");
    }

    #[test]
    fn a_file_that_breaks_off_keeps_the_children_before_the_break() {
        let (sheets, issues) = sheets(
            "<EXPSSDA903><CHILD><HEADER><CHILDID>A1</CHILDID></HEADER></CHILD><CHILD><HEADER><CHILDID>A2</CHILDID>",
        );
        assert_eq!(sheets[0].read, 1);
        assert_eq!(issues[0].rule, Rule::FileUnreadable);
    }
}

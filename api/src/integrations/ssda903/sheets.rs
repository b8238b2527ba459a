//! From the bytes of a file to the rows of its tables. Nothing is judged here but the shape.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use permanence_core::care::CollectionYear;

use super::format::{Format, Table};
use super::report::{Action, Issue, Rule};
use super::xml;

/// A file as it was sent.
#[derive(Debug, Clone)]
pub struct SourceFile<'a> {
    /// Its name, for the report; it plays no part in what the file is taken for.
    pub name: &'a str,
    /// Its bytes.
    pub content: Cow<'a, [u8]>,
    /// The collection year, where the sender says it.
    pub year: Option<CollectionYear>,
}

/// One row of a table.
#[derive(Debug, Clone)]
pub struct Row {
    /// The row; the heading is row 1.
    pub number: u32,
    cells: BTreeMap<String, String>,
}

impl Row {
    pub(super) fn new(number: u32, cells: BTreeMap<String, String>) -> Self {
        Self { number, cells }
    }

    /// The text of a cell, trimmed; empty where there is none.
    pub fn text(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// The rows of one table in one file.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Name of the file.
    pub file: String,
    /// The table; `None` where the file was not recognised, and then `rows` is empty.
    pub table: Option<Table>,
    /// The rows.
    pub rows: Vec<Row>,
    /// How many rows there were.
    pub read: u32,
    /// The collection year that the sender gave.
    pub stated_year: Option<CollectionYear>,
}

/// Reads one file. A file that cannot be read gives a line in the report and no rows.
pub fn read(file: &SourceFile<'_>, issues: &mut Vec<Issue>) -> Vec<Sheet> {
    let bytes = file
        .content
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&file.content);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            issues.push(about(file, Rule::FileNotUtf8, Action::KeptAsItStands));
            // Every byte is a character in Latin-1, and the return's own codes are ASCII in either.
            Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect())
        }
    };
    if text.trim_start().starts_with('<') {
        xml::read(file, &text, issues)
    } else {
        read_csv(file, &text, issues)
    }
}

/// A line about the file as a whole.
pub(super) fn about(file: &SourceFile<'_>, rule: Rule, action: Action) -> Issue {
    Issue {
        file: file.name.to_owned(),
        table: None,
        row: None,
        column: None,
        rule,
        severity: rule.severity(),
        action,
        rows: None,
        child: None,
    }
}

fn read_csv(file: &SourceFile<'_>, text: &str, issues: &mut Vec<Issue>) -> Vec<Sheet> {
    let first_line = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(delimiter(first_line))
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let heading = loop {
        match records.next() {
            Some(Ok(record)) if record.iter().all(str::is_empty) => {}
            Some(Ok(record)) => break record,
            Some(Err(_)) => {
                issues.push(about(file, Rule::FileUnreadable, Action::FileNotUsed));
                return Vec::new();
            }
            None => {
                issues.push(about(file, Rule::FileEmpty, Action::FileNotUsed));
                return Vec::new();
            }
        }
    };
    let format = Format::get();
    let headings: Vec<String> = heading.iter().map(|name| format.column(name)).collect();
    let columns: BTreeSet<String> = headings.iter().cloned().collect();
    let table = format.identify(&columns);
    let mut sheet = Sheet {
        file: file.name.to_owned(),
        table,
        rows: Vec::new(),
        read: 0,
        stated_year: file.year,
    };
    if let Some(table) = table {
        report_columns(file, table, &headings, &columns, issues);
    }
    let mut lines = Lines::new(text);
    for record in records {
        // Text that is valid and a reader that takes any number of cells leave nothing to fail on; should it happen
        // all the same, the rest of the file cannot be trusted.
        let Ok(record) = record else {
            issues.push(about(file, Rule::FileUnreadable, Action::KeptAsItStands));
            break;
        };
        if record.iter().all(str::is_empty) {
            continue;
        }
        sheet.read += 1;
        let Some(table) = table else { continue };
        let number = lines.at(record.position().map_or(0, csv::Position::byte));
        let mut cells = BTreeMap::new();
        for (name, value) in headings.iter().zip(record.iter()) {
            if !value.is_empty() && format.has_column(table, name) {
                cells
                    .entry(name.clone())
                    .or_insert_with(|| value.to_owned());
            }
        }
        if record
            .iter()
            .skip(headings.len())
            .any(|cell| !cell.is_empty())
        {
            issues.push(Issue {
                table: Some(table),
                row: Some(number),
                ..about(file, Rule::CellsTooMany, Action::ValueNotUsed)
            });
        }
        sheet.rows.push(Row::new(number, cells));
    }
    if table.is_none() {
        issues.push(Issue {
            rows: Some(sheet.read),
            ..about(file, Rule::FileUnknown, Action::FileNotUsed)
        });
    }
    vec![sheet]
}

fn report_columns(
    file: &SourceFile<'_>,
    table: Table,
    headings: &[String],
    columns: &BTreeSet<String>,
    issues: &mut Vec<Issue>,
) {
    let format = Format::get();
    let mut line = |rule, action, column: &str| {
        issues.push(Issue {
            table: Some(table),
            row: Some(1),
            column: Some(column.to_owned()),
            ..about(file, rule, action)
        });
    };
    let mut seen = BTreeSet::new();
    for name in headings.iter().filter(|name| !name.is_empty()) {
        if !format.has_column(table, name) {
            line(Rule::ColumnUnknown, Action::ColumnNotUsed, name);
        } else if !seen.insert(name) {
            line(Rule::ColumnTwice, Action::ColumnNotUsed, name);
        }
    }
    for name in format.columns_missing(table, columns) {
        line(Rule::ColumnMissing, Action::KeptAsItStands, name);
    }
}

/// Line numbers of a text, asked for in rising order.
///
/// The CSV reader has its own, but at a CRLF it gives the number of the line before.
struct Lines<'a> {
    bytes: &'a [u8],
    from: usize,
    line: u32,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            from: 0,
            line: 1,
        }
    }

    /// The line of the first cell at or after an offset.
    fn at(&mut self, offset: u64) -> u32 {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        while let Some(byte) = self.bytes.get(self.from) {
            let is_break = matches!(byte, b'\r' | b'\n');
            if self.from >= offset && !is_break {
                break;
            }
            self.line += u32::from(*byte == b'\n');
            self.from += 1;
        }
        self.line
    }
}

/// The separator that the heading uses. Spreadsheets of some countries write semicolons, and some vendors tabs.
fn delimiter(heading: &str) -> u8 {
    [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|separator| {
            (
                heading.bytes().filter(|byte| byte == separator).count(),
                *separator == b',',
            )
        })
        .unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn sheets(content: &[u8]) -> (Vec<Sheet>, Vec<Issue>) {
        let mut issues = Vec::new();
        let file = SourceFile {
            name: "a.csv",
            content: content.into(),
            year: None,
        };
        (read(&file, &mut issues), issues)
    }

    #[test]
    fn byte_order_mark_line_ends_case_and_blanks_do_not_matter() {
        let (sheets, issues) =
            sheets(b"\xef\xbb\xbfchild , Review,REVIEW_CODE,dob \r\n 007 ,01/02/2024 , pn1,\r\n\r\n,,,\r\n8,02/02/2024,PN1,\r\n");
        assert_eq!(sheets[0].table, Some(Table::Reviews));
        assert_eq!(sheets[0].read, 2);
        assert_eq!(sheets[0].rows[0].text("CHILD"), "007");
        assert_eq!(sheets[0].rows[0].number, 2);
        assert_eq!(sheets[0].rows[1].number, 5);
        assert!(issues.is_empty(), "{issues:?}");
    }

    #[test]
    fn semicolons_and_latin_1_are_read() {
        let (sheets, issues) = sheets(b"CHILD;REVIEW;REVIEW_CODE;N\xe9e\n1;01/02/2024;PN1;x\n");
        assert_eq!(sheets[0].rows[0].text("REVIEW"), "01/02/2024");
        assert_eq!(
            issues.iter().map(|issue| issue.rule).collect::<Vec<_>>(),
            [Rule::FileNotUtf8, Rule::ColumnUnknown]
        );
    }

    #[test]
    fn extra_columns_and_cells_are_named_and_left_out() {
        let (sheets, issues) =
            sheets(b"CHILD,REVIEW,REVIEW_CODE,CHILD\n1,01/02/2024,PN1,2,3\n2,01/02/2024\n");
        assert_eq!(sheets[0].rows[0].text("CHILD"), "1");
        assert_eq!(sheets[0].rows[1].text("REVIEW_CODE"), "");
        assert_eq!(
            issues
                .iter()
                .map(|issue| (issue.rule, issue.row))
                .collect::<Vec<_>>(),
            [(Rule::ColumnTwice, Some(1)), (Rule::CellsTooMany, Some(2))]
        );
    }

    #[test]
    fn a_file_that_is_no_table_is_left_out_with_one_line() {
        let (sheets, issues) = sheets(b"Rule code,Rule message\n1,a\n2,b\n");
        assert_eq!((sheets[0].table, sheets[0].read), (None, 2));
        assert_eq!(
            (issues[0].rule, issues[0].rows),
            (Rule::FileUnknown, Some(2))
        );
        assert_eq!(self::sheets(b"").1[0].rule, Rule::FileEmpty);
    }
}

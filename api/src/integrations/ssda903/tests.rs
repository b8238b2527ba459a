//! The promise of this module on whole returns: nothing is lost without a line, and several years are one history.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::NaiveDate;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn folder(name: &str) -> Vec<(String, Vec<u8>)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/data/ssda903")
        .join(name);
    let mut files: Vec<_> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name() != "LICENSE")
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                std::fs::read(entry.path()).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

fn read_all(files: &[(String, Vec<u8>)]) -> Reading {
    let files: Vec<SourceFile<'_>> = files
        .iter()
        .map(|(name, content)| SourceFile {
            name,
            content: content.as_slice().into(),
            year: None,
        })
        .collect();
    read(&files)
}

fn read_texts(files: &[(&str, &str)]) -> Reading {
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
        .collect();
    read_all(&files)
}

/// Every section adds up, and what it says was not used has its lines.
fn assert_adds_up(reading: &Reading) {
    let mut refused: BTreeMap<(&str, Option<Table>), BTreeSet<Option<u32>>> = BTreeMap::new();
    let mut left_out: BTreeMap<(&str, Option<Table>), u32> = BTreeMap::new();
    for issue in &reading.issues {
        let place = (issue.file.as_str(), issue.table);
        match issue.action {
            Action::RowNotUsed => {
                assert!(
                    refused.entry(place).or_default().insert(issue.row),
                    "{issue:?} twice"
                );
            }
            Action::FileNotUsed | Action::TableNotKept => {
                *left_out.entry(place).or_default() += issue.rows.unwrap_or_default();
            }
            _ => {}
        }
    }
    for section in &reading.sections {
        let place = (section.file.as_str(), section.table);
        assert_eq!(section.read, section.used + section.not_used, "{section:?}");
        let lines = refused.get(&place).map_or(0, BTreeSet::len);
        let lines =
            u32::try_from(lines).unwrap() + left_out.get(&place).copied().unwrap_or_default();
        assert_eq!(section.not_used, lines, "{section:?}");
    }
}

fn totals(reading: &Reading) -> (u32, u32, u32) {
    reading
        .sections
        .iter()
        .fold((0, 0, 0), |(read, used, not_used), section| {
            (
                read + section.read,
                used + section.used,
                not_used + section.not_used,
            )
        })
}

fn rules(reading: &Reading) -> Vec<(&str, Option<u32>, &'static str)> {
    reading
        .issues
        .iter()
        .map(|issue| (issue.file.as_str(), issue.row, issue.rule.id()))
        .collect()
}

#[test]
fn five_years_become_one_history() {
    let files = folder("demand-model-multiyear");
    assert_eq!(files.len(), 40);
    let reading = read_all(&files);
    assert_adds_up(&reading);
    assert_eq!(
        reading
            .coverage
            .episodes
            .iter()
            .map(|year| year.first_year())
            .collect::<Vec<_>>(),
        [2017, 2018, 2019, 2020, 2021]
    );
    let episodes: usize = reading
        .children
        .values()
        .map(|child| child.history.episodes.len())
        .sum();
    assert_eq!(episodes, 2827, "child and first day, over all years");
    let (read, used, not_used) = totals(&reading);
    assert_eq!((read, used + not_used), (21_441, 21_441));
    // Open in the return of 2017-18, ended in the one of 2018-19.
    let episode = &reading.children["296227"].history.episodes;
    let episode = episode
        .iter()
        .find(|episode| episode.started_on == day("2017-09-13"))
        .unwrap();
    assert_eq!(episode.ended_on, Some(day("2018-10-02")));
    assert_eq!(episode.source.years.len(), 2);
    assert_eq!(episode.source.file.as_deref(), Some("2018-episodes.csv"));
}

#[test]
fn the_validator_sample_goes_in_whole() {
    let reading = read_all(&folder("d2i-validator-fake"));
    assert_adds_up(&reading);
    assert_eq!(reading.coverage.episodes, [CollectionYear::starting(2017)]);
    let not_recognised: Vec<_> = reading
        .issues
        .iter()
        .filter(|issue| issue.rule == Rule::FileUnknown)
        .map(|issue| issue.file.as_str())
        .collect();
    assert_eq!(not_recognised, ["903_2024_25_rule_info.csv"]);
    let section = |file: &str, table| {
        reading
            .sections
            .iter()
            .find(|section| section.file == file && section.table == Some(table))
            .unwrap()
    };
    assert_eq!(section("episodes.csv", Table::Episodes).used, 5050);
    assert_eq!(section("reviews.csv", Table::Reviews).read, 12_582);
    assert_eq!(section("fake_903.xml", Table::Episodes).read, 459);
    assert_eq!(section("fake_903.xml", Table::Reviews).read, 1206);
    assert_eq!(section("fake_903.xml", Table::PlacedForAdoption).read, 3);
    assert_eq!(section("DoLo.csv", Table::LibertyOrders).used, 1);
    assert_eq!(section("sw_episodes.csv", Table::SocialWorkers).used, 1);
    assert_eq!(section("oc2.csv", Table::Oc2).not_used, 2675);
    assert!(
        reading
            .issues
            .iter()
            .any(|issue| issue.file == "sw_episodes.csv" && issue.rule.id() == "SW13STG1")
    );
}

#[test]
fn a_dirty_return_is_used_as_far_as_it_goes() {
    let reading = read_all(&folder("liia-dirty-2020"));
    assert_adds_up(&reading);
    let rules = rules(&reading);
    for expected in [
        ("SSDA903_2020_episodes.csv", Some(1), "column_unknown"),
        ("SSDA903_2020_episodes.csv", Some(3), "144"),
        ("SSDA903_2020_episodes.csv", Some(6), "143"),
        ("SSDA903_2020_episodes.csv", Some(2), "501"),
        ("SSDA903_2020_header.csv", Some(3), "row_contradicted"),
        ("SSDA903_2020_header.csv", Some(4), "row_contradicted"),
    ] {
        assert!(rules.contains(&expected), "{expected:?} in {rules:?}");
    }
    assert_eq!(totals(&reading), (10, 7, 3));
    let history = &reading.children["689661"].history;
    assert_eq!(history.date_of_birth, Some(day("2015-07-11")));
    assert_eq!(history.episodes.len(), 3);
    assert_eq!(history.episodes[0].legal_status, None);
}

const EPISODES: &str =
    "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,URN\n";

#[test]
fn the_later_return_wins_whatever_the_order_of_files() {
    let earlier = format!(
        "{EPISODES}7,01/05/2023,S,V2,N1,U6,PR1,,,,\n8,01/05/2022,S,C2,N1,U6,PR1,01/06/2023,E4A,,\n9,01/05/2023,S,C2,N1,U6,PR1,01/03/2024,E8,,\n"
    );
    let later = format!(
        "{EPISODES}7,01/05/2023,S,V2,N1,U6,PR1,01/09/2024,X1,CARPL,\n7,01/09/2024,B,C1,N1,U3,PR1,,,,\n9,01/05/2023,S,C2,N1,U6,PR1,15/04/2024,E8,,\n"
    );
    for files in [
        [
            ("2023-episodes.csv", earlier.as_str()),
            ("2024-episodes.csv", &later),
        ],
        [
            ("2024-episodes.csv", &later),
            ("2023-episodes.csv", earlier.as_str()),
        ],
    ] {
        let reading = read_texts(&files);
        assert_adds_up(&reading);
        let history = &reading.children["7"].history;
        assert_eq!(history.episodes.len(), 2);
        assert_eq!(history.episodes[0].ended_on, Some(day("2024-09-01")));
        assert_eq!(
            reading.children["9"].history.episodes[0].ended_on,
            Some(day("2024-04-15"))
        );
        // An end that is filled in is no contradiction; one that moved is.
        let differing: Vec<_> = reading
            .issues
            .iter()
            .filter(|issue| issue.rule == Rule::SourcesDiffer)
            .map(|issue| (issue.child.as_deref(), issue.column.as_deref(), issue.row))
            .collect();
        assert_eq!(differing, [(Some("9"), Some("DEC"), Some(4))]);
    }
}

#[test]
fn a_row_that_cannot_be_used_says_why_and_takes_nobody_with_it() {
    let text = format!(
        "{EPISODES},01/05/2023,S,V2,N1,U6,PR1,,,,\n1 2,01/05/2023,S,V2,N1,U6,PR1,,,,\n7,05/2023,S,V2,N1,U6,PR1,,,,\n\
         7,01/05/2023,S,V2,N1,U6,PR1,31/02/2024,X1,,\n7,01/05/2023,S,V2,N1,U6,PR1,30/04/2023,X1,,\n\
         7,02/05/2023,S,V2,N1,K3,PR1,01/02/2024,,,\n7,02/05/2023,S,V2,N1,K3,PR1,01/02/2024,,,\n"
    );
    let reading = read_texts(&[("episodes.csv", &text)]);
    assert_adds_up(&reading);
    assert_eq!(
        rules(&reading),
        [
            ("episodes.csv", Some(2), "child_missing"),
            ("episodes.csv", Some(3), "child_not_usable"),
            ("episodes.csv", Some(4), "141"),
            ("episodes.csv", Some(5), "147"),
            ("episodes.csv", Some(6), "356"),
            ("episodes.csv", Some(7), "code_not_that_year"),
            ("episodes.csv", Some(7), "148"),
            ("episodes.csv", Some(8), "code_not_that_year"),
            ("episodes.csv", Some(8), "148"),
            ("episodes.csv", Some(8), "row_repeated"),
        ]
    );
    assert_eq!(totals(&reading), (7, 1, 6));
}

#[test]
fn csv_and_xml_of_one_child_say_the_same() {
    let csv = read_texts(&[
        ("header.csv", "CHILD,SEX,DOB,ETHNIC\nA1,F,01/02/2015,WBRI\n"),
        (
            "episodes.csv",
            &format!("{EPISODES}A1,01/05/2024,S,C2,N1,U6,PR1,01/12/2024,E4A,,\n"),
        ),
        (
            "reviews.csv",
            "CHILD,REVIEW,REVIEW_CODE\nA1,20/05/2024,PN1\n",
        ),
        (
            "placed.csv",
            "CHILD,DATE_PLACED,DATE_PLACED_CEASED,REASON_PLACED_CEASED\nA1,20/06/2024,,\n",
        ),
    ]);
    let xml = read_texts(&[(
        "a.xml",
        "<EXPSSDA903><CHILD><HEADER><CHILDID>A1</CHILDID><SEX>F</SEX><DOB>01/02/2015</DOB><ETHNIC>WBRI</ETHNIC>\
         <AREVIEW><REVIEW>20/05/2024</REVIEW><REVIEW_CODE>PN1</REVIEW_CODE></AREVIEW>\
         <AD_PLACED><DATE_PLACED>20/06/2024</DATE_PLACED></AD_PLACED></HEADER>\
         <EPISODE><DECOM>01/05/2024</DECOM><RNE>S</RNE><LS>C2</LS><CIN>N1</CIN><PL>U6</PL>\
         <PLACE_PROVIDER>PR1</PLACE_PROVIDER><DEC>01/12/2024</DEC><REC>E4A</REC></EPISODE></CHILD></EXPSSDA903>",
    )]);
    assert!(
        xml.issues.is_empty() && csv.issues.is_empty(),
        "{:?} {:?}",
        xml.issues,
        csv.issues
    );
    let plain = |reading: &Reading| {
        let text = serde_json::to_string(&reading.children["A1"].history).unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        strip_sources(&mut value);
        value
    };
    assert_eq!(plain(&csv), plain(&xml));
    assert_eq!(csv.children["A1"].sex, xml.children["A1"].sex);
}

fn strip_sources(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            members.remove("source");
            members.values_mut().for_each(strip_sources);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(strip_sources),
        _ => {}
    }
}

#[test]
fn no_line_repeats_a_value() {
    let reading = read_all(&folder("liia-dirty-2020"));
    let text = format!(
        "{:?}",
        reading
            .issues
            .iter()
            .map(|issue| (issue.rule.text(), &issue.column))
            .collect::<Vec<_>>()
    );
    for value in ["11/07/2015", "689661", "C251YT", "*DUMMY*"] {
        assert!(!text.contains(value));
    }
}

//! A rulebook folder becomes one document, or every problem is named with its file and line.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use permanence_core::rulebook::PolicyDocument;
use permanence_plugin::build::compile;

const COUNCIL: &str = "\
council:
  code: anytown
  name: Anytown Council
  gss: E06000099
edition:
  id: '1.0'
  title: Anytown permanence policy
";

const CLAUSES: &str = "\
clauses:
  - id: ANY-CHECKPOINT-01
    at: section 1
    topic: checkpoint
    kind: rule
    says: A plan must exist once it was decided that the child cannot live with the family.
";

const RULES: &str = "\
rules:
  - clauses: [ANY-CHECKPOINT-01]
    rule:
      coded:
        name: plan_exists
        reads: []
";

fn compiled(files: &[(&str, &str)]) -> Result<PolicyDocument, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let root = format!("{}/", folder.path().display());
    match compile(folder.path()) {
        Ok(json) => Ok(serde_json::from_str(&json).unwrap()),
        Err(problems) => Err(problems
            .iter()
            .map(|problem| problem.to_string().replace(&root, ""))
            .collect()),
    }
}

#[test]
fn files_are_put_together_in_the_order_of_their_names() {
    let second = CLAUSES.replace("CHECKPOINT-01", "CHECKPOINT-02");
    let document = compiled(&[
        ("council.yaml", COUNCIL),
        ("b.yaml", &second),
        ("a.yaml", CLAUSES),
    ])
    .unwrap();
    assert_eq!(document.council.code, *"anytown");
    let ids: Vec<&str> = document.editions[0]
        .clauses
        .iter()
        .map(|clause| clause.id.as_str())
        .collect();
    assert_eq!(ids, ["ANY-CHECKPOINT-01", "ANY-CHECKPOINT-02"]);
}

#[test]
fn each_edition_has_a_folder() {
    let council = COUNCIL.split_once("edition:").unwrap().0;
    let document = compiled(&[
        ("council.yaml", council),
        (
            "1/edition.yaml",
            "edition: {id: '1', title: First, effective_to: 2024-12-31}",
        ),
        (
            "2/edition.yaml",
            "edition: {id: '2', title: Second, effective_from: 2025-01-01}",
        ),
        ("2/clauses.yaml", CLAUSES),
    ])
    .unwrap();
    let editions: Vec<(&str, usize)> = document
        .editions
        .iter()
        .map(|edition| (edition.edition.id.as_str(), edition.clauses.len()))
        .collect();
    assert_eq!(editions, [("1", 0), ("2", 1)]);
}

#[test]
fn an_unknown_word_is_named_with_its_line() {
    let clauses = CLAUSES.replace("    says:", "    sayz:");
    let problems = compiled(&[("council.yaml", COUNCIL), ("clauses.yaml", &clauses)]).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].starts_with("clauses.yaml, line 6: "),
        "{problems:?}"
    );
    assert!(problems[0].contains("sayz"), "{problems:?}");
}

#[test]
fn a_rule_that_cites_no_clause_is_named_with_its_line() {
    let rules = RULES.replace("ANY-CHECKPOINT-01", "ANY-CHECKPOINT-09");
    let problems = compiled(&[
        ("council.yaml", COUNCIL),
        ("clauses.yaml", CLAUSES),
        ("rules.yaml", &rules),
    ])
    .unwrap_err();
    assert_eq!(
        problems[0],
        "rules.yaml, line 2: edition 1.0, rule 1 (ANY-CHECKPOINT-09): \
         it cites ANY-CHECKPOINT-09, which is no clause of this edition"
    );
}

#[test]
fn every_broken_file_is_named() {
    let problems = compiled(&[
        ("a.yaml", "clauses: 7"),
        ("b.yaml", "nonsense: true"),
        ("c.yaml", "a: ]"),
    ])
    .unwrap_err();
    let files: Vec<&str> = problems
        .iter()
        .map(|problem| problem.split(", ").next().unwrap())
        .collect();
    assert_eq!(files, ["a.yaml", "b.yaml", "c.yaml"]);
}

#[test]
fn a_folder_without_council_or_edition_says_so() {
    assert!(compiled(&[]).unwrap_err()[0].ends_with("there is no YAML file in this folder"));
    let problems = compiled(&[("clauses.yaml", CLAUSES)]).unwrap_err();
    assert!(
        problems
            .iter()
            .any(|problem| problem.contains("which edition this is")),
        "{problems:?}"
    );
    assert!(
        problems
            .iter()
            .any(|problem| problem.contains("which council this is")),
        "{problems:?}"
    );
}

#[test]
fn what_stands_twice_is_refused() {
    let again = compiled(&[("a.yaml", COUNCIL), ("b.yaml", COUNCIL)]).unwrap_err();
    assert!(
        again[0].contains("the entry council stands here and in"),
        "{again:?}"
    );
    let problems = compiled(&[
        ("council.yaml", COUNCIL),
        ("a.yaml", CLAUSES),
        ("b.yaml", CLAUSES),
    ])
    .unwrap_err();
    assert_eq!(
        problems,
        ["b.yaml, line 2: edition 1.0, clause ANY-CHECKPOINT-01: this id stands twice"]
    );
}

//! A new council passes the tests that every council has, and each of them tells the fault that it is there for.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::path::Path;

use permanence_plugin::build::compile;
use permanence_plugin::proof::{Capability, Proof};
use permanence_plugin::{
    ClauseAnswer, Code, CodedError, Context, CouncilPlugin, CouncilPolicy, Rule, StartError,
};
use tempfile::TempDir;

/// The council of the template, with the one rule that it answers by code.
struct Anytown;

impl CouncilPlugin for Anytown {
    fn new(_: &CouncilPolicy) -> Result<Self, StartError> {
        Ok(Self)
    }

    fn coded(&self, _: &Code, context: &Context<'_>, _: &Rule) -> Result<ClauseAnswer, CodedError> {
        let month: u32 = context.as_of().format("%m").to_string().parse().unwrap();
        let mut answer = ClauseAnswer::default();
        let quarter = month.div_ceil(3).into();
        answer.results.insert("quarter".into(), quarter);
        Ok(answer)
    }
}

/// Where the files of the template go that the checks read.
const FILES: [(&str, &str); 6] = [
    ("council.yaml.txt", "rulebook/council.yaml"),
    ("clauses.yaml.txt", "rulebook/clauses.yaml"),
    ("checkpoints.yaml.txt", "rulebook/checkpoints.yaml"),
    ("register.csv.txt", "register.csv"),
    ("cases.yaml.txt", "cases/clauses.yaml"),
    ("POLICY.md.txt", "POLICY.md"),
];

/// A council as the template begins it.
struct Council(TempDir);

impl Council {
    fn new() -> Self {
        let council = Self(tempfile::tempdir().unwrap());
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("template");
        for (text, file) in FILES {
            let words = [
                ("{{code}}", "anytown"),
                ("{{name}}", "Anytown Council"),
                ("{{place}}", "Anytown"),
                ("{{CLAUSES}}", "ANYTOWN"),
            ];
            let text = std::fs::read_to_string(template.join(text)).unwrap();
            let filled = words
                .iter()
                .fold(text, |text, (word, with)| text.replace(word, with));
            council.write(file, &filled);
        }
        council
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.0.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Plants a fault: some words of a file become others.
    fn change(&self, file: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.0.path().join(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        self.write(file, &text.replacen(from, to, 1));
    }

    fn proof(&self) -> Proof<Anytown> {
        let rulebook = match compile(&self.0.path().join("rulebook")) {
            Ok(rulebook) => rulebook,
            Err(problems) => panic!("{problems:?}"),
        };
        Proof::new(&rulebook, self.0.path().to_str().unwrap()).unwrap()
    }
}

const RULES: &str = "rulebook/checkpoints.yaml";
const CLAUSES: &str = "rulebook/clauses.yaml";
const CASES: &str = "cases/clauses.yaml";

/// The rulebook gains a clause of kind data, with this link, and an entry of the register.
fn with_a_clause_of_data(link: &str, more: &str) -> Council {
    let council = Council::new();
    council.write(
        "rulebook/data.yaml",
        &format!(
            "clauses:\n\
             - {{id: ANYTOWN-FORM-01, at: section 3, topic: form, kind: data, says: The day., held_in: [{link}]}}\n\
             {more}"
        ),
    );
    council.change(
        "register.csv",
        "kind\n",
        "kind\nANYTOWN-FORM-01,form,data\n",
    );
    council
}

#[test]
fn a_council_of_the_template_has_nothing_to_be_told() {
    let council = Council::new();
    let proof = council.proof();
    assert_eq!(proof.differing_cases(), [""; 0]);
    assert_eq!(proof.unproved_rules(), [""; 0]);
    assert_eq!(proof.unlike_the_register(), [""; 0]);
    assert_eq!(proof.entries_not_handed_out(), [""; 0]);
    assert_eq!(proof.misfitting_fields(), [""; 0]);
    assert_eq!(proof.uncaught_faults(), [""; 0]);
    assert_eq!(proof.names_of_two_facts(), [""; 0]);
    assert_eq!(proof.raised_without_facts(&[]), [""; 0]);
    assert_eq!(proof.untrue_page(), [""; 0]);
}

#[test]
fn a_case_that_comes_out_otherwise_is_told() {
    let council = Council::new();
    council.change(CASES, "{quarter: 1}", "{quarter: 3}");
    assert_eq!(
        council.proof().differing_cases(),
        [
            "ANYTOWN-REPORT-01 as of 2026-03-31: the last day of the first quarter: quarter is 1, expected 3"
        ]
    );
}

#[test]
fn a_rule_that_no_case_makes_speak_is_told() {
    let council = Council::new();
    council.change(CASES, "[permanence_plan_missing]", "[]");
    assert_eq!(
        council.proof().unproved_rules(),
        ["no case makes ANYTOWN-CHECKPOINT-01 speak"]
    );
}

#[test]
fn a_clause_that_is_not_registered_not_met_or_empty_is_told() {
    let council = with_a_clause_of_data("", "");
    council.change("register.csv", "ANYTOWN-REPORT-01,report,rule\n", "");
    council.change(
        CLAUSES,
        "Reports are made for each quarter of the year.",
        "''",
    );
    assert_eq!(
        council.proof().unlike_the_register(),
        [
            "ANYTOWN-REPORT-01 is not in the register",
            "ANYTOWN-FORM-01 is met by nothing",
            "ANYTOWN-REPORT-01 says nothing"
        ]
    );
}

#[test]
fn an_entry_that_no_case_hands_out_is_told() {
    let link = "{entries: {clause: ANYTOWN-REPORT-01, entries: [quarter]}}";
    assert_eq!(
        with_a_clause_of_data(link, "")
            .proof()
            .entries_not_handed_out(),
        ["ANYTOWN-FORM-01: no case of ANYTOWN-REPORT-01 shows that it hands out quarter"]
    );
}

#[test]
fn a_field_that_cannot_hold_its_fact_is_told() {
    let council = with_a_clause_of_data(
        "{form: {form: plan, fields: [permanencePlanOn]}}",
        "forms:\n\
         - code: plan\n  \
           title: Plan\n  \
           clauses: [ANYTOWN-FORM-01]\n  \
           schema: {type: object, additionalProperties: false, properties: {permanencePlanOn: {type: boolean}}}\n",
    );
    assert_eq!(
        council.proof().misfitting_fields(),
        ["form plan: permanencePlanOn is of another type than the fact permanence_plan_on"]
    );
}

#[test]
fn a_rulebook_into_which_no_fault_can_be_planted_is_told() {
    assert_eq!(
        with_a_clause_of_data("", "").proof().uncaught_faults(),
        ["nothing meets ANYTOWN-FORM-01"]
    );
}

#[test]
fn a_name_of_two_facts_is_told() {
    let council = Council::new();
    let facts = "facts:\n  \
                   first_talk: {type: text, means: A talk., aliases: [talk]}\n  \
                   second_talk: {type: text, means: Another., aliases: [talk]}\n";
    council.write("rulebook/facts.yaml", facts);
    assert_eq!(
        council.proof().names_of_two_facts(),
        ["talk is first_talk and second_talk"]
    );
}

#[test]
fn what_is_raised_without_facts_is_told_and_what_is_foreseen_and_missing() {
    let council = Council::new();
    let when = "    when: { fact: decision_cannot_live_with_family_on, known: true }\n";
    council.change(RULES, when, "");
    assert_eq!(
        council
            .proof()
            .raised_without_facts(&[(Capability::Quorum, "no_eligible_chair")]),
        [
            "quorum does not raise no_eligible_chair",
            "checkpoints raises permanence_plan_missing"
        ]
    );
}

#[test]
fn a_page_that_is_not_what_the_rulebook_says_is_told() {
    let council = Council::new();
    council.change(CLAUSES, "Reports are made", "Reports were made");
    let told = council.proof().untrue_page();
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains("is not what the rulebook says"),
        "{told:?}"
    );
}

#[test]
fn what_cannot_be_read_is_told() {
    let council = Council::new();
    council.write("register.csv", "id,topic,kind\nANYTOWN-REPORT-01\n");
    council.write(CASES, "- nonsense");
    let proof = council.proof();
    assert_eq!(
        proof.unlike_the_register(),
        ["not an entry of the form id,topic,kind: ANYTOWN-REPORT-01"]
    );
    for told in [
        proof.differing_cases(),
        proof.unproved_rules(),
        proof.entries_not_handed_out(),
        proof.untrue_page(),
    ] {
        assert_eq!(told.len(), 1);
        assert!(told[0].contains(CASES), "{told:?}");
    }
}

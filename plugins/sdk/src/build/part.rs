//! One file of a rulebook, and where its entries stand.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use permanence_core::facts::FactDefinition;
use permanence_core::rulebook::{
    Clause, Council, Edition, Form, Panel, Problem, Report, Rule, Rulebook, Silence, Tracker,
};
use permanence_core::vocabulary::CodeList;
use permanence_core::{Code, FactName};
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::problem::RulebookProblem;

/// What one file may hold: any part of an edition, and the council.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub council: Option<Council>,
    pub edition: Option<Edition>,
    #[serde(default)]
    pub silent: Vec<Silence>,
    #[serde(default)]
    pub clauses: Vec<Spanned<Clause>>,
    #[serde(default)]
    pub panels: Vec<Spanned<Panel>>,
    #[serde(default)]
    pub rules: Vec<Spanned<Rule>>,
    #[serde(default)]
    pub forms: Vec<Form>,
    #[serde(default)]
    pub trackers: Vec<Tracker>,
    #[serde(default)]
    pub reports: Vec<Report>,
    #[serde(default)]
    pub facts: BTreeMap<FactName, FactDefinition>,
    #[serde(default)]
    pub codes: BTreeMap<Code, CodeList>,
}

/// Where the entries of a rulebook stand, under the names that the checks of `core` give them.
#[derive(Debug, Default)]
pub(super) struct Places(HashMap<String, (PathBuf, u64)>);

impl Part {
    /// Reads a file strictly: an unknown word in it is an error and not an entry that nobody reads.
    pub fn read(path: &Path) -> Result<Self, RulebookProblem> {
        let text = fs::read_to_string(path).map_err(|error| {
            RulebookProblem::new(path, None, format!("cannot be read: {error}"))
        })?;
        let options = serde_saphyr::options! {
            strict_booleans: true,
            reject_unsupported_tags: true,
        };
        serde_saphyr::from_str_with_options(&text, options).map_err(|error| {
            let line = error.location().map(|location| location.line());
            RulebookProblem::new(path, line, error.without_snippet().to_string())
        })
    }

    /// Whether the file holds nothing of an edition.
    pub fn is_empty(&self) -> bool {
        self.edition.is_none()
            && self.silent.is_empty()
            && self.clauses.is_empty()
            && self.panels.is_empty()
            && self.rules.is_empty()
            && self.forms.is_empty()
            && self.trackers.is_empty()
            && self.reports.is_empty()
            && self.facts.is_empty()
            && self.codes.is_empty()
    }
}

impl Places {
    /// Notes the entries of a file that are about to be added to what the edition has so far.
    pub fn note(&mut self, path: &Path, part: &Part, so_far: &Rulebook) {
        let edition = &so_far.edition.id;
        let mut note = |name: String, line: u64| {
            self.0.insert(
                format!("edition {edition}, {name}"),
                (path.to_owned(), line),
            );
        };
        for clause in &part.clauses {
            note(
                format!("clause {}", clause.value.id),
                clause.referenced.line(),
            );
        }
        for panel in &part.panels {
            note(
                format!("panel {}", panel.value.code),
                panel.referenced.line(),
            );
        }
        for (index, rule) in part.rules.iter().enumerate() {
            note(
                format!("rule {}", so_far.rules.len() + index + 1),
                rule.referenced.line(),
            );
        }
        if part.edition.is_some() {
            self.0
                .insert(format!("edition {edition}"), (path.to_owned(), 1));
        }
    }

    /// A problem that `core` found, with the file and line of its entry.
    pub fn locate(&self, folder: &Path, problem: &Problem) -> RulebookProblem {
        let text = problem.to_string();
        let entry = problem.place.split(" (").next().unwrap_or_default();
        match self.0.get(entry) {
            Some((path, line)) => RulebookProblem::new(path, Some(*line), text),
            None => RulebookProblem::new(folder, None, text),
        }
    }
}

//! One edition of a policy, checked and indexed: what the evaluator works with.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::{Clause, Council, Panel, PolicyDocument, Problem, Rule, Rulebook, check};
use crate::code::{ClauseId, Code, FactName};
use crate::evaluation::Capability;
use crate::facts::{Dictionary, Facts};
use crate::mechanism::Coded;
use crate::vocabulary::Vocabulary;

/// All editions of a council's policy, checked.
#[derive(Debug, Clone)]
pub struct CouncilPolicy {
    /// Whose policy it is.
    pub council: Council,
    editions: Vec<Policy>,
}

impl CouncilPolicy {
    /// Checks every edition, and that their dates neither overlap nor leave gaps.
    pub fn new(document: PolicyDocument) -> Result<Self, Vec<Problem>> {
        let mut problems = check::editions(&document);
        let mut editions = Vec::with_capacity(document.editions.len());
        for rulebook in document.editions {
            match Policy::new(&document.council, rulebook) {
                Ok(policy) => editions.push(policy),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() {
            Ok(Self {
                council: document.council,
                editions,
            })
        } else {
            Err(problems)
        }
    }

    /// The editions, oldest first; there is at least one.
    pub fn editions(&self) -> &[Policy] {
        &self.editions
    }

    /// The edition of that id.
    pub fn edition(&self, id: &str) -> Option<&Policy> {
        self.editions
            .iter()
            .find(|policy| policy.rulebook.edition.id == id)
    }

    /// The edition that judges a day: the newest whose first day is not later; the first for all days before it.
    pub fn on(&self, day: NaiveDate) -> Option<&Policy> {
        self.editions
            .iter()
            .rev()
            .find(|policy| {
                policy
                    .rulebook
                    .edition
                    .effective_from
                    .is_none_or(|from| from <= day)
            })
            .or_else(|| self.editions.first())
    }
}

/// One edition, checked and indexed.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Whose policy it is.
    pub council: Council,
    /// The edition as it was written.
    pub rulebook: Rulebook,
    dictionary: Dictionary,
    by_capability: BTreeMap<Capability, Vec<usize>>,
    clauses: HashMap<ClauseId, usize>,
    coded_reads: HashMap<Code, BTreeSet<FactName>>,
}

/// Facts that say on which calendar a question stands and how far it can be trusted; every rule may read them.
const SURROUNDINGS: [&str; 4] = ["anchor_date", "lower_bounds", "panel", "panel_dates"];

impl Policy {
    /// Checks one edition; every problem is reported.
    pub fn new(council: &Council, rulebook: Rulebook) -> Result<Self, Vec<Problem>> {
        let vocabulary = Vocabulary::shared().with_lists(&rulebook.codes);
        let mut dictionary = Dictionary::new(vocabulary, &rulebook.facts);
        for rule in &rulebook.rules {
            for name in rule.rule.answers() {
                dictionary.add_answer(name);
            }
        }
        let problems = check::rulebook(&rulebook, &dictionary);
        if !problems.is_empty() {
            return Err(problems);
        }
        let clauses: HashMap<ClauseId, usize> = rulebook
            .clauses
            .iter()
            .enumerate()
            .map(|(index, clause)| (clause.id.clone(), index))
            .collect();
        let mut by_capability: BTreeMap<Capability, Vec<usize>> = BTreeMap::new();
        for (index, rule) in rulebook.rules.iter().enumerate() {
            let own = rule.clauses.iter().filter_map(|id| {
                clauses
                    .get(id)
                    .and_then(|at| rulebook.clauses.get(*at))
                    .and_then(Clause::capability)
            });
            let all: BTreeSet<Capability> = own.chain(rule.also.iter().copied()).collect();
            for capability in all {
                by_capability.entry(capability).or_default().push(index);
            }
        }
        let mut coded_reads: HashMap<Code, BTreeSet<FactName>> = HashMap::new();
        for rule in &rulebook.rules {
            if let Some(coded) = rule.rule.coded() {
                let reads = coded_reads.entry(coded.name.clone()).or_default();
                rule.facts(reads);
                reads.extend(
                    SURROUNDINGS
                        .into_iter()
                        .filter_map(|name| FactName::new(name).ok()),
                );
            }
        }
        Ok(Self {
            council: council.clone(),
            rulebook,
            dictionary,
            by_capability,
            clauses,
            coded_reads,
        })
    }

    /// The facts that a question may carry.
    pub fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// A clause.
    pub fn clause(&self, id: &ClauseId) -> Option<&Clause> {
        self.clauses
            .get(id)
            .and_then(|index| self.rulebook.clauses.get(*index))
    }

    /// The rules that answer questions of a capability, in the order of the rulebook.
    pub fn rules(&self, capability: Capability) -> impl Iterator<Item = &Rule> {
        self.by_capability
            .get(&capability)
            .into_iter()
            .flatten()
            .filter_map(|index| self.rulebook.rules.get(*index))
    }

    /// The rules of several capabilities in the order of the rulebook, each once, with those that it belongs to.
    pub fn rules_of_several<const N: usize>(
        &self,
        capabilities: [Capability; N],
    ) -> Vec<(&Rule, [bool; N])> {
        let mut belongs: BTreeMap<usize, [bool; N]> = BTreeMap::new();
        for (at, capability) in capabilities.iter().enumerate() {
            for index in self.by_capability.get(capability).into_iter().flatten() {
                let own = belongs.entry(*index).or_insert([false; N]);
                own.iter_mut().skip(at).take(1).for_each(|it| *it = true);
            }
        }
        belongs
            .into_iter()
            .filter_map(|(index, belongs)| Some((self.rulebook.rules.get(index)?, belongs)))
            .collect()
    }

    /// The rules that carry out a clause.
    pub fn rules_of(&self, clause: &ClauseId) -> impl Iterator<Item = &Rule> {
        self.rulebook
            .rules
            .iter()
            .filter(move |rule| rule.clauses.contains(clause))
    }

    /// Whether questions of a capability need the plugin's own code.
    pub fn needs_code(&self, capability: Capability) -> bool {
        self.rules(capability)
            .any(|rule| rule.rule.coded().is_some())
    }

    /// What a coded rule gets to read of a question: the facts that it declares, those of its conditions, and those that
    /// every rule may read. What it does not declare it does not see, so that a clause's schema tells all that it reads.
    pub fn facts_for(&self, coded: &Coded, facts: &Facts) -> Facts {
        self.coded_reads
            .get(&coded.name)
            .map_or_else(Facts::default, |reads| facts.only(reads))
    }

    /// The panel of that code, or the first one.
    pub fn panel(&self, code: Option<&str>) -> Option<&Panel> {
        match code {
            Some(code) => self
                .rulebook
                .panels
                .iter()
                .find(|panel| panel.code == *code),
            None => self.rulebook.panels.first(),
        }
    }

    /// The facts that a clause's rules read.
    pub fn facts_of(&self, clause: &ClauseId) -> BTreeSet<FactName> {
        let mut facts = BTreeSet::new();
        for rule in self.rules_of(clause) {
            rule.facts(&mut facts);
        }
        facts
    }

    /// The results that a clause's rules give.
    pub fn returns_of(&self, clause: &ClauseId) -> Vec<FactName> {
        let mut names = Vec::new();
        for rule in self.rules_of(clause) {
            for name in rule
                .rule
                .returns()
                .into_iter()
                .chain(rule.states.keys().cloned())
            {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }
}

impl Rule {
    /// The facts that it reads.
    pub fn facts(&self, into: &mut BTreeSet<FactName>) {
        for condition in self
            .when
            .iter()
            .chain(&self.concerns)
            .chain(&self.certain_when)
        {
            condition.facts(into);
        }
        into.extend(self.settled_by.iter().cloned());
        self.rule.facts(into);
    }
}

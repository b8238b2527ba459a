//! Filters of a query that name something of a council's policy. A name that the policy does not have is refused and told where:
//! an empty list would say that there is nothing of it, and hide the slip.

use std::str::FromStr;

use chrono::NaiveDate;
use permanence_core::rulebook::Policy;
use permanence_core::{ClauseId, Code, statute};

use crate::http::Reply;
use crate::plugins::Council;
use crate::problem::{FieldError, Place, Problem, ProblemCode};
use crate::service::questions;

/// The edition that a query names, or the one that holds on that day.
pub(super) fn edition<'a>(
    council: &'a Council,
    id: Option<&str>,
    day: NaiveDate,
) -> Reply<&'a Policy> {
    let found = questions::edition(council, id, day);
    if id.is_some() && found.is_err() {
        let message = "The council has no edition of this id.";
        let fault = FieldError::at(Place::Query, "/edition", "unknown_edition", message);
        return Err(Problem::new(ProblemCode::BadQuery, message).with([fault]));
    }
    Ok(found?)
}

const UNKNOWN_CODE: &str = "unknown_code";

/// The lists of those who can be named as responsible.
const PEOPLE: &[&str] = &[
    "roles",
    "panel_roles",
    "groups",
    "services_and_teams",
    "panels_and_meetings",
];

/// Reads the filters of one query; [`Filters::check`] tells all that is wrong with them at once.
pub(super) struct Filters<'a> {
    editions: Vec<&'a Policy>,
    faults: Vec<FieldError>,
}

impl<'a> Filters<'a> {
    /// Of records: they outlive the edition under which they were made, so the names of every edition are known.
    pub(super) fn of_records(council: &'a Council) -> Self {
        Self {
            editions: council.policy().editions().iter().collect(),
            faults: Vec::new(),
        }
    }

    /// Of answers as of a day: the names of the edition that judges it, and of the law that stands beside it.
    pub(super) fn as_of(council: &'a Council, on: NaiveDate) -> Self {
        let judging = council.policy().on(on);
        Self {
            editions: judging.into_iter().chain(statute::on(on)).collect(),
            faults: Vec::new(),
        }
    }

    /// Codes of no closed list: what rules find, and what is to be done. They only have to be of the form of codes.
    pub(super) fn any_codes(&mut self, name: &str, texts: &[String]) -> Vec<Code> {
        self.read(name, texts, UNKNOWN_CODE, "", |_, _| true)
    }

    /// Codes of a list, such as `roles`. A list that is open to other codes takes any.
    pub(super) fn codes(&mut self, name: &str, texts: &[String], list: &str) -> Vec<Code> {
        let list = Code::new(list).ok();
        let known = |policy: &Policy, code: &Code| {
            let vocabulary = policy.dictionary().vocabulary();
            list.as_ref()
                .and_then(|list| vocabulary.list(list))
                .is_none_or(|list| list.open || list.codes.contains_key(code))
        };
        let message = format!(
            "The council's list {} has no such code.",
            list.as_ref().map(Code::as_str).unwrap_or_default()
        );
        self.read(name, texts, UNKNOWN_CODE, &message, known)
    }

    /// Who is to act, or is told: roles, and the teams and groups that policies name in their place.
    pub(super) fn responsible(&mut self, name: &str, texts: &[String]) -> Vec<Code> {
        let message = "The council's policy names nobody by this code.";
        self.read(name, texts, UNKNOWN_CODE, message, |policy, code| {
            let lists = policy.dictionary().vocabulary().lists();
            let listed = |name: &&str| {
                lists
                    .get(*name)
                    .is_some_and(|list| list.codes.contains_key(code))
            };
            let rules = &policy.rulebook.rules;
            PEOPLE.iter().any(listed)
                || rules
                    .iter()
                    .any(|rule| rule.responsible.as_ref() == Some(code))
        })
    }

    /// Clauses.
    pub(super) fn clauses(&mut self, name: &str, texts: &[String]) -> Vec<ClauseId> {
        let message = "The council's policy of that day has no such clause.";
        self.read(name, texts, "unknown_clause", message, |policy, id| {
            policy.clause(id).is_some()
        })
    }

    /// A panel.
    pub(super) fn panel(&mut self, name: &str, text: Option<&String>) -> Option<Code> {
        let message = "The council has no panel of this code.";
        self.one(name, text, message, |policy, code| {
            policy.panel(Some(code.as_str())).is_some()
        })
    }

    /// A tracker.
    pub(super) fn tracker(&mut self, name: &str, text: Option<&String>) -> Option<Code> {
        let message = "The council has no tracker of this code.";
        self.one(name, text, message, |policy, code| {
            let trackers = &policy.rulebook.trackers;
            trackers.iter().any(|tracker| tracker.code == *code)
        })
    }

    /// Sections of trackers.
    pub(super) fn sections(&mut self, name: &str, texts: &[String]) -> Vec<Code> {
        let message = "None of the council's trackers has a section of this code.";
        self.read(name, texts, UNKNOWN_CODE, message, |policy, code| {
            let trackers = &policy.rulebook.trackers;
            trackers
                .iter()
                .any(|tracker| tracker.section(code).is_some())
        })
    }

    /// Forms.
    pub(super) fn forms(&mut self, name: &str, texts: &[String]) -> Vec<Code> {
        let message = "The council has no form of this code.";
        self.read(name, texts, UNKNOWN_CODE, message, |policy, code| {
            policy.rulebook.forms.iter().any(|form| form.code == *code)
        })
    }

    /// Refuses the query if a filter cannot be used.
    pub(super) fn check(self) -> Reply<()> {
        if self.faults.is_empty() {
            return Ok(());
        }
        let detail = "A filter does not name what this council has.";
        Err(Problem::new(ProblemCode::BadQuery, detail).with(self.faults))
    }

    fn one(
        &mut self,
        name: &str,
        text: Option<&String>,
        message: &str,
        known: impl Fn(&Policy, &Code) -> bool,
    ) -> Option<Code> {
        let texts = text.map(std::slice::from_ref).unwrap_or_default();
        self.read(name, texts, UNKNOWN_CODE, message, known).pop()
    }

    fn read<T: FromStr>(
        &mut self,
        name: &str,
        texts: &[String],
        unknown: &str,
        message: &str,
        known: impl Fn(&Policy, &T) -> bool,
    ) -> Vec<T> {
        let mut read = Vec::with_capacity(texts.len());
        for text in texts {
            let fault = match text.parse::<T>() {
                Ok(value) if self.editions.iter().any(|policy| known(policy, &value)) => {
                    read.push(value);
                    continue;
                }
                Ok(_) => (unknown, message),
                Err(_) => ("bad_name", "This is not of the form of its names."),
            };
            let fault = FieldError::at(Place::Query, format!("/{name}"), fault.0, fault.1);
            if !self.faults.contains(&fault) {
                self.faults.push(fault);
            }
        }
        read
    }
}

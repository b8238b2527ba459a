//! A page for the council's officers: what the software does for each clause, with an example worked out.
//!
//! It is written from the rulebook and the worked cases, `plugins/<council>/POLICY.md`, and a test keeps it true.

mod words;

use std::fmt::Write as _;
use std::path::Path;

use permanence_core::coverage::{self, By, Link};
use permanence_core::evaluation::Answer;
use permanence_core::rulebook::{Clause, ClauseKind, CouncilPolicy, Policy, Rule};
use permanence_core::{Code, Facts, Question};

use crate::CouncilPlugin;
use crate::cases::{Case, InProcess};

/// Writes the page of the newest edition.
///
/// # Errors
/// A sentence about the case that cannot be worked out.
pub fn write<P: CouncilPlugin>(policy: &CouncilPolicy, cases: &[Case]) -> Result<String, String> {
    let edition = policy.editions().last().ok_or("there is no edition")?;
    let coded = InProcess::<P>::new(policy, &edition.rulebook.edition.id)?;
    let mut page = Page {
        policy: edition,
        coded: &coded,
        cases,
        text: String::new(),
    };
    page.head();
    let mut topics: Vec<&Code> = Vec::new();
    for clause in &edition.rulebook.clauses {
        if !topics.contains(&&clause.topic) {
            topics.push(&clause.topic);
        }
    }
    for topic in topics {
        page.line(&format!("## {}\n", topic.label()));
        for clause in &edition.rulebook.clauses {
            if clause.topic == *topic {
                page.clause(clause)?;
            }
        }
    }
    Ok(format!("{}\n", page.text.trim_end()))
}

struct Page<'a, P> {
    policy: &'a Policy,
    coded: &'a InProcess<'a, P>,
    cases: &'a [Case],
    text: String,
}

impl<P: CouncilPlugin> Page<'_, P> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn head(&mut self) {
        let rulebook = &self.policy.rulebook;
        let count = |kind: ClauseKind| {
            let of_kind = rulebook.clauses.iter().filter(|clause| clause.kind == kind);
            of_kind.count()
        };
        let head = format!(
            "# {}: what the software does for each clause\n\n\
             This page is written from the rulebook beside it; change the rulebook and not the page.\n\
             It follows *{}*, edition {}.\n\n\
             Of {} clauses {} are enforced or computed, {} can be recorded and read back, and {} are shown as guidance.\n",
            self.policy.council.name,
            rulebook.edition.title,
            rulebook.edition.id,
            rulebook.clauses.len(),
            count(ClauseKind::Rule),
            count(ClauseKind::Data),
            count(ClauseKind::Text),
        );
        self.line(&head);
        if !rulebook.silent.is_empty() {
            self.line("The policy says nothing on these; the software records and flags there, and never invents a ban:\n");
            let silent: Vec<String> = rulebook
                .silent
                .iter()
                .map(|silence| format!("- {}", words::spaced(&silence.topic)))
                .collect();
            self.line(&format!("{}\n", silent.join("\n")));
        }
    }

    fn clause(&mut self, clause: &Clause) -> Result<(), String> {
        self.line(&format!("### {}\n", clause.id));
        self.line(&format!("{} *({})*\n", clause.says.trim(), clause.at));
        if let Some(reading) = &clause.reading {
            self.line(&format!("How it is read: {}\n", reading.trim()));
        }
        let met = coverage::of(self.policy, clause);
        if met.by.is_empty() {
            self.line("**Not met**: nothing in the software is linked to this clause.\n");
        }
        if clause.kind == ClauseKind::Rule {
            let rules: Vec<&Rule> = self.policy.rules_of(&clause.id).collect();
            for rule in rules {
                self.rule(rule);
            }
            self.example(clause)?;
        } else {
            let held: Vec<String> = met.by.iter().map(held).collect();
            self.line(&format!("{}\n", held.join("\n")));
        }
        Ok(())
    }

    fn rule(&mut self, rule: &Rule) {
        let mut says = match rule.rule.coded() {
            Some(coded) => format!(
                "**Decided by code** that data cannot say (`src/rules/{}.rs`).",
                coded.name
            ),
            None => format!("**Computed**: {}.", words::mechanism(rule.rule.name())),
        };
        if let Some(role) = &rule.responsible {
            let _ = write!(says, " Who is to act: {}.", self.label(role));
        }
        let mut facts = std::collections::BTreeSet::new();
        rule.facts(&mut facts);
        if !facts.is_empty() {
            let names: Vec<String> = facts
                .iter()
                .map(|fact| words::spaced(fact.as_str()))
                .collect();
            let _ = write!(says, " It looks at: {}.", names.join(", "));
        }
        says.push('\n');
        self.line(&says);
    }

    fn label(&self, code: &Code) -> String {
        self.policy.dictionary().vocabulary().label(code)
    }

    /// The first worked case of the clause that says something, as it comes out.
    fn example(&mut self, clause: &Clause) -> Result<(), String> {
        let own = || self.cases.iter().filter(|case| case.clause == clause.id);
        let speaks = |case: &&Case| case.findings.as_ref().is_some_and(|all| !all.is_empty());
        let Some(case) = own().find(speaks).or_else(|| own().next()) else {
            return Ok(());
        };
        let answer = self.work_out(case)?;
        let mut lines = vec![format!("Example, asked on {}:\n", words::day(case.as_of))];
        for (name, value) in &case.facts {
            lines.push(format!(
                "- given: {} is {}",
                words::spaced(name),
                words::value(value)
            ));
        }
        for (name, value) in &answer.results {
            lines.push(format!(
                "- then: {} is {}",
                words::uncameled(name),
                words::value(value)
            ));
        }
        for finding in &answer.findings {
            let mut says = format!("- {}: {}", words::effect(finding.effect), finding.message);
            for (what, on) in [
                ("the clock started on", finding.since),
                ("due by", finding.due_on),
                ("ran out on", finding.ran_out_on),
            ] {
                if let Some(on) = on {
                    let _ = write!(says, " ({what} {})", words::day(on));
                }
            }
            lines.push(says);
        }
        self.line(&format!("{}\n", lines.join("\n")));
        Ok(())
    }

    fn work_out(&self, case: &Case) -> Result<Answer, String> {
        let facts = Facts::read(&case.request().facts, self.policy.dictionary())
            .map_err(|errors| format!("{}: {} facts are refused", case.title(), errors.len()))?;
        let question = Question {
            as_of: case.as_of,
            facts,
        };
        permanence_core::evaluate_clause(self.policy, &case.clause, &question, self.coded)
            .map_err(|error| format!("{}: {error}", case.title()))
    }
}

/// Where something is recorded or shown, in a sentence.
fn held(link: &Link) -> String {
    let entries: Vec<String> = link
        .entries
        .iter()
        .map(|entry| words::uncameled(entry))
        .collect();
    let entries = entries.join(", ");
    let target = words::spaced(&link.target);
    let place = match link.by {
        By::Rule => "enforced".to_owned(),
        By::Form => format!("recorded in the form *{target}*"),
        By::Fact => format!("recorded with the case as *{target}*"),
        By::Codes => format!("a choice in the list *{target}*"),
        By::Posts => format!("posts on the panel *{target}*"),
        By::Requests => format!("requests that the panel *{target}* takes"),
        By::Entries => format!("handed out and followed up under {}", link.target),
        By::Tracker => format!("kept in the tracker *{target}*"),
        By::Report => format!("part of the report *{target}*"),
        By::Operation => format!(
            "recorded with `{}` ({})",
            link.operations.join(", "),
            link.target
        ),
        By::Edition => "said by the edition itself".to_owned(),
        By::Values => "a constant of the policy, given with the clause".to_owned(),
        By::Guidance => "shown as guidance".to_owned(),
    };
    if entries.is_empty() {
        format!("- {place}")
    } else {
        format!("- {place}: {entries}")
    }
}

/// Compares the page with the one beside the rulebook; with `PERMANENCE_WRITE_PAGES` set it is written instead.
///
/// # Errors
/// When they differ, or the file cannot be read or written.
pub fn same(folder: &Path, written: &str) -> Result<(), String> {
    let file = folder.join("POLICY.md");
    let name = file.display();
    if std::env::var_os("PERMANENCE_WRITE_PAGES").is_some() {
        return std::fs::write(&file, written).map_err(|error| format!("{name}: {error}"));
    }
    let committed = std::fs::read_to_string(&file).map_err(|error| format!("{name}: {error}"))?;
    if committed == written {
        Ok(())
    } else {
        Err(format!(
            "{name} is not what the rulebook says: set PERMANENCE_WRITE_PAGES=1, run this test, and commit the page"
        ))
    }
}

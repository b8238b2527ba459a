//! What the tests of every council hold: the checks, written once, and the one line that makes tests of them.
//!
//! Beside the rulebook lie `register.csv`, the folder `cases/` and `POLICY.md`; [`council_tests!`](crate::council_tests)
//! holds the rulebook and the plugin's code to all three.
//! Each check gives a sentence for everything that is wrong and nothing where nothing is, so that a failing test tells all at once.

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::path::PathBuf;

pub use permanence_core::Capability;
use permanence_core::rulebook::{ClauseKind, CouncilPolicy, Policy, PolicyDocument};
use permanence_core::{Answer, Facts, Question};
use serde_json::{Map, Value};

use crate::cases::{self, Case, InProcess};
use crate::register::{self, Register};
use crate::{CouncilPlugin, links, page, planted};

/// The day on which a question without facts is asked; it could be any.
const SOME_DAY: &str = "2026-11-22";

/// A council's plugin with what lies beside its rulebook.
pub struct Proof<P> {
    document: PolicyDocument,
    policy: CouncilPolicy,
    folder: PathBuf,
    plugin: PhantomData<P>,
}

impl<P: CouncilPlugin> Proof<P> {
    /// The plugin of this rulebook, whose crate lies in this folder.
    ///
    /// # Errors
    /// Why the rulebook is none.
    pub fn new(rulebook: &str, folder: &str) -> Result<Self, String> {
        let document: PolicyDocument =
            serde_json::from_str(rulebook).map_err(|error| error.to_string())?;
        let policy = CouncilPolicy::new(document.clone()).map_err(|problems| {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            problems.join("\n")
        })?;
        Ok(Self {
            document,
            policy,
            folder: PathBuf::from(folder),
            plugin: PhantomData,
        })
    }

    /// The policy with all its editions.
    #[must_use]
    pub fn policy(&self) -> &CouncilPolicy {
        &self.policy
    }

    /// The rulebook as the library carries it, to plant a fault into.
    #[must_use]
    pub fn document(&self) -> PolicyDocument {
        self.document.clone()
    }

    /// The register beside the rulebook.
    ///
    /// # Errors
    /// A sentence with what cannot be read.
    pub fn register(&self) -> Result<Register, String> {
        let file = self.folder.join("register.csv");
        let text = std::fs::read_to_string(&file)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        register::read(&text)
    }

    /// The worked cases beside the rulebook.
    ///
    /// # Errors
    /// A sentence with the file that cannot be read.
    pub fn cases(&self) -> Result<Vec<Case>, String> {
        Case::read(&self.folder.join("cases"))
    }

    /// How many clauses of a kind the policy has.
    #[must_use]
    pub fn clauses_of(&self, kind: ClauseKind) -> usize {
        let clauses = self.editions().flat_map(|it| &it.rulebook.clauses);
        clauses.filter(|clause| clause.kind == kind).count()
    }

    /// What all rules of a capability answer, facts as they travel: by the edition that judges the day.
    ///
    /// # Errors
    /// Why it could not be asked.
    pub fn ask(
        &self,
        capability: Capability,
        as_of: &str,
        facts: &Map<String, Value>,
    ) -> Result<Answer, String> {
        let as_of = as_of
            .parse()
            .map_err(|error| format!("{as_of} is no day: {error}"))?;
        let edition = self.policy.on(as_of).ok_or("there is no edition")?;
        let question = Question {
            as_of,
            facts: Facts::read(facts, edition.dictionary()).map_err(|errors| {
                let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
                errors.join("; ")
            })?,
        };
        let coded = InProcess::<P>::new(&self.policy, &edition.rulebook.edition.id)?;
        permanence_core::evaluate(edition, capability, &question, &coded)
            .map_err(|error| format!("{capability}: {error}"))
    }

    fn editions(&self) -> impl Iterator<Item = &Policy> {
        self.policy.editions().iter()
    }

    /// The worked cases that do not come out as written.
    #[must_use]
    pub fn differing_cases(&self) -> Vec<String> {
        sentences(
            self.cases()
                .and_then(|cases| cases::run::<P>(&self.policy, &cases)),
        )
    }

    /// The clauses of kind rule that no worked case makes speak.
    #[must_use]
    pub fn unproved_rules(&self) -> Vec<String> {
        sentences(self.cases().map(|cases| {
            let unproved = cases::unproved(&self.policy, &cases).into_iter();
            unproved
                .map(|clause| format!("no case makes {clause} speak"))
                .collect()
        }))
    }

    /// How the rulebook differs from the register, the clauses that nothing meets, and those that say nothing.
    #[must_use]
    pub fn unlike_the_register(&self) -> Vec<String> {
        sentences(self.register().map(|register| {
            let of_edition = |edition| {
                let mut wrong = register::differences(edition, &register);
                let unmet = register::unmet(edition).into_iter();
                wrong.extend(unmet.map(|clause| format!("{clause} is met by nothing")));
                let clauses = edition.rulebook.clauses.iter();
                let mute = clauses.filter(|clause| clause.says.is_empty());
                wrong.extend(mute.map(|clause| format!("{} says nothing", clause.id)));
                wrong
            };
            self.editions().flat_map(of_edition).collect()
        }))
    }

    /// The entries that a link says a rule hands out, and that it hands out in no worked case.
    #[must_use]
    pub fn entries_not_handed_out(&self) -> Vec<String> {
        sentences(
            self.cases()
                .and_then(|cases| links::not_handed_out::<P>(&self.policy, &cases)),
        )
    }

    /// The fields of forms and trackers that cannot hold what their fact can be.
    #[must_use]
    pub fn misfitting_fields(&self) -> Vec<String> {
        self.editions().flat_map(links::misfits).collect()
    }

    /// The faults that could be planted into the rulebook and that nothing would tell.
    #[must_use]
    pub fn uncaught_faults(&self) -> Vec<String> {
        sentences(
            self.register()
                .and_then(|register| planted::uncaught(&self.document, &register)),
        )
    }

    /// The names that two facts answer to.
    #[must_use]
    pub fn names_of_two_facts(&self) -> Vec<String> {
        let of_edition = |edition: &Policy| {
            let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for (name, fact) in edition.dictionary().iter() {
                for own in std::iter::once(name).chain(&fact.aliases) {
                    names.entry(own.camel()).or_default().push(name.to_string());
                }
            }
            let shared = names.into_iter().filter(|(_, facts)| facts.len() > 1);
            shared
                .map(|(name, facts)| format!("{name} is {}", facts.join(" and ")))
                .collect::<Vec<_>>()
        };
        self.editions().flat_map(of_edition).collect()
    }

    /// The findings of a question without facts that are not foreseen, and those that are foreseen and missing.
    ///
    /// What is not known is flagged by nobody; foreseen is what needs no fact, such as that nobody at a meeting is no quorum.
    #[must_use]
    pub fn raised_without_facts(&self, foreseen: &[(Capability, &str)]) -> Vec<String> {
        let mut wrong = Vec::new();
        for capability in Capability::ALL {
            let of_this = foreseen.iter().filter(|(of, _)| *of == capability);
            let foreseen: BTreeSet<&str> = of_this.map(|(_, code)| *code).collect();
            match self.ask(capability, SOME_DAY, &Map::new()) {
                Ok(answer) => {
                    let raised: BTreeSet<&str> = codes(&answer).into_iter().collect();
                    let more = raised.difference(&foreseen);
                    wrong.extend(more.map(|code| format!("{capability} raises {code}")));
                    let less = foreseen.difference(&raised);
                    wrong.extend(less.map(|code| format!("{capability} does not raise {code}")));
                }
                Err(error) => wrong.push(error),
            }
        }
        wrong
    }

    /// That the page for the council's officers is not what the rulebook says; with `PERMANENCE_WRITE_PAGES` set it is written.
    #[must_use]
    pub fn untrue_page(&self) -> Vec<String> {
        let page = self
            .cases()
            .and_then(|cases| page::write::<P>(&self.policy, &cases))
            .and_then(|written| page::same(&self.folder, &written));
        sentences(page.map(|()| Vec::new()))
    }
}

/// The codes of an answer's findings, in their order.
#[must_use]
pub fn codes(answer: &Answer) -> Vec<&str> {
    let findings = answer.findings.iter();
    findings.map(|finding| finding.code.as_str()).collect()
}

/// What is wrong, or why that cannot be told.
fn sentences(told: Result<Vec<String>, String>) -> Vec<String> {
    told.unwrap_or_else(|error| vec![error])
}

/// What one check of a council says; [`crate::council_tests!`] needs it.
#[doc(hidden)]
pub fn told<P: CouncilPlugin>(
    rulebook: &str,
    folder: &str,
    check: impl FnOnce(&Proof<P>) -> Vec<String>,
) -> Vec<String> {
    sentences(Proof::new(rulebook, folder).map(|proof| check(&proof)))
}

/// The tests that every council has: the one line of a `tests/register.rs`.
///
/// ```ignore
/// permanence_plugin::council_tests!(Anytown, rulebook = RULEBOOK);
/// ```
///
/// A council of whose answers some need no fact names them, in a test called after what they say:
///
/// ```ignore
/// permanence_plugin::council_tests!(
///     Anytown,
///     rulebook = RULEBOOK,
///     a_question_without_facts_raises_nothing_but_a_missing_quorum = [Quorum: "fewer_than_three_members"]
/// );
/// ```
#[macro_export]
macro_rules! council_tests {
    ($council:ty, rulebook = $rulebook:expr $(,)?) => {
        $crate::council_tests!(
            $council,
            rulebook = $rulebook,
            a_question_without_facts_raises_nothing = []
        );
    };
    (
        $council:ty, rulebook = $rulebook:expr,
        $unasked:ident = [$($capability:ident: $code:literal),* $(,)?] $(,)?
    ) => {
        $crate::__council_tests! {
            $council, $rulebook;
            every_case_comes_out_as_written: differing_cases();
            every_rule_has_a_case_that_makes_it_speak: unproved_rules();
            the_rulebook_has_the_clauses_of_the_register_and_meets_each_of_them: unlike_the_register();
            what_a_link_says_a_rule_hands_out_is_handed_out_in_a_case: entries_not_handed_out();
            a_form_can_be_judged_by_the_rules_that_read_its_fields: misfitting_fields();
            every_fault_that_can_be_planted_is_told: uncaught_faults();
            no_two_facts_answer_to_one_name: names_of_two_facts();
            $unasked: raised_without_facts(&[$(($crate::proof::Capability::$capability, $code)),*]);
            the_officers_page_is_true: untrue_page();
        }
    };
}

/// A test for each check.
#[doc(hidden)]
#[macro_export]
macro_rules! __council_tests {
    ($council:ty, $rulebook:expr; $($name:ident: $check:ident($($with:expr)?);)+) => {
        $(
            #[test]
            fn $name() {
                let told = $crate::proof::told::<$council>(
                    $rulebook,
                    env!("CARGO_MANIFEST_DIR"),
                    |proof| proof.$check($($with)?),
                );
                assert!(told.is_empty(), "{}", told.join("\n"));
            }
        )+
    };
}

//! What a library is tried for: the first steps that every one goes through, and the checks of `permanence plugin check`.
//!
//! Each check runs in a child process of its own, so that a crash in one says nothing about the others.

use std::fmt::Display;
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate};
use permanence_core::coded::{CodedBatch, CodedQuestion, CodedReplies, CodedReply};
use permanence_core::rulebook::{CouncilPolicy, Policy, Rule};
use permanence_core::{Capability, ClauseId, Code};
use permanence_plugin_abi::{BATCH_LIMIT, operation, status};
use serde_json::{Map, Value};

use super::digest::Digest;
use super::library::{CallFailure, Instance, Library};
use super::load::{Inspected, inspect};
use super::problem::{LoadCode, LoadProblem};

/// How long a full batch may take.
const BATCH_BUDGET: Duration = Duration::from_secs(2);

/// A check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Check {
    /// It loads, starts and hands over a rulebook that holds together.
    Loads,
    /// It hands over the same rulebook every time.
    SameRulebook,
    /// It says that it does not know an operation that does not exist.
    UnknownOperation,
    /// It says that it cannot read a question that is cut short or is no text.
    BrokenQuestion,
    /// It notices when its answer is not taken.
    FullSink,
    /// Its coded rules answer questions of which nothing is known, and cite only their own clauses.
    CodedRules,
    /// It ignores what a newer server may add to a question.
    UnknownMember,
    /// It gives the same answer from many threads at once.
    ManyThreads,
    /// It answers a batch as it answers its questions one by one.
    BatchAsSingles,
    /// It answers a full batch in time.
    FullBatch,
    /// It gives the same answers in another time zone, language and folder.
    Elsewhere,
}

/// A coded rule and where it stands.
struct Coded<'a> {
    policy: &'a Policy,
    capability: Capability,
    rule: &'a Rule,
    name: &'a Code,
}

type Outcome = Result<Option<String>, Vec<LoadProblem>>;

impl Check {
    /// All checks, in the order in which they are made.
    pub const ALL: [Self; 11] = [
        Self::Loads,
        Self::SameRulebook,
        Self::UnknownOperation,
        Self::BrokenQuestion,
        Self::FullSink,
        Self::CodedRules,
        Self::UnknownMember,
        Self::ManyThreads,
        Self::BatchAsSingles,
        Self::FullBatch,
        Self::Elsewhere,
    ];

    /// The check's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loads => "loads",
            Self::SameRulebook => "same_rulebook",
            Self::UnknownOperation => "unknown_operation",
            Self::BrokenQuestion => "broken_question",
            Self::FullSink => "full_sink",
            Self::CodedRules => "coded_rules",
            Self::UnknownMember => "unknown_member",
            Self::ManyThreads => "many_threads",
            Self::BatchAsSingles => "batch_as_singles",
            Self::FullBatch => "full_batch",
            Self::Elsewhere => "elsewhere",
        }
    }

    /// What a library does that passes.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Loads => "it loads, starts and hands over a rulebook that holds together",
            Self::SameRulebook => "it hands over the same rulebook every time",
            Self::UnknownOperation => {
                "it says that it does not know an operation that does not exist"
            }
            Self::BrokenQuestion => {
                "it says that it cannot read a question that is cut short or is no text"
            }
            Self::FullSink => "it notices when its answer is not taken",
            Self::CodedRules => {
                "its coded rules answer when nothing is known, and cite only their own clauses"
            }
            Self::UnknownMember => "it ignores what a newer server may add to a question",
            Self::ManyThreads => "it gives the same answer from many threads at once",
            Self::BatchAsSingles => "it answers a batch as it answers its questions one by one",
            Self::FullBatch => "it answers a thousand questions in time",
            Self::Elsewhere => {
                "it gives the same answers in another time zone, language and folder"
            }
        }
    }

    /// Goes through the check in this process, and gives a fingerprint of the answers where they are compared later.
    pub(super) fn perform(self, library: &'static Library) -> Outcome {
        let Inspected {
            instance,
            policy,
            manifest,
            ..
        } = inspect(library)?;
        let by_code = manifest.answers_by_code();
        match self {
            Self::Loads => Ok(None),
            Self::SameRulebook => same_rulebook(library, &instance),
            Self::UnknownOperation => {
                expect_status(&instance, u32::MAX, b"{}", &[status::UNSUPPORTED])
            }
            Self::BrokenQuestion => broken_question(&instance, by_code),
            Self::FullSink => full_sink(&instance),
            Self::CodedRules | Self::Elsewhere => coded_rules(&instance, &policy),
            Self::UnknownMember => unknown_member(&instance, &policy),
            Self::ManyThreads => many_threads(library, &instance, &policy),
            Self::BatchAsSingles => batch_as_singles(&instance, &policy),
            Self::FullBatch => full_batch(&instance, &policy),
        }
    }
}

fn same_rulebook(library: &'static Library, first: &Instance) -> Outcome {
    let second = library.create(b"{}")?;
    let rulebook = |instance: &Instance| {
        instance
            .call(operation::RULEBOOK, &[])
            .map_err(|failure| fault("rulebook", &failure))
    };
    if rulebook(first)? != rulebook(first)? || rulebook(first)? != rulebook(&second)? {
        return Err(misbehaves("two readings of its rulebook differ"));
    }
    Ok(None)
}

fn broken_question(instance: &Instance, by_code: bool) -> Outcome {
    let allowed: &[i32] = if by_code {
        &[status::BAD_REQUEST]
    } else {
        &[status::BAD_REQUEST, status::UNSUPPORTED]
    };
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    for request in [
        b"".as_slice(),
        b"{\"questions\":[",
        b"\xff\xfe",
        b"{}",
        b"null",
        &deep,
    ] {
        expect_status(instance, operation::CODED, request, allowed)?;
    }
    Ok(None)
}

fn full_sink(instance: &Instance) -> Outcome {
    match instance.call_into(operation::RULEBOOK, &[], 16) {
        (status::OK, _) => Err(misbehaves(
            "it reported success although its answer was not taken",
        )),
        _ => Ok(None),
    }
}

fn coded_rules(instance: &Instance, policy: &CouncilPolicy) -> Outcome {
    let mut answers = String::new();
    for coded in coded(policy) {
        for reply in ask(instance, &coded, &days(3))? {
            coded.check_citations(&reply)?;
            answers.push_str(&serde_json::to_string(&reply).unwrap_or_default());
        }
    }
    Ok(Some(Digest::of(answers.as_bytes()).to_string()))
}

fn unknown_member(instance: &Instance, policy: &CouncilPolicy) -> Outcome {
    for coded in coded(policy) {
        let batch = coded.batch(&days(1));
        let mut document = serde_json::to_value(&batch).unwrap_or_default();
        if let Some(members) = document.as_object_mut() {
            members.insert("addedLater".into(), Value::Bool(true));
        }
        let plain = call(
            instance,
            &coded,
            &serde_json::to_vec(&batch).unwrap_or_default(),
        )?;
        let extended = call(
            instance,
            &coded,
            &serde_json::to_vec(&document).unwrap_or_default(),
        )?;
        if plain != extended {
            return Err(misbehaves(format!(
                "an unknown member changed the answer of the rule {}",
                coded.name
            )));
        }
    }
    Ok(None)
}

fn many_threads(library: &Library, instance: &Instance, policy: &CouncilPolicy) -> Outcome {
    if library.is_serial() {
        return Ok(None);
    }
    for coded in coded(policy) {
        let days = days(20);
        let expected = ask(instance, &coded, &days)?;
        let all_agree = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| ask(instance, &coded, &days)))
                .collect();
            threads
                .into_iter()
                .all(|thread| matches!(thread.join(), Ok(Ok(answer)) if answer == expected))
        });
        if !all_agree {
            return Err(misbehaves(format!(
                "the rule {} answered differently from several threads",
                coded.name
            )));
        }
    }
    Ok(None)
}

fn batch_as_singles(instance: &Instance, policy: &CouncilPolicy) -> Outcome {
    for coded in coded(policy) {
        let days = days(50);
        let batch = ask(instance, &coded, &days)?;
        let mut singles = Vec::with_capacity(days.len());
        for day in &days {
            singles.extend(ask(instance, &coded, std::slice::from_ref(day))?);
        }
        if batch != singles {
            return Err(misbehaves(format!(
                "the rule {} answers a batch differently from its questions",
                coded.name
            )));
        }
    }
    Ok(None)
}

fn full_batch(instance: &Instance, policy: &CouncilPolicy) -> Outcome {
    for coded in coded(policy) {
        let started = Instant::now();
        ask(instance, &coded, &days(BATCH_LIMIT))?;
        let taken = started.elapsed();
        if taken > BATCH_BUDGET {
            let (taken, limit) = (taken.as_millis(), BATCH_BUDGET.as_millis());
            return Err(misbehaves(format!(
                "the rule {} took {taken} ms for a full batch; the limit is {limit} ms",
                coded.name
            )));
        }
    }
    Ok(None)
}

/// Every coded rule of every edition, once for each capability that it answers.
fn coded(policy: &CouncilPolicy) -> Vec<Coded<'_>> {
    let mut found = Vec::new();
    for policy in policy.editions() {
        for capability in Capability::ALL {
            found.extend(policy.rules(capability).filter_map(|rule| {
                rule.rule.coded().map(|coded| Coded {
                    policy,
                    capability,
                    rule,
                    name: &coded.name,
                })
            }));
        }
    }
    found
}

impl Coded<'_> {
    fn batch(&self, days: &[NaiveDate]) -> CodedBatch {
        let question = |as_of: &NaiveDate| CodedQuestion {
            as_of: *as_of,
            facts: Map::new(),
        };
        CodedBatch {
            capability: self.capability,
            edition: self.policy.rulebook.edition.id.clone(),
            rule: self.name.clone(),
            questions: days.iter().map(question).collect(),
        }
    }

    fn check_citations(&self, reply: &CodedReply) -> Result<(), Vec<LoadProblem>> {
        let cited: Vec<&ClauseId> = match reply {
            CodedReply::Answer(answer) => answer
                .clauses
                .iter()
                .chain(answer.findings.iter().flat_map(|finding| &finding.clauses))
                .collect(),
            CodedReply::Refusal(refusal) => vec![&refusal.clause],
        };
        match cited.into_iter().find(|id| !self.rule.clauses.contains(id)) {
            Some(id) => Err(misbehaves(format!(
                "the rule {} cites {id}, which it does not carry out",
                self.name
            ))),
            None => Ok(()),
        }
    }
}

fn ask(
    instance: &Instance,
    coded: &Coded<'_>,
    days: &[NaiveDate],
) -> Result<Vec<CodedReply>, Vec<LoadProblem>> {
    let request =
        serde_json::to_vec(&coded.batch(days)).map_err(|error| misbehaves(error.to_string()))?;
    let replies: CodedReplies =
        serde_json::from_slice(&call(instance, coded, &request)?).map_err(|error| {
            misbehaves(format!(
                "the answer of the rule {} cannot be read: {error}",
                coded.name
            ))
        })?;
    if replies.replies.len() != days.len() {
        let (asked, given) = (days.len(), replies.replies.len());
        return Err(misbehaves(format!(
            "the rule {} was asked {asked} questions and gave {given} answers",
            coded.name
        )));
    }
    Ok(replies.replies)
}

fn call(
    instance: &Instance,
    coded: &Coded<'_>,
    request: &[u8],
) -> Result<Vec<u8>, Vec<LoadProblem>> {
    instance
        .call(operation::CODED, request)
        .map_err(|failure| fault(format!("the rule {}", coded.name), &failure))
}

fn expect_status(instance: &Instance, operation: u32, request: &[u8], allowed: &[i32]) -> Outcome {
    match instance.call_into(operation, request, permanence_plugin_abi::BODY_LIMIT) {
        (given, _) if allowed.contains(&given) => Ok(None),
        (given, _) => {
            let allowed: Vec<String> = allowed.iter().map(i32::to_string).collect();
            let allowed = allowed.join(" or ");
            Err(misbehaves(format!(
                "it returned status {given} where {allowed} is right"
            )))
        }
    }
}

/// Days in a row, from a Monday on.
fn days(count: usize) -> Vec<NaiveDate> {
    let first = NaiveDate::default() + Days::new(20_241);
    first.iter_days().take(count).collect()
}

fn fault(what: impl Display, failure: &CallFailure) -> Vec<LoadProblem> {
    misbehaves(match failure {
        CallFailure::Status(status::PANIC, _) => format!("{what}: it panicked"),
        CallFailure::Status(status, _) => format!("{what}: it gave no answer (status {status})"),
        CallFailure::Reply(_) => format!("{what}: it did not answer in the agreed way"),
    })
}

fn misbehaves(message: impl Into<String>) -> Vec<LoadProblem> {
    LoadProblem::new(LoadCode::Misbehaves, message).into()
}

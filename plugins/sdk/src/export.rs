//! From [`CouncilPlugin`] to the functions of the boundary.

use std::marker::PhantomData;
use std::sync::Once;

use permanence_core::Code;
use permanence_core::coded::{CodedBatch, CodedQuestion, CodedReplies, CodedReply, Refusal};
use permanence_core::facts::Facts;
use permanence_core::mechanism::Context;
use permanence_core::rulebook::{CouncilPolicy, Policy, PolicyDocument, Rule};
use permanence_plugin_abi::guest::{Guest, HostLog, Reply};
use permanence_plugin_abi::{BATCH_LIMIT, operation, status};

use crate::council::{CodedError, CouncilPlugin};
use crate::forward::Forward;
use crate::guard::{guard, report_panics_to};

/// What [`crate::export_plugin!`] knows of a plugin.
pub trait Exported: Send + Sync + 'static {
    /// The council.
    type Council: CouncilPlugin;
    /// The manifest, as JSON.
    const MANIFEST: &'static str;
    /// The rulebook, as JSON.
    const RULEBOOK: &'static str;
}

/// One instance of an exported plugin.
pub struct Instance<E: Exported> {
    council: E::Council,
    policy: CouncilPolicy,
    exported: PhantomData<E>,
}

/// Exports a council's plugin: the one line that a library ends with.
///
/// ```ignore
/// permanence_plugin::export_plugin!(Anytown, rulebook = include_str!(concat!(env!("OUT_DIR"), "/rulebook.json")));
/// ```
#[macro_export]
macro_rules! export_plugin {
    ($council:ty, rulebook = $rulebook:expr) => {
        #[cfg(panic = "abort")]
        compile_error!(
            "a plugin must be built with panic = \"unwind\": with \"abort\" one panic in it would end the whole server"
        );

        const _: () = {
            struct Export;

            impl $crate::export::Exported for Export {
                type Council = $council;
                const MANIFEST: &'static str = concat!(
                    "{\"id\":\"",
                    env!("CARGO_PKG_NAME"),
                    "\",\"version\":\"",
                    env!("CARGO_PKG_VERSION"),
                    "\",\"wire\":1,\"operations\":{\"rulebook\":1,\"coded\":1},\"requires\":[],",
                    $crate::__versions!(),
                    "}"
                );
                const RULEBOOK: &'static str = $rulebook;
            }

            $crate::abi::export_guest!($crate::export::Instance<Export>);
        };
    };
}

impl<E: Exported> Guest for Instance<E> {
    const MANIFEST: &'static str = E::MANIFEST;

    fn create(host: HostLog, _config: &[u8], reason: &mut Reply<'_>) -> Result<Self, i32> {
        report_panics_to(host);
        guard(|| forward_events_to(host));
        match guard(Self::start) {
            Some(Ok(instance)) => Ok(instance),
            Some(Err(message)) => {
                say(reason, "start_refused", &message);
                Err(status::INTERNAL)
            }
            None => {
                say(reason, "panicked", "see the log for where");
                Err(status::PANIC)
            }
        }
    }

    fn call(&self, operation: u32, request: &[u8], reply: &mut Reply<'_>) -> i32 {
        let answered = guard(|| match operation {
            operation::RULEBOOK => Ok(E::RULEBOOK.as_bytes().to_vec()),
            operation::CODED => self.answer(request),
            _ => Err((
                status::UNSUPPORTED,
                "unsupported",
                "this plugin does not know that operation".to_owned(),
            )),
        });
        match answered {
            Some(Ok(bytes)) => match reply.write(&bytes) {
                Ok(()) => status::OK,
                Err(_) => status::OUTPUT_LIMIT,
            },
            Some(Err((status, code, message))) => {
                say(reply, code, &message);
                status
            }
            None => status::PANIC,
        }
    }

    fn destroy(self: Box<Self>) {
        guard(|| drop(self));
    }
}

type Failure = (i32, &'static str, String);

impl<E: Exported> Instance<E> {
    fn start() -> Result<Self, String> {
        let document: PolicyDocument = serde_json::from_str(E::RULEBOOK)
            .map_err(|error| format!("its rulebook cannot be read: {error}"))?;
        let policy = CouncilPolicy::new(document).map_err(|problems| {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            format!("its rulebook contradicts itself: {}", problems.join("; "))
        })?;
        let council = E::Council::new(&policy).map_err(|error| error.to_string())?;
        Ok(Self {
            council,
            policy,
            exported: PhantomData,
        })
    }

    fn answer(&self, request: &[u8]) -> Result<Vec<u8>, Failure> {
        let batch: CodedBatch =
            serde_json::from_slice(request).map_err(|error| bad_request(error.to_string()))?;
        if batch.questions.len() > BATCH_LIMIT {
            return Err(bad_request(format!(
                "a batch has at most {BATCH_LIMIT} questions"
            )));
        }
        let policy = self
            .policy
            .edition(&batch.edition)
            .ok_or_else(|| bad_request("the rulebook has no edition of that id"))?;
        let rule = policy
            .rules(batch.capability)
            .find(|rule| {
                rule.rule
                    .coded()
                    .is_some_and(|coded| coded.name == batch.rule)
            })
            .ok_or_else(|| {
                bad_request("the rulebook has no coded rule of that name for that capability")
            })?;
        let replies = batch
            .questions
            .iter()
            .map(|question| self.answer_one(policy, rule, &batch.rule, question))
            .collect::<Result<_, _>>()?;
        serde_json::to_vec(&CodedReplies { replies })
            .map_err(|error| (status::INTERNAL, "not_written", error.to_string()))
    }

    fn answer_one(
        &self,
        policy: &Policy,
        rule: &Rule,
        name: &Code,
        question: &CodedQuestion,
    ) -> Result<CodedReply, Failure> {
        let facts = Facts::read(&question.facts, policy.dictionary())
            .map_err(|errors| bad_request(format!("{} facts cannot be read", errors.len())))?;
        let context = Context::new(policy, question.as_of, &facts);
        match self.council.coded(name, &context, rule) {
            Ok(answer) => Ok(CodedReply::Answer(answer)),
            Err(CodedError::Refused {
                code,
                message,
                clause,
            }) => Ok(CodedReply::Refusal(Refusal {
                code,
                message,
                clause,
            })),
            Err(CodedError::NotAnswered) => Err((
                status::UNSUPPORTED,
                "not_answered",
                format!("no code of this plugin answers the rule {name}"),
            )),
            Err(CodedError::Failed(message)) => Err((status::INTERNAL, "rule_failed", message)),
        }
    }
}

fn forward_events_to(host: HostLog) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Linked into a test, a plugin shares the program's `tracing`, which may have a subscriber already.
        let _ = tracing::subscriber::set_global_default(Forward::new(host));
    });
}

fn bad_request(message: impl Into<String>) -> Failure {
    (status::BAD_REQUEST, "bad_request", message.into())
}

/// Writes an error body; when even that does not fit, the status alone has to do.
fn say(reply: &mut Reply<'_>, code: &str, message: &str) {
    let body = serde_json::json!({ "code": code, "message": message });
    let _ = reply.write(body.to_string().as_bytes());
}

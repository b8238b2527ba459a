//! What judging costs: a quorum, the drift of ten thousand children, and a coded rule through the boundary.
//!
//! `cargo build --release --workspace --lib --bins --examples --bench rules` builds the libraries that are asked; then
//! `cargo bench --workspace --bench rules`.
//! Every council whose library lies beside the bench takes part.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::borrow::Cow;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use permanence_api::demo::{Wanted, invent};
use permanence_api::integrations::ssda903::{self, SourceFile};
use permanence_api::plugins::{Asked, Council, Digest, LoadSettings, PinnedLibrary, Source, load};
use permanence_core::care;
use permanence_core::{Capability, Request};
use serde_json::{Map, Value, json};

/// Children of one bench.
const CHILDREN: usize = 10_000;

criterion_group!(benches, quorum, exceptions, boundary);
criterion_main!(benches);

fn quorum(criterion: &mut Criterion) {
    for council in councils() {
        let roles = [
            "chair",
            "head_of_service",
            "service_manager",
            "team_manager",
            "social_worker",
        ];
        let present: Vec<Value> = roles.iter().map(|role| json!(role)).collect();
        let mut facts = Map::new();
        facts.insert("present".into(), present.into());
        let asked = match council.read(&request(facts), day()) {
            Ok(asked) => asked,
            // A council may know other roles; what is left still says what the evaluation costs.
            Err(_) => council.read(&request(Map::new()), day()).unwrap(),
        };
        let name = format!("quorum/{}", council.code());
        criterion.bench_function(&name, |bench| {
            bench.iter(|| {
                council
                    .evaluate_here(Capability::Quorum, black_box(std::slice::from_ref(&asked)))
                    .unwrap()
            });
        });
    }
}

fn exceptions(criterion: &mut Criterion) {
    let facts = invented_children();
    let mut group = criterion.benchmark_group("exceptions");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(CHILDREN as u64));
    for council in councils() {
        let asked = questions(&council, &facts);
        group.bench_function(format!("{}/judge", council.code()), |bench| {
            bench.iter(|| {
                council
                    .evaluate_here(Capability::Exceptions, black_box(&asked))
                    .unwrap()
            });
        });
        group.bench_function(
            format!("{}/read_facts_and_judge", council.code()),
            |bench| {
                bench.iter(|| {
                    council
                        .evaluate_here(Capability::Exceptions, &questions(&council, &facts))
                        .unwrap()
                });
            },
        );
    }
    group.finish();
}

/// One coded rule over full batches: question to JSON, call, facts read again by the library, answer back. It is a rule on
/// routes, on which the law says nothing, so that nothing else is judged beside it.
fn boundary(criterion: &mut Criterion) {
    let library = beside("examples/libone_coded_rule.so");
    let sha256 = Digest::of(&std::fs::read(&library).unwrap());
    let council = loaded(Source::Pinned(vec![PinnedLibrary {
        file: library,
        sha256,
    }]))
    .remove(0);
    let facts = invented_children();
    let asked = questions(&council, &facts);
    let mut group = criterion.benchmark_group("boundary");
    group.sample_size(20);
    for batch in [1, 100, 1_000] {
        group.throughput(Throughput::Elements(batch as u64));
        let questions = asked.get(..batch).unwrap();
        group.bench_function(format!("coded_rule/batch_of_{batch}"), |bench| {
            bench.iter_batched(
                || (),
                |()| {
                    council
                        .evaluate_here(Capability::Routing, black_box(questions))
                        .unwrap()
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn questions(council: &Council, facts: &[Map<String, Value>]) -> Vec<Asked> {
    facts
        .iter()
        .map(|facts| council.read(&request(facts.clone()), day()).unwrap())
        .collect()
}

fn request(facts: Map<String, Value>) -> Request {
    Request {
        as_of: Some(day()),
        edition: None,
        facts,
    }
}

/// Ten thousand children's facts, as an invented council's returns tell them.
fn invented_children() -> Vec<Map<String, Value>> {
    let invented = invent(&Wanted::new(1_000, day()));
    let files: Vec<SourceFile<'_>> = invented
        .files
        .iter()
        .map(|file| SourceFile {
            name: &file.name,
            content: Cow::Borrowed(file.text.as_bytes()),
            year: Some(file.year),
        })
        .collect();
    let read = ssda903::read(&files);
    let facts: Vec<Map<String, Value>> = invented
        .planted
        .iter()
        .filter_map(|planted| read.children.get(&planted.child))
        .map(|child| care::facts(&child.history, day()).to_json())
        .collect();
    assert!(!facts.is_empty());
    facts.into_iter().cycle().take(CHILDREN).collect()
}

fn councils() -> Vec<Arc<Council>> {
    loaded(Source::Folder(beside("").clone()))
}

fn loaded(source: Source) -> Vec<Arc<Council>> {
    let settings = LoadSettings::new(source, true, beside("permanence"));
    load(&settings)
        .expect("the libraries are there")
        .councils
        .iter()
        .cloned()
        .collect()
}

/// A file of the build's folder; a bench runs from the folder below it.
fn beside(name: &str) -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let file = program
        .ancestors()
        .nth(2)
        .map(|folder| folder.join(Path::new(name)))
        .unwrap();
    assert!(
        file.exists(),
        "{} is not there: cargo build --release --workspace --examples builds it",
        file.display()
    );
    file
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()
}

//! Promise: the description is committed, whole and true to itself.

use std::collections::BTreeSet;

use permanence_api::problem::ProblemCode;
use serde_json::Value;

use crate::support::Spec;

/// Operations of the design that clients look for by name; those of later parts join when they are built.
const FIXED: [&str; 26] = [
    "getLiveness",
    "getReadiness",
    "getOpenApi",
    "listCouncils",
    "getCouncil",
    "listClauses",
    "getClause",
    "evaluateClause",
    "listCodes",
    "evaluateSittings",
    "evaluateQuorum",
    "evaluateBooking",
    "evaluatePaperwork",
    "evaluateDecision",
    "evaluateFollowUp",
    "evaluateUrgentDecision",
    "evaluateCheckpoints",
    "evaluateExceptions",
    "evaluateRouting",
    "evaluateTracking",
    "evaluatePlan",
    "evaluateReports",
    "listGuidance",
    "listReports",
    "compareCouncils",
    "listStatutoryRules",
];

fn walk<'a>(value: &'a Value, visit: &mut impl FnMut(&'a Value)) {
    visit(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        Value::Object(members) => members.values().for_each(|member| walk(member, visit)),
        _ => {}
    }
}

#[test]
fn the_committed_description_is_the_one_that_the_routes_give() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/permanence.json");
    let committed = std::fs::read_to_string(file).expect("it is committed");
    let given = permanence_api::cli::openapi::text().expect("JSON");
    assert!(
        committed == given,
        "openapi/permanence.json is stale: run `permanence openapi`"
    );
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_referred_to() {
    let spec = Spec::of_this_build();
    let mut references = BTreeSet::new();
    walk(spec.document(), &mut |value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            assert!(
                spec.document()
                    .pointer(reference.trim_start_matches('#'))
                    .is_some(),
                "{reference} leads nowhere"
            );
            references.insert(reference.to_owned());
        }
    });
    for kind in ["schemas", "responses"] {
        for name in spec.document()["components"][kind]
            .as_object()
            .expect("components")
            .keys()
        {
            assert!(
                references.contains(&format!("#/components/{kind}/{name}")),
                "{name} is referred to by nobody"
            );
        }
    }
}

#[test]
fn operations_have_their_fixed_names_and_no_two_share_one() {
    let operations = Spec::of_this_build().operations();
    let ids: BTreeSet<_> = operations
        .iter()
        .map(|operation| operation.id.clone())
        .collect();
    assert_eq!(ids.len(), operations.len());
    for id in FIXED {
        assert!(ids.contains(id), "{id} is not there");
    }
}

#[test]
fn every_parameter_of_a_path_is_described_and_no_other() {
    for operation in Spec::of_this_build().operations() {
        let described: BTreeSet<String> = operation.said["parameters"]
            .as_array()
            .expect("parameters")
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().expect("a name").to_owned())
            .collect();
        let in_path: BTreeSet<String> = operation
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(str::to_owned)
            .collect();
        assert_eq!(described, in_path, "{}", operation.id);
    }
}

#[test]
fn every_example_fits_its_schema() {
    let spec = Spec::of_this_build();
    let mut faults = Vec::new();
    for operation in spec.operations() {
        let bodies = operation.said["requestBody"]["content"]
            .as_object()
            .into_iter()
            .flatten();
        let responses = operation.said["responses"]
            .as_object()
            .expect("responses")
            .values();
        let answers = responses.flat_map(|response| {
            spec.resolved(response)["content"]
                .as_object()
                .into_iter()
                .flatten()
        });
        for (media_type, content) in bodies
            .chain(answers)
            .filter(|(media_type, _)| media_type.contains("json"))
        {
            assert!(
                !content["example"].is_null(),
                "{} has no example of {media_type}",
                operation.id
            );
            let found = spec.violations(&content["schema"], &content["example"]);
            faults.extend(
                found
                    .into_iter()
                    .map(|fault| format!("{}: {fault}", operation.id)),
            );
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_kind_of_problem_is_described_where_it_can_happen() {
    let spec = Spec::of_this_build();
    let described: BTreeSet<u16> = spec
        .operations()
        .iter()
        .flat_map(|operation| {
            operation.said["responses"]
                .as_object()
                .expect("responses")
                .keys()
                .cloned()
                .collect::<Vec<_>>()
        })
        .filter_map(|status| status.parse().ok())
        .collect();
    // A wrong method is no operation, and a body that never arrives is the connection's matter.
    let elsewhere = [405, 408];
    for code in ProblemCode::ALL {
        let status = code.status();
        assert!(
            described.contains(&status) || elsewhere.contains(&status),
            "{}",
            code.as_str()
        );
    }
}

/// A handler that is registered past the description would be served and not described.
#[test]
fn nothing_is_served_past_the_description() {
    let source = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../api/src"));
    let mut folders = vec![source.to_owned()];
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("text");
            let words = [
                ".route(",
                "web::resource(",
                "web::scope(",
                "web::get()",
                "web::post()",
                ".map(|config",
            ];
            if words.iter().any(|word| text.contains(word)) {
                found.insert(
                    path.strip_prefix(source)
                        .expect("below")
                        .display()
                        .to_string(),
                );
            }
        }
    }
    // The docs page and the metrics, which are no part of the API.
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["app.rs"]);
}

//! Planted faults are caught, and a field that cannot hold what its fact can be is named.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use permanence_core::rulebook::{CouncilPolicy, PolicyDocument};
use permanence_plugin::{links, planted, register};
use serde_json::{Value, json};

const REGISTER: &str = "id,topic,kind\nANY-FORM-01,form,data\nANY-GUIDANCE-01,guidance,text\n";

fn document(held_in: Value, field: Value) -> PolicyDocument {
    serde_json::from_value(json!({
        "council": { "code": "anytown", "name": "Anytown Council", "gss": "E06000099" },
        "editions": [{
            "edition": { "id": "1.0", "title": "Anytown permanence policy" },
            "clauses": [
                { "id": "ANY-FORM-01", "at": "1", "topic": "form", "kind": "data", "says": "The day.", "held_in": held_in },
                { "id": "ANY-GUIDANCE-01", "at": "2", "topic": "guidance", "kind": "text", "says": "Listen." }
            ],
            "forms": [{
                "code": "report", "title": "Report", "clauses": ["ANY-FORM-01"],
                "schema": { "type": "object", "additionalProperties": false, "properties": { "decidedOn": field } }
            }]
        }]
    }))
    .unwrap()
}

fn day() -> Value {
    json!({ "type": "string", "format": "date" })
}

fn in_the_form() -> Value {
    json!([{ "form": { "form": "report", "fields": ["decidedOn"] } }])
}

#[test]
fn every_planted_fault_is_caught() {
    let document = document(in_the_form(), day());
    let register = register::read(REGISTER).unwrap();
    assert_eq!(planted::uncaught(&document, &register).unwrap(), [""; 0]);
}

#[test]
fn a_fault_that_is_there_already_is_told_before_any_is_planted() {
    let document = document(json!([]), day());
    let register = register::read(REGISTER).unwrap();
    assert_eq!(
        planted::uncaught(&document, &register).unwrap_err(),
        "nothing meets ANY-FORM-01"
    );
}

#[test]
fn a_field_holds_what_its_fact_can_be() {
    let misfits = |field: Value| {
        let policy = CouncilPolicy::new(document(in_the_form(), field)).unwrap();
        links::misfits(&policy.editions()[0])
    };
    assert_eq!(misfits(day()), [""; 0]);
    assert_eq!(
        misfits(json!({ "type": ["string", "null"], "format": "date" })),
        [""; 0]
    );
    assert_eq!(
        misfits(json!({ "type": "boolean" })),
        ["form report: decidedOn is of another type than the fact decided_on"]
    );
}

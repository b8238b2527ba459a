//! Cases and what belongs to them, over HTTP.

mod access;
mod history;
mod lifecycle;
mod lists;
mod records;

use serde_json::{Value, json};

use crate::support::{Answered, TestApp};

/// The address of the council's cases.
pub const CASES: &str = "/v1/councils/derby/cases";

/// Opens a case with this reference and family name, and gives the answer.
pub async fn open(app: &TestApp, token: &str, reference: &str, family_name: &str) -> Answered {
    let body = json!({
        "reference": reference,
        "givenName": "Wren",
        "familyName": family_name,
        "dateOfBirth": "2017-05-04",
        "socialWorker": "sw-1",
        "team": "north",
    });
    app.post(CASES)
        .token(token)
        .json(&body)
        .send()
        .await
        .expect(201)
}

/// The id in a body.
pub fn id(body: &Value) -> String {
    body["id"].as_str().expect("an id").to_owned()
}

/// The references of a page's items.
pub fn references(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items
        .iter()
        .map(|item| item["reference"].as_str().expect("a reference").to_owned())
        .collect()
}

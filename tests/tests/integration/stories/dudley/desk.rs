//! What is done again and again in the story: asking, saying, changing, attending.

use permanence_api::auth::Role;
use serde_json::{Value, json};

use crate::panel_journey::Day;

/// The answer to a question that stores nothing.
pub(super) async fn ask(day: &Day, path: &str, question: &Value) -> Value {
    day.post(Role::SocialWorker, path, question)
        .await
        .expect(200)
        .json()
}

/// Says a fact of the child for the first time.
pub(super) async fn say(day: &Day, case: &str, fact: &str, value: Value) {
    let path = day.path(&format!("/cases/{case}/facts/{fact}"));
    let asked = day.app.put(&path).token(&day.token(Role::SocialWorker));
    let answer = asked.json(&json!({ "value": value })).send().await;
    assert!(
        [200, 201].contains(&answer.status),
        "{fact}: {}",
        answer.text
    );
}

/// Says it anew, over what was said before.
pub(super) async fn change(day: &Day, case: &str, fact: &str, value: Value) {
    let path = format!("/cases/{case}/facts/{fact}");
    let etag = day
        .get(Role::SocialWorker, &path)
        .await
        .expect(200)
        .etag()
        .to_owned();
    let asked = day
        .app
        .put(&day.path(&path))
        .token(&day.token(Role::SocialWorker));
    let asked = asked.if_match(&etag).json(&json!({ "value": value }));
    asked.send().await.expect(200);
}

/// Why the child waits by this policy, as of today; the law for every council stands beside it.
pub(super) async fn waiting(day: &Day, case: &str) -> Value {
    let path = format!("/exceptions?caseId={case}");
    let page = day.get(Role::HeadOfService, &path).await.expect(200).json();
    let items = page["items"].as_array().expect("items");
    let findings = items.iter().map(|item| item["finding"].clone());
    findings
        .filter(|finding| {
            let clause = finding["clauses"][0].as_str().unwrap_or_default();
            clause.starts_with("DUD-")
        })
        .collect()
}

pub(super) async fn sitting_of(day: &Day, booking: &str) -> String {
    let view = day.get(Role::PanelChair, booking).await.expect(200).json();
    let sitting = view["booking"]["sittingId"].as_str();
    sitting.expect("a sitting").to_owned()
}

/// Records who was there: members, and those who present the child.
pub(super) async fn attend(
    day: &Day,
    sitting: &str,
    members: &[&str],
    presenters: &[&str],
) -> Value {
    let place = format!("/sittings/{sitting}");
    let etag = day
        .get(Role::PanelAdministrator, &place)
        .await
        .expect(200)
        .etag()
        .to_owned();
    let as_member = members
        .iter()
        .map(|role| json!({ "role": role, "capacity": "member" }));
    let as_presenter = presenters
        .iter()
        .map(|role| json!({ "role": role, "capacity": "presenter" }));
    let present: Vec<Value> = as_member.chain(as_presenter).collect();
    let mut body = json!({ "present": present });
    if let Some(chair) = members.first() {
        body["chair"] = json!(chair);
    }
    let put = day
        .app
        .put(&day.path(&format!("{place}/attendance")))
        .token(&day.token(Role::PanelAdministrator));
    put.if_match(&etag)
        .json(&body)
        .send()
        .await
        .expect(200)
        .json()
}

pub(super) fn id(view: &Value) -> String {
    view["id"].as_str().expect("an id").to_owned()
}

//! Promise: whatever a council's policy asks to be recorded can be recorded over HTTP and is read back, by its own name and
//! type, from where the clause says that it is held.

mod instances;
mod links;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use permanence_api::auth::Role;
use permanence_api::plugins::Council;
use permanence_core::rulebook::{About, ClauseKind, Form, Held, Policy, Tracker};
use permanence_core::{Code, FactName};
use permanence_plugin::cases::Case;
use serde_json::{Value, json};

use crate::on_both_servers;
use crate::support::{NOW, Spec, TestApp, councils};

/// A council while everything that its clauses name is recorded.
struct Walk<'a> {
    app: &'a TestApp,
    spec: Spec,
    council: Arc<Council>,
    token: String,
    /// What was read back of each form that was handed in.
    forms: BTreeMap<Code, Value>,
    /// A case on which nothing is recorded but facts.
    facts: String,
    /// The worked cases of the council.
    worked: Vec<Case>,
}

impl<'a> Walk<'a> {
    async fn new(app: &'a TestApp, council: &Arc<Council>) -> Self {
        let code = council.code().to_string();
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../plugins")
            .join(&code)
            .join("cases");
        let mut walk = Self {
            app,
            spec: Spec::of_this_build(),
            council: Arc::clone(council),
            token: app.mint("somebody", &[&code], Role::ALL, &[], 3600),
            forms: BTreeMap::new(),
            facts: String::new(),
            worked: Case::read(&folder).expect("the case files can be read"),
        };
        walk.facts = walk.open("facts").await;
        walk
    }

    fn policy(&self) -> &Policy {
        let today = NOW[..10].parse().expect("a day");
        self.council.policy().on(today).expect("an edition")
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/councils/{}{rest}", self.council.code())
    }

    /// Opens a case, and gives its id.
    async fn open(&self, reference: &str) -> String {
        let made = self
            .post("/cases", &json!({ "reference": reference }))
            .await;
        made.expect("a case is opened")["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    }

    /// Makes something, and gives what is then read at its address.
    async fn post(&self, rest: &str, body: &Value) -> Result<Value, String> {
        let made = self
            .app
            .post(&self.path(rest))
            .token(&self.token)
            .json(body)
            .send()
            .await;
        if made.status != 201 {
            return Err(format!("{} {}", made.status, made.text));
        }
        let place = made.header("location").to_owned();
        let read = self.app.get(&place).token(&self.token).send().await;
        match read.status {
            200 => Ok(read.json()),
            status => Err(format!("{place}: {status} {}", read.text)),
        }
    }

    async fn get(&self, rest: &str) -> Result<Value, String> {
        let read = self
            .app
            .get(&self.path(rest))
            .token(&self.token)
            .send()
            .await;
        match read.status {
            200 => Ok(read.json()),
            status => Err(format!("{rest}: {status} {}", read.text)),
        }
    }

    /// Every item of a list, page by page.
    async fn all(&self, rest: &str) -> Result<Vec<Value>, String> {
        let mut items = Vec::new();
        let joint = if rest.contains('?') { '&' } else { '?' };
        let mut next = self.path(&format!("{rest}{joint}limit=200"));
        loop {
            let page = self.app.get(&next).token(&self.token).send().await;
            if page.status != 200 {
                return Err(format!("{next}: {} {}", page.status, page.text));
            }
            items.extend(page.json()["items"].as_array().cloned().unwrap_or_default());
            let link = page.header("link").strip_prefix('<').map(str::to_owned);
            match link.and_then(|link| link.split_once('>').map(|(link, _)| link.to_owned())) {
                Some(link) => next = link,
                None => return Ok(items),
            }
        }
    }

    /// Hands in one form, whole, and keeps what is read back; then once more with a member that does not fit.
    async fn hand_in(&mut self, form: &Form) -> Result<(), String> {
        let view = self.get(&format!("/forms/{}", form.code)).await?;
        let schema = &view["schema"];
        if *schema != Value::Object(form.schema.clone()) {
            return Err("its schema is another one over HTTP".to_owned());
        }
        let content = instances::fitting(schema);
        if !instances::fits(schema, &content) {
            return Err(format!("{content} does not fit it: teach the test"));
        }
        let place = match form.about {
            About::Case => {
                let case = self.open(&format!("form-{}", form.code)).await;
                format!("/cases/{case}/form-submissions")
            }
            About::Council => "/form-submissions".to_owned(),
        };
        let body = json!({ "form": form.code, "content": content });
        let read = self.post(&place, &body).await?["submission"].clone();
        if read["content"] != content {
            return Err(format!("{} was read back as {read}", content));
        }
        let listed = self.all(&format!("{place}?form={}", form.code)).await?;
        if listed != [read.clone()] {
            return Err(format!("the list has {listed:?}"));
        }
        self.forms
            .insert(form.code.clone(), read["content"].clone());
        self.refused(schema, &place, form, &content).await
    }

    async fn refused(
        &self,
        schema: &Value,
        place: &str,
        form: &Form,
        content: &Value,
    ) -> Result<(), String> {
        let (mut wrong, name) = instances::unfitting(schema, content)
            .ok_or_else(|| "no member of it can be wrong".to_owned())?;
        wrong["noSuchMember"] = json!(1);
        let body = json!({ "form": form.code, "content": wrong });
        let asked = self.app.post(&self.path(place)).token(&self.token);
        let refused = asked.json(&body).send().await;
        let pointers: Vec<String> = refused.faults().into_iter().map(|(at, _)| at).collect();
        let wrong = format!("/content/{name}");
        let told = pointers.iter().any(|at| at.starts_with(&wrong))
            && pointers.iter().any(|at| at == "/content/noSuchMember");
        if refused.status != 422 || !told || refused.text.contains("Zaphod") {
            return Err(format!("a wrong {name} gives {}", refused.text));
        }
        Ok(())
    }

    /// A tracker with its sections: each takes a child, who is listed there.
    async fn track(&self, tracker: &Tracker) -> Result<(), String> {
        let content = instances::fitting(&Value::Object(tracker.schema.clone()));
        let mut places: Vec<(Option<&Code>, Option<&Code>)> = tracker
            .sections
            .iter()
            .map(|section| (Some(&section.code), section.lead.first()))
            .collect();
        if places.is_empty() {
            places.push((None, None));
        }
        for (section, lead) in places {
            let name = section.map_or("all", Code::as_str);
            let reference = format!("{}-{name}", tracker.code);
            let case = self.open(&reference).await;
            let body = json!({
                "tracker": tracker.code, "section": section, "addedBy": lead, "content": content,
            });
            let place = format!("/cases/{case}/tracker-entries");
            let read = self.post(&place, &body).await;
            let read = read.map_err(|fault| format!("{reference}: {fault}"))?;
            if read["content"] != content || read["section"] != json!(section) {
                return Err(format!("{content} was read back as {read}"));
            }
            let mut list = format!("/tracker-entries?tracker={}", tracker.code);
            if let Some(section) = section {
                list.push_str(&format!("&section={section}"));
            }
            let listed = self.all(&list).await?;
            if !listed.contains(&read) {
                return Err(format!("{reference} is not listed"));
            }
        }
        Ok(())
    }

    /// Everything that the edition of today asks for; every link that cannot be followed comes back in a sentence.
    async fn everything(&mut self) -> (usize, Vec<String>) {
        let rulebook = self.policy().rulebook.clone();
        let mut faults = Vec::new();
        for form in &rulebook.forms {
            if let Err(fault) = self.hand_in(form).await {
                faults.push(format!("form {}: {fault}", form.code));
            }
        }
        for tracker in &rulebook.trackers {
            if let Err(fault) = self.track(tracker).await {
                faults.push(format!("tracker {}: {fault}", tracker.code));
            }
        }
        let mut followed = 0;
        for clause in &rulebook.clauses {
            if clause.kind != ClauseKind::Data {
                continue;
            }
            for held in &clause.held_in {
                followed += 1;
                if let Err(fault) = self.follow(clause, held).await {
                    faults.push(format!("{}: {held:?}: {fault}", clause.id));
                }
            }
        }
        (followed, faults)
    }
}

on_both_servers! {
    async fn every_link_is_recorded_and_read_back(app: &TestApp) {
        let mut all = 0;
        let mut faults = Vec::new();
        for council in councils().iter() {
            let (followed, found) = Walk::new(app, council).await.everything().await;
            all += followed;
            faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", council.code())));
        }
        assert!(all > 0, "no council says where anything is held");
        assert!(faults.is_empty(), "{} of {all}:\n{}", faults.len(), faults.join("\n"));
    }
}

/// A link that leads nowhere is told, whatever its kind: the walk cannot pass by looking away.
#[tokio::test]
async fn what_cannot_be_recorded_is_told() {
    let app = TestApp::on(crate::databases::TestDatabase::sqlite()).await;
    let councils = councils();
    let council = councils.iter().next().expect("a council is loaded");
    let mut walk = Walk::new(&app, council).await;
    walk.forms.insert(code("a_form"), json!({ "name": "x" }));
    let clause = walk.policy().rulebook.clauses[0].clone();
    let nothing = || vec![code("no_such_code")];
    let links = [
        Held::Form {
            form: code("a_form"),
            fields: vec!["noSuchField".into()],
        },
        Held::Form {
            form: code("no_such_form"),
            fields: Vec::new(),
        },
        Held::Fact {
            fact: FactName::new("no_such_fact").expect("a name"),
            codes: Vec::new(),
        },
        Held::Fact {
            fact: FactName::new("became_looked_after_on").expect("a name"),
            codes: nothing(),
        },
        Held::Codes {
            list: code("roles"),
            codes: nothing(),
        },
        Held::Posts {
            panel: code("no_such_panel"),
            roles: nothing(),
        },
        Held::Requests {
            panel: code("no_such_panel"),
            types: nothing(),
        },
        Held::Entries {
            clause: clause.id.clone(),
            entries: nothing(),
        },
        Held::Tracker {
            tracker: code("no_such_tracker"),
            sections: nothing(),
            fields: Vec::new(),
        },
        Held::Report {
            report: code("no_such_report"),
            indicators: Vec::new(),
        },
        Held::Operation {
            operation: "recordAttendance".into(),
            member: "/noSuchMember".into(),
        },
        Held::Operation {
            operation: "noSuchOperation".into(),
            member: "/chair".into(),
        },
        Held::Values {
            names: vec![FactName::new("no_such_value").expect("a name")],
        },
    ];
    for held in links {
        assert!(
            walk.follow(&clause, &held).await.is_err(),
            "{held:?} was passed over"
        );
    }
}

fn code(text: &str) -> Code {
    Code::new(text).expect("a code")
}

//! Following one link from a clause to where its content is held.

use permanence_core::code::camel;
use permanence_core::facts::FactType;
use permanence_core::rulebook::{Clause, Held};
use permanence_core::{Code, FactName};
use serde_json::{Value, json};

use super::{Walk, instances};

impl Walk<'_> {
    /// Records what the link names, and finds it again.
    pub(super) async fn follow(&self, clause: &Clause, held: &Held) -> Result<(), String> {
        match held {
            Held::Form { form, fields } => self.form(form, fields),
            Held::Fact { fact, codes } => self.fact(fact, codes).await,
            Held::Codes { list, codes } => self.codes(list, codes).await,
            Held::Posts { panel, roles } => self.posts(panel, roles).await,
            Held::Requests { panel, types } => self.requests(panel, types).await,
            Held::Entries {
                clause: other,
                entries,
            } => self.entries(other.as_str(), entries).await,
            Held::Tracker {
                tracker,
                sections,
                fields,
            } => self.tracker(tracker, sections, fields).await,
            Held::Report { report, indicators } => self.report(report, indicators).await,
            Held::Operation { operation, member } => self.operation(operation, member),
            Held::Edition => self.edition().await,
            Held::Values { names } => self.values(clause, names).await,
        }
    }

    /// Each field was read back from the form that was handed in.
    fn form(&self, form: &Code, fields: &[String]) -> Result<(), String> {
        let read = self.forms.get(form).ok_or("nothing was handed in on it")?;
        each(fields, |field| read.get(field.as_str()).is_some())
    }

    /// The fact is put, once with a value of its type and once with each code, and read back.
    async fn fact(&self, fact: &FactName, codes: &[Code]) -> Result<(), String> {
        let policy = self.policy();
        let dictionary = policy.dictionary();
        let kind = &dictionary.get(fact.as_str()).ok_or("no such fact")?.kind;
        let schema = dictionary.schema([fact]);
        let any = instances::fitting(&schema)[fact.camel()].clone();
        let mut values = vec![any];
        for code in codes {
            values.push(holding(kind, code).ok_or_else(|| format!("it cannot hold {code}"))?);
        }
        let place = format!("/cases/{}/facts/{}", self.facts, fact.camel());
        for value in values {
            let known = self.get(&place).await.is_ok();
            let mut put = self.app.put(&self.path(&place)).token(&self.token);
            if known {
                put = put.if_match("*");
            }
            let put = put.json(&json!({ "value": value })).send().await;
            if put.status != 200 {
                return Err(format!("{value}: {} {}", put.status, put.text));
            }
            let read = self.get(&place).await?;
            if read["value"] != value {
                return Err(format!("{value} was read back as {}", read["value"]));
            }
        }
        Ok(())
    }

    async fn codes(&self, list: &Code, codes: &[Code]) -> Result<(), String> {
        let lists = self.all("/codes").await?;
        let given = lists.iter().find(|given| given["name"] == list.as_str());
        let given = given.ok_or("the list is not given")?["codes"].as_array();
        let given = given.ok_or("the list has no codes")?;
        let labelled = |code: &&Code| {
            given.iter().any(|one| {
                one["code"] == code.as_str()
                    && one["label"].as_str().is_some_and(|it| !it.is_empty())
            })
        };
        each(codes, labelled)
    }

    /// Somebody is appointed to each post, and listed there.
    async fn posts(&self, panel: &Code, roles: &[Code]) -> Result<(), String> {
        for role in roles {
            let body = json!({ "panel": panel, "role": role, "name": "Rowan Ashdown" });
            let member = self.post("/members", &body).await;
            let member = member.map_err(|fault| format!("{role}: {fault}"))?;
            let listed = self
                .all(&format!("/members?panel={panel}&role={role}"))
                .await?;
            if !listed.contains(&member) || member["role"] != json!(role) {
                return Err(format!("{role} is not listed"));
            }
        }
        Ok(())
    }

    async fn requests(&self, panel: &Code, types: &[Code]) -> Result<(), String> {
        let council = self.get("").await?;
        let panels = council["panels"].as_array().cloned().unwrap_or_default();
        let given = panels.iter().find(|given| given["code"] == panel.as_str());
        let given = &given.ok_or("the panel is not given")?["requestTypes"];
        each(types, |kind| {
            given
                .as_array()
                .is_some_and(|all| all.contains(&json!(kind)))
        })
    }

    /// Each entry stands in an answer to a worked case of the clause that hands it out.
    async fn entries(&self, clause: &str, entries: &[Code]) -> Result<(), String> {
        let policy = self.policy();
        let id = clause.parse().map_err(|_| "no clause id")?;
        let capability = policy.clause(&id).and_then(|clause| clause.capability());
        let capability = capability.ok_or("the clause has no capability")?;
        let asking = [capability.operation(), "evaluateClause"];
        let mut operations = self.spec.operations();
        operations.retain(|operation| asking.contains(&operation.id.as_str()));
        let code = self.council.code().as_str();
        let mut answers = Vec::new();
        for case in self.worked.iter().filter(|case| case.clause == id) {
            for operation in &operations {
                let path = operation.at(&[("council", code), ("clauseId", clause)]);
                let asked = self.app.post(&path).token(&self.token);
                let answer = asked.json(&case.request()).send().await;
                if answer.status == 200 {
                    answers.push(answer.json());
                }
            }
        }
        each(entries, |entry| {
            answers.iter().any(|answer| {
                ["results", "findings"]
                    .iter()
                    .any(|part| mentions(&answer[*part], entry.as_str()))
            })
        })
    }

    /// The sections stand in the list of sections, and each section and field in the list of entries.
    async fn tracker(
        &self,
        tracker: &Code,
        sections: &[Code],
        fields: &[String],
    ) -> Result<(), String> {
        let given = self
            .all(&format!("/tracker-sections?tracker={tracker}"))
            .await?;
        let entries = self
            .all(&format!("/tracker-entries?tracker={tracker}"))
            .await?;
        each(sections, |section| {
            let here = |one: &&Value| one["section"] == section.as_str();
            let counted = given.iter().find(here);
            counted.is_some_and(|one| one["entries"].as_i64() >= Some(1))
                && entries.iter().any(|entry| here(&entry))
        })?;
        each(fields, |field| {
            let has = |entry: &Value| entry["content"].get(field.as_str()).is_some();
            entries.iter().any(has)
        })
    }

    async fn report(&self, report: &Code, indicators: &[Code]) -> Result<(), String> {
        let given = self.all("/reports").await?;
        let here = |one: &&Value| one["code"] == report.as_str();
        let given = given.iter().find(here).ok_or("the report is not given")?;
        each(indicators, |indicator| mentions(given, indicator.as_str()))
    }

    /// The operation is in the description, and its body has the member.
    fn operation(&self, id: &str, member: &str) -> Result<(), String> {
        let operations = self.spec.operations();
        let operation = operations.iter().find(|operation| operation.id == id);
        let operation = operation.ok_or("there is no such operation")?;
        let contents = operation.said["requestBody"]["content"].as_object();
        let content = contents.and_then(|contents| contents.values().next());
        let schema = content.map(|content| content["schema"].clone());
        let mut schemas = vec![schema.ok_or("it takes no body")?];
        for name in member.split('/').skip(1) {
            let below = schemas.iter().flat_map(|schema| self.spread(schema));
            let properties = below.filter_map(|schema| schema["properties"].get(name).cloned());
            schemas = properties.collect();
            if schemas.is_empty() {
                return Err(format!("its body has no {name}"));
            }
        }
        Ok(())
    }

    /// A schema with all that it stands for: what it refers to, its choices, and the entries of a list.
    fn spread(&self, schema: &Value) -> Vec<Value> {
        let schema = self.spec.resolved(schema).clone();
        let mut all = vec![schema.clone()];
        for union in ["allOf", "oneOf", "anyOf"] {
            for part in schema[union].as_array().into_iter().flatten() {
                all.extend(self.spread(part));
            }
        }
        if schema["items"].is_object() {
            all.extend(self.spread(&schema["items"]));
        }
        all
    }

    async fn edition(&self) -> Result<(), String> {
        let edition = &self.policy().rulebook.edition;
        let council = self.get("").await?;
        let given = council["editions"].as_array().cloned().unwrap_or_default();
        let same = |one: &Value| {
            one["id"] == edition.id.as_str() && one["title"] == edition.title.as_str()
        };
        given
            .iter()
            .any(same)
            .then_some(())
            .ok_or_else(|| "the edition is not given".to_owned())
    }

    async fn values(&self, clause: &Clause, names: &[FactName]) -> Result<(), String> {
        let given = self.get(&format!("/clauses/{}", clause.id)).await?;
        let given = &given["clause"]["values"];
        each(names, |name| {
            let own = clause.values.get(*name);
            own.is_some() && given.get(name.camel()) == own
        })
    }
}

/// Fails with everything that is not there.
fn each<T: std::fmt::Display>(all: &[T], there: impl Fn(&&T) -> bool) -> Result<(), String> {
    let missing: Vec<String> = all
        .iter()
        .filter(|one| !there(one))
        .map(T::to_string)
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!("{} cannot be found", missing.join(", ")))
    }
}

/// A value of a fact that holds a code.
fn holding(kind: &FactType, code: &Code) -> Option<Value> {
    match kind {
        FactType::Code(_) | FactType::Answer | FactType::Text => Some(json!(code)),
        FactType::Entries { .. } => Some(json!([code])),
        FactType::List(of) => holding(of, code).map(|value| json!([value])),
        FactType::OneOf(kinds) => kinds.iter().find_map(|kind| holding(kind, code)),
        FactType::Record(members) => {
            let kind = members.get(code.as_str())?;
            let value = match kind {
                FactType::Boolean | FactType::Answer => json!(true),
                FactType::Integer => json!(1),
                FactType::Date => json!("2026-01-15"),
                FactType::Text => json!("x"),
                _ => return None,
            };
            Some(json!({ camel(code.as_str()): value }))
        }
        _ => None,
    }
}

/// Whether a code stands anywhere in an answer: as a text, as one of several joined by `|`, or as a member's name.
fn mentions(value: &Value, code: &str) -> bool {
    match value {
        Value::String(text) => text.split('|').any(|one| one == code),
        Value::Array(items) => items.iter().any(|item| mentions(item, code)),
        Value::Object(members) => members
            .iter()
            .any(|(name, member)| name == code || *name == camel(code) || mentions(member, code)),
        _ => false,
    }
}

//! The API's description, as tests walk over it.

use serde_json::{Map, Value, json};

/// The description that the routes give.
pub struct Spec(Value);

/// One operation of it.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its id.
    pub id: String,
    /// Its method, upper case.
    pub method: String,
    /// Its path, with parameters in braces.
    pub path: String,
    /// The right that it needs; none for a public one.
    pub scope: Option<String>,
    /// All that is said of it.
    pub said: Value,
}

impl Spec {
    /// That of this build.
    pub fn of_this_build() -> Self {
        Self(permanence_api::openapi::document(
            permanence_api::routes::configure,
        ))
    }

    /// The whole document.
    pub fn document(&self) -> &Value {
        &self.0
    }

    /// Every operation.
    pub fn operations(&self) -> Vec<Operation> {
        let paths = self.0["paths"].as_object().expect("paths");
        paths
            .iter()
            .flat_map(|(path, item)| of_path(path, item))
            .collect()
    }

    /// The operation of this id.
    pub fn operation(&self, id: &str) -> Operation {
        self.operations()
            .into_iter()
            .find(|operation| operation.id == id)
            .unwrap_or_else(|| panic!("no operation {id}"))
    }

    /// What of this answer is not as the description says.
    pub fn faults(&self, operation: &Operation, status: u16, body: &Value) -> Vec<String> {
        let said = self.resolved(&operation.said["responses"][status.to_string()]);
        if said.is_null() {
            return vec![format!(
                "{} does not say that it answers {status}",
                operation.id
            )];
        }
        match said["content"]
            .as_object()
            .and_then(|contents| contents.values().next())
        {
            Some(content) => self.violations(&content["schema"], body),
            None => Vec::new(),
        }
    }

    /// How a value breaks a schema of the description.
    pub fn violations(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut whole: Map<String, Value> = schema.as_object().expect("a schema").clone();
        whole.insert(
            "$schema".to_owned(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        whole.insert("components".to_owned(), self.0["components"].clone());
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&Value::Object(whole))
            .expect("the schema is one");
        validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }

    /// What a reference of the description leads to; anything else as it is.
    pub fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self
                .0
                .pointer(reference.trim_start_matches('#'))
                .expect("it leads somewhere"),
            None => value,
        }
    }
}

fn of_path(path: &str, item: &Value) -> Vec<Operation> {
    let methods = item.as_object().expect("a path's methods");
    methods
        .iter()
        .map(|(method, said)| Operation {
            id: said["operationId"].as_str().expect("an id").to_owned(),
            method: method.to_uppercase(),
            path: path.to_owned(),
            scope: said["security"][0]["bearer"][0].as_str().map(str::to_owned),
            said: said.clone(),
        })
        .collect()
}

impl Operation {
    /// Its path with these parameters; ids that nobody has for all others.
    pub fn at(&self, parameters: &[(&str, &str)]) -> String {
        let mut path = self.path.clone();
        for (name, value) in parameters {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
            path.replace_range(from..=to, "01980f0e-8a70-7c55-9d36-1b1f5a8f0c11");
        }
        path
    }

    /// The example of its body.
    pub fn body_example(&self) -> Option<Value> {
        let contents = self.said["requestBody"]["content"].as_object()?;
        contents
            .values()
            .next()
            .map(|content| content["example"].clone())
    }
}

//! The addresses of the description, to tell a wrong method from a wrong address.

use actix_web::dev::ResourceDef;
use serde_json::Value;

/// Every path of the description with its methods.
#[derive(Debug, Clone)]
pub struct Addresses(Vec<(ResourceDef, Vec<String>)>);

impl Addresses {
    /// Those of this description.
    pub fn of(document: &Value) -> Self {
        let paths = document.get("paths").and_then(Value::as_object);
        let known = ["get", "post", "put", "patch", "delete"];
        Self(
            paths
                .into_iter()
                .flatten()
                .map(|(path, item)| {
                    let mut methods: Vec<String> = known
                        .iter()
                        .filter(|method| item.get(**method).is_some())
                        .map(|method| method.to_uppercase())
                        .collect();
                    if item.get("get").is_some() {
                        methods.push("HEAD".to_owned());
                    }
                    (ResourceDef::new(path.as_str()), methods)
                })
                .collect(),
        )
    }

    /// Every method that any path matching this one takes.
    pub fn methods(&self, path: &str) -> Vec<String> {
        let mut methods: Vec<String> = self
            .0
            .iter()
            .filter(|(resource, _)| resource.is_match(path))
            .flat_map(|(_, methods)| methods.clone())
            .collect();
        methods.sort();
        methods.dedup();
        methods
    }
}

//! The addresses of the description, to tell a wrong method from a wrong address.

use actix_web::dev::ResourceDef;
use serde_json::Value;

/// Every path of the description with its methods, those with the fewest variables first: of two that match, the more
/// exact one is meant.
#[derive(Debug, Clone)]
pub struct Addresses(Vec<Address>);

#[derive(Debug, Clone)]
struct Address {
    resource: ResourceDef,
    methods: Vec<String>,
    /// Whether a path with more variables matches this one too, so that the router would try its handlers as well.
    shadowed: bool,
}

impl Addresses {
    /// Those of this description.
    pub fn of(document: &Value) -> Self {
        let known = ["get", "post", "put", "patch", "delete"];
        let paths = document.get("paths").and_then(Value::as_object);
        let mut paths: Vec<_> = paths.into_iter().flatten().collect();
        paths.sort_by_key(|(path, _)| path.matches('{').count());
        let resources: Vec<ResourceDef> = paths
            .iter()
            .map(|(path, _)| ResourceDef::new(path.as_str()))
            .collect();
        let address = |(index, (path, item)): (usize, &(&String, &Value))| {
            let mut methods: Vec<String> = known
                .iter()
                .filter(|method| item.get(**method).is_some())
                .map(|method| method.to_uppercase())
                .collect();
            if item.get("get").is_some() {
                methods.push("HEAD".to_owned());
            }
            methods.sort();
            let mut wider = resources.iter().skip(index + 1);
            Address {
                resource: ResourceDef::new(path.as_str()),
                methods,
                shadowed: wider.any(|other| other.is_match(path)),
            }
        };
        Self(paths.iter().enumerate().map(address).collect())
    }

    /// Every method that this path takes.
    pub fn methods(&self, path: &str) -> &[String] {
        self.0
            .iter()
            .find(|address| address.resource.is_match(path))
            .map_or(&[], |address| address.methods.as_slice())
    }

    /// The methods of the path, if the router would hand this method to a path that only looks like it.
    ///
    /// `PATCH /cases/searches` is not a change of the case called `searches`.
    pub fn refused(&self, path: &str, method: &str) -> Option<&[String]> {
        self.0
            .iter()
            .find(|address| address.shadowed && address.resource.is_match(path))
            .map(|address| address.methods.as_slice())
            .filter(|methods| !methods.iter().any(|known| known == method))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn addresses() -> Addresses {
        Addresses::of(&json!({"paths": {
            "/cases/{caseId}": {"get": {}, "patch": {}},
            "/cases/searches": {"post": {}},
            "/cases/{caseId}/facts": {"get": {}, "post": {}},
        }}))
    }

    #[test]
    fn a_path_takes_its_own_methods_and_not_those_of_a_wider_one() {
        let addresses = addresses();
        assert_eq!(addresses.methods("/cases/searches"), ["POST"]);
        assert_eq!(addresses.methods("/cases/1"), ["GET", "HEAD", "PATCH"]);
        assert!(addresses.methods("/nothing").is_empty());
    }

    #[test]
    fn only_a_path_that_a_wider_one_matches_is_refused_early() {
        let addresses = addresses();
        assert_eq!(
            addresses.refused("/cases/searches", "PATCH"),
            Some(&["POST".to_owned()][..])
        );
        assert_eq!(addresses.refused("/cases/searches", "POST"), None);
        assert_eq!(addresses.refused("/cases/1", "DELETE"), None);
    }
}

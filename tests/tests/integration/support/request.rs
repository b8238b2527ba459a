//! Requests and what is answered.

use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;
use serde::Serialize;
use serde_json::Value;

/// A request that is being put together.
pub struct Asked(RequestBuilder);

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl Asked {
    pub(super) fn new(builder: RequestBuilder) -> Self {
        Self(builder)
    }

    /// With this token.
    pub fn token(self, token: &str) -> Self {
        Self(self.0.bearer_auth(token))
    }

    /// With this header.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// With this version as `If-Match`.
    pub fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }

    /// With this idempotency key.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With this body as JSON.
    pub fn json(self, body: &impl Serialize) -> Self {
        Self(self.0.json(body))
    }

    /// With this body as a merge patch.
    pub fn merge_patch(self, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("a body");
        Self(
            self.0
                .header("content-type", "application/merge-patch+json")
                .body(body),
        )
    }

    /// With this multipart form.
    #[allow(dead_code)]
    pub fn raw(self, change: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Self {
        Self(change(self.0))
    }

    /// Sends it.
    pub async fn send(self) -> Answered {
        let response = self.0.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a body");
        Answered {
            status,
            headers,
            text,
        }
    }
}

impl Answered {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|_| panic!("{} is no JSON: {}", self.status, self.text))
    }

    /// A header's value, empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }

    /// Its version.
    pub fn etag(&self) -> &str {
        self.header("etag")
    }

    /// Insists on this status.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Insists on a problem of this status and code, in its proper form, and gives it.
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text
        );
        let problem = self.json();
        assert_eq!(problem["code"], code, "{}", self.text);
        assert_eq!(problem["status"], status, "{}", self.text);
        assert_eq!(
            problem["requestId"],
            self.header("x-request-id"),
            "{}",
            self.text
        );
        problem
    }

    /// The pointers of a problem's faults, with their codes.
    pub fn faults(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.json()["errors"]
            .as_array()
            .map(|errors| {
                errors
                    .iter()
                    .map(|error| (text(&error["pointer"]), text(&error["code"])))
                    .collect()
            })
            .unwrap_or_default()
    }
}

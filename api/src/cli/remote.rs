//! A caller of the service's own API, for the commands that are clients like any other.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use super::Failure;

/// How long one request may take; a large return has to travel.
const PATIENCE: Duration = Duration::from_secs(300);
/// How often an import is asked how far it is.
const ASK_EVERY: Duration = Duration::from_millis(250);

/// The service at an address, with a token.
#[derive(Debug, Clone)]
pub struct Remote {
    client: Client,
    address: String,
    token: String,
}

/// A file to be sent.
#[derive(Debug, Clone)]
pub struct FileToSend {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

impl Remote {
    /// The service at `http://host:port`.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(address: &str, token: String) -> Result<Self, Failure> {
        let client = Client::builder().timeout(PATIENCE).build()?;
        Ok(Self {
            client,
            address: address.trim_end_matches('/').to_owned(),
            token,
        })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.address))
            .bearer_auth(&self.token)
    }

    /// Reads JSON.
    ///
    /// # Errors
    /// When the service cannot be reached or answers with a problem.
    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        answer(self.request(Method::GET, path).send().await?).await
    }

    /// Puts JSON where there is nothing yet; tells whether it was taken. What is there already stays, and what the
    /// service does not know is left out.
    ///
    /// # Errors
    /// When the service cannot be reached or answers with another problem.
    pub async fn put_new(&self, path: &str, body: &Value) -> Result<bool, Failure> {
        let response = self.request(Method::PUT, path).json(body).send().await?;
        match response.status() {
            StatusCode::PRECONDITION_REQUIRED | StatusCode::NOT_FOUND => Ok(false),
            _ => answer(response).await.map(|_| true),
        }
    }

    /// Sends files as one import and gives it back when it is finished; `progress` hears how many children are in, of
    /// how many.
    ///
    /// # Errors
    /// When the service cannot be reached or refuses the files, and when the import breaks off.
    pub async fn import(
        &self,
        council: &str,
        dry_run: bool,
        files: &[FileToSend],
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Value, Failure> {
        let files: Vec<Value> = files
            .iter()
            .map(|file| {
                json!({ "name": file.name, "content": STANDARD.encode(&file.content), "encoding": "base64" })
            })
            .collect();
        let body = json!({ "kind": "ssda903", "dryRun": dry_run, "files": files });
        let path = format!("/v1/councils/{council}/imports");
        let mut import =
            answer(self.request(Method::POST, &path).json(&body).send().await?).await?;
        let id = import
            .get("id")
            .and_then(Value::as_str)
            .ok_or("the import has no id")?
            .to_owned();
        loop {
            let count = |name: &str| {
                import
                    .pointer(&format!("/progress/{name}"))
                    .and_then(Value::as_u64)
                    .unwrap_or(0)
            };
            progress(count("childrenDone"), count("children"));
            match import.get("status").and_then(Value::as_str) {
                Some("succeeded") => return Ok(import),
                Some("failed") => {
                    let why = import
                        .get("problem")
                        .and_then(Value::as_str)
                        .unwrap_or("It broke off.");
                    return Err(why.into());
                }
                _ => tokio::time::sleep(ASK_EVERY).await,
            }
            import = self.get(&format!("{path}/{id}")).await?;
        }
    }

    /// Every item of a list, page by page.
    ///
    /// # Errors
    /// When the service cannot be reached or answers with a problem.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>, Failure> {
        let mut items = Vec::new();
        let mut next = format!("{path}?limit=200");
        loop {
            let mut page = self.get(&next).await?;
            if let Some(Value::Array(more)) = page.get_mut("items").map(Value::take) {
                items.extend(more);
            }
            match page.get("nextCursor").and_then(Value::as_str) {
                Some(cursor) => next = format!("{path}?limit=200&cursor={cursor}"),
                None => return Ok(items),
            }
        }
    }
}

/// The body of a good answer; of any other, what it says.
async fn answer(response: Response) -> Result<Value, Failure> {
    let status = response.status();
    let body: Value = response.json().await.unwrap_or_default();
    if status.is_success() {
        return Ok(body);
    }
    let detail = body
        .get("detail")
        .and_then(Value::as_str)
        .unwrap_or("no reason given");
    Err(format!("the service answered {}: {detail}", status.as_u16()).into())
}

//! Promise: tokens of the configured issuers are taken for what they say, and nothing else is taken for a token.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::databases::TestDatabase;
use crate::support::{NOW, TestApp, councils};

/// An OpenID provider: one address with its keys, which can be changed and switched off.
struct Provider {
    address: String,
    keys: Arc<Mutex<Option<Value>>>,
    asked: Arc<AtomicUsize>,
}

/// A key that it signs with.
struct SigningKey {
    id: &'static str,
    algorithm: Algorithm,
    key: EncodingKey,
}

impl Provider {
    fn start(keys: &[&SigningKey]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let provider = Self {
            address,
            keys: Arc::default(),
            asked: Arc::default(),
        };
        provider.publish(keys);
        let (keys, asked, own) = (
            provider.keys.clone(),
            provider.asked.clone(),
            provider.address.clone(),
        );
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut request = [0; 2048];
                let read = stream.read(&mut request).unwrap_or_default();
                let discovery = String::from_utf8_lossy(&request[..read])
                    .contains("/.well-known/openid-configuration");
                let body = match (&*keys.lock().expect("nobody panicked"), discovery) {
                    (_, true) => {
                        json!({"issuer": own, "jwks_uri": format!("{own}/keys")}).to_string()
                    }
                    (Some(keys), false) => keys.to_string(),
                    (None, false) => String::new(),
                };
                if !discovery {
                    asked.fetch_add(1, Ordering::SeqCst);
                }
                let status = if body.is_empty() {
                    "503 Unavailable"
                } else {
                    "200 OK"
                };
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
            }
        });
        provider
    }

    fn publish(&self, keys: &[&SigningKey]) {
        let keys: Vec<Jwk> = keys.iter().map(|key| key.public()).collect();
        *self.keys.lock().expect("nobody panicked") = Some(json!({"keys": keys}));
    }

    fn go_down(&self) {
        *self.keys.lock().expect("nobody panicked") = None;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// A server that trusts this provider.
    async fn trusted(&self, pause: &str) -> TestApp {
        let issuer = format!(
            "[{{issuer = \"{}\", algorithms = [\"RS256\", \"ES256\", \"EdDSA\"], tenant = \"t-1\", councils = [\"anytown\"], \
             subject_claim = \"oid\", teams_claim = \"groups\", roles = {{\"Permanence.Officer\" = \"council_officer\"}}}}]",
            self.address
        );
        let settings = [
            ("PERMANENCE__MODE", "development"),
            ("PERMANENCE__AUTH__ISSUERS", issuer.as_str()),
            ("PERMANENCE__AUTH__REFRESH_PAUSE_SECONDS", pause),
        ];
        TestApp::with(TestDatabase::sqlite(), councils(), NOW, &settings).await
    }

    fn claims(&self) -> Value {
        json!({
            "iss": self.address, "aud": "permanence", "tid": "t-1", "oid": "person-1", "sub": "pairwise",
            "exp": now() + 600, "nbf": now() - 10, "roles": ["Permanence.Officer"],
        })
    }
}

impl SigningKey {
    fn new(id: &'static str, algorithm: Algorithm) -> Self {
        let random = SystemRandom::new();
        let pem = |der: &[u8]| {
            format!(
                "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
                STANDARD.encode(der)
            )
            .into_bytes()
        };
        let key = match algorithm {
            Algorithm::RS256 => {
                let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).expect("a key");
                let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().expect("its form");
                EncodingKey::from_rsa_pem(&pem(der.as_ref()))
            }
            Algorithm::ES256 => {
                let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
                    .expect("a key");
                EncodingKey::from_ec_pem(&pem(pair.as_ref()))
            }
            _ => EncodingKey::from_ed_pem(&pem(Ed25519KeyPair::generate_pkcs8v1(&random)
                .expect("a key")
                .as_ref())),
        };
        Self {
            id,
            algorithm,
            key: key.expect("a signing key"),
        }
    }

    fn public(&self) -> Jwk {
        let mut jwk = Jwk::from_encoding_key(&self.key, self.algorithm).expect("a public key");
        jwk.common.key_id = Some(self.id.to_owned());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        jwk
    }

    fn sign(&self, claims: &Value) -> String {
        self.sign_as(claims, "at+jwt")
    }

    fn sign_as(&self, claims: &Value, kind: &str) -> String {
        permanence_api::auth::install_crypto();
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.to_owned());
        header.typ = Some(kind.to_owned());
        jsonwebtoken::encode(&header, claims, &self.key).expect("a token")
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs()
}

/// The status of a request with this token: 200 where it is taken.
async fn status(app: &TestApp, token: &str) -> u16 {
    app.get("/v1/councils").token(token).send().await.status
}

#[tokio::test]
async fn each_algorithm_is_taken_with_the_key_that_is_made_for_it() {
    let keys = [
        SigningKey::new("rsa", Algorithm::RS256),
        SigningKey::new("ec", Algorithm::ES256),
        SigningKey::new("ed", Algorithm::EdDSA),
    ];
    let provider = Provider::start(&keys.each_ref());
    let app = provider.trusted("60").await;
    for key in &keys {
        assert_eq!(
            status(&app, &key.sign(&provider.claims())).await,
            200,
            "{}",
            key.id
        );
        assert_eq!(
            status(&app, &key.sign_as(&provider.claims(), "JWT")).await,
            200,
            "{}",
            key.id
        );
    }
    assert_eq!(provider.asked(), 1, "one fetch is enough for all");
}

#[tokio::test]
async fn a_claim_that_is_not_right_is_refused() {
    let key = SigningKey::new("ec", Algorithm::ES256);
    let provider = Provider::start(&[&key]);
    let app = provider.trusted("60").await;
    let with = |name: &str, value: Value| {
        let mut claims = provider.claims();
        claims[name] = value;
        claims
    };
    let refused = [
        with("aud", json!("somebody-else")),
        with("iss", json!("https://elsewhere.example")),
        with("exp", json!(now() - 60)),
        with("exp", Value::Null),
        with("nbf", json!(now() + 300)),
        with("tid", json!("t-2")),
        with("oid", Value::Null),
        with("cnf", json!({"jkt": "x"})),
    ];
    for claims in refused {
        assert_eq!(status(&app, &key.sign(&claims)).await, 401, "{claims}");
    }
    assert_eq!(
        status(&app, &key.sign_as(&provider.claims(), "logout+jwt")).await,
        401
    );
    let overflowing = with("roles", json!([]));
    let overflowing = {
        let mut claims = overflowing;
        claims["_claim_names"] = json!({"groups": "src1"});
        claims
    };
    let answer = app
        .get("/v1/councils")
        .token(&key.sign(&overflowing))
        .send()
        .await;
    assert!(
        answer.problem(401, "unauthorized")["detail"]
            .as_str()
            .expect("text")
            .contains("app roles")
    );
    assert_eq!(
        status(&app, &key.sign(&with("roles", json!(["Somebody.Else"])))).await,
        403
    );
}

#[tokio::test]
async fn a_key_is_good_for_its_own_algorithm_and_issuer_only() {
    let (ours, strangers) = (
        SigningKey::new("a", Algorithm::ES256),
        SigningKey::new("a", Algorithm::ES256),
    );
    let provider = Provider::start(&[&ours]);
    let app = provider.trusted("60").await;
    assert_eq!(status(&app, &strangers.sign(&provider.claims())).await, 401);
    // The public key, taken for a shared secret, must not verify anything.
    let secret = serde_json::to_vec(&ours.public()).expect("a key");
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("a".to_owned());
    let confused = jsonwebtoken::encode(
        &header,
        &provider.claims(),
        &EncodingKey::from_secret(&secret),
    )
    .expect("a token");
    assert_eq!(status(&app, &confused).await, 401);
    // The development key may not speak for the provider.
    let forged = app.mint(
        "person-1",
        &["anytown"],
        &[permanence_api::auth::Role::CouncilOfficer],
        &[],
        600,
    );
    assert_eq!(status(&app, &forged).await, 200, "it speaks for itself");
}

#[tokio::test]
async fn keys_rotate_and_a_withdrawn_key_stops_working() {
    let (first, second) = (
        SigningKey::new("one", Algorithm::ES256),
        SigningKey::new("two", Algorithm::ES256),
    );
    let provider = Provider::start(&[&first]);
    let app = provider.trusted("0").await;
    let old = first.sign(&provider.claims());
    assert_eq!(status(&app, &old).await, 200);
    provider.publish(&[&second]);
    assert_eq!(status(&app, &second.sign(&provider.claims())).await, 200);
    assert_eq!(
        status(&app, &old).await,
        401,
        "checked before, but its key is withdrawn"
    );
}

#[tokio::test]
async fn strangers_do_not_make_us_hammer_the_issuer() {
    let (ours, unknown) = (
        SigningKey::new("one", Algorithm::ES256),
        SigningKey::new("two", Algorithm::ES256),
    );
    let provider = Provider::start(&[&ours]);
    let app = provider.trusted("60").await;
    assert_eq!(status(&app, &ours.sign(&provider.claims())).await, 200);
    for _ in 0..5 {
        assert_eq!(status(&app, &unknown.sign(&provider.claims())).await, 401);
    }
    assert_eq!(provider.asked(), 1);
}

#[tokio::test]
async fn an_issuer_that_is_down_lets_nobody_in_and_keeps_nobody_out_whom_it_knew() {
    let key = SigningKey::new("one", Algorithm::ES256);
    let provider = Provider::start(&[&key]);
    provider.go_down();
    let app = provider.trusted("0").await;
    let answer = app
        .get("/v1/councils")
        .token(&key.sign(&provider.claims()))
        .send()
        .await;
    answer.problem(503, "unavailable");
    provider.publish(&[&key]);
    assert_eq!(status(&app, &key.sign(&provider.claims())).await, 200);
    provider.go_down();
    let again = key.sign(&{
        let mut claims = provider.claims();
        claims["jti"] = json!("another");
        claims
    });
    assert_eq!(status(&app, &again).await, 200);
}

#[tokio::test]
async fn a_caller_who_asks_too_often_is_told_when_to_come_back() {
    let settings = [
        ("PERMANENCE__LIMITS__REQUESTS_PER_SECOND", "1"),
        ("PERMANENCE__LIMITS__BURST", "3"),
    ];
    let app = TestApp::with(TestDatabase::sqlite(), councils(), NOW, &settings).await;
    let officer = [permanence_api::auth::Role::CouncilOfficer];
    let (eager, calm) = (
        app.mint("eager", &[], &officer, &[], 600),
        app.mint("calm", &[], &officer, &[], 600),
    );
    let mut last = app.get("/v1/councils").token(&eager).send().await;
    for _ in 0..10 {
        last = app.get("/v1/councils").token(&eager).send().await;
    }
    last.problem(429, "too_many_requests");
    assert_eq!(last.header("retry-after"), "1");
    assert_eq!(status(&app, &calm).await, 200);
}

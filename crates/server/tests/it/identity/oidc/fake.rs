//! A provider of identities that lies, forgets, dawdles and sends others elsewhere, as it is told. Left alone it does all as the
//! standards say: codes once, with PKCE, from the client that was given them.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::Signer;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use platform::config::{self, Config};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};
use tokio::net::TcpListener;
use url::{Url, form_urlencoded};

use crate::support::protected::serve_protected;

pub(crate) const CLIENT: &str = "udaan:client";
pub(crate) const SECRET: &str = "a secret/with=odd+characters";
const ACCESS_TOKEN: &str = "an-access-token";

/// How an endpoint answers.
#[derive(Clone, Debug)]
pub(super) enum Manner {
    Hangs,
    Huge,
    Redirects,
    Junk,
    Fails(u16),
}

/// What ID tokens are signed with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Signing {
    Ed25519,
    Es256,
    /// `alg` none, no signature.
    Nothing,
    /// HMAC with the public key, which everybody knows.
    HmacPublicKey,
    /// HMAC with the client's secret.
    HmacSecret,
    /// A key that is not published.
    Other,
}

/// What it does beside what it should.
pub(super) struct Script {
    pub(super) subject: String,
    pub(super) signing: Signing,
    /// Members of the token's header, of its claims, of the documents: set, or taken away with null.
    pub(super) header: Value,
    pub(super) claims: Value,
    pub(super) discovery: Value,
    pub(super) tokens: Value,
    pub(super) userinfo: Option<Value>,
    pub(super) keys: Option<Value>,
    pub(super) manners: BTreeMap<&'static str, Manner>,
    /// What was asked for, in order.
    pub(super) asked: Vec<String>,
    codes: BTreeMap<String, BTreeMap<String, String>>,
    now: i64,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            subject: "248289761001".into(),
            signing: Signing::Ed25519,
            header: json!({}),
            claims: json!({"email": "asha@example.com", "email_verified": true, "name": "Asha Rao"}),
            discovery: json!({}),
            tokens: json!({}),
            userinfo: None,
            keys: None,
            manners: BTreeMap::new(),
            asked: Vec::new(),
            codes: BTreeMap::new(),
            now: 0,
        }
    }
}

#[derive(Clone)]
pub(crate) struct Fake {
    pub(crate) url: String,
    script: Arc<Mutex<Script>>,
}

/// A browser's way back from the provider.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) code: String,
    pub(crate) state: String,
}

impl Way {
    pub(crate) fn body(&self, issuer: &str) -> Value {
        json!({"state": self.state, "code": self.code, "iss": issuer})
    }
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let fake = Self { url, script: Arc::default() };
        let router = Router::new().route("/{*path}", any(answer)).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    /// One that speaks TLS, with a certificate of the tests' own authority.
    pub(super) async fn start_protected() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let url = format!("https://localhost:{}", listener.local_addr().expect("an address").port());
        let fake = Self { url, script: Arc::default() };
        serve_protected(listener, Router::new().route("/{*path}", any(answer)).with_state(fake.clone()));
        fake
    }

    pub(super) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it does from now on.
    pub(super) fn does(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.script());
    }

    /// From now on it does as it should again. What it was asked stays known.
    pub(super) fn behaves(&self) {
        let mut script = self.script();
        *script = Script { asked: std::mem::take(&mut script.asked), ..Script::default() };
    }

    /// Whom it vouches for from now on.
    pub(super) fn is(&self, subject: &str, email: &str) {
        self.does(|script| {
            script.subject = subject.into();
            script.claims = json!({"email": email, "email_verified": true, "name": "Asha Rao"});
        });
    }

    /// As a setting.
    pub(crate) fn add_to(&self, config: &mut Config, id: &str) {
        config.auth.provider_secrets.insert(id.into(), SECRET.into());
        config.auth.providers.push(config::Provider {
            id: id.into(),
            label: "Example".into(),
            issuer: self.url.clone(),
            client_id: CLIENT.into(),
            timeout_ms: 1_500,
            ..config::Provider::default()
        });
    }

    /// Somebody signs in there, and is sent back.
    pub(crate) fn authorize(&self, authorization_url: &str, now: Timestamp) -> Way {
        let url = Url::parse(authorization_url).expect("a URL");
        assert_eq!(
            format!("{}{}", url.origin().ascii_serialization(), url.path()),
            format!("{}/auth", self.url)
        );
        let asked: BTreeMap<String, String> =
            url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        assert_eq!(
            (
                asked["response_type"].as_str(),
                asked["client_id"].as_str(),
                asked["code_challenge_method"].as_str()
            ),
            ("code", CLIENT, "S256")
        );
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"), "{asked:?}");
        assert!(asked["state"].len() >= 43 && asked["nonce"].len() >= 43 && asked["state"] != asked["nonce"]);
        let mut script = self.script();
        script.now = now.as_second();
        let code = format!("code{}", script.codes.len());
        let state = asked["state"].clone();
        script.codes.insert(code.clone(), asked);
        Way { code, state }
    }

    fn document(&self, script: &Script) -> Value {
        let url = &self.url;
        let document = json!({"issuer": url, "authorization_endpoint": format!("{url}/auth"),
            "token_endpoint": format!("{url}/token"), "jwks_uri": format!("{url}/keys"),
            "userinfo_endpoint": format!("{url}/userinfo"), "authorization_response_iss_parameter_supported": true});
        merged(document, &script.discovery)
    }

    fn give_tokens(&self, script: &mut Script, headers: &HeaderMap, body: &str) -> Response {
        let form: BTreeMap<_, _> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let refused = (StatusCode::BAD_REQUEST, json!({"error": "invalid_grant"}).to_string());
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(CLIENT), encoded(SECRET))));
        let by_header =
            headers.get("authorization").is_some_and(|value| value.as_bytes() == basic.as_bytes());
        let field = |name: &str| form.get(name).map_or("", String::as_str);
        let by_form = (field("client_id"), field("client_secret")) == (CLIENT, SECRET);
        let Some(asked) = script.codes.remove(field("code")) else { return refused.into_response() };
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier")));
        let fits = (by_header || by_form)
            && field("grant_type") == "authorization_code"
            && asked["code_challenge"] == challenge
            && asked["redirect_uri"] == field("redirect_uri");
        if !fits {
            return refused.into_response();
        }
        let tokens = json!({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 60,
            "id_token": self.id_token(script, &asked["nonce"])});
        merged(tokens, &script.tokens).to_string().into_response()
    }

    fn id_token(&self, script: &Script, nonce: &str) -> String {
        let (alg, kid) = match script.signing {
            Signing::Ed25519 | Signing::Other => ("EdDSA", "ed"),
            Signing::Es256 => ("ES256", "es"),
            Signing::Nothing => ("none", "ed"),
            Signing::HmacPublicKey | Signing::HmacSecret => ("HS256", "ed"),
        };
        let header = merged(json!({"alg": alg, "kid": kid, "typ": "JWT"}), &script.header);
        let half = match script.signing {
            Signing::Ed25519 | Signing::Other => URL_SAFE_NO_PAD.encode(&Sha512::digest(ACCESS_TOKEN)[..32]),
            _ => URL_SAFE_NO_PAD.encode(&Sha256::digest(ACCESS_TOKEN)[..16]),
        };
        let claims = json!({"iss": self.url, "aud": CLIENT, "sub": script.subject, "iat": script.now,
            "exp": script.now + 300, "nonce": nonce, "at_hash": half});
        let claims = merged(claims, &script.claims);
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let said = format!("{}.{}", part(&header), part(&claims));
        let hmac = |key: &[u8]| {
            let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("a key");
            mac.update(said.as_bytes());
            mac.finalize().into_bytes().to_vec()
        };
        let signature = match script.signing {
            Signing::Ed25519 => ed_key(7).sign(said.as_bytes()).to_vec(),
            Signing::Other => ed_key(8).sign(said.as_bytes()).to_vec(),
            Signing::Es256 => {
                let signature: p256::ecdsa::Signature =
                    p256::ecdsa::signature::Signer::sign(&es_key(), said.as_bytes());
                signature.to_bytes().to_vec()
            }
            Signing::Nothing => Vec::new(),
            Signing::HmacPublicKey => hmac(ed_key(7).verifying_key().as_bytes()),
            Signing::HmacSecret => hmac(SECRET.as_bytes()),
        };
        format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

pub(super) fn ed_key(seed: u8) -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[seed; 32])
}

fn es_key() -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[9; 32]).expect("a key")
}

pub(super) fn ed_jwk(seed: u8, kid: &str) -> Value {
    let x = URL_SAFE_NO_PAD.encode(ed_key(seed).verifying_key().as_bytes());
    json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "alg": "EdDSA", "use": "sig"})
}

fn published() -> Value {
    let point = es_key().verifying_key().to_encoded_point(false);
    let coordinate = |half: Option<&p256::FieldBytes>| URL_SAFE_NO_PAD.encode(half.expect("a coordinate"));
    let es = json!({"kty": "EC", "crv": "P-256", "x": coordinate(point.x()), "y": coordinate(point.y()), "kid": "es"});
    json!({"keys": [ed_jwk(7, "ed"), es]})
}

/// Members set; null takes one away.
fn merged(mut value: Value, changes: &Value) -> Value {
    for (name, change) in changes.as_object().expect("members") {
        match change {
            Value::Null => drop(value.as_object_mut().expect("an object").remove(name)),
            other => value[name] = other.clone(),
        }
    }
    value
}

async fn answer(
    State(fake): State<Fake>,
    Path(path): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let manner = {
        let mut script = fake.script();
        script.asked.push(path.clone());
        script.manners.get(path.as_str()).cloned()
    };
    match manner {
        Some(Manner::Hangs) => return std::future::pending().await,
        Some(Manner::Huge) => {
            // It never ends.
            let more = futures_util::stream::repeat_with(|| Ok::<_, Infallible>(vec![b' '; 8_192]));
            return Body::from_stream(more).into_response();
        }
        Some(Manner::Redirects) => {
            let elsewhere = format!("{}/elsewhere", fake.url);
            return (StatusCode::FOUND, [(header::LOCATION, elsewhere)]).into_response();
        }
        Some(Manner::Junk) => return "<html>".into_response(),
        Some(Manner::Fails(status)) => {
            return StatusCode::from_u16(status).expect("a status").into_response();
        }
        None => {}
    }
    let mut script = fake.script();
    match path.as_str() {
        ".well-known/openid-configuration" => fake.document(&script).to_string().into_response(),
        "keys" => script.keys.clone().unwrap_or_else(published).to_string().into_response(),
        "token" => fake.give_tokens(&mut script, &headers, &body),
        "userinfo" => {
            let known = headers["authorization"] == format!("Bearer {ACCESS_TOKEN}");
            match script.userinfo.clone().filter(|_| known) {
                Some(told) => told.to_string().into_response(),
                None => StatusCode::UNAUTHORIZED.into_response(),
            }
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

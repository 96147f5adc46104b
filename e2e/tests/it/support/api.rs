//! A client of the API: requests as a program outside would send them, answers with all their bytes.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, redirect};
use serde_json::{Value, json};
use testkit::canary;

const PASSWORD: &str = "monsoon over malabar";
const ASKED_AGAIN: usize = 5;
/// Longer than that nobody waits.
const WAITED_SECONDS: u64 = 3;

/// The API as one caller sees it, signed in or not.
#[derive(Clone)]
pub(crate) struct Api {
    client: Client,
    site: String,
    token: Option<String>,
}

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
    /// What was asked, for messages.
    asked: String,
}

impl Api {
    pub(crate) fn new(site: String) -> Self {
        let _chosen_before = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        // Longer than the server's own limit of ten seconds, so that its word comes first.
        let builder = Client::builder().timeout(Duration::from_secs(15)).redirect(redirect::Policy::none());
        Self { client: builder.build().expect("a client"), site, token: None }
    }

    /// The same API for somebody who is signed in.
    pub(crate) fn signed_in(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The access token of an account that is made for it.
    pub(crate) async fn sign_up(&self) -> String {
        let account = json!({"email": "asha@example.com", "password": PASSWORD, "name": "Asha Rao"});
        self.post("/register", &account).await.json(202);
        let login = json!({"email": "asha@example.com", "password": PASSWORD});
        self.post("/login", &login).await.json(200)["access_token"].as_str().expect("a token").to_owned()
    }

    /// Where it is.
    pub(crate) fn site(&self) -> &str {
        &self.site
    }

    /// What it signs in with.
    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Something beside the API.
    pub(crate) async fn get_root(&self, path: &str) -> Answer {
        send(self.client.get(format!("{}{path}", self.site))).await
    }

    pub(crate) async fn is_ready(&self) -> bool {
        let answer = self.client.get(format!("{}/readyz", self.site)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}/api/v1{path}", self.site));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::PATCH, path).json(body)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).json(body)).await
    }

    /// A POST that moves money or seats, under an idempotency key.
    pub(crate) async fn post_once(&self, path: &str, key: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
    }

    /// Presses the button of a page outside the API, such as the gateway's challenge.
    pub(crate) async fn press(&self, url: &str) -> Answer {
        send(self.client.post(url)).await
    }

    /// Everything the gateway knows (its own test page, under the demo's key).
    pub(crate) async fn gateway_book(&self, gateway: &str) -> Value {
        send(self.client.get(format!("{gateway}/_test/book")).bearer_auth("sk_test_udaan")).await.json(200)
    }

    /// Holds seats on an itinerary for one adult.
    pub(crate) async fn book(&self, offer: &Value, key: &str) -> Answer {
        self.post_once("/bookings", key, &booking_of(offer)).await
    }

    /// Pays with a card number, or a token of the gateway's.
    pub(crate) async fn pay(&self, booking: &str, card: &str, key: &str) -> Answer {
        let field = if card.starts_with("pm_") { "token" } else { "number" };
        let body = json!({"booking_id": booking, "method": {"type": "card", field: card}});
        self.post_once("/payments", key, &body).await
    }
}

/// The body that books an offer for one adult.
pub(crate) fn booking_of(offer: &Value) -> Value {
    json!({
        "offer_id": offer,
        "passengers": [
            {"type": "adult", "given_name": "Asha", "family_name": "Rao", "born_on": "1990-05-17"}
        ],
        "contact": {"email": "asha@example.com", "phone": "+919812345678"},
    })
}

/// Who asks too fast is told how long to wait, and as a good program does, waits and asks again.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    for _ in 0..ASKED_AGAIN {
        let again = request.try_clone().expect("a body that can be sent again");
        let answer = try_send(again).await.expect("an answer");
        let wait = answer.header("retry-after").and_then(|seconds| seconds.parse().ok());
        match (answer.status, wait) {
            (429, Some(seconds)) if seconds <= WAITED_SECONDS => {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
            }
            _ => return answer,
        }
    }
    try_send(request).await.expect("an answer")
}

/// The answer, if one came before the connection broke.
pub(crate) async fn try_send(request: RequestBuilder) -> Option<Answer> {
    let (client, request) = request.build_split();
    let request = request.expect("a request");
    let asked = format!("{} {}", request.method(), request.url());
    let answer = client.execute(request).await.ok()?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let bytes = answer.bytes().await.ok()?.to_vec();
    assert_eq!(canary::in_text(&asked), None, "somebody's data is in an address");
    if status >= 400 {
        let told = String::from_utf8_lossy(&bytes);
        assert_eq!(canary::in_text(&told), None, "somebody's data is in an error: {asked}");
    }
    Some(Answer { status, headers, bytes, asked })
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub(crate) fn json(&self, status: u16) -> Value {
        let text = String::from_utf8_lossy(&self.bytes);
        assert_eq!(self.status, status, "{}: {text}", self.asked);
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| {
            assert!(text.is_empty(), "{}: {error}: {text}", self.asked);
            Value::Null
        })
    }

    /// A refusal: problem JSON with this status and code, and words that say what is wrong.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        let body = self.json(status);
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.asked);
        assert_eq!(body["code"], code, "{}: {body}", self.asked);
        assert_eq!(body["status"], status, "{}: {body}", self.asked);
        let words = |member: &str| body[member].as_str().is_some_and(|text| text.len() > 3);
        assert!(words("title") && words("detail") && words("request_id"), "{}: {body}", self.asked);
        body
    }
}

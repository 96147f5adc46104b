//! Signing in with a provider, over HTTP: what it does, whose account it is, and what a provider may try.

mod answers;
pub(crate) mod fake;
mod links;
mod people;
mod round_trip;
mod sent;

use std::collections::BTreeMap;
use std::sync::Mutex;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use platform::config::Config;
use serde_json::{Value, json};

use self::fake::{Fake, Way};
use crate::support::{Airline, Reply, send};

/// What a browser says of a request of our own page's.
const OURS: [(&str, &str); 2] = [("sec-fetch-site", "same-origin"), ("x-udaan-client", "web")];

/// A browser with our page open: it says where its requests come from, and keeps cookies.
#[derive(Default)]
pub(crate) struct Browser {
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    pub(crate) async fn call(
        &self,
        airline: &Airline,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Reply {
        self.call_with(airline, method, path, &OURS, body).await
    }

    async fn call_with(
        &self,
        airline: &Airline,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Reply {
        self.call_at(airline.router(), self.request(method, path, headers, body)).await
    }

    /// What the browser asks, with its cookies.
    fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cookies = self.cookies();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        request.header("content-type", "application/json").body(body).expect("a request")
    }

    /// Asks a server, and keeps the cookies it sets.
    async fn call_at(&self, router: Router, request: Request<Body>) -> Reply {
        let reply = send(router, request).await;
        for set in reply.headers.get_all("set-cookie") {
            let pair = set.to_str().expect("text").split(';').next().expect("a pair");
            let (name, value) = pair.split_once('=').expect("a pair");
            self.cookies.lock().expect("cookies").insert(name.to_owned(), value.to_owned());
        }
        reply
    }

    fn cookies(&self) -> String {
        let cookies = self.cookies.lock().expect("cookies");
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Goes to the provider and comes back, up to what it brings.
    async fn go(&self, airline: &Airline, fake: &Fake) -> Way {
        let begun = self.call(airline, "POST", "/auth/sign-in", Some(json!({"provider": "example"}))).await;
        fake.authorize(&begun.expect(200).text("/authorization_url"), airline.app.now())
    }

    /// Brings it.
    async fn bring(&self, airline: &Airline, fake: &Fake, way: &Way) -> Reply {
        self.call(airline, "POST", "/auth/callback", Some(way.body(&fake.url))).await
    }

    /// The whole way.
    async fn sign_in(&self, airline: &Airline, fake: &Fake) -> Reply {
        let begun = self.call(airline, "POST", "/auth/sign-in", Some(json!({"provider": "example"}))).await;
        if begun.status != 200 {
            return begun;
        }
        let way = fake.authorize(&begun.text("/authorization_url"), airline.app.now());
        self.bring(airline, fake, &way).await
    }

    /// Links the account it is signed in to.
    pub(crate) async fn link(&self, airline: &Airline, fake: &Fake) -> Reply {
        let begun = self.call(airline, "POST", "/me/providers", Some(json!({"provider": "example"}))).await;
        let way = fake.authorize(&begun.expect(200).text("/authorization_url"), airline.app.now());
        self.bring(airline, fake, &way).await
    }

    /// Signs in with a password.
    pub(crate) async fn log_in(&self, airline: &Airline, email: &str, password: &str) -> Reply {
        self.call(airline, "POST", "/session", Some(json!({"email": email, "password": password}))).await
    }

    async fn profile(&self, airline: &Airline) -> Value {
        self.call(airline, "GET", "/profile", None).await.expect(200).json
    }
}

/// An airline with one provider.
async fn scene() -> (Airline, Fake) {
    scene_with(|_| {}).await
}

async fn scene_with(change: impl FnOnce(&mut Config)) -> (Airline, Fake) {
    let fake = Fake::start().await;
    let airline = Airline::with(|config| {
        fake.add_to(config, "example");
        change(config);
    });
    (airline.await, fake)
}

/// Whatever a sign-in could have left.
async fn left(airline: &Airline) -> String {
    let rows = "SELECT concat_ws(' ', (SELECT count(*) FROM users), (SELECT count(*) FROM provider_links), (SELECT count(*) FROM sessions),
        (SELECT count(*) FROM mails), (SELECT count(*) FROM login_tokens), (SELECT count(*) FROM users WHERE email_verified_at IS NOT NULL))";
    airline.sql().await.query_one(rows, &[]).await.expect("a row").get(0)
}

/// The account's owner opened the link of the mail.
async fn confirm(airline: &Airline) {
    let now = airline.app.now();
    let set = "UPDATE users SET email_verified_at = $1";
    airline.sql().await.execute(set, &[&now]).await.expect("confirmed");
}

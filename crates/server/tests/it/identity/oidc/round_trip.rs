//! The whole way with a provider that is certified: `oidc-provider` for Node, which this test starts (`tools/oidc`).

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use kernel::Clock;
use platform::clock::SystemClock;
use platform::config;
use serde_json::{Value, json};
use url::Url;

use super::Browser;
use crate::support::Airline;

const SECRET: &str = "a secret/with=odd+characters";
const BACK: &str = "http://127.0.0.1:8080/auth/callback";

struct Provider {
    process: Child,
    /// Open for as long as it runs: it says things later, too, and dies if nobody listens.
    _says: BufReader<ChildStdout>,
    issuer: String,
}

impl Provider {
    #[expect(clippy::disallowed_methods, reason = "where the provider is unpacked is the test run's to say")]
    fn start() -> Self {
        let packages = std::env::var("UDAAN_TEST_OIDC")
            .expect("UDAAN_TEST_OIDC is not set; run ./dev test, or eval \"$(./dev db env)\" first");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tools/oidc/provider.mjs");
        let mut node = Command::new("node");
        // It warns of what a provider in production must not do.
        node.args([script, &packages, BACK, SECRET])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = node.spawn().expect("node");
        let mut says = BufReader::new(process.stdout.take().expect("its output"));
        let mut issuer = String::new();
        says.read_line(&mut issuer).expect("a line");
        assert!(issuer.starts_with("http://127.0.0.1:"), "the provider did not start: {issuer:?}");
        Self { process, _says: says, issuer: issuer.trim_end().to_owned() }
    }

    async fn airline(&self, alg: &str) -> Airline {
        let airline = Airline::with(|config| {
            config.auth.provider_secrets.insert("example".into(), SECRET.into());
            config.auth.providers.push(config::Provider {
                id: "example".into(),
                label: "Example".into(),
                issuer: self.issuer.clone(),
                client_id: format!("udaan-{alg}"),
                ..config::Provider::default()
            });
        });
        let airline = airline.await;
        // The provider's clock is the world's.
        airline.later(SystemClock.now().duration_since(airline.clock.now()));
        airline
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _waited = self.process.wait();
    }
}

/// What somebody does at the provider.
#[derive(Clone, Copy)]
enum Deed<'a> {
    LogsIn(&'a str),
    GivesUp,
}

/// Somebody's browser at the provider, as far as its pages need one: redirects, cookies, forms.
async fn visit(start: &str, deed: Deed<'_>) -> BTreeMap<String, String> {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .expect("a client");
    let mut cookies = BTreeMap::<String, String>::new();
    let mut request = client.get(start);
    let mut at = Url::parse(start).expect("a URL");
    for _ in 0..20 {
        let sent =
            cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let response = request.header("cookie", sent).send().await.expect("the provider");
        for set in response.headers().get_all("set-cookie") {
            let pair = set.to_str().expect("text").split(';').next().expect("a pair");
            let (name, value) = pair.split_once('=').expect("a pair");
            cookies.insert(name.to_owned(), value.to_owned());
        }
        if let Some(next) = response.headers().get("location") {
            at = at.join(next.to_str().expect("text")).expect("a URL");
            if at.as_str().starts_with(BACK) {
                return at
                    .query_pairs()
                    .map(|(name, value)| (name.into_owned(), value.into_owned()))
                    .collect();
            }
            request = client.get(at.clone());
            continue;
        }
        let page = response.text().await.expect("a page");
        let after = |mark: &str| {
            page.split(mark)
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .unwrap_or_else(|| panic!("{page}"))
        };
        at = at.join(after("action=\"")).expect("a URL");
        request = match deed {
            Deed::GivesUp => client.get(format!("{at}/abort")),
            Deed::LogsIn(name) => {
                let prompt = after("name=\"prompt\" value=\"");
                client.post(at.clone()).form(&[("prompt", prompt), ("login", name), ("password", "any")])
            }
        };
    }
    panic!("it does not end");
}

async fn sign_in(airline: &Airline, browser: &Browser, deed: Deed<'_>) -> (Value, crate::support::Reply) {
    let begun = browser
        .call(airline, "POST", "/auth/sign-in", Some(json!({"provider": "example"})))
        .await
        .expect(200);
    let back = visit(&begun.text("/authorization_url"), deed).await;
    let body: Value = back
        .into_iter()
        .filter(|(name, _)| ["state", "code", "error", "iss"].contains(&name.as_str()))
        .map(|(name, value)| (name, Value::String(value)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let reply = browser.call(airline, "POST", "/auth/callback", Some(body.clone())).await;
    (body, reply)
}

#[tokio::test]
async fn people_sign_in_with_a_certified_provider() {
    let provider = Provider::start();
    for alg in ["RS256", "ES256", "EdDSA"] {
        let airline = provider.airline(alg).await;
        let browser = Browser::default();
        let (brought, reply) = sign_in(&airline, &browser, Deed::LogsIn("asha")).await;
        assert_eq!(reply.expect(200).json["outcome"], "signed_in", "{alg}");
        assert_eq!(brought["iss"], provider.issuer.as_str(), "{alg}");
        let profile = browser.profile(&airline).await;
        assert_eq!(
            (&profile["email"], &profile["email_verified"], &profile["name"]),
            (&json!("asha@example.com"), &json!(true), &json!("asha of the tests")),
            "{alg}"
        );
        let again = Browser::default();
        sign_in(&airline, &again, Deed::LogsIn("asha")).await.1.expect(200);
        assert_eq!(again.profile(&airline).await["id"], profile["id"], "{alg}");
        // What was brought is good once, at the provider as well as here.
        assert_eq!(
            browser.call(&airline, "POST", "/auth/callback", Some(brought)).await.expect(409).code(),
            "sign_in_over"
        );
        let (_, unconfirmed) = sign_in(&airline, &Browser::default(), Deed::LogsIn("unconfirmed")).await;
        assert_eq!(unconfirmed.expect(422).code(), "provider_without_address", "{alg}");
        assert_eq!(airline.count("SELECT count(*) FROM users").await, 1, "{alg}");
    }
}

#[tokio::test]
async fn who_gives_up_at_the_provider_is_told_and_not_signed_in() {
    let provider = Provider::start();
    let airline = provider.airline("RS256").await;
    let browser = Browser::default();
    let (_, reply) = sign_in(&airline, &browser, Deed::GivesUp).await;
    let reply = reply.expect(422);
    assert_eq!((reply.code(), &reply.json["reason"]), ("provider_refused", &json!("access_denied")));
    let checked = airline.app.providers.check(airline.app.now()).await;
    assert_eq!(checked, [("example".to_owned(), Ok(()))]);
}

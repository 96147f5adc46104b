//! A gateway on a socket, and requests in its language.

use std::sync::Arc;
use std::time::Duration;

use gateway::Config;
use jiff::SignedDuration;
use kernel::Clock;
use kernel::clock::ManualClock;
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const KEY: &str = "sk_test_udaan";
/// No client waits this long, and no test does.
const HANG: Duration = Duration::from_mins(10);
const PATIENCE: Duration = Duration::from_millis(400);

pub(crate) struct Served {
    pub(crate) site: String,
    pub(crate) client: Client,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) stop: oneshot::Sender<()>,
    pub(crate) running: JoinHandle<std::io::Result<()>>,
}

pub(crate) async fn served() -> Served {
    served_as(|_| {}).await
}

pub(crate) async fn served_with(latency: Duration) -> Served {
    served_as(|config| config.latency = latency).await
}

pub(crate) async fn served_as(change: impl FnOnce(&mut Config)) -> Served {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let site = format!("http://{}", listener.local_addr().expect("an address"));
    let clock = Arc::new(ManualClock::new("2026-11-21T12:00:00Z".parse().expect("an instant")));
    let mut config = Config::new(KEY, &site, 7, Arc::clone(&clock) as Arc<dyn Clock>);
    (config.hang, config.webhook_pause) = (HANG, Duration::from_millis(10));
    change(&mut config);
    let (stop, stopped) = oneshot::channel();
    let running = tokio::spawn(gateway::serve(listener, config, async {
        stopped.await.ok();
    }));
    let _chosen_before = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().redirect(redirect::Policy::none()).build().expect("a client");
    Served { site, client, clock, stop, running }
}

impl Served {
    pub(crate) fn post(&self, path: &str, form: &[(&str, &str)]) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.site)).bearer_auth(KEY).form(form)
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        read(self.client.get(format!("{}{path}", self.site)).bearer_auth(KEY)).await
    }

    /// A call that creates and confirms an intent of 459.00 USD for payment `pay_1`.
    pub(crate) fn pay(&self, number: &str) -> RequestBuilder {
        self.post(
            "/v1/payment_intents",
            &[
                ("amount", "45900"),
                ("currency", "usd"),
                ("confirm", "true"),
                ("payment_method_data[type]", "card"),
                ("payment_method_data[card][number]", number),
                ("payment_method_data[card][exp_month]", "12"),
                ("payment_method_data[card][exp_year]", "2034"),
                ("payment_method_data[card][cvc]", "123"),
                ("metadata[payment]", "pay_1"),
                ("return_url", "https://udaan.example/back?x=1"),
            ],
        )
    }

    /// A call that creates and confirms an intent of 459.00 USD with a token or a kept method, and whatever else.
    pub(crate) fn pay_with(&self, method: &str, more: &[(&str, &str)]) -> RequestBuilder {
        let mut form =
            vec![("amount", "45900"), ("currency", "usd"), ("confirm", "true"), ("payment_method", method)];
        form.extend(more);
        self.post("/v1/payment_intents", &form)
    }

    /// The clock goes on by `seconds`.
    pub(crate) fn later(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    /// What an intent, a setup intent or a refund is now.
    pub(crate) async fn status(&self, object: &Value) -> String {
        let folder = match object["object"].as_str().expect("a type") {
            "payment_intent" => "payment_intents",
            "setup_intent" => "setup_intents",
            other => &format!("{other}s"),
        };
        let (_, now) = self.get(&format!("/v1/{folder}/{}", id(object))).await;
        now["status"].as_str().expect("a status").to_owned()
    }

    /// The types of all events, oldest first.
    pub(crate) async fn told(&self) -> Vec<String> {
        let (_, events) = self.get("/v1/events?limit=100").await;
        let kind = |event: &Value| event["type"].as_str().expect("a type").to_owned();
        events["data"].as_array().expect("events").iter().rev().map(kind).collect()
    }

    /// Answers a challenge, by the address that the object gives.
    pub(crate) async fn answer(&self, object: &Value, verdict: &str) -> Response {
        let action = &object["next_action"];
        let url = action["redirect_to_url"]["url"]
            .as_str()
            .or(action["upi_handle_redirect_or_display_qr_code"]["hosted_instructions_url"].as_str());
        let url = url.expect("an address");
        let page = self.client.get(url).send().await.expect("a page");
        assert_eq!(page.status(), StatusCode::OK);
        self.client.post(format!("{url}/{verdict}")).send().await.expect("an answer")
    }

    pub(crate) async fn paid(&self) -> String {
        let (status, intent) = read(self.pay("4242424242424242")).await;
        assert_eq!((status, &intent["status"]), (StatusCode::OK, &"succeeded".into()));
        id(&intent)
    }

    pub(crate) async fn book(&self) -> Value {
        self.get("/_test/book").await.1
    }

    pub(crate) async fn intents_in_book(&self) -> usize {
        self.book().await["payment_intents"].as_array().map_or(0, Vec::len)
    }
}

pub(crate) async fn read(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.expect("an answer");
    (response.status(), response.json().await.expect("JSON"))
}

pub(crate) fn id(object: &Value) -> String {
    object["id"].as_str().expect("an id").to_owned()
}

pub(crate) fn was_replayed(response: &Response) -> bool {
    response.headers().get("idempotent-replayed").is_some_and(|value| value == "true")
}

pub(crate) async fn timed_out(request: RequestBuilder) -> bool {
    request.timeout(PATIENCE).send().await.is_err_and(|error| error.is_timeout())
}

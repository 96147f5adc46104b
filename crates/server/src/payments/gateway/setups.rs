//! Customers and their methods at the gateway.

use kernel::{SavedMethodId, UserId};
use serde_json::Value;

use super::GatewayClient;
use super::read::{action_url, code_of};
use crate::payments::method::{MethodView, Token};

const PAGE: &str = "100";

/// What the gateway says of making a method ready for later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::payments) enum SetupOutcome {
    /// It can be charged.
    Ready { setup: String, method: String, shown: Option<MethodView> },
    /// The traveller must go to `url`.
    RequiresAction { setup: String, url: String },
    /// The issuer does not let it be kept, the traveller did not approve, or the request was refused.
    Failed { setup: Option<String>, code: String },
    /// The gateway does not have it.
    NotFound,
    /// Nobody knows; the same key may be sent again.
    Unknown,
}

/// A method to make ready.
pub(in crate::payments) struct Setup<'a> {
    pub(in crate::payments) id: SavedMethodId,
    pub(in crate::payments) user: UserId,
    pub(in crate::payments) customer: &'a str,
    pub(in crate::payments) token: &'a Token,
    pub(in crate::payments) return_url: &'a str,
}

impl GatewayClient {
    /// The gateway's customer for a user, made if there is none. Only our own id goes there: no name, no address.
    pub(in crate::payments) async fn customer(&self, user: UserId) -> Option<String> {
        let form = [("metadata[user]", user.to_string())];
        match self.post("/v1/customers", &format!("customer-{user}"), &form).await {
            Some((200, body)) => body["id"].as_str().map(str::to_owned),
            _ => None,
        }
    }

    /// Makes a method ready for later. Our id of it is the idempotency key.
    pub(in crate::payments) async fn set_up(&self, setup: &Setup<'_>) -> SetupOutcome {
        let mut form = vec![
            ("customer", setup.customer.to_owned()),
            ("payment_method", setup.token.token.clone()),
            ("payment_method_types[]", setup.token.kind.gateway_type().to_owned()),
            ("confirm", "true".into()),
            ("usage", "off_session".into()),
            ("metadata[saved_method]", setup.id.to_string()),
            ("metadata[user]", setup.user.to_string()),
            ("return_url", setup.return_url.to_owned()),
            ("expand[]", "payment_method".into()),
        ];
        form.extend(setup.token.kind.mandate());
        match self.post("/v1/setup_intents", &setup.id.to_string(), &form).await {
            Some((200, body)) => read(&body),
            Some((402, body)) => {
                let setup = body["error"]["setup_intent"]["id"].as_str().map(str::to_owned);
                SetupOutcome::Failed { setup, code: code_of(&body["error"], "declined") }
            }
            Some((400 | 401 | 403 | 404, body)) => {
                SetupOutcome::Failed { setup: None, code: code_of(&body["error"], "request_refused") }
            }
            _ => SetupOutcome::Unknown,
        }
    }

    /// What became of a setup the gateway has told us of.
    pub(in crate::payments) async fn find_setup(&self, setup: &str) -> SetupOutcome {
        let path = format!("/v1/setup_intents/{setup}");
        match self.get(&path, &[("expand[]", "payment_method")]).await {
            Some((200, body)) => read(&body),
            _ => SetupOutcome::Unknown,
        }
    }

    /// What became of a setup that was sent, perhaps, and not answered.
    pub(in crate::payments) async fn search_setup(&self, id: SavedMethodId, customer: &str) -> SetupOutcome {
        let answer = self.get("/v1/setup_intents", &[("customer", customer), ("limit", PAGE)]).await;
        let Some((200, body)) = answer else { return SetupOutcome::Unknown };
        let Some(setups) = body["data"].as_array() else { return SetupOutcome::Unknown };
        let id = id.to_string();
        match setups.iter().find(|found| found["metadata"]["saved_method"].as_str() == Some(&id)) {
            Some(found) => read(found),
            None if body["has_more"] == true => SetupOutcome::Unknown,
            None => SetupOutcome::NotFound,
        }
    }

    /// Gives a setup up that its owner has left.
    pub(in crate::payments) async fn cancel_setup(&self, setup: &str) -> SetupOutcome {
        let request = self.http.post(format!("{}/v1/setup_intents/{setup}/cancel", self.url));
        match self.send(request).await {
            Some((200, body)) => read(&body),
            Some((400, _)) => self.find_setup(setup).await,
            _ => SetupOutcome::Unknown,
        }
    }

    /// Takes a method from its customer; `false` where nobody knows whether that was done. A method that is not there, or
    /// not theirs any more, is gone as well.
    pub(in crate::payments) async fn detach(&self, method: &str) -> bool {
        let request = self.http.post(format!("{}/v1/payment_methods/{method}/detach", self.url));
        matches!(self.send(request).await, Some((200 | 400 | 404, _)))
    }
}

pub(super) fn read(body: &Value) -> SetupOutcome {
    let Some(setup) = body["id"].as_str().map(str::to_owned) else { return SetupOutcome::Unknown };
    let method = &body["payment_method"];
    match body["status"].as_str() {
        Some("succeeded") => match method["id"].as_str().or(method.as_str()) {
            Some(id) => SetupOutcome::Ready { setup, method: id.to_owned(), shown: MethodView::read(method) },
            None => SetupOutcome::Unknown,
        },
        Some("canceled") => SetupOutcome::Failed { setup: Some(setup), code: "abandoned".into() },
        Some("requires_payment_method") => {
            SetupOutcome::Failed { setup: Some(setup), code: code_of(&body["last_setup_error"], "declined") }
        }
        Some("requires_action") => match action_url(&body["next_action"]) {
            Some(url) => SetupOutcome::RequiresAction { setup, url },
            None => SetupOutcome::Unknown,
        },
        _ => SetupOutcome::Unknown,
    }
}

//! `/_test/…`: what Stripe has not, for tests and for the curious.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use crate::Gateway;
use crate::faults::Hostility;
use crate::http::{Answer, Call};
use crate::refusal::Refusal;
use crate::routes::respond;

/// Everything that happened, for a comparison with the books of others.
pub(crate) async fn book(State(gateway): State<Arc<Gateway>>) -> Answer {
    Answer::ok(&gateway.book().everything())
}

/// Rates, chances, and what was injected.
pub(crate) async fn hostility(State(gateway): State<Arc<Gateway>>) -> Answer {
    Answer::ok(&gateway.faults.json())
}

/// From now on these rates, and no others; counted from nothing.
pub(crate) async fn set_hostility(State(gateway): State<Arc<Gateway>>, call: Call) -> Response {
    let set = Hostility::from_pairs(call.params.pairs()).map(|hostility| {
        tracing::info!(?hostility, "the gateway's hostility was set");
        gateway.faults.set(hostility);
        gateway.faults.json()
    });
    respond(set.map_err(Refusal::bad_request))
}

/// Settles what is pending now, whatever the clock says.
pub(crate) async fn settle(State(gateway): State<Arc<Gateway>>) -> Answer {
    Answer::ok(&json!({ "settled": gateway.book().settle_all() }))
}

/// What was delivered, and what is not yet, what has just become due included.
pub(crate) async fn webhooks(State(gateway): State<Arc<Gateway>>) -> Answer {
    drop(gateway.book());
    Answer::ok(&gateway.courier.json())
}

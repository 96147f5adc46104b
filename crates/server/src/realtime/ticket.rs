//! `POST /live/tickets`: what opens a socket, once and within seconds, where neither a cookie nor a header can.

use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use platform::http::Json;
use platform::http::problem::Outcome;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::store;
use crate::access::Caller;
use crate::app::App;

/// How long it is good for.
const LIFE: SignedDuration = SignedDuration::from_secs(30);

/// A ticket.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"ticket": "kPq7…", "expires_at": "2026-06-01T12:00:30Z"}))]
pub(super) struct LiveTicket {
    /// 256 bits; good once.
    ticket: String,
    /// 30 seconds from now.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// A ticket that opens a socket in my name, once and within 30 seconds: for a browser's page on another site, which can send neither our
/// cookie nor a header with a WebSocket. It goes into `Sec-WebSocket-Protocol` as `ticket.…`, beside `udaan.v1`.
#[utoipa::path(post, path = "/live/tickets", tag = "live",
    responses((status = 201, description = "The ticket", body = LiveTicket)))]
pub(super) async fn create_live_ticket(
    State(app): State<App>,
    caller: Caller,
) -> Outcome<(StatusCode, Json<LiveTicket>)> {
    let ticket = URL_SAFE_NO_PAD.encode(app.random.bytes::<32>());
    let expires_at = app.now() + LIFE;
    store::put_ticket(&app.db.read().await?, &hash(&ticket), &caller, expires_at).await?;
    Ok((StatusCode::CREATED, Json(LiveTicket { ticket, expires_at })))
}

/// Whose ticket it was, if it was good; it is not good again.
pub(super) async fn take(app: &App, ticket: &str) -> Outcome<Option<Caller>> {
    Ok(store::take_ticket(&app.db.read().await?, &hash(ticket), app.now()).await?)
}

fn hash(ticket: &str) -> Vec<u8> {
    Sha256::digest(ticket).to_vec()
}

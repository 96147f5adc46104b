//! `POST /me/proof`: whoever is signed in proves again who they are, for what a session left open must not do.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::Category;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use super::store;
use crate::access::Caller;
use crate::app::App;

/// What proves it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "monsoon over malabar"}))]
pub(super) struct Proof {
    password: String,
}

/// Prove again who I am. For some minutes after it (`auth.step_up_minutes`) this session may do what is sensitive.
#[utoipa::path(post, path = "/me/proof", tag = "accounts", request_body = Proof,
    responses((status = 204, description = "Proven")))]
pub(super) async fn prove(
    State(app): State<App>,
    caller: Caller,
    Json(proof): Json<Proof>,
) -> Outcome<StatusCode> {
    let hash = store::password_hash(&app.db.read().await?, caller.user.uuid()).await?;
    if !app.hasher.verify(proof.password, hash).await? {
        return Err(Problem::new(Category::Forbidden, "wrong_proof"));
    }
    let of = (caller.user, caller.session);
    store::sessions::prove(&app.db.read().await?, of, false, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

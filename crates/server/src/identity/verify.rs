//! Showing that an address is one's own: `POST /verification`, and asking for another mail.

use axum::extract::State;
use axum::http::StatusCode;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use super::letters::{Owner, may_go_to, with_token};
use super::one_time::{self, Purpose, Token};
use super::store::addresses;
use crate::access::Caller;
use crate::app::App;
use crate::mail::api::Template;

/// What a mail carried.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "AZPyocXQe7Kk0cD_7gAAAQGT8qHF0HuypNHA_-4AAAIqAZPyocXQe7Kk0cD_7gAA"}))]
pub(super) struct MailedToken {
    /// What stands behind `=` in the mail's link.
    pub(super) token: String,
}

/// Confirm my address with the token of the mail. It is good once, for 24 hours.
#[utoipa::path(post, path = "/verification", tag = "accounts", request_body = MailedToken,
    responses((status = 204, description = "The address is confirmed")))]
pub(super) async fn verify_address(
    State(app): State<App>,
    Json(request): Json<MailedToken>,
) -> Outcome<StatusCode> {
    let token = Token::parse(&request.token)?;
    let tx = app.db.begin().await?;
    one_time::redeem(&app, &tx, &token, Purpose::VerifyAddress).await?;
    addresses::verified(&tx, token.user, app.now()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have another mail sent that confirms my address; none goes if it is confirmed, or if there were several already.
#[utoipa::path(post, path = "/me/verification", tag = "accounts",
    responses((status = 204, description = "It is on its way")))]
pub(super) async fn resend_verification(State(app): State<App>, caller: Caller) -> Outcome<StatusCode> {
    let row = addresses::of_user(&app.db.read().await?, caller.user).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    let owner = Owner::open(&app, &row)?;
    let index = super::api::email_index(&app, &owner.address);
    if row.verified || !may_go_to(&app, &index).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let tx = app.db.begin().await?;
    let token = one_time::issue(&app, &tx, owner.user, Purpose::VerifyAddress, None).await?;
    let letter = with_token(&app, Template::VerifyAddress, &token, Purpose::VerifyAddress);
    owner.write(&app, &tx, &letter).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

//! A new password: forgotten (`POST /password/forgotten`, `POST /password/reset`), or changed (`POST /me/password`).

use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Category, SessionId};
use platform::db::Tx;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use super::api::require_proof;
use super::doors::{self, Factors};
use super::letters::{Owner, may_go_to, notice, with_token};
use super::one_time::{self, Purpose, Token};
use super::password_rules::{self, About};
use super::proof;
use super::register::check_email;
use super::sessions::{EndCause, end_all};
use super::store::{self, addresses, one_time as tokens};
use crate::access::Caller;
use crate::app::App;
use crate::mail::api::Template;

/// Whose password is forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "asha@example.com"}))]
pub(super) struct ForgottenRequest {
    email: String,
}

/// The token of the mail, and the new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "AZPyocXQe7Kk0cD_7gAAAQGT8qHF0HuypNHA_-4AAAIqAZPyocXQe7Kk0cD_7gAA",
    "password": "trains under the ghats"}))]
pub(super) struct ResetRequest {
    token: String,
    /// 15 to 256 characters.
    password: String,
}

/// The password as it is, and as it shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"current": "monsoon over malabar", "password": "trains under the ghats"}))]
pub(super) struct PasswordChange {
    current: String,
    /// 15 to 256 characters; 8 if this session was opened with a second factor.
    password: String,
}

/// Have a mail sent with which a new password can be set, within 30 minutes. The answer is the same whether or not the address has an
/// account, and so is the work.
#[utoipa::path(post, path = "/password/forgotten", tag = "accounts", request_body = ForgottenRequest,
    responses((status = 204, description = "If the address has an account, a mail is on its way")))]
pub(super) async fn forgotten_password(
    State(app): State<App>,
    Json(request): Json<ForgottenRequest>,
) -> Outcome<StatusCode> {
    let email = check_email(&request.email)?;
    let index = app.sealer.blind_index("email", &email.folded);
    let may = may_go_to(&app, &index).await?;
    let tx = app.db.begin().await?;
    let row = addresses::of_email(&tx, &index).await?.filter(|row| !row.disabled);
    let owner = match &row {
        Some(row) => Owner::open(&app, row)?,
        None => Owner::nobody(&app)?,
    };
    addresses::savepoint(&tx).await?;
    let token = one_time::issue(&app, &tx, owner.user, Purpose::ResetPassword, None).await?;
    let letter = with_token(&app, Template::ResetPassword, &token, Purpose::ResetPassword);
    owner.write(&app, &tx, &letter).await?;
    addresses::settle(&tx, row.is_some() && may).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set a new password with the token of the mail. It ends every session and opens none: whoever has a second factor is asked for it
/// at the next login as always. The mail showed that the address is its reader's, so it is confirmed too.
#[utoipa::path(post, path = "/password/reset", tag = "accounts", request_body = ResetRequest,
    responses((status = 204, description = "Set; log in with it")))]
pub(super) async fn reset_password(
    State(app): State<App>,
    Json(request): Json<ResetRequest>,
) -> Outcome<StatusCode> {
    let token = Token::parse(&request.token)?;
    let row = {
        let sql = app.db.read().await?;
        one_time::look(&app, &sql, &token, Purpose::ResetPassword).await?;
        addresses::of_user(&sql, token.user).await?.ok_or_else(one_time::refused)?
    };
    let owner = Owner::open(&app, &row)?;
    check_rules(&app, &owner, &request.password).await?;
    let hash = app.hasher.hash(request.password).await?;
    let tx = app.db.begin().await?;
    one_time::redeem(&app, &tx, &token, Purpose::ResetPassword).await?;
    addresses::set_password(&tx, owner.user, &hash, None).await?;
    if !row.verified {
        // Somebody else may have typed the address; nothing of theirs opens it from now on.
        let (_, ended) = doors::close(&app, &tx, owner.user, Factors::All, EndCause::PasswordChanged).await?;
        app.ended.add(&ended);
    }
    addresses::verified(&tx, owner.user, app.now()).await?;
    finish(&app, tx, &owner, None).await
}

/// Change my password. It needs the current one, and of an account with a second factor a fresh proof with that (`POST /me/proof`): the
/// password may be what was stolen. It ends my other sessions, and a mail says so.
#[utoipa::path(post, path = "/me/password", tag = "accounts", request_body = PasswordChange,
    responses((status = 204, description = "Changed")))]
pub(super) async fn change_password(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<PasswordChange>,
) -> Outcome<StatusCode> {
    if store::second_factors::has_factor(&app.db.read().await?, caller.user).await? {
        require_proof(&app, &caller).await?;
    }
    proof::check_password(&app, &caller, request.current).await?;
    let (row, before) = {
        let sql = app.db.read().await?;
        let row = addresses::of_user(&sql, caller.user).await?;
        (row, store::password_hash(&sql, caller.user.uuid()).await?)
    };
    let row = row.ok_or_else(|| Problem::new(Category::Unauthenticated, "unauthenticated"))?;
    let owner = Owner::open(&app, &row)?;
    check_rules(&app, &owner, &request.password).await?;
    let hash = app.hasher.hash(request.password).await?;
    let tx = app.db.begin().await?;
    // Somebody may have set another one meanwhile, and theirs holds.
    if !addresses::set_password(&tx, owner.user, &hash, before.as_deref()).await? {
        return Err(Problem::new(Category::Forbidden, "wrong_proof"));
    }
    finish(&app, tx, &owner, Some(caller.session)).await
}

/// Where a second factor is asked for as well, a shorter password will do.
async fn check_rules(app: &App, owner: &Owner, password: &str) -> Result<(), Problem> {
    let second_factor = store::second_factors::has_factor(&app.db.read().await?, owner.user).await?;
    let airline = &app.config.booking.airline_name;
    let about = About { airline, name: &owner.name, email: &owner.address, second_factor };
    password_rules::check(password, &about)
}

/// What every new password brings: no other session, no known device, no token but the one that brings an old address back, and a mail.
async fn finish(app: &App, tx: Tx, owner: &Owner, keep: Option<SessionId>) -> Outcome<StatusCode> {
    tokens::drop_all(&tx, owner.user, Some(Purpose::RestoreAddress.as_str())).await?;
    store::doors::forget_devices(&tx, owner.user).await?;
    let ended = end_all(app, &tx, owner.user, keep, EndCause::PasswordChanged).await?;
    owner.write(app, &tx, &notice(app, Template::PasswordChanged)).await?;
    tx.commit().await?;
    app.ended.add(&ended);
    metrics::counter!("passwords_changed_total").increment(1);
    tracing::info!(user.id = %owner.user, "password changed");
    Ok(StatusCode::NO_CONTENT)
}

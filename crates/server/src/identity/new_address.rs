//! Another address: asked for (`POST /me/email`), confirmed from the new one (`POST /email/confirm`), and taken back from the old
//! one (`POST /email/restore`).

use axum::extract::State;
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use platform::db::Tx;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use platform::seal::Place;
use serde::Deserialize;
use utoipa::ToSchema;

use super::api::require_proof;
use super::doors::{self, Factors};
use super::email::Email;
use super::letters::{Owner, may_go_to, notice, with_token};
use super::one_time::{self, Purpose, Token};
use super::register::check_email;
use super::sessions::EndCause;
use super::store::{addresses, one_time as tokens};
use super::verify::MailedToken;
use crate::access::Caller;
use crate::app::App;
use crate::mail::api::Template;

/// Second factors this young go when an address is taken back. A thief adds one before changing the address as well as after, so the day
/// of the change is no border; the way back is good for seven days, so this is three weeks before the change at least, and the owner had a
/// mail of each that was added. Those that are older stay: a mailbox that was given up, or broken into, must not open an account that its
/// owner protects with a second factor.
const DOUBTFUL: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Where mail shall reach me.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "asha.rao@example.com"}))]
pub(super) struct AddressRequest {
    email: String,
}

fn place(owner: &Owner) -> Place {
    Place::new("account_tokens.address_sealed", owner.user.uuid())
}

/// Change my address. A mail goes to the new one, and it counts once that is confirmed. It needs a fresh proof (`POST /me/proof`).
/// Whether the address is somebody else's is not said; its owner is told.
#[utoipa::path(post, path = "/me/email", tag = "accounts", request_body = AddressRequest,
    responses((status = 204, description = "A mail to the new address tells the rest")))]
pub(super) async fn change_address(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<AddressRequest>,
) -> Outcome<StatusCode> {
    require_proof(&app, &caller).await?;
    let email = check_email(&request.email)?;
    let index = app.sealer.blind_index("email", &email.folded);
    if !may_go_to(&app, &index).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let tx = app.db.begin().await?;
    let row = addresses::of_user(&tx, caller.user).await?.ok_or_else(Problem::not_found)?;
    let owner = Owner::open(&app, &row)?;
    let taken = addresses::is_taken(&tx, &index, owner.user, app.now()).await?;
    let other = addresses::of_email(&tx, &index).await?;
    addresses::savepoint(&tx).await?;
    let sealed = app.sealer.seal(&owner.key, place(&owner), email.typed.as_bytes())?;
    let token = one_time::issue(&app, &tx, owner.user, Purpose::ChangeAddress, Some(&sealed)).await?;
    addresses::settle(&tx, !taken).await?;
    match (taken, other) {
        (false, _) => {
            let letter = with_token(&app, Template::ConfirmAddress, &token, Purpose::ChangeAddress);
            owner.write_to(&app, &tx, &email.typed, &letter).await?;
        }
        (true, Some(other)) => {
            let letter = notice(&app, Template::AccountExists);
            Owner::open(&app, &other)?.write(&app, &tx, &letter).await?;
        }
        (true, None) => {}
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Confirm my new address with the token of the mail. From now on it is the account's; a mail to the old one says so, with a way back
/// that is good for seven days.
#[utoipa::path(post, path = "/email/confirm", tag = "accounts", request_body = MailedToken,
    responses((status = 204, description = "The new address counts")))]
pub(super) async fn confirm_address(
    State(app): State<App>,
    Json(request): Json<MailedToken>,
) -> Outcome<StatusCode> {
    let token = Token::parse(&request.token)?;
    let (tx, now) = (app.db.begin().await?, app.now());
    let kept_until = now + Purpose::RestoreAddress.life();
    let (owner, _) = redeem_address(&app, &tx, (&token, Purpose::ChangeAddress), Some(kept_until)).await?;
    tokens::drop_all(&tx, owner.user, Some(Purpose::RestoreAddress.as_str())).await?;
    let before = app.sealer.seal(&owner.key, place(&owner), owner.address.as_bytes())?;
    let back = one_time::issue(&app, &tx, owner.user, Purpose::RestoreAddress, Some(&before)).await?;
    let letter = with_token(&app, Template::AddressChanged, &back, Purpose::RestoreAddress);
    owner.write(&app, &tx, &letter).await?;
    tx.commit().await?;
    tracing::info!(user.id = %owner.user, "address changed");
    Ok(StatusCode::NO_CONTENT)
}

/// Take my old address back with the token of the mail that said it was changed. Every session ends, second factors of the last 30 days,
/// recovery codes made since then and links with providers go, and a mail to it sets a new password.
#[utoipa::path(post, path = "/email/restore", tag = "accounts", request_body = MailedToken,
    responses((status = 204, description = "The old address counts again")))]
pub(super) async fn restore_address(
    State(app): State<App>,
    Json(request): Json<MailedToken>,
) -> Outcome<StatusCode> {
    let token = Token::parse(&request.token)?;
    let tx = app.db.begin().await?;
    let (owner, email) = redeem_address(&app, &tx, (&token, Purpose::RestoreAddress), None).await?;
    // Whoever took the account may have left a door open.
    let (_, ended) =
        doors::close(&app, &tx, owner.user, Factors::Younger(DOUBTFUL), EndCause::AddressRestored).await?;
    let reset = one_time::issue(&app, &tx, owner.user, Purpose::ResetPassword, None).await?;
    let letter = with_token(&app, Template::ResetPassword, &reset, Purpose::ResetPassword);
    owner.write_to(&app, &tx, &email.typed, &letter).await?;
    tx.commit().await?;
    app.ended.add(&ended);
    tracing::warn!(user.id = %owner.user, "a changed address was taken back");
    Ok(StatusCode::NO_CONTENT)
}

/// Makes the address a token is about the account's. The others of it stay kept for it until then, or are free at once. The account
/// as it was before, and the address.
async fn redeem_address(
    app: &App,
    tx: &Tx,
    (token, purpose): (&Token, Purpose),
    kept_until: Option<Timestamp>,
) -> Result<(Owner, Email), Problem> {
    let sealed = one_time::redeem(app, tx, token, purpose).await?;
    let row = addresses::of_user(tx, token.user).await?.ok_or_else(one_time::refused)?;
    let owner = Owner::open(app, &row)?;
    let email = opened(app, &owner, sealed)?;
    let (index, now) = (app.sealer.blind_index("email", &email.folded), app.now());
    // Somebody else may have registered it meanwhile.
    if !addresses::claim(tx, &index, owner.user, now).await? {
        return Err(one_time::refused());
    }
    addresses::retire_others(tx, owner.user, &index, kept_until).await?;
    let place = Place::new("users.email_sealed", owner.user.uuid());
    let email_sealed = app.sealer.seal(&owner.key, place, email.typed.as_bytes())?;
    addresses::set_address(tx, owner.user, &email_sealed, now).await?;
    Ok((owner, email))
}

/// The address a token is about.
fn opened(app: &App, owner: &Owner, sealed: Option<Vec<u8>>) -> Result<Email, Problem> {
    let sealed = sealed.ok_or_else(one_time::refused)?;
    let bytes = app.sealer.open(&owner.key, place(owner), &sealed)?;
    let text = String::from_utf8(bytes).map_err(Problem::internal)?;
    Email::parse(&text).ok_or_else(|| Problem::internal(anyhow::anyhow!("a stored address that is none")))
}

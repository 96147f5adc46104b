//! Somebody lost every second factor and every recovery code: an administrator, who knows them, lets them begin anew.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Category, UserId};
use platform::http::problem::Outcome;
use platform::http::{Path, Problem};
use serde_json::json;

use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::identity::letters::tell;
use crate::identity::sessions::{EndCause, end_all};
use crate::identity::store::second_factors as store;
use crate::identity::store::{accounts, doors};
use crate::mail::api::Template;

/// Take all second factors of an account away, and its recovery codes: it signs in with its password alone, staff only to add one.
/// Be sure who asks: this is what somebody would ask for who has stolen the password. Its sessions end.
#[utoipa::path(delete, path = "/admin/accounts/{id}/second-factors", tag = "operations",
    params(("id" = String, Path, description = "The account", example = "usr_0193f2a1c5d07bb2a4d1c0ffee000001")),
    responses((status = 204, description = "It has none"),
        (status = 422, description = "`own_account`")))]
pub(in crate::identity) async fn reset_second_factors(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<UserId>,
) -> Outcome<StatusCode> {
    if id == actor.user {
        return Err(Problem::new(Category::Unprocessable, "own_account"));
    }
    let tx = app.db.begin().await?;
    accounts::lock_account(&tx, id).await?.ok_or_else(Problem::not_found)?;
    let removed = store::remove(&tx, id, None).await?;
    store::replace_recovery_codes(&tx, id, &[], app.now()).await?;
    store::forget_login_tokens(&tx, id).await?;
    doors::forget_devices(&tx, id).await?;
    if removed > 0 {
        tell(&app, &tx, id, Template::SecondFactorsReset).await?;
    }
    let act = Act::new("account.reset_second_factors", &id).before(&json!({"second_factors": removed}));
    audit::record(&app, &tx, &actor, act.after(&json!({"second_factors": 0}))).await?;
    let ended = end_all(&app, &tx, id, None, EndCause::FactorsChanged).await?;
    tx.commit().await?;
    app.ended.add(&ended);
    Ok(StatusCode::NO_CONTENT)
}

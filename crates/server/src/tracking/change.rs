//! `PATCH` and `DELETE /price-watches/{id}`: waiting for something else, pausing, going on, and no more.

use axum::extract::State;
use axum::http::StatusCode;
use domain::tracking::Wish;
use kernel::{Category, Money, WatchId};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use super::begin::{begin, bought, wish};
use super::list;
use super::store::{ends, watches as store};
use super::view::PriceWatch;
use crate::access::Caller;
use crate::app::App;

/// What to change; members left out stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PriceWatchChange, example = json!({"paused": true}))]
pub(super) struct WatchPatch {
    /// Whether to tell nothing for now. Going on begins anew, with the price of then.
    paused: Option<bool>,
    /// Another price to wait for, in place of what was waited for.
    target: Option<Money>,
    /// Another fall to wait for, in place of what was waited for.
    #[schema(minimum = 1, maximum = 90)]
    drop_percent: Option<u8>,
    /// Whether to mail me as well.
    email: Option<bool>,
}

/// Change a watch. Whoever waits for something else, or goes on after a pause, is told of what falls from then on.
#[utoipa::path(patch, path = "/price-watches/{id}", tag = "prices", request_body = WatchPatch,
    params(("id" = String, Path, description = "Watch id", example = "wtc_0193f2a1c5d07bb2a4d1c0ffee00000f")),
    responses((status = 200, description = "The watch, changed", body = PriceWatch),
        (status = 409, description = "`watch_over`")))]
pub(super) async fn change_price_watch(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WatchId>,
    Json(patch): Json<WatchPatch>,
) -> Outcome<Json<PriceWatch>> {
    let (tx, now) = (app.db.begin().await?, app.now());
    let mut row = store::lock(&tx, (caller.user, id)).await?.ok_or_else(Problem::not_found)?;
    if row.expires_at <= now {
        return Err(Problem::new(Category::Conflict, "watch_over"));
    }
    if row.booking.is_some() && bought(&tx, &row).await?.is_none() {
        ends::end(&tx, &[row], now).await?;
        tx.commit().await?;
        return Err(Problem::new(Category::Conflict, "watch_over"));
    }
    let wanted: Option<Wish> = match (patch.target, patch.drop_percent) {
        (None, None) => None,
        (target, percent) => Some(wish(target, percent)?),
    };
    let goes_on = patch.paused == Some(false) && row.paused_at.is_some();
    if wanted.is_some() || goes_on {
        let wish = wanted.unwrap_or(row.watch.wish);
        begin(&app, &tx, &mut row, wish).await?;
        row.due_date = None;
    }
    row.paused_at = match patch.paused {
        Some(true) => row.paused_at.or(Some(now)),
        Some(false) => None,
        None => row.paused_at,
    };
    row.by_mail = patch.email.unwrap_or(row.by_mail);
    store::change(&tx, &row).await?;
    let view = list::one(&app, &tx, (caller.user, id)).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// Watch it no more.
#[utoipa::path(delete, path = "/price-watches/{id}", tag = "prices",
    params(("id" = String, Path, description = "Watch id", example = "wtc_0193f2a1c5d07bb2a4d1c0ffee00000f")),
    responses((status = 204, description = "It is gone")))]
pub(super) async fn delete_price_watch(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WatchId>,
) -> Outcome<StatusCode> {
    if !store::delete(&app.db.read().await?, (caller.user, id)).await? {
        return Err(Problem::not_found());
    }
    Ok(StatusCode::NO_CONTENT)
}

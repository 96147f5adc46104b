//! `GET /price-watches` and `GET /price-watches/{id}`: what I watch, and what it costs now.

use axum::extract::State;
use kernel::{UserId, WatchId};
use platform::db::Sql;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::begin::{Key, pricing};
use super::look::price_flights;
use super::store::watches as store;
use super::view::PriceWatch;
use crate::access::Caller;
use crate::app::App;

/// What I watch, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"watches": [], "most": 50}))]
pub(super) struct PriceWatches {
    watches: Vec<PriceWatch>,
    /// As many as I can have.
    most: i16,
}

/// The prices that I watch, with what each is now.
#[utoipa::path(get, path = "/price-watches", tag = "prices",
    responses((status = 200, description = "All of them", body = PriceWatches)))]
pub(super) async fn list_price_watches(
    State(app): State<App>,
    caller: Caller,
) -> Outcome<Json<PriceWatches>> {
    let sql = app.db.snapshot().await?;
    let watches = all(&app, &sql, caller.user).await?;
    Ok(Json(PriceWatches { watches, most: app.config.tracking.watches }))
}

/// One price that I watch.
#[utoipa::path(get, path = "/price-watches/{id}", tag = "prices",
    params(("id" = String, Path, description = "Watch id", example = "wtc_0193f2a1c5d07bb2a4d1c0ffee00000f")),
    responses((status = 200, description = "The watch", body = PriceWatch)))]
pub(super) async fn get_price_watch(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<WatchId>,
) -> Outcome<Json<PriceWatch>> {
    let sql = app.db.snapshot().await?;
    Ok(Json(one(&app, &sql, (caller.user, id)).await?))
}

/// All that somebody watches.
pub(super) async fn all(app: &App, sql: &Sql, user: UserId) -> Result<Vec<PriceWatch>, Problem> {
    let now = app.now();
    let mut rows = store::all(sql, user).await?;
    price_flights(sql, &pricing(app), &mut rows, now).await?;
    Ok(rows.iter().map(|(row, price)| PriceWatch::of(row, *price, now)).collect())
}

/// One of somebody's.
pub(super) async fn one(app: &App, sql: &Sql, key: Key) -> Result<PriceWatch, Problem> {
    let now = app.now();
    let mut rows = [store::find(sql, key).await?.ok_or_else(Problem::not_found)?];
    price_flights(sql, &pricing(app), &mut rows, now).await?;
    let [(row, price)] = rows;
    Ok(PriceWatch::of(&row, price, now))
}

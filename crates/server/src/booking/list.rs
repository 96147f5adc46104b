//! `GET /bookings`: my flights, upcoming and past.

use axum::extract::State;
use kernel::BookingId;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::store;
use super::view::{self, BookingView};
use crate::access::Caller;
use crate::app::App;
use crate::check_in::api::Filed;
use crate::identity;

const LIMIT_MAX: i64 = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct BookingQuery {
    /// `upcoming`: the last flight has not arrived; `past`: it has. Both if left out.
    #[param(example = "upcoming")]
    when: Option<String>,
    /// At most so many, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of bookings, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"bookings": [], "next_cursor": null}))]
pub(super) struct BookingList {
    bookings: Vec<BookingView>,
    /// Null at the end.
    next_cursor: Option<String>,
}

/// My bookings.
#[utoipa::path(get, path = "/bookings", tag = "bookings", params(BookingQuery),
    responses((status = 200, description = "A page of my bookings", body = BookingList)))]
pub(super) async fn list_bookings(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<BookingQuery>,
) -> Outcome<Json<BookingList>> {
    let upcoming = match query.when.as_deref() {
        None => None,
        Some("upcoming") => Some(true),
        Some("past") => Some(false),
        Some(_) => return Err(Problem::invalid("when", "it must be upcoming or past")),
    };
    let limit = query.limit.unwrap_or(20);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
    }
    let bad_cursor = |_| Problem::invalid("cursor", "it must be a next_cursor of this list");
    let before: Option<BookingId> =
        query.cursor.as_deref().map(str::parse).transpose().map_err(bad_cursor)?;
    let sql = app.db.snapshot().await?;
    let key = identity::api::user_key(&sql, &app.sealer, caller.user).await?;
    let mut rows = store::list(&sql, caller.user, upcoming, app.now(), before, limit + 1).await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let next_cursor = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let (mut bookings, filed) = (Vec::with_capacity(rows.len()), Filed::default());
    for row in rows {
        bookings.push(view::load_one_of(&app, &sql, row, (&key, &filed)).await?);
    }
    Ok(Json(BookingList { bookings, next_cursor }))
}

//! `GET /bookings`: my flights, upcoming and past.

use axum::extract::State;
use jiff::Timestamp;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::store::{self, Behind};
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
    /// `upcoming`: the last flight has not arrived, and the trip that ends soonest is first; `past`: it has, and the one that ended last is
    /// first. Both if left out, the last made first.
    #[param(example = "upcoming")]
    when: Option<String>,
    /// At most so many, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of bookings.
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
    let when = When::parse(query.when.as_deref())?;
    let limit = query.limit.unwrap_or(20);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
    }
    let bad_cursor = || Problem::invalid("cursor", "it must be a next_cursor of this list");
    let behind =
        query.cursor.as_deref().map(|cursor| read_cursor(cursor).ok_or_else(bad_cursor)).transpose()?;
    let sql = app.db.snapshot().await?;
    let key = identity::api::user_key(&sql, &app.sealer, caller.user).await?;
    let mut rows = match when {
        When::Upcoming => store::upcoming(&sql, caller.user, app.now(), behind, limit + 1).await?,
        When::Past => store::past(&sql, caller.user, app.now(), behind, limit + 1).await?,
        When::Always => store::all(&sql, caller.user, behind.map(|(_, id)| id), limit + 1).await?,
    };
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let next_cursor = rows.last().filter(|_| more).map(|row| cursor((row.trip_ends_at, row.id)));
    let (mut bookings, filed) = (Vec::with_capacity(rows.len()), Filed::default());
    for row in rows {
        bookings.push(view::load_one_of(&app, &sql, row, (&key, &filed)).await?);
    }
    Ok(Json(BookingList { bookings, next_cursor }))
}

#[derive(Clone, Copy)]
enum When {
    Upcoming,
    Past,
    Always,
}

impl When {
    fn parse(word: Option<&str>) -> Result<Self, Problem> {
        match word {
            None => Ok(Self::Always),
            Some("upcoming") => Ok(Self::Upcoming),
            Some("past") => Ok(Self::Past),
            Some(_) => Err(Problem::invalid("when", "it must be upcoming or past")),
        }
    }
}

/// The last of a page, as its cursor writes it: when its trip ends, microseconds since 1970, and its id.
fn cursor((ends_at, id): Behind) -> String {
    format!("{}~{id}", ends_at.as_microsecond())
}

fn read_cursor(text: &str) -> Option<Behind> {
    let (ends_at, id) = text.split_once('~')?;
    Some((Timestamp::from_microsecond(ends_at.parse().ok()?).ok()?, id.parse().ok()?))
}

//! `GET /me/reviews` and `GET /flights/{id}/review`: what I wrote, and which flights I can still review.

use std::collections::BTreeMap;

use axum::extract::State;
use domain::days::is_in_time;
use jiff::{SignedDuration, Timestamp};
use kernel::{AirportCode, BookingId, FlightId, FlightNumber, ReviewId};
use platform::db::Sql;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::store;
use super::view::MyReview;
use super::write::require;
use crate::access::Caller;
use crate::app::App;
use crate::booking::api as booking;
use crate::flights::api::{self as flights, local_rfc3339};

const LIMIT_MAX: i64 = 100;
/// How much later than planned a trip can end.
const LATE_AT_MOST: SignedDuration = SignedDuration::from_hours(72);

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MyReviewQuery {
    /// At most so many, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<ReviewId>,
}

/// A flight I have flown and said nothing of.
#[derive(Serialize, ToSchema)]
pub(super) struct ToReview {
    #[schema(value_type = String)]
    flight_id: FlightId,
    #[schema(value_type = String, example = "KR1")]
    flight_number: FlightNumber,
    #[schema(value_type = String, example = "ABE")]
    origin: AirportCode,
    #[schema(value_type = String, example = "ATL")]
    destination: AirportCode,
    /// Scheduled departure, RFC 3339 with the local offset.
    departs_at: String,
    #[schema(value_type = String)]
    booking_id: BookingId,
    /// Until then.
    #[schema(value_type = String, format = DateTime)]
    reviewable_until: Timestamp,
}

/// What I wrote, the newest first, and what I could write of.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"reviews": [], "to_review": [{"flight_id": "flt_20261201000080008000b97700134001", "flight_number": "KR1",
    "origin": "ABE", "destination": "ATL", "departs_at": "2026-12-01T08:35:00-05:00",
    "booking_id": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002", "reviewable_until": "2027-03-01T15:35:00Z"}], "next_cursor": null}))]
pub(super) struct MyReviews {
    reviews: Vec<MyReview>,
    /// On the first page; the flight that left last comes first.
    to_review: Vec<ToReview>,
    /// Null at the end.
    #[schema(value_type = Option<String>)]
    next_cursor: Option<ReviewId>,
}

/// What I wrote, and the flights that I can review.
#[utoipa::path(get, path = "/me/reviews", tag = "reviews", params(MyReviewQuery),
    responses((status = 200, description = "A page of my reviews", body = MyReviews)))]
pub(super) async fn list_my_reviews(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<MyReviewQuery>,
) -> Outcome<Json<MyReviews>> {
    let limit = query.limit.unwrap_or(20);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
    }
    let sql = app.db.read().await?;
    let mut rows = store::of_user(&sql, caller.user, query.cursor, limit + 1).await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let to_review = if query.cursor.is_none() { to_review(&app, &sql, &caller).await? } else { Vec::new() };
    Ok(Json(MyReviews {
        next_cursor: rows.last().filter(|_| more).map(|row| row.id),
        reviews: rows.iter().map(|row| MyReview::of(&app, row)).collect(),
        to_review,
    }))
}

async fn to_review(app: &App, sql: &Sql, caller: &Caller) -> Result<Vec<ToReview>, Problem> {
    let (now, days) = (app.now(), app.config.reviews.write_days);
    let window = SignedDuration::from_hours(24 * i64::from(days));
    let travels = booking::travels_of(sql, caller.user, (None, Some(now - window - LATE_AT_MOST))).await?;
    let require = require(app);
    let mut bookings: BTreeMap<FlightId, BookingId> = BTreeMap::new();
    for travel in travels.iter().filter(|travel| require.allows(travel.coupon)) {
        bookings.insert(travel.flight, travel.booking);
    }
    let written = store::of_user(sql, caller.user, None, i64::MAX).await?;
    bookings.retain(|flight, _| written.iter().all(|row| row.flight != *flight));
    let ids: Vec<FlightId> = bookings.keys().copied().collect();
    let mut rows = flights::flight_rows(sql, &ids).await?;
    rows.retain(|row| {
        let (departs, arrives) = row.expected();
        departs <= now && !row.is_cancelled() && is_in_time(arrives, days, now)
    });
    rows.sort_by_key(|row| std::cmp::Reverse(row.departs_at));
    let directory = app.directory.load();
    let to_review = |row: flights::FlightRow| {
        Some(ToReview {
            flight_id: row.id,
            flight_number: row.number,
            origin: row.origin,
            destination: row.destination,
            departs_at: local_rfc3339(row.departs_at, &directory.zone(row.origin)),
            booking_id: *bookings.get(&row.id)?,
            reviewable_until: row.expected().1 + window,
        })
    };
    Ok(rows.into_iter().filter_map(to_review).collect())
}

/// My review of a flight.
#[utoipa::path(get, path = "/flights/{id}/review", tag = "reviews",
    params(("id" = String, Path, description = "Flight id", example = "flt_20261201000080008000b97700134001")),
    responses((status = 200, description = "My review", body = MyReview)))]
pub(super) async fn get_my_review(
    State(app): State<App>,
    caller: Caller,
    Path(flight): Path<FlightId>,
) -> Outcome<Json<MyReview>> {
    let number = flight.key().ok_or_else(Problem::not_found)?.number;
    let row = store::find_of(&app.db.read().await?, caller.user, number, flight).await?;
    Ok(Json(MyReview::of(&app, &row.ok_or_else(Problem::not_found)?)))
}

//! `POST /price-watches`: watching a route and its dates, a flight, or the fare that was bought.

use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use kernel::{AirportCode, BookingId, Cabin, Category, FlightId, Money, WatchId};
use platform::db::Sql;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use super::begin::{begin, nothing, wish};
use super::list;
use super::prices::SEATS_MAX;
use super::store::watches::{self as store, WatchRow};
use super::view::PriceWatch;
use crate::access::Caller;
use crate::app::App;
use crate::booking::api as booking;
use crate::flights::api as flights;
use crate::identity;

/// Nothing is on sale further ahead: airlines file less than a year.
const AHEAD_DAYS: i64 = 400;
/// Whoever makes watches with several devices at once is let in line so often.
const ATTEMPTS: usize = 5;

/// What to watch: a `route`, or a flight, alone or as it was bought with a booking. And what to wait for: `target` or `drop_percent`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPriceWatch, example = json!({"route": {"origin": "ABE", "destination": "LAX", "date": "2026-12-01", "to_date": "2026-12-05"},
    "cabin": "economy", "seats": 2, "drop_percent": 10, "email": true}))]
pub(super) struct WatchBody {
    /// The direct flights of a route.
    route: Option<RouteBody>,
    /// One flight.
    #[schema(value_type = Option<String>)]
    flight_id: Option<FlightId>,
    /// With `flight_id`: my booking, whose fare is watched. Cabin and seats are the booking's.
    #[schema(value_type = Option<String>)]
    booking_id: Option<BookingId>,
    /// economy, `premium_economy`, business or first; economy if left out.
    cabin: Option<Cabin>,
    /// How many must find seats in one class, 1 to 9; one if left out.
    #[schema(minimum = 1, maximum = 9)]
    seats: Option<i16>,
    /// Tell me when one adult pays this or less …
    target: Option<Money>,
    /// … or so many percent less than now, or than the fare I bought: 1 to 90.
    #[schema(minimum = 1, maximum = 90)]
    drop_percent: Option<u8>,
    /// Whether to mail me as well; yes if left out.
    email: Option<bool>,
}

/// A route and its dates.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WatchedRoute, example = json!({"origin": "ABE", "destination": "LAX", "date": "2026-12-01", "to_date": "2026-12-05"}))]
struct RouteBody {
    /// Airport of departure.
    #[schema(value_type = String, example = "ABE")]
    origin: AirportCode,
    /// Airport of arrival.
    #[schema(value_type = String, example = "LAX")]
    destination: AirportCode,
    /// The first date of departure, local at the origin.
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// The last, if there are several: the cheapest counts.
    #[schema(value_type = Option<String>, format = Date)]
    to_date: Option<Date>,
}

/// Watch a price. I am told when it falls, by my inbox and, if I want, by mail; not of a class that has no seats for all of us. 404 for a
/// flight or a booking that is not there, or not mine.
#[utoipa::path(post, path = "/price-watches", tag = "prices", request_body = WatchBody,
    responses((status = 201, description = "Watched from now on", body = PriceWatch),
        (status = 404, description = "`not_found`"),
        (status = 409, description = "`too_many_watches`"),
        (status = 422, description = "`invalid_field`, `unknown_airport`, `same_airport`")))]
pub(super) async fn watch_price(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<WatchBody>,
) -> Outcome<(StatusCode, Json<PriceWatch>)> {
    let (tx, wish) = (app.db.begin().await?, wish(body.target, body.drop_percent)?);
    let mut row = row(&app, &tx, &caller, &body).await?;
    begin(&app, &tx, &mut row, wish).await?;
    identity::api::hold_account(&tx, caller.user).await?;
    keep(&app, &tx, &row).await?;
    let view = list::one(&app, &tx, (row.user, row.id)).await?;
    tx.commit().await?;
    metrics::counter!("price_watches_made_total").increment(1);
    Ok((StatusCode::CREATED, Json(view)))
}

/// Writes it down, unless there are too many. Whoever wants the same slot at once waits until this is committed.
async fn keep(app: &App, sql: &Sql, row: &WatchRow) -> Result<(), Problem> {
    let most = app.config.tracking.watches;
    for _ in 0..ATTEMPTS {
        if store::insert(sql, row, most).await? {
            return Ok(());
        }
        if store::count(sql, row.user).await? >= i64::from(most) {
            return Err(Problem::new(Category::Conflict, "too_many_watches").arg("most", most.to_string()));
        }
    }
    Err(Problem::new(Category::Unavailable, "busy").retry_after(1))
}

/// What is to be watched, checked; what is waited for is filled in later.
async fn row(app: &App, sql: &Sql, caller: &Caller, body: &WatchBody) -> Result<WatchRow, Problem> {
    let seats = body.seats.unwrap_or(1);
    if !usize::try_from(seats).is_ok_and(|seats| (1..=SEATS_MAX).contains(&seats)) {
        return Err(Problem::invalid("seats", format!("it must be 1 to {SEATS_MAX}")));
    }
    let (origin, destination, dates) = match (&body.route, body.flight_id) {
        (Some(route), None) => of_route(app, route)?,
        (None, Some(flight)) => of_flight(sql, flight).await?,
        _ => return Err(Problem::invalid("route", "say either route or flight_id")),
    };
    let mut row = WatchRow {
        user: caller.user,
        id: app.new_id(WatchId::new),
        origin,
        destination,
        dates,
        flight: body.flight_id,
        booking: body.booking_id,
        cabin: body.cabin.unwrap_or(Cabin::Economy),
        seats,
        by_mail: body.email.unwrap_or(true),
        watch: nothing(domain::tracking::Wish::Target(0)),
        waits: false,
        due_date: None,
        tries: 0,
        times: 0,
        told_at: None,
        paused_at: None,
        expires_at: expires(app, origin, dates.1)?,
        created_at: app.now(),
    };
    if let Some(id) = body.booking_id {
        let flight = body
            .flight_id
            .ok_or_else(|| Problem::invalid("booking_id", "say flight_id too: which of its flights"))?;
        if body.cabin.is_some() || body.seats.is_some() {
            return Err(Problem::invalid("booking_id", "cabin and seats are the booking's: leave them out"));
        }
        let bought = booking::bought(sql, (id, caller.user), flight).await?.ok_or_else(Problem::not_found)?;
        (row.cabin, row.seats) = (bought.cabin, bought.seats.into());
    }
    let today = app.now().to_zoned(app.directory.load().zone(origin)).date();
    check_dates(app, dates, today)?;
    Ok(row)
}

type Watched = (AirportCode, AirportCode, (Date, Date));

fn of_route(app: &App, route: &RouteBody) -> Result<Watched, Problem> {
    let directory = app.directory.load();
    for (field, code) in [("origin", route.origin), ("destination", route.destination)] {
        if directory.airport(code).is_none() {
            let unknown = Problem::new(Category::Unprocessable, "unknown_airport");
            return Err(unknown.arg("airport", code.to_string()).field(field));
        }
    }
    if route.origin == route.destination {
        return Err(Problem::new(Category::Unprocessable, "same_airport").field("destination"));
    }
    Ok((route.origin, route.destination, (route.date, route.to_date.unwrap_or(route.date))))
}

async fn of_flight(sql: &Sql, flight: FlightId) -> Result<Watched, Problem> {
    let row = flights::flight_rows(sql, &[flight]).await?.pop().ok_or_else(Problem::not_found)?;
    let date = flight.date().ok_or_else(Problem::not_found)?;
    Ok((row.origin, row.destination, (date, date)))
}

fn check_dates(app: &App, (from, until): (Date, Date), today: Date) -> Result<(), Problem> {
    let ahead = today.checked_add(AHEAD_DAYS.days()).unwrap_or(Date::MAX);
    if !(today..=ahead).contains(&from) {
        return Err(Problem::invalid("date", format!("it must be {today} to {ahead}")));
    }
    let most = app.config.tracking.range_days;
    let last = from.checked_add((most - 1).days()).unwrap_or(from);
    if !(from..=last).contains(&until) {
        return Err(Problem::invalid("to_date", format!("it must be {from} to {last}: {most} days at most")));
    }
    Ok(())
}

/// The end of a date at an airport.
fn expires(app: &App, origin: AirportCode, date: Date) -> Result<Timestamp, Problem> {
    let too_late = |_| Problem::invalid("date", "there is no such day");
    let zone = app.directory.load().zone(origin);
    Ok(date.tomorrow().map_err(too_late)?.to_zoned(zone).map_err(too_late)?.timestamp())
}

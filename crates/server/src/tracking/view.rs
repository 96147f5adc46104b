//! A watch on the wire.

use domain::tracking::Wish;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{AirportCode, BookingId, Cabin, FlightId, FlightNumber, Money, WatchId};
use serde::Serialize;
use utoipa::ToSchema;

use super::store::watches::{Priced, WatchRow};
use crate::flights::api::FILING_CURRENCY;

/// A price that I watch.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "wtc_0193f2a1c5d07bb2a4d1c0ffee00000f", "origin": "ABE", "destination": "LAX", "date": "2026-12-01",
    "to_date": "2026-12-05", "flight_id": null, "flight_number": null, "booking_id": null, "cabin": "economy", "seats": 2,
    "target": null, "drop_percent": 10, "email": true, "status": "watching", "price": {"amount": 18900, "currency": "USD"},
    "price_date": "2026-12-02", "compared_with": {"amount": 18900, "currency": "USD"}, "times_told": 0, "told_at": null,
    "created_at": "2026-11-01T10:00:00Z", "expires_at": "2026-12-06T05:00:00Z"}))]
pub(super) struct PriceWatch {
    #[schema(value_type = String)]
    id: WatchId,
    #[schema(value_type = String, example = "ABE")]
    origin: AirportCode,
    #[schema(value_type = String, example = "LAX")]
    destination: AirportCode,
    /// The first date, local at the origin.
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// The last; the same where it is one.
    #[schema(value_type = String, format = Date)]
    to_date: Date,
    /// The flight, if not all direct ones of the route are watched.
    #[schema(value_type = Option<String>)]
    flight_id: Option<FlightId>,
    /// Its number.
    #[schema(value_type = Option<String>, example = "KR1")]
    flight_number: Option<FlightNumber>,
    /// The booking whose fare is watched.
    #[schema(value_type = Option<String>)]
    booking_id: Option<BookingId>,
    cabin: Cabin,
    /// How many must find seats in one class.
    seats: i16,
    /// Told when one adult pays this or less …
    target: Option<Money>,
    /// … or so many percent less than `compared_with`.
    drop_percent: Option<u8>,
    /// Whether I am mailed as well, as far as my preferences for `price_drop` allow.
    email: bool,
    /// `watching`; `told`, until the price has recovered; `paused`; `over`.
    status: &'static str,
    /// What one adult pays now; null if no class has seats for all of them.
    price: Option<Money>,
    /// The date that costs so much.
    #[schema(value_type = Option<String>, format = Date)]
    price_date: Option<Date>,
    /// What it cost when I was told last or began to watch, or the fare I bought in the cheapest family.
    compared_with: Option<Money>,
    /// How often I was told.
    times_told: i32,
    /// When I was last.
    #[schema(value_type = Option<String>, format = DateTime)]
    told_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The end of the last date, where it begins.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl PriceWatch {
    /// The watch as it is at `now`, with the price of that moment.
    pub(super) fn of(row: &WatchRow, price: Priced, now: Timestamp) -> Self {
        let money = |amount| Money::new(amount, FILING_CURRENCY);
        let (target, drop_percent) = match row.watch.wish {
            Wish::Target(target) => (Some(money(target)), None),
            Wish::Drop(percent) => (None, Some(percent)),
        };
        Self {
            id: row.id,
            origin: row.origin,
            destination: row.destination,
            date: row.dates.0,
            to_date: row.dates.1,
            flight_id: row.flight,
            flight_number: row.flight.and_then(FlightId::key).map(|key| key.number),
            booking_id: row.booking,
            cabin: row.cabin,
            seats: row.seats,
            target,
            drop_percent,
            email: row.by_mail,
            status: status(row, now),
            price: price.map(|(amount, _)| money(amount)),
            price_date: price.map(|(_, date)| date),
            compared_with: row.watch.told.or(row.watch.reference).map(money),
            times_told: row.times,
            told_at: row.told_at,
            created_at: row.created_at,
            expires_at: row.expires_at,
        }
    }
}

fn status(row: &WatchRow, now: Timestamp) -> &'static str {
    if row.expires_at <= now {
        "over"
    } else if row.paused_at.is_some() {
        "paused"
    } else if row.watch.told.is_some() {
        "told"
    } else {
        "watching"
    }
}

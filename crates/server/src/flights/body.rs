//! What staff send of a flight, and how it becomes rows.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kernel::codes::CLASSES_PER_CABIN;
use kernel::{BookingClass, Cabin, Category, FlightId};
use platform::http::Problem;
use serde::Deserialize;
use utoipa::ToSchema;

use super::store::{FILING_CURRENCY, InventoryRow};
use super::times::instant;

/// Largest filed fare: what the database column holds.
const FARE_MAX: u32 = i32::MAX.unsigned_abs();

/// A cabin of a flight.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CabinBody {
    /// Which one.
    pub(super) cabin: Cabin,
    /// Seats in it. Needed for a new cabin.
    #[schema(example = 150)]
    pub(super) capacity: Option<i16>,
    /// How many more than the capacity may be sold; 0 if left out.
    pub(super) overbooking: Option<i16>,
    /// Booking classes. A new cabin needs its full-fare class (the first letter of its ladder: Y, W, J or F); a class
    /// left out of a new cabin is not sold.
    #[serde(default)]
    pub(super) classes: Vec<ClassBody>,
}

/// A booking class.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClassBody {
    /// Its letter: Y B M Q in economy, W R E T in premium economy, J C D I in business, F A P O in first.
    #[schema(value_type = String, example = "Y")]
    pub(super) class: char,
    /// One-way adult fare, minor units.
    #[schema(example = 45900)]
    pub(super) fare: Option<u32>,
    /// Seats that may be sold in this class and those below it. Never less than what is sold already: a smaller number
    /// closes the class where it stands. The full-fare class has the cabin's own limit.
    #[schema(example = 60)]
    pub(super) limit: Option<i16>,
    /// When it stops selling; at departure if left out for a new cabin.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-17T08:35:00-05:00")]
    pub(super) closes_at: Option<Timestamp>,
}

/// The row a new cabin starts from: nothing sold, only the full fare to be set.
pub(super) fn new_cabin(
    flight: FlightId,
    body: &CabinBody,
    departs_at: Timestamp,
) -> Result<InventoryRow, Problem> {
    let field = format!("cabins.{}", body.cabin);
    let full = BookingClass::new(body.cabin, 1).map(BookingClass::letter);
    let full_fare = body.classes.iter().find(|class| Some(class.class) == full).and_then(|class| class.fare);
    let full_fare = full_fare.ok_or_else(|| {
        Problem::invalid(&field, "a new cabin needs the fare of its full-fare class (Y, W, J or F)")
    })?;
    let capacity = body.capacity.ok_or_else(|| Problem::invalid(&field, "a new cabin needs its capacity"))?;
    Ok(InventoryRow {
        flight,
        cabin: body.cabin,
        capacity,
        overbooking: 0,
        limits: [capacity, 0, 0, 0],
        taken: [0; CLASSES_PER_CABIN],
        fares: [full_fare; CLASSES_PER_CABIN],
        closes: [None, Some(departs_at), Some(departs_at), Some(departs_at)],
        currency: FILING_CURRENCY,
        on_sale: true,
        version: 1,
    })
}

/// Applies what was sent to a cabin's row and makes the limits nest.
pub(super) fn apply_cabin(row: &mut InventoryRow, body: &CabinBody) -> Result<(), Problem> {
    let field = format!("cabins.{}", body.cabin);
    row.capacity = body.capacity.unwrap_or(row.capacity);
    row.overbooking = body.overbooking.unwrap_or(row.overbooking);
    if !(0..=1000).contains(&row.capacity) || !(0..=200).contains(&row.overbooking) {
        return Err(Problem::invalid(&field, "capacity must be 0 to 1000 and overbooking 0 to 200"));
    }
    row.limits[0] = row.capacity + row.overbooking;
    if row.limits[0] < row.taken[0] {
        let sold = row.taken[0].to_string();
        return Err(Problem::new(Category::Conflict, "capacity_below_sold").arg("sold", sold).field(&field));
    }
    for class in &body.classes {
        apply_class(row, class, &field)?;
    }
    // A limit is cut to the class above it and never below what is sold.
    for class in 1..CLASSES_PER_CABIN {
        row.limits[class] = row.limits[class].min(row.limits[class - 1]).max(row.taken[class]);
    }
    Ok(())
}

fn apply_class(row: &mut InventoryRow, body: &ClassBody, field: &str) -> Result<(), Problem> {
    let class = BookingClass::from_letter(row.cabin, body.class)
        .ok_or_else(|| Problem::invalid(field, format!("{} has no class {:?}", row.cabin, body.class)))?;
    let index = usize::from(class.rank()) - 1;
    if let Some(fare) = body.fare {
        if !(1..=FARE_MAX).contains(&fare) {
            return Err(Problem::invalid(field, format!("the fare must be 1 to {FARE_MAX} minor units")));
        }
        row.fares[index] = fare;
    }
    if let Some(limit) = body.limit {
        if limit < 0 {
            return Err(Problem::invalid(field, "a limit is not negative"));
        }
        if index == 0 && limit != row.limits[0] {
            let reason = "the full-fare class has the cabin's own limit; change the capacity instead";
            return Err(Problem::invalid(field, reason));
        }
        row.limits[index] = limit;
    }
    if let Some(closes) = body.closes_at {
        if index == 0 {
            return Err(Problem::invalid(field, "the full-fare class sells until the flight closes"));
        }
        row.closes[index] = Some(closes);
    }
    Ok(())
}

/// The instants of local times at both ends.
pub(super) fn times(
    departs: DateTime,
    arrives: DateTime,
    origin: &TimeZone,
    destination: &TimeZone,
) -> Result<(Timestamp, Timestamp), Problem> {
    let departs_at = instant("departs_local", departs, origin)?;
    let arrives_at = instant("arrives_local", arrives, destination)?;
    let flown = arrives_at.duration_since(departs_at);
    if flown <= SignedDuration::ZERO || flown > SignedDuration::from_hours(24) {
        let reason = "the arrival must be after the departure and within 24 hours of it, both in local time";
        return Err(Problem::invalid("arrives_local", reason));
    }
    Ok((departs_at, arrives_at))
}

/// A gate as it stands on a sign.
pub(super) fn check_gate(gate: &str) -> Result<String, Problem> {
    let fits = (1..=8).contains(&gate.len())
        && gate.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    fits.then(|| gate.to_owned())
        .ok_or_else(|| Problem::invalid("gate", "it must be 1 to 8 letters and digits, such as B4"))
}

/// An IATA aircraft type.
pub(super) fn check_aircraft(aircraft: &str) -> Result<String, Problem> {
    let fits = aircraft.len() == 3
        && aircraft.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    fits.then(|| aircraft.to_owned()).ok_or_else(|| {
        Problem::invalid("aircraft", "it must be an IATA aircraft type of three characters, such as 73H")
    })
}

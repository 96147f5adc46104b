//! Seats: what a leg costs now, taking seats, giving them back.

use futures_util::future::try_join_all;
use itinerary::cheapest_class;
use jiff::{SignedDuration, Timestamp};
use kernel::{Cabin, Currency, FlightId};
use platform::db::{DbError, Sql};

use super::store::{self, FlightRow};

/// A leg with the cheapest class that fits the party now.
#[derive(Clone, Debug)]
pub struct LegOnSale {
    /// The flight.
    pub flight: FlightRow,
    /// The cabin.
    pub cabin: Cabin,
    /// The class, 1 (full fare) to 4 (cheapest).
    pub class_rank: u8,
    /// Its filed one-way adult fare, minor units.
    pub fare: u32,
    /// What the fare is filed in.
    pub currency: Currency,
}

/// Seats wanted or given back on one flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatClaim {
    /// The flight.
    pub flight: FlightId,
    /// The cabin.
    pub cabin: Cabin,
    /// The class, 1 to 4.
    pub class_rank: u8,
    /// How many.
    pub seats: u8,
    /// The fare that was agreed on; a claim at another price takes nothing.
    pub fare: u32,
}

/// The legs as they sell now to `seats` travellers, in the order of `wanted`; `None` for one that does not: unknown,
/// cancelled, closed, or without a class that fits. The class is chosen by the rule the search engine uses.
pub async fn legs_on_sale(
    sql: &Sql,
    wanted: &[(FlightId, Cabin)],
    seats: u8,
    now: Timestamp,
    sales_close: SignedDuration,
) -> Result<Vec<Option<LegOnSale>>, DbError> {
    let ids: Vec<FlightId> = wanted.iter().map(|(flight, _)| *flight).collect();
    let rows = store::flights_with_inventory(sql, &ids).await?;
    let find = |(flight, cabin): &(FlightId, Cabin)| {
        let (flight, inventory) = rows.iter().find(|(f, i)| f.id == *flight && i.cabin == *cabin)?;
        let open = flight.departs_at.duration_since(now) > sales_close && inventory.on_sale;
        let cheapest = cheapest_class(&inventory.classes(), store::minute(now), seats.into());
        let (class_rank, class) = cheapest.filter(|_| open)?;
        let currency = inventory.currency;
        Some(LegOnSale { flight: flight.clone(), cabin: *cabin, class_rank, fare: class.fare, currency })
    };
    Ok(wanted.iter().map(find).collect())
}

/// How many seats each cabin of these flights has; overbooking does not count.
pub async fn capacities(sql: &Sql, flights: &[FlightId]) -> Result<Vec<(FlightId, Cabin, u16)>, DbError> {
    let rows = store::inventory(sql, flights).await?;
    let seats = |capacity: i16| u16::try_from(capacity).unwrap_or(0);
    Ok(rows.iter().map(|row| (row.flight, row.cabin, seats(row.capacity))).collect())
}

/// Takes seats on every flight or says which claim could not be met, in which case the transaction must not commit.
/// Rows are locked in flight-id order, so two bookings that share flights cannot block each other in a circle.
pub async fn take_seats(
    sql: &Sql,
    claims: &[SeatClaim],
    now: Timestamp,
) -> Result<Result<(), SeatClaim>, DbError> {
    let claims = in_lock_order(claims);
    let taken = try_join_all(claims.iter().map(|claim| store::take(sql, claim, now))).await?;
    let refused = claims.iter().zip(taken).find(|(_, taken)| !taken);
    Ok(refused.map_or(Ok(()), |(claim, _)| Err(*claim)))
}

/// Takes the same seats again for a booking that had given them up and was paid all the same, at whatever they cost now.
/// `false`: not all are there, and none was taken.
pub async fn retake_seats(sql: &Sql, claims: &[SeatClaim]) -> Result<bool, DbError> {
    let claims = in_lock_order(claims);
    let taken = try_join_all(claims.iter().map(|claim| store::retake(sql, claim))).await?;
    if taken.iter().all(|taken| *taken) {
        return Ok(true);
    }
    let got = claims.iter().zip(taken).filter(|(_, taken)| *taken).map(|(claim, _)| *claim);
    release_seats(sql, &got.collect::<Vec<_>>()).await?;
    Ok(false)
}

/// Whether the flights are still as they were read. A retiming takes the locks of the seats, so asked with seats taken the
/// answer holds until the transaction ends.
pub async fn unchanged(sql: &Sql, flights: &[&FlightRow]) -> Result<bool, DbError> {
    store::have_versions(sql, flights).await
}

/// Locks the cabins of these claims in the order in which everybody takes them, for a transaction that takes some seats and
/// gives others back.
pub async fn lock_seats(sql: &Sql, claims: &[SeatClaim]) -> Result<(), DbError> {
    let mut flights: Vec<FlightId> = claims.iter().map(|claim| claim.flight).collect();
    flights.sort_unstable();
    flights.dedup();
    try_join_all(flights.iter().map(|flight| store::write::lock_inventory(sql, *flight))).await?;
    Ok(())
}

/// Gives seats back. The caller has moved the booking out of the state that owned them in the same transaction, which is
/// what makes it happen once.
pub async fn release_seats(sql: &Sql, claims: &[SeatClaim]) -> Result<(), DbError> {
    let claims = in_lock_order(claims);
    try_join_all(claims.iter().map(|claim| store::release(sql, claim))).await?;
    Ok(())
}

fn in_lock_order(claims: &[SeatClaim]) -> Vec<SeatClaim> {
    let mut claims = claims.to_vec();
    claims.sort_by_key(|claim| (claim.flight, claim.cabin));
    claims
}

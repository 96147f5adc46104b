//! A booking as far as check-in is concerned: who flies on which flight, and the states of their coupons.

use std::collections::{BTreeMap, BTreeSet};

use domain::booking::BookingStatus;
use domain::check_in::Member;
use domain::coupon::CouponStatus;
use domain::pricing::PassengerType;
use domain::seat_maps::SeatId;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{BookingId, Cabin, Category, FlightId, Money, RecordLocator, UserId};
use platform::db::{DbError, Sql, Tx};
use platform::http::Problem;
use platform::seal::UserKey;

use super::facts::facts_for_extras;
use super::orders;
use super::store::{self, BookingRow, OrderKind, PassengerRow};
use super::view::{PassengerDetails, details_place};
use crate::app::App;
use crate::extras::api as extras;
use crate::identity;

/// A booking with those who fly.
#[derive(Clone, Debug)]
pub struct Travelling {
    /// Which.
    pub booking: BookingId,
    /// Whose.
    pub owner: UserId,
    /// Its locator.
    pub locator: RecordLocator,
    /// Their key, for what is sealed of the booking.
    pub key: UserKey,
    /// Its state.
    pub status: BookingStatus,
    /// When the last of its flights arrives.
    pub trip_ends_at: Timestamp,
    /// Everybody in it.
    pub passengers: Vec<TravellingPassenger>,
    /// Its flights.
    pub segments: Vec<TravellingSegment>,
}

/// A passenger.
#[derive(Clone, Debug)]
pub struct TravellingPassenger {
    /// The number in the booking.
    pub number: i16,
    /// Adult, child or infant.
    pub kind: PassengerType,
    /// Date of birth.
    pub born_on: Date,
    /// Given names.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
}

/// A flight of the booking.
#[derive(Clone, Debug)]
pub struct TravellingSegment {
    /// The number in the booking.
    pub number: i16,
    /// The flight.
    pub flight: FlightId,
    /// The cabin that was bought.
    pub cabin: Cabin,
    /// The coupons of those who have one on it that was not given back.
    pub coupons: Vec<(i16, CouponStatus)>,
    /// The tickets those coupons are part of, thirteen digits each: a passenger whose other flight was changed has two.
    pub tickets: BTreeMap<i16, String>,
}

impl Travelling {
    /// A flight by its number in the booking.
    pub fn segment(&self, number: i16) -> Option<&TravellingSegment> {
        self.segments.iter().find(|segment| segment.number == number)
    }

    /// A passenger by their number.
    pub fn passenger(&self, number: i16) -> Option<&TravellingPassenger> {
        self.passengers.iter().find(|passenger| passenger.number == number)
    }
}

/// A user's booking.
pub async fn travelling(app: &App, sql: &Sql, id: BookingId, user: UserId) -> Result<Travelling, Problem> {
    let booking = store::find(sql, id, user).await?.ok_or_else(Problem::not_found)?;
    load(app, sql, booking).await
}

/// A booking that is locked until the transaction ends: a user's, or anybody's. 409 unless it is confirmed and no order of it is open:
/// what is being changed or paid for is done, or given up, first.
pub async fn lock_travelling(
    app: &App,
    tx: &Tx,
    id: BookingId,
    user: Option<UserId>,
) -> Result<Travelling, Problem> {
    let booking = store::lock(tx, id, user).await?.ok_or_else(Problem::not_found)?;
    let conflict = |code| Problem::new(Category::Conflict, code);
    match booking.status {
        BookingStatus::Confirmed => {}
        BookingStatus::Held => return Err(conflict("not_confirmed").actions(&["pay", "cancel"])),
        closed => {
            return Err(conflict("booking_closed").arg("status", closed.as_str()).actions(&[]));
        }
    }
    orders::check_none_open(tx, id).await?;
    load(app, tx, booking).await
}

/// The booking of a locator, whosever it is.
pub async fn booking_of(sql: &Sql, locator: RecordLocator) -> Result<Option<BookingId>, DbError> {
    Ok(store::of_locator(sql, locator).await?.map(|booking| booking.id))
}

pub(super) async fn load(app: &App, sql: &Sql, booking: BookingRow) -> Result<Travelling, Problem> {
    let id = booking.id;
    let key = identity::api::user_key(sql, &app.sealer, booking.user).await?;
    let (passengers, segments) = tokio::try_join!(store::passengers(sql, id), flights_of(sql, id))?;
    let mut travellers = Vec::with_capacity(passengers.len());
    for row in passengers {
        let opened = app.sealer.open(&key, details_place(id, row.number), &row.details_sealed)?;
        let details: PassengerDetails = serde_json::from_slice(&opened).map_err(Problem::internal)?;
        travellers.push(TravellingPassenger {
            number: row.number,
            kind: row.kind,
            born_on: details.born_on,
            given_name: details.given_name,
            family_name: details.family_name,
        });
    }
    Ok(Travelling {
        booking: id,
        owner: booking.user,
        locator: booking.locator,
        key,
        status: booking.status,
        trip_ends_at: booking.trip_ends_at,
        passengers: travellers,
        segments,
    })
}

/// The flights of a booking, with the coupons for each that were not given back.
pub(super) async fn flights_of(sql: &Sql, id: BookingId) -> Result<Vec<TravellingSegment>, DbError> {
    let (segments, coupons) = tokio::try_join!(store::segments(sql, id), store::coupons(sql, id))?;
    let mut flown = Vec::with_capacity(segments.len());
    for segment in segments {
        let (mut here, mut tickets) = (Vec::new(), BTreeMap::new());
        for coupon in coupons.iter().filter(|coupon| coupon.segment_no == segment.number) {
            let odd = || DbError::Inconsistent(format!("a coupon of {id} is {:?}", coupon.status));
            let status = CouponStatus::from_word(&coupon.status).ok_or_else(odd)?;
            let gone =
                matches!(status, CouponStatus::Refunded | CouponStatus::Exchanged | CouponStatus::Void);
            if !gone {
                here.push((coupon.passenger_no, status));
                tickets.insert(coupon.passenger_no, coupon.ticket.clone());
            }
        }
        flown.push(TravellingSegment {
            number: segment.number,
            flight: segment.flight,
            cabin: segment.cabin,
            coupons: here,
            tickets,
        });
    }
    Ok(flown)
}

/// When the trips of these bookings end, of those that are neither cancelled nor expired.
pub async fn trip_ends(
    sql: &Sql,
    bookings: &BTreeSet<BookingId>,
) -> Result<Vec<(BookingId, Timestamp)>, DbError> {
    store::travelling::trip_ends(sql, bookings).await
}

/// The bookings of those passengers, by booking, number and segment, whose coupons do not say that they are checked in.
pub async fn not_checked_in(
    sql: &Sql,
    passengers: &[(BookingId, i16, i16)],
) -> Result<BTreeSet<BookingId>, DbError> {
    store::travelling::not_checked_in(sql, passengers).await
}

/// Everybody who flies each flight of a booking, or has flown it, as the rules of check-in look at them.
pub async fn parties(sql: &Sql, booking: BookingId) -> Result<BTreeMap<i16, Vec<Member>>, DbError> {
    let (passengers, coupons) =
        tokio::try_join!(store::passengers(sql, booking), store::coupons(sql, booking))?;
    let mut parties: BTreeMap<i16, Vec<Member>> = BTreeMap::new();
    for coupon in &coupons {
        let odd = || DbError::Inconsistent(format!("a coupon of {booking} is {:?}", coupon.status));
        let status = CouponStatus::from_word(&coupon.status).ok_or_else(odd)?;
        if !status.is_live() && !status.is_used() {
            continue;
        }
        let who = passengers.iter().find(|passenger| passenger.number == coupon.passenger_no);
        let Some(PassengerRow { number, kind, .. }) = who else { continue };
        let boarded = status.is_used();
        let checked_in = boarded || status == CouponStatus::CheckedIn;
        let member = Member { number: *number, kind: *kind, checked_in, boarded };
        parties.entry(coupon.segment_no).or_default().push(member);
    }
    Ok(parties)
}

/// Moves coupons of these passengers on a flight of a locked booking from one state to another: all of them, or it is a defect.
pub async fn move_coupons(
    sql: &Sql,
    booking: BookingId,
    (segment, passengers): (i16, &BTreeSet<i16>),
    (from, to): (CouponStatus, CouponStatus),
) -> Result<(), DbError> {
    let moved = store::move_coupons(sql, booking, (segment, passengers), (from, to)).await?;
    if usize::try_from(moved).ok() == Some(passengers.len()) {
        return Ok(());
    }
    Err(DbError::Inconsistent(format!("coupons of {booking} changed under its lock")))
}

/// Gives seats to those of the passengers who have none on the flight, for nothing, and issues their documents as for any that cost
/// nothing. The caller has locked the booking, and seen that no order of it is open. A flight whose aircraft has no map has none
/// to give. Refusals: `no_seat_left`, and `seat_taken` when somebody was quicker.
pub async fn assign_seats(
    app: &App,
    tx: &Tx,
    travelling: &Travelling,
    (segment, passengers): (i16, &BTreeSet<i16>),
) -> Result<Vec<(i16, SeatId)>, Problem> {
    let (id, now) = (travelling.booking, app.now());
    let facts = facts_for_extras(app, tx, id, travelling.owner).await?;
    let given = extras::seats_to_assign(tx, &facts, (segment, passengers)).await?;
    if given.is_empty() {
        return Ok(Vec::new());
    }
    let nothing = Money::new(0, facts.currency);
    let order = orders::open(app, tx, id, OrderKind::Extras, nothing, &()).await?;
    extras::assign(app, tx, &facts, (order.order_no, segment), &given, now).await?;
    let booking = store::lock(tx, id, None).await?.ok_or_else(Problem::not_found)?;
    store::keep_extras(tx, id, booking.total.amount).await?;
    if !orders::settle(app, tx, id, order.order_no, now).await? {
        return Err(DbError::Inconsistent(format!("a free order of {id} was not done")).into());
    }
    Ok(given)
}

/// Whoever is not checked in any more leaves the seat to others that they were given at check-in. The caller has locked the booking.
pub async fn free_given_seats(
    app: &App,
    tx: &Tx,
    id: BookingId,
    on: (i16, &BTreeSet<i16>),
) -> Result<(), Problem> {
    if extras::free_given(app, tx, id, on).await? {
        let booking = store::lock(tx, id, None).await?.ok_or_else(Problem::not_found)?;
        store::keep_extras(tx, id, booking.total.amount).await?;
    }
    Ok(())
}

/// The live seats of a flight of a booking, by passenger.
pub async fn seats_of(sql: &Sql, booking: BookingId, segment: i16) -> Result<Vec<(i16, SeatId)>, DbError> {
    extras::live_seats(sql, booking, segment).await
}

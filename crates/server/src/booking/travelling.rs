//! Bookings as whoever tells their owners something needs them: who flies on a flight, and where to write to.

use domain::booking::BookingStatus;
use domain::coupon::CouponStatus;
use jiff::Timestamp;
use kernel::{AirportCode, BookingId, FlightId, FlightNumber, RecordLocator, UserId};
use platform::db::{DbError, Sql};
use platform::http::Problem;
use platform::seal::UserKey;

use super::check::Contact;
use super::segment::segment_view;
use super::store::{self, travelling};
use super::view::contact_place;
use crate::app::App;
use crate::flights::api as flights;

/// Where a booking's mails go, as it is kept.
#[derive(Clone, Debug)]
pub struct SealedContact {
    booking: BookingId,
    sealed: Vec<u8>,
}

impl SealedContact {
    pub(super) const fn new(booking: BookingId, sealed: Vec<u8>) -> Self {
        Self { booking, sealed }
    }

    /// The address, by the key of the booking's owner.
    pub fn address(&self, app: &App, key: &UserKey) -> Result<String, Problem> {
        let opened = app.sealer.open(key, contact_place(self.booking), &self.sealed)?;
        let contact: Contact = serde_json::from_slice(&opened).map_err(Problem::internal)?;
        Ok(contact.email)
    }
}

/// A booking of which somebody flies on a flight.
#[derive(Clone, Debug)]
pub struct BookingOnFlight {
    /// The booking.
    pub booking: BookingId,
    /// Whose it is.
    pub user: UserId,
    /// Its locator.
    pub locator: RecordLocator,
    /// Departure and arrival of the flight as they were sold.
    pub sold: (Timestamp, Timestamp),
    /// Numbers of its passengers who are not checked in for the flight.
    pub not_checked_in: Vec<i16>,
    /// Where its mails go.
    pub contact: SealedContact,
}

/// Confirmed bookings of which somebody flies on the flight, by id: those behind `after`, or the one that is named.
pub async fn travelling_on(
    sql: &Sql,
    flight: FlightId,
    (only, after): (Option<BookingId>, Option<BookingId>),
    limit: i64,
) -> Result<Vec<BookingOnFlight>, DbError> {
    travelling::on(sql, flight, (only, after), limit).await
}

/// How many accounts have confirmed bookings of which somebody flies on any of the flights.
pub async fn travellers_on(sql: &Sql, flights: &[FlightId]) -> Result<i64, DbError> {
    travelling::accounts(sql, flights).await
}

/// A flight that somebody booked, and what became of a coupon for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Travel {
    /// The booking.
    pub booking: BookingId,
    /// The flight.
    pub flight: FlightId,
    /// The state of a coupon; several in as many states are several of these.
    pub coupon: CouponStatus,
}

/// Flights that a user has booked: one, or all whose trips end after an instant.
pub async fn travels_of(
    sql: &Sql,
    user: UserId,
    (only, since): (Option<FlightId>, Option<Timestamp>),
) -> Result<Vec<Travel>, DbError> {
    travelling::of(sql, user, (only, since)).await
}

/// A flight of a booking.
#[derive(Clone, Debug)]
pub struct Leg {
    /// Which flight.
    pub flight: FlightId,
    /// Its number.
    pub number: FlightNumber,
    /// From.
    pub origin: AirportCode,
    /// To.
    pub destination: AirportCode,
    /// Scheduled departure, local, as the API writes it.
    pub departs: String,
    /// Scheduled arrival, the same.
    pub arrives: String,
}

/// What stands over a letter about a booking.
#[derive(Clone, Debug)]
pub struct Letterhead {
    /// Whose it is.
    pub user: UserId,
    /// Its locator.
    pub locator: RecordLocator,
    /// Its state.
    pub status: BookingStatus,
    /// The flights that somebody of it still flies on, in order of travel.
    pub legs: Vec<Leg>,
    /// Where its mails go.
    pub contact: SealedContact,
}

/// What stands over a letter about a booking, if there is such.
pub async fn letterhead(app: &App, sql: &Sql, id: BookingId) -> Result<Option<Letterhead>, Problem> {
    let owner = store::owners(sql, &[id]).await?.pop();
    let Some((_, user)) = owner else { return Ok(None) };
    let Some(booking) = store::find(sql, id, user).await? else { return Ok(None) };
    let (segments, coupons) = tokio::try_join!(store::segments(sql, id), store::coupons(sql, id))?;
    let flown = |segment: &&store::SegmentRow| {
        coupons.iter().any(|coupon| coupon.segment_no == segment.number && coupon.is_live())
    };
    let ids: Vec<FlightId> = segments.iter().map(|segment| segment.flight).collect();
    let rows = flights::flight_rows(sql, &ids).await?;
    let leg = |segment: &store::SegmentRow| {
        let view = segment_view(app, &booking, segment, &rows)?;
        Ok(Leg {
            flight: segment.flight,
            number: view.flight_number,
            origin: view.origin,
            destination: view.destination,
            departs: view.departs_at,
            arrives: view.arrives_at,
        })
    };
    let legs = segments.iter().filter(flown).map(leg).collect::<Result<_, Problem>>()?;
    let (locator, status) = (booking.locator, booking.status);
    Ok(Some(Letterhead {
        user,
        locator,
        status,
        legs,
        contact: SealedContact::new(id, booking.contact_sealed),
    }))
}

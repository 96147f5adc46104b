//! A booking as who knows its locator and a surname may see it: which flights it has, and nothing of anybody.

use domain::booking::BookingStatus;
use jiff::SignedDuration;
use kernel::{AirportCode, BookingId, Cabin, FlightId, FlightNumber, RecordLocator, UserId};
use platform::db::Sql;
use platform::http::Problem;
use platform::seal::UserKey;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;
use uuid::Uuid;

use super::check::Contact;
use super::segment::segment_view;
use super::store::{self, BookingRow, PassengerRow};
use super::view::{PassengerDetails, contact_place, details_place};
use crate::app::App;
use crate::flights::api as flights;
use crate::identity;

/// For so long after the trip a locator still finds it.
const FOUND_FOR: SignedDuration = SignedDuration::from_hours(24 * 30);

/// A booking that was found.
pub struct Record {
    /// Which.
    pub booking: BookingId,
    /// Whose it is.
    pub owner: UserId,
    /// Their key.
    pub key: UserKey,
    /// Where its mails go.
    pub contact: String,
    /// Its locator.
    pub locator: RecordLocator,
    /// Its state.
    pub status: &'static str,
    /// Its flights.
    pub segments: Vec<RecordSegment>,
}

/// A flight of a booking.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ItinerarySegment)]
pub struct RecordSegment {
    segment: i16,
    #[schema(value_type = String, example = "KR1")]
    flight_number: FlightNumber,
    #[schema(value_type = String)]
    origin: AirportCode,
    #[schema(value_type = String)]
    destination: AirportCode,
    departs_at: String,
    arrives_at: String,
    #[schema(value_type = String, example = "economy")]
    cabin: Cabin,
    /// What the flight is doing now.
    status: &'static str,
}

/// The booking of a locator, if a passenger has that surname and it is neither given up nor long flown. What is asked of the database
/// does not depend on whether the locator or the name is wrong.
pub async fn record(
    app: &App,
    sql: &Sql,
    locator: RecordLocator,
    surname: &str,
) -> Result<Option<Record>, Problem> {
    let found = store::of_locator(sql, locator).await?.filter(|booking| {
        booking.status != BookingStatus::Expired && app.now() < booking.trip_ends_at + FOUND_FOR
    });
    let nobody = Uuid::nil();
    let (id, owner) = found.as_ref().map_or_else(
        || (BookingId::from_uuid(nobody), UserId::from_uuid(nobody)),
        |booking| (booking.id, booking.user),
    );
    let key = identity::api::key_of(sql, &app.sealer, owner).await?;
    let passengers = store::passengers(sql, id).await?;
    let Some((booking, key)) = found.zip(key) else { return Ok(None) };
    let wanted = folded(surname);
    let mut flies = false;
    for passenger in &passengers {
        flies |= folded(&surname_of(app, &booking, passenger, &key)?) == wanted;
    }
    if !flies || wanted.is_empty() {
        return Ok(None);
    }
    let contact = app.sealer.open(&key, contact_place(booking.id), &booking.contact_sealed)?;
    let contact: Contact = serde_json::from_slice(&contact).map_err(Problem::internal)?;
    let segments = segments_of(app, sql, &booking).await?;
    Ok(Some(Record {
        booking: booking.id,
        owner: booking.user,
        key,
        contact: contact.email,
        locator: booking.locator,
        status: booking.status.as_str(),
        segments,
    }))
}

fn surname_of(
    app: &App,
    booking: &BookingRow,
    passenger: &PassengerRow,
    key: &UserKey,
) -> Result<String, Problem> {
    let place = details_place(booking.id, passenger.number);
    let opened = app.sealer.open(key, place, &passenger.details_sealed)?;
    let details: PassengerDetails = serde_json::from_slice(&opened).map_err(Problem::internal)?;
    Ok(details.family_name)
}

async fn segments_of(app: &App, sql: &Sql, booking: &BookingRow) -> Result<Vec<RecordSegment>, Problem> {
    let segments = store::segments(sql, booking.id).await?;
    let ids: Vec<FlightId> = segments.iter().map(|segment| segment.flight).collect();
    let rows = flights::flight_rows(sql, &ids).await?;
    let view = |segment| {
        let view = segment_view(app, booking, segment, &rows)?;
        Ok(RecordSegment {
            segment: view.segment,
            flight_number: view.flight_number,
            origin: view.origin,
            destination: view.destination,
            departs_at: view.departs_at,
            arrives_at: view.arrives_at,
            cabin: view.cabin,
            status: view.status,
        })
    };
    segments.iter().map(view).collect()
}

/// A name as it is compared: without capitals, Latin accents, and whatever is no letter.
fn folded(name: &str) -> String {
    let accent = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    let apart = name.nfkd().filter(|c| !accent(c)).filter(|c| !c.is_whitespace() && !"-'’.".contains(*c));
    apart.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_people_type_them() {
        for (one, other) in [
            ("O'Brien", "obrien"),
            ("Müller-Lüdenscheidt", "MULLER LUDENSCHEIDT"),
            ("de la Cruz", "DeLaCruz"),
            ("राव", "राव"),
        ] {
            assert_eq!(folded(one), folded(other), "{one}");
        }
        assert_ne!(folded("राव"), folded("रव"), "a vowel sign is no accent");
        assert_ne!(folded("Rao"), folded("Roa"));
    }
}

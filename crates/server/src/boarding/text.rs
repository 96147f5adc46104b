//! What a pass says in IATA's columns.

use domain::pricing::PassengerType;
use iata::bcbp::{BoardingPass, Each, Leg, Once, Seat, Status, VERSION, name_of};
use jiff::tz::TimeZone;
use kernel::Cabin;
use platform::http::Problem;

use super::store::PassRow;
use crate::app::App;
use crate::booking::api::{Travelling, TravellingPassenger, TravellingSegment};
use crate::flights::api::FlightRow;

/// The bar code of a pass, signed.
pub(super) fn bar_code(
    app: &App,
    travelling: &Travelling,
    passenger: &TravellingPassenger,
    (row, flight, segment): (&PassRow, &FlightRow, &TravellingSegment),
) -> Result<String, Problem> {
    let issued = row.issued_at.to_zoned(TimeZone::UTC).date();
    let at = if row.desk == "online" { 'W' } else { 'A' };
    let ticket = segment.tickets.get(&passenger.number).map(String::as_str).unwrap_or_default();
    let (airline_number, serial) = ticket.split_at_checked(3).unwrap_or_default();
    let small = |number: i16| u16::try_from(number).unwrap_or(0);
    let leg = Leg {
        locator: travelling.locator.to_string(),
        from: flight.origin.to_string(),
        to: flight.destination.to_string(),
        carrier: flight.number.airline.to_string(),
        flight: flight.number.number,
        suffix: flight.number.suffix,
        day: small(flight.departs_local.date().day_of_year()),
        cabin: letter(segment.cabin),
        seat: match (row.seat, passenger.kind) {
            (_, PassengerType::Infant) => Seat::Infant,
            (Some(seat), _) => Seat::At(seat.row().into(), seat.letter()),
            (None, _) => Seat::None,
        },
        sequence: Some(small(row.number)),
        status: Status::CheckedIn,
        each: Each {
            airline_number: airline_number.to_owned(),
            serial: serial.to_owned(),
            ..Each::default()
        },
        own: format!("V{}", row.version),
    };
    let once = Once {
        version: VERSION,
        description: Some(match passenger.kind {
            PassengerType::Adult => '0',
            PassengerType::Child => '3',
            PassengerType::Infant => '4',
        }),
        checked_in_at: Some(at),
        issued_at: Some(at),
        issued_on: Some((
            u8::try_from(issued.year().rem_euclid(10)).unwrap_or(0),
            small(issued.day_of_year()),
        )),
        document: Some('B'),
        issuer: flight.number.airline.to_string(),
        bags: Vec::new(),
    };
    // A name without any letter cannot be booked; a pass for one would say X.
    let name = name_of(&passenger.family_name, &passenger.given_name).unwrap_or_else(|| "X".to_owned());
    let pass = BoardingPass { name, electronic: true, legs: vec![leg], once: Some(once), security: None };
    app.boarding.sign(pass).map_err(Problem::internal)
}

/// The compartment, in the letters that every airline understands alike.
const fn letter(cabin: Cabin) -> char {
    match cabin {
        Cabin::First => 'F',
        Cabin::Business => 'J',
        Cabin::PremiumEconomy => 'W',
        Cabin::Economy => 'Y',
    }
}

//! A booking as schema.org writes it (`FlightReservation`), for mail programs that show trips: a reservation for each passenger and
//! flight (developers.google.com/gmail/markup/reference/flight-reservation).

use serde_json::{Value, json};

use super::view::BookingView;
use crate::app::App;

/// The reservations of those who fly, or did; what was given back or exchanged is none. It names people.
pub(super) fn reservations(app: &App, booking: &BookingView) -> Vec<Value> {
    let directory = app.directory.load();
    let airport = |code| {
        let name = directory.airport(code).map(|airport| airport.name.clone());
        json!({"@type": "Airport", "iataCode": code, "name": name.unwrap_or_else(|| code.to_string())})
    };
    let gone = |status: &str| matches!(status, "refunded" | "exchanged" | "void");
    let one = |coupon: &super::view::CouponView| {
        let passenger = booking.passengers.iter().find(|one| one.passenger == coupon.passenger)?;
        let segment = booking.segments.iter().find(|one| one.segment == coupon.segment)?;
        let seat = booking.extras.iter().find_map(|extra| {
            let own = extra.passenger == coupon.passenger && extra.segments.contains(&coupon.segment);
            extra.seat.as_deref().filter(|_| own && extra.status == "issued")
        });
        let number = segment.flight_number;
        let suffix = number.suffix.map(String::from).unwrap_or_default();
        let status = if segment.status == "cancelled" { "Cancelled" } else { "Confirmed" };
        let mut reservation = json!({
            "@context": "http://schema.org",
            "@type": "FlightReservation",
            "reservationNumber": booking.locator,
            "reservationStatus": format!("http://schema.org/Reservation{status}"),
            "underName": {"@type": "Person",
                "name": format!("{} {}", passenger.given_name, passenger.family_name)},
            "passengerSequenceNumber": passenger.passenger.to_string(),
            "reservationFor": {
                "@type": "Flight",
                "flightNumber": format!("{}{suffix}", number.number),
                "airline": {"@type": "Airline", "name": app.config.booking.airline_name,
                    "iataCode": number.airline},
                "departureAirport": airport(segment.origin),
                "departureTime": segment.estimated_departs_at,
                "arrivalAirport": airport(segment.destination),
                "arrivalTime": segment.estimated_arrives_at,
            },
        });
        let more = [("ticketNumber", passenger.ticket_number.as_deref()), ("airplaneSeat", seat)];
        for (name, value) in more {
            if let Some(value) = value {
                reservation[name] = json!(value);
            }
        }
        Some(reservation)
    };
    booking.coupons.iter().filter(|coupon| !gone(&coupon.status)).filter_map(one).collect()
}

//! Itineraries on the wire.

use domain::pricing::{self, Party};
use itinerary::{Journey, Leg};
use jiff::{SignedDuration, Timestamp};
use kernel::{AirportCode, BookingClass, Cabin, FlightId, FlightNumber, Money, MoneyError};
use serde::Serialize;
use utoipa::ToSchema;

use super::calendar::DayPrice;
use super::engine::percents;
use super::facets::Facets;
use super::offer::{Offer, OfferLeg};
use super::question::instant;
use crate::app::App;
use crate::flights::api::{Directory, FILING_CURRENCY, local_rfc3339};

/// A page of itineraries, ordered by duration, then price.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"itineraries": [{"offer_id": "off_AQAAAAAAAAAB", "segments": [{
    "flight_id": "flt_20261201000080008000b97700134001", "flight_number": "KR1", "origin": "ABE", "destination": "ATL",
    "departs_at": "2026-12-01T08:35:00-05:00", "arrives_at": "2026-12-01T10:35:00-05:00", "duration_minutes": 120,
    "cabin": "economy", "booking_class": "M"}], "duration_minutes": 120, "stops": 0,
    "price": {"amount": 18900, "currency": "USD"}, "seats_left": 132, "seats_left_at_price": 21}],
    "next_cursor": null, "offers_expire_at": "2026-11-21T10:15:00Z", "as_of": 4711, "complete": true, "nearest_dates": [],
    "facets": null}))]
pub(super) struct SearchAnswer {
    pub(super) itineraries: Vec<ItineraryView>,
    /// Null at the end.
    pub(super) next_cursor: Option<String>,
    /// The offers of this page can be booked until then.
    #[schema(value_type = String, format = DateTime)]
    pub(super) offers_expire_at: Timestamp,
    /// Number of the last change of flights, prices or seats that the answer knows.
    pub(super) as_of: u64,
    /// False when the question was so wide that not everything could be looked at; a narrower one is answered in full.
    pub(super) complete: bool,
    /// When nothing was found: up to three days within a week that have something at some time of the day, the nearer first. Else
    /// empty.
    pub(super) nearest_dates: Vec<DayPrice>,
    /// What each filter would leave; null unless `facets=true`.
    pub(super) facets: Option<Facets>,
}

/// A way to get there, with its price for the whole party.
#[derive(Serialize, ToSchema)]
pub(super) struct ItineraryView {
    /// Book it with this.
    offer_id: String,
    segments: Vec<SegmentView>,
    /// From the first departure to the last arrival.
    duration_minutes: u32,
    stops: usize,
    /// For the whole party.
    price: Money,
    /// Seats that can still be sold in the cabin, on the fullest flight.
    seats_left: u16,
    /// Seats that can still be sold at this price, on the fullest flight.
    seats_left_at_price: u16,
}

/// One flight of an itinerary.
#[derive(Serialize, ToSchema)]
pub(super) struct SegmentView {
    #[schema(value_type = String)]
    flight_id: FlightId,
    /// Airline and number, without zeros or space.
    #[schema(value_type = String, example = "KR1")]
    flight_number: Option<FlightNumber>,
    #[schema(value_type = String, example = "ABE")]
    origin: AirportCode,
    #[schema(value_type = String, example = "ATL")]
    destination: AirportCode,
    /// RFC 3339 with the local offset.
    departs_at: String,
    /// RFC 3339 with the local offset.
    arrives_at: String,
    duration_minutes: u32,
    cabin: Cabin,
    /// Letter of the booking class.
    #[schema(value_type = String, example = "M")]
    booking_class: Option<char>,
}

/// Writes journeys as itineraries with signed offers.
pub(super) struct Writer<'a> {
    pub(super) app: &'a App,
    pub(super) directory: &'a Directory,
    pub(super) party: Party,
    /// The cabin asked for: it decides the market ratio.
    pub(super) cabin: Cabin,
    pub(super) as_of: u64,
    pub(super) expires_at: Timestamp,
}

impl Writer<'_> {
    pub(super) fn itinerary(&self, journey: &Journey) -> Result<ItineraryView, MoneyError> {
        let total =
            pricing::total(&journey.fares(), self.ratio_ppm(journey), self.party, percents(self.app))?;
        let price = Money::new(total, FILING_CURRENCY);
        Ok(ItineraryView {
            offer_id: self.offer(journey, price),
            segments: journey.legs().iter().map(|leg| self.segment(leg)).collect(),
            duration_minutes: journey.duration,
            stops: journey.stops(),
            price,
            seats_left: journey.seats_left(),
            seats_left_at_price: journey.seats_at_price(),
        })
    }

    fn ratio_ppm(&self, journey: &Journey) -> u32 {
        let ends = journey.legs().first().zip(journey.legs().last());
        let ratio = |(first, last): (&Leg, &Leg)| {
            self.directory.ratio_ppm(first.origin, last.destination, self.cabin)
        };
        ends.map_or(pricing::RATIO_ONE_PPM, ratio)
    }

    fn offer(&self, journey: &Journey, total: Money) -> String {
        let leg = |leg: &Leg| {
            let class = BookingClass::new(leg.cabin, leg.class_rank)?;
            Some(OfferLeg { flight: leg.flight, class, fare: leg.fare })
        };
        self.app.offers.sign(&Offer {
            as_of: self.as_of,
            expires_at: self.expires_at,
            party: self.party,
            total,
            legs: journey.legs().iter().filter_map(leg).collect(),
        })
    }

    fn segment(&self, leg: &Leg) -> SegmentView {
        SegmentView {
            flight_id: leg.flight,
            flight_number: leg.flight.key().map(|key| key.number),
            origin: leg.origin,
            destination: leg.destination,
            departs_at: local_rfc3339(instant(leg.departs), &self.directory.zone(leg.origin)),
            arrives_at: local_rfc3339(instant(leg.arrives), &self.directory.zone(leg.destination)),
            duration_minutes: leg.arrives.since(leg.departs),
            cabin: leg.cabin,
            booking_class: BookingClass::new(leg.cabin, leg.class_rank).map(BookingClass::letter),
        }
    }
}

/// When offers made at `now` expire: whole seconds, as the token keeps them.
pub(super) fn offers_expire_at(app: &App, now: Timestamp) -> Timestamp {
    let second = Timestamp::from_second(now.as_second()).unwrap_or(now);
    second + SignedDuration::from_mins(app.config.booking.offer_minutes)
}

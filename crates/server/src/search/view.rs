//! Itineraries on the wire.

use domain::fare_families::FareFamily;
use domain::pricing::{Party, RATIO_ONE_PPM, Tariff};
use itinerary::{Journey, Leg};
use jiff::{SignedDuration, Timestamp};
use kernel::{AirportCode, BookingClass, Cabin, FlightId, FlightNumber, Money, MoneyError};
use serde::Serialize;
use utoipa::ToSchema;

use super::calendar::DayPrice;
use super::engine::percents;
use super::facets::Facets;
use super::families::FamilyView;
use super::offer::{Offer, OfferLeg, OfferSlice};
use super::question::instant;
use crate::app::App;
use crate::flights::api::{Directory, FILING_CURRENCY, local_rfc3339};

/// A page of itineraries, ordered by duration, then price.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"itineraries": [{"offer_id": "off_AQAAAAAAAAAB", "segments": [{
    "flight_id": "flt_20261201000080008000b97700134001", "flight_number": "KR1", "origin": "ABE", "destination": "ATL",
    "departs_at": "2026-12-01T08:35:00-05:00", "arrives_at": "2026-12-01T10:35:00-05:00", "duration_minutes": 120,
    "cabin": "economy", "booking_class": "M", "reviews": null}], "duration_minutes": 120, "stops": 0,
    "price": {"amount": 18900, "currency": "USD"}, "fare_family": "economy_saver", "fare_families": [
    {"fare_family": "economy_saver", "offer_id": "off_AQAAAAAAAAAB", "price": {"amount": 18900, "currency": "USD"},
    "difference": {"amount": 0, "currency": "USD"}}], "seats_left": 132, "seats_left_at_price": 21}],
    "fare_families": [], "next_cursor": null, "offers_expire_at": "2026-11-21T10:15:00Z", "as_of": 4711, "complete": true, "nearest_dates": [],
    "facets": null}))]
pub(super) struct SearchAnswer {
    pub(super) itineraries: Vec<ItineraryView>,
    /// What the cabin's fare families promise, the cheapest first.
    pub(super) fare_families: Vec<FamilyView>,
    /// Null at the end.
    pub(super) next_cursor: Option<String>,
    /// The offers of this page can be booked until then.
    #[schema(value_type = String, format = DateTime)]
    pub(super) offers_expire_at: Timestamp,
    /// Number of the last change of flights, prices or seats that the answer knows.
    pub(super) as_of: u64,
    /// False when the question was so wide that not everything could be looked at; a narrower one is answered in full.
    pub(super) complete: bool,
    /// When nothing was found: up to three days within a week that have something, the nearer first. Else empty.
    pub(super) nearest_dates: Vec<DayPrice>,
    /// What each filter would leave; null unless `facets=true`.
    pub(super) facets: Option<Facets>,
}

/// A way to get there, with its price for the whole party.
#[derive(Serialize, ToSchema)]
pub(super) struct ItineraryView {
    /// Book it with this, at `price`.
    offer_id: String,
    segments: Vec<SegmentView>,
    /// From the first departure to the last arrival.
    duration_minutes: u32,
    stops: usize,
    /// For the whole party, in `fare_family`.
    price: Money,
    /// Code of the cheapest fare family that has all that was asked for.
    fare_family: String,
    /// All families it is sold in, the cheapest first.
    fare_families: Vec<FamilyPrice>,
    /// Seats that can still be sold in the cabin, on the fullest flight.
    seats_left: u16,
    /// Seats that can still be sold at this price, on the fullest flight.
    seats_left_at_price: u16,
}

/// An itinerary in a fare family.
#[derive(Serialize, ToSchema)]
pub(super) struct FamilyPrice {
    /// Its code; the answer says what it promises.
    fare_family: String,
    /// Book it with this.
    offer_id: String,
    /// For the whole party.
    price: Money,
    /// What it costs more than in the cheapest family.
    difference: Money,
}

/// What travellers think of a flight number.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"average": 4.3, "count": 128}))]
pub(super) struct ReviewSummary {
    /// Stars, 1 to 5.
    average: f32,
    count: u32,
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
    /// What travellers think of the flight number; null until somebody reviewed it.
    reviews: Option<ReviewSummary>,
}

/// Writes journeys as itineraries with signed offers.
pub(super) struct Writer<'a> {
    pub(super) app: &'a App,
    pub(super) directory: &'a Directory,
    pub(super) party: Party,
    /// The cabin asked for: it decides the market ratio and the fare families.
    pub(super) cabin: Cabin,
    /// The family whose price is shown first.
    pub(super) family: &'a FareFamily,
    pub(super) as_of: u64,
    pub(super) expires_at: Timestamp,
}

impl Writer<'_> {
    pub(super) fn itinerary(&self, journey: &Journey) -> Result<ItineraryView, MoneyError> {
        let market_ppm = self.market_ppm(journey);
        let families = self.directory.families().of(self.cabin);
        let mut prices: Vec<FamilyPrice> =
            families.map(|family| self.in_family(journey, market_ppm, family)).collect::<Result<_, _>>()?;
        let lowest = prices.first().map_or(0, |cheapest| cheapest.price.amount);
        for price in &mut prices {
            price.difference.amount -= lowest;
        }
        let shown = prices.iter().find(|price| price.fare_family == self.family.code);
        // The families may have been filed anew since the question was checked.
        let (offer_id, price) = if let Some(shown) = shown {
            (shown.offer_id.clone(), shown.price)
        } else {
            let alone = self.in_family(journey, market_ppm, self.family)?;
            (alone.offer_id, alone.price)
        };
        Ok(ItineraryView {
            offer_id,
            segments: journey.legs().iter().map(|leg| self.segment(leg)).collect(),
            duration_minutes: journey.duration,
            stops: journey.stops(),
            price,
            fare_family: self.family.code.clone(),
            fare_families: prices,
            seats_left: journey.seats_left(),
            seats_left_at_price: journey.seats_at_price(),
        })
    }

    fn market_ppm(&self, journey: &Journey) -> u32 {
        let ends = journey.legs().first().zip(journey.legs().last());
        let ratio = |(first, last): (&Leg, &Leg)| {
            self.directory.ratio_ppm(first.origin, last.destination, self.cabin)
        };
        ends.map_or(RATIO_ONE_PPM, ratio)
    }

    fn in_family(
        &self,
        journey: &Journey,
        market_ppm: u32,
        family: &FareFamily,
    ) -> Result<FamilyPrice, MoneyError> {
        let leg = |leg: &Leg| {
            let class = BookingClass::new(leg.cabin, leg.class_rank)?;
            Some(OfferLeg { flight: leg.flight, class, fare: leg.fare })
        };
        let adult = Tariff::new(market_ppm, family.difference).adult(&journey.fares())?;
        let slice = OfferSlice {
            cabin: self.cabin,
            family: family.code.clone(),
            prices: percents(self.app).prices(adult, self.party)?,
            legs: journey.legs().iter().filter_map(leg).collect(),
        };
        let price = Money::new(slice.total(self.party)?, FILING_CURRENCY);
        let offer = Offer {
            as_of: self.as_of,
            expires_at: self.expires_at,
            party: self.party,
            currency: FILING_CURRENCY,
            slices: vec![slice],
        };
        let offer_id = self.app.offers.sign(&offer);
        Ok(FamilyPrice { fare_family: family.code.clone(), offer_id, price, difference: price })
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
            reviews: None,
        }
    }
}

/// When offers made at `now` expire: whole seconds, as the token keeps them.
pub(super) fn offers_expire_at(app: &App, now: Timestamp) -> Timestamp {
    let second = Timestamp::from_second(now.as_second()).unwrap_or(now);
    second + SignedDuration::from_mins(app.config.booking.offer_minutes)
}

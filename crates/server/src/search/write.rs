//! Itineraries as JSON, written straight from the journeys into one buffer: they are nine tenths of what a search sends.
//! `shape.rs` has the shape; a test reads what is written here into it and back.

use std::io::Write;

use domain::fare_families::FareFamily;
use domain::pricing::{Party, RATIO_ONE_PPM, Tariff, TypePercents};
use itinerary::{Journey, Leg};
use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use kernel::{AirportCode, BookingClass, Cabin, FlightId, MoneyError};

use super::offer::{Menu, OfferLeg, OfferSigner, choice};
use super::question::instant;
use crate::flights::api::{Directory, FILING_CURRENCY};
use crate::reviews::api::Ratings;

/// What a page of itineraries is written for.
pub(super) struct Writer<'a> {
    pub(super) directory: &'a Directory,
    pub(super) offers: &'a OfferSigner,
    pub(super) ratings: &'a Ratings,
    pub(super) percents: TypePercents,
    pub(super) party: Party,
    /// The cabin asked for: it decides the market ratio.
    pub(super) cabin: Cabin,
    /// The families an itinerary is sold in with their terms, the cheapest first, and which of them is shown first.
    pub(super) families: Vec<(&'a FareFamily, u32)>,
    pub(super) shown: usize,
    pub(super) as_of: u64,
    pub(super) expires_at: Timestamp,
}

/// A family with what one passenger of each type and the whole party pay.
struct Priced<'a> {
    code: &'a str,
    terms: u32,
    prices: [i64; 3],
    total: i64,
}

impl<'a> Writer<'a> {
    /// A JSON array of the journeys.
    pub(super) fn itineraries(&self, journeys: &[Journey]) -> Result<Vec<u8>, MoneyError> {
        let mut out = Vec::with_capacity(64 + 2_048 * journeys.len());
        out.push(b'[');
        for (index, journey) in journeys.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            self.itinerary(&mut out, journey)?;
        }
        out.push(b']');
        Ok(out)
    }

    /// Nothing that is written needs escaping: tokens are base64, codes are letters, digits and underscores.
    fn itinerary(&self, out: &mut Vec<u8>, journey: &Journey) -> Result<(), MoneyError> {
        let priced = self.priced(journey)?;
        let token = self.token(journey, &priced);
        let (Some(shown), Some(lowest)) = (priced.get(self.shown), priced.first()) else { return Ok(()) };
        out.extend_from_slice(b"{\"offer_id\":\"");
        offer_id(out, &token, self.shown);
        out.extend_from_slice(b"\",\"segments\":[");
        for (index, leg) in journey.legs().iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            self.segment(out, leg);
        }
        out.extend_from_slice(b"],\"duration_minutes\":");
        number(out, journey.duration.into());
        out.extend_from_slice(b",\"stops\":");
        number(out, i64::try_from(journey.stops()).unwrap_or(i64::MAX));
        out.extend_from_slice(b",\"price\":");
        money(out, shown.total);
        out.extend_from_slice(b",\"fare_family\":\"");
        out.extend_from_slice(shown.code.as_bytes());
        out.extend_from_slice(b"\",\"fare_families\":[");
        for (place, family) in priced.iter().enumerate() {
            out.extend_from_slice(if place > 0 { b",{\"fare_family\":\"" } else { b"{\"fare_family\":\"" });
            out.extend_from_slice(family.code.as_bytes());
            out.extend_from_slice(b"\",\"offer_id\":\"");
            offer_id(out, &token, place);
            out.extend_from_slice(b"\",\"price\":");
            money(out, family.total);
            out.extend_from_slice(b",\"difference\":");
            money(out, family.total - lowest.total);
            out.push(b'}');
        }
        out.extend_from_slice(b"],\"seats_left\":");
        number(out, journey.seats_left().into());
        out.extend_from_slice(b",\"seats_left_at_price\":");
        number(out, journey.seats_at_price().into());
        out.push(b'}');
        Ok(())
    }

    fn priced(&self, journey: &Journey) -> Result<Vec<Priced<'a>>, MoneyError> {
        let (market_ppm, fares) = (self.market_ppm(journey), journey.fares());
        let priced = |(family, terms): &(&'a FareFamily, u32)| {
            let adult = Tariff::new(market_ppm, family.difference).adult(&fares)?;
            let prices = self.percents.prices(adult, self.party)?;
            Ok(Priced {
                code: &family.code,
                terms: *terms,
                prices,
                total: self.percents.total(adult, self.party)?,
            })
        };
        self.families.iter().map(priced).collect()
    }

    fn market_ppm(&self, journey: &Journey) -> u32 {
        let ends = journey.legs().first().zip(journey.legs().last());
        let ratio = |(first, last): (&Leg, &Leg)| {
            self.directory.ratio_ppm(first.origin, last.destination, self.cabin)
        };
        ends.map_or(RATIO_ONE_PPM, ratio)
    }

    /// One signature for the itinerary in all its families.
    fn token(&self, journey: &Journey, priced: &[Priced<'_>]) -> String {
        let leg = |leg: &Leg| {
            let class = BookingClass::new(leg.cabin, leg.class_rank)?;
            Some(OfferLeg { flight: leg.flight, class, fare: leg.fare })
        };
        let families: Vec<(&str, u32, [i64; 3])> =
            priced.iter().map(|family| (family.code, family.terms, family.prices)).collect();
        let legs: Vec<OfferLeg> = journey.legs().iter().filter_map(leg).collect();
        let mut token = String::with_capacity(512);
        self.offers.sign_menu(
            &Menu {
                as_of: self.as_of,
                expires_at: self.expires_at,
                party: self.party,
                currency: FILING_CURRENCY,
                cabin: self.cabin,
                families: &families,
                legs: &legs,
            },
            &mut token,
        );
        token
    }

    fn segment(&self, out: &mut Vec<u8>, leg: &Leg) {
        out.extend_from_slice(b"{\"flight_id\":\"");
        out.extend_from_slice(FlightId::PREFIX.as_bytes());
        out.push(b'_');
        out.extend_from_slice(leg.flight.uuid().simple().encode_lower(&mut [0; 32]).as_bytes());
        out.extend_from_slice(b"\",\"flight_number\":");
        match leg.flight.key() {
            // Writing to memory cannot fail.
            Some(key) => drop(write!(out, "\"{}\"", key.number)),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"origin\":\"");
        out.extend_from_slice(leg.origin.as_str().as_bytes());
        out.extend_from_slice(b"\",\"destination\":\"");
        out.extend_from_slice(leg.destination.as_str().as_bytes());
        out.extend_from_slice(b"\",\"departs_at\":\"");
        self.local(out, instant(leg.departs), leg.origin);
        out.extend_from_slice(b"\",\"arrives_at\":\"");
        self.local(out, instant(leg.arrives), leg.destination);
        out.extend_from_slice(b"\",\"duration_minutes\":");
        number(out, leg.arrives.since(leg.departs).into());
        out.extend_from_slice(b",\"cabin\":\"");
        out.extend_from_slice(leg.cabin.as_str().as_bytes());
        out.extend_from_slice(b"\",\"booking_class\":");
        match BookingClass::new(leg.cabin, leg.class_rank).map(BookingClass::letter) {
            Some(letter) => drop(write!(out, "\"{letter}\"")),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"reviews\":");
        match leg.flight.key().and_then(|key| self.ratings.tenths(key.number)) {
            Some((tenths, count)) => {
                drop(write!(out, "{{\"average\":{}.{},\"count\":{count}}}", tenths / 10, tenths % 10));
            }
            None => out.extend_from_slice(b"null"),
        }
        out.push(b'}');
    }

    /// As `local_rfc3339` writes it.
    fn local(&self, out: &mut Vec<u8>, at: Timestamp, airport: AirportCode) {
        const PRINTER: DateTimePrinter = DateTimePrinter::new();
        let offset = self.directory.airport(airport).map(|airport| airport.zone.to_offset(at));
        // Writing to memory cannot fail.
        drop(PRINTER.print_timestamp_with_offset(&at, offset.unwrap_or(jiff::tz::Offset::UTC), out));
    }
}

fn offer_id(out: &mut Vec<u8>, token: &str, place: usize) {
    out.extend_from_slice(token.as_bytes());
    out.extend(choice(place));
}

fn number(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

fn money(out: &mut Vec<u8>, amount: i64) {
    out.extend_from_slice(b"{\"amount\":");
    number(out, amount);
    out.extend_from_slice(b",\"currency\":\"");
    out.extend_from_slice(FILING_CURRENCY.as_str().as_bytes());
    out.extend_from_slice(b"\"}");
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use domain::fare_families::FareFamilies;
    use itinerary::{
        AirportInfo, ClassState, ConnectionTimes, Destination, Filters, FlightState, Limits, Minute, Network,
        Order, Origin, Query,
    };
    use kernel::flight_id::FlightKey;
    use platform::keys::Secret;

    use super::*;
    use crate::search::shape::ItineraryView;

    fn code(text: &str) -> AirportCode {
        text.parse().expect("an airport")
    }

    fn flight(number: &str, route: (&str, &str), minutes: Range<u32>) -> FlightState {
        let number = number.parse().expect("a flight number");
        let class = |fare| ClassState { fare, seats: 9, closes: Minute(u32::MAX) };
        let economy = [class(40_000), class(30_000), class(20_000), class(10_001)];
        FlightState {
            id: FlightId::of(&FlightKey {
                number,
                origin: code(route.0),
                date: jiff::civil::date(2026, 12, 1),
            }),
            origin: code(route.0),
            destination: code(route.1),
            departs: Minute(minutes.start),
            arrives: Minute(minutes.end),
            on_sale: true,
            cabins: [Some(economy), None, None, None],
            version: 1,
        }
    }

    fn journeys() -> Vec<Journey> {
        let airports =
            ["ABE", "ATL", "LAX"].map(|airport| AirportInfo { code: code(airport), country: *b"US" });
        let network = Network::new(airports.to_vec(), ConnectionTimes::default());
        let start = 29_900_000;
        network.load([
            flight("KR1", ("ABE", "ATL"), start..start + 120),
            flight("S22A", ("ATL", "LAX"), start + 180..start + 480),
            flight("KR3", ("ABE", "LAX"), start + 60..start + 420),
        ]);
        let query = Query {
            origins: vec![Origin {
                airport: code("ABE"),
                departs: vec![Minute(start)..Minute(start + 1_440)],
            }],
            destinations: vec![Destination { airport: code("LAX"), arrives: None }],
            earliest_departure: Minute(start),
            cabin: Cabin::Economy,
            mixed_cabin: false,
            seats: 3,
            max_stops: 2,
            limits: Limits::default(),
            tariff: itinerary::Tariff::default(),
            filters: Filters::default(),
            order: Order::Duration,
            limit: 10,
            after: None,
            effort: 10_000,
        };
        network.search(&query).journeys().collect()
    }

    #[test]
    fn what_is_written_is_the_shape_that_is_documented() {
        let (directory, families) = (Directory::default(), FareFamilies::default());
        let family = families.of(Cabin::Economy).next().expect("a family");
        let writer = Writer {
            directory: &directory,
            offers: &OfferSigner::new(&Secret::new([1; 32])),
            ratings: &Ratings::of("KR1".parse().expect("a flight number"), (40, 3)),
            percents: TypePercents { child: 75, infant: 10 },
            party: Party::new(2, 1, 1).expect("a party"),
            cabin: Cabin::Economy,
            // The same one three times: what is looked at is how lists are written.
            families: std::iter::repeat_n((family, family.terms()), 3).collect(),
            shown: 1,
            as_of: 4_711,
            expires_at: "2026-12-01T00:00:00Z".parse().expect("an instant"),
        };
        for count in 0..=2 {
            let json = writer.itineraries(&journeys()[..count]).expect("written");
            let read: Vec<ItineraryView> = serde_json::from_slice(&json).expect("the shape");
            assert_eq!(read.len(), count);
            let again = serde_json::to_string(&read).expect("written");
            assert_eq!(String::from_utf8(json).expect("text"), again);
        }
    }
}

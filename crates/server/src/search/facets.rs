//! What each filter would leave, and the cheapest price behind it.
//!
//! Every journey of the day is looked at once, without the traveller's filters, and put to each of them. One that passes
//! them all counts everywhere; one that fails a single filter counts among that filter's own values, because another value
//! of it would let it in; one that fails two counts nowhere.

use std::collections::BTreeMap;
use std::ops::Range;

use domain::fare_families::FareFamily;
use itinerary::{Filters, Minute, Seen, Tariff};
use jiff::tz::TimeZone;
use kernel::{AirlineCode, AirportCode, Money};
use platform::http::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use super::calendar::party_price;
use super::engine;
use super::question::{Question, instant};
use crate::app::App;
use crate::flights::api::{Directory, FILING_CURRENCY};

/// Parts of a day, by the hour they begin and end.
const PARTS: [(u8, u8); 4] = [(0, 6), (6, 12), (12, 18), (18, 24)];

/// Counts behind each filter.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"itineraries": 41, "stops": [{"value": "0", "count": 3, "cheapest": {"amount": 18900,
    "currency": "USD"}}], "airlines": [{"value": "KR", "count": 40, "cheapest": {"amount": 18900, "currency": "USD"}}],
    "via": [{"value": "ATL", "count": 12, "cheapest": {"amount": 19900, "currency": "USD"}}], "departure": [{"value":
    "06:00-12:00", "count": 20, "cheapest": {"amount": 18900, "currency": "USD"}}], "arrival": [], "fare_families": [], "price": {"least":
    18900, "most": 99000}, "duration": {"least": 120, "most": 900}, "complete": true}))]
pub(super) struct Facets {
    /// How many pass all filters.
    itineraries: u64,
    /// By number of stops.
    stops: Vec<FacetValue>,
    /// By airline, those wholly of one.
    airlines: Vec<FacetValue>,
    /// By airport where planes are changed; an itinerary with two changes counts twice.
    via: Vec<FacetValue>,
    /// By local time of departure.
    departure: Vec<FacetValue>,
    /// By local time of arrival.
    arrival: Vec<FacetValue>,
    /// By fare family: what costs within the price limit in it, and its cheapest.
    fare_families: Vec<FacetValue>,
    /// Lowest and highest price of the party, minor units; null without itineraries.
    price: Option<Span>,
    /// Shortest and longest duration, minutes; null without itineraries.
    duration: Option<Span>,
    /// False when there were more itineraries than could be counted.
    complete: bool,
}

/// A value of a filter.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"value": "KR", "count": 40, "cheapest": {"amount": 18900, "currency": "USD"}}))]
struct FacetValue {
    value: String,
    /// Itineraries that have it.
    count: u64,
    /// The lowest price among them, for the whole party.
    cheapest: Money,
}

/// From the least to the most.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(example = json!({"least": 18900, "most": 99000}))]
struct Span {
    least: i64,
    most: i64,
}

/// Counts all itineraries of the questions, on a thread of its own: it looks at every one.
pub(super) async fn facets(app: &App, questions: &[Question]) -> Result<Facets, Problem> {
    let slot = app.live.slot().await?;
    let (app, questions) = (app.clone(), questions.to_vec());
    let apart = move || {
        let _slot = slot;
        let effort = engine::EFFORT_APART / questions.len().max(1) as u64;
        let mut count = Count::default();
        let mut complete = true;
        for question in &questions {
            complete &= count.all(&app, question, effort)?;
        }
        let directory = app.directory.load();
        let families =
            questions.first().into_iter().flat_map(|question| directory.families().of(question.cabin));
        Ok(count.facets(&families.map(|family| family.code.as_str()).collect::<Vec<_>>(), complete))
    };
    tokio::task::spawn_blocking(apart).await.map_err(Problem::internal)?
}

/// The filters, as bits.
#[derive(Clone, Copy)]
enum Filter {
    Stops,
    Price,
    Duration,
    Departure,
    Arrival,
    Airlines,
    Via,
    Connection,
}

/// Count, and lowest price of the party.
#[derive(Clone, Copy)]
struct Tally(u64, i64);

impl Tally {
    fn add<K: Ord>(values: &mut BTreeMap<K, Self>, value: K, price: i64) {
        let tally = values.entry(value).or_insert(Self(0, i64::MAX));
        *tally = Self(tally.0 + 1, tally.1.min(price));
    }
}

#[derive(Default)]
struct Count {
    itineraries: u64,
    stops: BTreeMap<usize, Tally>,
    airlines: BTreeMap<AirlineCode, Tally>,
    via: BTreeMap<AirportCode, Tally>,
    departure: BTreeMap<usize, Tally>,
    arrival: BTreeMap<usize, Tally>,
    /// By place in the cabin's families.
    families: BTreeMap<usize, Tally>,
    price: Option<Span>,
    duration: Option<Span>,
}

impl Count {
    /// Adds all journeys of a question; `false` if there were too many to look at.
    fn all(&mut self, app: &App, question: &Question, effort: u64) -> Result<bool, Problem> {
        let unfiltered = Question {
            departs: vec![question.day.clone()],
            arrives: None,
            max_stops: itinerary::STOPS_MAX,
            max_price: None,
            max_duration: None,
            min_connection: 0,
            max_connection: None,
            filters: Filters::default(),
            ..question.clone()
        };
        let query = engine::query(app, &unfiltered, 0, None, effort);
        let directory = app.directory.load();
        let zones = (directory.zone(question.origin), directory.zone(question.destination));
        let market = Market::new(&query, question, &directory);
        let mut refused = None;
        let complete = app.live.network.load().visit(&query, &mut |seen| {
            let added = party_price(app, question, seen.price).and_then(|price| {
                let failed = failed(question, price.amount, seen);
                self.add(failed, &zones, price.amount, seen);
                self.add_families(app, question, &market, failed, seen)
            });
            refused = refused.take().or(added.err());
        });
        refused.map_or(Ok(complete), Err)
    }

    fn add(&mut self, failed: u32, zones: &(TimeZone, TimeZone), price: i64, seen: &Seen) {
        let counts_for = |filter: Filter| failed & !(1 << filter as u32) == 0;
        self.itineraries += u64::from(failed == 0);
        if counts_for(Filter::Stops) {
            Tally::add(&mut self.stops, seen.stops(), price);
        }
        if counts_for(Filter::Airlines)
            && let [Some(airline), rest @ ..] = seen.airlines()
            && rest.iter().all(|other| *other == Some(*airline))
        {
            Tally::add(&mut self.airlines, *airline, price);
        }
        if counts_for(Filter::Via) {
            for (airport, _) in seen.connections() {
                Tally::add(&mut self.via, airport, price);
            }
        }
        if counts_for(Filter::Departure) {
            Tally::add(&mut self.departure, part_of_day(seen.departs, &zones.0), price);
        }
        if counts_for(Filter::Arrival) {
            Tally::add(&mut self.arrival, part_of_day(seen.arrives, &zones.1), price);
        }
        if counts_for(Filter::Price) {
            Span::widen(&mut self.price, price);
        }
        if counts_for(Filter::Duration) {
            Span::widen(&mut self.duration, seen.duration().into());
        }
    }

    /// Counts a journey in each family in which it costs within the limit, if it passes every other filter.
    fn add_families(
        &mut self,
        app: &App,
        question: &Question,
        market: &Market,
        failed: u32,
        seen: &Seen,
    ) -> Result<(), Problem> {
        if failed & !(1 << Filter::Price as u32) != 0 {
            return Ok(());
        }
        for (place, tariff) in market.families.iter().enumerate() {
            let price = party_price(app, question, market.price(tariff, seen))?.amount;
            if question.max_price.is_none_or(|most| price <= most) {
                Tally::add(&mut self.families, place, price);
            }
        }
        Ok(())
    }

    fn facets(self, families: &[&str], complete: bool) -> Facets {
        let part = |part: usize| {
            PARTS.get(part).map_or(String::new(), |(from, to)| format!("{from:02}:00-{to:02}:00"))
        };
        Facets {
            itineraries: self.itineraries,
            stops: values(self.stops, |stops| stops.to_string()),
            airlines: values(self.airlines, |airline| airline.to_string()),
            via: values(self.via, |airport| airport.to_string()),
            departure: values(self.departure, part),
            arrival: values(self.arrival, part),
            fare_families: values(self.families, |place| {
                families.get(place).map_or(String::new(), |code| (*code).to_owned())
            }),
            price: self.price,
            duration: self.duration,
            complete,
        }
    }
}

/// What the flights of a market cost in each fare family of the cabin.
struct Market {
    /// The tariff journeys are seen with.
    seen_with: Tariff,
    families: Vec<Tariff>,
}

impl Market {
    fn new(query: &itinerary::Query, question: &Question, directory: &Directory) -> Self {
        let tariff = |family: &FareFamily| engine::tariff(directory, question, family);
        Self {
            seen_with: query.tariff,
            families: directory.families().of(question.cabin).map(tariff).collect(),
        }
    }

    /// What an adult pays for a journey by another tariff, in millionths of a minor unit.
    fn price(&self, tariff: &Tariff, seen: &Seen) -> u64 {
        let flights = seen.stops() + 1;
        let ratio = if flights > 1 { self.seen_with.connection_ppm } else { self.seen_with.nonstop_ppm };
        let sum = seen.price / u64::from(ratio.max(1));
        let fares = sum.saturating_sub(u64::from(self.seen_with.per_flight) * flights as u64);
        tariff.price(u32::try_from(fares).unwrap_or(u32::MAX), flights)
    }
}

fn values<K>(tallies: BTreeMap<K, Tally>, name: impl Fn(K) -> String) -> Vec<FacetValue> {
    let value = |(key, Tally(count, cheapest)): (K, Tally)| {
        let cheapest = Money::new(cheapest, FILING_CURRENCY);
        FacetValue { value: name(key), count, cheapest }
    };
    tallies.into_iter().map(value).collect()
}

impl Span {
    fn widen(span: &mut Option<Self>, value: i64) {
        let Self { least, most } = span.unwrap_or(Self { least: value, most: value });
        *span = Some(Self { least: least.min(value), most: most.max(value) });
    }
}

/// The filters a journey does not pass, as bits.
fn failed(question: &Question, price: i64, seen: &Seen) -> u32 {
    let within = |windows: &[Range<Minute>], at: Minute| windows.iter().any(|window| window.contains(&at));
    let (filters, longest) = (&question.filters, question.max_connection.unwrap_or(u32::MAX));
    let flown = |airline: &Option<AirlineCode>| {
        let named = |list: &[AirlineCode]| airline.is_some_and(|airline| list.contains(&airline));
        (filters.airlines.is_empty() || named(&filters.airlines)) && !named(&filters.not_airlines)
    };
    let changed = |airport: AirportCode| {
        (filters.via.is_empty() || filters.via.contains(&airport)) && !filters.not_via.contains(&airport)
    };
    let passes = [
        (Filter::Stops, seen.stops() <= usize::from(question.max_stops)),
        (Filter::Price, question.max_price.is_none_or(|most| price <= most)),
        (Filter::Duration, question.max_duration.is_none_or(|most| seen.duration() <= most)),
        (Filter::Departure, within(&question.departs, seen.departs)),
        (Filter::Arrival, question.arrives.as_ref().is_none_or(|windows| within(windows, seen.arrives))),
        (Filter::Airlines, seen.airlines().iter().all(flown)),
        (Filter::Via, seen.connections().all(|(airport, _)| changed(airport))),
        (Filter::Connection, {
            let allowed = question.min_connection..=longest;
            seen.connections().all(|(_, minutes)| allowed.contains(&minutes))
        }),
    ];
    let bit = |(filter, passes): (Filter, bool)| u32::from(!passes) << filter as u32;
    passes.into_iter().map(bit).sum()
}

fn part_of_day(at: Minute, zone: &TimeZone) -> usize {
    let hour = instant(at).to_zoned(zone.clone()).hour();
    PARTS.iter().position(|(from, to)| (*from..*to).contains(&hour.unsigned_abs())).unwrap_or(0)
}

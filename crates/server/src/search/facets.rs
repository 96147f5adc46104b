//! What each filter would leave, and the cheapest price behind it.
//!
//! Every journey of the day is looked at once, without the traveller's filters, and put to each of them. One that passes
//! them all counts everywhere; one that fails a single filter counts among that filter's own values, because another value
//! of it would let it in; one that fails two counts nowhere.

use std::collections::BTreeMap;
use std::ops::Range;

use itinerary::{Filters, Minute, Seen};
use jiff::tz::TimeZone;
use kernel::{AirlineCode, AirportCode, Money};
use platform::http::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use super::calendar::party_price;
use super::engine;
use super::question::{Question, instant};
use crate::app::App;

/// Parts of a day, by the hour they begin and end.
const PARTS: [(u8, u8); 4] = [(0, 6), (6, 12), (12, 18), (18, 24)];

/// Counts behind each filter.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"itineraries": 41, "stops": [{"value": "0", "count": 3, "cheapest": {"amount": 18900,
    "currency": "USD"}}], "airlines": [{"value": "KR", "count": 40, "cheapest": {"amount": 18900, "currency": "USD"}}],
    "via": [{"value": "ATL", "count": 12, "cheapest": {"amount": 19900, "currency": "USD"}}], "departure": [{"value":
    "06:00-12:00", "count": 20, "cheapest": {"amount": 18900, "currency": "USD"}}], "arrival": [], "price": {"least":
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
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"least": 18900, "most": 99000}))]
struct Span {
    least: i64,
    most: i64,
}

/// Counts all itineraries of a question, on a thread of its own: it looks at every one.
pub(super) async fn facets(app: &App, question: &Question) -> Result<Facets, Problem> {
    let slot = app.live.slot().await?;
    let (app, question) = (app.clone(), question.clone());
    let apart = move || {
        let _slot = slot;
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
        let query = engine::query(&app, &unfiltered, 0, None, engine::EFFORT_APART);
        let most = engine::filters(&app, &question).max_price;
        let mut count = Count::new(&app, &question, most);
        let complete = app.live.network.load().visit(&query, &mut |seen| count.add(seen));
        count.facets(&app, complete)
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

/// Count and lowest price of an adult.
#[derive(Clone, Copy)]
struct Tally(u64, u64);

impl Tally {
    fn add<K: Ord>(values: &mut BTreeMap<K, Self>, value: K, price: u64) {
        let tally = values.entry(value).or_insert(Self(0, u64::MAX));
        *tally = Self(tally.0 + 1, tally.1.min(price));
    }
}

struct Count<'a> {
    question: &'a Question,
    zones: (TimeZone, TimeZone),
    max_price: Option<u64>,
    itineraries: u64,
    stops: BTreeMap<usize, Tally>,
    airlines: BTreeMap<AirlineCode, Tally>,
    via: BTreeMap<AirportCode, Tally>,
    departure: BTreeMap<usize, Tally>,
    arrival: BTreeMap<usize, Tally>,
    prices: Option<(u64, u64)>,
    durations: Option<(u32, u32)>,
}

impl<'a> Count<'a> {
    fn new(app: &App, question: &'a Question, max_price: Option<u64>) -> Self {
        let directory = app.directory.load();
        Self {
            question,
            zones: (directory.zone(question.origin), directory.zone(question.destination)),
            max_price,
            itineraries: 0,
            stops: BTreeMap::new(),
            airlines: BTreeMap::new(),
            via: BTreeMap::new(),
            departure: BTreeMap::new(),
            arrival: BTreeMap::new(),
            prices: None,
            durations: None,
        }
    }

    fn add(&mut self, seen: &Seen) {
        let failed = failed(self.question, self.max_price, seen);
        let counts_for = |filter: Filter| failed & !(1 << filter as u32) == 0;
        self.itineraries += u64::from(failed == 0);
        if counts_for(Filter::Stops) {
            Tally::add(&mut self.stops, seen.stops(), seen.price);
        }
        if counts_for(Filter::Airlines)
            && let [Some(airline), rest @ ..] = seen.airlines()
            && rest.iter().all(|other| *other == Some(*airline))
        {
            Tally::add(&mut self.airlines, *airline, seen.price);
        }
        if counts_for(Filter::Via) {
            for (airport, _) in seen.connections() {
                Tally::add(&mut self.via, airport, seen.price);
            }
        }
        if counts_for(Filter::Departure) {
            Tally::add(&mut self.departure, part_of_day(seen.departs, &self.zones.0), seen.price);
        }
        if counts_for(Filter::Arrival) {
            Tally::add(&mut self.arrival, part_of_day(seen.arrives, &self.zones.1), seen.price);
        }
        if counts_for(Filter::Price) {
            self.prices = Some(widened(self.prices, seen.price));
        }
        if counts_for(Filter::Duration) {
            self.durations = Some(widened(self.durations, seen.duration()));
        }
    }

    fn facets(self, app: &App, complete: bool) -> Result<Facets, Problem> {
        let question = self.question;
        let price = |adult| party_price(app, question, adult);
        let part = |part: usize| {
            PARTS.get(part).map_or(String::new(), |(from, to)| format!("{from:02}:00-{to:02}:00"))
        };
        let prices = self.prices.map(|(least, most)| {
            Ok::<_, Problem>(Span { least: price(least)?.amount, most: price(most)?.amount })
        });
        Ok(Facets {
            itineraries: self.itineraries,
            stops: values(self.stops, |stops| stops.to_string(), &price)?,
            airlines: values(self.airlines, |airline| airline.to_string(), &price)?,
            via: values(self.via, |airport| airport.to_string(), &price)?,
            departure: values(self.departure, part, &price)?,
            arrival: values(self.arrival, part, &price)?,
            price: prices.transpose()?,
            duration: self.durations.map(|(least, most)| Span { least: least.into(), most: most.into() }),
            complete,
        })
    }
}

fn values<K>(
    tallies: BTreeMap<K, Tally>,
    name: impl Fn(K) -> String,
    price: &impl Fn(u64) -> Result<Money, Problem>,
) -> Result<Vec<FacetValue>, Problem> {
    let value = |(key, Tally(count, cheapest)): (K, Tally)| {
        Ok(FacetValue { value: name(key), count, cheapest: price(cheapest)? })
    };
    tallies.into_iter().map(value).collect()
}

fn widened<T: Ord + Copy>(span: Option<(T, T)>, value: T) -> (T, T) {
    span.map_or((value, value), |(least, most)| (least.min(value), most.max(value)))
}

/// The filters a journey does not pass, as bits.
fn failed(question: &Question, max_price: Option<u64>, seen: &Seen) -> u32 {
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
        (Filter::Price, max_price.is_none_or(|most| seen.price <= most)),
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

//! Timetables as text, so that a test can be read without knowing the types.
//!
//! ```text
//! # number, from, to, day, departure, arrival, then classes as letter:fare/seats
//! KR1 ABE ATL 1 08:35 10:35 Y:100/9 M:80/4@06:00-1 v2
//! KR2 ATL LHR 1 23:10 07:00+1 Y:300/2 J:900/1 off
//! ```
//!
//! Day 1 is 1 December 2026 and times are UTC; `+1` and `-1` move a time to the day after and before. A class sells
//! until the instant behind `@`, or else until departure. A cabin is there when one of its classes is named; its
//! other classes are sold out. `off` is a flight that is not on sale, `v2` its version (1 when not said).

use std::ops::Range;

use itinerary::{
    AirportInfo, Answer, ClassState, ConnectionTimes, Destination, Filters, FlightState, Journey, Limits,
    Minute, Network, Order, Origin, Query, SortKey, Tariff,
};
use kernel::codes::{BookingClass, CLASSES_PER_CABIN};
use kernel::{AirportCode, Cabin, FlightId, FlightKey};

/// The airports of every test in text, by country.
const AIRPORTS: [(&str, &str); 3] = [("US", "ABE ATL JFK ORD"), ("GB", "LHR MAN"), ("IN", "DEL BOM")];

/// 30 November 2026 as a day since the Unix epoch: the day before day 1.
const DAY_ZERO: u32 = 20_787;
const DAY: u32 = 24 * 60;

/// A network of [`AIRPORTS`] that took all flights of the text.
pub(crate) fn network(text: &str) -> Network {
    network_with(ConnectionTimes::default(), text)
}

/// The same with other minimum connection times.
pub(crate) fn network_with(times: ConnectionTimes, text: &str) -> Network {
    let network = empty_network_with(times);
    assert_eq!(network.load(flights(text)), [], "refused");
    network
}

/// The network of [`AIRPORTS`] without flights.
pub(crate) fn empty_network() -> Network {
    empty_network_with(ConnectionTimes::default())
}

fn empty_network_with(times: ConnectionTimes) -> Network {
    let info = |country: &str, airport| AirportInfo { code: code(airport), country: country_code(country) };
    let airports = AIRPORTS.iter().flat_map(|(country, airports)| {
        airports.split_whitespace().map(move |airport| info(country, airport))
    });
    Network::new(airports.collect(), times)
}

pub(crate) fn country_code(text: &str) -> [u8; 2] {
    text.as_bytes().try_into().expect("a country of two letters")
}

pub(crate) fn code(text: &str) -> AirportCode {
    text.parse().expect("an airport code")
}

/// An instant such as `1 08:35`.
pub(crate) fn at(text: &str) -> Minute {
    let (day, time) = text.split_once(' ').expect("a day and a time");
    instant(day.parse().expect("a day"), time)
}

/// `08:35`, `00:20+1` or `23:00-1`, seen from `day`.
fn instant(day: u32, text: &str) -> Minute {
    let (time, days) = text.split_at(text.find(['+', '-']).unwrap_or(text.len()));
    let (hours, minutes) = time.split_once(':').expect("hh:mm");
    let days: i32 = if days.is_empty() { 0 } else { days.parse().expect("days") };
    let (hours, minutes): (u32, u32) = (hours.parse().expect("hours"), minutes.parse().expect("minutes"));
    assert!(hours < 24 && minutes < 60, "{text} is no time of day");
    Minute((DAY_ZERO + day).checked_add_signed(days).expect("a day") * DAY + hours * 60 + minutes)
}

/// The id of a flight such as `KR1 ABE 1`.
pub(crate) fn id(text: &str) -> FlightId {
    let [number, origin, day] = text.split_whitespace().collect::<Vec<_>>()[..] else {
        panic!("{text:?} is not a number, an origin and a day");
    };
    let day: u32 = day.parse().expect("a day");
    let date = format!("2026-12-{day:02}").parse().expect("a date");
    FlightId::of(&FlightKey { number: number.parse().expect("a number"), origin: code(origin), date })
}

/// The flights of a timetable, one a line.
pub(crate) fn flights(text: &str) -> Vec<FlightState> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(flight).collect()
}

/// The flight of one line.
pub(crate) fn flight(line: &str) -> FlightState {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [number, origin, destination, day, departs, arrives, rest @ ..] = &words[..] else {
        panic!("{line:?} is not a flight");
    };
    let id = id(&format!("{number} {origin} {day}"));
    let day = day.parse().expect("a day");
    let mut state = FlightState {
        id,
        origin: code(origin),
        destination: code(destination),
        departs: instant(day, departs),
        arrives: instant(day, arrives),
        on_sale: true,
        cabins: [None; Cabin::ALL.len()],
        version: 1,
    };
    for word in rest {
        if *word == "off" {
            state.on_sale = false;
        } else if let Some(version) = word.strip_prefix('v') {
            state.version = version.parse().expect("a version");
        } else {
            read_class(&mut state, day, word);
        }
    }
    state
}

/// Reads `M:80/4@06:00-1`.
fn read_class(state: &mut FlightState, day: u32, word: &str) {
    let (letter, rest) = word.split_once(':').expect("a class letter");
    let (fare, rest) = rest.split_once('/').expect("a fare");
    let (seats, closes) = rest.split_once('@').map_or((rest, None), |(seats, time)| (seats, Some(time)));
    let class = Cabin::ALL
        .into_iter()
        .find_map(|cabin| BookingClass::from_letter(cabin, letter.parse().ok()?))
        .unwrap_or_else(|| panic!("{word:?} is not a class"));
    let sold_out = ClassState { fare: 0, seats: 0, closes: state.departs };
    let classes = state.cabins[class.cabin.index()].get_or_insert([sold_out; CLASSES_PER_CABIN]);
    classes[usize::from(class.rank()) - 1] = ClassState {
        fare: fare.parse().expect("a fare"),
        seats: seats.parse().expect("seats"),
        closes: closes.map_or(state.departs, |time| instant(day, time)),
    };
}

/// The line [`flight`] reads as `state`: what the oracle finds wrong can be pasted into a test.
pub(crate) fn line(state: &FlightState) -> String {
    let key = state.id.key().expect("an id made of a key");
    let day = u32::from(key.date.day().unsigned_abs());
    let time = |instant: Minute| {
        let days = i64::from(instant.0 / DAY) - i64::from(DAY_ZERO + day);
        let shift = if days == 0 { String::new() } else { format!("{days:+}") };
        format!("{:02}:{:02}{shift}", instant.0 / 60 % 24, instant.0 % 60)
    };
    let (departs, arrives) = (time(state.departs), time(state.arrives));
    let mut line = format!("{} {} {} {day} {departs} {arrives}", key.number, state.origin, state.destination);
    for cabin in Cabin::ALL {
        for (rank, class) in (1..).zip(state.cabins[cabin.index()].iter().flatten()) {
            let letter = letter(cabin, rank);
            line += &format!(" {letter}:{}/{}@{}", class.fare, class.seats, time(class.closes));
        }
    }
    if !state.on_sale {
        line += " off";
    }
    line + &format!(" v{}", state.version)
}

fn letter(cabin: Cabin, rank: u8) -> char {
    BookingClass::new(cabin, rank).expect("a rank").letter()
}

/// A question from one airport to another, with the instant it is asked at.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) origin: AirportCode,
    pub(crate) destination: AirportCode,
    pub(crate) departs: Range<Minute>,
    pub(crate) arrives: Option<Range<Minute>>,
    pub(crate) now: Minute,
    pub(crate) earliest_departure: Minute,
    pub(crate) cabin: Cabin,
    pub(crate) mixed_cabin: bool,
    pub(crate) seats: u16,
    pub(crate) max_stops: u8,
    pub(crate) limits: Limits,
    pub(crate) tariff: Tariff,
    pub(crate) filters: Filters,
    pub(crate) order: Order,
    pub(crate) limit: usize,
    pub(crate) after: Option<SortKey>,
}

impl Ask {
    pub(crate) fn query(&self) -> Query {
        let arrives = self.arrives.clone().map(|range| vec![range]);
        Query {
            origins: vec![Origin { airport: self.origin, departs: vec![self.departs.clone()] }],
            destinations: vec![Destination { airport: self.destination, arrives }],
            earliest_departure: self.earliest_departure,
            cabin: self.cabin,
            mixed_cabin: self.mixed_cabin,
            seats: self.seats,
            max_stops: self.max_stops,
            limits: self.limits,
            tariff: self.tariff,
            filters: self.filters.clone(),
            order: self.order,
            limit: self.limit,
            after: self.after,
            effort: u64::MAX,
        }
    }

    /// The answer of a network whose clock shows the instant of the question.
    pub(crate) fn answer(&self, network: &Network) -> Answer {
        network.set_clock(self.now);
        network.search(&self.query())
    }
}

/// The usual question, for a route such as `ABE ORD`: one seat in economy, any departure on day 1, at most two
/// stops, asked the day before. A test says what is different.
pub(crate) fn ask(route: &str) -> Ask {
    let (origin, destination) = route.split_once(' ').expect("two airports");
    Ask {
        origin: code(origin),
        destination: code(destination),
        departs: at("1 00:00")..at("2 00:00"),
        arrives: None,
        now: at("0 00:00"),
        earliest_departure: at("0 00:00"),
        cabin: Cabin::Economy,
        mixed_cabin: false,
        seats: 1,
        max_stops: 2,
        limits: Limits::default(),
        tariff: Tariff::default(),
        filters: Filters::default(),
        order: Order::Duration,
        limit: 20,
        after: None,
    }
}

/// The best journeys.
pub(crate) fn search(network: &Network, ask: &Ask) -> Vec<Journey> {
    ask.answer(network).journeys().collect()
}

/// The journeys found, best first, each as `KR1/Y KR2/Q 3:25 180`: flights with their class, hours, price.
pub(crate) fn found(network: &Network, ask: &Ask) -> Vec<String> {
    search(network, ask).iter().map(show).collect()
}

/// The journeys that nothing beats.
pub(crate) fn undominated(network: &Network, ask: &Ask) -> Vec<String> {
    ask.answer(network).pareto().map(|journey| show(&journey)).collect()
}

fn show(journey: &Journey) -> String {
    let legs = journey.legs().iter().map(|leg| {
        let number = leg.flight.key().expect("an id made of a key").number;
        format!("{number}/{} ", letter(leg.cabin, leg.class_rank))
    });
    let (hours, minutes) = (journey.duration / 60, journey.duration % 60);
    format!("{}{hours}:{minutes:02} {}", legs.collect::<String>(), journey.price / 1_000_000)
}

#[test]
fn a_line_says_what_the_flight_is() {
    let state = flight("KR2 ATL LHR 3 23:10 07:00+1 Y:300/2 M:250/1@12:00-2 J:900/4 off v7");
    assert_eq!(state.id, id("KR2 ATL 3"));
    assert_eq!((state.departs, state.arrives), (at("3 23:10"), at("4 07:00")));
    assert_eq!((state.on_sale, state.version), (false, 7));
    let class = |fare, seats, closes| ClassState { fare, seats, closes: at(closes) };
    let sold_out = class(0, 0, "3 23:10");
    let economy = [class(300, 2, "3 23:10"), sold_out, class(250, 1, "1 12:00"), sold_out];
    let business = [class(900, 4, "3 23:10"), sold_out, sold_out, sold_out];
    assert_eq!(state.cabins, [Some(economy), None, Some(business), None]);
    assert_eq!(flight(&line(&state)), state);
    // 1 December 2026 is 1,796,083,200 seconds after the epoch.
    assert_eq!(at("1 00:00").0 * 60, 1_796_083_200);
}

//! How long a look-up of an airport or city takes, on the demo's 7,884 airports:
//! `cargo bench -p domain --bench places`. With arguments it shows what each finds instead:
//! `cargo bench -p domain --bench places -- "new york ken"`.

#![expect(clippy::expect_used, reason = "a measurement fails by panicking")]

use std::collections::HashMap;
use std::hint::black_box;
use std::io::Read;
use std::time::{Duration, Instant};

use domain::airports::{self, Airport};
use domain::places::{AirportRow, Place, Places, cities};
use domain::timetable;
use kernel::AirportCode;

/// What people type; each is measured letter by letter, as an autocomplete box asks.
const TYPED: &[&str] = &[
    "atlanta",
    "chicago o'hare",
    "new york kennedy",
    "san francisco",
    "los angeles international airport",
    "st. louis",
    "são paulo",
    "zürich",
    "bombay",
    "portland maine",
    "jfk",
    "washington dulles international",
];

/// What people mistype.
const MISTYPED: &[&str] = &[
    "chicgo",                                              // typos:ignore
    "los angelas",                                         // typos:ignore
    "san fransisco",                                       // typos:ignore
    "philidelphia",                                        // typos:ignore
    "albuqerque",                                          // typos:ignore
    "indianopolis",                                        // typos:ignore
    "minneapolus st",                                      // typos:ignore
    "jaksonvile",                                          // typos:ignore
    "interantional airprot of somwhere elsewhere unknwon", // typos:ignore
];

const ROUNDS: usize = 200;
const LIMIT: usize = 10;

fn main() {
    let airports = airports();
    let departures = departures();
    let rows: Vec<AirportRow<'_>> = airports.iter().map(|airport| row(airport, &departures)).collect();
    let cities = cities::shipped().expect("cities.csv");
    let began = Instant::now();
    let places = Places::new(&rows, &cities);
    let built = began.elapsed();

    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if !asked.is_empty() {
        for typed in asked {
            show(&places, &airports, &typed);
        }
        return;
    }
    println!("{} airports, index made in {} ms", rows.len(), built.as_millis());
    println!("microseconds for a look-up, limit {LIMIT}, {ROUNDS} rounds\n");
    println!("{:44} {:>6} {:>6} {:>6} {:>6}", "typed", "count", "p50", "p99", "worst");
    let letter_by_letter: Vec<String> = TYPED.iter().flat_map(|typed| beginnings(typed)).collect();
    measure("beginnings of what people type", &places, &letter_by_letter);
    let mistyped: Vec<String> = MISTYPED.iter().flat_map(|typed| beginnings(typed)).collect();
    measure("beginnings of what people mistype", &places, &mistyped);
    for typed in MISTYPED.iter().chain(&["a", "airport", "international", ""]) {
        measure(&format!("{typed:?}"), &places, &[(*typed).to_owned()]);
    }
}

fn airports() -> Vec<Airport> {
    let bytes = include_bytes!("../../../data/airports.csv");
    airports::parse("airports.csv", bytes, &|_| true).expect("airports.csv")
}

fn departures() -> HashMap<AirportCode, u32> {
    let mut bytes = Vec::new();
    let packed: &[u8] = include_bytes!("../../../data/timetable-us.csv.gz");
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).expect("a gzip file");
    let patterns = timetable::parse("timetable-us.csv", &bytes, &|_| true).expect("timetable-us.csv");
    let mut departures = HashMap::new();
    for pattern in patterns {
        *departures.entry(pattern.origin).or_default() += pattern.days.count();
    }
    departures
}

fn row<'a>(airport: &'a Airport, departures: &HashMap<AirportCode, u32>) -> AirportRow<'a> {
    AirportRow {
        code: airport.code,
        name: &airport.name,
        city: &airport.city,
        subdivision: &airport.subdivision,
        position: airport.position,
        weekly_departures: departures.get(&airport.code).copied().unwrap_or(0),
    }
}

fn beginnings(typed: &str) -> impl Iterator<Item = String> {
    typed.char_indices().map(|(at, letter)| typed[..at + letter.len_utf8()].to_owned())
}

fn measure(what: &str, places: &Places, typed: &[String]) {
    let mut times: Vec<Duration> = Vec::with_capacity(typed.len() * ROUNDS);
    for _ in 0..ROUNDS {
        for typed in typed {
            let began = Instant::now();
            black_box(places.look_up(black_box(typed), LIMIT));
            times.push(began.elapsed());
        }
    }
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e6;
    let (count, what) = (typed.len(), what.chars().take(44).collect::<String>());
    println!("{what:44} {count:6} {:6.1} {:6.1} {:6.1}", at(50), at(99), at(100));
}

fn show(places: &Places, airports: &[Airport], typed: &str) {
    println!("{typed:?}");
    let names: HashMap<AirportCode, &Airport> =
        airports.iter().map(|airport| (airport.code, airport)).collect();
    for place in places.look_up(typed, LIMIT).places {
        match place {
            Place::City(city) => println!("  city    {} {} {:?}", city.code, city.name, city.airports),
            Place::Airport(code) => {
                println!("  airport {code} {} ({})", names[&code].name, names[&code].city);
            }
        }
    }
}

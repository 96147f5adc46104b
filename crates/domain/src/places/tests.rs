//! What people type, on the demo's airports with the traffic of its timetable.

use std::io::Read;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::airports::Airport;
use crate::{airports, timetable};

static AIRPORTS: LazyLock<Vec<Airport>> = LazyLock::new(|| {
    let bytes = include_bytes!("../../../../data/airports.csv");
    airports::parse("airports.csv", bytes, &|_| true).expect("airports")
});

/// The demo's index.
static PLACES: LazyLock<Places> = LazyLock::new(|| {
    let mut bytes = Vec::new();
    let packed: &[u8] = include_bytes!("../../../../data/timetable-us.csv.gz");
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).expect("a gzip file");
    let patterns = timetable::parse("timetable-us.csv", &bytes, &|_| true).expect("patterns");
    let mut departures: HashMap<AirportCode, u32> = HashMap::new();
    for pattern in patterns {
        *departures.entry(pattern.origin).or_default() += pattern.days.count();
    }
    let row = |airport: &'static Airport| row(airport, departures.get(&airport.code).copied().unwrap_or(0));
    let rows: Vec<AirportRow<'_>> = AIRPORTS.iter().map(row).collect();
    Places::new(&rows, &cities::shipped().expect("cities"))
});

fn row(airport: &Airport, weekly_departures: u32) -> AirportRow<'_> {
    let Airport { code, name, city, subdivision, position, .. } = airport;
    AirportRow { code: *code, name, city, subdivision, position: *position, weekly_departures }
}

/// The codes found; a city's in brackets.
fn codes(places: &Places, typed: &str, limit: usize) -> String {
    let code = |place: &Place<'_>| match place {
        Place::City(city) => format!("[{}]", city.code),
        Place::Airport(code) => code.to_string(),
    };
    places.look_up(typed, limit).places.iter().map(code).collect::<Vec<_>>().join(" ")
}

/// Each text finds these first, in this order.
#[track_caller]
fn check(table: &[(&str, &str)]) {
    for (typed, expected) in table {
        let found = codes(&PLACES, typed, expected.split(' ').count());
        assert_eq!(found, *expected, "{typed:?}");
    }
}

#[test]
fn by_code() {
    check(&[
        ("jfk", "JFK"),
        ("JFK", "JFK"),
        (" Jfk ", "JFK"),
        ("nyc", "[NYC] EWR LGA JFK"),
        ("lon", "[LON] LHR LGW STN LTN LCY"),
        // An airport of the same letters comes before the city.
        ("hou", "HOU [HOU] IAH"),
        ("dfw", "DFW [DFW] DAL"),
        ("at", "ATL"),
        ("jfk airport", "JFK"),
        ("new york lga", "LGA"),
    ]);
}

#[test]
fn by_name_and_by_the_beginnings_of_names() {
    check(&[
        ("atlanta", "ATL"),
        ("atl", "ATL"),
        ("hartsfield jackson", "ATL"),
        ("new york", "[NYC] EWR LGA JFK ISP SWF"),
        ("new y", "[NYC] EWR LGA JFK"),
        ("chicago", "[CHI] ORD MDW"),
        ("washington", "[WAS] BWI DCA IAD"),
        ("heathrow", "LHR"),
        ("los angeles international airport", "LAX"),
        ("scranton", "AVP"),
        ("durham", "RDU"),
        ("denver airport", "DEN"),
        ("denver intl", "DEN"),
    ]);
}

#[test]
fn by_words_in_any_order() {
    check(&[
        ("john ken", "JFK"),
        ("new york ken", "JFK"),
        ("kennedy new york", "JFK"),
        ("international lehigh", "ABE"),
        ("portland maine", "PWM"),
        ("portland me", "PWM"),
        ("portland or", "PDX"),
        ("jackson ms", "JAN"),
        ("fort lauderdale", "FLL"),
        ("ft lauderdale", "FLL"),
    ]);
}

#[test]
fn by_other_names() {
    check(&[
        ("bombay", "BOM"),
        ("calcutta", "CCU"),
        ("bangalore", "BLR"),
        ("saigon", "SGN"),
        ("leningrad", "LED"),
        ("peking", "[BJS] PEK PKX"),
        ("la", "LAX"),
        ("sf", "SFO"),
        ("vegas", "LAS"),
        ("philly", "PHL"),
        ("dc", "[WAS] BWI DCA IAD"),
        ("nola", "MSY"),
        ("maui", "OGG"),
        ("sea-tac", "SEA"),
        ("seatac", "SEA"),
        ("reagan national", "DCA"),
        ("wien", "VIE"),
        ("दिल्ली", "DEL"),
        ("मुंबई", "BOM NMI"),
    ]);
}

#[test]
fn accents_apostrophes_hyphens_full_stops_and_spaces_do_not_matter() {
    check(&[
        ("zürich", "ZRH"),
        ("zurich", "ZRH"),
        ("ZÜRICH", "ZRH"),
        ("são paulo", "[SAO] GRU CGH VCP"),
        ("sao paulo", "[SAO] GRU CGH VCP"),
        ("malmo", "MMX"),
        ("o'hare", "ORD"),
        ("o’hare", "ORD"),
        ("ohare", "ORD"),
        ("o hare", "ORD"),
        ("st louis", "STL"),
        ("St. Louis", "STL"),
        ("saint louis", "STL"),
        ("winston-salem", "INT"),
        ("winstonsalem", "INT"),
        ("newyork", "[NYC] EWR LGA JFK"),
        ("saltlakecity", "SLC"),
        ("la guardia", "LGA"),
        ("laguardia", "LGA"),
        ("mcallen", "MFE"),
    ]);
}

#[test]
fn despite_typing_errors() {
    check(&[
        ("chicgo", "[CHI] ORD MDW"),        // typos:ignore
        ("chicg", "[CHI] ORD MDW"),         // typos:ignore
        ("los angelas", "LAX"),             // typos:ignore
        ("atlnta", "ATL"),                  // typos:ignore
        ("altanta", "ATL"),                 // typos:ignore
        ("new yrok", "[NYC] EWR LGA JFK"),  // typos:ignore
        ("san fransisco", "SFO"),           // typos:ignore
        ("philidelphia", "PHL"),            // typos:ignore
        ("phenix", "PHX"),                  // typos:ignore
        ("pittsburg", "PIT"),               // typos:ignore
        ("albuqerque", "ABQ"),              // typos:ignore
        ("cincinatti", "CVG"),              // typos:ignore
        ("mineapolis", "MSP"),              // typos:ignore
        ("la gaurdia", "LGA"),              // typos:ignore
        ("portlnd maine", "PWM"),           // typos:ignore
        ("dener", "DEN"),                   // typos:ignore
        ("mumbay", "BOM"),                  // typos:ignore
        ("zuerich", "ZRH"),                 // typos:ignore
        ("sao paolo", "[SAO] GRU CGH VCP"), // typos:ignore
    ]);
    // Short words are taken as they are, and an error is not looked for where something fits.
    assert_eq!(codes(&PLACES, "qqq", 9), "");
    assert_eq!(codes(&PLACES, "zzzzzzzz", 9), "");
    assert!(!codes(&PLACES, "austin", 99).contains("HOU"), "Houston is not Austin");
}

#[test]
fn busy_places_come_first() {
    check(&[
        ("portland", "PDX PWM"),
        ("columbus", "CMH"),
        ("manchester", "MHT MAN"),
        ("san jose", "SJC SJO"),
        ("greenville", "GSP"),
        // Bo and Bost are places, and have no flights.
        ("bo", "BOS BOI BZN"),
        ("bost", "BOS BST"),
        // Nothing flies there: the city, its airports as the file has them, then the rest.
        ("paris", "[PAR] CDG ORY BVA LBG PHT"),
        ("frankfurt", "FRA"),
    ]);
    let busiest = PLACES.look_up("", 4);
    assert_eq!(
        busiest.airports.iter().map(AirportCode::as_str).collect::<Vec<_>>(),
        ["ORD", "DFW", "ATL", "LAX"]
    );
    assert_eq!(codes(&PLACES, "  ", 4), "[CHI] [DFW] ORD DFW");
    assert_eq!(codes(&PLACES, "?!", 4), "");
}

#[test]
fn every_airport_and_every_city_is_found_by_its_code() {
    for airport in AIRPORTS.iter() {
        let found = PLACES.look_up(airport.code.as_str(), 1);
        assert_eq!((found.places, found.airports), (vec![Place::Airport(airport.code)], vec![airport.code]));
    }
    for city in &PLACES.cities {
        let found = PLACES.look_up(city.code.as_str(), 2).places;
        assert!(found.contains(&Place::City(city)), "{}: {found:?}", city.code);
        assert_eq!(PLACES.city(city.code), Some(city));
    }
}

#[test]
fn a_city_is_a_set_of_airports() {
    let city = |code: &str| PLACES.city(code.parse().expect("a code"));
    let airports =
        |code| city(code).map(|city| city.airports.iter().map(AirportCode::as_str).collect::<Vec<_>>());
    assert_eq!(airports("NYC"), Some(vec!["EWR", "LGA", "JFK"]), "the busiest first");
    assert_eq!(airports("LON"), Some(vec!["LHR", "LGW", "STN", "LTN", "LCY", "SEN"]));
    assert_eq!(city("NYC").map(|city| city.weekly_departures), Some(2_332 + 2_088 + 1_274));
    assert_eq!(airports("HOU"), Some(vec!["IAH", "HOU"]), "also an airport's code");
    assert_eq!((airports("BOM"), airports("QQQ")), (None, None), "one airport is no set");
}

#[test]
fn a_city_has_the_airports_that_are_known() {
    let lga = AIRPORTS.iter().find(|airport| airport.code.as_str() == "LGA").expect("known");
    let places = Places::new(&[row(lga, 0)], &cities::shipped().expect("cities"));
    assert_eq!(codes(&places, "", 9), "[NYC] LGA");
    assert_eq!(places.city("LON".parse().expect("a code")), None);
    assert_eq!(codes(&Places::default(), "nyc", 9), "");
}

#[test]
fn near_an_airport() {
    let near = |code: &str, km, limit| {
        let found = PLACES.near(code.parse().expect("a code"), km, limit);
        found.iter().map(|near| format!("{} {}", near.airport, near.km)).collect::<Vec<_>>()
    };
    let busy = |code: &str, km| {
        let found = PLACES.near(code.parse().expect("a code"), km, usize::MAX);
        let busy = found.into_iter().filter(|near| near.weekly_departures > 0);
        busy.map(|near| format!("{} {}", near.airport, near.km)).collect::<Vec<_>>()
    };
    assert_eq!(busy("LGA", 60), ["JFK 17", "EWR 27", "HPN 35"]);
    assert_eq!(busy("BWI", 100), ["DCA 48", "IAD 73"]);
    assert_eq!(near("LGA", 17, 1).len(), 1);
    assert_eq!((near("LGA", 0, 9).len(), near("QQQ", 500, 9).len(), near("LGA", 500, 0).len()), (0, 0, 0));
    // Across the antimeridian.
    assert!(near("SVU", 250, 99).iter().any(|near| near.starts_with("TVU ")), "{:?}", near("SVU", 250, 99));
}

proptest! {
    /// Whatever is typed: no panic, the limits are kept, nothing is found twice, and asking again finds the same.
    #[test]
    fn any_text_is_answered(typed in "\\PC{0,40}|[a-z' -]{0,24}|[a-z]{3,9} [a-z]{3,9}", limit in 0_usize..30) {
        let found = PLACES.look_up(&typed, limit);
        prop_assert!(found.places.len() <= limit && found.airports.len() <= limit);
        let mut airports = found.airports.clone();
        airports.sort_unstable();
        airports.dedup();
        prop_assert_eq!(airports.len(), found.airports.len());
        let in_places = found.places.iter().filter_map(|place| match place {
            Place::Airport(code) => Some(*code),
            Place::City(_) => None,
        });
        prop_assert!(in_places.eq(found.airports.iter().copied().take(
            found.places.iter().filter(|place| matches!(place, Place::Airport(_))).count()
        )), "one order");
        prop_assert_eq!(&PLACES.look_up(&typed, limit), &found);
    }

    /// An airport's own name finds it, however it is written.
    #[test]
    fn a_name_finds_its_airport(index in 0_usize..7_884) {
        let airport = &AIRPORTS[index];
        for typed in [airport.name.clone(), airport.name.to_uppercase(), fold::words(&airport.name).join("-")] {
            let found = PLACES.look_up(&typed, usize::MAX).airports;
            prop_assert!(found.contains(&airport.code), "{typed}");
        }
    }
}

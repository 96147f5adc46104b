//! A world of flights made of numbers: about 3,000 airports, 33,600 routes and 100,000 flights a day, with the marginals
//! of a real one (biggest airport some 240 destinations, the 30 biggest a quarter of all flights, half of all routes less
//! than two flights a day). Airports lie in clusters on the sphere; routes follow gravity; hubs have banks.

use std::f64::consts::TAU;

use itinerary::{AirportInfo, ClassState, ConnectionTimes, FlightState, Minute};
use jiff::civil::{Date, date};
use kernel::{AirportCode, Cabin, FlightId, FlightKey, FlightNumber};

use crate::random::Random;

const AIRPORTS: usize = 3_030;
const ROUTES: usize = 33_602;
const DESTINATIONS_MAX: usize = 237;
const CLUSTERS: usize = 70;
const AIRLINES: usize = 300;
const HUBS: usize = 60;
/// The first day of flights.
pub(crate) const FIRST: Date = date(2027, 1, 1);
const DAY: u32 = 24 * 60;

/// An airport.
pub(crate) struct Place {
    pub(crate) code: AirportCode,
    pub(crate) country: [u8; 2],
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    /// How much traffic it draws.
    pub(crate) mass: f64,
    /// Minutes from UTC.
    pub(crate) offset: i32,
}

struct Link {
    from: usize,
    to: usize,
    kilometres: f64,
    block: u32,
    /// Flights a day.
    frequency: f64,
    airline: usize,
    /// Filed full fare in minor units.
    fare: f64,
}

/// The generated timetable.
pub(crate) struct World {
    pub(crate) places: Vec<Place>,
    links: Vec<Link>,
    seed: u64,
}

impl World {
    /// A world of so many flights a day.
    pub(crate) fn new(flights_a_day: f64, seed: u64) -> Self {
        let mut random = Random(seed);
        let places = places(&mut random);
        let mut links = links(&places, &mut random);
        let demand: f64 = links.iter().map(|link| link.frequency).sum();
        // Small routes keep a few flights a week, which takes a little from the rest.
        let scale = flights_a_day / demand;
        for link in &mut links {
            link.frequency = (link.frequency * scale).max(0.3);
        }
        let total: f64 = links.iter().map(|link| link.frequency).sum();
        for link in &mut links {
            link.frequency = (link.frequency * flights_a_day / total).min(36.0);
        }
        Self { places, links, seed }
    }

    pub(crate) fn airports(&self) -> Vec<AirportInfo> {
        self.places.iter().map(|place| AirportInfo { code: place.code, country: place.country }).collect()
    }

    /// 35 minutes at small airports to 60 at big ones, half an hour more over a border.
    pub(crate) fn connection_times(&self) -> ConnectionTimes {
        let minutes = |place: usize| match place {
            0..60 => 60,
            60..400 => 45,
            _ => 35,
        };
        let of = |(place, at): (usize, &Place)| {
            let minimum = minutes(place);
            (at.code, [minimum, minimum + 30, minimum + 30, minimum + 30])
        };
        ConnectionTimes {
            airports: self.places.iter().enumerate().map(of).collect(),
            ..ConnectionTimes::default()
        }
    }

    pub(crate) fn describe(&self) -> String {
        let out = |place: usize| self.links.iter().filter(move |link| link.from == place);
        let mut departures: Vec<f64> =
            (0..self.places.len()).map(|place| out(place).map(|link| link.frequency).sum()).collect();
        departures.sort_unstable_by(|a, b| b.total_cmp(a));
        let total: f64 = departures.iter().sum();
        let biggest = (0..self.places.len()).map(|place| out(place).count()).max().unwrap_or(0);
        let mut frequencies: Vec<f64> = self.links.iter().map(|link| link.frequency).collect();
        frequencies.sort_unstable_by(f64::total_cmp);
        format!(
            "{} airports, {} routes, {:.0} flights a day; biggest airport {biggest} destinations and {:.0} departures a day; \
             the 30 biggest {:.0} % of flights; median route {:.1} a day",
            self.places.len(),
            self.links.len(),
            total,
            departures[0],
            100.0 * departures[..30].iter().sum::<f64>() / total,
            frequencies[frequencies.len() / 2],
        )
    }

    /// The flights of each day, in order of date.
    pub(crate) fn flights(&self, days: u32) -> impl Iterator<Item = FlightState> {
        (0..days).flat_map(move |day| self.day(day))
    }

    fn day(&self, day: u32) -> Vec<FlightState> {
        let date = FIRST.checked_add(jiff::Span::new().days(i64::from(day))).expect("a date");
        let mut numbers = vec![0_u16; self.places.len()];
        let mut flights = Vec::new();
        for (number, link) in self.links.iter().enumerate() {
            // The times of a route are the same every day; which of a week's flights go is drawn once for each weekday.
            let mut times = Random(self.seed ^ (number as u64) << 20);
            let mut weekday = Random(self.seed ^ (number as u64) << 20 ^ u64::from(day % 7) << 8 ^ 0x4D);
            let mut fares = Random(self.seed ^ (number as u64) << 20 ^ u64::from(day) << 1 ^ 0x12_D687);
            let whole = link.frequency.floor();
            let count = whole as u32 + u32::from(weekday.fraction() < link.frequency - whole);
            for n in 0..count {
                let local = self.departure(link, n, count, &mut times);
                flights.push(self.flight(link, date, local, &mut numbers, &mut fares));
            }
        }
        flights
    }

    /// Minutes after local midnight: from hubs within banks, to hubs so that a bank is met.
    fn departure(&self, link: &Link, n: u32, count: u32, random: &mut Random) -> i32 {
        const BANKS: [i32; 7] = [390, 540, 690, 840, 990, 1_140, 1_290];
        let spread = 300 + (n * 1_080 / count.max(1)) as i32 + (random.fraction() * 120.0) as i32;
        let bank = |near: i32| *BANKS.iter().min_by_key(|bank| (**bank - near).abs()).expect("a bank");
        if link.from < HUBS {
            bank(spread) + (random.fraction() * 50.0) as i32
        } else if link.to < HUBS {
            let zones = self.places[link.to].offset - self.places[link.from].offset;
            let landing = bank((spread + link.block as i32 + zones).rem_euclid(1_440))
                - 35
                - (random.fraction() * 55.0) as i32;
            (landing - link.block as i32 - zones).rem_euclid(1_440)
        } else {
            spread.min(1_390)
        }
    }

    fn flight(
        &self,
        link: &Link,
        date: Date,
        local: i32,
        numbers: &mut [u16],
        random: &mut Random,
    ) -> FlightState {
        numbers[link.from] += 1;
        let airline = airline(link.airline);
        let number = FlightNumber::new(airline.parse().expect("an airline"), numbers[link.from], None);
        let key = FlightKey { number: number.expect("a number"), origin: self.places[link.from].code, date };
        let midnight = date.duration_since(date_of_epoch()).as_hours() as i32 / 24 * DAY as i32;
        let departs = Minute((midnight + local - self.places[link.from].offset).cast_unsigned());
        let full = link.fare * (0.7 + 0.6 * random.fraction());
        let sold_out = random.fraction() < 0.03;
        let mut room = 3 + random.below(140);
        let classes = [1.0, 0.78, 0.6, 0.45].map(|ratio| {
            let seats = if sold_out { 0 } else { room };
            room = if random.fraction() < 0.3 { 0 } else { room * 2 / 3 };
            ClassState { fare: (full * ratio) as u32, seats: seats as u16, closes: departs }
        });
        let mut cabins = [None; Cabin::ALL.len()];
        cabins[Cabin::Economy.index()] = Some(classes);
        FlightState {
            id: FlightId::of(&key),
            origin: self.places[link.from].code,
            destination: self.places[link.to].code,
            departs,
            arrives: departs.plus(link.block),
            on_sale: true,
            cabins,
            version: 1,
        }
    }
}

fn date_of_epoch() -> Date {
    date(1970, 1, 1)
}

fn airline(number: usize) -> String {
    let letter = |n: usize| char::from(b'A' + (n % 26) as u8);
    format!("{}{}", letter(number / 26), letter(number))
}

/// Three letters, all different for up to 17,576 airports.
fn airport(number: usize) -> String {
    let letter = |n: usize| char::from(b'A' + (n % 26) as u8);
    [letter(number / 676), letter(number / 26), letter(number)].iter().collect()
}

fn places(random: &mut Random) -> Vec<Place> {
    // Clusters are inhabited regions, the first ones the densest; airports of a cluster share a country.
    let clusters: Vec<(f64, f64)> = (0..CLUSTERS)
        .map(|_| (random.fraction() * 100.0 - 40.0, random.fraction() * 360.0 - 180.0))
        .collect();
    (0..AIRPORTS)
        .map(|number| {
            let cluster = ((random.fraction() * random.fraction()) * CLUSTERS as f64) as usize;
            let (latitude, longitude) = clusters[cluster];
            let (latitude, longitude) = (latitude + 7.0 * random.normal(), longitude + 9.0 * random.normal());
            Place {
                code: airport(number).parse().expect("a code"),
                country: [b'A' + (cluster / 26) as u8, b'A' + (cluster % 26) as u8],
                latitude: latitude.clamp(-60.0, 72.0),
                longitude,
                mass: 1.0 / (number as f64 + 8.0).powf(0.72),
                offset: ((longitude / 15.0).round() as i32).clamp(-12, 12) * 60,
            }
        })
        .collect()
}

fn kilometres(a: &Place, b: &Place) -> f64 {
    let radians = |degrees: f64| degrees * TAU / 360.0;
    let (lat, lon) = (radians(b.latitude - a.latitude), radians(b.longitude - a.longitude));
    let h = (lat / 2.0).sin().powi(2)
        + radians(a.latitude).cos() * radians(b.latitude).cos() * (lon / 2.0).sin().powi(2);
    2.0 * 6_371.0 * h.sqrt().min(1.0).asin()
}

/// How much two places want to travel to each other.
pub(crate) fn attraction(a: &Place, b: &Place) -> f64 {
    let far = kilometres(a, b).max(150.0);
    a.mass * b.mass / far.powf(0.9)
}

fn links(places: &[Place], random: &mut Random) -> Vec<Link> {
    let mut wanted: Vec<(f64, usize, usize)> = Vec::new();
    for a in 0..places.len() {
        for b in a + 1..places.len() {
            let pull = attraction(&places[a], &places[b]);
            // Only big airports have long routes.
            let far = kilometres(&places[a], &places[b]);
            let reach = if far > 5_000.0 && b > 250 { 0.02 } else { 1.0 };
            wanted.push((pull * reach * (0.3 + random.fraction()), a, b));
        }
    }
    wanted.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let mut degree = vec![0; places.len()];
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    // Every airport has a way out, to its strongest partner; then the strongest pairs follow.
    for (pull, a, b) in &wanted {
        if degree[*b] == 0 && degree[*a] < DESTINATIONS_MAX {
            degree[*a] += 1;
            degree[*b] += 1;
            pairs.push((*pull, *a, *b));
        }
    }
    let first: std::collections::HashSet<(usize, usize)> = pairs.iter().map(|(_, a, b)| (*a, *b)).collect();
    for (pull, a, b) in &wanted {
        if pairs.len() >= ROUTES / 2 {
            break;
        }
        if degree[*a] < DESTINATIONS_MAX && degree[*b] < DESTINATIONS_MAX && !first.contains(&(*a, *b)) {
            degree[*a] += 1;
            degree[*b] += 1;
            pairs.push((*pull, *a, *b));
        }
    }
    let both = |(pull, a, b): (f64, usize, usize)| {
        let kilometres = kilometres(&places[a], &places[b]).max(120.0);
        let block = 35 + (kilometres / 13.0) as u32;
        let frequency = pull.powf(0.8) * (0.5 + random.fraction());
        let airline = (random.fraction() * random.fraction() * AIRLINES as f64) as usize;
        let fare = 6_000.0 + kilometres * (7.0 + 8.0 * random.fraction());
        let link = |from, to| Link { from, to, kilometres, block, frequency, airline, fare };
        [link(a, b), link(b, a)]
    };
    let mut links: Vec<Link> = pairs.into_iter().flat_map(both).collect();
    links.sort_by_key(|link| (link.from, link.to));
    debug_assert!(links.iter().all(|link| link.kilometres > 0.0));
    links
}

//! Many changes against many watches, beside a book of what each is due.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use domain::tracking::{Watch, Wish};
use jiff::SignedDuration;
use jiff::civil::Date;
use kernel::FlightId;
use server::identity::api::Role;
use uuid::Uuid;

use crate::support::Airline;

const ROUTES: [(&str, &str); 2] = [("ABE", "ATL"), ("ATL", "ABE")];
const DATES: usize = 10;
const FLIGHTS_A_DAY: usize = 3;
/// Parties need so many seats at most here.
const SEATS: i16 = 4;
/// A watcher's watches: fewer than there are numbers for.
const OF_A_WATCHER: usize = 25_000;

/// A flight as the book knows it: fare, cheaper fare, and seats at that.
#[derive(Clone, Copy)]
struct Fares {
    day: (usize, usize),
    full: i32,
    cheap: i32,
    cheap_seats: i16,
}

impl Fares {
    fn price(&self, seats: i16) -> i64 {
        let cheap = (seats <= self.cheap_seats).then_some(self.cheap);
        cheap.map_or(self.full, |cheap| cheap.min(self.full)).into()
    }
}

/// What somebody watches: dates of a route, or one flight.
struct Entry {
    route: usize,
    dates: (usize, usize),
    flight: Option<FlightId>,
    seats: i16,
    watch: Watch,
    times: i32,
}

struct Book {
    airline: Airline,
    flights: BTreeMap<FlightId, Fares>,
    entries: Vec<Entry>,
    seed: u64,
}

impl Book {
    async fn new(watches: usize) -> Self {
        let airline = Airline::new().await;
        let admin = airline.admin().await;
        let mut flights = BTreeMap::new();
        for (route, ends) in ROUTES.into_iter().enumerate() {
            for date in 0..DATES {
                for flight in 0..FLIGHTS_A_DAY {
                    let number = format!("KR{}", 1 + route * 1_000 + flight);
                    let times = (
                        format!("{}T0{}:00", day(date), flight + 1),
                        format!("{}T1{}:00", day(date), flight),
                    );
                    let id = airline.flight(&admin, &number, ends, (&times.0, &times.1), 40).await;
                    let fares = Fares { day: (route, date), full: 20_000, cheap: 20_000, cheap_seats: 0 };
                    flights.insert(id.parse().expect("an id"), fares);
                }
            }
        }
        let mut book = Self { airline, flights, entries: Vec::new(), seed: 11 };
        for _ in 0..watches {
            let entry = book.entry();
            book.entries.push(entry);
        }
        book.look().await;
        book.file().await;
        book.look().await;
        book
    }

    /// The same numbers each time (the linear congruential generator of Knuth's MMIX).
    fn below(&mut self, most: usize) -> usize {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.seed >> 33).expect("31 bits") % most
    }

    fn entry(&mut self) -> Entry {
        let (route, from) = (self.below(ROUTES.len()), self.below(DATES));
        let index = self.below(self.flights.len());
        let (flight, fares) =
            self.flights.iter().nth(index).map(|(id, fares)| (*id, *fares)).expect("a flight");
        let (route, dates, flight) = match self.below(3) {
            0 => (route, (from, from), None),
            1 => (route, (from, (from + self.below(4)).min(DATES - 1)), None),
            _ => (fares.day.0, (fares.day.1, fares.day.1), Some(flight)),
        };
        let seats = i16::try_from(self.below(4)).expect("few") + 1;
        let wish = if self.below(2) == 0 {
            Wish::Target(i64::try_from(10_000 + self.below(9_000)).expect("small"))
        } else {
            Wish::Drop(u8::try_from(5 + self.below(40)).expect("small"))
        };
        Entry { route, dates, flight, seats, watch: Watch::begin(wish, Some(20_000)), times: 0 }
    }

    /// Writes the watches down as if their owners had asked for them.
    async fn file(&self) {
        let sql = self.airline.sql().await;
        for (watcher, entries) in self.entries.chunks(OF_A_WATCHER).enumerate() {
            let email = format!("watcher{watcher}@example.com");
            let token = self.airline.account(&email, Role::Traveller).await;
            let profile = self.airline.call("GET", "/profile", Some(&token), None).await.expect(200);
            let user: kernel::UserId = profile.text("/id").parse().expect("an id");
            let ids: Vec<Uuid> = (0..entries.len()).map(|index| id(watcher * OF_A_WATCHER + index)).collect();
            let origins: Vec<&str> = entries.iter().map(|entry| ROUTES[entry.route].0).collect();
            let destinations: Vec<&str> = entries.iter().map(|entry| ROUTES[entry.route].1).collect();
            let from: Vec<Date> = entries.iter().map(|entry| day(entry.dates.0)).collect();
            let until: Vec<Date> = entries.iter().map(|entry| day(entry.dates.1)).collect();
            let flights: Vec<Option<Uuid>> =
                entries.iter().map(|entry| entry.flight.map(FlightId::uuid)).collect();
            let seats: Vec<i16> = entries.iter().map(|entry| entry.seats).collect();
            let wishes = entries.iter().map(|entry| match entry.watch.wish {
                Wish::Target(target) => (Some(target), None),
                Wish::Drop(percent) => (None, Some(i16::from(percent))),
            });
            let (targets, percents): (Vec<Option<i64>>, Vec<Option<i16>>) = wishes.unzip();
            sql.execute(
                "INSERT INTO price_watches (user_id, id, slot, origin, destination, from_date, to_date, flight_id, cabin, seats, target,
                     drop_percent, by_mail, reference, expires_at, created_at)
                 SELECT $1, id, n, origin, destination, from_date, to_date, flight_id, 0, seats, target, percent, false, 20000,
                     '2026-08-01T00:00:00Z', '2026-06-01T00:00:00Z'
                 FROM unnest($2::uuid[], $3::text[], $4::text[], $5::date[], $6::date[], $7::uuid[], $8::smallint[], $9::bigint[],
                     $10::smallint[]) WITH ORDINALITY
                     AS w (id, origin, destination, from_date, to_date, flight_id, seats, target, percent, n)",
                &[&user.uuid(), &ids, &origins, &destinations, &from, &until, &flights, &seats, &targets, &percents],
            )
            .await
            .expect("filed");
        }
    }

    async fn look(&self) {
        while self.airline.run_job("sequence_search_feed").await > 0 {}
        while self.airline.run_job("follow_prices").await > 0 {}
    }

    /// Every flight costs something else; how long it took to take note of it.
    async fn change(&mut self) -> Duration {
        let ids: Vec<FlightId> = self.flights.keys().copied().collect();
        for id in &ids {
            let (full, cheap) = (self.below(6_000), self.below(12_000));
            let seats = self.below(5);
            let fares = self.flights.get_mut(id).expect("a flight");
            fares.full = 15_000 + i32::try_from(full).expect("small");
            fares.cheap = 8_000 + i32::try_from(cheap).expect("small");
            fares.cheap_seats = i16::try_from(seats).expect("small");
        }
        let uuids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
        let full: Vec<i32> = self.flights.values().map(|fares| fares.full).collect();
        let cheap: Vec<i32> = self.flights.values().map(|fares| fares.cheap).collect();
        let seats: Vec<i16> = self.flights.values().map(|fares| fares.cheap_seats).collect();
        let sql = self.airline.sql().await;
        sql.execute(
            "WITH changed AS (
                 UPDATE inventory i SET fare_1 = n.full_fare, fare_2 = n.cheap, fare_3 = n.cheap, fare_4 = n.cheap, limit_2 = n.seats,
                     limit_3 = n.seats, limit_4 = n.seats, closes_2 = '2026-08-01', closes_3 = '2026-08-01', closes_4 = '2026-08-01',
                     version = version + 1
                 FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::smallint[]) AS n (id, full_fare, cheap, seats)
                 WHERE i.flight_id = n.id RETURNING i.flight_id)
             INSERT INTO search_inbox (flight_id) SELECT flight_id FROM changed",
            &[&uuids, &full, &cheap, &seats],
        )
        .await
        .expect("changed");
        while self.airline.run_job("sequence_search_feed").await > 0 {}
        let began = Instant::now();
        while self.airline.run_job("follow_prices").await > 0 {}
        let took = began.elapsed();
        while self.airline.run_job("tell_price_drops").await > 0 {}
        self.reckon();
        took
    }

    /// What each is due, from the fares as they are.
    fn reckon(&mut self) {
        let now = self.airline.app.now();
        // The lowest of each route, date and number of seats.
        let mut lowest = [[[i64::MAX; SEATS as usize]; DATES]; ROUTES.len()];
        for fares in self.flights.values() {
            let (route, date) = fares.day;
            for (seats, price) in (1..).zip(&mut lowest[route][date]) {
                *price = (*price).min(fares.price(seats));
            }
        }
        for entry in &mut self.entries {
            let seats = usize::try_from(entry.seats - 1).expect("at least one");
            let days = &lowest[entry.route][entry.dates.0..=entry.dates.1];
            let price = match entry.flight {
                Some(flight) => Some(self.flights[&flight].price(entry.seats)),
                None => days.iter().map(|day| day[seats]).min(),
            };
            entry.watch.see(price, now);
            entry.times += i32::from(entry.watch.tell().is_some());
        }
    }

    /// What each was told is what it was due.
    async fn compare(&self) -> usize {
        let sql = self.airline.sql().await;
        let rows = sql.query("SELECT id, times, told FROM price_watches", &[]).await.expect("rows");
        let told: BTreeMap<Uuid, (i32, Option<i64>)> =
            rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect();
        for (index, entry) in self.entries.iter().enumerate() {
            assert_eq!(told[&id(index)], (entry.times, entry.watch.told), "{index}: {:?}", entry.watch);
        }
        let rows =
            sql.query("SELECT fact, version FROM notifications WHERE topic = 'price_dropped'", &[]).await;
        let told: BTreeSet<(String, i32)> =
            rows.expect("rows").iter().map(|row| (row.get(0), row.get(1))).collect();
        let due: usize = self.entries.iter().map(|entry| usize::try_from(entry.times).expect("few")).sum();
        assert_eq!(told.len(), due);
        due
    }
}

/// The id of the watch with such a number.
fn id(index: usize) -> Uuid {
    Uuid::from_u128(index as u128 + 1)
}

fn day(index: usize) -> Date {
    Date::new(2026, 7, i8::try_from(1 + index).expect("a day")).expect("a date")
}

/// So many changes against so many watches.
async fn against_each_other(changes: usize, watches: usize) {
    let mut book = Book::new(watches).await;
    let rounds = changes.div_ceil(book.flights.len());
    let mut took = Duration::ZERO;
    for round in 0..rounds {
        book.airline.later(SignedDuration::from_mins(10));
        took += book.change().await;
        if round % 100 == 0 {
            book.compare().await;
        }
    }
    let told = book.compare().await;
    assert!(told > watches / 4, "{told} were told");
    book.airline.assert_sound().await;
    let each = took.as_micros() / u128::try_from(rounds * book.flights.len()).expect("some");
    println!("{changes} changes, {watches} watches: {told} told, {each} µs to take note of a change");
}

#[tokio::test]
async fn each_watch_is_told_what_it_is_due() {
    against_each_other(300, 300).await;
}

#[tokio::test]
#[ignore = "takes minutes; ./dev chaos prices runs it"]
#[expect(clippy::disallowed_methods, reason = "how many is the caller's to say")]
async fn chaos_prices() {
    let many = std::env::var("UDAAN_CHAOS").ok().and_then(|many| many.parse().ok());
    let many = many.unwrap_or(100_000);
    against_each_other(many, many).await;
}

//! Ten thousand questions to the real timetable whose answers may not change unnoticed.
//!
//! `corpus.txt` has a hash of the answers to each hundred questions. A line that differs says which hundred; the answers
//! may change only together with the data (data/), the fare rules of `domain`, or what a journey is. Then
//! `cargo test -p itinerary --test it -- --ignored bless` writes the file anew, and the commit says why.

use std::fmt::Write;

use itinerary::{Answer, ConnectionTimes, Journey, Network};
use kernel::AirportCode;

use crate::random::Random;
use crate::real::{question, timetable};
use crate::us::Us;

const QUESTIONS: usize = 10_000;
const TOGETHER: usize = 100;
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/corpus.txt");

/// FNV-1a, because it is the same on every machine and in every version.
struct Digest(u64);

impl Digest {
    fn add(&mut self, number: u64) {
        for byte in number.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }

    fn add_journey(&mut self, journey: &Journey) {
        let key = journey.key();
        for number in [key.rank.0, key.rank.1, journey.price, journey.duration.into()] {
            self.add(number);
        }
        for leg in journey.legs() {
            let (high, low) = leg.flight.uuid().as_u64_pair();
            let class = leg.cabin.index() as u64 * 8 + u64::from(leg.class_rank);
            for number in [high, low, class, leg.fare.into(), leg.seats_at_fare.into()] {
                self.add(number);
            }
        }
    }

    fn add_answer(&mut self, answer: &Answer) {
        for journeys in [answer.journeys().collect::<Vec<_>>(), answer.pareto().collect()] {
            self.add(journeys.len() as u64);
            for journey in &journeys {
                self.add_journey(journey);
            }
        }
        self.add(answer.complete.into());
    }
}

/// Airports of markets, and now and then any two.
fn ends(us: &Us, random: &mut Random) -> (AirportCode, AirportCode) {
    let market = |random: &mut Random| us.markets[random.below(us.markets.len())];
    let ((from, to, _), other) = (market(random), market(random).1);
    (from, if random.below(4) == 0 && other != from { other } else { to })
}

/// A line for each hundred questions: the first one's number, how many journeys there were, and the hash of all answers.
fn digests() -> String {
    let us = timetable();
    let network = Network::new(us.airports.clone(), ConnectionTimes::default());
    assert_eq!(network.load(us.flights.iter().cloned()), []);
    let mut random = Random(41);
    // The clock is turned only forward, because going back opens every class again, one after the other.
    let mut asked: Vec<_> = (0..QUESTIONS)
        .map(|_| {
            let ends = ends(&us, &mut random);
            question(&us, ends, &mut random)
        })
        .collect();
    asked.sort_by_key(|ask| ask.now);
    let mut lines = String::new();
    for (number, hundred) in asked.chunks(TOGETHER).enumerate() {
        let (mut digest, mut journeys) = (Digest(0xCBF2_9CE4_8422_2325), 0);
        for ask in hundred {
            let answer = ask.answer(&network);
            journeys += answer.len();
            digest.add_answer(&answer);
        }
        writeln!(lines, "{:5} {journeys:5} {:016x}", number * TOGETHER, digest.0).expect("a string grows");
    }
    lines
}

#[test]
fn the_answers_of_the_corpus_are_what_they_were() {
    let (held, now) = (std::fs::read_to_string(PATH).expect("corpus.txt"), digests());
    let differ: Vec<_> = held.lines().zip(now.lines()).filter(|(held, now)| held != now).collect();
    assert!(differ.is_empty(), "what was and what is: {differ:#?}");
    assert_eq!(held.lines().count(), now.lines().count());
}

#[test]
#[ignore = "it writes the file that the other test reads"]
fn bless() {
    std::fs::write(PATH, digests()).expect("corpus.txt is written");
}

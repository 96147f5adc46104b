//! Which airport or city does somebody mean: an index of their names, made once, asked at every keystroke.
//!
//! What was typed fits a place, from the best fit to the weakest, when it is
//!
//! 1. its IATA code, an airport's before a city's;
//! 2. a whole name of it: of the airport, of its city, or another name from data/cities.csv;
//! 3. the beginning of a name or code;
//! 4. beginnings of words of its names, in any order ("john ken", "new york ken");
//! 5. the same, with words of its state or province ("portland maine", "portland me");
//! 6. any of these words but for typing errors, one in a word of four letters, two from eight on; only what has the
//!    fewest errors. They are looked for where nothing else is likely to be meant.
//!
//! Within a fit busier places come first: weekly departures of the airport, or of all airports of the city together.
//! Where the timetable has none, cities come before the airports data/cities.csv names, these before other
//! international airports, and those before the rest; the code decides last. So the order is always the same.
//!
//! Prominent is what has flights or is named in data/cities.csv. The name of a place that is not comes after the
//! beginnings of names of those that are: who has typed "bost" goes on to Boston, although there is a Bost.

mod build;
pub mod cities;
mod fits;
mod fold;
mod names;
mod states;
#[cfg(test)]
mod tests;
mod typos;
mod vocabulary;

use std::collections::HashMap;

use kernel::{AirportCode, CityCode};

use self::fits::Fits;
use self::names::{NameKind, Names};
use self::vocabulary::Vocabulary;
use crate::geo::Position;

/// An airport as the index is told of it.
#[derive(Clone, Copy, Debug)]
pub struct AirportRow<'a> {
    /// IATA location identifier.
    pub code: AirportCode,
    /// The airport's own name.
    pub name: &'a str,
    /// The city it serves; may be empty.
    pub city: &'a str,
    /// State, province or region; may be empty.
    pub subdivision: &'a str,
    /// Where it is.
    pub position: Position,
    /// Departures a week in the timetable.
    pub weekly_departures: u32,
}

/// A city with the airports that serve it, as IATA's metropolitan areas have them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct City {
    /// IATA location identifier; may have the letters of one of the airports.
    pub code: CityCode,
    /// What most people call it in English.
    pub name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Its airports, at least one, the busiest first.
    pub airports: Vec<AirportCode>,
    /// Departures a week of all its airports.
    pub weekly_departures: u32,
}

/// One answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// A city, meaning any of its airports.
    City(&'a City),
    /// An airport.
    Airport(AirportCode),
}

/// What fits, best first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found<'a> {
    /// Cities and airports in one order.
    pub places: Vec<Place<'a>>,
    /// The airports alone, in the same order; they may go on beyond those in `places`.
    pub airports: Vec<AirportCode>,
}

/// An airport near another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// The airport.
    pub airport: AirportCode,
    /// How far it is, in whole kilometres along the great circle.
    pub km: u32,
    /// Departures a week in the timetable; 0 tells that no flight of it leaves here.
    pub weekly_departures: u32,
}

/// The index. It knows no airport until it is made with [`Places::new`].
#[derive(Debug, Default)]
pub struct Places {
    /// In the order within a fit, so an entry's index is its rank.
    entries: Vec<Entry>,
    cities: Vec<City>,
    city_of_code: HashMap<CityCode, usize>,
    position_of: HashMap<AirportCode, Position>,
    names: Names,
    vocabulary: Vocabulary,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    kind: Kind,
    weekly_departures: u32,
    /// Has flights or is named in data/cities.csv.
    prominent: bool,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// By its index in `cities`.
    City(usize),
    Airport(AirportCode, Position),
}

/// Words of a look-up that count; nobody needs more to name an airport.
const WORDS_MAX: usize = 6;
/// A whole name of fewer letters is more often the beginning of a longer one: "bo" is Boston, not Bo.
const WHOLE_NAME_LETTERS: usize = 4;
/// Words typed apart are also tried as one ("la guardia") when they have so many letters together.
const JOINED_LETTERS: usize = 5;

impl Places {
    /// An index of these airports and of the cities that have any of them.
    pub fn new(airports: &[AirportRow<'_>], rows: &[cities::CityRow]) -> Self {
        build::places(airports, rows)
    }

    /// The places that fit what somebody typed, best first, at most `limit` places and at most `limit` airports. Nothing
    /// typed finds the busiest; a text without a letter or digit finds nothing.
    pub fn look_up(&self, typed: &str, limit: usize) -> Found<'_> {
        if typed.trim().is_empty() {
            return self.found(0..self.entries.len(), limit);
        }
        let mut words = fold::words(typed);
        words.truncate(WORDS_MAX);
        let mut fits = Fits::none(self.entries.len());
        if !words.is_empty() {
            self.fit_names(&words.join(" "), &mut fits);
            let letters: Vec<Vec<char>> = words.iter().map(|word| word.chars().collect()).collect();
            self.fit_words(&letters, &mut fits);
            let joined = letters.concat();
            if letters.len() > 1 && joined.len() >= JOINED_LETTERS {
                self.fit_words(&[joined], &mut fits);
            }
            let meant =
                |entry: usize, fit| fit <= fits::QUIET_WHOLE || self.entries[entry].weekly_departures > 0;
            if !fits.any(meant) {
                self.fit_mistyped(&letters, &mut fits);
            }
        }
        self.found(fits.best_first(), limit)
    }

    /// The city of a code, to search from or to any of its airports. A city whose one airport has its code is no city
    /// here, but that airport.
    pub fn city(&self, code: CityCode) -> Option<&City> {
        self.city_of_code.get(&code).and_then(|index| self.cities.get(*index))
    }

    /// The airports within `radius_km` of an airport, the nearest first, itself excluded, at most `limit`, with flights or
    /// without. An airport that is unknown has no neighbours.
    pub fn near(&self, airport: AirportCode, radius_km: u32, limit: usize) -> Vec<Neighbour> {
        let Some(centre) = self.position_of.get(&airport).copied() else { return Vec::new() };
        let neighbour = |entry: &Entry| match entry.kind {
            Kind::Airport(code, at) if code != airport && centre.may_be_within_km(at, radius_km) => {
                let km = centre.km_to(at);
                let weekly_departures = entry.weekly_departures;
                (km <= radius_km).then_some(Neighbour { airport: code, km, weekly_departures })
            }
            _ => None,
        };
        let mut near: Vec<Neighbour> = self.entries.iter().filter_map(neighbour).collect();
        near.sort_unstable_by_key(|neighbour| (neighbour.km, neighbour.airport));
        near.truncate(limit);
        near
    }

    fn fit_names(&self, typed: &str, fits: &mut Fits) {
        let long_enough = typed.chars().count() >= WHOLE_NAME_LETTERS;
        for name in self.names.beginning_with(typed) {
            let entry = self.entries[name.entry];
            let whole = name.text.len() == typed.len();
            let fit = match (name.kind, entry.kind) {
                (NameKind::Code, Kind::Airport(..)) if whole => fits::AIRPORT_CODE,
                (NameKind::Code, Kind::City(_)) if whole => fits::CITY_CODE,
                (NameKind::Alias, _) if whole => fits::WHOLE,
                _ => match (whole && long_enough, entry.prominent) {
                    (true, true) => fits::WHOLE,
                    (false, true) => fits::BEGINNING,
                    (true, false) => fits::QUIET_WHOLE,
                    (false, false) => fits::QUIET_BEGINNING,
                },
            };
            fits.improve(name.entry, fit);
        }
    }

    fn fit_words(&self, words: &[Vec<char>], fits: &mut Fits) {
        let mut all = vec![0_u8; self.entries.len()];
        for word in words {
            let mut one = vec![fits::NONE; self.entries.len()];
            for posting in self.vocabulary.beginning_with(word) {
                one[posting.entry] = one[posting.entry].min(u8::from(posting.region));
            }
            for (all, one) in all.iter_mut().zip(one) {
                *all = one.max(*all);
            }
        }
        for (entry, region) in fits::fitting(&all) {
            fits.improve(entry, fits::WORDS + region);
        }
    }

    fn fit_mistyped(&self, words: &[Vec<char>], fits: &mut Fits) {
        let mut all = vec![0_u8; self.entries.len()];
        for word in words {
            let mut one = vec![fits::NONE; self.entries.len()];
            self.vocabulary.like(word, |near, posting| {
                let cost = fits::cost(near.errors, posting.region, !near.whole);
                one[posting.entry] = one[posting.entry].min(cost);
            });
            for (all, one) in all.iter_mut().zip(one) {
                *all = fits::both(*all, one);
            }
            if fits::fitting(&all).next().is_none() {
                return;
            }
        }
        let fewest = fits::fitting(&all).map(|(_, cost)| fits::errors(cost)).min();
        for (entry, cost) in fits::fitting(&all).filter(|(_, cost)| Some(fits::errors(*cost)) == fewest) {
            let quiet = if self.entries[entry].prominent { 0 } else { fits::QUIET };
            fits.improve(entry, fits::MISTYPED + cost + quiet);
        }
    }

    fn found(&self, entries: impl IntoIterator<Item = usize>, limit: usize) -> Found<'_> {
        let mut found = Found::default();
        for entry in entries {
            if found.airports.len() >= limit {
                break;
            }
            let place = match self.entries[entry].kind {
                Kind::City(index) => Place::City(&self.cities[index]),
                Kind::Airport(code, _) => {
                    found.airports.push(code);
                    Place::Airport(code)
                }
            };
            if found.places.len() < limit {
                found.places.push(place);
            }
        }
        found
    }
}

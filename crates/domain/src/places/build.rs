//! Making the index: who belongs together, in which order, under which names.

use std::cmp::Reverse;
use std::collections::HashMap;

use kernel::AirportCode;

use super::cities::CityRow;
use super::names::{Name, NameKind, Names};
use super::vocabulary::{Posting, Vocabulary};
use super::{AirportRow, City, Entry, Kind, Places, fold, states};

/// A name of more words than "Salt Lake City" is not typed without spaces.
const JOINED_WORDS: usize = 3;

/// An entry on its way into the index.
struct Draft<'a> {
    entry: Entry,
    /// Who comes first of those without departures.
    standing: Standing,
    code: String,
    /// Names with their kind; the code is not among them.
    names: Vec<(NameKind, &'a str)>,
    region: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    City,
    /// An airport that data/cities.csv names, by its place in the row.
    Listed(usize),
    International,
    Other,
}

pub(super) fn places(airports: &[AirportRow<'_>], rows: &[CityRow]) -> Places {
    let departures: HashMap<AirportCode, u32> =
        airports.iter().map(|airport| (airport.code, airport.weekly_departures)).collect();
    let sets = rows.iter().filter(|row| !row.only_names_its_airport());
    let cities: Vec<(City, &CityRow)> = sets.filter_map(|row| Some((city(row, &departures)?, row))).collect();
    let mut rows_of: HashMap<AirportCode, Vec<(usize, &CityRow)>> = HashMap::new();
    for row in rows {
        for (place, airport) in row.airports.iter().enumerate() {
            rows_of.entry(*airport).or_default().push((place, row));
        }
    }
    let mut drafts: Vec<Draft<'_>> = Vec::with_capacity(cities.len() + airports.len());
    drafts.extend(cities.iter().enumerate().map(|(index, (city, row))| city_draft(index, city, row)));
    drafts.extend(
        airports
            .iter()
            .map(|airport| airport_draft(airport, rows_of.get(&airport.code).map_or(&[][..], Vec::as_slice))),
    );
    drafts.sort_by(|a, b| order(a).cmp(&order(b)));
    let (names, vocabulary) = index(&drafts);
    Places {
        entries: drafts.iter().map(|draft| draft.entry).collect(),
        city_of_code: cities.iter().enumerate().map(|(index, (city, _))| (city.code, index)).collect(),
        position_of: airports.iter().map(|airport| (airport.code, airport.position)).collect(),
        cities: cities.into_iter().map(|(city, _)| city).collect(),
        names,
        vocabulary,
    }
}

fn order<'a>(draft: &'a Draft<'_>) -> (Reverse<u32>, Standing, &'a str) {
    (Reverse(draft.entry.weekly_departures), draft.standing, &draft.code)
}

/// The city with those of its airports that are known; `None` where none is.
fn city(row: &CityRow, departures: &HashMap<AirportCode, u32>) -> Option<City> {
    let mut airports: Vec<AirportCode> =
        row.airports.iter().copied().filter(|airport| departures.contains_key(airport)).collect();
    let of = |airport: &AirportCode| departures.get(airport).copied().unwrap_or(0);
    // A stable sort: without departures the order of the file stays.
    airports.sort_by_key(|airport| Reverse(of(airport)));
    let weekly_departures = airports.iter().map(of).fold(0, u32::saturating_add);
    (!airports.is_empty()).then(|| City {
        code: row.code,
        name: row.name.clone(),
        country: row.country.clone(),
        airports,
        weekly_departures,
    })
}

fn city_draft<'a>(index: usize, city: &City, row: &'a CityRow) -> Draft<'a> {
    let entry = Entry { kind: Kind::City(index), weekly_departures: city.weekly_departures, prominent: true };
    let mut names = vec![(NameKind::City, row.name.as_str())];
    names.extend(row.aliases.iter().map(|alias| (NameKind::Alias, alias.as_str())));
    Draft { entry, standing: Standing::City, code: row.code.to_string(), names, region: "" }
}

/// An airport answers to its own names, to those of a row of its own, and to those of the city it serves: whoever types
/// "nyc" or "bombay" means it as well.
fn airport_draft<'a>(airport: &AirportRow<'a>, rows: &[(usize, &'a CityRow)]) -> Draft<'a> {
    let kind = Kind::Airport(airport.code, airport.position);
    let prominent = airport.weekly_departures > 0 || !rows.is_empty();
    let entry = Entry { kind, weekly_departures: airport.weekly_departures, prominent };
    let mut names = vec![(NameKind::Airport, airport.name), (NameKind::City, airport.city)];
    if airport.city.contains('/') {
        names.extend(airport.city.split('/').map(|part| (NameKind::City, part)));
    }
    for (_, row) in rows {
        names.push((NameKind::City, &row.name));
        names.extend(row.aliases.iter().map(|alias| (NameKind::Alias, alias.as_str())));
        if row.code.as_str() != airport.code.as_str() {
            names.push((NameKind::Alias, row.code.as_str()));
        }
    }
    let international = airport.name.contains("International");
    let unlisted = if international { Standing::International } else { Standing::Other };
    let standing = rows.iter().map(|(place, _)| Standing::Listed(*place)).min().unwrap_or(unlisted);
    Draft { entry, standing, code: airport.code.to_string(), names, region: airport.subdivision }
}

fn index(drafts: &[Draft<'_>]) -> (Names, Vocabulary) {
    let mut names: Vec<Name> = Vec::new();
    let mut postings_of: HashMap<String, Vec<Posting>> = HashMap::new();
    for (entry, draft) in drafts.iter().enumerate() {
        let mut add = |word: String, region: bool| {
            let postings = postings_of.entry(word).or_default();
            // The names come before the region, so a word of both counts as the name's.
            if postings.last().is_none_or(|last| last.entry != entry) {
                postings.push(Posting { entry, region });
            }
        };
        let code = draft.code.to_lowercase();
        add(code.clone(), false);
        names.push(Name { text: code, kind: NameKind::Code, entry });
        if matches!(draft.entry.kind, Kind::Airport(..)) {
            add("airport".to_owned(), false);
        }
        for (kind, name) in &draft.names {
            for spelling in spellings(name) {
                if *kind != NameKind::Airport && (2..=JOINED_WORDS).contains(&spelling.len()) {
                    add(spelling.concat(), false);
                }
                names.push(Name { text: spelling.join(" "), kind: *kind, entry });
                for word in spelling {
                    add(word, false);
                }
            }
        }
        let region = spellings(draft.region).into_iter().flatten();
        for word in region.chain(states::abbreviation(draft.region).map(str::to_owned)) {
            add(word, true);
        }
    }
    (Names::new(names), Vocabulary::new(postings_of))
}

/// The words of a name in each way people spell it; none for a name without any.
fn spellings(name: &str) -> Vec<Vec<String>> {
    let words = fold::words(name);
    if words.is_empty() {
        return Vec::new();
    }
    let other = fold::other_spelling(&words);
    std::iter::once(words).chain(other).collect()
}

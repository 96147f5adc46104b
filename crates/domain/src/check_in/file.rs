//! `udaan import check-in-policies FILE`: a row for each route that is not as the settings say.

use std::collections::HashMap;

use kernel::AirportCode;

use super::{End, MINUTES_MAX, MONTHS_MAX, RoutePolicy, Terms};
use crate::input::{self, BadInput, Row};

/// The columns read; others are ignored.
const COLUMNS: &[&str] = &[
    "origin",
    "destination",
    "opens_minutes",
    "closes_minutes",
    "counter_closes_minutes",
    "passport",
    "passport_months",
];

/// Reads a file of policies, sorted by where they hold. `airport_exists` answers whether flights can depart from an airport.
pub fn parse(
    file: &str,
    bytes: &[u8],
    airport_exists: &dyn Fn(AirportCode) -> bool,
) -> Result<Vec<RoutePolicy>, BadInput> {
    let mut lines: HashMap<(End, End), u64> = HashMap::new();
    let mut policies = input::read(file, bytes, COLUMNS, |row| {
        let (origin, destination) =
            (end(row, "origin", airport_exists), end(row, "destination", airport_exists));
        let terms = terms(row);
        let (origin, destination) = (origin?, destination?);
        if origin == End::Anywhere && destination == End::Anywhere {
            let right = "an airport or a country in one of them; what holds everywhere is in the settings";
            row.refuse("origin", "is a policy for every route", right);
            return None;
        }
        if let Some(first) = lines.insert((origin.clone(), destination.clone()), row.line) {
            row.refuse("origin", &format!("is already on line {first}"), "each route once");
            return None;
        }
        Some(RoutePolicy { origin, destination, terms: terms? })
    })?;
    policies.sort_by(|one, other| (&one.origin, &one.destination).cmp(&(&other.origin, &other.destination)));
    Ok(policies)
}

fn end(row: &mut Row<'_>, column: &str, exists: &dyn Fn(AirportCode) -> bool) -> Option<End> {
    let right =
        "an airport that was imported before, such as DEL, a country, such as IN, or nothing for anywhere";
    row.parse(column, "is no airport and no country", right, |text| match text.len() {
        0 => Some(End::Anywhere),
        2 if text.bytes().all(|byte| byte.is_ascii_uppercase()) => Some(End::Country(text.to_owned())),
        3 => text.parse().ok().filter(|code| exists(*code)).map(End::Airport),
        _ => None,
    })
}

fn terms(row: &mut Row<'_>) -> Option<Terms> {
    // All cells are looked at before the row is given up, so that one run tells all.
    let mut minutes = |column: &str| row.whole_number(column, 0, MINUTES_MAX);
    let (opens, closes, counter) =
        (minutes("opens_minutes"), minutes("closes_minutes"), minutes("counter_closes_minutes"));
    let passport = row.parse("passport", "is neither", "yes or no", |text| match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    });
    let months = row.whole_number("passport_months", 0, MONTHS_MAX.into());
    let terms = Terms {
        opens_minutes: opens?,
        closes_minutes: closes?,
        counter_closes_minutes: counter?,
        passport: passport?,
        passport_months: u8::try_from(months?).unwrap_or(MONTHS_MAX),
    };
    if !terms.is_sound() {
        let right =
            "more minutes for opening than for closing, and no fewer for closing than for the counter";
        row.refuse("closes_minutes", "is not between opening and the counter's closing", right);
        return None;
    }
    Some(terms)
}

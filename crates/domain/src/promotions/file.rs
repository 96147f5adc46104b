//! The file of promotions: a row each, so that staff keep them in a spreadsheet.

use kernel::{AirportCode, Cabin, Currency};

use super::{Amounts, Audience, Benefit, Promotion, Route, normalise};
use crate::input::{self, BadInput, Row};

/// The columns read; others are ignored.
const COLUMNS: &[&str] = &[
    "code",
    "name",
    "audience",
    "kind",
    "percent",
    "amounts",
    "extra",
    "book_from",
    "book_until",
    "travel_from",
    "travel_until",
    "routes",
    "cabins",
    "fare_families",
    "minimum_spend",
    "first_booking",
    "total_limit",
    "per_user_limit",
    "combinable",
];

/// Reads a file of promotions. A code that stands in it twice is refused.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Vec<Promotion>, BadInput> {
    let mut seen: Vec<String> = Vec::new();
    input::read(file, bytes, COLUMNS, |row| {
        let promotion = promotion(row)?;
        if seen.contains(&promotion.code) {
            row.refuse("code", "stands in the file twice", "each code once");
            return None;
        }
        if let Err((field, right)) = promotion.check() {
            row.refuse(column(field), "cannot be", right);
            return None;
        }
        seen.push(promotion.code.clone());
        Some(promotion)
    })
}

/// The column in which a field stands.
fn column(field: &'static str) -> &'static str {
    match field {
        "benefit.basis_points" => "percent",
        "benefit.cap" | "benefit.amounts" => "amounts",
        "benefit.extra" => "extra",
        other => other,
    }
}

fn promotion(row: &mut Row<'_>) -> Option<Promotion> {
    let code = row.parse("code", "is not a code", "3 to 32 of A-Z, 0-9 and -", normalise);
    let name = row.parse("name", "is empty or too long", "1 to 80 characters", |text| {
        (1..=super::NAME_MAX).contains(&text.chars().count()).then(|| text.to_owned())
    });
    let audience =
        row.parse("audience", "is none of these", "public, unlisted or targeted", Audience::from_word);
    let benefit = benefit(row);
    let instant = "an instant such as 2026-12-01T00:00:00Z, or empty";
    let book_from = row.parse("book_from", "is not an instant", instant, |text| or_empty(text).ok());
    let book_until = row.parse("book_until", "is not an instant", instant, |text| or_empty(text).ok());
    let day = "a date such as 2026-12-01, or empty";
    let travel_from = row.parse("travel_from", "is not a date", day, |text| or_empty(text).ok());
    let travel_until = row.parse("travel_until", "is not a date", day, |text| or_empty(text).ok());
    let right = "pairs such as JFK-LAX, JFK-* or *-LAX parted by spaces, or empty";
    let routes = row.parse("routes", "is not a list of routes", right, |text| {
        text.split_whitespace().map(route).collect()
    });
    let right = "economy, premium_economy, business or first, parted by spaces, or empty";
    let cabins = row.parse("cabins", "is not a list of cabins", right, |text| {
        text.split_whitespace().map(|word| word.parse::<Cabin>().ok()).collect()
    });
    let families = row.text("fare_families").map(|text| text.split_whitespace().map(str::to_owned).collect());
    let minimum_spend = amounts(row, "minimum_spend");
    let first_booking = yes_or_no(row, "first_booking");
    let number = "a whole number above zero, or empty";
    let total_limit = row.parse("total_limit", "is not such a number", number, |text| or_empty(text).ok());
    let per_user_limit =
        row.parse("per_user_limit", "is not such a number", number, |text| or_empty(text).ok());
    let combinable = yes_or_no(row, "combinable");
    Some(Promotion {
        code: code?,
        name: name?,
        audience: audience?,
        benefit: benefit?,
        book_from: book_from?,
        book_until: book_until?,
        travel_from: travel_from?,
        travel_until: travel_until?,
        routes: routes?,
        cabins: cabins?,
        families: families?,
        minimum_spend: minimum_spend?,
        first_booking: first_booking?,
        total_limit: total_limit?,
        per_user_limit: per_user_limit?,
        combinable: combinable?,
    })
}

fn benefit(row: &mut Row<'_>) -> Option<Benefit> {
    let kinds = ["percent", "amount", "extra"];
    let right = "percent, amount or extra";
    match row.parse("kind", "is none of these", right, |text| kinds.into_iter().find(|kind| *kind == text))? {
        "percent" => {
            let right = "a percentage with up to two decimals, such as 12.5";
            let basis_points = row.parse("percent", "is not a percentage", right, basis_points);
            let cap = amounts(row, "amounts");
            Some(Benefit::Percent { basis_points: basis_points?, cap: cap? })
        }
        "amount" => Some(Benefit::Amount { amounts: amounts(row, "amounts")? }),
        _ => Some(Benefit::Extra { extra: row.text("extra")?.to_owned() }),
    }
}

fn or_empty<T: std::str::FromStr>(text: &str) -> Result<Option<T>, T::Err> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some) }
}

/// `12.5` as 1250.
fn basis_points(text: &str) -> Option<u16> {
    let (whole, hundredths) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(hundredths) || hundredths.len() > 2 {
        return None;
    }
    let hundredths: u16 = format!("{hundredths:0<2}").parse().ok()?;
    whole.parse::<u16>().ok()?.checked_mul(100)?.checked_add(hundredths)
}

/// `USD:5000 JPY:700`: minor units by currency.
fn amounts(row: &mut Row<'_>, column: &str) -> Option<Amounts> {
    let right = "minor units by currency, such as USD:5000 JPY:700, or empty";
    row.parse(column, "is not a list of amounts", right, |text| {
        let mut found = Amounts::new();
        for each in text.split_whitespace() {
            let (currency, amount) = each.split_once(':')?;
            let amount = amount.parse().ok().filter(|amount: &i64| *amount > 0)?;
            if found.insert(currency.parse::<Currency>().ok()?, amount).is_some() {
                return None;
            }
        }
        Some(found)
    })
}

fn route(text: &str) -> Option<Route> {
    let end = |text: &str| or_empty::<AirportCode>(if text == "*" { "" } else { text }).ok();
    let (origin, destination) =
        text.split_once('-').filter(|(one, other)| !one.is_empty() && !other.is_empty())?;
    Some(Route { origin: end(origin)?, destination: end(destination)? })
}

fn yes_or_no(row: &mut Row<'_>, column: &str) -> Option<bool> {
    row.parse(column, "is neither", "yes or no", |text| match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    })
}

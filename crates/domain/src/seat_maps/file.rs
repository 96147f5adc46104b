//! The file of seat maps: a line is a group of rows that look the same, from front to back.

use std::collections::HashMap;

use kernel::{Cabin, Currency};

use super::id::SEAT_LETTERS;
use super::{RowGroup, SeatMap, Zone};
use crate::fare_families::{LADDER_RIGHT, ladder};
use crate::input::{self, BadInput, Row};

/// The columns read; others are ignored.
const COLUMNS: &[&str] = &[
    "aircraft",
    "cabin",
    "rows",
    "seats",
    "zone",
    "price",
    "middle_price",
    "currency",
    "refund",
    "features",
    "masks",
    "blocked",
];

/// Reads a file of seat maps, one for each aircraft in it.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Vec<SeatMap>, BadInput> {
    let mut checks = Checks::default();
    let rows = input::read(file, bytes, COLUMNS, |row| {
        let aircraft = row.parse("aircraft", "is not an aircraft", "an IATA type, such as 73H", |text| {
            let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
            (text.len() == 3 && text.bytes().all(allowed)).then(|| text.to_owned())
        });
        let (group, aircraft) = (group(row)?, aircraft?);
        checks.check(row, &aircraft, &group)?;
        Some((aircraft, group))
    })?;
    let mut maps: Vec<SeatMap> = Vec::new();
    for (aircraft, group) in rows {
        match maps.iter_mut().find(|map| map.aircraft == aircraft) {
            Some(map) => map.groups.push(group),
            None => maps.push(SeatMap { aircraft, groups: vec![group] }),
        }
    }
    Ok(maps)
}

/// What one line cannot know of the others.
#[derive(Default)]
struct Checks {
    /// The last row of each aircraft, and the cabins it has had.
    last: HashMap<String, (u8, Vec<Cabin>)>,
    /// What a zone of a cabin costs.
    prices: HashMap<(String, Cabin, Zone), (u32, u32, Currency)>,
}

impl Checks {
    fn check(&mut self, row: &mut Row<'_>, aircraft: &str, group: &RowGroup) -> Option<()> {
        let (last, cabins) = self.last.entry(aircraft.to_owned()).or_default();
        if group.rows.0 <= *last {
            row.refuse("rows", "do not follow the rows before", &format!("rows from {} on", *last + 1));
            return None;
        }
        if cabins.contains(&group.cabin) && cabins.last() != Some(&group.cabin) {
            row.refuse("cabin", "comes twice", "the lines of a cabin together, from front to back");
            return None;
        }
        if cabins.last() != Some(&group.cabin) {
            cabins.push(group.cabin);
        }
        *last = group.rows.1;
        let price = (group.price, group.middle_price, group.currency);
        let known = *self.prices.entry((aircraft.to_owned(), group.cabin, group.zone)).or_insert(price);
        if known != price {
            let right = format!("{} and {} {}, as above", known.0, known.1, known.2.as_str());
            row.refuse("price", "is not what the zone costs elsewhere in this cabin", &right);
            return None;
        }
        Some(())
    }
}

fn group(row: &mut Row<'_>) -> Option<RowGroup> {
    let cabins = "economy, premium_economy, business or first";
    let cabin = row.parse("cabin", "is not a cabin", cabins, |text| text.parse().ok());
    let rows = row.parse("rows", "are not rows", "a row or the first and the last, such as 5-12", rows);
    let right =
        format!("letters of {SEAT_LETTERS} from left to right, a space for an aisle, such as ABC DEF");
    let blocks = row.parse("seats", "are not the seats of a row", &right, blocks);
    let zone = row.parse("zone", "is not a zone", "standard, front or extra_legroom", Zone::from_word);
    let price = row.whole_number("price", 0, 10_000_000);
    let middle_price = row.whole_number("middle_price", 0, 10_000_000);
    let currency =
        row.parse("currency", "is not a currency", "ISO 4217, such as USD", |text| text.parse().ok());
    let refund = row.parse("refund", "is not a ladder of refunds", LADDER_RIGHT, ladder);
    let features = row.parse("features", "are not features", "exit, bulkhead, overwing, or empty", |text| {
        let words: Vec<&str> = text.split_whitespace().collect();
        let known = words.iter().all(|word| ["exit", "bulkhead", "overwing"].contains(word));
        let has = |word| words.contains(&word);
        known.then(|| (has("exit"), has("bulkhead"), has("overwing")))
    });
    let blocks = blocks?;
    let masks = row.parse(
        "masks",
        "are not blocks of the row",
        "the first letter of each block with a spare oxygen mask, such as A D, or empty",
        |text| {
            letters(text).filter(|found| {
                found.iter().all(|letter| blocks.iter().any(|block| block.starts_with(*letter)))
            })
        },
    );
    let blocked = row.parse(
        "blocked",
        "are not seats of the row",
        "letters of the row, such as A F, or empty",
        |text| {
            letters(text)
                .filter(|found| found.iter().all(|letter| blocks.iter().any(|block| block.contains(*letter))))
        },
    );
    let (exit, bulkhead, overwing) = features?;
    Some(RowGroup {
        cabin: cabin?,
        rows: rows?,
        zone: zone?,
        price: price?,
        middle_price: middle_price?,
        currency: currency?,
        refund: refund?,
        exit,
        bulkhead,
        overwing,
        masks: masks?,
        blocked: blocked?,
        blocks,
    })
}

fn rows(text: &str) -> Option<(u8, u8)> {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u8>().ok().filter(|number| digits && (1..=99).contains(number))
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let rows = (number(first)?, number(last)?);
    (rows.0 <= rows.1).then_some(rows)
}

/// Blocks of letters that grow from left to right.
fn blocks(text: &str) -> Option<Vec<String>> {
    let letters: Vec<char> = text.chars().filter(|letter| *letter != ' ').collect();
    let known = letters.iter().all(|letter| SEAT_LETTERS.contains(*letter));
    let grow = letters.windows(2).all(|pair| pair[0] < pair[1]);
    (!letters.is_empty() && known && grow).then(|| text.split_whitespace().map(str::to_owned).collect())
}

fn letters(text: &str) -> Option<Vec<char>> {
    text.split_whitespace()
        .map(|word| {
            let mut letters = word.chars();
            letters.next().filter(|_| letters.next().is_none())
        })
        .collect()
}

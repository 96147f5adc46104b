//! What the law, or the airline's own promise, gives back whatever a fare family says: rules with the dates between which
//! they hold and the text they come from.

use jiff::civil::Date;

use crate::input::{self, BadInput, Row};

/// The columns read; others are ignored.
const COLUMNS: &[&str] =
    &["code", "kind", "country", "hours", "domestic", "international", "citation", "from", "until"];

/// A rule that gives back more than the fare family may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRule {
    /// What we call it, such as `us_24_hours`.
    pub code: String,
    /// When it applies.
    pub case: RefundCase,
    /// ISO 3166-1 alpha-2 of a country one of the flights departs from or arrives in; `None` for all flights.
    pub country: Option<String>,
    /// The article it is.
    pub citation: String,
    /// The first day it holds on.
    pub from: Date,
    /// The first day it does not hold on any more.
    pub until: Option<Date>,
}

/// When everything comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundCase {
    /// The traveller has a change of mind soon after booking, long before departure.
    CoolingOff {
        /// Within so many hours of booking …
        hours: u32,
        /// … when the booking was made at least so many days before a domestic departure …
        domestic_days: u32,
        /// … or an international one.
        international_days: u32,
    },
    /// The airline does not fly.
    Cancelled,
    /// The airline flies much earlier or arrives much later than it sold.
    Moved {
        /// Minutes, where no flight crosses a border.
        domestic: u32,
        /// Minutes, where one does.
        international: u32,
    },
}

/// All rules, those of the past too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefundRules(Vec<RefundRule>);

impl RefundRules {
    /// These rules.
    pub const fn new(rules: Vec<RefundRule>) -> Self {
        Self(rules)
    }

    /// Those of an airline that has filed none: the laws we know of, and that a flight that is not flown is paid back.
    pub fn shipped() -> Result<Self, BadInput> {
        parse("refund-rules.csv", include_bytes!("../../../data/refund-rules.csv")).map(Self)
    }

    /// The rules that hold on a day for flights that touch these countries.
    pub fn holding<'a>(&'a self, day: Date, countries: &'a [&str]) -> impl Iterator<Item = &'a RefundRule> {
        self.0.iter().filter(move |rule| {
            rule.from <= day
                && rule.until.is_none_or(|until| day < until)
                && rule.country.as_deref().is_none_or(|country| countries.contains(&country))
        })
    }
}

/// Reads a file of refund rules: a row each.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Vec<RefundRule>, BadInput> {
    input::read(file, bytes, COLUMNS, rule)
}

fn rule(row: &mut Row<'_>) -> Option<RefundRule> {
    let code = row.parse("code", "is not a code", "1 to 32 of a-z, 0-9 and _, such as us_24_hours", |text| {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        ((1..=32).contains(&text.len()) && text.bytes().all(allowed)).then(|| text.to_owned())
    });
    let case = case(row);
    let right = "two capital letters (ISO 3166-1), or empty for all flights";
    let country = row.parse("country", "is not a country", right, |text| match text.as_bytes() {
        [] => Some(None),
        [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Some(Some(text.to_owned())),
        _ => None,
    });
    let citation =
        row.parse("citation", "is empty or too long", "the article, 1 to 120 characters", |text| {
            (1..=120).contains(&text.chars().count()).then(|| text.to_owned())
        });
    let from = row.parse("from", "is not a date", "a date, such as 2024-10-28", |text| text.parse().ok());
    let until = row.parse("until", "is not a date", "a date, such as 2027-01-01, or empty", |text| {
        if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
    });
    let (from, until): (Date, Option<Date>) = (from?, until?);
    if until.is_some_and(|until| until <= from) {
        row.refuse("until", "is not after from", "the first day on which the rule does not hold any more");
        return None;
    }
    Some(RefundRule { code: code?, case: case?, country: country?, citation: citation?, from, until })
}

/// `domestic` and `international` are days before departure, or minutes of a move.
fn case(row: &mut Row<'_>) -> Option<RefundCase> {
    let kinds = ["cooling_off", "cancelled", "moved"];
    let right = "cooling_off, cancelled or moved";
    match row.parse("kind", "is none of these", right, |text| kinds.into_iter().find(|kind| *kind == text))? {
        "cooling_off" => {
            let hours = row.whole_number("hours", 1, 24 * 30);
            let domestic_days = row.whole_number("domestic", 0, 365);
            let international_days = row.whole_number("international", 0, 365);
            Some(RefundCase::CoolingOff {
                hours: hours?,
                domestic_days: domestic_days?,
                international_days: international_days?,
            })
        }
        "moved" => {
            let domestic = row.whole_number("domestic", 1, 24 * 60);
            let international = row.whole_number("international", 1, 24 * 60);
            Some(RefundCase::Moved { domestic: domestic?, international: international? })
        }
        _ => Some(RefundCase::Cancelled),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const HEADER: &str = "code,kind,country,hours,domestic,international,citation,from,until\n";

    #[test]
    fn the_shipped_rules_are_read() {
        let rules = RefundRules::shipped().expect("good");
        let on = |day, country: &'static str| {
            rules.holding(day, &[country]).map(|rule| rule.code.clone()).collect::<Vec<_>>()
        };
        assert!(on(date(2026, 6, 1), "US").contains(&"us_moved".to_owned()));
        assert!(
            !on(date(2024, 10, 27), "US").contains(&"us_moved".to_owned()),
            "in force on 28 October 2024"
        );
        assert!(!on(date(2026, 6, 1), "FR").contains(&"us_24_hours".to_owned()));
        assert!(on(date(2026, 3, 26), "IN").contains(&"in_48_hours".to_owned()));
    }

    #[test]
    fn wrong_cells_are_told_apart() {
        let file = |row: &str| parse("r.csv", format!("{HEADER}{row}\n").as_bytes());
        for (row, column) in [
            ("A,cancelled,US,,,,x,2024-01-01,", "code"),
            ("a,whim,US,,,,x,2024-01-01,", "kind"),
            ("a,cancelled,usa,,,,x,2024-01-01,", "country"),
            ("a,cancelled,US,,,,,2024-01-01,", "citation"),
            ("a,moved,US,,,180,x,2024-01-01,", "domestic"),
            ("a,cooling_off,US,0,7,7,x,2024-01-01,", "hours"),
            ("a,cancelled,US,,,,x,2024-01-01,2024-01-01", "until"),
        ] {
            let bad = file(row).expect_err(row);
            assert_eq!(bad.cells.first().map(|cell| cell.column.as_str()), Some(column), "{row}");
        }
        assert!(file("a,cancelled,,,,,x,2024-01-01,").is_ok());
    }
}

//! Taxes and charges: what of a price goes to somebody else than the airline.
//!
//! Filed fares are what a traveller pays, with everything (US law wants prices told that way: 14 CFR 399.84(a)). So taxes
//! are not added to a price but taken out of it, and no price that was shown moves when a tax does.

use jiff::civil::Date;
use kernel::Currency;
use serde::{Deserialize, Serialize};

use crate::input::{self, BadInput, Row};
use crate::pricing::PassengerType;

/// The columns read; others are ignored.
const COLUMNS: &[&str] = &[
    "code",
    "name",
    "kind",
    "country",
    "flights",
    "each",
    "amount",
    "percent",
    "at_most",
    "passengers",
    "from",
    "until",
    "currency",
];

/// A tax or charge between two dates of sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxRule {
    /// What tickets call it: two letters or digits, as a rule.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// Who levies it.
    pub kind: TaxKind,
    /// ISO 3166-1 alpha-2 of the country that levies it.
    pub country: String,
    /// Which flights it is levied on.
    pub flights: TaxedFlights,
    /// How much.
    pub levy: Levy,
    /// Who pays it.
    pub passengers: Vec<PassengerType>,
    /// The first date of sale it holds on.
    pub from: Date,
    /// The first date it does not hold on any more.
    pub until: Option<Date>,
    /// What amounts are in.
    pub currency: Currency,
}

/// Who levies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxKind {
    /// A state.
    Tax,
    /// An airport or another body.
    Fee,
}

impl TaxKind {
    /// The word in files and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tax => "tax",
            Self::Fee => "fee",
        }
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Tax, Self::Fee].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Which flights a tax is levied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaxedFlights {
    /// Those inside the country.
    Domestic,
    /// Those that leave an airport of the country, wherever they go.
    Departing,
}

impl TaxedFlights {
    /// The word in files and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Domestic => "domestic",
            Self::Departing => "departing",
        }
    }

    /// The flights of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Domestic, Self::Departing].into_iter().find(|flights| flights.as_str() == word)
    }
}

/// How much a tax is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Levy {
    /// A part of the fare of its flights, in millionths.
    Share {
        /// 75,000 is 7.5 percent.
        ppm: u32,
    },
    /// An amount for each of its flights.
    PerFlight {
        /// Minor units.
        amount: u32,
        /// For so many flights of a slice at most.
        at_most: Option<u8>,
    },
    /// An amount for each slice that has one of its flights.
    PerSlice {
        /// Minor units.
        amount: u32,
    },
}

/// A flight as far as taxes see it, with one passenger's share of the price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxedLeg {
    /// The countries it departs from and arrives in.
    pub countries: (String, String),
    /// Minor units.
    pub price: i64,
}

/// One passenger's price of a slice, taken apart. `base` and the lines add up to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakdown<'a> {
    /// What the airline keeps.
    pub base: i64,
    /// What it passes on, in the order of the rules; none is zero.
    pub lines: Vec<(&'a TaxRule, i64)>,
}

/// All rules, those of the past too: an offer is taken apart by the rules of the day it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaxRules(Vec<TaxRule>);

impl TaxRules {
    /// These rules.
    pub const fn new(rules: Vec<TaxRule>) -> Self {
        Self(rules)
    }

    /// Takes apart what one passenger pays for the flights of a slice, sold on a date. Amounts for flights and slices come
    /// out first, as far as the price reaches; then the fare is what, with its shares, gives the rest.
    pub fn split(
        &self,
        legs: &[TaxedLeg],
        kind: PassengerType,
        sold_on: Date,
        currency: Currency,
    ) -> Breakdown<'_> {
        let total: i64 = legs.iter().map(|leg| leg.price).sum();
        let mut left = total;
        let mut lines = Vec::new();
        let mut shares = Vec::new();
        for rule in self.0.iter().filter(|rule| rule.holds(kind, sold_on, currency)) {
            let taxed = || legs.iter().filter(|leg| rule.taxes(leg));
            let amount = match rule.levy {
                Levy::Share { ppm } => {
                    let priced: i64 = taxed().map(|leg| leg.price).sum();
                    shares.push((rule, i128::from(ppm) * i128::from(priced)));
                    continue;
                }
                Levy::PerFlight { amount, at_most } => {
                    let flights = taxed().count().min(at_most.map_or(usize::MAX, usize::from));
                    i64::from(amount) * i64::try_from(flights).unwrap_or(i64::MAX)
                }
                Levy::PerSlice { amount } => i64::from(amount) * i64::from(taxed().next().is_some()),
            };
            let amount = amount.min(left);
            left -= amount;
            lines.push((rule, amount));
        }
        let base = take_shares(total, left, shares, &mut lines);
        lines.retain(|(_, amount)| *amount > 0);
        Breakdown { base, lines }
    }
}

/// `left` = base × (1 + the sum of the shares). Each share is millionths × the price of the flights it is on, so that it
/// weighs as much as they do in `total`. Each line is rounded half up, and the base takes what remains.
fn take_shares<'a>(
    total: i64,
    left: i64,
    shares: Vec<(&'a TaxRule, i128)>,
    lines: &mut Vec<(&'a TaxRule, i64)>,
) -> i64 {
    let one = 1_000_000 * i128::from(total.max(1));
    let whole = one + shares.iter().map(|(_, share)| share).sum::<i128>();
    let mut base = left;
    for (rule, share) in shares {
        let amount = (2 * i128::from(left) * share + whole) / (2 * whole);
        let amount = i64::try_from(amount).unwrap_or(0).min(base);
        base -= amount;
        lines.push((rule, amount));
    }
    base
}

impl TaxRule {
    fn holds(&self, kind: PassengerType, sold_on: Date, currency: Currency) -> bool {
        self.passengers.contains(&kind)
            && self.currency == currency
            && self.from <= sold_on
            && self.until.is_none_or(|until| sold_on < until)
    }

    fn taxes(&self, leg: &TaxedLeg) -> bool {
        let (from, to) = &leg.countries;
        *from == self.country && (self.flights == TaxedFlights::Departing || *to == self.country)
    }
}

/// Reads a file of taxes and charges. Two rules of one code may not hold on the same date.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Vec<TaxRule>, BadInput> {
    let mut known: Vec<(u64, TaxRule)> = Vec::new();
    input::read(file, bytes, COLUMNS, |row| {
        let rule = rule(row)?;
        let overlaps = |other: &&(u64, TaxRule)| {
            let other = &other.1;
            other.code == rule.code
                && other.until.is_none_or(|until| rule.from < until)
                && rule.until.is_none_or(|until| other.from < until)
        };
        if let Some((line, _)) = known.iter().find(overlaps) {
            let reason = format!("holds on dates on which the rule of line {line} does");
            row.refuse("from", &reason, "rules of one code that follow one another");
            return None;
        }
        known.push((row.line, rule.clone()));
        Some(rule)
    })
}

fn rule(row: &mut Row<'_>) -> Option<TaxRule> {
    let code = row.parse("code", "is not a code", "1 to 4 capital letters or digits, such as US", |text| {
        let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        ((1..=4).contains(&text.len()) && text.bytes().all(allowed)).then(|| text.to_owned())
    });
    let name = row.parse("name", "is empty or too long", "1 to 60 characters", |text| {
        (1..=60).contains(&text.chars().count()).then(|| text.to_owned())
    });
    let kind = row.parse("kind", "is neither", "tax or fee", TaxKind::from_word);
    let country = row.parse("country", "is not a country", "two capital letters (ISO 3166-1)", |text| {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())).then(|| text.to_owned())
    });
    let flights = row.parse("flights", "is neither", "domestic or departing", TaxedFlights::from_word);
    let levy = levy(row);
    let types = "adult, child and infant, with spaces between";
    let passengers = row.parse("passengers", "are not passenger types", types, |text| {
        let types: Vec<_> = text.split_whitespace().map(PassengerType::from_word).collect::<Option<_>>()?;
        (!types.is_empty()).then_some(types)
    });
    let from = row.parse("from", "is not a date", "a date, such as 2026-01-01", |text| text.parse().ok());
    let until = row.parse("until", "is not a date", "a date, such as 2027-01-01, or empty", |text| {
        if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
    });
    let currency =
        row.parse("currency", "is not a currency", "ISO 4217, such as USD", |text| text.parse().ok());
    let (from, until): (Date, Option<Date>) = (from?, until?);
    if until.is_some_and(|until| until <= from) {
        row.refuse("until", "is not after from", "the first date on which the rule does not hold any more");
        return None;
    }
    Some(TaxRule {
        code: code?,
        name: name?,
        kind: kind?,
        country: country?,
        flights: flights?,
        levy: levy?,
        passengers: passengers?,
        from,
        until,
        currency: currency?,
    })
}

/// `each` says what `amount` or `percent` is of.
fn levy(row: &mut Row<'_>) -> Option<Levy> {
    match row.parse("each", "is none of these", "fare, flight or slice", |text| {
        ["fare", "flight", "slice"].into_iter().find(|word| *word == text)
    })? {
        "fare" => {
            let right = "a percentage up to 100 with four decimals at most, such as 7.5";
            row.parse("percent", "is not a percentage", right, ppm).map(|ppm| Levy::Share { ppm })
        }
        "flight" => {
            let amount = row.whole_number("amount", 1, 10_000_000);
            let at_most = row.parse("at_most", "is not a number of flights", "1 to 4, or empty", |text| {
                let number = |number: &u8| (1..=4).contains(number);
                if text.is_empty() { Some(None) } else { text.parse().ok().filter(number).map(Some) }
            });
            Some(Levy::PerFlight { amount: amount?, at_most: at_most? })
        }
        _ => row.whole_number("amount", 1, 10_000_000).map(|amount| Levy::PerSlice { amount }),
    }
}

/// Percent as millionths: `7.5` is 75,000.
fn ppm(text: &str) -> Option<u32> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || decimals.len() > 4 || !digits(whole) || !digits(decimals) {
        return None;
    }
    let millionths: u32 = format!("{whole}{decimals:0<4}").parse().ok()?;
    (1..=1_000_000).contains(&millionths).then_some(millionths)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const HEADER: &str =
        "code,name,kind,country,flights,each,amount,percent,at_most,passengers,from,until,currency";
    const SHARE: &str = "US,Excise,tax,US,domestic,fare,,7.5,,adult child infant,2018-01-01,,USD";
    const SEGMENT: &str = "ZP,Segment,tax,US,domestic,flight,520,,,adult child,2025-01-01,2026-01-01,USD";
    const LATER: &str = "ZP,Segment,tax,US,domestic,flight,530,,,adult child,2026-01-01,,USD";
    const SECURITY: &str = "AY,Security,fee,US,departing,slice,560,,,adult child,2014-07-21,,USD";
    const FACILITY: &str = "XF,Facility,fee,US,departing,flight,450,,2,adult child,2018-01-01,,USD";

    fn check(rows: &[&str]) -> Result<Vec<TaxRule>, BadInput> {
        parse("taxes.csv", format!("{HEADER}\n{}\n", rows.join("\n")).as_bytes())
    }

    fn rules() -> TaxRules {
        TaxRules::new(check(&[SHARE, SEGMENT, LATER, SECURITY, FACILITY]).expect("good rows"))
    }

    fn legs(legs: &[(&str, &str, i64)]) -> Vec<TaxedLeg> {
        let leg = |(from, to, price): &(&str, &str, i64)| TaxedLeg {
            countries: ((*from).to_owned(), (*to).to_owned()),
            price: *price,
        };
        legs.iter().map(leg).collect()
    }

    fn split(flights: &[(&str, &str, i64)], kind: PassengerType, sold_on: Date) -> (i64, Vec<(String, i64)>) {
        let rules = rules();
        let parts = rules.split(&legs(flights), kind, sold_on, Currency::USD);
        (parts.base, parts.lines.iter().map(|(rule, amount)| (rule.code.clone(), *amount)).collect())
    }

    fn lines(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
        expected.iter().map(|(code, amount)| ((*code).to_owned(), *amount)).collect()
    }

    #[test]
    fn a_domestic_nonstop() {
        // 200.00 = 4.50 + 5.60 + 5.30 + 1.075 × base.
        let (base, parts) = split(&[("US", "US", 20_000)], PassengerType::Adult, date(2026, 11, 22));
        assert_eq!(parts, lines(&[("ZP", 530), ("AY", 560), ("XF", 450), ("US", 1_288)]));
        assert_eq!(base, 17_172);
    }

    #[test]
    fn the_day_of_sale_decides_and_an_infant_pays_no_amounts() {
        let at = |day| split(&[("US", "US", 20_000)], PassengerType::Adult, day).1[0].clone();
        assert_eq!(at(date(2025, 12, 31)), ("ZP".to_owned(), 520));
        assert_eq!(at(date(2026, 1, 1)), ("ZP".to_owned(), 530));
        let infant = split(&[("US", "US", 2_150)], PassengerType::Infant, date(2026, 1, 1));
        assert_eq!(infant, (2_000, lines(&[("US", 150)])));
    }

    #[test]
    fn a_charge_has_its_limit_and_a_share_its_flights() {
        let flights =
            [("US", "US", 10_000), ("US", "US", 10_000), ("US", "US", 10_000), ("US", "IN", 70_000)];
        let (base, parts) = split(&flights, PassengerType::Adult, date(2026, 1, 1));
        assert_eq!(parts[..3], lines(&[("ZP", 3 * 530), ("AY", 560), ("XF", 2 * 450)]));
        // Three tenths of the fare are inside the country: 969.50 = base × (1 + 0.3 × 0.075).
        assert_eq!(parts[3], ("US".to_owned(), 2_133));
        assert_eq!(base, 96_950 - 2_133);
        assert_eq!(
            split(&[("IN", "IN", 5_000)], PassengerType::Adult, date(2026, 1, 1)),
            (5_000, Vec::new())
        );
    }

    #[test]
    fn a_price_below_its_charges_is_all_charges() {
        let (base, parts) = split(&[("US", "US", 1_000)], PassengerType::Adult, date(2026, 1, 1));
        assert_eq!((base, parts), (0, lines(&[("ZP", 530), ("AY", 470)])));
    }

    #[test]
    fn names_what_is_wrong() {
        for (rows, column) in [
            (vec![SEGMENT, "ZP,Segment,tax,US,domestic,flight,530,,,adult,2025-12-31,,USD"], "from"),
            (vec!["us,Excise,tax,US,domestic,fare,,7.5,,adult,2018-01-01,,USD"], "code"),
            (vec!["US,Excise,tax,US,domestic,fare,,7.55555,,adult,2018-01-01,,USD"], "percent"),
            (vec!["US,Excise,tax,US,domestic,fare,,-1,,adult,2018-01-01,,USD"], "percent"),
            (vec!["US,Excise,tax,US,domestic,seat,,7.5,,adult,2018-01-01,,USD"], "each"),
            (vec!["US,Excise,tax,US,domestic,flight,,7.5,,adult,2018-01-01,,USD"], "amount"),
            (vec!["US,Excise,tax,US,domestic,fare,,7.5,,senior,2018-01-01,,USD"], "passengers"),
            (vec!["US,Excise,tax,US,domestic,fare,,7.5,,adult,2018-01-01,2018-01-01,USD"], "until"),
            (vec!["US,Excise,vat,US,domestic,fare,,7.5,,adult,2018-01-01,,USD"], "kind"),
        ] {
            let error = check(&rows).expect_err(column);
            assert_eq!(error.cells[0].column, column, "{error}");
        }
    }

    #[test]
    fn the_shipped_file_is_good() {
        let rules = parse("taxes.csv", include_bytes!("../../../data/taxes.csv")).expect("a good file");
        assert!(rules.iter().any(|rule| rule.code == "AY"));
    }

    proptest! {
        #[test]
        fn parts_add_up(prices in prop::collection::vec((0_i64..10_000_000, 0_usize..3), 1..5)) {
            let flights: Vec<(&str, &str, i64)> =
                prices.iter().map(|(price, to)| ("US", ["US", "IN", "CA"][*to], *price)).collect();
            for kind in [PassengerType::Adult, PassengerType::Infant] {
                let (base, parts) = split(&flights, kind, date(2026, 6, 1));
                let lines: i64 = parts.iter().map(|(_, amount)| amount).sum();
                prop_assert_eq!(base + lines, prices.iter().map(|(price, _)| price).sum::<i64>());
                prop_assert!(base >= 0 && parts.iter().all(|(_, amount)| *amount > 0));
            }
        }
    }
}

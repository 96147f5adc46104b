//! Fare families: the same seat sold with more or fewer promises, at a difference to the cheapest.
//!
//! Each cabin has a ladder of them. A higher one costs no less in either part of its difference, so that one journey's
//! families, and the cheapest that promises something, come in the same order for every journey.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use kernel::Cabin;
use serde::{Deserialize, Serialize};

use crate::input::{self, BadInput, Row};
use crate::pricing::{Difference, RATIO_ONE_PPM};

/// The columns read; others are ignored.
const COLUMNS: &[&str] = &[
    "cabin",
    "code",
    "name",
    "fare_percent",
    "per_flight",
    "change_fee",
    "refund",
    "cabin_bags",
    "checked_bags",
    "checked_bag_kg",
    "seat_choice",
    "meal",
    "priority_boarding",
];
/// Most families of one cabin.
pub const FAMILIES_MAX: usize = 8;
/// Longest code; an offer carries it.
pub const CODE_MAX: usize = 32;

/// A fare family.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FareFamily {
    /// What programs call it, such as `economy_saver`; the same for ever.
    pub code: String,
    /// What travellers call it.
    pub name: String,
    /// The cabin it is sold in.
    pub cabin: Cabin,
    /// What it costs more than the cheapest family of the cabin.
    pub difference: Difference,
    /// What may be done with the ticket.
    pub conditions: Conditions,
    /// What comes with the seat.
    pub included: Included,
}

/// What may be done with a ticket, before departure.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Conditions {
    /// What a change costs, per passenger, in minor units, beside the difference of fares; `None`: it cannot be changed.
    pub change_fee: Option<u32>,
    /// What comes back of the fare, by time before departure, the longest first. Taxes come back always.
    pub refund: Vec<RefundStep>,
}

/// A step of the ladder of refunds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RefundStep {
    /// From so many hours before departure on …
    pub hours: u32,
    /// … so many percent of the fare come back.
    pub percent: u8,
}

impl Conditions {
    /// Whether anything of the fare ever comes back.
    pub fn refundable(&self) -> bool {
        self.refund.iter().any(|step| step.percent > 0)
    }
}

/// What comes with the seat, for each passenger who has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Included {
    /// Pieces of hand baggage beside a small bag under the seat.
    pub cabin_bags: u8,
    /// Pieces of checked baggage.
    pub checked_bags: u8,
    /// What each of them may weigh, kilograms.
    pub checked_bag_kg: u8,
    /// Which seats can be chosen without paying.
    pub seat_choice: SeatChoice,
    /// Whether there is a meal.
    pub meal: bool,
    /// Whether they board first.
    pub priority_boarding: bool,
}

/// Seats that can be chosen without paying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatChoice {
    /// None: choosing one costs its price, and without choosing one is given at check-in.
    None,
    /// Any seat of the standard zone ([`crate::seat_maps::Zone`]).
    Standard,
    /// Any seat of the cabin.
    Any,
}

impl SeatChoice {
    const ALL: [Self; 3] = [Self::None, Self::Standard, Self::Any];

    /// The word in files, in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Standard => "standard",
            Self::Any => "any",
        }
    }

    /// The choice of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.as_str() == word)
    }
}

/// What a traveller insists on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Something of the fare comes back.
    pub refundable: bool,
    /// A piece of checked baggage is included.
    pub bag: bool,
}

impl FareFamily {
    /// A hash of all that is promised and what it costs more, the same on every server of a version: an offer carries it, so
    /// that nobody is sold other terms than they were shown.
    pub fn terms(&self) -> u32 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        // Half of it is plenty for families that are filed a few times a year.
        (hasher.finish() >> 32) as u32
    }

    /// Whether it has all that is wanted.
    pub fn offers(&self, wanted: Wanted) -> bool {
        (!wanted.refundable || self.conditions.refundable())
            && (!wanted.bag || self.included.checked_bags > 0)
    }
}

/// All fare families, cabin by cabin, the cheapest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FareFamilies(Vec<FareFamily>);

impl Default for FareFamilies {
    /// Those of an airline that has filed none.
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl FareFamilies {
    /// These families, in the order of their differences within each cabin. A cabin without one sells its filed fares
    /// plainly, so that every cabin has a family.
    pub fn new(mut families: Vec<FareFamily>) -> Self {
        for cabin in Cabin::ALL {
            if !families.iter().any(|family| family.cabin == cabin) {
                families.push(plain(cabin));
            }
        }
        let rank = |family: &FareFamily| {
            (family.cabin.index(), family.difference.fare_ppm, family.difference.per_flight)
        };
        families.sort_by_key(rank);
        Self(families)
    }

    /// The families of a cabin, the cheapest first; never empty.
    pub fn of(&self, cabin: Cabin) -> impl Iterator<Item = &FareFamily> {
        self.0.iter().filter(move |family| family.cabin == cabin)
    }

    /// The cheapest family of a cabin that has all that is wanted.
    pub fn cheapest(&self, cabin: Cabin, wanted: Wanted) -> Option<&FareFamily> {
        self.of(cabin).find(|family| family.offers(wanted))
    }

    /// The family of a code in a cabin.
    pub fn get(&self, cabin: Cabin, code: &str) -> Option<&FareFamily> {
        self.of(cabin).find(|family| family.code == code)
    }
}

/// What a cabin without filed families sells: a seat at the filed fare, given back in full before departure.
fn plain(cabin: Cabin) -> FareFamily {
    FareFamily {
        code: cabin.as_str().to_owned(),
        name: "Standard".to_owned(),
        cabin,
        difference: Difference::NONE,
        conditions: Conditions { change_fee: None, refund: vec![RefundStep { hours: 0, percent: 100 }] },
        included: Included {
            cabin_bags: 1,
            checked_bags: 0,
            checked_bag_kg: 0,
            seat_choice: SeatChoice::None,
            meal: false,
            priority_boarding: false,
        },
    }
}

/// Reads a file of fare families: a row each, within a cabin the cheapest first.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Vec<FareFamily>, BadInput> {
    let mut lines: HashMap<String, u64> = HashMap::new();
    let mut last: HashMap<Cabin, (Difference, usize)> = HashMap::new();
    input::read(file, bytes, COLUMNS, |row| {
        let family = family(row)?;
        if let Some(first) = lines.insert(family.code.clone(), row.line) {
            row.refuse("code", &format!("is already on line {first}"), "each family once");
            return None;
        }
        check_ladder(row, &family, &mut last)?;
        Some(family)
    })
}

/// Families come the cheapest first, and the first of a cabin sells the filed fares.
fn check_ladder(
    row: &mut Row<'_>,
    family: &FareFamily,
    last: &mut HashMap<Cabin, (Difference, usize)>,
) -> Option<()> {
    let (before, count) = last.get(&family.cabin).copied().unwrap_or((Difference::NONE, 0));
    let now = family.difference;
    if count == 0 && now != Difference::NONE {
        let right = "100, and 0 in per_flight, in the first row of a cabin: the filed fares are its cheapest family's";
        row.refuse("fare_percent", "is not the filed fare", right);
        return None;
    }
    if now.fare_ppm < before.fare_ppm || now.per_flight < before.per_flight || (count > 0 && now == before) {
        let right = "families of a cabin from the cheapest to the dearest: fare_percent and per_flight never less than in the row before, one of them more";
        row.refuse("per_flight", "does not cost more than the family before", right);
        return None;
    }
    if count == FAMILIES_MAX {
        row.refuse("cabin", "has too many families", &format!("at most {FAMILIES_MAX} of one cabin"));
        return None;
    }
    last.insert(family.cabin, (now, count + 1));
    Some(())
}

fn family(row: &mut Row<'_>) -> Option<FareFamily> {
    let cabins = "economy, premium_economy, business or first";
    let cabin = row.parse("cabin", "is not a cabin", cabins, |text| text.parse().ok());
    let code_right = format!("a-z, 0-9 and _, at most {CODE_MAX}, such as economy_saver");
    let code = row.parse("code", "is not a code", &code_right, |text| is_code(text).then(|| text.to_owned()));
    let name = row.parse("name", "is empty or too long", "1 to 40 characters", |text| {
        (1..=40).contains(&text.chars().count()).then(|| text.to_owned())
    });
    let fare_percent = row.whole_number("fare_percent", 100, 1_000);
    let per_flight = row.whole_number("per_flight", 0, 10_000_000);
    let conditions = conditions(row);
    let included = included(row);
    let difference =
        Difference { fare_ppm: fare_percent?.saturating_mul(RATIO_ONE_PPM / 100), per_flight: per_flight? };
    Some(FareFamily {
        code: code?,
        name: name?,
        cabin: cabin?,
        difference,
        conditions: conditions?,
        included: included?,
    })
}

fn is_code(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=CODE_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

fn conditions(row: &mut Row<'_>) -> Option<Conditions> {
    let right = "minor units for each passenger, 0 for free, or empty where it cannot be changed";
    let change_fee = row.parse("change_fee", "is not a fee", right, |text| {
        if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
    });
    let refund = row.parse("refund", "is not a ladder of refunds", LADDER_RIGHT, ladder);
    Some(Conditions { change_fee: change_fee?, refund: refund? })
}

/// How a ladder of refunds is written.
pub(crate) const LADDER_RIGHT: &str =
    "hours before departure and percent, the longest first, such as 72:100 24:75 4:50, or empty for nothing";

/// Steps from the longest time before departure to the shortest; what comes back never grows on the way.
pub(crate) fn ladder(text: &str) -> Option<Vec<RefundStep>> {
    let step = |text: &str| {
        let (hours, percent) = text.split_once(':')?;
        let step = RefundStep { hours: hours.parse().ok()?, percent: percent.parse().ok()? };
        (step.percent <= 100 && step.hours <= 366 * 24).then_some(step)
    };
    let steps: Vec<RefundStep> = text.split_whitespace().map(step).collect::<Option<_>>()?;
    let falls = |pair: &[RefundStep]| pair[0].hours > pair[1].hours && pair[0].percent >= pair[1].percent;
    steps.windows(2).all(falls).then_some(steps)
}

fn included(row: &mut Row<'_>) -> Option<Included> {
    let small = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
    let cabin_bags = row.whole_number("cabin_bags", 0, 9).map(small);
    let checked_bags = row.whole_number("checked_bags", 0, 9).map(small);
    let checked_bag_kg = row.whole_number("checked_bag_kg", 0, 50).map(small);
    let seat_choice =
        row.parse("seat_choice", "is not a choice", "none, standard or any", SeatChoice::from_word);
    let meal = yes_or_no(row, "meal");
    let priority_boarding = yes_or_no(row, "priority_boarding");
    Some(Included {
        cabin_bags: cabin_bags?,
        checked_bags: checked_bags?,
        checked_bag_kg: checked_bag_kg?,
        seat_choice: seat_choice?,
        meal: meal?,
        priority_boarding: priority_boarding?,
    })
}

fn yes_or_no(row: &mut Row<'_>, column: &str) -> Option<bool> {
    row.parse(column, "is neither yes nor no", "yes or no", |text| match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "cabin,code,name,fare_percent,per_flight,change_fee,refund,cabin_bags,checked_bags,checked_bag_kg,seat_choice,meal,priority_boarding";
    const SAVER: &str = "economy,saver,Saver,100,0,,,1,0,0,none,no,no";
    const FLEX: &str = "economy,flex,Flex,120,3000,0,72:100 24:75 4:50,1,2,23,standard,yes,yes";

    fn check(rows: &[&str]) -> Result<Vec<FareFamily>, BadInput> {
        parse("families.csv", format!("{HEADER}\n{}\n", rows.join("\n")).as_bytes())
    }

    #[test]
    fn reads_families() {
        let families = FareFamilies::new(check(&[SAVER, FLEX]).expect("good rows"));
        let flex = families.get(Cabin::Economy, "flex").expect("flex");
        assert_eq!(flex.difference, Difference { fare_ppm: 1_200_000, per_flight: 3_000 });
        assert_eq!(flex.conditions.change_fee, Some(0));
        assert_eq!(flex.conditions.refund[1], RefundStep { hours: 24, percent: 75 });
        let cheapest = |wanted| families.cheapest(Cabin::Economy, wanted).map(|family| family.code.as_str());
        assert_eq!(cheapest(Wanted::default()), Some("saver"));
        assert_eq!(cheapest(Wanted { refundable: true, bag: false }), Some("flex"));
        assert_eq!(cheapest(Wanted { refundable: false, bag: true }), Some("flex"));
        let first: Vec<&str> = families.of(Cabin::First).map(|family| family.code.as_str()).collect();
        assert_eq!(first, ["first"], "a cabin without families sells its filed fares");
        assert_eq!(families.cheapest(Cabin::First, Wanted { refundable: false, bag: true }), None);
    }

    #[test]
    fn names_what_is_wrong() {
        let replaced = |from: &str, to: &str| FLEX.replacen(from, to, 1);
        for (rows, column, line) in [
            (vec![SAVER, "economy,saver,Saver,110,0,,,1,0,0,none,no,no"], "code", 3),
            (vec![FLEX], "fare_percent", 2),
            (vec![SAVER, "economy,other,Other,100,0,,,1,0,0,none,no,no"], "per_flight", 3),
            (vec![SAVER, FLEX, "economy,more,More,110,9000,,,1,0,0,none,no,no"], "per_flight", 4),
            (vec![SAVER, &replaced("72:100", "72:50")], "refund", 3),
            (vec![SAVER, &replaced("72:100", "72:101")], "refund", 3),
            (vec![SAVER, &replaced("24:75", "72:75")], "refund", 3),
            (vec![SAVER, &replaced("economy", "coach")], "cabin", 3),
            (vec![SAVER, &replaced("flex", "Flex!")], "code", 3),
            (vec![SAVER, &replaced("Flex", "")], "name", 3),
            (vec![SAVER, &replaced("standard", "window")], "seat_choice", 3),
            (vec![SAVER, &replaced("yes", "1")], "meal", 3),
            (vec![SAVER, &replaced(",0,72", ",-1,72")], "change_fee", 3),
        ] {
            let error = check(&rows).expect_err(column);
            assert_eq!((error.cells[0].column.as_str(), error.cells[0].line), (column, line), "{error}");
        }
    }

    #[test]
    fn the_shipped_file_is_good() {
        let families = parse("fare-families.csv", include_bytes!("../../../data/fare-families.csv"));
        let families = FareFamilies::new(families.expect("a good file"));
        assert!(families.of(Cabin::Economy).count() >= 3);
        let wanted = Wanted { refundable: true, bag: true };
        assert!(Cabin::ALL.into_iter().all(|cabin| families.cheapest(cabin, wanted).is_some()));
    }
}

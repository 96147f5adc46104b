//! What makes one flight of a market dearer than another: its hour, its weekday, the season, and a stable spread.
//! All factors are millionths and multiply.
//!
//! The market fares are of June 2026, so June is 1 and the other months are told against it. Over a June week of the
//! shipped timetable, seats counted, hour and weekday average 1 (a test keeps it so): they move fares between
//! flights, not the market's level.

use std::ops::RangeInclusive;

use jiff::civil::{Date, Weekday};
use kernel::FlightId;

use crate::schedule::DatedFlight;

/// A factor of one.
pub const ONE: u64 = 1_000_000;

/// `value` times `ppm` millionths, rounded half up.
pub(crate) const fn scale(value: u64, ppm: u64) -> u64 {
    (value * ppm + ONE / 2) / ONE
}

/// Departures by local hour: those who travel for work leave at seven and come home at five.
const HOURS: [u64; 24] = [
    850_000, 850_000, 850_000, 850_000, 880_000, 910_000, 970_000, 1_060_000, 1_070_000, 1_030_000, 990_000,
    970_000, 960_000, 970_000, 980_000, 1_010_000, 1_050_000, 1_080_000, 1_070_000, 1_020_000, 970_000,
    930_000, 890_000, 860_000,
];

/// Monday to Sunday: Friday and Sunday are the dearest days, Tuesday, Wednesday and Saturday the cheapest.
const WEEKDAYS: [u64; 7] = [1_010_000, 930_000, 940_000, 1_000_000, 1_080_000, 940_000, 1_060_000];

/// January to December against June.
const MONTHS: [u64; 12] = [
    860_000, 880_000, 960_000, 940_000, 960_000, 1_000_000, 1_030_000, 960_000, 870_000, 890_000, 900_000,
    930_000,
];

/// The days around Christmas and New Year, and around Thanksgiving.
const GREAT_HOLIDAY: u64 = 1_250_000;
/// A long weekend, and the Fourth of July.
const LONG_WEEKEND: u64 = 1_080_000;

/// How far the stable spread goes to either side.
const SPREAD: u64 = 80_000;

/// All factors of a flight together.
pub(crate) fn of_flight(flight: &DatedFlight<'_>) -> u64 {
    let calendar = scale(of_weekday(flight.date), of_season(flight.date));
    scale(scale(of_hour(flight.pattern.departs_local.hour()), calendar), spread(flight.id))
}

/// The factor of the local hour of departure.
pub fn of_hour(hour: i8) -> u64 {
    usize::try_from(hour).ok().and_then(|hour| HOURS.get(hour)).copied().unwrap_or(ONE)
}

/// The factor of the day of the week.
pub fn of_weekday(date: Date) -> u64 {
    let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = WEEKDAYS;
    match date.weekday() {
        Weekday::Monday => monday,
        Weekday::Tuesday => tuesday,
        Weekday::Wednesday => wednesday,
        Weekday::Thursday => thursday,
        Weekday::Friday => friday,
        Weekday::Saturday => saturday,
        Weekday::Sunday => sunday,
    }
}

/// The factor of the time of year: the month, and a holiday where one is near.
pub fn of_season(date: Date) -> u64 {
    let month =
        usize::try_from(date.month() - 1).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or(ONE);
    scale(month, holiday(date))
}

fn holiday(date: Date) -> u64 {
    let thanksgiving = near(date, 11, 4, Weekday::Thursday, -2..=4);
    let (month, day) = (date.month(), date.day());
    if thanksgiving || matches!((month, day), (12, 19..) | (1, ..=3)) {
        return GREAT_HOLIDAY;
    }
    let long_weekend =
        HOLIDAY_MONDAYS.into_iter().any(|(month, nth)| near(date, month, nth, Weekday::Monday, -3..=0));
    if long_weekend || matches!((month, day), (7, 2..=6)) { LONG_WEEKEND } else { ONE }
}

/// Holidays that fall on a Monday, as month and which Monday of it: Martin Luther King's, Presidents', Memorial (the
/// last of May), Labor and Columbus Day.
const HOLIDAY_MONDAYS: [(i8, i8); 5] = [(1, 3), (2, 3), (5, -1), (9, 1), (10, 2)];

/// Whether `date` is within `days` of the nth weekday of a month of its year.
fn near(date: Date, month: i8, nth: i8, weekday: Weekday, days: RangeInclusive<i64>) -> bool {
    Date::new(date.year(), month, 1)
        .and_then(|first| first.nth_weekday_of_month(nth, weekday))
        .is_ok_and(|anchor| days.contains(&(date.duration_since(anchor).as_hours() / 24)))
}

/// A factor within [`SPREAD`] of 1 that follows from the flight's id alone.
pub fn spread(id: FlightId) -> u64 {
    let (high, low) = id.uuid().as_u64_pair();
    ONE - SPREAD + mix(mix(high) ^ low) % (2 * SPREAD + 1)
}

/// The finaliser of `SplitMix64` (Steele, Lea and Flood 2014): every bit of the input reaches every bit of the output.
const fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kernel::FlightKey;

    use super::*;

    #[test]
    fn holidays_move_with_the_calendar() {
        for (day, factor) in [
            (date(2026, 11, 23), ONE),           // Monday of Thanksgiving week
            (date(2026, 11, 24), GREAT_HOLIDAY), // Tuesday
            (date(2026, 11, 30), GREAT_HOLIDAY), // Monday after
            (date(2026, 12, 1), ONE),
            (date(2024, 12, 2), GREAT_HOLIDAY), // in 2024 that Monday is in December
            (date(2026, 12, 18), ONE),
            (date(2026, 12, 31), GREAT_HOLIDAY),
            (date(2027, 1, 3), GREAT_HOLIDAY),
            (date(2027, 1, 4), ONE),
            (date(2026, 5, 22), LONG_WEEKEND), // Friday before Memorial Day
            (date(2026, 5, 25), LONG_WEEKEND),
            (date(2026, 5, 26), ONE),
            (date(2026, 7, 4), LONG_WEEKEND),
            (date(2026, 9, 7), LONG_WEEKEND), // Labor Day
            (date(2026, 9, 8), ONE),
        ] {
            assert_eq!(holiday(day), factor, "{day}");
        }
    }

    #[test]
    fn june_is_the_measure() {
        assert!((1..=30).all(|day| of_season(date(2026, 6, day)) == ONE));
    }

    #[test]
    fn the_spread_is_even_and_stable() {
        let ids = (1..=9_999).map(|number| {
            let number =
                kernel::FlightNumber::new("KR".parse().expect("an airline"), number, None).expect("a number");
            let key =
                FlightKey { number, origin: "ATL".parse().expect("an airport"), date: date(2026, 6, 1) };
            FlightId::of(&key)
        });
        let spreads: Vec<u64> = ids.map(spread).collect();
        let mean = spreads.iter().sum::<u64>() / 9_999;
        assert!((999_000..=1_001_000).contains(&mean), "{mean}");
        assert!(
            spreads.iter().min() < Some(&(ONE - SPREAD + 1_000))
                && spreads.iter().max() > Some(&(ONE + SPREAD - 1_000))
        );
        // A value on record: fares that were filed once are filed again by the next import, whatever the compiler.
        assert_eq!(spreads[0], 953_621);
    }
}

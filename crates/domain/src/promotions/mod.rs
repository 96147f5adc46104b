//! Promotion codes: what a code gives, on which terms, and how much it takes off each fare.
//!
//! A discount lands on base fares and never on taxes, and only on the fares whose slice the terms name. What a fare costs
//! after it is never below its taxes, and the discounts of the fares add up to the discount of the code.

mod file;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::money::allocate_wide;
use kernel::{AirportCode, Cabin, Currency, Money};
use serde::{Deserialize, Serialize};

use crate::sold::SoldFare;

pub use file::parse;

/// Longest code.
pub const CODE_MAX: usize = 32;
/// Shortest code: a shorter one is guessed.
pub const CODE_MIN: usize = 3;
/// Longest name.
pub const NAME_MAX: usize = 80;
/// Most routes, and most families, of one promotion.
pub const TERMS_MAX: usize = 200;
/// Everything, in hundredths of a percent.
pub const WHOLE_BASIS_POINTS: u16 = 10_000;

/// Minor units by currency.
pub type Amounts = BTreeMap<Currency, i64>;

/// A promotion as staff file it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// What travellers type: [`normalise`]d.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// Who may use it, and who is shown it.
    pub audience: Audience,
    /// What it gives.
    pub benefit: Benefit,
    /// It can be used from this instant on.
    pub book_from: Option<Timestamp>,
    /// It can be used before this instant.
    pub book_until: Option<Timestamp>,
    /// The first local date of departure of a slice it lands on.
    pub travel_from: Option<Date>,
    /// The last such date.
    pub travel_until: Option<Date>,
    /// Slices it lands on; empty for all.
    pub routes: Vec<Route>,
    /// Cabins it lands on; empty for all.
    pub cabins: Vec<Cabin>,
    /// Codes of the fare families it lands on; empty for all.
    pub families: Vec<String>,
    /// What the base fares it lands on must come to before any discount. Empty: any amount in any currency.
    pub minimum_spend: Amounts,
    /// Only for a traveller who has never had a confirmed booking.
    pub first_booking: bool,
    /// So many bookings in all.
    pub total_limit: Option<i32>,
    /// So many bookings of one traveller.
    pub per_user_limit: Option<i16>,
    /// Whether a booking may have others beside it, if they may too.
    pub combinable: bool,
}

/// Who may use a promotion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Everybody, and everybody is shown it.
    Public,
    /// Whoever knows the code; it is shown to nobody.
    Unlisted,
    /// The travellers it was given to, and they are shown it.
    Targeted,
}

impl Audience {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Public, Self::Unlisted, Self::Targeted];

    /// The word in files, in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::Targeted => "targeted",
        }
    }

    /// The audience of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|audience| audience.as_str() == word)
    }
}

/// What a promotion gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Benefit {
    /// A part of the fares.
    Percent {
        /// Hundredths of a percent, 1 to [`WHOLE_BASIS_POINTS`].
        basis_points: u16,
        /// At most so much for a booking. Not empty: only in these currencies.
        cap: Amounts,
    },
    /// So much off the booking, in these currencies.
    Amount {
        /// Minor units.
        amounts: Amounts,
    },
    /// One of an extra of the catalogue for nothing: the dearest that is on the booking.
    Extra {
        /// Its code.
        extra: String,
    },
}

/// A market, in one direction; `None` is any airport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Where the slice begins.
    pub origin: Option<AirportCode>,
    /// Where it ends.
    pub destination: Option<AirportCode>,
}

/// A slice as promotions see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TripSlice {
    /// Its number in the booking.
    pub slice_no: i16,
    /// Where it begins.
    pub origin: AirportCode,
    /// Where it ends.
    pub destination: AirportCode,
    /// Its cabin.
    pub cabin: Cabin,
    /// The code of its fare family.
    pub family: String,
    /// The local date of its first departure.
    pub departs_on: Date,
}

/// An extra as promotions see it: reserved with a booking that is not paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TripExtra {
    /// Its number in the booking.
    pub number: i16,
    /// Of which slice.
    pub slice_no: i16,
    /// The catalogue's code.
    pub code: String,
    /// What one costs, minor units.
    pub unit_price: i64,
    /// What it costs, less the discounts there are.
    pub price: i64,
}

/// What a code is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Trip<'a> {
    /// What prices are in.
    pub currency: Currency,
    /// Where it goes.
    pub slices: &'a [TripSlice],
    /// What it costs, less the discounts there are.
    pub fares: &'a [SoldFare],
    /// The extras of the catalogue that are on it and not paid.
    pub extras: &'a [TripExtra],
    /// When the code is used.
    pub now: Timestamp,
    /// Whether the traveller has never had a confirmed booking.
    pub first_booking: bool,
    /// The other codes of the booking: each with whether it may be combined.
    pub others: &'a [(&'a str, bool)],
}

/// What a code takes off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discount {
    /// In all, minor units; more than nothing.
    pub total: i64,
    /// From which fares; each more than nothing, together the total. None if it is off an extra.
    pub lines: Vec<DiscountLine>,
    /// From which extra, by its number.
    pub extra: Option<i16>,
}

/// What is taken off the base of a fare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscountLine {
    /// Whose.
    pub passenger_no: i16,
    /// Of which slice.
    pub slice_no: i16,
    /// Minor units.
    pub amount: i64,
}

/// Why a code gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// There is no such code, or none for this traveller.
    Unknown,
    /// It cannot be used yet.
    NotStarted,
    /// It cannot be used any more.
    Ended,
    /// It is on the booking.
    AlreadyApplied,
    /// It, or another code of the booking, stands alone.
    NotCombinable,
    /// The traveller has had a confirmed booking.
    NotFirstBooking,
    /// No slice goes where it is for.
    Route,
    /// No slice on its routes is in its cabins.
    Cabin,
    /// No slice on its routes and in its cabins is of its fare families.
    FareFamily,
    /// No slice it is for departs on its dates.
    TravelDates,
    /// It is not filed in the currency of the booking.
    Currency,
    /// The fares it is for cost less than it asks for.
    MinimumSpend,
    /// There is nothing left to take off.
    NothingToDiscount,
    /// It gives an extra that is not on the booking, or not on a slice it is for.
    ExtraNotChosen,
    /// Another booking of the traveller that is not paid yet has a code for a first booking.
    FirstBookingTaken,
    /// All its uses are taken.
    UsedUp,
    /// All uses of this traveller are taken.
    UsedUpByYou,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Unknown,
        Self::NotStarted,
        Self::Ended,
        Self::AlreadyApplied,
        Self::NotCombinable,
        Self::NotFirstBooking,
        Self::Route,
        Self::Cabin,
        Self::FareFamily,
        Self::TravelDates,
        Self::Currency,
        Self::MinimumSpend,
        Self::NothingToDiscount,
        Self::ExtraNotChosen,
        Self::FirstBookingTaken,
        Self::UsedUp,
        Self::UsedUpByYou,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotStarted => "not_started",
            Self::Ended => "ended",
            Self::AlreadyApplied => "already_applied",
            Self::NotCombinable => "not_combinable",
            Self::NotFirstBooking => "not_first_booking",
            Self::Route => "route",
            Self::Cabin => "cabin",
            Self::FareFamily => "fare_family",
            Self::TravelDates => "travel_dates",
            Self::Currency => "currency",
            Self::MinimumSpend => "minimum_spend",
            Self::NothingToDiscount => "nothing_to_discount",
            Self::ExtraNotChosen => "extra_not_chosen",
            Self::FirstBookingTaken => "first_booking_taken",
            Self::UsedUp => "used_up",
            Self::UsedUpByYou => "used_up_by_you",
        }
    }
}

/// A code as people type it, in its one form: capital letters and digits, parted by hyphens perhaps. `None`: no code looks
/// like this.
pub fn normalise(typed: &str) -> Option<String> {
    let code = typed.trim().to_ascii_uppercase();
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = (CODE_MIN..=CODE_MAX).contains(&code.len()) && code.bytes().all(allowed);
    (fits && !code.starts_with('-') && !code.ends_with('-')).then_some(code)
}

impl Promotion {
    /// What the code takes off a trip, or why nothing. The refusal is the first of those that hold, in the order in which a
    /// traveller can do something about it last. Limits on uses are not looked at: they are counted where it is reserved.
    pub fn discount(&self, trip: &Trip<'_>) -> Result<Discount, Refusal> {
        self.check_time(trip.now)?;
        self.check_company(trip.others)?;
        if self.first_booking && !trip.first_booking {
            return Err(Refusal::NotFirstBooking);
        }
        let slices = self.matching(trip.slices)?;
        let fares: Vec<&SoldFare> =
            trip.fares.iter().filter(|fare| slices.contains(&fare.slice_no)).collect();
        let spent: i128 = fares.iter().map(|fare| i128::from(fare.base)).sum();
        if let Some(minimum) = amount_in(&self.minimum_spend, trip.currency)?
            && spent < i128::from(minimum)
        {
            return Err(Refusal::MinimumSpend);
        }
        if let Benefit::Extra { extra } = &self.benefit {
            return free_extra(extra, trip.extras.iter().filter(|row| slices.contains(&row.slice_no)));
        }
        let weights: Vec<u64> = fares.iter().map(|fare| u64::try_from(fare.net()).unwrap_or(0)).collect();
        let left = weights.iter().map(|weight| i128::from(*weight)).sum::<i128>();
        // More than fits in an amount is nobody's fare.
        let left = i64::try_from(left).map_err(|_| Refusal::NothingToDiscount)?;
        let total = self.benefit.of(left, trip.currency)?;
        if total <= 0 {
            return Err(Refusal::NothingToDiscount);
        }
        let line = |(fare, amount): (&&SoldFare, i64)| {
            let SoldFare { passenger_no, slice_no, .. } = **fare;
            (amount > 0).then_some(DiscountLine { passenger_no, slice_no, amount })
        };
        let lines = fares.iter().zip(allocate_wide(total, &weights)).filter_map(line).collect();
        Ok(Discount { total, lines, extra: None })
    }

    /// Whether it can be used at an instant.
    pub fn check_time(&self, now: Timestamp) -> Result<(), Refusal> {
        if self.book_from.is_some_and(|from| now < from) {
            return Err(Refusal::NotStarted);
        }
        if self.book_until.is_some_and(|until| until <= now) {
            return Err(Refusal::Ended);
        }
        Ok(())
    }

    fn check_company(&self, others: &[(&str, bool)]) -> Result<(), Refusal> {
        if others.iter().any(|(code, _)| *code == self.code) {
            return Err(Refusal::AlreadyApplied);
        }
        let together = others.is_empty() || (self.combinable && others.iter().all(|(_, too)| *too));
        if together { Ok(()) } else { Err(Refusal::NotCombinable) }
    }

    /// The numbers of the slices it lands on; what left none is the refusal.
    fn matching(&self, slices: &[TripSlice]) -> Result<Vec<i16>, Refusal> {
        let mut left: Vec<&TripSlice> = slices.iter().collect();
        let mut keep = |fits: &dyn Fn(&TripSlice) -> bool, refusal| {
            left.retain(|slice| fits(slice));
            if left.is_empty() { Err(refusal) } else { Ok(()) }
        };
        keep(
            &|slice| self.routes.is_empty() || self.routes.iter().any(|route| route.fits(slice)),
            Refusal::Route,
        )?;
        keep(&|slice| self.cabins.is_empty() || self.cabins.contains(&slice.cabin), Refusal::Cabin)?;
        keep(
            &|slice| self.families.is_empty() || self.families.contains(&slice.family),
            Refusal::FareFamily,
        )?;
        keep(&|slice| self.travels_on(slice.departs_on), Refusal::TravelDates)?;
        Ok(left.iter().map(|slice| slice.slice_no).collect())
    }

    fn travels_on(&self, day: Date) -> bool {
        self.travel_from.is_none_or(|from| from <= day) && self.travel_until.is_none_or(|until| day <= until)
    }

    /// What of it cannot be, by the name of the field, with what would be right; the first that is found.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let rule = |holds: bool, field, right| if holds { Ok(()) } else { Err((field, right)) };
        let positive = |amounts: &Amounts| amounts.values().all(|amount| *amount > 0);
        rule(normalise(&self.code).as_ref() == Some(&self.code), "code", "3 to 32 of A-Z, 0-9 and -")?;
        let name = self.name.trim().chars().count();
        rule((1..=NAME_MAX).contains(&name), "name", "1 to 80 characters")?;
        match &self.benefit {
            Benefit::Percent { basis_points, cap } => {
                let some = (1..=WHOLE_BASIS_POINTS).contains(basis_points);
                rule(some, "benefit.basis_points", "1 to 10000, hundredths of a percent")?;
                rule(positive(cap), "benefit.cap", "amounts above zero")?;
            }
            Benefit::Amount { amounts } => {
                let some = !amounts.is_empty() && positive(amounts);
                rule(some, "benefit.amounts", "an amount above zero in one currency or more")?;
            }
            Benefit::Extra { extra } => {
                let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
                let fits = (1..=32).contains(&extra.len()) && extra.bytes().all(allowed);
                rule(fits, "benefit.extra", "the code of an extra: 1 to 32 of a-z, 0-9 and _")?;
            }
        }
        // Of before, PostgreSQL and the calendar of this program do not have the same instants.
        let known = |at: &Option<Timestamp>| at.is_none_or(|at| at >= Timestamp::UNIX_EPOCH);
        rule(known(&self.book_from), "book_from", "an instant from 1970-01-01 on")?;
        rule(known(&self.book_until), "book_until", "an instant from 1970-01-01 on")?;
        let ordered = self.book_from.zip(self.book_until).is_none_or(|(from, until)| from < until);
        rule(ordered, "book_until", "an instant after book_from")?;
        let ordered = self.travel_from.zip(self.travel_until).is_none_or(|(from, until)| from <= until);
        rule(ordered, "travel_until", "travel_from or a later date")?;
        rule(self.routes.len() <= TERMS_MAX, "routes", "at most 200 routes")?;
        rule(self.families.len() <= TERMS_MAX, "fare_families", "at most 200 fare families")?;
        rule(positive(&self.minimum_spend), "minimum_spend", "amounts above zero")?;
        rule(self.total_limit.is_none_or(|limit| limit > 0), "total_limit", "1 or more, or none")?;
        let few = self.per_user_limit.is_none_or(|limit| (1..=100).contains(&limit));
        rule(few, "per_user_limit", "1 to 100, or none")
    }
}

impl Benefit {
    /// What it takes off fares that cost `left`: never more than that.
    fn of(&self, left: i64, currency: Currency) -> Result<i64, Refusal> {
        match self {
            Self::Percent { basis_points, cap } => {
                // Half a minor unit counts for the traveller.
                let part = (i128::from(left) * i128::from(*basis_points) + 5_000) / 10_000;
                let part = i64::try_from(part).unwrap_or(left).min(left);
                Ok(amount_in(cap, currency)?.map_or(part, |most| part.min(most)))
            }
            Self::Amount { amounts } => {
                amount_in(amounts, currency)?.map(|amount| amount.min(left)).ok_or(Refusal::Currency)
            }
            // Nothing is off the fares.
            Self::Extra { .. } => Ok(0),
        }
    }
}

/// One of an extra for nothing: of several the dearest, of those the first.
fn free_extra<'a>(code: &str, extras: impl Iterator<Item = &'a TripExtra>) -> Result<Discount, Refusal> {
    let one = |extra: &TripExtra| extra.unit_price.min(extra.price);
    let chosen = extras.filter(|extra| extra.code == code);
    let best = chosen.max_by_key(|extra| (one(extra), std::cmp::Reverse(extra.number)));
    let best = best.ok_or(Refusal::ExtraNotChosen)?;
    if one(best) <= 0 {
        return Err(Refusal::NothingToDiscount);
    }
    Ok(Discount { total: one(best), lines: Vec::new(), extra: Some(best.number) })
}

/// The amount in a currency; `None` when none is filed in any.
fn amount_in(amounts: &Amounts, currency: Currency) -> Result<Option<i64>, Refusal> {
    if amounts.is_empty() {
        return Ok(None);
    }
    amounts.get(&currency).copied().map(Some).ok_or(Refusal::Currency)
}

/// Amounts as money.
pub fn money_of(amounts: &Amounts) -> Vec<Money> {
    amounts.iter().map(|(currency, amount)| Money::new(*amount, *currency)).collect()
}

impl Route {
    fn fits(self, slice: &TripSlice) -> bool {
        self.origin.is_none_or(|origin| origin == slice.origin)
            && self.destination.is_none_or(|destination| destination == slice.destination)
    }
}

//! Watching prices: when somebody is told that one fell, and when they are told again.
//!
//! A watch is armed until its price is low enough, then told of, and armed anew after the price has recovered: by more than it may
//! twitch, and for longer than a hold keeps the last cheap seats away. `None` is a price that the party cannot have: nothing is open
//! that seats all of them. Amounts are in minor units of one currency.

mod band;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};

pub use band::{Band, band};

/// A price has recovered when it is so many percent above the one that was low enough.
const RECOVERY_PERCENT: u8 = 5;
/// … and stayed so for this long. An unpaid hold keeps seats for a quarter of an hour, and a payment on its way for another: the
/// cheapest class that is full for so long and comes back is no news.
pub const RECOVERY_TIME: SignedDuration = SignedDuration::from_hours(1);
/// A target that was reached is told of again when the price is so many percent lower than what was told.
const FURTHER_PERCENT: u8 = 10;
/// Percents that somebody may ask a price to fall by.
pub const PERCENTS: std::ops::RangeInclusive<u8> = 1..=90;
/// The highest target, minor units.
pub const TARGET_MAX: i64 = 1_000_000_000;

/// What somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The price is this or less.
    Target(i64),
    /// The price is so many percent lower than when they began to watch, or than what they were told last.
    Drop(u8),
}

/// What is remembered of a watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// What is waited for.
    pub wish: Wish,
    /// What the price is compared with: of a [`Wish::Drop`] the price at the beginning, of a [`Wish::Target`] the last one known that
    /// was above it. `None` until there is one.
    pub reference: Option<i64>,
    /// What was told, while the watch is not armed again.
    pub told: Option<i64>,
    /// Since when the price is known to have recovered from what was told.
    pub above_since: Option<Timestamp>,
    /// What is to be told and was not yet.
    pub due: Option<i64>,
}

/// Prices that change nothing: those above `low` and below `high`. No price at all counts as a very high one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// A price at or below this changes something.
    pub low: Option<i64>,
    /// A price at or above this does, and that there is none.
    pub high: Option<i64>,
}

impl Quiet {
    /// Whether a price changes nothing.
    pub fn holds(&self, price: Option<i64>) -> bool {
        let is_low = self.low.zip(price).is_some_and(|(low, price)| price <= low);
        let is_high = self.high.is_some_and(|high| price.is_none_or(|price| price >= high));
        !is_low && !is_high
    }
}

impl Watch {
    /// A watch by somebody who sees this price as they begin: of what is reached already they are not told.
    pub fn begin(wish: Wish, price: Option<i64>) -> Self {
        let reached = match wish {
            Wish::Target(target) => price.filter(|price| *price <= target),
            Wish::Drop(_) => None,
        };
        Self { wish, reference: price, told: reached, above_since: None, due: None }
    }

    /// The highest price that is to be told of.
    fn limit(&self) -> Option<i64> {
        match (self.wish, self.told) {
            (Wish::Target(_), Some(told)) => Some(less(told, FURTHER_PERCENT)),
            (Wish::Drop(percent), Some(told)) => Some(less(told, percent)),
            (_, None) => self.first_limit(),
        }
    }

    /// The same for a watch that is armed.
    fn first_limit(&self) -> Option<i64> {
        match self.wish {
            Wish::Target(target) => Some(target),
            Wish::Drop(percent) => self.reference.map(|reference| less(reference, percent)),
        }
    }

    /// The lowest price that has recovered from what was told. A price that is back where it began has, however little was asked for.
    fn recovered_from(&self) -> Option<i64> {
        let limit = self.first_limit()?;
        let clear = more(limit, RECOVERY_PERCENT);
        Some(match (self.wish, self.reference) {
            (Wish::Drop(_), Some(reference)) => clear.min(reference.max(limit.saturating_add(1))),
            _ => clear,
        })
    }

    /// Takes note of the price, which is as it is now. The same price twice changes nothing the second time.
    pub fn see(&mut self, price: Option<i64>, now: Timestamp) {
        if matches!(self.wish, Wish::Drop(_)) && self.reference.is_none() {
            self.reference = price;
        }
        if let Some(clear) = self.recovered_from().filter(|_| self.told.is_some()) {
            self.recover(price, clear, now);
        }
        self.due = price.filter(|price| self.limit().is_some_and(|limit| *price <= limit));
    }

    /// A watch that was told of is armed again when the price comes down after it had recovered for long enough. Between two notes
    /// the price does not fall, so what had recovered at one stayed so until the next.
    fn recover(&mut self, price: Option<i64>, clear: i64, now: Timestamp) {
        let is_clear = price.is_none_or(|price| price >= clear);
        match self.above_since {
            None if is_clear => {
                self.above_since = Some(now);
                if matches!(self.wish, Wish::Target(_)) {
                    self.reference = price.or(self.reference);
                }
            }
            Some(since) if !is_clear => {
                if now.duration_since(since) >= RECOVERY_TIME {
                    self.told = None;
                }
                self.above_since = None;
            }
            _ => {}
        }
    }

    /// What was due is told. Returns the price, and what it is lower than, as far as that is known.
    pub fn tell(&mut self) -> Option<(i64, Option<i64>)> {
        let price = self.due.take()?;
        let was = self.told.or(self.reference).filter(|was| *was > price);
        self.told = Some(price);
        self.above_since = None;
        Some((price, was))
    }

    /// Prices that need not be taken note of. Of a watch that has something to tell that is only the price that is to be told.
    pub fn quiet(&self) -> Quiet {
        if let Some(due) = self.due {
            return Quiet { low: Some(due.saturating_sub(1)), high: Some(due.saturating_add(1)) };
        }
        if self.first_limit().is_none() {
            return Quiet { low: Some(i64::MAX), high: None };
        }
        match (self.told, self.above_since) {
            (None, _) => Quiet { low: self.limit(), high: None },
            (Some(_), None) => Quiet { low: self.limit(), high: self.recovered_from() },
            (Some(_), Some(_)) => {
                Quiet { low: self.recovered_from().map(|clear| clear.saturating_sub(1)), high: None }
            }
        }
    }
}

/// The highest amount that is at least so many percent less, and less in any case.
fn less(amount: i64, percent: u8) -> i64 {
    share(amount, 100_u8.saturating_sub(percent), 0).min(amount.saturating_sub(1))
}

/// The lowest amount that is at least so many percent more, and more in any case.
fn more(amount: i64, percent: u8) -> i64 {
    amount.saturating_add(share(amount, percent, 99).max(1))
}

/// So many percent of an amount of at least 0; what is added before the division rounds.
fn share(amount: i64, percent: u8, round: i128) -> i64 {
    let share = (i128::from(amount) * i128::from(percent) + round) / 100;
    i64::try_from(share).unwrap_or(i64::MAX)
}

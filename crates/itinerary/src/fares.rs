//! Fares and seats, changed in place while searches read them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering::Relaxed};

use kernel::codes::CLASSES_PER_CABIN;

use crate::flight::{ClassState, Minute};

/// The highest fare search can show, in minor units. A dearer class is not found (and can be booked by its flight).
pub const FARE_MAX: u32 = (1 << 28) - 1;

/// No party needs more seats than this, so a word need not count further.
pub(crate) const SEATS_MAX: u32 = 15;

/// What a flight without an open class costs: no sum of four reaches it without one of them being it, and a sum of four
/// still fits 32 bits.
pub(crate) const NEVER: u32 = 1 << 29;

/// The four booking classes of a cabin of a flight as searches see them: a word each, the fare in the upper 28 bits and
/// the seats that can be sold now in the lower four: none when the class is full or closed, or the flight off sale.
///
/// Fare and seats of a class share a word so that no reader sees the fare of one moment with the seats of another. Nothing
/// is published through these words, so relaxed order is enough.
pub(crate) struct FareWords([AtomicU32; CLASSES_PER_CABIN]);

/// The class a party is sold: its fare, its place and its seats from high bits to low, so that the smaller one is the
/// better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sold(u64);

impl Sold {
    #[expect(clippy::cast_possible_truncation, reason = "28 bits")]
    pub(crate) const fn fare(self) -> u32 {
        (self.0 >> 6) as u32
    }

    /// Rank of the class, 1 to 4.
    pub(crate) const fn rank(self) -> u8 {
        (self.0 >> 4 & 3) as u8 + 1
    }

    /// Seats the class could sell when the fare was read, up to [`SEATS_MAX`].
    pub(crate) const fn seats(self) -> u8 {
        (self.0 & 15) as u8
    }
}

impl FareWords {
    pub(crate) const fn closed() -> Self {
        Self([const { AtomicU32::new(0) }; CLASSES_PER_CABIN])
    }

    /// The cheapest class that sells `seats` seats (at least one) together, of equal fares the first. Staff may price a
    /// lower class above a higher one, so all four are compared; without branches, because nobody can predict them.
    #[inline]
    pub(crate) fn cheapest(&self, seats: u32) -> Option<Sold> {
        let mut best = u64::MAX;
        for (word, class) in self.0.iter().zip(0..) {
            let word = word.load(Relaxed);
            let (fare, left) = (u64::from(word >> 4), word & SEATS_MAX);
            let offer = fare << 6 | class << 4 | u64::from(left);
            best = best.min(if left >= seats { offer } else { u64::MAX });
        }
        if best == u64::MAX { None } else { Some(Sold(best)) }
    }

    /// The lowest fare anybody can buy, or [`NEVER`].
    pub(crate) fn lowest(&self) -> u32 {
        self.cheapest(1).map_or(NEVER, Sold::fare)
    }

    /// Whether a store of these words would change any.
    pub(crate) fn differ(&self, words: [u32; CLASSES_PER_CABIN]) -> bool {
        self.0.iter().zip(words).any(|(held, word)| held.load(Relaxed) != word)
    }

    /// Replaces the words that differ.
    pub(crate) fn store(&self, words: [u32; CLASSES_PER_CABIN]) {
        for (held, word) in self.0.iter().zip(words) {
            if held.load(Relaxed) != word {
                held.store(word, Relaxed);
            }
        }
    }
}

/// The words of these classes at `now`.
pub(crate) fn words(
    classes: &[ClassState; CLASSES_PER_CABIN],
    on_sale: bool,
    now: Minute,
) -> [u32; CLASSES_PER_CABIN] {
    classes.map(|class| {
        let open = on_sale && now < class.closes && class.fare <= FARE_MAX;
        class.fare.min(FARE_MAX) << 4 | if open { u32::from(class.seats).min(SEATS_MAX) } else { 0 }
    })
}

/// The lowest fare of some words, or [`NEVER`].
pub(crate) fn lowest_of(words: [u32; CLASSES_PER_CABIN]) -> u32 {
    words.into_iter().filter(|word| word & SEATS_MAX > 0).map(|word| word >> 4).min().unwrap_or(NEVER)
}

/// What else the database says about a cabin of a flight, to answer in full and to know when classes close. Searches
/// look here only for the itineraries they return.
pub(crate) struct Ledger {
    /// Seats of the four classes.
    seats: [AtomicU16; CLASSES_PER_CABIN],
    /// Which of the [`Closings`].
    closings: AtomicU32,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self { seats: [const { AtomicU16::new(0) }; CLASSES_PER_CABIN], closings: AtomicU32::new(0) }
    }

    pub(crate) fn store(&self, classes: &[ClassState; CLASSES_PER_CABIN], closings: u32) {
        for (held, class) in self.seats.iter().zip(classes) {
            held.store(class.seats, Relaxed);
        }
        self.closings.store(closings, Relaxed);
    }

    /// Seats that class `rank` can still sell.
    pub(crate) fn seats(&self, rank: u8) -> u16 {
        self.seats[usize::from(rank) - 1].load(Relaxed)
    }

    /// The same, for a class whose word said `seen` seats with its fare: where the two are of different moments, what was
    /// seen with the fare counts.
    pub(crate) fn seats_seen(&self, rank: u8, seen: u8) -> u16 {
        let seats = self.seats(rank);
        if u32::from(seats).min(SEATS_MAX) == u32::from(seen) { seats } else { seen.into() }
    }

    pub(crate) fn closings(&self) -> u32 {
        self.closings.load(Relaxed)
    }

    /// The classes in full: fares from their words, the rest from here.
    pub(crate) fn classes(
        &self,
        words: &FareWords,
        closings: [Minute; CLASSES_PER_CABIN],
    ) -> [ClassState; CLASSES_PER_CABIN] {
        let mut rank = 0;
        closings.map(|closes| {
            rank += 1;
            let fare = words.0[usize::from(rank) - 1].load(Relaxed) >> 4;
            ClassState { fare, seats: self.seats(rank), closes }
        })
    }
}

/// When classes close, relative to departure: thousands of flights share a few rules, so each flight keeps a number. Only
/// the writer has it.
#[derive(Default)]
pub(crate) struct Closings {
    /// Minutes from departure to closing; `None` for a class that never closes.
    rules: Vec<[Option<i64>; CLASSES_PER_CABIN]>,
    numbers: HashMap<[Option<i64>; CLASSES_PER_CABIN], u32>,
}

impl Closings {
    /// The number of these closings for a flight that departs then.
    pub(crate) fn number(&mut self, departs: Minute, classes: &[ClassState; CLASSES_PER_CABIN]) -> u32 {
        let relative = classes.map(|class| {
            (class.closes.0 != u32::MAX).then(|| i64::from(class.closes.0) - i64::from(departs.0))
        });
        *self.numbers.entry(relative).or_insert_with(|| {
            self.rules.push(relative);
            u32::try_from(self.rules.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// The instants of a number for a flight that departs then.
    pub(crate) fn instants(&self, number: u32, departs: Minute) -> [Minute; CLASSES_PER_CABIN] {
        let rule = self.rules.get(number as usize).copied().unwrap_or_default();
        rule.map(|relative| {
            let instant = relative.map(|minutes| i64::from(departs.0) + minutes);
            Minute(instant.map_or(u32::MAX, |minute| u32::try_from(minute).unwrap_or(0)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Minute = Minute(720);

    fn class(fare: u32, seats: u16, closes: u32) -> ClassState {
        ClassState { fare, seats, closes: Minute(closes) }
    }

    #[test]
    fn the_cheapest_word_holds_the_party_and_the_first_of_equals_wins() {
        let classes = [class(400, 9, 800), class(250, 30, 800), class(250, 4, 800), class(100, 1, 800)];
        let held = FareWords::closed();
        held.store(words(&classes, true, NOON));
        let sold = |seats| held.cheapest(seats).map(|sold| (sold.fare(), sold.rank()));
        assert_eq!([1, 2, 9, 15].map(sold), [Some((100, 4)), Some((250, 2)), Some((250, 2)), Some((250, 2))]);
        assert_eq!(held.lowest(), 100);
    }

    #[test]
    fn a_word_sells_nothing_once_closed_off_sale_full_or_too_dear_for_it() {
        let all = |class: ClassState, on_sale, now| {
            lowest_of(words(&[class; CLASSES_PER_CABIN], on_sale, Minute(now)))
        };
        assert_eq!(all(class(100, 2, 800), true, 799), 100);
        assert_eq!(all(class(0, 2, 800), true, 799), 0, "a free seat is for sale");
        assert_eq!(all(class(FARE_MAX, u16::MAX, u32::MAX), true, 799), FARE_MAX);
        for (class, on_sale, now) in [
            (class(100, 2, 800), true, 800),
            (class(100, 2, 800), false, 1),
            (class(100, 0, 800), true, 1),
            (class(FARE_MAX + 1, 2, 800), true, 1),
        ] {
            assert_eq!(all(class, on_sale, now), NEVER);
        }
    }

    #[test]
    fn what_was_stored_comes_back_whether_it_sells_or_not() {
        let classes =
            [class(FARE_MAX, u16::MAX, u32::MAX), class(2, 1, 0), class(0, 0, 5_000), class(7, 300, 720)];
        let (mut closings, ledger, held) = (Closings::default(), Ledger::new(), FareWords::closed());
        held.store(words(&classes, true, NOON));
        ledger.store(&classes, closings.number(NOON, &classes));
        assert_eq!(ledger.classes(&held, closings.instants(ledger.closings(), NOON)), classes);
        let later = |closes: Minute| Minute(closes.0.saturating_add(60));
        let later = classes.map(|class| ClassState { closes: later(class.closes), ..class });
        assert_eq!(closings.number(Minute(780), &later), ledger.closings(), "the same rule an hour later");
    }
}

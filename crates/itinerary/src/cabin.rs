//! Fares and seats of one cabin of one flight, changed in place while searches read them.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use kernel::codes::CLASSES_PER_CABIN;

use crate::flight::{ClassState, Minute};

/// The booking classes of a cabin.
///
/// Fare and seats of a class share one word, so that no reader sees the fare of one moment with the seats of
/// another. Different classes, and the closing instant, may be of neighbouring moments: what a search shows is a
/// hint that booking checks again. Nothing is published through these words, so relaxed order is enough.
pub(crate) struct LiveCabin {
    /// The fare in the upper 32 bits, the seats in the lower 16.
    words: [AtomicU64; CLASSES_PER_CABIN],
    closes: [AtomicU32; CLASSES_PER_CABIN],
}

impl LiveCabin {
    pub(crate) fn new(classes: &[ClassState; CLASSES_PER_CABIN]) -> Self {
        Self {
            words: classes.map(|class| AtomicU64::new(pack(class))),
            closes: classes.map(|class| AtomicU32::new(class.closes.0)),
        }
    }

    /// Replaces the state of all classes. Only the network's one writer calls this.
    pub(crate) fn store(&self, classes: &[ClassState; CLASSES_PER_CABIN]) {
        for ((word, closes), class) in self.words.iter().zip(&self.closes).zip(classes) {
            word.store(pack(*class), Ordering::Relaxed);
            closes.store(class.closes.0, Ordering::Relaxed);
        }
    }

    /// The state of all classes.
    pub(crate) fn load(&self) -> [ClassState; CLASSES_PER_CABIN] {
        std::array::from_fn(|place| {
            let (fare, seats) = unpack(self.words[place].load(Ordering::Relaxed));
            ClassState { fare, seats, closes: Minute(self.closes[place].load(Ordering::Relaxed)) }
        })
    }
}

fn pack(class: ClassState) -> u64 {
    u64::from(class.fare) << 32 | u64::from(class.seats)
}

fn unpack(word: u64) -> (u32, u16) {
    ((word >> 32) as u32, (word & 0xFFFF) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extreme_values_survive_the_word() {
        for (fare, seats) in [(0, 0), (u32::MAX, 0), (0, u16::MAX), (u32::MAX, u16::MAX), (45_900, 9)] {
            let class = ClassState { fare, seats, closes: Minute(u32::MAX) };
            assert_eq!(LiveCabin::new(&[class; CLASSES_PER_CABIN]).load(), [class; CLASSES_PER_CABIN]);
        }
    }
}

//! How well each entry fits what was typed; a smaller number is a better fit.

/// The airport's code.
pub(super) const AIRPORT_CODE: u8 = 0;
/// The city's code, which may be that of one of its airports.
pub(super) const CITY_CODE: u8 = 1;
/// A whole name of a prominent place.
pub(super) const WHOLE: u8 = 2;
/// The beginning of a name or code of a prominent place.
pub(super) const BEGINNING: u8 = 3;
/// A whole name of another place.
pub(super) const QUIET_WHOLE: u8 = 4;
/// The beginning of a name or code of another place.
pub(super) const QUIET_BEGINNING: u8 = 5;
/// Beginnings of words of its names; one more with words of its region.
pub(super) const WORDS: u8 = 6;
/// With typing errors; more by [`cost`].
pub(super) const MISTYPED: u8 = 8;
/// Not at all.
pub(super) const NONE: u8 = u8::MAX;

/// What a mistyped word costs: an error weighs more than a word of the region, and that more than a word that goes on.
pub(super) fn cost(errors: u8, region: bool, goes_on: bool) -> u8 {
    ERROR * errors + 4 * u8::from(region) + u8::from(goes_on)
}

/// What it costs a place not to be prominent: less than a word of the region, more than a word that goes on.
pub(super) const QUIET: u8 = 2;
const ERROR: u8 = 8;

/// The cost of two words together: errors add up, the rest counts once.
pub(super) const fn both(a: u8, b: u8) -> u8 {
    if a == NONE || b == NONE { NONE } else { ERROR * (errors(a) + errors(b)) + (a | b) % ERROR }
}

/// The errors in a cost.
pub(super) const fn errors(cost: u8) -> u8 {
    cost / ERROR
}

pub(super) struct Fits(Vec<u8>);

impl Fits {
    pub(super) fn none(entries: usize) -> Self {
        Self(vec![NONE; entries])
    }

    /// Keeps the better of the entry's present fit and this one.
    pub(super) fn improve(&mut self, entry: usize, fit: u8) {
        self.0[entry] = self.0[entry].min(fit);
    }

    pub(super) fn any(&self, wanted: impl Fn(usize, u8) -> bool) -> bool {
        fitting(&self.0).any(|(entry, fit)| wanted(entry, fit))
    }

    /// The entries that fit, by fit and then in their own order.
    pub(super) fn best_first(&self) -> impl Iterator<Item = usize> {
        let mut by_fit: Vec<Vec<usize>> = vec![Vec::new(); usize::from(NONE)];
        for (entry, fit) in fitting(&self.0) {
            by_fit[usize::from(fit)].push(entry);
        }
        by_fit.into_iter().flatten()
    }
}

/// The entries with a number other than [`NONE`], and that number.
pub(super) fn fitting(numbers: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    numbers.iter().copied().enumerate().filter(|(_, number)| *number != NONE)
}

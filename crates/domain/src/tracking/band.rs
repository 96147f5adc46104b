//! What a price usually is, from what it was day by day.

/// Fewer days say nothing about what is usual.
const DAYS_LEAST: usize = 7;

/// What a price usually was: a quarter of the days it was less than `low`, half of them less than `middle`, a quarter more than `high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// The first quartile.
    pub low: i64,
    /// The median.
    pub middle: i64,
    /// The third quartile.
    pub high: i64,
}

/// The band of prices, one for each day; `None` of fewer than a week. Quartiles are by nearest rank, so that each is a price that was.
pub fn band(mut prices: Vec<i64>) -> Option<Band> {
    if prices.len() < DAYS_LEAST {
        return None;
    }
    prices.sort_unstable();
    let rank = |quarters: usize| prices.get((prices.len() * quarters).div_ceil(4) - 1).copied();
    Some(Band { low: rank(1)?, middle: rank(2)?, high: rank(3)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_are_prices_that_were() {
        assert_eq!(band((1..=6).collect()), None);
        assert_eq!(band(vec![7, 1, 2, 6, 3, 5, 4]), Some(Band { low: 2, middle: 4, high: 6 }));
        assert_eq!(band((1..=8).collect()), Some(Band { low: 2, middle: 4, high: 6 }));
        assert_eq!(band(vec![5; 30]), Some(Band { low: 5, middle: 5, high: 5 }));
    }
}

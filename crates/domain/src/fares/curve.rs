//! What a market costs by its distance, for markets the file has nothing about.
//!
//! The markets of the file are put into bands of distance; a band's point on the curve is the weighted median of each
//! quartile at its weighted median distance, the weight being the tickets sold: half of those who travelled about that
//! far paid less. Between points the curve is straight. Before the first it is flat. Beyond the last it goes on with
//! the slope it has from 1,000 miles on, because the file ends near 2,700 miles and Hawaii is further.

use crate::fares::market::Paid;

/// Upper ends of the bands, in miles; the last band has none.
const BAND_ENDS: [u32; 12] = [150, 250, 350, 500, 650, 800, 1_000, 1_250, 1_500, 1_750, 2_000, 2_300];

/// A band with fewer markets than this says more about them than about distance.
const FEWEST_MARKETS: usize = 30;

/// From here on fares grow with distance; nearer, competition with the road decides.
const LONG_HAUL_MILES: u32 = 1_000;

/// A market of known distance.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Great-circle distance.
    pub miles: u32,
    /// What was paid.
    pub paid: Paid,
    /// By how many.
    pub tickets: u32,
}

/// What people pay by distance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistanceCurve(Vec<(u32, Paid)>);

/// The curve of data/fares-us.csv, for an import that has no market fares. A test keeps it equal to the file.
const BUILT_IN: [(u32, Paid); 13] = [
    (129, paid(15_000, 23_400, 28_300)),
    (223, paid(15_300, 22_200, 28_300)),
    (314, paid(13_500, 20_700, 27_500)),
    (419, paid(13_500, 19_500, 27_700)),
    (588, paid(14_600, 20_800, 28_500)),
    (726, paid(14_700, 21_200, 29_300)),
    (907, paid(14_800, 21_900, 29_200)),
    (1_099, paid(14_900, 22_800, 30_100)),
    (1_386, paid(19_400, 26_400, 34_300)),
    (1_615, paid(19_800, 27_100, 35_700)),
    (1_873, paid(22_300, 29_800, 39_600)),
    (2_153, paid(21_900, 30_200, 40_700)),
    (2_449, paid(22_800, 32_100, 43_600)),
];

const fn paid(p25: u32, median: u32, p75: u32) -> Paid {
    Paid { p25, median, p75 }
}

impl DistanceCurve {
    /// The curve through `samples`, or the built-in one where they are too few for two bands.
    pub fn new(samples: impl IntoIterator<Item = Sample>) -> Self {
        let mut bands: [Vec<Sample>; BAND_ENDS.len() + 1] = Default::default();
        for sample in samples {
            bands[BAND_ENDS.partition_point(|end| *end <= sample.miles)].push(sample);
        }
        let points: Vec<(u32, Paid)> =
            bands.iter().filter(|band| band.len() >= FEWEST_MARKETS).map(|band| point(band)).collect();
        if points.len() < 2 { Self::built_in() } else { Self(points) }
    }

    /// The curve of the shipped file.
    pub fn built_in() -> Self {
        Self(BUILT_IN.to_vec())
    }

    /// What people pay at a distance.
    pub fn at(&self, miles: u32) -> Paid {
        let after = self.0.partition_point(|(point, _)| *point < miles);
        let (before, from) =
            match (after.checked_sub(1).and_then(|before| self.0.get(before)), self.0.get(after)) {
                (Some(before), Some(after)) => (before, (before, after)),
                (Some(last), None) => {
                    let long_haul = self
                        .0
                        .iter()
                        .find(|(point, _)| *point >= LONG_HAUL_MILES)
                        .filter(|first| *first != last);
                    let Some(first) = long_haul else { return last.1 };
                    (last, (first, last))
                }
                (None, Some(first)) => return first.1,
                (None, None) => return Paid::default(),
            };
        // The line through two points, from the first of them on; for a far distance it starts at the last point.
        let ((x1, low), (x2, high)) = from;
        let along = |pick: fn(&Paid) -> u32| {
            let rise = i64::from(pick(high)) - i64::from(pick(low));
            let beyond = i64::from(miles) - i64::from(before.0);
            let cents = i64::from(pick(&before.1)) + rise * beyond / i64::from(x2 - x1).max(1);
            u32::try_from(cents).unwrap_or(0)
        };
        let p25 = along(|paid| paid.p25);
        let median = along(|paid| paid.median).max(p25);
        Paid { p25, median, p75: along(|paid| paid.p75).max(median) }
    }
}

fn point(band: &[Sample]) -> (u32, Paid) {
    let median = |pick: fn(&Sample) -> u32| {
        weighted_median(band.iter().map(|sample| (pick(sample), u64::from(sample.tickets))).collect())
    };
    let paid = Paid {
        p25: median(|sample| sample.paid.p25),
        median: median(|sample| sample.paid.median),
        p75: median(|sample| sample.paid.p75),
    };
    (median(|sample| sample.miles), paid)
}

/// The smallest value that at least half of the weight does not exceed; 0 for nothing.
pub(crate) fn weighted_median(mut values: Vec<(u32, u64)>) -> u32 {
    values.sort_unstable();
    let total: u64 = values.iter().map(|(_, weight)| weight).sum();
    let mut sum = 0;
    for (value, weight) in values {
        sum += weight;
        if 2 * sum >= total {
            return value;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn half_of_the_weight_decides() {
        assert_eq!(weighted_median(vec![(3, 1), (1, 1), (2, 1)]), 2);
        assert_eq!(weighted_median(vec![(9, 10), (1, 3), (2, 3)]), 9);
        assert_eq!(weighted_median(Vec::new()), 0);
    }

    #[test]
    fn straight_between_points_flat_before_sloped_after() {
        let curve = DistanceCurve(vec![
            (100, paid(9_000, 10_000, 11_000)),
            (1_100, paid(10_000, 20_000, 31_000)),
            (2_100, paid(11_000, 30_000, 51_000)),
        ]);
        assert_eq!(curve.at(50), paid(9_000, 10_000, 11_000));
        assert_eq!(curve.at(100), paid(9_000, 10_000, 11_000));
        assert_eq!(curve.at(600), paid(9_500, 15_000, 21_000));
        assert_eq!(curve.at(1_100), paid(10_000, 20_000, 31_000));
        assert_eq!(curve.at(5_100), paid(14_000, 60_000, 111_000));
    }

    #[test]
    fn too_few_markets_fall_back_to_the_built_in_curve() {
        let sample = Sample { miles: 400, paid: Paid { p25: 1, median: 2, p75: 3 }, tickets: 50 };
        assert_eq!(DistanceCurve::new([sample; 500]), DistanceCurve::built_in(), "one band is not a curve");
        assert_eq!(DistanceCurve::new([]), DistanceCurve::built_in());
    }

    proptest! {
        #[test]
        fn quartiles_stay_in_order(miles in 0_u32..13_000) {
            let paid = DistanceCurve::built_in().at(miles);
            prop_assert!(0 < paid.p25 && paid.p25 <= paid.median && paid.median <= paid.p75);
            prop_assert!(paid.p75 < 200_000, "a fare of {} cents", paid.p75);
        }
    }
}

//! Between which airports questions are asked.

use crate::random::Random;
use crate::world::{Place, World, attraction};

/// A kind of demand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mix {
    /// Markets by their traffic.
    Demand,
    /// Any pair.
    Uniform,
    /// Pairs of the thirty biggest.
    Hubs,
}

/// How many of the biggest.
pub(crate) const HUBS: usize = 30;

/// Draws by weight.
pub(crate) struct Wheel(Vec<f64>);

impl Wheel {
    pub(crate) fn new(weights: impl Iterator<Item = f64>) -> Self {
        let sums = weights.scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        Self(sums.collect())
    }

    pub(crate) fn draw(&self, random: &mut Random) -> usize {
        let at = random.fraction() * self.0.last().copied().unwrap_or(0.0);
        self.0.partition_point(|sum| *sum < at).min(self.0.len() - 1)
    }
}

/// Draws two places of the generated world.
pub(crate) fn world_pairs(world: &World, mix: Mix) -> impl Fn(&mut Random) -> (usize, usize) {
    let places = &world.places;
    let count = places.len();
    let weight = |a: &Place, b: &Place| if a.code == b.code { 0.0 } else { attraction(a, b) };
    let weights = places.iter().flat_map(|a| places.iter().map(move |b| weight(a, b)));
    let wheel = (mix == Mix::Demand).then(|| Wheel::new(weights));
    move |random| loop {
        let (a, b) = match (&wheel, mix) {
            (Some(wheel), _) => {
                let drawn = wheel.draw(random);
                (drawn / count, drawn % count)
            }
            (None, Mix::Hubs) => (random.below(HUBS), random.below(HUBS)),
            (None, _) => (random.below(count), random.below(count)),
        };
        if a != b {
            return (a, b);
        }
    }
}

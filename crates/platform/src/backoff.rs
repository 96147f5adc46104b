//! How long what failed waits for its next try.

use jiff::SignedDuration;

/// Pauses in seconds, longer each time; the last again and again.
#[derive(Clone, Copy, Debug)]
pub struct Backoff(pub &'static [u32]);

/// For work of our own that others wait for.
pub const SOON: Backoff = Backoff(&[1, 5, 30, 2 * 60, 10 * 60]);

impl Backoff {
    /// The pause after so many tries, from 1.
    pub fn exact(self, tries: i32) -> SignedDuration {
        let nth = usize::try_from(tries - 1).unwrap_or(0);
        SignedDuration::from_secs(self.0.get(nth).or(self.0.last()).copied().unwrap_or(0).into())
    }

    /// The same, up to a fifth more or less by `chance`: what failed together does not come back together.
    pub fn spread(self, tries: i32, chance: u8) -> SignedDuration {
        let millis = i64::try_from(self.exact(tries).as_millis()).unwrap_or(i64::MAX / 1_000);
        SignedDuration::from_millis(millis * 4 / 5 + millis * 2 / 5 * i64::from(chance) / i64::from(u8::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSES: Backoff = Backoff(&[5, 30, 120]);

    #[test]
    fn the_last_pause_comes_again_and_none_is_less_than_four_fifths() {
        let of = |tries| PAUSES.exact(tries).as_secs();
        assert_eq!([of(0), of(1), of(2), of(3), of(4), of(100)], [5, 5, 30, 120, 120, 120]);
        for tries in 1..5 {
            let (least, most) = (PAUSES.spread(tries, 0), PAUSES.spread(tries, u8::MAX));
            assert_eq!((least * 5, most * 5), (PAUSES.exact(tries) * 4, PAUSES.exact(tries) * 6));
        }
    }
}

//! Randomness as an argument: product code takes a [`Random`], so that it is visible where chance enters.

use kernel::RecordLocator;

/// A source of random bytes fit for secrets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Random;

impl Random {
    /// `N` bytes from the operating system's generator.
    ///
    /// # Panics
    /// If the operating system has no randomness to give: going on would mean guessable secrets.
    #[expect(
        clippy::expect_used,
        reason = "without randomness no secret can be made, so no request may go on"
    )]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        bytes
    }

    /// A random record locator. Uniqueness is the database's to say.
    pub fn locator(&self) -> RecordLocator {
        loop {
            if let Some(locator) = RecordLocator::from_random(self.bytes()) {
                return locator;
            }
        }
    }
}

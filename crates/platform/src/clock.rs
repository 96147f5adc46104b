//! The one place that reads the machine's clock.

use jiff::Timestamp;
use kernel::Clock;

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the implementation every other place takes as an argument"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

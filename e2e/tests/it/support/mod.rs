//! The airline under test: the real binary on a fresh database, and a client that speaks to it.

pub(crate) mod airline;
pub(crate) mod api;
pub(crate) mod fragile;
pub(crate) mod limits;
pub(crate) mod load;
pub(crate) mod small;

use std::time::{Duration, Instant};

/// What `probe` finds before the time is up.
pub(crate) async fn eventually<T>(
    what: &str,
    within: Duration,
    mut probe: impl AsyncFnMut() -> Option<T>,
) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(began.elapsed() < within, "{what}: not within {within:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

//! Where searches run: a place for each that may run at one time, and a short queue for them.
//!
//! A burst is waited out. In a storm the wait is shorter and the queue has an end, so that those that come in are answered nearly as
//! fast as ever, and the rest is refused before it costs anything.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config;

/// After so long with a long queue for a place the wait for one is shorter, by so much. A burst that the usual wait takes in is over by
/// then.
const STORM_AFTER_MS: u64 = 50;
const SHORTER_IN_A_STORM: u64 = 4;
/// So many wait for each place then, at most; and before it, so many are no long queue.
const QUEUE_IN_A_STORM: usize = 4;
const SHORT_QUEUE: usize = 2;
/// A storm goes on while of so many searches of an interval one or more found no place. Without it the shorter wait would end itself: a
/// queue that gives up all at once behind one slow search leaves a place free, and who comes next would wait long again.
const GOES_ON_WHILE_ONE_IN: u32 = 4;
const INTERVAL_MS: u64 = 100;

/// No place came free in time.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoPlace;

/// The places.
pub(super) struct Places {
    free: Arc<Semaphore>,
    in_all: usize,
    /// How long one waits for one when there is no storm.
    patience_ms: u64,
    waiting: AtomicUsize,
    storm: Storm,
    started: Instant,
}

impl Places {
    /// As many as there are processors, by the setting for each; all of them free.
    pub(super) fn new(config: &config::Admission) -> Self {
        let processors = std::thread::available_parallelism().map_or(2, NonZero::get);
        let in_all = config.searches_per_processor * processors;
        Self {
            free: Arc::new(Semaphore::new(in_all)),
            in_all,
            patience_ms: config.search_wait_ms,
            waiting: AtomicUsize::new(0),
            storm: Storm::default(),
            started: Instant::now(),
        }
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn in_all(&self) -> usize {
        self.in_all
    }

    /// A place, at once or within the time one waits for it. In a storm nobody joins a queue that is too long to come up in time: to wait
    /// and be refused costs as much again as to be refused.
    pub(super) async fn one(&self) -> Result<OwnedSemaphorePermit, NoPlace> {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.storm.one_came(now);
        if let Ok(place) = Arc::clone(&self.free).try_acquire_owned() {
            self.storm.queue_was_short(now);
            return Ok(place);
        }
        let queue = Waiting::join(&self.waiting);
        if queue.before < SHORT_QUEUE * self.in_all {
            self.storm.queue_was_short(now);
        }
        let stormy = self.storm.rages(now);
        let too_long = stormy && queue.before >= QUEUE_IN_A_STORM * self.in_all;
        let found = if too_long { None } else { self.wait(stormy).await };
        found.ok_or_else(|| {
            self.storm.one_was_turned_away();
            NoPlace
        })
    }

    async fn wait(&self, stormy: bool) -> Option<OwnedSemaphorePermit> {
        let shorter = if stormy { SHORTER_IN_A_STORM } else { 1 };
        let patience = Duration::from_millis(self.patience_ms.div_ceil(shorter));
        // The semaphore is never closed.
        tokio::time::timeout(patience, Arc::clone(&self.free).acquire_owned()).await.ok()?.ok()
    }
}

/// Somebody in the queue for a place, until this is dropped.
struct Waiting<'a> {
    count: &'a AtomicUsize,
    /// How many were there before.
    before: usize,
}

impl<'a> Waiting<'a> {
    fn join(count: &'a AtomicUsize) -> Self {
        Self { count, before: count.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether more come than can be served for longer than a burst lasts. Times are milliseconds since the start.
#[derive(Debug, Default)]
struct Storm {
    /// When the queue was last found short.
    short: AtomicU64,
    /// When the interval that is counted began.
    interval: AtomicU64,
    came: AtomicU32,
    turned_away: AtomicU32,
    /// Whether too many were turned away in the interval before.
    goes_on: AtomicBool,
}

impl Storm {
    fn one_came(&self, now: u64) {
        let began = self.interval.load(Ordering::Relaxed);
        let passed = now.saturating_sub(began);
        let ours =
            || self.interval.compare_exchange(began, now, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if passed >= INTERVAL_MS && ours() {
            let came = self.came.swap(0, Ordering::Relaxed);
            let away = self.turned_away.swap(0, Ordering::Relaxed);
            // What was counted before a silence says nothing about now.
            let just_now = passed < 2 * INTERVAL_MS;
            let many = away > 0 && away.saturating_mul(GOES_ON_WHILE_ONE_IN) >= came;
            self.goes_on.store(just_now && many, Ordering::Relaxed);
        }
        self.came.fetch_add(1, Ordering::Relaxed);
    }

    fn one_was_turned_away(&self) {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    fn queue_was_short(&self, now: u64) {
        self.short.store(now, Ordering::Relaxed);
    }

    fn rages(&self, now: u64) -> bool {
        let long_for = now.saturating_sub(self.short.load(Ordering::Relaxed));
        long_for > STORM_AFTER_MS || self.goes_on.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_taken(places: &Places) -> Vec<OwnedSemaphorePermit> {
        let take = |_| Arc::clone(&places.free).try_acquire_owned().expect("a free place");
        (0..places.in_all).map(take).collect()
    }

    #[tokio::test]
    async fn one_waits_for_a_place_and_is_refused_when_none_comes_free() {
        let places = Places::new(&config::Admission { search_wait_ms: 5, ..config::Admission::default() });
        let mut inside = all_taken(&places);
        assert_eq!(places.one().await.expect_err("all are taken"), NoPlace);
        let freed = async {
            tokio::task::yield_now().await;
            drop(inside.pop());
        };
        let (place, ()) = tokio::join!(places.one(), freed);
        drop((place.expect("the place that came free"), inside));
        assert_eq!(places.waiting.load(Ordering::Relaxed), 0);
        assert_eq!(places.free.available_permits(), places.in_all, "all are given back");
    }

    #[tokio::test]
    async fn in_a_storm_nobody_joins_a_queue_that_is_too_long() {
        let patient = config::Admission { search_wait_ms: 1_000_000, ..config::Admission::default() };
        let places = Places::new(&patient);
        let mut inside = all_taken(&places);
        places.storm.goes_on.store(true, Ordering::Relaxed);
        let mut queue: Vec<_> =
            (0..QUEUE_IN_A_STORM * places.in_all).map(|_| Box::pin(places.one())).collect();
        for waiting in &mut queue {
            assert!(futures_util::poll!(waiting).is_pending());
        }
        assert_eq!(places.one().await.expect_err("the queue is full"), NoPlace);
        queue.truncate(1);
        let next = async {
            tokio::task::yield_now().await;
            drop(inside.pop());
        };
        let (place, ()) = tokio::join!(queue.remove(0), next);
        drop(place.expect("the place that came free"));
    }

    #[tokio::test]
    async fn a_storm_is_known_by_a_queue_that_stays_long_and_a_short_one_is_none() {
        let patient = config::Admission { search_wait_ms: 1_000_000, ..config::Admission::default() };
        let places = Places::new(&patient);
        let _inside = all_taken(&places);
        let mut queue: Vec<_> = (0..SHORT_QUEUE * places.in_all).map(|_| Box::pin(places.one())).collect();
        let join = |queue: &mut Vec<_>| queue.push(Box::pin(places.one()));
        for waiting in &mut queue {
            assert!(futures_util::poll!(waiting).is_pending());
        }
        let found_short = places.storm.short.load(Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(STORM_AFTER_MS + 1));
        join(&mut queue);
        assert!(futures_util::poll!(queue.last_mut().expect("the last one")).is_pending());
        assert_eq!(places.storm.short.load(Ordering::Relaxed), found_short, "the queue is long");
        assert!(places.storm.rages(found_short + STORM_AFTER_MS + 1));
        queue.truncate(1);
        join(&mut queue);
        assert!(futures_util::poll!(queue.last_mut().expect("the last one")).is_pending());
        assert!(places.storm.short.load(Ordering::Relaxed) > found_short, "the queue is short again");
    }

    /// Intervals in which so many of a hundred were turned away.
    fn after(storm: &Storm, from: u64, turned_away: u32) -> u64 {
        for nth in 0..100 {
            storm.one_came(from + nth);
            storm.queue_was_short(from + nth);
            if nth < u64::from(turned_away) {
                storm.one_was_turned_away();
            }
        }
        let next = from + INTERVAL_MS;
        storm.one_came(next);
        storm.queue_was_short(next);
        next
    }

    #[test]
    fn a_storm_goes_on_while_many_are_turned_away_and_not_after_a_silence() {
        let storm = Storm::default();
        let now = after(&storm, 0, 24);
        assert!(!storm.rages(now), "less than one in four");
        let now = after(&storm, now, 30);
        assert!(storm.rages(now), "the queue was short just now, and many were turned away before");
        let now = after(&storm, now, 0);
        assert!(!storm.rages(now), "everybody found a place");
        let now = after(&storm, now, 100);
        assert!(storm.rages(now));
        for _ in 0..50 {
            storm.one_was_turned_away();
        }
        let later = now + 2 * INTERVAL_MS;
        storm.one_came(later);
        storm.queue_was_short(later);
        assert!(!storm.rages(later), "that was before a silence");
    }
}

//! Who may come in while there is more work than can be done: the class that is worth least is refused first, at once.
//!
//! A request counts as inside from its admission to its answer. What may be inside is a limit that follows how long requests wait
//! for what they share, a processor and a database connection: while even the luckiest of a tenth of a second waited longer
//! than the target, the limit shrinks; otherwise it grows back. Waiting, and not duration, is what tells overload from slow
//! work: a payment may take seconds and harm nobody. (The least wait of an interval is the signal of `CoDel`, RFC 8289; the limit
//! goes by additive steps up and by factors down, as TCP's does.)
//!
//! Each class is admitted up to its share of the limit, counting everybody inside: so the rest is kept for those worth more.
//!
//! Searches need processors and nothing else, so how many may run is known beforehand: as many as there are of those. They have places
//! of their own, wait some milliseconds for one, and are refused then. No storm of searches ever forms a queue that others stand in.
//! While the queue for them stays long the wait is shorter: a burst is waited out, and in a storm those that come in are answered
//! nearly as fast as ever. (Controlled delay, B. Maurer, "Fail at Scale", ACM Queue 13(8), 2015.)
//! docs/reliability.md has the page on it.

mod places;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kernel::Category;
use tokio::sync::OwnedSemaphorePermit;

use self::places::{NoPlace, Places};
use crate::config;
use crate::http::Problem;

/// What a request is worth; the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Worth {
    /// Reports and exports.
    Export,
    /// Looking for flights.
    Search,
    /// Looking after what one has.
    Manage,
    /// Holding and paying.
    Sale,
}

impl Worth {
    /// Its name in metrics and in the OpenAPI document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::Search => "search",
            Self::Manage => "manage",
            Self::Sale => "sale",
        }
    }

    /// Whoever is worth less has less reason to be back soon.
    const fn back_in_seconds(self) -> u64 {
        match self {
            Self::Export => 10,
            Self::Search | Self::Manage => 2,
            Self::Sale => 1,
        }
    }
}

/// How often the limit is thought over.
const INTERVAL: Duration = Duration::from_millis(100);
/// Fewer waits than this say nothing about everybody's.
const WAITS_MIN: u32 = 2;
/// The limit while others wait too long, and when they do not: a tenth off, a twentieth on.
const SHRINK: f64 = 0.9;
const GROW: f64 = 1.05;
/// After so many quiet intervals the limit is what it was before, whatever it fell to.
const INTERVALS_MAX: u32 = 100;

/// How long requests waited for one thing they share, since it was last asked.
#[derive(Debug)]
pub struct Waits {
    least: AtomicU64,
    count: AtomicUsize,
}

impl Default for Waits {
    fn default() -> Self {
        Self { least: AtomicU64::new(u64::MAX), count: AtomicUsize::new(0) }
    }
}

impl Waits {
    /// Somebody waited so long.
    pub fn record(&self, waited: Duration) {
        let nanos = u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX);
        self.least.fetch_min(nanos, Ordering::Relaxed);
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// The shortest wait since the last call, if enough waited to tell.
    fn take(&self) -> Option<Duration> {
        let least = self.least.swap(u64::MAX, Ordering::Relaxed);
        let count = self.count.swap(0, Ordering::Relaxed);
        (count >= WAITS_MIN as usize).then(|| Duration::from_nanos(least))
    }
}

/// Admits requests. Cheap to clone.
#[derive(Clone)]
pub struct Admission(Arc<Inner>);

struct Inner {
    config: config::Admission,
    inside: AtomicUsize,
    limit: AtomicUsize,
    refusals: AtomicU64,
    started: Instant,
    /// When the limit is next thought over, milliseconds since the start.
    next: AtomicU64,
    controller: Mutex<Controller>,
    /// Waits for a processor: from the admission until the request runs again.
    processor: Waits,
    /// Waits for a connection to the database.
    database: Arc<Waits>,
    places: Places,
}

impl Admission {
    /// Nobody inside, at the highest limit. `database` has the waits for a connection.
    pub fn new(config: &config::Admission, database: Arc<Waits>) -> Self {
        let controller = Controller::new(config);
        Self(Arc::new(Inner {
            limit: AtomicUsize::new(controller.limit()),
            config: config.clone(),
            inside: AtomicUsize::new(0),
            refusals: AtomicU64::new(0),
            started: Instant::now(),
            next: AtomicU64::new(0),
            controller: Mutex::new(controller),
            processor: Waits::default(),
            database,
            places: Places::new(config),
        }))
    }

    /// Lets the request in, or refuses it at once.
    pub fn enter(&self, worth: Worth) -> Result<Pass, Problem> {
        self.think_over();
        let before = self.0.inside.fetch_add(1, Ordering::Relaxed);
        let pass = Pass { admission: self.clone(), worth, place: None };
        if before < self.room_for(worth) { Ok(pass) } else { Err(self.refuse(worth)) }
    }

    fn refuse(&self, worth: Worth) -> Problem {
        metrics::counter!("requests_shed_total", "class" => worth.as_str()).increment(1);
        // Those refused together must not come back together.
        let spread = self.0.refusals.fetch_add(1, Ordering::Relaxed) % 3;
        Problem::new(Category::Unavailable, "busy").retry_after(worth.back_in_seconds() + spread)
    }

    /// How many may be inside for one of this worth to come in.
    fn room_for(&self, worth: Worth) -> usize {
        let percent = match worth {
            Worth::Export => self.0.config.export_percent,
            Worth::Search => self.0.config.search_percent,
            Worth::Manage => self.0.config.manage_percent,
            Worth::Sale => 100,
        };
        (self.0.limit.load(Ordering::Relaxed) * usize::from(percent) / 100).max(1)
    }

    /// Once in each interval, by whoever comes first.
    fn think_over(&self) {
        let now = self.now();
        let next = self.0.next.load(Ordering::Relaxed);
        if now < next {
            return;
        }
        let Ok(mut controller) = self.0.controller.try_lock() else { return };
        let interval = u64::try_from(INTERVAL.as_millis()).unwrap_or(1);
        self.0.next.store(now + interval, Ordering::Relaxed);
        let passed = u32::try_from(1 + (now - next) / interval).unwrap_or(INTERVALS_MAX);
        let waited = self.0.processor.take().max(self.0.database.take());
        controller.turn(passed, waited);
        self.0.limit.store(controller.limit(), Ordering::Relaxed);
        metrics::gauge!("admission_limit").set(controller.limit() as f64);
        metrics::gauge!("admission_inside").set(self.0.inside.load(Ordering::Relaxed) as f64);
    }

    /// Milliseconds since the start.
    fn now(&self) -> u64 {
        u64::try_from(self.0.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// How many may be inside now.
    pub fn limit(&self) -> usize {
        self.0.limit.load(Ordering::Relaxed)
    }

    /// How many are inside.
    pub fn inside(&self) -> usize {
        self.0.inside.load(Ordering::Relaxed)
    }
}

/// A request that is inside until this is dropped.
pub struct Pass {
    admission: Admission,
    worth: Worth,
    place: Option<OwnedSemaphorePermit>,
}

impl Pass {
    /// Waits for the request's turn, and takes note of how long everybody waits for a processor.
    ///
    /// A search waits for a place first, and is refused when none comes free in time. Then others run first: without that a request
    /// that never waits by itself, as a search, would be inside only while it runs, and those that wait behind it would not be seen.
    pub async fn queue(&mut self) -> Result<(), Problem> {
        if self.worth == Worth::Search {
            let place = self.admission.0.places.one().await;
            self.place = Some(place.map_err(|NoPlace| self.admission.refuse(self.worth))?);
        }
        let began = Instant::now();
        tokio::task::yield_now().await;
        self.admission.0.processor.record(began.elapsed());
        Ok(())
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.admission.0.inside.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The limit, and how it follows the waits.
#[derive(Debug)]
struct Controller {
    limit: f64,
    least: f64,
    most: f64,
    target: Duration,
}

impl Controller {
    fn new(config: &config::Admission) -> Self {
        let (least, most) = (config.least.max(1) as f64, config.most.max(1) as f64);
        Self { limit: most, least: least.min(most), most, target: Duration::from_millis(config.target_ms) }
    }

    /// So many intervals passed; in the last of them the luckiest waited so long.
    fn turn(&mut self, intervals: u32, waited: Option<Duration>) {
        let quiet = intervals.saturating_sub(1).min(INTERVALS_MAX);
        for _ in 0..quiet {
            self.grow();
        }
        match waited {
            Some(waited) if waited > self.target => self.limit *= SHRINK,
            _ => self.grow(),
        }
        self.limit = self.limit.clamp(self.least, self.most);
    }

    fn grow(&mut self) {
        self.limit = (self.limit * GROW).max(self.limit + 1.0).min(self.most);
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and a setting")]
    fn limit(&self) -> usize {
        self.limit as usize
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn admission(most: usize) -> Admission {
        let config = config::Admission { most, least: 1, ..config::Admission::default() };
        Admission::new(&config, Arc::default())
    }

    #[test]
    fn the_least_worth_is_refused_first_and_the_rest_is_kept_for_the_others() {
        let admission = admission(100);
        let mut inside = Vec::new();
        for (worth, room) in
            [(Worth::Export, 40), (Worth::Search, 70), (Worth::Manage, 90), (Worth::Sale, 100)]
        {
            while let Ok(pass) = admission.enter(worth) {
                inside.push(pass);
            }
            assert_eq!(inside.len(), room, "{worth:?}");
        }
        let problem = admission.enter(Worth::Sale).err().expect("full");
        assert_eq!((problem.code, problem.status().as_u16()), ("busy", 503));
        assert!(problem.seconds_to_wait().is_some_and(|seconds| (1..=3).contains(&seconds)));
        inside.truncate(95);
        assert!(admission.enter(Worth::Sale).is_ok() && admission.enter(Worth::Manage).is_err());
        inside.clear();
        assert_eq!(admission.inside(), 0, "refusals are not inside");
        assert!(admission.enter(Worth::Export).is_ok());
    }

    #[tokio::test]
    async fn searches_wait_a_moment_for_a_place_and_nobody_else_does() {
        let admission = admission(1_000);
        let mut inside = Vec::new();
        while inside.len() < admission.0.places.in_all() {
            let mut pass = admission.enter(Worth::Search).expect("room");
            pass.queue().await.expect("a place");
            inside.push(pass);
        }
        let mut late = admission.enter(Worth::Search).expect("room");
        let problem = late.queue().await.expect_err("no place");
        assert_eq!((problem.code, problem.status().as_u16()), ("busy", 503));
        assert!(problem.seconds_to_wait().is_some());
        for worth in [Worth::Export, Worth::Manage, Worth::Sale] {
            admission.enter(worth).expect("room").queue().await.expect("no place is needed");
        }
    }

    #[test]
    fn those_refused_together_come_back_apart() {
        let admission = admission(1);
        let _inside = admission.enter(Worth::Sale).expect("room");
        let waits: std::collections::BTreeSet<_> = (0..9)
            .map(|_| admission.enter(Worth::Search).err().and_then(|problem| problem.seconds_to_wait()))
            .collect();
        assert_eq!(waits, [Some(2), Some(3), Some(4)].into());
    }

    #[test]
    fn the_shortest_wait_of_several_counts() {
        let waits = Waits::default();
        waits.record(Duration::from_millis(80));
        assert_eq!(waits.take(), None, "one says nothing about all");
        waits.record(Duration::from_millis(80));
        waits.record(Duration::from_millis(30));
        assert_eq!(waits.take(), Some(Duration::from_millis(30)));
        assert_eq!(waits.take(), None, "what was taken is gone");
    }

    #[test]
    fn the_limit_falls_while_everybody_waits_and_is_back_within_ten_seconds() {
        let config = config::Admission::default();
        let mut controller = Controller::new(&config);
        let long = Duration::from_millis(config.target_ms + 1);
        for _ in 0..200 {
            controller.turn(1, Some(long));
        }
        assert_eq!(controller.limit(), config.least);
        let mut intervals = 0;
        while controller.limit() < config.most {
            controller.turn(1, Some(Duration::ZERO));
            intervals += 1;
        }
        assert!(intervals <= 100, "{intervals} intervals of a tenth of a second");
    }

    proptest! {
        /// Whatever happens the limit is between its bounds, falls only when somebody waited, and never rises then.
        #[test]
        fn the_limit_stays_between_its_bounds(
            turns in proptest::collection::vec((1_u32..50, proptest::option::of(0_u64..100)), 1..200),
            least in 1_usize..50,
            more in 0_usize..500,
        ) {
            let config = config::Admission { least, most: least + more, ..config::Admission::default() };
            let mut controller = Controller::new(&config);
            for (intervals, waited) in turns {
                let before = controller.limit();
                controller.turn(intervals, waited.map(Duration::from_millis));
                let after = controller.limit();
                prop_assert!((least..=least + more).contains(&after));
                if waited.is_none_or(|waited| waited <= config.target_ms) {
                    prop_assert!(after >= before);
                } else if intervals == 1 {
                    prop_assert!(after <= before);
                }
            }
        }
    }
}

//! Watchers for faults: what is sent is written down, and then a fault comes at one of the places seen.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Judging, Moment, Step, Verdict, Watcher};

/// Writes down what is sent, in order.
#[derive(Default)]
pub struct Record(Mutex<Vec<Arc<str>>>);

impl Record {
    /// The statements so far.
    pub fn statements(&self) -> Vec<Arc<str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Watcher for Record {
    fn at(&self, step: Step, moment: Moment) -> Judging {
        if moment == Moment::Before {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(step.sql);
        }
        Box::pin(std::future::ready(Verdict::Pass))
    }
}

/// A place in an operation: a statement by its text, how many of the same text came before it, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The text.
    pub sql: Arc<str>,
    /// From 0.
    pub nth: usize,
    /// Before the server has it, or when it is done and nobody has heard.
    pub moment: Moment,
}

/// One fault at one place: the connection is cut there, and `then` is called first; or the server forgets.
pub struct FaultAt {
    place: Place,
    verdict: Verdict,
    seen: AtomicUsize,
    then: Box<dyn Fn() + Send + Sync>,
}

impl FaultAt {
    /// Cuts the connection there, after calling `then`.
    pub fn new(place: Place, then: impl Fn() + Send + Sync + 'static) -> Self {
        Self { place, verdict: Verdict::Cut, seen: AtomicUsize::new(0), then: Box::new(then) }
    }

    /// What is committed there is acknowledged and forgotten ([`Verdict::Forget`]).
    pub fn forgetting(place: Place) -> Self {
        Self { verdict: Verdict::Forget, ..Self::new(place, || {}) }
    }

    /// Whether it came so far.
    pub fn happened(&self) -> bool {
        self.seen.load(Ordering::SeqCst) > self.place.nth
    }
}

impl Watcher for FaultAt {
    fn at(&self, step: Step, moment: Moment) -> Judging {
        let counts = moment == self.place.moment && step.sql == self.place.sql;
        let is_here = counts && self.seen.fetch_add(1, Ordering::SeqCst) == self.place.nth;
        if is_here {
            (self.then)();
        }
        let verdict = if is_here { self.verdict } else { Verdict::Pass };
        Box::pin(std::future::ready(verdict))
    }
}
